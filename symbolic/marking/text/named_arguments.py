r"""Names of what a function is taken of: "with ``u_a`` the argument of tanh" after ``h_a = \tanh(W_{ai} x_i)``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.class_probabilities import closing_of
from symbolic.marking.text.refusals import Span
from symbolic.marking.text.tokens import Token
from symbolic.marking.text.worded_definitions import NAME, begins_with, tokens_of

_SAID = re.compile(
    rf"{NAME}\s*,?\s*(?:(?:is|be|being|for|denotes?|—|–|-{{2,3}})\s+)?(?:the\s+)?(?:argument|input|аргумент)\s+"
    r"(?:of\s+|to\s+)?(?:the\s+)?(?:function\s+|функции\s+)?\$?\s*(?P<function>\\?[A-Za-z]+)",
    re.IGNORECASE,
)
#: What functions are called beside their own names.
_CALLED = {"sigmoid": r"\sigma", "сигмоиды": r"\sigma", "exponential": r"\exp", "logarithm": r"\log"}


def with_named_arguments(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains with a definition of each such name, and the function taken of it."""
    found = list(chains)
    for match in _SAID.finditer(text):
        name = tokens_of(text, match.span("name"))
        function = _CALLED.get(match["function"].lower(), match["function"])
        at = next((k for k, chain in enumerate(found) if takes(chain, function)), None)
        if name and at is not None and not any(begins_with(chain, name) for chain in found):
            found[at : at + 1] = named_apart(found[at], function, name, match.span())
    return found


def place_of_call(tokens: Sequence[Token], function: str) -> tuple[int, int] | None:
    """Where the first ``tanh(…)`` has its brackets."""
    names = {function, f"\\{function.lstrip(chr(92))}"}
    for k, token in enumerate(tokens[:-1]):
        if token.text in names and tokens[k + 1].is_sign("(") and (end := closing_of(tokens, k + 1)) is not None:
            return k + 1, end
    return None


def takes(chain: Chain, function: str) -> bool:
    """Whether a chain is a definition with such a call."""
    return len(chain.sides) == 2 and place_of_call(chain.sides[1].tokens, function) is not None


def named_apart(chain: Chain, function: str, name: tuple[Token, ...], span: Span) -> list[Chain]:
    left, right = chain.sides
    opening, closing = place_of_call(right.tokens, function) or (0, 0)
    inside = right.tokens[opening + 1 : closing]
    taken = replace(right, tokens=(*right.tokens[: opening + 1], *name, *right.tokens[closing:]))
    return [Chain((Side(name, span), Side(inside, right.span)), inline=True), replace(chain, sides=(left, taken))]
