"""Boxes put together by hand, for a law that speaks of any u, v, f and g.

>>> from symbolic.notation.unicode import draw
>>> draw(equal(slope(group(times("c", "u")), "x"), times("c", slope("u", "x"))))
'∂(c u)/∂x = c · ∂u/∂x'
"""

from __future__ import annotations

from symbolic.notation.boxes import (
    ATOM,
    COMMA,
    DIFFERENTIAL,
    DIRECT,
    DOTS,
    EQUALS,
    LEADING_MINUS,
    MINUS,
    PLUS,
    POWER,
    PRIME,
    PRODUCT,
    SLASH_DOT,
    SPACE,
    SUM,
    THIN,
    TRANSPOSED,
    Big,
    Box,
    Fence,
    Fraction,
    Glyph,
    Operator,
    Row,
    Script,
    indices,
    joined,
)
from symbolic.notation.factor_boxes import side_by_side
from symbolic.notation.glyphs import FUNCTIONS, word

#: Between a law and what it holds under.
QUAD = Glyph(r", \quad ", ",  ")


def letter(text: str | Box) -> Box:
    """A letter by its name, Greek ones too; a box stays what it is."""
    return word(text) if isinstance(text, str) else text


def times(*factors: str | Box) -> Box:
    return side_by_side([letter(factor) for factor in factors])


def beside(*factors: str | Box) -> Box:
    """Factors with nothing between them in a line of text: wᵀx."""
    return Row(_separated(factors, THIN), PRODUCT)


def dotted(*factors: str | Box) -> Box:
    """Factors that end or begin with a fraction, kept apart by a dot where that is a stroke."""
    return Row(_separated(factors, SLASH_DOT), PRODUCT)


def plus(*terms: str | Box) -> Box:
    return Row(_separated(terms, PLUS), SUM)


def minus(first: str | Box, *others: str | Box) -> Box:
    return Row(_separated((first, *others), MINUS), SUM)


def _separated(boxes: tuple[str | Box, ...], between: Box) -> tuple[Box, ...]:
    parts: list[Box] = []
    for box in boxes:
        parts += [*([between] if parts else []), letter(box)]
    return tuple(parts)


def negative(box: str | Box) -> Box:
    return Row((LEADING_MINUS, letter(box)), SUM)


def equal(*sides: str | Box) -> Box:
    return joined([letter(side) for side in sides], EQUALS)


def both(*laws: Box) -> Box:
    """Two laws, or a law and what it holds under, side by side."""
    return joined(laws, QUAD)


def related(left: str | Box, sign: Glyph, right: str | Box) -> Box:
    return Row((letter(left), sign, letter(right)))


def over(above: str | Box, below: str | Box) -> Box:
    return Fraction(letter(above), letter(below))


def differential(of: str | Box) -> Box:
    return Row((DIFFERENTIAL, letter(of)), POWER)


def slope(of: str | Box, by: str | Box) -> Box:
    """∂of/∂by; of a sum or a product in parentheses."""
    box = letter(of)
    return Fraction(differential(box), differential(by))


def held_slope(of: str | Box, by: str | Box) -> Box:
    """∂⁺of/∂by, where earlier steps are held fixed."""
    return Fraction(Row((DIRECT, letter(of)), POWER), differential(by))


def operator(by: str | Box, of: Box) -> Box:
    """∂/∂by of something tall, which stands behind the fraction."""
    return Row((Fraction(DIFFERENTIAL, differential(by)), SPACE, of))


def sub(base: str | Box, *lower: str | Box) -> Box:
    return Script(letter(base), indices(tuple(letter(one) for one in lower)))


def power_of(base: str | Box, upper: str | Box) -> Box:
    return Script(letter(base), None, letter(upper), POWER)


def primed(name: str) -> Box:
    return Script(letter(name), None, PRIME)


def transposed(base: str | Box) -> Box:
    return Script(letter(base), None, TRANSPOSED)


def of(function: str | Box, *arguments: str | Box) -> Box:
    """f(u, v)."""
    name = FUNCTIONS.get(function, letter(function)) if isinstance(function, str) else function
    return Row((name, Fence(joined([letter(one) for one in arguments], COMMA))), ATOM)


def many(*boxes: str | Box) -> Box:
    """a, b, …"""
    return joined([*(letter(box) for box in boxes), DOTS], COMMA)


def group(box: Box, left: str = "(", right: str = ")") -> Box:
    return Fence(box, left, right)


def total(index: str | Box, body: Box) -> Box:
    """Σ over an index that has no limits here."""
    return folded("sum", index, body)


def folded(operator: Operator, index: str | Box, body: Box) -> Box:
    """Σ, Π or max over an index that has no limits here."""
    return between(letter(index), None, body, operator)


def between(lower: Box, upper: Box | None, body: Box, operator: Operator = "sum") -> Box:
    """Σ, Π or max with what stands below and above it."""
    return Row((Big(lower, upper, operator), SPACE, body))
