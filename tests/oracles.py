"""What the gradients are held against: PyTorch, from the meaning of a spec, and difference quotients.

``reference`` reads the dict that a person writes and builds Q with PyTorch's own layers and losses; formulas
of one line it reads as Python syntax, node by node.  Nothing here imports the project, so nothing here can
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


def reference(spec: Mapping[str, Any], sizes: Mapping[str, int], weights: Arrays, X: Arrays, Y: np.ndarray) -> Reference:
    """Q(w) and ∂Q/∂w of a spec of layers, in float64.  Arrays have the shapes of INTERFACE: (N, D), (J, D), (J,)."""
    w = {name: torch.tensor(np.asarray(array, float), requires_grad=True) for name, array in weights.items()}
    x = {name: torch.tensor(np.asarray(array, float)) for name, array in X.items()}
    run = _Run(spec, sizes, w, x)
    q = run.objective(torch.tensor(np.asarray(Y, float)))
    gradients = torch.autograd.grad(q, list(w.values()), allow_unused=True)
    gradient = {
        name: np.zeros(w[name].shape) if g is None else g.numpy() for name, g in zip(w, gradients, strict=True)
    }
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
        inputs = node["inputs"]
        default = [f"w_{name}"] if len(inputs) == 1 else [f"w_{name}_{source}" for source in inputs]
        given = node.get("weights", default)
        names = [given] if isinstance(given, str) else given
        total: torch.Tensor | float = 0.0
        for weight, source in zip(names, inputs, strict=True):
            self.used.setdefault(weight, False)
            total = total + F.linear(self.value(source), self.weights[weight])
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
        """A formula of one line: Python's own syntax tree, with PyTorch's functions at its nodes."""
        result = self._read(ast.parse(text.replace("^", "**"), mode="eval").body, names)
        return result * torch.ones_like(next(iter(names.values())))

    def _read(self, tree: ast.expr, names: Mapping[str, torch.Tensor]) -> torch.Tensor:
        read = self._read
        match tree:
            case ast.Constant(value):
                return torch.tensor(float(value), dtype=torch.float64)
            case ast.Name("pi"):
                return torch.tensor(math.pi, dtype=torch.float64)
            case ast.Name(name):
                return names[name]
            case ast.UnaryOp(ast.USub(), operand):
                return -read(operand, names)
            case ast.UnaryOp(ast.UAdd(), operand):
                return read(operand, names)
            case ast.BinOp(left, operator, right):
                return OPERATORS[type(operator)](read(left, names), read(right, names))
            case ast.Call(ast.Name("where"), [ast.Compare(left, [relation], [right]), then, otherwise]):
                switch = read(left, names) - read(right, names)
                self.keep_from(switch)
                chosen = switch > 0 if isinstance(relation, (ast.Gt, ast.GtE)) else switch < 0
                return torch.where(chosen, read(then, names), read(otherwise, names))
            case ast.Call(ast.Name(function), arguments):
                values = [read(argument, names) for argument in arguments]
                if function in ("max", "min"):
                    self.keep_from(values[0] - values[1])
                if function in (*KINKED, "abs"):
                    self.keep_from(values[0])
                return (FUNCTIONS | ACTIVATIONS)[function](*torch.broadcast_tensors(*values))
        raise AssertionError(ast.dump(tree))


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
