"""What is computed along indices with the infinitesimals kept: maxima, products, inverses, products over steps."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

import numpy as np

from symbolic.evidence.jets import Dual, Jet, JetArithmetic, linear, primal
from symbolic.evidence.labelled import Labelled, LabelledArithmetic, align, room
from symbolic.language.affine import Index, subscript
from symbolic.language.expr import StepProduct

#: What a determinant is below, beside the greatest that it could be, where it stands for 0.
NOISE = 1e-11


def greatest(jets: JetArithmetic, jet: Jet, index: Index) -> Jet:
    """The maximum; its slope is the mean of the slopes where it is reached."""
    numbers = jets.numbers
    if not isinstance(jet, Dual):
        return numbers.greatest(jet, index)
    value = greatest(jets, jet.value, index)
    reached = numbers.bracket("==", primal(jet.value), primal(value))
    share = jets.power(numbers.total(reached, index), Fraction(-1))
    moving = linear(lambda part: numbers.total(numbers.times(reached, part), index), jet.tangent)
    return Dual(jet.tag, value, jets.multiply(moving, share))


def all_multiplied(jets: JetArithmetic, jet: Jet, index: Index) -> Jet:
    """The product of the entries along the index, one after the other."""
    numbers = jets.numbers
    places = [subscript(place) for place in range(index.extent.value(numbers.sizes))]
    return reduce(jets.multiply, [jets.read(jet, (index,), (place,)) for place in places])


def inverted(jets: JetArithmetic, matrix: Jet, row: Index, column: Index) -> tuple[Jet, Jet]:
    """The inverse and the determinant, with the infinitesimals that reach them.

    Where a matrix has no inverse neither has a value: ln of a determinant that is rounding alone is a number too.
    """
    numbers = jets.numbers
    at_once = _at_once(numbers, matrix, row, column) if isinstance(matrix, Labelled) else None
    inverse, determinant = at_once or _step_by_step(jets, matrix, row, column)
    regular = is_regular(numbers, primal(matrix), primal(determinant), row, column)
    return jets.where(regular, inverse, numbers.undefined), jets.where(regular, determinant, numbers.undefined)


def _at_once(
    numbers: LabelledArithmetic, matrix: Labelled, row: Index, column: Index
) -> tuple[Labelled, Labelled] | None:
    """The same of plain numbers where their arithmetic has a way of its own."""
    if not {row, column} <= {*matrix.indices}:
        return None
    others = tuple(index for index in matrix.indices if index not in (row, column))
    room(matrix.array.size * row.extent.value(numbers.sizes))
    found = numbers.arithmetic.inverted(matrix.ordered((*others, row, column)))
    return found and (Labelled(found[0], (*others, row, column)), Labelled(found[1], others))


def _step_by_step(jets: JetArithmetic, matrix: Jet, row: Index, column: Index) -> tuple[Jet, Jet]:
    """By Faddeev and LeVerrier: M ← A M + c I with c = -tr(A M)/k for k = 1 … n, from M = I.

    Nothing is divided by but whole numbers and the determinant, so it is right in every arithmetic, and slopes come
    by themselves.
    """
    numbers = jets.numbers
    inner = column.renamed(f"{column.name}.")

    def scaled(jet: Jet, by: Fraction) -> Jet:
        return jets.multiply(numbers.rational(by), jet)

    length = row.extent.value(numbers.sizes)
    eye: Jet = numbers.indicator(np.eye(length, dtype=np.bool_), (row, column))
    left = jets.read(matrix, (column,), (subscript(inner),))
    adjugate: Jet = eye
    last: Jet = numbers.one
    for k in range(1, length + 1):
        right = jets.read(adjugate, (row,), (subscript(inner),))
        multiplied = linear(lambda part: numbers.total(part, inner), jets.multiply(left, right))
        diagonal = jets.read(multiplied, (column,), (subscript(row),))
        last = scaled(linear(lambda part: numbers.total(part, row), diagonal), Fraction(-1, k))
        if k < length:
            adjugate = jets.add(multiplied, jets.multiply(last, eye))
    inverse = jets.multiply(scaled(adjugate, Fraction(-1)), jets.power(last, Fraction(-1)))
    return inverse, scaled(last, Fraction((-1) ** length))


def is_regular(
    numbers: LabelledArithmetic, matrix: Labelled, determinant: Labelled, row: Index, column: Index
) -> Labelled:
    """1 where a matrix has an inverse, 0 where its determinant is nothing but what rounding has left.

    No determinant is above (‖A‖/√n)^n.
    """
    length = row.extent.value(numbers.sizes)
    squares = numbers.total(numbers.total(numbers.times(matrix, matrix), row), column)
    left, right, indices = align(determinant, squares)
    size, most = numbers.arithmetic.floats(left), numbers.arithmetic.floats(right)
    with np.errstate(all="ignore"):
        regular = np.abs(size) > NOISE * (most / length) ** (length / 2)
    return numbers.indicator(np.asarray(regular | np.isnan(size)), indices)


def over_steps(jets: JetArithmetic, node: StepProduct, matrix: Jet) -> Jet:
    """All products at once, M_t ⋯ M_{k+1} for every t and k, one step after the other; read where it is asked."""
    numbers = jets.numbers
    count = node.step.extent.value(numbers.sizes)
    since, until = (Index(f"#{end}", node.step.extent) for end in ("since", "until"))
    inner = tuple(Index(f"#inner{place}", index.extent) for place, index in enumerate(node.rows))
    unit: Jet = numbers.one
    for row, column in zip(node.rows, node.columns, strict=True):
        eye = np.eye(row.extent.value(numbers.sizes), dtype=np.bool_)
        unit = jets.multiply(unit, numbers.indicator(eye, (row, column)))

    def at(step: int, index: Index) -> Labelled:
        return numbers.indicator(np.arange(count) == step, (index,))

    steps = range(count)
    running: Jet = numbers.zero
    table: Jet = numbers.zero
    for place, step in enumerate(reversed(steps) if node.backwards else steps):
        if place:
            left = jets.read(matrix, (node.step, *node.columns), (subscript(step), *map(subscript, inner)))
            right = jets.read(running, node.rows, tuple(map(subscript, inner)))
            running = jets.multiply(left, right)
            for index in inner:
                running = jets.total(running, index)
        running = jets.where(at(step, since), unit, running)
        table = jets.where(at(step, until), running, table)
    bound = (since, until, *node.rows, *node.columns)
    return jets.taken(table, dict(zip(bound, node.placed, strict=True)))
