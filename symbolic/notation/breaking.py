"""Formulas that are too long for a line: how wide a box is when printed, and where to break it.

Widths are estimates in em of the text size, from the widths of Computer Modern.  A break comes before + and −
where possible, else before a factor, else inside brackets, which then no longer grow with what they hold.
A line that continues another starts with its sign: +, −, or · for a product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from symbolic.notation.boxes import (
    DOT,
    MINUS,
    PLUS,
    SLASH_DOT,
    SPACE,
    THIN,
    Big,
    Box,
    Braced,
    Cases,
    Exponential,
    Fence,
    Fraction,
    Glyph,
    Keyed,
    Root,
    Row,
    Script,
    sign,
    tall,
)

#: How far a line that continues another is moved in, in em.
INDENT = 2.0
#: Scripts are set smaller; so is Σ inside a fraction.
SMALL = 0.72

_LETTERS = dict(
    zip("abcdefghijklmnopqrstuvwxyz", (53, 43, 43, 52, 47, 49, 48, 58, 35, 41, 52, 30, 88, 60, 48, 50, 45, 45, 47, 36,
        57, 48, 72, 57, 49, 47), strict=True)
)  # fmt: skip
_SIGNS = {"(": 39, ")": 39, "[": 28, "]": 28, "{": 50, "}": 50, "|": 28, "′": 28, "": 0, "…": 120}
_RELATIONS = frozenset("=<>≤≥≠→⇒")
_OPERATIONS = frozenset("+−·×⊙")


@lru_cache(maxsize=20_000)  # where a line is broken, what stands inside of others is measured with each of them
def width(box: Box, text: bool = False) -> float:
    """The width in em; ``text``: inside a fraction or a script, where Σ is small and has its limits beside it."""
    match box:
        case Glyph():
            return _glyph(box)
        case Row(parts):
            return sum(width(part, text) for part in parts)
        case Script(base, lower, upper):
            return width(base, text) + 0.05 + SMALL * max((width(x, True) for x in (lower, upper) if x), default=0)
        case Big(lower, upper, _):
            limits = SMALL * max(width(lower, True), width(upper, True) if upper else 0)
            return 1.1 + limits if text else max(1.44, limits) + 0.17
        case Fraction(above, below):
            return max(width(above, True), width(below, True)) * (SMALL if text else 1) + 0.26
        case Root(body):
            return width(body, text) + 1.0
        case Fence(body):
            return width(body, text) + (1.3 if tall(body) else 0.78)
        case Exponential(exponent):
            return 1.4 + width(Fence(exponent), text) if tall(exponent) else 0.5 + SMALL * width(exponent, True)
        case Cases(rows):
            left = max(width(value, True) for value, _ in rows)
            return left + max(width(condition, True) for _, condition in rows) + 2.0
        case Braced(body, note):
            return max(width(body, text), SMALL * width(note, True)) + 0.1
        case Keyed(body):
            return width(body, text)
    raise TypeError(f"not a box: {box!r}")


def _glyph(glyph: Glyph) -> float:
    if glyph in (SPACE, THIN, SLASH_DOT):
        return 0.17 if glyph == SLASH_DOT else 0.02
    shown = glyph.unicode.strip()
    if len(shown) > 1 and shown.isalnum():
        return 0.54 * len(shown) + 0.17  # upright words; \sin and the like have a thin space
    total = 0.0
    for c in shown:
        if c in _RELATIONS:
            total += 1.34
        elif c in _OPERATIONS:
            total += 0.78 if glyph.unicode == glyph.unicode.strip() and c == "−" else 1.23
        elif c in ",;":
            total += 0.45
        else:
            total += _SIGNS.get(c, _LETTERS.get(c, 50 if c.isdigit() else 76 if c.isupper() else 58)) / 100
    return total + (1.0 if r"\quad" in glyph.latex else 0.0)


def height(box: Box, text: bool = False) -> float:
    """The height in lines of text, roughly; for filling a slide."""
    match box:
        case Row(parts):
            return max((height(part, text) for part in parts), default=1.0)
        case Script(base, lower, upper):
            return height(base, text) + 0.2 * ((lower is not None) + (upper is not None))
        case Big():
            return 1.5 if text else 2.9
        case Fraction(above, below):
            return (height(above, True) + height(below, True)) * (SMALL if text else 1) + 0.3
        case Fence(body) | Root(body):
            return height(body, text) + 0.1
        case Exponential(exponent):
            return height(exponent, True) if tall(exponent) else 1.0 + 0.3 * height(exponent, True)
        case Cases(rows):
            return sum(max(height(a, True), height(b, True)) + 0.25 for a, b in rows)
        case Braced(body):
            return height(body, text) + 1.3
        case Keyed(body):
            return height(body, text)
    return 1.0


NOTHING = sign("")
#: Digits of a width that count where it is held against the room: sums do not depend on their order then.
_DIGITS = 9
Measure: TypeAlias = Callable[[Box], float]


# --- breaking -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is not broken (yet).  ``before`` stands in front of it, or ``start`` when it begins a line.

    ``end`` closes the line before such a break; ``cost`` is how unwelcome the break is.
    """

    box: Box
    before: Box = NOTHING
    start: Box = NOTHING
    end: Box = NOTHING
    cost: float = 0.0

    def alone(self, measure: Measure) -> float:
        """How wide a line of this piece alone is."""
        return measure(self.start) + measure(self.box) + measure(self.end)


