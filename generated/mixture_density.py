"""mixture_density: Q(w) and its gradient, in NumPy alone.

    mixture_density
      x : D                            input
      z : J = tanh(w_z x + b_z)
      p : K = softmax(w_p z + b_p)
      m : K = w_m z + b_m              output
      s : K = exp(w_s z + b_s)
      L[i] = -log(Sum(p[i,k]*exp(-(t[i] - m[i,k])**2/(2*s[i,k]**2))/(sqrt(2*pi)*s[i,k]), k)) loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec d066c156b2fcd82a, for float64; not to be edited.
Operations  4*N*D*J + 18*N*J*K + J*K + 10*N*J + 70*N*K + 22*N   for Q and its gradient
Workspace   8*(4*J*N + 11*K*N + K + 6*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import (
    absolute,
    add,
    array,
    copyto,
    divide,
    empty,
    exp,
    greater,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    reciprocal,
    sqrt,
    subtract,
    tanh,
)

from .runtime import (
    Array,
    BaseObjective,
    BaseTrainer,
    Diverged as Diverged,
    Facts,
    Functions,
    Layout,
    NotConverged as NotConverged,
    Shape,
    Views,
    check_command,
    quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "mixture_density"
SPEC_HASH = "d066c156b2fcd82aebd1eed210e3afebea450ff8aeb4eb1276b04c0e72d3bad2"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {
    "D": 2,
    "J": 4,
    "K": 3,
}


# Equations, each computed for the whole sample at once:
#     (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
#     (2) z[i, j] = tanh(a_z[i, j])
#     (3) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
#     (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
#     (5) m[i, k] = Sum(w_m[k, j]*z[i, j], j) + b_m[k]
#     (6) a_s[i, k] = Sum(w_s[k, j]*z[i, j], j) + b_s[k]
#     (7) s[i, k] = exp(a_s[i, k])
#     (8) L[i] = -log(Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i, k]**(-1),
#         k))
#     (9) Q = Sum(L[i], i)
#     (11) E_s[i, k] = -Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
#         k]**(-1), k)**(-1)*(p[i, k]*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*(t[i] - m[i,
#         k])**2*s[i, k]**(-4) - p[i, k]*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*s[i,
#         k]**(-2))
#     (12) E_a_s[i, k] = E_s[i, k]*s[i, k]
#     (13) E_w_s[k, j] = Sum(E_a_s[i, k]*z[i, j], i)
#     (14) E_b_s[k] = Sum(E_a_s[i, k], i)
#     (15) E_m[i, k] = -Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
#         k]**(-1), k)**(-1)*p[i, k]*((2*pi)**(1/2))**(-1)*s[i, k]**(-3)*exp(-1/2*(t[i] - m[i, k])**2*s[i,
#         k]**(-2))*(t[i] - m[i, k])
#     (16) E_w_m[k, j] = Sum(E_m[i, k]*z[i, j], i)
#     (17) E_b_m[k] = Sum(E_m[i, k], i)
#     (19) E_a_p[i, k] = E_p[i, k]*p[i, k] - p[i, k]*Sum(E_p[i, s]*p[i, s], s)
#     (20) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
#     (21) E_b_p[k] = Sum(E_a_p[i, k], i)
#     (22) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k) + Sum(E_m[i, k]*w_m[k, j], k) + Sum(E_a_s[i, k]*w_s[k, j], k)
#     (23) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
#     (24) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
#     (25) E_b_z[j] = Sum(E_a_z[i, j], i)


def plain(
    w_z: Array, b_z: Array, w_p: Array, b_p: Array, w_m: Array, b_m: Array, w_s: Array, b_s: Array, x: Array,
    t: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_z (J, D); b_z (J,); w_p (K, J); b_p (K,); w_m (K, J); b_m (K,); w_s (K, J); b_s (K,); x (N, D); t (N,).
    """
    a_z = x @ w_z.T + b_z  # (1)
    z = np.tanh(a_z)  # (2)
    m = z @ w_m.T + b_m  # (5)
    a_p = z @ w_p.T + b_p  # (3)
    p_max = a_p.max(1)  # (4)
    p_shifted = a_p - p_max[:, None]  # (4)
    a_s = z @ w_s.T + b_s  # (6)
    s = np.exp(a_s)  # (7)
    L_max = p_shifted.max(1)  # (8)
    L_shifted = p_shifted - L_max[:, None]  # (8)
    L_scores_part = np.exp(L_shifted)  # (8)
    L_scores_sum = L_scores_part.sum(1)  # (8)
    L_scores_part_2 = -(L_max + np.log(L_scores_sum))  # (8)
    # (8)
    L_scores = np.where((np.abs(1.0 / (2.0*3.141592653589793)**0.5 / s) > 0.0), p_shifted - 0.5*(t[:, None] - m)**2 / s**2 + L_scores_part_2[:, None], -1e+30)
    L_max_2 = L_scores.max(1)  # (8)
    L_shifted_2_part_2 = -(L_max + np.log(L_scores_sum)) - L_max_2  # (8)
    L_shifted_2 = p_shifted - 0.5*(t[:, None] - m)**2 / s**2 + L_shifted_2_part_2[:, None]  # (8)
    L_part = np.exp(np.minimum(L_shifted_2, 0.0)) / s  # (8)
    L_sum = L_part.sum(1)  # (8)
    L = -(L_max_2 + np.log(L_sum / (2.0*3.141592653589793)**0.5))  # (8)
    Q = L.sum()  # (9)
    p_part = np.exp(p_shifted)  # (4)
    p_sum = p_part.sum(1)  # (4)
    p_part_2 = 1.0 / p_sum  # (4)
    p = np.exp(p_shifted)*p_part_2[:, None]  # (4)
    # (12)
    E_a_s_scores = np.where((np.abs(1.0 / (2.0*3.141592653589793)**0.5 / np.exp(a_s)) > 0.0), p_shifted - 0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + L_scores_part_2[:, None], -1e+30)
    E_a_s_max = E_a_s_scores.max(1)  # (12)
    E_a_s_shifted_part_2 = -(L_max + np.log(L_scores_sum)) - E_a_s_max  # (12)
    E_a_s_shifted = p_shifted - 0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + E_a_s_shifted_part_2[:, None]  # (12)
    E_a_s_part = np.exp(np.minimum(E_a_s_shifted, 0.0)) / np.exp(a_s)  # (12)
    E_a_s_sum = E_a_s_part.sum(1)  # (12)
    E_a_s_part_5 = -E_a_s_max - p_max  # (12)
    E_a_s_part_6 = -(2.0*3.141592653589793)**0.5 / (2.0*3.141592653589793)**0.5 / E_a_s_sum / p_sum  # (12)
    E_a_s_part_8 = (2.0*3.141592653589793)**0.5 / (2.0*3.141592653589793)**0.5 / E_a_s_sum / p_sum  # (12)
    # (12)
    E_a_s = s*np.exp(-0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + a_p + E_a_s_part_5[:, None])*(t[:, None] - m)**2*E_a_s_part_6[:, None] / np.exp(a_s)**4 + s*np.exp(-0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + a_p + E_a_s_part_5[:, None])*E_a_s_part_8[:, None] / np.exp(a_s)**2
    E_w_s = E_a_s.T @ z  # (13)
    E_b_s = E_a_s.sum(0)  # (14)
    E_m_part_3 = -(2.0*3.141592653589793)**0.5 / (2.0*3.141592653589793)**0.5 / L_sum / p_sum  # (15)
    E_m_part_4 = -L_max_2 - p_max  # (15)
    # (15)
    E_m = E_m_part_3[:, None]*np.exp(-0.5*(t[:, None] - m)**2 / s**2 + a_p + E_m_part_4[:, None])*(t[:, None] - m) / s**3
    # (16)
    E_w_m_scores = np.where((np.abs(1.0 / (2.0*3.141592653589793)**0.5 / np.exp(a_s.T)) > 0.0), p_shifted.T - 0.5*(t - m.T)**2 / np.exp(a_s.T)**2 + L_scores_part_2, -1e+30)
    E_w_m_max = E_w_m_scores.max(0)  # (16)
    E_w_m_shifted_part_2 = -(L_max + np.log(L_scores_sum)) - E_w_m_max  # (16)
    E_w_m_shifted = p_shifted.T - 0.5*(t - m.T)**2 / np.exp(a_s.T)**2 + E_w_m_shifted_part_2  # (16)
    E_w_m_part = np.exp(np.minimum(E_w_m_shifted.T, 0.0)) / np.exp(a_s)  # (16)
    E_w_m_part_3 = 1.0 / E_w_m_part.sum(1) / p_sum  # (16)
    E_w_m_part_4 = -E_w_m_max - p_max  # (16)
    # (16)
    E_w_m_part_5 = E_w_m_part_3[:, None]*np.exp(-0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + a_p + E_w_m_part_4[:, None])*(t[:, None] - m) / np.exp(a_s)**3
    E_w_m_part_6 = np.tanh(a_z)  # (16)
    E_w_m = -(2.0*3.141592653589793)**0.5*(E_w_m_part_5.T @ E_w_m_part_6) / (2.0*3.141592653589793)**0.5  # (16)
    E_b_m = E_m.sum(0)  # (17)
    E_a_p_part_6 = np.exp(-0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + a_p + E_a_s_part_5[:, None]) / np.exp(a_s)  # (19)
    # (19)
    E_a_p_part_9 = (2.0*3.141592653589793)**0.5*E_a_p_part_6.sum(1) / (2.0*3.141592653589793)**0.5 / E_a_s_sum / p_sum
    # (19)
    E_a_p = E_a_s_part_6[:, None]*np.exp(-0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + a_p + E_a_s_part_5[:, None]) / np.exp(a_s) + p*E_a_p_part_9[:, None]
    E_w_p = E_a_p.T @ z  # (20)
    E_b_p = E_a_p.sum(0)  # (21)
    # (22)
    E_z_part_4 = np.exp(-0.5*(t[:, None] - m)**2 / np.exp(a_s)**2 + a_p + E_a_s_part_5[:, None])*(t[:, None] - m) / np.exp(a_s)**3
    E_z = E_a_p @ w_p + E_a_s_part_6[:, None]*(E_z_part_4 @ w_m) + E_a_s @ w_s  # (22)
    E_a_z = E_z*(1.0 - z**2)  # (23)
    E_w_z = E_a_z.T @ x  # (24)
    E_b_z = E_a_z.sum(0)  # (25)
    return Q, (E_w_z, E_b_z, E_w_p, E_b_p, E_w_m, E_b_m, E_w_s, E_b_s)


