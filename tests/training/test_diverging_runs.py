"""A run that diverges stops, says so, and keeps the last good weights; a number that is none is traced."""

from __future__ import annotations

import numpy as np
import pytest
from trainers import classifier, clouds, hidden, line, refuse

from codegen import load
from codegen.updates.optimizers import OPTIMIZERS
from symbolic.network.network import Network

PLAIN = {"name": "plain", "loss": "squared", "inputs": {"x": "D"}}
END = {"inputs": ["z"], "width": 1}
WIDE = {**PLAIN, "nodes": {"z": {"inputs": ["x"], "width": 8, "activation": "tanh"}, "p": END}}


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
