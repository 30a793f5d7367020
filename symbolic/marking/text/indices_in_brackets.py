r"""``w(n+1) = w(n) + μ e(n) x(n)``: where a header says ``data x(n)`` of an index n, brackets hold subscripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

_RUNNING = re.compile(r"^\s*%!\s*(?:index|indices|steps)\s+([A-Za-z](?:\s*,\s*[A-Za-z])*)\s*=", re.MULTILINE)
_DECLARED = re.compile(
    r"^\s*%!\s*(?:data|param|const|vector|matrix|let)\s+(?P<name>\\?[A-Za-z]+(?:\s*\{\\?[A-Za-z]+\})?)\((?P<letter>[A-Za-z])\)",
    re.MULTILINE,
)
#: What may stand between a name and its brackets: the T of ``w^T(n)``, the 2 of ``e^2(n)``.
_ABOVE = r"(?:\^\s*(?:\w|\\[A-Za-z]+|\{[^{}]*\}))?\s*"


def with_subscripts(text: str) -> tuple[str, tuple[int, ...]]:
    """The text, and for each of its characters the place where it stood; no places where nothing changed."""
    letters = {letter for match in _RUNNING.finditer(text) for letter in re.split(r"\s*,\s*", match[1])}
    names = {match["name"] for match in _DECLARED.finditer(text) if match["letter"] in letters}
    if not names:
        return text, ()
    of_any = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    index = rf"\s*(?:[{''.join(letters)}]\s*(?:[+-]\s*\w+\s*)?|\d+\s*)"
    pieces = [*_pieces(text, re.compile(rf"(?<![A-Za-z\\])(?:{of_any}){_ABOVE}\((?P<at>{index})\)"))]
    origin = (place for piece, stood in pieces for place in _places(piece, stood))
    return "".join(piece for piece, _ in pieces), tuple(origin)


def _pieces(text: str, call: re.Pattern[str]) -> Iterator[tuple[str, range]]:
    """The text cut up, each piece with where it stood; a bracket becomes two signs or one."""
    at = 0
    for match in call.finditer(text):
        start, end = match.span("at")
        yield text[at : start - 1], range(at, start - 1)
        yield "_{", range(start - 1, start)
        yield text[start:end], range(start, end)
        yield "}", range(end, end + 1)
        at = end + 1
    yield text[at:], range(at, len(text))


def _places(piece: str, stood: range) -> Iterator[int]:
    yield from (stood if len(stood) == len(piece) else [stood.start] * len(piece))
