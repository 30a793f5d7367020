"""Hessian-vector products, Hessians and Jacobians, against differences in 50-digit numbers, and against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from agreement import assert_close, away_from_kinks, instance_of, parts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rarely import rarely, small_specs
from reference import _Run
from strategies import Sample, specs

from codegen.targets.load import load
from symbolic.derivation.calculus import partials
from symbolic.derivation.record import Derivation, StepRefused
from symbolic.derivation.second_order import hessian, hessian_vector_product, jacobian
from symbolic.derivation.tangent import HessianVector, hessian_vector, tangent_of, tangents
from symbolic.errors import SpecError
from symbolic.evidence.arithmetic import HIGH
from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.paths import entry_inside
from symbolic.language.terms import entries, tensors
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

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


@pytest.mark.parametrize("name", small_specs())
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


@pytest.mark.parametrize("name", small_specs())
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


@pytest.mark.parametrize("name", small_specs())
def test_the_product_is_linear_in_the_number_of_definitions(name):
    product = product_of(name)
    assert len(product.tangents) <= len(product.objective.definitions) + len(product.adjoint.definitions)
    parameters = [w.tensor for w in product.objective.parameters]
    seen = {*parameters, *map(tangent_of, parameters)}
    for definition in product.definitions:
        assert {t for t in tensors(definition.formula) if t.role in ("tangent", "adjoint", "value")} <= seen
        seen.add(definition.target)


@pytest.mark.parametrize("name", rarely(small_specs(), ["one_hidden_layer", "layer_norm"]))
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


# ------------------------------------------------------------------------- one letter in several sums

SAME_LETTER = {
    "a square": "Sum(a[k]*x[i,k], k)**2",
    "a product of two sums": "Sum(a[k]*x[i,k], k)*Sum(b[k]*x[i,k]**2, k)",
    "a quotient": "Sum(a[k]*x[i,k], k)/sqrt(Sum(a[k]**2, k) + 0.5)",
    "a sum beside a function of one": "Sum(a[k], k)*exp(Sum(a[k]*x[i,k], k))",
    "a sum inside, and its letter beside it": "Sum(a[k]*tanh(Sum(b[m]*x[i,m], m)), k)*Sum(a[m]*b[m], m)",
}


def one_node(formula: str, letters: str = "i", **more: Any) -> dict[str, Any]:
    node = {"formula": f"p[{letters}] = {formula}", "width": 2 if "," in letters else 1}
    return {"name": "own", "loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": {"p": node}, **more}


def second_derivatives(spec: dict[str, Any], module: Any, numbers: Sample) -> np.ndarray:
    """The Hessian of Q over the flat vector of parameters by PyTorch: ``backward`` of ``backward``."""
    w = {name: torch.tensor(array, requires_grad=True) for name, array in parts(module, numbers.w).items()}
    x = {name: torch.tensor(array) for name, array in numbers.X.items()}
    q = _Run(spec, module.sizes, w, x).objective(torch.tensor(numbers.Y))

    def slopes(of: torch.Tensor) -> torch.Tensor:
        if not of.requires_grad:  # a number
            return torch.zeros(module.size)
        found = torch.autograd.grad(of, list(w.values()), create_graph=True, materialize_grads=True)
        return torch.cat([array.flatten() for array in found])

    return torch.stack([slopes(slope) for slope in slopes(q)]).detach().numpy()


def assert_second_derivatives_agree(spec: dict[str, Any], derivations: int | None = None) -> None:
    """H by the module and H v by the derivation, against ``backward`` of ``backward`` and against differences."""
    network = Network.from_dict(spec)
    module = load(network, hessian=True).Objective()
    numbers, _ = away_from_kinks(spec, module, seed=1, N=3)
    w, data = numbers.w, (numbers.X, numbers.Y)
    truth = second_derivatives(spec, module, numbers)
    found = np.array([module.hessian_vector(w, e, *data).copy() for e in np.eye(module.size)])
    assert_close(found, truth, "H", digits=1e-9)
    assert_close(found, found.T, "H transposed", digits=1e-9)
    v = np.random.default_rng(0).uniform(-1, 1, module.size)
    h = 1e-4 / 2**0.5
    steps = [module.value_and_gradient(w + n * h * v, *data)[1].copy() for n in (-2, -1, 1, 2)]
    slope = (steps[0] - 8 * steps[1] + 8 * steps[2] - steps[3]) / (12 * h)
    assert_close(found @ v, slope, "H v by differences", scale=np.abs(truth).max(), digits=1e-6)
    assert_derivations_end_in(truth @ v, v, network, module, numbers, derivations)


def assert_derivations_end_in(
    product: Any, v: Any, network: Network, module: Any, numbers: Sample, many: int | None
) -> None:
    """Every step of every R{∂Q/∂w}, or of so many, holds (else ``StepRefused``), and its last line has this value."""
    objective = build_objective(network)
    whole = hessian_vector(objective)
    instance = instance_of(objective, whole.adjoint, module, numbers)
    moved = {
        tangent_of(p.tensor): parts(module, v)[p.name].reshape([axis.value(instance.sizes) for axis in p.tensor.axes])
        for p in objective.parameters
    }
    instance = Instance(instance.sizes, {**instance.values, **moved}, whole.definitions)
    for parameter in objective.parameters[:many]:
        derivation = hessian_vector_product(network, parameter.name)
        assert derivation.evidence["steps"] == derivation.evidence["proved"] + derivation.evidence["agrees"]
        found = evaluate(derivation.result, instance)
        axes = [found.indices.index(index) for index in whole.of(parameter.tensor).indices]
        expected = parts(module, product)[parameter.name]
        result = found.array.transpose(axes).reshape(expected.shape)
        assert_close(result, expected, parameter.name, scale=np.abs(product).max(), digits=1e-9)


@pytest.mark.parametrize("name", SAME_LETTER)
def test_sums_with_the_same_letter_have_the_second_derivatives_that_pytorch_finds(name):
    assert_second_derivatives_agree(one_node(SAME_LETTER[name]))


def test_the_second_derivative_of_a_square_of_a_sum_by_hand():
    """Q = (1 - (aᵀx)²)² at aᵀx = -1/2: H = (12(aᵀx)² - 4)·xxᵀ = -xxᵀ, and xxᵀ(1, 0) = (1, 2)."""
    module = load(Network.from_dict(one_node(SAME_LETTER["a square"])), hessian=True).Objective()
    product = module.hessian_vector([0.5, -0.5], [1, 0], [[1, 2]], [1])
    np.testing.assert_allclose(product, [-1, -2], rtol=1e-14)


def test_a_letter_of_a_sum_is_not_that_letter_outside_it():
    """E_a[k] = Σ_i 2E_p[i] (Σ_k a[k]x[i,k]) x[i,k]: its a[k] is every a, not the one of the k outside."""
    objective = build_objective(Network.from_dict(one_node(SAME_LETTER["a square"])))
    a = objective.parameters[0].tensor
    error = hessian_vector(objective).adjoint.of(a).definition
    assert str(error.formula) == "Sum(2*E_p[i]*Sum(a[k]*x[i, k], k)*x[i, k], i)"
    (k,) = error.indices
    entry, running = entry_inside(error.formula, a, error.indices, ())
    assert len(running) == 1
    assert running[0].name != k.name
    assert entry == a[running]
    assert entry_inside(a[k], a, (k,), ()) == (a[k], ())


def test_a_law_that_leaves_out_entries_is_refused(monkeypatch):
    """∂E_a[k]/∂a[k] v[k] for Σ_s ∂E_a[k]/∂a[s] v[s], read off by letters alone: a step between two such lines holds."""

    def by_letters_alone(formula: Expr, tensor: Tensor, outer: Any) -> Any:
        return tuple(entry.subscripts for entry in entries(formula, tensor))

    monkeypatch.setattr("symbolic.language.paths.places", by_letters_alone)
    with pytest.raises(StepRefused):
        hessian_vector_product(Network.from_dict(one_node(SAME_LETTER["a square"])), "a")


@st.composite
def sums(draw: st.DrawFn, free: str = "", values: tuple[str, ...] = ("a", "b")) -> str:
    """A Σ over the first letter that it may have: all Σ beside each other have the same one."""
    letter = next(letter for letter in "kmn" if letter not in free)
    chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
    shapes = st.sampled_from(("{}", "{}", "{}**2", "tanh({})"))
    factors = [f"x[i,{letter}]", *(draw(shapes).format(f"{v}[{letter}]") for v in chosen)]
    if len(free) < 2 and draw(st.integers(0, 3)) == 0:
        factors.append(draw(sums(free + letter, values)))
    return f"Sum({'*'.join(factors)}, {letter})"


@st.composite
def formulas(draw: st.DrawFn) -> dict[str, Any]:
    """One node, p[i] or p[i,k], made of several Σ."""
    free = draw(st.sampled_from(("", "k")))
    shapes = st.sampled_from(("{}", "{}", "{}**2", "exp({}/4)", "1/sqrt({}**2 + 1)", "tanh({})"))
    terms = [draw(shapes).format(draw(sums(free))) for _ in range(draw(st.integers(1, 3)))]
    formula = terms[0]
    for term in terms[1:]:
        formula += draw(st.sampled_from(("*", "*", " + "))) + term
    regularizer: dict[str, Any] = {"regularizer": {"l2": 0.1}} if draw(st.booleans()) else {}
    reduction = draw(st.sampled_from(("sum", "mean")))
    if not free:
        return one_node(formula, reduction=reduction, **regularizer)
    return one_node(f"a[k]*x[i,k]*({formula})", "i,k", reduction=reduction, **regularizer)


#: Without shrinking: a failure is reported at once, with the spec that was drawn.
drawn_specs = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


@settings(drawn_specs, max_examples=8)
@given(spec=formulas())
@pytest.mark.slow
def test_second_derivatives_of_a_drawn_formula_agree_with_pytorch_and_with_differences(spec):
    assert_second_derivatives_agree(spec)


@settings(drawn_specs, max_examples=3)
@given(spec=specs())
@pytest.mark.slow
def test_second_derivatives_of_a_drawn_network_agree_with_pytorch_and_with_differences(spec):
    assert_second_derivatives_agree(spec, derivations=1)


# ------------------------------------------------------------------------------------- the Hessian

HESSIANS = [
    ("one_neuron", "w", "w"), ("one_neuron", "w", "b_p"), ("regularized_neuron", "w", "w"),
    ("one_hidden_layer", "w_1", "w_1"), ("one_hidden_layer", "w_1", "w_2"), ("one_hidden_layer", "b_z", "w_1"),
    ("conv1d", "w", "w"), ("mlp_classifier", "b_p", "w_p"), ("recurrent_unrolled", "w_p", "b_p"),
    ("attention", "w_p", "b_p"),
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


@pytest.mark.parametrize("name", small_specs())
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
    for at, *place in np.ndindex(*shape(source)):  # one object alone: others may be behind its output too

        def outputs(step: Fraction, at: int = at, place: tuple[int, ...] = tuple(place)) -> Any:
            moved = np.array(values[source], dtype=object)
            moved[(at, *place)] += step
            return high_at(output, {**values, source: moved}, objective.definitions)[at]

        assert close(got[(at, *(slice(None),) * (whole - 1), *place)], along(outputs)), (at, *place)


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


@pytest.mark.parametrize(
    "nodes",
    [
        {"z": {"inputs": ["x"], "width": "J", "activation": "relu"}, "p": {"inputs": ["z"], "width": 1}},
        {"z": {"formula": "z[i,j] = max(w_1[j]*x[i], w_2[j]*x[i] + b[j])"}, "p": {"inputs": ["z"], "width": 1}},
        {"p": {"formula": "p[i] = min(w*x[i], abs(w))*[w*x[i] > v]"}},
    ],
)
def test_the_hessian_of_a_network_with_cases_ends_and_every_step_is_proved(nodes):
    values = {"loss": "squared", "output": "p", "inputs": {"x": 1}, "nodes": nodes}
    if "z" in nodes:
        nodes = {**nodes, "z": {**nodes["z"], "width": "J"}}
        values |= {"nodes": nodes, "sizes": {"J": 3}}
    found = hessian(Network.from_dict(values))
    assert found.evidence["proved"] == found.evidence["steps"]
    assert not list(partials(found.result))
