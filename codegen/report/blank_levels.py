"""What a blank of an exercise hides."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

#: One factor of a line, a line, or every line.
Level: TypeAlias = Literal["factor", "line", "all"]
LEVELS: tuple[Level, ...] = get_args(Level)
