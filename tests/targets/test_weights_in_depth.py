"""A module of a deep network has one set of functions, with a weight for each sample in it; nobody sees it."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from codegen.targets.load import load_text
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

emitting = import_module("codegen.targets.numpy.emit")


def network(name: str) -> Network:
    if name != "mean":
        return Network.load(name)
    nodes = {
        "z": {"inputs": ["x"], "width": 3, "activation": "tanh"},
        "p": {"inputs": ["z"], "width": 2, "activation": "softmax"},
    }
    spec = {"inputs": {"x": 2}, "nodes": nodes, "output": "p", "loss": "cross_entropy", "regularizer": {"l2": 0.3}}
    return Network.from_dict({"name": "mean", "reduction": "mean", **spec})


def both_ways(monkeypatch, of: Network, **settings):
    """The module with two sets of functions, and that with one."""
    made = []
    for most in (10**6, 0):
        monkeypatch.setattr(emitting, "MOST_DEFINITIONS", most)
        emitting._emitted.cache_clear()
        made.append(load_text(emitting.emit(of, **settings), f"with_{most}"))
    emitting._emitted.cache_clear()
    return made


@pytest.mark.parametrize("name", ["regularized_neuron", "scalar_graph", "mlp_classifier", "attention", "mean"])
def test_one_set_of_functions_computes_what_two_sets_do(monkeypatch, name):
    two, one = both_ways(monkeypatch, network(name), hessian=True)
    first, second = two.Objective(), one.Objective()
    X, Y = two.random_sample(first, 6, np.random.default_rng(0))
    w, v = first.initial(1) + 0.1, first.initial(2)
    np.testing.assert_allclose(second.predict(w, X), first.predict(w, X), rtol=1e-12)
    assert second.value(w, X, Y) == pytest.approx(first.value(w, X, Y), rel=1e-12)
    for a, b in zip(second.value_and_gradient(w, X, Y), first.value_and_gradient(w, X, Y), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        second.hessian_vector(w, v, X, Y), first.hessian_vector(w, v, X, Y), rtol=1e-9, atol=1e-12
    )
    label = one.WeightedObjective.facts.weights
    s = np.random.default_rng(3).uniform(0, 2, 6)
    found = [m.WeightedObjective().value_and_gradient(w, {**X, label: s}, Y) for m in (one, two)]
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    one_alone = {n: x[:1] for n, x in X.items()}
    for a, b in zip(*(o.value_and_gradient(w, one_alone, Y[:1]) for o in (first, second)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_a_mean_over_no_samples_is_refused_in_depth_too(monkeypatch):
    two, one = both_ways(monkeypatch, network("mean"))
    for module in (two, one):
        objective = module.Objective()
        with pytest.raises(ValueError, match="got no samples, expected at least 1"):
            objective.value(objective.initial(), np.zeros((0, 2)), np.zeros((0, 2)))


@pytest.mark.parametrize("name", ["regularized_neuron", "mean"])
def test_training_is_the_same_in_depth(monkeypatch, name):
    two, one = both_ways(monkeypatch, network(name))
    X, Y = two.random_sample(two.Objective(), 11, np.random.default_rng(0))
    s = np.random.default_rng(3).integers(0, 3, 11)
    for weights in (None, s):
        fitted = [
            module.Trainer(optimizer="adam", epochs=3, batch_size=4, seed=1).fit(X, Y, sample_weight=weights)
            for module in (two, one)
        ]
        np.testing.assert_allclose(fitted[1].w_, fitted[0].w_, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(fitted[1].history_["loss"], fitted[0].history_["loss"], rtol=1e-9)


@pytest.mark.slow
def test_a_network_of_forty_layers_has_one_set_of_functions():
    nodes = {"z0": {"inputs": ["x"], "width": 3, "activation": "tanh"}}
    nodes |= {f"z{k}": {"inputs": [f"z{k - 1}"], "width": 3, "activation": "tanh"} for k in range(1, 40)}
    deep = Network.from_dict({"loss": "squared", "inputs": {"x": 2}, "nodes": nodes, "output": "z39"})
    assert len(build_objective(deep).definitions) > emitting.MOST_DEFINITIONS
    text = emitting.emit(deep)
    assert text.count("    def gradient(") == 1
    assert "class WeightedObjective(Objective):" in text
