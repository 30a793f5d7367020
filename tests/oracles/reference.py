"""What the gradients are held against: PyTorch, from the meaning of a spec, and difference quotients.

``reference`` reads the dict that a person writes and builds Q with PyTorch's own layers and losses; formulas
it reads as Python syntax, node by node.  Nothing here imports the project, so nothing here can
repeat one of its mistakes.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

Arrays = Mapping[str, np.ndarray]

#: A kink counts as met when its switch is nearer to zero than this.
NEAR = 1e-3


@dataclass
class Reference:
    """Q and its gradient by name, and how far the sample keeps from every kink."""

    value: float
    gradient: dict[str, np.ndarray]
    output: np.ndarray
    distance: float


def reference(
    spec: Mapping[str, Any], sizes: Mapping[str, int], weights: Arrays, X: Arrays, Y: np.ndarray
) -> Reference:
    """Q(w) and ∂Q/∂w of a spec of layers, in float64.  Arrays have the shapes of INTERFACE: (N, D), (J, D), (J,)."""
    w = {name: torch.tensor(np.asarray(array, float), requires_grad=True) for name, array in weights.items()}
    x = {name: torch.tensor(np.asarray(array, float)) for name, array in X.items()}
    run = _Run(spec, sizes, w, x)
    q = run.objective(torch.tensor(np.asarray(Y, float)))
    gradients = torch.autograd.grad(q, list(w.values()), allow_unused=True)
    gradient = {name: np.zeros(w[name].shape) if g is None else g.numpy() for name, g in zip(w, gradients, strict=True)}
    return Reference(float(q.detach()), gradient, run.value(spec["output"]).detach().numpy(), run.distance)


@dataclass
class _Run:
    """One forward pass."""

    spec: Mapping[str, Any]
    sizes: Mapping[str, int]
    weights: dict[str, torch.Tensor]
    values: dict[str, torch.Tensor]
    distance: float = math.inf
    used: dict[str, bool] = field(default_factory=dict)  # name of a parameter: is it a bias

    def value(self, name: str) -> torch.Tensor:
        if name not in self.values:
            self.values[name] = self._node(name, self.spec["nodes"][name])
        return self.values[name]

    def _node(self, name: str, node: Mapping[str, Any]) -> torch.Tensor:
        if "formula" in node:
            return self._index_node(name, node)
        inputs = node["inputs"]
        default = [f"w_{name}"] if len(inputs) == 1 else [f"w_{name}_{source}" for source in inputs]
        given = node.get("weights", default)
        names = [given] if isinstance(given, str) else given
        width = node["width"] if isinstance(node["width"], list) else [node["width"]]
        shape = [whole(axis, self.sizes) for axis in width]
        total: torch.Tensor | float = 0.0
        for weight, source in zip(names, inputs, strict=True):
            self.used.setdefault(weight, False)
            over = self.weights[weight].flatten(len(shape))  # (width, input width), several axes of the input as one
            total = total + F.linear(self.value(source).flatten(1), over.flatten(0, -2)).unflatten(1, shape)
        if node.get("bias", True):
            self.used.setdefault(f"b_{name}", True)
            total = total + self.weights[f"b_{name}"]
        assert isinstance(total, torch.Tensor)
        return self._activation(node.get("activation", "identity"), total)

    def _activation(self, activation: str | Mapping[str, str], u: torch.Tensor) -> torch.Tensor:
        text = activation if isinstance(activation, str) else activation["formula"]
        if text in KINKED:
            self.keep_from(u)
        return ACTIVATIONS[text](u) if text in ACTIVATIONS else self.formula(text, {"u": u})

    def objective(self, y: torch.Tensor) -> torch.Tensor:
        for name in self.spec["nodes"]:  # in order, so that a deep network is no deep recursion
            self.value(name)
        p = self.value(self.spec["output"])
        loss = self.spec["loss"]
        y = y.reshape(p.shape)
        for switch in SWITCHES.get(loss, ()):
            self.keep_from(switch(y, p))
        total = LOSSES[loss](y, p) if loss in LOSSES else self.formula(loss, {"y": y, "p": p}).sum()
        if self.spec.get("reduction", "sum") == "mean":
            total = total / len(p)
        return total + self._penalty()

    def _penalty(self) -> torch.Tensor | float:
        given = self.spec.get("regularizer") or {}
        given = {"formula": given} if isinstance(given, str) else given
        total: torch.Tensor | float = 0.0
        for name, is_bias in self.used.items():
            if is_bias and not given.get("bias", True):
                continue
            w = self.weights[name]
            if "l1" in given:
                self.keep_from(w)
                total = total + given["l1"] * w.abs().sum()
            if "l2" in given:
                total = total + given["l2"] * (w**2).sum()
            if "formula" in given:
                total = total + self.formula(given["formula"], {"w": w}).sum()
        return total

    def keep_from(self, switch: torch.Tensor) -> None:
        self.distance = min(self.distance, float(switch.detach().abs().min()))

    def formula(self, text: str, names: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """A formula of one line, over all entries at once."""
        result = Reader(self.keep_from, lambda name: names[name]).read(parsed(text, "eval").body)
        return result * torch.ones_like(next(iter(names.values())))

    def _index_node(self, name: str, node: Mapping[str, Any]) -> torch.Tensor:
        """A formula such as ``z[i,j] = tanh(Sum(w[j,k]*x[i,k], k))``."""
        line = parsed(node["formula"], "exec").body[0]
        assert isinstance(line, ast.Assign)
        arrays = {}
        for tree in ast.walk(line.value):
            if isinstance(tree, ast.Name) and tree.id in self.weights:
                self.used.setdefault(tree.id, tree.id == "b" or tree.id.startswith("b_"))
                arrays[tree.id] = self.weights[tree.id]
            elif isinstance(tree, ast.Name) and (tree.id in self.values or tree.id in self.spec["nodes"]):
                arrays[tree.id] = self.value(tree.id)
        given = dict(node.get("ranges", {}))
        if "width" in node:
            width = node["width"] if isinstance(node["width"], list) else [node["width"]]
            letters = [place.id for place in subscripts(line.targets[0])[1:]]  # type: ignore[arg-type, attr-defined]
            given |= dict(zip(letters, (axis for axis in width if axis != 1), strict=True))
        given = {letter: whole(length, self.sizes) for letter, length in given.items()}
        return IndexReader(self.keep_from, arrays, self.sizes, given).node(line)


def parsed(text: str, mode: str) -> Any:
    """Python's own syntax tree: formulas are written like Python, but for the ^."""
    return ast.parse(text.strip().replace("^", "**"), mode=mode)


