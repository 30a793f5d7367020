r"""Lines that name what things are in: ``X = \{(x_i, y_i)\}_{i=1}^n``, ``\phi = \{W, b\}``, ``\mathbb X = \mathbb R^d``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.index_sets import described
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: ℝ^n, and ℤ and the like, as they are typed.
_SPACE = re.compile(r"\s*(?:\\mathbb\s*\{?\s*[RNZQ]\s*\}?|[ℝℕℤ])\s*(?:\^\s*(?:\{[^{}]{1,40}\}|\S)|[ⁿᵈᵐ])?\s*\.?")
_DOTS = (r"\dots", r"\ldots", r"\cdots")
_OPENING, _CLOSING = ("(", "[", "{", r"\{"), (")", "]", "}", r"\}")


def names_collection(source: str, chain: Chain) -> bool:
    """Whether a line claims nothing and gives no value: its name is that of a space, a set or a list of things."""
    first, *others = chain.sides
    if not first.tokens or not is_letter(first.tokens[0]) or not others or described(chain) is not None:
        return False
    if any(token.is_sign("(", "[") for token in first.tokens):
        return False
    return all(_SPACE.fullmatch(source, *side.span) or is_collection(side.tokens) for side in others)


def is_collection(tokens: Sequence[Token]) -> bool:
    r"""``\{…\}``, ``(x_i, y_i)_{i=1}^n``, ``((x_1, y_1), …, (x_n, y_n))``."""
    end = end_of_bracket(tokens)
    counted = any(token.is_sign("=") for token in tokens[end:])
    if not end or (end < len(tokens) and not (tokens[end].is_sign("_", "^") and counted)):
        return False
    listed = len(tokens) > 1 and tokens[1].is_sign("(") and any(token.text in _DOTS for token in tokens)
    return tokens[0].text == r"\{" or (tokens[0].is_sign("(") and (listed or counted))


def end_of_bracket(tokens: Sequence[Token]) -> int:
    """Behind the bracket that a side begins with; 0 where it begins with none."""
    depth = 0
    for k, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0:
            return k + 1 if k else 0
    return 0
