r"""``w^{new} = w^{old} - A^{-1}b = A^{-1}\{A w^{old} - b\}``: a step that is written on, about the w before it.

The first sign sets; what stands behind it is claimed of w.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.refusals import Span
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

NEW, OLD = "new", "old"
_SLOPES = (r"\partial", r"\nabla", r"\eta")


def with_plain_steps(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with w for w^{old}, and without the w^{new} that begins one of three sides or more."""
    chains = [with_new_value(with_iterates(chain)) for chain in chains]
    stepped = {name for chain in chains if len(chain.sides) > 1 and (name := name_with(chain.sides[0].tokens, NEW))}
    if not any(len(chain.sides) > 2 and name_with(chain.sides[0].tokens, NEW) for chain in chains):
        return list(chains)
    found: list[Chain] = []
    for chain in chains:
        sets = bool(name_with(chain.sides[0].tokens, NEW))
        if sets and len(chain.sides) == 2:
            found.append(chain)
            continue
        sides = chain.sides[1:] if sets else chain.sides
        found.append(replace(chain, sides=tuple(without_old(side, stepped) for side in sides)))
    return found


def with_iterates(chain: Chain) -> Chain:
    r"""``w^{(r+1)} = w^{(r)} - γ \frac{\partial R}{\partial w^{(r)}}`` as a step from w to w^{new}."""
    if len(chain.sides) != 2 or not any(token.is_command(*_SLOPES[:2]) for token in chain.sides[1].tokens):
        return chain
    left, right = (side.tokens for side in chain.sides)
    texts = [token.text for token in left]
    if (
        len(left) < 8
        or texts[-8:-5] != ["^", "{", "("]
        or texts[-4:] != ["+", "1", ")", "}"]
        or not is_letter(left[-5])
    ):
        return chain
    before = ["^", "{", "(", texts[-5], ")", "}"]
    kept = list(right)
    for k in reversed(range(len(kept) - 5)):
        if [token.text for token in kept[k : k + 6]] == before:
            del kept[k : k + 6]
    if len(kept) == len(right):
        return chain
    new = (*left[:-8], *script(NEW, left[-8].span))
    return replace(chain, sides=(replace(chain.sides[0], tokens=new), replace(chain.sides[1], tokens=tuple(kept))))


def with_new_value(chain: Chain) -> Chain:
    r"""``\Delta w = -\eta \frac{\partial L}{\partial w}`` as a step of w; of three sides the first only names it."""
    left = chain.sides[0].tokens
    if len(chain.sides) < 2 or len(left) < 2 or not left[0].is_command(r"\Delta") or not is_letter(left[1]):
        return chain
    right = chain.sides[1]
    if not any(token.is_command(*_SLOPES) for token in right.tokens):
        return chain
    if len(chain.sides) > 2:
        return replace(chain, sides=chain.sides[1:])
    name, place = left[1:], left[0].span
    new, old = ((*name, *script(word, place)) for word in (NEW, OLD))
    opening, closing = Token("sign", "(", place), Token("sign", ")", place)
    step = (*old, Token("sign", "+", place), opening, *right.tokens, closing)
    return replace(chain, sides=(replace(chain.sides[0], tokens=new), replace(right, tokens=step)))


def script(word: str, place: Span) -> tuple[Token, ...]:
    return (
        Token("sign", "^", place),
        Token("sign", "{", place),
        Token("letter", word, place),
        Token("sign", "}", place),
    )


def name_with(tokens: Sequence[Token], word: str) -> str:
    """The w of a side that is w^{new}; empty for any other."""
    bare = [token for token in tokens if not token.is_sign("{", "}", "(", ")")]
    if len(bare) < 3 or not is_letter(bare[0]) or not bare[1].is_sign("^", "_"):
        return ""
    return bare[0].text if "".join(token.text for token in bare[2:]) == word else ""


def without_old(side: Side, names: set[str]) -> Side:
    tokens = list(side.tokens)
    for k in reversed(range(len(tokens) - 2)):
        if not is_letter(tokens[k]) or tokens[k].text not in names or not tokens[k + 1].is_sign("^", "_"):
            continue
        end = k + 3
        if tokens[k + 2].is_sign("{"):
            end = next((at + 1 for at in range(k + 3, len(tokens)) if tokens[at].is_sign("}")), k + 2)
        if name_with(tokens[k:end], OLD):
            del tokens[k + 1 : end]
    return replace(side, tokens=tuple(tokens))
