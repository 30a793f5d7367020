"""One letter, one meaning on a line: bound indices step aside, for the reader, from whatever else is called so.

The language does not mind ``E[j] Σ_j z[j]`` (a Σ binds its index); a reader does.  What is written decides, not what
an index is called inside: Bishop's notation writes i as n, and p as y.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, count

from symbolic.language.affine import Index, subscript
from symbolic.language.expr import Call, Entry, Expr, Extent, Hyper, InRange, Partial, Sum, Symbol
from symbolic.language.terms import (
    SPARE_NAMES,
    bound_again,
    bound_by,
    bound_indices,
    free_indices,
    reindex,
    subscripts_of,
    transform,
    walk,
)


@lru_cache(maxsize=10_000)
def letters_of(name: str) -> frozenset[str]:
    """The single letters that a name is written with: w and s of ``w_s``, z of ``z1``."""
    return frozenset(part for part in re.split(r"[_\d]+", name) if len(part) == 1)


@lru_cache(maxsize=2000)
def named_letters(expr: Expr) -> frozenset[str]:
    """The letters of every quantity, function, symbol and size in an expression."""
    return frozenset(letter for name in _names(expr) for letter in letters_of(name))


def _names(expr: Expr) -> Iterator[str]:
    for node in walk(expr):
        match node:
            case Entry(tensor, _):
                yield tensor.name
            case Symbol(name) | Hyper(name, _):
                yield name
            case Call(function, _) if len(function.name) == 1:  # a longer name holds its letters together
                yield function.name
            case Extent(extent) | InRange(_, extent):
                yield from extent.keys
            case Partial(_, Entry(tensor, _)):
                yield tensor.name
        yield from (key for index in bound_by(node) for key in index.extent.keys)
        yield from (key for sub in subscripts_of(node) for index in sub.keys for key in index.extent.keys)
        yield from (name for sub in subscripts_of(node) for name, _ in sub.sizes)


def separation(
    expr: Expr, reserved: Iterable[str], written: Mapping[str, str], outer: Iterable[Index] = ()
) -> dict[Index, Index]:
    """A new index for each bound one whose letter is also free on the line, or reserved.

    ``written``: letters that are written as others; ``outer``: indices that are free beside the expression.
    """
    bound = bound_indices(expr)
    if not bound:
        return {}

    def shown(name: str) -> str:
        return written.get(name, name)

    taken = {*reserved, *(shown(index.name) for index in (*free_indices(expr), *outer))}
    inside = _bound_inside_their_own_letter(expr)
    clashing = sorted(index for index in bound if index in inside or shown(index.name) in taken)
    used = taken | {shown(index.name) for index in bound}
    renamed: dict[Index, Index] = {}
    for index in clashing:
        numbered = (f"{index.name}{n}" for n in count(1))
        name = next(name for name in chain(SPARE_NAMES, numbered) if shown(name) not in used)
        used.add(shown(name))
        renamed[index] = index.renamed(name)
    return renamed


def _bound_inside_their_own_letter(expr: Expr) -> set[Index]:
    """Indices of a Σ that stands under a Σ over another range with the same letter."""
    around = [(own, child) for node in walk(expr) for own in bound_by(node) for child in node.children]
    return {index for own, child in around for index in bound_indices(child) if index.name == own.name and index != own}


def unnested(expr: Expr, scope: frozenset[Index] = frozenset(), taken: frozenset[str] = frozenset()) -> Expr:
    """No Σ runs over an index that a Σ around it runs over: Σ_s (z_s - Σ_s z_s) becomes Σ_s (z_s - Σ_t z_t).

    ``scope`` are the indices that are bound around the expression, ``taken`` the letters that are not free to use.
    """
    if not scope:
        if not any(isinstance(node, Sum) and node.index in bound_indices(node.body) for node in walk(expr)):
            return expr
        taken |= {index.name for index in bound_indices(expr) | free_indices(expr)}
    if isinstance(expr, Sum):
        index, body = expr.index, expr.body
        if index in scope:
            numbered = (f"{index.name}{n}" for n in count(1))
            name = next(name for name in chain(SPARE_NAMES, numbered) if name not in taken)
            index = index.renamed(name)
            body = reindex(body, {expr.index: subscript(index)})
            taken |= {name}
        return Sum(unnested(body, scope | {index}, taken), index)
    children = tuple(unnested(child, scope, taken) if scope or _has_sum(child) else child for child in expr.children)
    return expr if children == expr.children else expr.rebuild(children)


def _has_sum(expr: Expr) -> bool:
    return any(isinstance(node, Sum) for node in walk(expr))


def rebound(expr: Expr, renamed: Mapping[Index, Index]) -> Expr:
    """The same value with other letters under its Σs; the new ones must occur nowhere in it."""
    if not renamed:
        return expr

    def change(node: Expr) -> Expr | None:
        bound = bound_by(node)
        if renamed.keys().isdisjoint(bound):
            return None
        fresh = tuple(renamed.get(index, index) for index in bound)
        moved = (reindex(body, dict(zip(bound, map(subscript, fresh), strict=True))) for body in node.children)
        return bound_again(node, rebound(next(moved), renamed), fresh)

    return transform(expr, change)
