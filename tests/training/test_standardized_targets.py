"""Targets that are far from 0, and curves of a training: what an engineer meets in regression."""

from __future__ import annotations

import numpy as np
import pytest

from codegen.targets.load import load
from symbolic.network.network import Network

LAYERS = {"h": {"inputs": ["x"], "width": 4, "activation": "tanh"}, "p": {"inputs": ["h"], "width": 1}}


def regression(loss: str = "squared", **more: object) -> Network:
    return Network.from_dict({"name": "r", "loss": loss, "inputs": {"x": "D"}, "nodes": LAYERS, **more})


def sample(scale: float = 1.0, middle: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(1).normal(size=(60, 3))
    return X, middle + scale * (X[:, 0] - 2 * X[:, 1])


@pytest.mark.parametrize("loss", ["squared", "half_squared", "absolute", "huber", "(y - p)**4"])
def test_a_standardised_target_makes_the_units_of_the_target_no_matter(loss):
    trainer = load(regression(loss)).Trainer
    settings = {"epochs": 5, "standardize_target": True, "D": 3}
    X, y = sample()
    other = sample(2.0**10, 0.0)[1]
    plain, moved = (trainer(**settings).fit(X, target).predict(X) for target in (y, other))
    assert np.array_equal(plain * 2.0**10, moved)
    far = trainer(**settings).fit(X, y + 3000).predict(X)
    np.testing.assert_allclose(far, plain + 3000, rtol=1e-9)


@pytest.mark.parametrize("optimizer", ["nesterov", "adam", "l-bfgs"])
def test_a_target_of_hundreds_is_learnt_with_the_defaults(optimizer):
    X, y = sample(77.0, 152.0)
    trainer = load(regression()).Trainer(optimizer=optimizer, standardize_target=True, epochs=200, D=3).fit(X, y)
    assert trainer.score(X, y) > 0.95


def test_scales_of_the_target_are_kept_with_the_weights_and_a_run_goes_on_to_the_bit(tmp_path):
    X, y = sample(77.0, 152.0)
    settings = {"standardize": True, "standardize_target": True, "validation_fraction": 0.2, "D": 3}
    trainer = load(regression()).Trainer
    whole = trainer(epochs=4, **settings).fit(X, y)
    half = trainer(epochs=2, **settings).fit(X, y)
    half.save(tmp_path / "half.npz")
    again = trainer.load(tmp_path / "half.npz")
    again.epochs = 4
    again.resume(X, y)
    assert np.array_equal(again.w_, whole.w_)
    assert np.array_equal(again.predict(X), whole.predict(X))


def test_the_samples_of_somebody_else_are_judged_in_the_same_units():
    X, y = sample(77.0, 152.0)
    trainer = load(regression()).Trainer(epochs=3, standardize_target=True, D=3)
    trainer.fit(X[:40], y[:40], validation_data=(X[40:], y[40:]))
    assert trainer.history_["validation_loss"][0] < 100


@pytest.mark.parametrize(
    "network",
    [
        regression("poisson"),
        Network.load("mlp_classifier"),
        Network.load("logistic_regression"),
        Network.load("autoencoder"),
        regression(target={"y": {"width": 1, "values": "positive"}}, loss="L[i] = (y[i] - p[i])**2"),
    ],
)
def test_a_target_that_cannot_be_moved_is_refused_in_one_line(network):
    with pytest.raises(ValueError, match=r"standardize_target: got True, but .* has no such target"):
        load(network).Trainer(standardize_target=True, **dict.fromkeys(network.size_names, 3))


def test_a_picture_of_the_training_shows_itself_in_a_notebook(tmp_path):
    X, y = sample()
    trainer = load(regression()).Trainer(epochs=3, D=3).fit(X, y, validation_data=(X, y))
    picture = trainer.plot()
    assert picture._repr_png_().startswith(b"\x89PNG")
    labels = {line.get_label() for axes in picture.figure.axes for line in axes.lines}
    assert labels == {"training, added up over the batches", "kept apart", "mean over the steps of an epoch"}
    picture.save(tmp_path / "q.svg")
    assert (tmp_path / "q.svg").stat().st_size > 1000


def test_a_picture_before_the_first_epoch_is_refused_in_one_line():
    with pytest.raises(ValueError, match="call fit first"):
        load(regression()).Trainer(D=3).plot()
