"""What a printed formula is made of, before a medium is chosen: a small tree of boxes.

``symbolic.notation.arrange`` builds the tree once; ``symbolic.notation.latex``, ``symbolic.notation.mathml`` and
``symbolic.notation.unicode`` each draw it.

    Box ::= Glyph | Row | Script | Big | Fraction | Root | Fence | Exponential | Cases | Braced | Keyed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

from symbolic.remembered import Remembering, remembering

#: How tightly a box holds together: what needs parentheses where is decided by comparing levels.
SUM, BIG, PRODUCT, QUOTIENT, POWER, ATOM = range(6)


@remembering
class Glyph(Remembering):
    """One sign, as each medium writes it."""

    latex: str
    unicode: str


@remembering
class Row(Remembering):
    """Boxes one after another."""

    parts: tuple[Box, ...]
    level: int = ATOM


@remembering
class Script(Remembering):
    """A base with a lower and an upper index, or with a power."""

    base: Box
    lower: Box | None = None
    upper: Box | None = None
    level: int = ATOM


Operator = Literal["sum", "prod", "max"]


@remembering
class Big(Remembering):
    """The Σ sign with its limits, or max and Π in its place."""

    lower: Box
    upper: Box | None = None
    operator: Operator = "sum"


@remembering
class Fraction(Remembering):
    above: Box
    below: Box


@remembering
class Root(Remembering):
    body: Box


@remembering
class Fence(Remembering):
    """A box between brackets, which grow when the box is tall."""

    body: Box
    left: str = "("
    right: str = ")"


@remembering
class Exponential(Remembering):
    """e to a power; a medium that cannot raise the exponent writes exp(…)."""

    exponent: Box


@remembering
class Cases(Remembering):
    """Values with the condition of each."""

    rows: tuple[tuple[Box, Box], ...]


@remembering
class Braced(Remembering):
    """A factor with a note under its brace, such as the shape of a matrix; a terminal leaves the note out."""

    body: Box
    note: Box


@remembering
class Keyed(Remembering):
    """A box that stands for a quantity: ``key`` is its name in every medium; only a browser makes use of it."""

    body: Box
    key: str


Box: TypeAlias = "Glyph | Row | Script | Big | Fraction | Root | Fence | Exponential | Cases | Braced | Keyed"

#: Between factors; beside a fraction, which is a slash in a terminal, a dot keeps the factors apart.
SPACE, THIN, DOT, SLASH_DOT = Glyph(" ", " "), Glyph(" ", ""), Glyph(r" \cdot ", "·"), Glyph(" ", " · ")
PLUS, MINUS, LEADING_MINUS = Glyph(" + ", " + "), Glyph(" - ", " − "), Glyph("-", "−")
EQUALS, COMMA, SEMICOLON = Glyph(" = ", " = "), Glyph(", ", ", "), Glyph("; ", "; ")
DOTS, TO = Glyph(r"\dots", "…"), Glyph(r" \rightarrow ", " → ")
DIRECT = Script(Glyph(r"\partial ", "∂"), None, Glyph("+", "+"), POWER)
DIFFERENTIAL, TRANSPOSED, PRIME = Glyph(r"\partial ", "∂"), Glyph("T", "T"), Glyph("'", "′")


def sign(text: str) -> Glyph:
    """A sign that is the same in every medium."""
    return Glyph(text, text)


def level(box: Box) -> int:
    match box:
        case Row(_, tightness) | Script(_, _, _, tightness):
            return tightness
        case Fraction():
            return QUOTIENT
        case Exponential() | Root():
            return POWER
        case Big() | Cases():
            return BIG
        case Braced(body) | Keyed(body):
            return level(body)
    return ATOM


def unkeyed(box: Box) -> Box:
    """The box itself, whatever it stands for."""
    return unkeyed(box.body) if isinstance(box, Keyed) else box


@lru_cache(maxsize=10_000)
def tall(box: Box) -> bool:
    """Whether it is higher than one line of text, so that brackets around it must grow."""
    match box:
        case Fraction() | Big() | Cases():
            return True
        case Row(parts):
            return any(tall(part) for part in parts)
        case Fence(body) | Root(body) | Braced(body) | Keyed(body):
            return tall(body)
        case Script(base):
            return tall(base)
    return False


def simple(box: Box) -> bool:
    """Whether it is a single letter or digit, so that indices may stand side by side: w_{jd}."""
    box = unkeyed(box)
    return isinstance(box, Glyph) and len(box.unicode) == 1


def leftmost(box: Box) -> str:
    """The first sign, for telling whether two numbers would run together."""
    match box:
        case Glyph(_, text):
            return text
        case Keyed(body):
            return leftmost(body)
        case Row(parts):
            return leftmost(parts[0])
        case Script(base):
            return leftmost(base)
    return ""


def fenced(box: Box, at_most: int) -> Box:
    """In parentheses when it holds together no better than the given level."""
    return Fence(box) if level(box) <= at_most else box


def joined(boxes: Iterable[Box], separator: Box) -> Box:
    """The boxes with a separator in between."""
    parts: list[Box] = []
    for box in boxes:
        parts += [separator, box] if parts else [box]
    return parts[0] if len(parts) == 1 else Row(tuple(parts))


def indices(boxes: tuple[Box, ...]) -> Box:
    """Indices side by side where they are single letters, else with commas: ``jd``, ``j,t+u-1``."""
    digits = sum(leftmost(box).isdigit() for box in boxes)
    if all(simple(box) for box in boxes) and digits < 2:
        return boxes[0] if len(boxes) == 1 else Row(boxes)
    return joined(boxes, sign(","))


def exchanged(box: Box, others: Mapping[Box, Box]) -> Box:
    """The box with some of the boxes inside it replaced."""
    if box in others:
        return others[box]
    match box:
        case Row(parts, tightness):
            return Row(tuple(exchanged(part, others) for part in parts), tightness)
        case Script(base, lower, upper, tightness):
            below, above = (None if part is None else exchanged(part, others) for part in (lower, upper))
            return Script(exchanged(base, others), below, above, tightness)
        case Big(lower, upper):
            return Big(exchanged(lower, others), None if upper is None else exchanged(upper, others))
        case Fraction(above, below):
            return Fraction(exchanged(above, others), exchanged(below, others))
        case Root(body):
            return Root(exchanged(body, others))
        case Fence(body, left, right):
            return Fence(exchanged(body, others), left, right)
        case Exponential(exponent):
            return Exponential(exchanged(exponent, others))
        case Cases(rows):
            return Cases(tuple((exchanged(value, others), exchanged(when, others)) for value, when in rows))
        case Braced(body, note):
            return Braced(exchanged(body, others), exchanged(note, others))
    return box
