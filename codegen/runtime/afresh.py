"""Calls like the one before but for their numbers: other weights and another batch, in arrays of the same shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, prod
from typing import Any

import numpy as np
from numpy import ndarray

from codegen.runtime.arguments import Array, checked_out

#: A vector of more parameters is not copied: views of it are made in less time.
FEW_PARAMETERS = 2**14
#: An array of more is converted into memory of its own.
FEW_NUMBERS = 2**14


class Afresh:
    """Q and its gradient for arrays of the shapes that were accepted before; of these nothing else is looked at.

    Numbers that are not finite show in Q, or in what is summed up after the work, as they do when the same arrays come
    again.  Few parameters are copied to where views of them lie: that takes less time than to make views.  So is their
    gradient, unless it goes where the last one went.
    """

    def __init__(
        self,
        like: tuple[tuple[int, ...], tuple[int, ...], bool],
        taken: Sequence[tuple[int, ...]],
        size: int,
        dtype: np.dtype[Any],
        views: Sequence[Callable[[Array], Any]],
        work: Callable[..., tuple[float, float]],
        alone: Callable[..., float] | None,
        telling: Sequence[int | str],
        check: Callable[[Array], None] | None,
    ) -> None:
        """``like`` are the shapes of X and Y as they come, and whether infinite numbers are searched for; ``taken`` are
        the shapes as the work wants them.

        ``views`` are those of the flat vectors of parameters and of the gradient that ``work`` and ``alone`` read and
        write beside data, and rows of the gradient by name.  ``telling`` says whose numbers tell of infinite ones: 0 is
        X, 1 is Y, a name is such a row.  ``check`` raises ValueError for a target that the loss cannot take.
        """
        self.like, (self.of_X, self.of_Y, self.searches), (self.as_x, self.as_y) = like, like, taken
        self.keeps_X, self.keeps_Y = self.of_X == self.as_x, self.of_Y == self.as_y
        self.size, self.shape, self.dtype = size, (size,), dtype
        self.weights_of, self.slopes_of, self.rows_of = views
        self.work, self.alone, self.check = work, alone, check
        self.shows_X, self.shows_Y = 0 in telling, 1 in telling
        self.names = [one for one in telling if isinstance(one, str)]
        self.few = size <= FEW_PARAMETERS
        #: Where few parameters and their gradient lie.
        self.w, self.g = (np.empty(size if self.few else 0, dtype) for _ in range(2))
        self.weights: Any = self.weights_of(self.w) if self.few else ()
        self.slopes: Any = self.slopes_of(self.g) if self.few else ()
        self.rows = self.rows_in(self.g) if self.few else ()
        #: Where few numbers are converted to: memory that is asked for anew each time takes longer than they do.
        self.place_of_x, self.place_of_y = (
            np.empty(shape, dtype) if prod(shape) <= FEW_NUMBERS else None for shape in taken
        )
        self.last_w: Any = None
        self.last_X: Any = None
        self.last_Y: Any = None
        #: How often they have come again since, and when they are bound: later and later, as others came in between.
        self.repeated, self.patience = 0, 1
        #: The ``out`` that was looked at last, the array that it is a part of, and views of it.
        self.out: Any = None
        self.owner_of_out: Any = None
        self.views_of_out: tuple[Any, tuple[Array, ...]] | None = None

    def done(self, w: Any, X: Any, Y: Any, out: Any) -> tuple[float, Array] | None:
        """Q and the gradient, in ``out`` where it is given.

        None for other arrays than were accepted before, where a number is not finite, which is for others to name, and
        for the very arrays of the last calls, if those can be bound once for all.  What has to be brought to another
        type, order or shape is never bound: its numbers may have changed.
        """
        if not type(w) is type(X) is type(Y) is ndarray:
            return None
        if X.shape != self.of_X or Y.shape != self.of_Y or w.shape != self.shape:
            return None
        dtype = self.dtype
        of_ours = X.dtype is dtype and Y.dtype is dtype and w.dtype is dtype
        if not of_ours and not (self.goes_into_ours(w) and self.goes_into_ours(X) and self.goes_into_ours(Y)):
            return None
        x = X if self.keeps_X and of_ours and X.flags.c_contiguous else self.fitted(X, self.as_x, self.place_of_x)
        y = Y if self.keeps_Y and of_ours and Y.flags.c_contiguous else self.fitted(Y, self.as_y, self.place_of_y)
        if w is self.last_w and X is self.last_X and Y is self.last_Y and x is X and y is Y and out is not None:
            self.repeated += 1
            if self.repeated == self.patience:
                self.repeated, self.patience = 0, 2 * self.patience
                return None
        else:
            self.last_w, self.last_X, self.last_Y, self.repeated = w, X, Y, 0
        if self.check is not None:
            self.check(y)
        known = out is not None and out is self.out and w.base is None and w is not out and w is not self.owner_of_out
        if not known and out is not None:
            self.look_at(out, w)
        if not self.few:
            return self.of_many(w, x, y, out)
        self.w[...] = w
        if known:
            slopes, rows = self.views_of_out or self.bind(out)
            q = self.found(self.weights, x, y, slopes, rows)
            return None if q is None else (q, out)
        if (q := self.found(self.weights, x, y, self.slopes, self.rows)) is None:
            return None
        if out is None:
            return q, self.g.copy()
        out[...] = self.g
        return q, out

    def look_at(self, out: Any, w: Array) -> None:
        """Remember an ``out`` that can take a product, if what it shares memory with is known.

        ValueError for one that takes no gradient.
        """
        checked_out(out, w, self.size, self.dtype)
        owned = out.base is None or type(out.base) is ndarray
        self.out, self.owner_of_out = (out, out.base) if owned and out.flags.c_contiguous else (None, None)
        self.views_of_out = None

    def bind(self, out: Array) -> tuple[Any, tuple[Array, ...]]:
        """The views of an ``out`` that has come twice: the gradient is written there at once."""
        self.views_of_out = self.slopes_of(out), self.rows_in(out)
        return self.views_of_out

    def of_many(self, w: Array, x: Array, y: Array, out: Array | None) -> tuple[float, Array] | None:
        """Q and the gradient by views that are made for them."""
        g = np.empty(self.shape, self.dtype) if out is None else out
        if not g.flags.c_contiguous:  # no matrix product can be written there
            return None
        weights = self.weights_of(np.ascontiguousarray(w, self.dtype))
        q = self.found(weights, x, y, self.slopes_of(g), self.rows_in(g))
        return None if q is None else (q, g)

    def found(self, weights: Any, x: Array, y: Array, slopes: Any, shown: tuple[Array, ...]) -> float | None:
        """Q; None where something is not finite."""
        if self.alone is not None:
            try:
                return self.alone(weights, x, y, slopes)
            except (ArithmeticError, ValueError):
                return None
        if self.shows_X:
            shown = (*shown, x.ravel())
        if self.shows_Y:
            shown = (*shown, y.ravel())
        q, finite = self.work(weights, x, y, slopes, shown)
        return q if isfinite(finite) else None

    def rows_in(self, g: Array) -> tuple[Array, ...]:
        """What tells of infinite numbers in that gradient."""
        if not self.names:
            return ()
        rows = self.rows_of(g)
        return tuple(rows[name] for name in self.names)

    def goes_into_ours(self, array: Array) -> bool:
        """Whether numbers of its type become ours without loss."""
        return array.dtype is self.dtype or array.dtype.char == "f" or array.dtype == self.dtype

    def fitted(self, array: Array, shape: tuple[int, ...], place: Array | None) -> Array:
        """The array as the work wants it, the very same one where it is that already; converted, in its place."""
        if array.dtype is self.dtype and array.flags.c_contiguous:
            return array if array.shape == shape else array.reshape(shape)
        if place is None:
            return np.asarray(array, self.dtype, order="C").reshape(shape)
        place[...] = array if array.shape == shape else array.reshape(shape)
        return place
