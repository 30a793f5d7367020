"""A module of the target torch behind the interface of one in NumPy: a flat vector of weights, arrays in and out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class InNumPy:
    """What ``codegen.checking.trial`` needs of a generated module."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.SPEC: str = module.SPEC
        self.SPEC_HASH: str = module.SPEC_HASH

    def Objective(self, *, dtype: Any = np.float64, **sizes: int) -> FlatObjective:
        torch = importlib.import_module("torch")
        return FlatObjective(self.module.Objective(dtype=getattr(torch, np.dtype(dtype).name), **sizes), torch)

    def random_sample(
        self, objective: FlatObjective, N: int, random: np.random.Generator
    ) -> tuple[dict[str, Array], Array]:
        generator = objective.torch.Generator().manual_seed(int(random.integers(2**31)))
        X, Y = self.module.random_sample(objective.module, N, generator)
        return {name: array.numpy() for name, array in X.items()}, Y.numpy()


class FlatObjective:
    """Q and its gradient of a ``torch.nn.Module``, at a flat vector that is written into its parameters."""

    def __init__(self, module: Any, torch: Any) -> None:
        self.module, self.torch = module, torch
        self.sizes: dict[str, int] = module.sizes
        self.layout: dict[str, tuple[slice, tuple[int, ...]]] = {}
        start = 0
        for name, parameter in module.named_parameters():
            self.layout[name] = slice(start, start + parameter.numel()), tuple(parameter.shape)
            start += parameter.numel()
        self.size = start

    def value(self, w: Array, X: Any, Y: Array) -> float:
        with self.torch.no_grad():
            return float(self._objective(w, X, Y))

    def value_and_gradient(self, w: Array, X: Any, Y: Array) -> tuple[float, Array]:
        value = self._objective(w, X, Y)
        slopes = self.torch.autograd.grad(value, list(self.module.parameters()), allow_unused=False)
        gradient: Array = np.concatenate([slope.numpy().ravel() for slope in slopes])
        return float(value.detach()), gradient

    def _objective(self, w: Array, X: Any, Y: Array) -> Any:
        self.torch.nn.utils.vector_to_parameters(self.torch.as_tensor(w.copy()), self.module.parameters())
        given = X if isinstance(X, Mapping) else {"": X}
        tensors = {name: self.torch.as_tensor(array) for name, array in given.items()}
        return self.module(tensors if isinstance(X, Mapping) else tensors[""], self.torch.as_tensor(Y))
