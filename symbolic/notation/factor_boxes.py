"""Numbers, and factors side by side: where a dot stands, and what needs parentheses."""

from __future__ import annotations

from fractions import Fraction as Rational

from symbolic.notation.boxes import (
    BIG,
    DOT,
    PRODUCT,
    SLASH_DOT,
    SPACE,
    SUM,
    Box,
    Fraction,
    Glyph,
    Row,
    fenced,
    leftmost,
    level,
    sign,
    unkeyed,
)


def stands_beside(box: Box) -> bool:
    return isinstance(unkeyed(box), Fraction) or level(box) == BIG


def filling(boxes: list[Box]) -> Box:
    """What fills a line of a fraction needs no parentheses when it is alone."""
    return boxes[0] if len(boxes) == 1 else side_by_side(boxes)


def side_by_side(boxes: list[Box]) -> Box:
    last = len(boxes) - 1
    if last == 0:
        return fenced(boxes[0], SUM)
    parts: list[Box] = []
    for place, factor in enumerate(boxes):
        box = fenced(factor, SUM if place == last else PRODUCT)
        if parts:
            before = boxes[place - 1]
            if leftmost(box)[:1].isdigit():
                parts.append(DOT)
            elif isinstance(unkeyed(before), Fraction) or isinstance(unkeyed(box), Fraction):
                parts.append(SLASH_DOT)
            elif not (isinstance(before, Glyph) and before.unicode[0].isdigit()):
                parts.append(SPACE)
        parts.append(box)
    return Row(tuple(parts), PRODUCT)


def number_box(value: Rational) -> Box:
    """A fraction when it is a small one, a decimal when it is one, else a fraction."""
    if value.denominator == 1:
        return sign(str(value.numerator))
    reduced = value.denominator
    for prime in (2, 5):
        while reduced % prime == 0:
            reduced //= prime
    if reduced == 1 and value.denominator >= 10:
        digits = next(n for n in range(1, value.denominator) if (value * 10**n).denominator == 1)
        text = str(int(value * 10**digits)).rjust(digits + 1, "0")
        return sign(f"{text[:-digits]}.{text[-digits:]}")
    return Fraction(sign(str(value.numerator)), sign(str(value.denominator)))
