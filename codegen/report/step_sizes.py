"""How the error of a difference depends on its step: the V that a right gradient draws and a wrong one does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codegen.checking.trial import POINTS, SAMPLES
from codegen.compiler.points import draw
from codegen.runtime.check import chosen_entries
from codegen.targets.load import load
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

#: Steps from 10^-12 to 1, four in each decade.
EXPONENTS = tuple(round(-12 + k / 4, 2) for k in range(4 * 12 + 1))
#: So many entries of the gradient are enough for a curve; of a network of many weights, where each takes long, fewer.
ENTRIES, ENTRIES_OF_MANY, MANY_WEIGHTS = 24, 6, 1000
#: With more weights no curve is drawn: each of its points would take seconds.
MOST_WEIGHTS = 300_000
#: Below this an error is a rounding of the gradient itself; a logarithmic axis has no 0.
FLOOR = 1e-17


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (h, relative error), for differences taken on one side and on both."""

    one_sided: tuple[tuple[float, float], ...]
    central: tuple[tuple[float, float], ...]


@np.errstate(all="ignore")  # an error that is not finite is no point of the curve
def error_curve(network: Network, seed: int = 0) -> Curve | None:
    """The error of the differences, in the norm over some entries, against the step.

    None where Q is not finite, or where there are too many weights to try so many steps.
    """
    objective = build_objective(network)
    sizes = network.resolve_sizes()
    instance = load(network).Objective(**sizes, dtype=np.float64)
    if instance.size > MOST_WEIGHTS:
        return None
    counted = {**sizes, **dict.fromkeys(objective.sample.extent.keys, SAMPLES)}
    for attempt in range(POINTS):
        point = draw(objective, counted, instance.size, seed + attempt)
        q, whole = instance.value_and_gradient(point.weights, point.X, point.target)
        if np.isfinite(q) and np.all(np.isfinite(whole)):
            break
    else:
        return None
    entries = [k for chosen in chosen_entries(instance, seed).values() for k in chosen]
    most = ENTRIES if instance.size <= MANY_WEIGHTS else ENTRIES_OF_MANY
    entries = entries[:: max(1, len(entries) // most)][:most]
    gradient = np.array([whole[k] for k in entries])
    scale = float(np.linalg.norm(gradient)) or 1.0

    def value(w: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return float(instance.value(w, point.X, point.target))

    one_sided: list[tuple[float, float]] = []
    central: list[tuple[float, float]] = []
    for exponent in EXPONENTS:
        h = 10.0**exponent
        forward, both = np.empty_like(gradient), np.empty_like(gradient)
        for place, k in enumerate(entries):
            step = np.zeros_like(point.weights)
            step[k] = h
            above, below = value(point.weights + step), value(point.weights - step)
            forward[place], both[place] = (above - float(q)) / h, (above - below) / (2 * h)
        for points, found in ((one_sided, forward), (central, both)):
            error = float(np.linalg.norm(found - gradient)) / scale
            if np.isfinite(error):
                points.append((h, max(error, FLOOR)))
    return Curve(tuple(one_sided), tuple(central))
