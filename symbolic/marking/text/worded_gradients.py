r"""Gradients that a sentence names: "let $g$ be the gradient of $L$ with respect to $y$"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import Token, tokenize


def _formula(name: str) -> str:
    return rf"(?:\$|\\\()\s{{0,4}}(?P<{name}>[^$=\s][^$=]{{0,39}}?)\s{{0,4}}(?:\$|\\\))"


_ASIDE = r"(?:\s*\([^()$]{1,40}\))?"
_GRADIENT = r"(?<![\w-])(?:(?:an?|the|its|our)\s+)?(?:[\w-]+\s+){0,2}?(?:gradient|derivative|sensitivity)s?"
_OF = r"(?:(?:an?|the|our)\s+)?(?:[\w-]+\s+){0,3}?"
_BY = r"\s*,?\s*(?:with\s+respect\s+to|w\.\s?r\.\s?t\.?|wrt|by)\s+(?:the\s+)?(?:[\w-]+\s+){0,2}?"
_RUSSIAN_GRADIENT = r"(?<!\w)(?:градиент\w*|производн\w+)\s+(?:\w+\s+){0,3}?"
_SAID = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_formula('name')}{_ASIDE}\s*,?\s*(?:denotes?|is|be|for|stands?\s+for|—|---?)\s+{_GRADIENT}\s+of\s+{_OF}"
        rf"{_formula('of')}{_BY}{_formula('by')}",
        rf"{_GRADIENT}\s+of\s+{_OF}{_formula('of')}{_BY}{_formula('by')}\s*,?\s*"
        rf"(?:is\s+)?(?:denoted|written|called|abbreviated)\s+(?:by\s+|as\s+)?{_formula('name')}",
        rf"(?:denote|write|call)\s+(?:by\s+)?{_formula('name')}\s+(?:for\s+)?{_GRADIENT}\s+of\s+{_OF}{_formula('of')}"
        rf"{_BY}{_formula('by')}",
        rf"{_formula('name')}\s*(?:—|---?|это|есть)\s*{_RUSSIAN_GRADIENT}{_formula('of')}\s+по\s+(?:\w+\s+)?{_formula('by')}",
        rf"обознач\w+\s+(?:через\s+)?{_formula('name')}\s+{_RUSSIAN_GRADIENT}{_formula('of')}\s+по\s+(?:\w+\s+)?"
        rf"{_formula('by')}",
    )
)


def with_worded_gradients(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, and among them what such sentences define."""
    found = list(chains)
    for match in (match for said in _SAID for match in said.finditer(text)):
        try:
            name, of, by = (tokenize(text, *match.span(part)) for part in ("name", "of", "by"))
        except NotUnderstood:
            continue
        if name and of and by:
            at = next((k for k, c in enumerate(found) if c.sides[0].span[0] > match.start()), len(found))
            span = match.span("name")
            sides = (Side(tuple(name), span), Side(quotient(of, by), match.span("of")))
            found.insert(at, Chain(sides, aside=True))
    return found


def quotient(of: Sequence[Token], by: Sequence[Token]) -> tuple[Token, ...]:
    r"""``\frac{\partial L}{\partial y}``, at the place of what is derived."""
    place = of[0].span
    partial = Token("command", r"\partial", place)
    opening, closing = (Token("sign", sign, place) for sign in "{}")
    return (Token("command", r"\frac", place), opening, partial, *of, closing, opening, partial, *by, closing)
