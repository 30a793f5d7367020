r"""``\eqalign{a &= b \cr c &= d \cr}``: alignments of plain TeX, which forums write, as environments in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbolic.marking.text.braces import braced

#: The command, and the environment that sets the same.
ENVIRONMENTS = {
    "eqalign": "aligned",
    "eqalignno": "aligned",
    "displaylines": "gathered",
    "cases": "cases",
    "matrix": "matrix",
    "pmatrix": "pmatrix",
}
#: So deep may they stand in each other.
DEEPEST = 12
_OPENING = re.compile(r"\\(" + "|".join(ENVIRONMENTS) + r")\s*(?=\{)")
_ROW = re.compile(r"\\cr(?![A-Za-z])")


def with_environments(text: str) -> tuple[str, tuple[int, ...]]:
    """The text, and for each of its characters the place where it stood; no places where nothing changed."""
    pieces = [*_pieces(text, 0, len(text))]
    if len(pieces) == 1:
        return text, ()
    origin = (place for piece, places in pieces for place in places)
    return "".join(piece for piece, _ in pieces), tuple(origin)


def _pieces(text: str, start: int, end: int, depth: int = 0) -> Iterator[tuple[str, range | list[int]]]:
    at = start
    while (match := _next(text, at, end, inside=depth > 0)) is not None:
        yield text[at : match.start()], range(at, match.start())
        close = braced(text, match.end()) if match.re is _OPENING and depth < DEEPEST else None
        if match.re is _ROW:
            yield from _put(r"\\ ", match.start())
            at = match.end()
        elif close is None or close > end:
            yield text[match.start() : match.end()], range(match.start(), match.end())
            at = match.end()
        else:
            name = ENVIRONMENTS[match[1]]
            yield from _put(rf"\begin{{{name}}}", match.start())
            yield from _pieces(text, match.end() + 1, close - 1, depth + 1)
            yield from _put(rf"\end{{{name}}}", close - 1)
            at = close
    yield text[at:end], range(at, end)


def _next(text: str, at: int, end: int, *, inside: bool) -> re.Match[str] | None:
    found = [pattern.search(text, at, end) for pattern in ((_OPENING, _ROW) if inside else (_OPENING,))]
    return min((match for match in found if match is not None), key=lambda match: match.start(), default=None)


def _put(piece: str, place: int) -> Iterator[tuple[str, list[int]]]:
    yield piece, [place] * len(piece)
