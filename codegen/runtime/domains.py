"""Domains: what entries of an input or of a target may be, and random ones that are so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np

from codegen.runtime.arguments import Array

#: A kind of values, one of VALUES, and what whole numbers are below.
Domain: TypeAlias = tuple[str, int]


class Values(NamedTuple):
    """One kind of values."""

    #: What a message calls them; {} is the largest whole number.
    called: str
    #: (an array, what whole numbers are below) → where an entry is none of them.
    wrong: Callable[[Array, int], Array]
    #: (shape, what whole numbers are below, random numbers) → an array of them.
    drawn: Callable[[tuple[int, ...], int, np.random.Generator], Array]


def one_hot(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Rows with a single 1, (…, K)."""
    return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]


VALUES: Mapping[str, Values] = {
    "whole": Values(
        "whole numbers from 0 to {}",
        lambda array, below: (array < 0) | (array >= below) | (array != np.floor(array)),
        lambda shape, below, rng: rng.integers(max(below, 1), size=shape).astype(float),
    ),
    "binary": Values(
        "0 or 1",
        lambda array, below: (array != 0) & (array != 1),
        lambda shape, below, rng: rng.integers(2, size=shape).astype(float),
    ),
    "sign": Values(
        "-1 or 1",
        lambda array, below: np.abs(array) != 1,
        lambda shape, below, rng: np.asarray(2.0 * rng.integers(2, size=shape) - 1),
    ),
    "positive": Values(
        "numbers above 0",
        lambda array, below: array <= 0,
        lambda shape, below, rng: rng.random(shape) + 0.1,
    ),
    "probability": Values(
        "numbers from 0 to 1",
        lambda array, below: (array < 0) | (array > 1),
        lambda shape, below, rng: rng.random(shape),
    ),
    "sums_to_one": Values(
        "rows that sum to 1",
        lambda array, below: np.abs(array.sum(axis=-1, keepdims=True) - 1) > 1e-4,
        lambda shape, below, rng: one_hot(shape, rng),
    ),
}


def check_values(name: str, array: Array, domain: Domain) -> None:
    """Raises ValueError where an entry is none of the values of the domain."""
    kind, below = domain
    wrong = VALUES[kind].wrong(array, below)
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        raise ValueError(
            f"{name}: got {array[place]:g} at {list(place)}, expected {VALUES[kind].called.format(below - 1)}"
        )


def drawn_values(shape: tuple[int, ...], domain: Domain, rng: np.random.Generator) -> Array:
    """Random values of the domain, in this shape."""
    kind, below = domain
    return VALUES[kind].drawn(shape, below, rng)
