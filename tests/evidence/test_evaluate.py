"""Evaluation over named axes, and derivatives against differences in fifty digits."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolic.evidence.arithmetic import FLOAT, HIGH, MODULAR, Array, Float
from symbolic.evidence.evaluate import Evaluation, EvaluationError, Instance, evaluate
from symbolic.language.affine import Index, Subscript, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    ONE,
    ZERO,
    Compare,
    Constant,
    Delta,
    Entry,
    Expr,
    Extent,
    Hyper,
    InRange,
    Mul,
    Partial,
    Symbol,
    Tensor,
    Where,
    add,
    divide,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import absolute, atan, cos, erf, exp, generic, log, maximum, minimum, sin
from symbolic.language.terms import delta, in_range
from symbolic.network.catalogue import ACTIVATIONS

N, D, J, T, U = (size(name) for name in "NDJTU")
i, m, d, j, r = Index("i", N), Index("m", N), Index("d", D), Index("j", J), Index("r", J)
SIZES = {"N": 2, "D": 3, "J": 4, "T": 5, "U": 2}
x, w, v, y = Tensor("x", (N, D)), Tensor("w", (J, D)), Tensor("v", (J,)), Tensor("y", (N,))
z, p, Q = Tensor("z", (N, J)), Tensor("p", (N,)), Tensor("Q")
sigmoid = ACTIVATIONS["sigmoid"]
u = Symbol("u")

#: A hidden layer, a skip connection from x to p, and a squared loss.
DEFINITIONS = (
    Definition(z, (i, j), sigmoid(total(w[j, d] * x[i, d], d))),
    Definition(p, (i,), add(total(v[j] * z[i, j], j), power(x[i, 0], 2))),
    Definition(Q, (), total(power(y[i] - p[i], 2), i)),
)


def values_of(*tensors: Tensor, seed: int = 0) -> dict[Tensor, Any]:
    rng = np.random.default_rng(seed)
    return {t: rng.uniform(-2, 2, [axis.value(SIZES) for axis in t.axes]) for t in tensors}


INSTANCE = Instance(SIZES, values_of(x, w, v, y), DEFINITIONS)
X, W, V, Y = (INSTANCE.values[t] for t in (x, w, v, y))
Z = 1 / (1 + np.exp(-np.einsum("jd,id->ij", W, X)))


def at(expr: Expr, instance: Instance = INSTANCE, **symbols: float) -> Any:
    return evaluate(expr, Instance(instance.sizes, instance.values, instance.definitions, symbols)).array


def test_a_sum_of_products_is_an_einsum_and_axes_are_in_sorted_order() -> None:
    result = evaluate(total(w[j, d] * x[i, d], d), INSTANCE)
    assert result.indices == (i, j)
    np.testing.assert_allclose(result.array, np.einsum("jd,id->ij", W, X))


def test_subscripts_may_repeat_be_constant_or_be_affine() -> None:
    square = Tensor("a", (J, J))
    instance = Instance(SIZES, values_of(square))
    a = instance.values[square]
    t, k = Index("t", T - U), Index("k", U)
    line = Tensor("l", (T,))
    lines = Instance(SIZES, values_of(line))
    np.testing.assert_array_equal(at(square[j, j], instance), np.diag(a))
    np.testing.assert_array_equal(at(square[1, j], instance), a[1])
    np.testing.assert_array_equal(at(square[j, 2], instance), a[:, 2])
    assert float(at(square[3, 0], instance)) == a[3, 0]
    moved: Subscript = subscript(t) + subscript(k)
    expected = np.lib.stride_tricks.sliding_window_view(lines.values[line], 2)[:3]
    np.testing.assert_array_equal(evaluate(line[moved], lines).ordered((t, k)), expected)
    np.testing.assert_array_equal(at(line[subscript(t) * -1 + 4], lines), lines.values[line][[4, 3, 2]])


def test_a_sum_counts_what_does_not_depend_on_its_index() -> None:
    assert float(at(total(number(3), d))) == 9
    assert float(at(total(Extent(J - D), d, i))) == 6


def test_brackets_constants_and_hyperparameters() -> None:
    np.testing.assert_array_equal(at(Delta(subscript(j), subscript(r))), np.eye(4))
    np.testing.assert_array_equal(at(InRange(subscript(j) - 1, J - 2)), [0, 1, 1, 0])
    np.testing.assert_array_equal(at(Compare(">=", v[j], v[1])), V[1] <= V)
    assert float(at(power(Constant("pi"), 2))) == pytest.approx(np.pi**2)
    assert float(at(Hyper("lambda", Fraction(1, 4)))) == 0.25


def test_an_entry_outside_its_tensor_is_undefined_unless_a_bracket_is_zero_there() -> None:
    before: Subscript = subscript(j) - 1
    assert np.isnan(at(v[before])).tolist() == [True, False, False, False]
    np.testing.assert_array_equal(at(mul(v[before], in_range(before, J))), [0, *V[:3]])
    np.testing.assert_array_equal(at(mul(log(v[before]), ZERO)), 0)
    guarded = mul(power(in_range(before, J), 2), exp(v[before]))
    np.testing.assert_allclose(at(guarded), [0, *np.exp(V[:3])])


def test_the_ends_of_a_constant_definition_are_its_ends() -> None:
    flat = Tensor("c", (J,))
    instance = Instance(SIZES, {}, (Definition(flat, (j,), number(7)),))
    np.testing.assert_array_equal(at(flat[subscript(j) + 1], instance), [7, 7, 7, np.nan])


def test_a_branch_that_is_not_taken_may_be_undefined() -> None:
    a = Tensor("a", (J,))
    instance = Instance(SIZES, {a: np.array([-1.0, 0.0, 1.0, np.e])})
    safe = Where(Compare(">", a[j], ZERO), log(a[j]), a[j])
    np.testing.assert_allclose(at(safe, instance), [-1, 0, 0, 1])
    np.testing.assert_allclose(evaluate(Partial(total(safe, j), a[r]), instance).array, [1, 1, 1, 1 / np.e])


def test_a_bracket_of_something_undefined_is_undefined() -> None:
    assert np.isnan(at(Compare(">", log(u), ZERO), u=-1.0))
    assert np.isnan(at(Where(Compare(">=", log(u), ZERO), ONE, ZERO), u=-1.0))
    assert np.isnan(at(maximum(log(u), ONE), u=-1.0))
    assert np.isnan(at(absolute(log(u)), u=-1.0))


def test_definitions_are_computed_and_each_only_once() -> None:
    class Counting(Float):
        calls = 0

        def call(self, function: str, values: Array) -> Array:
            self.calls += 1
            return super().call(function, values)

    counting = Counting()
    evaluation = Evaluation(INSTANCE, counting)
    q = float(evaluation.value(Q[()]).array)
    assert q == pytest.approx(float(((Y - Z @ V - X[:, 0] ** 2) ** 2).sum()))
    evaluation.value(z[i, j] * z[m, r])
    assert counting.calls == 1


def test_several_points_are_evaluated_at_once() -> None:
    batch = {t: np.stack([INSTANCE.values[t], 2 * INSTANCE.values[t]]) for t in INSTANCE.values}
    both = evaluate(Partial(Q[()], w[j, d]), Instance(SIZES, batch, DEFINITIONS, points=2)).array
    for point in range(2):
        one = Instance(SIZES, {t: a[point] for t, a in batch.items()}, DEFINITIONS)
        np.testing.assert_allclose(both[point], evaluate(Partial(Q[()], w[j, d]), one).array)


# ---------------------------------------------------------------------- derivatives


def test_the_gradient_of_a_network() -> None:
    e = -2 * (Y - Z @ V - X[:, 0] ** 2)
    expected = np.einsum("i,j,ij,id->jd", e, V, Z * (1 - Z), X)
    np.testing.assert_allclose(evaluate(Partial(Q[()], w[j, d]), INSTANCE).ordered((j, d)), expected)


def test_an_index_may_be_free_in_both_places() -> None:
    k = Index("k", D)
    moving = evaluate(Partial(z[i, j], w[j, k]), INSTANCE)
    assert moving.indices == (i, j, k)
    np.testing.assert_allclose(moving.array, np.einsum("ij,ik->ijk", Z * (1 - Z), X))
    np.testing.assert_allclose(at(Partial(z[i, j], w[r, 0]))[:, 1, 2], 0)
    np.testing.assert_allclose(at(total(Partial(z[i, r], w[j, d]), r)), np.einsum("ij,id->dij", Z * (1 - Z), X))


def test_a_tensor_by_itself_is_a_kronecker_delta() -> None:
    np.testing.assert_array_equal(at(Partial(v[j], v[r])), np.eye(4))
    np.testing.assert_array_equal(at(Partial(z[i, j], z[i, r])), np.broadcast_to(np.eye(4), (2, 4, 4)))
    np.testing.assert_array_equal(at(Partial(z[i, j], z[m, 0], direct=True))[:, 0], np.eye(2))


def test_direct_and_total_differ_on_a_skip_connection() -> None:
    total_slope = at(Partial(p[i], x[i, 0]))
    direct = at(Partial(p[i], x[i, 0], direct=True))
    np.testing.assert_allclose(direct, 2 * X[:, 0])
    np.testing.assert_allclose(total_slope, 2 * X[:, 0] + np.einsum("j,ij,j->i", V, Z * (1 - Z), W[:, 0]))


def test_direct_opens_the_definition_of_its_own_quantity_once() -> None:
    np.testing.assert_allclose(at(Partial(p[i], z[i, j], direct=True)), np.broadcast_to(V, (2, 4)))
    np.testing.assert_array_equal(at(Partial(Q[()], z[i, j], direct=True)), 0)
    np.testing.assert_array_equal(at(Partial(power(p[i], 2), z[i, j], direct=True)), 0)
    np.testing.assert_allclose(at(Partial(power(p[i], 2), p[i], direct=True)), 2 * at(p[i]))


def test_a_value_of_the_network_counts_as_independent_when_it_is_differentiated_by() -> None:
    np.testing.assert_allclose(at(Partial(Q[()], p[i])), -2 * (Y - at(p[i])))
    np.testing.assert_allclose(at(Partial(Q[()], z[i, j])), np.outer(-2 * (Y - at(p[i])), V))


def test_the_chain_rule_holds() -> None:
    through = total(Partial(Q[()], p[i]) * total(Partial(p[i], z[i, j]) * Partial(z[i, j], w[r, d]), j), i)
    np.testing.assert_allclose(at(through), at(Partial(Q[()], w[r, d])))


def test_second_derivatives_are_symmetric_and_those_of_differences() -> None:
    k = Index("k", D)
    hessian = evaluate(Partial(Partial(Q[()], w[j, d]), w[r, k]), INSTANCE).ordered((j, d, r, k))
    np.testing.assert_allclose(hessian, hessian.transpose(2, 3, 0, 1), atol=1e-12)
    mixed = evaluate(Partial(Partial(Q[()], w[j, d]), v[r]), INSTANCE).ordered((j, d, r))
    other = evaluate(Partial(Partial(Q[()], v[r]), w[j, d]), INSTANCE).ordered((j, d, r))
    np.testing.assert_allclose(mixed, other, atol=1e-12)
    step, one = 1e-5, (np.arange(12) == 5).reshape(4, 3)
    ends = [
        evaluate(Partial(Q[()], w[j, d]), Instance(SIZES, {**INSTANCE.values, w: moved}, DEFINITIONS)).ordered((j, d))
        for moved in (W + step * one, W - step * one)
    ]
    np.testing.assert_allclose((ends[0] - ends[1]) / (2 * step), hessian[:, :, 1, 2], rtol=1e-6, atol=1e-7)


def test_a_total_derivative_may_stand_inside_a_direct_one_that_came_later() -> None:
    """∂/∂p, direct, of p·∂Q/∂w: the inner tangents are the ones computed before."""
    evaluation = Evaluation(INSTANCE)
    slope = Partial(Q[()], w[j, d])
    before = evaluation.value(slope).ordered((j, d))
    after = evaluation.value(Partial(p[i] * slope, p[i], direct=True)).ordered((i, j, d))
    np.testing.assert_allclose(after[0], before)


def test_the_outer_derivative_reaches_into_the_inner_one_where_its_tensor_is_named() -> None:
    """∂/∂p, direct, of ∂(p²)/∂w = 2p·∂p/∂w is 2·∂p/∂w."""
    evaluation = Evaluation(INSTANCE)
    slope = evaluation.value(Partial(p[i], w[j, d])).ordered((i, j, d))
    nested = Partial(Partial(power(p[i], 2), w[j, d]), p[i], direct=True)
    np.testing.assert_allclose(evaluation.value(nested).ordered((i, j, d)), 2 * slope)


def test_derivatives_by_the_symbol_of_a_formula() -> None:
    assert float(at(Partial(sigmoid(u), u), u=0.3)) == pytest.approx(0.2444583)
    third = Partial(Partial(Partial(sin(u), u), u), u)
    assert float(at(third, u=0.3)) == pytest.approx(-np.cos(0.3))
    h = generic("h")
    chain = 2 * 0.3 * float(at(h.prime(power(u, 2)), u=0.3))
    assert float(at(Partial(h(power(u, 2)), u), u=0.3)) == pytest.approx(chain)


@pytest.mark.parametrize(
    ("formula", "left", "right"),
    [(absolute(u), -1, 1), (maximum(u, ZERO), 0, 1), (minimum(u, ZERO), 1, 0), (maximum(ZERO, u), 0, 1)],
)
def test_slopes_beside_a_kink(formula: Expr, left: float, right: float) -> None:
    assert float(at(Partial(formula, u), u=-0.5)) == left
    assert float(at(Partial(formula, u), u=0.5)) == right


def test_at_the_kink_the_slope_is_the_stated_one_and_the_kink_is_noticed() -> None:
    for formula, slope in ((absolute(u), 0), (maximum(u, ZERO), 0)):
        evaluation = Evaluation(Instance({}, symbols={"u": 0.0}))
        assert float(evaluation.value(Partial(formula, u)).array) == slope
        assert bool(evaluation.kinks)


# ---------------------------------------------------------------------- against differences

a, b, s = Tensor("a", (J,)), Tensor("b", (J, D)), Index("s", J)


def _formulas() -> st.SearchStrategy[Expr]:
    leaves = st.sampled_from(
        [a[j], a[2], b[j, d], b[j, 1], a[subscript(j) * -1 + 3], number(2), number(Fraction(-1, 3))]
    )

    def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.one_of(
            st.builds(add, inner, inner),
            st.builds(mul, inner, inner),
            st.builds(lambda f, e: f(e), st.sampled_from([sin, cos, atan, erf, sigmoid, generic("h")]), inner),
            st.builds(lambda e: power(add(ONE, power(e, 2)), Fraction(-3, 2)), inner),
            st.builds(lambda e: exp(neg(power(e, 2))), inner),
            st.builds(lambda e: log(add(number(2), cos(e))), inner),
            st.builds(lambda e: total(e, j), inner),
            st.builds(lambda e: divide(e, add(number(3), sin(e))), inner),
            st.builds(lambda e: mul(delta(subscript(j), subscript(s)), e), inner),
            st.builds(lambda e, f: maximum(e, f), inner, inner),
        )

    return st.recursive(leaves, grow, max_leaves=10)


@settings(max_examples=100, deadline=None)
@given(_formulas(), st.integers(0, 3), st.integers(0, 2**32 - 1))
@pytest.mark.slow
def test_a_derivative_is_the_limit_of_differences(formula: Expr, place: int, seed: int) -> None:
    sizes = {"J": 4, "D": 2}
    rng = np.random.default_rng(seed)
    given = {t: rng.integers(-2000, 2000, [n.value(sizes) for n in t.axes]) / 1000 for t in (a, b)}
    exact = {t: np.vectorize(Fraction, otypes=[object])(value) for t, value in given.items()}
    step = Fraction(1, 10**15)

    def moved(sign: int) -> Any:
        line = exact[a].copy()
        line[place] += sign * step
        return evaluate(formula, Instance(sizes, {**exact, a: line}), HIGH)

    evaluation = Evaluation(Instance(sizes, exact), HIGH)
    derivative = evaluation.value(Partial(formula, a[place]))
    if evaluation.kinks:
        return
    up, down = moved(1), moved(-1)
    slope = (up.array - down.array) * HIGH.rational(1 / (2 * step))
    assert np.all(abs(slope - derivative.ordered(up.indices)) < 1e-20 * (1 + abs(slope)))
    floats = evaluate(Partial(formula, a[place]), Instance(sizes, given)).ordered(up.indices)
    np.testing.assert_allclose(floats, HIGH.floats(derivative.ordered(up.indices)), rtol=1e-9, atol=1e-11)
    field = evaluate(Partial(formula, a[place]), Instance(sizes, given), MODULAR).ordered(up.indices)
    np.testing.assert_allclose(MODULAR.floats(field), floats, rtol=1e-12, atol=1e-13)


# ---------------------------------------------------------------------- size and errors


def test_a_thousand_layers_do_not_exhaust_the_stack() -> None:
    layers = [Tensor(f"z{n}", (J,)) for n in range(1001)]
    definitions = tuple(Definition(above, (j,), sin(total(b[j, d] * below[j], d))) for below, above in pairwise(layers))
    instance = Instance(SIZES, values_of(b, layers[0]), definitions)
    assert np.isfinite(evaluate(Partial(layers[-1][j], layers[0][r]), instance).array).all()


@pytest.mark.parametrize(
    ("expr", "instance", "message"),
    [
        (v[j], Instance(SIZES), "no value and no definition for v"),
        (v[j], Instance(SIZES, {v: np.zeros(3)}), r"v has shape \(3,\); \(4,\) was expected"),
        (u, Instance(SIZES), "no value for the symbol u"),
        (Extent(size("K")), Instance(SIZES), "no value for the size K"),
        (total(v[j], j), Instance({}, {v: np.zeros(3)}), "no value for the size J"),
        (maximum(u), Instance({}, symbols={"u": 1.0}), "max takes 2 arguments, not 1"),
    ],
)
def test_what_has_no_value_is_named(expr: Expr, instance: Instance, message: str) -> None:
    with pytest.raises(EvaluationError, match=f"^{message}$"):
        evaluate(expr, instance)


def test_an_empty_product_of_brackets_is_one_where_they_hold() -> None:
    both = Mul((Delta(subscript(j), subscript(r)), Compare(">", v[j], ZERO)))
    np.testing.assert_array_equal(at(both), np.diag(V > 0))


def test_float_is_the_default() -> None:
    entry = Entry(Q)
    assert evaluate(entry, INSTANCE).array == evaluate(entry, INSTANCE, FLOAT).array
