"""Hessian-vector products, Hessians and Jacobians, against differences in 50-digit numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from symbolic.arithmetic import HIGH
from symbolic.calculus import partials
from symbolic.definition import Definition
from symbolic.derivation import Derivation
from symbolic.errors import SpecError
from symbolic.evaluate import Instance, evaluate
from symbolic.evidence import Verdict, compare
from symbolic.expr import Entry, Expr, Tensor
from symbolic.network import Network, builtin_specs
from symbolic.objective import Objective, build_objective
from symbolic.second_order import hessian, hessian_vector_product, jacobian
from symbolic.tangent import HessianVector, hessian_vector, tangent_of, tangents
from symbolic.terms import tensors

SIZES = {"N": 2, "d": 2, "D": 2, "J": 2, "H": 2, "K": 2, "T": 3, "U": 2, "C": 2}
#: What differences of order 8 with h = 10⁻⁵ give for these networks.
TWENTY_FIVE_DIGITS = HIGH.context.mpf(10) ** -25


@cache
def objective_of(name: str) -> Objective:
    return build_objective(Network.load(name))


@cache
def product_of(name: str) -> HessianVector:
    return hessian_vector(objective_of(name))


def shape(tensor: Tensor) -> tuple[int, ...]:
    return tuple(axis.value(SIZES) for axis in tensor.axes)


def drawn(tensor: Tensor, rng: np.random.Generator) -> Any:
    """Rational entries between -1 and 1, so that differences of them are exact."""
    numbers = np.frompyfunc(lambda k: Fraction(int(k), 64), 1, 1)
    return np.asarray(numbers(rng.integers(-64, 65, shape(tensor))), dtype=object)


def values_of(objective: Objective, seed: int = 0) -> dict[Tensor, Any]:
    rng = np.random.default_rng(seed)
    found = {t: drawn(t, rng) for t in (*objective.inputs, *(p.tensor for p in objective.parameters))}
    kinds = {fact.kind for fact in objective.facts}
    target = rng.integers(0, 2, shape(objective.target)).astype(object)
    if "sums_to_one" in kinds:
        target = np.eye(SIZES["K"], dtype=int)[rng.integers(0, SIZES["K"], SIZES["N"])].astype(object)
    elif not kinds:
        target = drawn(objective.target, rng)
    return {**found, objective.target: target}


def directions(objective: Objective, seed: int) -> dict[Tensor, Any]:
    rng = np.random.default_rng(seed)
    return {p.tensor: drawn(p.tensor, rng) for p in objective.parameters}


def high(expr: Expr, values: dict[Tensor, Any], definitions: tuple[Definition, ...]) -> Any:
    return evaluate(expr, Instance(SIZES, values, definitions), HIGH).array


def along(of: Callable[[Fraction], Any]) -> Any:
    """The derivative at 0 by a central difference of order 8 with h = 10⁻⁵."""
    h = Fraction(1, 10**5)
    weights = (Fraction(4, 5), Fraction(-1, 5), Fraction(4, 105), Fraction(-1, 280))
    terms = [(of(n * h) - of(-n * h)) * HIGH.context.mpf((c / h).numerator) / (c / h).denominator
             for n, c in enumerate(weights, start=1)]  # fmt: skip
    return sum(terms[1:], terms[0])


def close(left: Any, right: Any) -> bool:
    gap = np.abs(np.asarray(left, dtype=object) - np.asarray(right, dtype=object))
    return bool(np.all(gap < TWENTY_FIVE_DIGITS * (1 + np.abs(np.asarray(right, dtype=object)))))


# ------------------------------------------------------------------------------------- H v


@pytest.mark.parametrize("name", builtin_specs())
def test_the_hessian_vector_product_is_the_derivative_of_the_gradient_along_the_direction(name):
    objective, product = objective_of(name), product_of(name)
    values, v = values_of(objective), directions(objective, 1)
    given = {**values, **{tangent_of(w): direction for w, direction in v.items()}}
    gradient_definitions = (*objective.definitions, *product.adjoint.definitions)
    for parameter in objective.parameters[::3]:
        error = product.adjoint.of(parameter.tensor).definition

        def gradient(step: Fraction, error: Definition = error) -> Any:
            moved = {**values, **{w: values[w] + step * direction for w, direction in v.items()}}
            return high(error.entry, moved, gradient_definitions)

        result = product.of(parameter.tensor)
        assert close(high(result.entry, given, product.definitions), along(gradient)), parameter.tensor.name


@pytest.mark.parametrize("name", builtin_specs())
def test_the_hessian_is_symmetric(name):
    """uᵀ H v = vᵀ H u, for the whole Hessian over all parameters."""
    objective, product = objective_of(name), product_of(name)
    values, u, v = values_of(objective, 2), directions(objective, 3), directions(objective, 4)

    def form(left: dict[Tensor, Any], right: dict[Tensor, Any]) -> Any:
        given = {**values, **{tangent_of(w): direction for w, direction in right.items()}}
        moved = [high_at(product.of(w), given, product.definitions) for w in left]
        return sum((np.sum(left[w] * m) for w, m in zip(left, moved, strict=True)), HIGH.context.mpf(0))

    some = {p.tensor: u[p.tensor] for p in objective.parameters}
    assert close(form(some, v), form(v, some))
    assert not close(form(some, v), form(some, u)), "the test can fail"


@pytest.mark.parametrize("name", builtin_specs())
def test_the_product_is_linear_in_the_number_of_definitions(name):
    product = product_of(name)
    assert len(product.tangents) <= len(product.objective.definitions) + len(product.adjoint.definitions)
    parameters = [w.tensor for w in product.objective.parameters]
    seen = {*parameters, *map(tangent_of, parameters)}
    for definition in product.definitions:
        assert {t for t in tensors(definition.formula) if t.role in ("tangent", "adjoint", "value")} <= seen
        seen.add(definition.target)


@pytest.mark.parametrize("name", builtin_specs())
def test_every_step_of_a_hessian_vector_product_is_proved(name):
    for parameter in objective_of(name).parameters[::4]:
        derivation = hessian_vector_product(Network.load(name), parameter.tensor.name)
        evidence = derivation.evidence
        assert evidence["proved"] == evidence["steps"]
        assert derivation.result == product_of(name).of(parameter.tensor).formula


def test_what_does_not_depend_on_a_parameter_does_not_move():
    objective = objective_of("one_neuron")
    targets = {entry.of.target.name for entry in tangents(objective.definitions, objective)}
    assert targets == {"a_p", "p", "L", "Q"}
    assert tangent_of(objective.parameters[0].tensor) == Tensor("v_w", objective.parameters[0].tensor.axes, "direction")


def test_bishops_example_of_the_product():
    """(5.97)–(5.105) for one neuron: R{a} = Σ v x + v_b; R{p} = p(1 - p) R{a}."""
    lines = {str(entry.definition.entry): str(entry.definition.formula) for entry in product_of("one_neuron").tangents}
    assert lines["R_a_p[i]"] == "Sum(x[i, j]*v_w[j], j) + v_b_p"
    assert lines["R_p[i]"] == "p[i]*(1 - p[i])*R_a_p[i]"


# ------------------------------------------------------------------------------------- the Hessian

HESSIANS = [
    ("one_neuron", "w", "w"), ("one_neuron", "w", "b_p"), ("regularized_neuron", "w", "w"),
    ("one_hidden_layer", "w_1", "w_1"), ("one_hidden_layer", "w_1", "w_2"), ("one_hidden_layer", "b_z", "w_1"),
    ("conv1d", "w", "w"), ("mlp_classifier", "b_p", "w_p"), ("recurrent", "w_p", "b_p"), ("attention", "w_p", "b_p"),
]  # fmt: skip


@cache
def second(name: str, first: str, other: str) -> Derivation:
    return hessian(Network.load(name), first, other)


def entry_at(derivation: Derivation) -> tuple[Entry, Entry]:
    """The two entries that the goal ∂²Q/∂w∂v differentiates by."""
    goal: Any = derivation.goal
    return goal.of.by, goal.by


@pytest.mark.parametrize(("name", "first", "other"), HESSIANS)
def test_the_hessian_is_the_derivative_of_the_gradient(name, first, other):
    objective, derivation = objective_of(name), second(name, first, other)
    values = values_of(objective, 5)
    by, again = entry_at(derivation)
    error = product_of(name).adjoint.of(by.tensor).definition
    definitions = (*objective.definitions, *product_of(name).adjoint.definitions)
    result = Definition(
        Tensor("result", (*by.tensor.axes, *again.tensor.axes)),
        tuple(i for sub in (*by.subscripts, *again.subscripts) for i in sub.keys),
        derivation.result,
    )
    got = high_at(result, values, objective.definitions)
    for place in np.ndindex(*shape(again.tensor)):

        def gradient(step: Fraction, place: tuple[int, ...] = place) -> Any:
            moved = np.array(values[again.tensor], dtype=object)
            moved[place] = moved[place] + step
            return high_at(error, {**values, again.tensor: moved}, definitions)

        assert close(got[(..., *place)], along(gradient)), place


def high_at(definition: Definition, values: dict[Tensor, Any], definitions: tuple[Definition, ...]) -> Any:
    """A definition's target as an array with its axes in the order of the definition."""
    found = evaluate(definition.formula, Instance(SIZES, values, definitions), HIGH)
    full = tuple(index.extent.value(SIZES) for index in definition.indices)
    kept = [i for i in definition.indices if i in found.indices]
    array = found.array.transpose([found.indices.index(i) for i in kept])
    lengths = iter(array.shape)
    return np.broadcast_to(array.reshape([next(lengths) if i in kept else 1 for i in definition.indices]), full)


