"""What inputs and targets may hold, losses without a target, and losses over the whole network."""

from __future__ import annotations

import numpy as np
import pytest

from codegen.runtime.domains import VALUES, check_values, drawn_values
from codegen.targets.first_run import ModuleRefused, first_run
from codegen.targets.load import load
from codegen.targets.numpy.emit import module_of
from symbolic.network.network import Network


@pytest.mark.parametrize("kind", VALUES)
def test_what_is_drawn_for_a_domain_is_in_it(kind):
    drawn = drawn_values((40, 3), (kind, 5), np.random.default_rng(0))
    assert drawn.shape == (40, 3)
    check_values("x", drawn, (kind, 5))


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_outside_its_domain_is_refused_with_its_place(kind):
    array = drawn_values((4, 3), (kind, 5), np.random.default_rng(0))
    array[2, 0] = -7
    expected = VALUES[kind].called.format(4)
    with pytest.raises(ValueError, match=rf"^x: got \S+ at \[2, 0\], expected {expected}$"):
        check_values("x", array, (kind, 5))


WORDS = {
    "name": "words",
    "loss": "L[i] = -Sum([y[i] == k]*log(p[i,k]), k)",
    "target": {"y": {"below": "K"}},
    "inputs": {"tok": {"width": "T", "below": "V"}},
    "nodes": {
        "e": {"formula": "e[i,t,d] = E[tok[i,t],d]", "width": ["T", "D"]},
        "p": {"inputs": ["e"], "width": "K", "activation": "softmax"},
    },
    "sizes": {"T": 3, "V": 4, "D": 2, "K": 3},
}


def test_an_objective_refuses_inputs_outside_their_domain_and_draws_those_inside():
    module = load(Network.from_dict(WORDS))
    objective = module.Objective()
    X, Y = module.random_sample(objective, 50, np.random.default_rng(0))
    assert {*X["tok"].ravel()} == {0, 1, 2, 3}
    assert {*Y} == {0, 1, 2}
    assert module.check_objective(objective).agrees
    w = objective.initial()
    X["tok"][7, 1] = 4
    with pytest.raises(ValueError, match=r"^X: got 4 at \[7, 1\], expected whole numbers from 0 to 3$"):
        objective.value(w, X["tok"], Y)
    X["tok"][7, 1], Y[3] = 0, 3
    with pytest.raises(ValueError, match=r"^Y: got 3 at \[3\], expected whole numbers from 0 to 2$"):
        objective.value(w, X, Y)


def test_without_a_target_in_the_loss_none_need_be_given():
    module = load(Network.load("autoencoder"))
    trainer = module.Trainer(epochs=2, seed=0)
    X, Y = module.random_sample(trainer.objective, 6, np.random.default_rng(0))
    w = trainer.objective.initial()
    assert trainer.objective.value(w, X) == trainer.objective.value(w, X, Y)
    assert trainer.fit(X).score(X) == -trainer.objective.value(trainer.w_, X)
    assert len(trainer.resume(X).partial_fit(X).predict(X)) == 6


def test_a_target_that_the_loss_reads_is_asked_for():
    module = load(Network.load("one_neuron"))
    objective = module.Objective()
    X, _ = module.random_sample(objective, 6, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"^Y: got NoneType, expected an array of real numbers$"):
        objective.value(objective.initial(), X)


def test_a_plain_function_that_is_wrong_is_kept_back():
    network = Network.load("one_neuron")
    text, _, runs = module_of(network, "float64")
    first_run(text, network.name, "numpy", runs, network.size_names, "float64")
    assert "E_p = -2.0*(y - p)" in text
    wrong = text.replace("E_p = -2.0*(y - p)", "E_p = -3.0*(y - p)")
    with pytest.raises(ModuleRefused, match="with the plain function"):
        first_run(wrong, network.name, "numpy", runs, network.size_names, "float64")
