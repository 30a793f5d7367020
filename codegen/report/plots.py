"""A function and its derivative as points of a plot, evaluated from their formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symbolic.derivation.calculus import lemma
from symbolic.evidence.evaluate import Instance, evaluate
from symbolic.language.expr import Call, Expr, Symbol, Tensor
from symbolic.language.functions import Function, U
from symbolic.language.sample import SAMPLE, SAMPLES
from symbolic.language.terms import substitute
from symbolic.notation.arrange import arrange
from symbolic.notation.boxes import Box
from symbolic.notation.style import LECTURE

#: Where a function is plotted, and how many points a curve has.
LEFT, RIGHT, POINTS = -6.0, 6.0, 97


@dataclass(frozen=True, slots=True)
class Graph:
    """One curve: what it is called, and its points (u, f(u)), none of them infinite."""

    name: Box
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Graphs:
    """A function first, then its derivative."""

    curves: tuple[Graph, ...]


def graphs(function: Function, argument: Symbol = U) -> Graphs | None:
    """f and f′ over an interval around 0; None for a function that has no formula, which cannot be plotted."""
    if function.body is None:
        return None
    values = np.linspace(LEFT, RIGHT, POINTS)
    slope = lemma(function).slope
    shown = (Call(function, (argument,)), Call(function.prime, (argument,)))
    return Graphs(
        tuple(
            Graph(arrange(name, LECTURE), _points(formula, values))
            for name, formula in zip(shown, (function.body, slope), strict=True)
        )
    )


def _points(formula: Expr, values: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """The values of a formula in U; where it is none or infinite there is no point."""
    argument = Tensor("u", (SAMPLES,))
    at = substitute(formula, {U: argument[SAMPLE]})
    found = evaluate(at, Instance({"N": len(values)}, {argument: values})).array
    heights = np.broadcast_to(np.asarray(found, dtype=np.float64), values.shape)
    return tuple(
        (round(float(u), 4), round(float(height), 5))
        for u, height in zip(values, heights, strict=True)
        if np.isfinite(height)
    )