#: A sign at the start of a line is no prefix: {} keeps its spaces.
_STARTS: dict[Box, Box] = {
    PLUS: Glyph(r"{} + ", "+ "),
    MINUS: Glyph(r"{} - ", "− "),
}
_PRODUCTS = (SPACE, THIN, DOT, SLASH_DOT)
_DOT_START = Glyph(r"{} \cdot ", "· ")
_HADAMARD = Glyph(r" \odot ", " ⊙ ")


def broken(box: Box, room: float, indent: float = INDENT, measure: Measure = width) -> tuple[Box, ...]:
    """The box as lines of at most ``room`` em, the later ones ``indent`` shorter; one line where it fits.

    A line is wider only where there is no place to break it.  ``measure``: the width of a box, where it is not in em.
    """
    if measure(box) <= room:
        return (box,)
    return _filled([*_narrow(_Piece(box), room - indent, measure)], room, indent, measure)


def _narrow(piece: _Piece, room: float, measure: Measure) -> Iterator[_Piece]:
    """The piece, broken up for as long as a part of it is too wide and can be."""
    parts = _opened(piece.box) if piece.alone(measure) > room else None
    if not parts:
        yield piece
        return
    first = replace(parts[0], before=piece.before, start=piece.start, end=piece.end, cost=piece.cost)
    for part in (first, *(replace(part, cost=part.cost + piece.cost) for part in parts[1:])):
        yield from _narrow(part, room, measure)


def _opened(box: Box) -> list[_Piece] | None:
    """The box in two or more pieces, or None."""
    match box:
        case Row(parts):
            return _cut(parts) or _inside(parts)
        case Fence(body, left, right):
            return _glued(_opening(left, body), _opened(body), _closing(right, body))
        case Script(Fence(body, left, right), lower, upper):
            return _glued(_opening(left, body), _opened(body), Script(_closing(right, body), lower, upper))
        case Fraction(above, below) if above != sign("1"):
            return [_Piece(Fraction(sign("1"), below)), _Piece(Fence(above), SPACE, _DOT_START, cost=2.0)]
    return None


def _opening(left: str, body: Box) -> Glyph:
    return Glyph(rf"\biggl{_tex(left)}", left) if tall(body) else sign(left)


def _closing(right: str, body: Box) -> Glyph:
    return Glyph(rf"\biggr{_tex(right)}", right) if tall(body) else sign(right)


def _tex(bracket: str) -> str:
    return {"{": r"\{", "}": r"\}"}.get(bracket, bracket)