def whole(length: int | str, sizes: Mapping[str, int]) -> int:
    """A size of a spec, such as ``T - U + 1``, as a number."""
    tree = parsed(str(length), "eval").body
    return int(Reader(lambda switch: None, lambda name: torch.tensor(float(sizes[name]))).read(tree))


@dataclass
class Reader:
    """Walks a syntax tree with PyTorch's functions at its nodes."""

    keep_from: Callable[[torch.Tensor], None]
    name: Callable[[str], torch.Tensor]

    def read(self, tree: ast.expr) -> torch.Tensor:
        match tree:
            case ast.Constant(int() | float() as value):
                return torch.tensor(float(value), dtype=torch.float64)
            case ast.Name("pi"):
                return torch.tensor(math.pi, dtype=torch.float64)
            case ast.Name(name):
                return self.name(name)
            case ast.UnaryOp(ast.USub(), operand):
                return -self.read(operand)
            case ast.UnaryOp(ast.UAdd(), operand):
                return self.read(operand)
            case ast.BinOp(left, operator, right):
                return OPERATORS[type(operator)](self.read(left), self.read(right))
            case ast.List([ast.Compare() as comparison]):
                return self.condition(comparison).double()
            case ast.Call(ast.Name("where"), [ast.Compare() as comparison, then, otherwise]):
                return torch.where(self.condition(comparison), self.read(then), self.read(otherwise))
            case ast.Call(ast.Name(function), arguments):
                return self.call(function, arguments)
        raise AssertionError(ast.dump(tree))

    def condition(self, tree: ast.Compare) -> torch.Tensor:
        switch = self.read(tree.left) - self.read(tree.comparators[0])
        self.keep_from(switch)
        return switch > 0 if isinstance(tree.ops[0], (ast.Gt, ast.GtE)) else switch < 0

    def call(self, function: str, arguments: list[ast.expr]) -> torch.Tensor:
        values = torch.broadcast_tensors(*map(self.read, arguments))
        if function in ("max", "min"):
            self.keep_from(values[0] - values[1])
        elif function in (*KINKED, "abs"):
            self.keep_from(values[0])
        return (FUNCTIONS | ACTIVATIONS)[function](*values)


