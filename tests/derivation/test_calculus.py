"""The rules of differentiation, one at a time; and the slope of every function, derived, against numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolic.derivation import rules
from symbolic.derivation.calculus import (
    carry_out,
    depends,
    differentiate,
    lemma,
    outer_derivative,
    partials,
    rewrite,
    slope,
)
from symbolic.derivation.derive import slope_derivation
from symbolic.derivation.rules import Rule
from symbolic.evidence.arithmetic import HIGH
from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.expr import (
    ONE,
    ZERO,
    Call,
    Compare,
    Delta,
    Entry,
    Expr,
    InRange,
    Mul,
    Number,
    Partial,
    Sum,
    Symbol,
    Tensor,
    Where,
    add,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import PRIMITIVES, Function, U, V, absolute, exp, generic, log, maximum, sin
from symbolic.language.terms import delta, free_indices
from symbolic.network.catalogue import ACTIVATIONS, LOSSES, function

N, D, J, T, U_ = (size(name) for name in ("N", "D", "J", "T", "U"))
i, d, e, j, k = Index("i", N), Index("d", D), Index("e", D), Index("j", J), Index("k", J)
w, x, v, z = (
    Tensor("w", (J, D), "parameter"),
    Tensor("x", (N, D), "input"),
    Tensor("v", (D,), "parameter"),
    Tensor("z", (N, J)),
)
h = generic("h")

# ------------------------------------------------------------------------------------- rule by rule


def ruled(of: Expr, by: Entry | Symbol = U) -> tuple[Rule, Expr]:
    return rewrite(Partial(of, by, direct=True))


def D_(of: Expr, by: Entry | Symbol = U) -> Partial:
    return Partial(of, by, direct=True)


def test_the_variable_itself():
    assert ruled(U) == (rules.IDENTITY, ONE)
    assert ruled(v[d], v[e]) == (rules.IDENTITY, Delta(subscript(d), subscript(e)))
    assert ruled(v[d], v[d]) == (rules.IDENTITY, ONE)
    assert ruled(w[j, d], w[k, e])[1] == mul(delta(subscript(j), subscript(k)), delta(subscript(d), subscript(e)))


def test_what_does_not_depend_on_the_variable():
    assert ruled(V) == (rules.INDEPENDENT, ZERO)
    assert ruled(x[i, d], v[d]) == (rules.INDEPENDENT, ZERO)
    assert ruled(number(7)) == (rules.INDEPENDENT, ZERO)


def test_the_sum_rule():
    assert ruled(add(sin(U), power(U, 2), V)) == (rules.SUM, add(D_(sin(U)), D_(power(U, 2))))


def test_the_sum_rule_under_a_sum_over_an_index():
    rule, after = ruled(total(v[d] * x[i, d], d), v[e])
    assert (rule, after) == (rules.SUM, total(D_(v[d] * x[i, d], v[e]), d))


def test_a_constant_factor_stands_in_front():
    assert ruled(mul(number(3), V, sin(U))) == (rules.CONSTANT_FACTOR, mul(number(3), V, D_(sin(U))))


def test_the_product_rule():
    rule, after = ruled(mul(sin(U), exp(U), log(U)))
    assert rule == rules.PRODUCT
    assert after == add(
        mul(D_(sin(U)), exp(U), log(U)), mul(sin(U), D_(exp(U)), log(U)), mul(sin(U), exp(U), D_(log(U)))
    )


def test_the_power_rule():
    assert ruled(power(sin(U), 3)) == (rules.POWER, mul(number(3), power(sin(U), 2), D_(sin(U))))
    assert ruled(power(U, -1)) == (rules.POWER, mul(number(-1), power(U, -2), D_(U)))
    slope = power(U, Fraction(-1, 2))
    assert ruled(power(U, Fraction(1, 2)))[1] == mul(number("1/2"), Where(Compare(">", U, ZERO), slope, ZERO), D_(U))
    positive = add(ONE, power(U, 2))
    slope = ruled(power(positive, Fraction(1, 2)))[1]
    assert isinstance(slope, Mul)
    assert slope.factors[1] == power(positive, Fraction(-1, 2))


def test_the_chain_rule():
    inner = power(U, 2)
    assert ruled(exp(inner)) == (rules.of_function("exp"), mul(exp(inner), D_(inner)))
    assert ruled(h(inner)) == (rules.CHAIN, mul(h.prime(inner), D_(inner)))
    sigmoid = ACTIVATIONS["sigmoid"]
    assert ruled(sigmoid(inner)) == (
        rules.FUNCTION,
        mul(sigmoid(inner), add(ONE, neg(sigmoid(inner))), D_(inner)),
    )


def test_the_chain_rule_of_two_arguments_leaves_out_the_constant_one():
    rule, after = ruled(maximum(power(U, 2), V))
    assert (rule, after) == (rules.CHAIN, mul(Compare(">", power(U, 2), V), D_(power(U, 2))))
    _, both = ruled(maximum(U, neg(U)))
    assert both == add(mul(Compare(">", U, neg(U)), D_(U)), mul(Compare(">=", neg(U), U), D_(neg(U))))


def test_cases_are_differentiated_case_by_case():
    of = Where(Compare(">", U, ZERO), sin(U), V)
    assert ruled(of) == (rules.CASES, Where(Compare(">", U, ZERO), D_(sin(U)), ZERO))
    entry = Where(Compare(">", v[d], ZERO), power(v[d], 2), x[i, d])
    rule, after = ruled(entry, v[e])
    assert rule == rules.CASES
    assert after == mul(Compare(">", v[d], ZERO), D_(power(v[d], 2), v[e]))


@pytest.mark.parametrize("of", [Compare(">", U, ZERO), Compare(">=", power(U, 2), V)])
def test_brackets_are_constant_between_their_jumps(of):
    assert ruled(of) == (rules.PIECEWISE_CONSTANT, ZERO)


def test_a_generic_function_counts_its_primes():
    second = differentiate(differentiate(h(power(U, 2)), U), U)
    assert str(h.prime.prime(U)) == "h(u)"
    assert h.prime.prime.order == 2
    expected = add(mul(number(2), h.prime(power(U, 2))), mul(number(4), power(U, 2), h.prime.prime(power(U, 2))))
    assert compare(second, expected).verdict == Verdict.PROVED


def test_what_is_no_formula_has_no_rule():
    with pytest.raises(TypeError, match="no rule"):
        rewrite(Partial(Partial(power(U, 2), U), U))


def test_dependence_is_by_tensor_and_by_symbol():
    assert depends(w[j, d], w[k, e])
    assert not depends(x[i, d], w[k, e])
    assert depends(sin(U), U)
    assert not depends(sin(V), U)


def test_the_outer_derivative_is_taken_at_the_inner_function():
    call = exp(power(U, 2))
    assert isinstance(call, Call)
    assert outer_derivative(call) == call
    two = maximum(U, V)
    assert isinstance(two, Call)
    assert outer_derivative(two, 1) == Compare(">=", V, U)


# ------------------------------------------------------------------------------------- indices


@pytest.mark.parametrize("letter", ["d", "s", "j", "i"])
def test_a_bound_index_named_like_the_variables_is_another_index(letter):
    """Σ_d v_d x_id by v_d is x_id, whatever letter the variable has."""
    by = Index(letter, D)
    assert differentiate(total(v[d] * x[i, d], d), v[by]) == x[i, by]


def test_a_bound_index_steps_aside_before_the_derivative_goes_under_the_sum():
    after = ruled(total(v[d] * x[i, d], d), v[d])[1]
    assert isinstance(after, Sum)
    assert after.index.name != "d"
    assert free_indices(after) == {i, d}


def test_nested_sums_with_the_variables_letters():
    """Σ_j Σ_d w_jd z_ij x_id by w_jd, where j and d are the variable's."""
    of = total(total(mul(w[j, d], z[i, j], x[i, d]), d), j)
    assert differentiate(of, w[j, d]) == mul(z[i, j], x[i, d])


