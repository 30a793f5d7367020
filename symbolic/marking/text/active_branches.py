"""``Otherwise the triplet is active``: which branch of a max(0, …) the formulas behind a sentence are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.token_kinds import split
from symbolic.marking.text.tokens import Token

_SUBJECT = (
    r"(?:bracket\w*|parenthes\w+|argument|hinge|triplet|pair|loss|max\w*|expression|constraint|margin|term|sample|example"
    r"|скобк\w+|аргумент\w*|выражени\w+|триплет\w*|пар\w+|потер\w+|максимум\w*|ограничени\w+|пример\w*|слагаем\w+|it|this|она|он|оно)"
)
_ACTIVE = re.compile(
    rf"\b{_SUBJECT}\s+(?:[a-zа-яё]+\s+){{0,3}}?(?:(?:is|are|being|stays|—|-)\s+)?"
    r"(?:\*{1,2}|\\(?:emph|textbf|textit)\{)?(?:active|violated|positive|nonzero|non-zero|активн\w+|нарушен\w*|положительн\w+|больше\s+нуля)\b"
    # If the margin is kept, L = 0 and all gradients vanish. Otherwise L = …
    r"|(?:=\s*\$?\s*0\b|\bzero\b|\bvanish\w*|\bнул\w+)[^.=]{0,80}\.\s+(?:otherwise|else|иначе|в противном случае)\b"
    r"|\b(?:in|on)\s+the\s+active\s+(?:case|branch|region|part)\b|\bв\s+активн\w+\s+(?:случае|области)\b",
    re.IGNORECASE,
)
#: Words that speak of the other branch again, or of each in turn.
_OTHER = re.compile(r"\b(?:not|never|if|when|whenever|unless|не|если|когда)\s+(?:[a-zа-яё]+\s+){0,3}$", re.IGNORECASE)


def with_active_branches(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, and with those behind such a sentence what is positive from there on."""
    found = list(chains)
    for match in _ACTIVE.finditer(text):
        if _OTHER.search(text[max(match.start() - 40, 0) : match.start()]):
            continue
        before = [chain for chain in chains if chain.sides[-1].span[1] <= match.end()]
        inside = next((piece for chain in reversed(before) for piece in rectified(chain)), ())
        if inside:
            hint = is_positive(inside)
            behind = range(len(before), len(found))
            found = [replace(c, hints=(*c.hints, hint)) if k in behind else c for k, c in enumerate(found)]
    return with_active_alone(text, found)


#: Behind a formula that is about the active ones alone: ``∂u/∂b = 1 for active inputs and 0 otherwise``.
_FOR_ACTIVE = re.compile(
    r"\s{0,3}(?:\$|\\\))?\s{0,3}(?:for|at|on|при|для|на)\s+(?:(?:all|the|every|each|any|всех|каждого)\s+)?"
    r"(?:active|активн\w+)\s+\w+",
    re.IGNORECASE,
)


def with_active_alone(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, and with those that such words stand behind what is positive then."""
    found = list(chains)
    for k, chain in enumerate(chains):
        if chain.inline and _FOR_ACTIVE.match(text, chain.sides[-1].span[1]):
            inside = next((piece for one in reversed(chains[:k]) for piece in rectified(one)), ())
            found[k] = replace(chain, hints=(*chain.hints, is_positive(inside))) if inside else chain
    return found


def is_positive(inside: Sequence[Token]) -> tuple[Token, ...]:
    place = inside[0].span
    return (*inside, Token("sign", ">", place), Token("number", "0", place))


def rectified(chain: Chain) -> Iterator[tuple[Token, ...]]:
    """The E of max(0, E) and of [E]_+."""
    for side in chain.sides[1:]:
        tokens = list(side.tokens)
        for k, token in enumerate(tokens):
            if not token.is_sign("(", "[") or (end := closing(tokens, k)) is None:
                continue
            inside, behind = tokens[k + 1 : end], tokens[end + 1 : end + 3]
            if [t.text for t in behind] == ["_", "+"]:
                yield tuple(inside)
            elif tokens[k - 1].text == r"\max" or [t.text for t in tokens[max(k - 3, 0) : k]] == [*"max"]:
                pieces = split(inside, ",")
                others = [piece for piece in pieces if [t.text for t in piece] != ["0"]]
                if len(pieces) == 2 and len(others) == 1:
                    yield tuple(others[0])


def closing(tokens: Sequence[Token], start: int) -> int | None:
    """Where the bracket that opens there closes."""
    depth = 0
    for k in range(start, len(tokens)):
        depth += tokens[k].is_sign("(", "[") - tokens[k].is_sign(")", "]")
        if depth == 0:
            return k
    return None
