"""Three arithmetics, one interface: they agree where they can, and the field knows what it cannot know."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import isprime

from symbolic.evidence.arithmetic import DIGITS, FLOAT, HIGH, MODULAR, Arithmetic, Array
from symbolic.evidence.field import ORDER, PRIME, atom, field_power

ALL = pytest.mark.parametrize("numbers", [FLOAT, HIGH, MODULAR], ids=lambda numbers: numbers.name)
UNARY = ("exp", "log", "sin", "cos", "atan", "erf")
fractions = st.fractions(min_value=-4, max_value=4, max_denominator=64)


def exact(*values: object) -> Array:
    return MODULAR.convert(np.array(values, dtype=object))


def residues(values: Array) -> list[int]:
    return [int(r) for r in values["residue"]]


def test_the_prime_is_safe_and_small_primes_are_squares() -> None:
    assert isprime(PRIME)
    assert isprime(ORDER)
    assert all(pow(small, ORDER, PRIME) == 1 for small in (2, 3, 5, 7, 11, 13))


@given(fractions, fractions)
def test_the_field_computes_with_rational_numbers_exactly(a: Fraction, b: Fraction) -> None:
    x, y = exact(a), exact(b)
    assert residues(MODULAR.add(x, y)) == residues(exact(a + b))
    assert residues(MODULAR.multiply(x, y)) == residues(exact(a * b))
    if b:
        assert residues(MODULAR.multiply(x, MODULAR.power(y, Fraction(-1)))) == residues(exact(a / b))


def test_floats_become_the_rational_numbers_that_they_are() -> None:
    for value in (0.1, 1.5, -3.0, 2.0**-30, 1e300):
        assert residues(MODULAR.convert(np.array([value]))) == residues(exact(Fraction(value)))
        assert HIGH.convert(np.array([value]))[0] == mpmath.mpf(value)


@given(st.fractions(min_value=Fraction(1, 8), max_value=8, max_denominator=64), st.integers(2, 7), st.integers(-5, 5))
def test_powers_of_one_root_belong_together(base: Fraction, q: int, p: int) -> None:
    square = exact(base * base)  # a square of the field: its roots are there
    root = MODULAR.power(square, Fraction(1, q))
    assert residues(MODULAR.power(root, Fraction(q))) == residues(square)
    if p:
        assert residues(MODULAR.power(square, Fraction(p, q))) == residues(MODULAR.power(root, Fraction(p)))


def test_a_base_without_a_root_is_reported() -> None:
    base = exact(4, PRIME - 5)  # 5 is a square and -1 is none, so -5 is none; its shadow is positive
    lost = MODULAR.exactness_lost(base, Fraction(1, 2))
    assert lost is not None
    assert lost.tolist() == [False, True]
    assert MODULAR.exactness_lost(base, Fraction(2)) is None


@given(fractions)
def test_what_the_field_knows_of_transcendental_functions(u: Fraction) -> None:
    plus, minus = exact(u), exact(-u)

    def call(name: str, x: Array) -> Array:
        return MODULAR.call(name, x)

    assert residues(MODULAR.multiply(call("exp", plus), call("exp", minus))) == [1]
    circle = MODULAR.add(*(MODULAR.power(call(name, plus), Fraction(2)) for name in ("sin", "cos")))
    assert residues(circle) == [1]
    for odd in ("sin", "atan", "erf"):
        assert residues(MODULAR.add(call(odd, plus), call(odd, minus))) == [0]
    assert residues(call("cos", plus)) == residues(call("cos", minus))
    assert residues(call("exp", exact(0))) == [1]
    assert residues(call("log", exact(1))) == [0]


def test_values_of_exp_have_roots() -> None:
    values = MODULAR.call("exp", exact(*range(-20, 20)))
    assert not np.any(MODULAR.exactness_lost(values, Fraction(1, 2)))


def test_atoms_are_the_same_for_the_same_argument_and_for_no_other() -> None:
    arguments = np.arange(10_000)
    assert (atom("h 0", arguments) == atom("h 0", arguments)).all()
    assert len(set(atom("h 0", arguments).tolist())) == len(arguments)
    assert not (atom("h 0", arguments) == atom("h 1", arguments)).any()


@given(st.lists(st.floats(min_value=0.05, max_value=3), min_size=1, max_size=4))
def test_the_three_agree_on_every_primitive(values: list[float]) -> None:
    given = np.array(values)
    for name in UNARY:
        results = [numbers.floats(numbers.call(name, numbers.convert(given))) for numbers in (FLOAT, HIGH, MODULAR)]
        np.testing.assert_allclose(results[0], results[1], rtol=1e-14, atol=1e-15)
        np.testing.assert_allclose(results[0], results[2], rtol=1e-14, atol=1e-15)


@ALL
def test_what_has_no_value_is_undefined_and_spreads(numbers: Arithmetic) -> None:
    u = numbers.convert(np.array([-1.0, 0.0, 1.0]))

    def where(values: Array) -> list[bool]:
        return [bool(b) for b in numbers.undefined(values)]

    assert where(numbers.call("log", u)) == [True, True, False]
    assert where(numbers.power(u, Fraction(-1))) == [False, True, False]
    assert where(numbers.power(u, Fraction(1, 2))) == [True, False, False]
    assert where(numbers.power(u, Fraction(-1, 2))) == [True, True, False]
    assert where(numbers.multiply(numbers.call("log", u), numbers.rational(Fraction(0)))) == [True, True, False]
    assert bool(numbers.undefined(numbers.total(numbers.call("log", u), 0)))


@ALL
def test_comparisons_see_ties(numbers: Arithmetic) -> None:
    a, b = numbers.convert(np.array([1.0, 2.0, 3.0])), numbers.convert(np.array([2.0, 2.0, 2.0]))
    greater, tie = numbers.compare(a, b)
    assert greater.tolist() == [False, False, True]
    assert tie.tolist() == [False, True, False]


def test_a_sum_that_is_zero_is_a_tie_in_the_field_whatever_the_rounding() -> None:
    parts = exact(Fraction(1, 10), Fraction(2, 10), Fraction(-3, 10))
    zero = MODULAR.total(parts, 0)
    assert float(zero["shadow"]) != 0
    greater, tie = MODULAR.compare(zero, MODULAR.rational(Fraction(0)))
    assert bool(tie)
    assert not bool(greater)


def test_nothing_is_divided_by_an_exact_zero_whatever_the_rounding() -> None:
    zero = MODULAR.total(exact(Fraction(1, 10), Fraction(2, 10), Fraction(-3, 10)), 0)
    assert bool(MODULAR.undefined(MODULAR.power(zero, Fraction(-1))))


@pytest.mark.parametrize("order", range(5))
def test_a_generic_function_has_the_derivatives_it_says(order: int) -> None:
    u, step = 0.7, 1e-20
    ends = HIGH.generic(
        "h", order, HIGH.convert(np.array([Fraction(7, 10) + Fraction(step), Fraction(7, 10) - Fraction(step)]))
    )
    slope = (ends[0] - ends[1]) / (2 * HIGH.convert(np.array(Fraction(step))).item())
    assert float(slope) == pytest.approx(float(FLOAT.generic("h", order + 1, np.array(u))), rel=1e-12)
    assert float(MODULAR.generic("h", order, exact(u))["shadow"][0]) == float(FLOAT.generic("h", order, np.array(u)))


def test_two_generic_functions_are_different() -> None:
    u = np.linspace(-1, 1, 5)
    assert not np.isclose(FLOAT.generic("h", 0, u), FLOAT.generic("g", 0, u)).any()


def test_high_precision_is_its_own_and_nobody_elses() -> None:
    with mpmath.workdps(10):
        pi = HIGH.call("atan", HIGH.convert(np.array(1))).item() * 4
    assert mpmath.mp.dps == 15
    with mpmath.workdps(DIGITS):
        assert abs(mpmath.mpf(pi) - mpmath.pi) < mpmath.mpf(10) ** (3 - DIGITS)


def test_zero_to_a_power() -> None:
    assert residues(MODULAR.power(exact(0), Fraction(3))) == [0]
    assert field_power(np.array([0]), PRIME - 2).tolist() == [0]
    assert math.isnan(float(FLOAT.power(np.array(0.0), Fraction(-2))))


def test_powers_of_few_entries_are_those_of_many():
    few = np.array([[0, 1], [5, PRIME - 1]])
    for exponent in (1, 2, 3, ORDER, PRIME - 2):
        many = field_power(np.tile(few, (20, 1)), exponent)
        np.testing.assert_array_equal(many, np.tile(field_power(few, exponent), (20, 1)))
