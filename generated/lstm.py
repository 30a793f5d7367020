"""lstm: Q(w) and its gradient, in NumPy alone.

    lstm
      x : T x D                                                                      input
      f : T x J = sigmoid(Sum(u_f[j,d]*x[i,t,d], d) + Sum(w_f[j,k]*h[i,t-1,k], k) + b_f[j])
      g : T x J = sigmoid(Sum(u_g[j,d]*x[i,t,d], d) + Sum(w_g[j,k]*h[i,t-1,k], k) + b_g[j])
      o : T x J = sigmoid(Sum(u_o[j,d]*x[i,t,d], d) + Sum(w_o[j,k]*h[i,t-1,k], k) + b_o[j])
      r : T x J = tanh(Sum(u_r[j,d]*x[i,t,d], d) + Sum(w_r[j,k]*h[i,t-1,k], k) + b_r[j])
      c : T x J = f[i,t,j]*c[i,t-1,j] + g[i,t,j]*r[i,t,j]
      q : T x J = tanh(c[i,t,j])
      h : T x J = o[i,t,j]*q[i,t,j]
      p : 1 = Sum(w_p[j]*h[i,T-1,j], j) + b_p                                        output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec b1f656383c14e9eb, for float64; not to be edited.
Operations  16*N*D*J*T + 8*N*J*J*T + 26*N*J*T + 2*N*(J + 1) + 3*N*J + 8*N   for Q and its gradient
Workspace   8*(T*N*D + 18*T*N*J + (J + 1)*N + N*J + T*N + 3*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, divide, empty, exp, multiply, negative, reciprocal, subtract, tanh, zeros

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly, window,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "lstm"
SPEC_HASH = "b1f656383c14e9ebcc3c8c629cc0713e428bbe71f78f54debd2eec54a5bc4768"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"T": 4, "D": 2, "J": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) before_c[i, t, j] = [0 <= t - 1 < T]*c[i, t - 1, j]
#     (2) before_h[i, t, j] = [0 <= t - 1 < T]*h[i, t - 1, j]
#     (3) a_f[i, t, j] = Sum(u_f[j, d]*x[i, t, d], d) + Sum(w_f[j, k]*before_h[i, t, k], k) + b_f[j]
#     (4) f[i, t, j] = sigmoid(a_f[i, t, j])
#     (5) a_g[i, t, j] = Sum(u_g[j, d]*x[i, t, d], d) + Sum(w_g[j, k]*before_h[i, t, k], k) + b_g[j]
#     (6) g[i, t, j] = sigmoid(a_g[i, t, j])
#     (7) a_o[i, t, j] = Sum(u_o[j, d]*x[i, t, d], d) + Sum(w_o[j, k]*before_h[i, t, k], k) + b_o[j]
#     (8) o[i, t, j] = sigmoid(a_o[i, t, j])
#     (9) a_r[i, t, j] = Sum(u_r[j, d]*x[i, t, d], d) + Sum(w_r[j, k]*before_h[i, t, k], k) + b_r[j]
#     (10) r[i, t, j] = tanh(a_r[i, t, j])
#     (11) c[i, t, j] = f[i, t, j]*before_c[i, t, j] + g[i, t, j]*r[i, t, j]
#     (12) q[i, t, j] = tanh(c[i, t, j])
#     (13) h[i, t, j] = o[i, t, j]*q[i, t, j]
#     (14) p[i] = Sum(w_p[j]*h[i, T - 1, j], j) + b_p
#     (15) L[i] = (y[i] - p[i])**2
#     (16) Q = Sum(s[i]*L[i], i)
#     (17) E_L[i] = s[i]
#     (18) E_p[i] = -2*E_L[i]*(y[i] - p[i])
#     (19) E_w_p[j] = Sum(E_p[i]*h[i, T - 1, j], i)
#     (20) E_b_p = Sum(E_p[i], i)
#     (21) E_h[i, t, j] = E_before_h[i, t + 1, j]*[0 <= t + 1 < T] + E_p[i]*w_p[j]*delta[T - 1, t]
#     (22) E_q[i, t, j] = E_h[i, t, j]*o[i, t, j]
#     (23) E_c[i, t, j] = E_before_c[i, t + 1, j]*[0 <= t + 1 < T] + E_q[i, t, j]*(1 - q[i, t, j]**2)
#     (24) E_r[i, t, j] = E_c[i, t, j]*g[i, t, j]
#     (25) E_a_r[i, t, j] = E_r[i, t, j]*(1 - r[i, t, j]**2)
#     (26) E_u_r[j, d] = Sum(Sum(E_a_r[i, t, j]*x[i, t, d], t), i)
#     (27) E_w_r[j, k] = Sum(Sum(E_a_r[i, t, j]*before_h[i, t, k], t), i)
#     (28) E_b_r[j] = Sum(Sum(E_a_r[i, t, j], t), i)
#     (29) E_o[i, t, j] = E_h[i, t, j]*q[i, t, j]
#     (30) E_a_o[i, t, j] = E_o[i, t, j]*o[i, t, j]*(1 - o[i, t, j])
#     (31) E_u_o[j, d] = Sum(Sum(E_a_o[i, t, j]*x[i, t, d], t), i)
#     (32) E_w_o[j, k] = Sum(Sum(E_a_o[i, t, j]*before_h[i, t, k], t), i)
#     (33) E_b_o[j] = Sum(Sum(E_a_o[i, t, j], t), i)
#     (34) E_g[i, t, j] = E_c[i, t, j]*r[i, t, j]
#     (35) E_a_g[i, t, j] = E_g[i, t, j]*g[i, t, j]*(1 - g[i, t, j])
#     (36) E_u_g[j, d] = Sum(Sum(E_a_g[i, t, j]*x[i, t, d], t), i)
#     (37) E_w_g[j, k] = Sum(Sum(E_a_g[i, t, j]*before_h[i, t, k], t), i)
#     (38) E_b_g[j] = Sum(Sum(E_a_g[i, t, j], t), i)
#     (39) E_f[i, t, j] = E_c[i, t, j]*before_c[i, t, j]
#     (40) E_a_f[i, t, j] = E_f[i, t, j]*f[i, t, j]*(1 - f[i, t, j])
#     (41) E_u_f[j, d] = Sum(Sum(E_a_f[i, t, j]*x[i, t, d], t), i)
#     (42) E_w_f[j, k] = Sum(Sum(E_a_f[i, t, j]*before_h[i, t, k], t), i)
#     (43) E_b_f[j] = Sum(Sum(E_a_f[i, t, j], t), i)
#     (44) E_before_h[i, t, j] = Sum(E_a_f[i, t, s]*w_f[s, j], s) + Sum(E_a_g[i, t, s]*w_g[s, j], s) +
#         Sum(E_a_o[i, t, s]*w_o[s, j], s) + Sum(E_a_r[i, t, s]*w_r[s, j], s)
#     (45) E_before_c[i, t, j] = E_c[i, t, j]*f[i, t, j]


def plain(
    u_f: Array, w_f: Array, b_f: Array, u_g: Array, w_g: Array, b_g: Array, u_o: Array, w_o: Array, b_o: Array,
    u_r: Array, w_r: Array, b_r: Array, w_p: Array, b_p: Array, x: Array, y: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    u_f (J, D); w_f (J, J); b_f (J,); u_g (J, D); w_g (J, J); b_g (J,); u_o (J, D); w_o (J, J); b_o (J,); u_r (J,
    D); w_r (J, J); b_r (J,); w_p (J,); b_p a number; x (N, T, D); y (N,).
    """
    N, T, D = x.shape
    J = u_f.shape[0]
    x_steps = x.transpose(1, 0, 2)
    a_f_part = (x_steps.reshape(T*N, D) @ u_f.T).reshape(T, N, J) + b_f  # (3)
    a_g_part = (x_steps.reshape(T*N, D) @ u_g.T).reshape(T, N, J) + b_g  # (5)
    a_o_part = (x_steps.reshape(T*N, D) @ u_o.T).reshape(T, N, J) + b_o  # (7)
    a_r_part = (x_steps.reshape(T*N, D) @ u_r.T).reshape(T, N, J) + b_r  # (9)
    f, g_, o, r, q = (np.full((T, N, J), 0.0) for _ in range(5))
    c_rows = np.full((T + 1, N, J), 0.0)
    h_rows = np.full((T + 1, N, J), 0.0)
    for t in range(T):
        a_f_t_sum = h_rows[t] @ w_f.T  # (3)
        a_f_t = a_f_part[t] + a_f_t_sum  # (3)
        f[t] = 1.0 / (1.0 + np.exp(-a_f_t))  # (4)
        a_g_t_sum = h_rows[t] @ w_g.T  # (5)
        a_g_t = a_g_part[t] + a_g_t_sum  # (5)
        g_[t] = 1.0 / (1.0 + np.exp(-a_g_t))  # (6)
        a_o_t_sum = h_rows[t] @ w_o.T  # (7)
        a_o_t = a_o_part[t] + a_o_t_sum  # (7)
        o[t] = 1.0 / (1.0 + np.exp(-a_o_t))  # (8)
        a_r_t_sum = h_rows[t] @ w_r.T  # (9)
        a_r_t = a_r_part[t] + a_r_t_sum  # (9)
        r[t] = np.tanh(a_r_t)  # (10)
        c_rows[t + 1] = f[t]*c_rows[t] + np.tanh(a_r_t) / (1.0 + np.exp(-a_g_t))  # (11)
        q[t] = np.tanh(c_rows[t + 1])  # (12)
        h_rows[t + 1] = np.tanh(c_rows[t + 1]) / (1.0 + np.exp(-a_o_t))  # (13)
    before_c = c_rows[0:T]  # (1)
    before_h = h_rows[0:T]  # (2)
    h = h_rows[1:T + 1]  # (13)
    p_h_view = h[(T - 1), np.arange(N)[:, None], np.arange(J)[None, :]]  # (14)
    p = b_p + w_p @ p_h_view.T  # (14)
    L = (y - p)**2  # (15)
    Q = L.sum()  # (16)
    E_p = -2.0*(y - p)  # (18)
    E_w_p = E_p @ p_h_view  # (19)
    E_b_p = E_p.sum()  # (20)
    E_c_part = 1.0 - q**2  # (23)
    E_a_r_factor = g_*(1.0 - r**2)  # (25)
    E_a_o_factor = q*o*(1.0 - o)  # (30)
    E_a_g_factor = r*g_*(1.0 - g_)  # (35)
    E_a_f_factor = before_c*f*(1.0 - f)  # (40)
    E_before_h_start = E_p[:, None]*w_p  # (21)
    E_a_r, E_a_o, E_a_g, E_a_f = (np.full((T, N, J), 0.0) for _ in range(4))
    E_before_h_rows = np.full((T + 1, N, J), 0.0)
    E_before_c_rows = np.full((T + 1, N, J), 0.0)
    E_before_h_rows[T:] = E_before_h_start
    for t_ in reversed(range(T)):
        E_q_t = o[t_]*E_before_h_rows[t_ + 1]  # (22)
        E_c_t = E_before_c_rows[t_ + 1] + E_c_part[t_]*E_q_t  # (23)
        E_a_r[t_] = E_a_r_factor[t_]*E_c_t  # (24), (25)
        E_a_o[t_] = E_a_o_factor[t_]*E_before_h_rows[t_ + 1]  # (29), (30)
        E_a_g[t_] = E_a_g_factor[t_]*E_c_t  # (34), (35)
        E_a_f[t_] = E_a_f_factor[t_]*E_c_t  # (39), (40)
        E_before_h_t_sum = E_a_f[t_] @ w_f  # (44)
        E_before_h_t_sum_2 = E_a_g[t_] @ w_g  # (44)
        E_before_h_t_sum_3 = E_a_o[t_] @ w_o  # (44)
        E_before_h_t_sum_4 = E_a_r[t_] @ w_r  # (44)
        E_before_h_rows[t_] = E_before_h_t_sum + E_before_h_t_sum_2 + E_before_h_t_sum_3 + E_before_h_t_sum_4  # (44)
        E_before_c_rows[t_] = f[t_]*E_c_t  # (45)
    E_u_r = E_a_r.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (26)
    E_w_r = E_a_r.transpose(2, 0, 1).reshape(J, T*N) @ before_h.reshape(T*N, J)  # (27)
    E_b_r = E_a_r.sum((0, 1))  # (28)
    E_u_o = E_a_o.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (31)
    E_w_o = E_a_o.transpose(2, 0, 1).reshape(J, T*N) @ before_h.reshape(T*N, J)  # (32)
    E_b_o = E_a_o.sum((0, 1))  # (33)
    E_u_g = E_a_g.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (36)
    E_w_g = E_a_g.transpose(2, 0, 1).reshape(J, T*N) @ before_h.reshape(T*N, J)  # (37)
    E_b_g = E_a_g.sum((0, 1))  # (38)
    E_u_f = E_a_f.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (41)
    E_w_f = E_a_f.transpose(2, 0, 1).reshape(J, T*N) @ before_h.reshape(T*N, J)  # (42)
    E_b_f = E_a_f.sum((0, 1))  # (43)
    return Q, (E_u_f, E_w_f, E_b_f, E_u_g, E_w_g, E_b_g, E_u_o, E_w_o, E_b_o, E_u_r, E_w_r, E_b_r, E_w_p, E_b_p)


