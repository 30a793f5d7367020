"""variational_autoencoder: Q(w) and its gradient, in NumPy alone.

    variational_autoencoder
      x : D                                         input
      noise : J                                     input
      a : H = tanh(w_a x + b_a)
      m : J = w_m a + b_m
      v : J = w_v a + b_v
      z : J = m[i,j] + exp(v[i,j]/2)*noise[i,j]
      g : H = tanh(w_g z + b_g)
      r : D = w_r g + b_r                           output
      L[i] = Sum((x[i,d] - r[i,d])**2, d)/2 + Sum(exp(v[i,j]) + m[i,j]**2 - 1 - v[i,j], j)/2 loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 50de937e9daa29ab, for float64; not to be edited.
Operations  10*N*D*H + 18*N*H*J + 7*N*D + 15*N*H + 24*N*J   for Q and its gradient
Workspace   8*(2*D*N + 3*H*N + 7*J*N + N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, exp, multiply, subtract, tanh

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "variational_autoencoder"
SPEC_HASH = "50de937e9daa29ab8de7a56cddb4a5fd7aace0351831a47630350ea9d173ac2c"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 4, "J": 2, "H": 5}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_a[i, j] = Sum(w_a[j, d]*x[i, d], d) + b_a[j]
#     (2) a[i, j] = tanh(a_a[i, j])
#     (3) m[i, j] = Sum(w_m[j, k]*a[i, k], k) + b_m[j]
#     (4) v[i, j] = Sum(w_v[j, k]*a[i, k], k) + b_v[j]
#     (5) z[i, j] = m[i, j] + exp(1/2*v[i, j])*noise[i, j]
#     (6) a_g[i, j] = Sum(w_g[j, k]*z[i, k], k) + b_g[j]
#     (7) g[i, j] = tanh(a_g[i, j])
#     (8) r[i, d] = Sum(w_r[d, j]*g[i, j], j) + b_r[d]
#     (9) L[i] = 1/2*Sum((x[i, d] - r[i, d])**2, d) + 1/2*Sum(exp(v[i, j]) + m[i, j]**2 - 1 - v[i, j], j)
#     (10) Q = Sum(L[i], i)
#     (12) E_r[i, d] = r[i, d] - x[i, d]
#     (13) E_w_r[d, j] = Sum(E_r[i, d]*g[i, j], i)
#     (14) E_b_r[d] = Sum(E_r[i, d], i)
#     (15) E_g[i, j] = Sum(E_r[i, d]*w_r[d, j], d)
#     (16) E_a_g[i, j] = E_g[i, j]*(1 - g[i, j]**2)
#     (17) E_w_g[j, k] = Sum(E_a_g[i, j]*z[i, k], i)
#     (18) E_b_g[j] = Sum(E_a_g[i, j], i)
#     (19) E_z[i, j] = Sum(E_a_g[i, s]*w_g[s, j], s)
#     (20) E_v[i, j] = 1/2*E_z[i, j]*noise[i, j]*exp(1/2*v[i, j]) + 1/2*(exp(v[i, j]) - 1)
#     (21) E_w_v[j, k] = Sum(E_v[i, j]*a[i, k], i)
#     (22) E_b_v[j] = Sum(E_v[i, j], i)
#     (23) E_m[i, j] = E_z[i, j] + m[i, j]
#     (24) E_w_m[j, k] = Sum(E_m[i, j]*a[i, k], i)
#     (25) E_b_m[j] = Sum(E_m[i, j], i)
#     (26) E_a[i, j] = Sum(E_m[i, s]*w_m[s, j], s) + Sum(E_v[i, s]*w_v[s, j], s)
#     (27) E_a_a[i, j] = E_a[i, j]*(1 - a[i, j]**2)
#     (28) E_w_a[j, d] = Sum(E_a_a[i, j]*x[i, d], i)
#     (29) E_b_a[j] = Sum(E_a_a[i, j], i)
# With a weight for each sample:
#     (10) Q = Sum(s[i]*L[i], i)
#     (11) E_L[i] = s[i]
#     (12) E_r[i, d] = -E_L[i]*(x[i, d] - r[i, d])
#     (20) E_v[i, j] = 1/2*E_z[i, j]*noise[i, j]*exp(1/2*v[i, j]) + 1/2*E_L[i]*(exp(v[i, j]) - 1)
#     (23) E_m[i, j] = E_z[i, j] + E_L[i]*m[i, j]


def plain(
    w_a: Array, b_a: Array, w_m: Array, b_m: Array, w_v: Array, b_v: Array, w_g: Array, b_g: Array, w_r: Array,
    b_r: Array, x: Array, noise: Array, y: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_a (H, D); b_a (H,); w_m (J, H); b_m (J,); w_v (J, H); b_v (J,); w_g (H, J); b_g (H,); w_r (D, H); b_r (D,); x
    (N, D); noise (N, J); y (N,).
    """
    a_a = x @ w_a.T + b_a  # (1)
    a = np.tanh(a_a)  # (2)
    m = a @ w_m.T + b_m  # (3)
    v = a @ w_v.T + b_v  # (4)
    z = m + np.exp(0.5*v)*noise  # (5)
    a_g = z @ w_g.T + b_g  # (6)
    g_ = np.tanh(a_g)  # (7)
    r = g_ @ w_r.T + b_r  # (8)
    L_part = (x - r)**2  # (9)
    L_part_2 = -1.0 + np.exp(v) + m**2 - v  # (9)
    L = 0.5*L_part.sum(1) + 0.5*L_part_2.sum(1)  # (9)
    Q = L.sum()  # (10)
    E_r = r - x  # (12)
    E_w_r = E_r.T @ g_  # (13)
    E_b_r = E_r.sum(0)  # (14)
    E_g = E_r @ w_r  # (15)
    E_a_g = E_g*(1.0 - g_**2)  # (16)
    E_w_g = E_a_g.T @ z  # (17)
    E_b_g = E_a_g.sum(0)  # (18)
    E_z = E_a_g @ w_g  # (19)
    E_v = 0.5*E_z*noise*np.exp(0.5*v) + 0.5*(-1.0 + np.exp(v))  # (20)
    E_w_v = E_v.T @ a  # (21)
    E_b_v = E_v.sum(0)  # (22)
    E_m = E_z + m  # (23)
    E_w_m = E_m.T @ a  # (24)
    E_b_m = E_m.sum(0)  # (25)
    E_a = E_m @ w_m + E_v @ w_v  # (26)
    E_a_a = E_a*(1.0 - a**2)  # (27)
    E_w_a = E_a_a.T @ x  # (28)
    E_b_a = E_a_a.sum(0)  # (29)
    return Q, (E_w_a, E_b_a, E_w_m, E_b_m, E_w_v, E_b_v, E_w_g, E_b_g, E_w_r, E_b_r)


