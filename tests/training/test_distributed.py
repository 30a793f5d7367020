"""Q and its gradient on a cluster of processes: the same numbers as on one machine, whatever happens to a worker."""

from __future__ import annotations

import os
import signal
import warnings
from typing import Any

import numpy as np
import pytest

from codegen import load
from codegen.training.distributed import FAN_IN, distribute
from symbolic.errors import MissingExtra
from symbolic.network.network import Network

distributed = pytest.importorskip("distributed")
da = pytest.importorskip("dask.array")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        )
        client = distributed.Client(cluster)
        yield client
        client.close()
        cluster.close()


REGULARISED = {
    "name": "regularised",
    "loss": "squared",
    "output": "p",
    "regularizer": {"l2": 0.3, "l1": 0.1},
    "inputs": {"x": "D"},
    "nodes": {"z": {"inputs": ["x"], "width": "H", "activation": "tanh"}, "p": {"inputs": ["z"], "width": 1}},
    "sizes": {"D": 5, "H": 7},
}
NETWORKS = {
    "sum": Network.from_dict({**REGULARISED, "regularizer": {"l2": 0.0}}),
    "sum with a regulariser": Network.from_dict(REGULARISED),
    "mean with a regulariser": Network.from_dict({**REGULARISED, "reduction": "mean"}),
    "softmax": Network.load("mlp_classifier"),
    "several inputs": Network.load("scalar_graph"),
}


def sample(module, N=1000):
    objective = module.Objective()
    X, Y = module.random_sample(objective, N, np.random.default_rng(0))
    return objective, X, Y


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_cluster_computes_what_one_machine_does(client, kind):
    objective, X, Y = sample(load(NETWORKS[kind]))
    w = objective.initial(seed=1)
    q, g = objective.value_and_gradient(w, X, Y)
    for rows, parts in ((1000, 1), (137, 8), ((0, 400, 600), 2)):
        pieces = rows if isinstance(rows, tuple) else (rows,)
        chunks = pieces if isinstance(rows, tuple) else rows
        far = {k: da.from_array(x, chunks=(chunks, *x.shape[1:])) for k, x in X.items()}
        Q = distribute(objective, client, far, da.from_array(Y, chunks=(333, *Y.shape[1:])))
        assert Q.samples == 1000
        assert len(Q.inputs) == parts, pieces
        value, gradient = Q.value_and_gradient(w)
        assert value == pytest.approx(q, rel=1e-12)
        np.testing.assert_allclose(gradient, g, rtol=1e-12, atol=1e-12 * abs(g).max())
        out = np.empty_like(g)
        assert Q.value_and_gradient(w, out)[1] is out
        np.testing.assert_array_equal(out, gradient)
        assert Q.value(w) == value


@pytest.mark.slow
def test_many_chunks_are_added_in_a_tree(client):
    objective, X, Y = sample(load(NETWORKS["sum with a regulariser"]), 500)
    w = objective.initial()
    Q = distribute(objective, client, da.from_array(X["x"], chunks=(7, 5)), da.from_array(Y, chunks=7))
    assert len(Q.inputs) > FAN_IN**2
    q, g = objective.value_and_gradient(w, X, Y)
    value, gradient = Q.value_and_gradient(w)
    assert value == pytest.approx(q, rel=1e-12)
    np.testing.assert_allclose(gradient, g, rtol=1e-12, atol=1e-12 * abs(g).max())