def test_the_same_letter_over_another_range_is_no_obstacle():
    by = Index("d", J)
    square = Tensor("q", (J,), "parameter")
    of = total(mul(square[by], x[i, Index("d", D)]), Index("d", D))
    assert compare(differentiate(of, square[by]), total(x[i, d], d)).verdict == Verdict.PROVED


def test_a_tensor_used_twice_has_both_contributions():
    of = total(mul(v[d], v[d], x[i, d]), d)
    assert compare(differentiate(of, v[e]), mul(number(2), v[e], x[i, e])).verdict == Verdict.PROVED
    gram = Tensor("g", (D, D), "input")
    form = total(total(mul(v[d], gram[d, e], v[e]), e), d)
    by = Index("m", D)
    expected = add(total(gram[by, e] * v[e], e), total(v[d] * gram[d, by], d))
    assert compare(differentiate(form, v[by]), expected).verdict == Verdict.PROVED


def test_the_derivative_of_a_convolution():
    out, tap, at = Index("t", T - U_ + 1), Index("u", U_), Index("q", T)
    signal, kernel = Tensor("signal", (T,), "input"), Tensor("kernel", (U_,), "parameter")
    of = total(kernel[tap] * signal[subscript(out) + subscript(tap)], tap)
    other = tap.renamed("m")
    assert differentiate(of, kernel[other]) == signal[subscript(out) + subscript(other)]
    by_signal = differentiate(of, signal[at])
    assert by_signal == mul(kernel[subscript(at) - subscript(out)], InRange(subscript(at) - subscript(out), U_))
    assert compare(Partial(of, signal[at], direct=True), by_signal).verdict == Verdict.PROVED


