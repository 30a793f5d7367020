"""How long the lines of a form get, found from the parts that it puts together and without deriving it."""

from __future__ import annotations

from functools import lru_cache

from symbolic.derivation.adjoint import indices_of
from symbolic.derivation.calculus import carry_out, differentiate
from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.dependence import dependent
from symbolic.language.expr import Add, Delta, Entry, Expr, Partial, Tensor
from symbolic.language.matching import fold
from symbolic.language.paths import entry_inside
from symbolic.language.terms import apart, tensors, walk
from symbolic.network.coarse import coarse, inline
from symbolic.network.objective import Objective
from symbolic.notation.unicode import unicode

#: What a Σ with its limits adds.
SIGMA = 7
#: Characters that a line of a form may have before nobody reads it.
READABLE = 180


@lru_cache(maxsize=256)
def is_readable(objective: Objective, form: str) -> bool:
    """Whether the lines of every gradient in this form, chain or expanded, keep to ``READABLE`` characters."""
    length = _chain_length if form == "chain" else _expanded_length
    return all(length(objective, parameter.tensor) <= READABLE for parameter in objective.parameters)


def _chain_length(objective: Objective, parameter: Tensor) -> int:
    """The length of ∂Q/∂w with every factor of the chain put in: the slopes along all its paths, side by side.

    A slope such as p_s (δ_sk - p_k) is multiplied out where the δ collapses: each of its two terms then has the other
    slopes beside it, about half of the line.
    """
    definitions = coarse(objective.definitions)
    network = dependent(definitions, parameter)
    by = _entry(parameter, objective.definitions)
    lengths: dict[Tensor, int] = {}
    deltas: dict[Tensor, int] = {}
    for definition in (d for d in definitions if d.target in network):
        total, most = 0, 0
        for tensor in (t for t in tensors(definition.formula) if t in lengths):
            inner, running = entry_inside(definition.formula, tensor, definition.indices, ())
            total += _slope_length(definition, inner) + lengths[tensor] + SIGMA * len(running)
            most = max(most, deltas[tensor] + _has_deltas(definition, inner))
        if parameter in tensors(definition.formula):
            total += _slope_length(definition, by)
        lengths[definition.target], deltas[definition.target] = total, most
    return int(lengths.get(objective.value, 0) * 1.5 ** deltas.get(objective.value, 0))


@lru_cache(maxsize=10_000)
def _slope_length(definition: Definition, by: Entry) -> int:
    return _length(_slope(definition, by))


def _has_deltas(definition: Definition, by: Entry) -> bool:
    """Whether the slope is a sum in which a δ stands."""
    return any(isinstance(node, Add) and Delta in node.kinds for node in walk(_slope(definition, by)))


@lru_cache(maxsize=10_000)
def _slope(definition: Definition, by: Entry) -> Expr:
    return fold(differentiate(apart(definition.formula, _own(by)), by), (definition,))


def _expanded_length(objective: Objective, parameter: Tensor) -> int:
    """The length of the longest line on the way to ∂Q/∂w, rule by rule, with everything substituted."""
    by = _entry(parameter, objective.definitions)
    values = {d.target: d for d in objective.definitions if d.target != objective.value}
    formula = apart(inline(objective.definition(objective.value).formula, values), _own(by))
    _, log = carry_out(Partial(formula, by, direct=True))
    return max((_length(rewriting.line) for rewriting in log), default=0)


def _entry(parameter: Tensor, definitions: tuple[Definition, ...]) -> Entry:
    return Entry(parameter, tuple(subscript(i) for i in indices_of(parameter, definitions)))


def _own(by: Entry) -> tuple[Index, ...]:
    return tuple(index for sub in by.subscripts for index in sub.keys)


def _length(expr: Expr) -> int:
    return len(unicode(expr))
