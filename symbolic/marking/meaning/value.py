"""Formulas with a shape: scalars, vectors, matrices, as expressions in index notation.

A :class:`Value` is an expression together with the indices that number its rows and columns.  A
column vector has one axis, a row (a transposed column) one axis and ``row``; a matrix has two.  The
operations here are those of linear algebra; what does not fit is a :class:`ShapeError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count

from symbolic.language.affine import Affine, Index, Size, subscript
from symbolic.language.expr import ZERO, Determinant, Entry, Expr, Inverse, add, mul, total
from symbolic.language.terms import reindex
from symbolic.marking.meaning.shape_words import NO_PRODUCT, unlike
from symbolic.marking.text.refusals import NOWHERE, ShapeError, Span
from symbolic.words import Text

#: The length of the vector of ones before a neighbour tells it.
ANY_LENGTH: Size = Affine.of("?")


@dataclass(frozen=True, slots=True)
class Value:
    """An expression; ``axes`` are free indices of it that number rows and columns."""

    expr: Expr
    axes: tuple[Index, ...] = ()
    row: bool = False

    @property
    def shape(self) -> Text:
        """The shape in words, for messages."""
        if not self.axes:
            return Text("a number", "число")
        sizes = " x ".join(str(axis.extent) for axis in self.axes)
        if len(self.axes) == 1 and self.row:
            return Text(f"a row of length {sizes}", f"строка длины {sizes}")
        if len(self.axes) == 1:
            return Text(f"a vector of length {sizes}", f"столбец длины {sizes}")
        known = len(self.axes) == 2
        return (
            Text(f"a {sizes} matrix", f"матрица {sizes}") if known else Text(f"an array of {sizes}", f"массив {sizes}")
        )


#: What W h_0 is where h_0 = 0: nothing, in any shape.
NOTHING = Value(ZERO)
#: Axes of documents are counted from here; those of models, which outlive a document, below.
DOCUMENT = 1_000_000
#: Axes of a side are counted from its place in the text, which has so many for each sign.
PLACES, EACH = 100_000_000, 10_000
#: The axes under which two sides are held against each other.
COMMON = 100_000_000_000
_numbers = count(1)


@contextmanager
def axes_of_a_document() -> Iterator[None]:
    """While a document is judged: the same text has the same axes, so what is known of its formulas is found again."""
    with counted_from(DOCUMENT):
        yield


@contextmanager
def axes_of_a_side(start: int) -> Iterator[None]:
    """While a side is read that begins at this place: it has the same axes whatever was read before it."""
    with counted_from(PLACES + start * EACH):
        yield


@contextmanager
def counted_from(first: int) -> Iterator[None]:
    global _numbers
    outside, _numbers = _numbers, count(first)
    try:
        yield
    finally:
        _numbers = outside


def fresh_axis(extent: Size) -> Index:
    """A new index that no person can have written; later ones sort behind earlier ones, however many there were."""
    return axis_of(next(_numbers), extent)


def axis_of(number: int, extent: Size) -> Index:
    return Index(f"_{number:012}", extent)


def relabelled(value: Value, axes: Sequence[Index]) -> Value:
    """The same value with its axes under other indices."""
    changes = {old: subscript(new) for old, new in zip(value.axes, axes, strict=True) if old != new}
    return replace(value, expr=reindex(value.expr, changes), axes=tuple(axes))


def refreshed(value: Value) -> Value:
    """The same value under axes of its own, so that it can stand twice in one product."""
    return relabelled(value, [fresh_axis(axis.extent) for axis in value.axes]) if value.axes else value


def same_length(a: Index, b: Index) -> bool:
    return a.extent == b.extent or ANY_LENGTH in (a.extent, b.extent)


def contract(a: Value, b: Value, axis_a: Index, axis_b: Index, axes: tuple[Index, ...], row: bool = False) -> Value:
    """Σ over a common axis."""
    # keep the index of the larger side: putting another index into a formula costs its length
    known = (
        axis_b if axis_a.extent == ANY_LENGTH or (isinstance(a.expr, Entry) and axis_b.extent != ANY_LENGTH) else axis_a
    )
    left = reindex(a.expr, {axis_a: subscript(known)}) if axis_a != known else a.expr
    right = reindex(b.expr, {axis_b: subscript(known)}) if axis_b != known else b.expr
    return Value(total(mul(left, right), known), axes, row)


def is_zero(value: Value) -> bool:
    """The bare number 0, which is the zero of any shape: in h_0 = 0 the vector, in W h_0 as well."""
    return not value.axes and value.expr == ZERO


def times(a: Value, b: Value, span: Span = NOWHERE) -> Value:
    """The product of two factors that stand side by side."""
    if is_zero(a) or is_zero(b):
        return NOTHING
    if not a.axes or not b.axes:
        value = a if a.axes else b
        return Value(mul(a.expr, b.expr), value.axes, value.row)
    if set(a.axes) & set(b.axes):
        b = refreshed(b)
    match len(a.axes), len(b.axes):
        case 1, 1 if a.row and not b.row:
            if same_length(a.axes[0], b.axes[0]):
                return contract(a, b, a.axes[0], b.axes[0], ())
        case 1, 1 if not a.row and b.row:
            return Value(mul(a.expr, b.expr), (a.axes[0], b.axes[0]))
        case 2, 1 if not b.row and same_length(a.axes[1], b.axes[0]):
            return contract(a, b, a.axes[1], b.axes[0], (a.axes[0],))
        case 1, 2 if a.row and same_length(a.axes[0], b.axes[0]):
            return contract(a, b, a.axes[0], b.axes[0], (b.axes[1],), row=True)
        case 2, 2 if same_length(a.axes[1], b.axes[0]):
            return contract(a, b, a.axes[1], b.axes[0], (a.axes[0], b.axes[1]))
    raise ShapeError(NO_PRODUCT.format(left=a.shape, right=b.shape), span, "shape")


def product(values: Sequence[Value], span: Span = NOWHERE) -> Value:
    """A product of several factors, grouped from the left; inner products first where that does not fit."""
    if not any(value.axes for value in values):
        return Value(mul(*(value.expr for value in values)))
    try:
        result = values[0]
        for value in values[1:]:
            result = times(result, value, span)
        return result
    except ShapeError:
        joined = list(values)
        k = 0
        while k + 1 < len(joined):
            a, b = joined[k], joined[k + 1]
            if len(a.axes) == len(b.axes) == 1 and a.row and not b.row and same_length(a.axes[0], b.axes[0]):
                joined[k : k + 2] = [times(a, b, span)]
            else:
                k += 1
        if len(joined) == len(values):
            raise
        result = joined[0]
        for value in joined[1:]:
            result = times(result, value, span)
        return result


def entrywise(values: Sequence[Value], join: Callable[..., Expr], span: Span, what: str) -> Value:
    """Sums, Hadamard products and the like: equal shapes, numbers spread over all entries."""
    shaped = next((v for v in values if v.axes and all(a.extent != ANY_LENGTH for a in v.axes)), None)
    if shaped is None:
        shaped = next((v for v in values if v.axes), None)
    if shaped is None:
        return Value(join(*(v.expr for v in values)))
    parts: list[Expr] = []
    for value in values:
        if not value.axes:
            parts.append(value.expr)
            continue
        if len(value.axes) != len(shaped.axes) or not all(map(same_length, value.axes, shaped.axes)):
            raise ShapeError(unlike(what, shaped.shape, value.shape), span, "shape")
        if value.row != shaped.row and len(value.axes) == 1:
            raise ShapeError(unlike(what, shaped.shape, value.shape), span, "transpose")
        parts.append(relabelled(value, shaped.axes).expr)
    return Value(join(*parts), shaped.axes, shaped.row)


def added(values: Sequence[Value], span: Span = NOWHERE) -> Value:
    return entrywise(values, add, span, "the sum")


def spread(values: Sequence[Value]) -> list[Value]:
    """Vectors beside a matrix stand in every column or row of it, as their length and direction ask."""
    around = next((value for value in values if len(value.axes) == 2), None)
    if around is None:
        return list(values)
    down, across = around.axes
    found: list[Value] = []
    for value in values:
        if len(value.axes) != 1:
            found.append(value)
            continue
        column = same_length(value.axes[0], down) and not (value.row and same_length(value.axes[0], across))
        own, other = (down, across) if column else (across, down)
        kept, free = fresh_axis(own.extent), fresh_axis(other.extent)
        found.append(Value(relabelled(value, [kept]).expr, (kept, free) if column else (free, kept)))
    return found


def hadamard(values: Sequence[Value], span: Span = NOWHERE) -> Value:
    return entrywise(values, mul, span, "the entrywise product")


def inverted(value: Value) -> Value:
    """The inverse of a square matrix."""
    row, column = (fresh_axis(axis.extent) for axis in value.axes)
    rows, columns = value.axes
    return Value(Inverse(value.expr, rows, columns, (subscript(row), subscript(column))), (row, column))


def determinant(value: Value) -> Value:
    """The determinant of a square matrix."""
    return Value(Determinant(value.expr, *value.axes))


def is_square(value: Value) -> bool:
    return len(value.axes) == 2 and same_length(*value.axes)


def transposed(value: Value) -> Value:
    if len(value.axes) == 1:
        return replace(value, row=not value.row)
    return replace(value, axes=tuple(reversed(value.axes)))
