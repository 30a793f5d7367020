"""What a program costs: operations and bytes, as formulas in the sizes."""

from __future__ import annotations

from collections import Counter

from codegen.compiler.kernels import Contraction, Map, Reduction, View, is_mask
from codegen.compiler.passes.storage import owns_memory
from codegen.compiler.program import Program
from symbolic.language.affine import Index, Size
from symbolic.language.expr import Entry


def operations(program: Program) -> str:
    """Additions, multiplications and function calls of one value and gradient: ``4*N*J*D + 9*N*J + …``."""
    count: Counter[str] = Counter()
    for kernel in program.kernels:
        if kernel.target.name in program.constants:
            continue
        match kernel:
            case Contraction(over=over, indices=indices):
                count[_product((*indices, *over))] += 2 if over else 1
            case Reduction(operand=operand):
                count[_product(tuple(i for sub in operand.subscripts for i in sub.keys))] += 1
            case Map(expr=expr, indices=indices) if indices and not isinstance(expr, Entry):
                count[_product(indices)] += 1
    return _polynomial(count)


def workspace(program: Program) -> str:
    """Numbers that the workspace holds, masks as numbers of one byte left out."""
    count: Counter[str] = Counter()
    for kernel in program.kernels:
        name = kernel.target.name
        owner = program.storage.get(name, name)
        if not owns_memory(program, kernel) or owner in program.written or owner != name or is_mask(kernel):
            continue
        if name in program.owners:  # its stack is counted
            continue
        axes = kernel.source.tensor.axes if isinstance(kernel, View) else kernel.target.axes
        count["*".join(_text(axis) for axis in axes) or "1"] += 1
    return _polynomial(count)


def _product(indices: tuple[Index, ...]) -> str:
    return "*".join(sorted((_text(index.extent) for index in indices), key=lambda t: (t != "N", t))) or "1"


def _text(size: Size) -> str:
    text = str(size)
    return f"({text})" if " " in text else text


def _polynomial(count: Counter[str]) -> str:
    terms = sorted(count.items(), key=lambda item: (-item[0].count("*"), item[0]))
    return " + ".join(name if n == 1 else f"{n}*{name}" for name, n in terms) or "0"
