"""The emitted Trainer: what it learns, what it keeps, what it refuses."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import sys
from itertools import pairwise

import numpy as np
import pytest
from reference import differences, slope

from codegen import load
from codegen.updates.optimizers import OPTIMIZERS
from symbolic.network.network import Network

hidden = load(Network.load("one_hidden_layer"))
one_neuron = load(Network.load("one_neuron"))
classifier = load(Network.load("mlp_classifier"))
binary = load(Network.load("regularized_neuron"))
line = load(
    Network.from_dict(
        {
            "name": "line",
            "loss": "squared",
            "output": "p",
            "reduction": "mean",
            "inputs": {"x": "D"},
            "nodes": {"p": {"inputs": ["x"], "width": 1}},
        }
    )
)


def refuse(call, *parts, error=ValueError):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def xor():
    return np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])


def clouds(N=120, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=N)
    return rng.normal(size=(N, 4)) + 3 * np.eye(3, 4)[labels], labels


# -- what it learns --------------------------------------------------------------------------------------


def test_the_worked_example_of_a_2_2_2_network_comes_out_to_the_last_printed_digit():
    nodes = {
        "h": {"inputs": ["i"], "width": 2, "activation": "sigmoid"},
        "o": {"inputs": ["h"], "width": 2, "activation": "sigmoid"},
    }
    network = {"name": "worked", "loss": "half_squared", "output": "o", "inputs": {"x": 2}, "nodes": nodes}
    nodes["h"]["inputs"] = ["x"]
    module = load(Network.from_dict(network))
    trainer = module.Trainer(optimizer="gradient_descent", epochs=1, learning_rate=0.5, frozen=("b_h", "b_o"))
    w = np.zeros(trainer.objective.size)
    first = {"w_h": [[0.15, 0.20], [0.25, 0.30]], "b_h": 0.35, "w_o": [[0.40, 0.45], [0.50, 0.55]], "b_o": 0.60}
    for name, view in trainer.objective.unpack(w).items():
        view[...] = first[name]
    trainer.fit([[0.05, 0.10]], [[0.01, 0.99]], initial=w)
    learned = trainer.objective.unpack(trainer.w_)
    assert trainer.history_["loss"][0] == pytest.approx(0.298371109, abs=5e-10)
    assert learned["w_o"][0, 0] == pytest.approx(0.35891648, abs=5e-9)
    assert learned["w_h"][0, 0] == pytest.approx(0.149780716, abs=5e-10)
    assert (learned["b_h"] == 0.35).all()
    assert (learned["b_o"] == 0.60).all()


def test_plain_gradient_descent_with_a_small_step_never_raises_Q():
    X, Y = xor()
    trainer = hidden.Trainer(optimizer="gradient_descent", epochs=200, learning_rate=0.05, D=2, J=3).fit(X, Y)
    assert len(trainer.history_["loss"]) == len(trainer.history_["gradient_norm"]) == 200
    assert (np.diff(trainer.history_["loss"]) <= 0).all()


@pytest.mark.parametrize("optimizer", hidden.OPTIMIZERS)
def test_every_optimizer_brings_Q_down(optimizer):
    X, _ = xor()
    Y = X.max(axis=1)
    rate = {"gradient_descent": 0.5, "sgd": 0.5, "momentum": 0.2, "nesterov": 0.2}.get(optimizer, 0.05)
    trainer = hidden.Trainer(optimizer=optimizer, epochs=300, batch_size=2, learning_rate=rate, seed=1, D=2, J=6)
    loss = trainer.fit(X, Y).history_["loss"]
    assert loss[-1] < 0.8 * loss[0]


def test_the_history_is_Q_and_the_length_of_its_gradient():
    X, Y = clouds()
    trainer = classifier.Trainer(optimizer="gradient_descent", epochs=1, learning_rate=1e-9).fit(X, Y)
    q, g = trainer.objective.value_and_gradient(trainer.objective.initial(0), X, np.eye(3)[Y])
    assert trainer.history_["loss"] == [pytest.approx(q, rel=1e-12)]
    assert trainer.history_["gradient_norm"] == [pytest.approx(np.linalg.norm(g), rel=1e-12)]


def test_batches_take_every_sample_once_and_the_last_one_may_be_short():
    X, y = np.arange(7.0)[:, None], np.zeros(7)
    trainer = line.Trainer(optimizer="sgd", epochs=1, learning_rate=1e-12, batch_size=3, D=1, seed=4)
    trainer.fit(X, y, initial=np.array([1.0, 0.0]))
    assert trainer.step_ == 3
    assert trainer.history_["loss"][0] == pytest.approx((X**2).mean(), rel=1e-9)


def test_schedules_set_the_rate_of_each_epoch():
    X, Y = xor()
    for schedule in hidden.SCHEDULES:
        trainer = hidden.Trainer(schedule=schedule, epochs=4, learning_rate=0.2, D=2, J=2).fit(X, Y)
        expected = [hidden.SCHEDULES[schedule](0.2, epoch, 4) for epoch in range(4)]
        assert trainer.history_["learning_rate"] == expected


def test_a_clipped_step_has_the_length_of_the_clip():
    X, Y = clouds()
    settings = {"optimizer": "gradient_descent", "epochs": 1, "learning_rate": 1.0}
    start = classifier.Objective().initial(0)
    step = start - classifier.Trainer(**settings, clip=0.25).fit(X, Y).w_
    long = start - classifier.Trainer(**settings).fit(X, Y).w_
    assert np.linalg.norm(step) == pytest.approx(0.25)
    np.testing.assert_allclose(step, long * 0.25 / np.linalg.norm(long), rtol=1e-9, atol=1e-15)


def test_early_stopping_keeps_the_weights_that_were_best_on_the_samples_kept_apart():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 4)), rng.integers(3, size=30)  # nothing to learn: the validation loss must rise
    trainer = classifier.Trainer(epochs=500, learning_rate=0.05, validation_fraction=0.3, patience=5, H=30).fit(X, Y)
    left = trainer.history_["validation_loss"]
    assert trainer.epoch_ == len(left) < 500
    assert np.argmin(left) == len(left) - 1 - 5
    apart = np.random.default_rng((0, 0)).permutation(30)[:9]
    assert trainer.objective.value(trainer.w_, X[apart], np.eye(3)[Y[apart]]) == pytest.approx(min(left), rel=1e-12)


@pytest.mark.parametrize("frozen", [("w_z",), ("b_z", "w_p")])
@pytest.mark.parametrize("optimizer", ["adamw", "momentum"])
def test_frozen_parameters_stay_and_the_others_move(frozen, optimizer):
    X, Y = clouds()
    trainer = classifier.Trainer(optimizer=optimizer, epochs=3, frozen=frozen).fit(X, Y)
    before = trainer.objective.unpack(trainer.objective.initial(0))
    for name, after in trainer.objective.unpack(trainer.w_).items():
        assert (after == before[name]).all() == (name in frozen)


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


def test_class_numbers_mean_one_hot_rows():
    X, Y = clouds()
    one, other = (classifier.Trainer(epochs=2).fit(X, target) for target in (Y, np.eye(3)[Y]))
    np.testing.assert_array_equal(one.w_, other.w_)
    assert one.score(X, Y) == one.score(X, np.eye(3)[Y])


@pytest.mark.parametrize(("initializer", "spread"), [("normal", 1), ("uniform", 1 / 3), ("glorot", 2 / 5), ("he", 2)])
def test_initializers_have_the_published_variance(initializer, spread):
    objective = hidden.Objective(D=100, J=400)
    w = objective.unpack(hidden.initial_weights(objective, initializer, seed=0))["w_1"]
    assert w.var() * 100 == pytest.approx(spread, rel=0.05)
    assert (objective.unpack(hidden.initial_weights(objective, initializer, seed=0))["b_z"] == 0).all()


def test_partial_fit_learns_batch_by_batch_and_remembers():
    X, Y = clouds()
    trainer = classifier.Trainer(learning_rate=0.05)
    for _ in range(20):
        trainer.partial_fit(X[:60], Y[:60])
        trainer.partial_fit(X[60:], Y[60:])
    assert trainer.epoch_ == 40
    assert trainer.score(X, Y) > 0.9


def test_a_number_that_is_none_in_a_later_batch_leaves_everything_as_it_was():
    X, Y = clouds()
    trainer = classifier.Trainer(batch_size=16).partial_fit(X, Y)
    before = [a.copy() for a in (trainer.w_, trainer._w, *trainer._state.values())]
    spoiled = X.copy()
    spoiled[77, 2] = np.inf
    refuse(lambda: trainer.partial_fit(spoiled, Y), "X: got inf at [77, 2]")
    refuse(lambda: classifier.Trainer(batch_size=500).partial_fit(spoiled, Y), "X: got inf at [77, 2]")
    refuse(lambda: classifier.Trainer(batch_size=16).fit(spoiled, Y), "X: got inf at [77, 2]")
    for a, b in zip(before, (trainer.w_, trainer._w, *trainer._state.values()), strict=True):
        np.testing.assert_array_equal(a, b)
    again = classifier.Trainer(batch_size=16).partial_fit(X, Y).partial_fit(X, Y)
    np.testing.assert_array_equal(trainer.partial_fit(X, Y).w_, again.w_)
    assert (trainer.step_, trainer.history_) == (again.step_, again.history_)


def test_a_trainer_that_was_loaded_and_then_given_a_number_that_is_none_has_not_moved(tmp_path):
    X, Y = clouds()
    classifier.Trainer(epochs=3).fit(X, Y, callback=lambda t: t.save(tmp_path / "run.npz"))
    trainer = classifier.Trainer.load(tmp_path / "run.npz")
    before = trainer.w_.copy()
    refuse(lambda: trainer.partial_fit(np.full_like(X, np.nan), Y), "X: got nan at [0, 0]")
    np.testing.assert_array_equal(trainer.w_, before)
    np.testing.assert_array_equal(trainer._w, before)


def test_a_number_that_is_none_is_found_where_it_does_not_show_in_the_gradient():
    formula = {"p": {"formula": "p[i] = Sum(w[d]*tanh(x[i,d]), d)"}}
    module = load(Network.from_dict({"loss": "squared", "inputs": {"x": 3}, "nodes": formula}))
    X, Y = np.ones((20, 3)), np.ones(20)
    X[13, 1] = np.inf  # tanh(inf) is 1
    for size in (4, 20):
        refuse(lambda: module.Trainer(batch_size=size).partial_fit(X, Y), "X: got inf at [13, 1]")  # noqa: B023
    X, Y = clouds(20)
    X[13, 1] = np.inf
    frozen = classifier.Trainer(batch_size=4, frozen="w_z")
    refuse(lambda: frozen.partial_fit(X, Y), "X: got inf at [13, 1]")
    assert frozen.frozen == ("w_z",)


def test_partial_fit_is_an_epoch_of_fit():
    X, Y = clouds()
    whole, pieces = (classifier.Trainer(epochs=4, batch_size=16, seed=2, schedule="cosine") for _ in range(2))
    whole.fit(X, Y)
    for _ in range(4):
        pieces.partial_fit(X, Y)
    np.testing.assert_array_equal(pieces.w_, whole.w_)
    assert pieces.history_ == whole.history_


def test_a_callback_sees_every_epoch_and_can_stop():
    X, Y = clouds()
    seen = []

    def stops_at_seven(trainer) -> bool:
        seen.append((trainer.epoch_, trainer.history_["loss"][-1]))
        return trainer.epoch_ == 7

    trainer = classifier.Trainer(epochs=50)
    trainer.fit(X, Y, callback=stops_at_seven)
    assert [epoch for epoch, _ in seen] == list(range(1, 8))
    assert [loss for _, loss in seen] == trainer.history_["loss"]


def test_float32_is_float32_throughout():
    X, Y = clouds()
    trainer = classifier.Trainer(epochs=2, dtype="float32", clip=1.0, class_weight="balanced").fit(X, Y)
    assert {trainer.w_.dtype, *(v.dtype for v in trainer._state.values())} == {np.dtype(np.float32)}


def test_scores_are_shares_of_right_answers_or_of_variance():
    X, Y = xor()
    trainer = hidden.Trainer(optimizer="adam", epochs=600, learning_rate=0.1, seed=1, D=2, J=6).fit(X, Y)
    assert trainer.score(X, Y) > 0.95
    X, Y = clouds()
    fitted = classifier.Trainer(epochs=0).fit(X, Y)
    assert fitted.score(X, Y) == (fitted.predict(X).argmax(1) == Y).mean()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.slow
def test_what_an_optimizer_remembers_of_dead_weights_fades_to_0_and_not_to_numbers_that_are_slow(dtype):
    X, y = np.ones((4, 2)), np.zeros(4)
    trainer = line.Trainer(optimizer="adam", epochs=1, D=2, dtype=dtype, batch_size=4).fit(X, y)
    X[:, 1] = 0  # from now on the second weight has no gradient
    for _ in range(10_000 if dtype == "float64" else 1200):
        trainer.partial_fit(X, y)
        m = trainer._state["m"]
    assert m[1] == 0
    tiny = np.finfo(dtype).tiny
    assert not any(((abs(v) < tiny) & (v != 0)).any() for v in trainer._state.values())


# -- any gradient method ---------------------------------------------------------------------------------


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


# -- what it keeps ---------------------------------------------------------------------------------------


def test_a_seed_makes_a_run_repeat_bit_for_bit():
    X, Y = clouds()
    runs = [classifier.Trainer(epochs=5, batch_size=7, seed=seed).fit(X, Y).w_ for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()


@pytest.mark.parametrize("optimizer", [*hidden.OPTIMIZERS, "l-bfgs"])
@pytest.mark.parametrize("apart", [0.0, 0.25])
def test_a_run_that_is_saved_and_resumed_ends_bit_for_bit_where_it_would_have(tmp_path, optimizer, apart):
    X, Y = clouds(60)
    settings = {
        "optimizer": optimizer, "epochs": 12, "validation_fraction": apart, "seed": 3,
    }  # fmt: skip
    batch = None if optimizer == "l-bfgs" else 16
    if batch:
        settings |= {"schedule": "cosine", "clip": 5.0, "learning_rate": 0.003}
    whole = classifier.Trainer(**settings, batch_size=batch).fit(X, Y)
    broken = classifier.Trainer(**settings, batch_size=batch)
    broken.fit(X, Y, callback=lambda t: t.save(tmp_path / "run.npz") or t.epoch_ == 5)
    again = classifier.Trainer.load(tmp_path / "run.npz")
    assert again.epoch_ == 5
    again.resume(X, Y)
    np.testing.assert_array_equal(again.w_, whole.w_)
    assert again.history_ == whole.history_
    assert (again.epoch_, again.step_) == (whole.epoch_, whole.step_)


def test_saved_weights_come_back(tmp_path):
    X, Y = xor()
    trainer = hidden.Trainer(optimizer="adam", epochs=3, batch_size=2, D=2, J=3).fit(X, Y)
    trainer.save(tmp_path / "run.npz")
    again = hidden.Trainer.load(tmp_path / "run.npz")
    np.testing.assert_array_equal(again.predict(X), trainer.predict(X))
    assert again.history_ == trainer.history_
    assert (again.optimizer, again.epochs, again.batch_size) == ("adam", 3, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_class_weights_and_settings_come_back(tmp_path):
    X, Y = clouds()
    trainer = classifier.Trainer(
        epochs=1,
        class_weight={np.int64(0): np.float32(1), 1: 2, 2: 3.0},
        settings={"beta_1": np.float64(0.8)},
        frozen=["b_z"],
    )
    trainer.fit(X, Y).save(tmp_path / "run.npz")
    again = classifier.Trainer.load(tmp_path / "run.npz")
    assert again.class_weight == {0: 1.0, 1: 2.0, 2: 3.0}
    assert again.settings == {"beta_1": 0.8}
    assert again.frozen == ("b_z",)


def test_a_run_that_diverges_stops_and_keeps_the_last_good_weights():
    trainer = line.Trainer(optimizer="gradient_descent", epochs=2000, learning_rate=10.0, D=1)
    X, Y = np.arange(5.0)[:, None], np.arange(5.0)
    refuse(lambda: trainer.fit(X, Y), "learning_rate 10", "step", error=line.Diverged)
    assert np.isfinite(trainer.w_).all()
    assert np.isfinite(trainer.objective.value(trainer.w_, X, Y))
    assert np.isfinite(trainer.history_["loss"]).all()


def test_a_run_that_diverges_keeps_the_weights_that_were_best_on_the_samples_kept_apart():
    trainer = line.Trainer(
        optimizer="gradient_descent", epochs=2000, learning_rate=10.0, validation_fraction=0.4, patience=2000, D=1
    )
    X, Y = np.arange(5.0)[:, None], np.arange(5.0)
    refuse(lambda: trainer.fit(X, Y), "step", error=line.Diverged)
    apart = np.random.default_rng((0, 0)).permutation(5)[:2]
    best = min(trainer.history_["validation_loss"])
    assert trainer.objective.value(trainer.w_, X[apart], Y[apart]) == pytest.approx(best, rel=1e-12)


def test_l_bfgs_resumes_from_the_weights_it_was_given(tmp_path):
    pytest.importorskip("scipy")
    X, Y = clouds(60)
    start = classifier.Objective().initial(seed=9)
    whole = classifier.Trainer(optimizer="l-bfgs", epochs=9).fit(X, Y, initial=start)
    broken = classifier.Trainer(optimizer="l-bfgs", epochs=9)
    broken.fit(X, Y, initial=start, callback=lambda t: t.save(tmp_path / "run.npz") or t.epoch_ == 4)
    np.testing.assert_array_equal(classifier.Trainer.load(tmp_path / "run.npz").resume(X, Y).w_, whole.w_)


@pytest.mark.parametrize("rate", [1e300, 1e308])
def test_whatever_a_diverging_run_saves_leads_back_to_the_last_good_weights(tmp_path, rate):
    X, Y = np.arange(5.0)[:, None], np.arange(5.0)
    path, start = tmp_path / "run.npz", np.array([0.5, 0.0])
    trainer = line.Trainer(optimizer="gradient_descent", epochs=1, learning_rate=rate, D=1)
    refuse(lambda: trainer.fit(X, Y, initial=start, callback=lambda t: t.save(path)), "finite", error=line.Diverged)
    np.testing.assert_array_equal(trainer.w_, start)
    assert path.exists() == (rate == 1e300), "what is not finite is seen before anything is saved"
    for epochs in (1, 2) if path.exists() else ():
        again = line.Trainer.load(path)
        again.epochs = epochs
        refuse(lambda: again.resume(X, Y), error=line.Diverged)  # noqa: B023
        np.testing.assert_array_equal(again.w_, start)
    trainer.save(path)
    np.testing.assert_array_equal(line.Trainer.load(path).w_, start)


def test_what_an_optimizer_remembers_is_finite_too():
    X, Y = np.arange(5.0)[:, None], np.arange(5.0) * 1e152
    trainer = line.Trainer(epochs=3, D=1)
    trainer.fit(X, Y)
    far = line.Trainer(epochs=3, D=1, dtype="float32", clip=1e30)
    refuse(lambda: far.fit(X, np.arange(5.0) * 1e18), "adam remembers", error=line.Diverged)
    assert all(np.isfinite(vector).all() for vector in far._state.values())


def test_a_callback_that_stops_a_diverging_run_does_not_hide_it():
    X, Y = np.arange(5.0)[:, None], np.arange(5.0)
    for rate in (1e300, 1e308):
        trainer = line.Trainer(optimizer="gradient_descent", epochs=1, learning_rate=rate, D=1)
        refuse(lambda: trainer.fit(X, Y, callback=lambda t: True), "finite", error=line.Diverged)  # noqa: B023
        assert np.isfinite(trainer.w_).all()


@pytest.mark.parametrize("optimizer", ["adam", "l-bfgs"])
def test_a_run_that_early_stopping_ended_stays_ended_and_the_callback_saw_its_last_epoch(tmp_path, optimizer):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 4)), rng.integers(3, size=30)
    seen, path = [], tmp_path / "run.npz"
    trainer = classifier.Trainer(optimizer=optimizer, epochs=900, validation_fraction=0.3, patience=3, H=30)
    trainer.fit(X, Y, callback=lambda t: seen.append(t.epoch_))
    assert seen == list(range(1, trainer.epoch_ + 1))
    assert trainer.epoch_ < 900
    trainer.save(path)
    again = classifier.Trainer.load(path).resume(X, Y)
    assert (again.epoch_, again.history_) == (trainer.epoch_, trainer.history_)
    np.testing.assert_array_equal(again.w_, trainer.w_)
    refuse(lambda: again.resume(X + 1, Y), "not the data")
    if optimizer == "adam":
        assert again.partial_fit(X, Y).epoch_ == trainer.epoch_ + 1


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


def test_a_training_in_pieces_may_go_on_behind_the_end_of_its_schedule():
    X, Y = clouds(20)
    for epochs in (0, 3):
        for schedule in classifier.SCHEDULES:
            trainer = classifier.Trainer(epochs=epochs, schedule=schedule, learning_rate=0.1)
            for _ in range(6):
                trainer.partial_fit(X, Y)
            assert (np.diff(trainer.history_["learning_rate"]) <= 0).all()
            assert schedule != "cosine" or trainer.history_["learning_rate"][-1] == 0


def test_a_gradient_whose_square_is_too_large_is_shortened_all_the_same():
    X, Y = np.array([[1.0], [2.0]]), np.array([1e153, -1e153])
    Y[1] = 3e153
    settings = {"optimizer": "gradient_descent", "epochs": 1, "learning_rate": 1.0, "D": 1}
    big = line.Trainer(**settings, clip=0.25).fit(X, Y, initial=np.zeros(2))
    assert np.hypot(*big.w_) == pytest.approx(0.25)
    X, Y = np.array([[1e80], [2e80]]), np.array([1e153, 3e153])
    big = line.Trainer(**settings, clip=0.25).fit(X, Y, initial=np.zeros(2))
    assert np.hypot(*big.w_) == pytest.approx(0.25)
    assert big.history_["gradient_norm"][0] > 1e230
    small = line.Trainer(**settings, clip=0.25, dtype="float32").fit(
        [[1e12], [2e12]], [1e18, 3e18], initial=np.zeros(2)
    )
    assert np.hypot(*small.w_) == pytest.approx(0.25, rel=1e-6)


def test_a_Q_that_is_not_finite_before_any_step_is_not_put_down_to_the_learning_rate():
    trainer = line.Trainer(optimizer="gradient_descent", epochs=2, D=1)
    with pytest.raises(line.Diverged, match="first weights") as caught:
        trainer.fit([[1.0]], [1e300])
    assert "learning_rate" not in str(caught.value)
    pytest.importorskip("scipy")
    with pytest.raises(line.Diverged) as caught:
        line.Trainer(optimizer="l-bfgs", D=1).fit([[1.0]], [1e300])
    assert "learning_rate" not in str(caught.value)
    refuse(lambda: trainer.fit([[1.0]], [1.0], initial=[np.nan, 0]), "initial", "[0]")


def test_a_trainer_of_an_imported_file_is_pickled_with_all_it_knows(monkeypatch):
    X, Y = clouds(30)
    trainer = classifier.Trainer(epochs=4, class_weight={0: 1, 1: 2, 2: 1}, frozen="b_z", settings={"beta_1": 0.8})
    trainer.fit(X, Y, callback=lambda t: t.epoch_ == 2)
    refuse(lambda: pickle.dumps(trainer), "pickled", "save", error=TypeError)
    twin = copy.deepcopy(trainer)
    monkeypatch.setitem(sys.modules, classifier.__name__, classifier)
    again = pickle.loads(pickle.dumps(trainer))
    new = pickle.loads(pickle.dumps(classifier.Trainer(seed=5, H=7)))
    assert (new.seed, new.sizes["H"]) == (5, 7)
    refuse(lambda: new.predict(X), "fit")
    assert "7" in repr(copy.copy(new))
    for one in (again, twin, trainer):
        one.resume(X, Y)
    for one in (again, twin):
        np.testing.assert_array_equal(one.w_, trainer.w_)
        assert (one.history_, one.class_weight) == (trainer.history_, trainer.class_weight)


# -- it does not fail silently ---------------------------------------------------------------------------

PLAIN = {"name": "plain", "loss": "squared", "inputs": {"x": "D"}}
END = {"inputs": ["z"], "width": 1}
WIDE = {**PLAIN, "nodes": {"z": {"inputs": ["x"], "width": 8, "activation": "tanh"}, "p": END}}


@pytest.mark.parametrize("optimizer", hidden.OPTIMIZERS)
@pytest.mark.parametrize("times", [1, 40])
def test_no_default_explodes_however_many_samples_there_are(optimizer, times):
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = datasets.load_diabetes(return_X_y=True)
    module = load(Network.from_dict(WIDE))
    trainer = module.Trainer(optimizer=optimizer, epochs=3, D=10)
    trainer.fit(np.tile(X, (times, 1)), np.tile(y, times))
    assert trainer.history_["loss"][-1] < trainer.history_["loss"][0]


@pytest.mark.parametrize("optimizer", ["gradient_descent", "sgd", "momentum", "nesterov", "adagrad", "adam"])
def test_the_default_rate_is_that_of_a_mean_and_a_given_one_that_of_the_formula(optimizer):
    """A sum over n samples with its default, and their mean with the same one, go the same way."""
    X, y = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8.0)
    start = np.array([0.3, -0.2, 0.1])
    ends = []
    for reduction in ("sum", "mean"):
        module = load(Network.from_dict({**PLAIN, "reduction": reduction, "nodes": {"p": {**END, "inputs": ["x"]}}}))
        ends.append(module.Trainer(optimizer=optimizer, epochs=1, D=2).fit(X, y, initial=start).w_)
        given = module.Trainer(optimizer="sgd", learning_rate=0.01, epochs=1, D=2).fit(X, y, initial=start).w_
        slope = module.Objective(D=2).value_and_gradient(start, X, y)[1]
        np.testing.assert_allclose(given, start - 0.01 * slope, rtol=1e-12)
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-7)


def test_weights_of_samples_do_not_change_a_default_step():
    X, y = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8.0)
    ends = [
        line.Trainer(optimizer="sgd", epochs=2, D=2).fit(X, y, sample_weight=np.full(8, weight)).w_
        for weight in (1.0, 1000.0)
    ]
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)


def test_which_steps_are_as_long_as_the_gradient_is_what_the_code_says():
    for name, (step, state, *_) in hidden.OPTIMIZERS.items():
        lengths = []
        for factor in (1.0, 1000.0):
            w, g, r, *kept = (np.zeros(1) for _ in range(3 + len(state)))
            g[:] = factor
            step(w, g, *kept, r, 0.01, 1)
            lengths.append(abs(w[0]))
        assert (lengths[1] > 999 * lengths[0]) == OPTIMIZERS[name].proportional
        assert (lengths[1] > 1.01 * lengths[0]) == OPTIMIZERS[name].proportional


@pytest.mark.parametrize("batch_size", [2, None])
@pytest.mark.parametrize("optimizer", ["gradient_descent", "nesterov"])
def test_a_run_that_rises_far_above_its_start_is_stopped_long_before_numbers_end(optimizer, batch_size):
    X, y = np.arange(5.0)[:, None], np.arange(5.0)
    trainer = line.Trainer(optimizer=optimizer, epochs=20, batch_size=batch_size, learning_rate=0.5, D=1)
    refuse(lambda: trainer.fit(X, y), "has risen from", "learning_rate 0.5", "the best weights", error=line.Diverged)
    assert trainer.epoch_ < 20
    first = trainer.objective.value(trainer.objective.initial(0), X, y)
    assert trainer.objective.value(trainer.w_, X, y) <= first


def test_a_run_that_begins_at_its_goal_has_not_diverged_by_a_little_noise():
    X = np.arange(1.0, 6)[:, None]
    trainer = line.Trainer(optimizer="adam", learning_rate=0.05, epochs=30, D=1)
    trainer.fit(X, 2 * X[:, 0] + 1, initial=np.array([2.0, 1 + 1e-9]))
    assert trainer.objective.value(trainer.w_, X, 2 * X[:, 0] + 1) < 1e-6


@pytest.mark.parametrize("batch_size", [3, 20])
def test_what_is_kept_are_the_best_weights_seen(batch_size):
    """A rate at which Q goes up and down: the last weights are not the best ones."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(20, 1)), rng.normal(size=20)
    seen = []
    trainer = line.Trainer(optimizer="adam", learning_rate=0.9, epochs=41, batch_size=batch_size, D=1)
    trainer.fit(X, y, callback=lambda t: seen.append(t._w.copy()))
    values = [trainer.objective.value(w, X, y) for w in (trainer.objective.initial(0), *seen)]
    kept = trainer.objective.value(trainer.w_, X, y)
    assert kept <= values[-1]
    assert kept < np.mean(values)
    if batch_size == 20:
        assert kept == pytest.approx(min(values), rel=1e-12)


