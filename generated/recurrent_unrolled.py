"""recurrent_unrolled: Q(w) and its gradient, in NumPy alone.

    recurrent_unrolled
      x : 3 x D                                                                      input
      s1 : J = tanh(Sum(w_x[j,d]*x[i,0,d], d) + b[j])
      s2 : J = tanh(Sum(w_x[j,d]*x[i,1,d], d) + Sum(w_s[j,k]*s1[i,k], k) + b[j])
      s3 : J = tanh(Sum(w_x[j,d]*x[i,2,d], d) + Sum(w_s[j,k]*s2[i,k], k) + b[j])
      p : 1 = w_p s3 + b_p                                                           output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 7ff79d0345e7282d, for float64; not to be edited.
Operations  12*N*D*J + 12*N*J*J + 2*D*J + J*J + 4*N*(J + 1) + 24*N*J + 2*J + 4*N   for Q and its gradient
Workspace   8*((J + 1)*N + D*N + 2*J*D + J*J + 4*J*N + N*D + 2*J + 2*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, multiply, subtract, tanh

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly, window,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "recurrent_unrolled"
SPEC_HASH = "7ff79d0345e7282d209b991a086181686ebc93586f245af8966c336a78eb5235"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 2, "J": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_s1[i, j] = Sum(w_x[j, d]*x[i, 0, d], d) + b[j]
#     (2) s1[i, j] = tanh(a_s1[i, j])
#     (3) a_s2[i, j] = Sum(w_x[j, d]*x[i, 1, d], d) + Sum(w_s[j, k]*s1[i, k], k) + b[j]
#     (4) s2[i, j] = tanh(a_s2[i, j])
#     (5) a_s3[i, j] = Sum(w_x[j, d]*x[i, 2, d], d) + Sum(w_s[j, k]*s2[i, k], k) + b[j]
#     (6) s3[i, j] = tanh(a_s3[i, j])
#     (7) p[i] = Sum(w_p[j]*s3[i, j], j) + b_p
#     (8) L[i] = (y[i] - p[i])**2
#     (9) Q = Sum(L[i], i)
#     (11) E_p[i] = -2*(y[i] - p[i])
#     (12) E_w_p[j] = Sum(E_p[i]*s3[i, j], i)
#     (13) E_b_p = Sum(E_p[i], i)
#     (14) E_s3[i, j] = E_p[i]*w_p[j]
#     (15) E_a_s3[i, j] = E_s3[i, j]*(1 - s3[i, j]**2)
#     (16) E_s2[i, j] = Sum(E_a_s3[i, s]*w_s[s, j], s)
#     (17) E_a_s2[i, j] = E_s2[i, j]*(1 - s2[i, j]**2)
#     (18) E_w_s[j, k] = Sum(E_a_s2[i, j]*s1[i, k], i) + Sum(E_a_s3[i, j]*s2[i, k], i)
#     (19) E_s1[i, j] = Sum(E_a_s2[i, s]*w_s[s, j], s)
#     (20) E_a_s1[i, j] = E_s1[i, j]*(1 - s1[i, j]**2)
#     (21) E_w_x[j, d] = Sum(E_a_s1[i, j]*x[i, 0, d], i) + Sum(E_a_s2[i, j]*x[i, 1, d], i) + Sum(E_a_s3[i, j]*x[i,
#         2, d], i)
#     (22) E_b[j] = Sum(E_a_s1[i, j], i) + Sum(E_a_s2[i, j], i) + Sum(E_a_s3[i, j], i)
# With a weight for each sample:
#     (9) Q = Sum(s[i]*L[i], i)
#     (10) E_L[i] = s[i]
#     (11) E_p[i] = -2*E_L[i]*(y[i] - p[i])


def plain(w_x: Array, b: Array, w_s: Array, w_p: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_x (J, D); b (J,); w_s (J, J); w_p (J,); b_p a number; x (N, 3, D); y (N,).
    """
    D = w_x.shape[1]
    N = x.shape[0]
    a_s1_x_view = x[np.arange(N)[:, None], 0, np.arange(D)[None, :]]  # (1)
    a_s1 = a_s1_x_view @ w_x.T + b  # (1)
    s1 = np.tanh(a_s1)  # (2)
    a_s2_x_view = x[np.arange(N)[:, None], 1, np.arange(D)[None, :]]  # (3)
    a_s2 = a_s2_x_view @ w_x.T + s1 @ w_s.T + b  # (3)
    s2 = np.tanh(a_s2)  # (4)
    a_s3_x_view = x[np.arange(N)[:, None], 2, np.arange(D)[None, :]]  # (5)
    a_s3 = a_s3_x_view @ w_x.T + s2 @ w_s.T + b  # (5)
    s3 = np.tanh(a_s3)  # (6)
    p = b_p + w_p @ s3.T  # (7)
    L = (y - p)**2  # (8)
    Q = L.sum()  # (9)
    E_p = -2.0*(y - p)  # (11)
    E_w_p = E_p @ s3  # (12)
    E_b_p = E_p.sum()  # (13)
    E_s3 = E_p[:, None]*w_p  # (14)
    E_a_s3 = E_s3*(1.0 - s3**2)  # (15)
    E_s2 = E_a_s3 @ w_s  # (16)
    E_a_s2 = E_s2*(1.0 - s2**2)  # (17)
    E_w_s = E_a_s2.T @ s1 + E_a_s3.T @ s2  # (18)
    E_s1 = E_a_s2 @ w_s  # (19)
    E_a_s1 = E_s1*(1.0 - s1**2)  # (20)
    E_w_x = E_a_s1.T @ a_s1_x_view + E_a_s2.T @ a_s2_x_view + E_a_s3.T @ a_s3_x_view  # (21)
    E_b = E_a_s1.sum(0) + E_a_s2.sum(0) + E_a_s3.sum(0)  # (22)
    return Q, (E_w_x, E_b, E_w_s, E_w_p, E_b_p)