def test_a_constant_subscript():
    assert differentiate(v[0] * v[1], v[d]) == add(
        mul(Delta(subscript(0), subscript(d)), v[1]), mul(v[0], Delta(subscript(1), subscript(d)))
    )


def test_layers_that_differ_in_names_only_share_one_derivation():
    first = differentiate(total(w[j, d] * x[i, d], d), w[k, e])
    renamed = Tensor("other", w.axes, "parameter"), Tensor("input", x.axes, "input")
    second = differentiate(total(renamed[0][j, d] * renamed[1][i, d], d), renamed[0][k, e])
    assert str(second) == str(first).replace("x[", "input[")


# ------------------------------------------------------------------------------------- the log


FORMULAS = [
    "sin(u**2)*exp(-u)", "log(1 + u**2)", "u/(1 + u**2)", "exp(-u**2)", "max(u, u**2)", "abs(u)**3",
    "where(u > 1, u**2, 2*u - 1)", "atan(u)/u", "erf(u)*u", "cos(u)**2 + sin(u)**2", "sqrt(1 + u**2)", "u**(3/2)",
    "min(u, 1)*abs(u)",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_every_entry_of_a_log_is_true_and_leads_to_the_result(text):
    goal = D_(body(text))
    result, log_ = carry_out(goal)
    assert next(partials(result), None) is None
    before: Expr = goal
    for rewriting in log_:
        assert compare(rewriting.before, rewriting.after).holds
        assert compare(before, rewriting.line).holds
        before = rewriting.line
    assert before == result


def body(text: str) -> Expr:
    found = function("f", text, PRIMITIVES)
    return found(U) if found.body is None else found.body


def test_an_expression_without_derivatives_is_carried_out_already():
    assert carry_out(sin(U)) == (sin(U), ())


# ------------------------------------------------------------------------------------- slopes of functions


NAMED = {name: f for name, f in ACTIVATIONS.items() if f.kind == "named"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sigmoid", "sigmoid(u)*(1 - sigmoid(u))"),
        ("tanh", "1 - tanh(u)**2"),
        ("softplus", "sigmoid(u)"),
        ("silu", "sigmoid(u) + u*sigmoid(u)*(1 - sigmoid(u))"),
        ("elu", "where(u > 0, 1, 1 + elu(u))"),
        ("relu", "[u > 0]"),
        ("leaky_relu", "where(u > 0, 1, 1/100)"),
        ("gelu", "1/2 + 1/2*erf(u*(2)**(-1/2)) + u*pi**(-1/2)*exp(-1/2*u**2)*(2)**(-1/2)"),
    ],
)
def test_the_slope_reads_as_a_textbook_writes_it(name, expected):
    assert str(slope(NAMED[name])) == expected


#: Functions that nobody has heard of, and how their slopes read where that is worth saying.
OWN = {
    "log(1 + u**2)": None,
    "exp(-u**2)": "-2*exp(-u**2)*u",
    "exp(u)": None,
    "1/(1 + exp(-3*u))": "3*f(u)*(1 - f(u))",
    "2/(1 + exp(-2*u)) - 1": "1 - f(u)**2",
    "log(1 + exp(2*u))/2": None,
    "u*atan(u)": None,
    "u/(1 + abs(u))": None,
    "where(u > 0, u, 2*exp(u) - 2)": "where(u > 0, 1, 2 + f(u))",
    "(exp(2*u) - 1)/(exp(2*u) + 1)": "1 - f(u)**2",
}


FORTY_DIGITS = HIGH.context.mpf(10) ** -37


def named(text: str) -> Function:
    """A function of the catalogue by name, or one that nobody has heard of by its formula."""
    return NAMED[text] if text in NAMED else function("f", text, PRIMITIVES)


@pytest.mark.parametrize("text", [text for text, expected in OWN.items() if expected])
def test_the_slope_of_an_unheard_of_function_reads_well(text):
    assert str(slope(named(text))) == OWN[text]


def high(expr: Expr, **at: Fraction) -> Any:
    """The value in 50 digits."""
    return evaluate(expr, Instance({}, symbols=at), HIGH).array[()]