def shapes(D: int, J: int, K: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {
        "w_z": (J, D),
        "b_z": (J,),
        "w_p": (K, J),
        "b_p": (K,),
        "w_m": (K, J),
        "b_m": (K,),
        "w_s": (K, J),
        "b_s": (K,),
    }


def plain_shapes(D: int, J: int, K: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (J, D),
        (J,),
        (K, J),
        (K,),
        (K, J),
        (K,),
        (K, J),
        (K,),
    )


def sample_shapes(D: int, J: int, K: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {
        "x": (None, D),
    }, (None,)


def witnesses(flat: Array, layout: Layout, D: int, J: int, K: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_z"][0]].reshape((J, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int, K: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_z = flat[layout["w_z"][0]].reshape((J, D))
    b_z = flat[layout["b_z"][0]].reshape((J,))
    w_p = flat[layout["w_p"][0]].reshape((K, J))
    b_p = flat[layout["b_p"][0]].reshape((K,))
    w_m = flat[layout["w_m"][0]].reshape((K, J))
    b_m = flat[layout["b_m"][0]].reshape((K,))
    w_s = flat[layout["w_s"][0]].reshape((K, J))
    b_s = flat[layout["b_s"][0]].reshape((K,))
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
    E_w_z = flat[layout["w_z"][0]].reshape((J, D))
    E_b_z = flat[layout["b_z"][0]].reshape((J,))
    E_w_p = flat[layout["w_p"][0]].reshape((K, J))
    E_b_p = flat[layout["b_p"][0]].reshape((K,))
    E_w_m = flat[layout["w_m"][0]].reshape((K, J))
    E_b_m = flat[layout["b_m"][0]].reshape((K,))
    E_w_s = flat[layout["w_s"][0]].reshape((K, J))
    E_b_s = flat[layout["b_s"][0]].reshape((K,))
    return E_w_z, E_b_z, E_w_p, E_b_p, E_w_m, E_b_m, E_w_s, E_b_s


def functions(N: int, D: int, J: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    factor = array(1.0 / sqrt(2.0*3.141592653589793), dtype)
    zero = array(0.0, dtype)
    factor_2 = array(-0.5, dtype)
    factor_3 = array(-1e+30, dtype)
    factor_4 = array(sqrt(2.0*3.141592653589793), dtype)
    factor_5 = array(-sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    factor_6 = array(sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    one = array(1.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z = empty((J, N), dtype)
    a_z_spread = empty((J, N), dtype)
    z = a_z  # the same memory
    m = empty((K, N), dtype)
    a_p = empty((K, N), dtype)
    m_spread = a_p  # the same memory
    p = empty((K, N), dtype)
    a_p_spread = p  # the same memory
    p_max = empty((N,), dtype)
    a_s = empty((K, N), dtype)
    a_s_spread = empty((K, N), dtype)
    s = a_s  # the same memory
    L_max = empty((N,), dtype)
    L_shifted = a_s_spread  # the same memory
    L_scores_sum = empty((N,), dtype)
    mask_L_scores_1 = empty((K, N), bool)
    L_scores_3 = m  # the same memory
    L_scores_5 = empty((K, N), dtype)
    L_scores_6 = empty((K, N), dtype)
    L_scores_7 = empty((K, N), dtype)
    E_a_s = empty((K, N), dtype)
    L_scores_9 = E_a_s  # the same memory
    L_scores_10 = empty((K, N), dtype)
    L_scores = empty((K, N), dtype)
    L_1 = empty((N,), dtype)
    p_sum = L_1  # the same memory
    p_part_2 = empty((N,), dtype)
    E_s_part_2_7 = L_scores_5  # the same memory
    E_s_15 = a_p  # the same memory
    E_a_s_part_5_1 = L_max  # the same memory
    E_a_s_part_6_1 = p_max  # the same memory
    E_a_s_part_8_1 = p_part_2  # the same memory
    E_a_s_10 = L_scores_5  # the same memory
    E_a_s_21 = a_p  # the same memory
    E_m_2 = L_scores_6  # the same memory
    E_m = a_p  # the same memory
    E_w_m_part_3_1 = p_part_2  # the same memory
    E_w_m_part_5_5 = L_scores_7  # the same memory
    E_a_p = a_p  # the same memory
    E_a_p_sum_5 = p_part_2  # the same memory
    E_a_p_14 = p  # the same memory
    E_z_sum = a_z_spread  # the same memory
    E_z_part_4_15 = L_scores_6  # the same memory
    E_z = empty((J, N), dtype)
    E_z_sum_5 = empty((J, N), dtype)
    E_a_z_1 = a_z  # the same memory
    E_a_z = E_z  # the same memory
    L_shifted_T = L_shifted.T
    L_scores_9_T = L_scores_9.T
    p_T = p.T
    z_T = z.T
    E_a_p_T = E_a_p.T

    def predict(weights: Views, x: Array) -> Array:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        x_T = x.T
        # (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
        w_z.dot(x_T, a_z)
        copyto(a_z_spread, b_z_column)
        add(a_z, a_z_spread, a_z)
        # (2) z[i, j] = tanh(a_z[i, j])
        tanh(a_z, z)
        # (5) m[i, k] = Sum(w_m[k, j]*z[i, j], j) + b_m[k]
        w_m.dot(z, m)
        copyto(m_spread, b_m_column)
        add(m, m_spread, m)
        return m.T

    def value(weights: Views, x: Array, t: Array) -> Any:
        predict(weights, x)
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        # (3) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
        w_p.dot(z, a_p)
        copyto(a_p_spread, b_p_column)
        add(a_p, a_p_spread, a_p)
        # (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
        maximum.reduce(a_p, 0, None, p_max)
        subtract(a_p, p_max, p)
        # (6) a_s[i, k] = Sum(w_s[k, j]*z[i, j], j) + b_s[k]
        w_s.dot(z, a_s)
        copyto(a_s_spread, b_s_column)
        add(a_s, a_s_spread, a_s)
        # (7) s[i, k] = exp(a_s[i, k])
        exp(a_s, s)
        # (8) L[i] = -log(Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i, k]**(-1),
        #         k))
        maximum.reduce(p, 0, None, L_max)
        subtract(p, L_max, L_shifted)
        exp(L_shifted, L_shifted)
        L_shifted_T.dot(ones, L_scores_sum)
        log(L_scores_sum, L_scores_sum)
        add(L_scores_sum, L_max, L_scores_sum)
        negative(L_scores_sum, L_scores_sum)
        divide(factor, s, L_shifted)
        absolute(L_shifted, L_shifted)
        greater(L_shifted, zero, mask_L_scores_1)
        subtract(t, m, L_scores_3)
        multiply(L_scores_3, L_scores_3, L_shifted)
        multiply(L_shifted, factor_2, L_scores_5)
        multiply(s, s, L_scores_6)
        reciprocal(L_scores_6, L_scores_7)
        multiply(L_scores_5, L_scores_7, L_scores_5)
        add(L_scores_5, p, L_scores_9)
        add(L_scores_9, L_scores_sum, L_scores_10)
        copyto(L_scores, factor_3)
        copyto(L_scores, L_scores_10, where=mask_L_scores_1)
        maximum.reduce(L_scores, 0, None, L_max)
        subtract(L_scores_sum, L_max, L_scores_sum)
        add(L_scores_9, L_scores_sum, L_scores_9)
        minimum(L_scores_9, zero, out=L_scores_9)
        exp(L_scores_9, L_scores_9)
        divide(L_scores_9, s, L_scores_9)
        L_scores_9_T.dot(ones, L_scores_sum)
        divide(L_scores_sum, factor_4, L_1)
        log(L_1, L_1)
        # (9) Q = Sum(L[i], i)
        Q_sum = L_max.dot(ones_2)
        Q_sum_3 = L_1.dot(ones_2)
        Q = -(Q_sum + Q_sum_3)
        return Q

    def gradient(weights: Views, x: Array, t: Array, slopes: Views) -> None:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        E_w_z, E_b_z, E_w_p, E_b_p, E_w_m, E_b_m, E_w_s, E_b_s = slopes
        # (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
        exp(p, p)
        p_T.dot(ones, p_sum)
        reciprocal(p_sum, p_part_2)
        multiply(p_part_2, p, p)
        # (11) E_s[i, k] = -Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
        #         k]**(-1), k)**(-1)*(p[i, k]*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*(t[i]
        #         - m[i, k])**2*s[i, k]**(-4) - p[i, k]*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i,
        #         k]**(-2))*s[i, k]**(-2))
        add(L_scores_5, a_p, E_s_part_2_7)
        multiply(L_scores_6, L_scores_6, E_s_15)
        reciprocal(E_s_15, E_s_15)
        # (12) E_a_s[i, k] = E_s[i, k]*s[i, k]
        negative(L_max, E_a_s_part_5_1)
        subtract(E_a_s_part_5_1, p_max, E_a_s_part_5_1)
        divide(factor_5, L_scores_sum, E_a_s_part_6_1)
        divide(E_a_s_part_6_1, p_sum, E_a_s_part_6_1)
        divide(factor_6, L_scores_sum, E_a_s_part_8_1)
        divide(E_a_s_part_8_1, p_sum, E_a_s_part_8_1)
        multiply(s, E_a_s_part_6_1, E_a_s)
        add(E_s_part_2_7, E_a_s_part_5_1, E_a_s_10)
        exp(E_a_s_10, E_a_s_10)
        multiply(E_a_s, E_a_s_10, E_a_s)
        multiply(E_a_s, L_shifted, E_a_s)
        multiply(E_a_s, E_s_15, E_a_s)
        multiply(s, E_a_s_part_8_1, E_a_s_21)
        multiply(E_a_s_21, E_a_s_10, E_a_s_21)
        multiply(E_a_s_21, L_scores_7, E_a_s_21)
        add(E_a_s, E_a_s_21, E_a_s)
        # (13) E_w_s[k, j] = Sum(E_a_s[i, k]*z[i, j], i)
        E_a_s.dot(z_T, E_w_s)
        # (14) E_b_s[k] = Sum(E_a_s[i, k], i)
        E_a_s.dot(ones_2, E_b_s)
        # (15) E_m[i, k] = -Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
        #         k]**(-1), k)**(-1)*p[i, k]*((2*pi)**(1/2))**(-1)*s[i, k]**(-3)*exp(-1/2*(t[i] - m[i, k])**2*s[i,
        #         k]**(-2))*(t[i] - m[i, k])
        multiply(L_scores_6, s, E_m_2)
        reciprocal(E_m_2, E_m_2)
        multiply(E_a_s_part_6_1, E_m_2, E_m)
        multiply(E_m, E_a_s_10, E_m)
        multiply(E_m, L_scores_3, E_m)
        # (16) E_w_m[k, j] = Sum(E_m[i, k]*z[i, j], i)
        reciprocal(L_scores_sum, E_w_m_part_3_1)
        divide(E_w_m_part_3_1, p_sum, E_w_m_part_3_1)
        multiply(E_w_m_part_3_1, E_m_2, E_w_m_part_5_5)
        multiply(E_w_m_part_5_5, E_a_s_10, E_w_m_part_5_5)
        multiply(E_w_m_part_5_5, L_scores_3, E_w_m_part_5_5)
        E_w_m_part_5_5.dot(z_T, E_w_m)
        multiply(E_w_m, factor_5, E_w_m)
        # (17) E_b_m[k] = Sum(E_m[i, k], i)
        E_m.dot(ones_2, E_b_m)
        # (19) E_a_p[i, k] = E_p[i, k]*p[i, k] - p[i, k]*Sum(E_p[i, s]*p[i, s], s)
        divide(E_a_s_10, s, E_a_p)
        E_a_p_T.dot(ones, E_a_p_sum_5)
        multiply(E_a_p_sum_5, factor_6, E_a_p_sum_5)
        divide(E_a_p_sum_5, L_scores_sum, E_a_p_sum_5)
        divide(E_a_p_sum_5, p_sum, E_a_p_sum_5)
        multiply(E_a_s_part_6_1, E_a_s_10, E_a_p)
        divide(E_a_p, s, E_a_p)
        multiply(p, E_a_p_sum_5, E_a_p_14)
        add(E_a_p, E_a_p_14, E_a_p)
        # (20) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
        E_a_p.dot(z_T, E_w_p)
        # (21) E_b_p[k] = Sum(E_a_p[i, k], i)
        E_a_p.dot(ones_2, E_b_p)
        # (22) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k) + Sum(E_m[i, k]*w_m[k, j], k) + Sum(E_a_s[i, k]*w_s[k, j], k)
        w_p_T.dot(E_a_p, E_z_sum)
        multiply(E_m_2, E_a_s_10, E_z_part_4_15)
        multiply(E_z_part_4_15, L_scores_3, E_z_part_4_15)
        w_m_T.dot(E_z_part_4_15, E_z)
        w_s_T.dot(E_a_s, E_z_sum_5)
        multiply(E_a_s_part_6_1, E_z, E_z)
        add(E_z, E_z_sum, E_z)
        add(E_z, E_z_sum_5, E_z)
        # (23) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
        multiply(z, z, E_a_z_1)
        subtract(one, E_a_z_1, E_a_z_1)
        multiply(E_z, E_a_z_1, E_a_z)
        # (24) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
        E_a_z.dot(x, E_w_z)
        # (25) E_b_z[j] = Sum(E_a_z[i, j], i)
        E_a_z.dot(ones_2, E_b_z)

    def both(weights: Views, x: Array, t: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, t))
        gradient(weights, x, t, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, J: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    factor = array(1.0 / sqrt(2.0*3.141592653589793), dtype)
    zero = array(0.0, dtype)
    factor_2 = array(-0.5, dtype)
    factor_3 = array(-1e+30, dtype)
    factor_4 = array(sqrt(2.0*3.141592653589793), dtype)
    factor_5 = array(-sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    factor_6 = array(sqrt(2.0*3.141592653589793) / sqrt(2.0*3.141592653589793), dtype)
    one = array(1.0, dtype)
    p_sum_to_E_s_sum_2 = empty((4, N), dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z = empty((J, N), dtype)
    a_z_spread = empty((J, N), dtype)
    z = a_z  # the same memory
    m = empty((K, N), dtype)
    a_p = empty((K, N), dtype)
    m_spread = a_p  # the same memory
    p = empty((K, N), dtype)
    a_p_spread = p  # the same memory
    p_max = empty((N,), dtype)
    a_s = empty((K, N), dtype)
    a_s_spread = empty((K, N), dtype)
    s = a_s  # the same memory
    L_max = empty((N,), dtype)
    L_shifted = a_s_spread  # the same memory
    L_scores_sum = p_sum_to_E_s_sum_2[1]
    mask_L_scores_1 = empty((K, N), bool)
    L_scores_3 = m  # the same memory
    L_scores_5 = empty((K, N), dtype)
    L_scores_6 = empty((K, N), dtype)
    L_scores_7 = empty((K, N), dtype)
    E_a_s = empty((K, N), dtype)
    L_scores_9 = E_a_s  # the same memory
    L_scores_10 = empty((K, N), dtype)
    L_scores = empty((K, N), dtype)
    Q_sum = p_sum_to_E_s_sum_2[2]
    Q_part_2_1 = p_sum_to_E_s_sum_2[0]
    p_sum = Q_part_2_1  # the same memory
    E_L = empty((N,), dtype)
    p_part_2 = E_L  # the same memory
    E_s_part_2_7 = L_scores_5  # the same memory
    E_s_part_2_8 = a_p  # the same memory
    E_s_sum_2 = p_sum_to_E_s_sum_2[3]
    p_sum_to_E_s_sum_2_prime = empty((4, N), dtype)
    E_a_s_part_5_1 = L_max  # the same memory
    E_a_s_part_6_1 = p_max  # the same memory
    E_a_s_part_6_2 = E_s_sum_2  # the same memory
    E_a_s_part_8_1 = Q_sum  # the same memory
    E_a_s_part_8_2 = L_scores_sum  # the same memory
    E_a_s_10 = L_scores_5  # the same memory
    E_a_s_21 = a_p  # the same memory
    E_m_part_3_2 = p_max  # the same memory
    E_m_2 = L_scores_6  # the same memory
    E_m = a_p  # the same memory
    E_w_m_part_3_1 = E_L  # the same memory
    E_w_m_part_5_5 = L_scores_7  # the same memory
    E_a_p = a_p  # the same memory
    E_a_p_sum_5 = E_L  # the same memory
    E_a_p_part_9_2 = Q_sum  # the same memory
    E_a_p_14 = p  # the same memory
    E_z_sum = a_z_spread  # the same memory
    E_z_part_4_15 = L_scores_6  # the same memory
    E_z = empty((J, N), dtype)
    E_z_sum_5 = empty((J, N), dtype)
    E_a_z_1 = a_z  # the same memory
    E_a_z = E_z  # the same memory
    L_sum_prime = p_sum_to_E_s_sum_2_prime[1]
    Q_sum_prime = p_sum_to_E_s_sum_2_prime[2]
    L_shifted_T = L_shifted.T
    L_scores_9_T = L_scores_9.T
    p_T = p.T
    E_s_part_2_8_T = E_s_part_2_8.T
    z_T = z.T
    E_a_p_T = E_a_p.T

    def predict(weights: Views, x: Array, s2: Array) -> Array:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        x_T = x.T
        # (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
        w_z.dot(x_T, a_z)
        copyto(a_z_spread, b_z_column)
        add(a_z, a_z_spread, a_z)
        # (2) z[i, j] = tanh(a_z[i, j])
        tanh(a_z, z)
        # (5) m[i, k] = Sum(w_m[k, j]*z[i, j], j) + b_m[k]
        w_m.dot(z, m)
        copyto(m_spread, b_m_column)
        add(m, m_spread, m)
        return m.T

    def value(weights: Views, x: Array, s2: Array, t: Array) -> Any:
        predict(weights, x, s2)
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        # (3) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
        w_p.dot(z, a_p)
        copyto(a_p_spread, b_p_column)
        add(a_p, a_p_spread, a_p)
        # (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
        maximum.reduce(a_p, 0, None, p_max)
        subtract(a_p, p_max, p)
        # (6) a_s[i, k] = Sum(w_s[k, j]*z[i, j], j) + b_s[k]
        w_s.dot(z, a_s)
        copyto(a_s_spread, b_s_column)
        add(a_s, a_s_spread, a_s)
        # (7) s[i, k] = exp(a_s[i, k])
        exp(a_s, s)
        # (8) L[i] = -log(Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i, k]**(-1),
        #         k))
        maximum.reduce(p, 0, None, L_max)
        subtract(p, L_max, L_shifted)
        exp(L_shifted, L_shifted)
        L_shifted_T.dot(ones, L_scores_sum)
        log(L_scores_sum, L_scores_sum)
        add(L_scores_sum, L_max, L_scores_sum)
        negative(L_scores_sum, L_scores_sum)
        divide(factor, s, L_shifted)
        absolute(L_shifted, L_shifted)
        greater(L_shifted, zero, mask_L_scores_1)
        subtract(t, m, L_scores_3)
        multiply(L_scores_3, L_scores_3, L_shifted)
        multiply(L_shifted, factor_2, L_scores_5)
        multiply(s, s, L_scores_6)
        reciprocal(L_scores_6, L_scores_7)
        multiply(L_scores_5, L_scores_7, L_scores_5)
        add(L_scores_5, p, L_scores_9)
        add(L_scores_9, L_scores_sum, L_scores_10)
        copyto(L_scores, factor_3)
        copyto(L_scores, L_scores_10, where=mask_L_scores_1)
        maximum.reduce(L_scores, 0, None, L_max)
        subtract(L_scores_sum, L_max, L_scores_sum)
        add(L_scores_9, L_scores_sum, L_scores_9)
        minimum(L_scores_9, zero, out=L_scores_9)
        exp(L_scores_9, L_scores_9)
        divide(L_scores_9, s, L_scores_9)
        L_scores_9_T.dot(ones, L_scores_sum)
        # (9) Q = Sum(s2[i]*L[i], i)
        copyto(Q_sum, L_scores_sum)
        divide(Q_sum, factor_4, Q_part_2_1)
        log(Q_part_2_1, Q_part_2_1)
        add(Q_part_2_1, L_max, Q_part_2_1)
        Q_sum_2 = s2.dot(Q_part_2_1)
        Q = -Q_sum_2
        return Q

    def gradient(weights: Views, x: Array, s2: Array, t: Array, slopes: Views) -> None:
        w_z, w_p, w_m, w_s, b_z_column, b_m_column, b_p_column, b_s_column, w_p_T, w_m_T, w_s_T = weights
        E_w_z, E_b_z, E_w_p, E_b_p, E_w_m, E_b_m, E_w_s, E_b_s = slopes
        # (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
        exp(p, p)
        p_T.dot(ones, p_sum)
        reciprocal(p_sum, p_part_2)
        multiply(p_part_2, p, p)
        # (10) E_L[i] = s2[i]
        copyto(E_L, s2)
        # (11) E_s[i, k] = -E_L[i]*Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
        #         k]**(-1), k)**(-1)*(p[i, k]*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*(t[i]
        #         - m[i, k])**2*s[i, k]**(-4) - p[i, k]*((2*pi)**(1/2))**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i,
        #         k]**(-2))*s[i, k]**(-2))
        add(L_scores_5, a_p, E_s_part_2_7)
        subtract(E_s_part_2_7, p_max, E_s_part_2_8)
        exp(E_s_part_2_8, E_s_part_2_8)
        divide(E_s_part_2_8, s, E_s_part_2_8)
        E_s_part_2_8_T.dot(ones, E_s_sum_2)
        # (12) E_a_s[i, k] = E_s[i, k]*s[i, k]
        # (15) E_m[i, k] = -E_L[i]*Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
        #         k]**(-1), k)**(-1)*p[i, k]*((2*pi)**(1/2))**(-1)*s[i, k]**(-3)*exp(-1/2*(t[i] - m[i, k])**2*s[i,
        #         k]**(-2))*(t[i] - m[i, k])
        # (16) E_w_m[k, j] = Sum(E_m[i, k]*z[i, j], i)
        # (18) E_p[i, k] = -E_L[i]*Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
        #         k]**(-1), k)**(-1)*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i, k]**(-1)
        # (19) E_a_p[i, k] = E_p[i, k]*p[i, k] - p[i, k]*Sum(E_p[i, s]*p[i, s], s)
        reciprocal(p_sum_to_E_s_sum_2, p_sum_to_E_s_sum_2_prime)
        multiply(L_scores_6, L_scores_6, E_s_part_2_8)
        reciprocal(E_s_part_2_8, E_s_part_2_8)
        negative(L_max, E_a_s_part_5_1)
        subtract(E_a_s_part_5_1, p_max, E_a_s_part_5_1)
        multiply(E_L, factor_5, E_a_s_part_6_1)
        multiply(E_a_s_part_6_1, Q_sum_prime, E_a_s_part_6_2)
        divide(E_a_s_part_6_2, p_sum, E_a_s_part_6_2)
        multiply(E_L, factor_6, E_a_s_part_8_1)
        multiply(E_a_s_part_8_1, Q_sum_prime, E_a_s_part_8_2)
        divide(E_a_s_part_8_2, p_sum, E_a_s_part_8_2)
        multiply(s, E_a_s_part_6_2, E_a_s)
        add(E_s_part_2_7, E_a_s_part_5_1, E_a_s_10)
        exp(E_a_s_10, E_a_s_10)
        multiply(E_a_s, E_a_s_10, E_a_s)
        multiply(E_a_s, L_shifted, E_a_s)
        multiply(E_a_s, E_s_part_2_8, E_a_s)
        multiply(s, E_a_s_part_8_2, E_a_s_21)
        multiply(E_a_s_21, E_a_s_10, E_a_s_21)
        multiply(E_a_s_21, L_scores_7, E_a_s_21)
        add(E_a_s, E_a_s_21, E_a_s)
        # (13) E_w_s[k, j] = Sum(E_a_s[i, k]*z[i, j], i)
        E_a_s.dot(z_T, E_w_s)
        # (14) E_b_s[k] = Sum(E_a_s[i, k], i)
        E_a_s.dot(ones_2, E_b_s)
        # (15) E_m[i, k] = -E_L[i]*Sum(p[i, k]*exp(-1/2*(t[i] - m[i, k])**2*s[i, k]**(-2))*((2*pi)**(1/2))**(-1)*s[i,
        #         k]**(-1), k)**(-1)*p[i, k]*((2*pi)**(1/2))**(-1)*s[i, k]**(-3)*exp(-1/2*(t[i] - m[i, k])**2*s[i,
        #         k]**(-2))*(t[i] - m[i, k])
        multiply(E_a_s_part_6_1, L_sum_prime, E_m_part_3_2)
        divide(E_m_part_3_2, p_sum, E_m_part_3_2)
        multiply(L_scores_6, s, E_m_2)
        reciprocal(E_m_2, E_m_2)
        multiply(E_m_part_3_2, E_m_2, E_m)
        multiply(E_m, E_a_s_10, E_m)
        multiply(E_m, L_scores_3, E_m)
        # (16) E_w_m[k, j] = Sum(E_m[i, k]*z[i, j], i)
        multiply(E_L, Q_sum_prime, E_w_m_part_3_1)
        divide(E_w_m_part_3_1, p_sum, E_w_m_part_3_1)
        multiply(E_w_m_part_3_1, E_m_2, E_w_m_part_5_5)
        multiply(E_w_m_part_5_5, E_a_s_10, E_w_m_part_5_5)
        multiply(E_w_m_part_5_5, L_scores_3, E_w_m_part_5_5)
        E_w_m_part_5_5.dot(z_T, E_w_m)
        multiply(E_w_m, factor_5, E_w_m)
        # (17) E_b_m[k] = Sum(E_m[i, k], i)
        E_m.dot(ones_2, E_b_m)
        # (19) E_a_p[i, k] = E_p[i, k]*p[i, k] - p[i, k]*Sum(E_p[i, s]*p[i, s], s)
        divide(E_a_s_10, s, E_a_p)
        E_a_p_T.dot(ones, E_a_p_sum_5)
        multiply(E_a_s_part_8_1, E_a_p_sum_5, E_a_p_part_9_2)
        multiply(E_a_p_part_9_2, Q_sum_prime, E_a_p_part_9_2)
        divide(E_a_p_part_9_2, p_sum, E_a_p_part_9_2)
        multiply(E_a_s_part_6_2, E_a_s_10, E_a_p)
        divide(E_a_p, s, E_a_p)
        multiply(p, E_a_p_part_9_2, E_a_p_14)
        add(E_a_p, E_a_p_14, E_a_p)
        # (20) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
        E_a_p.dot(z_T, E_w_p)
        # (21) E_b_p[k] = Sum(E_a_p[i, k], i)
        E_a_p.dot(ones_2, E_b_p)
        # (22) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k) + Sum(E_m[i, k]*w_m[k, j], k) + Sum(E_a_s[i, k]*w_s[k, j], k)
        w_p_T.dot(E_a_p, E_z_sum)
        multiply(E_m_2, E_a_s_10, E_z_part_4_15)
        multiply(E_z_part_4_15, L_scores_3, E_z_part_4_15)
        w_m_T.dot(E_z_part_4_15, E_z)
        w_s_T.dot(E_a_s, E_z_sum_5)
        multiply(E_a_s_part_6_2, E_z, E_z)
        add(E_z, E_z_sum, E_z)
        add(E_z, E_z_sum_5, E_z)
        # (23) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
        multiply(z, z, E_a_z_1)
        subtract(one, E_a_z_1, E_a_z_1)
        multiply(E_z, E_a_z_1, E_a_z)
        # (24) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
        E_a_z.dot(x, E_w_z)
        # (25) E_b_z[j] = Sum(E_a_z[i, j], i)
        E_a_z.dot(ones_2, E_b_z)

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
    spec=SPEC,
    spec_hash=SPEC_HASH,
    version=VERSION,
    dtype=DTYPE,
    sizes=SIZES,
    biases=("b_z", "b_p", "b_m", "b_s"),
    target="",
    mean=False,
    regularised=False,
    value_shows_target=False,
    shapes=shapes,
    sample_shapes=sample_shapes,
    functions=functions,
    parameter_views=parameter_views,
    gradient_views=gradient_views,
    witnesses=witnesses,
    plain=plain,
    plain_shapes=plain_shapes,
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
        weights="s2",
        alone=None,
        functions=weighted_functions,
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