def shapes(T: int, D: int, J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {
        "u_f": (J, D), "w_f": (J, J), "b_f": (J,), "u_g": (J, D), "w_g": (J, J), "b_g": (J,), "u_o": (J, D),
        "w_o": (J, J), "b_o": (J,), "u_r": (J, D), "w_r": (J, J), "b_r": (J,), "w_p": (J,), "b_p": (),
    }


def plain_shapes(T: int, D: int, J: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(T, D, J).values())


def sample_shapes(T: int, D: int, J: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, T, D)}, (None,)


def witnesses(flat: Array, layout: Layout, T: int, D: int, J: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, T: int, D: int, J: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    (
        u_f, w_f, b_f, u_g, w_g, b_g, u_o, w_o, b_o, u_r, w_r, b_r, w_p, b_p,
    ) = (flat[part].reshape(shape) for part, shape in layout.values())
    w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    u_f_T = u_f.T
    u_g_T = u_g.T
    u_o_T = u_o.T
    u_r_T = u_r.T
    w_f_T = w_f.T
    w_g_T = w_g.T
    w_o_T = w_o.T
    w_r_T = w_r.T
    w_p_column = w_p[:, None]
    return (
        w_f, b_f, w_g, b_g, w_o, b_o, w_r, b_r, w_p_and_b_p, u_f_T, u_g_T, u_o_T, u_r_T, w_f_T, w_g_T, w_o_T,
        w_r_T, w_p_column,
    )


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
    p_h_window_and_one = empty((J + 1, N), dtype)
    p_h_window_and_one[J].fill(1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    ones_2 = empty((T, N), dtype)
    ones_2.fill(1.0)
    x_steps = empty((T, N, D), dtype)
    (
        a_f_part_sum, a_g_part_sum, a_o_part_sum, a_r_part_sum, f, g_, o, r, q, E_a_g_factor_2, E_a_f_factor_2, E_a_r,
        E_a_o, E_a_g, E_a_f,
    ) = (empty((T, N, J), dtype) for _ in range(15))
    c_rows, h_rows, E_before_h_rows, E_before_c_rows = (zeros((T + 1, N, J), dtype) for _ in range(4))
    (
        c_t_6, E_w_p_h_window, E_before_h_t_sum_2, E_before_h_t_sum_3, E_before_h_t_sum_4,
    ) = (empty((N, J), dtype) for _ in range(5))
    before_c = c_rows[0:T]
    before_h = h_rows[0:T]
    h = h_rows[1:T + 1]
    p_h_window = p_h_window_and_one[0:J]
    p = empty((N,), dtype)
    L = empty((N,), dtype)
    L_1 = p  # the same memory
    E_L = E_p = L  # the same memory
    E_c_part_1 = a_r_part_sum  # the same memory
    E_a_r_factor_1 = a_o_part_sum  # the same memory
    E_a_o_factor_1 = a_g_part_sum  # the same memory
    E_a_o_factor_2 = E_a_g_factor_1 = a_f_part_sum  # the same memory
    E_a_f_factor_1 = E_a_g_factor_2  # the same memory
    E_before_h_start = p_h_window  # the same memory
    p_h_view = window(h, (T - 1, 0, 0,), ((0, 1, 0,), (0, 0, 1,),), (N, J))
    x_steps_matrix = x_steps.reshape(T*N, D)
    a_f_part_sum_matrix = a_f_part_sum.reshape(T*N, J)
    a_g_part_sum_matrix = a_g_part_sum.reshape(T*N, J)
    a_o_part_sum_matrix = a_o_part_sum.reshape(T*N, J)
    a_r_part_sum_matrix = a_r_part_sum.reshape(T*N, J)
    p_h_view_T = p_h_view.T
    E_p_row = E_p[None, :]
    E_before_h_start_T = E_before_h_start.T
    E_a_r_matrix_T = E_a_r.reshape(T*N, J).T
    before_h_matrix = before_h.reshape(T*N, J)
    ones_2_flat = ones_2.reshape(T*N)
    E_a_o_matrix_T = E_a_o.reshape(T*N, J).T
    E_a_g_matrix_T = E_a_g.reshape(T*N, J).T
    E_a_f_matrix_T = E_a_f.reshape(T*N, J).T
    steps_1 = tuple(zip(
        h_rows[0:T], a_f_part_sum, a_g_part_sum, a_o_part_sum, a_r_part_sum, c_rows[0:T], f, g_, o, r,
        c_rows[1:T + 1], q, h_rows[1:T + 1],
    ))
    steps_2 = tuple(zip(
        E_before_h_rows[1:T + 1][::-1], o[::-1], E_before_c_rows[1:T + 1][::-1], E_c_part_1[::-1],
        E_a_r_factor_1[::-1], E_a_o_factor_1[::-1], E_a_g_factor_1[::-1], E_a_f_factor_1[::-1], f[::-1], E_a_r[::-1],
        E_a_o[::-1], E_a_g[::-1], E_a_f[::-1], E_before_h_rows[0:T][::-1], E_before_c_rows[0:T][::-1],
    ))

    def predict(weights: Views, x: Array, s: Array) -> Any:
        (
            w_f, b_f, w_g, b_g, w_o, b_o, w_r, b_r, w_p_and_b_p, u_f_T, u_g_T, u_o_T, u_r_T, w_f_T, w_g_T,
            w_o_T, w_r_T, w_p_column,
        ) = weights
        x_turned = x.transpose(1, 0, 2)
        copyto(x_steps, x_turned)
        x_steps_matrix.dot(u_f_T, a_f_part_sum_matrix)  # (3)
        add(a_f_part_sum, b_f, a_f_part_sum)  # (3)
        x_steps_matrix.dot(u_g_T, a_g_part_sum_matrix)  # (5)
        add(a_g_part_sum, b_g, a_g_part_sum)  # (5)
        x_steps_matrix.dot(u_o_T, a_o_part_sum_matrix)  # (7)
        add(a_o_part_sum, b_o, a_o_part_sum)  # (7)
        x_steps_matrix.dot(u_r_T, a_r_part_sum_matrix)  # (9)
        add(a_r_part_sum, b_r, a_r_part_sum)  # (9)
        for (
            before_h_t, a_f_part_t, a_g_part_t, a_o_part_t, a_r_part_t, before_c_t, f_t, g_t, o_t, r_t, c_t, q_t, h_t,
        ) in steps_1:
            before_h_t.dot(w_f_T, f_t)  # (3)
            add(a_f_part_t, f_t, f_t)  # (3)
            negative(f_t, f_t)  # (4)
            exp(f_t, f_t)  # (4)
            add(f_t, one, f_t)  # (4)
            reciprocal(f_t, f_t)  # (4)
            before_h_t.dot(w_g_T, c_t_6)  # (5)
            add(a_g_part_t, c_t_6, c_t_6)  # (5)
            negative(c_t_6, c_t_6)  # (6)
            exp(c_t_6, c_t_6)  # (6)
            add(c_t_6, one, c_t_6)  # (6)
            reciprocal(c_t_6, g_t)  # (6)
            before_h_t.dot(w_o_T, h_t)  # (7)
            add(a_o_part_t, h_t, h_t)  # (7)
            negative(h_t, h_t)  # (8)
            exp(h_t, h_t)  # (8)
            add(h_t, one, h_t)  # (8)
            reciprocal(h_t, o_t)  # (8)
            before_h_t.dot(w_r_T, r_t)  # (9)
            add(a_r_part_t, r_t, r_t)  # (9)
            tanh(r_t, r_t)  # (10)
            multiply(f_t, before_c_t, c_t)  # (11)
            divide(r_t, c_t_6, c_t_6)  # (11)
            add(c_t, c_t_6, c_t)  # (11)
            tanh(c_t, q_t)  # (12)
            divide(q_t, h_t, h_t)  # (13)
        copyto(p_h_window, p_h_view_T)  # (14)
        w_p_and_b_p.dot(p_h_window_and_one, p)  # (14)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        subtract(y, p, L_1)  # (15)
        multiply(L_1, L_1, L)  # (15)
        Q = s.dot(L)  # (16)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        (
            w_f, b_f, w_g, b_g, w_o, b_o, w_r, b_r, w_p_and_b_p, u_f_T, u_g_T, u_o_T, u_r_T, w_f_T, w_g_T,
            w_o_T, w_r_T, w_p_column,
        ) = weights
        (
            E_u_f, E_w_f, E_b_f, E_u_g, E_w_g, E_b_g, E_u_o, E_w_o, E_b_o, E_u_r, E_w_r, E_b_r, E_w_p, E_b_p,
        ) = slopes
        copyto(E_L, s)  # (17)
        multiply(E_L, minus_two, E_p)  # (18)
        multiply(E_p, L_1, E_p)  # (18)
        copyto(E_w_p_h_window, p_h_view)  # (19)
        E_p.dot(E_w_p_h_window, E_w_p)  # (19)
        E_p.dot(ones, E_b_p)  # (20)
        multiply(q, q, E_c_part_1)  # (23)
        subtract(one, E_c_part_1, E_c_part_1)  # (23)
        multiply(r, r, E_a_r_factor_1)  # (25)
        subtract(one, E_a_r_factor_1, E_a_r_factor_1)  # (25)
        multiply(g_, E_a_r_factor_1, E_a_r_factor_1)  # (25)
        multiply(q, o, E_a_o_factor_1)  # (30)
        subtract(one, o, E_a_o_factor_2)  # (30)
        multiply(E_a_o_factor_1, E_a_o_factor_2, E_a_o_factor_1)  # (30)
        multiply(r, g_, E_a_g_factor_1)  # (35)
        subtract(one, g_, E_a_g_factor_2)  # (35)
        multiply(E_a_g_factor_1, E_a_g_factor_2, E_a_g_factor_1)  # (35)
        multiply(before_c, f, E_a_f_factor_1)  # (40)
        subtract(one, f, E_a_f_factor_2)  # (40)
        multiply(E_a_f_factor_1, E_a_f_factor_2, E_a_f_factor_1)  # (40)
        w_p_column.dot(E_p_row, E_before_h_start)  # (21)
        copyto(E_before_h_rows[T:], E_before_h_start_T)
        for (
            E_h_t, o_t_2, E_before_c_next_t, E_c_part_t, E_a_r_factor_t, E_a_o_factor_t, E_a_g_factor_t,
            E_a_f_factor_t, f_t_2, E_a_r_t, E_a_o_t, E_a_g_t, E_a_f_t, E_before_h_t, E_before_c_t,
        ) in steps_2:
            multiply(o_t_2, E_h_t, E_before_c_t)  # (22)
            multiply(E_c_part_t, E_before_c_t, E_before_c_t)  # (23)
            add(E_before_c_t, E_before_c_next_t, E_before_c_t)  # (23)
            multiply(E_a_r_factor_t, E_before_c_t, E_a_r_t)  # (24), (25)
            multiply(E_a_o_factor_t, E_h_t, E_a_o_t)  # (29), (30)
            multiply(E_a_g_factor_t, E_before_c_t, E_a_g_t)  # (34), (35)
            multiply(E_a_f_factor_t, E_before_c_t, E_a_f_t)  # (39), (40)
            E_a_f_t.dot(w_f, E_before_h_t)  # (44)
            E_a_g_t.dot(w_g, E_before_h_t_sum_2)  # (44)
            E_a_o_t.dot(w_o, E_before_h_t_sum_3)  # (44)
            E_a_r_t.dot(w_r, E_before_h_t_sum_4)  # (44)
            add(E_before_h_t, E_before_h_t_sum_2, E_before_h_t)  # (44)
            add(E_before_h_t, E_before_h_t_sum_3, E_before_h_t)  # (44)
            add(E_before_h_t, E_before_h_t_sum_4, E_before_h_t)  # (44)
            multiply(f_t_2, E_before_c_t, E_before_c_t)  # (45)
        E_a_r_matrix_T.dot(x_steps_matrix, E_u_r)  # (26)
        E_a_r_matrix_T.dot(before_h_matrix, E_w_r)  # (27)
        E_a_r_matrix_T.dot(ones_2_flat, E_b_r)  # (28)
        E_a_o_matrix_T.dot(x_steps_matrix, E_u_o)  # (31)
        E_a_o_matrix_T.dot(before_h_matrix, E_w_o)  # (32)
        E_a_o_matrix_T.dot(ones_2_flat, E_b_o)  # (33)
        E_a_g_matrix_T.dot(x_steps_matrix, E_u_g)  # (36)
        E_a_g_matrix_T.dot(before_h_matrix, E_w_g)  # (37)
        E_a_g_matrix_T.dot(ones_2_flat, E_b_g)  # (38)
        E_a_f_matrix_T.dot(x_steps_matrix, E_u_f)  # (41)
        E_a_f_matrix_T.dot(before_h_matrix, E_w_f)  # (42)
        E_a_f_matrix_T.dot(ones_2_flat, E_b_f)  # (43)

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
    biases=("b_f", "b_g", "b_o", "b_r", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
)


class Objective(BaseObjective):
    """Q(w) of lstm: ``Objective(T=4, D=2, J=3)``."""

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
    """Finds weights that make Q of lstm small: ``Trainer(epochs=20, T=4, D=2, J=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
