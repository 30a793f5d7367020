"""Back ends beside NumPy: the same Q, the same gradient."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rarely import rarely, small_specs

from codegen.bench.bench import dense, hold_together
from codegen.bench.peers import ours, ours_compiled, plain_numpy, torch_eager
from codegen.bench.problem import Problem
from codegen.checking import vouch
from codegen.cli import main
from codegen.targets.load import load, load_text
from codegen.targets.registry import EMITTERS, PACKAGES, emit_for
from codegen.targets.torch.in_numpy import InNumPy
from symbolic.errors import SpecError
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

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
@pytest.mark.parametrize("name", small_specs())
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
@pytest.mark.slow
def test_kinks_and_regularisers_are_right_in_every_way_to_write_them(activation, loss, output):
    spec = {**dense("kinked", (5, 7, 2), activation, output, loss), "regularizer": {"l2": 0.1, "l1": 0.2}}
    p = Problem(Network.from_dict(spec), {}, 6)
    found = [ours(p), plain_numpy(p), torch_eager(p)]
    if importlib.util.find_spec("numba"):
        compiled = ours_compiled(p)
        assert compiled is not None
        found.append(compiled)
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


# -- names, and shapes, that once made modules fail ----------------------------------------------------------


def assert_agrees_with_numpy(network: Network, target: str, like: Network | None = None, samples: int = 3) -> None:
    """Value, gradient and prediction of the target's module are those of the NumPy module of ``like``.

    The networks may differ in names.  What is compiled is run as plain Python: names mean the same there.
    """
    text = emit_for(target, network)
    p = Problem(like or network, (like or network).resolve_sizes(), samples)
    q, g, prediction = expected(p)
    names = [tensor.name for tensor in build_objective(network).inputs]
    X = dict(zip(names, (p.arrays[tensor.name] for tensor in p.objective.inputs), strict=True))
    Y = p.arrays[p.objective.target.name]
    module: Any
    if target == "torch":
        module = InNumPy(load_text(text, "named_torch", also=PACKAGES[target]))
        objective = module.Objective()
        tensors = {name: torch.as_tensor(array) for name, array in X.items()}
        torch.nn.utils.vector_to_parameters(torch.as_tensor(p.weights.copy()), objective.module.parameters())
        shown = objective.module.predict(tensors).detach().numpy()
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "numba", SimpleNamespace(njit=lambda **_: lambda function: function))
            module = load_text(text, "named_numba", also=PACKAGES[target])
        objective = module.Objective()
        shown = objective.predict(p.weights, X)
        assert objective.value(p.weights, X, Y) == pytest.approx(q, rel=1e-12)
    found_q, found_g = objective.value_and_gradient(p.weights, X, Y)
    assert found_q == pytest.approx(q, rel=1e-12)
    np.testing.assert_allclose(found_g, g, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(shown.ravel(), prediction.ravel(), rtol=1e-12)


def chain(hidden: str = "h", weights: str = "W", activation: str = "tanh") -> Network:
    """A hidden layer and an output, with two names to choose."""
    nodes = {
        hidden: {"inputs": ["x"], "width": 4, "activation": activation},
        "pp": {"inputs": [hidden], "width": 1, "weights": weights},
    }
    return Network.from_dict(
        {"name": "chain", "loss": "squared", "output": "pp", "inputs": {"x": 3}, "nodes": nodes}
    )  # fmt: skip


@pytest.mark.parametrize("target", ["torch", "numba"])
@pytest.mark.parametrize(("node", "weights"), [("v", "V"), ("h", "H"), ("ab", "AB"), ("AB", "aB"), ("h", "V")])
def test_names_that_differ_in_case_only_are_two_names(target, node, weights):
    assert_agrees_with_numpy(chain(node, weights), target)


@pytest.mark.parametrize("target", ["torch", "numba"])
@pytest.mark.parametrize("shape", [[2, 3], [2, 3, 2]])
@pytest.mark.parametrize("width", [1, 2, [4, 2]])  # no axis of the input is kept: that would have two readings
def test_an_input_with_several_axes_goes_into_a_layer_with_a_bias(target, shape, width):
    spec = {"name": "stacked", "loss": "squared", "output": "p", "inputs": {"x": shape}}
    nodes = {"p": {"inputs": ["x"], "width": width, "activation": "sigmoid"}}
    assert_agrees_with_numpy(Network.from_dict({**spec, "nodes": nodes}), target)


@pytest.mark.parametrize("name", ["work", "few", "search", "fused", "spoiled", "start", "numba", "with_fused"])
def test_a_node_called_like_something_of_the_compiled_half_is_only_a_node(name):
    assert_agrees_with_numpy(chain(name, activation="exp(-exp(-u))"), "numba")


@pytest.mark.parametrize("sizes", [["i_", "d_", "j_"], ["b_nn0_j", "w_p_out_nn0_j"]])
def test_a_size_called_like_a_variable_of_a_loop_is_only_a_size(sizes):
    assert_agrees_with_numpy(named(sizes=sizes), "numba", named(sizes=PLAIN["sizes"][: len(sizes)]))


@pytest.mark.parametrize("name", ["forward", "train", "sizes", "to", "T", "double", "register_parameter"])
def test_a_parameter_may_be_called_like_something_of_a_torch_module(name):
    network = chain(weights=name)
    assert_agrees_with_numpy(network, "torch")
    objective = load_text(emit_for("torch", network), "named", also=PACKAGES["torch"]).Objective()
    before = {key: value.clone() for key, value in objective.state_dict().items()}
    assert name in before
    objective.double().train().load_state_dict(before)


def test_a_parameter_called_training_is_refused():
    with pytest.raises(SpecError, match=r"weights: training is the mode of a torch\.nn\.Module") as caught:
        emit_for("torch", chain(weights="training"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("target", ["torch", "numba"])
def test_a_node_called_like_a_number_of_the_regulariser_is_not_that_number(target):
    spec = {**chain("hyper_lambda").to_dict(), "regularizer": {"l2": 0.3}}
    assert_agrees_with_numpy(Network.from_dict(spec), target)


#: What a name may stand for, and names that no module uses itself.
ROLES = ("inputs", "nodes", "parameters", "sizes")
PLAIN = {
    role: [f"{letters}{k}" for k in range(12)] for role, letters in zip(ROLES, ("cc", "nn", "kk", "ss"), strict=True)
}


def named(**names: list[str]) -> Network:
    """Each input feeds a node, with weights and a width of its own; they feed the output."""
    inputs, nodes, weights, sizes = (names.get(role, PLAIN[role]) for role in ROLES)
    count = min(map(len, names.values()))
    hidden = {
        node: {"inputs": [source], "width": 2, "activation": "softplus", "weights": [weight]}
        for node, source, weight in zip(nodes[:count], inputs, weights, strict=False)
    }
    return Network.from_dict(
        {
            **{"name": "named", "loss": "log_loss", "output": "p_out", "regularizer": {"l2": 0.1}},
            "inputs": dict(zip(inputs[:count], sizes, strict=False)),
            "nodes": {**hidden, "p_out": {"inputs": nodes[:count], "width": 1, "activation": "sigmoid"}},
            "sizes": dict.fromkeys(sizes[:count], 3),
        }
    )


@cache
def identifiers(target: str) -> list[str]:
    """All that the target's module of a network names, but for what is called after the network's own names."""
    found: set[str] = set()
    tree = ast.parse(emit_for(target, named(inputs=PLAIN["inputs"][:2])))
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.keyword(arg=str(name)):
                found.add(name)
    mine = tuple(name for names in PLAIN.values() for name in names)
    return sorted(name for name in found if not any(own in name for own in (*mine, "p_out")))


def agreeing(role: str, names: list[str], target: str) -> list[str]:
    """The names that mean nothing else when used so; of every other one exactly one line says that it may not be."""
    names = list(names)
    while names:
        like = named(**{role: PLAIN[role][: len(names)]})
        try:
            assert_agrees_with_numpy(named(**{role: names}), target, like, samples=2)
        except SpecError as error:
            (line,) = str(error).splitlines()
            names.remove(line.split()[1].strip("'"))
        else:
            break
    return names


@pytest.mark.parametrize("target", rarely(["torch", "numba"], ["torch"]))
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.slow
def test_a_module_works_or_is_refused_whatever_in_its_text_a_user_calls_his_own(target, role):
    """A part of the text's identifiers, another one in each role, a few at a time."""
    every = 4 if target == "torch" else 20
    names = identifiers(target)[ROLES.index(role) :: every]
    good = [name for start in range(0, len(names), 8) for name in agreeing(role, names[start : start + 8], target)]
    assert len(good) > len(names) / 4


# -- the gradient by the data ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", small_specs())
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


@pytest.mark.parametrize("target", rarely(TARGETS, ["torch"]))
@pytest.mark.slow
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
@pytest.mark.slow
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


@pytest.mark.parametrize("formula", ["b[j] + Sum(w[j,k]*x[i,k], k)", "Sum(w[j,k]*x[i,k], k) + b[j]"])
def test_a_layer_in_index_notation_is_pytorch_s_own_on_whichever_side_its_bias_stands(formula):
    nodes = {"z": {"formula": f"z[i,j] = {formula}", "width": "J"}}
    network = Network.of({"name": "c", "loss": "squared", "inputs": {"x": "K"}, "output": "z", "nodes": nodes})
    assert "z = torch.nn.functional.linear(x, w_, b)" in emit_for("torch", network)
