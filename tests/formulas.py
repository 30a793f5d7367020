"""Hypothesis draws networks in index formulas, and holds all that is emitted for them against PyTorch.

A drawn network has one to four nodes with up to two axes beside the sample: sums over windows, strides, shifts,
reversed and literal subscripts, diagonals, squares summed over axes, products of sums, norms, softmax and
log-sum-exp over any index, maxima, choices, comparisons of indices and indices as numbers,
two nodes of the same formula, weights that several nodes share, losses that are
formulas, regularisers.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch_oracle
from hypothesis import assume
from hypothesis import strategies as st

from codegen.targets.load import load_text
from codegen.targets.numpy.emit import emit
from codegen.targets.registry import PACKAGES, emit_for
from symbolic.errors import SpecError
from symbolic.network.network import Network
from symbolic.network.objective import build_objective

Spec = dict[str, Any]

OUTER = (
    "{}",
    "tanh({})",
    "sigmoid({})",
    "softplus({})",
    "relu({})",
    "sin({})",
    "({})**2",
    "silu({})",
    "log(1 + ({})**2)",
)
LOSSES = (
    "squared", "half_squared", "(y - p)**4/4", "log(1 + (y - p)**2)", "sqrt(1 + (y - p)**2)", "sqrt((y - p)**2)",
    "log((exp(y - p) + exp(p - y))/2)", "huber", "p**2/2 - y*p",
    "log(where(y > p, 1 + (y - p)**2, 2 + p**2))", "-log(y**2*sigmoid(p) + (1 + y**2)*(1 - sigmoid(p)))",
)  # fmt: skip
REGULARIZERS = (None, {"l2": 0.1}, {"l1": 0.05}, "w**2/(1 + w**2)", "sqrt(w**2 + 0.01)")
LENGTHS = st.integers(2, 4)  # an axis of length 1 is none


@dataclass
class _Node:
    """One formula in the making: its indices with their ranges, and which are summed over."""

    draw: st.DrawFn
    arrays: dict[str, tuple[int, ...]]
    weights: dict[str, tuple[int, ...]]
    left: dict[str, int]
    ranges: dict[str, int] = field(default_factory=dict)
    bound: list[str] = field(default_factory=list)

    def subscript(self, length: int) -> str:
        """What may stand for an axis: an index, shifted, with a stride, reversed, a window, or a place."""
        known = {**self.left, **{u: self.ranges[u] for u in self.bound}}
        found = [str(place) for place in (0, length - 1)]
        for index, extent in known.items():
            if extent == length:
                found += [index] * 4
            for shift in range(1, length - extent + 1):
                found.append(f"{index}+{shift}")
            if 2 * (extent - 1) < length and extent > 1:
                found += [f"2*{index}"] * 2
            if 0 < extent - 1 < length:
                found.append(f"{length - 1}-{index}")
            for other, more in known.items():
                if other > index and extent > 1 and more > 1:
                    found += [f"{index}+{other}"] * (2 * (extent + more - 1 <= length))
                    found += [f"2*{index}+{other}"] * (2 * (2 * extent + more - 2 <= length))
        new = next(u for u in "abcefgmnoqrs" if u not in self.ranges and u not in self.left)
        chosen = self.draw(st.sampled_from([*found, *[new] * 3]))
        if chosen == new:
            self.ranges[new] = length
            self.bound.append(new)
        return chosen

    def entry(self) -> str:
        name = self.draw(st.sampled_from([*self.arrays][-3:]))
        return f"{name}[{', '.join(['i', *map(self.subscript, self.arrays[name])])}]"

    def weight(self) -> str:
        """A parameter over some of the indices, perhaps one that another node has too."""
        known = {**self.left, **{u: self.ranges[u] for u in self.bound}}
        indices = self.draw(st.lists(st.sampled_from([*known]), unique=True, max_size=2)) if known else []
        shape = tuple(known[index] for index in indices)
        same = [name for name, other in self.weights.items() if other == shape]
        shared: bool = bool(same) and self.draw(st.booleans())
        name = self.draw(st.sampled_from(same)) if shared else f"w_{len(self.weights)}"
        self.weights[name] = shape
        return f"{name}[{', '.join(indices)}]" if indices else name

    def summed(self, body: str, before: int) -> str:
        """The body summed over every index that came up since."""
        indices, self.bound = self.bound[before:], self.bound[:before]
        return f"Sum({body}, {', '.join(indices)})" if indices else body

    def scoped(self, kind: str) -> str:
        before = len(self.bound)
        entry = self.entry()
        match kind:
            case "linear":
                return self.summed(f"{self.weight()}*{entry}", before)
            case "product":
                return self.summed(f"{self.weight()}*{entry}*{self.entry()}", before)
            case "squares":
                return self.summed(f"({entry} - {self.weight()})**2", before)
            case "norm":
                return f"sqrt({self.summed(f'({entry} + {self.weight()})**2', before)} + 0.1)"
            case "bare norm":
                return f"sqrt({self.summed(f'({entry} - {self.weight()})**2', before)})"
            case "mean":
                return self.summed(entry, before)
            case "greatest":
                body = f"{self.weight()}*{entry}"
                indices, self.bound = self.bound[before:], self.bound[:before]
                return (
                    f"{self.draw(st.sampled_from(('Max', 'Min')))}({body}, {', '.join(indices)})" if indices else body
                )
            case "masked":
                indices = self.draw(st.lists(st.sampled_from([*self.left, *self.bound, "1"]), min_size=2, max_size=2))
                relation = self.draw(st.sampled_from(("<=", "<", "==", "!=")))
                mask = (
                    "" if "1" in indices[:1] or indices[0] == indices[1] else f"[{indices[0]} {relation} {indices[1]}]*"
                )
                return self.summed(f"{mask}{self.weight()}*{entry}", before)
            case "placed":
                index = self.draw(st.sampled_from([*self.left, *self.bound, "1"]))
                return self.summed(f"sin({index}/3)*{self.weight()}*{entry}", before)
            case "chosen":
                return self.summed(
                    f"where({entry} > {self.weight()}, {self.weight()}*{self.entry()}, 1 - {entry})", before
                )
            case "chosen over":
                return self.summed(f"where({entry} > {self.weight()}, 2, 1)/(1 + {entry}**2)", before)
            case "log-sum-exp":
                return f"log({self.summed(f'exp({self.weight()}*{entry})', before)})"
            case "softmax":
                indices = [*self.left, *self.bound]
                inside = [index for index in indices if index in entry.partition("[")[2].replace("i,", "", 1)]
                if not inside:
                    return self.summed(f"{self.weight()}*{entry}", before)
                over = self.draw(st.sampled_from(inside))
                return self.summed(f"softmax({entry}, {over})*{self.weight()}", before)
        raise ValueError(kind)

    def formula(self) -> str:
        kinds = (
            *("linear", "linear", "product", "squares", "norm", "bare norm", "mean", "log-sum-exp", "softmax"),
            *("greatest", "masked", "placed", "chosen", "chosen over"),
        )
        terms = [self.scoped(self.draw(st.sampled_from(kinds))) for _ in range(self.draw(st.integers(1, 2)))]
        joined = self.draw(st.sampled_from((" + ", " - ", "*"))).join(terms)
        return self.draw(st.sampled_from(OUTER)).format(joined)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A spec in formulas with numbers for all its sizes."""
    arrays = {"x": tuple(draw(st.lists(st.integers(2, 6), min_size=1, max_size=2)))}
    inputs = {"x": [*arrays["x"]]}
    weights: dict[str, tuple[int, ...]] = {}
    nodes: dict[str, Spec] = {}
    for name in ("h", "z", "v")[: draw(st.integers(1, 3))]:
        axes = draw(st.lists(LENGTHS, max_size=2))
        node = _Node(draw, dict(arrays), weights, dict(zip("jk", axes, strict=False)))
        body = node.formula()
        left = ", ".join(("i", *node.left))
        nodes[name] = _written(name, left, body, axes, node)
        arrays[name] = tuple(axes)
        if draw(st.integers(0, 3)) == 0:  # the same thing once more
            nodes[f"{name}_2"] = _written(f"{name}_2", left, body, axes, node)
            arrays[f"{name}_2"] = tuple(axes)
    width = draw(st.sampled_from(([], [2], [3])))
    hidden = {name: axes for name, axes in arrays.items() if name != "x"}
    node = _Node(draw, hidden, weights, dict(zip("j", width, strict=False)))
    terms = [_whole(node, name) for name in node.arrays]
    if draw(st.booleans()):
        terms.append(f"c[{', '.join(node.left)}]" if node.left else "c")
    nodes["p"] = _written("p", ", ".join(("i", *node.left)), " + ".join(terms), width, node)
    spec: Spec = {
        "name": "drawn",
        "loss": draw(st.sampled_from(LOSSES)),
        "output": "p",
        "inputs": inputs,
        "nodes": nodes,
    }
    if (regularizer := draw(st.sampled_from(REGULARIZERS))) is not None:
        spec["regularizer"] = {"formula": regularizer} if isinstance(regularizer, str) else regularizer
    spec["reduction"] = draw(st.sampled_from(("sum", "mean")))
    return spec