def high_loss(formula: Expr, target: Fraction, p: Fraction) -> Any:
    return high(formula, y=target, p=p)


def difference(of: Callable[[Fraction], Any], at: Fraction) -> Any:
    """A central difference of order 8: with h = 10⁻⁵ and 50 digits, right to about 40 of them."""
    step = Fraction(1, 10**5)
    weights = (Fraction(4, 5), Fraction(-1, 5), Fraction(4, 105), Fraction(-1, 280))
    terms = [c / step * (of(at + n * step) - of(at - n * step)) for n, c in enumerate(weights, start=1)]
    return sum(terms[1:], terms[0])


POINTS = [Fraction(n, 10) for n in (-13, -4, 7, 21)]


@pytest.mark.parametrize("text", [*NAMED, *OWN])
def test_the_slope_is_the_limit_of_differences_to_forty_digits(text):
    f = named(text)
    derived = slope(f) if f.kind == "named" else outer_derivative(Call(f, (U,)))
    for at in POINTS:
        expected = difference(lambda u: high(f(U), u=u), at)
        assert abs(high(derived, u=at) - expected) < FORTY_DIGITS


@pytest.mark.parametrize("text", [text for text in (*NAMED, *OWN) if text != "exp(u)"])
def test_every_step_of_a_slope_holds(text):
    f = named(text)
    found = slope_derivation(f)
    assert all(step.evidence.holds for step in found.steps)
    assert found.result == slope(f)
    assert next(partials(found.result), None) is None


def test_the_slope_is_derived_from_the_formula_and_not_looked_up_by_name():
    liar = Function("sigmoid", "named", body=power(U, 2))
    assert slope(liar) == mul(number(2), U)
    nameless = Function("x7", "named", body=NAMED["tanh"].body)
    assert str(slope(nameless)) == "1 - x7(u)**2"


def test_softmax_has_no_slope_of_its_own_and_is_a_formula_with_a_sum():
    assert "softmax" not in ACTIVATIONS
    assert all(f.kind in ("named", "primitive", "generic") for f in ACTIVATIONS.values())


def test_only_primitives_carry_a_derivative():
    without = {name for name, f in PRIMITIVES.items() if not f.partials}
    assert without == {"trigamma"}, "where the row lgamma, digamma, trigamma ends"
    assert not any(f.partials for f in NAMED.values())


@pytest.mark.parametrize(("name", "at"), [("relu", 0), ("leaky_relu", 0), ("elu", 0)])
def test_at_the_kink_the_slope_of_the_left_is_taken(name, at):
    left = {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0}[name]
    got = evaluate(slope(NAMED[name]), Instance({}, symbols={"u": at})).array
    assert float(got) == left


def test_at_the_kink_of_abs_the_subgradient_is_zero():
    got = evaluate(differentiate(absolute(U), U), Instance({}, symbols={"u": 0})).array
    assert float(got) == 0


@pytest.mark.parametrize("name", LOSSES)
def test_the_derivative_of_every_loss_is_the_limit_of_differences(name):
    formula = LOSSES[name].formula
    derived = differentiate(formula, Symbol("p"))
    for target in (Fraction(1), Fraction(1, 2), Fraction(-1)):
        for at in (Fraction(3, 10), Fraction(81, 100)):
            expected = difference(partial(high_loss, formula, target), at)
            assert abs(high(derived, y=target, p=at) - expected) < HIGH.context.mpf(10) ** -30


trees = st.recursive(
    st.sampled_from([U, ONE, number("1/2"), number(-2)]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: add(*pair)),
        st.tuples(inner, inner).map(lambda pair: mul(*pair)),
        st.tuples(st.sampled_from([sin, exp, PRIMITIVES["atan"], NAMED["tanh"], NAMED["sigmoid"]]), inner).map(
            lambda pair: pair[0](pair[1])
        ),
        inner.map(lambda e_: power(add(power(e_, 2), ONE), -1)),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(of=trees)
def test_any_formula_has_the_derivative_of_the_evaluator(of):
    """Two differentiators that share nothing: rules on formulas, and infinitesimals on numbers."""
    result = differentiate(of, U)
    assert not isinstance(result, Partial)
    instance = Instance({}, symbols={"u": np.array(0.37)})
    got, expected = evaluate(result, instance).array, evaluate(Partial(of, U), instance).array
    assert np.allclose(float(got), float(expected), rtol=1e-9, atol=1e-9)


def test_lemmas_are_remembered():
    assert lemma(NAMED["tanh"]) is lemma(NAMED["tanh"])
    assert isinstance(slope(function("f", "3*u + 2", PRIMITIVES)), Number)
