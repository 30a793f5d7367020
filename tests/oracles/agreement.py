"""One check for every network: the emitted module, the evaluated adjoint, PyTorch and differences say the same."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from hypothesis import reject
from reference import NEAR, Reference, reference, slope
from strategies import Sample, sample

from codegen.targets.load import load
from symbolic.derivation.adjoint import Adjoint, adjoint, adjoint_of
from symbolic.derivation.derive import derive
from symbolic.derivation.parts import with_named_parts
from symbolic.evidence.evaluate import Evaluation, Instance, evaluate
from symbolic.language.expr import Entry
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

Arrays = dict[str, np.ndarray]


def assert_all_agree(spec: dict[str, Any], seed: int = 0, N: int = 3) -> None:
    """Value and gradient of a spec: module and evaluator against PyTorch, module against differences."""
    network = Network.from_dict(copy.deepcopy(spec))
    module = load(network).Objective()
    drawn, truth = away_from_kinks(spec, module, seed, N)
    value, flat = module.value_and_gradient(drawn.w, drawn.X, drawn.Y)
    assert_close(module.predict(drawn.w, drawn.X).reshape(truth.output.shape), truth.output, "predict")
    assert_same(value, parts(module, flat), truth)
    assert_same(*evaluated(network, module, drawn), truth)
    assert_slopes(module, drawn, flat, seed)


def away_from_kinks(spec: dict[str, Any], module: Any, seed: int, N: int) -> tuple[Sample, Reference]:
    """A sample at which Q has a gradient, and PyTorch's word for it."""
    for attempt in range(200):
        drawn = sample(spec, module.size, 1000 * seed + attempt, N)
        truth = reference(spec, spec.get("sizes", {}), parts(module, drawn.w), drawn.X, drawn.Y)
        if truth.distance > NEAR and np.isfinite(truth.value):
            return drawn, truth
    reject()  # every sample is next to a kink: a layer of tiny numbers before a relu


def parts(module: Any, flat: np.ndarray) -> Arrays:
    """The pieces of a flat vector by name, in the shapes of INTERFACE."""
    return {name: flat[part].reshape(shape) for name, (part, shape) in module.layout.items()}


def assert_same(value: float, gradient: Arrays, truth: Reference) -> None:
    assert_close(value, truth.value, "Q")
    assert gradient.keys() == truth.gradient.keys()
    largest = max(np.abs(g).max() for g in truth.gradient.values())
    for name, expected in truth.gradient.items():
        assert_close(gradient[name], expected, f"∂Q/∂{name}", scale=1e-6 * largest)


def assert_close(found: Any, expected: Any, what: str, scale: float = 0.0, digits: float = 1e-10) -> None:
    """Equal to ``digits`` relative to the largest entry."""
    found, expected = np.asarray(found), np.asarray(expected)
    allowed = digits * max(np.abs(expected).max(), scale, 1e-12)
    worst = np.abs(found - expected).max()
    assert worst <= allowed, f"{what}: off by {worst:.3g} where {allowed:.3g} is allowed\n{found}\nis not\n{expected}"


def evaluated(network: Network, module: Any, drawn: Sample) -> tuple[float, Arrays]:
    """Q and its gradient from the definitions themselves, by the evaluator: no lowering, no module."""
    objective = build_objective(network)
    derived = adjoint(objective)
    everything = Evaluation(instance_of(objective, derived, module, drawn))
    value = float(everything.value(Entry(objective.value)).array)
    gradient = {}
    for parameter in objective.parameters:
        definition = derived.of(parameter.tensor).definition
        assert definition.target == adjoint_of(parameter.tensor)
        found = everything.value(definition.entry)
        axes = [found.indices.index(i) for i in definition.indices]
        gradient[parameter.name] = np.transpose(found.array, axes).reshape(module.layout[parameter.name][1])
    return value, gradient


def instance_of(objective: Objective, derived: Adjoint, module: Any, drawn: Sample) -> Instance:
    """Numbers for the data and the parameters; everything else is computed from its definition."""
    sizes = {**module.sizes, "N": len(drawn.Y)}
    given = {**drawn.X, **parts(module, drawn.w), objective.target.name: drawn.Y}
    tensors = (*objective.inputs, objective.target, *(p.tensor for p in objective.parameters))
    values = {t: given[t.name].reshape([axis.value(sizes) for axis in t.axes]) for t in tensors}
    return Instance(sizes, values, (*objective.definitions, *derived.definitions))


def assert_slopes(module: Any, drawn: Sample, flat: np.ndarray, seed: int, directions: int = 2) -> None:
    """Along random directions the gradient is what differences of the value say."""
    rng = np.random.default_rng(seed)
    for _ in range(directions):
        direction = rng.standard_normal(module.size) / np.sqrt(module.size)
        h = 1e-4  # times the slope of a switch stays below NEAR for the networks that are drawn
        measured = slope(lambda w: module.value(w, drawn.X, drawn.Y), drawn.w, direction, h)
        scale = max(1.0, float(np.abs(flat).max()))
        assert abs(measured - flat @ direction) <= 1e-7 * scale, (measured, flat @ direction)


def assert_derivation_ends_in_the_gradient(spec: dict[str, Any], name: str, form: str) -> None:
    """Every step holds (else ``StepRefused``), and the result has PyTorch's value."""
    network = Network.from_dict(spec)
    module = load(network).Objective()
    objective = build_objective(network)
    numbers, truth = away_from_kinks(spec, module, seed=0, N=2)
    derivation = derive(network, name, form=form)
    assert derivation.evidence["steps"] == derivation.evidence["proved"] + derivation.evidence["agrees"]
    shown = with_named_parts(objective) if form == "backprop" else objective
    found = evaluate(derivation.result, instance_of(shown, adjoint(shown), module, numbers))
    entry = derivation.variable
    assert entry is not None
    axes = [found.indices.index(sub.single) for sub in entry.subscripts]
    expected = truth.gradient[name]
    largest = max(abs(g).max() for g in truth.gradient.values())
    assert_close(found.array.transpose(axes).reshape(expected.shape), expected, name, scale=1e-6 * largest)
