"""Back ends beside NumPy: the same Q, the same gradient."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from codegen import vouch
from codegen.bench import dense, hold_together
from codegen.cli import main
from codegen.load import load, load_text
from codegen.peers import Problem, ours, ours_compiled, plain_numpy, torch_eager
from codegen.targets import EMITTERS, PACKAGES, emit_for
from symbolic.errors import SpecError
from symbolic.network import Network, builtin_specs

torch = pytest.importorskip("torch")
needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def torch_objective(name: str, **settings):
    module = load_text(emit_for("torch", Network.load(name)), f"torch_{name}", also=PACKAGES["torch"])
    return module.Objective(**settings)


def problem(name: str, samples: int = 5) -> Problem:
    network = Network.load(name)
    return Problem(network, network.resolve_sizes(), samples)


def expected(p: Problem):
    objective = load(p.network).Objective(**p.sizes)
    X = {tensor.name: p.arrays[tensor.name] for tensor in p.objective.inputs}
    q, g = objective.value_and_gradient(p.weights, X, p.arrays[p.objective.target.name])
    return q, g, objective.predict(p.weights, X)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", builtin_specs())
def test_the_torch_module_has_our_value_gradient_and_prediction(name, device):
    p = problem(name)
    objective = torch_objective(name, dtype=torch.float64, device=device)
    torch.nn.utils.vector_to_parameters(torch.as_tensor(p.weights, device=device), objective.parameters())
    X = {tensor.name: torch.as_tensor(p.arrays[tensor.name], device=device) for tensor in p.objective.inputs}
    Y = torch.as_tensor(p.arrays[p.objective.target.name], device=device)
    q, g, prediction = expected(p)
    value = objective(X, Y)
    (3 * value).backward()
    assert float(value.detach()) == pytest.approx(q, rel=1e-12)
    gradient = torch.cat([w.grad.ravel() for w in objective.parameters()]).cpu().numpy()
    np.testing.assert_allclose(gradient, 3 * g, rtol=1e-10, atol=1e-12)
    shown = objective.predict(X).detach().cpu().numpy()
    np.testing.assert_allclose(shown.ravel(), prediction.ravel(), rtol=1e-12)


@pytest.mark.parametrize(
    ("activation", "loss", "output"),
    [
        ("relu", "hinge", "identity"),
        ("leaky_relu", "absolute", "identity"),
        ("elu", "huber", "identity"),
        ("gelu", "squared", "relu"),
        ("softplus", "poisson", "softplus"),
        ("silu", "log_loss", "sigmoid"),
    ],
)
def test_kinks_and_regularisers_are_right_in_every_way_to_write_them(activation, loss, output):
    spec = {**dense("kinked", (5, 7, 2), activation, output, loss), "regularizer": {"l2": 0.1, "l1": 0.2}}
    p = Problem(Network.from_dict(spec), {}, 6)
    found = [ours(p), plain_numpy(p), torch_eager(p)]
    if importlib.util.find_spec("numba"):
        found.append(ours_compiled(p))
    hold_together(found, 1e-9)
    module = load_text(emit_for("torch", p.network), f"torch_{activation}", also=PACKAGES["torch"])
    objective = module.Objective(dtype=torch.float64)
    torch.nn.utils.vector_to_parameters(torch.as_tensor(p.weights), objective.parameters())
    objective(torch.as_tensor(p.arrays["x"]), torch.as_tensor(p.arrays["y"])).backward()
    gradient = torch.cat([w.grad.ravel() for w in objective.parameters()]).numpy()
    np.testing.assert_allclose(gradient, ours(p).call()[1], rtol=1e-10, atol=1e-12)


def test_the_torch_module_trains_inside_a_torch_program():
    objective = torch_objective("one_hidden_layer", D=3, J=4, seed=1)
    X = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))
    Y = (X[:, :1] > 0).float()
    adam = torch.optim.Adam(objective.parameters(), lr=0.05)
    first = float(objective(X, Y).detach())
    for _ in range(50):
        adam.zero_grad()
        q = objective(X, Y)
        q.backward()
        adam.step()
    assert float(q.detach()) < first / 2


def test_the_torch_module_takes_its_backward_pass_from_the_derivation():
    """A wrong factor in the text of one equation shows in the gradient: PyTorch does not differentiate on its own."""
    text = emit_for("torch", Network.load("one_neuron"))
    wrong = load_text(text.replace("E_p = -2.0*(y - p)", "E_p = -3.0*(y - p)"), "wrong", also=PACKAGES["torch"])
    p = problem("one_neuron")
    objective = wrong.Objective(dtype=torch.float64)
    torch.nn.utils.vector_to_parameters(torch.as_tensor(p.weights), objective.parameters())
    objective(torch.as_tensor(p.arrays["x"]), torch.as_tensor(p.arrays["y"])).backward()
    gradient = torch.cat([w.grad.ravel() for w in objective.parameters()]).numpy()
    np.testing.assert_allclose(gradient, 1.5 * expected(p)[1], rtol=1e-12)


@pytest.mark.parametrize(
    ("X", "Y", "what"),
    [
        (torch.zeros(4, 2), torch.zeros(4), r"X: got shape \(4, 2\), expected \(4, 3\)"),
        (torch.zeros(4, 3), torch.zeros(5), r"Y: got shape \(5,\), expected \(4,\)"),
        (torch.zeros(4, 3), torch.zeros(4, requires_grad=True), "Y requires a gradient"),
        (np.zeros((4, 3)), torch.zeros(4), "X: got ndarray, expected a torch.Tensor"),
    ],
)
def test_the_torch_module_refuses_bad_data_in_one_line(X, Y, what):
    with pytest.raises(ValueError, match=what) as caught:
        torch_objective("one_neuron", d=3)(X, Y)
    assert "\n" not in str(caught.value)


# -- the gradient by the data ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", builtin_specs())
def test_the_gradients_by_parameters_and_by_inputs_pass_pytorchs_own_check(name):
    p = problem(name, 3)
    objective = torch_objective(name, dtype=torch.float64, **p.sizes)
    names = [tensor.name for tensor in p.objective.inputs]
    Y = torch.as_tensor(p.arrays[p.objective.target.name])
    keys = [key for key, _ in objective.named_parameters()]

    def q(*given):
        X = dict(zip(names, given, strict=False))
        return torch.func.functional_call(objective, dict(zip(keys, given[len(names) :], strict=True)), (X, Y))

    data = [torch.tensor(p.arrays[name], requires_grad=True) for name in names]
    start = 0
    for parameter in objective.parameters():
        stop = start + parameter.numel()
        weights = torch.tensor(p.weights[start:stop].reshape(parameter.shape) + 0.1, requires_grad=True)
        data.append(weights)
        start = stop
    assert torch.autograd.gradcheck(q, tuple(data))


def test_the_torch_module_trains_the_layers_below_it():
    torch.manual_seed(0)
    below = torch.nn.Sequential(torch.nn.Linear(5, 3, dtype=torch.float64), torch.nn.Tanh())
    objective = torch_objective("one_hidden_layer", D=3, J=4, seed=1, dtype=torch.float64)
    X, Y = torch.randn(20, 5, dtype=torch.float64), torch.rand(20, dtype=torch.float64)
    objective(below(X), Y).backward()
    found = [weights.grad.clone() for weights in below.parameters()]
    below.zero_grad()
    ((Y - objective.predict(below(X))) ** 2).sum().backward()  # PyTorch differentiates the prediction itself
    for ours_, theirs in zip(found, below.parameters(), strict=True):
        torch.testing.assert_close(ours_, theirs.grad, rtol=1e-12, atol=1e-12)


def test_the_gradient_by_the_data_is_not_computed_when_nobody_asks():
    text = emit_for("torch", Network.load("one_hidden_layer"))
    poisoned = text.replace("E_x = E_a_z @ w_1", "raise AssertionError")
    assert poisoned != text
    module = load_text(poisoned, "poisoned", also=PACKAGES["torch"])
    objective = module.Objective(D=3, J=4)
    objective(torch.zeros(2, 3), torch.zeros(2)).backward()
    with pytest.raises(AssertionError):
        objective(torch.zeros(2, 3, requires_grad=True), torch.zeros(2)).backward()


def test_a_second_derivative_is_refused_and_not_taken_for_zero():
    objective, X = torch_objective("one_neuron", d=3), torch.zeros(4, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match="the second derivative is not derived") as caught:
        torch.autograd.grad(objective(X, torch.zeros(4)), X, create_graph=True)
    assert "\n" not in str(caught.value)


# -- checking files ------------------------------------------------------------------------------------------


@pytest.fixture
def run(capfd):
    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        return status, *capfd.readouterr()

    return run


@pytest.fixture
def emitted(tmp_path):
    """Write a module of a target, with one text in it replaced; gives its path."""

    def emitted(target: str, old: str = "", new: str = "", network: Network | None = None) -> Path:
        text = emit_for(target, network or Network.load("one_hidden_layer"))
        assert old in text
        path = tmp_path / f"{target}_module.py"
        path.write_text(text.replace(old, new, 1) if old else text)
        return path

    return emitted


#: A factor of the gradient of b_p, wrong by a tenth of a percent.
WRONG = {
    "torch": ("E_b_p = E_a_p.sum()", "E_b_p = 1.001*E_a_p.sum()"),
    "numba": ("E_b_p[0] = E_b_p_total", "E_b_p[0] = 1.001*E_b_p_total"),
}
TARGETS = ["torch", pytest.param("numba", marks=needs_numba)]


@pytest.mark.parametrize("target", TARGETS)
def test_check_finds_a_file_of_a_target_right_and_a_wrong_one_wrong(run, emitted, target):
    status, out, err = run("check", emitted(target), "--size", "D=2")
    assert (status, err) == (0, "")
    assert "complex step" in out
    status, out, err = run("check", emitted(target, *WRONG[target]), "--json")
    record = json.loads(out)
    assert (status, err) == (1, "")
    assert [p["name"] for p in record["parameters"] if not p["agrees"]] == ["b_p"]
    assert record["second_opinion"]["worst"] == "b_p[0]"


def test_check_of_a_torch_module_of_an_unknown_network_holds_it_against_itself(run, emitted):
    spec = dense("unknown", (3, 4, 3), "softplus", "softmax", "cross_entropy")
    spec["nodes"]["hidden"] = {**spec["nodes"].pop("z_1"), "activation": "silu", "weights": "theta"}
    spec["nodes"] = {"hidden": spec["nodes"]["hidden"], "p": {**spec["nodes"]["p"], "inputs": ["hidden"]}}
    status, out, err = run("check", emitted("torch", network=Network.from_dict(spec)))
    assert (status, err) == (0, "")
    assert "no second opinion" in out


@pytest.mark.parametrize(
    "harm",
    [
        ("import argparse", "import argparse\nimport subprocess"),
        ("import sys\n", "import sys\n\nprint(1)\n"),
        ("        D, J = sizes\n", "        torch.save(x, 'ran')\n"),
        ("        D, J = sizes\n", "        torch.hub.load('a', 'b')\n"),
        ("dtype=torch.float32", "dtype=open('ran', 'w')"),
        ("        D, J = sizes\n", "        sys.modules\n"),
    ],
)
def test_check_does_not_run_a_torch_module_that_does_more_than_emitted_ones(run, emitted, monkeypatch, tmp_path, harm):
    monkeypatch.chdir(tmp_path)
    status, out, err = run("check", emitted("torch", *harm))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "is not run" in err
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("target", ["torch", "numba"])
def test_where_a_targets_package_is_missing_one_line_says_how_to_install_it(run, emitted, monkeypatch, target):
    there = vouch.find_spec
    monkeypatch.setattr(vouch, "find_spec", lambda name: None if name == target else there(name))
    status, out, err = run("check", emitted(target))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"computes with {target}: pip install" in err


@pytest.mark.parametrize("target", TARGETS)
def test_a_file_of_a_target_checks_itself(emitted, target):
    done = subprocess.run([sys.executable, emitted(target), "--D", "2"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("the gradient is the slope of Q\n")
    wrong = emitted(target, *WRONG[target])
    done = subprocess.run([sys.executable, wrong], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "DISAGREES" in done.stdout


@pytest.mark.parametrize("target", [target for target in EMITTERS if target != "numpy"])
def test_a_target_imports_its_own_package_and_numpy_at_most(target):
    tree = ast.parse(emit_for(target, Network.load("mlp_classifier")))
    found = {a.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert PACKAGES[target] <= found


def test_an_unknown_target_is_refused():
    with pytest.raises(SpecError, match="one of numpy, torch, numba"):
        emit_for("fortran", Network.load("one_neuron"))
