"""Hypothesis draws specs of networks, and numbers for them.

A drawn network has what the general scheme allows: several inputs, nodes with several inputs, values that
feed several nodes, connections that skip layers, weights that two nodes share, sizes that are numbers or
symbols (a symbol may stand for 1), nodes without bias, activations that are formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

Spec = dict[str, Any]

ACTIVATIONS = (
    "identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "sin", "softmax",
)  # fmt: skip
LOSSES = ("squared", "half_squared", "absolute", "huber", "log_loss", "cross_entropy", "hinge", "poisson")
REGULARIZERS: tuple[Any, ...] = (
    None,
    {"l1": 0.03},
    {"l2": 0.02},
    {"l2": 0.5, "bias": False},
    {"l1": 0.01, "l2": 0.02},
    {"formula": "w**2/(1 + w**2)"},
)
REDUCTIONS = ("sum", "mean")

#: Activations and losses of a person's own.
OWN_ACTIVATIONS = (
    "log(1 + u**2)", "u*exp(-u**2)", "where(u > 0, u, 0.1*u)", "1/(1 + exp(-2*u))", "atan(u)", "u/(1 + abs(u))",
    "sigmoid(u)*tanh(u)", "cos(u)**2", "max(u, -u/3)", "u", "3*u - 1", "u**3/6",
)  # fmt: skip
OWN_LOSSES = ("(y - p)**4", "log(1 + (y - p)**2)", "sqrt(1 + (y - p)**2) - 1", "p**2/2 - y*p")
OWN_REGULARIZERS = ("w**2/(1 + w**2)", "sqrt(w**2 + 0.01)", "0.01*w**4", "log(1 + w**2)/10")

#: What the output must be, so that a loss is defined at it.
_RANGE = {
    "log_loss": ("sigmoid", "1/(1 + exp(-2*u))", "(1 + sin(u)/2)/2"),
    "cross_entropy": ("softmax",),
    "poisson": ("softplus", "exp(u)", "0.1 + u**2"),
}

#: Names that are indices, adjoints, lines or arguments elsewhere in a derivation or in a module.
NODE_NAMES = (
    "z", "E", "s", "t", "a", "b", "h", "u", "v", "w", "y", "n1", "x1", "e", "c", "g", "l", "X", "Y", "ones", "value",
    "z_T", "self", "np", "flat", "out", "data",
)  # fmt: skip
INPUT_NAMES = ("x", "r", "q", "Z", "weights")
SIZE_NAMES = ("D", "J", "K", "M", "d", "j", "k", "m")


@st.composite
def specs(draw: st.DrawFn, loss: str | None = None) -> Spec:
    """A spec that is valid, with numbers for all its sizes."""
    loss = draw(st.sampled_from((*LOSSES, *OWN_LOSSES))) if loss is None else loss
    symbols = draw(st.dictionaries(st.sampled_from(SIZE_NAMES), st.integers(1, 5), max_size=3))
    widths = st.one_of(st.integers(1, 5), *([st.sampled_from(sorted(symbols))] if symbols else []))
    inputs = draw(st.dictionaries(st.sampled_from(INPUT_NAMES), widths, min_size=1, max_size=3))
    depth = draw(st.integers(1, 6))
    names = draw(st.permutations(NODE_NAMES))[: depth + draw(st.integers(0, 2))]
    width: dict[str, int | str] = dict(inputs)
    nodes: dict[str, Spec] = {}
    for at, name in enumerate(names):
        last = at == len(names) - 1
        nodes[name] = _node(draw, nodes, width, widths, last=last, loss=loss, symbols=symbols)
        width[name] = nodes[name]["width"]
    _share(draw, nodes, width)
    spec: Spec = {"name": "drawn", "loss": loss, "output": names[-1], "inputs": inputs, "nodes": nodes}
    regularizer = draw(st.sampled_from((*REGULARIZERS, *OWN_REGULARIZERS)))
    if regularizer is not None:
        spec["regularizer"] = regularizer
    spec["reduction"] = draw(st.sampled_from(REDUCTIONS))
    spec["sizes"] = {name: symbols[name] for name in symbols if name in width.values()}
    return spec


def _node(
    draw: st.DrawFn, nodes: dict[str, Spec], width: dict[str, Any], widths: Any, *, last: bool, loss: str, symbols: Any
) -> Spec:
    """A node that uses at least what came just before it; the last one uses all that nobody else does."""
    earlier = list(width)
    used = {source for node in nodes.values() for source in node["inputs"]}
    unused = [name for name in earlier if name not in used]
    chosen = set(unused) if last else {earlier[-1]}
    chosen |= set(draw(st.lists(st.sampled_from(earlier), max_size=2)))
    node: Spec = {"inputs": sorted(chosen, key=earlier.index)}
    node["width"] = draw(widths)
    size = symbols.get(node["width"], node["width"])
    if last and loss == "cross_entropy" and size == 1:
        node["width"] = draw(st.integers(2, 4))
    activations = _RANGE.get(loss, ACTIVATIONS + OWN_ACTIVATIONS) if last else ACTIVATIONS + OWN_ACTIVATIONS
    activation = draw(st.sampled_from(activations))
    node["activation"] = "sigmoid" if activation == "softmax" and node["width"] == 1 else activation
    if not draw(st.booleans()):
        node["bias"] = False
    return node


def _share(draw: st.DrawFn, nodes: dict[str, Spec], width: dict[str, Any]) -> None:
    """Give one name to weights of the same shape, here and there."""
    by_shape: dict[Any, list[tuple[str, int]]] = {}
    for name, node in nodes.items():
        for at, source in enumerate(node["inputs"]):
            by_shape.setdefault((node["width"], width[source]), []).append((name, at))
    for count, (_, places) in enumerate(by_shape.items()):
        if len(places) < 2 or not draw(st.booleans()):
            continue
        for name, at in places[:3]:
            node = nodes[name]
            inputs = node["inputs"]
            default = [f"w_{name}"] if len(inputs) == 1 else [f"w_{name}_{source}" for source in inputs]
            node.setdefault("weights", default)[at] = f"W{count}"


@dataclass(frozen=True)
class Sample:
    """Numbers for a spec: inputs by name, targets, and a flat vector of parameters."""

    X: dict[str, np.ndarray]
    Y: np.ndarray
    w: np.ndarray


def sample(spec: Spec, parameters: int, seed: int, N: int = 3) -> Sample:
    """Random numbers that the loss is defined at."""
    rng = np.random.default_rng(seed)
    X = {name: rng.uniform(-1, 1, (N, *shape(width, spec))) for name, width in spec["inputs"].items()}
    (outputs,) = shape(spec["nodes"][spec["output"]]["width"], spec)
    return Sample(X, targets(spec["loss"], N, outputs, rng), rng.uniform(-0.8, 0.8, parameters))


def shape(width: Any, spec: Spec) -> tuple[int, ...]:
    """The numbers for a width: 3, "D" or ["T", "D"]."""
    axes = width if isinstance(width, list) else [width]
    return tuple(spec.get("sizes", {}).get(axis, axis) for axis in axes)


def targets(loss: str, N: int, K: int, rng: np.random.Generator) -> np.ndarray:
    """What a loss is compared with: classes, signs, counts, or any numbers."""
    match loss:
        case "log_loss":
            return rng.integers(0, 2, (N, K)).astype(float)
        case "cross_entropy":
            return np.eye(K)[rng.integers(0, K, N)]
        case "hinge":
            return rng.choice([-1.0, 1.0], (N, K))
        case "poisson":
            return rng.poisson(2.0, (N, K)).astype(float)
    return rng.uniform(-2, 2, (N, K))
