"""conv1d: Q(w) and its gradient, in NumPy alone.

    conv1d
      x : T                                                        input
      z : T - U + 1 x C = tanh(Sum(w[c,u]*x[i,t+u], u) + b[c])
      m : C = Sum(z[i,t,c], t)/(T - U + 1)
      p : 1 = w_p m + b_p                                          output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 96aee880c5bdf199, for float64; not to be edited.
Operations  4*N*(T - U + 1)*C*U + 8*N*(T - U + 1)*C + 4*N*(C + 1) + 3*N*C + 4*N   for Q and its gradient
Workspace   8*(2*N*(T - U + 1)*C + N*(T - U + 1)*U + (C + 1)*N + N*(T - U + 1) + N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, divide, empty, multiply, subtract, tanh

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly, window,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "conv1d"
SPEC_HASH = "96aee880c5bdf19923572b0b94c32f223f6f580df7e8f5dcdc4765a8a5f52db4"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"T": 8, "U": 3, "C": 2}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_z[i, t, c] = Sum(w[c, u]*x[i, t + u], u) + b[c]
#     (2) z[i, t, c] = tanh(a_z[i, t, c])
#     (3) m[i, c] = Sum(z[i, t, c], t)*(T - U + 1)**(-1)
#     (4) p[i] = Sum(w_p[c]*m[i, c], c) + b_p
#     (5) L[i] = (y[i] - p[i])**2
#     (6) Q = Sum(L[i], i)
#     (8) E_p[i] = -2*(y[i] - p[i])
#     (9) E_w_p[c] = Sum(E_p[i]*m[i, c], i)
#     (10) E_b_p = Sum(E_p[i], i)
#     (11) E_m[i, c] = E_p[i]*w_p[c]
#     (12) E_z[i, t, c] = E_m[i, c]*(T - U + 1)**(-1)
#     (13) E_a_z[i, t, c] = E_z[i, t, c]*(1 - z[i, t, c]**2)
#     (14) E_w[c, u] = Sum(Sum(E_a_z[i, t, c]*x[i, t + u], t), i)
#     (15) E_b[c] = Sum(Sum(E_a_z[i, t, c], t), i)
# With a weight for each sample:
#     (6) Q = Sum(s[i]*L[i], i)
#     (7) E_L[i] = s[i]
#     (8) E_p[i] = -2*E_L[i]*(y[i] - p[i])


def plain(w_: Array, b: Array, w_p: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_ (C, U); b (C,); w_p (C,); b_p a number; x (N, T); y (N,).
    """
    C, U = w_.shape
    N, T = x.shape
    # (1)
    a_z_x_view = x[np.arange(N)[:, None, None], (np.arange(T - U + 1)[None, :, None] + np.arange(U)[None, None, :])]
    a_z = (a_z_x_view.reshape(N*(T - U + 1), U) @ w_.T).reshape(N, T - U + 1, C) + b  # (1)
    z = np.tanh(a_z)  # (2)
    m = z.sum(1) / (T - U + 1.0)  # (3)
    p = b_p + w_p @ m.T  # (4)
    L = (y - p)**2  # (5)
    Q = L.sum()  # (6)
    E_p = -2.0*(y - p)  # (8)
    E_w_p = E_p @ m  # (9)
    E_b_p = E_p.sum()  # (10)
    E_m = E_p[:, None]*w_p  # (11)
    E_z_part = E_m / (T - U + 1.0)  # (12)
    E_z = np.broadcast_to(E_z_part[:, None, :], (N, T - U + 1, C))  # (12)
    E_a_z = E_z*(1.0 - z**2)  # (13)
    E_w = E_a_z.transpose(2, 0, 1).reshape(C, N*(T - U + 1)) @ a_z_x_view.reshape(N*(T - U + 1), U)  # (14)
    E_b = E_a_z.sum((0, 1))  # (15)
    return Q, (E_w, E_b, E_w_p, E_b_p)


