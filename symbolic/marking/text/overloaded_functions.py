r"""One letter for two functions, told apart by how many arguments they have: ``E(w) = \sum_i E(r_i, y_i)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.token_kinds import is_letter, split
from symbolic.marking.text.tokens import Token

#: Letters for any numbers.
_LETTERS = "uvpqzrst"
#: What labels can be: {-1, 1}.
_LABELS = re.compile(
    r"\{\s{0,3}(?:-\s?1\s{0,3},\s{0,3}\+?\s?1|\+?\s?1\s{0,3},\s{0,3}-\s?1|\\pm\s{0,3}1|0\s{0,3},\s{0,3}1)\s{0,3}\\?\}"
)


@dataclass(frozen=True, slots=True)
class Overloaded:
    """The letter, and how many arguments the inner one of its two functions has."""

    base: str
    arguments: int
    #: The letters that it is said of.
    formals: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.base}{self.arguments}"


def with_names_of_their_own(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains with E2(r, y) for the one of two functions E that the other is made of.

    Its letters stand for any numbers: beside an r_i they are others, where a line is about the function itself; but
    not where the text has labels, of which y² = 1 may be needed.
    """
    found = list(chains)
    for one in overloaded(chains):
        words = {token.text for chain in found for token in chain_tokens(chain)}
        own = [letter for letter in _LETTERS if letter not in words]
        any_numbers = len(own) >= len(one.formals) and not _LABELS.search(text)
        fresh = dict(zip(one.formals, own, strict=False)) if any_numbers else {}
        found = [with_name(chain, one, fresh if is_about(chain, one) else {}) for chain in found]
    return found


def is_about(chain: Chain, one: Overloaded) -> bool:
    """Whether a line has the function of its own letters, and none of these with an index."""
    tokens = chain_tokens(chain)
    call = [one.base, "(", *[text for letter in one.formals for text in (letter, ",")][:-1], ")"]
    texts = [token.text for token in tokens]
    called = any(texts[k : k + len(call)] == call for k in range(len(texts)))
    return called and not any(pair[0] in one.formals and pair[1] == "_" for pair in pairwise(texts))


def with_name(chain: Chain, one: Overloaded, fresh: Mapping[str, str]) -> Chain:
    sides = (replace(side, tokens=tuple(renamed(side.tokens, one, fresh))) for side in chain.sides)
    return replace(chain, sides=tuple(sides))


def overloaded(chains: Sequence[Chain]) -> Iterator[Overloaded]:
    defined: dict[str, dict[int, Chain]] = {}
    for chain in chains:
        tokens = chain.sides[0].tokens
        count = count_of_arguments(tokens, 0)
        if len(chain.sides) > 1 and count and tokens[-1].is_sign(")") and len(tokens[0].text) == 1:
            defined.setdefault(tokens[0].text, {}).setdefault(count, chain)
    for base, by_count in defined.items():
        for count in by_count:
            inside = [chain for other, chain in by_count.items() if other != count and calls(chain, base, count)]
            if inside and len(by_count) == 2:
                formals = [token.text for token in by_count[count].sides[0].tokens[2:-1] if not token.is_sign(",")]
                yield Overloaded(base, count, tuple(formals) if len(formals) == count else ())


def calls(chain: Chain, base: str, count: int) -> bool:
    """Whether a definition's right side has such a call."""
    tokens = chain_tokens(replace(chain, sides=chain.sides[1:]))
    return any(token.text == base and count_of_arguments(tokens, k) == count for k, token in enumerate(tokens))


def count_of_arguments(tokens: Sequence[Token], k: int) -> int:
    """How many arguments stand in the brackets behind a letter; 0 where none do."""
    if k + 1 >= len(tokens) or not is_letter(tokens[k]) or not tokens[k + 1].is_sign("("):
        return 0
    depth = 0
    for at in range(k + 1, len(tokens)):
        depth += tokens[at].is_sign("(") - tokens[at].is_sign(")")
        if depth == 0:
            return len(split([*tokens[k + 2 : at]], ","))
    return 0


def renamed(tokens: Sequence[Token], one: Overloaded, fresh: Mapping[str, str]) -> Iterator[Token]:
    for k, token in enumerate(tokens):
        own = token.text == one.base and count_of_arguments(tokens, k) == one.arguments
        yield replace(token, text=one.name if own else fresh.get(token.text, token.text))
