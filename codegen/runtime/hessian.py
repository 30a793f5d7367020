"""The product of the Hessian with a vector."""

from __future__ import annotations

from threading import get_ident

import numpy as np
from numpy.typing import ArrayLike

from codegen.runtime.arguments import Array, Inputs, checked_out
from codegen.runtime.objective import BaseObjective


class WithHessian(BaseObjective):
    """An objective whose second derivatives have been derived too."""

    def hessian_vector(
        self, w: ArrayLike, v: ArrayLike, X: Inputs, Y: ArrayLike | None = None, out: Array | None = None
    ) -> Array:
        """H v, (size,) like w, where H holds the second derivatives of Q at w; H itself is never formed.

        Raises ValueError as ``value`` does, and for samples with weights.
        """
        if get_ident() != self._owner:
            return self._of_this_thread().hessian_vector(w, v, X, Y, out)
        facts = self.facts
        if not facts.hessian:
            raise ValueError("hessian_vector: emitted without it; emit it with: chainrule emit --with hessian")
        if facts.weights:
            raise ValueError("hessian_vector: this is for samples without weights; take Objective instead")
        if isinstance(out, np.ndarray) and not out.flags.c_contiguous:
            np.copyto(checked_out(out, w, self.size, self.dtype), self.hessian_vector(w, v, X, Y))
            return out
        self._see(w, X, Y)
        self._search()
        w, v = self._checked_vector("w", w), self._checked_vector("v", v)
        out = np.empty(self.size, self.dtype) if out is None else checked_out(out, w, self.size, self.dtype)
        functions, parameter_views, gradient_views = facts.hessian
        N = len(self._sample[-1])
        if N not in self._products:
            self._products = {N: tuple(map(self._with_constants, self._made(functions, N)))}
        places = dict(self.layout)
        for name, (part, shape) in self.layout.items():
            places[f"v_{name}"] = slice(part.start + self.size, part.stop + self.size), shape
        views = parameter_views(np.concatenate((w, v)), places, *self._numbers)
        self._products[N][2](views, *self._sample, gradient_views(out, self.layout, *self._numbers))
        return out
