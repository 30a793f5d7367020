"""Emitted modules: right to the last digits, NumPy alone, deterministic, and polite about bad input."""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch_oracle
from hand_built import CASES
from rarely import small_specs

from codegen import emit, load
from codegen.generate import GENERATED, module
from codegen.runtime.bundle import FILE, bundled
from codegen.targets.allowed import check_text
from codegen.targets.citing import numbers_of
from codegen.targets.numba.emit import emit_numba
from codegen.targets.numpy.emit import program_of, render
from codegen.targets.package import package_of
from codegen.targets.torch.emit import emit_torch
from symbolic.errors import SpecError
from symbolic.network.builtin import builtin_specs
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

ROOT = Path(__file__).resolve().parents[2]


def module_of(text: str, name: str = "emitted") -> ModuleType:
    module = ModuleType(name)
    exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    return module


def network(name: str = "net", **changes: Any) -> Network:
    spec = {
        "name": name, "loss": "squared", "output": "p", "inputs": {"x": "D"},
        "nodes": {
            "z": {"inputs": ["x"], "width": "J", "activation": "sigmoid"},
            "p": {"inputs": ["z"], "width": 1, "activation": "identity"},
        },
        "sizes": {"D": 3, "J": 4},
    }  # fmt: skip
    return Network.from_dict({**spec, **changes})


def assert_equals_torch(net: Network, samples: int = 6, seed: int = 0) -> None:
    """Q and every entry of the gradient to 1e-12 of the largest."""
    objective, module = build_objective(net), load(net)
    sizes = net.resolve_sizes()
    ours = module.Objective(**sizes)
    rng = np.random.default_rng(seed)
    w = ours.initial(seed) + 0.3 * rng.normal(size=ours.size)
    X, Y = module.random_sample(ours, samples, rng)
    q, g = ours.value_and_gradient(w, X, Y)
    numbers = {**sizes, "N": samples}
    arrays = {**X, objective.target.name: Y}
    for parameter in objective.parameters:
        shape = tuple(axis.value(numbers) for axis in parameter.tensor.axes)
        arrays[parameter.tensor.name] = ours.unpack(w)[parameter.tensor.name].reshape(shape)
    expected, slopes = torch_oracle.value_and_gradient(objective, numbers, arrays)
    assert q == pytest.approx(expected, rel=1e-12)
    assert ours.value(w, X, Y) == pytest.approx(q, rel=1e-14)
    for name, slope in slopes.items():
        found = ours.unpack(g)[name].reshape(slope.shape)
        assert np.abs(found - slope).max() <= 1e-12 * max(1e-3, np.abs(slope).max()), name


@pytest.mark.parametrize("name", small_specs())
def test_built_in_networks_agree_with_torch(name):
    for samples in (1, 7):
        assert_equals_torch(Network.load(name), samples)


ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "sin", "softmax")
LOSSES = {
    "squared": "identity", "half_squared": "tanh", "absolute": "identity", "huber": "identity",
    "log_loss": "sigmoid", "cross_entropy": "softmax", "hinge": "identity", "poisson": "softplus",
}  # fmt: skip


@pytest.mark.parametrize(("activation", "loss"), list(itertools.product(ACTIVATIONS, LOSSES)))
def test_every_activation_with_every_loss_agrees_with_torch(activation, loss):
    """Half of them with one output and a sum, half with several and a mean; both regularisers."""
    one = loss != "cross_entropy" and (len(activation) + len(loss)) % 2 == 0
    nodes = {
        "z": {"inputs": ["x"], "width": "J", "activation": activation},
        "p": {"inputs": ["z"], "width": 1 if one else 3, "activation": LOSSES[loss]},
    }
    assert_equals_torch(
        network(
            f"{activation}_{loss}", loss=loss, nodes=nodes, reduction="sum" if one else "mean",
            regularizer={"l2": 0.1} if one else {"l1": 0.02, "l2": 0.01, "bias": False},
        )
    )  # fmt: skip


def test_shared_weights_several_inputs_and_fan_out_agree_with_torch():
    nodes = {
        "u": {"inputs": ["x"], "width": "J", "activation": "tanh"},
        "v": {"inputs": ["u"], "width": "J", "activation": "tanh", "weights": "r"},
        "t": {"inputs": ["v"], "width": "J", "activation": "sigmoid", "weights": "r", "bias": False},
        "p": {"inputs": ["u", "t", "s"], "width": 2, "activation": "identity"},
    }
    assert_equals_torch(network("shared", nodes=nodes, inputs={"x": "D", "s": 1}))


def test_names_that_mean_something_in_the_module_are_moved_aside():
    nodes = {
        "slopes": {"inputs": ["np"], "width": "J", "activation": "sigmoid", "weights": "add"},
        "out": {"inputs": ["slopes"], "width": 1, "activation": "sigmoid", "weights": "weights"},
    }
    net = network("moved", nodes=nodes, inputs={"np": "D"}, output="out")
    assert_equals_torch(net)
    assert list(load(net).Objective().layout) == ["add", "b_slopes", "weights", "b_out"]


