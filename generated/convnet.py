"""convnet: Q(w) and its gradient, in NumPy alone.

    convnet
      x : 4P x 4S                                                                    input
      a : 4P x 4S x C = relu(Sum(w_a[c,u,v]*x[i,r+u-1,s+v-1], u, v) + b_a[c])
      m : 2P x 2S x C = Max(a[i,2*r+u,2*s+v,c], u, v)
      z : 2P x 2S x F = relu(Sum(w_z[f,c,u,v]*m[i,r+u-1,s+v-1,c], u, v, c) + b_z[f])
      h : P x S x F = Max(z[i,2*r+u,2*s+v,f], u, v)
      p : K = softmax(w_p h + b_p)                                                   output
      cross_entropy loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 8134e77681e56fa1, for float64; not to be edited.
Operations  2*N*2P*2P*2S*2S*C*F + 4*N*2P*2S*3*3*C*F + 2*N*2*2*2P*2S*C + 2*N*2*2*F*P*S + 4*N*3*3*4P*4S*C + 4*N*2*2P*2S*C + 5*N*2*2P*F*S + 5*N*2*2S*4P*C + 4*N*2*F*P*S + 6*N*2P*2S*4P*C + 4*N*2P*2S*F*S + 6*N*2P*F*P*S + 4*N*2S*4P*4S*C + 6*N*F*K*P*S + N*2P*2S*C + 5*N*2P*2S*F + N*2P*F*S + N*2S*4P*C + 5*N*4P*4S*C + N*F*P*S + 12*N*K + 4*N   for Q and its gradient
Workspace   8*(2P*2S*F*2P*2S*C + N*2P*2S*C*3*3 + N*2P*2S*C*2 + N*2P*2S*F*S + N*2P*F*S*2 + N*2P*F*S*P + N*4P*4S*3*3 + N*4P*4S*C*2S + N*4P*C*2S*2 + N*4P*C*2S*2P + N*C*2*2P*2S + N*F*2*P*S + N*P*S*F*2 + F*C*3*3 + 2*N*2P*2S*C + 2*N*2P*2S*F + 3*N*2P*F*S + 2*N*4P*4S*C + 3*N*4P*C*2S + 2*N*C*2P*2S + 2*N*F*P*S + N*P*S*F + N*4P*4S + 2P*P + 2S*S + 4P*2P + 4S*2S + 3*K*N + 2 + 2P + K + 3*N + P) bytes for N samples

Equations, each computed for the whole sample at once:
    (1) a_a[i, r, s, c] = Sum(Sum(w_a[c, u, v]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u - 1, s + v -
            1], v), u) + b_a[c]
    (2) a[i, r, s, c] = relu(a_a[i, r, s, c])
    (3) max_m[i, r, s, c] = Max(Max(a[i, 2r + u, 2s + v, c], v), u)
    (4) m[i, r, s, c] = max_m[i, r, s, c]
    (5) a_z[i, r, s, f] = Sum(Sum(Sum(w_z[f, c, u, v]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r + u - 1, s
            + v - 1, c], c), v), u) + b_z[f]
    (6) z[i, r, s, f] = relu(a_z[i, r, s, f])
    (7) max_h[i, r, s, f] = Max(Max(z[i, 2r + u, 2s + v, f], v), u)
    (8) h[i, r, s, f] = max_h[i, r, s, f]
    (9) a_p[i, k] = Sum(Sum(Sum(w_p[k, j, s, f]*h[i, j, s, f], f), s), j) + b_p[k]
    (10) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
    (11) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
    (12) Q = Sum(L[i], i)
    (13) E_L[i] = 1
    (14) E_p[i, k] = -y[i, k]*p[i, k]**(-1)
    (15) E_a_p[i, k] = p[i, k] - y[i, k]
    (16) E_w_p[k, j, s, f] = Sum(E_a_p[i, k]*h[i, j, s, f], i)
    (17) E_b_p[k] = Sum(E_a_p[i, k], i)
    (18) E_h[i, r, s, f] = Sum(E_a_p[i, k]*w_p[k, r, s, f], k)
    (19) E_max_h[i, r, s, f] = E_h[i, r, s, f]
    (20) E_z[i, r, s, f] = Sum(Sum(E_max_h[i, t, m, f]*[Max(z[i, r, 2m + v, f], v) == Max(Max(z[i, q + 2t, 2m + v,
            f], v), q)]*[z[i, r, s, f] == Max(z[i, r, c + 2m, f], c)]*Sum([z[i, r, 2m + q, f] == Max(z[i, r, c + 2m, f],
            c)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(z[i, n + 2t, 2m + v, f], v) == Max(Max(z[i, q + 2t,
            2m + v, f], v), q)], n)**(-1), m), t)
    (21) E_a_z[i, r, s, f] = E_z[i, r, s, f]*[a_z[i, r, s, f] > 0]
    (22) E_w_z[f, c, u, v] = Sum(Sum(Sum(E_a_z[i, r, s, f]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r + u -
            1, s + v - 1, c], s), r), i)
    (23) E_b_z[f] = Sum(Sum(Sum(E_a_z[i, r, s, f], s), r), i)
    (24) E_m[i, r, s, c] = Sum(Sum(Sum(E_a_z[i, t, m, f]*w_z[f, c, r - t + 1, s - m + 1]*[0 <= r - t + 1 < 3]*[0 <=
            s - m + 1 < 3], f), m), t)
    (25) E_max_m[i, r, s, c] = E_m[i, r, s, c]
    (26) E_a[i, r, s, c] = Sum(Sum(E_max_m[i, t, m, c]*[Max(a[i, r, 2m + v, c], v) == Max(Max(a[i, q + 2t, 2m + v,
            c], v), q)]*[a[i, r, s, c] == Max(a[i, r, g + 2m, c], g)]*Sum([a[i, r, 2m + q, c] == Max(a[i, r, g + 2m, c],
            g)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(a[i, n + 2t, 2m + v, c], v) == Max(Max(a[i, q + 2t,
            2m + v, c], v), q)], n)**(-1), m), t)
    (27) E_a_a[i, r, s, c] = E_a[i, r, s, c]*[a_a[i, r, s, c] > 0]
    (28) E_w_a[c, u, v] = Sum(Sum(Sum(E_a_a[i, r, s, c]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u - 1,
            s + v - 1], s), r), i)
    (29) E_b_a[c] = Sum(Sum(Sum(E_a_a[i, r, s, c], s), r), i)
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import zipfile
import zlib
from collections import OrderedDict
from contextvars import copy_context
from functools import partial
from math import isfinite

import numpy as np
from numpy import (
    add,
    arange,
    array,
    copyto,
    divide,
    empty,
    equal,
    exp,
    greater,
    log,
    matmul,
    maximum,
    multiply,
    reciprocal,
    subtract,
    zeros,
)
from numpy.lib.stride_tricks import as_strided

SPEC = "convnet"
SPEC_HASH = "8134e77681e56fa1b473e026a40f5298c97f07242db5b13a863fb28a382dc930"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES = {
    "P": 2,
    "S": 2,
    "C": 2,
    "F": 3,
    "K": 3,
}
#: Parameters that start at 0.
BIASES = "b_a", "b_z", "b_p"
#: Whether Q is not finite when a number in the target is not.
VALUE_SHOWS_TARGET = True
#: A sample with more numbers is not searched for infinite ones before the work, when they show in a gradient.
MANY = 10_000


def parameter_views(flat, layout, P, S, C, F, K):
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_a = flat[layout["w_a"][0]].reshape((C, 3, 3))
    b_a = flat[layout["b_a"][0]].reshape((C,))
    w_z = flat[layout["w_z"][0]].reshape((F, C, 3, 3))
    b_z = flat[layout["b_z"][0]].reshape((F,))
    w_p = flat[layout["w_p"][0]].reshape((K, P, S, F))
    b_p = flat[layout["b_p"][0]].reshape((K,))
    w_a_matrix_T = w_a.reshape(C, 3*3).T
    w_z_matrix_T = w_z.reshape(F, C*3*3).T
    w_p_matrix = w_p.reshape(K, P*S*F)
    b_p_column = b_p[:, None]
    return b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column


def gradient_views(flat, layout, P, S, C, F, K):
    """The same for the flat gradient: where each derivative is written."""
    E_w_a = flat[layout["w_a"][0]].reshape((C, 3, 3))
    E_b_a = flat[layout["b_a"][0]].reshape((C,))
    E_w_z = flat[layout["w_z"][0]].reshape((F, C, 3, 3))
    E_b_z = flat[layout["b_z"][0]].reshape((F,))
    E_w_p = flat[layout["w_p"][0]].reshape((K, P, S, F))
    E_b_p = flat[layout["b_p"][0]].reshape((K,))
    E_w_p_matrix = E_w_p.reshape(K, P*S*F)
    E_w_z_matrix = E_w_z.reshape(F, C*3*3)
    E_w_a_matrix = E_w_a.reshape(C, 3*3)
    return E_b_a, E_b_z, E_b_p, E_w_p_matrix, E_w_z_matrix, E_w_a_matrix


def window(source, start, steps, shape):
    """The view v of the source with v[i] = source[start + i·steps] for all i below ``shape``: nothing is copied."""
    strides = [sum(step * stride for step, stride in zip(row, source.strides)) for row in steps]
    return as_strided(source[tuple(slice(s, None) for s in start)], shape, strides)


def padded(shape, ranges, dtype):
    """Zeros for the positions low … high along each axis of a source of that shape.

    Also the part of them that the source covers, and the part of the source that covers it.
    """
    around = zeros([high - low + 1 for low, high in ranges], dtype)
    first = [max(low, 0) for low, _ in ranges]
    last = [min(high, n - 1) for (_, high), n in zip(ranges, shape)]
    inside = around[tuple(slice(a - low, b + 1 - low) for a, b, (low, _) in zip(first, last, ranges))]
    return around, inside, tuple(slice(a, b + 1) for a, b in zip(first, last))


def functions(N, P, S, C, F, K, dtype):
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    zero = array(0.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    ones_3 = empty((2,), dtype)
    ones_3.fill(1.0)
    E_z_indicator = empty((2*P, P), dtype)
    copyto(E_z_indicator, (0 <= (arange(2*P)[:, None] + -2*arange(P)[None, :])) & ((arange(2*P)[:, None] + -2*arange(P)[None, :]) < 2))
    E_z_indicator_2 = empty((2*S, S), dtype)
    copyto(E_z_indicator_2, (0 <= (-2*arange(S)[None, :] + arange(2*S)[:, None])) & ((-2*arange(S)[None, :] + arange(2*S)[:, None]) < 2))
    ones_4 = empty((P,), dtype)
    ones_4.fill(1.0)
    E_a_indicator = empty((4*P, 2*P), dtype)
    copyto(E_a_indicator, (0 <= (arange(4*P)[:, None] + -2*arange(2*P)[None, :])) & ((arange(4*P)[:, None] + -2*arange(2*P)[None, :]) < 2))
    E_a_indicator_2 = empty((4*S, 2*S), dtype)
    copyto(E_a_indicator_2, (0 <= (-2*arange(2*S)[None, :] + arange(4*S)[:, None])) & ((-2*arange(2*S)[None, :] + arange(4*S)[:, None]) < 2))
    ones_5 = empty((2*P,), dtype)
    ones_5.fill(1.0)
    a_a_x_view_padded, a_a_x_view_inside, a_a_x_view_seen = padded((N, 4*P, 4*S), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(4*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(4*S - 1) + 1*(3 - 1)),), dtype)
    a_a_x_view = window(a_a_x_view_padded, (0 - (0), -1 - (-1), -1 - (-1),), ((1, 0, 0,), (0, 1, 0,), (0, 1, 0,), (0, 0, 1,), (0, 0, 1,),), (N, 4*P, 3, 4*S, 3))
    a_a_x_window = empty((N, 4*P, 4*S, 3, 3), dtype)
    a_a = empty((N, 4*P, 4*S, C), dtype)
    a = empty((N, 4*P, 4*S, C), dtype)
    max_m_max = empty((N, 2*P, 2*S, C, 2), dtype)
    max_m = empty((N, 2*P, 2*S, C), dtype)
    m = max_m  # the same memory
    a_z_m_view_padded, a_z_m_view_inside, a_z_m_view_seen = padded((N, 2*P, 2*S, C), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(2*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(2*S - 1) + 1*(3 - 1)), (0, 0 + 1*(C - 1)),), dtype)
    a_z_m_view = window(a_z_m_view_padded, (0 - (0), -1 - (-1), -1 - (-1), 0 - (0),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, 3, 2*S, 3, C))
    a_z_m_window = empty((N, 2*P, 2*S, C, 3, 3), dtype)
    a_z = empty((N, 2*P, 2*S, F), dtype)
    z = empty((N, 2*P, 2*S, F), dtype)
    max_h_max = empty((N, P, S, F, 2), dtype)
    max_h = empty((N, P, S, F), dtype)
    h = max_h  # the same memory
    a_p = empty((K, N), dtype)
    p = empty((K, N), dtype)
    a_p_spread = p  # the same memory
    p_max = empty((N,), dtype)
    p_shifted = a_p  # the same memory
    p_part_2 = empty((N,), dtype)
    L_1 = p_max  # the same memory
    y_arranged = empty((K, N), dtype)
    E_a_p = p  # the same memory
    E_h = max_h  # the same memory
    E_max_h = max_h  # the same memory
    E_z_max = empty((N, 2*P, F, S), dtype)
    E_z_max_2 = empty((N, F, 2, P, S), dtype)
    E_z_max_3 = empty((N, F, P, S), dtype)
    E_z_max_4 = empty((N, 2*P, F, S), dtype)
    E_z_part = empty((N, 2*P, F, S, 2), dtype)
    E_z_sum = empty((N, 2*P, F, S), dtype)
    E_z_sum_2 = empty((N, F, P, S), dtype)
    E_z_part_5_1 = empty((N, 2*P, F, S, P), dtype)
    mask_E_z_part_5_1 = empty((N, 2*P, F, S, P), bool)
    mask_E_z_part_6_1 = empty((N, 2*P, 2*S, F, S), bool)
    E_z_part_6 = empty((N, 2*P, 2*S, F, S), dtype)
    E_z = z  # the same memory
    mask_E_a_z_1 = empty((N, 2*P, 2*S, F), bool)
    E_a_z = z  # the same memory
    E_m_w_z_view_padded, E_m_w_z_view_inside, E_m_w_z_view_seen = padded((F, C, 3, 3), ((0, 0 + 1*(F - 1)), (0, 0 + 1*(C - 1)), (1 + -1*(2*P - 1), 1 + 1*(2*P - 1)), (1 + -1*(2*S - 1), 1 + 1*(2*S - 1)),), dtype)
    E_m_w_z_view = window(E_m_w_z_view_padded, (0 - (0), 0 - (0), 1 - (1 + -1*(2*P - 1)), 1 - (1 + -1*(2*S - 1)),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, -1, 0,), (0, 0, 0, -1,), (0, 0, 0, 1,),), (F, C, 2*P, 2*P, 2*S, 2*S))
    E_m_w_z_window = empty((2*P, 2*S, F, 2*P, 2*S, C), dtype)
    E_m = max_m  # the same memory
    E_max_m = max_m  # the same memory
    E_a_max = empty((N, 4*P, C, 2*S), dtype)
    E_a_max_2 = empty((N, C, 2, 2*P, 2*S), dtype)
    E_a_max_3 = empty((N, C, 2*P, 2*S), dtype)
    E_a_max_4 = empty((N, 4*P, C, 2*S), dtype)
    E_a_part = empty((N, 4*P, C, 2*S, 2), dtype)
    E_a_sum = empty((N, 4*P, C, 2*S), dtype)
    E_a_sum_2 = empty((N, C, 2*P, 2*S), dtype)
    E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), dtype)
    mask_E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), bool)
    mask_E_a_part_6_1 = empty((N, 4*P, 4*S, C, 2*S), bool)
    E_a_part_6 = empty((N, 4*P, 4*S, C, 2*S), dtype)
    E_a = a  # the same memory
    mask_E_a_a_1 = empty((N, 4*P, 4*S, C), bool)
    E_a_a = a  # the same memory
    max_m_a_view = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 2, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, 2, 2*S, 2, C))
    max_h_z_view = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 2, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, P, 2, S, 2, F))
    E_z_z_view = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, S, 2, F))
    E_z_z_view_2 = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 2, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2, P, S, 2, F))
    E_z_z_view_3 = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 2, 0,), (0, 0, 0, 1,),), (N, 2*P, 2, S, F))
    E_a_a_view = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 4*P, 2*S, 2, C))
    E_a_a_view_2 = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 2, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2, 2*P, 2*S, 2, C))
    E_a_a_view_3 = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 2, 0,), (0, 0, 0, 1,),), (N, 4*P, 2, 2*S, C))
    a_a_x_view_turned = a_a_x_view.transpose(0, 1, 3, 2, 4)
    a_a_x_window_matrix = a_a_x_window.reshape(N*4*P*4*S, 3*3)
    a_a_matrix = a_a.reshape(N*4*P*4*S, C)
    max_m_a_view_turned = max_m_a_view.transpose(0, 1, 3, 5, 2, 4)
    a_z_m_view_turned = a_z_m_view.transpose(0, 1, 3, 5, 2, 4)
    a_z_m_window_matrix = a_z_m_window.reshape(N*2*P*2*S, C*3*3)
    a_z_matrix = a_z.reshape(N*2*P*2*S, F)
    max_h_z_view_turned = max_h_z_view.transpose(0, 1, 3, 5, 2, 4)
    h_matrix_T = h.reshape(N, P*S*F).T
    p_T = p.T
    y_arranged_flat = y_arranged.reshape(K*N)
    p_shifted_flat = p_shifted.reshape(K*N)
    h_matrix = h.reshape(N, P*S*F)
    E_a_p_T = E_a_p.T
    E_h_matrix = E_h.reshape(N, P*S*F)
    E_z_z_view_turned = E_z_z_view.transpose(0, 1, 4, 2, 3)
    E_z_z_view_2_turned = E_z_z_view_2.transpose(0, 5, 1, 2, 3, 4)
    E_z_z_view_3_turned = E_z_z_view_3.transpose(0, 1, 4, 3, 2)
    E_z_max_4_spread = E_z_max_4[:, :, :, :, None]
    E_z_part_matrix = E_z_part.reshape(N*2*P*F*S, 2)
    E_z_sum_flat = E_z_sum.reshape(N*2*P*F*S)
    E_z_max_3_spread = E_z_max_3[:, :, None, :, :]
    E_max_h_turned = E_max_h.transpose(0, 3, 1, 2)
    E_z_sum_spread = E_z_sum[:, :, :, :, None]
    E_z_sum_2_turned_spread = E_z_sum_2.transpose(0, 1, 3, 2)[:, None, :, :, :]
    E_z_indicator_spread = E_z_indicator[:, None, None, :]
    E_z_max_spread = E_z_max[:, :, :, :, None]
    E_z_max_3_turned_spread = E_z_max_3.transpose(0, 1, 3, 2)[:, None, :, :, :]
    z_spread = z[:, :, :, :, None]
    E_z_max_4_spread_2 = E_z_max_4[:, :, None, :, :]
    E_z_indicator_2_spread = E_z_indicator_2[:, None, :]
    E_z_part_5_1_matrix = E_z_part_5_1.reshape(N*2*P*F*S, P)
    E_z_max_4_flat = E_z_max_4.reshape(N*2*P*F*S)
    E_z_max_4_spread_3 = E_z_max_4[:, :, :, None, :]
    E_z_part_6_turned = E_z_part_6.transpose(0, 1, 3, 4, 2)
    E_z_turned_spread = E_z.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_z_matrix_T = E_a_z.reshape(N*2*P*2*S, F).T
    E_m_w_z_view_turned = E_m_w_z_view.transpose(3, 4, 0, 2, 5, 1)
    E_a_z_matrix = E_a_z.reshape(N, 2*P*2*S*F)
    E_m_w_z_window_matrix = E_m_w_z_window.reshape(2*P*2*S*F, 2*P*2*S*C)
    E_m_matrix = E_m.reshape(N, 2*P*2*S*C)
    E_a_a_view_turned = E_a_a_view.transpose(0, 1, 4, 2, 3)
    E_a_a_view_2_turned = E_a_a_view_2.transpose(0, 5, 1, 2, 3, 4)
    E_a_a_view_3_turned = E_a_a_view_3.transpose(0, 1, 4, 3, 2)
    E_a_max_4_spread = E_a_max_4[:, :, :, :, None]
    E_a_part_matrix = E_a_part.reshape(N*4*P*C*2*S, 2)
    E_a_sum_flat = E_a_sum.reshape(N*4*P*C*2*S)
    E_a_max_3_spread = E_a_max_3[:, :, None, :, :]
    E_max_m_turned = E_max_m.transpose(0, 3, 1, 2)
    E_a_sum_spread = E_a_sum[:, :, :, :, None]
    E_a_sum_2_turned_spread = E_a_sum_2.transpose(0, 1, 3, 2)[:, None, :, :, :]
    E_a_indicator_spread = E_a_indicator[:, None, None, :]
    E_a_max_spread = E_a_max[:, :, :, :, None]
    E_a_max_3_turned_spread = E_a_max_3.transpose(0, 1, 3, 2)[:, None, :, :, :]
    a_spread = a[:, :, :, :, None]
    E_a_max_4_spread_2 = E_a_max_4[:, :, None, :, :]
    E_a_indicator_2_spread = E_a_indicator_2[:, None, :]
    E_a_part_5_1_matrix = E_a_part_5_1.reshape(N*4*P*C*2*S, 2*P)
    E_a_max_4_flat = E_a_max_4.reshape(N*4*P*C*2*S)
    E_a_max_4_spread_3 = E_a_max_4[:, :, :, None, :]
    E_a_part_6_turned = E_a_part_6.transpose(0, 1, 3, 4, 2)
    E_a_turned_spread = E_a.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_a_matrix_T = E_a_a.reshape(N*4*P*4*S, C).T

    def predict(weights, x):
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        # (1) a_a[i, r, s, c] = Sum(Sum(w_a[c, u, v]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u - 1, s + v
        #         - 1], v), u) + b_a[c]
        copyto(a_a_x_view_inside, x[a_a_x_view_seen])
        copyto(a_a_x_window, a_a_x_view_turned)
        a_a_x_window_matrix.dot(w_a_matrix_T, a_a_matrix)
        add(a_a, b_a, a_a)
        # (2) a[i, r, s, c] = relu(a_a[i, r, s, c])
        maximum(a_a, zero, out=a)
        # (3) max_m[i, r, s, c] = Max(Max(a[i, 2r + u, 2s + v, c], v), u)
        maximum.reduce(max_m_a_view_turned, 5, None, max_m_max)
        maximum.reduce(max_m_max, 4, None, max_m)
        # (4) m[i, r, s, c] = max_m[i, r, s, c]
        copyto(m, max_m)
        # (5) a_z[i, r, s, f] = Sum(Sum(Sum(w_z[f, c, u, v]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r + u -
        #         1, s + v - 1, c], c), v), u) + b_z[f]
        copyto(a_z_m_view_inside, m[a_z_m_view_seen])
        copyto(a_z_m_window, a_z_m_view_turned)
        a_z_m_window_matrix.dot(w_z_matrix_T, a_z_matrix)
        add(a_z, b_z, a_z)
        # (6) z[i, r, s, f] = relu(a_z[i, r, s, f])
        maximum(a_z, zero, out=z)
        # (7) max_h[i, r, s, f] = Max(Max(z[i, 2r + u, 2s + v, f], v), u)
        maximum.reduce(max_h_z_view_turned, 5, None, max_h_max)
        maximum.reduce(max_h_max, 4, None, max_h)
        # (8) h[i, r, s, f] = max_h[i, r, s, f]
        copyto(h, max_h)
        # (9) a_p[i, k] = Sum(Sum(Sum(w_p[k, j, s, f]*h[i, j, s, f], f), s), j) + b_p[k]
        w_p_matrix.dot(h_matrix_T, a_p)
        copyto(a_p_spread, b_p_column)
        add(a_p, a_p_spread, a_p)
        # (10) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
        maximum.reduce(a_p, 0, None, p_max)
        subtract(a_p, p_max, p_shifted)
        exp(p_shifted, p)
        p_T.dot(ones, p_max)
        reciprocal(p_max, p_part_2)
        multiply(p_part_2, p, p)
        return p.T

    def value(weights, x, y):
        predict(weights, x)
        y_T = y.T
        # (11) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
        log(p_max, L_1)
        # (12) Q = Sum(L[i], i)
        copyto(y_arranged, y_T)
        Q_sum = y_arranged_flat.dot(p_shifted_flat)
        Q_sum_3 = L_1.dot(ones_2)
        Q = -(Q_sum - Q_sum_3)
        return Q

    def gradient(weights, x, y, slopes):
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        E_b_a, E_b_z, E_b_p, E_w_p_matrix, E_w_z_matrix, E_w_a_matrix = slopes
        # (15) E_a_p[i, k] = p[i, k] - y[i, k]
        subtract(p, y_arranged, E_a_p)
        # (16) E_w_p[k, j, s, f] = Sum(E_a_p[i, k]*h[i, j, s, f], i)
        E_a_p.dot(h_matrix, E_w_p_matrix)
        # (17) E_b_p[k] = Sum(E_a_p[i, k], i)
        E_a_p.dot(ones_2, E_b_p)
        # (18) E_h[i, r, s, f] = Sum(E_a_p[i, k]*w_p[k, r, s, f], k)
        E_a_p_T.dot(w_p_matrix, E_h_matrix)
        # (19) E_max_h[i, r, s, f] = E_h[i, r, s, f]
        copyto(E_max_h, E_h)
        # (20) E_z[i, r, s, f] = Sum(Sum(E_max_h[i, t, m, f]*[Max(z[i, r, 2m + v, f], v) == Max(Max(z[i, q + 2t, 2m +
        #         v, f], v), q)]*[z[i, r, s, f] == Max(z[i, r, c + 2m, f], c)]*Sum([z[i, r, 2m + q, f] == Max(z[i, r,
        #         c + 2m, f], c)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(z[i, n + 2t, 2m + v, f], v)
        #         == Max(Max(z[i, q + 2t, 2m + v, f], v), q)], n)**(-1), m), t)
        maximum.reduce(E_z_z_view_turned, 4, None, E_z_max)
        maximum.reduce(E_z_z_view_2_turned, 5, None, E_z_max_2)
        maximum.reduce(E_z_max_2, 2, None, E_z_max_3)
        maximum.reduce(E_z_z_view_3_turned, 4, None, E_z_max_4)
        equal(E_z_z_view_turned, E_z_max_4_spread, E_z_part)
        E_z_part_matrix.dot(ones_3, E_z_sum_flat)
        equal(E_z_max_2, E_z_max_3_spread, E_z_max_2)
        add.reduce(E_z_max_2, 2, None, E_z_sum_2)
        reciprocal(E_z_sum, E_z_sum)
        divide(E_max_h_turned, E_z_sum_2, E_z_sum_2)
        multiply(E_z_sum_spread, E_z_sum_2_turned_spread, E_z_part_5_1)
        multiply(E_z_part_5_1, E_z_indicator_spread, E_z_part_5_1)
        equal(E_z_max_spread, E_z_max_3_turned_spread, mask_E_z_part_5_1)
        multiply(E_z_part_5_1, mask_E_z_part_5_1, E_z_part_5_1)
        equal(z_spread, E_z_max_4_spread_2, mask_E_z_part_6_1)
        multiply(E_z_indicator_2_spread, mask_E_z_part_6_1, E_z_part_6)
        E_z_part_5_1_matrix.dot(ones_4, E_z_max_4_flat)
        matmul(E_z_max_4_spread_3, E_z_part_6_turned, E_z_turned_spread)
        # (21) E_a_z[i, r, s, f] = E_z[i, r, s, f]*[a_z[i, r, s, f] > 0]
        greater(a_z, zero, mask_E_a_z_1)
        multiply(E_z, mask_E_a_z_1, E_a_z)
        # (22) E_w_z[f, c, u, v] = Sum(Sum(Sum(E_a_z[i, r, s, f]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r +
        #         u - 1, s + v - 1, c], s), r), i)
        E_a_z_matrix_T.dot(a_z_m_window_matrix, E_w_z_matrix)
        # (23) E_b_z[f] = Sum(Sum(Sum(E_a_z[i, r, s, f], s), r), i)
        add.reduce(E_a_z, (0, 1, 2), None, E_b_z)
        # (24) E_m[i, r, s, c] = Sum(Sum(Sum(E_a_z[i, t, m, f]*w_z[f, c, r - t + 1, s - m + 1]*[0 <= r - t + 1 < 3]*[0
        #         <= s - m + 1 < 3], f), m), t)
        copyto(E_m_w_z_view_inside, w_z[E_m_w_z_view_seen])
        copyto(E_m_w_z_window, E_m_w_z_view_turned)
        E_a_z_matrix.dot(E_m_w_z_window_matrix, E_m_matrix)
        # (25) E_max_m[i, r, s, c] = E_m[i, r, s, c]
        copyto(E_max_m, E_m)
        # (26) E_a[i, r, s, c] = Sum(Sum(E_max_m[i, t, m, c]*[Max(a[i, r, 2m + v, c], v) == Max(Max(a[i, q + 2t, 2m +
        #         v, c], v), q)]*[a[i, r, s, c] == Max(a[i, r, g + 2m, c], g)]*Sum([a[i, r, 2m + q, c] == Max(a[i, r,
        #         g + 2m, c], g)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(a[i, n + 2t, 2m + v, c], v)
        #         == Max(Max(a[i, q + 2t, 2m + v, c], v), q)], n)**(-1), m), t)
        maximum.reduce(E_a_a_view_turned, 4, None, E_a_max)
        maximum.reduce(E_a_a_view_2_turned, 5, None, E_a_max_2)
        maximum.reduce(E_a_max_2, 2, None, E_a_max_3)
        maximum.reduce(E_a_a_view_3_turned, 4, None, E_a_max_4)
        equal(E_a_a_view_turned, E_a_max_4_spread, E_a_part)
        E_a_part_matrix.dot(ones_3, E_a_sum_flat)
        equal(E_a_max_2, E_a_max_3_spread, E_a_max_2)
        add.reduce(E_a_max_2, 2, None, E_a_sum_2)
        reciprocal(E_a_sum, E_a_sum)
        divide(E_max_m_turned, E_a_sum_2, E_a_sum_2)
        multiply(E_a_sum_spread, E_a_sum_2_turned_spread, E_a_part_5_1)
        multiply(E_a_part_5_1, E_a_indicator_spread, E_a_part_5_1)
        equal(E_a_max_spread, E_a_max_3_turned_spread, mask_E_a_part_5_1)
        multiply(E_a_part_5_1, mask_E_a_part_5_1, E_a_part_5_1)
        equal(a_spread, E_a_max_4_spread_2, mask_E_a_part_6_1)
        multiply(E_a_indicator_2_spread, mask_E_a_part_6_1, E_a_part_6)
        E_a_part_5_1_matrix.dot(ones_5, E_a_max_4_flat)
        matmul(E_a_max_4_spread_3, E_a_part_6_turned, E_a_turned_spread)
        # (27) E_a_a[i, r, s, c] = E_a[i, r, s, c]*[a_a[i, r, s, c] > 0]
        greater(a_a, zero, mask_E_a_a_1)
        multiply(E_a, mask_E_a_a_1, E_a_a)
        # (28) E_w_a[c, u, v] = Sum(Sum(Sum(E_a_a[i, r, s, c]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u -
        #         1, s + v - 1], s), r), i)
        E_a_a_matrix_T.dot(a_a_x_window_matrix, E_w_a_matrix)
        # (29) E_b_a[c] = Sum(Sum(Sum(E_a_a[i, r, s, c], s), r), i)
        add.reduce(E_a_a, (0, 1, 2), None, E_b_a)

    def both(weights, x, y, slopes, shown=()):
        Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return Q, finite

    # No warnings: exp may overflow to inf, where the formula says 1/inf = 0, and log 0 is -inf.
    # errstate belongs to a context, and to enter one that was made before costs next to nothing.
    with np.errstate(all="ignore"):
        quiet = copy_context()
    return partial(quiet.run, predict), partial(quiet.run, value), partial(quiet.run, both)


def layout(sizes):
    """The parameters in the flat vector: {name: (slice, shape)}, in order, each row-major."""
    P, S, C, F, K = (sizes[name] for name in SIZES)
    shapes = {
        "w_a": (C, 3, 3),
        "b_a": (C,),
        "w_z": (F, C, 3, 3),
        "b_z": (F,),
        "w_p": (K, P, S, F),
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


def real_numbers(name, given, expected="an array of real numbers"):
    """``given`` as an array, with the numbers that it has.  ValueError when they are no real numbers."""
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):
        array = np.empty(0, object)
    if array.dtype.kind not in "fiub":
        got = f"an array of {array.dtype}" if isinstance(given, np.ndarray) else type(given).__name__
        raise ValueError(f"{name}: got {got}, expected {expected}")
    return array


@np.errstate(all="ignore")  # a number too large for the dtype becomes inf, and is found as such
def checked_array(name, given, shape, dtype):
    """``given`` as an array of this shape and dtype in C order; axes of length 1 may be there or not.

    A first length of None is the number of samples, which is free.  ValueError when it does not fit.
    """
    array = real_numbers(name, given)
    wanted = tuple(n for n in shape[1:] if n != 1)
    if array.ndim == 0 or tuple(n for n in array.shape[1:] if n != 1) != wanted or shape[0] not in (None, len(array)):
        expected = ", ".join("N" if n is None else str(n) for n in shape) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name}: got shape {array.shape}, expected ({expected})")
    array = np.ascontiguousarray(array, dtype)
    if array.shape[1:] != shape[1:]:
        array = array.reshape(len(array), *shape[1:])
    return array


@np.errstate(all="ignore")
def check_finite(name, array):
    """ValueError when an entry is infinite or not a number."""
    flat = array.ravel()
    if not isfinite(flat.dot(flat)) and not np.isfinite(flat).all():  # the first test is the fast one
        place = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
        raise ValueError(f"{name}: got {array[place]} at {list(place)}, expected finite numbers")


class Objective:
    """Q(w) for numbers in the place of the sizes: ``Objective(P=2, S=2, C=2, F=3, K=3)``.

    size      number of parameters
    layout    {name: (slice, shape)} in the flat vector w
    sizes     {name: number}
    dtype     numpy.float64 or numpy.float32: of w, of the gradient, and of all work in between

    Workspaces are kept per number of samples.  One objective serves one thread at a time.  With
    ``check_finite=False`` X, Y and w are not searched for inf and nan; their shapes are checked all the same.
    """

    KEPT_WORKSPACES = 8
    _more_inputs = {}

    def __init__(self, *, dtype=DTYPE, check_finite=True, **sizes):
        try:
            self.dtype = np.dtype(dtype)
        except TypeError:
            raise ValueError(f"dtype: got {dtype!r}, expected float64 or float32") from None
        if self.dtype not in (np.float64, np.float32):
            raise ValueError(f"dtype: got {self.dtype}, expected float64 or float32")
        self.sizes = checked_sizes(sizes)
        self.layout = layout(self.sizes)
        self.size = sum(part.stop - part.start for part, _ in self.layout.values())
        numbers = tuple(self.sizes.values())
        P, S, C, F, K = numbers
        self._shapes = {
            "x": (None, 4*P, 4*S),
            **self._more_inputs,
        }
        self._target_shape = (None, K)
        self._names = ("X", "Y") if len(self._shapes) == 1 else (*(f"X[{name!r}]" for name in self._shapes), "Y")
        self._numbers = numbers
        self._check_finite = bool(check_finite)
        self._workspaces = OrderedDict()
        # What was seen last: a call with the very same arrays need not look at their shapes again.
        # The last ``out`` is known only as long as ``_work`` is bound to it.
        self._nothing = object()
        self._seen_data = self._seen_target = self._seen_weights = self._seen_out = self._nothing
        self._sample = self._searched = self._functions = self._parameters = self._work = None

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
        self._see(w, X, Y)
        self._search()
        q = float(self._functions[1](self._parameters, *self._sample))
        if not isfinite(q):
            self._search(w)
        return q

    def value_and_gradient(self, w, X, Y, out=None):
        """Q(w) and its gradient, flat like w; ``out`` takes the gradient when it is given."""
        if not (X is self._seen_data and Y is self._seen_target and w is self._seen_weights and out is self._seen_out):
            if isinstance(out, np.ndarray) and not out.flags.c_contiguous:  # no matrix product can be written there
                q, g = self.value_and_gradient(w, X, Y)
                np.copyto(self._checked_out(out, w), g)
                return q, out
            out = self._prepare(w, X, Y, out)
        q, finite = self._work()
        if not isfinite(finite):
            self._search(w)
        return q, out

    def _prepare(self, w, X, Y, out):
        """Take in what has changed since the last time, and bind it to the function that does the work."""
        self._see(w, X, Y)
        out = np.empty(self.size, self.dtype) if out is None else self._checked_out(out, w)
        slopes = self._gradient_views(out)
        self._work = partial(self._functions[2], self._parameters, *self._sample, slopes, self._shown(out))
        self._seen_out = out
        return out

    def predict(self, w, X):
        """The network's output, one row for each sample."""
        x = self._checked_data(X)
        self._see_weights(w)
        return self._workspace(len(x[0]))[0](self._parameters, *x).copy()

    def _see(self, w, X, Y):
        """Take in weights and sample; what has been checked for the very same array is not checked again."""
        if X is not self._seen_data or Y is not self._seen_target:
            x = self._checked_data(X)
            y = self._checked_target(Y, len(x[0]))
            self._sample = *x, y
            self._searched = [(name, values, values.ravel()) for name, values in zip(self._names, self._sample)]
            self._functions = self._workspace(len(y))
            same = x[0] is X and y is Y
            self._seen_data, self._seen_target = (X, Y) if same else (self._nothing, self._nothing)
            self._seen_out = self._nothing
        if w is not self._seen_weights:
            self._see_weights(w)

    def _search(self, w=None):
        """ValueError when a number in the sample or in w is not finite: the very same arrays may have other ones now."""
        if self._check_finite:
            for name, values, _ in self._searched:
                check_finite(name, values)
            if w is not None:
                check_finite("w", np.asarray(w))

    def _see_weights(self, w):
        if w is not self._seen_weights:
            vector = self._checked_vector("w", w)
            self._parameters = self._parameter_views(vector)
            self._seen_weights = w if vector is w else self._nothing
            self._seen_out = self._nothing

    def _shown(self, out):
        """Numbers to look at after the work: if one in the sample is not finite, one of these, or Q, is not either.

        A row of a gradient that a whole input is a factor of stands for that input, if the input is large.
        """
        if not self._check_finite:
            return ()
        rows, shown = self._rows(out), []
        for label, (_, _, flat) in zip((*self._shapes, None), self._searched):
            if label is not None or not VALUE_SHOWS_TARGET:
                shown.append(rows[label] if label in rows and flat.size > MANY else flat)
        return shown

    def _rows(self, flat):
        return {
        }

    def _checked_out(self, out, w):
        if not isinstance(out, np.ndarray) or out.shape != (self.size,) or out.dtype != self.dtype:
            got = f"{out.dtype} of shape {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
            raise ValueError(f"out: got {got}, expected an array of {self.dtype} of shape ({self.size},)")
        if not out.flags.writeable:
            raise ValueError("out: got a read-only array, expected one that can be written")
        if np.may_share_memory(out, w):
            raise ValueError("out: got memory of w itself, expected an array of its own")
        return out

    def _workspace(self, N):
        if N not in self._workspaces:
            if len(self._workspaces) >= self.KEPT_WORKSPACES:
                self._workspaces.popitem(last=False)
            self._workspaces[N] = self._new_workspace(N)
        return self._workspaces[N]

    def _new_workspace(self, N):
        return functions(N, *self._numbers, self.dtype)

    def _parameter_views(self, w):
        return parameter_views(w, self.layout, *self._numbers)

    def _gradient_views(self, g):
        return gradient_views(g, self.layout, *self._numbers)

    def _checked_vector(self, name, w):
        if not isinstance(w, np.ndarray) or w.dtype != self.dtype or not w.flags.c_contiguous:
            w = np.ascontiguousarray(real_numbers(name, w, f"a vector of {self.size} numbers"), self.dtype)
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
            if self._check_finite:
                check_finite(name, arrays[-1])
        return arrays

    def _checked_target(self, Y, samples):
        Y = checked_array("Y", Y, (samples, *self._target_shape[1:]), self.dtype)
        if self._check_finite:
            check_finite("Y", Y)
        sums = Y.sum(axis=-1)
        if (np.abs(sums - 1) > 1e-4).any():
            row = int(np.argmax(np.abs(sums - 1)))
            raise ValueError(f"Y: row {row} sums to {sums[row]:g}, expected 1: the targets are one-hot or probabilities")
        return Y


