"""Quotients, roots, products and complements of probabilities are right at ±1000, at ±80 in float32."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import atan, exp, log, mpf, sqrt
from rarely import rarely
from test_log_sums import DOUBLE, SINGLE, assert_right_in, network, sigmoid, truth
from test_mixtures import each

from codegen.targets.load import load

SIGMOID, SOFTPLUS = "p[i,k] = sigmoid(a[i,k])", "p[i,k] = softplus(a[i,k])"
LOGITS = "p[i,k] = a[i,k]"


def softplus(u):
    return log(1 + exp(u))


def one_minus_product(terms):
    left = mpf(1)
    for term in terms:
        left *= term
    return 1 - left


def nobody(a):
    return one_minus_product(1 - sigmoid(u) for u in a)


#: The node p of the logits a, the loss, and Q of a and y.
CASES = {
    "noisy or": (("p[i] = -log(1 - Prod(1 - sigmoid(a[i,k]), k))", "y*p"), lambda a, y: -log(nobody(a))),
    "noisy or as a node": (("p[i] = 1 - Prod(1 - sigmoid(a[i,k]), k)", "log_loss"), lambda a, y: -log(nobody(a))),
    "a rate over all": (
        ("p[i] = -log(1 - exp(-Sum(exp(a[i,k]), k)))", "y*p"),
        lambda a, y: -log(1 - exp(-sum(map(exp, a)))),
    ),
    "no zeros": (
        (SOFTPLUS, "p - y*log(p) + log(1 - exp(-p))"),
        each(softplus, lambda y, s: s - y * log(s) + log(1 - exp(-s))),
    ),
    "the odds against": ((SIGMOID, "y*(1-p)/p"), each(sigmoid, lambda y, p: y * (1 - p) / p)),
    "the odds": ((SIGMOID, "y*p/(1-p)"), each(sigmoid, lambda y, p: y * p / (1 - p))),
    "an angle": ((SIGMOID, "y*atan(1/p)"), each(sigmoid, lambda y, p: y * atan(1 / p))),
    "an angle of odds": ((SIGMOID, "y*atan((1-p)/p)"), each(sigmoid, lambda y, p: y * atan((1 - p) / p))),
    "what is off": ((SIGMOID, "-log(1 - abs(y-p))"), each(sigmoid, lambda y, p: -log(1 - abs(y - p)))),
    "what is off, squared": ((SIGMOID, "-log(1 - (y-p)**2)"), each(sigmoid, lambda y, p: -log(1 - (y - p) ** 2))),
    "the greater": ((SIGMOID, "-y*log(1 - max(p, 0.9*p))"), each(sigmoid, lambda y, p: -y * log(1 - p))),
    "over the variance": (
        (SIGMOID, "(y-p)**2/(p*(1-p))"),
        each(sigmoid, lambda y, p: (y - p) ** 2 / (p * (1 - p))),
    ),
    "the deviation": ((SIGMOID, "y*sqrt(p*(1-p))"), each(sigmoid, lambda y, p: y * sqrt(p * (1 - p)))),
    "a slope": (
        ("p[i,k] = tanh(a[i,k])", "y*sqrt(1-p**2)"),
        each(lambda u: 1 - 2 / (exp(2 * u) + 1), lambda y, p: y * sqrt(1 - p**2)),
    ),
    "overlap": ((SIGMOID, "1 - 2*y*p/(y+p)"), each(sigmoid, lambda y, p: 1 - 2 * y * p / (y + p))),
    "a harmonic mean": (
        ("p[i] = 1/(1/sigmoid(a[i,0]) + 1/sigmoid(a[i,1]))", "y*p"),
        lambda a, y: 1 / (1 / sigmoid(a[0]) + 1 / sigmoid(a[1])),
    ),
    "the middle of two": (
        (SIGMOID, "y*log(2*y/(y+p)+1) + p*log(2*p/(y+p))"),
        each(sigmoid, lambda y, p: y * log(2 * y / (y + p) + 1) + p * log(2 * p / (y + p))),
    ),
    "survival": (
        (LOGITS, "-(y*log(1-exp(-exp(p))) - (1-y)*exp(p))"),
        each(lambda u: u, lambda y, u: -(y * log(1 - exp(-exp(u))) - (1 - y) * exp(u))),
    ),
    "one over": ((SIGMOID, "y/p"), each(sigmoid, lambda y, p: y / p)),
    "a variance that is softplus": (
        (SOFTPLUS, "y**2/(2*p**2) + log(p)"),
        each(softplus, lambda y, s: y**2 / (2 * s**2) + log(s)),
    ),
}
QUICK = ("noisy or", "the odds against", "an angle", "what is off", "over the variance")


@pytest.mark.parametrize(("dtype", "points", "digits"), [("float64", DOUBLE, 1e-11), ("float32", SINGLE, 2e-5)])
@pytest.mark.parametrize("name", rarely(CASES, QUICK))
def test_what_is_finite_is_that_of_high_precision(name, dtype, points, digits):
    (formula, loss), q = CASES[name]
    objective = load(network(formula, loss), dtype).Objective()
    w = np.eye(3, dtype=dtype).ravel()
    largest = float(np.finfo(dtype).max) / 1e4
    for y in [[1.0]] if formula.startswith("p[i] ") else [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]:
        for logits in points:
            x = np.array([logits], dtype)
            value, slopes = truth(q, x[0], y)
            if not abs(value) < largest:  # beyond all numbers there are
                continue
            for copies in (1, 2):  # one sample alone is computed by other code
                with np.errstate(all="ignore"):
                    found, gradient = objective.value_and_gradient(
                        w, x.repeat(copies, 0), np.array([y] * copies, dtype)
                    )
                assert found == pytest.approx(copies * value, rel=digits, abs=digits), logits
                expected, size = copies * np.outer(slopes, x[0]), max(1.0, float(np.abs(x).max()))
                known = np.abs(expected) < largest
                np.testing.assert_allclose(gradient.reshape(3, 3)[known], expected[known], digits, digits * size)


@pytest.mark.parametrize("target", ["torch", "numba"])
@pytest.mark.parametrize("name", ["an angle of odds", "what is off"])
def test_the_other_targets_are_right_there_too(name, target):
    (formula, loss), q = CASES[name]
    assert_right_in(target, formula, loss, q)


def test_data_that_are_zero_leave_out_what_would_be_infinite_and_nothing_else():
    """Where y is not 0 the weight multiplies as it is, so the slope by what it weighs is whole."""
    objective = load(network("p[i,k] = a[i,k]", "y*exp(p)")).Objective()
    x, w = np.array([[1000.0, 0.5, -1.0]]), np.eye(3).ravel()
    value, gradient = objective.value_and_gradient(w, x, np.array([[0.0, 2.0, 3.0]]))
    expected = np.array([0.0, 2 * np.exp(0.5), 3 * np.exp(-1)])
    assert value == pytest.approx(expected.sum(), rel=1e-12)
    np.testing.assert_allclose(gradient.reshape(3, 3), np.outer(expected, x[0]), rtol=1e-12)
