"""A program as loops over single numbers, for a compiler: each value in a register from where it is made to its use.

Only what a later loop or product reads is stored.  See ``codegen.targets.numba.fusion`` for which kernels share a loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codegen.arithmetic import ATOM, POWER, SUM
from codegen.compiler.contraction import Groups
from codegen.compiler.kernels import Contraction, Kernel, Loop, Made, Map, Reduction, View, labels_of, simple
from codegen.compiler.passes.steps import one_step
from codegen.compiler.program import Program
from codegen.targets.array_arithmetic import ArrayArithmetic
from codegen.targets.citing import cited
from codegen.targets.libraries import Library
from codegen.targets.numba.fusion import Fusion, Labels, Nest
from codegen.targets.numba.layered import Layered, count_text
from codegen.targets.numba.walks import Walk, rows_of_views
from codegen.targets.numpy.printer import shape_text, size_text
from codegen.targets.reserved import with_underscores
from codegen.targets.values import names_of_loops
from symbolic.language.affine import Index, Size, Subscript
from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Delta,
    Entry,
    Expr,
    Hyper,
    InRange,
    Mul,
    Position,
    Pow,
    Tensor,
    Where,
)
from symbolic.language.terms import certainly_in_range, walk


def loop_names(program: Program, taken: Collection[str]) -> dict[str, str]:
    """The Python name of each array, and of the variable that runs over an index, as ``index i``.

    Numbers of the regulariser are written out.
    """
    wanted = {f"index {name}": f"{name}_" for kernel in program.kernels for name in _index_names(kernel)}
    for tensor in (*program.given, *(kernel.target for kernel in program.kernels)):
        wanted[tensor.name] = tensor.name
    wanted |= names_of_loops(program)
    carried = (carried for kernel in program.kernels if isinstance(kernel, Loop) for carried in kernel.carried)
    wanted |= {one.whole.name: one.whole.name for one in carried}
    hypers = (n for d in program.equations for n in walk(d.formula) if isinstance(n, Hyper))
    return with_underscores(wanted, taken) | {f"hyper {n.name}": repr(float(n.value)) for n in hypers}


def _index_names(kernel: Kernel) -> Iterable[str]:
    """Of all indices that the kernel runs over or names."""
    if isinstance(kernel, Loop):
        starts = (index for carried in kernel.carried for index in carried.indices)
        own = (index.name for index in (kernel.index, *starts))
        return (*own, *(name for inner in kernel.body for name in _index_names(inner)))
    entries = (kernel.entry, *(node for node in walk(kernel.formula) if isinstance(node, Entry)))
    return (index.name for entry in entries for sub in entry.subscripts for index in sub.keys)


@dataclass
class Loops:
    """Prints a program; arrays and numbers are called what ``loop_names`` says, and nothing else like ``taken``.

    ``around`` are the views of the program that this one is a step of, ``names`` its names.
    """

    program: Program
    library: Library
    taken: Collection[str]
    names: dict[str, str] = field(default_factory=dict)
    around: Mapping[Tensor, View] = field(default_factory=dict)
    fusion: Fusion = field(init=False)
    walks: dict[Tensor, Walk] = field(init=False)
    #: Within one nest: entries that do not change in the innermost loop, by the name of the variable that holds them.
    held: dict[Entry, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = self.names or loop_names(self.program, self.taken)
        self.fusion = Fusion(self.program, self.around)
        self.walks = {k.target: self.walk(k) for k in self.program.kernels if isinstance(k, Loop)}

    def walk(self, loop: Loop) -> Walk:
        seen_through = rows_of_views(loop, self.fusion.views)
        views = {**self.fusion.views, **seen_through}
        step = Loops(one_step(loop, self.program), self.library, self.taken, self.names, views)
        made = tuple(k for k in self.program.kernels if isinstance(k, Made) and k.source.tensor == loop.target)
        return Walk(loop, made, self, step, frozenset(seen_through))

    # -- arrays -----------------------------------------------------------------------------------------

    def parameters(self) -> list[str]:
        """Views of the flat vector of parameters; those without axes are numbers."""
        return self._flat("parameters", [(t, self.names[t.name]) for t in self.program.parameters], numbers=True)

    def slopes(self) -> list[str]:
        """Views of the flat gradient; those without axes have one entry."""
        pairs = zip(self.program.gradients, self.program.parameters, strict=False)
        return self._flat("gradient", [(self.program.by_name[g].target, self.names[g]) for g, _ in pairs])

    def _flat(self, flat: str, arrays: Iterable[tuple[Tensor, str]], numbers: bool = False) -> list[str]:
        lines = ["start = 0"]
        read = {entry.tensor for kernel in self.fusion.kernels for entry in self.fusion.reads(kernel)}
        for tensor, name in arrays:
            if (layered := self.layered(tensor)) is not None:
                lines.append(f"{name} = {layered.view(flat)}")
                lines += [f"start += {layered.layers}*({layered.every})"] if layered.is_last else []
                continue
            count = count_text(tensor.axes)
            if not numbers or tensor in read:
                part = f"{flat}[start:start + {count}]"
                if len(tensor.axes) > 1:
                    part += f".reshape({shape_text(tensor.axes)})"
                lines.append(f"{name} = {f'{flat}[start]' if numbers and not tensor.axes else part}")
            lines.append(f"start += {count}")
        return lines[:-1] if lines[-1].startswith("start") else lines

    def layered(self, tensor: Tensor) -> Layered | None:
        """A parameter of equal layers, or its derivative, as it lies in memory; None for every other array."""
        stack = self.program.layers.get(self.parameter_of.get(tensor.name, tensor))
        return None if stack is None else Layered(stack)

    @cached_property
    def parameter_of(self) -> Mapping[str, Tensor]:
        """The parameter that a derivative is by."""
        return dict(zip(self.program.gradients, self.program.parameters, strict=False))

    def arrays(self) -> list[str]:
        """Views of ``work``, one after the other."""
        lines = ["start = 0", *self.memory()]
        return lines[:-1] if lines[-1].startswith("start") else lines

    def memory(self) -> list[str]:
        """Views of ``work`` from ``start`` on; arrays that are not needed at the same time share memory."""
        lines = []
        targets = self.program.by_name
        for slot in self.fusion.slots():
            first, *others = (targets[name].target for name in slot.arrays)
            shape = f".reshape({shape_text(first.axes)})" if len(first.axes) > 1 else ""
            lines.append(f"{self.names[first.name]} = work[start:start + {slot.count}]{shape}")
            for other in others:
                turned = "" if other.axes == first.axes else f".reshape({shape_text(other.axes)})"
                lines.append(f"{self.names[other.name]} = {self.names[first.name]}{turned}  # the same memory")
            lines.append(f"start += {slot.count}")
        for walk_ in self.walks.values():
            lines += walk_.memory()
        return lines

    @property
    def workspace(self) -> str:
        """The number of entries of ``work``."""
        return " + ".join(self.counts()) or "1"

    def counts(self) -> Iterator[str]:
        yield from (slot.count for slot in self.fusion.slots())
        for walk_ in self.walks.values():
            yield from walk_.counts()

    # -- statements -------------------------------------------------------------------------------------

    def body(self, indent: int = 4) -> list[str]:
        """The statements, each with the numbers of the equations that it computes; they stand so far to the right."""
        found: list[str] = []
        for nest in self.fusion.nests:
            (kernel, *_) = nest.kernels
            if nest.indices:
                found += self.nest(nest, indent)
            elif isinstance(kernel, Contraction):
                found += self.product(kernel, indent)
            elif isinstance(kernel, Loop):
                found += self.walks[kernel.target].lines(indent)
            else:
                assert isinstance(kernel, Map)
                found += cited(self.assignment(kernel), kernel.equations, indent)
        return found

    def assignment(self, kernel: Map) -> str:
        return f"{self.place(kernel.entry)} = {self.number(kernel.expr)}"

    def nest(self, nest: Nest, indent: int) -> list[str]:
        """All kernels of a nest; sums start before the loops that they run over, and are stored behind them."""
        loops, depth = nest.indices, len(nest.indices)
        within = indent + 4 * depth
        before: list[list[str]] = [[] for _ in range(depth + 1)]
        after: list[list[str]] = [[] for _ in range(depth + 1)]
        inner: list[str] = []
        self.held = {}
        for level, line in self.hold(nest):
            before[level].append(line)
        for kernel in nest.kernels:
            if isinstance(kernel, Map):
                inner += cited(self.assignment(kernel), kernel.equations, within)
                continue
            assert isinstance(kernel, (Contraction, Reduction))
            level, start = len(kernel.indices), _STARTS[_operation(kernel)]
            if {*kernel.indices} == {*loops[:level]}:
                total = self.total(kernel)
                before[level].append(f"{total} = {start}")
                if total != self.place(kernel.entry):
                    after[level].append(f"{self.place(kernel.entry)} = {total}")
            else:  # a sum for each entry of an array, all of them at once
                total = self.place(kernel.entry)
                before[0].append(self.filled(kernel.target, start))
            update = _UPDATES[_operation(kernel)].format(total, self.summand(kernel))
            inner += cited(update, kernel.equations, within)
        lines = list(before[0])
        for level, index in enumerate(loops):
            lines.append(f"{'    ' * level}for {self.letter(index)} in range({size_text(index.extent)}):")
            lines += [f"{'    ' * (level + 1)}{line}" for line in (*before[level + 1], *(inner * (level + 1 == depth)))]
        for level in range(depth, -1, -1):
            lines += [f"{'    ' * level}{line}" for line in after[level]]
        self.held = {}
        return lines

    def filled(self, tensor: Tensor, start: str) -> str:
        """The whole array set to a number."""
        name, layered = self.names[tensor.name], self.layered(tensor)
        return f"{name}.fill({start})" if layered is None else f"{layered.rows(name)} = {start}"

    def row(self, tensor: Tensor, name: str, place: str) -> str:
        """The array at one value of its first index."""
        layered = self.layered(tensor)
        return f"{name}[{place}]" if layered is None else layered.row(name, place)

    def hold(self, nest: Nest) -> list[tuple[int, str]]:
        """Numbers that stay the same in the innermost loop, read before it: (how many loops around, the line)."""
        made = {kernel.target.name for kernel in nest.kernels}
        found = []
        for kernel in nest.kernels:
            for entry in self.fusion.reads(kernel):
                if entry in self.held or not entry.subscripts or not simple(entry) or entry.tensor.name in made:
                    continue
                labels = labels_of(entry)
                level = 1 + max(nest.indices.index(index) for index in labels)
                if level < len(nest.indices):
                    line = self.place(entry)
                    self.held[entry] = self.fresh(f"{self.names[entry.tensor.name]}_{''.join(i.name for i in labels)}")
                    found.append((level, f"{self.held[entry]} = {line}"))
        return found

    def total(self, kernel: Contraction | Reduction) -> str:
        """The variable of a running sum: the number itself, or one that is stored at the end."""
        name = self.names[kernel.target.name]
        return name if kernel.target.name in self.fusion.local else self.fresh(f"{name}_total")

    def fresh(self, name: str) -> str:
        """The name, or one like it that nothing else has."""
        taken = {*self.taken, *self.names.values(), *self.held.values()}
        while name in taken:
            name += "_"
        return name

    def summand(self, kernel: Contraction | Reduction) -> str:
        if isinstance(kernel, Reduction):
            return self.place(kernel.operand)
        return f"{self.place(kernel.left)}*{self.place(kernel.right)}"

    # -- products of matrices ---------------------------------------------------------------------------

    def product(self, kernel: Contraction, indent: int) -> list[str]:
        found = self.fusion.as_product(kernel)
        assert found is not None
        lines = [
            f"{'    ' * n}for {self.letter(index)} in range({size_text(index.extent)}):"
            for n, index in enumerate(found.batch)
        ]
        operands = ", ".join(self.matrix(entry, groups, found.batch) for entry, groups in found.operands)
        return [*lines, *cited(f"{'    ' * len(found.batch)}matrix_product({operands})", kernel.equations, indent)]

    def matrix(self, entry: Entry, groups: Groups, batch: Labels) -> str:
        """The array as a matrix with one axis for each group, at one value of the batch indices."""
        labels, text = labels_of(entry), self.names[entry.tensor.name]
        if own := [self.letter(index) for index in batch if index in labels]:
            first, *rest = own
            text = self.row(entry.tensor, text, first) + (f"[{', '.join(rest)}]" if rest else "")
        straight = labels[len(own) :] == tuple(index for group in groups for index in group)
        shown = groups if straight else groups[::-1]
        if any(len(group) > 1 for group in shown):
            text += f".reshape(({', '.join(count_text(tuple(i.extent for i in group)) for group in shown)}))"
        return text if straight else f"{text}.T"

    # -- numbers ----------------------------------------------------------------------------------------

    def place(self, entry: Entry) -> str:
        """The entry as an element, or as the number that stands for it; 0 beyond the edge of what a view shows."""
        entry = self.fusion.seen(entry)
        if entry in self.held:
            return self.held[entry]
        name = self.names[entry.tensor.name]
        if entry.tensor.name in self.fusion.local or (not entry.subscripts and entry.tensor in self.program.given):
            return name
        positions, layered = [*map(self.position, entry.subscripts)], self.layered(entry.tensor)
        text = f"{name}[{', '.join(positions) or '0'}]" if layered is None else layered.entry(name, positions)
        pairs = zip(entry.subscripts, entry.tensor.axes, strict=True)
        inside = [self.inside(sub, axis) for sub, axis in pairs if not certainly_in_range(sub, axis)]
        return f"({text} if {' and '.join(inside)} else 0.0)" if inside else text

    def letter(self, index: Index) -> str:
        """The variable that runs over the index."""
        return self.names[f"index {index.name}"]

    def position(self, sub: Subscript) -> str:
        return size_text(sub.map(self.letter))

    def inside(self, sub: Subscript, extent: Size) -> str:
        return f"0 <= {self.position(sub)} < {size_text(extent)}"

    def number(self, expr: Expr) -> str:
        return _Numbers(self.program, self.library, self.names, loops=self).text(expr, ())


#: What a running sum, maximum or product starts with, and how it takes one more value.
_STARTS = {"sum": "0.0", "max": "-np.inf", "prod": "1.0"}
_UPDATES = {"sum": "{0} += {1}", "max": "{0} = np.maximum({0}, {1})", "prod": "{0} *= {1}"}


def _operation(kernel: Contraction | Reduction) -> str:
    return "sum" if isinstance(kernel, Contraction) else kernel.operation


@dataclass
class _Numbers(ArrayArithmetic):
    """Arithmetic of single entries."""

    loops: Loops | None = None

    def text(self, expr: Expr, indices: tuple[Index, ...], tight: int = 0) -> str:
        assert self.loops is not None
        match expr:
            case Entry():
                return self.loops.place(expr)
            case Where(condition, then, otherwise):
                return f"({self.text(then, ())} if {self.truth(condition, ())} else {self.text(otherwise, ())})"
            case Compare():
                return f"(1.0 if {self.truth(expr, ())} else 0.0)"
            case Delta(left=a, right=b):
                return f"(1.0 if {self.loops.position(a)} == {self.loops.position(b)} else 0.0)"
            case Position(index):
                return self.loops.letter(index)
            case InRange(subscript=sub, extent=extent):
                return f"(1.0 if {self.loops.inside(sub, extent)} else 0.0)"
            case Pow(base, exponent) if exponent == 2 and isinstance(base, (Entry, Add, Mul, Call)):
                inner = self.text(base, (), ATOM)
                return f"{inner}*{inner}" if tight < POWER else f"({inner}*{inner})"
        return super().text(expr, indices, tight)

    def tensor(self, expr: Expr, indices: tuple[Index, ...]) -> str:
        return self.text(expr, indices, SUM)  # compiled numbers have one type
