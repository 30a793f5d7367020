r"""``a^m = \sigma_m(z_m)`` with ``\sigma(z) = 1/(1+e^{-z})``: every unit's function is the one that a line gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

Tokens = tuple[Token, ...]


def with_shared_functions(chains: Sequence[Chain]) -> list[Chain]:
    """The chains without the unit below such a function where it is taken; a slope σ_m' alone keeps it."""
    lefts = [chain.sides[0].tokens for chain in chains if len(chain.sides) > 1]
    given = {tokens[0].text for tokens in lefts if is_definition(tokens)}
    own = {tokens[0].text for tokens in lefts if tokens and unit_at(tokens, 0)}  # of σ_m(z) = … each unit has its own
    names = given - own
    if not names:
        return list(chains)
    return [
        replace(chain, sides=tuple(replace(s, tokens=without_units(s.tokens, names)) for s in chain.sides))
        for chain in chains
    ]


def is_definition(tokens: Tokens) -> bool:
    """``σ(z)``, and nothing else."""
    return len(tokens) == 4 and all(map(is_letter, tokens[::2])) and tokens[1].is_sign("(") and tokens[3].is_sign(")")


def unit_at(tokens: Tokens, k: int) -> int:
    """How many tokens are ``_ m`` or ``_ { m }`` behind a letter and before brackets; 0 where there are none."""
    texts = [token.text for token in tokens[k + 1 : k + 6]]
    if texts[:1] != ["_"] or not is_letter(tokens[k]):
        return 0
    length = 4 if texts[1:2] == ["{"] and texts[3:4] == ["}"] else 2
    letter = tokens[k + (3 if length == 4 else 2)]
    return length if is_letter(letter) and texts[length : length + 1] == ["("] else 0


def without_units(tokens: Tokens, names: set[str]) -> Tokens:
    kept: list[Token] = []
    k = 0
    while k < len(tokens):
        kept.append(tokens[k])
        k += 1 + (unit_at(tokens, k) if tokens[k].text in names else 0)
    return tuple(kept)
