"""Slips where one of several is picked: the greatest of a maximum, the row that a whole number names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from codegen.audit.backward import Mutant
from codegen.audit.mutant_words import AS_MEAN, REPEATED, TO_ALL
from symbolic.derivation.adjoint import AdjointDefinition
from symbolic.language.affine import Index, Subscript, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Compare,
    Entry,
    Expr,
    Extent,
    Fold,
    Mul,
    Position,
    Pow,
    Sum,
    Tensor,
    add,
    mul,
    number,
    power,
    total,
)
from symbolic.language.terms import fresh_index, substitute, transform, walk

#: So far behind are the slips of code that treats equal greatest values in another way.
TIES = 3000


def picking_slips(entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
    """A maximum that passes its E on to all inputs; ``W[idx] += …``, which adds the last of equal numbers alone."""
    formula = entry.definition.formula
    yield from mutant("path", TO_ALL.format(a=entry.of.name), transform(formula, _to_all), "to all")
    yield from mutant("path", AS_MEAN.format(a=entry.of.name), transform(formula, _as_mean), "as mean")
    if entry.of.role != "parameter":
        return
    for picked, data in {node: data for node in walk(formula) if (data := _row_named_by(node)) is not None}.items():
        running = [one.single for one in data.subscripts if one.single is not None]
        for own in (running, running[1:]):  # of the whole array at once, or of each sample in a loop
            if own and len(running) == len(data.subscripts):
                alone = substitute(formula, {picked: mul(picked, _is_last(data, running, own))})
                yield from mutant("path", REPEATED.format(a=entry.of.name, x=data.tensor.name), alone, "repeated")


def _to_all(node: Expr) -> Expr | None:
    """A product without what says which input is the greatest, and how many are."""
    if not isinstance(node, Mul):
        return None
    rest = [factor for factor in node.factors if not _is_greatest(factor)]
    return mul(*rest) if len(rest) < len(node.factors) else None


def _as_mean(node: Expr) -> Expr | None:
    """A product with 1/n for each of n inputs where the greatest alone has its share."""
    shares = _counted(node, lambda _, alike, index: power(Extent(index.extent), -1))
    return None if shares is None else _to_all(shares)


def _is_greatest(factor: Expr) -> bool:
    match factor:
        case Pow(Sum() as count, _):
            inner: Expr = count
            while isinstance(inner, Sum):
                inner = inner.body
            return _is_greatest(inner)
        case Compare(relation="==", left=left, right=right):
            return isinstance(left, Fold) or isinstance(right, Fold)
    return False


def with_other_ties(mutant: Mutant, right: Mapping[Tensor, Definition]) -> Iterator[Mutant]:
    """The same slip in code that counts the first of equal greatest values alone, or each of them in full.

    Ours gives each its share.  Where what is equal has no slope, [relu > 0], the ways are alike, until it is left out.
    """
    if not mutant.kind.startswith("slope") and mutant.kind != "error before":
        return
    slipped = {definition.target: definition for definition in mutant.definitions}
    for way in (_first_of_equals, _all_of_equals):
        every = {t: replace(d, formula=transform(d.formula, way)) for t, d in {**right, **slipped}.items()}
        other = [d for t, d in every.items() if t not in slipped and d != right[t]]
        if other:
            changed = (*(every[target] for target in slipped), *other)
            yield replace(mutant, definitions=changed, place=TIES + mutant.place, stem="")


def _first_of_equals(node: Expr) -> Expr | None:
    return _counted(node, lambda greatest, alike, index: _is_first(greatest, alike, index))


def _all_of_equals(node: Expr) -> Expr | None:
    return _counted(node, lambda *_: number(1))


def _counted(node: Expr, instead: Callable[[Compare, Compare, Index], Expr]) -> Expr | None:
    """A product with something else for each 1/(how many are greatest)."""
    if not isinstance(node, Mul):
        return None
    factors: list[Expr] = []
    for factor in node.factors:
        match factor:
            case Pow(Sum(Compare(relation="==") as alike, index), _) if _is_greatest(alike):
                greatest = next((f for f in node.factors if isinstance(f, Compare) and f.right == alike.right), None)
                factors.append(factor if greatest is None else instead(greatest, alike, index))
            case _:
                factors.append(factor)
    return mul(*factors) if factors != list(node.factors) else None


def _is_first(greatest: Compare, alike: Compare, index: Index) -> Expr:
    """1 where none that is as great comes before this one, else 0."""
    here, there = (next(n for n in walk(one.left) if isinstance(n, Entry)) for one in (greatest, alike))
    before = [
        Compare(">", _as_number(a), _as_number(b))
        for a, b in zip(here.subscripts, there.subscripts, strict=True)
        if index in b.keys
    ]
    return Compare("==", total(mul(alike, *before), index), number(0))


def _as_number(place: Subscript) -> Expr:
    sizes = [mul(number(c), Extent(size(name))) for name, c in place.sizes]
    return add(number(place.constant), *(mul(number(c), Position(index)) for index, c in place.terms), *sizes)


def _row_named_by(node: Expr) -> Entry | None:
    """x_it of [x_it = v]: a whole number of the data that names the row v."""
    match node:
        case Compare(relation="==", left=Entry() as data, right=Position()):
            return data
        case Compare(relation="==", left=Position(), right=Entry() as data):
            return data
    return None


def _is_last(data: Entry, running: list[Index], own: list[Index]) -> Expr:
    """1 where no later place of the array has the same number, else 0; ``own``: the indices of the array."""
    other: dict[Index, Index] = {}
    for index in own:
        other[index] = fresh_index(index, [index, *running, *other.values()])
    there = Entry(data.tensor, tuple(subscript(other.get(index, index)) for index in running))
    later: Expr = number(0)
    for index in reversed(own):
        here, behind = Position(index), Position(other[index])
        later = add(Compare(">", behind, here), mul(Compare("==", behind, here), later))
    count = mul(Compare("==", there, data), later)
    for index in other.values():
        count = total(count, index)
    return Compare("==", count, number(0))
