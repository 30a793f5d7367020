"""The entries of a tensor at given sizes, by their places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import TypeAlias

from symbolic.language.expr import Tensor

Places: TypeAlias = tuple[int, ...]


def shape(tensor: Tensor, sizes: Mapping[str, int]) -> Places:
    return tuple(axis.value(sizes) for axis in tensor.axes)


def places_of(tensor: Tensor, sizes: Mapping[str, int]) -> Iterable[Places]:
    """The places of all entries, the last axis running fastest."""
    return product(*map(range, shape(tensor, sizes)))
