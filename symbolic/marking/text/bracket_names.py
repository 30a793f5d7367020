r"""``Denote the bracket by $e_{ij}$``, ``call it $\delta$``: sentences that name a piece of the formula before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

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
_RESULT = r"(?:vector|matrix|gradient|derivative|quantity|result|expression|one|of\s+(?:them|these|the\s+two))"
_RUSSIAN_RESULT = r"(?:вектор|матриц\w+|градиент|производн\w+|величин\w+|результат|выражени\w+|из\s+них)"
_THIS = r"(?:this|that)(?:\s+(?:vector|matrix|quantity|expression|gradient|derivative|result))?"
_IT = (
    rf"(?:{_THIS}|it|the\s+(?:latter|result|left[- ]hand\s+side|gradient|derivative|error)"
    rf"|the\s+(?:second|third|last|latter)\s+{_RESULT})"
)
_RUSSIAN_IT = (
    r"(?:его|её|ее|это|эту\s+величину|этот\s+градиент|эту\s+производную|результат"
    rf"|(?:втор|трет|последн)\w+\s+{_RUSSIAN_RESULT})"
)
#: The first of two results: ``call the first vector $δ_a$``.
_THE_FORMER = rf"the\s+(?:former|first)(?:\s+{_RESULT})?"
_RUSSIAN_FORMER = rf"перв\w+\s+{_RUSSIAN_RESULT}"
_NAMING_ALL = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:denot\w+|call|writ\w+|abbreviat\w+)\s+{_IT}\s*(?:by|as)?\s*{_NAME}",
        rf"\bобознач\w+\s+{_RUSSIAN_IT}\s*(?:через|как|за)?\s*{_NAME}",
    )
)
_NAMING_FORMER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:denot\w+|call|writ\w+|abbreviat\w+)\s+{_THE_FORMER}\s*(?:by|as)?\s*{_NAME}",
        rf"\bобознач\w+\s+{_RUSSIAN_FORMER}\s*(?:через|как|за)?\s*{_NAME}",
    )
)
#: Before a formula that explains the one before it.
_USED = re.compile(
    r"(?:where\s+we\s+(?:have\s+)?used|using|since|because|так\s+как|где\s+\w+ользова\w+)(?:\s+that)?\s*[$(\\]*\s*$"
)
_THEM = r"(?:them|these|those|the\s+(?:two|three|\w+)\s+\w+)(?:\s+(?:two|three))?(?:\s+\w+){0,2}?"
_RUSSIAN_THEM = r"(?:их|эти\s+\w+|полученные\s+\w+)"
_NAMES = r"(?P<names>\$[^$=]{1,40}\$(?:\s*(?:,|and|и|,\s*and)\s*\$[^$=]{1,40}\$)+)"
#: Several results at once: ``call these two vectors $δ_a$ and $δ_c$``.
_NAMING_SEVERAL = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:denot\w+|call|writ\w+|abbreviat\w+)\s+{_THEM}\s*(?:by|as)?\s*{_NAMES}",
        rf"\bобознач\w+\s+{_RUSSIAN_THEM}\s*(?:через|как|за)?\s*{_NAMES}",
    )
)


def with_named_brackets(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, and behind each one whose bracket is named the definition that the sentence makes."""
    found = list(chains)
    named = [(match, bracket_of, 0) for naming in _NAMING for match in naming.finditer(text)]
    named += [(match, left_of, 0) for naming in _NAMING_ALL for match in naming.finditer(text)]
    named += [(match, left_of, 1) for naming in _NAMING_FORMER for match in naming.finditer(text)]
    for match, piece_of, back in named:
        start = match.start()
        before = [
            k
            for k, chain in enumerate(found)
            if chain.sides[-1].span[1] <= start
            and not chain.aside
            and not (chain.inline and _USED.search(text[: chain.sides[0].span[0]]))
        ]
        at = before[-1 - back] if len(before) > back else None
        inside = piece_of(found[at]) if at is not None else None
        try:
            name = tuple(tokenize(text, *match.span("name")))
        except NotUnderstood:
            continue
        if at is not None and inside and name:
            sides = (Side(name, match.span("name")), Side(inside, (inside[0].span[0], inside[-1].span[1])))
            found.insert(at + 1, Chain(sides, aside=True))
    for match in (match for naming in _NAMING_SEVERAL for match in naming.finditer(text)):
        found = with_named_results(text, found, match)
    return found


def with_named_results(text: str, chains: list[Chain], match: re.Match[str]) -> list[Chain]:
    """The chains, and behind them what the names of as many of the last ones before the sentence mean."""
    spans = [piece.span() for piece in re.finditer(r"(?<=\$)[^$,]*[^$,\s](?=\$)", text[: match.end("names")])]
    spans = [span for span in spans if span[0] >= match.start("names") and re.search(r"[^\s,]", text[slice(*span)])]
    spans = [span for span in spans if text[slice(*span)].strip() not in ("and", "и")]
    end = next((k for k in reversed(range(len(chains))) if chains[k].sides[-1].span[1] <= match.start()), -1) + 1
    results = chains[max(end - len(spans), 0) : end]
    if len(results) < len(spans) or not all(map(left_of, results)):
        return chains
    try:
        names = [tuple(tokenize(text, *span)) for span in spans]
    except NotUnderstood:
        return chains
    named = [
        Chain((Side(name, span), replace(result.sides[0])), aside=True)
        for name, span, result in zip(names, spans, results, strict=True)
    ]
    return [*chains[:end], *named, *chains[end:]]


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
