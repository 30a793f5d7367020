"""Where a root is 0 the subgradient 0 is taken: in the formula, in every target, in second derivatives, in print."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from codegen.targets.load import load, load_text
from codegen.targets.registry import PACKAGES, emit_for
from symbolic.derivation.derive import conventions, derive
from symbolic.network.network import Network
from symbolic.network.objective import build_objective


def network(node, loss="squared", width=2) -> Network:
    node = node if isinstance(node, dict) else {"inputs": ["h"], "width": width, "activation": node}
    nodes = {"h": {"inputs": ["x"], "width": 2, "bias": False}, "p": {"bias": False, **node}}
    nodes["p"] = {k: v for k, v in nodes["p"].items() if k != "bias" or "formula" not in node}
    given = {"name": "kink", "loss": loss, "output": "p", "inputs": {"x": 2}, "nodes": nodes}
    return Network.from_dict(given)


ROOTS = {
    "a norm as the loss": network("u", loss="sqrt((y - p)**2)"),
    "a norm over an axis": network({"formula": "p[i] = sqrt(Sum((h[i,k] - c[k])**2, k))", "width": 1}),
    "a root of what is cut off": network("sqrt(max(0, u))"),
    "a root of a size": network("abs(u)**0.5"),
    "a cube root": network("(u**2)**(1/3)"),
}


@pytest.mark.parametrize("target", ["numpy", "torch", "numba"])
@pytest.mark.parametrize("name", ROOTS)
def test_a_root_at_zero_has_the_slope_zero(name, target):
    if target == "numba" and name != "a norm over an axis":
        pytest.skip("compiling takes seconds")
    module = load_text(emit_for(target, ROOTS[name]), "kink", also=PACKAGES[target])
    width = 1 if "axis" in name else 2
    X, Y = np.zeros((3, 2)), np.zeros((3, width))
    if target == "torch":
        objective = module.Objective(dtype=torch.float64)
        for weights in objective.parameters():
            weights.data.zero_()
        q = objective(torch.tensor(X), torch.tensor(Y))
        q.backward()
        value, gradient = float(q.detach()), np.concatenate([w.grad.ravel() for w in objective.parameters()])
    else:
        objective = module.Objective()
        value, gradient = objective.value_and_gradient(np.zeros(objective.size), X, Y)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_away_from_zero_has_its_own_slope(name):
    objective = load(ROOTS[name]).Objective()
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(3, 2)), random.normal(size=(3, 1 if "axis" in name else 2))
    w = random.normal(size=objective.size)
    gradient = objective.value_and_gradient(w, X, Y)[1].copy()
    for k, step in enumerate(1e-6 * np.eye(objective.size)):
        slope = (objective.value(w + step, X, Y) - objective.value(w - step, X, Y)) / 2e-6
        assert gradient[k] == pytest.approx(slope, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", ROOTS)
def test_second_derivatives_are_finite_at_the_kink(name):
    objective = load(ROOTS[name], hessian=True).Objective()
    w, v = np.zeros(objective.size), np.ones(objective.size)
    assert np.isfinite(objective.hessian_vector(w, v, np.ones((3, 2)), np.zeros((3, 1 if "axis" in name else 2)))).all()


@pytest.mark.parametrize("name", ROOTS)
def test_the_convention_is_stated_and_the_derivation_is_proved(name):
    assert any("below 1" in str(said.words.en) for said in conventions(build_objective(ROOTS[name])))
    derivation = derive(ROOTS[name], ROOTS[name].parameters[0].name, "backprop")
    assert derivation.steps


def test_what_is_certainly_positive_has_no_kink():
    smooth = network("sqrt(1 + u**2)", loss="sqrt((y - p)**2 + 0.01)")
    assert not any("below 1" in str(said.words.en) for said in conventions(build_objective(smooth)))
    assert "torch.where" not in emit_for("torch", smooth)
