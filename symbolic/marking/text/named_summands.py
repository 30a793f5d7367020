r"""``L = \sum_t L^{(t)} = -\sum_t \log p_t``: what each summand is, which no other line says, stands in the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_BARS = ("|", r"\|", r"\Vert")


@dataclass(frozen=True, slots=True)
class Summation:
    """A side that is a sum and nothing else: what stands before it, the sign with its bounds, and what is summed."""

    before: tuple[Token, ...]
    sign: tuple[Token, ...]
    body: tuple[Token, ...]


def with_named_summands(chains: Sequence[Chain]) -> list[Chain]:
    """The chains, each behind what it tells of the summands that it names."""
    lefts = [words(chain.sides[0].tokens) for chain in chains]
    found: list[Chain] = []
    for chain in chains:
        found += (told for told in summands_told(chain) if words(told.sides[0].tokens) not in lefts)
        found.append(chain)
    return found


def summands_told(chain: Chain) -> Iterator[Chain]:
    for one, other in pairwise(chain.sides[1:]):
        named, written = summation(one), summation(other)
        if named is None or written is None or not is_indexed_name(named.body):
            continue
        factor = factor_of_each(named, written)
        if factor is not None and words(named.sign) == words(written.sign):
            opening, closing = Token("sign", "(", other.span), Token("sign", ")", other.span)
            body = (*factor, opening, *written.body, closing) if factor else written.body
            yield Chain((Side(named.body, one.span), Side(body, other.span)), aside=True)


def factor_of_each(named: Summation, written: Summation) -> tuple[Token, ...] | None:
    r"""What stands before the written sum and not before the other, ``-`` or ``\frac12``; None where both have some."""
    if not named.before or not written.before:
        return None if named.before else written.before
    minus = written.before[:1] if written.before[0].is_sign("-") and not named.before[0].is_sign("-") else ()
    return minus if words(written.before[len(minus) :]) == words(named.before) else None


def summation(side: Side) -> Summation | None:
    r"""The parts of ``-\frac1N \sum_{i=1}^N …``; None where terms stand beside the sum."""
    texts = words(side.tokens)
    start = texts.index(r"\sum") if r"\sum" in texts and side.problem is None else -1
    if start < 0:
        return None
    end = start + 1
    while end + 1 < len(texts) and texts[end] in "_^":
        end = end_of_group(texts, end + 1)
    before, sign, body = side.tokens[:start], side.tokens[start:end], side.tokens[end:]
    alone = body and not has_terms(body) and not has_terms(before[1:])
    return Summation(before, sign, body) if alone else None


def end_of_group(texts: Sequence[str], start: int) -> int:
    depth = 0
    for at in range(start, len(texts)):
        depth += (texts[at] == "{") - (texts[at] == "}")
        if depth == 0:
            return at + 1
    return len(texts)


def has_terms(tokens: Sequence[Token]) -> bool:
    """Whether a plus or minus stands outside of all brackets and bars."""
    depth, between_bars = 0, False
    for token in tokens:
        depth += token.is_sign("(", "[", "{") - token.is_sign(")", "]", "}")
        between_bars ^= token.text in _BARS
        if depth == 0 and not between_bars and token.is_sign("+", "-"):
            return True
    return False


def is_indexed_name(tokens: Sequence[Token]) -> bool:
    """``L^{(t)}``, ``R_i``."""
    texts = words(tokens)
    scripted = len(texts) > 2 and is_letter(tokens[0]) and texts[1] in ("_", "^")
    return scripted and end_of_group(texts, 2) == len(texts) and not any(token.kind == "number" for token in tokens)


def words(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]
