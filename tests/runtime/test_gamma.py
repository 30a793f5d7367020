"""ln Γ and its derivatives: to the last digits, derived as any function, said in one line where a target has none."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from whole import assert_whole

from codegen.runtime.gamma import digamma, lgamma, trigamma
from codegen.targets.registry import emit_for
from symbolic import Network, SpecError, derive

PLACES = np.array([1e-5, 0.1, 0.3, 0.5, 0.9, 1.0, 1.5, 2.0, 3.7, 7.99, 8.0, 20.0, 1e3, -0.5, -3.3])


@pytest.mark.parametrize(
    ("function", "exact"),
    [
        (lgamma, lambda u: mpmath.log(abs(mpmath.gamma(u)))),
        (digamma, lambda u: mpmath.psi(0, u)),
        (trigamma, lambda u: mpmath.psi(1, u)),
    ],
)
def test_values_have_all_but_the_last_digits(function, exact):
    wanted = np.array([float(exact(mpmath.mpf(u))) for u in PLACES])
    assert (np.abs(function(PLACES) - wanted) <= 4e-15 * np.maximum(1.0, np.abs(wanted))).all()
    out = np.empty_like(PLACES)
    assert function(PLACES, out) is out
    assert function(np.array([np.inf, 0.0]))[1] in (np.inf, -np.inf)


def count(loss, **more):
    nodes = {
        "m": {"inputs": ["x"], "width": 1, "activation": "exp(u)"},
        "r": {"inputs": ["x"], "width": 1, "activation": "softplus"},
    }
    return {"name": "count", "loss": loss, "output": "m", "inputs": {"x": 2}, "nodes": nodes, **more}


NEGATIVE_BINOMIAL = count(
    "L[i] = lgamma(r[i]) - lgamma(t[i] + r[i]) - r[i]*log(r[i]/(r[i] + m[i])) - t[i]*log(m[i]/(r[i] + m[i]))",
    target={"t": {"below": 10}},
)


def test_a_negative_binomial_loss_is_derived_and_emitted():
    assert_whole(NEGATIVE_BINOMIAL, data={"t": np.array([0.0, 3.0, 9.0])}, forms=("backprop",))
    assert "ψ" in derive(Network.from_dict(NEGATIVE_BINOMIAL), "w_r").text()


def test_a_target_without_the_function_says_so_in_one_line():
    with pytest.raises(SpecError, match="target numba has no lgamma; target numpy has"):
        emit_for("numba", Network.from_dict(NEGATIVE_BINOMIAL))


def test_a_derivative_that_is_not_known_is_refused_in_one_line():
    spec = count("L[i] = trigamma(m[i]) + r[i]**2")
    with pytest.raises(SpecError, match="trigamma: its derivative is not known here"):
        derive(Network.from_dict(spec), "w_m")