def shapes(D: int, J: int, H: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {
        "w_a": (H, D), "b_a": (H,), "w_m": (J, H), "b_m": (J,), "w_v": (J, H), "b_v": (J,), "w_g": (H, J),
        "b_g": (H,), "w_r": (D, H), "b_r": (D,),
    }


def plain_shapes(D: int, J: int, H: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(D, J, H).values())


def sample_shapes(D: int, J: int, H: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D), "noise": (None, J)}, (None,)


def witnesses(flat: Array, layout: Layout, D: int, J: int, H: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_a"][0]].reshape((H, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int, H: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    (
        w_a, b_a, w_m, b_m, w_v, b_v, w_g, b_g, w_r, b_r,
    ) = (flat[part].reshape(shape) for part, shape in layout.values())
    b_a_column = b_a[:, None]
    b_m_column = b_m[:, None]
    b_v_column = b_v[:, None]
    b_g_column = b_g[:, None]
    b_r_column = b_r[:, None]
    w_r_T = w_r.T
    w_g_T = w_g.T
    w_m_T = w_m.T
    w_v_T = w_v.T
    return (
        w_a, w_m, w_v, w_g, w_r, b_a_column, b_m_column, b_v_column, b_g_column, b_r_column, w_r_T, w_g_T,
        w_m_T, w_v_T,
    )


