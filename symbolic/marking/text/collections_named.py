r"""Lines that name what things are in: ``X = \{(x_i, y_i)\}_{i=1}^n``, ``\phi = \{W, b\}``, ``X = \mathbb R^d``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.index_sets import described
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: ℝ^n, and ℤ and the like, as they are typed.
_SPACE = re.compile(r"\s*(?:\\mathbb\s*\{?\s*[RNZQ]\s*\}?|[ℝℕℤ])\s*(?:\^\s*(?:\{[^{}]{1,40}\}|\S)|[ⁿᵈᵐ])?\s*\.?")
_DOTS = (r"\dots", r"\ldots", r"\cdots")
#: What no list of things has in it.
_RECKONED = (r"\frac", r"\sum", r"\exp", r"\ln", r"\log", r"\partial", r"\arg", r"\max", r"\min")
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
    paired = len(tokens) > 1 and tokens[1].is_sign("(")
    if tokens[0].text == r"\{":
        return (paired or any(token.is_sign(",") for token in tokens)) and not is_reckoned(tokens[:end])
    dotted = any(token.text in _DOTS for token in tokens)
    return tokens[0].is_sign("(") and ((paired and dotted) or counted)


def is_reckoned(tokens: Sequence[Token]) -> bool:
    """Whether something is added in it, or computed: the braces are brackets then; the -1 of {-1, +1} is a number."""
    added = any(sign.is_sign("+", "-") and not before.is_sign(",") for before, sign in pairwise(tokens[1:]))
    return added or any(token.text in _RECKONED for token in tokens)


def end_of_bracket(tokens: Sequence[Token]) -> int:
    """Behind the bracket that a side begins with; 0 where it begins with none."""
    depth = 0
    for k, token in enumerate(tokens):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0:
            return k + 1 if k else 0
    return 0