def _cut(parts: tuple[Box, ...]) -> list[_Piece] | None:
    """A row cut before its signs, the loosest kind that it has: ranges, sums, products."""
    for kind in (_range_break, _sum_break, _product_break):
        pieces: list[_Piece] = []
        current: list[Box] = []
        piece = _Piece(NOTHING)
        for place, part in enumerate(parts):
            found = kind(part) if current and not isinstance(parts[place - 1], Big) else None
            if found is None:
                current.append(part)
                continue
            pieces.append(replace(piece, box=_row(current)))
            piece, current = found, []
        if pieces and current:
            return [*pieces, replace(piece, box=_row(current))]
    return None


def _range_break(part: Box) -> _Piece | None:
    if isinstance(part, Glyph) and r"\quad" in part.latex:
        return _Piece(NOTHING, before=part, end=sign(","))
    return None


def _sum_break(part: Box) -> _Piece | None:
    return _Piece(NOTHING, before=part, start=_STARTS[part], cost=1.0) if part in (PLUS, MINUS) else None


def _product_break(part: Box) -> _Piece | None:
    if part == _HADAMARD:
        return _Piece(NOTHING, before=part, start=Glyph(r"{} \odot ", "⊙ "), cost=2.0)
    return _Piece(NOTHING, before=part, start=_DOT_START, cost=2.0) if part in _PRODUCTS else None


def _inside(parts: tuple[Box, ...]) -> list[_Piece] | None:
    """A row without signs, opened where it is widest."""
    for place in sorted(range(len(parts)), key=lambda k: -width(parts[k])):
        if inner := _opened(parts[place]):
            return _glued(_row(parts[:place]), inner, _row(parts[place + 1 :]))
    return None


def _glued(front: Box, pieces: list[_Piece] | None, back: Box) -> list[_Piece] | None:
    """Something in front of the first piece and after the last one; breaks in between are less welcome."""
    if not pieces:
        return None
    pieces = [replace(piece, cost=piece.cost + 2.0) for piece in pieces]
    pieces[0] = replace(pieces[0], box=_row([front, pieces[0].box]))
    pieces[-1] = replace(pieces[-1], box=_row([pieces[-1].box, back]))
    return pieces


def _row(boxes: Sequence[Box]) -> Box:
    kept = tuple(box for box in boxes if box != NOTHING)
    return kept[0] if len(kept) == 1 else Row(kept) if kept else NOTHING


def _filled(pieces: Sequence[_Piece], room: float, indent: float, measure: Measure) -> tuple[Box, ...]:
    """Lines of pieces, as few as possible, and of those the ones that break in the best places.

    A line is as wide as its parts together, so each part is measured once.
    """
    boxes, before, starts = (
        [*map(measure, parts)]
        for parts in zip(*((piece.box, piece.before, piece.start) for piece in pieces), strict=True)
    )
    ends = [measure(piece.end) for piece in pieces]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(pieces) + 1):
        choices = []
        inner = ends[end] if end < len(pieces) else 0.0
        for start in range(end - 1, -1, -1):
            inner += boxes[start]
            wide = inner + (starts[start] if start else 0.0)
            over = round(wide - (room - (indent if start else 0.0)), _DIGITS)
            if over > 0 and start < end - 1:
                break
            cost = 10.0 + pieces[start].cost + 100.0 * max(over, 0.0)
            choices.append((best[start][0] + cost, start))
            inner += before[start]
        best.append(min(choices))
    cuts = [len(pieces)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return tuple(_line(pieces, start, end) for start, end in pairwise(reversed(cuts)))


def _line(pieces: Sequence[_Piece], start: int, end: int) -> Box:
    first, *rest = pieces[start:end]
    parts = [first.start, first.box] if first.start != NOTHING and start else [first.box]
    for piece in rest:
        parts += [piece.before, piece.box]
    if end < len(pieces) and pieces[end].end != NOTHING:
        parts.append(pieces[end].end)
    return _row(parts)
