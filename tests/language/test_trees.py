"""The tree of a formula says all of it: what is computed from the tree alone is the value of the formula."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from symbolic.derivation.as_data import dict_derivation
from symbolic.derivation.derive import derive
from symbolic.language import expr as language
from symbolic.language.expr import Expr
from symbolic.language.trees import KINDS
from symbolic.network.network import Network

SIZES = {"N": 3, "D": 2, "J": 4}
FUNCTIONS = {"sigmoid": lambda u: 1 / (1 + math.exp(-u)), "exp": math.exp, "log": math.log}


def value(node: dict[str, Any], arrays: dict[str, np.ndarray], at: dict[str, int]) -> float:
    """A formula by its tree, with a number for each index that is free in it."""

    def of(child: dict[str, Any]) -> float:
        return value(child, arrays, at)

    match node["node"]:
        case "number":
            return float(node["value"]) if isinstance(node["value"], int) else fraction(node["value"])
        case "entry":
            return float(arrays[node["tensor"]][tuple(at[name] for name in node["subscripts"])])
        case "add":
            return sum(map(of, node["of"]))
        case "mul":
            return math.prod(map(of, node["of"]))
        case "pow":
            return of(node["base"]) ** node["exponent"]
        case "call":
            return FUNCTIONS[node["function"]](*map(of, node["of"]))
        case "sum":
            index = node["index"]
            return sum(value(node["body"], arrays, {**at, index["name"]: k}) for k in range(SIZES[index["extent"]]))
    raise AssertionError(node["node"])


def fraction(text: str) -> float:
    above, _, below = text.partition("/")
    return int(above) / int(below)


def test_a_gradient_is_computed_from_its_tree_alone():
    network = Network.load("one_hidden_layer")
    found = json.loads(json.dumps(dict_derivation(derive(network, "w_1"))))
    random = np.random.default_rng(0)
    arrays = {name: random.normal(size=shape) for name, shape in
              {"x": (3, 2), "y": (3,), "w_1": (4, 2), "b_z": (4,), "w_2": (4,), "b_p": ()}.items()}  # fmt: skip
    for equation in found["equations"]:
        target, formula = equation["target"], equation["formula"]
        extents = [{"i": 3, "j": 4}[name] for name in target["subscripts"]]
        array = np.zeros(extents)
        for place in np.ndindex(*extents):
            array[place] = value(formula, arrays, dict(zip(target["subscripts"], place, strict=True)))
        arrays[target["tensor"]] = array
    gradient = [[value(found["result"]["tree"], arrays, {"j": j, "d": d}) for d in range(2)] for j in range(4)]
    share = -2 * (arrays["y"] - arrays["p"]) * arrays["p"] * (1 - arrays["p"])
    errors = share[:, None] * arrays["w_2"] * arrays["z"] * (1 - arrays["z"])
    np.testing.assert_allclose(gradient, errors.T @ arrays["x"])


def test_every_kind_of_formula_has_a_kind_of_node():
    kinds = {one for one in vars(language).values() if isinstance(one, type) and issubclass(one, Expr)} - {Expr}
    assert set(KINDS) == kinds
    assert len({kind.name for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_identifiers_and_keys_are_the_same_in_both_languages(lang):
    found: dict[str, Any] = dict_derivation(derive(Network.load("one_hidden_layer"), "w_1"), lang)
    assert found["id"] == "e:w_1/chain"
    assert [step["id"] for step in found["steps"]] == [f"e:w_1/chain/{k}" for k in range(1, 5)]
    assert [step["key"] for step in found["steps"]] == [
        "chain", "chain, several inputs", "independent terms", "substitution"]  # fmt: skip
