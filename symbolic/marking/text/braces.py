r"""Which closing brace belongs to which opening one, found for a whole text at once; ``\{`` and ``\}`` are signs."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType

_BRACE = re.compile(r"(?<!\\)[{}]")


@lru_cache(maxsize=16)
def partners(text: str) -> MappingProxyType[int, int]:
    """The place of the closing brace by that of the opening one, for those that are closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACE.finditer(text):
        if match.group() == "{":
            opened.append(match.start())
        elif opened:
            found[opened.pop()] = match.start()
    return MappingProxyType(found)


def braced(text: str, at: int) -> int | None:
    """The place behind the group that opens at ``at``; None when it has no end."""
    end = partners(text).get(at)
    return None if end is None else end + 1
