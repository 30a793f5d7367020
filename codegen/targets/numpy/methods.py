"""Methods past the gradient, emitted on request: each a function that computes arrays from derived definitions.

``emit --with jacobian,hessian,…``.  What a method needs is named in a table; the definitions come from
``symbolic.derivation.each`` and from the adjoint, and are lowered, proved and printed like those of Q.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from codegen.compiler.build import formulas
from codegen.compiler.complements import with_complements
from codegen.compiler.passes import proved
from codegen.targets.numpy.listing import listing
from codegen.targets.numpy.parts import Listing
from symbolic.derivation.adjoint import adjoint, adjoint_of
from symbolic.derivation.each import curvature, each, of_the_loss, seeded
from symbolic.errors import SpecError
from symbolic.language.definition import Definition
from symbolic.language.expr import Hyper, Tensor
from symbolic.language.names import unused
from symbolic.language.terms import walk
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective
from symbolic.words import Text


@dataclass(frozen=True)
class Wanted:
    """The arrays that a function gives, and all that they are made of."""

    objective: Objective
    definitions: tuple[Definition, ...]
    results: tuple[Tensor, ...]


@dataclass(frozen=True)
class Method:
    """A function of a module: what it is called, its listing, and the inputs that its arrays belong to, if any."""

    name: str
    says: str
    listing: Listing
    by: tuple[str, ...] = ()


def _each(objective: Objective) -> Wanted:
    made = each(of_the_loss(objective))
    return Wanted(made.objective, made.adjoint.definitions, made.gradients)


def _each_seeded(objective: Objective) -> Wanted:
    made = each(seeded(objective))
    return Wanted(made.objective, made.adjoint.definitions, made.gradients)


def _inputs(objective: Objective) -> Wanted:
    whole = {fact.tensor for fact in objective.facts if fact.kind == "whole"}
    wanted = [tensor for tensor in objective.inputs if tensor.role == "input" and tensor not in whole]
    found = adjoint(objective, inputs=True)
    there = {entry.of for entry in found.entries}
    results = tuple(adjoint_of(tensor) for tensor in wanted if tensor in there)
    if not results:
        raise SpecError(
            Text(
                f"{objective.network.name}: Q depends on no input of real numbers",
                f"{objective.network.name}: Q не зависит ни от одного входа из вещественных чисел",
            )
        )
    return Wanted(objective, found.definitions, results)


def _inputs_seeded(objective: Objective) -> Wanted:
    return _inputs(seeded(objective))


def _curvature(objective: Objective) -> Wanted:
    found = curvature(objective)
    return Wanted(objective, found, (found[-1].target,))


#: Each function by its name, with what it says and how it is derived.
FUNCTIONS: Mapping[str, tuple[str, Callable[[Objective], Wanted]]] = {
    "each": ("The gradient of the loss of each sample by the parameters, (N, …) for each.", _each),
    "each_seeded": (
        "The same of Σ s·p, a combination of the outputs with the seed in the target's place.",
        _each_seeded,
    ),
    "by_input": ("The gradient of Q by the inputs.", _inputs),
    "by_input_seeded": ("The gradient of Σ s·p by the inputs, with the seed in the target's place.", _inputs_seeded),
    "curvature": ("The second derivatives of the loss of each sample by the outputs.", _curvature),
}
#: What can be asked for, and the functions that it needs; hessian_vector is a set of functions of its own.
METHODS: Mapping[str, tuple[str, ...]] = {
    "hessian_vector": (),
    "hessian": (),
    "hessian_diagonal": (),
    "jacobian": ("each_seeded", "by_input_seeded"),
    "gradient_by": ("by_input",),
    "per_sample_gradients": ("each",),
    "outer_product": ("each",),
    "gauss_newton": ("each_seeded", "curvature"),
}
WITH_PRODUCT = ("hessian_vector", "hessian", "hessian_diagonal")


def methods_named(names: Iterable[str]) -> tuple[str, ...]:
    """The methods of these names, each once; SpecError for one that there is not.  A dash is as good as a line."""
    found = tuple(dict.fromkeys(name.strip().replace("-", "_") for name in names if name.strip()))
    for name in found:
        if name not in METHODS:
            raise SpecError(
                Text(
                    f"--with: {name} is no method; there are {', '.join(METHODS)}",
                    f"--with: {name} — не метод; есть {', '.join(METHODS)}",
                )
            )
    return found


def method_listings(network: Network, names: Iterable[str]) -> tuple[Method, ...]:
    """The functions that these methods need.  Raises SpecError, one line, where a network has no such derivative."""
    needed = dict.fromkeys(function for name in names for function in METHODS[name])
    objective = build_objective(network)
    return tuple(_method(network, name, FUNCTIONS[name][0], FUNCTIONS[name][1](objective)) for name in needed)


def _method(network: Network, name: str, says: str, wanted: Wanted) -> Method:
    """The listing of a function whose ``predict`` gives the arrays, from parameters, data and the target."""
    objective = with_complements(wanted.objective)
    first, *others = wanted.results
    taken = {d.target.name for d in (*objective.definitions, *wanted.definitions)}
    taken |= {tensor.name for tensor in (*objective.inputs, objective.target)}
    idle = Tensor(unused("idle", taken), objective.target.axes[:1], "target")
    made = replace(
        objective,
        inputs=(*objective.inputs, objective.target),
        target=idle,
        output=first,
        more_outputs=tuple(others),
    )
    program = replace(formulas(network.name, made, wanted.definitions, ()), value=first.name)
    lowered = proved(replace(program, gradients=()), ()).program
    hypers = {node.name: node for d in lowered.equations for node in walk(d.formula) if isinstance(node, Hyper)}
    by = tuple(tensor.name.removeprefix("E_") for tensor in wanted.results) if name.startswith("by_input") else ()
    return Method(name, says, listing(lowered, made, network.size_names, tuple(hypers.values())), by)
