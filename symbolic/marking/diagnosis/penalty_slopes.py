"""The gradient of a penalty as a person writes it: λw for (λ/2)‖w‖², not ∂((λ/2)‖w‖²)/∂w."""

from __future__ import annotations

from symbolic.marking.diagnosis.edits.edit import TWO, product
from symbolic.marking.grammar.tree import BigSum, Frac, Mul, Name, Node, Norm, Power, Transpose


def gradient_of_a_square(body: Node, by: Node) -> Node | None:
    """2c w for c wᵀw, c‖w‖² and c Σ w_j²; None for anything else."""
    factors = body.factors if isinstance(body, Mul) else (body,)
    for k, factor in enumerate(factors):
        behind = factors[k + 1] if k + 1 < len(factors) else None
        width = 2 if isinstance(factor, Transpose) and factor.argument == behind == by else int(is_square(factor, by))
        if width:
            return doubled((*factors[:k], *factors[k + width :]), by)
    return None


def is_square(node: Node, by: Node) -> bool:
    """‖w‖², w², Σ_j w_j²."""
    if isinstance(node, BigSum) and node.kind == "sum":
        inner = node.body.base if isinstance(node.body, Power) and node.body.exponent == TWO else None
        return isinstance(inner, Name) and isinstance(by, Name) and inner.base == by.base
    if not isinstance(node, Power) or node.exponent != TWO:
        return False
    return node.base == by or (isinstance(node.base, Norm) and node.base.argument == by)


def doubled(coefficients: tuple[Node, ...], by: Node) -> Node:
    """Twice the product with w; the 2 cancels a half."""
    for k, factor in enumerate(coefficients):
        if isinstance(factor, Frac) and factor.denominator == TWO:
            return product(*coefficients[:k], factor.numerator, *coefficients[k + 1 :], by)
    return product(TWO, *coefficients, by)