def test_the_limit_of_epochs_warns_where_convergence_was_asked_for():
    X, Y = clouds()
    with pytest.warns(UserWarning, match="Q was still falling after 200 epochs"):
        trainer = classifier.Trainer(optimizer="sgd").fit(X, Y)
    assert (trainer.converged_, trainer.epoch_) == (False, 200)
    assert classifier.Trainer(epochs=3).fit(X, Y).converged_ is None, "so many epochs were asked for"
    done = classifier.Trainer(epochs=5000, tol=0.02, learning_rate=0.02).fit(X, Y)
    assert done.converged_
    assert done.epoch_ < 5000


def test_a_run_that_has_converged_stays_so(tmp_path):
    X, Y = clouds()
    done = classifier.Trainer(epochs=5000, tol=0.02, learning_rate=0.02).fit(X, Y)
    done.save(tmp_path / "run.npz")
    again = classifier.Trainer.load(tmp_path / "run.npz")
    assert again.converged_
    assert again.resume(X, Y).epoch_ == done.epoch_


# -- what it refuses -------------------------------------------------------------------------------------


def test_a_file_of_weights_with_damaged_contents_is_refused_in_one_line(tmp_path):
    X, Y = xor()
    hidden.Trainer(epochs=2, D=2, J=3).fit(X, Y).save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as file:
        whole = dict(file)
    facts = json.loads(str(whole.pop("facts")))

    def changed(part, arrays=(), **others):
        made = {k: v for k, v in {**facts, **others}.items() if v is not Ellipsis}
        kept = {k: v for k, v in {**whole, **dict(arrays)}.items() if v is not Ellipsis}
        np.savez(tmp_path / "bad.npz", **kept, facts=np.array(json.dumps(made)))
        refuse(lambda: hidden.Trainer.load(tmp_path / "bad.npz"), "bad.npz", part)

    spoiled = whole["w"].copy()
    spoiled[2] = np.nan
    for name in ("w", "current", "good", "state_m", "state_v"):
        changed(name, {name: ...})
        changed("[2]", {name: spoiled})
        changed("shape", {name: spoiled[:-1]})
        changed(name, {name: np.array(["a"] * len(spoiled))})
    for name in ("settings", "history", "epoch", "step", "best", "waited", "data", "sizes"):
        changed(name, **{name: ...})
    changed("epoch", epoch=-1)
    changed("step", step="one")
    for wrong in (3, [1], {"loss": 3}, {"loss": ["a"]}):
        changed("damaged", history=wrong)
    for unknown in (3, {"optimiser": "adam"}, {**facts["settings"], "epochs": -1}):
        changed("damaged", settings=unknown)
    changed("damaged", best="low")
    changed("newer", format=99)
    changed("format", format="two")
    np.savez(tmp_path / "bad.npz", **whole, facts=np.array(json.dumps(facts)))
    hidden.Trainer.load(tmp_path / "bad.npz")


