"""Formulas that users write give finite, right values from -1000 to 1000, held against 1500 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from mpmath import exp, log, tanh

from codegen import load
from codegen.compiler.passes.exponentials import logistic_from_tanh, stable_quotient
from codegen.compiler.passes.exponentials import tanh as tanh_of_arrays
from symbolic.evidence.evidence import compare
from symbolic.language.expr import Call, Mul
from symbolic.language.terms import transform
from symbolic.network.catalogue import FUNCTIONS
from symbolic.network.grammar import read_scalar
from symbolic.network.network import Network

DOUBLE = [-1000.0, -90.0, -37.5, -36.5, -3.0, -1e-9, 0.0, 0.7, 20.0, 90.0, 1000.0]
SINGLE = [-90.0, -40.0, -3.0, 0.0, 0.7, 20.0, 90.0]


def log_loss(y, p):
    return -log(p) if y else -log(1 - p)


def squared(y, p):
    return (y - p) ** 2


def softplus(u):
    return log(1 + exp(u))


CASES = [
    ("(1 + tanh(u))/2", "log_loss", lambda u: (1 + tanh(u)) / 2, log_loss),
    ("tanh(u/3)/2 + 1/2", "log_loss", lambda u: (1 + tanh(u / 3)) / 2, log_loss),
    ("0.5 - 0.5*tanh(u)", "log_loss", lambda u: (1 - tanh(u)) / 2, log_loss),
    ("exp(u)/(exp(u) + exp(-u))", "log_loss", lambda u: exp(u) / (exp(u) + exp(-u)), log_loss),
    ("exp(u)/(2 + exp(u))", "log_loss", lambda u: exp(u) / (2 + exp(u)), log_loss),
    ("exp(-exp(-u))", "log_loss", lambda u: exp(-exp(-u)), log_loss),
    ("u*tanh(log(1 + exp(u)))", "squared", lambda u: u * tanh(softplus(u)), squared),
    ("log(exp(u) + exp(-u)) - log(2)", "squared", lambda u: log(exp(u) + exp(-u)) - log(2), squared),
    ("log(1 + exp(u) + exp(2*u))", "squared", lambda u: log(1 + exp(u) + exp(2 * u)), squared),
    ("u*((1 + exp(u))**2 - 1)/((1 + exp(u))**2 + 1)", "squared", lambda u: u * tanh(softplus(u)), squared),
    ("4/(exp(u) + exp(-u))**2", "squared", lambda u: 4 / (exp(u) + exp(-u)) ** 2, squared),
    ("identity", "log(exp(y - p) + exp(p - y))", lambda u: u, lambda y, p: log(exp(y - p) + exp(p - y))),
    ("softplus", "poisson", softplus, lambda y, p: p - y * log(p)),
    ("exp(u)", "poisson", exp, lambda y, p: p - y * log(p)),
    ("1 - exp(-exp(u))", "log_loss", lambda u: 1 - exp(-exp(u)), log_loss),
]


def truth(loss, activation, u, y):
    """Q and its derivative by the weight 1 of the input u, by a central difference of 10⁻⁴⁵⁰."""
    with mpmath.workdps(1500):
        u, h = mpmath.mpf(u), mpmath.mpf(10) ** -450
        value = loss(y, activation(u))
        slope = (loss(y, activation(u + h)) - loss(y, activation(u - h))) / (2 * h)
        return float(value), float(u * slope)


@pytest.mark.parametrize(("dtype", "probes", "digits"), [("float64", DOUBLE, 1e-11), ("float32", SINGLE, 2e-5)])
@pytest.mark.parametrize(("formula", "loss", "activation", "exact"), CASES, ids=[f"{a}, {b}" for a, b, _, _ in CASES])
def test_values_and_gradients_are_right_where_they_are_finite(formula, loss, activation, exact, dtype, probes, digits):
    spec = {
        "name": "probe", "loss": loss, "output": "p", "inputs": {"x": 1},
        "nodes": {"p": {"inputs": ["x"], "width": 1, "activation": formula, "bias": False}},
    }  # fmt: skip
    objective = load(Network.from_dict(spec), dtype=dtype).Objective()
    largest = float(np.finfo(dtype).max) / 1e4
    for y in (0, 1) if loss == "log_loss" else (0, 2):
        for u in np.array(probes, dtype):
            wanted = truth(exact, activation, float(u), y)
            for copies in (1, 2):  # one sample alone is computed by other code
                x = np.full((copies, 1), u, dtype)
                found = objective.value_and_gradient(np.ones(1, dtype), x, np.full(copies, y, dtype))
                for got, want in zip((found[0], found[1][0]), wanted, strict=True):
                    if abs(want) < largest:
                        assert got == pytest.approx(copies * want, rel=digits, abs=digits), (u, y)


@pytest.mark.parametrize("activation", ["exp(-exp(-u))", "softplus"])
def test_cross_entropy_of_outputs_that_are_no_softmax_is_finite_where_it_should_be(activation):
    spec = {
        "name": "probe", "loss": "cross_entropy", "output": "p", "inputs": {"x": 2},
        "nodes": {"p": {"inputs": ["x"], "width": 2, "activation": activation, "bias": False}},
    }  # fmt: skip
    objective = load(Network.from_dict(spec)).Objective()
    for u, most in ((-1000.0, np.inf), (-6.0, np.inf), (0.0, 2.0), (1000.0, 0.0)):
        q, g = objective.value_and_gradient(np.eye(2).ravel(), np.full((3, 2), u), np.tile([0.0, 1.0], (3, 1)))
        assert -25 <= q <= 3 * most
        assert np.isfinite(g).all() or not np.isfinite(q)


QUOTIENTS = [
    "(exp(2*u) - 1)/(1 + exp(u)**2)",
    "(exp(v - u) - exp(u - v))/(exp(u - v) + exp(v - u))",
    "(exp(u) - exp(-u))**2*(exp(u) + exp(-u))**(-3)",
    "exp(u)*(2*exp(u) + exp(-u))**(-2)",
    "(u*exp(u) + 3*exp(2*u) - 1)*(1 + exp(u))**(-2)",
    "v*((1 + exp(u))**2 - 1)/((1 + exp(u))**2 + 1)",
]


def is_tanh(node):
    return isinstance(node, Call) and node.function == tanh_of_arrays


@pytest.mark.parametrize("text", QUOTIENTS)
def test_a_quotient_of_exponentials_keeps_its_value(text):
    given = read_scalar(text, ("u", "v"), FUNCTIONS)
    assert isinstance(given, Mul)
    found = stable_quotient(given.factors)
    assert found is not None
    written_out = transform(found, lambda node: FUNCTIONS["tanh"](*node.children) if is_tanh(node) else None)
    assert compare(given, written_out).holds


@pytest.mark.parametrize("text", ["1 + exp(u)", "exp(v)/(1 + exp(u))", "(exp(u) - 1)/(1 + exp(-u))", "u/(1 + exp(u))"])
def test_what_cannot_be_infinity_over_infinity_stays_as_it_is(text):
    given = read_scalar(text, ("u", "v"), FUNCTIONS)
    assert stable_quotient(given.factors if isinstance(given, Mul) else (given,)) is None


@pytest.mark.parametrize("text", ["(1 + tanh(u))/2", "1 - tanh(u*v)", "tanh(u)/3 + 1/3", "v*(2 - 2*tanh(-3*u))"])
def test_one_plus_tanh_is_a_sigmoid(text):
    given = read_scalar(text, ("u", "v"), FUNCTIONS)
    found = logistic_from_tanh(given)
    assert "tanh" not in str(found)
    assert compare(given, found).holds


@pytest.mark.parametrize("text", ["1 + 2*tanh(u)", "1 - tanh(u)**2", "v + tanh(u)"])
def test_other_sums_with_tanh_stay(text):
    given = read_scalar(text, ("u", "v"), FUNCTIONS)
    assert logistic_from_tanh(given) == given
