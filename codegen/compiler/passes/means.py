"""Means whose weights sum to 1, as a one-hot target's do: a summand that is the same for all stands outside."""

from __future__ import annotations

from collections.abc import Collection

from symbolic.language.affine import Index
from symbolic.language.definition import Fact
from symbolic.language.expr import Add, Entry, Expr, Mul, Sum, add, mul, total
from symbolic.language.terms import free_indices, transform


def weighted_means(expr: Expr, facts: Collection[Fact]) -> Expr:
    """Σ_k y[k]·(a[k] + c) = Σ_k y[k]·a[k] + c where the loss takes Σ_k y[k] = 1 for granted."""

    def split(node: Expr) -> Expr | None:
        if not isinstance(node, Sum) or not isinstance(node.body, Mul):
            return None
        free = [f for f in node.body.factors if node.index not in free_indices(f)]
        bound = [f for f in node.body.factors if node.index in free_indices(f)]
        weights = [f for f in bound if sums_to_one(f, node.index, facts)]
        sums = [f for f in bound if isinstance(f, Add)]
        if len(bound) != 2 or not weights or not sums:
            return None
        moving = [t for t in sums[0].terms if node.index in free_indices(t)]
        fixed = [t for t in sums[0].terms if node.index not in free_indices(t)]
        return mul(*free, add(total(mul(weights[0], add(*moving)), node.index), *fixed)) if fixed else None

    return transform(expr, split)


def sums_to_one(expr: Expr, index: Index, facts: Collection[Fact]) -> bool:
    """Whether the loss takes for granted that the entries are 1 together, over all values of the index."""
    if not isinstance(expr, Entry):
        return False
    axes = [fact.axis for fact in facts if fact.kind == "sums_to_one" and fact.tensor == expr.tensor]
    return any(axis is not None and expr.subscripts[axis].single == index for axis in axes)
