"""Seeds: the entries of a tensor, each with an infinitesimal of its own, that a derivative is taken by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from symbolic.evidence.jets import Dual, Jet, JetArithmetic
from symbolic.language.affine import Index, Size, Subscript
from symbolic.language.expr import Tensor


@lru_cache(maxsize=10_000)
def axis_indices(tensor: Tensor) -> tuple[Index, ...]:
    """Private labels for the axes of a tensor."""
    return tuple(Index(f"#{axis}", extent) for axis, extent in enumerate(tensor.axes))


@dataclass(frozen=True, slots=True)
class Seed:
    """All entries of a tensor carry an infinitesimal; ``indices`` label the axes that tell them apart.

    Along an axis with a place in ``places`` only the entries at that place do, and nothing needs telling apart.
    """

    tag: int
    tensor: Tensor
    indices: tuple[Index, ...]
    places: tuple[int | None, ...]


class Seeds:
    """Makes seeds; each has a larger tag than those before it."""

    def __init__(self) -> None:
        self._tags = 0
        self._shared: dict[tuple[Tensor, tuple[int | None, ...], tuple[int, ...]], Seed] = {}

    def next_tag(self) -> int:
        self._tags += 1
        return self._tags

    def fresh(self, tensor: Tensor, places: tuple[int | None, ...]) -> Seed:
        tag = self.next_tag()
        indices = tuple(Index(f"#{tag}.{axis}", extent) for axis, extent in enumerate(tensor.axes))
        return Seed(tag, tensor, indices, places)

    def shared(self, tensor: Tensor, places: tuple[int | None, ...], around: tuple[Seed, ...]) -> Seed:
        """The same one again inside the same derivatives, so that tangents are shared."""
        key = (tensor, places, tuple(seed.tag for seed in around))
        if key not in self._shared:
            self._shared[key] = self.fresh(tensor, places)
        return self._shared[key]


def fixed_place(sub: Subscript, extent: Size, sizes: Mapping[str, int]) -> int | None:
    """Where a subscript without an index stands, as long as that is inside."""
    place = None if sub.keys else sub.offset.value(sizes)
    return place if place is not None and 0 <= place < extent.value(sizes) else None


def seeded(jets: JetArithmetic, jet: Jet, seeds: tuple[Seed, ...]) -> Jet:
    """The tensor plus its infinitesimals: ∂tensor/∂tensor is Π δ(axis, seed axis)."""
    numbers = jets.numbers
    for seed in seeds:
        slope = numbers.one
        for axis, index, place in zip(axis_indices(seed.tensor), seed.indices, seed.places, strict=True):
            eye = np.eye(axis.extent.value(numbers.sizes), dtype=np.bool_)
            mask, labels = (eye, (axis, index)) if place is None else (eye[place], (axis,))
            slope = numbers.times(numbers.indicator(mask, labels), slope)
        jet = jets.add(jet, Dual(seed.tag, numbers.zero, slope))
    return jet