def shapes(D: int, J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_x": (J, D), "b": (J,), "w_s": (J, J), "w_p": (1, J), "b_p": (1,)}


def plain_shapes(D: int, J: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (J, D),
        (J,),
        (J, J),
        (J,),
        (),
    )


def sample_shapes(D: int, J: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, 3, D)}, (None,)


def witnesses(flat: Array, layout: Layout, D: int, J: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_x = flat[layout["w_x"][0]].reshape((J, D))
    b = flat[layout["b"][0]].reshape((J,))
    w_s = flat[layout["w_s"][0]].reshape((J, J))
    w_p = flat[layout["w_p"][0]].reshape((J,))
    b_p = flat[layout["b_p"][0]].reshape(())
    w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    b_column = b[:, None]
    w_p_column = w_p[:, None]
    w_s_T = w_s.T
    return w_x, w_s, w_p_and_b_p, b_column, w_p_column, w_s_T


def gradient_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w_x = flat[layout["w_x"][0]].reshape((J, D))
    E_b = flat[layout["b"][0]].reshape((J,))
    E_w_s = flat[layout["w_s"][0]].reshape((J, J))
    E_w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    return E_w_x, E_b, E_w_s, E_w_p_and_b_p


def functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    s3_and_one = empty((J + 1, N), dtype)
    s3_and_one[J].fill(1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_s1_x_window = empty((D, N), dtype)
    a_s1, a_s2, E_s3, E_a_s2_1 = (empty((J, N), dtype) for _ in range(4))
    a_s1_spread = s2 = E_s1 = E_a_s1 = a_s2  # the same memory
    s1 = E_a_s1_1 = a_s1  # the same memory
    a_s2_x_window = a_s3_x_window = a_s1_x_window  # the same memory
    a_s3 = s3_and_one[0:J]
    a_s2_sum_2 = s3 = E_a_s3_1 = E_s2 = E_a_s2 = a_s3  # the same memory
    a_s3_sum_2 = E_a_s3 = E_s3  # the same memory
    p = empty((N,), dtype)
    L_1 = E_p = p  # the same memory
    E_w_s_sum_2 = empty((J, J), dtype)
    E_w_x_x_window = empty((N, D), dtype)
    E_w_x_sum_2 = empty((J, D), dtype)
    E_w_x_sum_3 = empty((J, D), dtype)
    E_b_sum_2 = empty((J,), dtype)
    E_b_sum_3 = empty((J,), dtype)
    s3_and_one_T = s3_and_one.T
    E_p_row = E_p[None, :]
    s1_T = s1.T
    s2_T = s2.T

    def predict(weights: Views, x: Array) -> Any:
        w_x, w_s, w_p_and_b_p, b_column, w_p_column, w_s_T = weights
        a_s1_x_view = window(x, (0, 0, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s2_x_view = window(x, (0, 1, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s3_x_view = window(x, (0, 2, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s1_x_view_T = a_s1_x_view.T
        a_s2_x_view_T = a_s2_x_view.T
        a_s3_x_view_T = a_s3_x_view.T
        copyto(a_s1_x_window, a_s1_x_view_T)  # (1)
        w_x.dot(a_s1_x_window, a_s1)  # (1)
        copyto(a_s1_spread, b_column)  # (1)
        add(a_s1, a_s1_spread, a_s1)  # (1)
        tanh(a_s1, s1)  # (2)
        copyto(a_s2_x_window, a_s2_x_view_T)  # (3)
        w_x.dot(a_s2_x_window, a_s2)  # (3)
        w_s.dot(s1, a_s2_sum_2)  # (3)
        add(a_s2, a_s2_sum_2, a_s2)  # (3)
        copyto(a_s2_sum_2, b_column)  # (3)
        add(a_s2, a_s2_sum_2, a_s2)  # (3)
        tanh(a_s2, s2)  # (4)
        copyto(a_s3_x_window, a_s3_x_view_T)  # (5)
        w_x.dot(a_s3_x_window, a_s3)  # (5)
        w_s.dot(s2, a_s3_sum_2)  # (5)
        add(a_s3, a_s3_sum_2, a_s3)  # (5)
        copyto(a_s3_sum_2, b_column)  # (5)
        add(a_s3, a_s3_sum_2, a_s3)  # (5)
        tanh(a_s3, s3)  # (6)
        w_p_and_b_p.dot(s3_and_one, p)  # (7)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        subtract(y, p, L_1)  # (8)
        Q = L_1.dot(L_1)  # (8), (9)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_x, w_s, w_p_and_b_p, b_column, w_p_column, w_s_T = weights
        E_w_x, E_b, E_w_s, E_w_p_and_b_p = slopes
        a_s1_x_view = window(x, (0, 0, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s2_x_view = window(x, (0, 1, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s3_x_view = window(x, (0, 2, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        multiply(minus_two, L_1, E_p)  # (11)
        E_p.dot(s3_and_one_T, E_w_p_and_b_p)  # (12), (13)
        w_p_column.dot(E_p_row, E_s3)  # (14)
        multiply(s3, s3, E_a_s3_1)  # (15)
        subtract(one, E_a_s3_1, E_a_s3_1)  # (15)
        multiply(E_s3, E_a_s3_1, E_a_s3)  # (15)
        w_s_T.dot(E_a_s3, E_s2)  # (16)
        multiply(s2, s2, E_a_s2_1)  # (17)
        subtract(one, E_a_s2_1, E_a_s2_1)  # (17)
        multiply(E_s2, E_a_s2_1, E_a_s2)  # (17)
        E_a_s2.dot(s1_T, E_w_s)  # (18)
        E_a_s3.dot(s2_T, E_w_s_sum_2)  # (18)
        add(E_w_s, E_w_s_sum_2, E_w_s)  # (18)
        w_s_T.dot(E_a_s2, E_s1)  # (19)
        multiply(s1, s1, E_a_s1_1)  # (20)
        subtract(one, E_a_s1_1, E_a_s1_1)  # (20)
        multiply(E_s1, E_a_s1_1, E_a_s1)  # (20)
        copyto(E_w_x_x_window, a_s1_x_view)  # (21)
        E_a_s1.dot(E_w_x_x_window, E_w_x)  # (21)
        copyto(E_w_x_x_window, a_s2_x_view)  # (21)
        E_a_s2.dot(E_w_x_x_window, E_w_x_sum_2)  # (21)
        copyto(E_w_x_x_window, a_s3_x_view)  # (21)
        E_a_s3.dot(E_w_x_x_window, E_w_x_sum_3)  # (21)
        add(E_w_x, E_w_x_sum_2, E_w_x)  # (21)
        add(E_w_x, E_w_x_sum_3, E_w_x)  # (21)
        E_a_s1.dot(ones, E_b)  # (22)
        E_a_s2.dot(ones, E_b_sum_2)  # (22)
        E_a_s3.dot(ones, E_b_sum_3)  # (22)
        add(E_b, E_b_sum_2, E_b)  # (22)
        add(E_b, E_b_sum_3, E_b)  # (22)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


def weighted_functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    s3_and_one = empty((J + 1, N), dtype)
    s3_and_one[J].fill(1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_s1_x_window = empty((D, N), dtype)
    a_s1, a_s2, E_s3, E_a_s2_1 = (empty((J, N), dtype) for _ in range(4))
    a_s1_spread = s2 = E_s1 = E_a_s1 = a_s2  # the same memory
    s1 = E_a_s1_1 = a_s1  # the same memory
    a_s2_x_window = a_s3_x_window = a_s1_x_window  # the same memory
    a_s3 = s3_and_one[0:J]
    a_s2_sum_2 = s3 = E_a_s3_1 = E_s2 = E_a_s2 = a_s3  # the same memory
    a_s3_sum_2 = E_a_s3 = E_s3  # the same memory
    p = empty((N,), dtype)
    L = empty((N,), dtype)
    L_1 = p  # the same memory
    E_L = E_p = L  # the same memory
    E_w_s_sum_2 = empty((J, J), dtype)
    E_w_x_x_window = empty((N, D), dtype)
    E_w_x_sum_2 = empty((J, D), dtype)
    E_w_x_sum_3 = empty((J, D), dtype)
    E_b_sum_2 = empty((J,), dtype)
    E_b_sum_3 = empty((J,), dtype)
    s3_and_one_T = s3_and_one.T
    E_p_row = E_p[None, :]
    s1_T = s1.T
    s2_T = s2.T

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_x, w_s, w_p_and_b_p, b_column, w_p_column, w_s_T = weights
        a_s1_x_view = window(x, (0, 0, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s2_x_view = window(x, (0, 1, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s3_x_view = window(x, (0, 2, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s1_x_view_T = a_s1_x_view.T
        a_s2_x_view_T = a_s2_x_view.T
        a_s3_x_view_T = a_s3_x_view.T
        copyto(a_s1_x_window, a_s1_x_view_T)  # (1)
        w_x.dot(a_s1_x_window, a_s1)  # (1)
        copyto(a_s1_spread, b_column)  # (1)
        add(a_s1, a_s1_spread, a_s1)  # (1)
        tanh(a_s1, s1)  # (2)
        copyto(a_s2_x_window, a_s2_x_view_T)  # (3)
        w_x.dot(a_s2_x_window, a_s2)  # (3)
        w_s.dot(s1, a_s2_sum_2)  # (3)
        add(a_s2, a_s2_sum_2, a_s2)  # (3)
        copyto(a_s2_sum_2, b_column)  # (3)
        add(a_s2, a_s2_sum_2, a_s2)  # (3)
        tanh(a_s2, s2)  # (4)
        copyto(a_s3_x_window, a_s3_x_view_T)  # (5)
        w_x.dot(a_s3_x_window, a_s3)  # (5)
        w_s.dot(s2, a_s3_sum_2)  # (5)
        add(a_s3, a_s3_sum_2, a_s3)  # (5)
        copyto(a_s3_sum_2, b_column)  # (5)
        add(a_s3, a_s3_sum_2, a_s3)  # (5)
        tanh(a_s3, s3)  # (6)
        w_p_and_b_p.dot(s3_and_one, p)  # (7)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        subtract(y, p, L_1)  # (8)
        multiply(L_1, L_1, L)  # (8)
        Q = s.dot(L)  # (9)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_x, w_s, w_p_and_b_p, b_column, w_p_column, w_s_T = weights
        E_w_x, E_b, E_w_s, E_w_p_and_b_p = slopes
        a_s1_x_view = window(x, (0, 0, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s2_x_view = window(x, (0, 1, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        a_s3_x_view = window(x, (0, 2, 0,), ((1, 0, 0,), (0, 0, 1,),), (N, D))
        copyto(E_L, s)  # (10)
        multiply(E_L, minus_two, E_p)  # (11)
        multiply(E_p, L_1, E_p)  # (11)
        E_p.dot(s3_and_one_T, E_w_p_and_b_p)  # (12), (13)
        w_p_column.dot(E_p_row, E_s3)  # (14)
        multiply(s3, s3, E_a_s3_1)  # (15)
        subtract(one, E_a_s3_1, E_a_s3_1)  # (15)
        multiply(E_s3, E_a_s3_1, E_a_s3)  # (15)
        w_s_T.dot(E_a_s3, E_s2)  # (16)
        multiply(s2, s2, E_a_s2_1)  # (17)
        subtract(one, E_a_s2_1, E_a_s2_1)  # (17)
        multiply(E_s2, E_a_s2_1, E_a_s2)  # (17)
        E_a_s2.dot(s1_T, E_w_s)  # (18)
        E_a_s3.dot(s2_T, E_w_s_sum_2)  # (18)
        add(E_w_s, E_w_s_sum_2, E_w_s)  # (18)
        w_s_T.dot(E_a_s2, E_s1)  # (19)
        multiply(s1, s1, E_a_s1_1)  # (20)
        subtract(one, E_a_s1_1, E_a_s1_1)  # (20)
        multiply(E_s1, E_a_s1_1, E_a_s1)  # (20)
        copyto(E_w_x_x_window, a_s1_x_view)  # (21)
        E_a_s1.dot(E_w_x_x_window, E_w_x)  # (21)
        copyto(E_w_x_x_window, a_s2_x_view)  # (21)
        E_a_s2.dot(E_w_x_x_window, E_w_x_sum_2)  # (21)
        copyto(E_w_x_x_window, a_s3_x_view)  # (21)
        E_a_s3.dot(E_w_x_x_window, E_w_x_sum_3)  # (21)
        add(E_w_x, E_w_x_sum_2, E_w_x)  # (21)
        add(E_w_x, E_w_x_sum_3, E_w_x)  # (21)
        E_a_s1.dot(ones, E_b)  # (22)
        E_a_s2.dot(ones, E_b_sum_2)  # (22)
        E_a_s3.dot(ones, E_b_sum_3)  # (22)
        add(E_b, E_b_sum_2, E_b)  # (22)
        add(E_b, E_b_sum_3, E_b)  # (22)

    def both(
        weights: Views, x: Array, s: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s, y))
        gradient(weights, x, s, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


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
    """Q(w) of recurrent_unrolled: ``Objective(D=2, J=3)``."""

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
    """Finds weights that make Q of recurrent_unrolled small: ``Trainer(epochs=20, D=2, J=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
