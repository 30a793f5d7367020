"""Deep and branching networks: what their parameters share is worked out once, and what is too much is refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from codegen.checking.complex_step import worked_out
from codegen.checking.trial import FEWEST_SAMPLES, few_enough
from codegen.runtime.check import DIRECTIONS, EVERY_ENTRY, check_gradient, chosen_entries
from symbolic.derivation.derive import derive, too_many_to_read
from symbolic.derivation.second_order import hessian, hessian_diagonal
from symbolic.derivation.standing_still import gathering
from symbolic.errors import SpecError
from symbolic.evidence.arithmetic import FLOAT
from symbolic.evidence.evidence import Verdict, _decide
from symbolic.evidence.labelled import Labelled, LabelledArithmetic
from symbolic.fuel import Exhausted, at_most, left, spend
from symbolic.language.affine import Index, size
from symbolic.language.expr import ONE, Entry, Expr, Partial, Symbol, Tensor, add, mul, power
from symbolic.language.terms import tensors, walk
from symbolic.network.budget import ANY_NETWORK, enough_for, enough_to_derive
from symbolic.network.network import Network
from symbolic.network.order import weights


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


def fan_in(count: int) -> Network:
    """One neuron with so many inputs, each a node of its own."""
    layers = {f"h{k}": {"inputs": ["x"], "width": 2, "activation": "tanh"} for k in range(count)}
    nodes = {**layers, "p": {"inputs": [*layers], "width": 1}}
    return Network.from_dict({"name": "c", "loss": "squared", "inputs": {"x": 2}, "output": "p", "nodes": nodes})


def test_the_terms_of_a_sum_that_stand_still_are_one_letter_on_both_sides():
    a, b, c, d, x = (Tensor(name) for name in "abcdx")
    whole = add(*(Entry(t) for t in (a, b, c, d)), power(Entry(x), 2))
    gather = gathering({x}, (a, b, c, d, x))
    shorter, again = gather(whole), gather(mul(Entry(b), whole))
    assert len(tensors(shorter)) == 2
    assert tensors(shorter)[0] == x
    assert tensors(again) == (b, *tensors(shorter))
    # what moves is left as it is, and so are a few terms
    assert gather(add(Entry(a), Entry(x))) == add(Entry(a), Entry(x))
    moving = gathering({a, b, c, d}, (a, b, c, d, x))
    assert moving(whole) == whole


def test_a_derivative_inside_of_a_term_is_no_letter():
    named = [Entry(Tensor(name)) for name in "abcd"]
    slopes = add(*(Partial(power(one, 2), one) for one in named), named[0])
    assert gathering({Tensor("x")}, ())(slopes) == slopes


def test_the_steps_to_each_of_many_inputs_of_a_neuron_are_one_question():
    wide = fan_in(24)
    _decide.cache_clear()
    steps = [step for name in weights(wide) for step in derive(wide, name, form="backprop").every_step()]
    assert all(step.evidence.verdict == Verdict.PROVED for step in steps)
    assert _decide.cache_info().misses < 24


def test_a_network_too_deep_to_be_derived_is_refused_before_the_first_error_in_words_that_fit():
    deep = network(2500)
    with pytest.raises(SpecError, match=r"2500 nodes .* recurrence over depth"):
        enough_to_derive(deep)
    enough_to_derive(network(300))
    with pytest.raises(SpecError, match="name parts as nodes"), enough_for(network(3)):
        spend(ANY_NETWORK)


def test_many_gradients_that_write_the_objective_out_by_rules_are_refused_one_is_not():
    wide = fan_in(30)
    names = weights(wide)
    why = too_many_to_read(wide, "expanded", "rule", len(names))
    assert why is not None
    assert str(why).startswith("form expanded: 60 gradients of 340 symbols")
    assert too_many_to_read(wide, "expanded", "rule", 1) is None
    assert too_many_to_read(wide, "expanded", "line", len(names)) is None
    assert too_many_to_read(wide, "backprop", "rule", len(names)) is None


def test_a_complex_step_takes_as_many_samples_as_there_is_room_for():
    small = network(3).objective
    sizes = {"N": 7}
    assert few_enough(small, sizes) == sizes
    layer = {"inputs": ["x"], "width": 3000}
    large = Network.from_dict({"name": "c", "loss": "squared", "inputs": {"x": 1000}, "nodes": {"p": layer}}).objective
    assert worked_out(large, sizes) > 7 * 3000 * 1000  # w_kd x_id for all of i, k and d, before Σ_d
    assert few_enough(large, sizes) == {"N": FEWEST_SAMPLES}


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
