r"""``\mu_{ML}`` beside a μ: the one that is best, as μ^* is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from symbolic.marking.text.chains import Chain, Side, chain_tokens
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: What estimates are called below their letter, or above it.
_LABELS = frozenset({"*", r"\ast", r"\star", "ML", "MLE", "MAP", "LS", "OLS", "WLS", "opt", "best", "МП", "МНК"})


def with_stars_for_labels(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with μ^* for μ_{ML}, where a plain μ stands too."""
    pairs = [pair for chain in chains for pair in pairwise([*chain_tokens(chain), Token("sign", ".", (0, 0))])]
    plain = {name.text for name, behind in pairs if is_letter(name) and not behind.is_sign("_", "^")}
    return [replace(c, sides=tuple(with_stars(side, plain) for side in c.sides)) for c in chains]


def with_stars(side: Side, plain: set[str]) -> Side:
    tokens = list(side.tokens)
    for k in reversed(range(len(tokens) - 2)):
        name, sign, opening = tokens[k : k + 3]
        if not is_letter(name) or name.text not in plain or not sign.is_sign("_", "^"):
            continue
        end = k + 3
        if opening.is_sign("{"):
            end = next((at + 1 for at in range(k + 3, len(tokens)) if tokens[at].is_sign("}")), k + 2)
        label = "".join(token.text for token in tokens[k + 2 : end] if not token.is_sign("{", "}"))
        if label in _LABELS:
            tokens[k + 1 : end] = (Token("sign", "^", sign.span), Token("sign", "*", tokens[end - 1].span))
    return replace(side, tokens=tuple(tokens))
