"""Proof by example that a program computes what its definitions say, whatever was done to it since.

At small sizes, all different as far as they go, every result of the program is held against the evaluator of the
definitions.  Where arrays share memory, the memory is played through: filled with NaN, then written and read
as the module will, twice with other numbers, so that a read of what nobody wrote, or of what is no longer there,
shows in a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.compiler.interpret import computed, interpret
from codegen.compiler.kernels import Formula, Kernel, Map, Rows, Stack, View
from codegen.compiler.passes.storage import in_place_operands, owns_memory
from codegen.compiler.points import drawn_input, target
from codegen.compiler.program import Program
from symbolic.errors import SpecError
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.question import Question
from symbolic.evidence.sampling import draw_sizes, extents
from symbolic.language.affine import Index
from symbolic.language.expr import ZERO, Entry, Fold, Number, Sum, Tensor
from symbolic.language.terms import walk
from symbolic.words import Text

Array: TypeAlias = NDArray[Any]
Arrays: TypeAlias = "dict[str, Array]"

#: Results agree when they differ by less than this part of the largest entry: other orders of sums, no other values.
TOLERANCES = {"float64": 1e-8, "float32": 1e-3}
#: How often a program is run with other roundings, and how much more than the worst of them is allowed.
ROUNDINGS, SAFETY = 3, 100
#: Points are drawn again, nearer to 0 each time, while a number on the way to a result is not finite.
DRAWS = 6
#: A program is not proved whose arrays hold more numbers than that where its sizes are small.
MOST_NUMBERS = 20_000_000
#: A definition that ranges over more combinations of its indices is left to the interpreter, which makes no such array.
MOST_COMBINATIONS = 1_000_000


class PassRefused(UserWarning):
    """A pass of the compiler was left out, for what it made is not the same program."""


@dataclass(frozen=True)
class Point:
    """Numbers for everything that is given, and the results there, in the order of their definitions' indices."""

    sizes: Mapping[str, int]
    given: Arrays
    expected: Arrays
    #: What the results were computed by.
    program: Program

    @cached_property
    def is_finite(self) -> bool:
        """Whether everything has a value here; else NaN is made by the numbers, as e^u by e^u where that overflows."""
        return all(np.isfinite(array).all() for array in self.expected.values())

    @cached_property
    def rounding(self) -> Arrays:
        """How far each result may be off when every operation on the way to it is rounded otherwise."""
        runs = [interpret(self.program, self.sizes, self.given, number) for number in range(ROUNDINGS + 1)]
        return {name: np.fmax.reduce([np.abs(run[name] - runs[0][name]) for run in runs[1:]]) for name in self.expected}

    def fault(self, name: str, array: Array, dtype: str = "float64") -> str | None:
        """The first entry of a result that is not what it should be, in one line.

        Where digits cancel, as in 1 - tanh² of a large number, nothing is left of a result but rounding: how much
        that may be is found out when it matters.
        """
        tolerance = TOLERANCES[dtype]
        if not self.is_finite:
            array = np.where(np.isnan(array), self.expected[name], array)
        if (found := disagreement(name, array, self.expected[name], tolerance)) is None:
            return None
        digits = float(np.finfo(dtype).eps / np.finfo(float).eps)
        with np.errstate(all="ignore"):
            slack = SAFETY * digits * np.nan_to_num(self.rounding[name], posinf=0.0)
        return disagreement(name, array, self.expected[name], tolerance, slack) and found


class Proof:
    """What a program computed before anything was done to it; ``fault`` says whether another one does."""

    def __init__(self, program: Program, one: Tensor | None = None) -> None:
        self.program = program
        random = np.random.default_rng(0)
        sizes = small_sizes(program, random)
        refuse_wide(program, sizes)
        self.indices = {name: program.by_name[name].indices for name in program.results}
        self.points = tuple(draw_point(program, sizes, random, number) for number in (None, one))

    def fault(self, program: Program) -> str | None:
        """What is wrong with the program, in one line; None when every result is what the definitions say."""
        if program.storage or program.stacked:
            return memory_fault(program, self.points, self.indices)
        first = self.points[0]
        return difference(program, interpret(program, first.sizes, first.given), first, self.indices)


# -- points -----------------------------------------------------------------------------------------------


def small_sizes(program: Program, random: np.random.Generator) -> dict[str, int]:
    """A number from 2 to 4 for every size that has a name, all different as far as they go."""
    question = Question(ZERO, ZERO, program.equations)
    sizes = draw_sizes(question, extents(question), random)
    return {"N": 3} | sizes


