"""Values that vanish faster than their logarithm or their slope can bear: softplus, and 1 - exp(-t).

    log log(1 + exp(u))         u from FLAT down, where log(1 + exp(u)) is exp(u) to the last digit
    σ(u)/log(1 + exp(u))        its value at FLAT from there down: 1
    log(1 - exp(-exp(v)))       v from FLAT down
    t·exp(-t)/(1 - exp(-t))     with t = exp(v): its value at FLAT from there down; from STEEP up exp(-t) is 0

Above FLAT, 1 - exp(-t) is 2·T/(1 + T) with T = tanh(t/2), which keeps all digits of a small t.
The first term left out below FLAT is exp(FLAT)/2 < 2⁻⁵⁴, beside 1; exp(-exp(STEEP)) is 0 in float64.
"""

from __future__ import annotations

from collections.abc import Sequence

from codegen.compiler.passes.exponentials import HALF, is_exp, one_plus_exp, tanh
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Expr,
    Mul,
    Number,
    Pow,
    Where,
    add,
    mul,
    neg,
    number,
    power,
)
from symbolic.language.functions import Function, absolute, exp, log, maximum, minimum

logaddexp = Function("logaddexp", "primitive", arity=2)
FLAT, STEEP = number(-37), number(7)


def softplus(expr: Expr) -> Expr | None:
    """u of log(1 + exp(u))."""
    if isinstance(expr, Call) and expr.function == log:
        return one_plus_exp(expr.arguments[0])
    if isinstance(expr, Call) and expr.function.name == "softplus":
        return expr.arguments[0]
    return None


def double_exponential(expr: Expr) -> Expr | None:
    """v of exp(-exp(v))."""
    if not (isinstance(expr, Call) and expr.function == exp):
        return None
    match expr.arguments[0]:
        case Mul((Number(minus), Call(function, (v,)))) if minus == -1 and function == exp:
            return v
    return None


def complement(expr: Expr) -> Expr | None:
    """v of 1 - exp(-exp(v))."""
    if isinstance(expr, Add) and len(expr.terms) == 2 and ONE in expr.terms:
        other = expr.terms[1] if expr.terms[0] == ONE else expr.terms[0]
        return double_exponential(mul(MINUS_ONE, other))
    return None


def vanishes(expr: Expr) -> bool:
    """Whether it, or one minus it, underflows where its logarithm does not and no sigmoid or softmax is at work."""
    return is_exp(expr) or softplus(expr) is not None or complement(expr) is not None


def log_of_vanishing(expr: Expr) -> Expr | None:
    """The logarithm of log(1 + exp(u)) or of 1 - exp(-exp(v))."""
    if (u := softplus(expr)) is not None:
        return add(log(logaddexp(ZERO, maximum(u, FLAT))), minimum(add(u, neg(FLAT)), ZERO))
    if (v := complement(expr)) is not None:
        half = tanh(mul(HALF, exp(maximum(v, FLAT))))
        ratio = mul(number(2), half, power(add(ONE, half), -1))
        return add(log(ratio), minimum(add(v, neg(FLAT)), ZERO))
    return None


def vanishing_quotient(factors: Sequence[Expr]) -> Expr | None:
    """The product with σ(u)/log(1 + exp(u)) or exp(v)·exp(-exp(v))/(1 - exp(-exp(v))) in it rewritten."""
    for below in factors:
        if not (isinstance(below, Pow) and below.exponent == -1):
            continue
        rest = [f for f in factors if f is not below]
        if (u := softplus(below.base)) is not None:
            slope = next((f for f in rest if _slope(f, u)), None)
            if slope is not None:
                m = maximum(u, FLAT)
                both = power(Mul((add(ONE, exp(neg(m))), logaddexp(ZERO, m))), -1)
                return mul(*(f for f in rest if f is not slope), both)
        if (v := complement(below.base)) is not None:
            needed = (exp(v), exp(neg(exp(v))))
            if all(one in rest for one in needed):
                t = exp(minimum(maximum(v, FLAT), STEEP))
                half = tanh(mul(HALF, t))
                made = (HALF, t, needed[1], add(ONE, half), power(half, -1))
                return mul(*(f for f in rest if f not in needed), *made)
    return None


def _slope(expr: Expr, u: Expr) -> bool:
    """Whether it is σ(u), written out or by name."""
    if isinstance(expr, Call) and expr.function.name == "sigmoid":
        return expr.arguments[0] == u
    return isinstance(expr, Pow) and expr.exponent == -1 and one_plus_exp(expr.base) == neg(u)


def weighted(product: Expr, value: Expr) -> Expr:
    """The product with the value in it; 0 where the rest is 0, though the value may be infinite."""
    factors = product.factors if isinstance(product, Mul) else (product,)
    scale = mul(*(f for f in factors if isinstance(f, Number)))
    rest = mul(*(f for f in factors if f != value and not isinstance(f, Number)))
    if rest == ONE:
        return product
    return mul(scale, Where(Compare(">", absolute(rest), ZERO), mul(rest, value), ZERO))
