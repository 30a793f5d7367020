"""What an output can be, and that a target beyond it is not taken for learnt."""

from __future__ import annotations

import warnings
from math import inf, pi

import numpy as np
import pytest

from codegen import estimator
from codegen.training.out_of_reach import out_of_reach, reach
from codegen.training.run import train
from symbolic.network.network import Network


def network(activation: str, loss: str = "squared") -> Network:
    return Network.from_dict(
        {
            "name": "reaching",
            "loss": loss,
            "output": "p",
            "inputs": {"x": "D"},
            "nodes": {"p": {"inputs": ["x"], "width": 1, "activation": activation}},
        }
    )


@pytest.mark.parametrize(
    ("activation", "span"),
    {
        "identity": (-inf, inf),
        "sigmoid": (0, 1),
        "tanh": (-1, 1),
        "relu": (0, inf),
        "leaky_relu": (-inf, inf),
        "elu": (-1, inf),
        "softplus": (0, inf),
        "silu": (-0.278, inf),
        "sin": (-1, 1),
        "exp(u)": (0, inf),
        "2 - 3*tanh(u)": (-1, 5),
        "atan(u)": (-pi / 2, pi / 2),
        "log(1 + u**2)": (0, inf),
        "exp(-u**2)": (0, 1),
        "u**3": (-inf, inf),
        "where(u > 0, u, u/1000)": (-inf, inf),
    }.items(),
)
def test_the_reach_of_an_output_is_the_range_of_its_activation(activation, span):
    assert reach(network(activation)) == pytest.approx(span, abs=5e-3)


def test_only_a_target_outside_is_spoken_of():
    inside, outside = np.array([0.0, 0.5, 1.0]), np.array([25.0, 346.0])
    assert out_of_reach(network("sigmoid"), inside) == ""
    assert out_of_reach(network("identity"), outside) == ""
    assert out_of_reach(network("relu"), outside) == ""
    assert out_of_reach(network("tanh", "hinge"), np.array([-1.0, 1.0])) == ""
    told = out_of_reach(network("sigmoid"), outside)
    assert told.startswith("the output p lies between 0 and 1, but the target reaches from 25 to 346")
    assert "is never below 0" in out_of_reach(network("softplus"), -outside)
    assert "is never above 0" in out_of_reach(network("-exp(u)"), outside)


def test_whoever_trains_on_a_target_out_of_reach_is_told(tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 2))
    Y = 100 * X[:, 0]
    np.savez(tmp_path / "data.npz", X=X, Y=Y)
    run = train(network("sigmoid"), tmp_path / "data.npz", sizes={}, epochs=2)
    assert [note for note in run.notes if "so no weights come near all of it" in note]
    assert not [note for note in run.notes if "--standardize-target" in note]
    moved = train(network("tanh"), tmp_path / "data.npz", sizes={}, epochs=2, standardize_target=True)
    assert [note for note in moved.notes if "lies between -1 and 1, but the target reaches" in note]


def test_the_estimator_warns_of_it_once_fitted():
    X = np.random.default_rng(0).normal(size=(30, 2))
    with pytest.warns(UserWarning, match="so no weights come near all of it"):
        estimator(network("sigmoid"), max_iter=2, tol=None).fit(X, 100 * X[:, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator(network("identity"), max_iter=2, tol=None).fit(X, 100 * X[:, 0])
