"""Depth costs what it must: each layer one E, each kind of derivative taken and checked once.

Clocks are in ``tests/benchmarks``; here things are counted.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from agreement import assert_close, assert_same, parts
from reference import reference, slope
from strategies import sample

from codegen.targets.load import load
from codegen.targets.numpy.emit import emit
from symbolic.derivation import adjoint as errors
from symbolic.derivation import calculus
from symbolic.derivation.adjoint import adjoint
from symbolic.derivation.derive import derive
from symbolic.evidence import evidence
from symbolic.language.terms import walk
from symbolic.network.network import Network
from symbolic.network.objective import build_objective


def tower(depth, activation="tanh", width="J", name="tower"):
    """Equal layers on top of each other, and a neuron."""
    names = ["x", *(f"z{at}" for at in range(1, depth + 1))]
    nodes = {name: {"inputs": [below], "width": width, "activation": activation} for below, name in pairwise(names)}
    nodes["p"] = {"inputs": [names[-1]], "width": 1}
    sizes = {"J": 3} if width == "J" else {}
    return {"name": name, "loss": "squared", "output": "p", "inputs": {"x": width}, "nodes": nodes, "sizes": sizes}


def forget_derivatives():
    """What other tests have asked of towers like these is asked again."""
    for module in (calculus, errors):
        for found in vars(module).values():
            if hasattr(found, "cache_clear"):
                found.cache_clear()
    evidence._decide.cache_clear()


def counted(depth):
    """How many different derivatives were taken and different questions decided for one derivation."""
    forget_derivatives()
    network = Network.from_dict(tower(depth, name="counted"))
    derivation = derive(network, "w_z1", form="backprop")
    assert len(derivation.lemmas) >= depth
    return calculus._differentiated.cache_info().misses, evidence._decide.cache_info().misses


@pytest.mark.slow
def test_the_number_of_different_derivatives_and_of_different_checks_does_not_depend_on_depth():
    counted(4)  # the slopes of an activation are found once in a process
    assert counted(5) == counted(10) == counted(60)


def test_every_error_is_one_definition_whose_length_does_not_depend_on_depth():
    shallow, deep = (adjoint(build_objective(Network.from_dict(tower(depth)))).definitions for depth in (10, 100))
    assert len(deep) - len(shallow) == 4 * 90  # E_z, E_a_z, ∂Q/∂w and ∂Q/∂b of each layer
    longest = [max(len(list(walk(d.formula))) for d in definitions) for definitions in (shallow, deep)]
    assert longest[0] == longest[1]


@pytest.mark.slow
def test_the_emitted_text_is_linear_in_depth():
    short, middle, long = (len(emit(Network.from_dict(tower(depth)))) for depth in (70, 100, 130))
    assert long - middle == pytest.approx(middle - short, rel=0.1)


@pytest.mark.slow
def test_a_deep_network_is_derived_step_by_step():
    derivation = derive(Network.from_dict(tower(300)), "w_z1", form="backprop")
    assert len(derivation.lemmas) > 300
    assert str(derivation.result) == "Sum(E_z1[i, j]*(1 - z1[i, j]**2)*x[i, d], i)"
    assert derivation.evidence["proved"] == derivation.evidence["steps"] > 900


@pytest.mark.parametrize("depth", [120])
@pytest.mark.slow
def test_a_deep_module_gives_the_value_and_the_gradient_of_pytorch(depth):
    spec = tower(depth, activation="sin")
    module = load(Network.from_dict(spec)).Objective(J=3)
    drawn = sample(spec, module.size, seed=0)
    w = 1.2 * drawn.w  # a gain near one, so that the gradient neither vanishes nor explodes
    truth = reference(spec, spec["sizes"], parts(module, w), drawn.X, drawn.Y)
    value, flat = module.value_and_gradient(w, drawn.X, drawn.Y)
    assert np.abs(flat).min() > 0
    assert_same(value, parts(module, flat), truth)
    direction = np.random.default_rng(0).standard_normal(module.size) / module.size
    measured = slope(lambda v: module.value(v, drawn.X, drawn.Y), w, direction, h=1e-3)
    assert_close(flat @ direction, measured, "slope", digits=1e-6)
