r"""Differentials at an increment, ``[D_X f](H) = \operatorname{tr}(G^T H)``, as they are read: with a dX for the H."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import end_of_group, is_letter
from symbolic.marking.text.tokens import Token

_TRACES = ("tr", r"\tr", r"\Tr", "Tr", r"\langle", "trace")
_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


@dataclass(frozen=True, slots=True)
class Differential:
    """The f, the X and the H of ``[D_X f](H)``."""

    of: tuple[Token, ...]
    by: tuple[Token, ...]
    increment: Token


def with_differentials_for_increments(chains: Sequence[Chain]) -> list[Chain]:
    return [without_letter_below(with_differential(chain)) for chain in chains]


def with_differential(chain: Chain) -> Chain:
    """``tr((∇_X f)^T dX) = tr(G^T dX)`` for ``[D_X f](H) = tr(G^T H)``; a chain that only explains the signs stays."""
    found = differential_in(chain.sides[0].tokens)
    if found is None or len(chain.sides) < 2 or explains_increments(chain):
        return chain
    first = replace(chain.sides[0], tokens=written(found, chain.sides[1]))
    others = (replace(side, tokens=moved(side.tokens, found)) for side in chain.sides[1:])
    return replace(chain, sides=(first, *others))


def without_letter_below(chain: Chain) -> Chain:
    """``df = …`` for ``d_U f = …``: what does not vary shows, as there is no differential of it."""
    tokens = chain.sides[0].tokens
    if len(tokens) < 4 or tokens[0].text != "d" or not tokens[1].is_sign("_") or len(chain.sides) < 2:
        return chain
    end = end_of_group(tokens, 2)
    by, behind = [t for t in tokens[2:end] if not t.is_sign("{", "}")], tokens[end:]
    squared = bool(behind) and behind[0].is_sign("^")
    of = behind[end_of_group(behind, 1) :] if squared else behind
    varied = len(by) == 1 and any(
        one.text == "d" and other.text == by[0].text for side in chain.sides[1:] for one, other in pairwise(side.tokens)
    )
    if not varied or len(of) != 1 or not is_letter(of[0]):
        return chain
    return replace(chain, sides=(replace(chain.sides[0], tokens=(tokens[0], *behind)), *chain.sides[1:]))


def explains_increments(chain: Chain) -> bool:
    r"""``[D_X f](H) = \operatorname{tr}((\nabla_X f)^T H)``: what is meant by a gradient."""
    found = differential_in(chain.sides[0].tokens)
    if found is None or len(chain.sides) != 2:
        return False
    right = [token.text for token in chain.sides[1].tokens]
    gradient = [r"\nabla", "_", "{", *[token.text for token in found.by], "}", *[token.text for token in found.of]]
    bare = [text for text in gradient if text not in "{}"]
    inside = [text for text in right if text not in "{}"]
    return any(inside[k : k + len(bare)] == bare for k in range(len(inside))) and len(inside) <= len(bare) + 10


def differential_in(tokens: Sequence[Token]) -> Differential | None:
    """What a side such as ``[D_X f](H)`` or ``D_X f [H]`` names; None for any other."""
    called = len(tokens) > 5 and tokens[-1].is_sign(")", "]") and tokens[-3].is_sign("(", "[")
    if not called or not is_letter(tokens[-2]):
        return None
    inside = tokens[:-3]
    if inside[0].is_sign("[", "(") and inside[-1].is_sign("]", ")"):
        inside = inside[1:-1]
    elif tokens[-3].is_sign("("):  # D_u f(w) is a derivative along u
        return None
    if len(inside) < 4 or inside[0].text != "D" or not inside[1].is_sign("_"):
        return None
    end = end_of_group(inside, 2)
    by, of = inside[2:end], inside[end:]
    by = by[1:-1] if by[0].is_sign("{") else by
    named = bool(by) and bool(of) and is_letter(by[0]) and is_letter(of[0])
    return Differential(tuple(of), tuple(by), tokens[-2]) if named else None


def written(found: Differential, right: Side) -> tuple[Token, ...]:
    """The left side as a formula: of a number by its gradient, as f may depend on more than X."""
    at = (found.of[0].span[0], found.of[-1].span[1])

    def sign(text: str) -> Token:
        return Token("sign", text, at)

    if not any(token.text in _TRACES for token in right.tokens):
        return (Token("letter", "d", at), *found.of)
    gradient = (Token("command", r"\nabla", at), sign("_"), sign("{"), *found.by, sign("}"), *found.of)
    turned = (sign("("), *gradient, sign(")"), sign("^"), Token("letter", "T", at))
    return (Token("letter", "tr", at), sign("("), *turned, *differential(found, at), sign(")"))


def differential(found: Differential, at: tuple[int, int]) -> tuple[Token, ...]:
    return (Token("letter", "d", at), *(replace(token, span=at) for token in found.by))


def moved(tokens: Sequence[Token], found: Differential) -> tuple[Token, ...]:
    """A side with the dX for the H."""
    return tuple(
        part
        for token in tokens
        for part in (differential(found, token.span) if token.text == found.increment.text else (token,))
    )
