"""A formula as a polynomial in another, by values in a prime field: found where there is one, refused where not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbolic.language.expr import ONE, Symbol, add, mul, number, power
from symbolic.language.own_value import Undecided, coefficients_in

u, a = Symbol("u"), Symbol("a")


def test_the_coefficients_are_fractions():
    formula = add(number(Fraction(-7, 3)), mul(number(Fraction(1, 12)), power(u, 2)))
    assert coefficients_in(u, formula, 3) == (Fraction(-7, 3), 0, Fraction(1, 12), 0)


@pytest.mark.parametrize("formula", [a, mul(a, u), power(u, 4), power(add(u, ONE), -1)])
def test_what_is_no_such_polynomial_is_refused(formula):
    assert coefficients_in(u, formula, 3) is None


def test_a_constant_decides_nothing():
    with pytest.raises(Undecided):
        coefficients_in(number(Fraction(2)), u, 3)
