"""A formula inside another one is recognised whatever its indices are called, and written by its name."""

from __future__ import annotations

import pytest

from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import ONE, Compare, Delta, InRange, Tensor, Where, add, mul, neg, number, power, total
from symbolic.language.functions import exp
from symbolic.language.matching import fold, unify
from symbolic.network.catalogue import ACTIVATIONS

N, D, J, K, T = (size(name) for name in "NDJKT")
i, d, e, j, k, m, s = (
    Index("i", N), Index("d", D), Index("e", D), Index("j", J), Index("k", K), Index("m", K), Index("s", J),
)  # fmt: skip
n = Index("n", N)
w, x, z, a = Tensor("w", (J, D), "parameter"), Tensor("x", (N, D), "input"), Tensor("z", (N, J)), Tensor("a", (N, J))
b, p = Tensor("b", (N, K)), Tensor("p", (N, K))
sigmoid, tanh = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
BOTH = frozenset({i, j})

layer = Definition(z, (i, j), sigmoid(a[i, j]), "activation")
wide = Definition(z, (i, j), sigmoid(total(w[j, d] * x[i, d], d)), "activation")
softmax = Definition(p, (i, k), mul(exp(b[i, k]), power(total(exp(b[i, m]), m), -1)), "activation")


# ------------------------------------------------------------------------------------- unify


def test_variables_take_any_subscript():
    assert unify(a[i, j], a[n, s], BOTH) == {i: subscript(n), j: subscript(s)}
    assert unify(a[i, j], a[i, 3], BOTH) == {i: subscript(i), j: subscript(3)}
    assert unify(a[i, j], a[i, subscript(s) + 1], BOTH) == {i: subscript(i), j: subscript(s) + 1}


def test_a_variable_has_one_value():
    square = Tensor("q", (J, J))
    assert unify(square[j, j], square[s, s], frozenset({j})) == {j: subscript(s)}
    assert unify(square[j, j], square[s, k], frozenset({j})) is None
    assert unify(a[i, j], a[n, s], BOTH, {i: subscript(0)}) is None


def test_what_is_no_variable_stands_for_itself():
    assert unify(a[i, j], a[i, s], frozenset({i})) is None
    assert unify(a[i, j], a[n, j], frozenset({i})) == {i: subscript(n)}


def test_bound_indices_match_whatever_they_are_called():
    left, right = total(w[j, d] * x[i, d], d), total(w[s, e] * x[n, e], e)
    assert unify(left, right, BOTH) == {i: subscript(n), j: subscript(s)}
    shorter = Index("d", J)
    assert unify(total(a[i, j], j), total(x[i, d], d), frozenset({i})) is None, "the ranges differ"
    assert unify(left, total(w[s, d] * x[n, shorter], d), BOTH) is None


@pytest.mark.parametrize(
    ("pattern", "expr"),
    [
        (sigmoid(a[i, j]), tanh(a[i, j])),
        (power(a[i, j], 2), power(a[i, j], 3)),
        (a[i, j] + ONE, a[i, j] + number(2)),
        (a[i, j] + ONE, a[i, j] * number(2)),
        (a[i, j], z[i, j]),
        (add(a[i, j], ONE), add(a[i, j], ONE, z[i, j])),
        (exp(a[i, j]), a[i, j]),
        (Delta(subscript(j), subscript(0)), InRange(subscript(j), J)),
        (Compare(">", a[i, j], ONE), Compare(">=", a[i, j], ONE)),
        (InRange(subscript(j) - 1, J), InRange(subscript(j) - 1, T)),
    ],
)
def test_different_formulas_do_not_match(pattern, expr):
    assert unify(pattern, expr, BOTH) is None


def test_a_variable_with_the_letter_of_a_bound_index_is_no_bound_index():
    pattern = mul(a[i, j], total(z[i, s], s))
    assert unify(pattern, mul(a[n, s], total(z[n, j], j)), BOTH) == {i: subscript(n), j: subscript(s)}


def test_no_variable_stands_for_an_index_that_is_bound():
    square = Tensor("q", (J, J))
    pattern = total(square[j, s], s)
    assert unify(pattern, total(square[k, s], s), BOTH) == {j: subscript(k)}
    assert unify(pattern, total(square[s, s], s), BOTH) is None, "a trace is no row sum"


