"""Whatever a person calls an input, a node, a parameter or a size, an emitted module means the same.

The names tried are those that an emitted module uses itself, where a clash would do harm.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

import numpy as np
import pytest
from agreement import assert_all_agree
from rarely import rarely

from codegen.targets.load import load
from codegen.targets.numpy.emit import emit
from codegen.targets.reserved import template_names
from symbolic.errors import SpecError
from symbolic.language.names import name_problem
from symbolic.network.catalogue import ACTIVATION_NAMES, FUNCTIONS
from symbolic.network.grammar import SPECIAL_FORMS
from symbolic.network.network import Network


def network(inputs: list[str], nodes: list[str], weights: list[str], sizes: list[str]) -> dict[str, Any]:
    """Every input feeds every hidden node, each with weights and a width of its own; they feed the output."""
    width = dict(zip(inputs, sizes, strict=False))
    hidden = {
        node: {"inputs": [source], "width": 2, "activation": "softplus", "weights": [weight]}
        for node, source, weight in zip(nodes, inputs, weights, strict=True)
    }
    output = {"inputs": nodes, "width": 1, "activation": "sigmoid"}
    return {
        "name": "named",
        "loss": "log_loss",
        "output": "p_out",
        "regularizer": {"l2": 0.1},
        "inputs": {name: width.get(name, 3) for name in inputs},
        "nodes": {**hidden, "p_out": output},
        "sizes": dict.fromkeys(width.values(), 3),
    }


def names_of(text: str) -> set[str]:
    """All that the functions of a module name."""
    found: set[str] = set()
    for function in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)):
        if function.name in ("functions", "layout", "checked_sizes", "parameter_views", "gradient_views", "__init__"):
            found |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
            found |= {function.name, *(node.arg for node in ast.walk(function) if isinstance(node, ast.arg))}
    return found


def names_to_try() -> list[str]:
    """What two modules without a common name in their specs both name, but for what is reserved or no name at all."""
    one = network(["x", "v"], ["z", "r"], ["w_1", "w_2"], ["D", "J"])
    other = network(["xx", "vv"], ["zz", "rr"], ["ww_1", "ww_2"], ["DD", "JJ"])
    common = names_of(emit(Network.from_dict(one))) & names_of(emit(Network.from_dict(other)))
    reserved = {*FUNCTIONS, *ACTIVATION_NAMES, *SPECIAL_FORMS, *template_names()}
    return sorted(n for n in common - reserved if name_problem(n) is None and "p_out" not in n)


FREE_FOR_NODES = template_names() - {*FUNCTIONS, *ACTIVATION_NAMES, *SPECIAL_FORMS}
RESERVED = sorted(name for name in FREE_FOR_NODES if name_problem(name) is None)


@cache
def names() -> list[str]:
    return sorted({*names_to_try(), "q", "g", "w", "s"} - {"y"})


def test_a_module_has_as_many_inputs_as_its_network() -> None:
    inputs, nodes, weights = ([f"{word}_{at}" for at in range(12)] for word in ("measured", "hidden", "weight"))
    objective = load(Network.from_dict(network(inputs, nodes, weights, []))).Objective()
    assert objective.predict(objective.initial(), {name: np.ones((2, 3)) for name in inputs}).shape == (2,)


@pytest.mark.parametrize("turn", rarely(range(3), [0]))
@pytest.mark.slow
def test_a_module_means_the_same_whatever_its_inputs_nodes_and_parameters_are_called(turn: int) -> None:
    third = len(names()) // 3 + 1
    padded = [*names(), *(f"more{at}" for at in range(3 * third - len(names())))]
    parts = [padded[at * third : (at + 1) * third] for at in range(3)]
    inputs, nodes, weights = (*parts[turn:], *parts[:turn])
    assert_all_agree(network(inputs, nodes, weights, []), N=2)


@pytest.mark.slow
def test_a_module_means_the_same_whatever_its_sizes_are_called() -> None:
    inputs, nodes, weights = ([f"{letter}{letter}{at}" for at in range(len(names()))] for letter in "cnk")
    assert_all_agree(network(inputs, nodes, weights, [name for name in names() if name not in RESERVED]), N=2)


@pytest.mark.parametrize("name", ["finite", "slopes", "flat", "self"])
def test_a_size_named_like_something_in_every_module_is_refused(name: str) -> None:
    assert name in RESERVED
    with pytest.raises(SpecError, match="means something else in a module"):
        emit(Network.from_dict(network(["cc"], ["nn"], ["kk"], [name])))


@pytest.mark.slow
def test_a_node_an_input_and_a_parameter_may_be_called_like_something_in_every_module() -> None:
    third = len(RESERVED) // 3
    names = RESERVED[:third], RESERVED[third : 2 * third], RESERVED[2 * third : 3 * third]
    assert_all_agree(network(*names, []), N=2)
