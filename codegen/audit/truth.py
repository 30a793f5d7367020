"""Ours at the points of a reading, and how far a person's numbers are from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from codegen.audit.returned import Found
from codegen.audit.trials import Array, Problem, Trial

#: So far apart, beside the largest entry, are numbers that are the same.
TOLERANCE = 1e-6
#: Beneath this share of the largest gradient, numbers are what rounding leaves: of a bias before a normalisation.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Truth:
    """Ours at the points of a reading: gradients, Q, and how large gradients are at all.

    ``bounds``: the absolute values at which the code may cut its gradients off; ``bound``: at which of them it does.
    """

    problem: Problem
    trials: tuple[Trial, ...]
    gradients: tuple[Mapping[str, Array], ...]
    losses: Array
    bounds: tuple[float, ...] = ()
    bound: float | None = None

    @classmethod
    def of(cls, problem: Problem, trials: Sequence[Trial], bounds: tuple[float, ...] = ()) -> Truth:
        return cls(problem, tuple(trials), tuple(problem.gradients(trials)), problem.losses(trials), bounds)

    def at(self, places: Sequence[int]) -> Truth:
        """The same at some of the points."""
        chosen = list(places)
        trials = tuple(self.trials[k] for k in chosen)
        gradients = tuple(self.gradients[k] for k in chosen)
        return replace(self, trials=trials, gradients=gradients, losses=self.losses[chosen])

    @cached_property
    def samples(self) -> Array:
        return np.array([float(trial.samples) for trial in self.trials])

    @cached_property
    def largest(self) -> Array:
        """The largest gradient at each point."""
        return np.array(
            [max((float(np.abs(a).max()) for a in one.values() if a.size), default=0.0) for one in self.gradients]
        )

    def floors(self, name: str) -> Array:
        """Beneath this an entry is nothing: beside the gradients at that point, and its own at the others."""
        own = 1e-3 * float(np.median([np.abs(g[name]).max() for g in self.gradients]))
        floors: Array = np.maximum(own, ROUNDING * self.largest) + 1e-12
        return floors

    def as_coded(self, scale: Array, gradients: Sequence[Mapping[str, Array]]) -> list[dict[str, Array]]:
        """Gradients as the code has them: at its scale, cut off where it cuts."""
        cut = np.inf if self.bound is None else self.bound
        return [
            {name: np.clip(s * g, -cut, cut) for name, g in one.items()}
            for one, s in zip(gradients, scale, strict=True)
        ]

    def heeding_bound(self, found: Sequence[Found]) -> Truth:
        """With the bound at which the numbers that came back are cut off, where there is one."""
        return replace(self, bound=_bound_of(found, self.bounds) if self.bounds else None)


def _bound_of(found: Sequence[Found], bounds: Sequence[float]) -> float | None:
    """The one of these that no number exceeds and some reach; most lie beneath it."""
    parts = [np.abs(array).reshape(-1) for one in found for array in one.gradients.values()]
    every = np.concatenate(parts) if parts else np.zeros(0)
    if not every.size or not np.isfinite(every).all():
        return None
    greatest = float(every.max())
    cut = np.isclose(every, greatest, rtol=1e-7, atol=0)
    return next((b for b in bounds if np.isclose(b, greatest, rtol=1e-7) and 2 * cut.sum() < every.size), None)


def error_of(found: Array, right: Array, floor: float = 1e-12) -> float:
    """The largest difference beside the largest entry; infinite where numbers are missing."""
    if found.shape != right.shape or not (np.isfinite(found).all() and np.isfinite(right).all()):
        return float("inf")
    return float(np.abs(found - right).max() / max(float(np.abs(right).max()), floor))


def fits(
    truth: Truth, found: Sequence[Found], name: str, right: Sequence[Mapping[str, Array]], tolerance: float = TOLERANCE
) -> bool:
    """Whether one parameter's numbers are these at all points; the first that is not decides.

    Where these are too large for numbers a point says nothing; of several points half at least must say something.
    """
    points = zip(found, right, truth.floors(name), strict=True)
    known = [(one, ours, floor) for one, ours, floor in points if np.isfinite(ours[name]).all()]
    return len(known) >= len(right) // 2 and all(
        name in one.gradients and error_of(one.gradients[name], ours[name], floor) <= tolerance
        for one, ours, floor in known
    )


def worst(truth: Truth, found: Sequence[Found], name: str, right: Sequence[Mapping[str, Array]]) -> float:
    """The largest error of one parameter over all points."""
    return max(
        error_of(one.gradients[name], ours[name], floor) if name in one.gradients else float("inf")
        for one, ours, floor in zip(found, right, truth.floors(name), strict=True)
    )