# ------------------------------------------------------------------------------------- fold


def test_an_activation_gets_its_name_back():
    slope = mul(sigmoid(a[i, j]), add(ONE, neg(sigmoid(a[i, j]))))
    assert fold(slope, (layer,)) == mul(z[i, j], add(ONE, neg(z[i, j])))


def test_an_activation_gets_its_name_back_at_other_subscripts():
    assert fold(sigmoid(a[i, s]) * x[i, d], (layer,)) == z[i, s] * x[i, d]
    assert fold(sigmoid(a[i, 0]), (layer,)) == z[i, 0]


def test_a_formula_with_a_sum_is_recognised_under_other_letters():
    assert fold(sigmoid(total(w[s, e] * x[i, e], e)), (wide,)) == z[i, s]


def test_another_functions_value_keeps_its_formula():
    for unchanged in (tanh(a[i, j]), sigmoid(z[i, j]), sigmoid(a[i, j] + ONE), a[i, j]):
        assert fold(unchanged, (layer,)) == unchanged


def test_a_definition_that_forgets_an_index_names_nothing():
    constant = Definition(z, (i, j), sigmoid(Tensor("c", (N,))[i]), "activation")
    assert fold(sigmoid(Tensor("c", (N,))[i]), (constant,)) == sigmoid(Tensor("c", (N,))[i])


def test_softmax_gets_its_name_back():
    assert fold(softmax.formula, (softmax,)) == p[i, k]
    q = Index("q", K)
    elsewhere = mul(exp(b[i, q]), power(total(exp(b[i, k]), k), -1))
    assert fold(elsewhere, (softmax,)) == p[i, q]


def test_the_slope_of_softmax_is_written_through_its_values():
    """∂p_k/∂b_m = p_k(δ_km - p_m): the second term is e^{b_k} e^{b_m} / (Σ e^b)²."""
    q = Index("q", K)
    under = total(exp(b[i, q]), q)
    second = mul(number(-1), exp(b[i, k]), exp(b[i, m]), power(under, -2))
    assert fold(second, (softmax,)) == mul(number(-1), p[i, k], p[i, m])


def test_a_power_of_softmax_is_a_power_of_its_value():
    square = mul(power(exp(b[i, k]), 2), power(total(exp(b[i, m]), m), -2))
    assert fold(square, (softmax,)) == power(p[i, k], 2)


def test_a_quotient_with_another_denominator_is_no_softmax():
    other = Tensor("o", (N, K))
    unchanged = mul(exp(b[i, k]), power(total(exp(other[i, m]), m), -1))
    assert fold(unchanged, (softmax,)) == unchanged
    of_another_sample = mul(exp(b[n, k]), power(total(exp(b[i, m]), m), -1))
    assert fold(of_another_sample, (softmax,)) == of_another_sample


def test_a_surplus_numerator_stays_in_sight():
    surplus = mul(exp(b[i, k]), exp(b[i, k]), power(total(exp(b[i, m]), m), -1))
    assert fold(surplus, (softmax,)) == mul(p[i, k], exp(b[i, k]))


def test_folding_inside_sums_does_not_confuse_the_bound_index():
    expr = total(mul(z[i, s], sigmoid(a[i, s])), s)
    assert fold(expr, (Definition(Tensor("r", (N, J)), (i, s), sigmoid(a[i, s]), "activation"),)) == total(
        z[i, s] * Tensor("r", (N, J))[i, s], s
    )


def test_a_linear_definition_is_never_read_backwards():
    linear = Definition(a, (i, j), total(w[j, d] * x[i, d], d), "preactivation")
    assert fold(linear.formula, (linear,)) == linear.formula


@pytest.mark.parametrize(
    "expr",
    [
        mul(sigmoid(a[i, j]), sigmoid(a[i, s]), exp(sigmoid(a[i, j]))),
        total(sigmoid(a[i, j]), j),
        Where(Compare(">", sigmoid(a[i, j]), ONE), sigmoid(a[i, s]), a[i, j]),
    ],
)
def test_folding_never_changes_the_value(expr):
    folded = fold(expr, (layer,))
    assert folded != expr
    assert compare(expr, folded, definitions=(layer,)).verdict == Verdict.PROVED
