"""Back ends beside NumPy: the same Q, the same gradient."""

from __future__ import annotations

import ast
import importlib.util

import numpy as np
import pytest

from codegen.bench import dense, hold_together
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
        (torch.zeros(4, 3, requires_grad=True), torch.zeros(4), "X requires a gradient"),
        (np.zeros((4, 3)), torch.zeros(4), "X: got ndarray, expected a torch.Tensor"),
    ],
)
def test_the_torch_module_refuses_bad_data_in_one_line(X, Y, what):
    with pytest.raises(ValueError, match=what) as caught:
        torch_objective("one_neuron", d=3)(X, Y)
    assert "\n" not in str(caught.value)


#: Networks whose values are vectors and matrices.
COMPILED = ("layer_norm", "mlp_classifier", "one_hidden_layer", "one_neuron", "regularized_neuron", "scalar_graph")


def compiled(name: str, dtype: str = "float64"):
    text = emit_for("numba", Network.load(name), dtype)
    return load_text(text, f"numba_{name}_{dtype}", also=PACKAGES["numba"])


@needs_numba
@pytest.mark.parametrize("samples", [0, 1, 5])
@pytest.mark.parametrize("name", COMPILED)
def test_the_numba_module_has_our_value_and_gradient(name, samples):
    p = problem(name, samples)
    objective = compiled(name).Objective(**p.sizes)
    X = {tensor.name: p.arrays[tensor.name] for tensor in p.objective.inputs}
    out = np.full(objective.size, np.nan)
    q, g = objective.value_and_gradient(p.weights, X, p.arrays[p.objective.target.name], out)
    expected_q, expected_g, _ = expected(p)
    assert q == pytest.approx(expected_q, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(g, expected_g, rtol=1e-9, atol=1e-12)


@needs_numba
@pytest.mark.parametrize("scale", [1e3, 1e5])
def test_the_numba_module_is_right_far_out(scale):
    p = problem("mlp_classifier")
    objective, plain = compiled("mlp_classifier").Objective(), load(p.network).Objective()
    q, g = objective.value_and_gradient(scale * p.weights, p.arrays["x"], p.arrays["y"])
    expected_q, expected_g = plain.value_and_gradient(scale * p.weights, p.arrays["x"], p.arrays["y"])
    assert q == pytest.approx(expected_q, rel=1e-10)
    np.testing.assert_allclose(g, expected_g, rtol=1e-6, atol=1e-9)


@needs_numba
def test_the_numba_module_computes_in_float32_near_float64():
    p = problem("one_hidden_layer", 20)
    objective = compiled("one_hidden_layer", "float32").Objective()
    q, g = objective.value_and_gradient(p.weights.astype("f"), p.arrays["x"].astype("f"), p.arrays["y"].astype("f"))
    assert g.dtype == np.float32
    np.testing.assert_allclose(g, expected(p)[1], atol=1e-4 * np.abs(expected(p)[1]).max())
    assert q == pytest.approx(expected(p)[0], rel=1e-5)


@needs_numba
@pytest.mark.parametrize("spoiled", ["x", "y", "w"])
def test_the_numba_module_shows_what_is_not_finite(spoiled):
    p = problem("one_hidden_layer")
    objective, out = compiled("one_hidden_layer").Objective(), np.empty(p.weights.size)
    arrays = {"x": p.arrays["x"], "y": p.arrays["y"], "w": p.weights.copy()}
    objective.value_and_gradient(arrays["w"], arrays["x"], arrays["y"], out)
    arrays[spoiled].flat[0] = np.nan
    if spoiled == "w":  # a broken run, not broken data: it is for the trainer to see
        assert np.isnan(objective.value_and_gradient(arrays["w"], arrays["x"], arrays["y"], out)[0])
    else:
        with pytest.raises(ValueError, match=f"{spoiled.upper()}: got nan"):
            objective.value_and_gradient(arrays["w"], arrays["x"], arrays["y"], out)


@pytest.mark.parametrize("name", sorted({*builtin_specs()} - {*COMPILED}))
def test_a_network_with_more_than_matrices_is_refused_by_the_target_numba(name):
    with pytest.raises(SpecError, match="use --target numpy") as caught:
        emit_for("numba", Network.load(name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("target", [target for target in EMITTERS if target != "numpy"])
def test_a_target_imports_its_own_package_and_numpy_at_most(target):
    tree = ast.parse(emit_for(target, Network.load("mlp_classifier")))
    found = {a.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert PACKAGES[target] <= found


def test_an_unknown_target_is_refused():
    with pytest.raises(SpecError, match="one of numpy, torch, numba"):
        emit_for("fortran", Network.load("one_neuron"))
