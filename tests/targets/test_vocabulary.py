"""What is emitted may stand in a module: one list, for the printers and for the check of a file."""

from __future__ import annotations

import ast

import pytest
import torch

from codegen.checking.vouch import load_file
from codegen.targets.load import load_text
from codegen.targets.numpy.emit import emit
from codegen.targets.registry import emit_for
from codegen.targets.vocabulary import strangers
from symbolic.network.network import Network


def network(nodes, **more) -> Network:
    given = {"name": "drawn", "loss": "squared", "inputs": {"x": "D"}, "sizes": {"D": 3}, "output": "p"}
    return Network.from_dict(given | {"nodes": nodes | {"p": {"inputs": [[*nodes][-1]], "width": 1}}} | more)


WINDOWS = {"formula": "z[i,t] = Sum(h[i,2*t+u], u)", "width": 3, "ranges": {"u": 3}}
NETWORKS = {
    "windows over a hidden node": network({"h": {"inputs": ["x"], "width": 7}, "z": WINDOWS}),
    "erf": network({"h": {"inputs": ["x"], "width": 7, "activation": "gelu"}}),
    "variables called like builtins": network(
        {"open": {"inputs": ["x"], "width": 2}, "id": {"inputs": ["open"], "width": 2, "activation": "relu"}}
    ),
}


@pytest.mark.parametrize("target", ["numpy", "torch"])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.slow
def test_a_file_that_was_emitted_is_not_refused(name, target, tmp_path):
    file = tmp_path / "module.py"
    file.write_text(emit_for(target, NETWORKS[name]), encoding="utf-8")
    load_file(file)


def test_a_file_with_second_derivatives_is_not_refused(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(emit(NETWORKS["windows over a hidden node"], hessian=True), encoding="utf-8")
    load_file(file)


def found(text: str) -> set[str]:
    return {word for _, word in strangers(ast.parse(text), "numpy", lambda function: False)}


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    return open(x)",
        "def f(x):\n    y = [open for open in x]\n    return open(x)",
        "def f(x):\n    def g(open):\n        return 1\n    return open(x)",
        "def f(x, y=open):\n    return y(x)",
        "def f(x):\n    global open\n    open = open",
    ],
)
def test_a_builtin_is_one_wherever_no_variable_of_the_function_has_its_name(text):
    assert "open" in found(text)


def test_a_variable_may_be_called_like_a_builtin():
    assert not found("def f(x):\n    open = x\n    def g():\n        return open\n    return g")


def activated(formula: str) -> Network:
    return network({"h": {"inputs": ["x"], "width": 2, "activation": formula}})


TORCH = {
    "slopes of a window": network({"h": {"inputs": ["x"], "width": 7}, "z": WINDOWS}),
    "functions of numbers": network(
        {
            "h": {
                "inputs": ["x"],
                "width": 2,
                "activation": "where(u > 0, 1, max(2, u)) + max(2, 3)*sigmoid(0.5)*abs(-3)",
            }
        }
    ),
    "a difference of truths": network(
        {"h": {"inputs": ["x"], "width": 2, "activation": "min(max(u, -1), 1) + relu(u)"}}
    ),
}


@pytest.mark.parametrize("name", TORCH)
def test_torch_computes_with_numbers_where_a_formula_has_truths(name):
    module = load_text(emit_for("torch", TORCH[name]), "drawn_torch", also=frozenset({"torch"}))
    objective = module.Objective(dtype=torch.float64)
    assert all(fits for *_, fits in module.check_gradient(objective))
