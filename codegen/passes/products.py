"""Sums as products with a vector of ones, and operands arranged so that they are matrices."""

from __future__ import annotations

from dataclasses import replace

from codegen.contraction import arrangement, product
from codegen.program import Contraction, Kernel, Map, Program, Reduction, View, is_mask, labels_of
from symbolic.affine import Index
from symbolic.expr import ONE, Entry, Mul, Tensor


def sums_as_products(program: Program) -> Program:
    """Σ_i E[j,i] as the product of E with a vector of ones: the matrix product's speed (up to 5×)."""
    kernels: list[Kernel] = []
    ones: dict[tuple[object, ...], Tensor] = {}
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
            name = "ones" if not ones else f"ones_{len(ones) + 1}"
            while name in program.by_name or any(name == tensor.name for tensor in program.given):
                name += "_"
            ones[axes] = Tensor(name, axes)
            kernels.append(Map(ones[axes], kernel.over, ONE))
        kernels.append(replace(candidate, right=ones[axes][kernel.over]))
    return program.with_kernels(kernels)


def arrange(program: Program) -> Program:
    """Copy an operand into the order of axes that makes it a matrix, where a view cannot."""
    kernels: list[Kernel] = []
    taken = {tensor.name for tensor in program.given} | program.by_name.keys()
    windows = {k.target for k in program.kernels if isinstance(k, View)}
    copies: dict[tuple[Tensor, tuple[int, ...]], Tensor] = {}

    def copied(entry: Entry, order: tuple[Index, ...], equations: tuple[int, ...]) -> Entry:
        labels = labels_of(entry)
        permutation = tuple(labels.index(index) for index in order)
        if (entry.tensor, permutation) not in copies:
            base = entry.tensor.name.removesuffix("_view") + ("_window" if entry.tensor in windows else "_arranged")
            name, count = base, 1
            while name in taken:
                count += 1
                name = f"{base}_{count}"
            taken.add(name)
            copies[entry.tensor, permutation] = Tensor(name, tuple(index.extent for index in order))
            kernels.append(Map(copies[entry.tensor, permutation], order, entry, equations=equations))
        return copies[entry.tensor, permutation][order]

    for kernel in program.kernels:
        if isinstance(kernel, Contraction):
            wanted = product(kernel)
            left, right = kernel.left, kernel.right
            if wanted.copy_left or (left.tensor in windows and wanted.operation != "einsum"):
                left = copied(left, wanted.left_order, kernel.equations)
            if wanted.copy_right or (right.tensor in windows and wanted.operation != "einsum"):
                right = copied(right, wanted.right_order, kernel.equations)
            changed = replace(kernel, left=left, right=right)
            again = product(changed)
            if again.out_order != kernel.indices and again.copy_out:
                target = replace(kernel.target, name=kernel.target.name + "_arranged")
                order = again.out_order
                target = replace(target, axes=tuple(index.extent for index in order))
                kernels.append(replace(changed, target=target, indices=order))
                kernels.append(Map(kernel.target, kernel.indices, target[order], equations=kernel.equations))
                continue
            kernels.append(changed)
        else:
            kernels.append(kernel)
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
