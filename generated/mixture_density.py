"""mixture_density: Q(w) and its gradient, in NumPy alone.

    mixture_density
      x : D                            input
      z : J = tanh(w_z x + b_z)
      p : K = softmax(w_p z + b_p)
      m : K = w_m z + b_m              output
      s : K = exp(w_s z + b_s)
      L[i] = -log(Sum(p[i,k]*exp(-(t[i] - m[i,k])**2/(2*s[i,k]**2))/(sqrt(2*pi)*s[i,k]), k)) loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec d066c156b2fcd82a, for float64; not to be edited.
Operations  4*N*D*J + 18*N*J*K + J*K + 10*N*J + 49*N*K + 14*N   for Q and its gradient
Workspace   8*(4*J*N + 9*K*N + K + 5*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import (
    add, array, copyto, divide, empty, exp, log, maximum, multiply, negative, reciprocal, sqrt, subtract, tanh,
)

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "mixture_density"
SPEC_HASH = "d066c156b2fcd82aebd1eed210e3afebea450ff8aeb4eb1276b04c0e72d3bad2"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 2, "J": 4, "K": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
#     (2) z[i, j] = tanh(a_z[i, j])
#     (3) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
#     (5) p_log[i, k] = a_p[i, k] - log(Sum(exp(a_p[i, j]), j))
#     (6) m[i, k] = Sum(w_m[k, j]*z[i, j], j) + b_m[k]
#     (7) a_s[i, k] = Sum(w_s[k, j]*z[i, j], j) + b_s[k]
#     (8) s[i, k] = exp(a_s[i, k])
#     (9) s_log[i, k] = a_s[i, k]
#     (10) L[i] = -log(Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k]), k))
#     (11) Q = Sum(L[i], i)
#     (13) E_s_log[i, k] = Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])
#     (14) E_s[i, k] = -Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])*(t[i] - m[i, k])**2*s[i, k]**(-3)
#     (15) E_a_s[i, k] = E_s[i, k]*s[i, k] + E_s_log[i, k]
#     (16) E_w_s[k, j] = Sum(E_a_s[i, k]*z[i, j], i)
#     (17) E_b_s[k] = Sum(E_a_s[i, k], i)
#     (18) E_m[i, k] = -Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])*s[i, k]**(-2)*(t[i] - m[i, k])
#     (19) E_w_m[k, j] = Sum(E_m[i, k]*z[i, j], i)
#     (20) E_b_m[k] = Sum(E_m[i, k], i)
#     (21) E_p_log[i, k] = -Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])
#     (22) E_a_p[i, k] = E_p_log[i, k] - Sum(exp(a_p[i, j]), j)**(-1)*exp(a_p[i, k])*Sum(E_p_log[i, s], s)
#     (23) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
#     (24) E_b_p[k] = Sum(E_a_p[i, k], i)
#     (25) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k) + Sum(E_m[i, k]*w_m[k, j], k) + Sum(E_a_s[i, k]*w_s[k, j], k)
#     (26) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
#     (27) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
#     (28) E_b_z[j] = Sum(E_a_z[i, j], i)
# With a weight for each sample:
#     (11) Q = Sum(s2[i]*L[i], i)
#     (12) E_L[i] = s2[i]
#     (13) E_s_log[i, k] = E_L[i]*Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i,
#         k] - s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])
#     (14) E_s[i, k] = -E_L[i]*Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k]
#         - s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])*(t[i] - m[i, k])**2*s[i, k]**(-3)
#     (18) E_m[i, k] = -E_L[i]*Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k]
#         - s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])*s[i, k]**(-2)*(t[i] - m[i, k])
#     (21) E_p_log[i, k] = -E_L[i]*Sum(((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i,
#         k] - s_log[i, k]), k)**(-1)*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2) + p_log[i, k] -
#         s_log[i, k])


def plain(
    w_z: Array, b_z: Array, w_p: Array, b_p: Array, w_m: Array, b_m: Array, w_s: Array, b_s: Array, x: Array,
    t: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_z (J, D); b_z (J,); w_p (K, J); b_p (K,); w_m (K, J); b_m (K,); w_s (K, J); b_s (K,); x (N, D); t (N,).
    """
    a_z = x @ w_z.T + b_z  # (1)
    z = np.tanh(a_z)  # (2)
    m = z @ w_m.T + b_m  # (6)
    a_p = z @ w_p.T + b_p  # (3)
    p_log_max = a_p.max(1)  # (5)
    p_log_shifted = a_p - p_log_max[:, None]  # (5)
    p_log_part = np.exp(p_log_shifted)  # (5)
    p_log_sum = p_log_part.sum(1)  # (5)
    p_log_part_2 = -(p_log_max + np.log(p_log_sum))  # (5)
    p_log = a_p + p_log_part_2[:, None]  # (5)
    a_s = z @ w_s.T + b_s  # (7)
    s = np.exp(a_s)  # (8)
    s_log = a_s  # (9)
    L_scores = -0.5*(t[:, None] - m)**2 / s**2 + p_log - s_log  # (10)
    L_max = L_scores.max(1)  # (10)
    L_shifted = -0.5*(t[:, None] - m)**2 / s**2 + p_log - s_log - L_max[:, None]  # (10)
    L_part = np.exp(L_shifted)  # (10)
    L_sum = L_part.sum(1)  # (10)
    L = -(L_max + np.log(L_sum / (2.0*3.141592653589793)**0.5))  # (10)
    Q = L.sum()  # (11)
    E_s_log_part_2 = (2.0*3.141592653589793)**0.5 / (2.0*3.141592653589793)**0.5 / L_sum  # (13)
    E_s_log = E_s_log_part_2[:, None]*np.exp(L_shifted)  # (13)
    E_s_part_2 = -(2.0*3.141592653589793)**0.5 / (2.0*3.141592653589793)**0.5 / L_sum  # (14)
    E_a_s_scores = -0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + p_log - s_log  # (15)
    E_a_s_max = E_a_s_scores.max(1)  # (15)
    E_a_s_shifted = -0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + p_log - s_log - E_a_s_max[:, None]  # (15)
    E_a_s_part = np.exp(E_a_s_shifted)  # (15)
    E_a_s_sum = E_a_s_part.sum(1)  # (15)
    E_a_s_part_2 = -(2.0*3.141592653589793)**0.5 / (2.0*3.141592653589793)**0.5 / E_a_s_sum  # (15)
    E_a_s = s*np.exp(E_a_s_shifted)*(t[:, None] - m)**2*E_a_s_part_2[:, None] / np.exp(a_s)**3 + E_s_log  # (15)
    E_w_s = E_a_s.T @ z  # (16)
    E_b_s = E_a_s.sum(0)  # (17)
    E_m = E_s_part_2[:, None]*np.exp(L_shifted)*(t[:, None] - m) / s**2  # (18)
    E_w_m_part_2 = 1.0 / E_a_s_sum  # (19)
    E_w_m_part_3 = E_w_m_part_2[:, None]*np.exp(E_a_s_shifted)*(t[:, None] - m) / np.exp(a_s)**2  # (19)
    E_w_m_part_4 = np.tanh(a_z)  # (19)
    E_w_m = -(2.0*3.141592653589793)**0.5*(E_w_m_part_3.T @ E_w_m_part_4) / (2.0*3.141592653589793)**0.5  # (19)
    E_b_m = E_m.sum(0)  # (20)
    E_p_log = E_s_part_2[:, None]*np.exp(L_shifted)  # (21)
    E_a_p_part_2 = -E_p_log.sum(1) / p_log_sum  # (22)
    E_a_p = E_p_log + E_a_p_part_2[:, None]*np.exp(p_log_shifted)  # (22)
    E_w_p = E_a_p.T @ z  # (23)
    E_b_p = E_a_p.sum(0)  # (24)
    E_z_part_2 = np.exp(E_a_s_shifted)*(t[:, None] - m) / np.exp(a_s)**2  # (25)
    E_z = E_a_p @ w_p + E_a_s_part_2[:, None]*(E_z_part_2 @ w_m) + E_a_s @ w_s  # (25)
    E_a_z = E_z*(1.0 - z**2)  # (26)
    E_w_z = E_a_z.T @ x  # (27)
    E_b_z = E_a_z.sum(0)  # (28)
    return Q, (E_w_z, E_b_z, E_w_p, E_b_p, E_w_m, E_b_m, E_w_s, E_b_s)


