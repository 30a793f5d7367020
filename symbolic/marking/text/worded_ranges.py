r"""``from $t = T - 1$ down to $t = 1$``: over what a letter runs, said with two formulas that claim nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbolic.marking.text.refusals import Span

_PLACE = r"(?:[A-Za-z](?:\s*[-+]\s*\d+)?|\d+|\\infty)"
_LETTER = r"(?:[A-Za-z]|\\[a-z]+)"
_BEGIN = rf"(?:\$\s*{_LETTER}\s*=\s*{_PLACE}\s*\$|\\\(\s*{_LETTER}\s*=\s*{_PLACE}\s*\\\))"
_END = rf"(?:\$\s*(?:{_LETTER}\s*=\s*)?{_PLACE}\s*\$|\\\(\s*(?:{_LETTER}\s*=\s*)?{_PLACE}\s*\\\))"
_WORDED = re.compile(
    rf"\b(?:from|for|start\w*\s+(?:at|from|with|in)|между|от|с|при|для|начиная\s+с)\s+{_BEGIN}\s*,?\s*"
    rf"(?:(?:and\s+)?(?:back|down|downwards?|up|upwards?|backwards?|going|вниз|вверх|назад|обратно|вплоть)\s+){{0,3}}"
    rf"(?:to|till|until|through|до|к)\s+{_END}",
    re.IGNORECASE,
)


def worded_ranges(text: str) -> Iterator[Span]:
    """Where such words stand, with their formulas."""
    yield from (match.span() for match in _WORDED.finditer(text))
