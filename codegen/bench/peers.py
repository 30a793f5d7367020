"""Other ways to the same value and gradient: plain NumPy, PyTorch, JAX, scikit-learn.

Each contestant is made from the network's own definitions, as a user of that library would write them, and
gives Q and its gradient for the same arrays again, or for other weights and another batch at each call, as an optimizer
and a loader of data bring them.  Libraries are imported when they are asked for: none of them is
needed to use this package.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.compiler.build import formulas
from codegen.compiler.contraction import Groups, product
from codegen.compiler.kernels import Contraction, labels_of
from codegen.compiler.lower import lower
from codegen.compiler.passes.dead import drop_dead
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.points import drawn_input, target
from codegen.compiler.program import Program
from codegen.targets.load import load, load_text
from codegen.targets.numpy.emit import program_of
from codegen.targets.registry import PACKAGES, emit_for
from codegen.targets.reserved import reserved
from codegen.targets.values import JAX, NUMPY, TORCH, Library, ValuePrinter
from symbolic.derivation.adjoint import adjoint
from symbolic.errors import SpecError
from symbolic.language.expr import Entry, Hyper
from symbolic.language.terms import walk
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

Array: TypeAlias = NDArray[Any]
#: Q and the gradient, flat; a contestant that gives neither (the floor) returns None.
Result: TypeAlias = "tuple[float, Array] | None"


@dataclass(frozen=True)
class Contestant:
    """``call`` does the work once and nothing else; ``result`` turns what it returned into Q and the gradient.

    ``fresh`` does it for weights and a batch that are others at each call (None: the operands play no part).
    """

    name: str
    call: Callable[[], Any]
    result: Callable[[Any], Result] = lambda _: None
    #: Bytes at the peak, where the library says so itself; else they are traced.
    memory: Callable[[], int | None] | None = None
    fresh: Callable[[], Any] | None = None


def taking_turns(
    name: str,
    operands: Sequence[tuple[Any, ...]],
    run: Callable[..., Any],
    result: Callable[[Any], Result] = lambda _: None,
    memory: Callable[[], int | None] | None = None,
) -> Contestant:
    """A contestant that runs on the first operands again and again, or on one after the other."""
    first, turns = operands[0], cycle(operands)
    return Contestant(name, lambda: run(*first), result, memory, lambda: run(*next(turns)))


#: So many batches, each with its own weights, take turns where arrays are fresh.
DRAWS = 8


@dataclass(frozen=True)
class Problem:
    """A network, a number for each of its sizes, and random samples."""

    network: Network
    sizes: Mapping[str, int]
    samples: int
    dtype: str = "float64"

    @cached_property
    def objective(self) -> Objective:
        return build_objective(self.network)

    @cached_property
    def all_sizes(self) -> dict[str, int]:
        """With the number of samples."""
        return {**self.sizes, **dict.fromkeys(self.objective.sample.extent.keys, self.samples)}

    @cached_property
    def weights(self) -> Array:
        return self.weights_of(0)

    def weights_of(self, draw: int) -> Array:
        """The flat vector of one draw."""
        made: Array = load(self.network).Objective(**self.sizes, dtype=np.dtype(self.dtype)).initial(seed=draw)
        return made

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """Inputs, target and parameters by name, in the shapes of their tensors."""
        return self.arrays_of(0, self.weights)

    @cached_property
    def draws(self) -> list[tuple[dict[str, Array], Array]]:
        """The arrays and the flat vector of each draw; the first are ``arrays`` and ``weights``."""
        further = [(self.arrays_of(draw, w), w) for draw in range(1, DRAWS) for w in [self.weights_of(draw)]]
        return [(self.arrays, self.weights), *further]

    def operands(self, names: Sequence[str]) -> list[tuple[Array, ...]]:
        """The arrays of these names, in each draw."""
        return [tuple(arrays[name] for name in names) for arrays, _ in self.draws]

    def arrays_of(self, draw: int, weights: Array) -> dict[str, Array]:
        """What ``arrays`` is, of one draw."""
        random = np.random.default_rng(draw)
        found: dict[str, Array] = {}
        facts = {fact.tensor: fact for fact in self.objective.facts}
        for tensor in self.objective.inputs:
            drawn = drawn_input(tensor, facts.get(tensor), self.all_sizes, random)
            found[tensor.name] = drawn.reshape(self.shape(tensor.axes))
        found[self.objective.target.name] = target(self.objective, self.all_sizes, random)
        start = 0
        for parameter in self.objective.parameters:
            shape = self.shape(parameter.tensor.axes)
            stop = start + int(np.prod(shape))
            found[parameter.tensor.name] = weights[start:stop].reshape(shape)
            start = stop
        return {name: np.array(array, self.dtype, order="C") for name, array in found.items()}

    @property
    def parameters(self) -> list[str]:
        return [parameter.tensor.name for parameter in self.objective.parameters]

    @property
    def data(self) -> list[str]:
        return [*(tensor.name for tensor in self.objective.inputs), self.objective.target.name]

    def shape(self, axes: tuple[Any, ...]) -> tuple[int, ...]:
        return tuple(int(axis.value(self.all_sizes)) for axis in axes)


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


# -- the bounds -------------------------------------------------------------------------------------


def matrix_products(program: Program) -> list[Contraction]:
    """The products of matrices or of a matrix and a vector; sums and scalar products are none."""
    return [
        kernel
        for kernel in program.kernels
        if isinstance(kernel, Contraction)
        and kernel.indices
        and not {kernel.left.tensor.name, kernel.right.tensor.name} & program.constants
        and product(kernel).operation != "einsum"
    ]


#: A product of two matrices into a third, which the last function writes.
Product: TypeAlias = "tuple[bool, Array, Array, Array]"


def products_of(problem: Problem) -> list[Product]:
    """The matrix products of our module: whether it is one of two matrices, and operands of its shapes and layouts."""
    program = program_of(problem.network.name, problem.objective, adjoint(problem.objective).definitions)
    random = np.random.default_rng(0)
    arrays: dict[str, Array] = {}

    def operand(entry: Entry, groups: Groups) -> Array:
        name, labels = entry.tensor.name, labels_of(entry)
        if name not in arrays:
            arrays[name] = random.standard_normal(problem.shape(entry.tensor.axes)).astype(problem.dtype)
        order = [labels.index(index) for group in groups for index in group]
        turned = arrays[name].transpose(order)
        return turned.reshape(tuple(int(np.prod(problem.shape(tuple(i.extent for i in g)))) for g in groups))

    found: list[Product] = []
    for kernel in matrix_products(program):
        call = product(kernel)
        left, right = operand(kernel.left, call.left), operand(kernel.right, call.right)
        if call.swap:
            left, right = right, left
        found.append((call.operation == "dot", left, right, operand(kernel.entry, call.out)))
    return found


def floor(problem: Problem) -> Contestant:
    """The matrix products of our module alone."""
    calls: list[tuple[Callable[..., Any], tuple[Array, ...]]] = [
        (left.dot, (right, out)) if dot else (np.matmul, (left, right, out))
        for dot, left, right, out in products_of(problem)
    ]

    def run() -> None:
        for function, operands in calls:
            function(*operands)

    return Contestant("matrix products alone", run)


def floor_of_torch(problem: Problem) -> Contestant:
    """The same products by the library that PyTorch brings: what of its time is not its own doing."""
    torch = importlib.import_module("torch")
    calls = [tuple(map(torch.from_numpy, operands)) for _, *operands in products_of(problem)]

    def run() -> None:
        for left, right, out in calls:
            torch.matmul(left, right, out=out)

    return Contestant("torch's products alone", run)


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
    q = load_text(header + source, "plain").q
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


#: Nodes of L for one object times the weights: with more, SymPy takes minutes to derive them and find what they share.
MOST_FOR_SYMPY = 10_000


def sympy_lambdify(problem: Problem) -> Contestant | None:
    """``sympy.lambdify`` with cse of one object's L and its derivatives, over the sample as arrays; R apart.

    None where SymPy takes too long to build it.
    """
    import sympy

    from symbolic.interchange.witness import nodes_of
    from symbolic.interchange.written import WrittenOut, places_of

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
        "numpy",
        cse=True,
    )
    once = sympy.lambdify(weights, [alone, *(sympy.diff(alone, w) for w in weights)], "numpy", cse=True)
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
