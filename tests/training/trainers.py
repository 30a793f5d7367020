"""Modules whose trainers are tested, data that they learn, and a refusal in one line."""

from __future__ import annotations

import numpy as np
import pytest

from codegen import load
from symbolic.network.network import Network

hidden = load(Network.load("one_hidden_layer"))
one_neuron = load(Network.load("one_neuron"))
classifier = load(Network.load("mlp_classifier"))
binary = load(Network.load("regularized_neuron"))
line = load(
    Network.from_dict(
        {
            "name": "line",
            "loss": "squared",
            "output": "p",
            "reduction": "mean",
            "inputs": {"x": "D"},
            "nodes": {"p": {"inputs": ["x"], "width": 1}},
        }
    )
)


def refuse(call, *parts, error=ValueError):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def xor():
    return np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])


def clouds(N=120, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=N)
    return rng.normal(size=(N, 4)) + 3 * np.eye(3, 4)[labels], labels