def weighted_functions(N, P, S, C, F, K, dtype):
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    zero = array(0.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    ones_3 = empty((2,), dtype)
    ones_3.fill(1.0)
    E_z_indicator = empty((2*P, P), dtype)
    copyto(E_z_indicator, (0 <= (arange(2*P)[:, None] + -2*arange(P)[None, :])) & ((arange(2*P)[:, None] + -2*arange(P)[None, :]) < 2))
    E_z_indicator_2 = empty((2*S, S), dtype)
    copyto(E_z_indicator_2, (0 <= (-2*arange(S)[None, :] + arange(2*S)[:, None])) & ((-2*arange(S)[None, :] + arange(2*S)[:, None]) < 2))
    ones_4 = empty((P,), dtype)
    ones_4.fill(1.0)
    E_a_indicator = empty((4*P, 2*P), dtype)
    copyto(E_a_indicator, (0 <= (arange(4*P)[:, None] + -2*arange(2*P)[None, :])) & ((arange(4*P)[:, None] + -2*arange(2*P)[None, :]) < 2))
    E_a_indicator_2 = empty((4*S, 2*S), dtype)
    copyto(E_a_indicator_2, (0 <= (-2*arange(2*S)[None, :] + arange(4*S)[:, None])) & ((-2*arange(2*S)[None, :] + arange(4*S)[:, None]) < 2))
    ones_5 = empty((2*P,), dtype)
    ones_5.fill(1.0)
    a_a_x_view_padded, a_a_x_view_inside, a_a_x_view_seen = padded((N, 4*P, 4*S), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(4*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(4*S - 1) + 1*(3 - 1)),), dtype)
    a_a_x_view = window(a_a_x_view_padded, (0 - (0), -1 - (-1), -1 - (-1),), ((1, 0, 0,), (0, 1, 0,), (0, 1, 0,), (0, 0, 1,), (0, 0, 1,),), (N, 4*P, 3, 4*S, 3))
    a_a_x_window = empty((N, 4*P, 4*S, 3, 3), dtype)
    a_a = empty((N, 4*P, 4*S, C), dtype)
    a = empty((N, 4*P, 4*S, C), dtype)
    max_m_max = empty((N, 2*P, 2*S, C, 2), dtype)
    max_m = empty((N, 2*P, 2*S, C), dtype)
    m = max_m  # the same memory
    a_z_m_view_padded, a_z_m_view_inside, a_z_m_view_seen = padded((N, 2*P, 2*S, C), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(2*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(2*S - 1) + 1*(3 - 1)), (0, 0 + 1*(C - 1)),), dtype)
    a_z_m_view = window(a_z_m_view_padded, (0 - (0), -1 - (-1), -1 - (-1), 0 - (0),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, 3, 2*S, 3, C))
    a_z_m_window = empty((N, 2*P, 2*S, C, 3, 3), dtype)
    a_z = empty((N, 2*P, 2*S, F), dtype)
    z = empty((N, 2*P, 2*S, F), dtype)
    max_h_max = empty((N, P, S, F, 2), dtype)
    max_h = empty((N, P, S, F), dtype)
    h = max_h  # the same memory
    a_p = empty((K, N), dtype)
    p = empty((K, N), dtype)
    a_p_spread = p  # the same memory
    L = empty((N,), dtype)
    p_max = L  # the same memory
    p_shifted = a_p  # the same memory
    p_part_2 = empty((N,), dtype)
    L_part = a_p  # the same memory
    L_sum = p_part_2  # the same memory
    E_L = L  # the same memory
    E_a_p = p  # the same memory
    E_h = max_h  # the same memory
    E_max_h = max_h  # the same memory
    E_z_max = empty((N, 2*P, F, S), dtype)
    E_z_max_2 = empty((N, F, 2, P, S), dtype)
    E_z_max_3 = empty((N, F, P, S), dtype)
    E_z_max_4 = empty((N, 2*P, F, S), dtype)
    E_z_part = empty((N, 2*P, F, S, 2), dtype)
    E_z_sum = empty((N, 2*P, F, S), dtype)
    E_z_sum_2 = empty((N, F, P, S), dtype)
    E_z_part_5_1 = empty((N, 2*P, F, S, P), dtype)
    mask_E_z_part_5_1 = empty((N, 2*P, F, S, P), bool)
    mask_E_z_part_6_1 = empty((N, 2*P, 2*S, F, S), bool)
    E_z_part_6 = empty((N, 2*P, 2*S, F, S), dtype)
    E_z = z  # the same memory
    mask_E_a_z_1 = empty((N, 2*P, 2*S, F), bool)
    E_a_z = z  # the same memory
    E_m_w_z_view_padded, E_m_w_z_view_inside, E_m_w_z_view_seen = padded((F, C, 3, 3), ((0, 0 + 1*(F - 1)), (0, 0 + 1*(C - 1)), (1 + -1*(2*P - 1), 1 + 1*(2*P - 1)), (1 + -1*(2*S - 1), 1 + 1*(2*S - 1)),), dtype)
    E_m_w_z_view = window(E_m_w_z_view_padded, (0 - (0), 0 - (0), 1 - (1 + -1*(2*P - 1)), 1 - (1 + -1*(2*S - 1)),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, -1, 0,), (0, 0, 0, -1,), (0, 0, 0, 1,),), (F, C, 2*P, 2*P, 2*S, 2*S))
    E_m_w_z_window = empty((2*P, 2*S, F, 2*P, 2*S, C), dtype)
    E_m = max_m  # the same memory
    E_max_m = max_m  # the same memory
    E_a_max = empty((N, 4*P, C, 2*S), dtype)
    E_a_max_2 = empty((N, C, 2, 2*P, 2*S), dtype)
    E_a_max_3 = empty((N, C, 2*P, 2*S), dtype)
    E_a_max_4 = empty((N, 4*P, C, 2*S), dtype)
    E_a_part = empty((N, 4*P, C, 2*S, 2), dtype)
    E_a_sum = empty((N, 4*P, C, 2*S), dtype)
    E_a_sum_2 = empty((N, C, 2*P, 2*S), dtype)
    E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), dtype)
    mask_E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), bool)
    mask_E_a_part_6_1 = empty((N, 4*P, 4*S, C, 2*S), bool)
    E_a_part_6 = empty((N, 4*P, 4*S, C, 2*S), dtype)
    E_a = a  # the same memory
    mask_E_a_a_1 = empty((N, 4*P, 4*S, C), bool)
    E_a_a = a  # the same memory
    max_m_a_view = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 2, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, 2, 2*S, 2, C))
    max_h_z_view = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 2, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, P, 2, S, 2, F))
    E_z_z_view = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, S, 2, F))
    E_z_z_view_2 = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 2, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2, P, S, 2, F))
    E_z_z_view_3 = window(z, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 2, 0,), (0, 0, 0, 1,),), (N, 2*P, 2, S, F))
    E_a_a_view = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 4*P, 2*S, 2, C))
    E_a_a_view_2 = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 2, 0, 0,), (0, 0, 2, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2, 2*P, 2*S, 2, C))
    E_a_a_view_3 = window(a, (0, 0, 0, 0,), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 2, 0,), (0, 0, 0, 1,),), (N, 4*P, 2, 2*S, C))
    a_a_x_view_turned = a_a_x_view.transpose(0, 1, 3, 2, 4)
    a_a_x_window_matrix = a_a_x_window.reshape(N*4*P*4*S, 3*3)
    a_a_matrix = a_a.reshape(N*4*P*4*S, C)
    max_m_a_view_turned = max_m_a_view.transpose(0, 1, 3, 5, 2, 4)
    a_z_m_view_turned = a_z_m_view.transpose(0, 1, 3, 5, 2, 4)
    a_z_m_window_matrix = a_z_m_window.reshape(N*2*P*2*S, C*3*3)
    a_z_matrix = a_z.reshape(N*2*P*2*S, F)
    max_h_z_view_turned = max_h_z_view.transpose(0, 1, 3, 5, 2, 4)
    h_matrix_T = h.reshape(N, P*S*F).T
    p_T = p.T
    L_part_T = L_part.T
    h_matrix = h.reshape(N, P*S*F)
    E_a_p_T = E_a_p.T
    E_h_matrix = E_h.reshape(N, P*S*F)
    E_z_z_view_turned = E_z_z_view.transpose(0, 1, 4, 2, 3)
    E_z_z_view_2_turned = E_z_z_view_2.transpose(0, 5, 1, 2, 3, 4)
    E_z_z_view_3_turned = E_z_z_view_3.transpose(0, 1, 4, 3, 2)
    E_z_max_4_spread = E_z_max_4[:, :, :, :, None]
    E_z_part_matrix = E_z_part.reshape(N*2*P*F*S, 2)
    E_z_sum_flat = E_z_sum.reshape(N*2*P*F*S)
    E_z_max_3_spread = E_z_max_3[:, :, None, :, :]
    E_max_h_turned = E_max_h.transpose(0, 3, 1, 2)
    E_z_sum_spread = E_z_sum[:, :, :, :, None]
    E_z_sum_2_turned_spread = E_z_sum_2.transpose(0, 1, 3, 2)[:, None, :, :, :]
    E_z_indicator_spread = E_z_indicator[:, None, None, :]
    E_z_max_spread = E_z_max[:, :, :, :, None]
    E_z_max_3_turned_spread = E_z_max_3.transpose(0, 1, 3, 2)[:, None, :, :, :]
    z_spread = z[:, :, :, :, None]
    E_z_max_4_spread_2 = E_z_max_4[:, :, None, :, :]
    E_z_indicator_2_spread = E_z_indicator_2[:, None, :]
    E_z_part_5_1_matrix = E_z_part_5_1.reshape(N*2*P*F*S, P)
    E_z_max_4_flat = E_z_max_4.reshape(N*2*P*F*S)
    E_z_max_4_spread_3 = E_z_max_4[:, :, :, None, :]
    E_z_part_6_turned = E_z_part_6.transpose(0, 1, 3, 4, 2)
    E_z_turned_spread = E_z.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_z_matrix_T = E_a_z.reshape(N*2*P*2*S, F).T
    E_m_w_z_view_turned = E_m_w_z_view.transpose(3, 4, 0, 2, 5, 1)
    E_a_z_matrix = E_a_z.reshape(N, 2*P*2*S*F)
    E_m_w_z_window_matrix = E_m_w_z_window.reshape(2*P*2*S*F, 2*P*2*S*C)
    E_m_matrix = E_m.reshape(N, 2*P*2*S*C)
    E_a_a_view_turned = E_a_a_view.transpose(0, 1, 4, 2, 3)
    E_a_a_view_2_turned = E_a_a_view_2.transpose(0, 5, 1, 2, 3, 4)
    E_a_a_view_3_turned = E_a_a_view_3.transpose(0, 1, 4, 3, 2)
    E_a_max_4_spread = E_a_max_4[:, :, :, :, None]
    E_a_part_matrix = E_a_part.reshape(N*4*P*C*2*S, 2)
    E_a_sum_flat = E_a_sum.reshape(N*4*P*C*2*S)
    E_a_max_3_spread = E_a_max_3[:, :, None, :, :]
    E_max_m_turned = E_max_m.transpose(0, 3, 1, 2)
    E_a_sum_spread = E_a_sum[:, :, :, :, None]
    E_a_sum_2_turned_spread = E_a_sum_2.transpose(0, 1, 3, 2)[:, None, :, :, :]
    E_a_indicator_spread = E_a_indicator[:, None, None, :]
    E_a_max_spread = E_a_max[:, :, :, :, None]
    E_a_max_3_turned_spread = E_a_max_3.transpose(0, 1, 3, 2)[:, None, :, :, :]
    a_spread = a[:, :, :, :, None]
    E_a_max_4_spread_2 = E_a_max_4[:, :, None, :, :]
    E_a_indicator_2_spread = E_a_indicator_2[:, None, :]
    E_a_part_5_1_matrix = E_a_part_5_1.reshape(N*4*P*C*2*S, 2*P)
    E_a_max_4_flat = E_a_max_4.reshape(N*4*P*C*2*S)
    E_a_max_4_spread_3 = E_a_max_4[:, :, :, None, :]
    E_a_part_6_turned = E_a_part_6.transpose(0, 1, 3, 4, 2)
    E_a_turned_spread = E_a.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_a_matrix_T = E_a_a.reshape(N*4*P*4*S, C).T

    def predict(weights, x, s2):
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        # (1) a_a[i, r, s, c] = Sum(Sum(w_a[c, u, v]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u - 1, s + v
        #         - 1], v), u) + b_a[c]
        copyto(a_a_x_view_inside, x[a_a_x_view_seen])
        copyto(a_a_x_window, a_a_x_view_turned)
        a_a_x_window_matrix.dot(w_a_matrix_T, a_a_matrix)
        add(a_a, b_a, a_a)
        # (2) a[i, r, s, c] = relu(a_a[i, r, s, c])
        maximum(a_a, zero, out=a)
        # (3) max_m[i, r, s, c] = Max(Max(a[i, 2r + u, 2s + v, c], v), u)
        maximum.reduce(max_m_a_view_turned, 5, None, max_m_max)
        maximum.reduce(max_m_max, 4, None, max_m)
        # (4) m[i, r, s, c] = max_m[i, r, s, c]
        copyto(m, max_m)
        # (5) a_z[i, r, s, f] = Sum(Sum(Sum(w_z[f, c, u, v]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r + u -
        #         1, s + v - 1, c], c), v), u) + b_z[f]
        copyto(a_z_m_view_inside, m[a_z_m_view_seen])
        copyto(a_z_m_window, a_z_m_view_turned)
        a_z_m_window_matrix.dot(w_z_matrix_T, a_z_matrix)
        add(a_z, b_z, a_z)
        # (6) z[i, r, s, f] = relu(a_z[i, r, s, f])
        maximum(a_z, zero, out=z)
        # (7) max_h[i, r, s, f] = Max(Max(z[i, 2r + u, 2s + v, f], v), u)
        maximum.reduce(max_h_z_view_turned, 5, None, max_h_max)
        maximum.reduce(max_h_max, 4, None, max_h)
        # (8) h[i, r, s, f] = max_h[i, r, s, f]
        copyto(h, max_h)
        # (9) a_p[i, k] = Sum(Sum(Sum(w_p[k, j, s, f]*h[i, j, s, f], f), s), j) + b_p[k]
        w_p_matrix.dot(h_matrix_T, a_p)
        copyto(a_p_spread, b_p_column)
        add(a_p, a_p_spread, a_p)
        # (10) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
        maximum.reduce(a_p, 0, None, p_max)
        subtract(a_p, p_max, p_shifted)
        exp(p_shifted, p)
        p_T.dot(ones, p_max)
        reciprocal(p_max, p_part_2)
        multiply(p_part_2, p, p)
        return p.T

    def value(weights, x, s2, y):
        predict(weights, x, s2)
        y_T = y.T
        # (11) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
        multiply(y_T, p_shifted, L_part)
        L_part_T.dot(ones, L_sum)
        log(p_max, L)
        subtract(L, L_sum, L)
        # (12) Q = Sum(s2[i]*L[i], i)
        Q = s2.dot(L)
        return Q

    def gradient(weights, x, s2, y, slopes):
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        E_b_a, E_b_z, E_b_p, E_w_p_matrix, E_w_z_matrix, E_w_a_matrix = slopes
        y_T = y.T
        # (13) E_L[i] = s2[i]
        copyto(E_L, s2)
        # (15) E_a_p[i, k] = E_L[i]*(p[i, k] - y[i, k])
        subtract(p, y_T, E_a_p)
        multiply(E_L, E_a_p, E_a_p)
        # (16) E_w_p[k, j, s, f] = Sum(E_a_p[i, k]*h[i, j, s, f], i)
        E_a_p.dot(h_matrix, E_w_p_matrix)
        # (17) E_b_p[k] = Sum(E_a_p[i, k], i)
        E_a_p.dot(ones_2, E_b_p)
        # (18) E_h[i, r, s, f] = Sum(E_a_p[i, k]*w_p[k, r, s, f], k)
        E_a_p_T.dot(w_p_matrix, E_h_matrix)
        # (19) E_max_h[i, r, s, f] = E_h[i, r, s, f]
        copyto(E_max_h, E_h)
        # (20) E_z[i, r, s, f] = Sum(Sum(E_max_h[i, t, m, f]*[Max(z[i, r, 2m + v, f], v) == Max(Max(z[i, q + 2t, 2m +
        #         v, f], v), q)]*[z[i, r, s, f] == Max(z[i, r, c + 2m, f], c)]*Sum([z[i, r, 2m + q, f] == Max(z[i, r,
        #         c + 2m, f], c)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(z[i, n + 2t, 2m + v, f], v)
        #         == Max(Max(z[i, q + 2t, 2m + v, f], v), q)], n)**(-1), m), t)
        maximum.reduce(E_z_z_view_turned, 4, None, E_z_max)
        maximum.reduce(E_z_z_view_2_turned, 5, None, E_z_max_2)
        maximum.reduce(E_z_max_2, 2, None, E_z_max_3)
        maximum.reduce(E_z_z_view_3_turned, 4, None, E_z_max_4)
        equal(E_z_z_view_turned, E_z_max_4_spread, E_z_part)
        E_z_part_matrix.dot(ones_3, E_z_sum_flat)
        equal(E_z_max_2, E_z_max_3_spread, E_z_max_2)
        add.reduce(E_z_max_2, 2, None, E_z_sum_2)
        reciprocal(E_z_sum, E_z_sum)
        divide(E_max_h_turned, E_z_sum_2, E_z_sum_2)
        multiply(E_z_sum_spread, E_z_sum_2_turned_spread, E_z_part_5_1)
        multiply(E_z_part_5_1, E_z_indicator_spread, E_z_part_5_1)
        equal(E_z_max_spread, E_z_max_3_turned_spread, mask_E_z_part_5_1)
        multiply(E_z_part_5_1, mask_E_z_part_5_1, E_z_part_5_1)
        equal(z_spread, E_z_max_4_spread_2, mask_E_z_part_6_1)
        multiply(E_z_indicator_2_spread, mask_E_z_part_6_1, E_z_part_6)
        E_z_part_5_1_matrix.dot(ones_4, E_z_max_4_flat)
        matmul(E_z_max_4_spread_3, E_z_part_6_turned, E_z_turned_spread)
        # (21) E_a_z[i, r, s, f] = E_z[i, r, s, f]*[a_z[i, r, s, f] > 0]
        greater(a_z, zero, mask_E_a_z_1)
        multiply(E_z, mask_E_a_z_1, E_a_z)
        # (22) E_w_z[f, c, u, v] = Sum(Sum(Sum(E_a_z[i, r, s, f]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r +
        #         u - 1, s + v - 1, c], s), r), i)
        E_a_z_matrix_T.dot(a_z_m_window_matrix, E_w_z_matrix)
        # (23) E_b_z[f] = Sum(Sum(Sum(E_a_z[i, r, s, f], s), r), i)
        add.reduce(E_a_z, (0, 1, 2), None, E_b_z)
        # (24) E_m[i, r, s, c] = Sum(Sum(Sum(E_a_z[i, t, m, f]*w_z[f, c, r - t + 1, s - m + 1]*[0 <= r - t + 1 < 3]*[0
        #         <= s - m + 1 < 3], f), m), t)
        copyto(E_m_w_z_view_inside, w_z[E_m_w_z_view_seen])
        copyto(E_m_w_z_window, E_m_w_z_view_turned)
        E_a_z_matrix.dot(E_m_w_z_window_matrix, E_m_matrix)
        # (25) E_max_m[i, r, s, c] = E_m[i, r, s, c]
        copyto(E_max_m, E_m)
        # (26) E_a[i, r, s, c] = Sum(Sum(E_max_m[i, t, m, c]*[Max(a[i, r, 2m + v, c], v) == Max(Max(a[i, q + 2t, 2m +
        #         v, c], v), q)]*[a[i, r, s, c] == Max(a[i, r, g + 2m, c], g)]*Sum([a[i, r, 2m + q, c] == Max(a[i, r,
        #         g + 2m, c], g)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(a[i, n + 2t, 2m + v, c], v)
        #         == Max(Max(a[i, q + 2t, 2m + v, c], v), q)], n)**(-1), m), t)
        maximum.reduce(E_a_a_view_turned, 4, None, E_a_max)
        maximum.reduce(E_a_a_view_2_turned, 5, None, E_a_max_2)
        maximum.reduce(E_a_max_2, 2, None, E_a_max_3)
        maximum.reduce(E_a_a_view_3_turned, 4, None, E_a_max_4)
        equal(E_a_a_view_turned, E_a_max_4_spread, E_a_part)
        E_a_part_matrix.dot(ones_3, E_a_sum_flat)
        equal(E_a_max_2, E_a_max_3_spread, E_a_max_2)
        add.reduce(E_a_max_2, 2, None, E_a_sum_2)
        reciprocal(E_a_sum, E_a_sum)
        divide(E_max_m_turned, E_a_sum_2, E_a_sum_2)
        multiply(E_a_sum_spread, E_a_sum_2_turned_spread, E_a_part_5_1)
        multiply(E_a_part_5_1, E_a_indicator_spread, E_a_part_5_1)
        equal(E_a_max_spread, E_a_max_3_turned_spread, mask_E_a_part_5_1)
        multiply(E_a_part_5_1, mask_E_a_part_5_1, E_a_part_5_1)
        equal(a_spread, E_a_max_4_spread_2, mask_E_a_part_6_1)
        multiply(E_a_indicator_2_spread, mask_E_a_part_6_1, E_a_part_6)
        E_a_part_5_1_matrix.dot(ones_5, E_a_max_4_flat)
        matmul(E_a_max_4_spread_3, E_a_part_6_turned, E_a_turned_spread)
        # (27) E_a_a[i, r, s, c] = E_a[i, r, s, c]*[a_a[i, r, s, c] > 0]
        greater(a_a, zero, mask_E_a_a_1)
        multiply(E_a, mask_E_a_a_1, E_a_a)
        # (28) E_w_a[c, u, v] = Sum(Sum(Sum(E_a_a[i, r, s, c]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u -
        #         1, s + v - 1], s), r), i)
        E_a_a_matrix_T.dot(a_a_x_window_matrix, E_w_a_matrix)
        # (29) E_b_a[c] = Sum(Sum(Sum(E_a_a[i, r, s, c], s), r), i)
        add.reduce(E_a_a, (0, 1, 2), None, E_b_a)

    def both(weights, x, s2, y, slopes, shown=()):
        Q = finite = float(value(weights, x, s2, y))
        gradient(weights, x, s2, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return Q, finite

    # No warnings: exp may overflow to inf, where the formula says 1/inf = 0, and log 0 is -inf.
    # errstate belongs to a context, and to enter one that was made before costs next to nothing.
    with np.errstate(all="ignore"):
        quiet = copy_context()
    return partial(quiet.run, predict), partial(quiet.run, value), partial(quiet.run, both)


class WeightedObjective(Objective):
    """Q(w) with a weight for each sample: Q = Sum(s2[i]*L[i], i).

    X is a dict of the inputs, and of the weights as "s2", of shape (N,).
    """

    _more_inputs = {"s2": (None,)}

    def _new_workspace(self, N):
        return weighted_functions(N, *self._numbers, self.dtype)


# How the weights are moved.  Each function takes w, the gradient g, the optimizer's state, a scratch vector r, the
# learning rate and the number t of the step, and works in place; g is used up, as one more scratch vector.


def gradient_descent(w, g, r, rate, t):
    """Gradient descent, on the whole sample; Cauchy (1847)."""
    # w ← w − η g
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def sgd(w, g, r, rate, t):
    """Stochastic gradient descent, on batches; Robbins and Monro (1951)."""
    # w ← w − η g
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def momentum(w, g, v, r, rate, t, momentum=0.9):
    """Gradient descent with momentum; Polyak (1964)."""
    # v ← μ v − η g
    np.multiply(v, momentum, v)
    np.multiply(g, rate, g)
    np.subtract(v, g, v)
    # w ← w + v
    np.add(w, v, w)


def nesterov(w, g, v, r, rate, t, momentum=0.9):
    """Nesterov's accelerated gradient; Nesterov (1983), as Sutskever et al. (2013) write it; their θ + μ v is w."""
    # v ← μ v − η g
    np.multiply(v, momentum, v)
    np.multiply(g, rate, r)
    np.subtract(v, r, v)
    # w ← w + μ v − η g
    np.multiply(v, momentum, r)
    np.add(w, r, w)
    np.multiply(g, rate, g)
    np.subtract(w, g, w)


def adagrad(w, g, v, r, rate, t, epsilon=1e-08):
    """Adagrad; Duchi, Hazan and Singer (2011)."""
    # v ← v + g²
    np.multiply(g, g, r)
    np.add(v, r, v)
    # w ← w − η g/(√v + ε)
    np.sqrt(v, r)
    np.add(r, epsilon, r)
    np.divide(g, r, r)
    np.multiply(r, rate, r)
    np.subtract(w, r, w)


def rmsprop(w, g, v, r, rate, t, decay=0.9, epsilon=1e-08):
    """RMSProp; Tieleman and Hinton (2012), lecture 6.5."""
    # v ← ρ v + (1 − ρ) g²; kept is v/(1 − ρ)
    np.multiply(v, decay, v)
    np.multiply(g, g, r)
    np.add(v, r, v)
    # w ← w − η g/(√v + ε)
    np.sqrt(v, r)
    np.add(r, epsilon / (1 - decay) ** 0.5, r)
    np.divide(g, r, r)
    np.multiply(r, rate / (1 - decay) ** 0.5, r)
    np.subtract(w, r, w)


def adam(w, g, m, v, r, rate, t, beta_1=0.9, beta_2=0.999, epsilon=1e-08):
    """Adam; Kingma and Ba (2015), Algorithm 1."""
    # m ← β₁ m + (1 − β₁) g; kept is m/(1 − β₁)
    np.multiply(m, beta_1, m)
    np.add(m, g, m)
    # v ← β₂ v + (1 − β₂) g²; kept is v/(1 − β₂)
    np.multiply(v, beta_2, v)
    np.multiply(g, g, g)
    np.add(v, g, v)
    # w ← w − η m/((1 − β₁ᵗ) (√(v/(1 − β₂ᵗ)) + ε))
    np.sqrt(v, g)
    np.add(g, epsilon * (1 - beta_2**t) ** 0.5 / (1 - beta_2) ** 0.5, g)
    np.divide(m, g, g)
    np.multiply(g, rate * (1 - beta_1) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t) / (1 - beta_2) ** 0.5, g)
    np.subtract(w, g, w)