def _whole(node: _Node, name: str) -> str:
    """All entries of a node with a weight for each, so that none is left unused."""
    before, letters = len(node.bound), []
    for length in node.arrays[name]:
        letters.append(next(u for u in "abcefgmnoqrs" if u not in node.ranges))
        node.ranges[letters[-1]] = length
        node.bound.append(letters[-1])
    fresh = f"u_{name}[{', '.join([*node.left, *letters])}]" if node.left or letters else f"u_{name}"
    return node.summed(f"{fresh}*{name}[{', '.join(['i', *letters])}]", before)


def _written(name: str, left: str, body: str, axes: list[int], node: _Node) -> Spec:
    made: Spec = {"formula": f"{name}[{left}] = {body}", "width": [*axes] if len(axes) > 1 else axes[0] if axes else 1}
    used = {u: n for u, n in node.ranges.items() if any(f" {u}{end}" in body for end in ",)")}
    return made | ({"ranges": used} if used else {})


# -- what is emitted for it -------------------------------------------------------------------------------


def assert_emitted_right(spec: Spec) -> None:
    """Every target against PyTorch; which ones beside NumPy and PyTorch, the spec itself decides."""
    try:
        network = Network.from_dict(spec)
    except SpecError:
        assume(False)
    lot = zlib.crc32(repr(spec).encode())
    objective = build_objective(network)
    random = np.random.default_rng(lot)
    texts = {("numpy", "float64"): emit(network, hessian=lot % 5 == 0), ("torch", ""): emit_for("torch", network)}
    if lot % 4 == 1:
        texts["numpy", "float32"] = emit(network, "float32")
    if lot % 150 == 1:
        texts["numba", "float64"] = emit_for("numba", network)
    module = load_text(texts["numpy", "float64"], "drawn")
    ours = module.Objective()
    arrays, sizes = {}, {"N": 3}
    for tensor in (*objective.inputs, objective.target):
        arrays[tensor.name] = random.uniform(-1.5, 1.5, [axis.value(sizes) for axis in tensor.axes])
    w = random.uniform(-1, 1, ours.size)
    shapes = {p.tensor.name: [axis.value(sizes) for axis in p.tensor.axes] for p in objective.parameters}
    named = {name: w[part].reshape(shapes[name]) for name, (part, _) in ours.layout.items()}
    try:
        value, gradient = torch_oracle.value_and_gradient(objective, sizes, arrays | named)
    except RuntimeError:
        assume(False)
    expected = np.concatenate([gradient[name].ravel() for name in ours.layout])
    assume(np.isfinite(value) and np.isfinite(expected).all() and abs(value) < 1e8)
    inputs = {t.name: arrays[t.name] for t in objective.inputs}
    X: Any = inputs if len(inputs) > 1 else arrays[objective.inputs[0].name]
    Y = arrays[objective.target.name]
    for (target, dtype), text in texts.items():
        if target == "torch":
            found = _by_torch(text, ours, w, X, Y)
        else:
            compiled = load_text(text, f"drawn_{target}", also=PACKAGES[target]).Objective()
            found = compiled.value_and_gradient(*(np.asarray(a, dtype) for a in (w, X, Y)))
        close(found, (value, expected), 2e-3 if dtype == "float32" else 1e-9, f"{target} {dtype}")
    if lot % 5 == 0:
        v = random.normal(size=w.size)
        second = torch_oracle.hessian_vector(objective, sizes, arrays | named, dict(_parts(ours, v, shapes)))
        flat = np.concatenate([second[name].ravel() for name in ours.layout])
        if np.isfinite(flat).all():
            close((value, ours.hessian_vector(w, v, X, Y)), (value, flat), 1e-8, "second order")


