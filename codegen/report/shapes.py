"""A formula of whole matrices with the shape under every factor: E_w = E_aᵀ X, J × N times N × D."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symbolic.language.affine import Size, size
from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor
from symbolic.language.terms import tensors
from symbolic.notation.boxes import (
    MINUS,
    PLUS,
    THIN,
    TRANSPOSED,
    Box,
    Braced,
    Fence,
    Glyph,
    Keyed,
    Row,
    Script,
)
from symbolic.notation.matrix import HADAMARD, ONES, matrix_name, matrix_sides
from symbolic.notation.style import Style
from symbolic.notation.subscript_boxes import side_box

ONE = size(1)
_TIMES = Glyph(r" \times ", " × ")
_SIGNS = (HADAMARD, PLUS, MINUS)


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows and columns; None where it is not known."""

    rows: Size | None
    columns: Size | None

    @property
    def swapped(self) -> Shape:
        return Shape(self.columns, self.rows)


def shaped_sides(definition: Definition, style: Style) -> tuple[Box, Box] | None:
    """Both sides as matrices, with shapes under the factors; None where there is no matrix form."""
    sides = matrix_sides(definition, style)
    if sides is None:
        return None
    known = {}
    for tensor in (definition.target, *tensors(definition.formula)):
        known[matrix_name(tensor, style.unkeyed())] = shape_of(tensor)
    whole = shape_of(definition.target)
    return _braced(sides[0], known, whole), _braced(sides[1], known, whole)


def shape_of(tensor: Tensor) -> Shape:
    """A vector is a column."""
    rows, columns = (*tensor.axes, ONE, ONE)[:2]
    return Shape(rows, columns)


def _braced(box: Box, known: dict[Box, Shape], outer: Shape) -> Box:
    """The box with a brace under each name; ``outer`` is the shape of the whole, which ones take theirs from."""
    if box == ONES:
        return _note(box, Shape(outer.rows, ONE))
    if box == Script(ONES, None, TRANSPOSED):
        return _note(box, Shape(ONE, outer.columns))
    if (shape := _shape(box, known)) is not None and _named(box, known):
        return _note(box, shape)
    match box:
        case Row(parts) if any(part in _SIGNS for part in parts):
            common = _shape(box, known) or outer
            inner = Shape(common.rows or outer.rows, common.columns or outer.columns)
            return Row(tuple(part if part in _SIGNS else _braced(part, known, inner) for part in parts), box.level)
        case Row(parts) if THIN in parts:
            return Row(_chain(parts, known, outer), box.level)
        case Row(parts):
            return Row(tuple(_braced(part, known, outer) for part in parts), box.level)
        case Fence(body, left, right):
            return Fence(_braced(body, known, outer), left, right)
        case Script(Fence(body, left, right), lower, upper) if upper == TRANSPOSED:
            return Script(Fence(_braced(body, known, outer.swapped), left, right), lower, upper, box.level)
        case Script(Fence() as base, lower, upper):
            return Script(_braced(base, known, outer), lower, upper, box.level)
    return box


def _chain(parts: tuple[Box, ...], known: dict[Box, Shape], outer: Shape) -> tuple[Box, ...]:
    """A product of matrices: neighbours fit, and so a vector of ones is as long as its neighbour says."""
    shapes = {k: shape for k, part in enumerate(parts) if (shape := _shape(part, known) or _ones(part)) is not None}
    found = [_braced(part, known, SCALAR) if shapes.get(k) == SCALAR else part for k, part in enumerate(parts)]
    factors = [k for k, shape in shapes.items() if shape != SCALAR]
    for place, k in enumerate(factors):
        before = shapes[factors[place - 1]].columns if place else outer.rows
        after = shapes[factors[place + 1]].rows if place + 1 < len(factors) else outer.columns
        own = shapes[k]
        found[k] = _braced(parts[k], known, Shape(own.rows or before, own.columns or after))
    return tuple(found)


_ONES = (ONES, Script(ONES, None, TRANSPOSED))
SCALAR = Shape(ONE, ONE)


def _named(box: Box, known: dict[Box, Shape]) -> bool:
    """Whether it is one matrix, perhaps transposed or with a power of its entries."""
    box = _bare(box)
    return box in known or (isinstance(box, Script) and box.upper is not None and _bare(_below(box)) in known)


def _bare(box: Box) -> Box:
    """The box without the key that says which quantity it is."""
    return box.body if isinstance(box, Keyed) else box


def _below(box: Script) -> Box:
    """What is transposed, or raised to a power: W^{(1)} of W^{(1)T}."""
    match box.upper:
        case Row((first, last)) if last == TRANSPOSED:
            return Script(box.base, box.lower, first)
    return Script(box.base, box.lower) if box.lower is not None else box.base


def _is_transposed(box: Script) -> bool:
    return box.upper == TRANSPOSED or (isinstance(box.upper, Row) and box.upper.parts[-1] == TRANSPOSED)


def _shape(box: Box, known: dict[Box, Shape]) -> Shape | None:
    box = _bare(box)
    if box in known:
        return known[box]
    match box:
        case Script(_, _, upper) if upper is not None:
            inner = _shape(_below(box), known)
            return inner.swapped if inner and _is_transposed(box) else inner
        case Fence(body):
            return _shape(body, known)
        case Row(parts) if not any(part in _SIGNS for part in parts) and THIN in parts:
            factors = [shape for part in parts if (shape := _shape(part, known) or _ones(part)) is not None]
            return Shape(factors[0].rows, factors[-1].columns) if factors else None
        case Row(parts):
            found = [shape for part in parts if (shape := _shape(part, known)) is not None]
            return next((shape for shape in found if shape.rows and shape.columns and shape != SCALAR), None) or next(
                iter(found), None
            )
    return None


def _ones(box: Box) -> Shape | None:
    return {_ONES[0]: Shape(None, ONE), _ONES[1]: Shape(ONE, None)}.get(box)


def _note(box: Box, shape: Shape) -> Box:
    if shape.rows is None or shape.columns is None:
        return box
    return Braced(box, Row((side_box(shape.rows), _TIMES, side_box(shape.columns))))


def with_shapes(
    definitions: Iterable[Definition], style: Style
) -> tuple[list[tuple[Definition, tuple[Box, Box]]], list[Definition]]:
    """The definitions that have a matrix form, with it, and those that have none."""
    found, without = [], []
    for definition in definitions:
        sides = shaped_sides(definition, style)
        if sides is None:
            without.append(definition)
        else:
            found.append((definition, sides))
    return found, without
