"""Programs as plain expressions, a new array for each line: ``a_z = x @ w_1.T + b_z``.

The way one writes NumPy first, and the only way in libraries that differentiate or compile what they are
given.  ``codegen.targets.libraries`` says what their functions are called; everything else is common to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from codegen.compiler.contraction import Groups, product
from codegen.compiler.kernels import Carried, Contraction, Kernel, Loop, Made, Map, Reduction, View, labels_of
from codegen.compiler.program import Program
from codegen.targets.array_arithmetic import ArrayArithmetic
from codegen.targets.numpy.printer import factor_text, shape_text, size_text
from codegen.targets.numpy.steps import rows_name
from codegen.targets.numpy.workspace import alike
from codegen.targets.rendering import WIDTH
from symbolic.language.affine import Index
from symbolic.language.expr import (
    Add,
    Delta,
    Entry,
    Expr,
    InRange,
    Position,
    Tensor,
)


class Written(NamedTuple):
    """A line of a program, the kernel that it belongs to, and the numbers of the equations that it computes."""

    text: str
    kernel: Kernel
    equations: tuple[int, ...] = ()


@dataclass
class ValuePrinter(ArrayArithmetic):
    """Prints the kernels of a lowered program, a line for each."""

    def lines(self, kernels: Iterable[Kernel]) -> list[Written]:
        """``name = expression`` for each kernel; a product and its bias become one call where the library has it."""
        found: list[Written] = []
        pending = list(kernels)
        while pending:
            kernel = pending.pop(0)
            if isinstance(kernel, Loop):
                found += self.steps(kernel)
                continue
            joined = self.affine(kernel, pending[0]) if pending and self.library.linear else None
            if joined is not None:
                kernel = pending.pop(0)
            if self.is_there(kernel):
                continue
            text = joined or self.kernel(kernel)
            found.append(self.written(kernel, text))
        return found

    def written(self, kernel: Kernel, text: str) -> Written:
        return Written(f"{self.names[kernel.target.name]} = {text}", kernel, kernel.equations)

    def readable(self, kernels: Iterable[Kernel]) -> list[Written]:
        """As ``lines``; a sum that only the next formula reads stands in that."""
        found: list[Written] = []
        for kernel in kernels:
            if isinstance(kernel, Loop):
                found += self.steps(kernel)
                continue
            if self.is_there(kernel):
                continue
            text = self.kernel(kernel)
            if self.stands_inside(kernel):
                self.inlined[kernel.target.name] = text
            else:
                found.append(self.written(kernel, text))
        return found

    def stands_inside(self, kernel: Kernel) -> bool:
        """Whether a product or a sum is one operand of one formula, entry for entry, and no equation names it."""
        target = kernel.target
        if not isinstance(kernel, (Contraction, Reduction)) or target in self._of_equations:
            return False
        readers = self._readers.get(target, ())
        if len(readers) != 1 or not isinstance(readers[0], Map):
            return False
        entries = [entry for entry in _entries(readers[0].expr) if entry.tensor == target]
        same = len(entries) == 1 and labels_of(entries[0]) == readers[0].indices
        return same and readers[0].equations == kernel.equations

    @cached_property
    def _of_equations(self) -> frozenset[Tensor]:
        return frozenset(definition.target for definition in self.program.equations)

    @cached_property
    def _readers(self) -> dict[Tensor, list[Kernel]]:
        """The kernels that read each array."""
        found: dict[Tensor, list[Kernel]] = {}
        for reader in self.program.kernels:
            for tensor in dict.fromkeys(reader.reads):
                found.setdefault(tensor, []).append(reader)
        return found

    def kernel(self, kernel: Kernel) -> str:
        match kernel:
            case Map():
                return self.map(kernel)
            case Contraction():
                return self.contraction(kernel)
            case Reduction():
                return self.reduction(kernel)
            case View():
                return self.window(kernel)
            case Made():
                return self.made(kernel)
        raise TypeError(f"not lowered: {kernel}")

    # -- loops --------------------------------------------------------------------------------------

    def steps(self, loop: Loop) -> list[Written]:
        """The memory of what steps write, and the loop, a line for each kernel of a step."""
        length, index = loop.index.extent, self.names[f"index {loop.target.name}"]
        begun: dict[str, list[str]] = {}
        starts: list[str] = []
        for carried in loop.carried:
            shape = shape_text((length + carried.pad, *carried.step.axes))
            labels = {i for e in _entries(carried.start) for i in labels_of(e)}
            constant_start = not labels
            begins = self.text(carried.start, ()) if constant_start else "0.0"
            rows = self.rows(carried)
            begun.setdefault(f"{self.call('full')}({shape}, {begins}{self.where})", []).append(rows)
            if not constant_start:
                beside = f"{size_text(length)}:" if loop.backwards else f":{carried.pad}"
                starts.append(f"{rows}[{beside}] = {self.text(carried.start, carried.indices)}")
        memory = [line for text, rows in begun.items() for line in alike(rows, text, WIDTH - 8)]
        steps = f"range({size_text(length)})"
        head = f"for {index} in {f'reversed({steps})' if loop.backwards else steps}:"
        self.names = {**self.names, **self.rows_of_a_step(loop, index)}
        body = [self.written(kernel, self.kernel(kernel)) for kernel in loop.body]
        return [
            *(Written(line, loop) for line in (*memory, *starts, head)),
            *(Written(f"    {line}", loop, equations) for line, _, equations in body),
        ]

    def rows_of_a_step(self, loop: Loop, index: str) -> dict[str, str]:
        """What a step calls a row, of an array that it reads or of one that it writes: the row itself."""
        own = {carried.whole: carried for carried in loop.carried}
        found = {}
        for part in loop.slices:
            if part.whole in own:
                place = _place(index, loop.offset(own[part.whole]) + part.shift)
                found[part.target.name] = f"{self.rows(own[part.whole])}[{place}]"
            else:
                found[part.target.name] = f"{self.names[part.whole.name]}[{index}]"
        for carried in loop.carried:
            found[carried.step.name] = f"{self.rows(carried)}[{_place(index, loop.offset(carried))}]"
        return found

    def rows(self, carried: Carried) -> str:
        return rows_name(carried, self.names)

    def is_there(self, kernel: Kernel) -> bool:
        """Whether a loop has made the whole array under its own name."""
        return isinstance(kernel, Made) and not kernel.carried.pad

    def made(self, kernel: Made) -> str:
        """The rows of all steps, or of those some steps away."""
        (loop,) = (k for k in self.program.kernels if isinstance(k, Loop) and k.target == kernel.source.tensor)
        first = loop.offset(kernel.carried) + kernel.shift
        return f"{self.rows(kernel.carried)}[{first}:{size_text(loop.index.extent + first)}]"

    def affine(self, first: Kernel, second: Kernel) -> str | None:
        """``linear(x, w, b)`` when the second kernel adds a vector to the first, a product of two matrices.

        What has several axes in place of the one that is summed over is flattened to a matrix.
        """
        match first, second:
            case Contraction(left=left, right=right), Map(expr=Add((Entry() as a, Entry() as b))):
                x, w = (left, right) if self.program.sample in labels_of(left) else (right, left)
                product_, bias = (a, b) if a.tensor == first.target else (b, a)
                rows, s = (*second.indices, None, None)[:2], first.over
                uses = sum(first.target in kernel.reads for kernel in self.program.kernels)
                if (
                    product_.tensor == first.target and labels_of(bias) == second.indices[1:] and uses == 1
                    and len(second.indices) == 2 and labels_of(x) == (rows[0], *s) and labels_of(w) == (rows[1], *s)
                ):  # fmt: skip
                    flat = ", ".join(self.view(e, (labels_of(e)[:1], s)) for e in (x, w))
                    return f"{self.library.linear}({flat}, {self.names[bias.tensor.name]})"
        return None

    # -- kernels ------------------------------------------------------------------------------------

    def map(self, kernel: Map) -> str:
        carried = {index for entry in _entries(kernel.expr) for index in labels_of(entry)}
        carried |= {i for node in _indicators(kernel.expr) for i in node}
        if kernel.indices and not carried:
            return f"{self.call('full')}({shape_text(kernel.target.axes)}, {self.text(kernel.expr, ())}{self.where})"
        text = self.text(kernel.expr, kernel.indices)
        if carried != set(kernel.indices):
            text = f"{self.call('broadcast_to')}({text}, {shape_text(kernel.target.axes)})"
        return text

    def contraction(self, kernel: Contraction) -> str:
        call = product(kernel)
        if call.operation == "einsum":
            indices = dict.fromkeys((*labels_of(kernel.left), *labels_of(kernel.right)))
            letters = {index: chr(ord("a") + k) for k, index in enumerate(indices)}
            spec = ",".join("".join(letters[i] for i in labels_of(e)) for e in (kernel.left, kernel.right))
            spec += "->" + "".join(letters[i] for i in kernel.indices)
            operands = f"{self.names[kernel.left.tensor.name]}, {self.names[kernel.right.tensor.name]}"
            return f'{self.call("einsum")}("{spec}", {operands})'
        left, right = self.matrix(kernel.left, call.left), self.matrix(kernel.right, call.right)
        text = f"{right} @ {left}" if call.swap else f"{left} @ {right}"
        if any(len(group) != 1 for group in call.out):
            text = f"({text}).reshape({', '.join(size_text(index.extent) for index in call.out_order)})"
        if call.out_order != kernel.indices:
            text = self.turned(text if text.startswith("(") else f"({text})", call.out_order, kernel.indices)
        return text

    def matrix(self, entry: Entry, groups: Groups) -> str:
        """As ``view``, but axes of length 1 in front are there too: ``@`` wants them."""
        if groups and not groups[0]:
            inner = ", ".join(":" if group else "None" for group in groups)
            return f"{self.view(entry, tuple(group for group in groups if group))}[{inner}]"
        return self.view(entry, groups)

    def reduction(self, kernel: Reduction) -> str:
        labels = labels_of(kernel.operand)
        axes = tuple(labels.index(index) for index in kernel.over)
        method = self.library.maximum if kernel.operation == "max" else kernel.operation
        name = self.names[kernel.operand.tensor.name]
        text = f"{name}.{method}({axes[0] if len(axes) == 1 else axes})" if kernel.indices else f"{name}.{method}()"
        return self.turned(text, tuple(i for i in labels if i not in kernel.over), kernel.indices)

    def window(self, kernel: View) -> str:
        """The source at computed positions; beyond its edge 0."""
        places, inside = [], []
        for sub, extent in zip(kernel.source.subscripts, kernel.source.tensor.axes, strict=True):
            place = self.positions(sub, kernel.indices)
            if kernel.padded and (sub.terms or sub.sizes):
                inside.append(f"({place} >= 0) & ({place} < {factor_text(extent)})")
                place = f"{place}.clip(0, {factor_text(extent)} - 1)"
            places.append(place)
        text = f"{self.names[kernel.source.tensor.name]}[{', '.join(places)}]"
        return f"{self.call('where')}({' & '.join(inside)}, {text}, 0.0)" if inside else text


def names_of_loops(program: Program) -> dict[str, str]:
    """What a loop's index, its rows and its steps are to be called, by what they are asked for with."""
    found: dict[str, str] = {}
    for loop in (kernel for kernel in program.kernels if isinstance(kernel, Loop)):
        found[f"index {loop.target.name}"] = loop.index.name
        found |= {f"rows {one.whole.name}": f"{one.whole.name}_rows" for one in loop.carried if one.pad}
        found |= {one.whole.name: one.whole.name for one in loop.carried if not one.pad}
        found |= {part.target.name: part.target.name for part in loop.slices}
        found |= {kernel.target.name: kernel.target.name for kernel in loop.body}
    return found


def _place(index: str, shift: int) -> str:
    return index if not shift else f"{index} {'+' if shift > 0 else '-'} {abs(shift)}"


def _entries(expr: Expr) -> list[Entry]:
    if isinstance(expr, Entry):
        return [expr]
    return [entry for child in expr.children for entry in _entries(child)]


def _indicators(expr: Expr) -> list[tuple[Index, ...]]:
    """The indices of each indicator in the expression."""
    match expr:
        case Delta(left=a, right=b):
            return [tuple((a - b).keys)]
        case InRange(subscript=sub):
            return [tuple(sub.keys)]
        case Position(index):
            return [(index,)]
    return [found for child in expr.children for found in _indicators(child)]