@pytest.mark.slow
def test_a_trainer_on_a_cluster_walks_the_same_path(client):
    module = load(Network.load("mlp_classifier"))
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=300)
    X = rng.normal(size=(300, 4)) + 2 * np.eye(3, 4)[labels]
    for optimizer in ("gradient_descent", "adam", "l-bfgs"):
        settings: dict[str, Any] = {"optimizer": optimizer, "epochs": 8}
        if optimizer != "l-bfgs":
            settings["learning_rate"] = 0.003
        far = module.Trainer(**settings)
        far.fit(da.from_array(X, chunks=(80, 4)), da.from_array(labels, chunks=80), client=client)
        near = module.Trainer(**settings, batch_size=None if optimizer == "l-bfgs" else 300).fit(X, labels)
        np.testing.assert_allclose(far.w_, near.w_, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(far.history_["loss"], near.history_["loss"], rtol=1e-9)
    again = module.Trainer(optimizer="adam", epochs=3).fit(X, labels, client=client)
    np.testing.assert_array_equal(again.w_, module.Trainer(optimizer="adam", epochs=3).fit(X, labels, client=client).w_)


WEIGHED: dict[str, dict[str, Any]] = {
    "weights of samples": {},
    "weights of classes": {"class_weight": {0: 1.0, 1: 2.5, 2: 0.5}},
    "balanced classes": {"class_weight": "balanced"},
}


@pytest.mark.parametrize("kind", WEIGHED)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_weights_count_on_a_cluster_as_they_do_on_one_machine(client, kind, reduction):
    network = {**Network.load("mlp_classifier").to_dict(), "reduction": reduction, "regularizer": {"l2": 0.01}}
    module = load(Network.from_dict(network))
    rng = np.random.default_rng(0)
    labels = rng.choice(3, size=300, p=[0.6, 0.3, 0.1])
    X = rng.normal(size=(300, 4)) + 2 * np.eye(3, 4)[labels]
    weights = rng.integers(0, 4, size=300) / 2.0 if kind != "balanced classes" else None
    if weights is not None:
        weights[80:160] = 0  # a part in which no sample counts
    settings: dict[str, Any] = {"optimizer": "adam", "epochs": 6, **WEIGHED[kind]}
    near = module.Trainer(**settings, batch_size=300).fit(X, labels, sample_weight=weights)
    far = module.Trainer(**settings).fit(
        da.from_array(X, chunks=(80, 4)), da.from_array(labels, chunks=80), sample_weight=weights, client=client
    )
    np.testing.assert_allclose(far.history_["loss"], near.history_["loss"], rtol=1e-11)
    np.testing.assert_allclose(far.w_, near.w_, rtol=1e-8, atol=1e-10)


@pytest.mark.slow
def test_data_from_files_stay_in_their_chunks(client, tmp_path):
    objective, X, Y = sample(load(NETWORKS["sum"]))
    da.to_npy_stack(tmp_path / "X", da.from_array(X["x"], chunks=(250, 5)), axis=0)
    da.to_npy_stack(tmp_path / "Y", da.from_array(Y, chunks=250), axis=0)
    Q = distribute(objective, client, da.from_npy_stack(tmp_path / "X"), da.from_npy_stack(tmp_path / "Y"))
    w = objective.initial()
    assert len(Q.inputs) == 4
    assert Q.value(w) == pytest.approx(objective.value(w, X, Y), rel=1e-12)


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_loses_nothing(client):
    module = load(NETWORKS["sum with a regulariser"])
    _, X, Y = sample(module)
    far, target = da.from_array(X["x"], chunks=(100, 5)), da.from_array(Y, chunks=100)
    settings = {"optimizer": "adam", "epochs": 12}
    expected = module.Trainer(**settings).fit(far, target, client=client)
    killed = []

    def kill(trainer):
        if trainer.epoch_ == 4:
            pids = client.run(os.getpid)
            killed.append(pid := next(iter(pids.values())))
            os.kill(pid, signal.SIGKILL)

    trainer = module.Trainer(**settings).fit(far, target, client=client, callback=kill)
    assert killed
    np.testing.assert_array_equal(trainer.w_, expected.w_)
    assert trainer.history_ == expected.history_


def test_what_does_not_fit_is_refused_before_anything_is_sent(client):
    module = load(NETWORKS["sum"])
    X, Y = np.zeros((9, 5)), np.zeros(9)
    objective = module.Objective()
    with pytest.raises(ValueError, match="X: got shape"):
        distribute(objective, client, X[:, :3], Y)
    with pytest.raises(ValueError, match="Y: got 8 samples, expected 9"):
        distribute(objective, client, X, Y[:8])
    with pytest.raises(ValueError, match="X: got inputs u"):
        distribute(objective, client, {"u": X}, Y)
    with pytest.raises(ValueError, match="no samples"):
        distribute(objective, client, X[:0], Y[:0])
    with pytest.raises(ValueError, match="sample_weight: got 8 samples, expected 9"):
        distribute(objective, client, X, Y, np.ones(8))
    with pytest.raises(ValueError, match="sample_weight: got weights that are all 0"):
        distribute(objective, client, X, Y, np.zeros(9))
    with pytest.raises(ValueError, match="sample_weight: got -1"):
        distribute(objective, client, X, Y, np.full(9, -1.0))
    with pytest.raises(ValueError, match="class_weight: this network has no classes"):
        distribute(objective, client, X, Y, class_weight="balanced")
    labels, classes = np.arange(9) % 3, load(NETWORKS["softmax"]).Objective()
    with pytest.raises(ValueError, match="class_weight: got none for class 2"):
        distribute(classes, client, X[:, :4], labels, class_weight={0: 1.0, 1: 1.0})
    with pytest.raises(ValueError, match=r"in the chunk that begins at sample 6, .* got the label 7 at \[1\]"):
        distribute(classes, client, da.from_array(X[:, :4], 3), np.r_[labels[:7], 7, 0], class_weight="balanced")
    with pytest.raises(ValueError, match="client: got str"):
        distribute(objective, "tcp://127.0.0.1:8786", X, Y)
    with pytest.raises(ValueError, match="client: every step takes the whole sample"):
        module.Trainer(batch_size=3).fit(X, Y, client=client)


def raised(client, objective, X, Y, w, **settings):
    """What is said, by distribution or by the first gradient; no worker has logged an error for it."""
    with pytest.raises(ValueError, match=r"\S") as caught:
        distribute(objective, client, X, Y, **settings).value(w)
    logged = [
        line for lines in client.get_worker_logs().values() for level, line in lines if level in ("WARNING", "ERROR")
    ]
    assert not [line for line in logged if "Compute Failed" in line]
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.slow
def test_what_is_wrong_in_a_chunk_is_told_once_and_not_tried_again(client):
    objective, X, Y = sample(load(NETWORKS["sum"]), 40)
    w, x = objective.initial(), X["x"].copy()
    x[25, 2] = np.nan
    message = raised(client, objective, da.from_array(x, chunks=(10, 5)), Y, w)
    assert message.startswith("in the chunk that begins at sample 20, ")
    assert "nan" in message or "finite" in message
    classes = load(NETWORKS["softmax"]).Objective()
    labels = np.arange(40) % 3
    labels[33] = 9
    chunks = da.from_array(np.ones((40, 4)), chunks=(10, 4))
    for settings in ({}, {"class_weight": "balanced"}, {"sample_weight": np.ones(40)}):
        message = raised(client, classes, chunks, labels, classes.initial(), **settings)
        assert message.startswith("in the chunk that begins at sample 30, Y: got the label 9 at [3]")


def test_what_is_no_array_is_one_line(client):
    objective, X, Y = sample(load(NETWORKS["sum"]), 40)
    w = objective.initial()
    assert raised(client, objective, None, Y, w).startswith("x: got NoneType, expected an array of real numbers")
    assert raised(client, objective, X, None, w).startswith("Y: got NoneType, expected an array of real numbers")
    assert raised(client, objective, X, Y.astype(str), w).startswith("Y: got an array of <U")
    pytest.importorskip("pandas")
    frame = pytest.importorskip("dask.dataframe").from_dask_array(da.from_array(X["x"], chunks=(10, 5)))
    assert "x: got a Dask DataFrame, expected an array: .to_dask_array(lengths=True)" in raised(
        client, objective, frame, Y, w
    )


def test_without_dask_one_line_says_what_to_install(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("codegen.training.distributed.import_module", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'chainrule\[distributed\]'"):
        distribute(load(NETWORKS["sum"]).Objective(), None, None, None)


@pytest.mark.slow
def test_a_run_goes_on_with_its_own_data_alone_however_they_are_cut(client):
    module = load(Network.load("mlp_classifier"))
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(60, 4)), rng.integers(3, size=60)
    settings = {"optimizer": "gradient_descent", "learning_rate": 0.01}
    whole = module.Trainer(epochs=4, **settings).fit(X, labels, client=client)
    trainer = module.Trainer(epochs=2, **settings).fit(X, labels, client=client)
    trainer.epochs = 4
    swapped = X.copy()
    swapped[[3, 50]] = X[[50, 3]]
    mirrored = X[:, ::-1]
    for others in (swapped, mirrored, X + 1):
        with pytest.raises(ValueError, match="not the data that the training was begun with"):
            trainer.resume(others, labels, client=client)
    cut = da.from_array(X, chunks=(13, 4)), da.from_array(labels, chunks=13)
    trainer.resume(*cut, client=client)
    np.testing.assert_allclose(trainer.w_, whole.w_, rtol=1e-12)


@pytest.mark.slow
def test_a_target_that_the_output_never_takes_is_told_on_a_cluster_too(client):
    trainer = load(Network.load("one_neuron")).Trainer(epochs=1)
    X, y = np.zeros((40, 3)), np.linspace(0.0, 7.0, 40)
    with pytest.warns(UserWarning, match=r"^the output p lies between 0 and 1, but the target reaches from 0 to 7"):
        trainer.fit(X, y, client=client)
