"""Other ways to the same value and gradient: plain NumPy, PyTorch, JAX, scikit-learn.

Each contestant is made from the network's own definitions, as a user of that library would write them, and
gives Q and its gradient for the same arrays again, or for other weights and another batch at each call, as an optimizer
and a loader of data bring them.  Libraries are imported when they are asked for: none of them is
needed to use this package.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from codegen.bench.contestant import Contestant, taking_turns
from codegen.bench.problem import Array, Problem
from codegen.bench.products_alone import floor, floor_of_torch
from codegen.compiler.build import formulas
from codegen.compiler.lower import lower
from codegen.compiler.passes.dead import drop_dead
from codegen.compiler.passes.stable import stable_forms
from codegen.runtime.gamma import digamma, lgamma, trigamma
from codegen.targets.libraries import JAX, NUMPY, TORCH, Library
from codegen.targets.load import load, load_text
from codegen.targets.registry import PACKAGES, emit_for
from codegen.targets.reserved import reserved
from codegen.targets.values import ValuePrinter
from symbolic.derivation.adjoint import adjoint
from symbolic.errors import SpecError
from symbolic.language.expr import Entry, Hyper
from symbolic.language.terms import walk


def contestants(problem: Problem) -> list[Contestant]:
    """The floor, ours, and every peer that is installed and fits the network."""
    found = [floor(problem), ours(problem), plain_numpy(problem)]
    makers: dict[str, Callable[[Problem], Contestant | None]] = {
        "numba": ours_compiled,
        "torch": torch_eager,
        "jax": jax_jit,
        "sklearn": scikit_learn,
        "sympy": sympy_lambdify,
    }
    for package, make in (("torch", floor_of_torch), *makers.items()):
        if importlib.util.find_spec(package) is not None and (made := make(problem)) is not None:
            found.append(made)
    return found


# -- ours -------------------------------------------------------------------------------------------


def ours(problem: Problem, module: Any = None) -> Contestant:
    """The emitted module, or another one with the same interface."""
    objective = (module or load(problem.network)).Objective(**problem.sizes, dtype=np.dtype(problem.dtype))
    out = np.empty_like(problem.weights)

    def given(arrays: Mapping[str, Array], w: Array) -> tuple[Any, ...]:
        X: Any = {tensor.name: arrays[tensor.name] for tensor in problem.objective.inputs}
        return w, next(iter(X.values())) if len(X) == 1 else X, arrays[problem.objective.target.name], out

    operands = [given(*draw) for draw in problem.draws]
    return taking_turns("chainrule", operands, objective.value_and_gradient, lambda r: (float(r[0]), r[1].copy()))


def ours_compiled(problem: Problem) -> Contestant | None:
    """The module of the target numba; None for a network that it refuses."""
    try:
        source = emit_for("numba", problem.network)
    except SpecError:
        return None
    module = load_text(source, f"compiled_{problem.network.name}", also=PACKAGES["numba"])
    return replace(ours(problem, module), name="chainrule, numba")


# -- peers ------------------------------------------------------------------------------------------


def text(problem: Problem, library: Library, gradient: bool) -> str:
    """The module that computes Q, and with ``gradient`` the derivatives, in expressions of the library."""
    objective = problem.objective
    definitions = adjoint(objective).definitions if gradient else ()
    program = formulas(problem.network.name, objective, definitions, None if gradient else (), library.kept)
    for one in (drop_dead, stable_forms, lambda p: lower(p, sample_last=False), drop_dead):
        program = one(program)
    sizes = problem.all_sizes
    taken = reserved(tuple(sizes)) | {"jax", "jnp", "torch", "device", "dtype"}
    names: dict[str, str] = {}
    for tensor in (*program.given, *(kernel.target for kernel in program.kernels)):
        name = tensor.name
        while name in taken:
            name += "_"
        taken.add(name)
        names[tensor.name] = name
    lines = [f"{name} = {number}" for name, number in sizes.items()]
    for hyper in dict.fromkeys(n for d in program.equations for n in walk(d.formula) if isinstance(n, Hyper)):
        names[f"hyper {hyper.name}"] = repr(float(hyper.value))
    lines.append(f"\n\ndef q({', '.join(names[n] for n in (*problem.data, *problem.parameters))}):")
    short = None if gradient else cross_entropy(problem, library, names)
    if short is not None:
        node, line = short
        needed = program.needed(node)
        kernels = [kernel for kernel in program.kernels if kernel.target.name in needed]
        lines += [f"    {one.text}" for one in ValuePrinter(program, library, names).lines(kernels)]
        return "\n".join([*lines, f"    return {line}", ""])
    lines += [f"    {one.text}" for one in ValuePrinter(program, library, names).lines(program.kernels)]
    results = [names[program.value], *(names[g] for g in program.gradients)]
    return "\n".join([*lines, f"    return {', '.join(results)}", ""])


def cross_entropy(problem: Problem, library: Library, names: Mapping[str, str]) -> tuple[str, str] | None:
    """Softmax and cross-entropy in the library's own function: the logits' name, and the expression of Q."""
    network = problem.network
    logits, y = f"a_{network.output}", problem.objective.target.name
    softmax = network.node(network.output).activation == "softmax" and network.node(network.output).formula is None
    if not softmax or network.loss.name != "cross_entropy" or network.regularizer is not None:
        return None
    if library is TORCH:
        return logits, (
            f"torch.nn.functional.cross_entropy({names[logits]}, {names[y]}, reduction={network.reduction!r})"
        )
    if library is JAX:
        total = "mean" if network.reduction == "mean" else "sum"
        return logits, f"-({names[y]}*jax.nn.log_softmax({names[logits]})).sum(-1).{total}()"
    return None


def flat(parts: Any, dtype: str) -> Array:
    return np.concatenate([np.asarray(part, dtype).ravel() for part in parts])


def plain_numpy(problem: Problem) -> Contestant:
    """The equations as NumPy expressions, every array new."""
    source = text(problem, NUMPY, gradient=True)
    header = "import math\n\nimport numpy as np\n\n\ndef erf(u):\n    return np.vectorize(math.erf)(u)\n\n\n"
    module = load_text(header + source, "plain")
    vars(module).update(lgamma=lgamma, digamma=digamma, trigamma=trigamma)
    q = module.q
    operands = problem.operands((*problem.data, *problem.parameters))
    return taking_turns("plain NumPy", operands, q, lambda r: (float(r[0]), flat(r[1:], problem.dtype)))


def torch_eager(problem: Problem) -> Contestant:
    """``loss.backward()`` on the forward equations, in PyTorch's own functions where it has them."""
    torch = importlib.import_module("torch")
    dtype = getattr(torch, problem.dtype)
    header = f'import math\n\nimport torch\n\ndtype, device = torch.{problem.dtype}, torch.device("cpu")\n\n\n'
    q = load_text(header + text(problem, TORCH, gradient=False), "eager", also=frozenset({"torch"})).q
    data = [[torch.tensor(array, dtype=dtype) for array in arrays] for arrays in problem.operands(problem.data)]
    parameters = [
        [torch.tensor(array, dtype=dtype, requires_grad=True) for array in arrays]
        for arrays in problem.operands(problem.parameters)
    ]

    def run(data: Sequence[Any], parameters: Sequence[Any]) -> Any:
        for parameter in parameters:
            parameter.grad = None
        value = q(*data, *parameters)
        value.backward()
        return value

    def memory() -> int:
        """The highest sum of the allocations and releases that PyTorch's own profiler saw."""
        with torch.profiler.profile(profile_memory=True) as profile:
            run(data[0], parameters[0])
        events = [e for e in profile.profiler.kineto_results.events() if e.name() == "[memory]"]
        held = np.cumsum([e.nbytes() for e in sorted(events, key=lambda e: e.start_ns())])
        return int(held.max()) if len(held) else 0

    return taking_turns(
        "torch eager",
        list(zip(data, parameters, strict=True)),
        run,
        lambda value: (float(value.detach()), flat([p.grad.numpy() for p in parameters[0]], problem.dtype)),
        memory,
    )