@pytest.mark.parametrize(("name", "first", "other"), [case for case in HESSIANS[:6] if case[1] != case[2]])
def test_the_order_of_differentiation_does_not_matter(name, first, other):
    one, two = second(name, first, other), hessian(Network.load(name), other, first)
    (by, again), (again_, by_) = entry_at(one), entry_at(two)
    moved = Definition(
        Tensor("two", (*by_.tensor.axes, *again_.tensor.axes)),
        tuple(i for sub in (*by_.subscripts, *again_.subscripts) for i in sub.keys),
        two.result,
    ).at((*by.subscripts, *again.subscripts))
    evidence = compare(one.result, moved, definitions=objective_of(name).definitions, facts=objective_of(name).facts)
    assert evidence.verdict == Verdict.PROVED, evidence


@pytest.mark.parametrize(("name", "first", "other"), HESSIANS)
def test_every_step_of_a_hessian_is_proved(name, first, other):
    derivation = second(name, first, other)
    assert derivation.evidence["proved"] == derivation.evidence["steps"]
    assert next(partials(derivation.result), None) is None
    for notation in ("lecture", "bishop"):
        assert r"\frac{\partial" in derivation.latex(notation=notation)


def test_the_two_entries_have_no_index_in_common():
    by, again = entry_at(second("one_hidden_layer", "w_1", "w_1"))
    assert {i.name for s in by.subscripts for i in s.keys}.isdisjoint(i.name for s in again.subscripts for i in s.keys)


