"""The emitted Trainer: how it learns, and which settings it refuses."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from trainers import binary, classifier, clouds, hidden, line, refuse, xor

from codegen import load
from symbolic.network.network import Network


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


@pytest.mark.parametrize("frozen", [("w_z",), ("b_z", "w_p")])
@pytest.mark.parametrize("optimizer", ["adamw", "momentum"])
def test_frozen_parameters_stay_and_the_others_move(frozen, optimizer):
    X, Y = clouds()
    trainer = classifier.Trainer(optimizer=optimizer, epochs=3, frozen=frozen).fit(X, Y)
    before = trainer.objective.unpack(trainer.objective.initial(0))
    for name, after in trainer.objective.unpack(trainer.w_).items():
        assert (after == before[name]).all() == (name in frozen)


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


def test_a_seed_makes_a_run_repeat_bit_for_bit():
    X, Y = clouds()
    runs = [classifier.Trainer(epochs=5, batch_size=7, seed=seed).fit(X, Y).w_ for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()


def test_a_training_in_pieces_may_go_on_behind_the_end_of_its_schedule():
    X, Y = clouds(20)
    for epochs in (0, 3):
        for schedule in classifier.SCHEDULES:
            trainer = classifier.Trainer(epochs=epochs, schedule=schedule, learning_rate=0.1)
            for _ in range(6):
                trainer.partial_fit(X, Y)
            assert (np.diff(trainer.history_["learning_rate"]) <= 0).all()
            assert schedule != "cosine" or trainer.history_["learning_rate"][-1] == 0


def test_the_limit_of_epochs_warns_where_convergence_was_asked_for():
    X, Y = clouds()
    with pytest.warns(UserWarning, match="Q was still falling after 200 epochs"):
        trainer = classifier.Trainer(optimizer="sgd").fit(X, Y)
    assert (trainer.converged_, trainer.epoch_) == (False, 200)
    assert classifier.Trainer(epochs=3).fit(X, Y).converged_ is None, "so many epochs were asked for"
    done = classifier.Trainer(epochs=5000, tol=0.02, learning_rate=0.02).fit(X, Y)
    assert done.converged_
    assert done.epoch_ < 5000


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


def test_an_empty_sample_is_refused():
    refuse(lambda: hidden.Trainer().fit(np.zeros((0, 3)), np.zeros(0)), "no samples")
    refuse(lambda: line.Trainer(validation_fraction=0.9, D=1).fit([[1.0]], [1.0]), "validation_fraction", "1 samples")


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
