"""Drawing a point: weights and a small sample that a network's loss can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from symbolic.language.expr import Tensor
from symbolic.network.objective import Objective

Array = NDArray[np.float64]


class Sampled(Protocol):
    """What has a target, and facts about it."""

    @property
    def target(self) -> Tensor: ...
    @property
    def facts(self) -> tuple[Any, ...]: ...


@dataclass(frozen=True)
class Point:
    """Weights w (flat), the inputs by name as (N, width), and the target as (N, K), or (N,) when K = 1."""

    weights: Array
    inputs: Mapping[str, Array]
    target: Array

    @property
    def X(self) -> Array | dict[str, Array]:
        """The inputs as a module takes them: the array alone when there is one."""
        return next(iter(self.inputs.values())) if len(self.inputs) == 1 else dict(self.inputs)


def draw(objective: Objective, sizes: Mapping[str, int], weights: int, seed: int) -> Point:
    """A random point: normal weights and inputs, and a target that has what the loss takes for granted.

    ``sizes`` includes the number of samples.  Weights are drawn rather than initialised: a bias that
    starts at 0 would put |w| on its kink and hide a gradient that forgets the bias.
    """
    random = np.random.default_rng(seed)
    w = draw_weights(weights, random)
    known = {fact.tensor: fact for fact in objective.facts}
    inputs = {tensor.name: drawn_input(tensor, known.get(tensor), sizes, random) for tensor in objective.inputs}
    return Point(w, inputs, target(objective, sizes, random))


def drawn_input(tensor: Tensor, fact: Any, sizes: Mapping[str, int], random: np.random.Generator) -> Array:
    """Values that the input can take, by what is known of it; normal ones where nothing is."""
    lengths = shape(tensor, sizes, 0 if tensor.role == "constant" else 2)
    match fact.kind if fact is not None else "":
        case "whole":
            return random.integers(fact.below.value(sizes), size=lengths).astype(np.float64)
        case "binary":
            return random.integers(2, size=lengths).astype(np.float64)
        case "sign":
            return random.choice((-1.0, 1.0), size=lengths)
        case "positive":
            return random.uniform(0.2, 1.8, size=lengths)
        case "probability":
            return random.uniform(0.05, 0.95, size=lengths)
        case "sums_to_one":
            one_hot: Array = np.eye(lengths[-1])[random.integers(lengths[-1], size=lengths[:-1])]
            return one_hot
    return random.normal(size=lengths)


def draw_weights(count: int, random: np.random.Generator) -> Array:
    """Normal weights, moved away from 0 so that no slope is tiny by luck."""
    w = random.normal(scale=0.7, size=count)
    return w + np.copysign(0.05, w)


def target(objective: Sampled, sizes: Mapping[str, int], random: np.random.Generator) -> Array:
    """A target with the facts that the loss relies on: one-hot, 0 or 1, ±1; else positive numbers of size 1."""
    tensor = objective.target
    known = next((fact for fact in objective.facts if fact.tensor == tensor), None)
    if known is not None and known.kind in ("whole", "positive", "probability"):
        return drawn_input(tensor, known, sizes, random).reshape(shape(tensor, sizes, 1))
    kinds = {fact.kind for fact in objective.facts if fact.tensor == tensor}
    lengths = shape(tensor, sizes, 1)
    if "sums_to_one" in kinds:
        width = lengths[-1] if len(lengths) > 1 else 1
        one_hot: Array = np.eye(width)[random.integers(width, size=lengths[:-1] if len(lengths) > 1 else lengths)]
        return one_hot.reshape(lengths)
    if "binary" in kinds:
        return random.integers(2, size=lengths).astype(np.float64)
    if "sign" in kinds:
        return random.choice((-1.0, 1.0), size=lengths)
    return random.uniform(0.2, 1.8, size=lengths)


def shape(tensor: Tensor, sizes: Mapping[str, int], least: int) -> tuple[int, ...]:
    """The lengths of a tensor's axes, with axes of length 1 added until there are ``least``."""
    lengths = tuple(axis.value(sizes) for axis in tensor.axes)
    return lengths + (1,) * (least - len(lengths))
