"""gru: Q(w) and its gradient, in NumPy alone.

    gru
      x : T x D                                                                      input
      g : T x J = sigmoid(Sum(u_g[j,d]*x[i,t,d], d) + Sum(w_g[j,k]*h[i,t-1,k], k) + b_g[j])
      r : T x J = sigmoid(Sum(u_r[j,d]*x[i,t,d], d) + Sum(w_r[j,k]*h[i,t-1,k], k) + b_r[j])
      q : T x J = tanh(Sum(u_q[j,d]*x[i,t,d], d) + Sum(w_q[j,k]*r[i,t,k]*h[i,t-1,k], k) + b_q[j])
      h : T x J = g[i,t,j]*h[i,t-1,j] + (1 - g[i,t,j])*q[i,t,j]
      p : T = Sum(w_p[j]*h[i,t,j], j) + b_p                                          output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec af378eef85c30657, for float64; not to be edited.
Operations  12*N*D*J*T + 6*N*J*J*T + 24*N*J*T + 8*N*T + 3*N   for Q and its gradient
Workspace   8*(T*N*D + 13*T*N*J + 3*T*N + N + T) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, exp, multiply, negative, reciprocal, subtract, tanh, zeros

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "gru"
SPEC_HASH = "af378eef85c30657f8a1d5df6cdc5424a1401a176b7a02ff6832055122a6fac1"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"T": 4, "D": 2, "J": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) before_h[i, t, j] = [0 <= t - 1 < T]*h[i, t - 1, j]
#     (2) a_g[i, t, j] = Sum(u_g[j, d]*x[i, t, d], d) + Sum(w_g[j, k]*before_h[i, t, k], k) + b_g[j]
#     (3) g[i, t, j] = sigmoid(a_g[i, t, j])
#     (4) a_r[i, t, j] = Sum(u_r[j, d]*x[i, t, d], d) + Sum(w_r[j, k]*before_h[i, t, k], k) + b_r[j]
#     (5) r[i, t, j] = sigmoid(a_r[i, t, j])
#     (6) a_q[i, t, j] = Sum(u_q[j, d]*x[i, t, d], d) + Sum(w_q[j, k]*r[i, t, k]*before_h[i, t, k], k) + b_q[j]
#     (7) q[i, t, j] = tanh(a_q[i, t, j])
#     (8) h[i, t, j] = g[i, t, j]*before_h[i, t, j] + (1 - g[i, t, j])*q[i, t, j]
#     (9) p[i, t] = Sum(w_p[j]*h[i, t, j], j) + b_p
#     (10) L[i] = Sum((y[i, t] - p[i, t])**2, t)
#     (11) Q = Sum(s[i]*L[i], i)
#     (12) E_L[i] = s[i]
#     (13) E_p[i, t] = -2*E_L[i]*(y[i, t] - p[i, t])
#     (14) E_w_p[j] = Sum(Sum(E_p[i, t]*h[i, t, j], t), i)
#     (15) E_b_p = Sum(Sum(E_p[i, t], t), i)
#     (16) E_h[i, t, j] = E_before_h[i, t + 1, j]*[0 <= t + 1 < T] + E_p[i, t]*w_p[j]
#     (17) E_q[i, t, j] = E_h[i, t, j]*(1 - g[i, t, j])
#     (18) E_a_q[i, t, j] = E_q[i, t, j]*(1 - q[i, t, j]**2)
#     (19) E_u_q[j, d] = Sum(Sum(E_a_q[i, t, j]*x[i, t, d], t), i)
#     (20) E_w_q[j, k] = Sum(Sum(E_a_q[i, t, j]*r[i, t, k]*before_h[i, t, k], t), i)
#     (21) E_b_q[j] = Sum(Sum(E_a_q[i, t, j], t), i)
#     (22) E_r[i, t, j] = Sum(E_a_q[i, t, s]*w_q[s, j]*before_h[i, t, j], s)
#     (23) E_a_r[i, t, j] = E_r[i, t, j]*r[i, t, j]*(1 - r[i, t, j])
#     (24) E_u_r[j, d] = Sum(Sum(E_a_r[i, t, j]*x[i, t, d], t), i)
#     (25) E_w_r[j, k] = Sum(Sum(E_a_r[i, t, j]*before_h[i, t, k], t), i)
#     (26) E_b_r[j] = Sum(Sum(E_a_r[i, t, j], t), i)
#     (27) E_g[i, t, j] = E_h[i, t, j]*(before_h[i, t, j] - q[i, t, j])
#     (28) E_a_g[i, t, j] = E_g[i, t, j]*g[i, t, j]*(1 - g[i, t, j])
#     (29) E_u_g[j, d] = Sum(Sum(E_a_g[i, t, j]*x[i, t, d], t), i)
#     (30) E_w_g[j, k] = Sum(Sum(E_a_g[i, t, j]*before_h[i, t, k], t), i)
#     (31) E_b_g[j] = Sum(Sum(E_a_g[i, t, j], t), i)
#     (32) E_before_h[i, t, j] = Sum(E_a_g[i, t, s]*w_g[s, j], s) + Sum(E_a_r[i, t, s]*w_r[s, j], s) +
#         Sum(E_a_q[i, t, s]*w_q[s, j]*r[i, t, j], s) + E_h[i, t, j]*g[i, t, j]


def plain(
    u_g: Array, w_g: Array, b_g: Array, u_r: Array, w_r: Array, b_r: Array, u_q: Array, w_q: Array, b_q: Array,
    w_p: Array, b_p: Array, x: Array, y: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    u_g (J, D); w_g (J, J); b_g (J,); u_r (J, D); w_r (J, J); b_r (J,); u_q (J, D); w_q (J, J); b_q (J,); w_p (J,);
    b_p a number; x (N, T, D); y (N, T).
    """
    N, T, D = x.shape
    J = u_g.shape[0]
    x_steps = x.transpose(1, 0, 2)
    a_g_part = (x_steps.reshape(T*N, D) @ u_g.T).reshape(T, N, J) + b_g  # (2)
    a_r_part = (x_steps.reshape(T*N, D) @ u_r.T).reshape(T, N, J) + b_r  # (4)
    a_q_part = (x_steps.reshape(T*N, D) @ u_q.T).reshape(T, N, J) + b_q  # (6)
    g_, r, q = (np.full((T, N, J), 0.0) for _ in range(3))
    h_rows = np.full((T + 1, N, J), 0.0)
    for t in range(T):
        a_g_t_sum = h_rows[t] @ w_g.T  # (2)
        a_g_t = a_g_part[t] + a_g_t_sum  # (2)
        g_[t] = 1.0 / (1.0 + np.exp(-a_g_t))  # (3)
        a_r_t_sum = h_rows[t] @ w_r.T  # (4)
        a_r_t = a_r_part[t] + a_r_t_sum  # (4)
        r[t] = 1.0 / (1.0 + np.exp(-a_r_t))  # (5)
        a_q_t_part = r[t]*h_rows[t]  # (6)
        a_q_t_sum = a_q_t_part @ w_q.T  # (6)
        a_q_t = a_q_part[t] + a_q_t_sum  # (6)
        q[t] = np.tanh(a_q_t)  # (7)
        h_rows[t + 1] = g_[t]*h_rows[t] + (1.0 - g_[t])*q[t]  # (8)
    before_h = h_rows[0:T]  # (1)
    h = h_rows[1:T + 1]  # (8)
    p = b_p + (w_p @ h.transpose(2, 1, 0).reshape(J, N*T)).reshape(N, T)  # (9)
    L_part = (y - p)**2  # (10)
    L = L_part.sum(1)  # (10)
    Q = L.sum()  # (11)
    E_p = -2.0*(y.T - p.T)  # (13)
    E_w_p = E_p.reshape(T*N) @ h.reshape(T*N, J)  # (14)
    E_b_p = E_p.sum()  # (15)
    E_h_factor = E_p[:, :, None]*w_p  # (16)
    E_a_q_factor = (1.0 - g_)*(1.0 - q**2)  # (18)
    E_a_r_factor = r*(1.0 - r)  # (23)
    E_a_g_factor = (before_h - q)*g_*(1.0 - g_)  # (28)
    E_a_q, E_a_r, E_a_g = (np.full((T, N, J), 0.0) for _ in range(3))
    E_before_h_rows = np.full((T + 1, N, J), 0.0)
    for t_ in reversed(range(T)):
        E_h_t = E_h_factor[t_] + E_before_h_rows[t_ + 1]  # (16)
        E_a_q[t_] = E_a_q_factor[t_]*E_h_t  # (17), (18)
        E_r_t_sum = E_a_q[t_] @ w_q  # (22)
        E_r_t = before_h[t_]*E_r_t_sum  # (22)
        E_a_r[t_] = E_a_r_factor[t_]*E_r_t  # (23)
        E_a_g[t_] = E_a_g_factor[t_]*E_h_t  # (27), (28)
        E_before_h_t_sum = E_a_g[t_] @ w_g  # (32)
        E_before_h_t_sum_2 = E_a_r[t_] @ w_r  # (32)
        E_before_h_rows[t_] = E_before_h_t_sum + E_before_h_t_sum_2 + r[t_]*E_r_t_sum + g_[t_]*E_h_t  # (32)
    E_u_q = E_a_q.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (19)
    E_w_q_part = r*before_h  # (20)
    E_w_q = E_a_q.transpose(2, 0, 1).reshape(J, T*N) @ E_w_q_part.reshape(T*N, J)  # (20)
    E_b_q = E_a_q.sum((0, 1))  # (21)
    E_u_r = E_a_r.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (24)
    E_w_r = E_a_r.transpose(2, 0, 1).reshape(J, T*N) @ before_h.reshape(T*N, J)  # (25)
    E_b_r = E_a_r.sum((0, 1))  # (26)
    E_u_g = E_a_g.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (29)
    E_w_g = E_a_g.transpose(2, 0, 1).reshape(J, T*N) @ before_h.reshape(T*N, J)  # (30)
    E_b_g = E_a_g.sum((0, 1))  # (31)
    return Q, (E_u_g, E_w_g, E_b_g, E_u_r, E_w_r, E_b_r, E_u_q, E_w_q, E_b_q, E_w_p, E_b_p)