def refuse_wide(program: Program, sizes: Mapping[str, int]) -> None:
    """``SpecError`` where the widths that are written as numbers make arrays that would fill the memory."""
    tensors = (*program.inputs, *program.parameters, *(definition.target for definition in program.equations))
    count = sum(prod(axis.value(sizes) for axis in tensor.axes) for tensor in tensors)
    if count > MOST_NUMBERS:
        raise SpecError(
            Text(
                f"too large: with widths that are numbers its arrays hold {count} numbers, and what is emitted is "
                f"proved with at most {MOST_NUMBERS}; write a letter for each wide width, and sizes = {{ J = … }}",
                f"слишком велико: с ширинами, заданными числами, в массивах {count} чисел, а код доказывается не "
                f"больше чем на {MOST_NUMBERS}; обозначьте большие ширины буквами и задайте sizes = {{ J = … }}",
            )
        )


def draw_point(
    program: Program, sizes: Mapping[str, int], random: np.random.Generator, one: Tensor | None = None
) -> Point:
    """Random numbers for what is given, and the results; numbers nearer to 0 where one on the way is not finite.

    ``one`` is 1 everywhere.
    """
    for attempt in range(DRAWS):
        scale = 0.7 * 0.6**attempt
        given = {
            t.name: random.normal(scale=scale, size=[axis.value(sizes) for axis in t.axes])
            for t in (*program.inputs, *program.parameters)
        }
        for fact in program.facts:
            if fact.tensor in program.inputs:
                lengths = [axis.value(sizes) for axis in fact.tensor.axes]
                given[fact.tensor.name] = drawn_input(fact.tensor, fact, sizes, random).reshape(lengths)
        given[program.target.name] = target(program, sizes, random).reshape(
            [axis.value(sizes) for axis in program.target.axes]
        )
        if one is not None:
            given[one.name] = np.ones_like(given[one.name])
        expected, overflowed = evaluated(program, sizes, given)
        if not overflowed and all(np.isfinite(array).all() for array in expected.values()):
            break
    return Point(sizes, given, expected, program)


def evaluated(program: Program, sizes: Mapping[str, int], given: Arrays) -> tuple[Arrays, bool]:
    """The results by the evaluator of the definitions, and whether a number on the way was too large for a float.

    The interpreter computes them where the evaluator would take too much room; it does not say the latter.
    """
    alone = (program.by_name.get(d.target.name) for d in program.equations)  # None: made in a loop, step by step
    if any(combinations(kernel, sizes) > MOST_COMBINATIONS for kernel in alone if kernel is not None):
        values = interpret(program, sizes, given)
        return {name: values[name] for name in program.results}, False
    known = {tensor: given[tensor.name] for tensor in program.given}
    evaluation = Evaluation(Instance(sizes, known, program.equations))
    found = {}
    for name in program.results:
        kernel = program.by_name[name]
        labelled = evaluation.value(kernel.entry)
        lengths = [index.extent.value(sizes) for index in kernel.indices]
        array = np.asarray(labelled.array, dtype=float)
        kept = [index for index in kernel.indices if index in labelled.indices]
        array = array.transpose([labelled.indices.index(index) for index in kept])
        array = array.reshape([n if i in kept else 1 for i, n in zip(kernel.indices, lengths, strict=True)])
        found[name] = np.broadcast_to(array, lengths)
    return found, evaluation.overflowed


def combinations(kernel: Kernel, sizes: Mapping[str, int]) -> int:
    """Over how many values of its indices, the summed ones among them, a formula ranges."""
    if not isinstance(kernel, Formula):
        return 0
    summed = {node.index for node in walk(kernel.expr) if isinstance(node, Sum | Fold)}
    return prod(index.extent.value(sizes) for index in {*kernel.indices, *summed})


# -- comparison -------------------------------------------------------------------------------------------


def difference(
    program: Program, values: Mapping[str, Array], point: Point, indices: Mapping[str, tuple[Index, ...]]
) -> str | None:
    """Which result is another one than expected."""
    for name in program.results:
        kernel = program.by_name.get(name)
        if kernel is None:
            return f"nothing computes {name}"
        order = [kernel.indices.index(index) for index in indices[name] if index in kernel.indices]
        array = values[name].transpose(order) if len(order) == len(kernel.indices) else values[name]
        if (found := point.fault(name, array)) is not None:
            return found
    return None


