"""``chainrule train``: data in, weights out; what is interrupted goes on; what cannot be used is refused."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from flowers import classifier, flowers, one_line, written
from rich.console import Console

from codegen import load
from codegen.cli import main
from codegen.training import progress
from codegen.training import run as training
from symbolic.network.network import Network

ROOT = Path(__file__).parents[2]


def test_a_table_of_classes_trains_from_the_command_line(run, table, tmp_path):
    pytest.importorskip("matplotlib")
    out, plot = tmp_path / "w.npz", tmp_path / "q.png"
    settings = ("--epochs", 60, "--learning-rate", 0.02)
    status, text, err = run("train", "mlp_classifier", table, *settings, "-o", out, "--plot", plot)
    assert (status, err) == (0, "")
    assert "classes: 0 = setosa, 1 = versicolor, 2 = virginica" in text
    assert float(text.split("%")[0].split()[-1]) > 90
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert sorted(os.listdir(tmp_path)) == ["flowers.csv", "q.png", "w.npz"]
    assert load(classifier).Trainer.load(out).epoch_ == 60


def test_every_setting_reaches_the_trainer(run, table, tmp_path):
    options = {
        "--optimizer": "momentum", "--schedule": "step", "--setting": "every=7", "--clip": 2.5, "--initializer": "he",
        "--frozen": "b_z", "--class-weight": "balanced", "--validation-fraction": 0.2, "--patience": 4, "--seed": 5,
        "--dtype": "float32", "--epochs": 3, "--batch-size": 9, "--learning-rate": 0.01,
    }  # fmt: skip
    flat = [part for option in options.items() for part in option]
    assert run("train", "mlp_classifier", table, *flat, "-o", tmp_path / "w.npz")[0] == 0
    trainer = load(classifier).Trainer.load(tmp_path / "w.npz")
    assert trainer._settings() == {
        "optimizer": "momentum", "schedule": "step", "settings": {"every": 7.0}, "clip": 2.5, "initializer": "he",
        "frozen": ("b_z",), "class_weight": "balanced", "validation_fraction": 0.2, "patience": 4, "seed": 5,
        "dtype": "float32", "standardize": False, "standardize_target": False,
        "warm_up": 0, "monitor": "loss", "verbose": False, "epochs": 3,
        "tol": None, "batch_size": 9, "learning_rate": 0.01,
    }  # fmt: skip


def weights(path):
    with np.load(path) as file:
        return file["w"]


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_and_ends_bit_for_bit_the_same(table, tmp_path):
    out, checkpoint = tmp_path / "w.npz", tmp_path / "w.checkpoint.npz"
    settings = ["--epochs", "1500", "--schedule", "cosine", "--validation-fraction", "0.2", "--patience", "2000"]
    command = [sys.executable, "-m", "codegen", "train", "mlp_classifier", str(table), "-o", str(out), *settings]
    victim = subprocess.Popen([*command, "--checkpoint-seconds", "0"], cwd=ROOT, stdout=subprocess.DEVNULL)
    for _ in range(2000):
        if checkpoint.exists() or victim.poll() is not None:
            break
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert not out.exists(), "it was too quick to be killed"
    assert 0 < load(classifier).Trainer.load(checkpoint).epoch_ < 1500
    (tmp_path / f".{checkpoint.name}.draft").write_text("half of a checkpoint, as a killed run may leave it")
    done = subprocess.run([*command, "--resume"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path)) == ["flowers.csv", "w.npz"]
    whole = tmp_path / "whole.npz"
    assert main([*command[3:6], "-o", str(whole), *settings]) == 0
    np.testing.assert_array_equal(weights(out), weights(whole))
    one, other = (load(classifier).Trainer.load(path).history_ for path in (out, whole))
    assert one == other


def test_ctrl_c_saves_and_says_how_to_go_on(run, table, tmp_path, monkeypatch):
    out, before = tmp_path / "w.npz", signal.getsignal(signal.SIGINT)

    def press(trainer):
        if trainer.epoch_ == 4:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(progress, "state", lambda trainer: "")
    options = {"sizes": {}, "output": out, "epochs": 9}
    with pytest.raises(training.Interrupted, match="epoch 4 of 9; the same command with --resume"):
        training.train(classifier, table, **options, watch=press)
    assert not out.exists()
    status, _, err = run("train", "mlp_classifier", table, "--epochs", 9, "-o", out)
    assert status == 2
    assert "w.checkpoint.npz holds a run that was broken off" in err, "the work is not overwritten"
    training.train(classifier, table, **options, resume=True)
    training.train(classifier, table, **{**options, "output": tmp_path / "whole.npz"})
    np.testing.assert_array_equal(weights(out), weights(tmp_path / "whole.npz"))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_resumed_run_may_be_longer_but_not_another_one(table, tmp_path):
    out = tmp_path / "w.npz"
    options = {"sizes": {}, "output": out}

    def press(_):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(training.Interrupted):
        training.train(classifier, table, **options, epochs=3, watch=press)
    with pytest.raises(ValueError, match="begun with optimizer = 'adam', not 'sgd'"):
        training.train(classifier, table, **options, resume=True, optimizer="sgd")
    with pytest.raises(ValueError, match="after epoch 1 already, so --epochs cannot be 0"):
        training.train(classifier, table, **options, resume=True, epochs=0)
    with pytest.raises(ValueError, match="sizes"):
        training.train(classifier, table, sizes={"H": 9}, output=out, resume=True)
    training.train(classifier, table, **options, resume=True, epochs=5)
    assert load(classifier).Trainer.load(out).epoch_ == 5


def test_a_diverging_run_is_one_line_and_leaves_the_last_good_weights(run, tmp_path):
    network = tmp_path / "line.toml"
    network.write_text('loss = "squared"\n[inputs]\nx = 1\n[nodes.p]\ninputs = ["x"]\nwidth = 1\n')
    (tmp_path / "data.csv").write_text("x,y\n" + "".join(f"{k},{k}\n" for k in range(9)))
    out = tmp_path / "w.npz"
    settings = ("--optimizer", "gradient_descent", "--learning-rate", 10, "--epochs", 999)
    status, _, err = run("train", network, tmp_path / "data.csv", *settings, "-o", out)
    assert status == 2
    assert one_line(err)
    assert "at step" in err
    assert "saved in" in err
    assert np.isfinite(weights(out)).all()


@pytest.fixture
def line(tmp_path):
    """A straight line to be learned: a spec and data."""
    spec, data = tmp_path / "line.toml", tmp_path / "data.csv"
    spec.write_text('loss = "squared"\n[inputs]\nx = 1\n[nodes.p]\ninputs = ["x"]\nwidth = 1\n')
    data.write_text("x,y\n" + "".join(f"{k},{k}\n" for k in range(9)))
    return spec, data


DIVERGING = ("--optimizer", "gradient_descent", "--epochs", 999, "--checkpoint-seconds", 0)


@pytest.mark.slow
def test_a_diverged_run_leaves_no_checkpoint_and_a_lower_rate_begins_at_once(run, line, tmp_path):
    out = tmp_path / "w.npz"
    assert run("train", *line, *DIVERGING, "--learning-rate", 10, "-o", out)[0] == 2
    assert not (tmp_path / "w.checkpoint.npz").exists()
    status, _, err = run("train", *line, *DIVERGING, "--learning-rate", 1e-4, "-o", out)
    assert (status, err) == (0, "")


@pytest.mark.parametrize("bad", [np.nan, 1e200])
def test_a_checkpoint_whose_q_is_not_finite_is_refused_and_good_weights_stay(run, line, tmp_path, bad):
    out, checkpoint = tmp_path / "w.npz", tmp_path / "w.checkpoint.npz"
    assert run("train", *line, "--epochs", 2, "-o", out)[0] == 0
    good = out.read_bytes()
    trainer = load(Network.load(line[0])).Trainer.load(out)
    trainer.w_[...] = trainer._w[...] = bad
    trainer.save(checkpoint)
    status, _, err = run("train", *line, "-o", out, "--resume")
    assert status == 2
    assert one_line(err)
    assert "finite" in err
    assert out.read_bytes() == good


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_checkpoint_stays_as_it_was_once_q_is_not_finite(line, tmp_path, bad):
    checkpoint = tmp_path / "w.checkpoint.npz"
    trainer = load(Network.load(line[0])).Trainer(epochs=1).fit(np.ones((3, 1)), np.ones(3))
    training._Keeper(checkpoint, 0.0, None, lambda w: 1.0).save(trainer)
    before = checkpoint.read_bytes()
    trainer.w_[...] = 3.0
    training._Keeper(checkpoint, 0.0, None, lambda w: bad).save(trainer)
    assert checkpoint.read_bytes() == before
    training._Keeper(checkpoint, 0.0, None, lambda w: 1.0).save(trainer)
    assert checkpoint.read_bytes() != before


@pytest.mark.parametrize("umask", [0o022, 0o027])
def test_weights_are_written_with_the_permissions_of_any_file(run, line, tmp_path, umask):
    new, old = tmp_path / "new.npz", tmp_path / "old.npz"
    old.touch()
    old.chmod(0o640)
    before = os.umask(umask)
    try:
        for out in (new, old):
            assert run("train", *line, "--epochs", 1, "-o", out)[0] == 0
    finally:
        os.umask(before)
    assert new.stat().st_mode & 0o777 == 0o666 & ~umask
    assert old.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("mistake", ["the data", "a link to the data", "the spec", "one picture", "a device"])
def test_nothing_that_is_read_is_written_over(run, line, tmp_path, mistake):
    pytest.importorskip("matplotlib")
    spec, data = line
    (tmp_path / "link.npz").symlink_to(data)
    (tmp_path / "d").mkdir()
    places = {
        "the data": ("-o", tmp_path / "d" / ".." / "data.csv"),
        "a link to the data": ("-o", tmp_path / "link.npz"),
        "the spec": ("-o", spec),
        "one picture": ("-o", tmp_path / "z.png", "--plot", tmp_path / "d" / ".." / "z.png"),
        "a device": ("-o", os.devnull),
    }
    before = spec.read_bytes(), data.read_bytes(), sorted(os.listdir(tmp_path))
    status, out, err = run("train", spec, data, "--epochs", 1, *places[mistake])
    assert (status, out) == (2, "")
    assert one_line(err)
    assert "file" in err
    assert (spec.read_bytes(), data.read_bytes(), sorted(os.listdir(tmp_path))) == before


BAD = {
    "an unknown optimizer": ("--optimizer", "adan"),
    "batch size 0": ("--batch-size", "0"),
    "an unknown setting": ("--setting", "gamma=1"),
    "a setting without a number": ("--setting", "beta_1"),
    "a share of all": ("--validation-fraction", "1"),
    "too few classes": ("--size", "K=2"),
    "a parameter that is none": ("--frozen", "b_y"),
    "weights of no kind": ("--class-weight", "heavy"),
    "nothing to resume": ("--resume",),
    "a picture of no kind": ("--plot", "curve.xyz"),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_is_one_line_and_nothing_is_written(run, table, tmp_path, mistake):
    status, out, err = run("train", "mlp_classifier", table, "-o", tmp_path / "new" / "w.npz", *BAD[mistake])
    assert (status, out) == (2, "")
    assert one_line(err), err
    assert os.listdir(tmp_path) == ["flowers.csv"]


@pytest.mark.parametrize("kind", ["cut short", "of another spec"])
def test_a_checkpoint_that_cannot_be_used_is_left_alone(run, table, tmp_path, kind):
    checkpoint = tmp_path / "w.checkpoint.npz"
    module = load(classifier if kind == "cut short" else Network.load("one_neuron"))
    trainer = module.Trainer(epochs=0)
    trainer.fit(*module.random_sample(trainer.objective, 5, np.random.default_rng(0)))
    trainer.save(checkpoint)
    if kind == "cut short":
        checkpoint.write_bytes(checkpoint.read_bytes()[:300])
    before = checkpoint.read_bytes()
    status, _, err = run("train", "mlp_classifier", table, "-o", tmp_path / "w.npz", "--resume")
    assert status == 2
    assert one_line(err)
    assert checkpoint.read_bytes() == before


def test_the_bar_shows_epoch_loss_and_rate_on_a_terminal_only(table):
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=100)
    with progress.bar(console) as watch:
        training.train(classifier, table, sizes={}, epochs=3, watch=watch)
    assert "3/3" in terminal.getvalue()
    assert "rate 0.005" in terminal.getvalue()
    silent = io.StringIO()
    with progress.bar(Console(file=silent)) as watch:
        training.train(classifier, table, sizes={}, epochs=1, watch=watch)
    assert silent.getvalue().strip() == ""


def test_standardised_weights_do_not_depend_on_the_units_of_the_inputs(tmp_path):
    X, labels = flowers()
    ends = []
    for units in (1.0, np.array([1000.0, 1e-3, 7.0, 1.0])):
        trainer = (
            load(classifier).Trainer(standardize=True, epochs=5, validation_fraction=0.2).fit(X * units + 3, labels)
        )
        trainer.save(tmp_path / "w.npz")
        again = load(classifier).Trainer.load(tmp_path / "w.npz")
        np.testing.assert_array_equal(again.predict(X * units + 3), trainer.predict(X * units + 3))
        assert again.score(X * units + 3, labels) == trainer.score(X * units + 3, labels)
        ends.append(trainer.w_)
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6, atol=1e-9)


def test_weights_are_never_thrown_away_and_never_written_over_unasked(run, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mlp_classifier.weights.npz", "mlp_classifier.weights-2.npz"):
        status, text, _ = run("train", "mlp_classifier", table, "--epochs", 1)
        assert status == 0
        assert text.splitlines()[-1] == name
        assert (tmp_path / name).exists()


def test_inputs_of_unequal_size_and_a_run_that_is_not_done_are_told(run, tmp_path):
    X, labels = flowers()
    path = written(
        tmp_path / "d.csv",
        "a,b,c,d,y",
        *(f"{a},{1000 * b},{c},{d},{k}" for (a, b, c, d), k in zip(X, labels, strict=True)),
    )
    _, text, _ = run("train", "mlp_classifier", path, "--epochs", 2, "--tol", 1e-9, "-o", tmp_path / "w.npz")
    assert "--standardize" in text
    assert "--epochs 4 goes further" in text
    _, text, _ = run("train", "mlp_classifier", path, "--epochs", 2, "--standardize", "-o", tmp_path / "w.npz")
    assert "--standardize" not in text


def test_a_q_that_rose_is_told_and_where_unequal_inputs_were_the_reason_that_is_too(run, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2)) * [1, 1000]
    rows = (f"{a},{b},{int(a > 0)}" for a, b in X)
    path = written(tmp_path / "d.csv", "a,b,y", *rows)
    command = ("train", "logistic_regression", path, "--optimizer", "sgd", "--validation-fraction", "0.3")
    status, out, _ = run(*command, "--learning-rate", "0.0001", "-o", tmp_path / "w.npz", "--epochs", "1")
    assert status == 0
    assert "Q is higher than before: the steps were too long" in out
    status, _, err = run(*command, "--learning-rate", "1000", "-o", tmp_path / "v.npz")
    assert status == 2
    assert one_line(err)
    assert "Try a lower learning_rate" in err
    assert "--standardize brings them to one size" in err


def test_a_picture_that_cannot_be_drawn_does_not_cost_the_weights(table, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "q.png").mkdir()
    run = training.train(classifier, table, sizes={}, output=tmp_path / "w.npz", plot=tmp_path / "q.png", epochs=1)
    assert (tmp_path / "w.npz").exists()
    assert "no picture was drawn" in str(run)


def test_a_target_of_hundreds_is_told_and_standardised_on_request(run, tmp_path):
    table = written(tmp_path / "d.csv", "a,y", *(f"{k / 10},{100 + 30 * k}" for k in range(10)))
    spec = """loss = "squared"
output = "p"
inputs = { x = "D" }
sizes = { D = 1, J = 4 }
[nodes]
z = { inputs = ["x"], width = "J", activation = "tanh" }
p = { inputs = ["z"], width = 1 }
"""
    line = ("train", written(tmp_path / "linear.toml", spec), table, "--epochs", "2")
    hint = "--standardize-target brings it to mean 0"
    assert hint in run(*line, "-o", tmp_path / "one.npz")[1]
    status, out, err = run(*line, "--standardize-target", "-o", tmp_path / "two.npz")
    assert (status, err, hint in out) == (0, "", False)
    predicted = [float(row) for row in run("predict", tmp_path / "two.npz", table)[1].splitlines()[1:]]
    assert 100 < np.mean(predicted) < 400
