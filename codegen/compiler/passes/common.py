"""Common subexpressions, at the level of arrays: the same formula is computed once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from codegen.compiler.kernels import (
    Contraction,
    Formula,
    Kernel,
    Loop,
    Made,
    Map,
    Reduction,
    Rows,
    Stack,
    View,
    is_mask,
    with_operands,
)
from codegen.compiler.program import Program
from symbolic.language.affine import Index, subscript
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import reindex, transform


def share(program: Program) -> Program:
    """Drop a kernel whose array another kernel has computed already; a result, or a part of a stack, is copied.

    A part of a stack is a place in memory that must be written, whoever else computes the same numbers.
    """
    first: dict[Hashable, Kernel] = {}
    same: dict[Tensor, Tensor] = {}
    kept: dict[str, Kernel] = {}
    named = {definition.target.name for definition in program.equations}
    for original in program.kernels:
        kernel = renamed(original, same)
        earlier = first.setdefault(key(kernel), kernel)
        if earlier is kernel:
            kept[kernel.target.name] = kernel
            continue
        earlier = kept[earlier.target.name]
        if kernel.target.name in named:  # a whole definition: its equation is cited where it is computed
            equations = tuple(sorted({*earlier.equations, *kernel.equations}))
            kept[earlier.target.name] = replace(earlier, equations=equations)
        if kernel.target.name in program.results or kernel.target.name in program.stacked:
            copy = earlier.target[kernel.indices] if kernel.indices else Entry(earlier.target)
            kept[kernel.target.name] = Map(kernel.target, kernel.indices, copy, equations=kernel.equations)
        else:
            same[kernel.target] = earlier.target
    return program.with_kernels(kept.values())


def key(kernel: Kernel) -> Hashable:
    """Equal for kernels that compute the same array: their indices are named by position."""
    names: dict[Index, Index] = {}

    def name(index: Index) -> None:
        names.setdefault(index, Index(f"#{len(names)}", index.extent))

    for index in kernel.indices:
        name(index)
    over: tuple[Index, ...] = ()
    if isinstance(kernel, (Contraction, Reduction)):
        over = kernel.over
        for index in over:
            name(index)
    values = {old: subscript(new) for old, new in names.items()}
    parts: tuple[Expr, ...] = operands(kernel)
    kind: Hashable = kernel.operation if isinstance(kernel, Reduction) else type(kernel).__name__
    return (
        (kind, kernel.start, kernel.stop) if isinstance(kernel, Rows) else kind,
        is_mask(kernel),  # booleans are no numbers: no minus, no product of two
        tuple(index.extent for index in kernel.indices),
        frozenset(names[index] for index in over),
        tuple(reindex(part, values) for part in parts),
    )


def operands(kernel: Kernel) -> tuple[Expr, ...]:
    match kernel:
        case Contraction(left=left, right=right):
            return (left, right)
        case Reduction(operand=operand):
            return (operand,)
        case View(source=source) | Rows(source=source):
            return (source,)
        case Stack(parts=parts):
            return parts
        case Map(expr=expr) | Formula(expr=expr):
            return (expr,)
        case Loop() | Made():  # no other one computes the same
            return (Entry(kernel.target),)


def renamed(kernel: Kernel, names: dict[Tensor, Tensor]) -> Kernel:
    """The kernel reading other arrays of the same shape."""
    if not any(tensor in names for tensor in kernel.reads):
        return kernel

    def entry(node: Expr) -> Expr | None:
        if isinstance(node, Entry) and node.tensor in names:
            return Entry(names[node.tensor], node.subscripts)
        return None

    return with_operands(kernel, lambda expr: transform(expr, entry))