def shapes(D: int, J: int, K: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {
        "w_z": (J, D), "b_z": (J,), "w_p": (K, J), "b_p": (K,), "w_m": (K, J), "b_m": (K,), "w_s": (K, J),
        "b_s": (K,),
    }


def plain_shapes(D: int, J: int, K: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(D, J, K).values())


def sample_shapes(D: int, J: int, K: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None,)


def witnesses(flat: Array, layout: Layout, D: int, J: int, K: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_z"][0]].reshape((J, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int, K: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_z, b_z, w_p, b_p, w_m, b_m, w_s, b_s = (flat[part].reshape(shape) for part, shape in layout.values())
    b_z_column = b_z[:, None]
    b_m_column = b_m[:, None]
    b_p_column = b_p[:, None]
    b_s_column = b_s[:, None]
    w_p_T = w_p.T
    w_m_T = w_m.T
    w_s_T = w_s.T
    return w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T


def gradient_views(flat: Array, layout: Layout, D: int, J: int, K: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def functions(N: int, D: int, J: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    factor = array(-0.5, dtype)
    factor_2 = array(sqrt(2.0*3.141592653589793), dtype)
    factor_3 = array(sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    factor_4 = array(-sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    one = array(1.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z, a_z_spread, E_z, E_z_sum_4 = (empty((J, N), dtype) for _ in range(4))
    z = E_a_z_1 = a_z  # the same memory
    m, a_p, E_a_p, a_s, s, L_scores_2, L_scores_3, L_scores_4, L_scores_5 = (empty((K, N), dtype) for _ in range(9))
    m_spread = p_log = E_s_2 = a_p  # the same memory
    a_p_spread = p_log_shifted = E_a_p  # the same memory
    p_log_max, p_log_sum, p_log_part_2_1, L_1 = (empty((N,), dtype) for _ in range(4))
    a_s_spread = E_a_s = s  # the same memory
    s_log = E_s_log = E_m = a_s  # the same memory
    L_scores_1 = m  # the same memory
    L_max = p_log_part_2_1  # the same memory
    L_sum = E_w_m_part_2 = E_a_p_sum_2 = p_log_max  # the same memory
    E_s_log_part_2 = E_s_part_2 = L_1  # the same memory
    E_s_7 = E_w_m_part_3_2 = L_scores_4  # the same memory
    E_z_sum = a_z_spread  # the same memory
    E_z_part_2_5 = L_scores_3  # the same memory
    E_a_z = E_z  # the same memory
    p_log_shifted_T = p_log_shifted.T
    L_scores_3_T = L_scores_3.T
    z_T = z.T
    E_s_2_T = E_s_2.T

    def predict(weights: Views, x: Array) -> Any:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        w_m.dot(z, m)  # (6)
        copyto(m_spread, b_m_column)  # (6)
        add(m, m_spread, m)  # (6)
        return m.T

    def value(weights: Views, x: Array, t: Array) -> Any:
        predict(weights, x)
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        w_p.dot(z, a_p)  # (3)
        copyto(a_p_spread, b_p_column)  # (3)
        add(a_p, a_p_spread, a_p)  # (3)
        maximum.reduce(a_p, 0, out=p_log_max)  # (5)
        subtract(a_p, p_log_max, p_log_shifted)  # (5)
        exp(p_log_shifted, p_log_shifted)  # (5)
        p_log_shifted_T.dot(ones, p_log_sum)  # (5)
        log(p_log_sum, p_log_part_2_1)  # (5)
        add(p_log_part_2_1, p_log_max, p_log_part_2_1)  # (5)
        negative(p_log_part_2_1, p_log_part_2_1)  # (5)
        add(a_p, p_log_part_2_1, p_log)  # (5)
        w_s.dot(z, a_s)  # (7)
        copyto(a_s_spread, b_s_column)  # (7)
        add(a_s, a_s_spread, a_s)  # (7)
        exp(a_s, s)  # (8)
        copyto(s_log, a_s)  # (9)
        subtract(t, m, L_scores_1)  # (10)
        multiply(L_scores_1, L_scores_1, L_scores_2)  # (10)
        multiply(L_scores_2, factor, L_scores_3)  # (10)
        multiply(s, s, L_scores_4)  # (10)
        reciprocal(L_scores_4, L_scores_5)  # (10)
        multiply(L_scores_3, L_scores_5, L_scores_3)  # (10)
        add(L_scores_3, p_log, L_scores_3)  # (10)
        subtract(L_scores_3, s_log, L_scores_3)  # (10)
        maximum.reduce(L_scores_3, 0, out=L_max)  # (10)
        subtract(L_scores_3, L_max, L_scores_3)  # (10)
        exp(L_scores_3, L_scores_3)  # (10)
        L_scores_3_T.dot(ones, L_sum)  # (10)
        divide(L_sum, factor_2, L_1)  # (10)
        log(L_1, L_1)  # (10)
        Q_sum = L_max.dot(ones_2)  # (10), (11)
        Q_sum_3 = L_1.dot(ones_2)  # (10), (11)
        Q = -(Q_sum + Q_sum_3)  # (10), (11)
        return Q

    def gradient(weights: Views, x: Array, t: Array, slopes: Views) -> None:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        E_w_z, E_b_z, E_w_p, E_b_p, E_w_m, E_b_m, E_w_s, E_b_s = slopes
        divide(factor_3, L_sum, E_s_log_part_2)  # (13)
        multiply(E_s_log_part_2, L_scores_3, E_s_log)  # (13)
        divide(factor_4, L_sum, E_s_part_2)  # (14)
        multiply(E_s_part_2, L_scores_3, E_s_2)  # (14), (21)
        multiply(L_scores_4, s, E_s_7)  # (14)
        reciprocal(E_s_7, E_s_7)  # (14)
        multiply(s, E_s_part_2, E_a_s)  # (15)
        multiply(E_a_s, L_scores_3, E_a_s)  # (15)
        multiply(E_a_s, L_scores_2, E_a_s)  # (15)
        multiply(E_a_s, E_s_7, E_a_s)  # (15)
        add(E_a_s, E_s_log, E_a_s)  # (15)
        E_a_s.dot(z_T, E_w_s)  # (16)
        E_a_s.dot(ones_2, E_b_s)  # (17)
        multiply(E_s_2, L_scores_5, E_m)  # (18)
        multiply(E_m, L_scores_1, E_m)  # (18)
        reciprocal(L_sum, E_w_m_part_2)  # (19)
        multiply(E_w_m_part_2, L_scores_3, E_w_m_part_3_2)  # (19)
        multiply(E_w_m_part_3_2, L_scores_5, E_w_m_part_3_2)  # (19)
        multiply(E_w_m_part_3_2, L_scores_1, E_w_m_part_3_2)  # (19)
        E_w_m_part_3_2.dot(z_T, E_w_m)  # (19)
        multiply(E_w_m, factor_4, E_w_m)  # (19)
        E_m.dot(ones_2, E_b_m)  # (20)
        E_s_2_T.dot(ones, E_a_p_sum_2)  # (22)
        divide(E_a_p_sum_2, p_log_sum, E_a_p_sum_2)  # (22)
        negative(E_a_p_sum_2, E_a_p_sum_2)  # (22)
        multiply(E_a_p_sum_2, p_log_shifted, E_a_p)  # (22)
        add(E_a_p, E_s_2, E_a_p)  # (22)
        E_a_p.dot(z_T, E_w_p)  # (23)
        E_a_p.dot(ones_2, E_b_p)  # (24)
        w_p_T.dot(E_a_p, E_z_sum)  # (25)
        multiply(L_scores_3, L_scores_5, E_z_part_2_5)  # (25)
        multiply(E_z_part_2_5, L_scores_1, E_z_part_2_5)  # (25)
        w_m_T.dot(E_z_part_2_5, E_z)  # (25)
        w_s_T.dot(E_a_s, E_z_sum_4)  # (25)
        multiply(E_s_part_2, E_z, E_z)  # (25)
        add(E_z, E_z_sum, E_z)  # (25)
        add(E_z, E_z_sum_4, E_z)  # (25)
        multiply(z, z, E_a_z_1)  # (26)
        subtract(one, E_a_z_1, E_a_z_1)  # (26)
        multiply(E_z, E_a_z_1, E_a_z)  # (26)
        E_a_z.dot(x, E_w_z)  # (27)
        E_a_z.dot(ones_2, E_b_z)  # (28)

    def both(weights: Views, x: Array, t: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, t))
        gradient(weights, x, t, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, J: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    factor = array(-0.5, dtype)
    factor_2 = array(sqrt(2.0*3.141592653589793), dtype)
    factor_3 = array(sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    factor_4 = array(-sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    one = array(1.0, dtype)
    p_log_sum_to_Q_sum = empty((3, N), dtype)
    p_log_sum_to_Q_sum_prime = empty((3, N), dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z, a_z_spread, E_z, E_z_sum_4 = (empty((J, N), dtype) for _ in range(4))
    z = E_a_z_1 = a_z  # the same memory
    m, a_p, E_a_p, a_s, s, L_scores_2, L_scores_3, L_scores_4, L_scores_5 = (empty((K, N), dtype) for _ in range(9))
    m_spread = p_log = E_s_2 = a_p  # the same memory
    a_p_spread = p_log_shifted = E_a_p  # the same memory
    p_log_max = p_log_sum_to_Q_sum[1]
    p_log_sum = p_log_sum_to_Q_sum[0]
    p_log_part_2_1 = empty((N,), dtype)
    E_L = empty((N,), dtype)
    a_s_spread = E_a_s = s  # the same memory
    s_log = E_s_log = E_m = a_s  # the same memory
    L_scores_1 = m  # the same memory
    L_max = p_log_part_2_1  # the same memory
    L_sum = E_s_part_2 = p_log_max  # the same memory
    Q_sum = p_log_sum_to_Q_sum[2]
    Q_part_2_1 = E_w_m_part_2 = E_a_p_sum_2 = E_L  # the same memory
    E_s_log_part_2_1 = E_s_part_2_1 = E_a_s_part_2 = Q_sum  # the same memory
    E_s_7 = E_w_m_part_3_2 = L_scores_4  # the same memory
    E_z_sum = a_z_spread  # the same memory
    E_z_part_2_5 = L_scores_3  # the same memory
    E_a_z = E_z  # the same memory
    p_log_sum_prime = p_log_sum_to_Q_sum_prime[0]
    L_sum_prime = p_log_sum_to_Q_sum_prime[1]
    Q_sum_prime = p_log_sum_to_Q_sum_prime[2]
    p_log_shifted_T = p_log_shifted.T
    L_scores_3_T = L_scores_3.T
    z_T = z.T
    E_s_2_T = E_s_2.T

    def predict(weights: Views, x: Array, s2: Array) -> Any:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        w_m.dot(z, m)  # (6)
        copyto(m_spread, b_m_column)  # (6)
        add(m, m_spread, m)  # (6)
        return m.T

    def value(weights: Views, x: Array, s2: Array, t: Array) -> Any:
        predict(weights, x, s2)
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        w_p.dot(z, a_p)  # (3)
        copyto(a_p_spread, b_p_column)  # (3)
        add(a_p, a_p_spread, a_p)  # (3)
        maximum.reduce(a_p, 0, out=p_log_max)  # (5)
        subtract(a_p, p_log_max, p_log_shifted)  # (5)
        exp(p_log_shifted, p_log_shifted)  # (5)
        p_log_shifted_T.dot(ones, p_log_sum)  # (5)
        log(p_log_sum, p_log_part_2_1)  # (5)
        add(p_log_part_2_1, p_log_max, p_log_part_2_1)  # (5)
        negative(p_log_part_2_1, p_log_part_2_1)  # (5)
        add(a_p, p_log_part_2_1, p_log)  # (5)
        w_s.dot(z, a_s)  # (7)
        copyto(a_s_spread, b_s_column)  # (7)
        add(a_s, a_s_spread, a_s)  # (7)
        exp(a_s, s)  # (8)
        copyto(s_log, a_s)  # (9)
        subtract(t, m, L_scores_1)  # (10)
        multiply(L_scores_1, L_scores_1, L_scores_2)  # (10)
        multiply(L_scores_2, factor, L_scores_3)  # (10)
        multiply(s, s, L_scores_4)  # (10)
        reciprocal(L_scores_4, L_scores_5)  # (10)
        multiply(L_scores_3, L_scores_5, L_scores_3)  # (10)
        add(L_scores_3, p_log, L_scores_3)  # (10)
        subtract(L_scores_3, s_log, L_scores_3)  # (10)
        maximum.reduce(L_scores_3, 0, out=L_max)  # (10)
        subtract(L_scores_3, L_max, L_scores_3)  # (10)
        exp(L_scores_3, L_scores_3)  # (10)
        L_scores_3_T.dot(ones, L_sum)  # (10)
        copyto(Q_sum, L_sum)  # (11)
        divide(Q_sum, factor_2, Q_part_2_1)  # (11)
        log(Q_part_2_1, Q_part_2_1)  # (11)
        add(Q_part_2_1, L_max, Q_part_2_1)  # (11)
        Q_sum_2 = s2.dot(Q_part_2_1)  # (11)
        Q = -Q_sum_2  # (11)
        return Q

    def gradient(weights: Views, x: Array, s2: Array, t: Array, slopes: Views) -> None:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        E_w_z, E_b_z, E_w_p, E_b_p, E_w_m, E_b_m, E_w_s, E_b_s = slopes
        copyto(E_L, s2)  # (12)
        reciprocal(p_log_sum_to_Q_sum, p_log_sum_to_Q_sum_prime)  # (13), (14), (15), (19), (22)
        multiply(E_L, factor_3, E_s_log_part_2_1)  # (13)
        multiply(E_s_log_part_2_1, L_sum_prime, E_s_log_part_2_1)  # (13)
        multiply(E_s_log_part_2_1, L_scores_3, E_s_log)  # (13)
        multiply(E_L, factor_4, E_s_part_2_1)  # (14)
        multiply(E_s_part_2_1, L_sum_prime, E_s_part_2)  # (14)
        multiply(E_s_part_2, L_scores_3, E_s_2)  # (14), (21)
        multiply(L_scores_4, s, E_s_7)  # (14)
        reciprocal(E_s_7, E_s_7)  # (14)
        multiply(E_s_part_2_1, Q_sum_prime, E_a_s_part_2)  # (15)
        multiply(s, E_a_s_part_2, E_a_s)  # (15)
        multiply(E_a_s, L_scores_3, E_a_s)  # (15)
        multiply(E_a_s, L_scores_2, E_a_s)  # (15)
        multiply(E_a_s, E_s_7, E_a_s)  # (15)
        add(E_a_s, E_s_log, E_a_s)  # (15)
        E_a_s.dot(z_T, E_w_s)  # (16)
        E_a_s.dot(ones_2, E_b_s)  # (17)
        multiply(E_s_2, L_scores_5, E_m)  # (18)
        multiply(E_m, L_scores_1, E_m)  # (18)
        multiply(E_L, Q_sum_prime, E_w_m_part_2)  # (19)
        multiply(E_w_m_part_2, L_scores_3, E_w_m_part_3_2)  # (19)
        multiply(E_w_m_part_3_2, L_scores_5, E_w_m_part_3_2)  # (19)
        multiply(E_w_m_part_3_2, L_scores_1, E_w_m_part_3_2)  # (19)
        E_w_m_part_3_2.dot(z_T, E_w_m)  # (19)
        multiply(E_w_m, factor_4, E_w_m)  # (19)
        E_m.dot(ones_2, E_b_m)  # (20)
        E_s_2_T.dot(ones, E_a_p_sum_2)  # (22)
        multiply(E_a_p_sum_2, p_log_sum_prime, E_a_p_sum_2)  # (22)
        negative(E_a_p_sum_2, E_a_p_sum_2)  # (22)
        multiply(E_a_p_sum_2, p_log_shifted, E_a_p)  # (22)
        add(E_a_p, E_s_2, E_a_p)  # (22)
        E_a_p.dot(z_T, E_w_p)  # (23)
        E_a_p.dot(ones_2, E_b_p)  # (24)
        w_p_T.dot(E_a_p, E_z_sum)  # (25)
        multiply(L_scores_3, L_scores_5, E_z_part_2_5)  # (25)
        multiply(E_z_part_2_5, L_scores_1, E_z_part_2_5)  # (25)
        w_m_T.dot(E_z_part_2_5, E_z)  # (25)
        w_s_T.dot(E_a_s, E_z_sum_4)  # (25)
        multiply(E_a_s_part_2, E_z, E_z)  # (25)
        add(E_z, E_z_sum, E_z)  # (25)
        add(E_z, E_z_sum_4, E_z)  # (25)
        multiply(z, z, E_a_z_1)  # (26)
        subtract(one, E_a_z_1, E_a_z_1)  # (26)
        multiply(E_z, E_a_z_1, E_a_z)  # (26)
        E_a_z.dot(x, E_w_z)  # (27)
        E_a_z.dot(ones_2, E_b_z)  # (28)

    def both(
        weights: Views, x: Array, s2: Array, t: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s2, t))
        gradient(weights, x, s2, t, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_z", "b_p", "b_m", "b_s"),
    target="", mean=False, regularised=False, value_shows_target=False,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    own_loss=True,
)


class Objective(BaseObjective):
    """Q(w) of mixture_density: ``Objective(D=2, J=4, K=3)``."""

    facts = FACTS


class WeightedObjective(Objective):
    """Q(w) with a weight for each sample: Q = Sum(s2[i]*L[i], i).

    X is a dict of the inputs, and of the weights as "s2", of shape (N,).
    """

    facts = FACTS._replace(
        weights="s2", alone=None, functions=weighted_functions,
        parameter_views=parameter_views,
        gradient_views=gradient_views,
    )


class Trainer(BaseTrainer):
    """Finds weights that make Q of mixture_density small: ``Trainer(epochs=20, D=2, J=4, K=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