def gradient_views(flat: Array, layout: Layout, D: int, J: int, H: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def functions(N: int, D: int, J: int, H: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    half = array(0.5, dtype)
    minus_one = array(-1.0, dtype)
    one = array(1.0, dtype)
    ones_3 = empty((J, N), dtype)
    ones_3.fill(1.0)
    ones_4 = empty((N,), dtype)
    ones_4.fill(1.0)
    a_a, a_g, E_g = (empty((H, N), dtype) for _ in range(3))
    a_a_spread = g_ = E_a_g_1 = E_a_sum_2 = a_g  # the same memory
    a = E_a_a_1 = a_a  # the same memory
    m, v, v_spread, z, L_part_2_1, E_v = (empty((J, N), dtype) for _ in range(6))
    m_spread = v  # the same memory
    z_1 = v_spread  # the same memory
    a_g_spread = E_a_g = E_a = E_a_a = E_g  # the same memory
    r = empty((D, N), dtype)
    r_spread = empty((D, N), dtype)
    L_part_1 = r_spread  # the same memory
    L_part_2_2 = E_v  # the same memory
    E_r = r  # the same memory
    E_z = E_m = z  # the same memory
    E_v_7 = L_part_2_1  # the same memory
    L_part_1_flat = L_part_1.reshape(D*N)
    L_part_2_2_flat = L_part_2_2.reshape(J*N)
    ones_3_flat = ones_3.reshape(J*N)
    g__T = g_.T
    z_T = z.T
    a_T = a.T

    def predict(weights: Views, x: Array, noise: Array) -> Any:
        (
            w_a, w_m, w_v, w_g, w_r, b_a_column, b_m_column, b_v_column, b_g_column, b_r_column, w_r_T, w_g_T,
            w_m_T, w_v_T,
        ) = weights
        x_T = x.T
        noise_T = noise.T
        w_a.dot(x_T, a_a)  # (1)
        copyto(a_a_spread, b_a_column)  # (1)
        add(a_a, a_a_spread, a_a)  # (1)
        tanh(a_a, a)  # (2)
        w_m.dot(a, m)  # (3)
        copyto(m_spread, b_m_column)  # (3)
        add(m, m_spread, m)  # (3)
        w_v.dot(a, v)  # (4)
        copyto(v_spread, b_v_column)  # (4)
        add(v, v_spread, v)  # (4)
        multiply(v, half, z_1)  # (5)
        exp(z_1, z_1)  # (5)
        multiply(noise_T, z_1, z)  # (5)
        add(z, m, z)  # (5)
        w_g.dot(z, a_g)  # (6)
        copyto(a_g_spread, b_g_column)  # (6)
        add(a_g, a_g_spread, a_g)  # (6)
        tanh(a_g, g_)  # (7)
        w_r.dot(g_, r)  # (8)
        copyto(r_spread, b_r_column)  # (8)
        add(r, r_spread, r)  # (8)
        return r.T

    def value(weights: Views, x: Array, noise: Array, y: Array) -> Any:
        predict(weights, x, noise)
        x_T = x.T
        subtract(x_T, r, L_part_1)  # (9)
        exp(v, L_part_2_1)  # (9)
        multiply(m, m, L_part_2_2)  # (9)
        add(L_part_2_1, L_part_2_2, L_part_2_2)  # (9)
        add(L_part_2_2, minus_one, L_part_2_2)  # (9)
        subtract(L_part_2_2, v, L_part_2_2)  # (9)
        Q_sum = L_part_1_flat.dot(L_part_1_flat)  # (9), (10)
        Q_sum_2 = L_part_2_2_flat.dot(ones_3_flat)  # (9), (10)
        Q = 0.5*Q_sum + 0.5*Q_sum_2  # (9), (10)
        return Q

    def gradient(weights: Views, x: Array, noise: Array, y: Array, slopes: Views) -> None:
        (
            w_a, w_m, w_v, w_g, w_r, b_a_column, b_m_column, b_v_column, b_g_column, b_r_column, w_r_T, w_g_T,
            w_m_T, w_v_T,
        ) = weights
        E_w_a, E_b_a, E_w_m, E_b_m, E_w_v, E_b_v, E_w_g, E_b_g, E_w_r, E_b_r = slopes
        x_T = x.T
        noise_T = noise.T
        subtract(r, x_T, E_r)  # (12)
        E_r.dot(g__T, E_w_r)  # (13)
        E_r.dot(ones_4, E_b_r)  # (14)
        w_r_T.dot(E_r, E_g)  # (15)
        multiply(g_, g_, E_a_g_1)  # (16)
        subtract(one, E_a_g_1, E_a_g_1)  # (16)
        multiply(E_g, E_a_g_1, E_a_g)  # (16)
        E_a_g.dot(z_T, E_w_g)  # (17)
        E_a_g.dot(ones_4, E_b_g)  # (18)
        w_g_T.dot(E_a_g, E_z)  # (19)
        multiply(E_z, half, E_v)  # (20)
        multiply(E_v, noise_T, E_v)  # (20)
        multiply(E_v, z_1, E_v)  # (20)
        add(L_part_2_1, minus_one, E_v_7)  # (20)
        multiply(E_v_7, half, E_v_7)  # (20)
        add(E_v, E_v_7, E_v)  # (20)
        E_v.dot(a_T, E_w_v)  # (21)
        E_v.dot(ones_4, E_b_v)  # (22)
        add(E_z, m, E_m)  # (23)
        E_m.dot(a_T, E_w_m)  # (24)
        E_m.dot(ones_4, E_b_m)  # (25)
        w_m_T.dot(E_m, E_a)  # (26)
        w_v_T.dot(E_v, E_a_sum_2)  # (26)
        add(E_a, E_a_sum_2, E_a)  # (26)
        multiply(a, a, E_a_a_1)  # (27)
        subtract(one, E_a_a_1, E_a_a_1)  # (27)
        multiply(E_a, E_a_a_1, E_a_a)  # (27)
        E_a_a.dot(x, E_w_a)  # (28)
        E_a_a.dot(ones_4, E_b_a)  # (29)

    def both(
        weights: Views, x: Array, noise: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, noise, y))
        gradient(weights, x, noise, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, J: int, H: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    half = array(0.5, dtype)
    minus_one = array(-1.0, dtype)
    one = array(1.0, dtype)
    ones = empty((D,), dtype)
    ones.fill(1.0)
    ones_2 = empty((J,), dtype)
    ones_2.fill(1.0)
    ones_3 = empty((N,), dtype)
    ones_3.fill(1.0)
    a_a, a_g, E_g = (empty((H, N), dtype) for _ in range(3))
    a_a_spread = g_ = E_a_g_1 = E_a_sum_2 = a_g  # the same memory
    a = E_a_a_1 = a_a  # the same memory
    m, v, v_spread, z, L_part_2_1, E_v = (empty((J, N), dtype) for _ in range(6))
    m_spread = v  # the same memory
    z_1 = v_spread  # the same memory
    a_g_spread = E_a_g = E_a = E_a_a = E_g  # the same memory
    r = empty((D, N), dtype)
    r_spread = empty((D, N), dtype)
    L_part_1 = r_spread  # the same memory
    L = empty((N,), dtype)
    L_sum_2 = empty((N,), dtype)
    L_part_2_2 = E_v  # the same memory
    E_L = L  # the same memory
    E_r = r  # the same memory
    E_z = z  # the same memory
    E_v_6 = L_sum_2  # the same memory
    E_v_8 = L_part_2_1  # the same memory
    E_m = m  # the same memory
    L_part_1_T = L_part_1.T
    L_part_2_2_T = L_part_2_2.T
    g__T = g_.T
    z_T = z.T
    a_T = a.T

    def predict(weights: Views, x: Array, noise: Array, s: Array) -> Any:
        (
            w_a, w_m, w_v, w_g, w_r, b_a_column, b_m_column, b_v_column, b_g_column, b_r_column, w_r_T, w_g_T,
            w_m_T, w_v_T,
        ) = weights
        x_T = x.T
        noise_T = noise.T
        w_a.dot(x_T, a_a)  # (1)
        copyto(a_a_spread, b_a_column)  # (1)
        add(a_a, a_a_spread, a_a)  # (1)
        tanh(a_a, a)  # (2)
        w_m.dot(a, m)  # (3)
        copyto(m_spread, b_m_column)  # (3)
        add(m, m_spread, m)  # (3)
        w_v.dot(a, v)  # (4)
        copyto(v_spread, b_v_column)  # (4)
        add(v, v_spread, v)  # (4)
        multiply(v, half, z_1)  # (5)
        exp(z_1, z_1)  # (5)
        multiply(noise_T, z_1, z)  # (5)
        add(z, m, z)  # (5)
        w_g.dot(z, a_g)  # (6)
        copyto(a_g_spread, b_g_column)  # (6)
        add(a_g, a_g_spread, a_g)  # (6)
        tanh(a_g, g_)  # (7)
        w_r.dot(g_, r)  # (8)
        copyto(r_spread, b_r_column)  # (8)
        add(r, r_spread, r)  # (8)
        return r.T

    def value(weights: Views, x: Array, noise: Array, s: Array, y: Array) -> Any:
        predict(weights, x, noise, s)
        x_T = x.T
        subtract(x_T, r, L_part_1)  # (9)
        multiply(L_part_1, L_part_1, L_part_1)  # (9)
        L_part_1_T.dot(ones, L)  # (9)
        exp(v, L_part_2_1)  # (9)
        multiply(m, m, L_part_2_2)  # (9)
        add(L_part_2_1, L_part_2_2, L_part_2_2)  # (9)
        add(L_part_2_2, minus_one, L_part_2_2)  # (9)
        subtract(L_part_2_2, v, L_part_2_2)  # (9)
        L_part_2_2_T.dot(ones_2, L_sum_2)  # (9)
        multiply(L, half, L)  # (9)
        multiply(L_sum_2, half, L_sum_2)  # (9)
        add(L, L_sum_2, L)  # (9)
        Q = s.dot(L)  # (10)
        return Q

    def gradient(weights: Views, x: Array, noise: Array, s: Array, y: Array, slopes: Views) -> None:
        (
            w_a, w_m, w_v, w_g, w_r, b_a_column, b_m_column, b_v_column, b_g_column, b_r_column, w_r_T, w_g_T,
            w_m_T, w_v_T,
        ) = weights
        E_w_a, E_b_a, E_w_m, E_b_m, E_w_v, E_b_v, E_w_g, E_b_g, E_w_r, E_b_r = slopes
        x_T = x.T
        noise_T = noise.T
        copyto(E_L, s)  # (11)
        subtract(r, x_T, E_r)  # (12)
        multiply(E_L, E_r, E_r)  # (12)
        E_r.dot(g__T, E_w_r)  # (13)
        E_r.dot(ones_3, E_b_r)  # (14)
        w_r_T.dot(E_r, E_g)  # (15)
        multiply(g_, g_, E_a_g_1)  # (16)
        subtract(one, E_a_g_1, E_a_g_1)  # (16)
        multiply(E_g, E_a_g_1, E_a_g)  # (16)
        E_a_g.dot(z_T, E_w_g)  # (17)
        E_a_g.dot(ones_3, E_b_g)  # (18)
        w_g_T.dot(E_a_g, E_z)  # (19)
        multiply(E_z, half, E_v)  # (20)
        multiply(E_v, noise_T, E_v)  # (20)
        multiply(E_v, z_1, E_v)  # (20)
        multiply(E_L, half, E_v_6)  # (20)
        add(L_part_2_1, minus_one, E_v_8)  # (20)
        multiply(E_v_6, E_v_8, E_v_8)  # (20)
        add(E_v, E_v_8, E_v)  # (20)
        E_v.dot(a_T, E_w_v)  # (21)
        E_v.dot(ones_3, E_b_v)  # (22)
        multiply(E_L, m, E_m)  # (23)
        add(E_m, E_z, E_m)  # (23)
        E_m.dot(a_T, E_w_m)  # (24)
        E_m.dot(ones_3, E_b_m)  # (25)
        w_m_T.dot(E_m, E_a)  # (26)
        w_v_T.dot(E_v, E_a_sum_2)  # (26)
        add(E_a, E_a_sum_2, E_a)  # (26)
        multiply(a, a, E_a_a_1)  # (27)
        subtract(one, E_a_a_1, E_a_a_1)  # (27)
        multiply(E_a, E_a_a_1, E_a_a)  # (27)
        E_a_a.dot(x, E_w_a)  # (28)
        E_a_a.dot(ones_3, E_b_a)  # (29)

    def both(
        weights: Views, x: Array, noise: Array, s: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, noise, s, y))
        gradient(weights, x, noise, s, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_a", "b_m", "b_v", "b_g", "b_r"),
    target="", mean=False, regularised=False, value_shows_target=False,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    untargeted=True,
    own_loss=True,
)


class Objective(BaseObjective):
    """Q(w) of variational_autoencoder: ``Objective(D=4, J=2, H=5)``."""

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
    """Finds weights that make Q of variational_autoencoder small: ``Trainer(epochs=20, D=4, J=2, H=5).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
