"""One fitted model, many threads: never a wrong number; and workspaces that do not grow with what was asked."""

from __future__ import annotations

import copy
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from codegen import load
from symbolic.network.network import Network

classifier = load(Network.load("mlp_classifier"))
THREADS = 8


@pytest.fixture(autouse=True)
def restless():
    """Threads take turns a hundred times as often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-5)
    yield
    sys.setswitchinterval(before)


def asked(objective, w, samples, calls, seed):
    """Which of so many calls, with other numbers of samples each time, give another number than one thread's."""
    rng = np.random.default_rng(seed)
    wrong = []
    for _ in range(calls):
        n = int(rng.integers(1, len(samples) + 1))
        X, Y, p, q, g = samples[n - 1]
        same = (
            np.array_equal(objective.predict(w, X), p)
            and objective.value(w, X, Y) == q
            and np.array_equal(objective.value_and_gradient(w, X, Y)[1], g)
        )
        wrong += [] if same else [n]
    return wrong


def several(objective, w, most):
    rng = np.random.default_rng(0)
    for n in range(1, most + 1):
        X, Y = rng.normal(size=(n, 4)), np.eye(3)[rng.integers(3, size=n)]
        _, g = objective.value_and_gradient(w, X, Y)
        yield X, Y, objective.predict(w, X), objective.value(w, X, Y), g.copy()


@pytest.mark.parametrize("calls", [60, pytest.param(4_000, marks=pytest.mark.slow)])
def test_any_number_of_threads_get_the_numbers_of_one_to_the_bit(calls):
    objective = classifier.Objective(H=8)
    w = objective.initial(0)
    samples = list(several(objective, w, 500 if calls > 1000 else 60))
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda k: asked(objective, w, samples, calls, k), range(THREADS)))
    assert not any(found)


@pytest.mark.slow
def test_a_trainer_and_an_estimator_serve_threads_too():
    pytest.importorskip("sklearn")
    from codegen import estimator

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 4)), rng.integers(3, size=90)
    fitted = estimator("mlp_classifier", max_iter=2, tol=None, random_state=0).fit(X, y)
    trainer = classifier.Trainer(epochs=2).fit(X, y)
    for predict in (fitted.predict_proba, trainer.predict):
        alone = [predict(X[:n]) for n in range(1, 91)]
        with ThreadPoolExecutor(THREADS) as pool:
            together = list(pool.map(lambda n: predict(X[:n]), [*range(1, 91)] * 8))  # noqa: B023
        assert all(np.array_equal(a, b) for a, b in zip(alone * 8, together, strict=True))


def test_a_trainer_that_learns_in_one_thread_predicts_in_another_meanwhile():
    rng = np.random.default_rng(0)
    X, y, s = rng.normal(size=(64, 4)), rng.integers(3, size=64), rng.random(64)
    for weights in (None, s):
        alone = classifier.Trainer(epochs=30, batch_size=16).fit(X, y, sample_weight=weights)
        trainer = classifier.Trainer(epochs=30, batch_size=16)
        w = trainer.objective.initial(5)
        right = trainer.objective.predict(w, X[:16])
        with ThreadPoolExecutor(1) as pool:
            learning = pool.submit(trainer.fit, X, y, sample_weight=weights)
            for _ in range(300):
                np.testing.assert_array_equal(trainer.objective.predict(w, X[:16]), right)
            learning.result()
        np.testing.assert_array_equal(trainer.w_, alone.w_)


def test_a_copy_of_an_objective_shares_no_workspace():
    objective = classifier.Objective(H=8, dtype="float32")
    w = objective.initial(0)
    X = np.ones((5, 4), np.float32)
    before = objective.predict(w, X)
    twin = copy.deepcopy(objective)
    assert (twin.dtype, twin.sizes) == (objective.dtype, objective.sizes)
    assert twin._workspace(5) is not objective._workspace(5)
    np.testing.assert_array_equal(twin.predict(w, X), before)


@pytest.mark.slow
def test_ten_predictions_of_many_samples_keep_little():
    """Ten numbers of samples near 200,000, of a network with 128 neurons: a workspace for all would be 400 MB."""
    objective = classifier.Objective(D=20, H=128, K=10)
    w = objective.initial(0)
    X = np.random.default_rng(0).normal(size=(200_010, 20))
    objective.predict(w, X[:10])
    tracemalloc.start()
    for n in range(10):
        p = objective.predict(w, X[n:])
        assert len(p) == len(X) - n
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept - p.nbytes < 2**26
    assert peak < 2**26 + 2 * p.nbytes


def test_blocks_give_the_outputs_of_their_samples():
    objective = classifier.Objective(H=300)
    w, X = objective.initial(0), np.random.default_rng(0).normal(size=(9001, 4))
    rows = objective._rows_of_block()
    assert rows < len(X)
    p = objective.predict(w, X)
    for start in range(0, len(X), rows):
        np.testing.assert_array_equal(p[start : start + rows], objective.predict(w, X[start : start + rows]))


def test_workspaces_of_many_sizes_are_bounded_in_bytes_and_what_was_said_of_them_is_true():
    objective = classifier.Objective(D=4, H=500, K=3)
    w = objective.initial(0)
    for n in range(1000, 1012):
        objective.value(w, np.ones((n, 4)), np.eye(3)[[0] * n])
    assert sum(objective._workspaces.kept_bytes.values()) <= classifier.KEPT_BYTES
    assert set(objective._workspaces.kept_bytes) == set(objective._workspaces.kept)
    taken = classifier.bytes_of(objective._workspaces.kept[1011])
    said = 8 * (2 * 500 * 1011 + 3 * 3 * 1011 + 3 + 3 * 1011)  # as the docstring of the module has it
    assert taken == pytest.approx(said, rel=1e-3)
