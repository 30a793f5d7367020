"""Derivatives past the gradient, of one objective: those of each sample, of the outputs, by the inputs, second ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from codegen.runtime.arguments import Array, Inputs
from codegen.runtime.hessian import WithHessian


class WithMethods(WithHessian):
    """An objective with the methods that were asked for when its module was emitted."""

    def hessian(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """∂²Q/∂w∂w, (size, size), column by column from products with it: for small networks."""
        rows = np.empty((self.size, self.size), self.dtype)
        for k, unit in enumerate(np.eye(self.size, dtype=self.dtype)):
            rows[k] = self.hessian_vector(w, unit, X, Y)
        return rows

    def hessian_diagonal(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """∂²Q/∂w_k² for every k, (size,), exactly (Bishop, PRML, §5.4.1): one product with the Hessian for each."""
        unit, found = np.zeros(self.size, self.dtype), np.empty(self.size, self.dtype)
        for k in range(self.size):
            unit[k] = 1.0
            found[k] = self.hessian_vector(w, unit, X, Y)[k]
            unit[k] = 0.0
        return found

    def per_sample_gradients(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """∂L_i/∂w for each sample, (N, size): without the regulariser, and not divided by N."""
        self._see(w, X, Y)
        self._search()
        return self._rows_of(self._found("each", w, *self._sample))

    def outer_product(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """Σ_i ∂L_i/∂w (∂L_i/∂w)ᵀ, (size, size): near the Hessian where the loss is a log-likelihood (§5.4.2)."""
        gradients = self.per_sample_gradients(w, X, Y)
        product: Array = gradients.T @ gradients
        return product

    def gradient_by(self, w: ArrayLike, X: Inputs, Y: Any = None, name: str | None = None) -> Array:
        """∂Q/∂x, in the shape of the input of that name; ValueError names those there are."""
        self._see(w, X, Y)
        self._search()
        return self._by_input(name, self._found("by_input", w, *self._sample), "by_input").copy()

    def jacobian(self, w: ArrayLike, X: Inputs, by: str | None = None) -> Array:
        """Every output of each sample by every parameter, (N, outputs …, size), or by an input, (N, outputs …, axes …).

        One pass backwards for each output (Bishop, PRML, §5.3.4).
        """
        x = self._checked_data(self._idle_targets(X))[: len(self._shapes) - len(self.facts.targets[1:])]
        self._see_weights(w)
        shape = np.shape(self._first_output(w, X))
        seed, found = np.zeros(shape, self.dtype), []
        for place in np.ndindex(*shape[1:]):
            seed[(slice(None), *place)] = 1.0
            if by is None:
                found.append(self._rows_of(self._found("each_seeded", w, *x, seed)))
            else:
                arrays = self._found("by_input_seeded", w, *x, seed)
                found.append(self._by_input(by, arrays, "by_input_seeded").copy())
            seed[(slice(None), *place)] = 0.0
        return np.stack(found, axis=1).reshape(*shape, *found[0].shape[1:])

    def gauss_newton(self, w: ArrayLike, X: Inputs, Y: Any = None) -> Array:
        """Σ_i J_iᵀ (∂²L_i/∂p∂p) J_i, (size, size), with J_i the outputs of a sample by the parameters (§5.4.2)."""
        self._see(w, X, Y)
        self._search()
        (bend,) = self._found("curvature", w, *self._sample)
        N = len(self._sample[-1])
        slopes = self.jacobian(w, X).reshape(N, -1, self.size)
        width = slopes.shape[1]
        product: Array = np.einsum("nkw,nkm,nmv->wv", slopes, bend.reshape(N, width, width), slopes, optimize=True)
        return product

    def _first_output(self, w: ArrayLike, X: Inputs) -> Array:
        found = self.predict(w, X)
        output: Array = found[self.facts.outputs[0]] if isinstance(found, Mapping) else found
        return output

    def _rows_of(self, arrays: tuple[Array, ...]) -> Array:
        """A row for each sample, in the order of the flat vector."""
        N = len(arrays[0])
        rows: Array = np.concatenate([array.reshape(N, -1) for array in arrays], axis=1)
        return rows

    def _by_input(self, name: str | None, arrays: tuple[Array, ...], function: str) -> Array:
        known = self.facts.methods[function][2]
        if name is None and len(known) == 1:
            name = known[0]
        if name not in known:
            raise ValueError(f"by: got {name!r}, expected an input that Q depends on, one of {', '.join(known)}")
        return arrays[known.index(name)]

    def _found(self, name: str, w: ArrayLike, *data: Array) -> tuple[Array, ...]:
        """What a function of the module gives; it keeps its arrays, and those of one number of samples alone."""
        if name not in self.facts.methods:
            raise ValueError(f"{self.facts.spec}: emitted without this method; emit it with: chainrule emit --with …")
        function, views, _ = self.facts.methods[name]
        N = len(data[-1])
        kept: dict[str, tuple[int, Any]] = self.__dict__.setdefault("_kept_methods", {})
        if name not in kept or kept[name][0] != N:
            kept[name] = N, self._with_constants(self._made(function, N))
        parameters = views(self._checked_vector("w", w), self.layout, *self._numbers)
        result: tuple[Array, ...] = kept[name][1](parameters, *data)
        return result
