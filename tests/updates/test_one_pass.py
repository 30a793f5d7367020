"""Compiled modules take an optimizer's step in one pass over the entries, to the same digits as NumPy in many."""

from __future__ import annotations

import numpy as np
import pytest

from codegen import load
from codegen.runtime.steps import OPTIMIZERS
from codegen.updates.one_pass import steps_in_one_pass
from symbolic.network.network import Network

NETWORK = Network.load("one_hidden_layer")


@pytest.fixture(scope="module")
def compiled():
    pytest.importorskip("numba")
    return load(NETWORK, target="numba")


def test_what_remembers_something_has_a_step_in_one_pass(compiled):
    assert {*steps_in_one_pass()} == {name for name, optimizer in OPTIMIZERS.items() if optimizer.state}
    assert {*compiled.FACTS.steps} == {*steps_in_one_pass()}
    assert not load(NETWORK).FACTS.steps


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", steps_in_one_pass())
def test_one_pass_gives_every_digit_of_many(compiled, name, dtype):
    rng = np.random.default_rng(0)
    settings = {"epsilon": 0.0} if name == "adam" else {}
    both = []
    for step in (OPTIMIZERS[name].step, compiled.FACTS.steps[name]):
        w, *state = (np.zeros(1000, dtype) for _ in ("w", *OPTIMIZERS[name].state))
        w += np.random.default_rng(1).normal(size=w.size).astype(dtype)
        both.append((step, w, state))
    for t in range(1, 5):
        gradient = (rng.normal(size=1000) * 10.0 ** rng.integers(-8, 8, 1000)).astype(dtype)
        for step, w, state in both:
            step(w, gradient.copy(), *state, np.empty_like(w), 0.01, t, **settings)
    (_, w, state), (_, again, state_again) = both
    for many, one in zip((w, *state), (again, *state_again), strict=True):
        np.testing.assert_array_equal(many, one)


@pytest.mark.slow
def test_a_trainer_of_a_compiled_module_takes_them(compiled, monkeypatch):
    taken: list[int] = []
    own = compiled.FACTS.steps["adam"]

    def counted(w, g, m, v, r, rate, t, **settings):
        taken.append(t)
        own(w, g, m, v, r, rate, t, **settings)

    monkeypatch.setitem(compiled.FACTS.steps, "adam", counted)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(64, 3)), rng.random(64)
    losses = []
    for module in (compiled, load(NETWORK)):
        trainer = module.Trainer(epochs=3, optimizer="adam", batch_size=16, D=3, J=4).fit(X, Y)
        losses.append(trainer.history_["loss"])
    assert taken == [*range(1, 13)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-9)
