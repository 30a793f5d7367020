"""The limits of a Σ: a bracket beside what is summed says where it begins or ends, Σ_k [k ≤ t] u_k = Σ_{k=1}^t u_k."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.language.affine import Affine, Size, Subscript, subscript
from symbolic.language.expr import Expr, InRange, Mul, Pow, Sum, mul
from symbolic.language.terms import certainly_below, ends


@dataclass(frozen=True, slots=True)
class Limits:
    """The first and the last value of the index, counted from 0, and what is summed without the bracket."""

    first: Subscript
    last: Subscript
    body: Expr


def limits(node: Sum) -> Limits | None:
    """The limits that a bracket gives the index, where they surely lie in its range; None: it runs over all of it."""
    if not isinstance(node.body, Mul):
        return None
    for factor in node.body.factors:
        bracket = factor.base if isinstance(factor, Pow) and factor.exponent > 0 else factor
        if isinstance(bracket, InRange) and (found := _limits(bracket, node)) is not None:
            rest = mul(*(other for other in node.body.factors if other is not factor))
            return Limits(*found, rest)
    return None


def _limits(bracket: InRange, node: Sum) -> tuple[Subscript, Subscript] | None:
    sub, extent, index = bracket.subscript, bracket.extent, node.index
    side = sub.coefficient(index)
    if abs(side) != 1:
        return None
    least, greatest = ends(sub)
    rest = sub - subscript(index) * side
    above, below = not _surely_positive(least), not certainly_below(greatest, extent)
    first, last = subscript(0), _constant(index.extent - 1)
    if side > 0:
        first = -rest if above else first
        last = _constant(extent - 1) - rest if below else last
    else:
        last = rest if above else last
        first = rest - _constant(extent - 1) if below else first
    inside = _surely_positive(ends(first)[0]) and certainly_below(ends(last)[1], index.extent)
    return (first, last) if inside else None


def _surely_positive(value: Size) -> bool:
    """Whether it is 0 or more."""
    return certainly_below(Affine((), -1), value)


def _constant(extent: Size) -> Subscript:
    """A size as a subscript."""
    return Affine((), extent.constant, extent.terms)
