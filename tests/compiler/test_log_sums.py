"""Logarithms of sums of exponentials, and losses made of them, are right at logits of ±1000, ±80 in float32."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import exp, log

from codegen.targets import first_run
from codegen.targets.load import load, load_text
from codegen.targets.registry import PACKAGES, emit_for
from codegen.targets.torch.in_numpy import InNumPy
from symbolic.network.network import Network

DOUBLE = [(1000, 0, -1000), (-1000, -1000, 1000), (30, -20, 7), (0.3, -0.7, 0.1), (1000, 999, 998), (-1000, -999, -998)]
SINGLE = [(-80, 80, 79), (30, -20, 7), (0.3, -0.7, 0.1)]


def softmax(a):
    grown = [exp(u) for u in a]
    return [g / sum(grown) for g in grown]


def sigmoid(u):
    return 1 / (1 + exp(-u))


def focal(y, p):
    return -(y * (1 - p) ** 2 * log(p) + (1 - y) * p**2 * log(1 - p))


def bernoulli(y, p):
    return -(y * log(p) + (1 - y) * log(1 - p))


def lse(terms):
    return log(sum(terms))


#: node p of the logits a (and of the inputs x, which are the same numbers), the loss, and Q of them all with y.
CASES = {
    "log of a sum": ("p[i] = log(Sum(exp(a[i,k]), k))", "y*p", lambda a, y: lse(map(exp, a))),
    "squared log of a sum": ("p[i] = log(Sum(exp(a[i,k]), k))", "squared", lambda a, y: (1 - lse(map(exp, a))) ** 2),
    "scaled": ("p[i] = log(Sum(exp(2*a[i,k])/2, k))/3", "y*p", lambda a, y: lse(exp(2 * u) / 2 for u in a) / 3),
    "weights": (
        "p[i] = log(Sum((c[k]**2 + 0.5)*exp(a[i,k]), k))",
        "y*p",
        lambda a, y: lse(mpmath.mpf("1.5") * exp(u) for u in a),
    ),
    "mixture": (
        "p[i] = -log(Sum(softmax(a[i,k], k)*exp(-(1 - a[i,k]/3)**2/2), k))",
        "y*p",
        lambda a, y: -lse(p * exp(-((1 - u / 3) ** 2) / 2) for p, u in zip(softmax(a), a, strict=True)),
    ),
    "log of cosh": (
        "p[i] = Sum(log((exp(a[i,k]) + exp(-a[i,k]))/2), k)",
        "y*p",
        lambda a, y: sum(log((exp(u) + exp(-u)) / 2) for u in a),
    ),
    "loss log of cosh": (
        "p[i,k] = a[i,k]",
        "log((exp(y - p) + exp(p - y))/2)",
        lambda a, y: sum(log((exp(v - u) + exp(u - v)) / 2) for u, v in zip(a, y, strict=True)),
    ),
    "focal": (
        "p[i,k] = sigmoid(a[i,k])",
        "-(y*(1-p)**2*log(p) + (1-y)*p**2*log(1-p))",
        lambda a, y: sum(focal(v, sigmoid(u)) for u, v in zip(a, y, strict=True)),
    ),
    "categorical focal": (
        "p[i,k] = softmax(a[i,k], k)",
        "-y*(1-p)**2*log(p)",
        lambda a, y: sum(-v * (1 - p) ** 2 * log(p) for p, v in zip(softmax(a), y, strict=True)),
    ),
    "log loss over softmax": (
        "p[i,k] = softmax(a[i,k], k)",
        "log_loss",
        lambda a, y: sum(bernoulli(v, p) for p, v in zip(softmax(a), y, strict=True)),
    ),
    "focal over softmax, both ways": (
        "p[i,k] = softmax(a[i,k]/2, k)",
        "-(y*(1-p)**2*log(p) + (1-y)*p**2*log(1-p))",
        lambda a, y: sum(focal(v, p) for p, v in zip(softmax([u / 2 for u in a]), y, strict=True)),
    ),
    "odds of softmax": (
        "p[i,k] = softmax(a[i,k], k)",
        "-y*log(p/(1 - p))",
        lambda a, y: sum(-v * log(p / (1 - p)) for p, v in zip(softmax(a), y, strict=True)),
    ),
    "the others of softmax alone": (
        "p[i,k] = softmax(a[i,k], k)",
        "-log(1 - p)*(1 - y)",
        lambda a, y: sum(-(1 - v) * log(1 - p) for p, v in zip(softmax(a), y, strict=True)),
    ),
    "log loss over tanh": (
        "p[i,k] = (1 + tanh(a[i,k]))/2",
        "log_loss",
        lambda a, y: sum(bernoulli(v, sigmoid(2 * u)) for u, v in zip(a, y, strict=True)),
    ),
    "log loss of ±1 over tanh": (
        "p[i,k] = tanh(a[i,k])",
        "-log(1 + p)*y - log(1 - p)*(1 - y)",
        lambda a, y: sum(bernoulli(v, sigmoid(2 * u)) - log(2) for u, v in zip(a, y, strict=True)),
    ),
    "log loss over 1 - sigmoid": (
        "p[i,k] = 1 - sigmoid(a[i,k])",
        "log_loss",
        lambda a, y: sum(bernoulli(v, sigmoid(-u)) for u, v in zip(a, y, strict=True)),
    ),
    "log loss over 1 - 1/(1 + exp)": (
        "p[i,k] = 1 - 1/(1 + exp(a[i,k]))",
        "log_loss",
        lambda a, y: sum(bernoulli(v, sigmoid(u)) for u, v in zip(a, y, strict=True)),
    ),
    "odds of sigmoid": (
        "p[i,k] = sigmoid(a[i,k])",
        "-y*log(p/(1 - p))",
        lambda a, y: sum(-v * u for u, v in zip(a, y, strict=True)),
    ),
    "poisson over softmax": (
        "p[i,k] = softmax(a[i,k], k)",
        "poisson",
        lambda a, y: sum(p - v * log(p) for p, v in zip(softmax(a), y, strict=True)),
    ),
}


def network(formula: str, loss: str) -> Network:
    width = 1 if formula.startswith("p[i] ") else 3
    nodes = {"a": {"inputs": ["x"], "width": 3, "bias": False}, "p": {"formula": formula, "width": width}}
    given = {"name": "probe", "loss": loss, "output": "p", "inputs": {"x": 3}, "nodes": nodes}
    if loss.startswith("L["):
        given |= {"target": {"y": 3}} if "y[" in loss else {}
    return Network.from_dict(given)


def truth(q, logits, y):
    """Q and its slopes by the logits, by central differences of 10⁻⁴⁵⁰."""
    with mpmath.workdps(1500):
        h, a, slopes = mpmath.mpf(10) ** -450, [mpmath.mpf(float(u)) for u in logits], []
        for k in range(3):
            near = [[u + sign * h * (j == k) for j, u in enumerate(a)] for sign in (1, -1)]
            slopes.append(float((q(near[0], y) - q(near[1], y)) / (2 * h)))
        return float(q(a, y)), np.array(slopes)


@pytest.mark.parametrize(("dtype", "points", "digits"), [("float64", DOUBLE, 1e-11), ("float32", SINGLE, 2e-5)])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_high_precision(name, dtype, points, digits):
    formula, loss, q = CASES[name]
    objective = load(network(formula, loss), dtype).Objective()
    w = np.ones(objective.size, dtype)
    w[:9] = np.eye(3, dtype=dtype).ravel()
    y = [1.0] if formula.startswith("p[i] ") else [1.0, 0.0, 0.0]
    for logits in points:
        x = np.array([logits], dtype)
        value, slopes = truth(q, x[0], y)
        for copies in (1, 2):  # one sample alone is computed by other code
            found, gradient = objective.value_and_gradient(w, x.repeat(copies, 0), np.array([y] * copies, dtype))
            assert found == pytest.approx(copies * value, rel=digits, abs=digits)
            expected = copies * np.outer(slopes, x[0])
            size = max(1.0, float(np.abs(x).max()))
            np.testing.assert_allclose(gradient[:9].reshape(3, 3), expected, rtol=digits, atol=digits * size)


@pytest.mark.parametrize(("dtype", "points", "digits"), [("float64", DOUBLE, 1e-11), ("float32", SINGLE, 2e-5)])
def test_a_scale_that_all_logits_share_has_their_mean_as_its_slope(dtype, points, digits):
    """log Σ exp(c·x): by c it is the mean of x under the softmax, however large c·x is."""
    node = {"formula": "p[i] = log(Sum(exp(c*x[i,k]), k))", "width": 1}
    given = {"name": "shared", "loss": "y*p", "output": "p", "inputs": {"x": 3}, "nodes": {"p": node}}
    objective = load(Network.from_dict(given), dtype).Objective()
    for logits in points:
        with mpmath.workdps(1500):
            a = [mpmath.mpf(u) for u in logits]
            value, slope = float(lse(map(exp, a))), float(sum(p * u for p, u in zip(softmax(a), a, strict=True)))
        for copies in (1, 2):
            x, y = np.array([logits] * copies, dtype), np.ones(copies, dtype)
            found, gradient = objective.value_and_gradient(np.ones(1, dtype), x, y)
            assert found == pytest.approx(copies * value, rel=digits, abs=digits)
            assert gradient[0] == pytest.approx(copies * slope, rel=digits, abs=digits)


@pytest.mark.parametrize("target", ["torch", "numba"])
@pytest.mark.parametrize("name", ["log loss over softmax", "log loss over tanh", "odds of softmax"])
def test_the_other_targets_are_right_there_too(name, target):
    assert_right_in(target, *CASES[name])


def assert_right_in(target, formula, loss, q):
    """Numba's text as the Python that it is: to compile it would take longer than all the rest."""
    text = emit_for(target, network(formula, loss))
    module: Any
    if target == "torch":
        pytest.importorskip("torch")
        module = InNumPy(load_text(text, "far", also=PACKAGES["torch"]))
    else:
        module = load_text(text, "far", also=PACKAGES["numba"], instead=first_run._PACKAGES["numba"])
    objective = module.Objective(dtype=np.float64)
    w = np.ones(objective.size)
    w[:9] = np.eye(3).ravel()
    for logits in DOUBLE:
        x = np.array([logits], float)
        value, slopes = truth(q, x[0], [1.0, 0.0, 0.0])
        with np.errstate(all="ignore"):
            found, gradient = objective.value_and_gradient(w, x, np.array([[1.0, 0.0, 0.0]]))
        assert found == pytest.approx(value, rel=1e-11, abs=1e-11)
        np.testing.assert_allclose(gradient[:9].reshape(3, 3), np.outer(slopes, x[0]), rtol=1e-11, atol=1e-8)