def disagreement(name: str, array: Array, expected: Array, tolerance: float, slack: Array | float = 0.0) -> str | None:
    """The first entry of a result that is not what it should be; one that has no finite value is not judged."""
    if array.shape != expected.shape:
        return f"{name} has the shape {array.shape} and not {expected.shape}"
    finite = np.isfinite(expected)
    scale = max(float(np.abs(expected[finite]).max(initial=0.0)), 1e-3)
    with np.errstate(invalid="ignore"):  # ∞ − ∞ where neither has a value
        wrong = finite & ~(np.abs(array - expected) <= tolerance * scale + slack)
    if not wrong.any():
        return None
    place = tuple(int(k) for k in np.argwhere(wrong)[0])
    where = f"{name}[{','.join(map(str, place))}]" if place else name
    got = float(array[place])
    if np.isnan(got):
        return f"{where} is made of what nobody has written, or of no number at all"
    return f"{where} is {got:.6g}, and its definition says {float(expected[place]):.6g}"


# -- memory -----------------------------------------------------------------------------------------------


def memory_fault(program: Program, points: tuple[Point, ...], indices: Mapping[str, tuple[Index, ...]]) -> str | None:
    """The program run in the memory that its arrays have, once for each point; constants are made once."""
    memory = _Memory(program, points[0].sizes)
    constants, predict, value, gradient = program.sections
    for kernel in constants:
        memory.run(kernel)
    for point in points:
        memory.given = dict(point.given)
        found: Arrays = {}
        for section, results in (
            (predict, program.outputs),
            (value, (program.value,)),
            (gradient, program.gradients),
        ):
            for kernel in section:
                memory.run(kernel)
            found |= {name: np.array(memory.look(name)) for name in results}
        if (fault := difference(program, found, point, indices)) is not None:
            return fault
    return None


@dataclass
class _Memory:
    """Buffers full of NaN, by the name of the array that owns them; rows of a stack are views of it."""

    program: Program
    sizes: Mapping[str, int]
    buffers: Arrays = field(default_factory=dict)
    given: Arrays = field(default_factory=dict)
    scalars: Arrays = field(default_factory=dict)

    def __post_init__(self) -> None:
        stacks = [k for k in self.program.kernels if isinstance(k, Stack) and not k.of(self.program.given)]
        for stack in reversed(stacks):
            whole = self.buffers.setdefault(stack.target.name, self.empty(stack))
            for part, start, stop in stack.places:
                first = start.value(self.sizes)
                rows = whole[first] if stop is None else whole[first : stop.value(self.sizes)]
                if isinstance(part, Entry):
                    self.buffers[self.owner(part.tensor.name)] = rows
                elif isinstance(part, Number):
                    rows[...] = float(part.value)

    def empty(self, kernel: Kernel) -> Array:
        return np.full([axis.value(self.sizes) for axis in kernel.target.axes], np.nan)

    def owner(self, name: str) -> str:
        return self.program.storage.get(name, name)

    def run(self, kernel: Kernel) -> None:
        """The kernel reads and writes; only what may be done in place finds its operand where its result will be."""
        if self.looks(kernel):
            return
        name = kernel.target.name
        if not owns_memory(self.program, kernel):
            self.scalars[name] = computed(kernel, self.sizes, self.read(kernel))
            return
        out = self.buffers.setdefault(self.owner(name), self.empty(kernel))
        if not all(self.bearable(kernel, tensor.name) for tensor in kernel.reads):
            out[...] = np.nan
        out[...] = computed(kernel, self.sizes, self.read(kernel))

    def looks(self, kernel: Kernel) -> bool:
        """Whether nothing is done when its turn comes: it is a way to see other arrays."""
        return isinstance(kernel, (Rows, Stack)) or (isinstance(kernel, View) and not kernel.padded)

    def read(self, kernel: Kernel) -> Arrays:
        return {tensor.name: self.look(tensor.name) for tensor in kernel.reads}

    def look(self, name: str) -> Array:
        """What stands now where an array lies."""
        if name in self.given:
            return self.given[name]
        kernel = self.program.by_name[name]
        if name in self.scalars:
            return self.scalars[name]
        if self.looks(kernel) and name not in self.buffers:
            return computed(kernel, self.sizes, self.read(kernel))
        return self.buffers.setdefault(self.owner(name), self.empty(kernel))

    def bearable(self, kernel: Kernel, name: str) -> bool:
        """Whether an operand may lie where the result does: elsewhere, or read entry by entry as it is written."""
        entries = in_place_operands(kernel) if isinstance(kernel, Map) else []
        return self.owner(kernel.target.name) not in set(self.under(name)) or name in {e.tensor.name for e in entries}

    def under(self, name: str) -> Iterator[str]:
        """The memory that an array is seen in."""
        kernel = self.program.by_name.get(name)
        if kernel is None:
            return
        yield self.owner(name)
        if self.looks(kernel):
            for tensor in kernel.reads:
                yield from self.under(tensor.name)
