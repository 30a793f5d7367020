"""What a module asks of PyTorch, answered by NumPy: so that its text runs once before it is handed over.

PyTorch need not be installed to emit for it, and takes longer to import than a module to emit.  Nothing is
differentiated here, as nothing is in the module: a ``Function`` keeps its context, and its derived backward pass
is called by hand.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from codegen.runtime.gamma import digamma, lgamma, trigamma


class Tensor(np.ndarray[Any, Any]):
    """An array with those methods of a tensor that NumPy calls otherwise."""

    requires_grad = False

    def permute(self, *axes: int) -> Any:
        return self.transpose(axes)

    def amax(self, axis: Any = None) -> Any:
        return self.max(axis)

    def to(self, dtype: Any = None, device: Any = None) -> Any:
        return self.astype(dtype)

    def new_tensor(self, number: float) -> Any:
        return _tensor(np.full((), number, self.dtype))


class Context:
    """What ``forward`` hands to ``backward``; every gradient is asked for."""

    sizes: tuple[int, ...] = ()
    saved_tensors: tuple[Any, ...] = ()
    needs_input_grad = (True,) * 1000

    def save_for_backward(self, *tensors: Any) -> None:
        self.saved_tensors = tensors


class Function:
    """``torch.autograd.Function``: the context of the last call stands in ``last``."""

    last: ClassVar[Context]

    @classmethod
    def apply(cls, *arguments: Any) -> Any:
        cls.last = Context()
        return cls.forward(cls.last, *arguments)  # type: ignore[attr-defined]


class Module:
    """``torch.nn.Module``: parameters by name, and a call."""

    def __init__(self) -> None:
        self._parameters: dict[str, Any] = {}

    def __call__(self, *arguments: Any) -> Any:
        return self.forward(*arguments)  # type: ignore[attr-defined]


class Generator:
    """Where a module's first weights would come from."""

    def manual_seed(self, seed: int) -> Generator:
        return self


def _tensor(array: Any) -> Any:
    return np.asarray(array).view(Tensor)


def _made(make: Any) -> Any:
    """The function of NumPy as PyTorch has it: a new tensor, put where the others are."""

    def function(*arguments: Any, **where: Any) -> Any:
        where = {name: value for name, value in where.items() if name not in ("device", "generator")}
        return _tensor(make(*arguments, **where))

    return function


def _clamp(array: Any, min: float | None = None, max: float | None = None) -> Any:
    return np.clip(array, min, max)


def _sigmoid(u: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, -u))


def _linear(x: Any, w: Any, b: Any) -> Any:
    return x @ w.T + b


TORCH = SimpleNamespace(
    stack=_made(np.stack),
    Tensor=Tensor, Generator=Generator, float32=np.float32, float64=np.float64, is_grad_enabled=lambda: False,
    autograd=SimpleNamespace(Function=Function),
    nn=SimpleNamespace(
        Module=Module,
        Parameter=_tensor,
        functional=SimpleNamespace(
            linear=_linear, softplus=lambda u: np.logaddexp(0.0, u), silu=lambda u: u*_sigmoid(u)
        ),
    ),
    **{
        name: _made(getattr(np, name))
        for name in (
            "exp", "log", "sin", "cos", "tanh", "sign", "abs", "logaddexp", "maximum", "minimum", "full", "where",
            "broadcast_to", "einsum", "arange", "zeros", "asarray",
        )
    },
    atan=np.arctan, sigmoid=_sigmoid, relu=lambda u: np.maximum(u, 0.0), erf=_made(np.vectorize(math.erf, [float])),
    lgamma=_made(lgamma), digamma=_made(digamma), polygamma=_made(lambda n, u: trigamma(u)),
    clamp=_clamp, randn=_made(lambda shape: np.zeros(shape)),
)  # fmt: skip
