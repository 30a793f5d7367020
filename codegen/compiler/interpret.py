"""The reference: a program run kernel by kernel in plain NumPy, as slowly and as literally as it reads.

Every sub-expression is an array whose axes are labelled by indices; operands are aligned by label.
Passes are tested against it, and the printed module too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.compiler.build import written_out
from codegen.compiler.kernels import Kernel, Loop, Made, Reduction, Rows, Stack, labels_of, simple
from codegen.compiler.program import Program
from codegen.runtime.gamma import digamma, lgamma, trigamma
from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Constant,
    Delta,
    Entry,
    Expr,
    Extent,
    Fold,
    Hyper,
    InRange,
    Mul,
    Number,
    Position,
    Pow,
    Sum,
    Where,
)

Array: TypeAlias = NDArray[Any]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "atan": np.arctan,
    "erf": np.vectorize(math.erf, otypes=[float]),
    "lgamma": lgamma,
    "digamma": digamma,
    "trigamma": trigamma,
    "abs": np.abs,
    "sign": np.sign,
    "max": np.maximum,
    "min": np.minimum,
    "tanh": np.tanh,
    "logaddexp": np.logaddexp,
}


def interpret(
    program: Program, sizes: Mapping[str, int], arrays: Mapping[str, Array], rounding: int = 0
) -> dict[str, Array]:
    """The value of every array of the program, by name, with the axes it has in the program.

    ``sizes`` gives a number for every named size, the sample's N included; ``arrays`` the inputs, the
    target and the parameters.  With ``rounding`` every result on the way is off by one in its last digit, up or down
    as the number and its value say: what comes out shows which digits are rounding alone.
    """
    values = {name: np.asarray(array, dtype=float) for name, array in arrays.items()}
    for tensor in program.given:
        shape = tuple(axis.value(sizes) for axis in tensor.axes)
        values[tensor.name] = values[tensor.name].reshape(shape)
    for kernel in program.kernels:
        values[kernel.target.name] = computed(kernel, sizes, values, rounding)
    return values


def computed(kernel: Kernel, sizes: Mapping[str, int], values: Mapping[str, Array], rounding: int = 0) -> Array:
    """The array that one kernel makes of ``values``, which has every array that it reads."""
    if isinstance(kernel, Loop):
        return _gone_through(kernel, sizes, values, rounding)
    if isinstance(kernel, Made):
        first, rows = values[kernel.source.tensor.name][()][kernel.carried.whole.name]
        return np.array(rows[first + kernel.shift :][: kernel.target.axes[0].value(sizes)])
    machine = _Machine(sizes, values, rounding)
    with np.errstate(all="ignore"):
        if isinstance(kernel, Reduction) and kernel.operation != "sum":
            array, labels = machine.run(kernel.operand)
            fold = np.max if kernel.operation == "max" else np.prod
            array = fold(array, axis=tuple(labels.index(index) for index in kernel.over))
            labels = tuple(label for label in labels if label not in kernel.over)
        elif isinstance(kernel, Stack):
            array, labels = machine.stack(kernel), kernel.indices
        elif isinstance(kernel, Rows):
            start, stop = (None if place is None else place.value(sizes) for place in (kernel.start, kernel.stop))
            whole = values[kernel.source.tensor.name]
            array, labels = whole[start] if stop is None else whole[start:stop], kernel.indices
        else:
            array, labels = machine.run(kernel.formula)
        shape = tuple(axis.value(sizes) for axis in kernel.target.axes)
        return np.broadcast_to(_aligned(array, labels, kernel.indices), shape).copy()


def _gone_through(loop: Loop, sizes: Mapping[str, int], values: Mapping[str, Array], rounding: int) -> Array:
    """All that a loop writes, by name: the row in which an array begins, and its rows."""
    steps = range(loop.index.extent.value(sizes))
    written: dict[str, tuple[int, Array]] = {}
    for carried in loop.carried:
        lengths = [axis.value(sizes) for axis in carried.step.axes]
        rows = np.full([len(steps) + carried.pad, *lengths], np.nan)
        padding = rows[len(steps) :] if loop.backwards else rows[: carried.pad]
        start, labels = _Machine(sizes, values).run(carried.start)
        padding[...] = _aligned(start, labels, carried.indices)
        written[carried.whole.name] = (loop.offset(carried), rows)
    for step in reversed(steps) if loop.backwards else steps:
        local = dict(values)
        for part in loop.slices:
            first, rows = written.get(part.whole.name) or (0, values[part.whole.name])
            local[part.target.name] = rows[first + step + part.shift]
        for kernel in loop.body:
            local[kernel.target.name] = computed(kernel, sizes, local, rounding)
        for carried in loop.carried:
            first, rows = written[carried.whole.name]
            rows[first + step] = local[carried.step.name]
    token = np.empty((), object)
    token[()] = written
    return token


Labelled: TypeAlias = "tuple[Array, tuple[Index, ...]]"


class _Machine:
    def __init__(self, sizes: Mapping[str, int], values: Mapping[str, Array], rounding: int = 0) -> None:
        self.sizes, self.values, self.rounding = sizes, values, rounding

    def run(self, expr: Expr) -> Labelled:
        array, labels = self.exactly(expr)
        if self.rounding and isinstance(expr, Add | Mul | Pow | Call | Sum):
            array = _rounded_otherwise(array, self.rounding)
        return array, labels

    def exactly(self, expr: Expr) -> Labelled:
        match expr:
            case Number(value):
                return np.array(float(value)), ()
            case Hyper(_, value):
                return np.array(float(value)), ()
            case Constant():
                return np.array(math.pi), ()
            case Extent(size):
                return np.array(float(size.value(self.sizes))), ()
            case Entry():
                return self.entry(expr)
            case Add(terms):
                return self.together(lambda *a: sum(a[1:], a[0]), *terms)
            case Mul(factors):
                return self.together(lambda *a: math.prod(a[1:], start=a[0]), *factors)
            case Pow(base, exponent):
                return self.together(lambda a: np.power(a, float(exponent)), base)
            case Call(function, arguments):
                if function.name in FUNCTIONS and function.body is None:
                    return self.together(FUNCTIONS[function.name], *arguments)
                if function.body is not None:  # one that a library has itself
                    return self.run(written_out(expr))
                raise ValueError(f"the function {function.name} has no formula")
            case Sum(body, index):
                if isinstance(body, (Sum, Mul)) and (found := self.product(expr)) is not None:
                    return found
                array, labels = self.run(body)
                if index not in labels:
                    return array * index.extent.value(self.sizes), labels
                axis = labels.index(index)
                return array.sum(axis=axis), labels[:axis] + labels[axis + 1 :]
            case Fold(kind, body, index):
                array, labels = self.run(body)
                if index not in labels:
                    return (array if kind == "max" else array ** index.extent.value(self.sizes)), labels
                axis = labels.index(index)
                folded = (np.max if kind == "max" else np.prod)(array, axis=axis)
                return folded, labels[:axis] + labels[axis + 1 :]
            case Delta(left, right):
                return self.subscripts(lambda a, b: (a == b).astype(float), left, right)
            case InRange(sub, extent):
                last = extent.value(self.sizes)
                return self.subscripts(lambda a: ((a >= 0) & (a < last)).astype(float), sub)
            case Position(index):
                return self.subscripts(lambda a: a.astype(float), subscript(index))
            case Compare(relation, left, right):
                compare = {">": np.greater, ">=": np.greater_equal, "==": np.equal}[relation]
                return self.together(lambda a, b: compare(a, b).astype(float), left, right)
            case Where(condition, then, otherwise):
                return self.together(_select, condition, then, otherwise)
        raise TypeError(f"not an expression that can be computed: {expr}")

    def product(self, expr: Expr) -> Labelled | None:
        """Σ … Σ of a product, in one go, where each index is summed over once and some factor carries it."""
        over: list[Index] = []
        while isinstance(expr, Sum) and expr.index not in over:
            over.append(expr.index)
            expr = expr.body
        if not isinstance(expr, Mul):
            return None
        runs = [self.run(factor) for factor in expr.factors]
        labels = tuple(dict.fromkeys(label for _, own in runs for label in own))
        if not set(over) <= set(labels):
            return None
        number = {label: place for place, label in enumerate(labels)}
        kept = tuple(label for label in labels if label not in over)
        operands = [part for array, own in runs for part in (array, [number[label] for label in own])]
        return np.einsum(*operands, [number[label] for label in kept], optimize=len(runs) > 2), kept

    def stack(self, stack: Stack) -> Array:
        """The parts one below the other."""
        shape = tuple(index.extent.value(self.sizes) for index in stack.indices[1:])
        rows = [
            self.run(part)[0] if isinstance(part, Entry) else self.run(part)[0] * np.ones(shape) for part in stack.parts
        ]
        return np.concatenate([row.reshape(-1, *shape) for row in rows])

    def together(self, function: Callable[..., Array], *operands: Expr) -> Labelled:
        runs = [self.run(operand) for operand in operands]
        labels = tuple(dict.fromkeys(label for _, own in runs for label in own))
        return function(*(_aligned(array, own, labels) for array, own in runs)), labels

    def subscripts(self, function: Callable[..., Array], *subs: Subscript) -> Labelled:
        labels = tuple(dict.fromkeys(index for sub in subs for index in sub.keys))
        return function(*(self.positions(sub, labels) for sub in subs)), labels

    def positions(self, sub: Subscript, labels: tuple[Index, ...]) -> Array:
        """The value of the subscript for all values of the labels."""
        total: Array = np.full((1,) * len(labels), sub.offset.value(self.sizes))
        for index, coefficient in sub.terms:
            run = np.arange(index.extent.value(self.sizes)) * coefficient
            total = total + _aligned(run, (index,), labels)
        return total

    def entry(self, entry: Entry) -> Labelled:
        array = self.values[entry.tensor.name]
        labels = tuple(dict.fromkeys(index for sub in entry.subscripts for index in sub.keys))
        if not entry.subscripts:
            return array, ()
        if simple(entry) and array.shape == tuple(index.extent.value(self.sizes) for index in labels):
            return array, labels_of(entry)
        places, inside = [], np.array(True)
        for sub, length in zip(entry.subscripts, array.shape, strict=True):
            place = self.positions(sub, labels)
            inside = inside & (place >= 0) & (place < length)
            places.append(place.clip(0, max(length - 1, 0)))
        shape = tuple(index.extent.value(self.sizes) for index in labels)
        if 0 in shape or 0 in array.shape:
            return np.zeros(shape), labels
        return np.where(inside, array[tuple(places)], 0.0), labels


def _rounded_otherwise(array: Array, number: int) -> Array:
    """The same but for the last digit; equal values stay equal, so no comparison of them changes."""
    exact = np.asarray(array, dtype=float)
    with np.errstate(over="ignore"):
        mixed = exact.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15 + 2 * number)
    return np.asarray(exact * (1 + 2.0**-52 * (1 - 2.0 * (mixed >> np.uint64(63)))))


def _select(condition: Array, then: Array, otherwise: Array) -> Array:
    chosen: Array = np.where(condition > 0, then, otherwise)
    return chosen


def _aligned(array: Array, labels: tuple[Index, ...], onto: tuple[Index, ...]) -> Array:
    """The array with one axis for each label of ``onto``, of length 1 where it does not carry the label."""
    array = np.asarray(array)
    kept = [label for label in onto if label in labels]
    array = array.transpose([labels.index(label) for label in kept]) if labels else array
    lengths = iter(array.shape)
    return array.reshape([next(lengths) if label in labels else 1 for label in onto])