def adamw(w, g, m, v, r, rate, t, beta_1=0.9, beta_2=0.999, epsilon=1e-08, weight_decay=0.01):
    """Adam with decoupled weight decay; Loshchilov and Hutter (2019), Algorithm 2, as PyTorch writes it."""
    # w ← w − η λ w
    np.multiply(w, 1 - rate * weight_decay, w)
    # m ← β₁ m + (1 − β₁) g; kept is m/(1 − β₁)
    np.multiply(m, beta_1, m)
    np.add(m, g, m)
    # v ← β₂ v + (1 − β₂) g²; kept is v/(1 − β₂)
    np.multiply(v, beta_2, v)
    np.multiply(g, g, g)
    np.add(v, g, v)
    # w ← w − η m/((1 − β₁ᵗ) (√(v/(1 − β₂ᵗ)) + ε))
    np.sqrt(v, g)
    np.add(g, epsilon * (1 - beta_2**t) ** 0.5 / (1 - beta_2) ** 0.5, g)
    np.divide(m, g, g)
    np.multiply(g, rate * (1 - beta_1) * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t) / (1 - beta_2) ** 0.5, g)
    np.subtract(w, g, w)


#: name: (function, names of the vectors it remembers, learning rate, batch size; None is the whole sample).
OPTIMIZERS = {
    "gradient_descent": (gradient_descent, (), 0.01, None),
    "sgd": (sgd, (), 0.01, 32),
    "momentum": (momentum, ("v",), 0.01, 32),
    "nesterov": (nesterov, ("v",), 0.01, 32),
    "adagrad": (adagrad, ("v",), 0.01, 32),
    "rmsprop": (rmsprop, ("v",), 0.001, 32),
    "adam": (adam, ("m", "v",), 0.001, 32),
    "adamw": (adamw, ("m", "v",), 0.001, 32),
}
#: What ``settings`` may name: (the number that is taken when it does not, whether it may be 0, what it must be below).
SETTINGS = {
    "gradient_descent": {},
    "sgd": {},
    "momentum": {"momentum": (0.9, True, 1)},
    "nesterov": {"momentum": (0.9, True, 1)},
    "adagrad": {"epsilon": (1e-08, True, np.inf)},
    "rmsprop": {"decay": (0.9, True, 1), "epsilon": (1e-08, True, np.inf)},
    "adam": {"beta_1": (0.9, True, 1), "beta_2": (0.999, True, 1), "epsilon": (1e-08, True, np.inf)},
    "adamw": {"beta_1": (0.9, True, 1), "beta_2": (0.999, True, 1), "epsilon": (1e-08, True, np.inf), "weight_decay": (0.01, True, np.inf)},
    "constant": {},
    "step": {"factor": (0.1, True, np.inf), "every": (30, False, np.inf)},
    "cosine": {},
    "1/t": {"fall": (0.1, True, np.inf)},
}


