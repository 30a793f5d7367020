"""Minus signs moved to where they cost least."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from codegen.compiler.kernels import Kernel, Map, labels_of
from codegen.compiler.passes.operations import negated
from codegen.compiler.program import Program
from symbolic.language.affine import subscript
from symbolic.language.expr import MINUS_ONE, Add, Entry, Expr, Mul, add, mul, neg
from symbolic.language.terms import free_indices, reindex, transform, walk


def fold_signs(program: Program) -> Program:
    """exp(-a) with a = s + b used nowhere else becomes exp(-b - s): the minus costs nothing on the small b."""
    uses = Counter(node.tensor.name for k in program.kernels for node in walk(k.formula) if isinstance(node, Entry))
    sums: dict[str, Map] = {}
    dropped: set[str] = set()
    kernels: list[Kernel] = []
    for kernel in program.kernels:
        if isinstance(kernel, Map) and kernel.indices:
            absorbed: list[Map] = []

            def opened(node: Expr, kernel: Map = kernel, absorbed: list[Map] = absorbed) -> Expr | None:
                inner = negated(node)
                if isinstance(inner, Entry) and inner.tensor.name in sums and labels_of(inner) == kernel.indices:
                    made = sums[inner.tensor.name]
                    absorbed.append(made)
                    assert isinstance(made.expr, Add)
                    here = dict(zip(made.indices, map(subscript, kernel.indices), strict=True))
                    return add(*(_opposite(reindex(term, here)) for term in made.expr.terms))
                return None

            expr = transform(kernel.expr, opened)
            dropped |= {made.target.name for made in absorbed}
            numbers = sorted({*kernel.equations, *(n for made in absorbed for n in made.equations)})
            kernel = replace(kernel, expr=expr, equations=tuple(numbers))
            once = uses[kernel.target.name] == 1 and kernel.target.name not in program.results
            if once and isinstance(expr, Add) and all(free_indices(term) for term in expr.terms):
                sums[kernel.target.name] = kernel
        kernels.append(kernel)
    return program.with_kernels(kernel for kernel in kernels if kernel.target.name not in dropped)


def _opposite(term: Expr) -> Expr:
    return mul(MINUS_ONE, term) if not isinstance(term, Mul) else neg(term)
