"""What stands between two factors: · * / and the bar with a place below it, ``|_{u = a}``."""

from __future__ import annotations

from collections.abc import Mapping

from symbolic.marking.grammar.cursor import Cursor, Join
from symbolic.marking.grammar.known_words import PRODUCT_SIGNS
from symbolic.marking.grammar.levels import expression, factor, inner, multiplied, product
from symbolic.marking.grammar.tree import At, Frac, Hadamard, Inner, Neg, Node
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.token_kinds import split
from symbolic.words import Text


def times(cursor: Cursor, factors: tuple[Node, ...], start: int) -> tuple[Node, ...]:
    """``a · b``, ``a · -b``."""
    cursor.take()
    negative = cursor.takes("-")
    node = factor(cursor)
    return (*factors, Neg(node, span=node.span) if negative else node)


def dot(cursor: Cursor, factors: tuple[Node, ...], start: int) -> tuple[Node, ...]:
    r"""``u \cdot v``: a product, or the inner product."""
    if not cursor.choose("dot"):
        return times(cursor, factors, start)
    cursor.take()
    return (*factors[:-1], Inner(factors[-1], factor(cursor), True, span=cursor.spanning(start)))


def star(cursor: Cursor, factors: tuple[Node, ...], start: int) -> tuple[Node, ...]:
    """``u * v``: a product, or the product entry by entry of all that stands before and after."""
    if not cursor.choose("star"):
        return times(cursor, factors, start)
    cursor.take()
    left = multiplied(cursor, factors, start)
    return (Hadamard((left, product(cursor)), span=cursor.spanning(start)),)


def divided(cursor: Cursor, factors: tuple[Node, ...], start: int) -> tuple[Node, ...]:
    cursor.take()
    return (*factors[:-1], Frac(factors[-1], factor(cursor), span=cursor.spanning(start)))


def placed(cursor: Cursor, factors: tuple[Node, ...], start: int) -> tuple[Node, ...] | None:
    """A bar with a place below it belongs to the last factor, or to all of them."""
    if cursor.held or not at_bar(cursor):
        return None
    if len(factors) > 1 and cursor.choose("bar"):
        return (evaluated(cursor, multiplied(cursor, factors, start), start),)
    return (*factors[:-1], evaluated(cursor, factors[-1], start))


def held_until_bar(cursor: Cursor) -> Node:
    r"""``\left. … \right|_{u = a}``."""
    start = cursor.at
    cursor.take()
    with cursor.among(bars=1, held=True):
        body = expression(cursor)
    return evaluated(cursor, body, start) if at_bar(cursor) else body


def at_bar(cursor: Cursor) -> bool:
    """A bar with a place below it, ``|_{u = a}``: not the one that closes an absolute value."""
    if not cursor.sees(*BARS) or (after := cursor.peek()) is None or not after.is_sign("_"):
        return False
    here = cursor.at
    cursor.at += 2
    below = cursor.group() if cursor.token is not None else []
    cursor.at = here
    return any(t.is_sign("=") or t.is_sign("_") for t in below)


def evaluated(cursor: Cursor, body: Node, start: int) -> Node:
    """The body at ``|_{u = a, v = b}`` or at ``|_{p_i}``."""
    cursor.at += 2
    span = cursor.spanning(start)
    variables: list[Node | None] = []
    values: list[Node] = []
    for piece in split(cursor.group(), ",", ";"):
        left, *right = split(piece, "=")
        if len(right) > 1:
            raise NotUnderstood(
                Text("a bar with more than one '=' below it", "черта, под которой больше одного знака '='"), span
            )
        variables.append(inner(cursor, left, span) if right else None)
        values.append(inner(cursor, right[0] if right else left, span))
    return At(body, tuple(variables), tuple(values), span=cursor.spanning(start))


BARS = ("|", r"\rvert")
JOINS: Mapping[str, Join] = {
    **dict.fromkeys(PRODUCT_SIGNS, times),
    **dict.fromkeys(BARS, placed),
    r"\cdot": dot, "*": star, r"\ast": star, "/": divided, r"\div": divided,
}  # fmt: skip