@pytest.mark.parametrize("activation", ["sigmoid", "softplus", "silu", "u*tanh(log(1 + exp(u)))"])
def test_float32_keeps_the_digits_of_what_is_small(activation):
    """Values and slopes at -20 and -80, relative to themselves: nothing of them is 0."""
    exact = {
        "sigmoid": sigmoid,
        "softplus": lambda u: log(1 + exp(u)),
        "silu": lambda u: u * sigmoid(u),
        "u*tanh(log(1 + exp(u)))": lambda u: u * mpmath.tanh(log(1 + exp(u))),
    }[activation]
    node = {"inputs": ["x"], "width": 1, "activation": activation, "bias": False}
    given = {"name": "unit", "inputs": {"x": 1}, "nodes": {"p": node}, "output": "p", "loss": "y*p"}
    objective = load(Network.from_dict(given), "float32").Objective()
    for u in (-80.0, -20.0, -5.0):
        with mpmath.workdps(80):
            value, slope = float(exact(mpmath.mpf(u))), float(mpmath.diff(exact, mpmath.mpf(u)))
        for copies in (1, 2):
            ones, x = np.ones(copies, "float32"), np.full((copies, 1), u, "float32")
            found, gradient = objective.value_and_gradient(np.ones(1, "float32"), x, ones)
            assert found == pytest.approx(copies * value, rel=3e-5)
            assert gradient[0] == pytest.approx(copies * u * slope, rel=3e-5)
