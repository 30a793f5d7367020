"""Arrays whose axes carry the name of an index, so that a formula in index notation needs no shapes.

Labels do the bookkeeping: broadcasting aligns equal labels, and *gathering* puts subscripts (any affine
combination of indices: ``x[i, t + u]``, ``w[j, j]``, ``w[0]``) in the place of labels.
:class:`LabelledArithmetic` lifts an ``Arithmetic`` from arrays to labelled arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import zip_longest
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from symbolic.evidence.arithmetic import Arithmetic, Array, Mask
from symbolic.fuel import spend
from symbolic.language.affine import Affine, Index, Subscript, size

#: Labels the leading axis of all values where several points are evaluated at once.
POINT = Index("#point", size("#points"))


class Labelled(NamedTuple):
    """An array and the index of each of its axes, all different, in any order."""

    array: Array
    indices: tuple[Index, ...] = ()

    def ordered(self, indices: tuple[Index, ...]) -> Array:
        """The array with its axes in this order; a label it does not have becomes an axis of length 1."""
        return self.array if indices == self.indices else _move(self.indices, indices).of(self.array)


class Move(NamedTuple):
    """How the axes of an array come into another order; None for what there is nothing of."""

    axes: tuple[int, ...] | None
    #: What the array is indexed with for axes of length 1.
    inserted: tuple[slice | None, ...] | None

    def of(self, array: Array) -> Array:
        moved = array if self.axes is None else array.transpose(self.axes)
        return moved if self.inserted is None else moved[self.inserted]


# The few labels of a question meet each other again and again, so what to do about them is found out once.
@lru_cache(maxsize=10_000)
def _move(have: tuple[Index, ...], wanted: tuple[Index, ...]) -> Move:
    axes = tuple(have.index(index) for index in wanted if index in have)
    inserted = tuple(slice(None) if index in have else None for index in wanted)
    return Move(None if axes == (*range(len(have)),) else axes, inserted if None in inserted else None)


@lru_cache(maxsize=10_000)
def _alignment(a: tuple[Index, ...], b: tuple[Index, ...]) -> tuple[tuple[Index, ...], Move, Move]:
    """The labels of two arrays together, and how each comes to have them all."""
    indices = a + tuple(index for index in b if index not in a)
    return indices, _move(a, indices), _move(b, indices)


def align(a: Labelled, b: Labelled) -> tuple[Array, Array, tuple[Index, ...]]:
    """The two arrays with axes that broadcast against each other, and the labels of the result."""
    left, right, indices = _aligned(a, b)
    room(entries_of(left, right))
    return left, right, indices


#: What an operation on arrays counts for however small they are, and how many numbers count as one step.
STEPS, NUMBERS = 8, 50
#: An array of so many numbers costs twice its time: an evaluation keeps what it has worked out, so room is short too.
LARGE = 1_000_000


def room(entries: int) -> None:
    """Count an operation on arrays by the entries of its result, before there is room made for it."""
    spend(STEPS + entries // NUMBERS * (1 + entries // LARGE))


def entries_of(left: Array, right: Array) -> int:
    """How many entries two arrays have that are broadcast against each other."""
    if left.shape == right.shape or not right.shape:
        return left.size
    if not left.shape:
        return right.size
    entries = 1
    for one, other in zip_longest(reversed(left.shape), reversed(right.shape), fillvalue=1):
        entries *= max(one, other)
    return entries


def _aligned(a: Labelled, b: Labelled) -> tuple[Array, Array, tuple[Index, ...]]:
    if a.indices == b.indices or not b.indices:
        return a.array, b.array, a.indices
    if not a.indices:
        return a.array, b.array, b.indices
    indices, left, right = _alignment(a.indices, b.indices)
    return left.of(a.array), right.of(b.array), indices


def reach(sub: Subscript, sizes: Mapping[str, int]) -> tuple[int, int]:
    """The first and the last place that the subscript reads."""
    first = last = sub.offset.value(sizes)
    for index, coefficient in sub.terms:
        end = (index.extent.value(sizes) - 1) * coefficient
        first, last = first + min(end, 0), last + max(end, 0)
    return first, last


def grid(sub: Subscript, indices: tuple[Index, ...], sizes: Mapping[str, int]) -> NDArray[np.int64]:
    """The value of a subscript for all values of the indices, to broadcast over axes in that order."""
    values = np.full((1,) * len(indices), sub.offset.value(sizes), np.int64)
    for index, coefficient in sub.terms:
        shape = [1] * len(indices)
        shape[indices.index(index)] = -1
        values = values + coefficient * np.arange(index.extent.value(sizes)).reshape(shape)
    return values


def gather(
    of: Labelled, at: Mapping[Index, Subscript], sizes: Mapping[str, int], outside: Array, arithmetic: Arithmetic
) -> Labelled:
    """Read at other subscripts: each label that ``at`` names gives way to the indices of its subscript.

    What lies outside the array reads as ``outside``.
    """
    subs = tuple(at.get(index) for index in of.indices)
    indices, renamed = _read_labels(of.indices, subs)
    if renamed:
        return Labelled(of.array, indices)
    room(prod(index.extent.value(sizes) for index in indices))
    places: list[NDArray[np.int64]] = []
    bad: Mask | None = None
    for axis, (index, sub) in enumerate(zip(of.indices, subs, strict=True)):
        length = of.array.shape[axis]
        place = grid(Affine.of(index) if sub is None else sub, indices, sizes)
        if sub is not None and not _inside(sub, length, sizes):
            beyond = (place < 0) | (place >= length)
            bad = beyond if bad is None else bad | beyond
            place = np.minimum(np.maximum(place, 0), length - 1)
        places.append(place)
    taken = arithmetic.taken(of.array, tuple(places))
    return Labelled(taken if bad is None else arithmetic.select(bad, outside, taken), indices)


def _inside(sub: Subscript, length: int, sizes: Mapping[str, int]) -> bool:
    first, last = reach(sub, sizes)
    return first >= 0 and last < length


@lru_cache(maxsize=10_000)
def _read_labels(have: tuple[Index, ...], subs: tuple[Subscript | None, ...]) -> tuple[tuple[Index, ...], bool]:
    """The labels of what is read at these subscripts (None: as it is), and whether nothing but labels changes."""
    singles = [index if sub is None else sub.single for index, sub in zip(have, subs, strict=True)]
    named = tuple(index for index in singles if index is not None)
    lengths = (one is not None and one.extent == index.extent for one, index in zip(singles, have, strict=True))
    if len({*named}) == len(have) and all(lengths):
        return named, True
    kept = [index for index, sub in zip(have, subs, strict=True) if sub is None]
    return tuple(dict.fromkeys([*kept, *(key for sub in subs if sub is not None for key in sub.keys)])), False


class LabelledArithmetic:
    """Numbers with labels.

    ``kinks`` and ``lost`` tell, after the fact, at which points (a mask over ``POINT``, or a single bool)
    a comparison was at its tie, or the arithmetic could not stand for a root.
    """

    def __init__(self, arithmetic: Arithmetic, sizes: Mapping[str, int]) -> None:
        self.arithmetic, self.sizes = arithmetic, sizes
        self.kinks: Mask = np.array(False)
        self.lost: Mask = np.array(False)
        self.zero, self.one, self.minus_one = (self.rational(Fraction(n)) for n in (0, 1, -1))
        self.undefined = Labelled(arithmetic.undefined_value)

    def rational(self, value: Fraction) -> Labelled:
        return Labelled(self.arithmetic.rational(value))

    def position(self, index: Index) -> Labelled:
        """The index as a number, counted from 0."""
        places = np.arange(index.extent.value(self.sizes), dtype=np.float64)
        return Labelled(self.arithmetic.convert(places), (index,))

    def indicator(self, mask: Mask, indices: tuple[Index, ...]) -> Labelled:
        """1 where the mask is true, 0 elsewhere."""
        return Labelled(self.arithmetic.indicator(mask), indices)

    def plus(self, a: Labelled, b: Labelled) -> Labelled:
        left, right, indices = align(a, b)
        return Labelled(self.arithmetic.add(left, right), indices)

    def times(self, a: Labelled, b: Labelled) -> Labelled:
        left, right, indices = align(a, b)
        return Labelled(self.arithmetic.multiply(left, right), indices)

    def raised(self, base: Labelled, exponent: Fraction) -> Labelled:
        room(base.array.size)
        lost = self.arithmetic.exactness_lost(base.array, exponent)
        if lost is not None:
            self.lost = self.lost | by_point(lost, base.indices)
        return Labelled(self.arithmetic.power(base.array, exponent), base.indices)

    def total(self, part: Labelled, index: Index) -> Labelled:
        """Σ over the index; what does not depend on it counts as often as the index has values."""
        if index not in part.indices:
            return self.times(self.rational(Fraction(index.extent.value(self.sizes))), part)
        axis = part.indices.index(index)
        rest = part.indices[:axis] + part.indices[axis + 1 :]
        room(part.array.size)
        return Labelled(self.arithmetic.total(part.array, axis), rest)

    def greatest(self, part: Labelled, index: Index) -> Labelled:
        """The maximum over the index; undefined where one of the entries is."""
        if index not in part.indices:
            return part
        axis = part.indices.index(index)
        rest = part.indices[:axis] + part.indices[axis + 1 :]
        entries = [Labelled(entry, rest) for entry in np.moveaxis(part.array, axis, 0)]
        found = entries[0]
        for entry in entries[1:]:
            found = self.select(Labelled(self.arithmetic.compare(entry.array, found.array)[0], rest), entry, found)
        return self.silenced(found, *entries)

    def select(self, mask: Labelled, then: Labelled, otherwise: Labelled) -> Labelled:
        indices = tuple(dict.fromkeys((*mask.indices, *then.indices, *otherwise.indices)))
        arrays = [part.ordered(indices) for part in (mask, then, otherwise)]
        room(prod(map(max, *(array.shape for array in arrays))) if indices else 1)
        return Labelled(self.arithmetic.select(arrays[0], arrays[1], arrays[2]), indices)

    def silenced(self, result: Labelled, *causes: Labelled) -> Labelled:
        """The result, undefined wherever one of the causes is."""
        for cause in causes:
            mask = self.arithmetic.undefined(cause.array)
            if mask.any():
                result = self.select(Labelled(mask, cause.indices), self.undefined, result)
        return result

    def greater(self, a: Labelled, b: Labelled) -> Labelled:
        """The mask a > b."""
        left, right, indices = align(a, b)
        greater, tie = self.arithmetic.compare(left, right)
        if tie.any():
            self.kinks = self.kinks | by_point(tie, indices)
        return Labelled(greater, indices)

    def bracket(self, relation: str, a: Labelled, b: Labelled) -> Labelled:
        """[a > b], [a >= b] or [a = b]."""
        if relation == ">":
            mask = self.greater(a, b)
        elif relation == "==":  # of whole numbers: a tie is what it asks for, and no kink
            left, right, indices = align(a, b)
            either = self.arithmetic.compare(left, right)[0] | self.arithmetic.compare(right, left)[0]
            mask = Labelled(np.logical_not(either), indices)
        else:
            less = self.greater(b, a)
            mask = Labelled(np.logical_not(less.array), less.indices)
        return self.silenced(self.indicator(mask.array, mask.indices), a, b)

    def primitive(self, name: str, *arguments: Labelled) -> Labelled:
        """A primitive function; ``KeyError`` when there is none of that name and number of arguments."""
        match name, arguments:
            case "abs", (u,):
                return self.select(self.greater(self.zero, u), self.times(self.minus_one, u), u)
            case "sign", (u,):
                positive, negative = self.greater(u, self.zero), self.greater(self.zero, u)
                signs = self.select(positive, self.one, self.select(negative, self.minus_one, self.zero))
                return self.silenced(signs, u)
            case "max", (u, v):
                return self.silenced(self.select(self.greater(u, v), u, v), u, v)
            case "min", (u, v):
                return self.silenced(self.select(self.greater(v, u), u, v), u, v)
            case _, (u,):
                room(u.array.size)
                return Labelled(self.arithmetic.call(name, u.array), u.indices)
        raise KeyError(name)

    def generic(self, name: str, order: int, u: Labelled) -> Labelled:
        return Labelled(self.arithmetic.generic(name, order, u.array), u.indices)

    def read(self, of: Labelled, at: Mapping[Index, Subscript]) -> Labelled:
        """``gather``; what lies outside is undefined."""
        return gather(of, at, self.sizes, self.arithmetic.undefined_value, self.arithmetic)

    def slope_read(self, of: Labelled, at: Mapping[Index, Subscript]) -> Labelled:
        """``gather`` of a derivative; what lies outside depends on nothing, so it is 0 there."""
        return gather(of, at, self.sizes, self.zero.array, self.arithmetic)


def by_point(mask: Mask, indices: tuple[Index, ...]) -> Mask:
    """Where the mask is true for any of the other indices."""
    axes = tuple(axis for axis, index in enumerate(indices) if index != POINT)
    return np.asarray(np.any(mask, axis=axes))
