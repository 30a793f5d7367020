r"""Sets of indices that a line describes, ``V = \{i : y_i f_i < 1\}``, written out where a sum runs over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_OPENING, _CLOSING = (r"\{", r"\lbrace"), (r"\}", r"\rbrace")
_SUCH_THAT = (":", "|", r"\colon")


@dataclass(frozen=True, slots=True)
class IndexSet:
    """The V, the i and the condition of ``V = {i : …}``."""

    name: str
    letter: str
    condition: tuple[Token, ...]


def with_index_sets(chains: Sequence[Chain]) -> list[Chain]:
    """The chains, where a sum over i ∈ V says the condition of V."""
    sets = {found.name: found for chain in chains if (found := described(chain)) is not None}
    if not sets:
        return list(chains)
    return [replace(chain, sides=tuple(written_out(side, sets) for side in chain.sides)) for chain in chains]


def described(chain: Chain) -> IndexSet | None:
    """What a line such as ``V = {i : y_i f_i < 1}`` describes."""
    if len(chain.sides) != 2 or any(side.problem is not None for side in chain.sides):
        return None
    left, right = (side.tokens for side in chain.sides)
    if len(left) != 1 or not is_letter(left[0]) or len(right) < 6:
        return None
    opening, letter, sign, *condition, closing = right
    braced = opening.is_command(*_OPENING) and closing.is_command(*_CLOSING)
    if not braced or not is_letter(letter) or sign.text not in _SUCH_THAT:
        return None
    return IndexSet(left[0].text, letter.text, tuple(condition))


def written_out(side: Side, sets: dict[str, IndexSet]) -> Side:
    tokens = list(side.tokens)
    for at in reversed(range(len(tokens) - 2)):
        letter, sign, name = tokens[at : at + 3]
        if is_letter(letter) and sign.is_command(r"\in") and (found := sets.get(name.text)) is not None:
            condition = [replace(t, text=letter.text) if t.text == found.letter else t for t in found.condition]
            tokens[at + 1 : at + 3] = [Token("sign", ":", sign.span), *condition]
    return replace(side, tokens=tuple(tokens))
