"""Fractions in lowest terms by arithmetic alone are those that SymPy finds, written in the same way."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from symbolic.language.algebra import _by_arithmetic, _by_sympy, cancelled, through_other_value, weight
from symbolic.language.expr import Expr, Symbol, add, mul, neg, number, power
from symbolic.language.functions import U, erf, exp
from symbolic.language.laurent import in_lowest_terms

UNKNOWNS = [Symbol(f"s{k}") for k in range(12)]
A, B, C, *_ = UNKNOWNS


def drawn(draw: random.Random, depth: int) -> Expr:
    kind = draw.random()
    if depth == 0 or kind < 0.25:
        whole = draw.random() < 0.8
        return draw.choice(UNKNOWNS) if whole else number(Fraction(draw.randint(-4, 4), draw.choice((1, 1, 2, 3))))
    if kind < 0.6:
        return add(*(drawn(draw, depth - 1) for _ in range(draw.randint(2, 4))))
    if kind < 0.9:
        return mul(*(drawn(draw, depth - 1) for _ in range(draw.randint(2, 3))))
    base = drawn(draw, depth - 1)
    return base if base == number(0) else power(base, Fraction(draw.choice((-2, -1, -1, 2))))


def test_it_is_what_sympy_finds():
    known = 0
    for seed in range(400):
        expr = drawn(random.Random(seed), 2)
        found = _by_arithmetic(expr)
        if found is not None:
            known += 1
            wanted = _by_sympy(expr)
            shorter = [one for one in (found, wanted) if weight(one) < weight(expr)]
            assert not shorter or found == wanted, expr
    assert known > 300


@pytest.mark.parametrize(
    ("expr", "wanted"),
    [
        (add(mul(number(2), add(A, neg(B))), mul(number(2), B)), "2*s0"),
        (add(mul(A, power(C, Fraction(-1))), mul(B, power(C, Fraction(-1)))), "(s0 + s1)*s2**(-1)"),
        (add(number(1), neg(power(A, Fraction(2)))), "1 - s0**2"),
    ],
)
def test_it_is_shorter_or_as_it_was(expr, wanted):
    assert _by_arithmetic(expr) is not None
    assert str(cancelled(expr)) == wanted


@pytest.mark.parametrize(
    "expr",
    [
        power(add(A, B), Fraction(-1)),
        exp(neg(A)),
        power(add(A, B, C), Fraction(9)),
    ],
)
def test_what_needs_more_than_arithmetic_is_left(expr):
    assert in_lowest_terms(expr) is None


def test_what_may_be_a_product_of_sums_is_left():
    assert _by_arithmetic(add(mul(A, A), mul(number(2), A, B), mul(B, B))) is None


def test_two_exponentials_are_no_function_of_one_value():
    logistic = power(add(number(1), exp(neg(U))), Fraction(-1))
    assert through_other_value(mul(erf(U), exp(mul(U, U))), logistic, A) is None