def jax_jit(problem: Problem) -> Contestant:
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    header = "import math\n\nimport jax\nimport jax.numpy as jnp\n\n\n"
    q = load_text(header + text(problem, JAX, gradient=False), "jitted", also=frozenset({"jax"})).q
    names = (*problem.data, *problem.parameters)
    operands = [tuple(map(jax.numpy.asarray, arrays)) for arrays in problem.operands(names)]
    places = tuple(range(len(problem.data), len(names)))
    both = jax.jit(jax.value_and_grad(q, argnums=places))

    def memory() -> int:
        analysis = both.lower(*operands[0]).compile().memory_analysis()
        return int(analysis.temp_size_in_bytes + analysis.output_size_in_bytes)

    return taking_turns(
        "jax.jit",
        operands,
        lambda *given: jax.block_until_ready(both(*given)),
        lambda r: (float(r[0]), flat(r[1], problem.dtype)),
        memory,
    )


#: What scikit-learn calls the activations that it has.
SCIKIT = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu", "identity": "identity"}


def scikit_learn(problem: Problem) -> Contestant | None:
    """``_backprop`` of an MLP with these layers; None for a network that is no such MLP.

    It works for one pairing of loss and output each: its time counts here, not its numbers.
    """
    network, shapes = problem.network, [problem.arrays[name].shape for name in problem.parameters]
    nodes = network.nodes
    before = [network.inputs[0].name, *(node.name for node in nodes[:-1])]
    chain = all(node.inputs == (name,) and node.bias is not None for node, name in zip(nodes, before, strict=True))
    hidden = {node.activation for node in nodes[:-1]}
    if not chain or any(node.formula for node in nodes) or len(hidden) != 1 or not hidden <= SCIKIT.keys():
        return None
    last, loss = nodes[-1].activation, network.loss.name
    if (last, loss) != ("softmax", "cross_entropy") and (last not in SCIKIT or "squared" not in loss):
        return None
    neural = importlib.import_module("sklearn.neural_network")
    kind = neural.MLPClassifier if last == "softmax" else neural.MLPRegressor
    (activation,) = hidden
    model = kind(activation=SCIKIT[activation], alpha=0.0)
    data = [[a.reshape(problem.samples, -1) for a in arrays] for arrays in problem.operands(problem.data)]
    weights = problem.operands(problem.parameters)
    layers = [
        ([np.ascontiguousarray(np.atleast_2d(w).T) for w in own[0::2]], [np.atleast_1d(b) for b in own[1::2]])
        for own in weights
    ]
    (X, Y), (model.coefs_, model.intercepts_) = data[0], layers[0]
    widths = [X.shape[1], *(coefficients.shape[1] for coefficients in model.coefs_)]
    if widths[-1] != Y.shape[1] or len(shapes) != 2 * len(nodes):
        return None
    model.n_layers_, model.n_outputs_ = len(widths), widths[-1]
    model.out_activation_ = "softmax" if last == "softmax" else SCIKIT[last]
    activations = [X, *(np.empty((problem.samples, width), X.dtype) for width in widths[1:])]
    deltas = [np.empty_like(array) for array in activations[1:]]
    grads = [np.empty_like(c) for c in model.coefs_], [np.empty_like(b) for b in model.intercepts_]

    def run(X: Array, Y: Array, coefficients: list[Array], intercepts: list[Array]) -> Any:
        activations[0], model.coefs_, model.intercepts_ = X, coefficients, intercepts
        return model._backprop(X, Y, None, activations, deltas, *grads)

    return taking_turns("scikit-learn", [(*d, *own) for d, own in zip(data, layers, strict=True)], run)