# ------------------------------------------------------------------------------------- the Jacobian


@pytest.mark.parametrize("name", builtin_specs())
def test_the_jacobian_is_the_derivative_of_the_outputs_by_the_input(name):
    objective = objective_of(name)
    derivation = jacobian(Network.load(name))
    values = values_of(objective, 6)
    goal: Any = derivation.goal
    source = goal.by.tensor
    output = objective.definition(objective.output)
    indices = dict.fromkeys(i for sub in (*goal.of.subscripts, *goal.by.subscripts) for i in sub.keys)
    result = Definition(Tensor("result", tuple(i.extent for i in indices)), tuple(indices), derivation.result)
    got = high_at(result, values, objective.definitions)
    whole = len(goal.of.subscripts)
    for place in np.ndindex(*shape(source)[1:]):

        def outputs(step: Fraction, place: tuple[int, ...] = place) -> Any:
            moved = np.array(values[source], dtype=object)
            moved[(slice(None), *place)] = moved[(slice(None), *place)] + step  # of every object: each sees its own
            return high(output.entry, {**values, source: moved}, objective.definitions)

        assert close(got[(*(slice(None),) * whole, *place)], along(outputs)), place


def test_the_jacobian_by_an_input_of_ones_choice():
    derivation = jacobian(Network.load("scalar_graph"), "v")
    assert derivation.wrt == "v"
    assert derivation.evidence["proved"] == derivation.evidence["steps"]


def test_the_jacobian_of_the_hidden_layer_as_bishop_has_it():
    """(5.73)–(5.76): ∂p/∂x_d = p(1 - p) Σ_j w_j z_j(1 - z_j) w_jd."""
    result = jacobian(Network.load("one_hidden_layer")).result
    assert str(result) == "Sum(p[i]*(1 - p[i])*w_2[j]*z[i, j]*(1 - z[i, j])*w_1[j, d], j)"


def test_a_second_derivative_by_what_is_not_there_is_one_line():
    network = Network.load("one_neuron")
    with pytest.raises(SpecError, match="wrt: 'w_9' is no parameter of 'one_neuron', which has w, b_p"):
        hessian(network, "w", "w_9")
    with pytest.raises(SpecError, match="wrt: 'w_9' is no parameter"):
        hessian_vector_product(network, "w_9")
    with pytest.raises(SpecError, match="wrt: 'y' is no input of 'one_neuron', which has x"):
        jacobian(network, "y")
