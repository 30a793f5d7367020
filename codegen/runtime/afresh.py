"""Calls like the one before but for their numbers: other weights and another batch, in arrays of the same shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, prod
from typing import Any

import numpy as np

from codegen.runtime.arguments import Array

#: A vector of more parameters is not copied: views of it are made in less time.
FEW_PARAMETERS = 2**14
#: An array of more is converted into memory of its own.
FEW_NUMBERS = 2**14


class Afresh:
    """Q and its gradient for arrays of the shapes that were accepted before; of these nothing else is looked at.

    Numbers that are not finite show in Q, or in what is summed up after the work, as they do when the same arrays come
    again.  w is copied to where the views of the parameters lie, and the gradient from where its views do: for few
    parameters that takes less time than to make views.
    """

    def __init__(
        self,
        given: Sequence[tuple[int, ...]],
        taken: Sequence[tuple[int, ...]],
        w: tuple[Array, Any],
        g: tuple[Array, Any],
        work: Callable[..., tuple[float, float]],
        alone: Callable[..., float] | None,
        shown: Sequence[Array | int],
        searches: bool,
        check: Callable[[Array], None],
    ) -> None:
        """``given`` are the shapes of X and Y as they come, ``taken`` as the work wants them.

        ``w`` and ``g`` are flat vectors with the views of them that ``work`` and ``alone`` read and write beside data.
        ``shown`` are numbers that tell of infinite ones, or 0 and 1 for those of X and of Y, where ``searches``;
        ``check`` raises ValueError for a target that the loss cannot take.
        """
        (self.of_X, self.of_Y), (self.as_x, self.as_y) = given, taken
        (self.w, self.weights), (self.g, self.slopes) = w, g
        self.dtype, self.shape = self.w.dtype, self.w.shape
        self.work, self.alone, self.shown, self.check = work, alone, tuple(shown), check
        self.searches = searches
        #: Where few numbers are converted to: memory that is asked for anew each time takes longer than they do.
        self.place_of_x, self.place_of_y = (
            np.empty(shape, self.dtype) if prod(shape) <= FEW_NUMBERS else None for shape in taken
        )
        self.last_w: Any = None
        self.last_X: Any = None
        self.last_Y: Any = None
        #: The ``out`` that was looked at last.
        self.out: Any = None

    def fits(self, w: Any, X: Any, Y: Any, out: Any) -> bool:
        """Whether these are such arrays, and not all the very ones of the last call, if those are bound once for all.

        What has to be brought to another type, order or shape is never bound: its numbers may have changed.
        """
        if type(w) is not np.ndarray or type(X) is not np.ndarray or type(Y) is not np.ndarray:
            return False
        if X.shape != self.of_X or Y.shape != self.of_Y or w.shape != self.shape:
            return False
        if w is self.last_w and X is self.last_X and Y is self.last_Y and out is not None and self.are_bound(X, Y):
            return False
        self.last_w, self.last_X, self.last_Y = w, X, Y
        dtype = self.dtype
        if w.dtype is dtype and X.dtype is dtype and Y.dtype is dtype:
            return True
        return self.goes_into_ours(w) and self.goes_into_ours(X) and self.goes_into_ours(Y)

    def goes_into_ours(self, array: Array) -> bool:
        """Whether numbers of its type become ours without loss."""
        return array.dtype is self.dtype or array.dtype.char == "f" or array.dtype == self.dtype

    def are_bound(self, X: Array, Y: Array) -> bool:
        """Whether the work takes X and Y as they are."""
        dtype = self.dtype
        return (
            X.shape == self.as_x
            and Y.shape == self.as_y
            and X.dtype is dtype
            and Y.dtype is dtype
            and X.flags.c_contiguous
            and Y.flags.c_contiguous
        )

    def takes(self, out: Any, w: Array) -> bool:
        """Whether it is the very ``out`` of the last call, which w can be no part of."""
        return out is None or (out is self.out and w is not out and w.base is None)

    def run(self, w: Array, X: Array, Y: Array) -> float | None:
        """Q, the gradient in ``g``; None where something is not finite, which is for others to name."""
        x, y = self.fitted(X, self.as_x, self.place_of_x), self.fitted(Y, self.as_y, self.place_of_y)
        self.check(y)
        self.w[...] = w
        if self.alone is not None:
            try:
                return self.alone(self.weights, x, y, self.slopes)
            except (ArithmeticError, ValueError):
                return None
        shown = [n if isinstance(n, np.ndarray) else (y if n else x).ravel() for n in self.shown]
        q, finite = self.work(self.weights, x, y, self.slopes, shown)
        return q if isfinite(finite) else None

    def fitted(self, array: Array, shape: tuple[int, ...], place: Array | None) -> Array:
        """The array as the work wants it, the very same one where it is that already; converted, in its place."""
        if array.dtype is self.dtype and array.flags.c_contiguous:
            return array if array.shape == shape else array.reshape(shape)
        if place is None:
            return np.asarray(array, self.dtype, order="C").reshape(shape)
        place[...] = array if array.shape == shape else array.reshape(shape)
        return place
