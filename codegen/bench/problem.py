"""What contestants compute: a network, a number for each of its sizes, random samples and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.compiler.points import drawn_input, target
from codegen.targets.load import load
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

Array: TypeAlias = NDArray[Any]
#: So many batches, each with its own weights, take turns where arrays are fresh.
DRAWS = 8


@dataclass(frozen=True)
class Problem:
    """A network, a number for each of its sizes, and random samples."""

    network: Network
    sizes: Mapping[str, int]
    samples: int
    dtype: str = "float64"

    @cached_property
    def objective(self) -> Objective:
        return build_objective(self.network)

    @cached_property
    def all_sizes(self) -> dict[str, int]:
        """With the number of samples."""
        return {**self.sizes, **dict.fromkeys(self.objective.sample.extent.keys, self.samples)}

    @cached_property
    def weights(self) -> Array:
        return self.weights_of(0)

    def weights_of(self, draw: int) -> Array:
        """The flat vector of one draw."""
        made: Array = load(self.network).Objective(**self.sizes, dtype=np.dtype(self.dtype)).initial(seed=draw)
        return made

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """Inputs, target and parameters by name, in the shapes of their tensors."""
        return self.arrays_of(0, self.weights)

    @cached_property
    def draws(self) -> list[tuple[dict[str, Array], Array]]:
        """The arrays and the flat vector of each draw; the first are ``arrays`` and ``weights``."""
        further = [(self.arrays_of(draw, w), w) for draw in range(1, DRAWS) for w in [self.weights_of(draw)]]
        return [(self.arrays, self.weights), *further]

    def operands(self, names: Sequence[str]) -> list[tuple[Array, ...]]:
        """The arrays of these names, in each draw."""
        return [tuple(arrays[name] for name in names) for arrays, _ in self.draws]

    def arrays_of(self, draw: int, weights: Array) -> dict[str, Array]:
        """What ``arrays`` is, of one draw."""
        random = np.random.default_rng(draw)
        found: dict[str, Array] = {}
        facts = {fact.tensor: fact for fact in self.objective.facts}
        for tensor in self.objective.inputs:
            drawn = drawn_input(tensor, facts.get(tensor), self.all_sizes, random)
            found[tensor.name] = drawn.reshape(self.shape(tensor.axes))
        found[self.objective.target.name] = target(self.objective, self.all_sizes, random)
        start = 0
        for parameter in self.objective.parameters:
            shape = self.shape(parameter.tensor.axes)
            stop = start + int(np.prod(shape))
            found[parameter.tensor.name] = weights[start:stop].reshape(shape)
            start = stop
        return {name: np.array(array, self.dtype, order="C") for name, array in found.items()}

    @property
    def parameters(self) -> list[str]:
        return [parameter.tensor.name for parameter in self.objective.parameters]

    @property
    def data(self) -> list[str]:
        return [*(tensor.name for tensor in self.objective.inputs), self.objective.target.name]

    def shape(self, axes: tuple[Any, ...]) -> tuple[int, ...]:
        return tuple(int(axis.value(self.all_sizes)) for axis in axes)
