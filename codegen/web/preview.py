"""A person's LaTeX as MathML, for the eye alone: what is marked is what the reader of :mod:`symbolic.marking` read.

math-core runs deep nesting on the stack of the process, so only text of bounded depth reaches it, in a worker.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

#: Longer or deeper text is not set.
LONGEST, DEEPEST = 4_000, 40


def previewed(text: str, display: bool = True) -> str:
    """A ``<math>`` element, in display style or for running text; empty for what is none, or too long or deep."""
    if not text.strip() or len(text) > LONGEST or _depth(text) > DEEPEST:
        return ""
    import math_core

    try:
        return str(_converter().convert_with_local_state(text, displaystyle=display))
    except math_core.LatexError:
        return ""


def _depth(text: str) -> int:
    """How deep braces are nested; whatever else nests takes four characters a level, so the length bounds it."""
    depth = deepest = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        deepest = max(deepest, depth)
    return deepest


@lru_cache(maxsize=1)
def _converter() -> Any:
    import math_core

    return math_core.LatexToMathML()
