r"""Functions of functions under one name: ``(\log\cosh)'(t)`` and ``(f \circ g)(t)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_FUNCTIONS = frozenset(
    rf"\{name}" for name in ("log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sigma", "arctan", "cot")
)

#: So many tokens the functions between two brackets take at most.
_LONGEST = 12


def with_written_compositions(chains: Sequence[Chain]) -> list[Chain]:
    return [replace(chain, sides=tuple(replace(s, tokens=written_out(s)) for s in chain.sides)) for chain in chains]


def written_out(side: Side) -> tuple[Token, ...]:
    r"""The tokens with ``\frac{d}{dt} \log(\cosh(t))`` for ``(\log\cosh)'(t)``."""
    tokens, found, at = side.tokens, list[Token](), 0
    while at < len(tokens):
        composed = composition(tokens, at)
        found += composed[0] if composed else (tokens[at],)
        at = composed[1] if composed else at + 1
    return tuple(found)


def composition(tokens: Sequence[Token], at: int) -> tuple[list[Token], int] | None:
    """What one that begins there means, and where it ends."""
    if not tokens[at].is_sign("("):
        return None
    closing = next((k for k in range(at, min(at + _LONGEST, len(tokens))) if tokens[k].is_sign(")")), len(tokens))
    functions = functions_of(tokens[at + 1 : closing])
    behind = closing + 1
    primed = behind < len(tokens) and tokens[behind].text == "'"
    behind += primed
    if not functions or behind >= len(tokens) or not tokens[behind].is_sign("("):
        return None
    end = next((k for k in range(behind, len(tokens)) if tokens[k].is_sign(")")), len(tokens))
    argument = tokens[behind + 1 : end]
    if end == len(tokens) or any(token.is_sign("(") for token in argument) or (primed and len(argument) != 1):
        return None
    place = tokens[at].span
    called: list[Token] = []
    for function in functions:
        called += [function, Token("sign", "(", place)]
    called += [*argument, *(Token("sign", ")", tokens[end].span) for _ in functions)]
    if not primed:
        return called, end + 1
    return [*slope_by(argument[0], place), Token("sign", "(", place), *called, Token("sign", ")", place)], end + 1


def functions_of(inside: Sequence[Token]) -> list[Token]:
    r"""The f and g of ``f \circ g``, the log and the cosh of ``\log\cosh``; nothing where it is a product."""
    named = [token for token in inside if not token.is_command(r"\circ")]
    rings = len(inside) - len(named)
    ringed = rings == len(named) - 1 and all(token.is_command(r"\circ") for token in inside[1::2])
    whole = all(is_letter(token) or token.text in _FUNCTIONS for token in named)
    known = all(token.text in _FUNCTIONS for token in named)
    return named if len(named) > 1 and whole and (ringed or (known and not rings)) else []


def slope_by(letter: Token, place: tuple[int, int]) -> list[Token]:
    opening, closing, d = Token("sign", "{", place), Token("sign", "}", place), Token("letter", "d", place)
    return [Token("command", r"\frac", place), opening, d, closing, opening, d, letter, closing]