def close(found: Any, expected: Any, digits: float, where: str) -> None:
    value, gradient = found
    scale = max(1.0, abs(expected[0]), float(np.abs(expected[1]).max()))
    assert abs(float(value) - expected[0]) <= digits * scale, f"{where}: Q is {value}, not {expected[0]}"
    worst = float(np.abs(np.asarray(gradient, float) - expected[1]).max())
    assert worst <= digits * scale, f"{where}: off by {worst:.3g}\n{gradient}\nis not\n{expected[1]}"


def _parts(ours: Any, flat: np.ndarray, shapes: dict[str, list[int]]) -> Any:
    return ((name, flat[part].reshape(shapes[name])) for name, (part, _) in ours.layout.items())


def _by_torch(text: str, ours: Any, w: np.ndarray, X: Any, Y: np.ndarray) -> tuple[float, np.ndarray]:
    objective = load_text(text, "drawn_torch", also=PACKAGES["torch"]).Objective(dtype=torch.float64)
    named = dict(objective.named_parameters())
    for name, (part, shape) in ours.layout.items():
        named[name].data.copy_(torch.tensor(w[part]).reshape(shape))
    X = {k: torch.tensor(v) for k, v in X.items()} if isinstance(X, dict) else torch.tensor(X)
    q = objective(X, torch.tensor(Y))
    q.backward()
    return float(q.detach()), np.concatenate([named[name].grad.numpy().ravel() for name in ours.layout])
