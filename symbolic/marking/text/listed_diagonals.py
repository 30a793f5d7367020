r"""``\mathrm{diag}(v_1, \dots, v_n)`` as ``\mathrm{diag}(v)``: the vector of these numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_DOTS = (r"\dots", r"\ldots", r"\cdots")
_DIAGONALS = ("diag", "Diag", r"\diag")

Tokens = tuple[Token, ...]


def with_vectors_on_diagonals(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with v for ``v_1, …, v_n`` on a diagonal."""
    return [
        replace(c, sides=tuple(replace(side, tokens=with_vectors(side.tokens)) for side in c.sides)) for c in chains
    ]


def with_vectors(tokens: Tokens) -> Tokens:
    kept = list(tokens)
    for k in reversed(range(len(tokens) - 9)):
        if tokens[k].text not in _DIAGONALS or not tokens[k + 1].is_sign("("):
            continue
        stop = next((at for at in range(k + 2, len(tokens)) if tokens[at].is_sign("(", ")")), k)
        inside = [token for token in tokens[k + 2 : stop] if not token.is_sign("{", "}")]
        texts = [token.text for token in inside]
        first, middle, last = texts[:3], texts[3:6], texts[6:]
        whole = len(last) == 3 and first[1:] == ["_", "1"] and last[:2] == [first[0], "_"] and is_letter(inside[0])
        if whole and middle[0] == middle[2] == "," and middle[1] in _DOTS and is_letter(inside[-1]):
            kept[k + 2 : stop] = [inside[0]]
    return tuple(kept)
