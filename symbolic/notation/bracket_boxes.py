"""Iverson's brackets of subscripts as the relations in them: s ≤ t, 1 ≤ t + u ≤ T."""

from __future__ import annotations

from symbolic.language.affine import Affine, Size, Subscript, size
from symbolic.language.expr import (
    Delta,
    InRange,
)
from symbolic.language.terms import certainly_below, ends
from symbolic.notation.boxes import (
    Box,
    Fence,
    Glyph,
    Row,
    sign,
)
from symbolic.notation.style import Style
from symbolic.notation.subscript_boxes import affine_box, index_box, size_box, subscript_box

RELATIONS = {
    ">": Glyph(" > ", " > "),
    ">=": Glyph(r" \ge ", " ≥ "),
    "<": Glyph(" < ", " < "),
    "<=": Glyph(r" \le ", " ≤ "),
    "==": Glyph(" = ", " = "),
    "!=": Glyph(r" \ne ", " ≠ "),
}


def in_range_box(sub: Subscript, extent: Size, style: Style) -> Box:
    return Fence(relation_box(InRange(sub, extent), True, style), "[", "]")


def relation_box(bracket: InRange | Delta, true: bool, style: Style) -> Box:
    """The relation in a bracket, or its opposite: s ≤ t, where one bound is sure; else 1 ≤ t + u ≤ T."""
    if isinstance(bracket, Delta):
        sides = (subscript_box(bracket.left, style), subscript_box(bracket.right, style))
        return Row((sides[0], RELATIONS["==" if true else "!="], sides[1]))
    sub, extent = bracket.subscript, bracket.extent
    low, high = ends(sub)
    if certainly_below(high, extent) and sub.terms:
        return _sides(sub, true, style)
    shown = subscript_box(sub, style)
    if certainly_below(size(-1), low):
        return Row((shown, RELATIONS["<=" if true else ">"], size_box(extent)))
    at_most = RELATIONS["<="]
    inside = Row((sign("1"), at_most, shown, at_most, size_box(extent)))
    return inside if true else Row((Glyph(r"\neg", "¬"), Fence(inside)))


def _sides(sub: Subscript, true: bool, style: Style) -> Box:
    """sub ≥ 0 with what is subtracted on the left: s ≤ t, s < t, t ≤ T - 2."""
    counted = sub - sum(c for _, c in sub.terms)  # each index counts from 1 on paper
    strict = counted.constant == -1
    plus = _part(counted, 1, strict)
    minus = _part(counted, -1, strict)
    relation = ("<" if strict else "<=") if true else (">=" if strict else ">")
    left, right = (affine_box(part, lambda index: index_box(index, style)) for part in (minus, plus))
    return Row((left, RELATIONS[relation], right))


def _part(sub: Subscript, side: int, strict: bool) -> Subscript:
    """What is added (side 1) or subtracted (side -1) in a subscript; the -1 of a strict relation is in its sign."""
    constant = 0 if strict else sub.constant
    return Affine(
        tuple((index, abs(c)) for index, c in sub.terms if c * side > 0),
        abs(constant) if constant * side > 0 else 0,
        tuple((name, abs(c)) for name, c in sub.sizes if c * side > 0),
    )
