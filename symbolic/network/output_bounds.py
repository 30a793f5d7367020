"""What the output of a network can be, whatever its weights are: a target outside of it is never learnt."""

from __future__ import annotations

from functools import lru_cache
from math import inf, isfinite
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from symbolic.network.network import Network

if TYPE_CHECKING:
    from symbolic.language.functions import Function

#: The least and the largest value.
Span: TypeAlias = tuple[float, float]

EVERYTHING: Span = (-inf, inf)
#: The share of a bound, and the number, by which a function that levels off still grows far from 0.
SLACK, TINY = 0.02, 1e-9
#: A function is looked at up to here, and then up to there, where exp is finite: what still grows has no bound.
NEAR, FAR = 30.0, 300.0
#: Decimals of a bound, which is an estimate.
DIGITS = 6


def bounds_on_target(network: Network) -> tuple[str, float | None, float | None] | None:
    """The output's name and its bounds, None for none of a side, where nothing but these says what a target may be."""
    if network.loss.own or network.loss.fact is not None or (span := reach(network)) == EVERYTHING:
        return None
    low, high = (round(bound, DIGITS) + 0.0 if isfinite(bound) else None for bound in span)  # no -0.0
    return network.node(network.output).name, low, high


def reach(network: Network) -> Span:
    """What the output may be; everything where its node is no function of a sum, which takes any value."""
    node = network.node(network.output)
    if node.activation == "softmax":
        return 0.0, 1.0
    return EVERYTHING if node.function is None else _span(node.function)


@lru_cache(maxsize=64)
def _span(function: Function) -> Span:
    """Infimum and supremum of a function of one number, as far as its values at thousands of places show them."""
    inner = _values(function, np.linspace(-NEAR, NEAR, 12001))
    outer = _values(function, np.linspace(-FAR, FAR, 12001))
    if not len(inner) or not len(outer):
        return EVERYTHING
    least, most = float(inner.min()), float(inner.max())
    low, high = min(least, float(outer.min())), max(most, float(outer.max()))
    return low if least - low <= SLACK * abs(least) + TINY else -inf, high if high - most <= SLACK * abs(
        most
    ) + TINY else inf


def _values(function: Function, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The function where it has a value; what is too large for a number is infinite."""
    from symbolic.evidence.evaluate import Instance, evaluate  # needed for few activations, and they take their time
    from symbolic.language.expr import Call, Tensor
    from symbolic.language.functions import PRIMITIVES, U
    from symbolic.language.sample import SAMPLE, SAMPLES
    from symbolic.language.terms import substitute

    if function.body is None and function not in PRIMITIVES.values():
        return np.empty(0)  # a generic function, which has no values
    argument = Tensor("u", (SAMPLES,))
    body = Call(function, (U,)) if function.body is None else function.body
    at = substitute(body, {U: argument[SAMPLE]})
    with np.errstate(all="ignore"):
        found = evaluate(at, Instance({"N": len(places)}, {argument: places})).array
    values = np.broadcast_to(np.asarray(found, dtype=np.float64), places.shape)
    return values[~np.isnan(values)]
