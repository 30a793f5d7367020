"""Kernels: single operations on arrays, each still a formula in index notation.

    Formula      any formula: not lowered yet
    Contraction  Σ left·right over shared indices: a matrix product
    Map          the same arithmetic for every entry
    Reduction    a sum, a maximum or a product over some indices of one array
    View         other subscripts of an array, nothing computed: a window, a diagonal
    Stack        arrays one below the other in one memory, nothing computed
    Rows         some rows of an array, nothing computed
    Loop         the same kernels for each value of an index, one after the other
    Made         an array that a loop has written, nothing computed

Every kernel computes one named array, ``target[indices] = formula``, in the language of ``symbolic.language.expr``,
so it can be printed, evaluated and compared with the definition it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

from symbolic.language.affine import Index, Size, Subscript, size
from symbolic.language.expr import ZERO, Add, Compare, Entry, Expr, Mul, Number, Sum, Tensor
from symbolic.language.plain_text import plain
from symbolic.language.terms import certainly_in_range, free_indices, tensors, walk


@dataclass(frozen=True)
class _Kernel:
    """``target[indices]``, what it stands for, and the numbers of the equations it helps to compute."""

    target: Tensor
    indices: tuple[Index, ...]
    equations: tuple[int, ...] = field(default=(), kw_only=True)

    @property
    def formula(self) -> Expr:
        raise NotImplementedError

    @cached_property
    def reads(self) -> tuple[Tensor, ...]:
        return tensors(self.formula)

    @cached_property
    def fault(self) -> str | None:
        """What is wrong with the kernel by itself; found once, for kernels never change."""
        return _fault(self)

    @property
    def entry(self) -> Entry:
        return self.target[self.indices] if self.indices else Entry(self.target)

    def __str__(self) -> str:
        return f"{plain(self.entry)} = {plain(self.formula)}"


@dataclass(frozen=True)
class Formula(_Kernel):
    """Any formula: what lowering starts from."""

    expr: Expr

    @property
    def formula(self) -> Expr:
        return self.expr


@dataclass(frozen=True)
class Map(_Kernel):
    """The same arithmetic for every entry; operands are entries with plain, distinct indices."""

    expr: Expr

    @property
    def formula(self) -> Expr:
        return self.expr


@dataclass(frozen=True)
class Contraction(_Kernel):
    """Σ over ``over`` of left·right."""

    left: Entry
    right: Entry
    over: tuple[Index, ...]

    @property
    def formula(self) -> Expr:
        expr: Expr = Mul((self.left, self.right))
        for index in reversed(self.over):
            expr = Sum(expr, index)
        return expr


@dataclass(frozen=True)
class Reduction(_Kernel):
    """The sum, the maximum or the product of one array over some of its indices."""

    operand: Entry
    over: tuple[Index, ...]
    operation: Literal["sum", "max", "prod"] = "sum"

    @property
    def formula(self) -> Expr:
        expr: Expr = self.operand
        for index in reversed(self.over):
            expr = Sum(expr, index)
        return expr

    def __str__(self) -> str:
        if self.operation == "sum":
            return super().__str__()
        over = ", ".join(index.name for index in self.over)
        return f"{plain(self.entry)} = {self.operation}({plain(self.operand)} over {over})"


@dataclass(frozen=True)
class View(_Kernel):
    """``target[indices] = source[subscripts]``, nothing computed: a window, a diagonal, a slice.

    Where a subscript may run over the edge of the source, 0 is read: such a view looks at a copy of the
    source with zeros around it (``padded``); every other one looks at the memory of the source itself.
    """

    source: Entry

    @property
    def formula(self) -> Expr:
        return self.source

    @property
    def padded(self) -> bool:
        return not all(
            certainly_in_range(sub, extent)
            for sub, extent in zip(self.source.subscripts, self.source.tensor.axes, strict=True)
        )


@dataclass(frozen=True)
class Stack(_Kernel):
    """Arrays one below the other in one memory, nothing computed: its parts are made where they lie.

    A part is an entry with the axes of the target, or with all but the first one (a single row), or a
    number (a row of it).  Parts that are parameters must follow one another in the flat vector.
    """

    parts: tuple[Expr, ...]

    @classmethod
    def named(cls, name: str, parts: Iterable[Expr], *others: Index) -> Stack:
        """A stack of these parts; ``others`` are the indices beside the one that counts the rows."""
        bare = cls(Tensor(name), (Index("r", size(0)), *others), tuple(parts))
        row = Index("r", bare.height)
        return cls(Tensor(name, tuple(index.extent for index in (row, *others))), (row, *others), bare.parts)

    @property
    def height(self) -> Size:
        """The number of rows of all parts together."""
        _, start, stop = self.places[-1]
        return start + 1 if stop is None else stop

    @cached_property
    def places(self) -> tuple[tuple[Expr, Size, Size | None], ...]:
        """Each part, the row where it begins, and where it ends; None: it is a single row."""
        found: list[tuple[Expr, Size, Size | None]] = []
        start = size(0)
        for part in self.parts:
            whole = isinstance(part, Entry) and len(part.subscripts) == len(self.indices)
            stop = start + part.tensor.axes[0] if whole and isinstance(part, Entry) else None
            found.append((part, start, stop))
            start = start + 1 if stop is None else stop
        return tuple(found)

    def of(self, given: Iterable[Tensor]) -> bool:
        """Whether its first part is one of these: all are parameters then, or none is."""
        return bool(set(tensors(self.parts[0])) & set(given))

    @property
    def formula(self) -> Expr:
        """The parts, to see what is read; which row is whose, ``places`` says."""
        return Add(self.parts)

    def __str__(self) -> str:
        return f"{plain(self.entry)} = [{'; '.join(plain(part) for part in self.parts)}]"


@dataclass(frozen=True)
class Rows(_Kernel):
    """The rows of an array from ``start`` up to ``stop``, or the single row ``start``: nothing computed."""

    source: Entry
    start: Size
    stop: Size | None

    @property
    def formula(self) -> Expr:
        """What is read; which rows of it, ``start`` and ``stop`` say."""
        return self.source

    def __str__(self) -> str:
        rows = str(self.start) if self.stop is None else f"{self.start}:{self.stop}"
        return f"{plain(self.entry)} = {self.source.tensor.name}[{rows}]"


@dataclass(frozen=True)
class Slice:
    """What one step of a loop sees of an array whose first axis runs: ``target = whole[t + shift]``."""

    target: Tensor
    whole: Tensor
    shift: int = 0


@dataclass(frozen=True)
class Carried:
    """An array that a loop writes step by step, ``whole[t] = step``.

    ``pad`` more rows lie before its first one (behind its last one where the loop runs backwards): what a step
    reads that has none before it.  They hold ``start``, a number or an entry with the axes of ``step``.
    """

    step: Tensor
    whole: Tensor
    indices: tuple[Index, ...]
    pad: int = 0
    start: Expr = ZERO


@dataclass(frozen=True)
class Loop(_Kernel):
    """The same kernels again for each value of an index, in order or backwards; a step may read what one before wrote.

    ``body`` computes one step from ``slices`` and from arrays without the index.  The loop's own target is a mere
    token: what it has written, :class:`Made` gives a name to.
    """

    body: tuple[Kernel, ...]
    index: Index
    backwards: bool
    slices: tuple[Slice, ...]
    carried: tuple[Carried, ...]
    #: Arrays of a step that are made where another one will be: (name, whose memory).
    shared: tuple[tuple[str, str], ...] = ()

    @property
    def formula(self) -> Expr:
        """What is read, to see it; what is done with it, ``body`` says."""
        return Add(tuple(Entry(tensor) for tensor in self.reads))

    @cached_property
    def reads(self) -> tuple[Tensor, ...]:
        """The arrays outside that a step needs, or a start."""
        inside = {s.target for s in self.slices} | {k.target for k in self.body} | {c.whole for c in self.carried}
        read = [t for kernel in self.body for t in kernel.reads]
        read += [s.whole for s in self.slices] + [t for c in self.carried for t in tensors(c.start)]
        return tuple(tensor for tensor in dict.fromkeys(read) if tensor not in inside)

    def offset(self, carried: Carried) -> int:
        """The row of its memory in which an array begins."""
        return 0 if self.backwards else carried.pad

    def __str__(self) -> str:
        way = "backwards" if self.backwards else "forwards"
        inside = "; ".join(str(kernel) for kernel in self.body)
        return f"{self.target.name}: for {self.index.name} {way}: {inside}"


@dataclass(frozen=True)
class Made(_Kernel):
    """An array that a loop has written, or the same one ``shift`` steps away: nothing computed."""

    source: Entry
    carried: Carried
    shift: int = 0

    @property
    def formula(self) -> Expr:
        """The token of the loop that writes it."""
        return self.source

    def __str__(self) -> str:
        rows = f"t{self.shift:+}" if self.shift else "t"
        return f"{plain(self.entry)} = {self.carried.whole.name}[{rows}] of {self.source.tensor.name}"


Kernel: TypeAlias = Formula | Map | Contraction | Reduction | View | Stack | Rows | Loop | Made
Kernels: TypeAlias = "tuple[Kernel, ...]"


def with_operands(kernel: Kernel, change: Callable[[Expr], Expr]) -> Kernel:
    """The kernel over other operands: ``change`` is given each of them, an Entry where the kind wants one."""

    def entry(operand: Entry) -> Entry:
        changed = change(operand)
        assert isinstance(changed, Entry)
        return changed

    match kernel:
        case Contraction():
            return replace(kernel, left=entry(kernel.left), right=entry(kernel.right))
        case Reduction():
            return replace(kernel, operand=entry(kernel.operand))
        case View() | Rows():
            return replace(kernel, source=entry(kernel.source))
        case Stack():
            return replace(kernel, parts=tuple(change(part) for part in kernel.parts))
        case Map() | Formula():
            return replace(kernel, expr=change(kernel.expr))
        case Loop():
            return replace(
                kernel,
                body=tuple(with_operands(inner, change) for inner in kernel.body),
                slices=tuple(replace(part, whole=_same_order(part.whole, change)) for part in kernel.slices),
                carried=tuple(replace(carried, start=change(carried.start)) for carried in kernel.carried),
            )
        case Made():
            return kernel


def _same_order(tensor: Tensor, change: Callable[[Expr], Expr]) -> Tensor:
    """The array that is read in the place of another one, its axes in the same order."""
    axes = tuple(Index(f"#{n}", extent) for n, extent in enumerate(tensor.axes))
    changed = change(tensor[axes])
    assert isinstance(changed, Entry)
    assert labels_of(changed) == axes
    return changed.tensor


def is_mask(kernel: Kernel) -> bool:
    """Whether the array holds truth values: an indicator that is only ever multiplied or selected with."""
    return isinstance(kernel, Map) and isinstance(kernel.expr, Compare) and kernel.target.name.startswith(MASK)


#: The prefix of arrays of truth values; ``lower`` names them, no name of a spec begins so.
MASK = "mask_"


def simple(entry: Expr) -> bool:
    """Whether the subscripts are plain indices, each at most once."""
    if not isinstance(entry, Entry):
        return False
    labels = [sub.single for sub in entry.subscripts]
    return None not in labels and len(set(labels)) == len(labels)


def is_whole(entry: Expr) -> bool:
    """Whether it is an array as it lies in memory: plain indices, each over the whole of its axis."""
    if not isinstance(entry, Entry) or not simple(entry):
        return False
    return all(index.extent == axis for index, axis in zip(labels_of(entry), entry.tensor.axes, strict=True))


def labels_of(entry: Entry) -> tuple[Index, ...]:
    """The indices of a simple entry in the order of its axes."""
    found = tuple(sub.single for sub in entry.subscripts)
    assert all(index is not None for index in found)
    return tuple(index for index in found if index is not None)


def extents(subscripts: Iterable[Subscript]) -> tuple[Size, ...]:
    return tuple(index.extent for sub in subscripts for index in sub.keys)


def _fault(kernel: _Kernel) -> str | None:
    if kernel.target.axes != tuple(index.extent for index in kernel.indices):
        return "the target's axes are not the extents of its indices"
    if len(set(kernel.indices)) != len(kernel.indices):
        return "an index stands twice on the left"
    if isinstance(kernel, Stack):
        return _misfit(kernel)
    if isinstance(kernel, Loop | Made):
        return next((inner.fault for inner in getattr(kernel, "body", ()) if inner.fault is not None), None)
    if isinstance(kernel, Rows):
        shape = kernel.source.tensor.axes[1:]
        return None if kernel.target.axes[kernel.stop is not None :] == shape else "its rows are of another length"
    stray = free_indices(kernel.formula) - set(kernel.indices)
    if stray:
        return f"no range for {', '.join(sorted(index.name for index in stray))}"
    for node in walk(kernel.formula):
        if isinstance(node, Entry):
            if len(node.subscripts) != len(node.tensor.axes):
                return f"{node.tensor.name} has {len(node.tensor.axes)} axes"
            if isinstance(kernel, (Map, Contraction, Reduction)):
                if not simple(node):
                    return f"{node} must have plain indices"
                if extents(node.subscripts) != node.tensor.axes:
                    return f"{node}: an index runs over another range than the axis"
        if isinstance(node, Sum) and isinstance(kernel, (Map, View)):
            return "no sum may be left in it"
    return None


def _misfit(stack: Stack) -> str | None:
    """What is wrong with the parts of a stack."""
    for part, _, stop in stack.places:
        if isinstance(part, Entry):
            if not simple(part) or part.tensor.axes[stop is not None :] != stack.target.axes[1:]:
                return f"{plain(part)} is no run of its rows"
        elif not isinstance(part, Number):
            return f"{plain(part)} is neither an array nor a number"
    return None if stack.height == stack.target.axes[0] else f"its parts have {stack.height} rows"
