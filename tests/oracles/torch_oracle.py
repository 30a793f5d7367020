"""Q and its gradient by PyTorch: the forward definitions, literally, then ``backward``.

It shares nothing with the derivation of the adjoint, nor with lowering.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from symbolic.language.affine import Index
from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Constant,
    Delta,
    Entry,
    Expr,
    Extent,
    Fold,
    Hyper,
    InRange,
    Mul,
    Number,
    Position,
    Pow,
    Sum,
    Where,
)
from symbolic.language.functions import U, V
from symbolic.language.terms import substitute  # fmt: skip

Labelled = tuple[torch.Tensor, tuple[Index, ...]]
#: PyTorch's own, where the formula overflows on the way to its derivative.
SATURATED: dict[str, Callable[..., torch.Tensor]] = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}
COMPARE = {">": torch.gt, ">=": torch.ge, "==": torch.eq}
#: Of a larger number the square, which derivatives of quotients hold, overflows; what is left may be finite, and wrong.
LARGEST = 1e75


def exp(u: torch.Tensor) -> torch.Tensor:
    """e^u; ``RuntimeError`` where PyTorch's own derivatives of a formula with it are no longer to be trusted."""
    power = torch.exp(u)
    if (power > LARGEST).any():
        raise RuntimeError(f"e^u reaches {float(power.detach().max())}")
    return power


FUNCTIONS: dict[str, Callable[..., torch.Tensor]] = {
    "exp": exp, "log": torch.log, "sin": torch.sin, "cos": torch.cos, "atan": torch.atan, "erf": torch.erf,
    "lgamma": torch.lgamma, "digamma": torch.digamma, "trigamma": lambda u: torch.polygamma(1, u),
    "abs": torch.abs, "sign": torch.sign, "max": torch.maximum, "min": torch.minimum,
}  # fmt: skip


def value_and_gradient(
    objective: Any, sizes: Mapping[str, int], arrays: Mapping[str, np.ndarray]
) -> tuple[float, dict[str, np.ndarray]]:
    """Q, and ∂Q/∂w by the name of each parameter, in the shape of its tensor."""
    q, parameters = _objective(objective, sizes, arrays)
    q.backward()
    found = {name: torch.zeros_like(w) if w.grad is None else w.grad for name, w in parameters.items()}
    return float(q.detach()), {name: gradient.numpy() for name, gradient in found.items()}


def hessian_vector(
    objective: Any, sizes: Mapping[str, int], arrays: Mapping[str, np.ndarray], v: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The Hessian of Q times v, by the name of each parameter: PyTorch's derivative of its own derivative."""
    q, parameters = _objective(objective, sizes, arrays)
    names = [*parameters]
    first = torch.autograd.grad(q, [parameters[n] for n in names], create_graph=True, materialize_grads=True)
    along = torch.stack([(g * torch.tensor(v[n])).sum() for n, g in zip(names, first, strict=True)]).sum()
    second = torch.autograd.grad(along, [parameters[n] for n in names], materialize_grads=True)
    return {n: (g + 0.0).numpy() for n, g in zip(names, second, strict=True)}


def _objective(
    objective: Any, sizes: Mapping[str, int], arrays: Mapping[str, np.ndarray]
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    values = {name: torch.tensor(np.asarray(array, float)) for name, array in arrays.items()}
    parameters = {p.tensor.name: values[p.tensor.name].requires_grad_() for p in objective.parameters}
    for definition in objective.definitions:
        array, labels = _run(definition.formula, sizes, values)
        shape = [index.extent.value(sizes) for index in definition.indices]
        values[definition.target.name] = _aligned(array, labels, definition.indices).expand(shape)
    return values[objective.value.name], parameters


def _aligned(array: torch.Tensor, labels: tuple[Index, ...], onto: tuple[Index, ...]) -> torch.Tensor:
    kept = [label for label in onto if label in labels]
    array = array.permute([labels.index(label) for label in kept])
    lengths = iter(array.shape)
    return array.reshape([next(lengths) if label in labels else 1 for label in onto])


def _run(expr: Expr, sizes: Mapping[str, int], values: dict[str, torch.Tensor]) -> Labelled:
    def together(function: Callable[..., torch.Tensor], *operands: Expr) -> Labelled:
        runs = [_run(operand, sizes, values) for operand in operands]
        labels = tuple(dict.fromkeys(label for _, own in runs for label in own))
        return function(*(_aligned(array, own, labels) for array, own in runs)), labels

    def number(value: float) -> Labelled:
        return torch.tensor(value, dtype=torch.float64), ()

    def positions(sub: Any, labels: tuple[Index, ...]) -> torch.Tensor:
        result = torch.full((1,) * len(labels), sub.offset.value(sizes))
        for index, coefficient in sub.terms:
            run = torch.arange(index.extent.value(sizes)) * coefficient
            result = result + _aligned(run, (index,), labels)
        return result

    match expr:
        case Number(value) | Hyper(_, value):
            return number(float(value))
        case Constant():
            return number(math.pi)
        case Extent(size):
            return number(float(size.value(sizes)))
        case Entry(tensor, subscripts):
            labels = tuple(dict.fromkeys(index for sub in subscripts for index in sub.keys))
            array = values[tensor.name]
            if not subscripts:
                return array, labels
            places = [positions(sub, labels) for sub in subscripts]
            pairs = [*zip(places, array.shape, strict=True)]
            inside = math.prod(((p >= 0) & (p < n) for p, n in pairs), start=torch.tensor(True))
            read = array[tuple(p.clamp(0, n - 1) for p, n in pairs)]
            return torch.where(inside, read, 0.0), labels
        case Add(terms):
            return together(lambda *a: sum(a[1:], a[0]), *terms)
        case Mul(factors):
            return together(lambda *a: math.prod(a[1:], start=a[0]), *factors)
        case Pow(base, exponent):
            return together(lambda a: a ** float(exponent), base)
        case Call(function, arguments) if function.name in SATURATED:
            return together(SATURATED[function.name], *arguments)
        case Call(function, arguments) if function.body is not None:
            return _run(substitute(function.body, dict(zip((U, V), arguments, strict=False))), sizes, values)
        case Call(function, arguments):
            return together(FUNCTIONS[function.name], *arguments)
        case Sum(body, index):
            array, labels = _run(body, sizes, values)
            axis = labels.index(index)
            return array.sum(axis), labels[:axis] + labels[axis + 1 :]
        case Fold(kind, body, index):
            array, labels = _run(body, sizes, values)
            axis = labels.index(index)
            return (array.amax(axis) if kind == "max" else array.prod(axis)), labels[:axis] + labels[axis + 1 :]
        case Delta(left, right):
            labels = tuple(dict.fromkeys((*left.keys, *right.keys)))
            return (positions(left, labels) == positions(right, labels)).double(), labels
        case InRange(sub, extent):
            place = positions(sub, tuple(sub.keys))
            return ((place >= 0) & (place < extent.value(sizes))).double(), tuple(sub.keys)
        case Position(index):
            return torch.arange(index.extent.value(sizes)).double(), (index,)
        case Compare(relation, left, right):
            return together(lambda a, b: COMPARE[relation](a, b).double(), left, right)
        case Where(condition, then, otherwise):
            return together(lambda c, a, b: torch.where(c > 0, a, b), condition, then, otherwise)
    raise TypeError(expr)
