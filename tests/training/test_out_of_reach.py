"""What an output can be, and that a target beyond it is not taken for learnt."""

from __future__ import annotations

import subprocess
import sys
import warnings
from math import inf, pi

import numpy as np
import pytest

from codegen import estimator
from codegen.runtime.out_of_reach import out_of_reach
from codegen.targets.numpy.emit import emit
from codegen.training.run import train
from symbolic.network.network import Network
from symbolic.network.output_bounds import bounds_on_target, reach


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

    def told(activation, target, loss="squared"):
        return out_of_reach(bounds_on_target(network(activation, loss)), target)

    assert told("sigmoid", inside) == ""
    assert told("identity", outside) == ""
    assert told("relu", outside) == ""
    assert told("tanh", np.array([-1.0, 1.0]), "hinge") == ""
    assert told("sigmoid", outside).startswith(
        "the output p lies between 0 and 1, but the target reaches from 25 to 346"
    )
    assert "is never below 0" in told("softplus", -outside)
    assert "is never above 0" in told("-exp(u)", outside)


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


@pytest.mark.parametrize(("activation", "target"), [("sigmoid", 5.0), ("relu", -1.0), ("2 - 3*tanh(u)", 7.0)])
def test_a_module_that_stands_alone_warns_in_one_line(tmp_path, activation, target):
    """One file, and a Python that has nothing of ours: what it warns of travels in the module."""
    text = emit(network(activation))
    (tmp_path / "reaching.py").write_text(text, encoding="utf-8")
    program = f"""
import sys, warnings
import numpy as np
import reaching
X = np.random.default_rng(0).normal(size=(30, 2))
with warnings.catch_warnings(record=True) as far:
    warnings.simplefilter("always")
    reaching.Trainer(epochs=2, tol=None, D=2).fit(X, np.full((30, 1), {target}))
with warnings.catch_warnings(record=True) as near:
    warnings.simplefilter("always")
    reaching.Trainer(epochs=2, tol=None, D=2).fit(X, np.full((30, 1), 0.5))
print(len(far), len(near), far[0].category.__name__, far[0].filename, far[0].message)
assert not [name for name in sys.modules if name.split(".")[0] in ("codegen", "symbolic", "scipy")]
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == ""
    count, of_near, category, place, told = done.stdout.strip().split(" ", 4)
    assert (count, of_near, category, place) == ("1", "0", "UserWarning", "<string>")
    assert f"the target reaches from {target:g} to {target:g}, so no weights come near all of it" in told


@pytest.mark.parametrize(
    ("activation", "loss", "fact"),
    [
        ("sigmoid", "squared", 'reach=("p", 0.0, 1.0)'),
        ("relu", "squared", 'reach=("p", 0.0, None)'),
        ("identity", "squared", ""),
        ("sigmoid", "log_loss", ""),
    ],
)
def test_only_a_module_of_which_it_is_said_carries_the_bounds(activation, loss, fact):
    text = emit(network(activation, loss))
    assert (fact in text) if fact else ('reach=("' not in text)
