"""The logarithm of a sum of probabilities, each with its weight, as one that no probability can make infinite.

    log(y·p + (1 - y)·(1 - p)) = log(y·exp(log p) + (1 - y)·exp(log(1 - p)))
    log(y/p + 1)               = log(y·exp(-log p) + 1)
    log(1 - p²)                = log(4·P·(1 - P)), P = (1 + p)/2, for p = tanh(u)
    log(σ(u) - σ(v))           = log σ(u) + log σ(-v) + log(1 - exp(v - u))
    log Π p                    = Σ log p
    log(c ? p : 1 - p)         = c ? log p : log(1 - p)

p and 1 - p are 0 in floating point where their logarithms are ordinary numbers.  The right-hand side is what is
derived for a module; ``codegen.compiler.passes.scaled`` then computes it with the greatest exponent taken out.

A sum with minus signs in it loses digits where p is near 1, so it is written in p and 1 - p with
1 = p + (1 - p): α + β·p = α·(1 - p) + (α + β)·p, and likewise in higher powers (Bernstein's form of a polynomial).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product as pairs
from math import comb
from typing import TypeAlias

from codegen.compiler.passes.exponentials import spread
from codegen.compiler.probabilities import Logarithms
from symbolic.language.expr import (
    ONE,
    ZERO,
    Add,
    Call,
    Expr,
    Fold,
    Mul,
    Number,
    Pow,
    Sum,
    Where,
    add,
    mul,
    neg,
    power,
    total,
)
from symbolic.language.functions import exp, log
from symbolic.language.terms import walk

#: A sum is multiplied out up to so many terms, a power of one up to this exponent.
MOST_TERMS, HIGHEST_POWER = 24, 4


@dataclass(frozen=True)
class Share:
    """P of a value, or 1 - P."""

    of: Expr
    rest: bool = False


#: Powers of shares and of exp(u), by u; powers of what else stands in a term.
Powers: TypeAlias = frozenset[tuple["Share | Expr", Fraction]]
Monomial: TypeAlias = tuple[Powers, Powers]
Polynomial: TypeAlias = dict[Monomial, Fraction]
NOTHING: Powers = frozenset()
ONCE = Fraction(1)


def log_of_mixture(argument: Expr, logs: Logarithms) -> Expr | None:
    """log of the argument; None where it is no sum of such terms, or one that cannot vanish."""
    if not any(logs.scale(node) for node in walk(argument)):
        return None
    found = polynomial(argument, logs)
    if found is None:
        return None
    if (difference := _log_of_difference(found, logs)) is not None:
        return difference
    if not (found := in_complements(found, logs)):
        return None
    weights: dict[Powers, list[Expr]] = {}
    for (grown, others), coefficient in found.items():
        weights.setdefault(grown, []).append(mul(Number(coefficient), *written(others)))
    terms = [(add(*parts), grown) for grown, parts in weights.items()]
    if not _may_vanish(terms, logs):
        return _log_of_one(terms, argument)
    return _log_of_terms(terms, logs)


def _log_of_one(terms: list[tuple[Expr, Powers]], argument: Expr) -> Expr | None:
    """log p or log(1 - p) of what is that, 1 - (1 - p) say, in other words."""
    if len(terms) != 1 or terms[0][0] != ONE or len(terms[0][1]) != 1:
        return None
    key, n = next(iter(terms[0][1]))
    if not isinstance(key, Share) or n != 1:
        return None
    plain = add(ONE, neg(key.of)) if key.rest else key.of
    return None if plain == argument else log(plain)


def log_of_choice(argument: Expr, logs: Logarithms) -> Expr | None:
    """The logarithm of the branch that is taken, each with the logarithms of its own probabilities."""
    if not isinstance(argument, Where):
        return None
    return Where(argument.condition, *(_log_of_branch(branch, logs) for branch in (argument.then, argument.otherwise)))


def _log_of_branch(branch: Expr, logs: Logarithms) -> Expr:
    found = polynomial(branch, logs)
    found = None if found is None else in_complements(found, logs)
    if found is None or len(found) != 1 or not any(grown for grown, _ in found):
        return log(branch)
    ((grown, others), coefficient) = next(iter(found.items()))
    return _log_of_terms([(mul(Number(coefficient), *written(others)), grown)], logs)


def _log_of_terms(terms: list[tuple[Expr, Powers]], logs: Logarithms) -> Expr:
    written = [(weight, exponent_of(grown, logs)) for weight, grown in terms]
    if len(written) == 1:
        weight, exponent = written[0]
        return add(exponent, ZERO if weight == ONE else log(weight))
    return log(add(*(mul(weight, ONE if e == ZERO else exp(e)) for weight, e in written)))


def _log_of_difference(found: Polynomial, logs: Logarithms) -> Expr | None:
    """log(σ(u) - σ(v)) = log σ(u) + log σ(-v) + log(1 - exp(v - u))."""
    shares = {n: key for (grown, others), n in found.items() if not others for key, m in grown if m == 1}
    if len(found) != 2 or {*shares} != {1, -1} or any(len(grown) != 1 for grown, _ in found):
        return None
    upper, lower = shares[Fraction(1)], shares[Fraction(-1)]
    if not (isinstance(upper, Share) and isinstance(lower, Share)) or upper.rest or lower.rest:
        return None
    u, v = logs.logit(upper.of), logs.logit(lower.of)
    if u is None or v is None or any(isinstance(node, Sum) for side in (u, v) for node in walk(side)):
        return None
    apart = add(ONE, neg(exp(add(v, neg(u)))))
    return add(logs.log(upper.of), logs.log(lower.of, rest=True), log(apart))


def log_of_product(argument: Expr, logs: Logarithms) -> Expr | None:
    """n·log f for each factor fⁿ that is certainly positive and may vanish or grow, and the log of the others.

    The derivative of the logarithm of a quotient divides by the quotient, that of a difference of logarithms does not.
    """
    whole = logs.formula(argument)
    if isinstance(whole, Fold) and whole.kind == "prod" and logs.is_positive(whole.body):
        return total(log(whole.body), whole.index)
    factors = argument.factors if isinstance(argument, Mul) else (argument,)
    sure = [f for f in factors if logs.is_positive(f)]
    unsure = [f for f in factors if f not in sure]
    grown = [f for f in sure if any(logs.scale(node) is not None for node in walk(f))]
    alone = len([f for f in factors if not isinstance(f, Number)]) == 1
    if not grown or (alone and not isinstance(grown[0], Pow)):
        return None
    if len(unsure) == 1:  # it is positive as the product is
        grown, unsure = [*grown, *(f for f in unsure if _is_odd(f))], [f for f in unsure if not _is_odd(f)]
    left = mul(*(f for f in factors if f not in grown))
    powers = [(f.base, f.exponent) if isinstance(f, Pow) else (f, Fraction(1)) for f in grown]
    return add(*(mul(Number(n), _log(base)) for base, n in powers), ZERO if left == ONE else log(left))


def _is_odd(factor: Expr) -> bool:
    exponent = factor.exponent if isinstance(factor, Pow) else Fraction(1)
    return exponent.numerator % 2 == 1


def _log(base: Expr) -> Expr:
    return base.arguments[0] if isinstance(base, Call) and base.function == exp else log(base)


def _may_vanish(terms: list[tuple[Expr, Powers]], logs: Logarithms) -> bool:
    """Whether floating point could make it 0 or infinite where it is neither, and nothing else sees to that."""
    shares = {key.of for _, grown in terms for key, _ in grown if isinstance(key, Share)}
    if len(terms) == 1:
        powers = terms[0][1]
        return len(powers) != 1 or any(
            n != 1 or (isinstance(key, Share) and logs.is_written(key.of)) for key, n in powers
        )
    if not all(isinstance(weight, Number) for weight, _ in terms):
        return bool(shares) or any(grown for _, grown in terms)
    if any(weight.value < 0 for weight, _ in terms if isinstance(weight, Number)) or not shares:
        return False  # a sum of exponentials is one of ``passes.exponentials``
    if not all((scale := logs.scale(of)) is not None and scale.bounded for of in shares):
        return True
    constant = any(not grown for _, grown in terms)
    exponents = {n for _, grown in terms for _, n in grown}
    complete = len(shares) == 1 and len(terms) == 1 + max(exponents, default=Fraction(0))
    return not (all(n > 0 for n in exponents) and (constant or complete))


# -- a formula as a polynomial ---------------------------------------------------------------------------


def polynomial(expr: Expr, logs: Logarithms) -> Polynomial | None:
    """The formula multiplied out as far as probabilities stand in it; what has none in it stays whole."""
    if isinstance(expr, Number):
        return {(NOTHING, NOTHING): expr.value}
    scale = logs.scale(expr)
    if isinstance(expr, Call) and expr.function == exp and not (scale is not None and scale.bounded):
        return _single(_exponential(expr.arguments[0]))
    if scale is not None:
        share: Polynomial = {(frozenset({(Share(expr), Fraction(1))}), NOTHING): Fraction(scale.span)}
        return _sum([share, {(NOTHING, NOTHING): Fraction(scale.low)}])
    match expr:
        case Add(terms):
            parts = [polynomial(term, logs) for term in terms]
            return None if any(part is None for part in parts) else _sum(part for part in parts if part is not None)
        case Mul(factors):
            return product_of([polynomial(factor, logs) for factor in factors])
        case Pow(base, exponent) if any(logs.scale(node) for node in walk(base)):
            inner = polynomial(base, logs)
            if inner is None or len(inner := _lowered(inner, exponent, logs)) == 0:
                return None
            if len(inner) == 1:
                return raised(inner, exponent)
            if exponent.denominator == 1 and 0 < exponent <= HIGHEST_POWER:
                return product_of([inner] * int(exponent))
            grown = log_of_mixture(base, logs)
            return None if grown is None else {(frozenset({(logs.named(grown, "log_sum"), exponent)}), NOTHING): ONCE}
    if any(logs.scale(node) for node in walk(expr)):
        return None
    return {(NOTHING, frozenset({(expr, Fraction(1))})): Fraction(1)}


def _lowered(inner: Polynomial, exponent: Fraction, logs: Logarithms) -> Polynomial:
    """As it is, or in p and 1 - p where it stands below: only a single term can."""
    return inner if exponent > 0 and exponent.denominator == 1 else in_complements(inner, logs)


def raised(inner: Polynomial, exponent: Fraction) -> Polynomial | None:
    ((grown, others), coefficient) = next(iter(inner.items()))
    if exponent.denominator != 1 and (coefficient <= 0 or others):
        return None
    times = [frozenset((key, n * exponent) for key, n in powers) for powers in (grown, others)]
    if exponent.denominator == 1:
        return {(times[0], times[1]): coefficient ** int(exponent)}
    root: Powers = frozenset() if coefficient == 1 else frozenset({(Number(coefficient), exponent)})
    return {(times[0], root): Fraction(1)}


def _exponential(exponent: Expr) -> dict[Share | Expr, Fraction]:
    """The powers of exp(u) in exp of a sum, by u."""
    found: dict[Share | Expr, Fraction] = {}
    given = spread(exponent)
    for term in given.terms if isinstance(given, Add) else (given,):
        match term:
            case Mul((Number(n), *factors)):
                rest = mul(*factors)
            case _:
                n, rest = Fraction(1), term
        found[rest] = found.get(rest, Fraction(0)) + n
    return found


def _single(powers: dict[Share | Expr, Fraction]) -> Polynomial:
    return {(frozenset((key, n) for key, n in powers.items() if n), NOTHING): Fraction(1)}


def _sum(parts: Iterable[Polynomial]) -> Polynomial:
    found: Polynomial = {}
    for part in parts:
        for monomial, coefficient in part.items():
            found[monomial] = found.get(monomial, Fraction(0)) + coefficient
    return {monomial: coefficient for monomial, coefficient in found.items() if coefficient}


def product_of(factors: Iterable[Polynomial | None]) -> Polynomial | None:
    found: Polynomial = {(NOTHING, NOTHING): Fraction(1)}
    for factor in factors:
        if factor is None or len(found) * len(factor) > MOST_TERMS:
            return None
        found = _sum(
            {(_joined(a, c), _joined(b, d)): n * m} for ((a, b), n), ((c, d), m) in pairs(found.items(), factor.items())
        )
    return found


def _joined(left: Powers, right: Powers) -> Powers:
    powers = dict(left)
    for key, n in right:
        powers[key] = powers.get(key, Fraction(0)) + n
    return frozenset((key, n) for key, n in powers.items() if n)


# -- in p and 1 - p --------------------------------------------------------------------------------------


def in_complements(given: Polynomial, logs: Logarithms) -> Polynomial:
    """The polynomial with p + (1 - p) for 1 wherever it has a minus; as it is where that cannot be."""
    for of in dict.fromkeys(key.of for grown, _ in given for key, _ in _sorted(grown) if isinstance(key, Share)):
        scale = logs.scale(of)
        if scale is None or not scale.bounded or all(coefficient > 0 for coefficient in given.values()):
            continue
        degrees = {grown: _degree(grown, of) for grown, _ in given}
        if any(n.denominator != 1 for n in degrees.values()):
            continue
        most = max(degrees.values())
        if most - min(degrees.values()) > HIGHEST_POWER:
            continue
        given = _sum(
            {(_joined(grown, raised), others): n * times}
            for (grown, others), n in given.items()
            for raised, times in _one(of, int(most - degrees[grown]))
        )
    return given


def _degree(grown: Powers, of: Expr) -> Fraction:
    return sum((n for key, n in grown if isinstance(key, Share) and key.of == of), Fraction(0))


def _one(of: Expr, n: int) -> list[tuple[Powers, int]]:
    """1 as (p + (1 - p))ⁿ, term by term."""
    found: list[tuple[Powers, int]] = []
    for k in range(n + 1):
        powers: dict[Share | Expr, Fraction] = {Share(of): Fraction(k), Share(of, rest=True): Fraction(n - k)}
        found.append((frozenset((key, m) for key, m in powers.items() if m), comb(n, k)))
    return found


# -- and back --------------------------------------------------------------------------------------------


def _sorted(powers: Powers) -> list[tuple[Share | Expr, Fraction]]:
    return sorted(
        powers, key=lambda one: (str(one[0].of), one[0].rest) if isinstance(one[0], Share) else (str(one[0]), False)
    )


def written(powers: Powers) -> list[Expr]:
    return [power(key, n) for key, n in _sorted(powers) if not isinstance(key, Share)]


def exponent_of(grown: Powers, logs: Logarithms) -> Expr:
    parts = []
    for key, n in _sorted(grown):
        parts.append(mul(Number(n), logs.log(key.of, key.rest) if isinstance(key, Share) else key))
    return add(*parts)
