r"""Books that write a small t for the transpose: ``w = (w_1, \dots, w_n)^t``, ``w^tx``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.token_kinds import end_of_group, outside_scripts
from symbolic.marking.text.tokens import Token

_DOTS = (r"\dots", r"\ldots", r"\cdots")


def with_transposes(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with ⊤ for such a t, where a list is turned by it and it stands for nothing else."""
    sides = [side.tokens for chain in chains for side in chain.sides]
    turned = any(turns_list(tokens) for tokens in sides)
    if not turned or any(token.text == "t" for tokens in sides for token in outside_scripts(tokens)):
        return list(chains)
    return [
        replace(chain, sides=tuple(replace(side, tokens=tuple(written(side.tokens))) for side in chain.sides))
        for chain in chains
    ]


def turns_list(tokens: Sequence[Token]) -> bool:
    """``(w_1, …, w_n)^t``."""
    texts = [token.text for token in tokens if token.text not in "{}"]
    return texts[-3:] == [")", "^", "t"] and texts[0] == "(" and any(text in _DOTS for text in texts)


def written(tokens: Sequence[Token]) -> Iterator[Token]:
    for k, token in enumerate(tokens):
        raised = k > 0 and tokens[k - 1].is_sign("^")
        grouped = k > 1 and tokens[k - 1].is_sign("{") and tokens[k - 2].is_sign("^")
        alone = raised or (grouped and end_of_group(tokens, k - 1) == k + 2)
        yield Token("command", r"\top", token.span) if token.text == "t" and alone else token
