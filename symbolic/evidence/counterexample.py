"""A difference in numbers that a person can follow: few of them, small, and where the gap is widest."""

from __future__ import annotations

from typing import Any

import numpy as np

from symbolic.evidence.arithmetic import FLOAT, Mask
from symbolic.evidence.equal_numbers import close
from symbolic.evidence.question import Question
from symbolic.evidence.sampling import PROFILES, Extents, Observation, draw, observe


def readable_counterexample(
    question: Question, needs: Extents, seen: Observation, point: int, rng: np.random.Generator, undefined: bool
) -> dict[str, Any]:
    """The most readable one that a short search finds, else the point that was seen.

    ``undefined``: what is looked for is a place where one side alone has a value.
    """
    for number in (1, 2):
        sizes = dict.fromkeys(needs.names, number)
        if needs.names and not needs.fit(sizes):
            continue
        for profile in PROFILES:
            nice = observe(question, draw(question, sizes, 16, profile, rng, halves=True), FLOAT)
            wrong = nice.left_missing | nice.right_missing if undefined else differs(nice) & ~nice.kinks
            if wrong.any():
                return in_numbers(nice, int(np.argmax(wrong)))
    return in_numbers(seen, point)


def differs(seen: Observation) -> Mask:
    """By point: both sides are defined and clearly different somewhere."""
    apart = ~close(seen.left, seen.right, 1e-4).reshape(len(seen.left), -1).all(axis=1)
    return np.asarray(apart & ~seen.left_undefined & ~seen.right_undefined)


def in_numbers(seen: Observation, point: int) -> dict[str, Any]:
    """The values drawn at a point, and both sides at the place where they are furthest apart."""
    left, right = (seen.arithmetic.floats(side[point]) for side in (seen.left, seen.right))
    with np.errstate(all="ignore"):
        gap = np.where(np.isnan(left) != np.isnan(right), np.inf, np.abs(left - right))
    place = tuple(int(k) for k in np.unravel_index(int(np.nanargmax(gap)), gap.shape))
    values = {tensor.name: np.asarray(value)[point].tolist() for tensor, value in seen.instance.values.items()}
    values |= {name: float(value[point]) for name, value in seen.instance.symbols.items()}
    return {
        "sizes": dict(seen.instance.sizes),
        "values": values,
        "at": {index.name: k for index, k in zip(seen.indices[1:], place, strict=True)},
        "left": _number(left[place]),
        "right": _number(right[place]),
    }


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
