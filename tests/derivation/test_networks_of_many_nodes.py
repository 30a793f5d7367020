"""Deep and branching networks: what their parameters share is worked out once, and what is too much is refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from codegen.runtime.check import DIRECTIONS, EVERY_ENTRY, check_gradient, chosen_entries
from symbolic.derivation.derive import derive
from symbolic.derivation.second_order import hessian, hessian_diagonal
from symbolic.errors import SpecError
from symbolic.evidence.arithmetic import FLOAT
from symbolic.evidence.labelled import Labelled, LabelledArithmetic
from symbolic.fuel import Exhausted, at_most, left
from symbolic.language.affine import Index, size
from symbolic.language.expr import ONE, Expr, Symbol, add, power
from symbolic.language.terms import walk
from symbolic.network.budget import ANY_NETWORK, enough_for
from symbolic.network.network import Network


def network(depth: int, dense: bool = False) -> Network:
    """A chain of layers, or one where every node is fed by all before it."""
    layer = {"width": 2, "activation": "tanh"}
    nodes = {
        f"h{k}": {"inputs": [f"h{j}" for j in range(k)] if dense else [f"h{k - 1}"], **layer}
        for k in range(1, depth + 1)
    }
    return Network.from_dict(
        {"name": "c", "loss": "squared", "inputs": {"h0": 2}, "output": f"h{depth}", "nodes": nodes}
    )


def test_parameters_share_the_errors_on_their_way():
    deep = network(30)
    first, second = (derive(deep, name, form="backprop") for name in ("w_h1", "w_h2"))
    errors = {id(lemma) for lemma in first.lemmas}
    assert {id(lemma) for lemma in second.lemmas if lemma.variable is not None} <= errors
    assert second.wrt == "w_h2"


def test_a_deep_formula_is_walked_without_recursion():
    formula: Expr = Symbol("u")
    for exponent in range(2, 5000):
        formula = power(add(ONE, formula), exponent)
    assert sum(1 for _ in walk(formula)) > 10_000


@pytest.mark.parametrize("written", [hessian, hessian_diagonal])
def test_a_hessian_with_a_term_for_each_of_thousands_of_paths_is_refused_before_it_is_written(written):
    with at_most(100_000), pytest.raises(SpecError, match=r"c: 2048 paths .*\(hessian-vector\)"):
        written(network(12, dense=True))


def test_no_network_may_take_more_than_some_seconds():
    with at_most(10 * ANY_NETWORK), enough_for(network(100)):
        assert left() == ANY_NETWORK


def test_an_array_that_would_fill_the_memory_is_not_made():
    numbers = LabelledArithmetic(FLOAT, {})
    axes = tuple(Index(name, size(3000)) for name in "ijk")
    parts = [Labelled(np.ones(3000), (axis,)) for axis in axes]
    mask = Labelled(np.ones(3000, np.bool_), axes[:1])
    with at_most(10_000_000), pytest.raises(Exhausted):
        numbers.select(mask, parts[1], parts[2])


class Sum:
    """Q = Σ w, of so many parameters of two weights each."""

    def __init__(self, count: int) -> None:
        self.size = 2 * count
        self.layout: Mapping[str, tuple[slice, tuple[int, ...]]] = {
            f"w_{k}": (slice(2 * k, 2 * k + 2), (2,)) for k in range(count)
        }
        self.calls = 0

    def value(self, w: np.ndarray, X: object, Y: object) -> float:
        self.calls += 1
        return float(w.sum())

    def value_and_gradient(self, w: np.ndarray, X: object, Y: object) -> tuple[float, np.ndarray]:
        return self.value(w, X, Y), np.ones_like(w)


@pytest.mark.parametrize("count", [100, 900])
def test_of_many_parameters_a_few_are_tried_by_themselves_and_all_together(count):
    objective = Sum(count)
    report = check_gradient(objective, np.zeros(objective.size), {}, np.zeros(1))
    assert all(one.agrees for one in report.parameters)
    assert objective.size < EVERY_ENTRY
    tried = sum(map(len, chosen_entries(objective).values()))
    assert 0 < tried * count <= 8000
    assert objective.calls <= 1 + 10 * (tried + DIRECTIONS)


def test_of_few_parameters_every_entry_is_tried():
    assert sum(map(len, chosen_entries(Sum(20)).values())) == 40
