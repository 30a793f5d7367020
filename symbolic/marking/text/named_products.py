r"""Gradients by a product that has no name, ``\nabla_{XW} L`` of ``L = \|\sigma(XW) - Y\|^2``: it is given one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side, chain_tokens
from symbolic.marking.text.tokens import Token


def with_named_products(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with a name for each product of two matrices by which something is differentiated.

    Of small letters, which are numbers, ∇_{xy} f is a second derivative.
    """
    found = list(chains)
    for pair in dict.fromkeys(pair for chain in chains for pair in differentiated_by(chain_tokens(chain))):
        found = with_named_product(found, pair)
    return found


def with_named_product(chains: list[Chain], pair: tuple[str, str]) -> list[Chain]:
    for place, chain in enumerate(chains):
        for side in chain.sides[1:]:
            at = product_in(side.tokens, pair)
            if at is not None:
                factors = side.tokens[at : at + 2]
                name = Token("letter", "".join(pair), (factors[0].span[0], factors[1].span[1]))
                said = Chain((Side((name,), name.span), Side(factors, name.span)), aside=True)
                renamed = [with_name(one, pair) for one in chains]
                return [*renamed[:place], said, *renamed[place:]]
    return chains


def differentiated_by(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """The two letters of each ``\\nabla_{XW}``."""
    for k in range(len(tokens) - 5):
        nabla, below, opening, one, other, closing = tokens[k : k + 6]
        signs = below.is_sign("_") and opening.is_sign("{") and closing.is_sign("}")
        if nabla.text == r"\nabla" and signs and is_matrix(one) and is_matrix(other) and one.text != other.text:
            yield one.text, other.text


def is_matrix(token: Token) -> bool:
    return token.kind == "letter" and token.text.isupper()


def product_in(tokens: Sequence[Token], pair: tuple[str, str]) -> int | None:
    """Where the two letters stand side by side, on the line and as a whole."""
    for k in range(len(tokens) - 1):
        raised = k + 2 < len(tokens) and tokens[k + 2].is_sign("^", "_")
        below = k > 1 and tokens[k - 1].is_sign("{") and tokens[k - 2].is_sign("_", "^")
        if (tokens[k].text, tokens[k + 1].text) == pair and not raised and not below:
            return k
    return None


def with_name(chain: Chain, pair: tuple[str, str]) -> Chain:
    """A chain with the one name wherever the two letters stand."""
    return replace(chain, sides=tuple(replace(side, tokens=tuple(joined(side.tokens, pair))) for side in chain.sides))


def joined(tokens: Sequence[Token], pair: tuple[str, str]) -> Iterator[Token]:
    k = 0
    while k < len(tokens):
        raised = k + 2 < len(tokens) and tokens[k + 2].is_sign("^", "_")
        if k + 1 < len(tokens) and (tokens[k].text, tokens[k + 1].text) == pair and not raised:
            yield Token("letter", "".join(pair), (tokens[k].span[0], tokens[k + 1].span[1]))
            k += 2
        else:
            yield tokens[k]
            k += 1
