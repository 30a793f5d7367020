"""Working with formulas: what occurs in one, which indices are free, putting one thing in the place of another.

Indices are the delicate part.  A Σ binds its index; whatever is put under it must not be caught by that, so
``reindex`` lets the bound index step aside, and ``apart`` keeps letters different for the reader's sake too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, count
from operator import is_
from typing import TypeVar

from symbolic.fuel import spend
from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.language.expr import (
    ONE,
    ZERO,
    Delta,
    Determinant,
    Entry,
    Expr,
    Extent,
    Fold,
    InRange,
    Inverse,
    Letter,
    Partial,
    Position,
    StepProduct,
    Sum,
    Tensor,
    add,
    mul,
    number,
    total,
)

Node = TypeVar("Node", bound=Expr)
#: The kinds of nodes that bind indices.
BINDERS: tuple[type[Expr], ...] = (Sum, Fold, Inverse, Determinant, StepProduct)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything inside it, outermost first; without recursion, so deep ones cost no more."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        spend()
        yield node
        waiting.extend(reversed(node.children))


@lru_cache(maxsize=100_000)
def nodes(expr: Expr) -> int:
    """How many nodes an expression has."""
    return 1 + sum(map(nodes, expr.children))


def nodes_of(expr: Expr, kind: type[Node]) -> Iterator[Node]:
    """All nodes of one kind, outermost first; what holds none of them is passed by."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            yield node
        waiting.extend(child for child in reversed(node.children) if kind in child.kinds)


