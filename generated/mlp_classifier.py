"""mlp_classifier: Q(w) and its gradient, in NumPy alone.

    mlp_classifier
      x : D                            input
      z : H = tanh(w_z x + b_z)
      p : K = softmax(w_p z + b_p)     output
      cross_entropy loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 9cb8f1b67aab8737, for float64; not to be edited.
Operations  4*N*D*H + 6*N*H*K + 7*N*H + 12*N*K + 4*N   for Q and its gradient
Workspace   2*H*N + 2*K*N + N*K + K + 3*N   numbers for N samples

Equations, each computed for the whole sample at once:
    (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
    (2) z[i, j] = tanh(a_z[i, j])
    (3) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
    (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, m]), m)**(-1)
    (5) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
    (6) Q = Sum(L[i], i)
    (7) E_L[i] = 1
    (8) E_p[i, k] = -y[i, k]*p[i, k]**(-1)
    (9) E_a_p[i, k] = p[i, k] - y[i, k]
    (10) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
    (11) E_b_p[k] = Sum(E_a_p[i, k], i)
    (12) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k)
    (13) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
    (14) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
    (15) E_b_z[j] = Sum(E_a_z[i, j], i)
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
    exp,
    log,
    maximum,
    multiply,
    reciprocal,
    subtract,
    tanh,
)

SPEC = "mlp_classifier"
SPEC_HASH = "9cb8f1b67aab873795d250014f439e08dd61cffc276bc789afb5e3f7f91f35dd"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES = {
    "D": 4,
    "H": 5,
    "K": 3,
}
#: Parameters that start at 0.
BIASES = ("b_z", "b_p",)
def parameter_views(flat, layout, D, H, K):
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_z = flat[layout["w_z"][0]].reshape((H, D))
    b_z = flat[layout["b_z"][0]].reshape((H,))
    w_p = flat[layout["w_p"][0]].reshape((K, H))
    b_p = flat[layout["b_p"][0]].reshape((K,))
    b_z_column = b_z[:, None]
    b_p_column = b_p[:, None]
    w_p_T = w_p.T
    return w_z, b_z, w_p, b_p, b_z_column, b_p_column, w_p_T


def gradient_views(flat, layout, D, H, K):
    """The same for the flat gradient: where each derivative is written."""
    E_w_z = flat[layout["w_z"][0]].reshape((H, D))
    E_b_z = flat[layout["b_z"][0]].reshape((H,))
    E_w_p = flat[layout["w_p"][0]].reshape((K, H))
    E_b_p = flat[layout["b_p"][0]].reshape((K,))
    return E_w_z, E_b_z, E_w_p, E_b_p


def functions(N, D, H, K, dtype):
    """The workspace for N samples, and the functions that share it: predict, value, gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z = empty((H, N), dtype)
    z = a_z  # the same memory
    a_p = empty((K, N), dtype)
    p_max = empty((N,), dtype)
    p = empty((K, N), dtype)
    p_part_2 = empty((N,), dtype)
    p_shifted_arranged = empty((N, K), dtype)
    E_a_p = p  # the same memory
    E_z = empty((H, N), dtype)
    E_a_z = E_z  # the same memory
    p_T = p.T
    a_p_T = a_p.T
    p_shifted_arranged_flat = p_shifted_arranged.reshape(N*K)
    z_T = z.T

    def predict(weights, x):
        w_z, b_z, w_p, b_p, b_z_column, b_p_column, w_p_T = weights
        x_T = x.T
        # (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
        w_z.dot(x_T, a_z)
        add(a_z, b_z_column, a_z)
        # (2) z[i, j] = tanh(a_z[i, j])
        tanh(a_z, z)
        # (3) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
        w_p.dot(z, a_p)
        add(a_p, b_p_column, a_p)
        # (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, m]), m)**(-1)
        maximum.reduce(a_p, 0, None, p_max)
        subtract(a_p, p_max, a_p)
        exp(a_p, p)
        p_T.dot(ones, p_max)
        reciprocal(p_max, p_part_2)
        multiply(p_part_2, p, p)
        return p.T

    def value(weights, x, y):
        predict(weights, x)
        y_flat = y.reshape(N*K)
        # (5) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
        log(p_max, p_max)
        # (5) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
        # (6) Q = Sum(L[i], i)
        copyto(p_shifted_arranged, a_p_T)
        Q_sum = y_flat.dot(p_shifted_arranged_flat)
        Q_sum_3 = p_max.dot(ones_2)
        Q = -(Q_sum - Q_sum_3)
        return Q

    def gradient(weights, x, y, slopes):
        w_z, b_z, w_p, b_p, b_z_column, b_p_column, w_p_T = weights
        E_w_z, E_b_z, E_w_p, E_b_p = slopes
        y_T = y.T
        # (9) E_a_p[i, k] = p[i, k] - y[i, k]
        subtract(p, y_T, E_a_p)
        # (10) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
        E_a_p.dot(z_T, E_w_p)
        # (11) E_b_p[k] = Sum(E_a_p[i, k], i)
        E_a_p.dot(ones_2, E_b_p)
        # (12) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k)
        w_p_T.dot(E_a_p, E_z)
        # (13) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
        multiply(z, z, z)
        subtract(1.0, z, z)
        multiply(E_z, z, E_a_z)
        # (14) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
        E_a_z.dot(x, E_w_z)
        # (15) E_b_z[j] = Sum(E_a_z[i, j], i)
        E_a_z.dot(ones_2, E_b_z)

    return predict, value, gradient


def layout(sizes):
    """The parameters in the flat vector: {name: (slice, shape)}, in order, each row-major."""
    D, H, K = (sizes[name] for name in SIZES)
    shapes = {
        "w_z": (H, D),
        "b_z": (H,),
        "w_p": (K, H),
        "b_p": (K,),
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
    """Q(w) for numbers in the place of the sizes: ``Objective(D=4, H=5, K=3)``.

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
        D, H, K = numbers
        self._shapes = {
            "x": (None, D),
        }
        self._target_shape = (None, K)
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
        sums = Y.sum(axis=-1)
        if (np.abs(sums - 1) > 1e-4).any():
            row = int(np.argmax(np.abs(sums - 1)))
            raise ValueError(f"Y: row {row} sums to {sums[row]:g}, expected 1: the targets are one-hot or probabilities")
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
        """The share of samples whose class is right."""
        p = self.predict(X)
        Y = self.objective._checked_target(Y, len(p))
        return float((p.argmax(axis=-1) == Y.argmax(axis=-1)).mean())

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
    y = np.eye(objective._target_shape[-1])[rng.integers(objective._target_shape[-1], size=(N, *objective._target_shape[1:-1]))]
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
