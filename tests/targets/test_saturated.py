"""Gradients where the network is saturated and the loss is large, whatever constants stand about."""

from __future__ import annotations

import sys

import mpmath
import numpy as np
import pytest

from codegen.checking.trial import check, check_alone, check_instance
from codegen.compiler.passes import stable
from codegen.targets.load import load, load_text
from symbolic.language.functions import log
from symbolic.network.network import Network

emitting = sys.modules["codegen.targets.numpy.emit"]

#: Q of one sample by its pre-activation, in high precision, and its activation; the target is 1.
LOSSES = {
    ("softplus", "poisson"): lambda u: mpmath.log1p(mpmath.exp(u)) - mpmath.log(mpmath.log1p(mpmath.exp(u))),
    ("sigmoid", "log_loss"): lambda u: mpmath.log1p(mpmath.exp(-u)),
    ("exp(u)", "poisson"): lambda u: mpmath.exp(u) - u,
    ("softplus", "3*(p - y*log(p))"): lambda u: (
        3 * (mpmath.log1p(mpmath.exp(u)) - mpmath.log(mpmath.log1p(mpmath.exp(u))))
    ),
    ("sigmoid", "-(2*y*log(p) + (1 - y)*log(1 - p))/4"): lambda u: mpmath.log1p(mpmath.exp(-u)) / 2,
    ("softplus", "-(y/2)*(log(p) - p)"): lambda u: (
        (mpmath.log1p(mpmath.exp(u)) - mpmath.log(mpmath.log1p(mpmath.exp(u)))) / 2
    ),
}
POINTS = (-80.0, -20.0, 0.5, 20.0, 80.0)


def slope(q, u: float) -> float:
    with mpmath.workdps(80):
        return float(mpmath.diff(q, mpmath.mpf(u)))


@pytest.mark.parametrize(("activation", "loss"), LOSSES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_at_a_saturated_unit_is_that_of_high_precision(activation, loss, reduction, dtype):
    network = Network.from_dict(
        {
            "name": "unit",
            "inputs": {"x": 1},
            "nodes": {
                "p": {
                    "inputs": ["x"],
                    "width": 1,
                    "activation": activation if activation.isidentifier() else {"formula": activation},
                }
            },
            "output": "p",
            "loss": loss,
            "reduction": reduction,
        }
    )
    objective = load(network, dtype).Objective()
    w = np.array([1.0, 0.0], dtype)
    for u in POINTS:
        X, y = np.full((2, 1), u, dtype), np.ones(2, dtype)
        _, gradient = objective.value_and_gradient(w, X, y)
        one = slope(LOSSES[activation, loss], u)
        count = 1 if reduction == "mean" else 2
        expected = np.array([one * u, one]) * count
        np.testing.assert_allclose(gradient, expected, rtol=1e-4 if dtype == "float32" else 1e-7, atol=1e-6)


def test_the_check_of_a_float32_module_sees_what_saturation_loses(monkeypatch):
    """softplus(-20) is 0 where it is computed as log(1 + exp(-20)) in float32, and 1/softplus(-20) is large."""
    network = Network.from_dict(
        {
            "name": "unit",
            "inputs": {"x": 1},
            "nodes": {"p": {"inputs": ["x"], "width": 1, "activation": "softplus"}},
            "output": "p",
            "loss": "poisson",
            "reduction": "mean",
        }
    )
    assert check_instance(network, load(network, "float32"), {}).agrees
    monkeypatch.setattr(stable._Rewriter, "unfolded", lambda self, factors: None)
    monkeypatch.setattr(stable._Rewriter, "logarithm", lambda self, argument, given=None: log(given or argument))
    emitting._emitted.cache_clear()
    blind = load_text(emitting.emit(network, "float32"), "blind")
    emitting._emitted.cache_clear()
    report = check_instance(network, blind, {})
    assert [p.name for p in report.parameters if not p.agrees] == ["in float32"]
    assert [p.name for p in check_alone(blind, {}).parameters if not p.agrees] == ["in float32"]
    right = check_alone(load(network, "float32"), {})
    assert right.agrees
    assert right.parameters[-1].name == "in float32"


@pytest.mark.slow
def test_a_file_for_float32_is_held_against_float64_whether_its_network_is_known_or_not(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(emitting.emit(Network.load("one_hidden_layer"), "float32"))
    assert check(file).parameters[-1].name == "in float32"
    spec = {"name": "nobodys", "loss": "squared", "inputs": {"x": 2}, "nodes": {"p": {"inputs": ["x"], "width": 1}}}
    file.write_text(emitting.emit(Network.from_dict(spec | {"output": "p"}), "float32"))
    report = check(file)
    assert "its spec is not known" in report.note
    assert report.parameters[-1].name == "in float32"
    assert report.agrees
