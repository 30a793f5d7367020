"""Sums as products with a vector of ones, and operands arranged so that they are matrices."""

from __future__ import annotations

from dataclasses import replace

from codegen.compiler.contraction import arrangement, product
from codegen.compiler.kernels import Contraction, Kernel, Map, Reduction, View, is_mask, labels_of, with_operands
from codegen.compiler.passes.dead import drop_dead
from codegen.compiler.passes.operations import negated
from codegen.compiler.program import Program
from symbolic.language.affine import Index
from symbolic.language.expr import MINUS_ONE, ONE, Add, Entry, Expr, Mul, Tensor
from symbolic.language.names import unused
from symbolic.language.terms import substitute, transform, walk


def sums_as_products(program: Program) -> Program:
    """Σ_i E[j,i] as the product of E with a vector of ones: the matrix product's speed (up to 5×)."""
    kernels: list[Kernel] = []
    ones: dict[tuple[object, ...], Tensor] = {}
    taken = program.array_names()
    for kernel in program.kernels:
        if not isinstance(kernel, Reduction) or kernel.operation != "sum":
            kernels.append(kernel)
            continue
        axes = tuple(index.extent for index in kernel.over)
        candidate = Contraction(
            kernel.target,
            kernel.indices,
            kernel.operand,
            Entry(Tensor("ones", axes), kernel.operand.tensor[kernel.over].subscripts),
            kernel.over,
            equations=kernel.equations,
        )
        if arrangement(candidate) is None or len(kernel.over) > 2:
            kernels.append(kernel)
            continue
        if axes not in ones:
            ones[axes] = Tensor(unused("ones", taken), axes)
            kernels.append(Map(ones[axes], kernel.over, ONE))
        kernels.append(replace(candidate, right=ones[axes][kernel.over]))
    return program.with_kernels(kernels)


def arrange(program: Program) -> Program:
    """Copy an operand into the order of axes that makes it a matrix, where a view cannot; others read the copy."""
    kernels: list[Kernel] = []
    taken = program.array_names()
    windows = {k.target for k in program.kernels if isinstance(k, View)}
    copies: dict[tuple[Tensor, tuple[int, ...]], Tensor] = {}

    def permuted(entry: Entry, order: tuple[Index, ...]) -> tuple[Tensor, tuple[int, ...]]:
        labels = labels_of(entry)
        return entry.tensor, tuple(labels.index(index) for index in order)

    def copied(entry: Entry, order: tuple[Index, ...], equations: tuple[int, ...]) -> Entry:
        key = permuted(entry, order)
        if key not in copies:
            suffix = "_window" if entry.tensor in windows else "_arranged"
            name = unused(entry.tensor.name.removesuffix("_view") + suffix, taken)
            copies[key] = Tensor(name, tuple(index.extent for index in order))
            kernels.append(Map(copies[key], order, entry, equations=equations))
        return copies[key][order]

    def read_copies(kernel: Kernel) -> Kernel:
        """The kernel reading a copy that lies in memory as its own result does."""

        def change(node: Expr) -> Expr | None:
            if isinstance(node, Entry) and set(labels_of(node)) == set(kernel.indices) != set():
                copy = copies.get(permuted(node, kernel.indices))
                return copy[kernel.indices] if copy is not None and labels_of(node) != kernel.indices else None
            return None

        return with_operands(kernel, lambda expr: transform(expr, change)) if isinstance(kernel, Map) else kernel

    ones: dict[tuple[object, ...], Tensor] = {}

    def summable(kernel: Reduction) -> Entry | None:
        """A copy of what is summed, the summed axes last: its sum is a product with ones."""
        labels = labels_of(kernel.operand)
        for (tensor, places), copy in copies.items() if kernel.operation == "sum" and kernel.indices else ():
            order = tuple(labels[place] for place in places) if tensor == kernel.operand.tensor else ()
            if order[: len(kernel.indices)] == kernel.indices and order:
                return copy[order]
        return None

    for kernel in program.kernels:
        looked_up = any(tensor.name in program.lookups for tensor in kernel.reads)  # rows are taken in any order
        if isinstance(kernel, Contraction) and not looked_up:
            wanted = product(kernel, given=frozenset(tensor.name for tensor in program.given))
            left, right = kernel.left, kernel.right
            if wanted.copy_left or (left.tensor in windows and wanted.operation != "einsum"):
                left = copied(left, wanted.left_order, kernel.equations)
            if wanted.copy_right or (right.tensor in windows and wanted.operation != "einsum"):
                right = copied(right, wanted.right_order, kernel.equations)
            changed = replace(kernel, left=left, right=right)
            again = product(changed)
            if again.out_order != kernel.indices and again.copy_out:
                target = replace(kernel.target, name=unused(kernel.target.name + "_arranged", taken))
                order = again.out_order
                target = replace(target, axes=tuple(index.extent for index in order))
                kernels.append(replace(changed, target=target, indices=order))
                kernels.append(Map(kernel.target, kernel.indices, target[order], equations=kernel.equations))
                continue
            kernels.append(changed)
        elif isinstance(kernel, Reduction) and (copy := summable(kernel)) is not None:
            over = labels_of(copy)[len(kernel.indices) :]
            axes = tuple(index.extent for index in over)
            if axes not in ones:
                ones[axes] = Tensor(unused("ones", taken), axes)
                kernels.append(Map(ones[axes], over, ONE))
            summed = Contraction(
                kernel.target, kernel.indices, copy, ones[axes][over], over, equations=kernel.equations
            )
            kernels.append(summed)
        else:
            kernels.append(read_copies(kernel))
    return program.with_kernels(kernels)


