"""Numbers at which gradients vanish: the points of an instance, moved there."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from symbolic.evidence.arithmetic import FLOAT
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.labelled import POINT
from symbolic.language.affine import Index
from symbolic.language.expr import Expr, Tensor
from symbolic.language.terms import free_indices
from symbolic.marking.model.quick_numbers import Numbers

#: Steps of the search, of a difference; how near to zero and to each other numbers must come.
STEPS, STEP, RESIDUAL, NEAR = 30, 1e-6, 1e-8, 1e-5
#: What gradients may leave where they vanish, and what is too much to be 0; between them nothing is said.
LIKE, UNLIKE = 1e-5, 1e-2
#: Beyond this a matrix had no inverse: the covariance of fewer objects than there are directions.
SINGULAR = 1e8
#: Beyond this a gradient may well be small and not vanish anywhere.
FAR = 1e3
#: What is as near to zero as it gets; after so many steps in vain the search ends.
SHARP, PATIENCE = 1e-13, 8
#: The damping at first, at least and at most, and how much smaller a direction without slope is.
DAMPING, LEAST, MOST, FLAT = 1e-6, 1e-14, 1e12, 1e-7
#: A gradient that no unknown moves is zero for floats alone, as that by the width of a Gaussian far from all data.
DEAD = 1e-10
MOST_UNKNOWNS = 24
#: Powers of the unknowns' length that gradients are multiplied by, one after the other: ∂/∂σ² falls as σ⁻².
DEGREES = (0, 1, 3)


@dataclass(frozen=True, slots=True)
class Place:
    """The points of an instance where gradients vanish, and whether each is the only one nearby."""

    instance: Instance
    isolated: bool
    #: At which of the points every unknown moves the gradient; elsewhere it may be zero for floats alone.
    moving: NDArray[np.bool_]


def numbers(instance: Instance, expr: Expr, order: tuple[Index, ...]) -> Numbers:
    """Values with the points first."""
    return np.asarray(Evaluation(instance, FLOAT).value(expr).ordered((POINT, *order)), dtype=np.float64)


def freed(instance: Instance, tensor: Tensor) -> Instance:
    """The instance with the values of a tensor as values of its own: it may be moved, whatever it was made of."""
    axes = tuple(Index(f"_{a}", axis) for a, axis in enumerate(tensor.axes))
    shape = (instance.points or 1, *(axis.value(instance.sizes) for axis in tensor.axes))
    own = np.broadcast_to(numbers(instance, tensor[axes], axes), shape)
    others = tuple(definition for definition in instance.definitions if definition.target != tensor)
    return replace(instance, values={**instance.values, tensor: np.array(own)}, definitions=others)


def solved(
    instance: Instance, unknowns: list[Tensor], gradients: list[Expr], symmetric: frozenset[Tensor] = frozenset()
) -> Place | None:
    """Those points of the instance that can be moved to where the gradients vanish; None where none is found.

    A quotient of squares has a gradient that gets smaller and smaller outwards; times the length of the unknowns it
    does not, and vanishes at the same places.  The matrices that are ``symmetric`` are moved with their transposes.
    """
    key = (
        tuple(unknowns),
        symmetric,
        tuple(gradients),
        instance.definitions,
        tuple((tensor, np.asarray(array).tobytes()) for tensor, array in instance.values.items()),
        tuple((name, np.asarray(array).tobytes()) for name, array in instance.symbols.items()),
    )
    if key not in _FOUND:
        while len(_FOUND) >= REMEMBERED:
            _FOUND.pop(next(iter(_FOUND)))
        tries = (moved_to_zero(instance, unknowns, gradients, degree, symmetric) for degree in DEGREES)
        _FOUND[key] = next(filter(None, tries), None)
    return _FOUND[key]


#: The latest places: a text is marked several times over, under each of its assumptions.
REMEMBERED = 64
_FOUND: dict[Hashable, Place | None] = {}


def directions(shapes: list[tuple[int, ...]], symmetric: list[bool]) -> Numbers:
    """The ways in which the entries of the unknowns may move, one in each row; those of a symmetric one by pairs."""
    blocks: list[Numbers] = []
    for shape, pairs in zip(shapes, symmetric, strict=True):
        eye = np.eye(int(np.prod(shape)))
        if pairs:
            both = eye.reshape(-1, *shape) + eye.reshape(-1, *shape).swapaxes(-1, -2)
            eye = np.unique(both.reshape(len(eye), -1), axis=0)
        blocks.append(eye)
    whole = np.zeros((sum(map(len, blocks)), sum(block.shape[1] for block in blocks)))
    row = column = 0
    for block in blocks:
        whole[row : row + len(block), column : column + block.shape[1]] = block
        row, column = row + len(block), column + block.shape[1]
    return whole


def moved_to_zero(
    instance: Instance, unknowns: list[Tensor], gradients: list[Expr], degree: int, symmetric: frozenset[Tensor]
) -> Place | None:
    """Those points that can be moved to where the gradients, times that power of the unknowns' length, vanish.

    The isolated ones, where there are any.  By the method of Levenberg and Marquardt, each point with a damping of
    its own; None where none is found.
    """
    points = instance.points or 1
    shapes = [np.shape(instance.values[t])[1:] for t in unknowns]
    counts = [int(np.prod(shape)) for shape in shapes]
    if sum(counts) > MOST_UNKNOWNS:
        return None
    at = np.concatenate([np.reshape(instance.values[t], (points, -1)) for t in unknowns], axis=1).astype(float)

    @cache
    def repeated(times: int) -> Instance:
        """The instance with all its points so many times."""
        values = {tensor: np.concatenate([array] * times) for tensor, array in instance.values.items()}
        symbols = {name: np.concatenate([array] * times) for name, array in instance.symbols.items()}
        return replace(instance, values=values, symbols=symbols, points=points * times)

    def moved(place: Numbers) -> Instance:
        parts = np.split(place, np.cumsum(counts)[:-1], axis=1)
        fresh = {t: part.reshape(len(place), *shape) for t, part, shape in zip(unknowns, parts, shapes, strict=True)}
        whole = instance if len(place) == points else repeated(len(place) // points)
        return replace(whole, values={**whole.values, **fresh})

    def residual(place: Numbers) -> Numbers:
        there, count = moved(place), len(place)
        parts = [numbers(there, g, tuple(sorted(free_indices(g)))).reshape(-1) for g in gradients]
        whole = np.concatenate(
            [np.broadcast_to(p, (count * max(1, p.size // count),)).reshape(count, -1) for p in parts], axis=1
        )
        return np.asarray(whole * np.linalg.norm(place, axis=1, keepdims=True) ** degree)

    ways = directions(shapes, [t in symmetric for t in unknowns])
    shifts, eye = np.concatenate([STEP * ways, -STEP * ways]), np.eye(len(ways))
    here, damping = residual(at), np.full(points, DAMPING)
    found: NDArray[np.bool_] = np.zeros(points, np.bool_)
    reached: NDArray[np.bool_] = np.zeros(points, np.bool_)
    moving: NDArray[np.bool_] = np.zeros(points, np.bool_)
    lengths: list[Numbers] = []
    for _ in range(STEPS):
        # every direction, there and back, in one go
        around = residual((at[None, :, :] + shifts[:, None, :]).reshape(-1, at.shape[1]))
        forth, back = around.reshape(2, len(ways), points, -1)
        slopes = ((forth - back) / (2 * STEP)).transpose(1, 2, 0)
        usable: NDArray[np.bool_] = np.asarray(
            np.isfinite(slopes).all(axis=(1, 2)) & np.isfinite(here).all(axis=1), np.bool_
        )
        slopes, known = np.where(usable[:, None, None], slopes, 0.0), np.where(usable[:, None], here, 0.0)
        widths = np.linalg.svd(slopes, compute_uv=False)
        unique = usable & (slopes.shape[1] >= len(ways)) & (widths[:, -1] > FLAT * np.maximum(1.0, widths[:, 0]))
        left, near = np.abs(known).max(axis=1), np.abs(at).max(axis=1) < FAR
        moving = np.asarray((np.abs(slopes).max(axis=1) > DEAD * np.maximum(1.0, widths[:, :1])).all(axis=1))
        reached = np.asarray(usable & near & (left < RESIDUAL))
        # small beside its slopes too: then the place where it vanishes is near
        found = np.asarray(unique & (left < RESIDUAL) & (left <= NEAR * widths[:, -1]))
        lengths.append(np.where(usable & near, left, 0.0))
        if (found | ~usable | ~near | (left < SHARP)).all() or stalls(lengths):
            break
        normal = np.einsum("pmi,pmj->pij", slopes, slopes) + damping[:, None, None] * eye
        step = np.linalg.solve(normal, np.einsum("pmi,pm->pi", slopes, known)[..., None])[..., 0] @ ways
        tried = residual(at - step)
        shorter = np.square(tried).sum(axis=1) < np.square(known).sum(axis=1)
        better: NDArray[np.bool_] = np.asarray(usable & ~found & shorter)
        at = np.where(better[:, None], at - step, at)
        here = np.where(better[:, None], tried, here)
        damping = np.clip(np.where(better, damping / 10, damping * 10), LEAST, MOST)
    kept = np.flatnonzero(found if found.any() else reached)
    if not kept.size:
        return None
    there = moved(at)
    values = {t: np.asarray(array)[kept] for t, array in there.values.items()}
    return Place(replace(there, values=values, points=int(kept.size)), bool(found.any()), moving[kept])


def where_defined(place: Place, exprs: list[Expr]) -> Place | None:
    """The points of a place at which all of these numbers have a value; None where there is none.

    The gradient of ln(s/t) + t²/s² vanishes at s < 0 < t too, where the logarithm has no value.
    """
    instance, count = place.instance, place.instance.points or 1
    found = [np.isfinite(np.broadcast_to(numbers(instance, expr, ()), (count,))) for expr in exprs]
    kept = np.flatnonzero(np.all([np.ones(count, np.bool_), *found], axis=0))
    if kept.size in (0, count):
        return place if kept.size else None
    values = {tensor: np.asarray(array)[kept] for tensor, array in instance.values.items()}
    symbols = {name: np.asarray(array)[kept] for name, array in instance.symbols.items()}
    instance = replace(instance, values=values, symbols=symbols, points=int(kept.size))
    return replace(place, instance=instance, moving=place.moving[kept])


def stalls(lengths: list[Numbers]) -> bool:
    """Whether no gradient got shorter by a tenth in the last steps."""
    return len(lengths) > PATIENCE and bool((lengths[-1] >= 0.9 * lengths[-1 - PATIENCE]).all())
