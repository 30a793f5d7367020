"""The softmax as a formula."""

from __future__ import annotations

from collections.abc import Iterable

from symbolic.language.affine import Index, subscript
from symbolic.language.expr import (
    Expr,
    mul,
    power,
    total,
)
from symbolic.language.functions import exp
from symbolic.language.terms import (
    reindex,
)


def softmax(argument: Expr, *over: Index, names: Iterable[str]) -> Expr:
    """The softmax of a formula over some of its free indices, exp(a) · (Σ exp(a))⁻¹; the names are for the Σ."""
    fresh = {index: index.renamed(name) for index, name in zip(over, names, strict=False)}
    inside = reindex(exp(argument), {index: subscript(other) for index, other in fresh.items()})
    return mul(exp(argument), power(total(inside, *fresh.values()), -1))
