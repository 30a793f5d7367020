r"""Vectors told by a letter below a letter, ``u_{w_k}`` beside ``u_o``: a family of its own, of no class w_k."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token


@dataclass(frozen=True, slots=True)
class Nested:
    """``u _ { w _ k }`` in a side: where it begins and ends, and its letters."""

    start: int
    stop: int
    base: str
    inner: Token
    index: tuple[Token, ...]


def with_flat_families(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with u_{w,k} for u_{w_k}, where no line takes a w_k, or a u_j of any j, by itself."""
    sides = [side for chain in chains for side in chain.sides]
    found = [one for side in sides for one in nested_in(side.tokens)]
    own = {(one.base, one.inner.text) for one in found}
    letters = {token.text for one in found for token in one.index}
    flat = {(base, inner) for base, inner in own if not any(stands_apart(side, base, inner, letters) for side in sides)}
    if not flat:
        return list(chains)
    return [replace(chain, sides=tuple(flattened(side, flat) for side in chain.sides)) for chain in chains]


def nested_in(tokens: Sequence[Token]) -> Iterator[Nested]:
    """``X _ { Y _ k }`` and ``X _ { Y _ { k } }``."""
    for at in range(len(tokens) - 6):
        base, below, opening, inner, again = tokens[at : at + 5]
        if not (is_letter(base) and below.is_sign("_") and opening.is_sign("{") and is_letter(inner)):
            continue
        end = next((k for k in range(at + 5, len(tokens)) if tokens[k].is_sign("}")), len(tokens))
        index = tuple(t for t in tokens[at + 5 : end] if not t.is_sign("{"))
        closing = end + (2 if tokens[at + 5].is_sign("{") else 1)
        if again.is_sign("_") and index and all(is_letter(t) or t.kind == "number" for t in index):
            yield Nested(at, closing, base.text, inner, index)


def stands_apart(side: Side, base: str, inner: str, letters: set[str]) -> bool:
    """Whether a side has the inner letter on the line, or the outer one with an index that a sum runs over.

    A w_{t+j} on the line, numbered by other letters than the w_k below, is another one.
    """
    inside = {place for one in nested_in(side.tokens) for place in range(one.start + 1, one.stop)}
    texts = [t.text for t in side.tokens]
    places = (k for k, text in enumerate(texts) if text == inner and k not in inside)
    on_the_line = any(texts[k + 1 : k + 2] != ["_"] or not letters.isdisjoint(texts[k + 2 : k + 7]) for k in places)
    summed = {texts[k + 3] for k in range(len(texts) - 3) if texts[k] in (r"\sum", r"\prod") and texts[k + 2] == "{"}
    summed |= {texts[k + 2] for k in range(len(texts) - 2) if texts[k] in (r"\sum", r"\prod")}
    indexed = any(
        texts[k] == base and texts[k + 1] == "_" and texts[k + 2] in summed - {"{"} for k in range(len(texts) - 2)
    )
    return on_the_line or indexed


def flattened(side: Side, flat: set[tuple[str, str]]) -> Side:
    tokens = list(side.tokens)
    for one in reversed(list(nested_in(side.tokens))):
        if (one.base, one.inner.text) in flat:
            comma = Token("sign", ",", one.inner.span)
            tokens[one.start + 3 : one.stop - 1] = (one.inner, comma, *one.index)
    return replace(side, tokens=tuple(tokens))
