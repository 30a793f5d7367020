"""What is saved comes back: weights, settings, and a run that ends bit for bit where it would have."""

from __future__ import annotations

import copy
import json
import pickle
import sys

import numpy as np
import pytest
from trainers import classifier, clouds, hidden, one_neuron, refuse, xor

from codegen import load
from symbolic.network.network import Network


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


def test_a_run_that_has_converged_stays_so(tmp_path):
    X, Y = clouds()
    done = classifier.Trainer(epochs=5000, tol=0.02, learning_rate=0.02).fit(X, Y)
    done.save(tmp_path / "run.npz")
    again = classifier.Trainer.load(tmp_path / "run.npz")
    assert again.converged_
    assert again.resume(X, Y).epoch_ == done.epoch_


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


def test_a_trainer_that_was_not_fitted_says_so(tmp_path):
    refuse(lambda: hidden.Trainer().predict(np.zeros((1, 3))), "fit")
    refuse(lambda: hidden.Trainer().save(tmp_path / "run.npz"), "fit")
    refuse(lambda: hidden.Trainer().resume(np.zeros((1, 3)), [0.0]), "fit")
    assert not list(tmp_path.iterdir())