def test_a_size_that_means_something_in_the_module_is_refused():
    with pytest.raises(SpecError, match="dtype"):
        emit(network("sized", inputs={"x": "dtype"}, sizes={"dtype": 2, "J": 2}))


@pytest.mark.parametrize("name", CASES)
def test_hand_built_definitions_emit_a_module_whose_gradient_is_the_slope_of_Q(name):
    case = CASES[name]
    sizes = {key: value for key, value in case.sizes.items() if key != "N"}
    facts = type("Fact", (), {"kind": "sums_to_one", "tensor": case.objective.target, "axis": 1})
    objective = case.objective
    if name == "softmax":
        from dataclasses import replace

        objective = replace(objective, facts=(facts,))
    text = render(
        program_of(case.name, objective, case.adjoint), objective,
        definitions=case.adjoint, dtype="float64",
        summary=name, spec_hash="0" * 64, size_names=tuple(sizes), defaults=sizes,
    )  # fmt: skip
    module = module_of(bundled(text))
    assert module.check_objective(module.Objective(), N=case.sizes["N"]).agrees


# -- the text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", builtin_specs())
def test_generated_is_what_we_emit_today(name):
    committed = (GENERATED / f"{name}.py").read_text(encoding="utf-8")
    assert committed == module(name), "run `python -m codegen.generate`, then read the diff"


def test_generated_holds_nothing_else():
    found = {path.name for path in GENERATED.iterdir() if path.suffix == ".py"}
    assert found == {FILE, "__init__.py", *(f"{name}.py" for name in builtin_specs())}


@pytest.mark.slow
def test_emitted_bytes_do_not_depend_on_the_hash_seed():
    script = "from codegen import emit; from symbolic.network.network import Network; import hashlib; "
    script += "texts = [emit(Network.load(n)) for n in ('attention', 'mlp_classifier')]; "
    script += "print([hashlib.sha256(text.encode()).hexdigest() for text in texts])"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT,
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(outputs) == 1


@pytest.mark.parametrize("name", small_specs())
def test_every_array_operation_cites_its_equation(name):
    text = emit(Network.load(name))
    gradients = text.split("\n    def gradient(")[1:]
    assert gradients
    for rest in gradients:
        body = [*itertools.takewhile(lambda b: not b or b.startswith("        "), rest.splitlines()[1:])]
        operations = [
            numbers
            for line, numbers in zip(body, numbers_of(body), strict=True)
            if re.match(r" +(add|multiply|subtract|divide|exp|matmul)\(", line) or ".dot(" in line
        ]
        assert operations
        assert all(operations)
        assert max(map(len, body)) <= 120


STATED = re.compile(r"^#     \((\d+)\) ", re.MULTILINE)
CITED = re.compile(r"# (\(\d+\)(?:, \(\d+\))*)$", re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        *((name, "numpy") for name in small_specs()),
        *itertools.product(("one_hidden_layer", "lstm"), ("numba", "torch")),
    ],
)
def test_an_equation_is_stated_once_and_named_by_its_number_where_it_is_computed(name, target):
    network = Network.load(name)
    whole = {"numpy": emit, "numba": lambda n: emit_numba(n, "float64"), "torch": emit_torch}[target](network)
    stated = {int(number) for number in STATED.findall(whole)}
    cited = {int(number) for behind in CITED.findall(whole) for number in re.findall(r"\d+", behind)}
    assert len(cited) > 5
    assert cited <= stated
    assert not re.search(r"^ +# \(\d+\) \w", whole, re.MULTILINE)


def test_further_functions_state_what_they_do_not_share_with_the_network():
    text = emit(Network.load("one_neuron"), hessian=True, methods=("per_sample_gradients",))
    titles = ("With a weight for each sample", "For the product of the Hessian with v", "For each_function")
    parts = re.split("|".join(f"# {title}:\n" for title in titles), text.partition("def plain(")[0])
    assert len(parts) == 4
    assert all(STATED.search(part) for part in parts)
    weighted, product = parts[1], parts[2]
    assert "Q = Sum(s[i]*L[i], i)" in weighted
    assert "sigmoid" not in weighted
    assert "R_" in product or "R{" in product or "v_w" in product


def test_the_module_of_an_lstm_is_read_in_one_sitting():
    text, _ = package_of(emit(Network.load("lstm")))
    assert len(text.splitlines()) < 500


def test_sizes_that_one_array_tells_are_read_at_once():
    assert "    N, T, D = x.shape\n" in emit(Network.load("lstm"))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("import subprocess", "imports subprocess"),
        ("from scipy import special", "imports scipy"),
        ("eval('1')", "names eval"),
        ("x.__class__", "names __class__"),
        ("exec('1')", "names exec"),
    ],
)
def test_text_that_could_run_other_code_is_refused(text, what):
    with pytest.raises(ValueError, match=what):
        check_text(text)


