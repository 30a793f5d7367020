"""What a probability leaves to the others, in definitions whose derivatives have all their digits.

    log(1 - pₖ) = log Σ_{j≠k} exp(uⱼ) - log Σ_j exp(uⱼ)        where pₖ = exp(uₖ)/Σ_j exp(uⱼ)
    c + c·tanh(u) = 2c·σ(2u), c - c·tanh(u) = 2c·σ(-2u)
    c - c·σ(u) = c·σ(-u), c - c/(1 + exp(u)) = c·σ(u)

1 - pₖ has no digits left where pₖ is near 1, and neither has p/(1 - p), which the derivative of its logarithm is made
of.  So what is derived for a module is the right-hand side: both sums are log-sum-exps, finite for any logits, and so
are their derivatives (``codegen.compiler.probabilities``); the logarithm of a sum of probabilities is one of
``codegen.compiler.mixtures``.  log(p/(1 - p)) is taken apart into log p - log(1 - p) first.  A probability that is
written with tanh is a σ: the slope of σ is a product of what is in the loss's denominators, that of tanh a difference,
which is 0 where σ is small.  What is divided by probabilities outside of a logarithm: ``codegen.compiler.quotients``.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from codegen.compiler.mixtures import log_of_choice, log_of_mixture, log_of_product
from codegen.compiler.passes.exponentials import one_plus_exp
from codegen.compiler.probabilities import Logarithms
from codegen.compiler.quotients import each_branch, quotient, with_choices, without_what_counts_not
from symbolic.language.definition import Definition
from symbolic.language.expr import MINUS_ONE, ONE, Add, Call, Expr, Mul, Number, Pow, add, mul, neg, number
from symbolic.language.functions import log
from symbolic.language.terms import tensors, transform, walk
from symbolic.network.catalogue import ACTIVATIONS, FUNCTIONS

SIGMOID, SOFTPLUS, LOG1P = ACTIVATIONS["sigmoid"], ACTIVATIONS["softplus"], FUNCTIONS["log1p"]


def with_complements(objective: Any) -> Any:
    """The objective (of ``symbolic.network.objective``) with these right-hand sides; one without any is as it is."""
    definitions = [replace(d, formula=transform(logistic(d.formula), log_of_sigmoid)) for d in objective.definitions]
    if definitions != [*objective.definitions]:
        objective = replace(objective, definitions=tuple(definitions))
    taken = {tensor.name for d in objective.definitions for tensor in (d.target, *tensors(d.formula))}
    taken |= {tensor.name for tensor in (*objective.inputs, objective.target)}
    logs = Logarithms({d.target: d for d in objective.definitions}, taken)

    def logarithm(node: Expr) -> Expr | None:
        if not (isinstance(node, Call) and node.function in (log, LOG1P)):
            return None
        argument = node.arguments[0] if node.function == log else add(ONE, node.arguments[0])
        if (chosen := with_choices(argument, logs)) is not None:
            return transform(each_branch(chosen, log), logarithm)
        for simpler in (_of_complements, log_of_mixture):
            if (found := simpler(argument, logs)) is not None:
                return found
        for simpler in (log_of_choice, log_of_product):
            if (found := simpler(argument, logs)) is not None:
                return transform(found, logarithm)
        return None

    def divided(node: Expr) -> Expr | None:
        return quotient(node, logs)

    changed: list[tuple[Definition, ...]] = []
    for definition in objective.definitions:
        formula = transform(transform(definition.formula, logarithm), divided)
        if definition.kind == "loss":
            formula = transform(formula, without_what_counts_not)
        changed.append((*logs.before, replace(definition, formula=formula)))
        logs.before.clear()
    if [one for whole in changed for one in whole] == [*objective.definitions]:
        return objective
    ordered = (one for whole in changed for one in (*whole, *logs.after(whole[-1])))
    return replace(objective, definitions=tuple(ordered))


def log_of_sigmoid(node: Expr) -> Expr | None:
    """-softplus(-u) for log σ(u), which is 0 or less: its own logarithm is one of a softplus."""
    match node:
        case Call(function, (Call(inner, (u,)),)) if function == log and inner == SIGMOID:
            return neg(SOFTPLUS(neg(transform(u, log_of_sigmoid))))
    return None


def _of_complements(argument: Expr, logs: Logarithms) -> Expr | None:
    """The logarithm of a product with 1 - p in it, p an entry of a softmax."""
    factors = argument.factors if isinstance(argument, Mul) else (argument,)
    powers = [(f.base, f.exponent) if isinstance(f, Pow) else (f, Fraction(1)) for f in factors]
    shares = [_complement(base) for base, _ in powers]
    if not any(share is not None and logs.softmax(share) for share in shares):
        return None
    terms = []
    for (base, n), share in zip(powers, shares, strict=True):
        if share is not None and logs.softmax(share):
            terms.append(mul(Number(n), logs.log(share, rest=True)))
        elif (isinstance(base, Number) and base.value > 0) or logs.softmax(base):
            terms.append(mul(Number(n), log(base)))
        else:
            return None
    return add(*terms)


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


def _complement(expr: Expr) -> Expr | None:
    """p of 1 - p."""
    if isinstance(expr, Add) and len(expr.terms) == 2 and ONE in expr.terms:
        other = expr.terms[1] if expr.terms[0] == ONE else expr.terms[0]
        return mul(MINUS_ONE, other)
    return None