def shapes(T: int, U: int, C: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w": (C, U), "b": (C,), "w_p": (1, C), "b_p": (1,)}


def plain_shapes(T: int, U: int, C: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (C, U),
        (C,),
        (C,),
        (),
    )


def sample_shapes(T: int, U: int, C: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, T)}, (None,)


def witnesses(flat: Array, layout: Layout, T: int, U: int, C: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, T: int, U: int, C: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_ = flat[layout["w"][0]].reshape((C, U))
    b = flat[layout["b"][0]].reshape((C,))
    w_p = flat[layout["w_p"][0]].reshape((C,))
    b_p = flat[layout["b_p"][0]].reshape(())
    w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    w__T = w_.T
    w_p_column = w_p[:, None]
    return b, w_p_and_b_p, w__T, w_p_column


def gradient_views(flat: Array, layout: Layout, T: int, U: int, C: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w = flat[layout["w"][0]].reshape((C, U))
    E_b = flat[layout["b"][0]].reshape((C,))
    E_w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    return E_w, E_b, E_w_p_and_b_p


def functions(N: int, T: int, U: int, C: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    factor = array(T - U + 1.0, dtype)
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    m_and_one = empty((C + 1, N), dtype)
    m_and_one[C].fill(1.0)
    ones_2 = empty((N, T - U + 1), dtype)
    ones_2.fill(1.0)
    a_z_x_window = empty((N, T - U + 1, U), dtype)
    a_z = empty((N, T - U + 1, C), dtype)
    E_z = empty((N, T - U + 1, C), dtype)
    z = E_a_z_1 = a_z  # the same memory
    m = m_and_one[0:C]
    p = empty((N,), dtype)
    L_1 = E_p = p  # the same memory
    E_m = E_z_part = m  # the same memory
    E_a_z = E_z  # the same memory
    a_z_x_window_matrix = a_z_x_window.reshape(N*(T - U + 1), U)
    a_z_matrix = a_z.reshape(N*(T - U + 1), C)
    z_turned = z.transpose(2, 0, 1)
    m_and_one_T = m_and_one.T
    E_p_row = E_p[None, :]
    E_z_part_T_spread = E_z_part.T[:, None, :]
    E_a_z_matrix_T = E_a_z.reshape(N*(T - U + 1), C).T
    ones_2_flat = ones_2.reshape(N*(T - U + 1))

    def predict(weights: Views, x: Array) -> Any:
        b, w_p_and_b_p, w__T, w_p_column = weights
        a_z_x_view = window(x, (0, 0,), ((1, 0,), (0, 1,), (0, 1,),), (N, T - U + 1, U))
        copyto(a_z_x_window, a_z_x_view)  # (1)
        a_z_x_window_matrix.dot(w__T, a_z_matrix)  # (1)
        add(a_z, b, a_z)  # (1)
        tanh(a_z, z)  # (2)
        add.reduce(z_turned, 2, out=m)  # (3)
        divide(m, factor, m)  # (3)
        w_p_and_b_p.dot(m_and_one, p)  # (4)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        subtract(y, p, L_1)  # (5)
        Q = L_1.dot(L_1)  # (5), (6)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        b, w_p_and_b_p, w__T, w_p_column = weights
        E_w, E_b, E_w_p_and_b_p = slopes
        multiply(minus_two, L_1, E_p)  # (8)
        E_p.dot(m_and_one_T, E_w_p_and_b_p)  # (9), (10)
        w_p_column.dot(E_p_row, E_m)  # (11)
        divide(E_m, factor, E_z_part)  # (12)
        copyto(E_z, E_z_part_T_spread)  # (12)
        multiply(z, z, E_a_z_1)  # (13)
        subtract(one, E_a_z_1, E_a_z_1)  # (13)
        multiply(E_z, E_a_z_1, E_a_z)  # (13)
        E_a_z_matrix_T.dot(a_z_x_window_matrix, E_w)  # (14)
        E_a_z_matrix_T.dot(ones_2_flat, E_b)  # (15)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, T: int, U: int, C: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    factor = array(T - U + 1.0, dtype)
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    m_and_one = empty((C + 1, N), dtype)
    m_and_one[C].fill(1.0)
    ones_2 = empty((N, T - U + 1), dtype)
    ones_2.fill(1.0)
    a_z_x_window = empty((N, T - U + 1, U), dtype)
    a_z = empty((N, T - U + 1, C), dtype)
    E_z = empty((N, T - U + 1, C), dtype)
    z = E_a_z_1 = a_z  # the same memory
    m = m_and_one[0:C]
    p = empty((N,), dtype)
    L = empty((N,), dtype)
    L_1 = p  # the same memory
    E_L = E_p = L  # the same memory
    E_m = E_z_part = m  # the same memory
    E_a_z = E_z  # the same memory
    a_z_x_window_matrix = a_z_x_window.reshape(N*(T - U + 1), U)
    a_z_matrix = a_z.reshape(N*(T - U + 1), C)
    z_turned = z.transpose(2, 0, 1)
    m_and_one_T = m_and_one.T
    E_p_row = E_p[None, :]
    E_z_part_T_spread = E_z_part.T[:, None, :]
    E_a_z_matrix_T = E_a_z.reshape(N*(T - U + 1), C).T
    ones_2_flat = ones_2.reshape(N*(T - U + 1))

    def predict(weights: Views, x: Array, s: Array) -> Any:
        b, w_p_and_b_p, w__T, w_p_column = weights
        a_z_x_view = window(x, (0, 0,), ((1, 0,), (0, 1,), (0, 1,),), (N, T - U + 1, U))
        copyto(a_z_x_window, a_z_x_view)  # (1)
        a_z_x_window_matrix.dot(w__T, a_z_matrix)  # (1)
        add(a_z, b, a_z)  # (1)
        tanh(a_z, z)  # (2)
        add.reduce(z_turned, 2, out=m)  # (3)
        divide(m, factor, m)  # (3)
        w_p_and_b_p.dot(m_and_one, p)  # (4)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        subtract(y, p, L_1)  # (5)
        multiply(L_1, L_1, L)  # (5)
        Q = s.dot(L)  # (6)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        b, w_p_and_b_p, w__T, w_p_column = weights
        E_w, E_b, E_w_p_and_b_p = slopes
        copyto(E_L, s)  # (7)
        multiply(E_L, minus_two, E_p)  # (8)
        multiply(E_p, L_1, E_p)  # (8)
        E_p.dot(m_and_one_T, E_w_p_and_b_p)  # (9), (10)
        w_p_column.dot(E_p_row, E_m)  # (11)
        divide(E_m, factor, E_z_part)  # (12)
        copyto(E_z, E_z_part_T_spread)  # (12)
        multiply(z, z, E_a_z_1)  # (13)
        subtract(one, E_a_z_1, E_a_z_1)  # (13)
        multiply(E_z, E_a_z_1, E_a_z)  # (13)
        E_a_z_matrix_T.dot(a_z_x_window_matrix, E_w)  # (14)
        E_a_z_matrix_T.dot(ones_2_flat, E_b)  # (15)

    def both(
        weights: Views, x: Array, s: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s, y))
        gradient(weights, x, s, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
)


class Objective(BaseObjective):
    """Q(w) of conv1d: ``Objective(T=8, U=3, C=2)``."""

    facts = FACTS


class WeightedObjective(Objective):
    """Q(w) with a weight for each sample: Q = Sum(s[i]*L[i], i).

    X is a dict of the inputs, and of the weights as "s", of shape (N,).
    """

    facts = FACTS._replace(
        weights="s", alone=None, functions=weighted_functions,
        parameter_views=parameter_views,
        gradient_views=gradient_views,
    )


class Trainer(BaseTrainer):
    """Finds weights that make Q of conv1d small: ``Trainer(epochs=20, T=8, U=3, C=2).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