def transform(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Replace from the top down: where ``change`` gives an expression it is taken as it is."""
    spend()
    changed = change(expr)
    if changed is not None:
        return changed
    children = expr.children
    fresh = tuple(transform(child, change) for child in children)
    return expr if all(a is b for a, b in zip(children, fresh, strict=True)) else expr.rebuild(fresh)


def subscripts_of(expr: Expr) -> tuple[Subscript, ...]:
    """The subscripts that this very node carries."""
    match expr:
        case Entry(_, subscripts):
            return subscripts
        case Delta(left, right):
            return (left, right)
        case InRange(sub, _):
            return (sub,)
        case Inverse(_, _, _, at):
            return at
        case StepProduct():
            return expr.placed
        case Letter(index) | Position(index):
            return (subscript(index),)
        case Partial(_, Entry(_, subscripts)):
            return subscripts
    return ()


@lru_cache(maxsize=100_000)
def free_indices(expr: Expr) -> frozenset[Index]:
    """The indices that are not bound by a Σ inside."""
    found = {index for child in expr.children for index in free_indices(child)}.difference(bound_by(expr))
    return frozenset(found.union(*(sub.keys for sub in subscripts_of(expr))))


def bound_by(expr: Expr) -> tuple[Index, ...]:
    """The indices that this very node binds in what is below it."""
    match expr:
        case Sum(_, index) | Fold(_, _, index):
            return (index,)
        case Inverse(_, row, column) | Determinant(_, row, column):
            return (row, column)
        case StepProduct():
            return expr.bound
    return ()


def nested(expr: Expr) -> tuple[tuple[Index, ...], Expr]:
    """The indices of Σs that stand directly inside each other, and what is summed."""
    if isinstance(expr, Sum):
        inner, body = nested(expr.body)
        return (expr.index, *inner), body
    return (), expr


@lru_cache(maxsize=100_000)
def bound_indices(expr: Expr) -> frozenset[Index]:
    """The indices that a Σ inside binds, or another node that runs over its indices."""
    return frozenset(index for kind in BINDERS for node in nodes_of(expr, kind) for index in bound_by(node))


@lru_cache(maxsize=100_000)
def tensors(expr: Expr) -> tuple[Tensor, ...]:
    """The tensors that occur, in order of first occurrence."""
    if isinstance(expr, Entry):
        return (expr.tensor,)
    return tuple(dict.fromkeys(tensor for child in expr.children for tensor in tensors(child)))


def entries(expr: Expr, tensor: Tensor) -> tuple[Entry, ...]:
    """The different entries of one tensor that occur."""
    return _entries(expr).get(tensor, ())


@lru_cache(maxsize=1000)
def _entries(expr: Expr) -> dict[Tensor, tuple[Entry, ...]]:
    """The different entries of every tensor: one walk answers for all of them, where a formula has many."""
    found: dict[Tensor, dict[Entry, None]] = {}
    for node in nodes_of(expr, Entry):
        found.setdefault(node.tensor, {})[node] = None
    return {tensor: tuple(each) for tensor, each in found.items()}


def substitute(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """Put values in the place of symbols, entries or whole sub-expressions (compared as they stand)."""
    return _substituted(expr, values, frozenset(type(old) for old in values))


def _substituted(expr: Expr, values: Mapping[Expr, Expr], kinds: frozenset[type[Expr]]) -> Expr:
    """The same, knowing the kinds of what is replaced: where there is none of them nothing changes."""
    if kinds.isdisjoint(expr.kinds):
        return expr
    spend()
    found = values.get(expr)
    if found is not None:
        return found
    children = expr.children
    fresh = tuple([_substituted(child, values, kinds) for child in children])
    if all(map(is_, children, fresh)):
        return expr
    spend(len(fresh))
    return expr.rebuild(fresh)


def retensor(expr: Expr, names: Mapping[Tensor, Tensor], known: dict[Expr, Expr] | None = None) -> Expr:
    """The same formula of other tensors of the same shapes; ``known``: parts that were written so before."""
    known = {} if known is None else known
    found = known.get(expr)
    if found is None:
        found = known[expr] = _retensored(expr, names, known)
    return found


def _retensored(expr: Expr, names: Mapping[Tensor, Tensor], known: dict[Expr, Expr]) -> Expr:
    if isinstance(expr, Entry):
        return Entry(names.get(expr.tensor, expr.tensor), expr.subscripts)
    children = expr.children
    fresh = tuple([retensor(child, names, known) for child in children])
    if isinstance(expr, Partial) and isinstance(expr.by, Entry):
        by = Entry(names.get(expr.by.tensor, expr.by.tensor), expr.by.subscripts)
        return Partial(fresh[0], by, expr.direct)
    return expr if fresh == children else expr.rebuild(fresh)


#: What an unnamed axis index is called, in the order of preference.
SPARE_NAMES = ("s", "t", "r", "m", "l", "n", "q", "c", "g", "v")


def fresh_index(index: Index, taken: Iterable[Index], preferred: Iterable[str] = SPARE_NAMES) -> Index:
    """An index over the same range whose name is not taken."""
    names = {other.name for other in taken}
    numbered = (f"{index.name}{n}" for n in count(1))
    return index.renamed(next(name for name in chain((index.name, *preferred), numbered) if name not in names))


def reindex(expr: Expr, values: Mapping[Index, Subscript]) -> Expr:
    """Put subscripts in the place of free indices; bound indices step aside where they would capture."""
    values = {index: value for index, value in values.items() if value.single != index}
    if not values or not (free_indices(expr) & values.keys()):
        return expr
    match expr:
        case Entry(tensor, subscripts):
            return Entry(tensor, tuple(s.replace(values) for s in subscripts))
        case Delta(left, right):
            return delta(left.replace(values), right.replace(values))
        case InRange(sub, extent):
            return in_range(sub.replace(values), extent)
        case Letter(index):
            single = values[index].single
            return expr if single is None else Letter(single)
        case Position(index):
            return as_number(values[index]) if index in values else expr
        case Sum(body) | Fold(_, body) | Inverse(body) | Determinant(body) | StepProduct(body):
            bound = bound_by(expr)
            inner = {old: value for old, value in values.items() if old not in bound}
            arriving = {i for old in free_indices(body) & inner.keys() for i in inner[old].keys}
            names = {i.name for i in arriving}
            kept: list[Index] = []
            for index in bound:
                fresh = index
                if index.name in names:
                    fresh = fresh_index(index, {*bound, *kept, *arriving, *free_indices(body)})
                    inner[index] = subscript(fresh)
                kept.append(fresh)
            return bound_again(_placed(expr, values), reindex(body, inner), tuple(kept))
        case Partial(of, Entry(tensor, subscripts), direct):
            by = Entry(tensor, tuple(s.replace(values) for s in subscripts))
            return Partial(reindex(of, values), by, direct)
    return expr.rebuild(tuple(reindex(child, values) for child in expr.children))


def _placed(expr: Expr, values: Mapping[Index, Subscript]) -> Expr:
    """An inverse or a product read at another place; what binds indices has no place of its own else."""
    if isinstance(expr, StepProduct):
        return expr.read_at(tuple(sub.replace(values) for sub in expr.placed))
    if not isinstance(expr, Inverse):
        return expr
    row, column = (sub.replace(values) for sub in expr.at)
    return Inverse(expr.body, expr.row, expr.column, (row, column))


def bound_again(binder: Expr, body: Expr, bound: tuple[Index, ...]) -> Expr:
    """The same Σ, maximum, product, inverse or determinant of another body over other indices."""
    match binder:
        case Fold(kind):
            return Fold(kind, body, bound[0])
        case Inverse(_, _, _, at):
            return Inverse(body, bound[0], bound[1], at)
        case Determinant():
            return Determinant(body, bound[0], bound[1])
        case StepProduct():
            return binder.over(body, bound)
    return total(body, *bound)


def as_number(sub: Subscript) -> Expr:
    """The value of a subscript as a number in a formula: t + 1, T - 1 - t."""
    parts: list[Expr] = [mul(number(c), Position(index)) for index, c in sub.terms]
    return add(*parts, extent_number(sub.offset))


def extent_number(extent: Size) -> Expr:
    """A size as a number in a formula."""
    return number(extent.constant) if extent.number is not None else Extent(extent)


def apart(expr: Expr, taken: Iterable[Index]) -> Expr:
    """The same value, no bound index called like a taken one: so one letter means one thing on a line."""
    taken = tuple(taken)
    names = {index.name for index in taken}
    if not any(index.name in names for index in bound_indices(expr)):
        return expr

    def renamed(node: Expr) -> Expr | None:
        bound = bound_by(node)
        if not any(index.name in names for index in bound):
            return None
        (body,) = node.children
        fresh: list[Index] = []
        for index in bound:
            others = (*taken, *bound, *fresh, *free_indices(body), *bound_indices(body))
            fresh.append(fresh_index(index, others) if index.name in names else index)
        moved = reindex(body, dict(zip(bound, map(subscript, fresh), strict=True)))
        return bound_again(node, apart(moved, taken), tuple(fresh))

    return transform(expr, renamed)


def places(formula: Expr, tensor: Tensor, outer: Iterable[Index]) -> tuple[tuple[Subscript, ...], ...]:
    """The different subscripts that a tensor stands with in a formula whose free indices are ``outer``.

    A letter of ``outer`` in one of them is that free index.  In a[k] Σ_k a[k] x[k] the second k is the Σ's own, so
    it comes under another name.
    """
    return tuple(entry.subscripts for entry in entries(apart(formula, outer), tensor))


def delta(left: Subscript, right: Subscript) -> Expr:
    """δ of two subscripts; 1 or 0 when that is already decided."""
    difference = (left - right).number
    return Delta(left, right) if difference is None else ONE if difference == 0 else ZERO


def in_range(sub: Subscript, extent: Size) -> Expr:
    """[0 ≤ sub < extent]; 1 when the ranges of the indices in it already say so."""
    return ONE if certainly_in_range(sub, extent) else InRange(sub, extent)


def certainly_in_range(sub: Subscript, extent: Size) -> bool:
    """Whether 0 ≤ sub < extent for all values of its indices, for any sizes of at least 1."""
    low, high = ends(sub)
    return _never_negative(low) and _never_negative(extent - 1 - high)


def ends(sub: Subscript) -> tuple[Size, Size]:
    """The least and the greatest value of a subscript over the ranges of its indices."""
    low = high = sub.offset
    for index, c in sub.terms:
        last = (index.extent - 1) * c
        low, high = (low + last, high) if c < 0 else (low, high + last)
    return low, high


def at_least_zero(sub: Subscript) -> Expr:
    """[sub ≥ 0] as a bracket whose upper bound always holds; 1 or 0 where the ranges decide it.

    >>> from symbolic.language.affine import size
    >>> t, s = Index("t", size("T")), Index("s", size("T"))
    >>> print(at_least_zero(subscript(t) - subscript(s)))
    [0 <= t - s < T]
    """
    low, high = ends(sub)
    if _never_negative(-high - 1):
        return ZERO
    return ONE if _never_negative(low) else InRange(sub, high + 1)


def certainly_below(value: Size, bound: Size) -> bool:
    """Whether value < bound, for any sizes of at least 1."""
    return _never_negative(bound - 1 - value)


def _never_negative(size: Size) -> bool:
    """Whether it is ≥ 0 whenever every named size is at least 1 (sufficient, not necessary)."""
    return all(c >= 0 for _, c in size.terms) and size.constant + sum(c for _, c in size.terms) >= 0
