"""The arrays that the functions of a module share: what is allocated, and what looks at it, before they run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from codegen.compiler.kernels import Kernel, Loop, Made, Rows, Stack, View, is_mask
from codegen.compiler.passes.storage import owns_memory
from codegen.compiler.program import Program
from codegen.targets.numpy import steps
from codegen.targets.numpy.naming import loops
from codegen.targets.numpy.parts import Allocation
from codegen.targets.numpy.printer import DerivedView, Printer, shape_text, size_text
from symbolic.language.affine import Size
from symbolic.language.expr import Entry


@dataclass
class Allocator:
    """Writes the memory of a program whose kernels the printer prints."""

    program: Program
    printer: Printer

    @property
    def names(self) -> dict[str, str]:
        return self.printer.names

    def allocate(self) -> list[Allocation]:
        program, seen = self.program, set()
        stacks = [kernel for kernel in program.kernels if isinstance(kernel, Stack)]
        found = [self.stack(kernel) for kernel in reversed(stacks) if not kernel.of(program.given)]
        for kernel in program.kernels:
            name = kernel.target.name
            text = self.names[name]
            if isinstance(kernel, Stack | Made):
                continue
            if isinstance(kernel, Loop):
                made = [other for other in program.kernels if isinstance(other, Made)]
                found += steps.memory(kernel, self.printer)
                found += steps.aliases(kernel, made, self.names)
                windows = (inner for inner in kernel.body if isinstance(inner, View) and inner.padded)
                found += [self.padded(inner) for inner in windows]
                continue
            if isinstance(kernel, View) or not owns_memory(program, kernel) or name in program.written:
                if isinstance(kernel, View) and kernel.padded:
                    found.append(self.padded(kernel))
                continue
            owner = program.storage.get(name, name)
            if owner in program.written or text in seen:
                continue
            seen.add(text)
            if text != self.names[owner] and self.names[owner] in seen:
                found.append(Allocation(text, self.names[owner], note="the same memory"))
                continue
            if text != self.names[owner]:
                seen.add(self.names[owner])
                found.append(self.empty(kernel, owner))
                found.append(Allocation(text, self.names[owner], note="the same memory"))
                continue
            then = self.printer.statements(kernel) if name in program.constants and not kernel.reads else ()
            found.append(self.empty(kernel, owner, tuple(then)))
        return found

    def fills(self) -> tuple[str, ...]:
        """Constants that are made from other ones, in order: done once, when all arrays and their views are there."""
        made = (kernel for kernel in self.program.sections[0] if kernel.reads)
        return tuple(line for kernel in made for line in self.printer.statements(kernel))

    def empty(self, kernel: Kernel, owner: str, then: tuple[str, ...] = ()) -> Allocation:
        """New memory, or the rows of a stack."""
        dtype = "bool" if is_mask(kernel) else "dtype"
        text = self.rows.get(owner) or f"empty({shape_text(kernel.target.axes)}, {dtype})"
        return Allocation(self.names[owner], text, then=then)

    @cached_property
    def rows(self) -> dict[str, str]:
        """Where in a stack a memory lies, by the name of the array that owns it."""
        return {
            self.program.storage.get(part.tensor.name, part.tensor.name): self.run(stack.target.name, start, stop)
            for stack in self.program.kernels
            if isinstance(stack, Stack)
            for part, start, stop in stack.places
            if isinstance(part, Entry)
        }

    def run(self, name: str, start: Size, stop: Size | None) -> str:
        """Rows of an array."""
        return f"{self.names[name]}[{size_text(start)}{'' if stop is None else ':' + size_text(stop)}]"

    def stack(self, kernel: Stack) -> Allocation:
        """The memory of a stack, its rows of one number filled."""
        name = self.names[kernel.target.name]
        text = self.rows.get(kernel.target.name) or f"empty({shape_text(kernel.target.axes)}, dtype)"
        rows = [(part, start) for part, start, _ in kernel.places if not isinstance(part, Entry)]
        then = tuple(f"{name}[{size_text(start)}].fill({self.printer.scalar(part)})" for part, start in rows)
        return Allocation(name, text, then=then)

    def padded(self, kernel: View) -> Allocation:
        name = self.names[kernel.target.name]
        lows, highs, starts = [], [], []
        for sub in kernel.source.subscripts:
            low, high = [size_text(sub.offset)], [size_text(sub.offset)]
            for index, c in sub.terms:
                (low if c < 0 else high).append(f"{c}*({size_text(index.extent)} - 1)")
            lows.append(" + ".join(low))
            highs.append(" + ".join(high))
            starts.append(f"{size_text(sub.offset)} - ({lows[-1]})")
        ranges = ", ".join(f"({low}, {high})" for low, high in zip(lows, highs, strict=True))
        shape = shape_text(kernel.source.tensor.axes)
        moves = self.moves(kernel)
        return Allocation(
            f"{name}_padded, {name}_inside, {name}_seen",
            f"padded({shape}, ({ranges},), dtype)",
            then=(
                f"{name} = window({name}_padded, ({', '.join(starts)},), {moves}, {shape_text(kernel.target.axes)})",
            ),
        )

    def moves(self, kernel: View) -> str:
        """For each index of the view, how far it moves along each axis of the source."""
        rows = [
            "(" + ", ".join(str(sub.coefficient(index)) for sub in kernel.source.subscripts) + ",)"
            for index in kernel.indices
        ]
        return f"({', '.join(rows)},)" if rows else "()"

    def add_window_views(self) -> None:
        """Rows, and views of unpadded sources, get their name and text like any view of an operand."""
        for kernel in (*self.program.kernels, *(inner for loop in loops(self.program) for inner in loop.body)):
            if isinstance(kernel, Rows) and kernel.source.tensor.name not in self.program.written:
                text = self.run(kernel.source.tensor.name, kernel.start, kernel.stop)
                base = self.names[kernel.source.tensor.name]
                self.printer.views[text] = DerivedView(self.names[kernel.target.name], base, text)
            if isinstance(kernel, View) and not kernel.padded:
                base = self.names[kernel.source.tensor.name]
                starts = ", ".join(size_text(sub.offset) for sub in kernel.source.subscripts)
                text = f"window({base}, ({starts},), {self.moves(kernel)}, {shape_text(kernel.target.axes)})"
                name = self.names[kernel.target.name]
                self.printer.views[text] = DerivedView(name, base, text)
