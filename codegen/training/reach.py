"""What the output of a network can be, whatever its weights are: a target outside of it is never learnt."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from codegen.training.tables import Array
from symbolic.network.network import Network

if TYPE_CHECKING:
    from symbolic.language.functions import Function

#: The least and the largest value.
Span: TypeAlias = tuple[float, float]

EVERYTHING: Span = (-inf, inf)
#: Of the width of a span: what a function that levels off still changes far from 0, and what a target may be outside.
SLACK = 1e-3
#: A function is looked at up to here, and then up to there: if it is larger there, it has no bound.
NEAR, FAR = 1e4, 1e8


def reach(network: Network) -> Span:
    """What the output may be; everything where its node is no function of a sum, which takes any value."""
    node = network.node(network.output)
    if node.activation == "softmax":
        return 0.0, 1.0
    return EVERYTHING if node.function is None else _span(node.function)


@lru_cache(maxsize=64)
def _span(function: Function) -> Span:
    """Infimum and supremum of a function of one number, as far as its values at thousands of places show them."""
    if function.body is None:
        return EVERYTHING
    far = np.geomspace(NEAR, FAR, 200)
    near = np.linspace(-40, 40, 8001), np.geomspace(40, NEAR, 2000)
    inner = _values(function, np.concatenate([near[0], near[1], -near[1]]))
    outer = _values(function, np.concatenate([far, -far]))
    if not len(inner) or not len(outer):
        return EVERYTHING
    least, most = float(inner.min()), float(inner.max())
    slack = SLACK * (most - least)
    low = least if outer.min() >= least - slack else -inf
    return low, most if outer.max() <= most + slack else inf


def _values(function: Function, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The function where it has a value; what is too large for a number is infinite."""
    from symbolic.evidence.evaluate import Instance, evaluate  # needed for few activations, and they take their time
    from symbolic.language.affine import Index, size
    from symbolic.language.expr import Tensor
    from symbolic.language.functions import U
    from symbolic.language.terms import substitute

    assert function.body is not None
    index = Index("i", size("N"))
    argument = Tensor("u", (index.extent,))
    at = substitute(function.body, {U: argument[index]})
    with np.errstate(all="ignore"):
        found = evaluate(at, Instance({"N": len(places)}, {argument: places})).array
    values = np.broadcast_to(np.asarray(found, dtype=np.float64), places.shape)
    return values[~np.isnan(values)]


def out_of_reach(network: Network, target: Array) -> str:
    """One line where the target, as the weights know it, has values that the output never takes; "" elsewhere."""
    if network.loss.own or network.loss.fact is not None or not target.size:
        return ""
    low, high = reach(network)
    width = high - low if np.isfinite(high - low) else 1.0
    outside = (target < low - SLACK * width) | (target > high + SLACK * width)
    if not outside.any():
        return ""
    node = network.node(network.output)
    if low == -inf:
        bounds = f"is never above {_told(high)}"
    else:
        bounds = f"is never below {_told(low)}" if high == inf else f"lies between {_told(low)} and {_told(high)}"
    span = f"from {_told(float(target.min()))} to {_told(float(target.max()))}"
    return (
        f"the output {node.name} = {node.activation}(…) {bounds}, but the target reaches {span}, so no weights come "
        f"near all of it: give {node.name} another activation, such as identity"
    )


def _told(number: float) -> str:
    return f"{round(number, 3):.3g}"
