"""What a line gives for an unknown, put into the gradient that was set to zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from symbolic.evidence.evaluate import EvaluationError, Instance
from symbolic.language.affine import Index
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import free_indices
from symbolic.marking.model.quick_numbers import Numbers
from symbolic.marking.stationary_points import LIKE, SINGULAR, UNLIKE, freed, numbers, solved

#: Of the gradient at numbers taken at random: what is left of it where it vanishes.
LEFT = 1e-6
#: How often an unknown and the others are moved in turn.
ROUNDS = 4
#: Of so many entries at most an unknown's gradient is compared with what a line says; and how near they must come.
MOST, NEAR = 12, 1e-7


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is solved for: by what it can be moved, a matrix of which it is the symmetric half perhaps, its gradient."""

    moving: Tensor
    symmetric: bool
    gradient: Expr


def solves_it(
    instance: Instance, unknown: Unknown, value: Expr, axes: tuple[Index, ...], others: list[Unknown]
) -> bool | None:
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
            if unknown.symmetric and np.abs(found - found.swapaxes(-1, -2)).max() > LIKE * np.abs(found).max():
                return None
            left = size_of(here, unknown.gradient)
            if left <= LEFT * usual:
                return True
            if not others:
                return False if UNLIKE * usual < left < SINGULAR * usual else None
            there = settled(here, unknown.moving, value, axes, others)
            left = size_of(there, unknown.gradient) if there is not None else np.inf
            if not np.isfinite(left):
                return None
            return True if left <= LIKE * usual else False if UNLIKE * usual < left < SINGULAR * usual else None
    except (EvaluationError, KeyError, ValueError, IndexError, np.linalg.LinAlgError):
        return None


def settled(
    instance: Instance, moving: Tensor, value: Expr, axes: tuple[Index, ...], others: list[Unknown]
) -> Instance | None:
    """Where the gradients of the others vanish, and the unknown is what a line says: of Σ = Σ_n (x_n - μ)(x_n - μ)ᵀ/N
    that depends on where μ went.  None where both do not come to rest."""
    halves = frozenset(other.moving for other in others if other.symmetric)
    unknowns, gradients = [o.moving for o in others], [o.gradient for o in others]
    usual = [size_of(instance, gradient) for gradient in gradients]
    for _ in range(ROUNDS):
        place = solved(instance, unknowns, gradients, halves)
        if place is None:
            return None
        if any(size_of(place.instance, g) > LIKE * most for g, most in zip(gradients, usual, strict=True)):
            return None  # times the length of an unknown that went to 0 alone it was small
        again = numbers(place.instance, value, axes)
        if unchanged(again, place.instance.values[moving]):
            return place.instance
        fresh = with_values(place.instance, {moving: again})
        if fresh is None or not np.isfinite(again).all():
            return None
        instance = fresh
    return None


def value_solves(instance: Instance, unknown: Tensor, sides: tuple[Expr, Expr], gradient: Expr) -> bool | None:
    """Whether a gradient by a value that is made of others vanishes where that value is what a line says."""
    left, right = sides
    if not isinstance(left, Entry) or left.tensor != unknown:
        return None
    axes = tuple(index for place in left.subscripts if (index := place.single) is not None)
    if len({*axes}) < len(left.subscripts):
        return None
    return solves_it(freed(instance, unknown), Unknown(unknown, False, gradient), right, axes, [])


def is_image_of(instance: Instance, unknown: Unknown, difference: Expr) -> bool:
    """Whether a difference is a linear image of the gradient, the same one wherever the unknown is.

    Then it vanishes with the gradient, K⁻¹K(α - ξ) with K(α - ξ).  All but the unknown stays as it is at one point.
    Where an unknown of zeros solves the equation, C u = λ u, others do for a λ of their own, and those are meant.
    """
    shape = np.shape(instance.values[unknown.moving])[1:]
    size = int(np.prod(shape))
    if unknown.symmetric or not 1 < size <= MOST:
        return False
    points = 2 * size + 3
    try:
        with np.errstate(all="ignore"):
            places = np.random.default_rng(size).normal(size=(points, *shape))
            places[0] = 0.0
            repeated = {t: np.repeat(np.asarray(a)[:1], points, axis=0) for t, a in instance.values.items()}
            symbols = {n: np.repeat(np.asarray(a)[:1], points, axis=0) for n, a in instance.symbols.items()}
            values = {**repeated, unknown.moving: places}
            whole = replace(instance, values=values, symbols=symbols, points=points)
            of, image = (flat(whole, expr, points) for expr in (unknown.gradient, difference))
            if of is None or image is None or np.ptp(image, axis=0).max() < NEAR:
                return False
            if np.abs(of[0]).max() <= NEAR * np.abs(of).max():
                return False
            matrix, _, rank, _ = np.linalg.lstsq(of, image, rcond=None)
            left = np.abs(of @ matrix - image).max()
            return bool(rank == of.shape[1] and left <= NEAR * np.abs(image).max())
    except (EvaluationError, KeyError, ValueError, IndexError, np.linalg.LinAlgError):
        return False


def flat(instance: Instance, expr: Expr, points: int) -> Numbers | None:
    """The entries at each point in a row; None where one is no number."""
    found = numbers(instance, expr, tuple(sorted(free_indices(expr)))).reshape(points, -1)
    return found if np.isfinite(found).all() else None


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
    """Whether what is solved for stays where it was put once the others have moved."""
    return np.shape(value) == np.shape(before) and bool(np.allclose(value, before, rtol=1e-9, atol=1e-12))
