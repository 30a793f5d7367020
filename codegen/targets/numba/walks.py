"""A loop over steps as text: the rows that steps write, what stands beside the first one, and the lines of one step.

h_rows = work[start:start + (T + 1)*N*J].reshape((T + 1, N, J))      one row more: what the first step reads
before_h = h_rows.reshape(-1)[:T*N*J].reshape((T, N, J))
h_rows[:1] = 0.0
for t_ in range(T):
    before_h_t = h_rows[t_]
    h_t = h_rows[t_ + 1]
    …
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from codegen.compiler.kernels import Carried, Loop, Made, View
from codegen.targets.numpy.printer import factor_text, shape_text, size_text
from codegen.targets.numpy.steps import rows_name
from symbolic.language.affine import Index, Size, size, subscript
from symbolic.language.expr import Entry, Expr, Tensor


class Text(Protocol):
    """What prints a program: the one around a loop, and the one of a step."""

    names: dict[str, str]

    def memory(self) -> list[str]: ...
    def counts(self) -> Iterator[str]: ...
    def body(self, indent: int) -> list[str]: ...
    def number(self, expr: Expr) -> str: ...
    def letter(self, index: Index) -> str: ...
    def row(self, tensor: Tensor, name: str, place: str) -> str: ...


def rows_of_views(loop: Loop, views: Iterable[Tensor]) -> dict[Tensor, View]:
    """What a step sees of the views around the loop: views, looked through wherever they are read."""
    found = {}
    for part in loop.slices:
        if part.whole in views:
            indices = tuple(Index(f"#{n}", axis) for n, axis in enumerate(part.target.axes))
            subscripts = (subscript(loop.index) + part.shift, *map(subscript, indices))
            found[part.target] = View(part.target, indices, Entry(part.whole, subscripts))
    return found


@dataclass(frozen=True)
class Walk:
    """One loop; ``around`` prints the program that it stands in, ``step`` one step, which knows ``seen_through``."""

    loop: Loop
    made: tuple[Made, ...]
    around: Text
    step: Text
    seen_through: frozenset[Tensor]

    # -- memory -----------------------------------------------------------------------------------------

    def height(self, carried: Carried) -> Size:
        return self.loop.index.extent + carried.pad

    def counts(self) -> Iterator[str]:
        """How many numbers each array takes."""
        yield from (product((self.height(carried), *carried.step.axes)) for carried in self.loop.carried)
        yield from self.step.counts()

    def memory(self) -> list[str]:
        """Views of ``work`` from ``start`` on, which moves behind them."""
        names, lines = self.around.names, []
        for carried in self.loop.carried:
            axes = (self.height(carried), *carried.step.axes)
            shape = f".reshape({shape_text(axes)})" if len(axes) > 1 else ""
            lines.append(f"{rows_name(carried, names)} = work[start:start + {product(axes)}]{shape}")
            lines.append(f"start += {product(axes)}")
        lines += [self.alias(made) for made in self.made if made.carried.pad]
        return [*lines, *self.step.memory()]

    def alias(self, made: Made) -> str:
        """The same memory some steps away; by its flat view, for a run of rows must stay one block to a compiler."""
        rows, axes = rows_name(made.carried, self.around.names), made.target.axes
        first = self.loop.offset(made.carried) + made.shift
        start = product((size(first), *axes[1:])) if first else ""
        stop = product((axes[0] + first, *axes[1:]))
        flat = rows if len(axes) == 1 else f"{rows}.reshape(-1)"
        shape = f".reshape({shape_text(axes)})" if len(axes) > 1 else ""
        return f"{self.around.names[made.target.name]} = {flat}[{start}:{stop}]{shape}"

    # -- statements -------------------------------------------------------------------------------------

    def lines(self, indent: int) -> list[str]:
        last = size_text(self.loop.index.extent - 1)
        length = size_text(self.loop.index.extent)
        steps = f"range({last}, -1, -1)" if self.loop.backwards else f"range({length})"
        body = [*self.rows(), *self.step.body(indent + 4)]
        return [
            *(line for carried in self.loop.carried if carried.pad for line in self.start(carried)),
            f"for {self.around.letter(self.loop.index)} in {steps}:",
            *(f"    {line}" for line in body),
        ]

    def start(self, carried: Carried) -> list[str]:
        """What the first step reads, into the rows that no step writes."""
        rows = rows_name(carried, self.around.names)
        length = size_text(self.loop.index.extent)
        beside = f"{rows}[{length}:]" if self.loop.backwards else f"{rows}[:{carried.pad}]"
        value = self.around.number(carried.start)
        if not isinstance(carried.start, Entry) or not carried.indices:
            return [f"{beside} = {value}"]
        heads = [f"for {self.around.letter(i)} in range({size_text(i.extent)}):" for i in carried.indices]
        places = ", ".join((":", *map(self.around.letter, carried.indices)))
        return [
            *(f"{'    ' * depth}{head}" for depth, head in enumerate(heads)),
            f"{'    ' * len(heads)}{beside}[{places}] = {value}",
        ]

    def rows(self) -> Iterator[str]:
        """What a step reads and writes of the arrays of all steps."""
        names = self.around.names
        own = {carried.whole: carried for carried in self.loop.carried}
        seen: set[Tensor] = set()
        for part in self.loop.slices:
            seen.add(part.target)
            carried = own.get(part.whole)
            whole = names[part.whole.name] if carried is None else rows_name(carried, names)
            place = self.place(part.shift + (self.loop.offset(carried) if carried else 0))
            if part.target not in self.seen_through:
                yield f"{names[part.target.name]} = {self.around.row(part.whole, whole, place)}"
        for carried in self.loop.carried:
            if carried.step not in seen:
                first = self.loop.offset(carried)
                # one number is written as the only one of an array
                place = self.place(first) if carried.step.axes else f"{self.place(first)}:{self.place(first + 1)}"
                yield f"{names[carried.step.name]} = {rows_name(carried, names)}[{place}]"

    def place(self, shift: int) -> str:
        letter = self.around.letter(self.loop.index)
        return letter if not shift else f"{letter} {'+' if shift > 0 else '-'} {abs(shift)}"


def product(axes: Iterable[Size]) -> str:
    return "*".join(factor_text(axis) for axis in axes) or "1"
