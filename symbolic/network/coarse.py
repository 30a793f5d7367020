"""The network as the lecture writes it: z_j = σ(w_jᵀx) in one formula, without a name for the argument of σ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symbolic.fuel import known_at_its_price
from symbolic.language.definition import Definition
from symbolic.language.dependence import users_of
from symbolic.language.expr import Call, Entry, Expr, Tensor
from symbolic.language.terms import transform
from symbolic.network.states import BEFORE


def coarse(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """Put every pre-activation that only one activation function reads into that function."""
    definitions = tuple(definitions)
    return _coarse(definitions, tuple(definition.node for definition in definitions))


@known_at_its_price(64)  # it is asked for with every weight that is derived by
def _coarse(definitions: tuple[Definition, ...], nodes: tuple[str, ...]) -> tuple[Definition, ...]:
    """``nodes`` are a part of the question: definitions are equal whatever node they belong to."""
    users = users_of(definitions)
    inner = {d.target: d for d in definitions if d.kind == "preactivation" and _one_function(users.get(d.target, ()))}
    return _put_in(definitions, inner | _before(definitions))


def at_steps(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """What a value was a step earlier, put in wherever it is read: z[t-1] itself, with no name of its own."""
    definitions = tuple(definitions)
    before = _before(definitions)
    return _put_in(definitions, before) if before else definitions


def _before(definitions: Iterable[Definition]) -> dict[Tensor, Definition]:
    return {d.target: d for d in definitions if d.kind == BEFORE}


def _put_in(definitions: Iterable[Definition], inner: dict[Tensor, Definition]) -> tuple[Definition, ...]:
    return tuple(
        Definition(d.target, d.indices, inline(d.formula, inner), d.kind, d.node)
        for d in definitions
        if d.target not in inner
    )


def inline(formula: Expr, values: dict[Tensor, Definition]) -> Expr:
    """Replace each entry of a defined value by its formula, all the way down."""

    def opened(node: Expr) -> Expr | None:
        if isinstance(node, Entry) and node.tensor in values:
            return inline(values[node.tensor].at(node.subscripts), values)
        return None

    return transform(formula, opened)


def _one_function(users: Sequence[Definition]) -> bool:
    return len(users) == 1 and users[0].kind == "activation" and isinstance(users[0].formula, Call)