def test_data_without_samples_are_kept_with_the_weights(tmp_path):
    formula = {"formula": "p[i] = Sum(w[d]*c[d]*x[i,d], d)"}
    spec = {"name": "known", "loss": "squared", "inputs": {"x": "D"}, "nodes": {"p": formula}}
    module = load(Network.from_dict({**spec, "constants": {"c": {"width": ["D"]}}}))
    X, known = np.random.default_rng(0).normal(size=(20, 3)), np.array([1.0, 2, 3])
    fresh = module.Trainer(epochs=2, D=3, c=known)
    trainer = copy.copy(fresh).fit(X, X[:, 0])
    trainer.save(tmp_path / "run.npz")
    inside = module.Trainer(epochs=2, D=3).fit({"x": X, "c": known}, X[:, 0])
    for other in (module.Trainer.load(tmp_path / "run.npz"), copy.deepcopy(trainer), inside):
        assert (other.predict(X) == trainer.predict(X)).all()


def test_a_file_of_an_earlier_version_is_read_and_the_run_goes_on(tmp_path):
    X, Y = xor()
    trainer = hidden.Trainer(epochs=2, D=2, J=3).fit(X, Y)
    trainer.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as file:
        whole = dict(file)
    facts = json.loads(str(whole.pop("facts")))
    for name in ("format", "start", "least", "mark", "idle", "converged", "about"):
        del facts[name]
    for name in ("standardize_target", "monitor", "warm_up", "verbose"):
        del facts["settings"][name]
    np.savez(tmp_path / "old.npz", **whole, facts=np.array(json.dumps(facts)))
    old = hidden.Trainer.load(tmp_path / "old.npz")
    assert (old.predict(X) == trainer.predict(X)).all()
    old.epochs = 4
    assert old.resume(X, Y).epoch_ == 4


