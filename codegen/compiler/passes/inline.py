"""Values that are only summed, put into the sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from codegen.compiler.kernels import Formula, Kernel, labels_of, simple
from codegen.compiler.program import Program
from symbolic.language.affine import Index
from symbolic.language.expr import Add, Entry, Expr, Mul, Sum, add, mul, total
from symbolic.language.terms import free_indices, reindex, transform


def sum_directly(program: Program) -> Program:
    """Σ_i L[i] with L used nowhere else becomes Σ_i of its formula: often a scalar product, never an array more."""
    uses: Counter[str] = Counter()
    for kernel in program.kernels:
        uses.update(node.tensor.name for node in _entries(kernel.formula))
    done: dict[str, Formula] = {}
    kernels: list[Kernel] = []
    for kernel in program.kernels:
        assert not isinstance(kernel, Formula) or kernel.target.name not in done
        if isinstance(kernel, Formula):
            absorbed: list[Formula] = []

            def summed(node: Expr, absorbed: list[Formula] = absorbed) -> Expr | None:
                if isinstance(node, Sum) and isinstance(node.body, Entry) and simple(node.body):
                    inner = done.get(node.body.tensor.name)
                    name = node.body.tensor.name
                    once = uses[name] == 1 and name not in program.results
                    if inner and once and labels_of(node.body) == (node.index,):
                        absorbed.append(inner)
                        formula = reindex(inner.expr, {inner.indices[0]: node.body.subscripts[0]})
                        return distributed(formula, node.index)
                return None

            expr = transform(kernel.expr, summed)
            numbers = sorted({*kernel.equations, *(n for inner in absorbed for n in inner.equations)})
            kernel = replace(kernel, expr=expr, equations=tuple(numbers))
            done[kernel.target.name] = kernel
        kernels.append(kernel)
    return program.with_kernels(kernels)


def distributed(formula: Expr, index: Index) -> Expr:
    """Σ of a sum as the sum of the Σ where terms have sums of their own; signs and constants go outside."""
    if isinstance(formula, Mul):
        outside = [f for f in formula.factors if index not in free_indices(f)]
        inside = [f for f in formula.factors if index in free_indices(f)]
        if outside and len(inside) == 1:
            return mul(*outside, distributed(inside[0], index))
    if isinstance(formula, Add) and any(isinstance(node, Sum) for term in formula.terms for node in _nodes(term)):
        return add(*(distributed(term, index) for term in formula.terms))
    return total(formula, index)


def _nodes(expr: Expr) -> list[Expr]:
    return [expr, *(node for child in expr.children for node in _nodes(child))]


def _entries(expr: Expr) -> list[Entry]:
    return [node for node in _nodes(expr) if isinstance(node, Entry)]
