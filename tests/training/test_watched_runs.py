"""What is kept apart, and what is watched on it: the loss, the score, or a function of one's own."""

from __future__ import annotations

import numpy as np
import pytest
from trainers import classifier, clouds, line, refuse

from codegen import load
from symbolic.network.network import Network


def test_early_stopping_keeps_the_weights_that_were_best_on_the_samples_kept_apart():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 4)), rng.integers(3, size=30)  # nothing to learn: the validation loss must rise
    trainer = classifier.Trainer(epochs=500, learning_rate=0.05, validation_fraction=0.3, patience=5, H=30).fit(X, Y)
    left = trainer.history_["validation_loss"]
    assert trainer.epoch_ == len(left) < 500
    assert np.argmin(left) == len(left) - 1 - 5
    apart = np.random.default_rng((0, 0)).permutation(30)[:9]
    assert trainer.objective.value(trainer.w_, X[apart], np.eye(3)[Y[apart]]) == pytest.approx(min(left), rel=1e-12)


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
