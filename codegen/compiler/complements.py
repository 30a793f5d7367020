"""What a probability leaves to the others, in definitions whose derivatives have all their digits.

    log(1 - pₖ) = log Σ_{j≠k} exp(uⱼ) - log Σ_j exp(uⱼ)        where pₖ = exp(uₖ)/Σ_j exp(uⱼ)
    c + c·tanh(u) = 2c·σ(2u), c - c·tanh(u) = 2c·σ(-2u)
    c - c·σ(u) = c·σ(-u), c - c/(1 + exp(u)) = c·σ(u)

1 - pₖ has no digits left where pₖ is near 1, and neither has p/(1 - p), which the derivative of its logarithm is made
of.  So what is derived for a module is the right-hand side: both sums are log-sum-exps, finite for any logits, and so
are their derivatives.  The sum that leaves out k is one over all j of the logits with AWAY·[j = k] taken from them.
log(p/(1 - p)) is taken apart into log p - log(1 - p) first.  A probability that is written with tanh is a σ: the slope
of σ is a product of what is in the loss's denominators, that of tanh a difference, which is 0 where σ is small.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from codegen.compiler.passes.exponentials import one_plus_exp
from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Entry,
    Expr,
    Mul,
    Number,
    Pow,
    Sum,
    Tensor,
    add,
    mul,
    neg,
    number,
    total,
)
from symbolic.language.functions import exp, log
from symbolic.language.names import unused
from symbolic.language.terms import delta, fresh_index, reindex, tensors, transform, walk
from symbolic.network.catalogue import ACTIVATIONS

SIGMOID = ACTIVATIONS["sigmoid"]
#: exp of any logit less this is 0 in float32 too, and the difference is still a number there.
AWAY = number(10**30)


def with_complements(objective: Any) -> Any:
    """The objective (of ``symbolic.network.objective``) with these right-hand sides; one without any is as it is."""
    definitions = [replace(d, formula=logistic(d.formula)) for d in objective.definitions]
    if definitions != [*objective.definitions]:
        objective = replace(objective, definitions=tuple(definitions))
    softmaxes = {d.target: (d, found) for d in objective.definitions if (found := summed_logits(d)) is not None}
    taken = {tensor.name for d in objective.definitions for tensor in (d.target, *tensors(d.formula))}
    taken |= {tensor.name for tensor in (*objective.inputs, objective.target)}
    made: dict[Tensor, tuple[Definition, ...]] = {}

    def rest(entry: Expr) -> Expr | None:
        """log(1 - p) for an entry of a softmax."""
        if not isinstance(entry, Entry) or entry.tensor not in softmaxes:
            return None
        if entry.tensor not in made:
            made[entry.tensor] = others(*softmaxes[entry.tensor], taken)
        return Entry(made[entry.tensor][-1].target, entry.subscripts)

    def logarithm(node: Expr) -> Expr | None:
        if not (isinstance(node, Call) and node.function == log):
            return None
        factors = node.arguments[0].factors if isinstance(node.arguments[0], Mul) else (node.arguments[0],)
        powers = [(f.base, f.exponent) if isinstance(f, Pow) else (f, None) for f in factors]
        found = [rest(complement) if (complement := _complement(base)) is not None else None for base, _ in powers]
        if not any(found):
            return None
        left = [f for f, one in zip(factors, found, strict=True) if one is None]
        if any(not _is_positive(f, softmaxes) for f in left):
            return None
        logs = [mul(Number(n) if n is not None else ONE, one) for (_, n), one in zip(powers, found, strict=True) if one]
        return add(*logs, *(_logarithm(f) for f in left))

    changed = [replace(d, formula=transform(d.formula, logarithm)) for d in objective.definitions]
    if not made:
        return objective
    return replace(objective, definitions=tuple(one for d in changed for one in (d, *made.get(d.target, ()))))


def logistic(expr: Expr) -> Expr:
    """c ± c·tanh(u), c - c·σ(u) and c - c/(1 + exp(u)) as a multiple of one σ."""

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Add) or len(node.terms) != 2:
            return None
        for scale, other in (node.terms, node.terms[::-1]):
            if not isinstance(scale, Number):
                continue
            match mul(Number(1 / scale.value), other):
                case Call(function, (u,)) if function.name == "tanh":
                    return mul(number(2), scale, SIGMOID(mul(number(2), logistic(u))))
                case Mul((Number(sign), Call(function, (u,)))) if sign == -1 and function.name == "tanh":
                    return mul(number(2), scale, SIGMOID(mul(number(-2), logistic(u))))
                case Mul((Number(sign), Call(function, (u,)))) if sign == -1 and function == SIGMOID:
                    return mul(scale, SIGMOID(neg(logistic(u))))
                case Mul((Number(sign), Pow(below, exponent))) if sign == exponent == -1:
                    if (grown := one_plus_exp(below)) is not None:
                        return mul(scale, SIGMOID(logistic(grown)))
        return None

    return transform(expr, change) if any(isinstance(node, Add) for node in walk(expr)) else expr


def summed_logits(definition: Definition) -> tuple[Expr, Index, Index] | None:
    """u, its index and that of the Σ, where the definition is exp(u)/Σ exp(u) with nothing else about it."""
    match definition.formula:
        case Mul((Call(function, (u,)), Pow(Sum(Call(other, (v,)), index), exponent))) if (
            function == other == exp and exponent == -1
        ):
            for outer in definition.indices:
                if outer.extent == index.extent and reindex(u, {outer: subscript(index)}) == v != u:
                    return u, outer, index
    return None


def others(softmax: Definition, found: tuple[Expr, Index, Index], taken: set[str]) -> tuple[Definition, ...]:
    """The logits without the one at k, for each k, and log(1 - pₖ); the names that they get are ``taken`` too."""
    u, outer, inner = found
    inner = fresh_index(inner, softmax.indices)
    inside = reindex(u, {outer: subscript(inner)})
    name = softmax.target.name
    names = [unused(f"{name}_{what}", taken) for what in ("others", "rest")]
    taken |= {*names}
    kept = Tensor(names[0], (*softmax.target.axes, inner.extent))
    masked = add(inside, mul(neg(AWAY), delta(subscript(outer), subscript(inner))))
    apart = Definition(kept, (*softmax.indices, inner), masked, softmax.kind, softmax.node)
    both = add(log(total(exp(apart.entry), inner)), neg(log(total(exp(inside), inner))))
    rest = Definition(Tensor(names[1], softmax.target.axes), softmax.indices, both, softmax.kind, softmax.node)
    return apart, rest


def _complement(expr: Expr) -> Expr | None:
    """p of 1 - p."""
    if isinstance(expr, Add) and len(expr.terms) == 2 and ONE in expr.terms:
        other = expr.terms[1] if expr.terms[0] == ONE else expr.terms[0]
        return mul(MINUS_ONE, other)
    return None


def _is_positive(factor: Expr, softmaxes: Any) -> bool:
    """Whether it is certainly positive: a number, or a power of a softmax."""
    base = factor.base if isinstance(factor, Pow) else factor
    return (isinstance(base, Number) and base.value > 0) or (isinstance(base, Entry) and base.tensor in softmaxes)


def _logarithm(factor: Expr) -> Expr:
    return mul(Number(factor.exponent), log(factor.base)) if isinstance(factor, Pow) else log(factor)