#: What SymPy calls functions that NumPy does not have, and NumPy.
BESIDE_NUMPY = [
    {
        "erf": np.vectorize(math.erf, otypes=[float]),
        "loggamma": lgamma,
        "digamma": digamma,
        "trigamma": trigamma,
        "polygamma": lambda order, u: trigamma(u) if order else digamma(u),
    },
    "numpy",
]
#: Nodes of L for one object times the weights: with more, SymPy takes minutes to derive them and find what they share.
MOST_FOR_SYMPY = 10_000


def sympy_lambdify(problem: Problem) -> Contestant | None:
    """``sympy.lambdify`` with cse of one object's L and its derivatives, over the sample as arrays; R apart.

    None where SymPy takes too long to build it.
    """
    import sympy

    from symbolic.interchange.places import places_of
    from symbolic.interchange.within_reach import nodes_of
    from symbolic.interchange.written import WrittenOut

    objective = problem.objective
    sizes = {**problem.all_sizes, **dict.fromkeys(objective.sample.extent.keys, 1)}
    known = {definition.target: definition for definition in objective.definitions}
    if nodes_of(known, Entry(objective.value), sizes) * problem.weights.size > MOST_FOR_SYMPY:
        return None
    written = WrittenOut(sizes, objective.definitions, separator="__")
    weights = [written.symbol(p.tensor, at) for p in objective.parameters for at in places_of(p.tensor, sizes)]
    data = [(t, at) for t in (*objective.inputs, objective.target) for at in places_of(t, sizes)]
    penalty = next((d.target for d in objective.definitions if d.kind == "regularizer"), None)
    of_one, alone = written.entry(objective.loss, (0,)), written.entry(penalty, ()) if penalty else sympy.Integer(0)
    per_object = sympy.lambdify(
        [*(written.symbol(*one) for one in data), *weights],
        [of_one, *(sympy.diff(of_one, w) for w in weights)],
        BESIDE_NUMPY,
        cse=True,
    )
    once = sympy.lambdify(weights, [alone, *(sympy.diff(alone, w) for w in weights)], BESIDE_NUMPY, cse=True)
    places: list[tuple[Any, ...]] = [(slice(None), *at[1:]) for _, at in data]
    operands = [
        ([np.ascontiguousarray(arrays[t.name][at]) for (t, _), at in zip(data, places, strict=True)], [*w])
        for arrays, w in problem.draws
    ]
    share = 1.0 if problem.network.reduction == "sum" else 1.0 / problem.samples

    def run(columns: Sequence[Array], numbers: Sequence[float]) -> Any:
        sums = [np.sum(np.broadcast_to(part, problem.samples)) for part in per_object(*columns, *numbers)]
        return [share * one + other for one, other in zip(sums, once(*numbers), strict=True)]

    result = lambda r: (float(r[0]), np.array(r[1:], problem.dtype))  # noqa: E731
    return taking_turns("sympy.lambdify, cse", operands, run, result)
