"""What a line gives for an unknown, put into the gradient that was set to zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from symbolic.evidence.evaluate import EvaluationError, Instance
from symbolic.language.expr import Expr, Tensor
from symbolic.language.terms import free_indices
from symbolic.marking.model.quick_numbers import Numbers
from symbolic.marking.stationary_points import numbers, solved

#: Of the gradient at numbers taken at random: what is left of it where it vanishes.
LEFT = 1e-8


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is solved for: by what it can be moved, a matrix of which it is the symmetric half perhaps, its gradient."""

    moving: Tensor
    symmetric: bool
    gradient: Expr


def solves_it(instance: Instance, unknown: Unknown, value: Expr, axes: tuple, others: list[Unknown]) -> bool | None:  # type: ignore[type-arg]
    """Whether a gradient vanishes at that value of its unknown, for any others or where theirs vanish too.

    None where the value or the gradient there is no number, as with fewer objects than a covariance needs.
    """
    try:
        with np.errstate(all="ignore"):
            found = numbers(instance, value, axes)
            here = with_values(instance, {unknown.moving: found})
            usual = size_of(instance, unknown.gradient)
            if here is None or not np.isfinite(found).all() or not 0 < usual < np.inf:
                return None
            if unknown.symmetric and np.abs(found - found.swapaxes(-1, -2)).max() > LEFT * np.abs(found).max():
                return False
            if size_of(here, unknown.gradient) <= LEFT * usual:
                return True
            halves = frozenset(other.moving for other in others if other.symmetric)
            place = solved(here, [o.moving for o in others], [o.gradient for o in others], halves) if others else None
            there = place.instance if place is not None else None
            left = size_of(there, unknown.gradient) if there is not None else np.inf
            again = numbers(there, value, axes) if there is not None else found
            if there is None or not np.isfinite(left) or not unchanged(again, there.values[unknown.moving]):
                return None
            return bool(left <= 1e2 * LEFT * usual)
    except (EvaluationError, KeyError, ValueError, IndexError, np.linalg.LinAlgError):
        return None


def with_values(instance: Instance, values: Mapping[Tensor, Numbers]) -> Instance | None:
    """The instance with these; None where one has not the shape of its tensor."""
    fresh = dict(instance.values)
    for tensor, array in values.items():
        if np.shape(array) != np.shape(fresh[tensor]):
            return None
        fresh[tensor] = array
    return replace(instance, values=fresh)


def size_of(instance: Instance, gradient: Expr) -> float:
    """The largest entry; infinite where it is no number."""
    found = np.abs(numbers(instance, gradient, tuple(sorted(free_indices(gradient)))))
    return float(found.max(initial=0.0)) if np.isfinite(found).all() else np.inf


def unchanged(value: Numbers, before: Numbers) -> bool:
    """Whether what is solved for stays where it was put once the others have moved: it is not made of them."""
    return np.shape(value) == np.shape(before) and bool(np.allclose(value, before, rtol=1e-9, atol=1e-12))
