"""Logarithms of sums of probabilities, with weights from the data, are right at ±1000, at ±80 in float32."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import cosh, exp, log, mpf, tanh
from rarely import rarely
from test_log_sums import DOUBLE, SINGLE, assert_right_in, lse, network, sigmoid, softmax, truth

from codegen.targets.load import load
from symbolic.network.network import Network

SIGMOID, SOFTMAX = "p[i,k] = sigmoid(a[i,k])", "p[i,k] = softmax(a[i,k], k)"
LOGITS = "p[i,k] = a[i,k]"


def over(p, term):
    """Q of the logits and of y, a term for each output p."""
    return lambda a, y: sum(term(v, u) for v, u in zip(y, p(a), strict=True))


def each(function, term):
    return over(lambda a: map(function, a), term)


#: The node p of the logits a, the loss, and Q of a and y.
CASES = {
    "a mix of σ and 1 - σ": (
        (SIGMOID, "-log(y*p + (1-y)*(1-p))"),
        each(sigmoid, lambda y, p: -log(y * p + (1 - y) * (1 - p))),
    ),
    "the same, multiplied out": (
        (SIGMOID, "-log(1 - p + y*(2*p - 1))"),
        each(sigmoid, lambda y, p: -log(y * p + (1 - y) * (1 - p))),
    ),
    "a mix over softmax": (
        (SOFTMAX, "-log(y*p + (1-y)*(1-p))"),
        over(softmax, lambda y, p: -log(y * p + (1 - y) * (1 - p))),
    ),
    "a mix of σ written with exp": (
        ("p[i,k] = exp(a[i,k])/(1 + exp(a[i,k]))", "-log(y*p + (1-y)*(1-p))"),
        each(sigmoid, lambda y, p: -log(y * p + (1 - y) * (1 - p))),
    ),
    "a ratio to σ": ((SIGMOID, "y*log(y/p + 1)"), each(sigmoid, lambda y, p: y * log(y / p + 1))),
    "a ratio to softmax": ((SOFTMAX, "y*log(1 + y/p)"), over(softmax, lambda y, p: y * log(y / p + 1))),
    "a ratio to softplus": (
        ("p[i,k] = softplus(a[i,k])", "y*log(y/p + 1)"),
        each(lambda u: log(1 + exp(u)), lambda y, p: y * log(y / p + 1)),
    ),
    "odds": ((SIGMOID, "y*log1p((1-p)/p)"), each(sigmoid, lambda y, p: y * log(1 + (1 - p) / p))),
    "1/(1 - p)": ((SIGMOID, "y*log(1/(1-p))"), each(sigmoid, lambda y, p: y * log(1 / (1 - p)))),
    "a root": ((SIGMOID, "-log(sqrt(p))*y"), each(sigmoid, lambda y, p: -log(p) / 2 * y)),
    "the middle of two": (
        (SOFTMAX, "-y*log(y+p) + p*log(2*p/(y+p))"),
        over(softmax, lambda y, p: -y * log(y + p) + p * log(2 * p / (y + p))),
    ),
    "1 - tanh²": (
        ("p[i,k] = tanh(a[i,k])", "-log(1 - p**2)*y"),
        each(tanh, lambda y, p: -y * log(1 - p**2)),
    ),
    "1/cosh": (("p[i,k] = 1/cosh(a[i,k])", "-log(p)*y"), each(cosh, lambda y, c: y * log(c))),
    "two mixed": (
        ("p[i] = -log(0.3*sigmoid(a[i,0]) + 0.7*sigmoid(a[i,1]))", "y*p"),
        lambda a, y: -log(mpf(3) / 10 * sigmoid(a[0]) + mpf(7) / 10 * sigmoid(a[1])),
    ),
    "a tree of experts": (
        (
            "p[i] = -log(sigmoid(a[i,0])*sigmoid(a[i,1]) + (1 - sigmoid(a[i,0]))*sigmoid(a[i,2]))",
            "y*p",
        ),
        lambda a, y: -log(sigmoid(a[0]) * sigmoid(a[1]) + (1 - sigmoid(a[0])) * sigmoid(a[2])),
    ),
    "the one that is meant": (
        (SOFTMAX, "L[i] = -log(Sum(y[i,k]*p[i,k], k))"),
        lambda a, y: -log(sum(v * p for v, p in zip(y, softmax(a), strict=True))),
    ),
    "the same without softmax": (
        (LOGITS, "L[i] = -log(Sum(y[i,k]*exp(p[i,k]), k)/Sum(exp(p[i,k]), k))"),
        lambda a, y: -log(sum(v * p for v, p in zip(y, softmax(a), strict=True))),
    ),
    "those that count": (
        (LOGITS, "L[i] = log(Sum([y[i,k] > 0.5]*exp(p[i,k]), k))"),
        lambda a, y: lse(exp(u) for u, v in zip(a, y, strict=True) if v > 0.5),
    ),
    "the one that is chosen": (
        (SIGMOID, "L[i] = -Sum(log(where(y[i,k] > 0.5, p[i,k], 1 - p[i,k])), k)"),
        each(sigmoid, lambda y, p: -log(p if y > 0.5 else 1 - p)),
    ),
    "between two": (
        ("p[i] = -log(sigmoid(a[i,0] + 1) - sigmoid(a[i,0]))", "y*p"),
        lambda a, y: -log(sigmoid(a[0] + 1) - sigmoid(a[0])),
    ),
    "all of them": (
        ("p[i] = -log(Prod(sigmoid(a[i,k]), k))", "y*p"),
        lambda a, y: -sum(log(sigmoid(u)) for u in a),
    ),
    "log of -log": (
        ("p[i,k] = log(-log(sigmoid(a[i,k])))", "y*p"),
        each(lambda u: log(-log(sigmoid(u))), lambda y, p: y * p),
    ),
    "negative binomial": (
        ("p[i,k] = exp(a[i,k])", "(y+2)*log(1+p/2) - y*log(p)"),
        over(lambda a: a, lambda y, u: (y + 2) * log(1 + exp(u) / 2) - y * u),
    ),
    "one more of 0": (
        (LOGITS, "L[i] = log(1 + Sum(exp(p[i,k]), k)) - Sum(y[i,k]*p[i,k], k)"),
        lambda a, y: log(1 + sum(map(exp, a))) - sum(v * u for v, u in zip(y, a, strict=True)),
    ),
    "one of them twice": (
        (LOGITS, "L[i] = -log(exp(p[i,0])/(exp(p[i,0]) + Sum(exp(p[i,k]), k)))"),
        lambda a, y: -log(exp(a[0]) / (exp(a[0]) + sum(map(exp, a)))),
    ),
}
QUICK = ("a mix of σ and 1 - σ", "a ratio to softmax", "the same without softmax", "one more of 0", "1 - tanh²")


@pytest.mark.parametrize(("dtype", "points", "digits"), [("float64", DOUBLE, 1e-11), ("float32", SINGLE, 2e-5)])
@pytest.mark.parametrize("name", rarely(CASES, QUICK))
def test_value_and_gradient_are_those_of_high_precision(name, dtype, points, digits):
    (formula, loss), q = CASES[name]
    objective = load(network(formula, loss), dtype).Objective()
    w = np.eye(3, dtype=dtype).ravel()
    targets = [[1.0]] if formula.startswith("p[i] ") else [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    for y in targets:
        for logits in points:
            x = np.array([logits], dtype)
            value, slopes = truth(q, x[0], y)
            given = (x, np.array([y], dtype)) if "y" in loss else (x,)
            found, gradient = objective.value_and_gradient(w, *given)
            assert found == pytest.approx(value, rel=digits, abs=digits)
            size = max(1.0, float(np.abs(x).max()))
            np.testing.assert_allclose(gradient.reshape(3, 3), np.outer(slopes, x[0]), digits, digits * size)


@pytest.mark.parametrize("target", ["torch", "numba"])
@pytest.mark.parametrize(
    "name", ["a mix of σ and 1 - σ", "those that count", "one more of 0", "the one that is chosen"]
)
def test_the_other_targets_are_right_there_too(name, target):
    (formula, loss), q = CASES[name]
    assert_right_in(target, formula, loss, q)


def test_what_is_read_outside_is_zero_and_not_the_value_whose_logarithm_is_zero():
    """p[i,t-1] before the first place is 0: the logarithm of the sum is that of the rest alone."""
    nodes = {
        "p": {"inputs": ["x"], "width": 3, "activation": "sigmoid", "bias": False},
        "q": {"formula": "q[i,t] = -log(x[i,t]**2*p[i,t-1] + (1 + x[i,t]**2)*(2 - p[i,t]))", "padding": "zero"},
    }
    spec = {"name": "padded", "loss": "y*p", "output": "q", "inputs": {"x": 3}, "nodes": nodes}
    objective = load(Network.from_dict(spec)).Objective()
    x, w = np.array([[0.3, -0.7, 1.1]]), np.eye(3).ravel()
    p = 1 / (1 + np.exp(-x[0]))
    before = np.array([0.0, *p[:-1]])
    q = -np.log(x[0] ** 2 * before + (1 + x[0] ** 2) * (2 - p))
    assert objective.value(w, x, np.ones((1, 3))) == pytest.approx(q.sum(), rel=1e-12)
