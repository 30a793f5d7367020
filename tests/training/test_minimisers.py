"""Objective and gradient as SciPy's minimisers take them, and l-bfgs as an optimizer of the Trainer."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from trainers import classifier, clouds, line, refuse

from codegen import load
from symbolic.network.network import Network


@pytest.mark.parametrize("method", ["L-BFGS-B", "CG", "BFGS", "TNC"])
def test_value_and_gradient_is_what_scipy_minimises(method):
    minimize = pytest.importorskip("scipy.optimize").minimize
    X, Y = clouds()
    objective = classifier.Objective()
    found = minimize(
        objective.value_and_gradient, objective.initial(0), args=(X, np.eye(3)[Y]), jac=True, method=method,
        options={"maxiter": 60} if method != "TNC" else {"maxfun": 200},
    )  # fmt: skip
    assert found.fun < 0.2 * objective.value(objective.initial(0), X, np.eye(3)[Y])


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg"])
def test_hessian_vector_products_are_what_newtons_method_takes(method):
    minimize = pytest.importorskip("scipy.optimize").minimize
    network = Network.from_dict({**Network.load("mlp_classifier").to_dict(), "regularizer": {"l2": 0.01}})
    objective = load(network, hessian=True).Objective()
    X, Y = clouds()
    found = minimize(
        objective.value_and_gradient, objective.initial(0), args=(X, np.eye(3)[Y]), jac=True,
        hessp=objective.hessian_vector, method=method, options={"maxiter": 200},
    )  # fmt: skip
    assert np.linalg.norm(found.jac) < 1e-3
    assert found.nit < 100, "second derivatives make few iterations"


def test_hessian_vector_products_are_refused_where_samples_have_weights():
    objective = load(Network.load("mlp_classifier"), hessian=True).WeightedObjective()
    refuse(lambda: objective.hessian_vector(None, None, None, None), "hessian_vector", "without weights")


def test_l_bfgs_finds_the_least_squares_line():
    pytest.importorskip("scipy")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    Y = X @ [1.0, -2.0, 0.5] + 0.3 + 0.1 * rng.normal(size=50)
    trainer = line.Trainer(optimizer="l-bfgs", epochs=100, D=3).fit(X, Y)
    exact = np.linalg.lstsq(np.c_[X, np.ones(50)], Y, rcond=None)[0]
    np.testing.assert_allclose(trainer.w_, exact, atol=1e-5)
    assert trainer.epoch_ == len(trainer.history_["loss"]) > 2
    fixed = line.Trainer(optimizer="l-bfgs", epochs=100, D=3, frozen=("b_p",)).fit(X, Y)
    assert trainer.objective.unpack(fixed.w_)["b_p"] == 0


def test_l_bfgs_without_scipy_says_what_to_install(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    refuse(lambda: line.Trainer(optimizer="l-bfgs", D=1).fit([[1.0]], [1.0]), "SciPy", "pip install", error=ImportError)


def test_l_bfgs_resumes_from_the_weights_it_was_given(tmp_path):
    pytest.importorskip("scipy")
    X, Y = clouds(60)
    start = classifier.Objective().initial(seed=9)
    whole = classifier.Trainer(optimizer="l-bfgs", epochs=9).fit(X, Y, initial=start)
    broken = classifier.Trainer(optimizer="l-bfgs", epochs=9)
    broken.fit(X, Y, initial=start, callback=lambda t: t.save(tmp_path / "run.npz") or t.epoch_ == 4)
    np.testing.assert_array_equal(classifier.Trainer.load(tmp_path / "run.npz").resume(X, Y).w_, whole.w_)