def test_a_checkpoint_of_another_network_or_cut_short_is_refused(tmp_path):
    X, Y = xor()
    hidden.Trainer(epochs=1, D=2, J=3).fit(X, Y).save(tmp_path / "run.npz")
    refuse(lambda: one_neuron.Trainer.load(tmp_path / "run.npz"), "one_hidden_layer", "one_neuron")
    whole = (tmp_path / "run.npz").read_bytes()
    for length in range(0, len(whole), 97):
        (tmp_path / "cut.npz").write_bytes(whole[:length])
        refuse(lambda: hidden.Trainer.load(tmp_path / "cut.npz"), "cut.npz", "Trainer.save")
    (tmp_path / "text.npz").write_text("no archive")
    refuse(lambda: hidden.Trainer.load(tmp_path / "text.npz"), "text.npz", "Trainer.save")
    np.savez(tmp_path / "other.npz", w=np.zeros(3), facts=np.array(json.dumps({"spec": "x"})))
    refuse(lambda: hidden.Trainer.load(tmp_path / "other.npz"), "other.npz", "Trainer.save")


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    X, Y = xor()
    trainer = hidden.Trainer(epochs=1, D=2, J=3).fit(X, Y)
    trainer.save(tmp_path / "run.npz")
    before = (tmp_path / "run.npz").read_bytes()
    monkeypatch.setattr(np, "savez", lambda file, **_: file.write(b"half") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trainer.save(tmp_path / "run.npz")
    assert (tmp_path / "run.npz").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_resuming_with_other_data_is_refused():
    X, Y = clouds()
    trainer = classifier.Trainer(epochs=2).fit(X, Y)
    trainer.epochs = 3
    refuse(lambda: trainer.resume(X + 1e-9, Y), "not the data")
    order = np.r_[1, 0, 2 : len(X)]
    refuse(lambda: trainer.resume(X[order], Y), "not the data")
    refuse(lambda: trainer.resume(X[:, [1, 0, 2, 3]], Y), "not the data")
    refuse(lambda: trainer.resume(X[:-1], Y[:-1]), "not the data")
    trainer.resume(X, Y)
    assert trainer.epoch_ == 3


def test_labels_outside_the_classes_are_named():
    X, Y = clouds(9)
    for wrong in (3, -1, 0.5):
        Y = Y.astype(float)
        Y[4] = wrong
        refuse(lambda: classifier.Trainer(epochs=1).fit(X, Y), "Y", "[4]", "0 to 2")  # noqa: B023
    refuse(lambda: binary.Trainer(epochs=1, d=4).fit(X, np.full(9, 2.0)), "Y", "0 or 1")


def test_bad_settings_are_refused_in_one_line():
    refuse(lambda: hidden.Trainer(optimizer="adan"), "adan", "adam", "l-bfgs")
    refuse(lambda: hidden.Trainer(epochs=-1), "epochs", "-1")
    refuse(lambda: hidden.Trainer(batch_size=0), "batch_size", "0")
    refuse(lambda: hidden.Trainer(batch_size=True), "batch_size", "True")
    refuse(lambda: hidden.Trainer(batch_size=8, optimizer="l-bfgs"), "batch_size", "whole sample")
    refuse(lambda: classifier.Trainer(class_weight=3), "class_weight", "balanced")
    refuse(lambda: classifier.Trainer(class_weight={0: -1.0}), "class_weight", "-1", "at least 0")
    refuse(lambda: classifier.Trainer(optimizer="l-bfgs").partial_fit(*clouds(9)), "partial_fit")
    for name, choice in {"learning_rate": 0.1, "clip": 1.0, "schedule": "cosine", "settings": {"beta_1": 0.5}}.items():
        refuse(lambda: hidden.Trainer(optimizer="l-bfgs", **{name: choice}), name, "l-bfgs")  # noqa: B023
    refuse(lambda: hidden.Trainer(settings=[1]), "settings", "[1]", "dict")
    for names in (3, None):
        refuse(lambda: hidden.Trainer(frozen=names), "frozen", repr(names), "names of parameters")  # noqa: B023
    refuse(lambda: classifier.Trainer(class_weight={7: 1.0}), "class_weight", "class 7", "from 0 to 2")
    refuse(lambda: classifier.Trainer(class_weight={0.5: 1.0}), "class_weight", "0.5")
    refuse(lambda: binary.Trainer(class_weight={-1: 1.0}), "class_weight", "class -1", "0 and 1")
    refuse(lambda: hidden.Trainer(learning_rate=-1.0), "learning_rate", "-1")
    refuse(lambda: hidden.Trainer(learning_rate=float("nan")), "learning_rate", "nan")
    refuse(lambda: hidden.Trainer(settings={"gamma": 1}), "gamma", "beta_1")
    refuse(lambda: hidden.Trainer(settings={"beta_1": 1}), "settings['beta_1']", "got 1", "at least 0 and below 1")
    refuse(lambda: hidden.Trainer(optimizer="sgd", settings={"epsilon": 1}), "epsilon", "none")
    refuse(lambda: hidden.Trainer(schedule="step", settings={"every": 0}), "settings['every']", "above 0")
    refuse(lambda: hidden.Trainer(schedule="linear"), "schedule", "linear", "cosine")
    refuse(lambda: hidden.Trainer(clip=0), "clip", "0")
    refuse(lambda: hidden.Trainer(initializer="xavier"), "initializer", "glorot")
    refuse(lambda: hidden.Trainer(frozen=("b_y",)), "frozen", "b_y", "b_z")
    refuse(lambda: hidden.Trainer(validation_fraction=1.0), "validation_fraction", "1")
    refuse(lambda: hidden.Trainer(patience=0), "patience", "0")
    refuse(lambda: hidden.Trainer(seed=-1), "seed", "-1")
    refuse(lambda: hidden.Trainer(Z=1), "Z")
    refuse(lambda: hidden.Trainer(class_weight="balanced"), "class_weight")  # a regression has no classes


def test_bad_weights_of_samples_are_refused():
    X, Y = clouds(5)
    fit = classifier.Trainer(epochs=1).fit
    refuse(lambda: fit(X, Y, sample_weight=[1, 2]), "sample_weight", "(2,)")
    refuse(lambda: fit(X, Y, sample_weight=[1, 2, 3, -1, 0]), "sample_weight", "-1")
    refuse(lambda: fit(X, Y, sample_weight=[0] * 5), "sample_weight", "all 0")
    refuse(lambda: fit(X, Y, sample_weight=[1, 2, 3, np.nan, 0]), "sample_weight", "[3]")
    refuse(lambda: classifier.Trainer(epochs=1, class_weight={0: 1.0}).fit(X, np.array([0, 1, 2, 0, 0])), "class 1")
    refuse(lambda: classifier.Trainer(epochs=1, class_weight={0: 0, 1: 0, 2: 0}).fit(X, Y), "all 0")


def test_a_trainer_that_was_not_fitted_says_so(tmp_path):
    refuse(lambda: hidden.Trainer().predict(np.zeros((1, 3))), "fit")
    refuse(lambda: hidden.Trainer().save(tmp_path / "run.npz"), "fit")
    refuse(lambda: hidden.Trainer().resume(np.zeros((1, 3)), [0.0]), "fit")
    assert not list(tmp_path.iterdir())


def test_an_empty_sample_is_refused():
    refuse(lambda: hidden.Trainer().fit(np.zeros((0, 3)), np.zeros(0)), "no samples")
    refuse(lambda: line.Trainer(validation_fraction=0.9, D=1).fit([[1.0]], [1.0]), "validation_fraction", "1 samples")


# -- daily use -------------------------------------------------------------------------------------------


def test_samples_that_the_caller_keeps_apart_are_judged_like_a_share_of_the_sample():
    X, Y = clouds(60)
    order = np.random.default_rng((0, 0)).permutation(60)
    held, rest = order[:12], order[12:]
    own = classifier.Trainer(epochs=9, standardize=True).fit(X[rest], Y[rest], validation_data=(X[held], Y[held]))
    share = classifier.Trainer(epochs=9, standardize=True, validation_fraction=0.2).fit(X, Y)
    np.testing.assert_array_equal(own.w_, share.w_)
    assert own.history_ == share.history_
    refuse(lambda: classifier.Trainer().fit(X, Y, validation_data=X), "validation_data", "a pair (X, Y)")
    refuse(lambda: classifier.Trainer().fit(X, Y, validation_data=(X[:, :2], Y)), "validation_data: X: got shape")
    both = classifier.Trainer(validation_fraction=0.2)
    refuse(lambda: both.fit(X, Y, validation_data=(X, Y)), "give one")


def test_the_score_of_samples_kept_apart_may_be_what_is_watched():
    X, Y = clouds(60)
    trainer = classifier.Trainer(epochs=900, validation_fraction=0.3, monitor="score", patience=4).fit(X, Y)
    scores = trainer.history_["validation_score"]
    assert trainer.epoch_ == len(scores) == int(np.argmax(scores)) + 1 + 4
    apart = np.random.default_rng((0, 0)).permutation(60)[:18]
    assert trainer.score(X[apart], Y[apart]) == max(scores)


def test_a_function_of_targets_and_outputs_may_be_watched(tmp_path):
    X, Y = clouds(60)

    def right(y, p):
        return (y.argmax(axis=1) == p.argmax(axis=1)).mean()

    settings = {"epochs": 900, "validation_fraction": 0.3, "patience": 4}
    own = classifier.Trainer(monitor=right, **settings).fit(X, Y, sample_weight=np.linspace(1, 2, 60))
    score = classifier.Trainer(monitor="score", **settings).fit(X, Y, sample_weight=np.linspace(1, 2, 60))
    assert own.history_ == score.history_
    own.save(tmp_path / "run.npz")
    again = classifier.Trainer.load(tmp_path / "run.npz")
    refuse(lambda: again.resume(X, Y), "monitor: it was a function")
    refuse(lambda: classifier.Trainer(monitor="score").fit(X, Y), "no samples are kept apart")
    bad = classifier.Trainer(monitor=lambda y, p: "good", validation_fraction=0.3)
    refuse(lambda: bad.fit(X, Y), "monitor: got 'good' of the samples kept apart, expected a number")


def test_what_is_watched_is_in_the_units_of_the_target():
    X = np.random.default_rng(0).normal(size=(40, 1))
    Y, seen = 500 + 30 * X[:, 0], []

    def watched(y, p):
        seen.append((y.mean(), p.mean()))
        return 0.0

    line.Trainer(standardize_target=True, validation_fraction=0.5, epochs=2, D=1, monitor=watched).fit(X, Y)
    assert np.all(np.array(seen) > 450)


def test_what_has_no_target_is_watched_by_its_own_loss():
    X = np.random.default_rng(0).normal(size=(20, 3))
    module = load(Network.load("autoencoder"))
    trainer = module.Trainer(epochs=3, validation_fraction=0.2, monitor="score", D=3).fit(X)
    loss = module.Trainer(epochs=3, validation_fraction=0.2, D=3).fit(X).history_["validation_loss"]
    assert trainer.history_["validation_score"] == [-q for q in loss]
    own = module.Trainer(validation_fraction=0.2, monitor=lambda y, p: 0.0, D=3)
    refuse(lambda: own.fit(X), "has no target that it could see")


def test_a_schedule_may_be_a_function_and_may_warm_up(tmp_path):
    X, Y = xor()
    trainer = hidden.Trainer(
        schedule=lambda rate, e, E: rate / (E - e), epochs=4, learning_rate=0.2, warm_up=2, D=2, J=2
    )
    trainer.fit(X, Y, callback=lambda t: t.save(tmp_path / "run.npz") or t.epoch_ == 2)
    assert trainer.history_["learning_rate"] == pytest.approx([0.2 / 4 / 2, 0.2 / 3])
    again = hidden.Trainer.load(tmp_path / "run.npz")
    refuse(lambda: again.resume(X, Y), "schedule: it was a function")
    again.schedule = trainer.schedule
    assert again.resume(X, Y).history_["learning_rate"][2:] == pytest.approx([0.1, 0.2])
    bad = hidden.Trainer(schedule=lambda *_: -1.0, D=2, J=2)
    refuse(lambda: bad.fit(X, Y), "schedule: of epoch 0: got -1.0")


def test_verbose_is_a_line_for_each_epoch(capsys):
    X, Y = clouds(30)
    trainer = classifier.Trainer(epochs=2, verbose=True, validation_fraction=0.2).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1 of 2", "epoch 2 of 2"]
    assert f"loss {trainer.history_['loss'][1]:.6g}, gradient norm" in lines[1]
    assert "validation loss" in lines[1]


def test_weights_go_by_the_names_of_their_parameters():
    trainer = classifier.Trainer(epochs=2).fit(*clouds())
    for name, values in trainer.objective.unpack(trainer.w_).items():
        np.testing.assert_array_equal(trainer.coefs_[name], values)
    again = copy.deepcopy(trainer)
    assert not np.shares_memory(again.coefs_["w_z"], trainer.w_)


def test_masked_and_sparse_arrays_are_refused_in_one_line():
    X, Y = clouds()
    masked = np.ma.masked_greater(X, 2)
    sparse = pytest.importorskip("scipy.sparse").csr_array(X)
    for call in (classifier.Trainer().fit, lambda X, Y: classifier.Objective().value(np.zeros(43), X, Y)):
        refuse(lambda: call(masked, Y), "X: got a masked array", "entries without a number")  # noqa: B023
        refuse(lambda: call(sparse, Y), "X: got a sparse csr_array", ".toarray()")  # noqa: B023


def test_a_number_that_is_none_is_traced_to_the_value_where_it_begins():
    spec = {
        "name": "logs",
        "loss": "squared",
        "inputs": {"x": 1},
        "nodes": {"a": {"inputs": ["x"], "width": 1}, "b": {"inputs": ["a"], "width": 1, "activation": "log(u)"}},
    }
    module = load(Network.from_dict(spec))
    trainer = module.Trainer(epochs=3)
    refuse(
        lambda: trainer.fit([[1.0], [-1.0]], [0.0, 0.0], initial=[1.0, 0.0, 1.0, 0.0]),
        "the first value that is not finite is b", error=module.Diverged,
    )  # fmt: skip


def test_a_regulariser_trains_the_same_however_it_is_written():
    """Each batch has its share of it, also where it is a formula without a number that has a name."""
    layer = {"p": {"inputs": ["x"], "width": 1}}
    spec = {"name": "s", "loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": layer}
    ways = ({"l2": 0.5}, {"formula": "w**2/2"}, {"total": "(Sum(w_p[d]**2, d) + b_p**2)/2"})
    X, y = np.random.default_rng(0).normal(size=(12, 2)), np.linspace(-1.0, 1.0, 12)
    trained = []
    for regularizer in ways:
        module = load(Network.from_dict({**spec, "regularizer": regularizer}))
        trainer = module.Trainer(optimizer="sgd", epochs=3, batch_size=4, seed=0, learning_rate=0.01)
        trained.append(trainer.fit(X, y).w_)
    for w in trained[1:]:
        np.testing.assert_allclose(w, trained[0], rtol=1e-12)


def test_a_number_with_a_name_is_no_regulariser():
    spec = {"name": "s", "loss": "max(tau*(y - p), (tau - 1)*(y - p))", "output": "p", "inputs": {"x": 2}}
    nodes = {"p": {"inputs": ["x"], "width": 1}}
    module = load(Network.from_dict({**spec, "nodes": nodes, "constants": {"tau": 0.9}}))
    assert not module.Objective().facts.regularised
