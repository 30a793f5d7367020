"""Drawing the points: sizes all different, small and large weights, 1 to 7 samples.

Both sides of every kink are to be met: the comparisons in the derived gradient ([a > 0] of a ReLU, a hinge's
[y p < 1]) are evaluated, and more points are drawn until each was true somewhere and false somewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codegen.audit.trials import SAMPLES, Array, Problem, Trial
from codegen.compiler.points import drawn_input, target
from symbolic.errors import CommandError
from symbolic.language.definition import Definition
from symbolic.language.expr import Compare, Tensor
from symbolic.language.terms import free_indices, walk

#: How large the weights are at the points in turn, beside those of one unit.
SCALES = (1.0, 0.5, 1.4, 0.15, 1.0, 2.0)
LEAST, MOST = 24, 72


@dataclass(frozen=True, slots=True)
class Drawn:
    """The trials, and the comparisons of the derived gradient that came out one way at all of them."""

    trials: tuple[Trial, ...]
    one_sided: tuple[str, ...]
    kinks: int


def draw_trials(problem: Problem, seed: int = 0, one_hot_inputs: bool = False, classes: bool = False) -> Drawn:
    """At least ``LEAST`` points, more until both sides of every kink were met, ``MOST`` at the most.

    ``one_hot_inputs``: the last axis of an input is a class (the letters of a text); ``classes``: so is the target's.
    ``SpecError`` where Q has no value at nearly all points.
    """
    random = np.random.default_rng(seed)
    trials: list[Trial] = []
    met: dict[str, set[bool]] = {}
    while len(trials) < MOST:
        fresh = [_trial(problem, len(trials) + k, random, one_hot_inputs, classes) for k in range(LEAST)]
        if np.isfinite(problem.losses(fresh)).mean() < 0.3:
            fresh = [_positive(trial) for trial in fresh]
        good = np.isfinite(problem.losses(fresh)) & np.array([_is_finite(one) for one in problem.gradients(fresh)])
        if not good.any():
            raise CommandError(f"{problem.network.name}: Q has no finite value at {LEAST} random points")
        trials += [trial for trial, fine in zip(fresh, good, strict=True) if fine]
        met = sides_met(problem, trials)
        if len(trials) >= 20 and all(len(found) == 2 for found in met.values()):
            break
    return Drawn(tuple(trials[:MOST]), one_sided(met), len(met))


def _is_finite(gradients: Mapping[str, Array]) -> bool:
    """Whether no number of a point is too large: e^1000 is a softmax's limit, and says nothing of anybody's code."""
    return all(bool(np.isfinite(array).all()) for array in gradients.values())


def one_sided(met: Mapping[str, set[bool]]) -> tuple[str, ...]:
    """The comparisons that came out one way alone."""
    return tuple(name for name, found in met.items() if len(found) < 2)


def _trial(problem: Problem, number: int, random: np.random.Generator, one_hot: bool, classes: bool) -> Trial:
    samples, scale = SAMPLES[number % len(SAMPLES)], SCALES[(number // 2) % len(SCALES)]
    parameters = {name: scale * _away(random.normal(size=shape)) for name, shape in problem.shapes.items()}
    sizes = {**problem.sizes, "N": samples}
    known = {fact.tensor: fact for fact in problem.objective.facts}
    inputs = {}
    for one in problem.objective.inputs:
        lengths = tuple(axis.value(problem.sizes) for axis in one.axes[1:]) or (1,)
        array = drawn_input(one, known.get(one), sizes, random)
        if one_hot:
            array = np.eye(lengths[-1])[random.integers(lengths[-1], size=(samples, *lengths[:-1]))]
        inputs[one.name] = array
    wanted = target(problem.objective, sizes, random)
    if (
        problem.fact is None and problem.objective.target not in known and number % 3 == 2
    ):  # targets beside the outputs, and far from them
        wanted = wanted * 2.5 - 0.4 if problem.network.loss.name != "poisson" else wanted * 3
    if classes or (problem.fact == "sums_to_one" and wanted.ndim == 2):
        wanted = _one_hot(wanted.shape, random)
    return Trial(samples, parameters, inputs, wanted)


def _one_hot(shape: tuple[int, ...], random: np.random.Generator) -> Array:
    """Classes of which the last is among them: much code takes the greatest class number for their number."""
    numbers = random.integers(shape[-1], size=shape[:-1])
    numbers[-1] = shape[-1] - 1
    one_hot: Array = np.eye(shape[-1])[numbers]
    return one_hot


def _away(array: Array) -> Array:
    """Away from 0, where |w| has its kink and a factor w does not show."""
    return array + np.copysign(0.05, array)


def _positive(trial: Trial) -> Trial:
    """For a network that has a value only for positive numbers."""
    parameters = {name: np.abs(array) for name, array in trial.parameters.items()}
    return Trial(trial.samples, parameters, {n: np.abs(a) for n, a in trial.inputs.items()}, trial.target)


def sides_met(problem: Problem, trials: Sequence[Trial]) -> dict[str, set[bool]]:
    """What each comparison of the derived gradient came out as, somewhere."""
    compared: dict[str, Definition] = {}
    for definition in problem.adjoint.definitions:
        for number, node in enumerate(n for n in walk(definition.formula) if isinstance(n, Compare)):
            indices = tuple(sorted(free_indices(node)))
            tensor = Tensor(f"#{definition.target.name}{number}", tuple(index.extent for index in indices))
            compared.setdefault(str(node), Definition(tensor, indices, node))
    found = problem.evaluate(trials, [d.target for d in compared.values()], compared.values()) if compared else {}
    return {
        name: {bool(value) for array in found[definition.target] for value in np.unique(array)}
        for name, definition in compared.items()
    }
