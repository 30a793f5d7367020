"""``chainrule predict``: a file of weights and new data, and no more."""

from __future__ import annotations

import numpy as np
import pytest
from flowers import CLASSES, classifier, flowers, one_line, written

from codegen import load


@pytest.fixture
def fitted(run, table, tmp_path):
    """A trained classifier of flowers, with a share kept apart, standardised."""
    out = tmp_path / "w.npz"
    options = ("--standardize", "--validation-fraction", 0.2, "--epochs", 40, "--learning-rate", 0.02)
    status, text, err = run("train", "mlp_classifier", table, *options, "-o", out)
    assert (status, err) == (0, "")
    return out, text


def test_predictions_need_nothing_but_the_file_of_weights(run, fitted, table, tmp_path):
    out, text = fitted
    assert "of the samples kept apart are classified correctly" in text
    X, labels = flowers()
    trainer = load(classifier).Trainer.load(out)
    shuffled = written(tmp_path / "new.csv", "d,c,b,a", *(",".join(map(str, row[::-1])) for row in X))
    for data in (table, shuffled):
        status, shown, err = run("predict", out, data)
        assert (status, err) == (0, "")
        rows = [line.split(",") for line in shown.splitlines()]
        assert rows[0] == ["class", "p_setosa", "p_versicolor", "p_virginica"]
        np.testing.assert_array_equal(np.array([row[1:] for row in rows[1:]], float), trainer.predict(X))
        assert np.mean([row[0] == CLASSES[k] for row, k in zip(rows[1:], labels, strict=True)]) > 0.9
    assert run("predict", out, table, "-o", tmp_path / "p.csv")[0] == 0
    assert (tmp_path / "p.csv").read_text() == shown
    assert run("predict", out, table, "--spec", "mlp_classifier", "-o", tmp_path / "p.npz")[0] == 0
    with np.load(tmp_path / "p.npz") as file:
        np.testing.assert_array_equal(file["p"], trainer.predict(X))
        assert file["classes"].tolist() == [row[0] for row in rows[1:]]


@pytest.mark.parametrize(
    "mistake", ["a column is missing", "over the data", "another spec", "no weights", "too few columns"]
)
def test_a_mistake_in_predict_is_one_line(run, fitted, table, tmp_path, mistake):
    out, _ = fitted
    narrow = written(tmp_path / "n.csv", "a,b,c", "1,2,3")
    call, part = {
        "a column is missing": ((out, narrow), "no column 'd'"),
        "over the data": ((out, table, "-o", table), "the data are in this file"),
        "another spec": ((out, table, "--spec", "one_neuron"), "holds weights of mlp_classifier"),
        "no weights": ((table, table), "no file that Trainer.save wrote"),
        "too few columns": ((out, table, "-o", tmp_path / "p.txt"), ".csv or .npz"),
    }[mistake]
    before = table.read_bytes()
    status, shown, err = run("predict", *call)
    assert (status, shown) == (2, "")
    assert one_line(err)
    assert part in err
    assert table.read_bytes() == before


@pytest.mark.parametrize("seed", range(5))
def test_a_hundred_corrupted_files_of_weights_are_refused_or_right(fitted, seed):
    out, _ = fitted
    rng, whole = np.random.default_rng(seed), out.read_bytes()
    X, _ = flowers()
    right = load(classifier).Trainer.load(out).predict(X)
    refused: list[str] = []
    for _ in range(20):
        damaged = bytearray(whole)
        match rng.integers(3):
            case 0:
                damaged = damaged[: rng.integers(len(whole))]
            case 1:
                damaged[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
            case _:
                at, length = int(rng.integers(len(whole))), int(rng.integers(1, 200))
                damaged[at : at + length] = rng.bytes(length)
        out.write_bytes(damaged)
        try:
            again = load(classifier).Trainer.load(out)
        except ValueError as error:
            refused.append(str(error))
        else:
            np.testing.assert_array_equal(again.predict(X), right)
    assert not any("\n" in told for told in refused)


def test_what_is_the_same_for_all_samples_lies_beside_them_and_then_in_the_weights(run, tmp_path):
    spec = """name = "known"
loss = "squared"
inputs = { x = "D" }
constants = { c = { width = ["D"] } }
nodes = { p = { formula = "p[i] = Sum(w[d]*c[d]*x[i,d], d)" } }
"""
    (tmp_path / "known.toml").write_text(spec)
    table = written(tmp_path / "d.csv", "a,b,y", "1,2,3", "2,3,4")
    np.savez(tmp_path / "d.npz", X=np.ones((5, 2)), Y=np.arange(5.0), c=np.array([1.0, 2.0]))
    train = ("train", tmp_path / "known.toml")
    more = ("--epochs", "1", "-o", tmp_path / "w.npz")
    status, _, err = run(*train, table, *more)
    assert (status, "give an .npz file with X, Y, c" in err) == (2, True)
    assert run(*train, tmp_path / "d.npz", *more)[0] == 0
    status, out, err = run("predict", tmp_path / "w.npz", table)
    assert (status, err, len(out.splitlines())) == (0, "", 3)
    np.savez(tmp_path / "e.npz", X=np.ones((5, 2)), Y=np.arange(5.0))
    status, _, err = run(*train, tmp_path / "e.npz", "--epochs", "1", "-o", tmp_path / "v.npz")
    assert (status, "it should hold X, Y, c" in err) == (2, True)


def test_every_label_of_a_sample_is_predicted_under_its_own_name(run, tmp_path):
    spec = """name = "labels"
loss = "log_loss"
inputs = { x = "D" }
nodes = { p = { inputs = ["x"], width = "K", activation = "sigmoid" } }
"""
    (tmp_path / "labels.toml").write_text(spec)
    table = written(tmp_path / "d.csv", "a,b,wet,cold", "1,2,1,0", "2,3,0,1", "3,1,1,1")
    targets = ("--target", "wet", "--target", "cold")
    assert run("train", tmp_path / "labels.toml", table, *targets, "--epochs", "1", "-o", tmp_path / "w.npz")[0] == 0
    out = run("predict", tmp_path / "w.npz", table)[1].splitlines()
    assert out[0] == "wet,cold,p_wet,p_cold"
    for row in out[1:]:
        wet, cold, p_wet, p_cold = row.split(",")
        assert (wet == "1", cold == "1") == (float(p_wet) > 0.5, float(p_cold) > 0.5)
