"""What the terms of a sum share is written once, and what stands above and below a bar is cancelled.

Both reach inside Σ, products and sums, never inside a function or a derivative: a formula that is called by its name
elsewhere stays as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator

from symbolic.language.algebra import cancelled, weight
from symbolic.language.collapse import factors_of, leading_plus, shared_once
from symbolic.language.expr import MINUS_ONE, Add, Expr, Mul, Number, Pow, Sum, mul, power
from symbolic.language.terms import free_indices

#: A formula of more nodes than this is nobody's to cancel, and takes long.
MOST_NODES = 300


def gathered(expr: Expr) -> Expr:
    """u c + v c = (u + v) c wherever a sum stands, outermost last."""
    if not isinstance(expr, (Add, Mul, Sum)):
        return expr
    fresh = tuple(gathered(child) for child in expr.children)
    expr = expr if fresh == expr.children else expr.rebuild(fresh)
    return shared_once(expr) if isinstance(expr, Add) else expr


def in_lowest_numbers(expr: Expr) -> Expr:
    """2 u/(2 v) as u/v, and 4 e/(2 e)² as 1/e: numbers below a bar taken out where none is left there."""
    if not isinstance(expr, (Add, Mul, Sum)):
        return expr
    fresh = tuple(in_lowest_numbers(child) for child in expr.children)
    inner = expr if fresh == expr.children else expr.rebuild(fresh)
    if not isinstance(inner, Mul):
        return inner
    parted = mul(*(part for factor in inner.factors for part in _number_apart(factor)))
    coefficient = factors_of(parted)[0]
    whole = not isinstance(coefficient, Number) or coefficient.value.denominator == 1
    return parted if whole and weight(parted) < weight(inner) else inner


def _number_apart(factor: Expr) -> tuple[Expr, ...]:
    """(c u)⁻ⁿ as c⁻ⁿ and u⁻ⁿ."""
    if isinstance(factor, Pow) and factor.exponent < 0 and factor.exponent.denominator == 1:
        number, *rest = factors_of(factor.base)
        if isinstance(number, Number) and rest:
            return power(number, factor.exponent), power(mul(*rest), factor.exponent)
    return (factor,)


def settled(expr: Expr) -> Expr:
    """The expression with common factors written once and everything cancelled that makes it shorter."""
    if not isinstance(expr, (Add, Mul, Sum)):
        return expr
    fresh = tuple(settled(child) for child in expr.children)
    inner = expr if fresh == expr.children else expr.rebuild(fresh)
    match inner:
        case Add():
            return _shorter_sum(shared_once(inner))
        case Mul():
            return _plus_in_front(expr, _without_common_factors(_out_of_sums(inner)))
    return inner


def _shorter_sum(expr: Expr) -> Expr:
    """A sum in its shortest form; what has been gathered already is looked at factor by factor."""
    if isinstance(expr, Add):
        return leading_plus(cancelled(expr)) if weight(expr) < MOST_NODES else expr
    if isinstance(expr, (Mul, Sum)):
        return settled(expr)
    return expr


def _out_of_sums(product: Mul) -> Mul:
    """u/v Σ_s v c_s as u/v · v Σ_s c_s: what the product divides by stands where it cancels."""
    below = {part for factor in product.factors for base in _denominators(factor) for part in _parts(base)}
    outside: list[Expr] = []
    for factor in product.factors:
        if isinstance(factor, Sum) and isinstance(factor.body, Mul):
            inside = [f for f in factor.body.factors if not below & {*_parts(f)} or factor.index in free_indices(f)]
            outside += [f for f in factor.body.factors if f not in inside]
            factor = Sum(mul(*inside), factor.index)
        outside.append(factor)
    moved = mul(*outside)
    return moved if isinstance(moved, Mul) and len(outside) > len(product.factors) else product


def cancels(before: Expr, after: Expr) -> bool:
    """Whether it takes more than writing what terms share once to get from one to the other."""
    return gathered(before) != after


def _without_common_factors(product: Mul) -> Expr:
    """The factors that share something with a denominator as one fraction in lowest terms; the others stay."""
    below = {part for factor in product.factors for base in _denominators(factor) for part in _parts(base)}
    core = [f for f in product.factors if not isinstance(f, Number) and below & set(_parts(f))]
    whole = mul(*core)
    if len(core) < 2 or weight(whole) > MOST_NODES:
        return product
    lowest = cancelled(whole)
    if lowest == whole:
        return product
    place = product.factors.index(core[0])
    rest = [f for f in product.factors if f not in core]
    before = sum(f not in core for f in product.factors[:place])
    return mul(*rest[:before], lowest, *rest[before:])


def _plus_in_front(before: Expr, after: Expr) -> Expr:
    """-(y - p) x, where it has just come about, as (p - y) x."""
    if before == after or not isinstance(after, Mul) or after.factors[0] != MINUS_ONE:
        return after
    for place, factor in enumerate(after.factors):
        if isinstance(factor, Add):
            turned = leading_plus(mul(MINUS_ONE, factor))
            if factors_of(turned)[0] != MINUS_ONE:
                return mul(*after.factors[1:place], turned, *after.factors[place + 1 :])
    return after


def _denominators(expr: Expr) -> Iterator[Expr]:
    """What the expression, read as a rational formula, divides by."""
    if isinstance(expr, Pow) and expr.exponent < 0 and expr.exponent.denominator == 1:
        yield expr.base
    if isinstance(expr, (Add, Mul, Pow)):
        for child in expr.children:
            yield from _denominators(child)


def _parts(expr: Expr) -> Iterator[Expr]:
    """What a rational formula is made of: entries, Σs, values of functions."""
    if isinstance(expr, (Add, Mul, Pow)):
        for child in expr.children:
            yield from _parts(child)
    elif not isinstance(expr, Number):
        yield expr
