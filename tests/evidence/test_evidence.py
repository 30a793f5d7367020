"""What is true is proved or agrees; what is false is refuted, with numbers that a person can check."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symbolic.evidence import evidence as module
from symbolic.evidence import survey
from symbolic.evidence.arithmetic import HIGH
from symbolic.evidence.equal_numbers import close, equal_digits
from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.evidence.evidence import Evidence, Verdict, compare, plausible
from symbolic.evidence.question import pose
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    ONE,
    ZERO,
    Compare,
    Expr,
    Extent,
    Mul,
    Partial,
    Pow,
    Sum,
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
from symbolic.language.functions import PRIMITIVES, absolute, cos, exp, generic, log, maximum, sin
from symbolic.language.terms import delta, in_range, subscripts_of
from symbolic.network.catalogue import ACTIVATIONS
from symbolic.network.grammar import read_scalar

N, D, J, K, T, U = (size(name) for name in "NDJKTU")
i, d, j, r = Index("i", N), Index("d", D), Index("j", J), Index("r", J)
k, c, m = Index("k", K), Index("c", K), Index("m", K)
x, y = Tensor("x", (N, D), "input"), Tensor("y", (N,), "target")
w, v = Tensor("w", (J, D), "parameter"), Tensor("v", (J,), "parameter")
z, p, Q = Tensor("z", (N, J)), Tensor("p", (N,)), Tensor("Q")
a, t = Tensor("a", (N, K)), Tensor("t", (N, K), "target")
u = Symbol("u")
sigmoid, tanh = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
h = generic("h")
half = Fraction(1, 2)

NETWORK = (
    Definition(z, (i, j), sigmoid(total(w[j, d] * x[i, d], d))),
    Definition(p, (i,), sigmoid(total(v[j] * z[i, j], j))),
    Definition(Q, (), total(power(y[i] - p[i], 2), i)),
)
GRADIENT = total(
    mul(number(-2), y[i] - p[i], p[i], ONE - p[i], v[j], z[i, j], ONE - z[i, j], x[i, d]),
    i,
)


@dataclass(frozen=True)
class Known:
    kind: str
    tensor: Tensor
    axis: int | None = None


def softmax(index: Index) -> Expr:
    return divide(exp(a[i, index]), total(exp(a[i, m]), m))


def root(expr: Expr) -> Expr:
    return power(expr, half)


def at(left: Any, right: Any) -> Expr:
    return delta(subscript(left), subscript(right))


# ---------------------------------------------------------------------- proved

mean = mul(power(Extent(K), -1), total(a[i, m], m))
spread = add(mul(power(Extent(K), -1), total(power(a[i, m] - mean, 2), m)), number("0.01"))

PROVED: dict[str, tuple[Expr, Expr]] = {
    "sigmoid": (Partial(sigmoid(u), u), mul(sigmoid(u), ONE - sigmoid(u))),
    "tanh": (Partial(tanh(u), u), ONE - power(tanh(u), 2)),
    "sigmoid of the opposite": (sigmoid(neg(u)), ONE - sigmoid(u)),
    "softmax": (Partial(softmax(k), a[i, c]), mul(softmax(k), at(k, c) - softmax(c))),
    "softmax sums to one": (total(softmax(k), k), ONE),
    "log": (Partial(log(u), u), power(u, -1)),
    "root": (Partial(root(u), u), mul(number(half), power(u, -half))),
    "two roots of one base": (Mul((root(u), Pow(u, Fraction(3, 2)))), power(u, 2)),
    "root of a product": (root(mul(exp(u), exp(Symbol("v")))), mul(root(exp(u)), root(exp(Symbol("v"))))),
    "root of a size": (power(root(Extent(K)), 2), Extent(K)),
    "circle": (power(sin(u), 2) + power(cos(u), 2), ONE),
    "generic chain": (Partial(h(power(u, 2)), u), mul(number(2), u, h.prime(power(u, 2)))),
    "generic beside its derivative": (Partial(power(h(u), 2), u), mul(number(2), h(u), h.prime(u))),
    "generic, twice": (Partial(Partial(h(u), u), u), h.prime.prime(u)),
    "relu": (maximum(u, ZERO), mul(u, Compare(">", u, ZERO))),
    "absolute value": (absolute(u), Where(Compare(">", u, ZERO), u, neg(u))),
    "layer normalisation": (
        Partial(mul(a[i, c] - mean, power(spread, -half)), a[i, k]),
        mul(
            power(spread, -half),
            at(c, k)
            - power(Extent(K), -1)
            - mul(power(Extent(K), -1), a[i, c] - mean, a[i, k] - mean, power(spread, -1)),
        ),
    ),
    "a sum of a constant": (total(ONE, k), Extent(K)),
    "collapse of a delta": (total(mul(at(j, r), v[j]), j), v[r]),
}


@pytest.mark.parametrize("name", PROVED)
def test_a_known_identity_is_proved(name: str) -> None:
    left, right = PROVED[name]
    evidence = compare(left, right)
    assert evidence.verdict == Verdict.PROVED, evidence
    assert evidence.points == 6
    assert evidence.holds
    assert evidence.counterexample is None


def test_the_gradient_of_a_network_is_proved_through_its_definitions() -> None:
    assert compare(Partial(Q[()], w[j, d]), GRADIENT, definitions=NETWORK).verdict == Verdict.PROVED
    by_target = {definition.target: definition for definition in reversed(NETWORK)}
    assert compare(Partial(Q[()], w[j, d]), GRADIENT, definitions=by_target).verdict == Verdict.PROVED


def test_convolution_needs_its_range() -> None:
    place, shift, q = Index("t", T - U + 1), Index("u", U), Index("q", U)
    line, kernel, at_input = Tensor("l", (T,)), Tensor("k", (U,)), Index("s", T)
    formula = total(mul(kernel[shift], line[subscript(place) + subscript(shift)]), shift)
    back = subscript(at_input) - subscript(place)
    assert compare(Partial(formula, kernel[q]), line[subscript(place) + subscript(q)]).verdict == Verdict.PROVED
    by_input = Partial(formula, line[at_input])
    assert compare(by_input, mul(in_range(back, U), kernel[back])).verdict == Verdict.PROVED
    outside = compare(by_input, kernel[back])
    assert outside.verdict == Verdict.REFUTED
    assert "undefined" in outside.note


def test_the_same_formula_needs_no_numbers() -> None:
    assert compare(exp(u), exp(u)) == Evidence(Verdict.PROVED, note="both sides are the same formula")


# ---------------------------------------------------------------------- agrees

AGREES: dict[str, tuple[Expr, Expr]] = {
    "log exp": (log(exp(u)), u),
    "exp of a sum": (exp(u + Symbol("v")), mul(exp(u), exp(Symbol("v")))),
    "log of a product": (log(mul(exp(u), number(3))), u + log(number(3))),
    "root of a square": (root(power(u, 2)), absolute(u)),
    "double angle": (sin(u + u), mul(number(2), sin(u), cos(u))),
    "stable softplus": (log(ONE + exp(u)), maximum(u, ZERO) + log(ONE + exp(neg(absolute(u))))),
}


@pytest.mark.parametrize("name", AGREES)
def test_an_identity_of_analysis_agrees(name: str) -> None:
    evidence = compare(*AGREES[name])
    assert evidence.verdict == Verdict.AGREES, evidence
    assert evidence.points == 3
    assert evidence.digits is not None
    assert evidence.digits >= 45
    assert evidence.holds


# ---------------------------------------------------------------------- refuted

REFUTED: dict[str, tuple[Expr, Expr]] = {
    "sign": (Partial(cos(u), u), sin(u)),
    "factor 2": (Partial(power(u, 2), u), u),
    "lost delta": (Partial(softmax(k), a[i, c]), neg(mul(softmax(k), softmax(c)))),
    "swapped index": (Partial(softmax(k), a[i, c]), mul(softmax(k), at(k, c) - softmax(k))),
    "sigma for sigma'": (Partial(sigmoid(u), u), sigmoid(u)),
    "h for h'": (Partial(h(u), u), h(u)),
    "a lost sum": (total(v[j], j), v[0]),
    "N": (total(y[i], i), mul(Extent(N), total(y[i], i))),
    "root with the wrong sign": (root(power(u, 2)), u),
    "h and g": (h(u), generic("g")(u)),
    "a small term": (u, u + number(Fraction(1, 10**9))),
    "a tiny term": (u, u + number(Fraction(1, 10**25))),
}


@pytest.mark.parametrize("name", REFUTED)
def test_a_wrong_formula_is_refuted_with_a_counterexample(name: str) -> None:
    left, right = REFUTED[name]
    evidence = compare(left, right)
    assert evidence.verdict == Verdict.REFUTED
    assert not evidence.holds
    shown = evidence.counterexample
    assert shown is not None
    json.dumps(shown)
    assert {*shown} == {"sizes", "values", "at", "left", "right"}
    if not name.endswith("term"):
        assert abs(shown["left"] - shown["right"]) > 1e-4


@pytest.mark.parametrize(
    "wrong",
    [
        neg(GRADIENT),
        mul(number(2), GRADIENT),
        total(mul(number(-2), y[i] - p[i], v[j], z[i, j], ONE - z[i, j], x[i, d]), i),
        total(mul(number(-2), y[i] - p[i], p[i], ONE - p[i], v[j], z[i, j], x[i, d]), i),
        mul(number(-2), y[0] - p[0], p[0], ONE - p[0], v[j], z[0, j], ONE - z[0, j], x[0, d]),
    ],
)
def test_a_wrong_gradient_is_refuted_and_the_counterexample_is_right(wrong: Expr) -> None:
    goal = Partial(Q[()], w[j, d])
    evidence = compare(goal, wrong, definitions=NETWORK)
    assert evidence.verdict == Verdict.REFUTED
    shown = evidence.counterexample
    assert shown is not None
    assert {*shown["values"]} == {"w", "v", "x", "y"}
    assert all(
        float(n).is_integer() for n in 2 * np.concatenate([np.ravel(value) for value in shown["values"].values()])
    )
    by_name = {tensor.name: tensor for tensor in (w, v, x, y)}
    values = {by_name[name]: np.array(value) for name, value in shown["values"].items()}
    instance = Instance(shown["sizes"], values, NETWORK)
    for side, formula in (("left", goal), ("right", wrong)):
        result = evaluate(formula, instance).ordered((j, d))
        assert shown[side] == pytest.approx(result[shown["at"]["j"], shown["at"]["d"]])


def test_every_flipped_edit_of_a_true_step_is_refuted() -> None:
    """The check is checked: no single edit of the softmax Jacobian gets through."""
    left, right = PROVED["softmax"]
    assert isinstance(right, Mul)
    edits: list[Callable[[Expr], Expr]] = [
        neg,
        lambda e: mul(number(2), e),
        lambda e: mul(e, softmax(k)),
        lambda e: mul(e, softmax(c)),
        lambda e: add(e, softmax(k)),
        lambda e: Sum(e, m),
        lambda e: mul(e, at(k, c)),
    ]
    for edit in edits:
        assert compare(left, edit(right)).verdict == Verdict.REFUTED


# ---------------------------------------------------------------------- domains


def test_the_declared_domain_decides() -> None:
    square = power(y[i], 2)
    assert compare(square, y[i]).verdict == Verdict.REFUTED
    assert compare(square, y[i], domains={y: "binary"}).verdict == Verdict.PROVED
    assert compare(square, y[i], facts=[Known("binary", y)]).verdict == Verdict.PROVED
    assert compare(square, ONE, facts=[Known("sign", y)]).verdict == Verdict.PROVED
    assert compare(root(square), y[i], domains={"y": "positive"}).holds
    assert compare(root(power(u, 2)), u, domains={"u": "positive"}).holds


def test_onehot_rows_sum_to_one_along_their_axis() -> None:
    assert compare(total(t[i, k], k), ONE).verdict == Verdict.REFUTED
    assert compare(total(t[i, k], k), ONE, facts=[Known("sums_to_one", t, 1)]).verdict == Verdict.PROVED
    assert compare(total(t[i, k], i), ONE, facts=[Known("sums_to_one", t, 1)]).verdict == Verdict.REFUTED
    assert compare(total(t[i, k], i), ONE, facts=[Known("sums_to_one", t, 0)]).verdict == Verdict.PROVED


def test_softmax_with_cross_entropy_is_p_minus_y_only_for_rows_that_sum_to_one() -> None:
    loss = neg(total(mul(t[i, k], log(softmax(k))), k))
    slope = Partial(loss, a[i, c])
    assert compare(slope, softmax(c) - t[i, c]).verdict == Verdict.REFUTED
    assert compare(slope, softmax(c) - t[i, c], domains={t: "onehot"}).verdict == Verdict.PROVED


def test_an_unknown_domain_is_named() -> None:
    with pytest.raises(
        ValueError,
        match=r"^domain of y: 'natural' is not one of real, positive, probability, binary, sign, onehot, "
        r"distribution, whole, augmented$",
    ):
        compare(y[i], ZERO, domains={y: "natural"})


def test_values_are_drawn_again_where_a_logarithm_has_none() -> None:
    left = Partial(neg(mul(y[i], log(p[i]))) - mul(ONE - y[i], log(ONE - p[i])), p[i])
    right = neg(divide(y[i], p[i])) + divide(ONE - y[i], ONE - p[i])
    evidence = compare(left, right)
    assert evidence.verdict == Verdict.PROVED


def test_values_of_the_network_are_drawn_as_probabilities_where_they_must_be() -> None:
    left = total(log(a[i, k]) + mul(w[j, d], log(ONE - a[i, k])), i, k)
    right = total(mul(w[j, d], log(ONE - a[i, k])) + log(a[i, k]), k, i)
    assert compare(left, right).verdict == Verdict.PROVED
    assert compare(left, neg(right)).verdict == Verdict.REFUTED


def test_a_side_that_is_undefined_alone_is_a_mistake_and_it_is_said() -> None:
    stray = Mul((power(y[i], 2), Pow(y[i], Fraction(-1))))  # y²/y, not cancelled
    evidence = compare(y[i], stray, domains={y: "binary"})
    assert evidence.verdict == Verdict.REFUTED
    assert evidence.note == "the right side is undefined where the left is not"
    assert evidence.counterexample is not None
    assert evidence.counterexample["right"] is None
    assert evidence.counterexample["values"] == {"y": [0.0]}


def test_a_domain_that_shrinks_is_no_mistake_and_it_is_said() -> None:
    evidence = compare(log(mul(u, Symbol("v"))), log(u) + log(Symbol("v")))
    assert evidence.verdict == Verdict.AGREES
    assert "where both sides are defined" in evidence.note


def test_nothing_is_claimed_where_nothing_is_defined() -> None:
    never = log(neg(power(u, 2)))
    evidence = compare(never, mul(number(2), never))
    assert evidence.verdict == Verdict.NOT_UNDERSTOOD
    assert "undefined" in evidence.note
    assert compare(never, ONE).verdict == Verdict.REFUTED


def test_indicators_that_differ_at_the_kink_only_are_equal() -> None:
    assert compare(Compare(">", u, ZERO), Compare(">=", u, ZERO)).verdict == Verdict.PROVED
    flat = compare(Compare(">", ZERO, ZERO), ZERO)
    assert flat.holds
    assert "kink" in flat.note


# ---------------------------------------------------------------------- sizes


def test_a_width_given_by_a_number_is_drawn_small() -> None:
    wide, k784 = Tensor("x", (size(784),)), Index("k", size(784))
    weights, j100 = Tensor("w", (size(100), size(784))), Index("j", size(100))
    s100 = Index("s", size(100))
    formula = total(sigmoid(total(mul(weights[j100, k784], wide[k784]), k784)), j100)
    inner = total(mul(weights[s100, k784], wide[k784]), k784)
    free = Index("q", size(784))
    right = mul(sigmoid(inner), ONE - sigmoid(inner), wide[free])
    assert compare(Partial(formula, weights[s100, free]), right).verdict == Verdict.PROVED


def test_a_number_that_means_a_width_is_believed() -> None:
    eight = Index("k", size(8))
    assert compare(total(ONE, eight), number(8)).holds
    assert compare(total(ONE, eight), number(9)).verdict == Verdict.REFUTED


def test_reads_at_numbers_stay_inside() -> None:
    for length, place in ((10, 7), (40, 17)):
        line = Tensor("v", (size(length),))
        assert (
            compare(Partial(power(line[place], 2), line[place]), mul(number(2), line[place])).verdict == Verdict.PROVED
        )


# ---------------------------------------------------------------------- memory and speed


def test_questions_that_differ_in_names_only_are_answered_once() -> None:
    module._decide.cache_clear()
    for layer in range(50):
        width, below = size(f"J{layer}"), size(f"J{layer + 1}")
        rows, columns, other = Index(f"j{layer}", width), Index(f"k{layer}", below), Index(f"r{layer}", width)
        matrix, values = Tensor(f"w_{layer}", (width, below), "parameter"), Tensor(f"z_{layer}", (below,))
        linear = total(mul(matrix[rows, columns], values[columns]), columns)
        inner = Index(f"c{layer}", below)
        assert compare(
            Partial(linear, matrix[other, inner]),
            mul(delta(subscript(rows), subscript(other)), values[inner]),
        ).holds
    assert module._decide.cache_info().misses == 1


def test_a_remembered_refutation_speaks_in_the_names_of_the_asker() -> None:
    first, second = Tensor("first", (J,)), Tensor("second", (K,))
    one, other = compare(first[j], neg(first[j])), compare(second[k], neg(second[k]))
    assert one.counterexample is not None
    assert other.counterexample is not None
    assert (*one.counterexample["values"],) == ("first",)
    assert (*other.counterexample["values"],) == ("second",)
    assert {*other.counterexample["sizes"]} == {"K"}
    assert {*other.counterexample["at"]} == {"k"}


def test_the_canonical_question_keeps_what_matters() -> None:
    vector, other = Tensor("a", (J,)), Tensor("b", (J,))
    assert pose(vector[j], vector[r])[0] != pose(vector[j], vector[j])[0]
    assert pose(vector[j], other[j])[0] != pose(vector[j], vector[j])[0]
    assert pose(vector[j], other[j])[0] == pose(other[r], vector[r])[0]
    assert pose(y[i], ZERO)[0] != pose(p[i], ZERO)[0]  # a target is drawn as a target
    assert pose(y[i], ZERO)[0] != pose(y[i], ZERO, domains={y: "binary"})[0]
    assert subscripts_of(pose(v[r], ZERO)[0].left) == (subscript(Index("i0", size("S0"))),)


def test_definitions_that_are_not_used_do_not_matter() -> None:
    question, _ = pose(z[i, j], ZERO, NETWORK)
    assert len(question.definitions) == 1


def test_the_answer_depends_on_the_question_alone() -> None:
    wrong = mul(number(2), GRADIENT)
    answers = []
    for _ in range(2):
        module._decide.cache_clear()
        answers.append(compare(Partial(Q[()], w[j, d]), wrong, definitions=NETWORK))
    assert answers[0] == answers[1]


def test_plausible_sees_what_floats_see() -> None:
    assert plausible(Partial(Q[()], w[j, d]), GRADIENT, definitions=NETWORK)
    assert not plausible(Partial(Q[()], w[j, d]), neg(GRADIENT), definitions=NETWORK)
    assert plausible(log(exp(u)), u)


def test_helpers_measure_closeness() -> None:
    left, right = np.array([1.0, 1e6, 0.0]), np.array([1.0 + 1e-12, 1e6 + 1.0, 1e-3])
    assert close(left, right).tolist() == [True, False, False]
    high = HIGH.convert(left)
    assert equal_digits(high, high).tolist() == [50, 50, 50]
    assert equal_digits(high, high + HIGH.convert(np.array([Fraction(1, 10**20)] * 3, object))).tolist()[0] in (
        19,
        20,
    )


def test_wide_arrays_are_asked_about_at_small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, int]] = []
    draw = survey.draw

    def noted(question: Any, sizes: dict[str, int], *rest: Any) -> Any:
        seen.append(sizes)
        return draw(question, sizes, *rest)

    monkeypatch.setattr(survey, "draw", noted)
    axes = tuple(length + length + length + length for length in (size("A"), size("B"), size("C")))
    entry = Tensor("wide", axes)[tuple(Index(letter, axis) for letter, axis in zip("rst", axes, strict=True))]
    assert compare(mul(entry, add(entry, ONE)), add(power(entry, 2), entry)).holds
    assert {length for sizes in seen for length in sizes.values()} == {2}


def test_numbers_that_nobody_can_write_down_are_not_worked_out():
    tower = read_scalar("exp(" * 8 + "u" + ")" * 8, ("u",), PRIMITIVES)
    evidence = compare(tower, mul(number(2), tower))
    assert evidence.verdict in (Verdict.NOT_UNDERSTOOD, Verdict.REFUTED)


def test_a_number_that_became_too_large_on_one_side_and_none_on_the_other_refutes_nothing():
    def tower(expr: Expr) -> Expr:
        for _ in range(6):
            expr = exp(expr)
        return expr

    u, v = Symbol("u"), Symbol("v")
    evidence = compare(add(tower(u), neg(tower(v))), tower(add(u, v)))  # ∞ - ∞ and ∞
    assert evidence.verdict == Verdict.NOT_UNDERSTOOD
