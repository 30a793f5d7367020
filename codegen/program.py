"""Programs: definitions again, each now so small that it is one operation on arrays.

A :class:`Program` is a straight list of kernels.  Every kernel computes one named array,
``target[indices] = formula``, and is one of

    Formula      any formula in index notation: not lowered yet
    Contraction  Σ left·right over shared indices: a matrix product
    Map          the same arithmetic for every entry
    Reduction    a sum or a maximum over some indices of one array
    View         other subscripts of an array, nothing computed: a window, a diagonal

The language of the formulas is the one of ``symbolic.expr``, so a kernel can be printed, evaluated and
compared with the definition it comes from at every stage.  Each array is assigned once.  A program
checks itself when it is made: a pass that breaks one stops at once, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeAlias

from symbolic.affine import Index, Size, Subscript
from symbolic.definition import Definition
from symbolic.expr import Compare, Entry, Expr, Mul, Sum, Tensor, plain
from symbolic.terms import certainly_in_range, free_indices, tensors, walk


class ProgramError(Exception):
    """A program that contradicts itself: the fault of a pass, never of a user."""


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
    """The sum or the maximum of one array over some of its indices."""

    operand: Entry
    over: tuple[Index, ...]
    operation: Literal["sum", "max"] = "sum"

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
        return f"{plain(self.entry)} = max({plain(self.operand)} over {over})"


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


Kernel: TypeAlias = Formula | Map | Contraction | Reduction | View
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
        case View():
            return replace(kernel, source=entry(kernel.source))
        case Map() | Formula():
            return replace(kernel, expr=change(kernel.expr))


def is_mask(kernel: Kernel) -> bool:
    """Whether the array holds truth values: an indicator that is only ever multiplied or selected with."""
    return isinstance(kernel, Map) and isinstance(kernel.expr, Compare) and kernel.target.name.startswith(MASK)


#: The prefix of arrays of truth values; ``lower`` names them, no name of a spec begins so.
MASK = "mask_"


@dataclass(frozen=True)
class Program:
    """Kernels in order; what comes in, what goes out, and which arrays share memory.

    ``gradients[k]`` is what is written for ``parameters[k]``: the derivative by it.  ``storage`` maps an
    array's name to the name of the array whose memory it uses (itself when it is not listed).
    """

    name: str
    kernels: tuple[Kernel, ...]
    inputs: tuple[Tensor, ...]
    target: Tensor
    parameters: tuple[Tensor, ...]
    output: str
    value: str
    gradients: tuple[str, ...]
    sample: Index
    equations: tuple[Definition, ...]
    #: What may be taken for granted about the target: (kind, tensor, axis) of ``symbolic.objective.Fact``.
    facts: tuple[Any, ...] = ()
    storage: Mapping[str, str] = field(default_factory=dict)

    SAMPLE: ClassVar[str] = "N"

    def __post_init__(self) -> None:
        self._check_order()
        for kernel in self.kernels:
            if kernel.fault is not None:
                raise ProgramError(f"{type(kernel).__name__} {kernel}: {kernel.fault}")
        for name in self.results:
            if name not in self.by_name:
                raise ProgramError(f"{self.name}: nothing computes {name}")
        self._check_storage()

    @property
    def given(self) -> tuple[Tensor, ...]:
        """What is there before the first kernel runs."""
        return (*self.inputs, self.target, *self.parameters)

    @property
    def results(self) -> tuple[str, ...]:
        return (self.output, self.value, *self.gradients)

    @cached_property
    def by_name(self) -> dict[str, Kernel]:
        return {kernel.target.name: kernel for kernel in self.kernels}

    @cached_property
    def constants(self) -> frozenset[str]:
        """Arrays that depend on sizes alone."""
        found: set[str] = set()
        for kernel in self.kernels:
            if all(tensor.name in found for tensor in kernel.reads):
                found.add(kernel.target.name)
        return frozenset(found) - set(self.results)

    def needed(self, *names: str) -> frozenset[str]:
        """The names of all arrays that these depend on, themselves included."""
        needed, stack = set(), list(names)
        while stack:
            name = stack.pop()
            if name in needed:
                continue
            needed.add(name)
            if name in self.by_name:
                stack.extend(tensor.name for tensor in self.by_name[name].reads)
        return frozenset(needed)

    @cached_property
    def sections(self) -> tuple[Kernels, Kernels, Kernels, Kernels]:
        """Constants; then what a prediction needs; what the value needs beyond it; the rest, the gradient."""
        predict, value = self.needed(self.output), self.needed(self.output, self.value)
        parts: tuple[list[Kernel], ...] = ([], [], [], [])
        for kernel in self.kernels:
            name = kernel.target.name
            part = 0 if name in self.constants else 1 if name in predict else 2 if name in value else 3
            parts[part].append(kernel)
        return tuple(parts[0]), tuple(parts[1]), tuple(parts[2]), tuple(parts[3])

    @property
    def predict(self) -> Program:
        """The same program without what a prediction does not need."""
        return self._only(self.needed(self.output), gradients=())

    def _only(self, needed: Iterable[str], gradients: tuple[str, ...]) -> Program:
        keep = set(needed)
        kernels = tuple(k for k in self.kernels if k.target.name in keep)
        value = self.value if self.value in keep else self.output
        return replace(self, kernels=kernels, gradients=gradients, value=value)

    @property
    def loss(self) -> Program:
        """The same program without the gradient."""
        return self._only(self.needed(self.output, self.value), gradients=())

    def with_kernels(self, kernels: Iterable[Kernel]) -> Program:
        return replace(self, kernels=tuple(kernels))

    def _check_order(self) -> None:
        known = {tensor.name: tensor for tensor in self.given}
        for kernel in self.kernels:
            for tensor in kernel.reads:
                if known.get(tensor.name) is None:
                    raise ProgramError(f"{self.name}: {kernel} reads {tensor.name} before it is computed")
                if known[tensor.name].axes != tensor.axes:
                    raise ProgramError(f"{self.name}: {kernel} reads {tensor.name} with other axes than it has")
            if kernel.target.name in known:
                raise ProgramError(f"{self.name}: {kernel.target.name} is assigned twice")
            known[kernel.target.name] = kernel.target

    def _check_storage(self) -> None:
        for name, buffer in self.storage.items():
            if name not in self.by_name or buffer not in self.by_name:
                raise ProgramError(f"{self.name}: storage of {name} in {buffer}, which nothing computes")
            if self.by_name[name].target.axes != self.by_name[buffer].target.axes:
                raise ProgramError(f"{self.name}: {name} and {buffer} share memory but differ in shape")

    def __str__(self) -> str:
        return "\n".join(f"{type(kernel).__name__:12}{kernel}" for kernel in self.kernels)


def simple(entry: Expr) -> bool:
    """Whether the subscripts are plain indices, each at most once."""
    if not isinstance(entry, Entry):
        return False
    labels = [sub.single for sub in entry.subscripts]
    return None not in labels and len(set(labels)) == len(labels)


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