def outer_products(program: Program) -> Program:
    """E[i]·w[j] as the product of a column and a row: up to three times as fast as broadcasting."""
    kernels: list[Kernel] = []
    masks = {kernel.target.name for kernel in program.kernels if is_mask(kernel)}
    for kernel in program.kernels:
        match kernel:
            case Map(expr=Mul((Entry() as a, Entry() as b))) if kernel.indices:
                rows, columns = set(labels_of(a)), set(labels_of(b))
                real = not {a.tensor.name, b.tensor.name} & masks
                if rows and columns and not rows & columns and rows | columns == set(kernel.indices) and real:
                    made = Contraction(kernel.target, kernel.indices, a, b, (), equations=kernel.equations)
                    kernels.append(made if arrangement(made) is not None else kernel)
                    continue
        kernels.append(kernel)
    return program.with_kernels(kernels)


def spread_columns(program: Program) -> Program:
    """b[j] + s[j,i]: the column is written into a whole matrix first, then two equal matrices are added.

    Copying is cheap and adding equal shapes is one loop; broadcasting along the last axis is a loop for each row.  The
    column of -b[j] is that of b times a row of -1.
    """
    kernels: list[Kernel] = []
    taken = program.array_names()
    masks = {kernel.target.name for kernel in program.kernels if is_mask(kernel)}
    rows: dict[Index, Tensor] = {}
    for kernel in program.kernels:
        column = _column(kernel, masks)
        if isinstance(kernel, Map) and column is not None:
            target = replace(kernel.target, name=unused(f"{kernel.target.name}_spread", taken))
            opposite = _opposite(column, program)
            if opposite is None:
                kernels.append(Map(target, kernel.indices, column, equations=kernel.equations))
            else:
                last = kernel.indices[1:]
                if last[0] not in rows:
                    rows[last[0]] = Tensor(unused("minus_ones", taken), (last[0].extent,))
                    kernels.append(Map(rows[last[0]], last, MINUS_ONE))
                row = rows[last[0]][last]
                kernels.append(Contraction(target, kernel.indices, opposite, row, (), equations=kernel.equations))
            spread = target[kernel.indices]
            expr = substitute(kernel.expr, {column: spread})
            kernel = replace(kernel, expr=expr)
        kernels.append(kernel)
    return drop_dead(program.with_kernels(kernels))  # nobody needs -b itself


def _opposite(column: Entry, program: Program) -> Entry | None:
    """b[j] where the column is -b[j]."""
    made = program.by_name.get(column.tensor.name)
    inner = negated(made.expr) if isinstance(made, Map) else None
    if isinstance(made, Map) and isinstance(inner, Entry) and labels_of(inner) == made.indices:
        return inner.tensor[labels_of(column)]
    return None


def _column(kernel: Kernel, masks: set[str]) -> Entry | None:
    """The operand of an addition or subtraction that lacks the last index, the other one having all."""
    if not isinstance(kernel, Map) or len(kernel.indices) != 2 or not isinstance(kernel.expr, Add):
        return None
    operands = [node for node in walk(kernel.expr) if isinstance(node, Entry)]
    if len(operands) != 2 or any(operand.tensor.name in masks for operand in operands):
        return None
    wanted = kernel.indices[:1]
    columns = [operand for operand in operands if labels_of(operand) == wanted]
    whole = [operand for operand in operands if len(operand.subscripts) == 2]
    return columns[0] if columns and whole else None
