"""Slopes by a step along the imaginary axis: ∂Q/∂w_k = Im Q(w + iε·e_k)/ε, with no subtraction to lose digits.

(Squire & Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM Review 40, 1998.)
Q is evaluated from the definitions of the objective (``symbolic.evidence.evaluate``), so the emitted module and
the derivation have no part in it.  Comparisons look at real parts: away from its kinks a network with relu
is as good as analytic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

import numpy as np
from mpmath import MPContext
from numpy.typing import NDArray

from symbolic.evidence.arithmetic import Array, Float, Mask, float_compare, gamma_functions
from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.language.expr import Entry
from symbolic.language.terms import free_indices, walk
from symbolic.network.objective import Objective

STEP = 1e-30
#: How many numbers one evaluation may spread over its points.
ROOM = 2_000_000
#: Terms of erf: exp(-n²/4) is below the last digit behind them.
ERF_TERMS = 14
_real_erf = np.vectorize(math.erf, otypes=[np.float64])


def complex_step(
    objective: Objective,
    sizes: Mapping[str, int],
    weights: Mapping[str, NDArray[np.float64]],
    data: Mapping[str, NDArray[np.float64]],
    entries: Sequence[tuple[str, int]],
) -> NDArray[np.float64]:
    """∂Q/∂w at the entries (parameter, place in its flattened array).

    ``weights`` has an array for each parameter, ``data`` one for each input and for the target, by name;
    axes of literal length 1 may be there or not.  ``sizes`` includes the number of samples.
    """
    known = {p.tensor: weights[p.tensor.name] for p in objective.parameters}
    known |= {tensor: data[tensor.name] for tensor in (*objective.inputs, objective.target)}
    values = {
        tensor: np.asarray(array, dtype=np.complex128).reshape([axis.value(sizes) for axis in tensor.axes])
        for tensor, array in known.items()
    }
    whole = worked_out(objective, sizes) + sum(array.size for array in values.values())
    chunk = max(1, ROOM // max(1, whole))
    slopes = [
        _slopes(objective, sizes, values, entries[start : start + chunk]) for start in range(0, len(entries), chunk)
    ]
    return np.concatenate(slopes) if slopes else np.empty(0)


def worked_out(objective: Objective, sizes: Mapping[str, int]) -> int:
    """How many numbers one evaluation of Q works out: a Σ_k w_jk x_ik is one of w_jk x_ik for all i, j, k before."""
    nodes = {node for definition in objective.definitions for node in walk(definition.formula) if node.children}
    return sum(prod(index.extent.value(sizes) for index in free_indices(node)) for node in nodes)


def _slopes(
    objective: Objective, sizes: Mapping[str, int], values: Mapping[Any, Array], entries: Sequence[tuple[str, int]]
) -> NDArray[np.float64]:
    points = len(entries)
    spread = {tensor: np.repeat(array[np.newaxis], points, axis=0) for tensor, array in values.items()}
    for parameter in objective.parameters:
        flat = spread[parameter.tensor].reshape(points, -1)
        for point, (name, place) in enumerate(entries):
            if name == parameter.tensor.name:
                flat[point, place] += 1j * STEP
    instance = Instance(sizes, spread, objective.definitions, points=points)
    q = evaluate(Entry(objective.value), instance, ComplexStep()).array
    return np.broadcast_to(np.asarray(q.imag / STEP, dtype=np.float64), (points,))


def erf(z: Array) -> Array:
    """erf(x + iy) for small y, to the last digits of both parts (Abramowitz & Stegun, 7.1.29, after Salzer).

    Every term of the imaginary part has the sign of y, so nothing cancels.
    """
    x, y = z.real, z.imag
    n = np.arange(1.0, ERF_TERMS).reshape(-1, *[1] * z.ndim)
    weights = np.exp(-n * n / 4) / (n * n + 4 * x * x)
    cos, sin, cosh, sinh = np.cos(2 * x * y), np.sin(2 * x * y), np.cosh(n * y), np.sinh(n * y)
    real = (weights * (2 * x - 2 * x * cosh * cos + n * sinh * sin)).sum(axis=0)
    imaginary = (weights * (2 * x * cosh * sin + n * sinh * cos)).sum(axis=0)
    # (1 - cos 2xy)/(2πx) and sin 2xy/(2πx), which are 0 and y/π where x is 0
    first = y * np.sinc(x * y / np.pi) / np.pi
    bell = np.exp(-x * x)
    value = _real_erf(x) + bell * (np.sin(x * y) * first + 2 / np.pi * real)
    return np.asarray(value + 1j * (bell * (np.cos(x * y) * first + 2 / np.pi * imaginary)), dtype=np.complex128)


def _as_complex(function: Callable[[Array], Any], values: Array) -> Array:
    return np.asarray(function(values), dtype=np.complex128)


class ComplexStep(Float):
    """float64 with a tiny imaginary part beside it."""

    name = "complex step"
    undefined_value = np.array(complex(np.nan))

    def __init__(self) -> None:
        super().__init__()
        self._context: Any = MPContext()
        self._context.dps = 60  # more than the digits between 1 and the step
        self._gamma = {
            name: np.frompyfunc(lambda z, f=function: complex(f(self._context.mpc(z))), 1, 1)
            for name, function in gamma_functions(self._context).items()
        }

    def convert(self, values: Array) -> Array:
        return np.asarray(values, dtype=np.complex128)

    def floats(self, values: Array) -> NDArray[np.float64]:
        return np.asarray(values.real, dtype=np.float64)

    def power(self, base: Array, exponent: Fraction) -> Array:
        with np.errstate(all="ignore"):
            if exponent.denominator > 1:
                return np.where(base.real > 0, base ** float(exponent), np.nan)
            if exponent > 0:
                return base ** int(exponent)
            return np.where(base == 0, np.nan, 1.0 / base ** int(-exponent))

    def inverted(self, matrices: Array) -> None:
        """Step by step: no rounding of a pivot comes near the imaginary part."""

    def compare(self, a: Array, b: Array) -> tuple[Mask, Mask]:
        return float_compare(a.real, b.real)

    def call(self, function: str, values: Array) -> Array:
        calls: dict[str, Callable[[Array], Array]] = {
            "exp": np.exp,
            "log": lambda z: np.where(z.real > 0, np.log(z), np.nan),
            "sin": np.sin,
            "cos": np.cos,
            "atan": np.arctan,
            **{name: partial(_as_complex, function) for name, function in self._gamma.items()},
            "erf": erf,
        }
        with np.errstate(all="ignore"):
            return np.asarray(calls[function](values))
