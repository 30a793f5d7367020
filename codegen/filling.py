"""Names and items on as few lines as they need; an item stays whole."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable


def filled(items: Iterable[str], width: int) -> list[str]:
    """``a, b,`` and so on, lines of at most this width, where no item is longer."""
    row = ", ".join(item.replace(" ", "\0") for item in items) + ","
    lines = textwrap.wrap(row, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]