def shapes(T: int, D: int, J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {
        "u_g": (J, D), "w_g": (J, J), "b_g": (J,), "u_r": (J, D), "w_r": (J, J), "b_r": (J,), "u_q": (J, D),
        "w_q": (J, J), "b_q": (J,), "w_p": (J,), "b_p": (),
    }


def plain_shapes(T: int, D: int, J: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(T, D, J).values())


def sample_shapes(T: int, D: int, J: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, T, D)}, (None, T)


def witnesses(flat: Array, layout: Layout, T: int, D: int, J: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, T: int, D: int, J: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    (
        u_g, w_g, b_g, u_r, w_r, b_r, u_q, w_q, b_q, w_p, b_p,
    ) = (flat[part].reshape(shape) for part, shape in layout.values())
    u_g_T = u_g.T
    u_r_T = u_r.T
    u_q_T = u_q.T
    w_g_T = w_g.T
    w_r_T = w_r.T
    w_q_T = w_q.T
    w_p_row = w_p[None, :]
    return w_g, b_g, w_r, b_r, w_q, b_q, w_p, b_p, u_g_T, u_r_T, u_q_T, w_g_T, w_r_T, w_q_T, w_p_row


def gradient_views(flat: Array, layout: Layout, T: int, D: int, J: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def weighted_functions(N: int, T: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    ones = empty((T,), dtype)
    ones.fill(1.0)
    ones_2 = empty((T, N), dtype)
    ones_2.fill(1.0)
    x_steps = empty((T, N, D), dtype)
    (
        a_g_part_sum, a_r_part_sum, a_q_part_sum, g_, r, q, E_a_r_factor_1, E_a_g_factor_1, E_a_q, E_a_r, E_a_g,
    ) = (empty((T, N, J), dtype) for _ in range(11))
    h_rows = zeros((T + 1, N, J), dtype)
    E_before_h_rows = zeros((T + 1, N, J), dtype)
    a_q_t_part, h_t_3, E_before_h_t_sum, E_before_h_t_sum_2, E_before_h_t_2 = (empty((N, J), dtype) for _ in range(5))
    before_h = h_rows[0:T]
    h = h_rows[1:T + 1]
    p = empty((T, N), dtype)
    L_part = empty((T, N), dtype)
    L_part_1 = E_p = p  # the same memory
    L = empty((N,), dtype)
    E_L = E_p_1 = L  # the same memory
    E_h_factor = a_q_part_sum  # the same memory
    E_a_q_factor_1 = a_r_part_sum  # the same memory
    E_a_q_factor_2 = a_g_part_sum  # the same memory
    E_w_q_part = E_a_g_factor_1  # the same memory
    x_steps_matrix = x_steps.reshape(T*N, D)
    a_g_part_sum_matrix = a_g_part_sum.reshape(T*N, J)
    a_r_part_sum_matrix = a_r_part_sum.reshape(T*N, J)
    a_q_part_sum_matrix = a_q_part_sum.reshape(T*N, J)
    h_matrix_T = h.reshape(T*N, J).T
    p_flat = p.reshape(T*N)
    L_part_T = L_part.T
    E_p_flat = E_p.reshape(T*N)
    h_matrix = h.reshape(T*N, J)
    ones_2_flat = ones_2.reshape(T*N)
    E_p_flat_column = E_p.reshape(T*N)[:, None]
    E_h_factor_matrix = E_h_factor.reshape(T*N, J)
    E_a_q_matrix_T = E_a_q.reshape(T*N, J).T
    E_w_q_part_matrix = E_w_q_part.reshape(T*N, J)
    E_a_r_matrix_T = E_a_r.reshape(T*N, J).T
    before_h_matrix = before_h.reshape(T*N, J)
    E_a_g_matrix_T = E_a_g.reshape(T*N, J).T
    steps_1 = tuple(zip(
        h_rows[0:T], a_g_part_sum, a_r_part_sum, a_q_part_sum, g_, r, q, h_rows[1:T + 1],
    ))
    steps_2 = tuple(zip(
        E_before_h_rows[1:T + 1][::-1], E_h_factor[::-1], E_a_q_factor_2[::-1], before_h[::-1], E_a_r_factor_1[::-1],
        E_a_g_factor_1[::-1], r[::-1], g_[::-1], E_a_q[::-1], E_a_r[::-1], E_a_g[::-1], E_before_h_rows[0:T][::-1],
    ))

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_g, b_g, w_r, b_r, w_q, b_q, w_p, b_p, u_g_T, u_r_T, u_q_T, w_g_T, w_r_T, w_q_T, w_p_row = weights
        x_turned = x.transpose(1, 0, 2)
        copyto(x_steps, x_turned)
        x_steps_matrix.dot(u_g_T, a_g_part_sum_matrix)  # (2)
        add(a_g_part_sum, b_g, a_g_part_sum)  # (2)
        x_steps_matrix.dot(u_r_T, a_r_part_sum_matrix)  # (4)
        add(a_r_part_sum, b_r, a_r_part_sum)  # (4)
        x_steps_matrix.dot(u_q_T, a_q_part_sum_matrix)  # (6)
        add(a_q_part_sum, b_q, a_q_part_sum)  # (6)
        for before_h_t, a_g_part_t, a_r_part_t, a_q_part_t, g_t, r_t, q_t, h_t in steps_1:
            before_h_t.dot(w_g_T, g_t)  # (2)
            add(a_g_part_t, g_t, g_t)  # (2)
            negative(g_t, g_t)  # (3)
            exp(g_t, g_t)  # (3)
            add(g_t, one, g_t)  # (3)
            reciprocal(g_t, g_t)  # (3)
            before_h_t.dot(w_r_T, r_t)  # (4)
            add(a_r_part_t, r_t, r_t)  # (4)
            negative(r_t, r_t)  # (5)
            exp(r_t, r_t)  # (5)
            add(r_t, one, r_t)  # (5)
            reciprocal(r_t, r_t)  # (5)
            multiply(r_t, before_h_t, a_q_t_part)  # (6)
            a_q_t_part.dot(w_q_T, q_t)  # (6)
            add(a_q_part_t, q_t, q_t)  # (6)
            tanh(q_t, q_t)  # (7)
            multiply(g_t, before_h_t, h_t)  # (8)
            subtract(one, g_t, h_t_3)  # (8)
            multiply(q_t, h_t_3, h_t_3)  # (8)
            add(h_t, h_t_3, h_t)  # (8)
        w_p.dot(h_matrix_T, p_flat)  # (9)
        add(b_p, p, p)  # (9)
        return p.T

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        y_T = y.T
        subtract(y_T, p, L_part_1)  # (10)
        multiply(L_part_1, L_part_1, L_part)  # (10)
        L_part_T.dot(ones, L)  # (10)
        Q = s.dot(L)  # (11)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_g, b_g, w_r, b_r, w_q, b_q, w_p, b_p, u_g_T, u_r_T, u_q_T, w_g_T, w_r_T, w_q_T, w_p_row = weights
        E_u_g, E_w_g, E_b_g, E_u_r, E_w_r, E_b_r, E_u_q, E_w_q, E_b_q, E_w_p, E_b_p = slopes
        copyto(E_L, s)  # (12)
        multiply(E_L, minus_two, E_p_1)  # (13)
        multiply(E_p_1, L_part_1, E_p)  # (13)
        E_p_flat.dot(h_matrix, E_w_p)  # (14)
        E_p_flat.dot(ones_2_flat, E_b_p)  # (15)
        E_p_flat_column.dot(w_p_row, E_h_factor_matrix)  # (16)
        subtract(one, g_, E_a_q_factor_1)  # (18)
        multiply(q, q, E_a_q_factor_2)  # (18)
        subtract(one, E_a_q_factor_2, E_a_q_factor_2)  # (18)
        multiply(E_a_q_factor_1, E_a_q_factor_2, E_a_q_factor_2)  # (18)
        subtract(one, r, E_a_r_factor_1)  # (23)
        multiply(r, E_a_r_factor_1, E_a_r_factor_1)  # (23)
        subtract(before_h, q, E_a_g_factor_1)  # (28)
        multiply(g_, E_a_g_factor_1, E_a_g_factor_1)  # (28)
        multiply(E_a_g_factor_1, E_a_q_factor_1, E_a_g_factor_1)  # (28)
        for (
            E_before_h_next_t, E_h_factor_t, E_a_q_factor_t, before_h_t_2, E_a_r_factor_t, E_a_g_factor_t, r_t_2,
            g_t_2, E_a_q_t, E_a_r_t, E_a_g_t, E_before_h_t,
        ) in steps_2:
            add(E_h_factor_t, E_before_h_next_t, E_before_h_t_2)  # (16)
            multiply(E_a_q_factor_t, E_before_h_t_2, E_a_q_t)  # (17), (18)
            E_a_q_t.dot(w_q, E_before_h_t)  # (22)
            multiply(before_h_t_2, E_before_h_t, E_a_r_t)  # (22)
            multiply(E_a_r_factor_t, E_a_r_t, E_a_r_t)  # (23)
            multiply(E_a_g_factor_t, E_before_h_t_2, E_a_g_t)  # (27), (28)
            E_a_g_t.dot(w_g, E_before_h_t_sum)  # (32)
            E_a_r_t.dot(w_r, E_before_h_t_sum_2)  # (32)
            multiply(r_t_2, E_before_h_t, E_before_h_t)  # (32)
            multiply(g_t_2, E_before_h_t_2, E_before_h_t_2)  # (32)
            add(E_before_h_t, E_before_h_t_2, E_before_h_t)  # (32)
            add(E_before_h_t, E_before_h_t_sum, E_before_h_t)  # (32)
            add(E_before_h_t, E_before_h_t_sum_2, E_before_h_t)  # (32)
        E_a_q_matrix_T.dot(x_steps_matrix, E_u_q)  # (19)
        multiply(r, before_h, E_w_q_part)  # (20)
        E_a_q_matrix_T.dot(E_w_q_part_matrix, E_w_q)  # (20)
        E_a_q_matrix_T.dot(ones_2_flat, E_b_q)  # (21)
        E_a_r_matrix_T.dot(x_steps_matrix, E_u_r)  # (24)
        E_a_r_matrix_T.dot(before_h_matrix, E_w_r)  # (25)
        E_a_r_matrix_T.dot(ones_2_flat, E_b_r)  # (26)
        E_a_g_matrix_T.dot(x_steps_matrix, E_u_g)  # (29)
        E_a_g_matrix_T.dot(before_h_matrix, E_w_g)  # (30)
        E_a_g_matrix_T.dot(ones_2_flat, E_b_g)  # (31)

    def both(
        weights: Views, x: Array, s: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s, y))
        gradient(weights, x, s, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def functions(N: int, T: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The same where every sample has the weight 1."""
    predict, value, both = weighted_functions(N, T, D, J, dtype)
    s = np.ones(N, dtype)

    def predict_all(weights: Views, x: Array) -> Any:
        return predict(weights, x, s)

    def value_of_all(weights: Views, x: Array, y: Array) -> Any:
        return value(weights, x, s, y)

    def both_of_all(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> Any:
        return both(weights, x, s, y, slopes, shown)

    return predict_all, value_of_all, both_of_all


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_g", "b_r", "b_q", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
)


class Objective(BaseObjective):
    """Q(w) of gru: ``Objective(T=4, D=2, J=3)``."""

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
    """Finds weights that make Q of gru small: ``Trainer(epochs=20, T=4, D=2, J=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
