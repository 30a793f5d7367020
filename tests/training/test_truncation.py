"""Truncated backpropagation through time: Q is what it was, and no error goes back over the border of a stretch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen.targets.load import load
from codegen.training.run import train
from symbolic.errors import SpecError
from symbolic.network.network import Network

torch = pytest.importorskip("torch")
T, D, J, N = 7, 2, 3, 5


def drawn(name, truncate=None):
    module = load(Network.load(name), truncate=truncate)
    objective = module.Objective(T=T, D=D, J=J)
    random = np.random.default_rng(1)
    w = random.normal(scale=0.6, size=objective.size)
    return objective, w, random.normal(size=(N, T, D)), random.normal(size=N)


def by_torch(objective, w, X, Y, step, truncate):
    """The gradient of the same loop in PyTorch, its states detached where a stretch begins."""
    flat = torch.tensor(w, requires_grad=True)
    p = {name: flat[where].reshape(shape) for name, (where, shape) in objective.layout.items()}
    states = (torch.zeros(N, J, dtype=torch.float64),) * 2
    for t in range(T):
        if truncate and t % truncate == 0:
            states = tuple(state.detach() for state in states)
        states = step(p, torch.tensor(X[:, t]), states)
    ((torch.tensor(Y) - states[0] @ p["w_p"].reshape(-1) - p["b_p"].reshape(())) ** 2).sum().backward()
    return flat.grad.numpy()


def recurrent(p, x, states):
    (s, _) = states
    return (torch.tanh(x @ p["w_x"].T + s @ p["w_s"].T + p["b"]), s)


def lstm(p, x, states):
    h, c = states
    a = {gate: x @ p[f"u_{gate}"].T + h @ p[f"w_{gate}"].T + p[f"b_{gate}"] for gate in "fgor"}
    c = torch.sigmoid(a["f"]) * c + torch.sigmoid(a["g"]) * torch.tanh(a["r"])
    return torch.sigmoid(a["o"]) * torch.tanh(c), c


@pytest.mark.parametrize("truncate", [1, 3, 7])
@pytest.mark.parametrize(("name", "step"), [("recurrent", recurrent), ("lstm", lstm)])
def test_the_gradient_is_that_of_states_detached_where_a_stretch_begins(name, step, truncate):
    objective, w, X, Y = drawn(name, truncate)
    q, gradient = objective.value_and_gradient(w, X, Y)
    whole, *data = drawn(name)
    assert q == pytest.approx(whole.value(*data), rel=1e-14)
    truth = by_torch(objective, w, X, Y, step, truncate)
    np.testing.assert_allclose(gradient, truth, rtol=0, atol=1e-12 * np.abs(truth).max())
    same = np.allclose(gradient, whole.value_and_gradient(*data)[1], rtol=1e-12)
    assert same == (truncate >= T)


def test_a_state_that_runs_backwards_is_cut_too():
    spec = Network.load("recurrent").to_dict()
    spec["nodes"]["s"]["formula"] = spec["nodes"]["s"]["formula"].replace("s[i,t-1,k]", "s[i,t+1,k]")
    spec["nodes"]["p"]["formula"] = spec["nodes"]["p"]["formula"].replace("T-1", "0")
    network = Network.from_dict(spec)
    turned, forwards = (load(one, truncate=3).Objective(T=6, D=D, J=J) for one in (network, Network.load("recurrent")))
    random = np.random.default_rng(2)
    w, X, Y = random.normal(size=turned.size), random.normal(size=(N, 6, D)), random.normal(size=N)
    (q, g), (q0, g0) = turned.value_and_gradient(w, X, Y), forwards.value_and_gradient(w, X[:, ::-1], Y)
    assert q == pytest.approx(q0, rel=1e-13)
    np.testing.assert_allclose(g, g0, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "truncate", "said"),
    [
        ("one_neuron", 3, "truncate: one_neuron has no node with a start, so no error goes back through steps"),
        ("lstm", 0, "truncate: got 0, expected a whole number of steps of at least 1"),
        ("lstm", 2.5, "truncate: got 2.5, expected a whole number of steps of at least 1"),
    ],
)
def test_what_cannot_be_cut_is_refused_in_one_line(name, truncate, said):
    with pytest.raises(SpecError, match=rf"^{said}$"):
        load(Network.load(name), truncate=truncate)


def test_a_trainer_says_that_its_module_is_cut_otherwise():
    module = load(Network.load("recurrent"))
    with pytest.raises(ValueError, match=r"^truncate: got 4, but this module's gradient is that of whole sequences; "):
        module.Trainer(truncate=4)
    assert load(Network.load("recurrent"), truncate=4).Trainer().truncate == 4


def test_a_run_is_saved_loaded_and_resumed_with_its_stretch(tmp_path):
    network = Network.load("recurrent")
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(40, T, D)), random.normal(size=40)
    np.savez(tmp_path / "data.npz", X=X, Y=Y)
    settings: dict[str, Any] = {"epochs": 3, "truncate": 2, "seed": 1}
    train(network, tmp_path / "data.npz", sizes={"J": J, "T": T}, output=tmp_path / "w.npz", **settings)
    cut, whole = load(network, truncate=2), load(network)
    trained = cut.Trainer(J=J, T=T, D=D, **settings).fit(X, Y)
    np.testing.assert_array_equal(cut.Trainer.load(tmp_path / "w.npz").w_, trained.w_)
    read = whole.Trainer.load(tmp_path / "w.npz")  # predictions need no gradient
    np.testing.assert_array_equal(read.predict(X), trained.predict(X))
    with pytest.raises(ValueError, match=r"^truncate: this run was begun with 2; emit the module with that to go on$"):
        read.resume(X, Y)


def test_an_estimator_has_the_same_setting():
    pytest.importorskip("sklearn")
    from codegen.training.estimator import NetworkRegressor

    random = np.random.default_rng(0)
    X, Y = random.normal(size=(40, T, D)), random.normal(size=40)
    made = NetworkRegressor(
        "recurrent", truncate=2, sizes={"T": T, "D": D, "J": J}, max_iter=3, tol=None, random_state=1
    )
    found = made.fit(X.reshape(40, -1), Y).weights_
    trainer = load(Network.load("recurrent"), truncate=2).Trainer(T=T, D=D, J=J, epochs=3, seed=1)
    np.testing.assert_array_equal(found, trainer.fit(X, Y).w_)


def test_the_command_line_emits_a_cut_gradient_and_the_module_says_so(tmp_path, capsys):
    from codegen.cli import main

    file = tmp_path / "cut.py"
    assert main(["emit", "recurrent", "--truncate", "2", "-o", str(file)]) == 0, capsys.readouterr().err
    assert "truncate=2" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["recurrent", "--truncate", "0"], "truncate"),
        (["one_neuron", "--truncate", "2"], "truncate"),
        (["recurrent", "--truncate", "2", "--target", "torch"], "--truncate is of the target numpy"),
        (["recurrent", "--truncate", "2", "--with", "hessian"], "truncate"),
    ],
)
def test_a_cut_that_cannot_be_made_is_one_line(given, said):
    import subprocess
    import sys

    told = subprocess.run(
        [sys.executable, "-m", "codegen", "emit", *given], capture_output=True, text=True, check=False, timeout=120
    )
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert said in told.stderr
