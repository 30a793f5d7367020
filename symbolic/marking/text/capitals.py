"""Names that are written in capitals without a font: MSE, RSS, ELBO are one name each, XW a product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.tokens import Token


def with_names_in_capitals(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with one token for each such name.

    A line says what it is, and one of its letters at least stands nowhere by itself: of X, W and XW = … all do.
    """
    defined = {word for chain in chains if (word := in_capitals(chain.sides[0].tokens))}
    defined |= {word for chain in chains for side in chain.sides if (word := called(side.tokens))}
    words = [word for word in sorted(defined, key=len, reverse=True) if not is_product(word, chains)]
    for word in words:
        chains = [replace(c, sides=tuple(replace(s, tokens=merged(s, word)) for s in c.sides)) for c in chains]
    return list(chains)


def in_capitals(tokens: Sequence[Token]) -> str:
    """The word that these tokens are; empty where they are something else."""
    letters = [token.text for token in tokens if token.kind == "letter"]
    whole = len(letters) == len(tokens) >= 2 and all(len(text) == 1 and text.isupper() for text in letters)
    return "".join(letters) if whole and all(map(touching, tokens, tokens[1:])) else ""


def called(tokens: Sequence[Token]) -> str:
    """The CE of a side that is ``CE(y, p)``."""
    opening = next((k for k, token in enumerate(tokens) if token.is_sign("(")), 0)
    ends = bool(tokens) and tokens[-1].is_sign(")")
    return in_capitals(tokens[:opening]) if ends and opening > 1 else ""


def touching(one: Token, other: Token) -> bool:
    return one.span[1] == other.span[0]


def is_product(word: str, chains: Iterable[Chain]) -> bool:
    alone = {token.text for c in chains for side in c.sides for token in merged(side, word)}
    return {*word} <= alone


def merged(side: Side, word: str) -> tuple[Token, ...]:
    """The tokens of a side with one in the place of each run that spells the word."""
    tokens, found, at = side.tokens, list[Token](), 0
    while at < len(tokens):
        run = tokens[at : at + len(word)]
        if in_capitals(run) == word:
            found.append(Token("letter", word, (run[0].span[0], run[-1].span[1])))
            at += len(word)
        else:
            found.append(tokens[at])
            at += 1
    return tuple(found)
