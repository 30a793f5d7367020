"""recurrent: Q(w) and its gradient, in NumPy alone.

    recurrent
      x : 3 x D                                                                      input
      s1 : J = tanh(Sum(w_x[j,d]*x[i,0,d], d) + b[j])
      s2 : J = tanh(Sum(w_x[j,d]*x[i,1,d], d) + Sum(w_s[j,k]*s1[i,k], k) + b[j])
      s3 : J = tanh(Sum(w_x[j,d]*x[i,2,d], d) + Sum(w_s[j,k]*s2[i,k], k) + b[j])
      p : 1 = w_p s3 + b_p                                                           output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 760a58b0ffcb00eb, for float64; not to be edited.
Operations  12*N*D*J + 12*N*J*J + 2*D*J + J*J + 28*N*J + 2*J + 7*N   for Q and its gradient
Workspace   D*N + 2*J*D + J*J + 5*J*N + N*D + 2*J + 2*N   numbers for N samples

Equations, each computed for the whole sample at once:
    (1) a_s1[i, j] = Sum(w_x[j, d]*x[i, 0, d], d) + b[j]
    (2) s1[i, j] = tanh(a_s1[i, j])
    (3) a_s2[i, j] = Sum(w_x[j, d]*x[i, 1, d], d) + Sum(w_s[j, k]*s1[i, k], k) + b[j]
    (4) s2[i, j] = tanh(a_s2[i, j])
    (5) a_s3[i, j] = Sum(w_x[j, d]*x[i, 2, d], d) + Sum(w_s[j, k]*s2[i, k], k) + b[j]
    (6) s3[i, j] = tanh(a_s3[i, j])
    (7) p[i] = Sum(w_p[j]*s3[i, j], j) + b_p
    (8) L[i] = (y[i] - p[i])**2
    (9) Q = Sum(L[i], i)
    (10) E_L[i] = 1
    (11) E_p[i] = -2*(y[i] - p[i])
    (12) E_w_p[j] = Sum(E_p[i]*s3[i, j], i)
    (13) E_b_p = Sum(E_p[i], i)
    (14) E_s3[i, j] = E_p[i]*w_p[j]
    (15) E_a_s3[i, j] = E_s3[i, j]*(1 - s3[i, j]**2)
    (16) E_s2[i, j] = Sum(E_a_s3[i, s]*w_s[s, j], s)
    (17) E_a_s2[i, j] = E_s2[i, j]*(1 - s2[i, j]**2)
    (18) E_w_s[j, k] = Sum(E_a_s2[i, j]*s1[i, k], i) + Sum(E_a_s3[i, j]*s2[i, k], i)
    (19) E_s1[i, j] = Sum(E_a_s2[i, s]*w_s[s, j], s)
    (20) E_a_s1[i, j] = E_s1[i, j]*(1 - s1[i, j]**2)
    (21) E_w_x[j, d] = Sum(E_a_s1[i, j]*x[i, 0, d], i) + Sum(E_a_s2[i, j]*x[i, 1, d], i) + Sum(E_a_s3[i, j]*x[i, 2,
            d], i)
    (22) E_b[j] = Sum(E_a_s1[i, j], i) + Sum(E_a_s2[i, j], i) + Sum(E_a_s3[i, j], i)
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import zipfile
from collections import OrderedDict

import numpy as np
from numpy import (
    add,
    copyto,
    empty,
    multiply,
    subtract,
    tanh,
)
from numpy.lib.stride_tricks import as_strided

SPEC = "recurrent"
SPEC_HASH = "760a58b0ffcb00ebc52e064a30041fc86cb32cc9438c823e8cd4b8131222e8d2"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES = {
    "D": 2,
    "J": 3,
}
#: Parameters that start at 0.
BIASES = ("b", "b_p",)
def parameter_views(flat, layout, D, J):
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_x = flat[layout["w_x"][0]].reshape((J, D))
    b = flat[layout["b"][0]].reshape((J,))
    w_s = flat[layout["w_s"][0]].reshape((J, J))
    w_p = flat[layout["w_p"][0]].reshape((J,))
    b_p = flat[layout["b_p"][0]].reshape(())
    b_column = b[:, None]
    w_p_column = w_p[:, None]
    w_s_T = w_s.T
    return w_x, b, w_s, w_p, b_p, b_column, w_p_column, w_s_T


def gradient_views(flat, layout, D, J):
    """The same for the flat gradient: where each derivative is written."""
    E_w_x = flat[layout["w_x"][0]].reshape((J, D))
    E_b = flat[layout["b"][0]].reshape((J,))
    E_w_s = flat[layout["w_s"][0]].reshape((J, J))
    E_w_p = flat[layout["w_p"][0]].reshape((J,))
    E_b_p = flat[layout["b_p"][0]].reshape(())
    return E_w_x, E_b, E_w_s, E_w_p, E_b_p


def window(source, start, steps, shape):
    """The view v of the source with v[i] = source[start + i·steps] for all i below ``shape``: nothing is copied."""
    strides = [sum(step * stride for step, stride in zip(row, source.strides)) for row in steps]
    return as_strided(source[tuple(slice(s, None) for s in start)], shape, strides)


def functions(N, D, J, dtype):
    """The workspace for N samples, and the functions that share it: predict, value, gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_s1_x_window = empty((D, N), dtype)
    a_s1 = empty((J, N), dtype)
    s1 = a_s1  # the same memory
    a_s2 = empty((J, N), dtype)
    a_s3 = empty((J, N), dtype)
    s2 = a_s2  # the same memory
    E_s3 = empty((J, N), dtype)
    s3 = a_s3  # the same memory
    p = empty((N,), dtype)
    E_p = p  # the same memory
    E_s2 = a_s3  # the same memory
    E_a_s3 = E_s3  # the same memory
    E_a_s2_1 = empty((J, N), dtype)
    E_a_s2 = a_s3  # the same memory
    E_w_s_sum_2 = empty((J, J), dtype)
    E_s1 = a_s2  # the same memory
    E_a_s1 = a_s2  # the same memory
    E_w_x_x_window = empty((N, D), dtype)
    E_w_x_sum_2 = empty((J, D), dtype)
    E_w_x_sum_3 = empty((J, D), dtype)
    E_b_sum_2 = empty((J,), dtype)
    E_b_sum_3 = empty((J,), dtype)
    s3_T = s3.T
    s1_T = s1.T
    s2_T = s2.T

    def predict(weights, x):
        w_x, b, w_s, w_p, b_p, b_column, w_p_column, w_s_T = weights
        a_s1_x_view = window(x, (0, 0, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s2_x_view = window(x, (0, 1, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s3_x_view = window(x, (0, 2, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s1_x_view_T = a_s1_x_view.T
        a_s2_x_view_T = a_s2_x_view.T
        a_s3_x_view_T = a_s3_x_view.T
        # (1) a_s1[i, j] = Sum(w_x[j, d]*x[i, 0, d], d) + b[j]
        copyto(a_s1_x_window, a_s1_x_view_T)
        w_x.dot(a_s1_x_window, a_s1)
        add(a_s1, b_column, a_s1)
        # (2) s1[i, j] = tanh(a_s1[i, j])
        tanh(a_s1, s1)
        # (3) a_s2[i, j] = Sum(w_x[j, d]*x[i, 1, d], d) + Sum(w_s[j, k]*s1[i, k], k) + b[j]
        copyto(a_s1_x_window, a_s2_x_view_T)
        w_x.dot(a_s1_x_window, a_s2)
        w_s.dot(s1, a_s3)
        add(a_s2, a_s3, a_s2)
        add(a_s2, b_column, a_s2)
        # (4) s2[i, j] = tanh(a_s2[i, j])
        tanh(a_s2, s2)
        # (5) a_s3[i, j] = Sum(w_x[j, d]*x[i, 2, d], d) + Sum(w_s[j, k]*s2[i, k], k) + b[j]
        copyto(a_s1_x_window, a_s3_x_view_T)
        w_x.dot(a_s1_x_window, a_s3)
        w_s.dot(s2, E_s3)
        add(a_s3, E_s3, a_s3)
        add(a_s3, b_column, a_s3)
        # (6) s3[i, j] = tanh(a_s3[i, j])
        tanh(a_s3, s3)
        # (7) p[i] = Sum(w_p[j]*s3[i, j], j) + b_p
        w_p.dot(s3, p)
        add(b_p, p, p)
        return p

    def value(weights, x, y):
        predict(weights, x)
        # (8) L[i] = (y[i] - p[i])**2
        subtract(y, p, E_p)
        # (8) L[i] = (y[i] - p[i])**2
        # (9) Q = Sum(L[i], i)
        Q = E_p.dot(E_p)
        return Q

    def gradient(weights, x, y, slopes):
        w_x, b, w_s, w_p, b_p, b_column, w_p_column, w_s_T = weights
        E_w_x, E_b, E_w_s, E_w_p, E_b_p = slopes
        a_s1_x_view = window(x, (0, 0, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s2_x_view = window(x, (0, 1, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s3_x_view = window(x, (0, 2, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        # (11) E_p[i] = -2*(y[i] - p[i])
        multiply(-2.0, E_p, E_p)
        # (12) E_w_p[j] = Sum(E_p[i]*s3[i, j], i)
        E_p.dot(s3_T, E_w_p)
        # (13) E_b_p = Sum(E_p[i], i)
        E_p.dot(ones, E_b_p)
        # (14) E_s3[i, j] = E_p[i]*w_p[j]
        multiply(E_p, w_p_column, E_s3)
        # (15) E_a_s3[i, j] = E_s3[i, j]*(1 - s3[i, j]**2)
        multiply(s3, s3, E_s2)
        subtract(1.0, E_s2, E_s2)
        multiply(E_s3, E_s2, E_a_s3)
        # (16) E_s2[i, j] = Sum(E_a_s3[i, s]*w_s[s, j], s)
        w_s_T.dot(E_a_s3, E_s2)
        # (17) E_a_s2[i, j] = E_s2[i, j]*(1 - s2[i, j]**2)
        multiply(s2, s2, E_a_s2_1)
        subtract(1.0, E_a_s2_1, E_a_s2_1)
        multiply(E_s2, E_a_s2_1, E_a_s2)
        # (18) E_w_s[j, k] = Sum(E_a_s2[i, j]*s1[i, k], i) + Sum(E_a_s3[i, j]*s2[i, k], i)
        E_a_s2.dot(s1_T, E_w_s)
        E_a_s3.dot(s2_T, E_w_s_sum_2)
        add(E_w_s, E_w_s_sum_2, E_w_s)
        # (19) E_s1[i, j] = Sum(E_a_s2[i, s]*w_s[s, j], s)
        w_s_T.dot(E_a_s2, E_s1)
        # (20) E_a_s1[i, j] = E_s1[i, j]*(1 - s1[i, j]**2)
        multiply(s1, s1, s1)
        subtract(1.0, s1, s1)
        multiply(E_s1, s1, E_a_s1)
        # (21) E_w_x[j, d] = Sum(E_a_s1[i, j]*x[i, 0, d], i) + Sum(E_a_s2[i, j]*x[i, 1, d], i) + Sum(E_a_s3[i, j]*x[i,
        #         2, d], i)
        copyto(E_w_x_x_window, a_s1_x_view)
        E_a_s1.dot(E_w_x_x_window, E_w_x)
        copyto(E_w_x_x_window, a_s2_x_view)
        E_a_s2.dot(E_w_x_x_window, E_w_x_sum_2)
        copyto(E_w_x_x_window, a_s3_x_view)
        E_a_s3.dot(E_w_x_x_window, E_w_x_sum_3)
        add(E_w_x, E_w_x_sum_2, E_w_x)
        add(E_w_x, E_w_x_sum_3, E_w_x)
        # (22) E_b[j] = Sum(E_a_s1[i, j], i) + Sum(E_a_s2[i, j], i) + Sum(E_a_s3[i, j], i)
        E_a_s1.dot(ones, E_b)
        E_a_s2.dot(ones, E_b_sum_2)
        E_a_s3.dot(ones, E_b_sum_3)
        add(E_b, E_b_sum_2, E_b)
        add(E_b, E_b_sum_3, E_b)

    return predict, value, gradient


def layout(sizes):
    """The parameters in the flat vector: {name: (slice, shape)}, in order, each row-major."""
    D, J = (sizes[name] for name in SIZES)
    shapes = {
        "w_x": (J, D),
        "b": (J,),
        "w_s": (J, J),
        "w_p": (1, J),
        "b_p": (1,),
    }
    places, start = {}, 0
    for name, shape in shapes.items():
        stop = start + int(np.prod(shape))
        places[name] = slice(start, stop), shape
        start = stop
    return places


def checked_sizes(given):
    """A number for every size of the spec: what is given, else the default."""
    for name, number in given.items():
        if name not in SIZES:
            raise ValueError(f"{SPEC} has no size {name}; its sizes are {', '.join(SIZES) or 'all fixed'}")
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"size {name}: got {number!r}, expected a whole number of at least 1")
    sizes = {name: given.get(name, default) for name, default in SIZES.items()}
    missing = [name for name, number in sizes.items() if number is None]
    if missing:
        raise ValueError(f"{SPEC} needs a number for {', '.join(missing)}: Objective({missing[0]}=...)")
    return {name: int(number) for name, number in sizes.items()}


def checked_array(name, given, shape, dtype):
    """``given`` as an array of this shape and dtype in C order; axes of length 1 may be there or not.

    A first length of None is the number of samples, which is free.  ValueError when it does not fit or
    is not finite.
    """
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "fiub":
            raise TypeError
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {type(given).__name__}, expected an array of real numbers") from None
    wanted = tuple(n for n in shape[1:] if n != 1)
    if array.ndim == 0 or tuple(n for n in array.shape[1:] if n != 1) != wanted or shape[0] not in (None, len(array)):
        expected = ", ".join("N" if n is None else str(n) for n in shape) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name}: got shape {array.shape}, expected ({expected})")
    array = np.ascontiguousarray(array, dtype).reshape(len(array), *shape[1:])
    flat = array.ravel()
    if not np.isfinite(flat.dot(flat)) and not np.isfinite(flat).all():  # the first test is the fast one
        place = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
        raise ValueError(f"{name}: got {array[place]} at {list(place)}, expected finite numbers")
    return array


class Objective:
    """Q(w) for numbers in the place of the sizes: ``Objective(D=2, J=3)``.

    size      number of parameters
    layout    {name: (slice, shape)} in the flat vector w
    sizes     {name: number}
    dtype     numpy.float64 or numpy.float32: of w, of the gradient, and of all work in between

    Workspaces are kept per number of samples.  One objective serves one thread at a time.
    """

    KEPT_WORKSPACES = 8

    def __init__(self, *, dtype=DTYPE, **sizes):
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"dtype: got {self.dtype}, expected float64 or float32")
        self.sizes = checked_sizes(sizes)
        self.layout = layout(self.sizes)
        self.size = sum(part.stop - part.start for part, _ in self.layout.values())
        numbers = tuple(self.sizes.values())
        D, J = numbers
        self._shapes = {
            "x": (None, 3, D),
        }
        self._target_shape = (None,)
        self._numbers = numbers
        self._workspaces = OrderedDict()
        self._weights = self._parameters = self._gradient = self._slopes = None

    def __repr__(self):
        sizes = "".join(f"{name}={number}, " for name, number in self.sizes.items())
        return f"{SPEC}.Objective({sizes}dtype={self.dtype}), {self.size} parameters"

    def initial(self, seed=0):
        """Random weights, normal with variance 1/fan-in (LeCun et al., 1998, Efficient BackProp, §4.6); biases 0."""
        rng = np.random.default_rng(seed)
        w = np.zeros(self.size, self.dtype)
        for name, view in self.unpack(w).items():
            if name not in BIASES:
                view[...] = rng.standard_normal(view.shape) / np.sqrt(np.prod(view.shape[1:] or view.shape))
        return w

    def unpack(self, w):
        """{name: view of w in the parameter's shape}."""
        w = self._checked_vector("w", w)
        return {name: w[part].reshape(shape) for name, (part, shape) in self.layout.items()}

    def value(self, w, X, Y):
        """Q(w) over the sample X, Y."""
        x = self._checked_data(X)
        y = self._checked_target(Y, len(x[0]))
        with np.errstate(all="ignore"):  # exp may overflow to inf where the formula then takes 1/inf = 0
            return float(self._workspace(len(y))[1](self._parameters_of(w), *x, y))

    def value_and_gradient(self, w, X, Y, out=None):
        """Q(w) and its gradient, flat like w; ``out`` takes the gradient when it is given."""
        x = self._checked_data(X)
        y = self._checked_target(Y, len(x[0]))
        return self._value_and_gradient(w, x, y, out)

    def predict(self, w, X):
        """The network's output, one row for each sample."""
        x = self._checked_data(X)
        with np.errstate(all="ignore"):
            return self._workspace(len(x[0]))[0](self._parameters_of(w), *x).copy()

    def _value_and_gradient(self, w, x, y, out=None):
        """The same for data that have been checked."""
        if out is None:
            out = np.empty(self.size, self.dtype)
        if out is not self._gradient:
            self._slopes_of(out, w)
        _, value, gradient = self._workspace(len(y))
        views = self._parameters_of(w)
        with np.errstate(all="ignore"):
            q = value(views, *x, y)
            gradient(views, *x, y, self._slopes)
        return float(q), out

    def _workspace(self, N):
        if N not in self._workspaces:
            if len(self._workspaces) >= self.KEPT_WORKSPACES:
                self._workspaces.popitem(last=False)
            self._workspaces[N] = functions(N, *self._numbers, self.dtype)
        return self._workspaces[N]

    def _parameters_of(self, w):
        """Views of w, made once for one and the same array."""
        if w is not self._weights:
            vector = self._checked_vector("w", w)
            self._parameters = parameter_views(vector, self.layout, *self._numbers)
            self._weights = w if vector is w else None
        return self._parameters

    def _slopes_of(self, out, w):
        if not isinstance(out, np.ndarray) or out.shape != (self.size,) or out.dtype != self.dtype:
            got = f"{out.dtype} of shape {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
            raise ValueError(f"out: got {got}, expected an array of {self.dtype} of shape ({self.size},)")
        if not (out.flags.c_contiguous and out.flags.writeable):
            raise ValueError("out: got a strided or read-only array, expected one that can be written in C order")
        if np.may_share_memory(out, w):
            raise ValueError("out: got memory of w itself, expected an array of its own")
        self._slopes = gradient_views(out, self.layout, *self._numbers)
        self._gradient = out

    def _checked_vector(self, name, w):
        if not isinstance(w, np.ndarray) or w.dtype != self.dtype or not w.flags.c_contiguous:
            try:
                w = np.ascontiguousarray(w, self.dtype)
            except (TypeError, ValueError):
                raise ValueError(f"{name}: got {type(w).__name__}, expected a vector of {self.size} numbers") from None
        if w.shape != (self.size,):
            raise ValueError(f"{name}: got shape {w.shape}, expected ({self.size},)")
        return w

    def _checked_data(self, X):
        """The inputs in the order of the spec, as arrays of the objective's dtype."""
        if isinstance(X, dict):
            if set(X) != set(self._shapes):
                raise ValueError(f"X: got inputs {', '.join(map(str, X))}, expected {', '.join(self._shapes)}")
            given = {f"X[{name!r}]": X[name] for name in self._shapes}
        elif len(self._shapes) > 1:
            raise ValueError(f"X: got {type(X).__name__}, expected a dict with the inputs {', '.join(self._shapes)}")
        else:
            given = {"X": X}
        arrays, samples = [], None
        for (name, array), shape in zip(given.items(), self._shapes.values()):
            arrays.append(checked_array(name, array, (samples, *shape[1:]), self.dtype))
            samples = len(arrays[0])
        return arrays

    def _checked_target(self, Y, samples):
        Y = checked_array("Y", Y, (samples, *self._target_shape[1:]), self.dtype)
        return Y


class Diverged(ArithmeticError):
    """Q or a weight is no longer a finite number."""


def gradient_descent(w, g, state, rate):
    """w ← w − η·g (Cauchy, 1847)."""
    multiply(g, rate, g)
    subtract(w, g, w)


def momentum(w, g, state, rate, decay=0.9):
    """v ← μ·v − η·g, w ← w + v (Polyak, 1964)."""
    (v,) = state("v")
    multiply(v, decay, v)
    multiply(g, rate, g)
    subtract(v, g, v)
    add(w, v, w)


def nesterov(w, g, state, rate, decay=0.9):
    """v ← μ·v − η·g, w ← w + μ·v − η·g (Nesterov, 1983, as in Sutskever et al., 2013)."""
    (v,) = state("v")
    multiply(g, rate, g)
    multiply(v, decay, v)
    subtract(v, g, v)
    subtract(w, g, w)
    multiply(v, decay, g)
    add(w, g, w)


def adagrad(w, g, state, rate, epsilon=1e-8):
    """s ← s + g², w ← w − η·g/(√s + ε) (Duchi et al., 2011)."""
    s, t = state("s", "t")
    multiply(g, g, t)
    add(s, t, s)
    scaled_step(w, g, s, t, rate, epsilon)


def rmsprop(w, g, state, rate, decay=0.9, epsilon=1e-8):
    """s ← ρ·s + (1 − ρ)·g², w ← w − η·g/(√s + ε) (Hinton, 2012, lecture 6e)."""
    s, t = state("s", "t")
    multiply(g, g, t)
    multiply(t, 1 - decay, t)
    multiply(s, decay, s)
    add(s, t, s)
    scaled_step(w, g, s, t, rate, epsilon)


def adam(w, g, state, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    """m ← β₁m + (1 − β₁)g, s ← β₂s + (1 − β₂)g², w ← w − η·m̂/(√ŝ + ε), m̂ = m/(1 − β₁ᵏ), ŝ = s/(1 − β₂ᵏ)
    (Kingma and Ba, 2015, Algorithm 1)."""
    m, s, t = state("m", "s", "t")
    k = state.step
    multiply(g, g, t)
    multiply(t, 1 - beta_2, t)
    multiply(s, beta_2, s)
    add(s, t, s)
    multiply(g, 1 - beta_1, g)
    multiply(m, beta_1, m)
    add(m, g, m)
    multiply(m, 1 / (1 - beta_1**k), g)
    multiply(s, 1 / (1 - beta_2**k), t)
    scaled_step(w, g, t, t, rate, epsilon)


def adamw(w, g, state, rate, weight_decay=0.01, **settings):
    """w ← w − η·λ·w, then a step of Adam (Loshchilov and Hutter, 2019, Algorithm 2)."""
    multiply(w, 1 - rate * weight_decay, w)
    adam(w, g, state, rate, **settings)


def scaled_step(w, g, s, t, rate, epsilon):
    """w ← w − η·g/(√s + ε), in place of g and t."""
    np.sqrt(s, t)
    add(t, epsilon, t)
    np.divide(g, t, g)
    multiply(g, rate, g)
    subtract(w, g, w)


#: Each with the learning rate that is taken when none is given.
OPTIMIZERS = {
    "gradient_descent": (gradient_descent, 0.01),
    "sgd": (gradient_descent, 0.01),
    "momentum": (momentum, 0.01),
    "nesterov": (nesterov, 0.01),
    "adagrad": (adagrad, 0.01),
    "rmsprop": (rmsprop, 0.001),
    "adam": (adam, 0.001),
    "adamw": (adamw, 0.001),
}
#: What ``settings`` may name.
SETTINGS = {
    "gradient_descent": (),
    "sgd": (),
    "momentum": ("decay",),
    "nesterov": ("decay",),
    "adagrad": ("epsilon",),
    "rmsprop": ("decay", "epsilon"),
    "adam": ("beta_1", "beta_2", "epsilon"),
    "adamw": ("weight_decay", "beta_1", "beta_2", "epsilon"),
}


class OptimizerState:
    """The vectors that an optimizer remembers, zero at first, and the number of its step."""

    def __init__(self, w):
        self.vectors, self.step, self._like = {}, 0, w

    def __call__(self, *names):
        for name in names:
            if name not in self.vectors:
                self.vectors[name] = np.zeros_like(self._like)
        return tuple(self.vectors[name] for name in names)


class Trainer:
    """Finds weights that make Q small: ``Trainer(optimizer="adam", epochs=20, batch_size=32).fit(X, Y)``.

    optimizer       one of OPTIMIZERS; gradient_descent takes the whole sample at once, sgd batches of 32
    epochs          passes over the sample
    batch_size      samples in one step; by default the whole sample for gradient_descent, 32 for the others
    learning_rate   η; by default the optimizer's own
    seed            of the first weights and of the order of the batches
    settings        further numbers of the optimizer's formula, such as {"beta_1": 0.8}
    sizes           by the spec's names, as for Objective

    After ``fit``: ``w_``, the weights; ``history_``, Q over the whole sample at the start and after each epoch.
    A regulariser counts once in the Q of every batch.
    """

    def __init__(
        self, *, optimizer="adam", epochs=100, batch_size=None, learning_rate=None, seed=0, settings=None, dtype=DTYPE,
        **sizes,
    ):
        self.optimizer, self.epochs, self.batch_size = optimizer, epochs, batch_size
        self.learning_rate, self.seed, self.settings, self.dtype, self.sizes = learning_rate, seed, settings, dtype, sizes
        if optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer: got {optimizer!r}, expected one of {', '.join(OPTIMIZERS)}")
        for name, number, least in (("epochs", epochs, 0), ("batch_size", batch_size, 1)):
            if number is None and name == "batch_size":
                continue
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
                raise ValueError(f"{name}: got {number!r}, expected a whole number of at least {least}")
        if learning_rate is not None and not (isinstance(learning_rate, (int, float)) and 0 < learning_rate < np.inf):
            raise ValueError(f"learning_rate: got {learning_rate!r}, expected a number above 0")
        known = SETTINGS[optimizer]
        for name in settings or {}:
            if name not in known:
                raise ValueError(f"settings: {optimizer} has no {name}; it has {', '.join(known) or 'none'}")
        self.objective = Objective(dtype=dtype, **sizes)

    def fit(self, X, Y):
        """Train from fresh weights; returns the trainer itself.

        Raises Diverged when Q or the weights stop being finite; ``w_`` then holds the last good weights.
        """
        objective = self.objective
        x = objective._checked_data(X)
        y = objective._checked_target(Y, len(x[0]))
        N = len(y)
        if N == 0:
            raise ValueError("X: got no samples, expected at least 1")
        update, rate = OPTIMIZERS[self.optimizer]
        rate = rate if self.learning_rate is None else self.learning_rate
        batch = self.batch_size or (N if self.optimizer == "gradient_descent" else 32)
        rng = np.random.default_rng(self.seed)
        w = objective.initial(self.seed)
        g, good, state = np.empty_like(w), w.copy(), OptimizerState(w)
        self.w_, self.history_ = good, [self._value(w, x, y)]
        for epoch in range(self.epochs):
            order = None if batch >= N else rng.permutation(N)
            for start in range(0, N, batch):
                rows = slice(None) if order is None else order[start : start + batch]
                q, _ = objective._value_and_gradient(w, [a[rows] for a in x], y[rows], g)
                state.step += 1
                with np.errstate(all="ignore"):
                    update(w, g, state, rate, **(self.settings or {}))
            q = self._value(w, x, y)
            if not (np.isfinite(q) and np.isfinite(w).all()):
                raise Diverged(
                    f"Q is {q} after epoch {epoch + 1} with learning_rate {rate:g}; "
                    f"the weights of epoch {epoch} are kept in w_. Try a learning_rate of {rate / 10:g}"
                )
            good[...] = w
            self.history_.append(q)
        return self

    def _value(self, w, x, y):
        objective = self.objective
        with np.errstate(all="ignore"):
            return float(objective._workspace(len(y))[1](objective._parameters_of(w), *x, y))

    def _fitted(self):
        if not hasattr(self, "w_"):
            raise ValueError("the trainer has no weights yet: call fit first")
        return self.w_

    def predict(self, X):
        """The output of the trained network, one row for each sample."""
        return self.objective.predict(self._fitted(), X)

    def score(self, X, Y):
        """R² = 1 − Σ(y − p)²/Σ(y − ȳ)², the share of the variance that is explained."""
        p = self.predict(X)
        Y = self.objective._checked_target(Y, len(p))
        residual, variance = np.sum((Y - p) ** 2), np.sum((Y - Y.mean(axis=0)) ** 2)
        return float(1 - residual / variance) if variance else float(residual == 0)

    def save(self, path):
        """Write settings, weights and history to an .npz file, whole or not at all."""
        facts = {
            "spec": SPEC, "hash": SPEC_HASH, "version": VERSION, "sizes": self.objective.sizes,
            "dtype": str(self.objective.dtype), "optimizer": self.optimizer, "epochs": int(self.epochs),
            "batch_size": self.batch_size and int(self.batch_size), "learning_rate": self.learning_rate,
            "seed": self.seed, "settings": self.settings,
        }
        path = os.fspath(path)
        handle, draft = tempfile.mkstemp(prefix=".", suffix=".npz", dir=os.path.dirname(path) or ".")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, w=self._fitted(), history=np.array(self.history_), facts=np.array(json.dumps(facts)))
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise

    @classmethod
    def load(cls, path):
        """The trainer that ``save`` wrote.  ValueError for a file of another spec, or one that is no such file."""
        try:
            with np.load(path, allow_pickle=False) as file:
                facts, w, history = json.loads(str(file["facts"])), file["w"], file["history"]
                spec, spec_hash = facts["spec"], facts["hash"]
        except (KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile):
            raise ValueError(f"{path} is no file that Trainer.save wrote") from None
        if spec_hash != SPEC_HASH:
            raise ValueError(f"{path} holds weights of {spec} ({spec_hash[:12]}), expected {SPEC} ({SPEC_HASH[:12]})")
        names = ("optimizer", "epochs", "batch_size", "learning_rate", "seed", "settings", "dtype")
        trainer = cls(**{name: facts[name] for name in names}, **facts["sizes"])
        trainer.w_, trainer.history_ = trainer.objective._checked_vector("w", w), history.tolist()
        return trainer


def random_sample(objective, N, rng):
    """Inputs and a target that the loss can take."""
    x = {name: rng.standard_normal((N, *shape[1:])) for name, shape in objective._shapes.items()}
    y = rng.random((N, *objective._target_shape[1:]))
    return x, y


def slope(q, w, k):
    """∂q/∂w_k by central differences; of a ladder of steps the two that agree best, extrapolated to 0."""
    scale, best = max(1.0, abs(w[k])), (np.inf, np.nan)
    ladder = []
    for h in scale * np.finfo(float).eps ** (1 / 3) * np.array([100.0, 10.0, 1.0, 0.1]):
        right, left = w.copy(), w.copy()
        right[k] += h
        left[k] -= h
        ladder.append((q(right) - q(left)) / (right[k] - left[k]))
    for coarse, fine in zip(ladder, ladder[1:]):
        best = min(best, (abs(coarse - fine), fine + (fine - coarse) / 99))
    return best[1], best[0]


def check_gradient(objective, seed=0, N=5, tolerance=1e-6):
    """Compare every entry of the gradient with the slope of Q; yields (parameter, worst entry, error, fits)."""
    rng = np.random.default_rng(seed)
    w = objective.initial(seed) + 0.1 * rng.standard_normal(objective.size)
    X, Y = random_sample(objective, N, rng)
    _, g = objective.value_and_gradient(w, X, Y)
    for name, (part, shape) in objective.layout.items():
        worst = (-1.0, None, True)
        for k in range(part.start, part.stop):
            d, doubt = slope(lambda v: objective.value(v, X, Y), w, k)
            error = abs(g[k] - d) / max(abs(g[k]), abs(d), 1e-3)
            fits = bool(error <= tolerance or abs(g[k] - d) <= 2 * doubt)
            if (not fits, error) > (not worst[2], worst[0]) or not np.isfinite(error):
                entry = ", ".join(str(int(n)) for n in np.unravel_index(k - part.start, shape))
                worst = (error, f"{name}[{entry}]", fits)
        yield name, worst[1], worst[0], worst[2]


def main(argv=None):
    """Check the gradient; exit status 1 when an entry disagrees."""
    parser = argparse.ArgumentParser(description=f"Check the gradient of {SPEC} by finite differences.")
    parser.add_argument("--seed", type=int, default=0)
    for name, default in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=default or 3)
    given = dict(parser.parse_args(argv)._get_kwargs())
    try:
        objective = Objective(dtype=np.float64, **{name: given[name] for name in SIZES})
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{objective}")
    wrong = 0
    for name, entry, error, fits in check_gradient(objective, given["seed"]):
        wrong += not fits
        print(f"  {name:12} worst at {entry:16} relative error {error:.1e}   {'agrees' if fits else 'DISAGREES'}")
    print("the gradient disagrees with the slope of Q" if wrong else "the gradient is the slope of Q")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
