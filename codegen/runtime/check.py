"""The gradient check: is ``value_and_gradient`` the slope of ``value``?

Central differences over a ladder of steps h = ε^(1/3)·max(1, |w_k|)·{10⁻², …, 10²}.  A large step bends
with the curve, a small one drowns in rounding; which rung to believe is decided by how well neighbouring
rungs agree *with each other*, never by how well they agree with the gradient on trial, so that a wrong
gradient cannot pick the rung that flatters it.  Two neighbouring rungs also extrapolate to h → 0 (Richardson).

An entry passes when |g − d| ≤ max(tolerance·max(|g|, |d|), 2·uncertainty of d).  Where one-sided slopes
stay apart however small the step, Q has a kink; the entry is reported as such and not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np

from codegen.runtime.arguments import Array, Inputs

#: The distance from 1 to the next number.
EPSILON = float(np.finfo(np.float64).eps)
RUNGS = (1e-2, 1e-1, 1e0, 1e1, 1e2)
TOLERANCE = 1e-6
#: Up to so many weights, every one of them is tried; beyond, some of each parameter and random directions.
EVERY_ENTRY = 2_000
#: Tries times parameters: a value of Q takes the longer, the more parameters there are.
PIECES = 6_000
FEWEST_TRIES = 8
ENTRIES_OF_EACH = 40
DIRECTIONS = 8
#: Rounding errors in one value of Q, in units of ε·|Q|.
ROUNDINGS = 8.0


class Differentiated(Protocol):
    """What the check needs of a generated ``Objective``."""

    @property
    def size(self) -> int: ...

    @property
    def layout(self) -> Mapping[str, tuple[slice, tuple[int, ...]]]: ...

    def value(self, w: Array, X: Any, Y: Any) -> float: ...

    def value_and_gradient(self, w: Array, X: Any, Y: Any) -> tuple[float, Array]: ...


class Slope(NamedTuple):
    """A slope of Q found by differences, with its own estimate of how wrong it may be."""

    value: float
    uncertainty: float
    kink: bool = False


class ParameterCheck(NamedTuple):
    """How the gradient by one parameter compares; ``worst`` names the entry, such as ``w_1[2,0]``."""

    name: str
    shape: tuple[int, ...]
    entries: int  # so many were tried
    error: float  # the largest relative error
    worst: str
    gradient: float  # at the worst entry, by the module
    difference: float  # at the worst entry, by differences
    agrees: bool
    kinks: tuple[str, ...] = ()

    @property
    def complaint(self) -> str:
        """What there is to say beyond the error."""
        text = "" if self.agrees else f": the gradient is {self.gradient:.9g}, the difference {self.difference:.9g}"
        return text + (f"; on a kink, not judged: {', '.join(self.kinks)}" if self.kinks else "")


class Opinion(NamedTuple):
    """A second opinion, by a method that shares no code with the module."""

    method: str
    error: float
    worst: str
    agrees: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "max_relative_error": self.error,
            "worst": self.worst,
            "agrees": self.agrees,
        }


class CheckReport(NamedTuple):
    """The outcome of one check, at one point."""

    value: float
    parameters: tuple[ParameterCheck, ...]
    tolerance: float
    second: Opinion | None = None
    plain: Opinion | None = None  # of the module's plain function
    #: SymPy's derivative of the same Q (``symbolic.interchange.witness``), which shares nothing with the derivation.
    witness: Any = None
    note: str = ""  # why there is no second opinion, or what was drawn again
    about: Mapping[str, Any] = {}  # network, sizes, samples, seed

    @property
    def agrees(self) -> bool:
        """Whether every entry that was tried agrees; one on a kink is not judged, so it does not."""
        entries = all(p.agrees and not p.kinks for p in self.parameters)
        opinions = all(opinion is None or opinion.agrees for opinion in (self.second, self.plain))
        return entries and opinions and not (self.witness and self.witness.refutes)

    @property
    def kinks(self) -> tuple[str, ...]:
        return tuple(name for parameter in self.parameters for name in parameter.kinks)

    @property
    def worst(self) -> ParameterCheck:
        """The parameter with the largest error; one that disagrees comes before any that agrees."""
        return max(self.parameters, key=lambda p: (not p.agrees, p.error))

    def to_dict(self) -> dict[str, Any]:
        return {
            "agrees": self.agrees,
            **self.about,
            "value": self.value,
            "tolerance": self.tolerance,
            "parameters": [
                {
                    "name": p.name,
                    "shape": list(p.shape),
                    "entries": p.entries,
                    "max_relative_error": p.error,
                    "worst": p.worst,
                    "gradient": p.gradient,
                    "difference": p.difference,
                    "agrees": p.agrees,
                    "kinks": list(p.kinks),
                }
                for p in self.parameters
            ],
            "second_opinion": None if self.second is None else self.second.to_dict(),
            "plain": None if self.plain is None else self.plain.to_dict(),
            "witness": None if self.witness is None else self.witness.to_dict(),
            "note": self.note,
        }

    def __repr__(self) -> str:
        worst = f", largest error {self.worst.error:.1e} at {self.worst.worst}" if self.parameters else ""
        return f"<CheckReport: {'agrees' if self.agrees else 'DISAGREES'}{worst}>"

    def __str__(self) -> str:
        rows = [(p.name, p.agrees, p.error, p.worst, p.complaint) for p in self.parameters]
        rows += [(o.method, o.agrees, o.error, o.worst, "") for o in (self.second, self.plain) if o]
        width = max((len(name) for name, *_ in rows), default=0)
        lines = [
            f"{name:<{width}}  {'agrees   ' if agrees else 'DISAGREES'}  largest error {error:.1e} at {worst}{more}"
            for name, agrees, error, worst, more in rows
        ]
        notes = [str(note) for note in (self.witness, self.note) if note]
        return "\n".join([*self._heading, *lines, *notes])

    @property
    def _heading(self) -> list[str]:
        """Where it was tried, when that is known."""
        if not self.about:
            return []
        sizes = "".join(f"{name} = {number}, " for name, number in self.about["sizes"].items())
        return [f"{self.about['network']}: {sizes}{self.about['samples']} samples, seed {self.about['seed']}"]


def check_gradient(
    objective: Differentiated, w: Array, X: Inputs, Y: Array, tolerance: float = TOLERANCE, seed: int = 0
) -> CheckReport:
    """Compare the gradient at w with central differences of the value, parameter by parameter.

    Up to :data:`EVERY_ENTRY` weights each entry is tried.  Beyond, and where there are many parameters, some of each
    (:data:`ENTRIES_OF_EACH`), or of some, and the whole gradient along :data:`DIRECTIONS` random directions, which
    feel an error anywhere.
    """
    w = np.array(w, dtype=np.float64)
    q, gradient = objective.value_and_gradient(w, X, Y)
    gradient = np.array(gradient, dtype=np.float64)  # a copy: the module may reuse its buffer
    if not (np.isfinite(q) and np.all(np.isfinite(gradient))):
        bad = next((entry_name(objective, int(k)) for k in np.flatnonzero(~np.isfinite(gradient))), "Q itself")
        raise ValueError(f"the gradient check needs finite numbers, but {bad} is not finite at this point")

    def value(at: Array) -> float:
        return float(objective.value(at, X, Y))

    parameters = []
    unit = np.zeros_like(w)
    for name, chosen in chosen_entries(objective, seed).items():
        slopes = {}
        for k in chosen:
            unit[k] = 1.0
            slopes[k] = slope(value, w, unit, q, EPSILON ** (1 / 3) * max(1.0, abs(float(w[k]))))
            unit[k] = 0.0
        parameters.append(_judge(objective, name, objective.layout[name][1], slopes, gradient, tolerance))
    if not _each_is_tried(objective):
        parameters.append(_directions(value, w, gradient, q, np.random.default_rng(seed)))
    return CheckReport(float(q), tuple(parameters), tolerance)


def chosen_entries(objective: Differentiated, seed: int = 0) -> dict[str, list[int]]:
    """The places in the flat vector that are tried, by parameter: all of them, a few of each, or one of a few."""
    random = np.random.default_rng(seed)
    names, most = [*objective.layout], tries(objective)
    if len(names) > most:
        names = [names[k] for k in np.sort(random.choice(len(names), most, replace=False))]
    of_each = objective.size if _each_is_tried(objective) else min(ENTRIES_OF_EACH, most // len(names))
    chosen = {}
    for name in names:
        where, _ = objective.layout[name]
        places = np.arange(where.start, where.stop)
        if places.size > of_each:
            places = np.sort(random.choice(places, of_each, replace=False))
        chosen[name] = [int(k) for k in places]
    return chosen


def tries(objective: Differentiated) -> int:
    """How many entries may be tried by themselves."""
    return max(FEWEST_TRIES, PIECES // max(1, len(objective.layout)))


def _each_is_tried(objective: Differentiated) -> bool:
    return objective.size <= min(EVERY_ENTRY, tries(objective))


def slope(value: Callable[[Array], float], w: Array, direction: Array, q: float, step: float) -> Slope:
    """The slope of ``value`` at w along ``direction``; q is the value at w, ``step`` the middle rung."""
    central, noise, bend = [], [], []
    for rung in RUNGS:
        h = rung * step
        above, below = value(w + h * direction), value(w - h * direction)
        central.append((above - below) / (2 * h))
        noise.append(ROUNDINGS * EPSILON * max(abs(above), abs(below), abs(q)) / h)
        bend.append(abs(above - 2 * q + below) / h)
    # A smooth curve's one-sided slopes close up tenfold from rung to rung; a kink's do not.
    if bend[0] > max(0.3 * bend[1], 10 * noise[0], 1e-4 * abs(central[0])):
        return Slope(central[0], bend[0], kink=True)
    guesses = [Slope(d, abs(d - e) + n) for d, e, n in zip(central, central[1:], noise, strict=False)]
    limits = [d + (d - e) / 99 for d, e in pairwise(central)]  # h and 10h: error h² → 100 h²
    guesses += [Slope(d, abs(d - e) + n) for d, e, n in zip(limits, limits[1:], noise, strict=False)]
    return min(guesses, key=lambda guess: guess.uncertainty if np.isfinite(guess.uncertainty) else np.inf)


def relative_error(gradient: float, found: Slope, tolerance: float) -> float:
    """|g − d| over max(|g|, |d|), or over what the differences can resolve at this tolerance, if that is more."""
    scale = max(abs(gradient), abs(found.value), 2 * found.uncertainty / tolerance, float(np.finfo(np.float64).tiny))
    return abs(gradient - found.value) / scale


def entry_name(objective: Differentiated, k: int) -> str:
    """The name of weight k of the flat vector: ``w_1[2,0]``."""
    for name, (where, shape) in objective.layout.items():
        if where.start <= k < where.stop:
            subscripts = np.unravel_index(int(k) - where.start, shape) if shape else ()
            return f"{name}[{','.join(str(int(s)) for s in subscripts)}]" if shape else name
    raise IndexError(f"weight {k} is in no parameter")


def _judge(
    objective: Differentiated,
    name: str,
    shape: tuple[int, ...],
    slopes: Mapping[int, Slope],
    gradient: Array,
    tolerance: float,
) -> ParameterCheck:
    kinks = tuple(entry_name(objective, k) for k, found in slopes.items() if found.kink)
    errors = {k: relative_error(float(gradient[k]), found, tolerance) for k, found in slopes.items() if not found.kink}
    if not errors:
        return ParameterCheck(name, shape, len(slopes), 0.0, name, 0.0, 0.0, agrees=not kinks, kinks=kinks)
    worst = max(errors, key=lambda k: errors[k])
    return ParameterCheck(
        name=name,
        shape=shape,
        entries=len(slopes),
        error=errors[worst],
        worst=entry_name(objective, worst),
        gradient=float(gradient[worst]),
        difference=slopes[worst].value,
        agrees=errors[worst] <= tolerance,
        kinks=kinks,
    )


def _directions(
    value: Callable[[Array], float], w: Array, gradient: Array, q: float, random: np.random.Generator
) -> ParameterCheck:
    """The whole gradient along random directions of ±1: nothing hides in an entry that was not drawn."""
    worst, error, along, found, kinks = 0, 0.0, 0.0, Slope(0.0, 0.0), []
    for number in range(DIRECTIONS):
        direction = random.choice((-1.0, 1.0), w.size)
        at = slope(value, w, direction, q, EPSILON ** (1 / 3))
        if at.kink:
            kinks.append(f"direction {number}")
            continue
        projected = float(gradient @ direction)
        # A single wrong entry is a small part of the whole, so the bar is 1e-9 of all parts together.
        scale = max(1e-9 * float(np.abs(gradient).sum()), 2 * at.uncertainty)
        if abs(projected - at.value) / scale >= error:
            worst, error, along, found = number, abs(projected - at.value) / scale, projected, at
    return ParameterCheck(
        name="random directions",
        shape=w.shape,
        entries=DIRECTIONS,
        error=abs(along - found.value) / max(float(np.abs(gradient).sum()), np.finfo(np.float64).tiny),
        worst=f"direction {worst}",
        gradient=along,
        difference=found.value,
        agrees=error <= 1.0,
        kinks=tuple(kinks),
    )
