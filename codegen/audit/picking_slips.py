"""Slips where one of several is picked: the greatest of a maximum, the row that a whole number names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codegen.audit.backward import Mutant
from codegen.audit.mutant_words import REPEATED, TO_ALL
from symbolic.derivation.adjoint import AdjointDefinition
from symbolic.language.affine import Index, subscript
from symbolic.language.expr import Compare, Entry, Expr, Fold, Mul, Position, Pow, Sum, add, mul, number, total
from symbolic.language.terms import fresh_index, substitute, transform, walk


def picking_slips(entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]) -> Iterator[Mutant]:
    """A maximum that passes its E on to all inputs; ``W[idx] += …``, which adds the last of equal numbers alone."""
    formula = entry.definition.formula
    yield from mutant("path", TO_ALL.format(a=entry.of.name), transform(formula, _to_all), "to all")
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
