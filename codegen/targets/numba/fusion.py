"""Which kernels of a program share a loop, and which arrays share memory: what a compiled function is made of.

A kernel that is computed entry by entry is a nest of loops over its indices; a sum or a maximum is one over all
indices of what is summed.  Kernels over the same indices become one nest wherever what they read is there by
then, so that a value goes from one to the next in a register.  A product of two matrices stands alone, and so does
a loop over steps: the kernels of one step share loops among themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from codegen.compiler.contraction import Groups, flat, product
from codegen.compiler.kernels import Contraction, Kernel, Loop, Made, Map, Reduction, View, labels_of, simple
from codegen.compiler.program import Program
from codegen.targets.numpy.printer import factor_text
from symbolic.language.affine import Index
from symbolic.language.expr import Entry, Tensor
from symbolic.language.terms import reindex, walk

Labels: TypeAlias = "tuple[Index, ...]"

#: A compiler lets a loop run in vectors only when it can see, with few comparisons of addresses, that what is
#: written is not read as something else.  LLVM's bound, "runtime-memory-check-threshold".
COMPARISONS = 8


@dataclass
class Nest:
    """Kernels in one nest of loops over ``indices``; a product or a single number has none and stands alone."""

    indices: Labels
    kernels: list[Kernel] = field(default_factory=list)


#: An array, and the two axes of the matrix that it is: a group of indices for each.
Matrix: TypeAlias = "tuple[Entry, Groups]"


@dataclass(frozen=True)
class MatrixProduct:
    """out = left·right for each value of the batch indices."""

    batch: Labels
    left: Matrix
    right: Matrix
    out: Matrix

    @property
    def operands(self) -> tuple[Matrix, Matrix, Matrix]:
        return self.left, self.right, self.out

    @property
    def transposed(self) -> MatrixProduct:
        """outᵀ = rightᵀ·leftᵀ."""
        left, right, out = ((entry, groups[::-1]) for entry, groups in self.operands)
        return replace(self, left=right, right=left, out=out)

    def fits(self, matrix: Matrix) -> bool:
        """Whether it lies in memory as it is or transposed, at each value of the batch indices."""
        labels, groups = labels_of(matrix[0]), matrix[1]
        own = tuple(index for index in self.batch if index in labels)
        return labels in ((*own, *flat(groups)), (*own, *flat(groups[::-1])))


@dataclass(frozen=True)
class Slot:
    """Memory for one array after another: ``count`` numbers."""

    count: str
    arrays: list[str]


@dataclass
class Fusion:
    """The nests of a program in order.  ``local`` are values that never leave their nest: numbers, not arrays.

    ``around`` are the views of the program that this one is a step of.
    """

    program: Program
    around: Mapping[Tensor, View] = field(default_factory=dict)
    nests: list[Nest] = field(default_factory=list)
    home: dict[str, int] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.views = {**self.around, **{k.target: k for k in self.program.kernels if isinstance(k, View)}}
        self.kernels = [k for k in self.program.kernels if not isinstance(k, View | Made)]
        self.readers: dict[str, list[Kernel]] = {}
        for kernel in self.kernels:
            for name in dict.fromkeys(entry.tensor.name for entry in self.reads(kernel)):
                self.readers.setdefault(name, []).append(kernel)
        self.loops = {kernel.target.name: self.loops_of(kernel) for kernel in self.kernels}
        for one in self.program.kernels:
            if isinstance(one, Made):
                self.home[one.target.name] = self.home[one.source.tensor.name]
            elif not isinstance(one, View):
                self.place(one)
        self.local = {kernel.target.name for kernel in self.kernels if self.stays(kernel)}

    # -- what a kernel reads and runs over ---------------------------------------------------------------

    def seen(self, entry: Entry) -> Entry:
        """The entry that a view shows, at its place in the array that is looked at."""
        while entry.tensor in self.views:
            view = self.views[entry.tensor]
            shown = reindex(view.source, dict(zip(view.indices, entry.subscripts, strict=True)))
            assert isinstance(shown, Entry)
            entry = shown
        return entry

    def shown(self, tensor: Tensor) -> Tensor:
        """The array that is looked at, however many views lie between."""
        while tensor in self.views:
            tensor = self.views[tensor].source.tensor
        return tensor

    def reads(self, kernel: Kernel) -> Iterator[Entry]:
        """The entries that a kernel reads; of a loop the mere arrays."""
        if isinstance(kernel, Loop):
            return (Entry(tensor) for tensor in dict.fromkeys(map(self.shown, kernel.reads)))
        return (self.seen(node) for node in walk(kernel.formula) if isinstance(node, Entry))

    def loops_of(self, kernel: Kernel) -> Labels:
        """The indices of the kernel's nest: of the largest operand in the order of its memory where there is a Σ."""
        match kernel:
            case Map():
                return kernel.indices
            case Loop():
                return ()
            case Contraction() if self.as_product(kernel):
                return ()
            case Contraction() | Reduction():
                every = {*kernel.indices, *kernel.over}
                operands = (kernel.operand,) if isinstance(kernel, Reduction) else (kernel.left, kernel.right)
                whole = [e for e in map(self.seen, operands) if simple(e) and {*labels_of(e)} == every]
                return labels_of(whole[0]) if whole else (*kernel.indices, *kernel.over)
        raise TypeError(f"not lowered: {kernel}")

    def as_product(self, kernel: Contraction) -> MatrixProduct | None:
        """The contraction as products of two matrices; None for what is none.

        Where one operand has all indices, a loop reads each number once, as a product would.  The matrices must
        lie in memory as they are, or transposed, one after the other along the batch indices.
        """
        left, right = {*labels_of(kernel.left)}, {*labels_of(kernel.right)}
        if left <= right or right <= left or not kernel.over:
            return None
        if kernel.left.tensor in self.views or kernel.right.tensor in self.views:
            return None
        call = product(kernel)
        batch = tuple(i for i in kernel.indices if i in left & right) if call.operation == "matmul" else ()

        def axes(side: Groups) -> Groups:
            return tuple(group for group in side if group and not {*group} <= {*batch})

        found = MatrixProduct(
            batch, (kernel.left, axes(call.left)), (kernel.right, axes(call.right)), (kernel.entry, axes(call.out))
        )
        if call.operation == "einsum" or any(len(groups) != 2 for _, groups in found.operands):
            return None
        if call.swap:
            found = replace(found, left=found.right, right=found.left)
        if kernel.indices != (*batch, *flat(found.out[1])):
            found = found.transposed
        fits = kernel.indices == (*batch, *flat(found.out[1])) and found.fits(found.left) and found.fits(found.right)
        return found if fits else None

    # -- which nest ------------------------------------------------------------------------------------

    def place(self, kernel: Kernel) -> None:
        """Into the first nest over the same indices where all that is read is there, else into a new one."""
        loops = self.loops[kernel.target.name]
        least = 0
        for entry in self.reads(kernel):
            name = entry.tensor.name
            if name in self.home:
                least = max(least, self.home[name] + (not self.passed_on(name, entry, loops)))
        number = next((n for n in range(least, len(self.nests)) if self.joins(kernel, loops, self.nests[n])), None)
        if number is None:
            number = len(self.nests)
            self.nests.append(Nest(loops))
        self.nests[number].kernels.append(kernel)
        self.home[kernel.target.name] = number

    def passed_on(self, name: str, entry: Entry, loops: Labels) -> bool:
        """Whether the value is there within the nest that computes it: this very entry was just written."""
        return isinstance(self.program.by_name[name], Map) and simple(entry) and labels_of(entry) == loops != ()

    def joins(self, kernel: Kernel, loops: Labels, nest: Nest) -> bool:
        if not loops or nest.indices != loops or self.strides(kernel) != self.strides(nest.kernels[0]):
            return False
        return self.comparisons([*nest.kernels, kernel]) <= COMPARISONS

    def strides(self, kernel: Kernel) -> bool:
        """Whether the innermost loop jumps in memory: then it does not run in vectors, and nor would what joins it."""
        inner = self.loops[kernel.target.name][-1]
        entries = [*self.reads(kernel), *([kernel.entry] if inner in kernel.indices else ())]
        return any(inner in sub.keys for entry in entries for sub in entry.subscripts[:-1])

    def comparisons(self, kernels: Iterable[Kernel]) -> int:
        """Pairs of a written array and another one in the innermost loop."""
        written, read, own = set(), set(), set()
        for kernel in kernels:
            loops, name = self.loops[kernel.target.name], kernel.target.name
            own.add(name)
            if isinstance(kernel, Map):
                if self.leaves(kernel):
                    written.add(name)
            elif loops[-1] in kernel.indices:
                written.add(name)
            inner = (e for e in self.reads(kernel) if any(loops[-1] in s.keys for s in e.subscripts))
            read |= {entry.tensor.name for entry in inner}
        return len(written) * len(read - own) + len(written) * (len(written) - 1) // 2

    def leaves(self, kernel: Kernel) -> bool:
        """Whether somebody may read it elsewhere, as far as is known before all nests are made."""
        name = kernel.target.name
        return name in self.program.gradients or not all(
            self.loops[reader.target.name] == kernel.indices for reader in self.readers.get(name, ())
        )

    def stays(self, kernel: Kernel) -> bool:
        name = kernel.target.name
        if name in self.program.gradients:
            return False
        if not kernel.indices:
            return True
        here = self.home[name]
        return isinstance(kernel, Map) and all(
            self.home[reader.target.name] == here
            and all(self.passed_on(name, e, kernel.indices) for e in self.reads(reader) if e.tensor.name == name)
            for reader in self.readers.get(name, ())
        )

    # -- memory ----------------------------------------------------------------------------------------

    def slots(self) -> list[Slot]:
        """Memory for every array that is neither given nor a gradient: one that nobody reads any more is used again."""
        free: dict[str, list[Slot]] = {}
        ending: dict[int, list[Slot]] = {}
        found: list[Slot] = []
        for number, nest in enumerate(self.nests):
            for slot in ending.pop(number - 1, []):
                free.setdefault(slot.count, []).append(slot)
            for kernel in nest.kernels:
                name = kernel.target.name
                if isinstance(kernel, Loop):  # what steps write and read has memory of its own
                    continue
                if name in self.local or name in self.program.gradients:
                    continue
                count = "*".join(factor_text(axis) for axis in kernel.target.axes)
                if ready := free.get(count):
                    slot = ready.pop()
                else:
                    found.append(slot := Slot(count, []))
                slot.arrays.append(name)
                last = max((self.home[r.target.name] for r in self.readers.get(name, ())), default=number)
                ending.setdefault(last, []).append(slot)
        return found
