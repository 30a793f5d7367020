r"""Probabilities of a class given something: ``p(y = k \mid x)``, ``\pi(a \mid s)`` as the entry p_k(x)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter, split
from symbolic.marking.text.tokens import Token

_BARS = ("|",)


@dataclass(frozen=True, slots=True)
class Conditional:
    """``p_θ(y = k | x)`` in a side: the tokens from ``start`` to ``stop``, and its parts."""

    start: int
    stop: int
    name: str
    labels: tuple[Token, ...]
    event: tuple[Token, ...]
    given: tuple[Token, ...]

    @property
    def of_class(self) -> tuple[Token, ...]:
        """The k of y = k, the y_i of a mere y_i."""
        return tuple(split(list(self.event), "=")[-1])


def with_class_probabilities(chains: Sequence[Chain]) -> list[Chain]:
    """The chains, where one says what such a probability is for each class: a formula with k below something."""
    families = {found.name for chain in chains if (found := family(chain)) is not None}
    return [replace(chain, sides=tuple(with_entries(side, families) for side in chain.sides)) for chain in chains]


def family(chain: Chain) -> Conditional | None:
    """The left side of such a definition."""
    if len(chain.sides) < 2 or chain.sides[0].problem is not None:
        return None
    tokens = chain.sides[0].tokens
    found = next(conditionals(tokens), None)
    if found is None or (found.start, found.stop) != (0, len(tokens)) or len(found.of_class) != 1:
        return None
    letter = found.of_class[0]
    return found if is_letter(letter) and any(stands_below(letter.text, s) for s in chain.sides[1:]) else None


def stands_below(letter: str, side: Side) -> bool:
    texts = [token.text for token in side.tokens]
    at = [k for k, text in enumerate(texts) if text == letter and k > 0]
    return any(texts[k - 1] == "_" or texts[k - 2 : k] == ["_", "{"] for k in at)


def conditionals(tokens: Sequence[Token]) -> Iterator[Conditional]:
    """Each ``p(… | …)`` with a letter before its brackets and one bar in them."""
    for opening, token in enumerate(tokens):
        start = start_of_name(tokens, opening) if token.is_sign("(") else None
        closing = closing_of(tokens, opening) if start is not None else None
        if start is None or closing is None:
            continue
        pieces = split(list(tokens[opening + 1 : closing]), *_BARS)
        if len(pieces) == 2 and all(pieces):
            event, given = tuple(pieces[0]), tuple(split(pieces[1], "=")[-1])  # given C = c: of c
            labels = tuple(t for t in tokens[start + 1 : opening] if not t.is_sign("_", "{", "}"))
            yield Conditional(start, closing + 1, tokens[start].text, labels, event, given)


def start_of_name(tokens: Sequence[Token], opening: int) -> int | None:
    """Where ``p``, ``p_θ``, ``p_{θ}`` begins that stands before a bracket."""
    texts = [token.text for token in tokens[:opening]]
    below = texts[-2:-1] == ["_"] or texts[-4:-2] == ["_", "{"]
    at = opening - (1 if not below else 3 if texts[-2] == "_" else 5)
    return at if at >= 0 and is_letter(tokens[at]) else None


def closing_of(tokens: Sequence[Token], opening: int) -> int | None:
    depth = 0
    for k in range(opening, len(tokens)):
        depth += tokens[k].is_sign("(") - tokens[k].is_sign(")")
        if depth == 0:
            return k
    return None


def with_entries(side: Side, families: set[str]) -> Side:
    """The side with ``p_k(x)`` for each ``p(y = k | x)``."""
    found = [one for one in conditionals(side.tokens) if one.name in families]
    tokens = list(side.tokens)
    for one in reversed(found):
        place = tokens[one.start].span
        opening, closing = Token("sign", "{", place), Token("sign", "}", place)
        comma = (Token("sign", ",", place),) if one.labels else ()
        below = (Token("sign", "_", place), opening, *one.labels, *comma, *one.of_class, closing)
        last = tokens[one.stop - 1]
        given = (Token("sign", "(", one.given[0].span), *one.given, last)
        tokens[one.start : one.stop] = (tokens[one.start], *below, *given)
    return replace(side, tokens=tuple(tokens))
