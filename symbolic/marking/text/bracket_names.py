r"""``Denote the bracket by $e_{ij}$``, ``call it $\delta$``: sentences that name a piece of the formula before them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import Token, tokenize

_BRACKET = (
    r"(?:(?:the\s+)?(?:expression|term|quantity|difference|sum)\s+in\s+)?(?:the\s+)?(?:\w+\s+)?(?:bracket|parenthes)\w*"
)
_RUSSIAN_BRACKET = r"(?:выражени\w+\s+в\s+)?(?:\w+\s+)?скобк\w+"
_NAME = r"(?:\$|\\\()\s*(?P<name>[^$=]{1,40}?)\s*(?:\$|\\\))"
_NAMING = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:denot\w+|call|writ\w+|abbreviat\w+)\s+{_BRACKET}\s*(?:by|as)?\s*{_NAME}",
        rf"\b(?:denot\w+\s+by|where|let|with|writ\w+|here)\s+{_NAME}\s*(?:denot\w*|is|be|for|stands?\s+for)?\s*{_BRACKET}",
        rf"\bобознач\w+\s+{_RUSSIAN_BRACKET}\s*(?:через|как|за)?\s*{_NAME}",
        rf"\b(?:обознач\w+\s+)?(?:через|где)\s+{_NAME}\s*(?:—|-|обознач\w+)?\s*{_RUSSIAN_BRACKET}",
    )
)
_IT = r"(?:it|this|that|the\s+(?:former|latter|result|left[- ]hand\s+side|gradient|derivative|error))"
_RUSSIAN_IT = r"(?:его|её|ее|это|эту\s+величину|этот\s+градиент|эту\s+производную|результат)"
_NAMING_ALL = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:denot\w+|call|writ\w+|abbreviat\w+)\s+{_IT}\s*(?:by|as)?\s*{_NAME}",
        rf"\bобознач\w+\s+{_RUSSIAN_IT}\s*(?:через|как|за)?\s*{_NAME}",
    )
)


def with_named_brackets(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, and behind each one whose bracket is named the definition that the sentence makes."""
    found = list(chains)
    named = [(match, bracket_of) for naming in _NAMING for match in naming.finditer(text)]
    named += [(match, left_of) for naming in _NAMING_ALL for match in naming.finditer(text)]
    for match, piece_of in named:
        start = match.start()
        at = next((k for k in reversed(range(len(found))) if found[k].sides[-1].span[1] <= start), None)
        inside = piece_of(found[at]) if at is not None else None
        try:
            name = tuple(tokenize(text, *match.span("name")))
        except NotUnderstood:
            continue
        if at is not None and inside and name:
            sides = (Side(name, match.span("name")), Side(inside, (inside[0].span[0], inside[-1].span[1])))
            found.insert(at + 1, Chain(sides, aside=True))
    return found


def left_of(chain: Chain) -> tuple[Token, ...]:
    """What a chain of two sides or more is about; empty for a lone formula."""
    return chain.sides[0].tokens if len(chain.sides) > 1 else ()


def bracket_of(chain: Chain) -> tuple[Token, ...]:
    """What stands in the only outermost round or square brackets of the last side; empty where there is no such one."""
    depth, start = 0, 0
    groups: list[tuple[Token, ...]] = []
    tokens = chain.sides[-1].tokens
    for k, token in enumerate(tokens):
        if token.is_sign("(", "["):
            depth += 1
            start = k + 1 if depth == 1 else start
        elif token.is_sign(")", "]"):
            depth -= 1
            if depth == 0:
                groups.append(tokens[start:k])
    return groups[0] if len(groups) == 1 else ()
