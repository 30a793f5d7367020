"""Sums of exponentials Σ c·exp(a), and their quotients in a form that does not overflow.

    (eᵃ - eᵇ)/(eᵃ + eᵇ)         tanh((a - b)/2)
    c + c·tanh(u)               2c/(1 + exp(-2u))
    eᵇ/(Σ c·eᵃ)ⁿ                (Σ c·exp(a - b/n))⁻ⁿ: no ∞/∞
    (Σ d·eᵇ)/(Σ c·eᵃ)ⁿ          the same, term by term

Each is an identity in exact arithmetic; ``tests/compiler/test_stable.py`` holds them against high precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from symbolic.language.expr import ONE, ZERO, Add, Call, Compare, Expr, Mul, Number, Pow, add, mul, neg, number, power
from symbolic.language.functions import Function, exp, minimum
from symbolic.language.terms import transform

tanh = Function("tanh", "primitive")
HALF = number(Fraction(1, 2))

#: (c, a) for each c·exp(a); a number is c·exp(0).
Terms = tuple[tuple[Fraction, Expr], ...]
#: A power of a sum is multiplied out up to this one.
HIGHEST_POWER = 4


def is_exp(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.function == exp


def one_plus_exp(expr: Expr) -> Expr | None:
    """u of 1 + exp(u)."""
    if isinstance(expr, Add) and len(expr.terms) == 2 and ONE in expr.terms:
        other = expr.terms[1] if expr.terms[0] == ONE else expr.terms[0]
        if isinstance(other, Call) and other.function == exp:
            return other.arguments[0]
    return None


def exponentials(expr: Expr) -> Terms | None:
    """The expression as Σ c·exp(a), each a once; None where it is something else."""
    match expr:
        case Number(value):
            return ((value, ZERO),)
        case Call(function, (argument,)) if function == exp:
            return ((Fraction(1), spread(argument)),)
        case Add(terms):
            parts = [exponentials(term) for term in terms]
            return _gathered([one for part in parts if part for one in part]) if all(parts) else None
        case Mul(factors):
            found: Terms = ((Fraction(1), ZERO),)
            for factor in factors:
                if (other := exponentials(factor)) is None:
                    return None
                found = _product(found, other)
            return found
        case Pow(base, exponent) if exponent.denominator == 1 and (inner := exponentials(base)):
            if len(inner) == 1:
                return ((inner[0][0] ** int(exponent), spread(mul(Number(exponent), inner[0][1]))),)
            if 0 < exponent <= HIGHEST_POWER:
                found = inner
                for _ in range(int(exponent) - 1):
                    found = _product(found, inner)
                return found
    return None


def positive(expr: Expr) -> Terms | None:
    """The terms of a sum of two or more exponentials, all with c > 0: what may stand below or in a logarithm."""
    if not isinstance(expr, (Add, Mul, Pow)):
        return None
    terms = exponentials(expr)
    return terms if terms and len(terms) > 1 and all(c > 0 for c, _ in terms) else None


def summed(terms: Terms) -> Expr:
    return add(*(mul(Number(c), ONE if a == ZERO else exp(a)) for c, a in terms))


def spread(expr: Expr) -> Expr:
    """The number before a bracket multiplied into it, so that equal exponents look equal but for their order."""
    match expr:
        case Add(terms):
            return add(*map(spread, terms))
        case Mul((Number() as scale, Add(terms))):
            return add(*(spread(mul(scale, term)) for term in terms))
    return expr


def minus(a: Expr, b: Expr) -> Expr:
    return add(spread(a), spread(neg(b)))


def _gathered(terms: Sequence[tuple[Fraction, Expr]]) -> Terms:
    found: list[tuple[Fraction, Expr]] = []
    for c, a in terms:
        for k, (other, b) in enumerate(found):
            if minus(a, b) == ZERO:
                found[k] = (other + c, b)
                break
        else:
            found.append((c, a))
    return tuple((c, a) for c, a in found if c)


def _product(left: Terms, right: Terms) -> Terms:
    return _gathered([(c * d, add(a, b)) for c, a in left for d, b in right])


# -- quotients ----------------------------------------------------------------------------------------


def sigmoids(factors: Sequence[Expr]) -> list[Expr]:
    """exp(u)·(1 + exp(u))⁻ⁿ becomes (1 + exp(-u))⁻¹·(1 + exp(u))¹⁻ⁿ: no ∞·0."""
    done = list(factors)
    for factor in factors:
        if not (isinstance(factor, Pow) and factor.exponent <= -1 and factor.exponent.denominator == 1):
            continue
        u = one_plus_exp(factor.base)
        if u is not None and exp(u) in done:
            done.remove(exp(u))
            place = done.index(factor)
            done[place : place + 1] = [
                power(add(ONE, exp(neg(u))), -1),
                *([power(factor.base, factor.exponent + 1)] if factor.exponent < -1 else []),
            ]
    return done


def stable_quotient(factors: Sequence[Expr]) -> Expr | None:
    """The product with a quotient of exponentials in it rewritten; None where none of it may overflow twice."""
    for below in factors:
        if not (isinstance(below, Pow) and below.exponent < 0 and below.exponent.denominator == 1):
            continue
        if (terms := positive(below.base)) is None:
            continue
        rest = list(factors)
        rest.remove(below)
        if (found := _hyperbolic(rest, below, terms)) or (found := _logistic(rest, below, terms)):
            return found
    return None


def _hyperbolic(rest: Sequence[Expr], below: Pow, terms: Terms) -> Expr | None:
    """dⁿ·tanhⁿ((a - b)/2) for (d·eᵃ - d·eᵇ)ⁿ/(eᵃ + eᵇ)ⁿ."""
    for above in rest:
        base, n = (above.base, above.exponent) if isinstance(above, Pow) else (above, Fraction(1))
        if not isinstance(base, Add) or n < 1 or n.denominator != 1 or len(terms) != 2:
            continue
        upper = exponentials(base)
        if upper is None or len(upper) != 2:
            continue
        if minus(upper[0][1], terms[0][1]) != ZERO:
            upper = (upper[1], upper[0])
        (c, a), (also_c, b) = terms
        (d, first), (other_d, second) = upper
        if c != also_c or d != -other_d or minus(first, a) != ZERO or minus(second, b) != ZERO:
            continue
        if a == ZERO or _leading(a) < 0:
            a, b, d = b, a, -d
        common = min(n, -below.exponent)
        quotient = mul(Number(d / c), tanh(spread(mul(HALF, minus(a, b)))))
        left = [f for f in rest if f is not above]
        return mul(*left, power(base, n - common), power(below.base, below.exponent + common), power(quotient, common))
    return None


def _logistic(rest: Sequence[Expr], below: Pow, terms: Terms) -> Expr | None:
    """eᵇ/(Σ c·eᵃ)ⁿ as (Σ c·exp(a - b/n))⁻ⁿ where some eᵃ overflows when eᵇ does."""
    for above in rest:
        upper = () if isinstance(above, Number) else _scaled_exponentials(above)
        if not any(_together(b, a) for _, b in upper for _, a in terms):
            continue
        left = [f for f in rest if f is not above]
        quotients = []
        for factor, b in upper:
            shift = spread(mul(Number(1 / below.exponent), b))
            shifted = tuple((c, add(a, shift)) for c, a in terms)
            quotients.append(mul(factor, power(summed(shifted), below.exponent)))
        return mul(*left, add(*quotients))
    return None


def _scaled_exponentials(expr: Expr) -> tuple[tuple[Expr, Expr], ...]:
    """The expression as Σ f·exp(b), as pairs (f, b)."""
    if (known := exponentials(expr)) is not None:
        return tuple((Number(c), a) for c, a in known)
    found = []
    for term in expr.terms if isinstance(expr, Add) else ():
        factors = term.factors if isinstance(term, Mul) else (term,)
        grown = {f: inner[0] for f in factors if (inner := exponentials(f)) is not None and len(inner) == 1}
        scale = Number(prod((c for c, _ in grown.values()), start=Fraction(1)))
        found.append((mul(scale, *(f for f in factors if f not in grown)), add(*(a for _, a in grown.values()))))
    return tuple(found)


def _together(b: Expr, a: Expr) -> bool:
    """Whether b = q·a for a number q > 0."""
    if ZERO in (a, b):
        return False
    ratio = _leading(b) / _leading(a)
    return (ratio > 0 and minus(b, mul(Number(ratio), a)) == ZERO) or minus(b, a) == ZERO


def _leading(exponent: Expr) -> Fraction:
    term = exponent.terms[0] if isinstance(exponent, Add) else exponent
    return term.factors[0].value if isinstance(term, Mul) and isinstance(term.factors[0], Number) else Fraction(1)


def one_minus_quotient(quotient: Expr) -> Expr | None:
    """1 - N/D as (D - N)/D where all that is left above is positive."""
    factors = quotient.factors if isinstance(quotient, Mul) else (quotient,)
    for below in factors:
        if not (isinstance(below, Pow) and below.exponent == -1) or (terms := positive(below.base)) is None:
            continue
        upper = exponentials(mul(*(f for f in factors if f is not below)))
        left = None if upper is None else _gathered([*terms, *((-c, a) for c, a in upper)])
        if left and all(c > 0 for c, _ in left):
            return mul(summed(left), below)
    return None


# -- σ written as a tanh ------------------------------------------------------------------------------


def logistic_from_tanh(expr: Expr) -> Expr:
    """c + c·tanh(u) as 2c/(1 + exp(-2u)), which keeps its digits where tanh(u) is near -1; so is c - c·tanh(u)."""

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Add) or len(node.terms) != 2:
            return None
        scale = next((term for term in node.terms if isinstance(term, Number)), None)
        other = next((term for term in node.terms if not isinstance(term, Number)), None)
        if scale is None or other is None:
            return None
        found = tanh_of(mul(Number(1 / scale.value), other))
        if found is None:
            return None
        return mul(number(2), scale, power(add(ONE, exp(spread(mul(number(-2), logistic_from_tanh(found))))), -1))

    return transform(expr, change)


def tanh_of(expr: Expr) -> Expr | None:
    """u of tanh(u) or of -tanh(-u), by name or written out."""
    if isinstance(expr, Mul) and (found := stable_quotient(expr.factors)) is not None:
        expr = found
    sign = 1
    if isinstance(expr, Mul) and len(expr.factors) == 2 and expr.factors[0] == number(-1):
        sign, expr = -1, expr.factors[1]
    if isinstance(expr, Call) and expr.function.name == "tanh":
        return mul(number(sign), expr.arguments[0])
    return None


# -- a branch that is not taken -----------------------------------------------------------------------


def guarded(condition: Compare, then: Expr, otherwise: Expr) -> tuple[Expr, Expr]:
    """exp(u) in the branch where u ≤ 0 as exp(min(u, 0)), for the condition u > 0 (or 0 > u)."""
    if condition.right == ZERO:
        return then, _bounded(otherwise, condition.left)
    if condition.left == ZERO:
        return _bounded(then, condition.right), otherwise
    return then, otherwise


def _bounded(expr: Expr, u: Expr) -> Expr:
    def change(node: Expr) -> Expr | None:
        return exp(minimum(u, ZERO)) if node == exp(u) else None

    return transform(expr, change)