def test_text_that_is_not_python_is_refused():
    with pytest.raises(SyntaxError):
        check_text("def f(:")


def test_emitted_text_imports_numpy_and_the_standard_library_only():
    tree = ast.parse(emit(Network.load("mlp_classifier")))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= {"numpy", *sys.stdlib_module_names}


def test_an_unknown_dtype_is_refused():
    with pytest.raises(SpecError, match="float16"):
        emit(Network.load("one_neuron"), dtype="float16")  # type: ignore[arg-type]


def layers(depth: int) -> Network:
    nodes = {f"z{n}": {"inputs": [f"z{n - 1}" if n else "x"], "width": 5, "activation": "tanh"} for n in range(depth)}
    nodes["p"] = {"inputs": [f"z{depth - 1}"], "width": 3, "activation": "softmax"}
    return network(f"deep{depth}", loss="cross_entropy", nodes=nodes, inputs={"x": 5}, sizes={})


@pytest.mark.slow
def test_the_size_of_a_module_is_linear_in_the_depth_of_the_network():
    short, middle, long = (len(emit(layers(depth))) for depth in (110, 130, 150))
    assert long - middle == pytest.approx(middle - short, rel=0.01)


def test_a_deep_network_agrees_with_torch():
    assert_equals_torch(layers(12))


# -- the command of a module -----------------------------------------------------------------------------


def run_module(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, cwd=path.parent, check=False)


def test_a_module_copied_alone_checks_itself(tmp_path):
    path = tmp_path / "copied.py"
    path.write_text(emit(Network.load("one_hidden_layer")), encoding="utf-8")
    run = run_module(path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("the gradient is the slope of Q\n")


def test_a_gradient_wrong_by_a_thousandth_in_one_equation_fails_the_check(tmp_path):
    text = emit(Network.load("one_neuron"))
    assert "E_b_p)" in text
    lines = text.splitlines(keepends=True)
    place = next(k for k, line in enumerate(lines) if ".dot(ones, E_b_p)" in line)
    lines.insert(place + 1, " " * 8 + "multiply(E_b_p, 1.001, E_b_p)\n")
    path = tmp_path / "wrong.py"
    path.write_text("".join(lines), encoding="utf-8")
    run = run_module(path)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "DISAGREES" in run.stdout


# -- the Hessian-vector product --------------------------------------------------------------------------


@pytest.mark.parametrize("name", small_specs())
def test_the_hessian_vector_product_is_the_slope_of_the_gradient_and_symmetric(name):
    module = load(Network.load(name), hessian=True)
    objective, rng = module.Objective(), np.random.default_rng(0)
    X, Y = module.random_sample(objective, 5, rng)
    w = objective.initial(1) + 0.1 * rng.normal(size=objective.size)
    u, v = rng.normal(size=(2, objective.size))
    product, h = objective.hessian_vector(w, v, X, Y), 1e-6
    right, left = (objective.value_and_gradient(w + s * h * v, X, Y)[1] for s in (1, -1))
    assert np.abs(product - (right - left) / (2 * h)).max() <= 1e-7 * np.abs(product).max()
    assert u @ product == pytest.approx(v @ objective.hessian_vector(w, u, X, Y), rel=1e-10)


def test_a_linear_model_has_the_hessian_of_least_squares():
    nodes = {"p": {"inputs": ["x"], "width": 1, "activation": "identity"}}
    module = load(network("line", nodes=nodes, sizes={"D": 3}), hessian=True)
    objective, rng = module.Objective(), np.random.default_rng(0)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=6)
    A = np.column_stack((X, np.ones(6)))
    v, out = rng.normal(size=4), np.empty(4)
    assert objective.hessian_vector(objective.initial(), v, X, Y, out) is out
    np.testing.assert_allclose(out, 2 * A.T @ A @ v, rtol=1e-12)


def test_modules_have_the_product_only_when_it_is_asked_for():
    assert not hasattr(load(Network.load("one_neuron")).Objective, "hessian_vector")


def test_what_tells_of_infinite_numbers_is_computed_on_the_way_to_q():
    """x·(a b) stands in the gradient alone here: a function of Q must not ask for it (a warning would be an error)."""
    formula = "p[i] = Sum(x[i,k]*b[k]*a[k]*Sum(x[i,m]*b[m]*a[m], m), k) + tanh(Sum(x[i,k]*tanh(b[k])*tanh(b[k]), k))"
    spec = {"loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": {"p": {"formula": formula, "width": 1}}}
    objective = module_of(emit(Network.from_dict(spec))).Objective()
    x, y, w = np.ones((1, 2)), np.zeros(1), np.ones(objective.size)
    assert objective.value(w, x, y) == pytest.approx(objective.value_and_gradient(w, x, y)[0], rel=1e-12)
