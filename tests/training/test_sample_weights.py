"""A weight counts a sample as often as it says, a class weight every sample of its class."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from reference import differences, slope
from trainers import binary, classifier, clouds, hidden, line, refuse

from codegen import load
from symbolic.network.network import Network


@pytest.mark.parametrize("module", [classifier, hidden, binary, line])
def test_a_weight_counts_a_sample_as_often_as_it_says(module):
    rng = np.random.default_rng(1)
    width = {"d" if module is binary else "D": 4}
    objective = module.Objective(**width)
    X, Y = module.random_sample(objective, 12, rng)
    weight = rng.integers(0, 4, size=12)
    settings = {"epochs": 20, "batch_size": 1000, "learning_rate": 0.01, **width}
    one = module.Trainer(**settings).fit(X, Y, sample_weight=weight)
    other = module.Trainer(**settings).fit({k: x.repeat(weight, axis=0) for k, x in X.items()}, Y.repeat(weight, 0))
    np.testing.assert_allclose(one.w_, other.w_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.history_["loss"], other.history_["loss"], rtol=1e-12)


def test_the_weighted_gradient_is_the_slope_of_the_weighted_Q():
    for module in (classifier, hidden, binary):
        objective = module.WeightedObjective()
        X, Y = module.random_sample(objective, 6, np.random.default_rng(2))
        X["s"] = np.random.default_rng(3).random(6)
        w = objective.initial(1) + 0.1
        _, g = objective.value_and_gradient(w, X, Y)
        slopes = differences(lambda v: objective.value(v, X, Y), w)  # noqa: B023
        np.testing.assert_allclose(g, slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.slow
def test_a_deep_network_has_weights_too(reduction):
    names = ["x", *(f"z{k}" for k in range(40))]
    nodes = {name: {"inputs": [below], "width": 3, "activation": "tanh"} for below, name in pairwise(names)}
    nodes["p"] = {"inputs": [names[-1]], "width": 2}
    spec = {"loss": "squared", "inputs": {"x": 3}, "nodes": nodes, "reduction": reduction, "regularizer": {"l2": 0.1}}
    module = load(Network.from_dict(spec))
    rng = np.random.default_rng(1)
    X, Y, weight = rng.normal(size=(12, 3)), rng.normal(size=(12, 2)), rng.integers(0, 4, size=12)
    settings = {"epochs": 4, "batch_size": 1000}
    one = module.Trainer(**settings).fit(X, Y, sample_weight=weight)
    other = module.Trainer(**settings).fit(X.repeat(weight, axis=0), Y.repeat(weight, axis=0))
    np.testing.assert_allclose(one.w_, other.w_, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(one.history_["loss"], other.history_["loss"], rtol=1e-11)
    heavier, w = module.WeightedObjective(), module.Objective().initial(2)
    q, g = heavier.value_and_gradient(w, {"x": X, "s": weight}, Y)
    assert heavier.value(w, {"x": X, "s": weight}, Y) == pytest.approx(q, rel=1e-12)
    for k in range(0, len(w), 37):
        d = slope(lambda v: heavier.value(v, {"x": X, "s": weight}, Y), w, np.eye(len(w))[k])
        assert g[k] == pytest.approx(d, rel=1e-6, abs=1e-8)
    bad = rng.random(12)
    bad[5] = np.nan
    refuse(lambda: heavier.value_and_gradient(w, {"x": X, "s": bad}, Y), "X['s']", "[5]")


def test_class_weights_are_sample_weights():
    X, Y = clouds()
    one = classifier.Trainer(epochs=3, class_weight={0: 1, 1: 2, 2: 0.5}).fit(X, Y)
    other = classifier.Trainer(epochs=3).fit(X, Y, sample_weight=np.array([1, 2, 0.5])[Y])
    np.testing.assert_array_equal(one.w_, other.w_)
    counts = np.bincount(Y)
    balanced = classifier.Trainer(epochs=3, class_weight="balanced").fit(X, Y)
    by_hand = classifier.Trainer(epochs=3).fit(X, Y, sample_weight=(len(Y) / (3 * counts))[Y])
    np.testing.assert_array_equal(balanced.w_, by_hand.w_)


@pytest.mark.parametrize("weights", [None, "some"])
@pytest.mark.parametrize("size", [1, 5, 12, 100])
@pytest.mark.parametrize("spec", ["regularized_neuron", "layers", "deep"])
@pytest.mark.slow
def test_the_batches_of_an_epoch_add_up_to_a_regularised_Q_and_to_its_gradient(spec, size, weights):
    nodes = {"z": {"inputs": ["x"], "width": 3, "activation": "tanh"}, "p": {"inputs": ["z"], "width": 2}}
    if spec == "deep":
        names = ["x", *(f"z{k}" for k in range(40))]
        deep = {name: {"inputs": [below], "width": 3, "activation": "tanh"} for below, name in pairwise(names)}
        nodes = {**deep, "p": {"inputs": [names[-1]], "width": 2}}
    layers = {"loss": "squared", "inputs": {"x": 3}, "nodes": nodes, "regularizer": {"l1": 0.3, "l2": 0.7}}
    module = binary if spec == "regularized_neuron" else load(Network.from_dict(layers))
    widths = {"d": 3} if module is binary else {}
    trainer = module.Trainer(optimizer="sgd", epochs=1, learning_rate=1e-9, batch_size=size, **widths)
    X, Y = module.random_sample(trainer.objective, 13, np.random.default_rng(0))
    s = np.random.default_rng(1).integers(0, 3, 13) if weights else np.ones(13)
    w = trainer.objective.initial(1) + 0.2
    trainer.fit(X, Y, initial=w, sample_weight=s if weights else None)
    Q, g = module.WeightedObjective(**widths).value_and_gradient(w, {**X, "s": s}, Y)
    assert trainer.history_["loss"] == [pytest.approx(Q, rel=1e-6)]
    np.testing.assert_allclose((w - trainer.w_) / 1e-9, g, rtol=1e-4, atol=1e-5)


def test_balanced_classes_are_counted_by_the_weights_of_their_samples():
    X, Y = clouds(40)
    weight = np.random.default_rng(0).integers(0, 4, size=40)
    settings = {"optimizer": "gradient_descent", "epochs": 5, "class_weight": "balanced"}
    one = classifier.Trainer(**settings).fit(X, Y, sample_weight=weight)
    other = classifier.Trainer(**settings).fit(X.repeat(weight, axis=0), Y.repeat(weight))
    np.testing.assert_allclose(one.w_, other.w_, rtol=1e-10, atol=1e-13)
    only = np.where(Y == 2, 0, 1)
    one = classifier.Trainer(**settings).fit(X, Y, sample_weight=only)
    other = classifier.Trainer(**settings).fit(X[Y != 2], Y[Y != 2])
    np.testing.assert_allclose(one.w_, other.w_, rtol=1e-10, atol=1e-13)


def test_weights_of_samples_do_not_change_a_default_step():
    X, y = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8.0)
    ends = [
        line.Trainer(optimizer="sgd", epochs=2, D=2).fit(X, y, sample_weight=np.full(8, weight)).w_
        for weight in (1.0, 1000.0)
    ]
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)


def test_bad_weights_of_samples_are_refused():
    X, Y = clouds(5)
    fit = classifier.Trainer(epochs=1).fit
    refuse(lambda: fit(X, Y, sample_weight=[1, 2]), "sample_weight", "(2,)")
    refuse(lambda: fit(X, Y, sample_weight=[1, 2, 3, -1, 0]), "sample_weight", "-1")
    refuse(lambda: fit(X, Y, sample_weight=[0] * 5), "sample_weight", "all 0")
    refuse(lambda: fit(X, Y, sample_weight=[1, 2, 3, np.nan, 0]), "sample_weight", "[3]")
    refuse(lambda: classifier.Trainer(epochs=1, class_weight={0: 1.0}).fit(X, np.array([0, 1, 2, 0, 0])), "class 1")
    refuse(lambda: classifier.Trainer(epochs=1, class_weight={0: 0, 1: 0, 2: 0}).fit(X, Y), "all 0")
