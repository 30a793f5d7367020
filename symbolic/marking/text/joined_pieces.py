r"""A function that is said piece by piece, each with its condition, as one line with cases.

``H(r) = \frac12 r^2`` if ``|r| \le \delta``, and ``H(r) = …`` otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token, tokenize

_OTHERWISE = re.compile(
    r"(?:[\s,$&{]|\\(?:q?quad|text|mbox|mathrm|[)\],;]))*"
    r"(?:otherwise|else|elsewhere|if not|иначе|в остальных|в противном)\b",
    re.IGNORECASE,
)
_SLOPES = ("'", r"\prime", "/", r"\partial", r"\nabla")


def with_joined_pieces(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, where pieces in a row that say what one name is stand as one definition."""
    found: list[Chain] = []
    at = 0
    while at < len(chains):
        run = pieces_from(text, chains, at)
        if len(run) > 1 and not any(words(c.sides[0]) == words(run[0].sides[0]) for c in chains[:at]):
            found.append(joined_pieces(run))
        else:
            found += run
        at += len(run)
    return found


def pieces_from(text: str, chains: Sequence[Chain], at: int) -> list[Chain]:
    """The chain at that place with the further pieces of what it says, if it is the first of some."""
    run = [chains[at]]
    if conditions_of(chains[at]) is None or not says_value(chains[at]):
        return run
    for chain in chains[at + 1 :]:
        if words(chain.sides[0]) != words(run[0].sides[0]) or len(chain.sides) != 2:
            break
        if conditions_of(chain) is None:
            if _OTHERWISE.match(text, chain.sides[1].span[1]):
                run.append(chain)
            break
        run.append(chain)
    return run


def says_value(chain: Chain) -> bool:
    """Whether a chain gives a name, ``H(r)``, a formula with letters; a mere number tells what a datum can be."""
    left, right = (side.tokens for side in chain.sides[:2])
    named = bool(left) and is_letter(left[0]) and not any(token.text in _SLOPES for token in left)
    return named and any(is_letter(token) for token in right)


def conditions_of(chain: Chain) -> tuple[Token, ...] | None:
    """The one condition under which a chain of two sides stands."""
    said = chain.conditions or chain.hints
    return said[0] if len(chain.sides) == 2 and len(said) == 1 and not chain.sides[1].problem else None


def words(side: Side) -> list[str]:
    return [token.text for token in side.tokens]


def joined_pieces(run: Sequence[Chain]) -> Chain:
    """One chain with cases; its brackets have no place of their own."""
    tokens = list(signs(r"\begin{cases}", run[0].sides[1].span[0]))
    for chain in run:
        body, condition, end = chain.sides[1].tokens, conditions_of(chain), chain.sides[1].span[1]
        if chain is not run[0]:
            tokens += signs(r"\\", chain.sides[1].span[0])
        tokens += [*body, *signs("&", end), *(condition or signs(r"\text{otherwise}", end))]
    end = tokens[-1].span[1]
    tokens += signs(r"\end{cases}", end)
    right = Side(tuple(tokens), (run[0].sides[1].span[0], end))
    return replace(run[0], sides=(run[0].sides[0], right), conditions=(), hints=(), beside=False)


def signs(text: str, place: int) -> Iterator[Token]:
    return (replace(token, span=(place, place)) for token in tokenize(text, 0, len(text)))