def constant_rate(rate, epoch, epochs):
    """η: the same in every epoch; the classical choice."""
    return rate


def step_rate(rate, epoch, epochs, factor=0.1, every=30):
    """η γ^⌊e/s⌋: lower by a factor every few epochs; He et al. (2016), section 3.4."""
    return rate * factor ** (epoch // every)


def cosine_rate(rate, epoch, epochs):
    """1/2 · η (1 + cos(π e/E)): half a cosine, down to 0, where it stays; Loshchilov and Hutter (2017), (5)."""
    return 0.5 * rate * (1 + np.cos(np.pi * min(epoch, epochs) / epochs))


def inverse_rate(rate, epoch, epochs, fall=0.1):
    """η/(1 + δ e): one over the time; Robbins and Monro (1951)."""
    return rate / (1 + fall * epoch)


#: The learning rate of epoch e = 0, …, E - 1.
SCHEDULES = {
    "constant": constant_rate,
    "step": step_rate,
    "cosine": cosine_rate,
    "1/t": inverse_rate,
}


#: Weights to start from, for a neuron with n inputs in a layer of m neurons; biases start at 0.
INITIALIZERS = {
    "normal": "normal, variance 1/n (LeCun et al., 1998, Efficient BackProp, section 4.6)",
    "uniform": "uniform between -1/√n and 1/√n",
    "glorot": "uniform between -√(6/(n + m)) and √(6/(n + m)) (Glorot and Bengio, 2010, (16))",
    "he": "normal, variance 2/n (He et al., 2015, (10))",
}
#: Optimizers work through so many bytes of each vector at a time, so that all of them stay in the cache.
BLOCK = 2**19
#: After so many steps, numbers that have become tiny are taken for 0.
SWEEP = 128


class Diverged(ArithmeticError):
    """Q or its gradient is no longer finite."""


def initial_weights(objective, initializer="normal", seed=0):
    """Random weights, flat, by one of INITIALIZERS."""
    if initializer == "normal":
        return objective.initial(seed)
    rng = np.random.default_rng(seed)
    w = np.zeros(objective.size, objective.dtype)
    for name, view in objective.unpack(w).items():
        m, n = view.shape[0], int(np.prod(view.shape[1:] or view.shape))
        if name in BIASES:
            continue
        if initializer == "he":
            view[...] = rng.standard_normal(view.shape) * np.sqrt(2 / n)
        else:
            view[...] = rng.uniform(-1, 1, view.shape) * np.sqrt(6 / (n + m) if initializer == "glorot" else 1 / n)
    return w


def aligned(array):
    """A copy that begins where a line of the cache does: vector instructions are faster there."""
    room = np.empty(array.nbytes + 64, np.uint8)
    start = -room.ctypes.data % 64
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def mark_of(array):
    """Two numbers that are others, almost certainly, when an entry is another one or stands in another place."""
    bits = array.reshape(len(array), -1).view(np.uint32)
    return [zlib.crc32(np.bitwise_xor.reduce(bits, axis)) for axis in (0, 1)]


@np.errstate(all="ignore")
def length_of(g):
    """The length of a vector, also where the square of it is too large for a number."""
    length = float(g.dot(g)) ** 0.5
    if not isfinite(length):
        largest = float(np.abs(g).max())
        if isfinite(largest):
            g = g / largest
            length = largest * float(g.dot(g)) ** 0.5
    return length


def sweep(vectors):
    """Numbers that fade away become 0 before processors are slow with them."""
    for vector in vectors:
        vector[np.abs(vector) < 1e8 * np.finfo(vector.dtype).tiny] = 0


def whole_number(name, number, least):
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
        raise ValueError(f"{name}: got {number!r}, expected a whole number of at least {least}")
    return int(number)


def real_number(name, number, zero=False, below=np.inf):
    """The number as a float: above 0, or 0 itself where ``zero`` says so, and below a bound."""
    real = not isinstance(number, bool) and isinstance(number, (int, float, np.integer, np.floating))
    if not real or not 0 <= number < below or (number == 0 and not zero):
        least, most = "of at least 0" if zero else "above 0", f" and below {below:g}" if below < np.inf else ""
        raise ValueError(f"{name}: got {number!r}, expected a number {least}{most}")
    return float(number)


def one_of(name, choice, known):
    if not isinstance(choice, str) or choice not in known:
        raise ValueError(f"{name}: got {choice!r}, expected one of {', '.join(known)}")
    return choice


def balanced(counts):
    """A weight for each class that makes it count as much as any other: {class: N/(classes·samples of it)}.

    ``counts`` are numbers of samples, or sums of their weights; a class whose samples all weigh 0 is as if not there.
    """
    there = [n for n in counts.values() if n]
    return {k: sum(there) / (len(there) * n) if n else 0.0 for k, n in counts.items()}


class Trainer:
    """Finds weights that make Q small: ``Trainer(optimizer="adam", epochs=20, batch_size=32).fit(X, Y)``.

    optimizer            one of OPTIMIZERS, or "l-bfgs", which needs SciPy, takes the whole sample at once, and has no
                         learning rate, schedule, clip or settings
    epochs               passes over the sample; iterations of l-bfgs
    batch_size           samples in one step; by default the whole sample for gradient_descent, 32 for the others
    learning_rate        η; by default the optimizer's own
    schedule             how η changes from epoch to epoch: one of SCHEDULES
    settings             numbers in the formulas of the optimizer and of the schedule: {"beta_1": 0.8}; see SETTINGS
    clip                 a longer gradient is shortened to this length (Pascanu et al., 2013, Algorithm 1)
    initializer          one of INITIALIZERS
    frozen               names of parameters that keep their first values
    class_weight         {class: weight}, or "balanced": each class counts as much as any other
    validation_fraction  this share of the samples is kept apart, and the weights that are best on them are taken
    patience             stop when the validation loss has not fallen for so many epochs
    seed                 of the first weights, of the order of the batches and of the samples kept apart
    dtype, sizes         as for Objective

    After ``fit``: ``w_``, the weights; ``epoch_`` and ``step_``, how many; ``history_``, a list for each of "loss" (Q
    added up over the batches, each before its step), "gradient_norm" (the mean over the steps), "learning_rate" and,
    where samples are kept apart, "validation_loss".  One seed gives the same numbers to the last bit, also when a run is
    saved, loaded and resumed.
    """

    def __init__(
        self, *, optimizer="adam", epochs=100, batch_size=None, learning_rate=None, schedule="constant", settings=None,
        clip=None, initializer="normal", frozen=(), class_weight=None, validation_fraction=0.0, patience=10,
        seed=0, dtype=DTYPE, **sizes,
    ):
        self.optimizer = one_of("optimizer", optimizer, (*OPTIMIZERS, "l-bfgs"))
        self.schedule = one_of("schedule", schedule, SCHEDULES)
        self.initializer = one_of("initializer", initializer, INITIALIZERS)
        self.epochs, self.patience = whole_number("epochs", epochs, 0), whole_number("patience", patience, 1)
        self.batch_size = None if batch_size is None else whole_number("batch_size", batch_size, 1)
        self.learning_rate = None if learning_rate is None else real_number("learning_rate", learning_rate)
        self.clip = None if clip is None else real_number("clip", clip)
        self.validation_fraction = real_number("validation_fraction", validation_fraction, True, 1)
        self.seed = whole_number("seed", seed, 0)
        if optimizer == "l-bfgs":
            if batch_size is not None:
                raise ValueError(f"batch_size: got {batch_size}, but l-bfgs takes the whole sample at once")
            asked = {"learning_rate": learning_rate, "clip": clip, "schedule": schedule, "settings": settings}
            for name, choice in asked.items():
                if choice not in (None, {}, "constant"):
                    raise ValueError(f"{name}: got {choice!r}, but l-bfgs finds the length of its steps by itself")
        if not isinstance(settings, (dict, type(None))):
            raise ValueError(f"settings: got {settings!r}, expected a dict {{name: number}}")
        known = {**SETTINGS.get(optimizer, {}), **SETTINGS[schedule]}
        self.settings = {
            one_of("settings", key, known or ("none",)): real_number(f"settings[{key!r}]", number, *known[key][1:])
            for key, number in (settings or {}).items()
        }
        self.objective = Objective(dtype=dtype, **sizes)
        self.dtype, self.sizes = str(self.objective.dtype), self.objective.sizes
        if not isinstance(frozen, (str, tuple, list, set, frozenset)):
            raise ValueError(f"frozen: got {frozen!r}, expected names of parameters")
        self.frozen = (frozen,) if isinstance(frozen, str) else tuple(frozen)
        for name in self.frozen:
            one_of("frozen", name, self.objective.layout)
        try:
            if class_weight not in (None, "balanced"):
                if any(int(k) != float(k) for k in dict(class_weight)):
                    raise ValueError
                class_weight = {int(k): float(weight) for k, weight in dict(class_weight).items()}
                for weight in class_weight.values():
                    real_number("class_weight", weight, True)
        except (TypeError, ValueError, OverflowError):
            what = "'balanced' or a number of at least 0 for each class"
            raise ValueError(f"class_weight: got {class_weight!r}, expected {what}") from None
        first, last = 0, self.objective._target_shape[-1] - 1
        for k in class_weight if isinstance(class_weight, dict) else ():
            if not first <= k <= last:
                what = f"classes from {first} to {last}"
                raise ValueError(f"class_weight: got a weight for class {k}, expected {what} alone")
        self.class_weight = class_weight

    def __repr__(self):
        return f"{SPEC}.Trainer({self.optimizer}, epochs={self.epochs}, seed={self.seed}) of {self.objective}"

    # -- what a user calls --------------------------------------------------------------------------

    def fit(self, X, Y, *, sample_weight=None, initial=None, callback=None, client=None):
        """Train from fresh weights, or from ``initial``; returns the trainer itself.

        sample_weight    (N,), how much each sample counts in Q
        callback         called with the trainer after each epoch; training stops when it returns something true.
                         Q at the weights it sees is known at the next step: what it saves holds the last good ones too
        client           of dask.distributed; all data are Dask arrays then, and every step takes the whole sample

        Raises Diverged when Q or its gradient stops being finite; ``w_`` then holds the last good weights.
        """
        self._begin(initial)
        return self._train(X, Y, sample_weight, self.epochs, callback, client)

    def resume(self, X, Y, *, sample_weight=None, callback=None, client=None):
        """Go on to ``epochs``, with the data of the ``fit`` that was broken off, as if it had not been.

        What SciPy remembers cannot be saved, so l-bfgs begins again, and ends where it would have ended.  A run that
        ``patience`` has stopped stays stopped.
        """
        self._fitted()
        if self.optimizer == "l-bfgs" and self._waited < self.patience:
            data = self._data
            self._begin(self._state["start"])
            self._data = data
        return self._train(X, Y, sample_weight, self.epochs, callback, client)

    def partial_fit(self, X, Y, *, sample_weight=None):
        """One more epoch, on these samples, from the weights there are; returns the trainer itself."""
        if self.optimizer == "l-bfgs":
            raise ValueError("partial_fit: l-bfgs has no step on a part of the sample; take another optimizer")
        if not self._begun():
            self._begin(None)
        search = sample_weight is not None or self.class_weight is not None
        objective, data = self._sample(X, Y, sample_weight, search)
        self._data = None
        return self._epochs(objective, data, None, self.epoch_ + 1, searched=search)

    def predict(self, X):
        """The output of the trained network, one row for each sample."""
        return self.objective.predict(self._fitted(), X)

    def score(self, X, Y):
        """The share of samples whose class is right."""
        p = self.predict(X)
        Y = self._target(Y, len(p))
        return float((p.argmax(axis=-1) == Y.argmax(axis=-1)).mean())

    def save(self, path):
        """Write settings, weights, history and all that ``resume`` needs to an .npz file, whole or not at all."""
        self._fitted()
        facts, arrays = self._kept()
        folder, name = os.path.split(os.fspath(path))
        try:
            handle, draft = tempfile.mkstemp(prefix=f".{name}.", dir=folder or ".")
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays, facts=np.array(json.dumps(facts)))
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise

    @classmethod
    def load(cls, path):
        """The trainer that ``save`` wrote.  ValueError for a file of another spec, or one that is no such file."""
        try:
            with open(path, "rb") as whole, np.load(whole, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            facts = json.loads(str(arrays.pop("facts")))
            spec, spec_hash = facts["spec"], facts["hash"]
        except (KeyError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(f"{path} is no file that Trainer.save wrote, or not the whole of one") from None
        if spec_hash != SPEC_HASH:
            raise ValueError(f"{path} holds weights of {spec} ({spec_hash[:12]}), expected {SPEC} ({SPEC_HASH[:12]})")
        try:
            trainer = cls(**facts["settings"], **facts["sizes"])
            trainer._restore(facts, arrays)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else error
            raise ValueError(f"{path} is damaged: {what}") from None
        return trainer

    def _twin(self):
        twin = Trainer(**self._settings(), **self.sizes)
        if self._begun():
            twin._restore(*self._kept())
        return twin

    def __copy__(self):
        return self._twin()

    def __deepcopy__(self, memo):
        return self._twin()

    def __getstate__(self):
        if __name__ not in sys.modules or sys.modules[__name__].Trainer is not Trainer:
            raise TypeError(f"{__name__} is not an imported file, so its Trainer cannot be pickled; take save and load")
        return self._kept() if self._begun() else ({"settings": self._settings(), "sizes": self.sizes}, None)

    def __setstate__(self, kept):
        facts, arrays = kept
        self.__init__(**facts["settings"], **facts["sizes"])
        if arrays is not None:
            self._restore(facts, arrays)

    # -- how it works -------------------------------------------------------------------------------

    def _begin(self, initial):
        """Fresh weights, and nothing remembered."""
        if initial is None:
            initial = initial_weights(self.objective, self.initializer, self.seed)
        initial = self.objective._checked_vector("initial", initial)
        check_finite("initial", initial)
        self._w = aligned(initial)
        #: The last weights at which Q was seen to be finite, but for the first ones, of which nobody knows.
        self._good = initial.copy()
        self.w_, self.history_, self.epoch_, self.step_ = initial.copy(), {}, 0, 0
        if self.optimizer == "l-bfgs":
            self._state = {"start": self._w.copy()}
        else:
            self._state = {name: aligned(np.zeros_like(self._w)) for name in OPTIMIZERS[self.optimizer][1]}
        self._best, self._waited, self._data = None, 0, None

    def _kept(self):
        """All that it knows: facts that JSON can hold, and arrays."""
        facts = {
            "spec": SPEC, "hash": SPEC_HASH, "version": VERSION, "sizes": self.sizes, "history": self.history_,
            "settings": self._settings(), "data": self._data,
            "epoch": self.epoch_, "step": self.step_, "best": self._best, "waited": self._waited,
        }
        vectors = {f"state_{name}": vector for name, vector in self._state.items()}
        return facts, {"w": self.w_, "current": self._w, "good": self._good, **vectors}

    def _restore(self, facts, arrays):
        """Become what ``_kept`` was told of.  KeyError, TypeError or ValueError where that is damaged."""

        def vector(name):
            checked = self.objective._checked_vector(name, arrays[name])
            check_finite(name, checked)
            return checked.copy()

        self._begin(vector("current"))
        self.w_, self._good = vector("w"), vector("good")
        self._state = {name: aligned(vector(f"state_{name}")) for name in self._state}
        self.epoch_, self.step_, self._waited = (whole_number(k, facts[k], 0) for k in ("epoch", "step", "waited"))
        self.history_ = {str(name): [float(k) for k in row] for name, row in facts["history"].items()}
        self._best = None if facts["best"] is None else float(facts["best"])
        self._data = facts["data"]

    def _begun(self):
        return hasattr(self, "w_")

    def _fitted(self):
        if not self._begun():
            raise ValueError("the trainer has no weights yet: call fit first")
        return self.w_

    def _settings(self):
        """What a trainer of the same kind is made with, as JSON can hold it."""
        return {
            "optimizer": self.optimizer, "epochs": self.epochs, "batch_size": self.batch_size,
            "learning_rate": self.learning_rate, "schedule": self.schedule, "settings": self.settings,
            "clip": self.clip, "initializer": self.initializer, "frozen": self.frozen,
            "validation_fraction": self.validation_fraction, "patience": self.patience, "seed": self.seed,
            "dtype": self.dtype,
            "class_weight": [*self.class_weight.items()] if isinstance(self.class_weight, dict) else self.class_weight,
        }

    def _target(self, Y, samples):
        """The target as the objective wants it; of (N,) class numbers from 0, one-hot rows are made."""
        labels, shape = np.asarray(Y), self.objective._target_shape
        if labels.ndim == 1 and len(shape) == 2 and labels.dtype.kind in "iubf":
            outside = (labels < 0) | (labels >= shape[1])
            if labels.dtype.kind == "f":
                outside |= labels != np.floor(labels)
            if outside.any():
                row = int(np.argmax(outside))
                upto = f"from 0 to {shape[1] - 1}"
                raise ValueError(f"Y: got the label {labels[row]:g} at [{row}], expected a class {upto}")
            Y = np.zeros((len(labels), shape[1]), self.objective.dtype)
            Y[np.arange(len(labels)), labels.astype(int)] = 1
            if len(Y) == samples:
                return Y  # there is nothing to check in it
        return self.objective._checked_target(Y, samples)

    def _sample(self, X, Y, sample_weight, search=True):
        """The objective and its data, checked: the inputs, the weights of the samples if they have any, the target.

        Without ``search`` the inputs may hold numbers that are not finite: Q or its gradient show them then.
        """
        self.objective._check_finite = search
        try:
            x = self.objective._checked_data(X)
        finally:
            self.objective._check_finite = True
        y = self._target(Y, len(x[0]))
        if len(y) == 0:
            raise ValueError("X: got no samples, expected at least 1")
        s = self._weights(y, sample_weight)
        if s is None:
            return self.objective, (*x, y)
        if not s.any():
            raise ValueError("sample_weight: got weights that are all 0, expected one above 0")
        return WeightedObjective(dtype=self.dtype, **self.sizes), (*x, s, y)

    def _weights(self, y, sample_weight):
        """A weight for each sample, or None when all count the same."""
        s = None
        if sample_weight is not None:
            s = checked_array("sample_weight", sample_weight, (len(y),), self.objective.dtype)
            check_finite("sample_weight", s)
            if s.min(initial=0) < 0:
                raise ValueError(f"sample_weight: got {s.min():g}, expected numbers of at least 0")
        if self.class_weight is not None:
            classes, places = np.unique(self._labels(y), return_inverse=True)
            weight = self.class_weight
            if weight == "balanced":
                weight = balanced(dict(zip(classes.tolist(), np.bincount(places, s).tolist())))
            missing = [k for k in classes.tolist() if k not in weight]
            if missing:
                raise ValueError(f"class_weight: got none for class {missing[0]}, expected one for every class")
            factor = np.array([weight[k] for k in classes.tolist()], y.dtype)[places]
            s = factor if s is None else s * factor
        return s

    def _labels(self, y):
        """The class of each sample, as ``class_weight`` calls it."""
        labels = y.argmax(axis=-1)
        if labels.ndim != 1:
            raise ValueError("class_weight: this network has several targets for each sample, so no classes")
        return labels

    def _train(self, X, Y, sample_weight, epochs, callback=None, client=None):
        """Epochs up to number ``epochs``."""
        if client is not None:
            if self.batch_size is not None or self.validation_fraction:
                raise ValueError("client: every step takes the whole sample, and no samples are kept apart")
            try:
                distribute = importlib.import_module("codegen.training.distributed").distribute
            except ModuleNotFoundError:
                raise ImportError("client: this needs chainrule itself: pip install 'chainrule[distributed]'") from None
            weights = sample_weight, self.class_weight
            return self._epochs(distribute(self.objective, client, X, Y, *weights), None, None, epochs, callback)
        objective, data = self._sample(X, Y, sample_weight)
        mark = [mark_of(array) for array in data]
        if self._data not in (None, mark):
            raise ValueError("X, Y: these are not the data that the training was begun with")
        self._data = mark
        if self._waited >= self.patience:
            return self
        return self._epochs(objective, *self._apart(data), epochs, callback)

    def _apart(self, data):
        """The data to train on, and those kept apart, or None."""
        N = len(data[-1])
        held = int(np.ceil(N * self.validation_fraction))
        if not held:
            return data, None
        if held >= N:
            raise ValueError(f"validation_fraction: got {self.validation_fraction:g}, which leaves none of {N} samples")
        order = np.random.default_rng((self.seed, 0)).permutation(N)
        return tuple(a[order[held:]] for a in data), tuple(a[order[:held]] for a in data)

    def _epochs(self, objective, data, apart, epochs, callback=None, searched=True):
        """Train up to that epoch on the data, or on those that the objective itself holds, when it is distributed.

        Where the data were not ``searched``, a number that is not finite leaves everything as it was before the epoch.
        """
        w, g = self._w, aligned(self._w)
        parts = [self.objective.layout[name][0] for name in self.frozen]
        fixed = [(part, w[part].copy()) for part in parts]
        batches = self._whole(objective, w, g) if data is None else self._batches(objective, data, w, g, searched)

        def after_epoch(loss, length, rate):
            left = None
            if apart is not None:
                left = float(objective._workspace(len(apart[-1]))[1](objective._parameter_views(w), *apart))
            stopped = self._after_epoch(loss, length, rate, left)
            return bool(callback is not None and callback(self)) or stopped

        if self.optimizer == "l-bfgs":
            self._minimize(batches, w, g, fixed, after_epoch)
            return self
        vectors = w, self.w_, self._good, *self._state.values()
        before = [] if searched else [(vector, vector.copy()) for vector in vectors]
        step = self.step_
        try:
            with np.errstate(all="ignore"):
                self._descend(batches, w, g, fixed, epochs, after_epoch)
        except (Diverged, ValueError):
            if not searched:
                try:
                    self._search(data)
                except ValueError:
                    for vector, values in before:
                        vector[...] = values
                    self.step_ = step
                    raise
            raise
        return self

    def _search(self, data):
        """ValueError when a number in the inputs is not finite."""
        for name, values in zip(self.objective._names[:-1], data):
            check_finite(name, values)

    def _batches(self, objective, data, w, g, searched):
        """A function that goes through the sample once: it yields (share, Q) of each batch, its gradient in g."""
        N, usual = len(data[-1]), None if self.optimizer == "l-bfgs" else OPTIMIZERS[self.optimizer][3]
        size = min(self.batch_size or usual or N, N)
        weights = objective._parameter_views(w)
        slopes = objective._gradient_views(g)
        # The inputs in which a number that is not finite need not show in the gradient.
        shown = () if self.frozen else objective._rows(g)
        hidden = () if searched else [k for k, label in enumerate(objective._shapes) if label not in shown]
        if size == N:
            if hidden:
                self._search(data)
            both = objective._workspace(N)[2]
            return lambda epoch: ((1.0, both(weights, *data, slopes)[0]) for _ in range(1))
        places = [aligned(a[:size]) for a in data]
        rest = [place[: N % size] for place in places]
        weighed = objective is not self.objective

        def batches(epoch):
            order = np.random.default_rng((self.seed, epoch + 1)).permutation(N)
            for start in range(0, N, size):
                rows = order[start : start + size]
                batch = places if len(rows) == size else rest
                for source, place in zip(data, batch):
                    np.take(source, rows, 0, place, "clip")  # in this mode NumPy needs no buffer
                for k in hidden:
                    if not isfinite(np.vdot(batch[k], batch[k])):
                        self._search(data)
                share = batch[-2].sum() / data[-2].sum() if weighed else len(rows) / N
                if weighed and not share:
                    continue  # as if these samples were not there
                q = objective._workspace(len(rows))[2](weights, *batch, slopes)[0]
                yield share, q

        return batches

    def _whole(self, distributed, w, g):
        """The same for data on a cluster: one batch, the whole sample."""

        def batches(epoch):
            q, g[...] = distributed.value_and_gradient(w)
            yield 1.0, q

        return batches

    def _descend(self, batches, w, g, fixed, epochs, after_epoch):
        """Steps along the gradient, batch by batch, epoch by epoch."""
        update, names, rate, _ = OPTIMIZERS[self.optimizer]
        schedule = SCHEDULES[self.schedule]
        rate = rate if self.learning_rate is None else self.learning_rate
        numbers = {name: self.settings[name] for name in SETTINGS[self.optimizer] if name in self.settings}
        bends = {name: self.settings[name] for name in SETTINGS[self.schedule] if name in self.settings}
        block = BLOCK // w.itemsize
        scratch = np.empty_like(w[:block])
        vectors = (w, g, *(self._state[name] for name in names))
        places = range(0, len(w), block)
        blocks = [(*(a[k : k + block] for a in vectors), scratch[: len(w) - k]) for k in places]
        good = self._good
        while self.epoch_ < epochs:
            eta = schedule(rate, self.epoch_, max(self.epochs, 1), **bends)
            loss, lengths, first = 0.0, [], True
            for share, q in batches(self.epoch_):
                for part, _ in fixed:
                    g[part] = 0
                length = length_of(g)
                if not isfinite(q + length):
                    at = f" at step {self.step_ + 1}, in epoch {self.epoch_ + 1}, with learning_rate {eta:g}"
                    raise self._diverged(f"Q is {q} and its gradient has length {length}{at if self.step_ else ''}")
                if first:
                    good[...], first = w, False
                if self.clip is not None and length > self.clip:
                    np.multiply(g, np.float64(self.clip / length), g)  # it may be too small for float32
                self.step_ += 1
                for parts in blocks:
                    update(*parts, eta, self.step_, **numbers)
                if self.step_ % SWEEP == 0:
                    sweep(self._state.values())
                for part, values in fixed:
                    w[part] = values
                loss += q
                lengths.append(length)
            for vector in (w, *self._state.values()):  # before anyone sees or saves them
                if not isfinite(vector.dot(vector)) and not np.isfinite(vector).all():
                    what = "w" if vector is w else f"what {self.optimizer} remembers"
                    at = f"after step {self.step_}, in epoch {self.epoch_ + 1}, with learning_rate {eta:g}"
                    raise self._diverged(f"{what} is not finite {at}")
            if after_epoch(loss, sum(lengths) / len(lengths), eta):
                break
        if self.epoch_ and not isfinite(next(batches(self.epoch_))[1]):
            raise self._diverged(f"Q is not finite after step {self.step_}, the last of epoch {self.epoch_}")
        if self.epoch_:
            good[...] = w

    def _diverged(self, what):
        """The complaint, once the last good weights are in their place, and what did not stay finite is forgotten."""
        self._w[...] = self._good
        if self._best is None:
            self.w_[...] = self._good
        for vector in self._state.values():
            if not np.isfinite(vector).all():
                vector[...] = 0
        if self.step_ == 0:
            return Diverged(f"{what} at the first weights, before any step; smaller weights or smaller data are needed")
        advice = "" if self.optimizer == "l-bfgs" else ". Try a lower learning_rate"
        return Diverged(f"{what}; w_ holds the last good weights{advice}")

    def _minimize(self, batches, w, g, fixed, after_epoch):
        """L-BFGS-B of SciPy (Byrd et al., 1995), from the weights there are."""
        try:
            minimize = importlib.import_module("scipy.optimize").minimize
        except ImportError:
            raise ImportError("optimizer l-bfgs needs SciPy: pip install scipy") from None
        last = {}

        def value_and_gradient(point):
            w[...] = point
            ((_, q),) = batches(self.epoch_)
            for part, values in fixed:
                g[part] = 0
            last[point.tobytes()] = q, length_of(g)
            return q, g.astype(np.float64)

        def after(point):
            w[...] = point
            self.step_ += 1
            loss, length = last[point.tobytes()]
            last.clear()
            if not isfinite(loss + length):
                raise self._diverged(f"Q is {loss} and its gradient has length {length} at iteration {self.step_}")
            self._good[...] = w
            if after_epoch(loss, length, 1.0):
                raise StopIteration

        if not self.epochs:
            return
        start, options = w.astype(np.float64), {"maxiter": self.epochs}
        found = minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", callback=after, options=options)
        if not (isfinite(found.fun) and np.isfinite(found.x).all()):
            after = f" after {self.step_} iterations of l-bfgs" if self.step_ else ""
            raise self._diverged(f"Q is {found.fun}{after}")
        w[...] = found.x

    def _after_epoch(self, loss, length, rate, left):
        """Keep the books; whether to stop, as the loss ``left`` of the samples kept apart no longer falls."""
        self.epoch_ += 1
        row = {"loss": loss, "gradient_norm": length, "learning_rate": rate}
        if left is not None:
            row["validation_loss"] = left
        for name, number in row.items():
            self.history_.setdefault(name, []).append(float(number))
        if left is None or left < (np.inf if self._best is None else self._best):
            self.w_[...], self._best, self._waited = self._w, left, 0
        else:
            self._waited += 1
        return self._waited >= self.patience


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
