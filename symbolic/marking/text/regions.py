"""Where the mathematics of a source stands: ``$…$``, ``$$…$$``, ``\\[…\\]``, environments.

Read once from left to right: an opening that is never closed is looked for once, whatever stands behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from symbolic.marking.text.refusals import Span

Kind = Literal["dollars", "brackets", "environment", "inline", "parens"]
DISPLAYS = (
    "equation|align|gather|multline|eqnarray|displaymath|math|flalign|alignat|split|aligned|gathered|dmath|IEEEeqnarray"
)
_OPENING = re.compile(rf"\$|\\\[|\\\(|\\begin\s*\{{(?P<name>(?:{DISPLAYS})\*?)\}}")
_INLINE = re.compile(r"\$((?:[^$\\]|\\.)+?)\$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Region:
    """One piece of mathematics: where it begins and ends with its delimiters, and what is between them."""

    kind: Kind
    whole: Span
    inside: Span
    name: str = ""


class _Closings:
    """Finds closing delimiters; which are missing is found out once."""

    def __init__(self, text: str, last: int) -> None:
        self.text, self.last = text, last
        self._missing: set[str] = set()

    def find(self, sign: str, start: int) -> int:
        """Where the sign stands next; -1 when it does not."""
        if sign in self._missing:
            return -1
        found = self.text.find(sign, start, self.last)
        if found < 0:
            self._missing.add(sign)
        return found

    def end_of(self, name: str, start: int) -> Span | None:
        r"""The next ``\end{name}``."""
        if name in self._missing:
            return None
        found = re.compile(rf"\\end\s*\{{{re.escape(name)}\}}").search(self.text, start, self.last)
        if found is None:
            self._missing.add(name)
            return None
        return found.span()


def regions(text: str, first: int = 0, last: int | None = None) -> Iterator[Region]:
    """All of them, in order; none stands inside another."""
    last = len(text) if last is None else last
    closings = _Closings(text, last)
    at = first
    while (opening := _OPENING.search(text, at, last)) is not None:
        found = _closed(text, opening, closings)
        if found is not None:
            yield found
        at = found.whole[1] if found is not None else opening.start() + 1


def _closed(text: str, opening: re.Match[str], closings: _Closings) -> Region | None:
    start, behind = opening.span()
    if opening["name"]:
        end = closings.end_of(opening["name"], behind)
        return None if end is None else Region("environment", (start, end[1]), (behind, end[0]), opening["name"])
    if opening.group() != "$":
        kind: Kind = "brackets" if text[start + 1] == "[" else "parens"
        close = closings.find(r"\]" if kind == "brackets" else r"\)", behind)
        return None if close < 0 else Region(kind, (start, close + 2), (behind, close))
    if text.startswith("$$", start) and behind < closings.last:
        close = closings.find("$$", start + 2)
        if close >= 0:
            return Region("dollars", (start, close + 2), (start + 2, close))
    if start and text[start - 1] == "\\":
        return None
    inline = _INLINE.match(text, start, closings.last)
    return None if inline is None else Region("inline", inline.span(), inline.span(1))


def without(text: str) -> str:
    """The text without its mathematics."""
    parts, at = [], 0
    for region in regions(text):
        parts.append(text[at : region.whole[0]])
        at = region.whole[1]
    return "".join((*parts, text[at:]))