class IndexReader(Reader):
    """Every letter of the formula has an axis of its own; what does not vary along it has length 1 there."""

    def __init__(
        self,
        keep_from: Callable[[torch.Tensor], None],
        arrays: Mapping[str, torch.Tensor],
        sizes: Mapping[str, int],
        given: Mapping[str, int],
    ) -> None:
        super().__init__(keep_from, self._number)
        self.arrays, self.sizes, self.lengths = arrays, sizes, dict(given)
        self.letters: list[str] = []

    def node(self, line: ast.Assign) -> torch.Tensor:
        left, right = line.targets[0], line.value
        for entry in (tree for tree in ast.walk(right) if isinstance(tree, ast.Subscript)):
            array = self.arrays[entry.value.id]  # type: ignore[attr-defined]
            for place, length in zip(subscripts(entry), array.shape, strict=True):
                if isinstance(place, ast.Name):
                    self.lengths.setdefault(place.id, length)
        self.letters = list(self.lengths)
        assert isinstance(left, ast.Subscript)
        axes = [place.id for place in subscripts(left) if isinstance(place, ast.Name)]
        value = self.read(right).expand([self.lengths[x] if x in axes else 1 for x in self.letters])
        value = value.permute([self.letters.index(x) for x in (*axes, *(x for x in self.letters if x not in axes))])
        return value.reshape([self.lengths[x] for x in axes])

    def _number(self, name: str) -> torch.Tensor:
        return self.arrays[name] if name in self.arrays else torch.tensor(float(self.sizes[name])).double()

    def read(self, tree: ast.expr) -> torch.Tensor:
        match tree:
            case ast.Subscript(ast.Name(name)):
                return self.arrays[name][tuple(self._places(place) for place in subscripts(tree))]
            case ast.Call(ast.Name("Sum"), [body, *over]):
                value = self.read(body)
                for letter in over:
                    axis, length = self._axis(letter)
                    value = value.sum(axis, keepdim=True) * (length if value.shape[axis] == 1 != length else 1)
                return value
            case ast.Call(ast.Name("softmax"), [body, *over]):
                value = self.read(body)
                axes = [self._axis(letter)[0] for letter in over]
                return torch.exp(value - torch.logsumexp(value, axes, keepdim=True))
        return super().read(tree)

    def _axis(self, letter: ast.expr) -> tuple[int, int]:
        assert isinstance(letter, ast.Name)
        return self.letters.index(letter.id), self.lengths[letter.id]

    def _places(self, tree: ast.expr) -> torch.Tensor:
        """A subscript for all values of its letters."""
        ranges = {}
        for axis, letter in enumerate(self.letters):
            shape = [1] * len(self.letters)
            shape[axis] = -1
            ranges[letter] = torch.arange(self.lengths[letter], dtype=torch.float64).reshape(shape)
        names = {**{name: torch.tensor(float(n)) for name, n in self.sizes.items()}, **ranges}
        places = Reader(self.keep_from, names.__getitem__).read(tree).long()
        return places.reshape((1,) * (len(self.letters) - places.ndim) + places.shape)


def subscripts(tree: ast.Subscript) -> list[ast.expr]:
    return list(tree.slice.elts) if isinstance(tree.slice, ast.Tuple) else [tree.slice]


KINKED = ("relu", "leaky_relu", "elu")  # elu has a slope at 0 but no second one, which differences feel
ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "identity": lambda u: u,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda u: F.leaky_relu(u, 0.01),
    "elu": F.elu,
    "softplus": lambda u: torch.logaddexp(u, torch.zeros_like(u)),  # F.softplus is the identity above 20
    "silu": F.silu,
    "gelu": lambda u: F.gelu(u, approximate="none"),
    "sin": torch.sin,
    "softmax": lambda u: F.softmax(u, dim=-1),
}
LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "squared": lambda y, p: F.mse_loss(p, y, reduction="sum"),
    "half_squared": lambda y, p: F.mse_loss(p, y, reduction="sum") / 2,
    "absolute": lambda y, p: F.l1_loss(p, y, reduction="sum"),
    "huber": lambda y, p: F.huber_loss(p, y, reduction="sum", delta=1.0),
    "log_loss": lambda y, p: F.binary_cross_entropy(p, y, reduction="sum"),
    "cross_entropy": lambda y, p: F.nll_loss(p.log(), y.argmax(dim=-1), reduction="sum"),
    "hinge": lambda y, p: F.relu(1 - y * p).sum(),
    "poisson": lambda y, p: F.poisson_nll_loss(p, y, log_input=False, eps=0.0, reduction="sum"),
}
#: Where a loss has a kink.
SWITCHES: dict[str, tuple[Callable[[torch.Tensor, torch.Tensor], torch.Tensor], ...]] = {
    "absolute": (lambda y, p: y - p,),
    "huber": (lambda y, p: (y - p).abs() - 1,),
    "hinge": (lambda y, p: 1 - y * p,),
}
OPERATORS: dict[type[ast.operator], Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    ast.Add: torch.add,
    ast.Sub: torch.sub,
    ast.Mult: torch.mul,
    ast.Div: torch.div,
    ast.Pow: torch.pow,
}
FUNCTIONS: dict[str, Callable[..., torch.Tensor]] = {
    "exp": torch.exp,
    "log": torch.log,
    "sin": torch.sin,
    "cos": torch.cos,
    "atan": torch.atan,
    "erf": torch.erf,
    "abs": torch.abs,
    "sqrt": torch.sqrt,
    "max": torch.maximum,
    "min": torch.minimum,
}


def slope(function: Callable[[np.ndarray], float], w: np.ndarray, direction: np.ndarray, h: float = 1e-3) -> float:
    """The derivative along a direction: central differences with h and 2h, and Richardson's combination of them."""

    def central(step: float) -> float:
        return (function(w + step * direction) - function(w - step * direction)) / (2 * step)

    return (4 * central(h) - central(2 * h)) / 3


def differences(function: Callable[[np.ndarray], float], w: np.ndarray, h: float = 1e-3) -> np.ndarray:
    """The whole gradient, entry by entry."""
    return np.array([slope(function, w, direction, h) for direction in np.eye(len(w))])
