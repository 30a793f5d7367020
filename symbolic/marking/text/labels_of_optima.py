r"""``\mu_{ML}`` beside a μ: the one that is best, as μ^* is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from symbolic.marking.text.chains import Chain, Side, chain_tokens
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: What estimates are called below their letter, or above it.
STARS = frozenset({"*", r"\ast", r"\star"})
_LABELS = STARS | frozenset({"ML", "MLE", "MAP", "LS", "OLS", "WLS", "opt", "best", "МП", "МНК"})


def with_stars_for_labels(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with μ^* for μ_{ML}, where a plain μ stands too."""
    pairs = [pair for chain in chains for pair in pairwise([*chain_tokens(chain), Token("sign", ".", (0, 0))])]
    plain = {name.text for name, behind in pairs if is_letter(name) and not behind.is_sign("_", "^")}
    starred = {name.text for name, behind in pairs if is_letter(name) and behind.is_sign("^")} - plain
    names = frozenset(name for name in starred if is_function_with_star(name, chains))
    sides_of = ([without_star(with_stars(side, plain), names) for side in c.sides] for c in chains)
    return [replace(c, sides=tuple(sides)) for c, sides in zip(chains, sides_of, strict=True)]


def is_function_with_star(name: str, chains: Sequence[Chain]) -> bool:
    r"""Whether ``F^*(x)`` begins a chain and no F stands without its star: what a function is called."""
    lefts = ([token.text for token in chain.sides[0].tokens if token.text not in "{}"] for chain in chains)
    return any(left[:2] == [name, "^"] and left[2:3] and left[2] in STARS and left[3:4] == ["("] for left in lefts)


def without_star(side: Side, names: frozenset[str]) -> Side:
    """The side with F for the F^* of these names."""
    tokens = list(side.tokens)
    for k in reversed(range(len(tokens) - 2)):
        end = k + 5 if tokens[k + 2].is_sign("{") else k + 3
        star = tokens[k + 3 if tokens[k + 2].is_sign("{") and k + 3 < len(tokens) else k + 2]
        if is_letter(tokens[k]) and tokens[k].text in names and tokens[k + 1].is_sign("^") and star.text in STARS:
            del tokens[k + 1 : end]
    return replace(side, tokens=tuple(tokens))


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
