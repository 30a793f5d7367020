"""Chains of sides with an = between them, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import RELATIONS
from symbolic.marking.text.tokens import Token


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an '=': its tokens and its place; ``problem`` when it cannot even be cut out."""

    tokens: tuple[Token, ...]
    span: Span
    problem: NotUnderstood | None = None
    #: Written up to a constant, ``… + const``, which is left out of the tokens.
    up_to_constant: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """``≥ 0`` behind a chain: the sign, and the side that stands after it."""

    sign: Token
    side: Side

    @property
    def span(self) -> Span:
        return self.sign.span[0], self.side.span[1]


@dataclass(frozen=True, slots=True)
class Chain:
    """``sides[0] = sides[1] = …``; a chain of one side states nothing."""

    sides: tuple[Side, ...]
    #: What its last side is compared with: ``… ≥ 0``.
    bounds: tuple[Bound, ...] = ()
    #: Written in running text, between single dollars.
    inline: bool = False
    #: What stands beside it: ``, k ≠ l``; the whole claim is made under these conditions.
    conditions: tuple[tuple[Token, ...], ...] = ()
    #: What the text just before a display says ("for $k ≠ l$:"), which may be meant as its condition.
    hints: tuple[tuple[Token, ...], ...] = ()
    #: ``k = l`` beside another chain or in the text: a condition if both are indices, else a claim.
    beside: bool = False
    #: What a brace below a formula calls it: a definition where the name is not declared.
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A piece of mathematics that claims nothing that could be marked."""

    kind: str
    span: Span


#: Signs of order: of numbers, and of symmetric matrices.
BOUNDS = frozenset({sign for sign, meant in RELATIONS.items() if meant in ("<", ">", "<=", ">=")}) | {
    r"\succeq", r"\succ", r"\preceq", r"\prec", r"\succcurlyeq", r"\preccurlyeq",
}  # fmt: skip


def chain_tokens(chain: Chain) -> tuple[Token, ...]:
    """All tokens of a chain, with its '=' and other signs."""
    tokens: list[Token] = []
    for side in chain.sides:
        if tokens:
            tokens.append(Token("sign", "=", (tokens[-1].span[1], tokens[-1].span[1] + 1)))
        tokens.extend(side.tokens)
    for bound in chain.bounds:
        tokens.extend((bound.sign, *bound.side.tokens))
    return tuple(tokens)


def lists_own_entries(chain: Chain) -> bool:
    """``y_i = (y_{i1}, …, y_{iK})``: what its entries are called, and no more."""
    if len(chain.sides) != 2 or not chain.sides[0].tokens or chain.sides[1].problem is not None:
        return False
    name, right = chain.sides[0].tokens[0].text, [token.text for token in chain.sides[1].tokens]
    begins = [behind for before, behind in pairwise(right) if before in ("(", "[", ",")]
    entries = [text for text in begins if text not in (r"\dots", r"\ldots", r"\cdots")]
    return len(entries) > 1 and len(begins) > len(entries) and right[0] in ("(", "[") and {*entries} == {name}


def lists_itself(chain: Chain) -> bool:
    """``a = (a(x_1), …, a(x_N))^T``: what a stands for as a column, in words of its own values."""
    if len(chain.sides) != 2 or len(chain.sides[0].tokens) != 1:
        return False
    name, right = chain.sides[0].tokens[0].text, [token.text for token in chain.sides[1].tokens]
    dotted = any(text in (r"\dots", r"\ldots", r"\cdots") for text in right)
    applied = any(pair == (name, "(") for pair in pairwise(right))
    return dotted and applied and right[:1] in (["("], ["["])
