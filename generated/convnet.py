"""convnet: Q(w) and its gradient, in NumPy alone.

    convnet
      x : 4P x 4S                                                                    input
      a : 4P x 4S x C = relu(Sum(w_a[c,u,v]*x[i,r+u-1,s+v-1], u, v) + b_a[c])
      m : 2P x 2S x C = Max(a[i,2*r+u,2*s+v,c], u, v)
      z : 2P x 2S x F = relu(Sum(w_z[f,c,u,v]*m[i,r+u-1,s+v-1,c], u, v, c) + b_z[f])
      h : P x S x F = Max(z[i,2*r+u,2*s+v,f], u, v)
      p : K = softmax(w_p h + b_p)                                                   output
      cross_entropy loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 253ecf1709f5908f, for float64; not to be edited.
Operations  2*N*2P*2P*2S*2S*C*F + 4*N*2P*2S*3*3*C*F + 2*N*2*2*2P*2S*C + 2*N*2*2*F*P*S + 4*N*3*3*4P*4S*C + 4*N*2*2P*2S*C + 4*N*2*2P*F*S + 4*N*2*2S*4P*C + 4*N*2*F*P*S + 6*N*2P*2S*4P*C + 4*N*2P*2S*F*S + 6*N*2P*F*P*S + 4*N*2S*4P*4S*C + 6*N*F*K*P*S + N*2P*2S*C + 5*N*2P*2S*F + N*2P*F*S + N*2S*4P*C + 5*N*4P*4S*C + N*F*P*S + 12*N*K + 4*N   for Q and its gradient
Workspace   8*(2P*2S*F*2P*2S*C + N*2P*2S*C*3*3 + N*2*2P*2S*C + N*2*P*S*F + N*2P*2*2S*C + N*2P*2S*F*S + N*2P*F*S*P + N*2P*S*2*F + N*4P*2S*2*C + N*4P*4S*3*3 + N*4P*4S*C*2S + N*4P*C*2S*2P + N*P*2*S*F + F*C*3*3 + 4*N*2P*2S*C + 2*N*2P*2S*F + N*2P*F*S + 3*N*2P*S*F + 3*N*4P*2S*C + 2*N*4P*4S*C + N*4P*C*2S + 3*N*P*S*F + N*4P*4S + 2P*P + 2S*S + 4P*2P + 4S*2S + 3*K*N + 2P + K + 3*N + P) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import (
    add, arange, array, copyto, divide, empty, equal, exp, greater, log, matmul, maximum, multiply, reciprocal,
    subtract,
)

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, padded, quietly, window,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "convnet"
SPEC_HASH = "253ecf1709f5908f4ee726f9398122044f0af5552043832f0d63979d4b617209"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"P": 2, "S": 2, "C": 2, "F": 3, "K": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_a[i, r, s, c] = Sum(Sum(w_a[c, u, v]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u - 1, s + v
#         - 1], v), u) + b_a[c]
#     (2) a[i, r, s, c] = relu(a_a[i, r, s, c])
#     (3) max_m[i, r, s, c] = Max(Max(a[i, 2r + u, 2s + v, c], v), u)
#     (4) m[i, r, s, c] = max_m[i, r, s, c]
#     (5) a_z[i, r, s, f] = Sum(Sum(Sum(w_z[f, c, u, v]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r + u -
#         1, s + v - 1, c], c), v), u) + b_z[f]
#     (6) z[i, r, s, f] = relu(a_z[i, r, s, f])
#     (7) max_h[i, r, s, f] = Max(Max(z[i, 2r + u, 2s + v, f], v), u)
#     (8) h[i, r, s, f] = max_h[i, r, s, f]
#     (9) a_p[i, k] = Sum(Sum(Sum(w_p[k, j, s, f]*h[i, j, s, f], f), s), j) + b_p[k]
#     (10) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
#     (11) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
#     (12) Q = Sum(L[i], i)
#     (15) E_a_p[i, k] = p[i, k] - y[i, k]
#     (16) E_w_p[k, j, s, f] = Sum(E_a_p[i, k]*h[i, j, s, f], i)
#     (17) E_b_p[k] = Sum(E_a_p[i, k], i)
#     (18) E_h[i, r, s, f] = Sum(E_a_p[i, k]*w_p[k, r, s, f], k)
#     (19) E_max_h[i, r, s, f] = E_h[i, r, s, f]
#     (20) E_z[i, r, s, f] = Sum(Sum(E_max_h[i, t, m, f]*[Max(z[i, r, 2m + v, f], v) == Max(Max(z[i, q + 2t, 2m +
#         v, f], v), q)]*[z[i, r, s, f] == Max(z[i, r, c + 2m, f], c)]*Sum([z[i, r, 2m + q, f] == Max(z[i, r, c + 2m,
#         f], c)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(z[i, n + 2t, 2m + v, f], v) == Max(Max(z[i, q
#         + 2t, 2m + v, f], v), q)], n)**(-1), m), t)
#     (21) E_a_z[i, r, s, f] = E_z[i, r, s, f]*[a_z[i, r, s, f] > 0]
#     (22) E_w_z[f, c, u, v] = Sum(Sum(Sum(E_a_z[i, r, s, f]*[0 <= r + u - 1 < 2P]*[0 <= s + v - 1 < 2S]*m[i, r +
#         u - 1, s + v - 1, c], s), r), i)
#     (23) E_b_z[f] = Sum(Sum(Sum(E_a_z[i, r, s, f], s), r), i)
#     (24) E_m[i, r, s, c] = Sum(Sum(Sum(E_a_z[i, t, m, f]*w_z[f, c, r - t + 1, s - m + 1]*[0 <= r - t + 1 < 3]*[0
#         <= s - m + 1 < 3], f), m), t)
#     (25) E_max_m[i, r, s, c] = E_m[i, r, s, c]
#     (26) E_a[i, r, s, c] = Sum(Sum(E_max_m[i, t, m, c]*[Max(a[i, r, 2m + v, c], v) == Max(Max(a[i, q + 2t, 2m +
#         v, c], v), q)]*[a[i, r, s, c] == Max(a[i, r, g + 2m, c], g)]*Sum([a[i, r, 2m + q, c] == Max(a[i, r, g + 2m,
#         c], g)], q)**(-1)*[0 <= r - 2t < 2]*[0 <= s - 2m < 2]*Sum([Max(a[i, n + 2t, 2m + v, c], v) == Max(Max(a[i, q
#         + 2t, 2m + v, c], v), q)], n)**(-1), m), t)
#     (27) E_a_a[i, r, s, c] = E_a[i, r, s, c]*[a_a[i, r, s, c] > 0]
#     (28) E_w_a[c, u, v] = Sum(Sum(Sum(E_a_a[i, r, s, c]*[0 <= r + u - 1 < 4P]*[0 <= s + v - 1 < 4S]*x[i, r + u -
#         1, s + v - 1], s), r), i)
#     (29) E_b_a[c] = Sum(Sum(Sum(E_a_a[i, r, s, c], s), r), i)
# With a weight for each sample:
#     (12) Q = Sum(s2[i]*L[i], i)
#     (13) E_L[i] = s2[i]
#     (15) E_a_p[i, k] = E_L[i]*(p[i, k] - y[i, k])


def plain(
    w_a: Array, b_a: Array, w_z: Array, b_z: Array, w_p: Array, b_p: Array, x: Array, y: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_a (C, 3, 3); b_a (C,); w_z (F, C, 3, 3); b_z (F,); w_p (K, P, S, F); b_p (K,); x (N, 4*P, 4*S); y (N, K).
    """
    K, P, S, F = w_p.shape
    C = w_a.shape[0]
    N = x.shape[0]
    # (20)
    E_z_indicator = ((0 <= (np.arange(2*P)[:, None] + -2*np.arange(P)[None, :])) & ((np.arange(2*P)[:, None] + -2*np.arange(P)[None, :]) < 2)).astype(x.dtype)
    # (20)
    E_z_indicator_2 = ((0 <= (-2*np.arange(S)[None, :] + np.arange(2*S)[:, None])) & ((-2*np.arange(S)[None, :] + np.arange(2*S)[:, None]) < 2)).astype(x.dtype)
    # (26)
    E_a_indicator = ((0 <= (np.arange(4*P)[:, None] + -2*np.arange(2*P)[None, :])) & ((np.arange(4*P)[:, None] + -2*np.arange(2*P)[None, :]) < 2)).astype(x.dtype)
    # (26)
    E_a_indicator_2 = ((0 <= (-2*np.arange(2*S)[None, :] + np.arange(4*S)[:, None])) & ((-2*np.arange(2*S)[None, :] + np.arange(4*S)[:, None]) < 2)).astype(x.dtype)
    # (1)
    a_a_x_view = np.where((np.arange(N)[:, None, None, None, None] >= 0) & (np.arange(N)[:, None, None, None, None] < N) & ((-1 + np.arange(4*P)[None, :, None, None, None] + np.arange(3)[None, None, :, None, None]) >= 0) & ((-1 + np.arange(4*P)[None, :, None, None, None] + np.arange(3)[None, None, :, None, None]) < 4*P) & ((-1 + np.arange(4*S)[None, None, None, :, None] + np.arange(3)[None, None, None, None, :]) >= 0) & ((-1 + np.arange(4*S)[None, None, None, :, None] + np.arange(3)[None, None, None, None, :]) < 4*S), x[np.arange(N)[:, None, None, None, None].clip(0, N - 1), (-1 + np.arange(4*P)[None, :, None, None, None] + np.arange(3)[None, None, :, None, None]).clip(0, 4*P - 1), (-1 + np.arange(4*S)[None, None, None, :, None] + np.arange(3)[None, None, None, None, :]).clip(0, 4*S - 1)], 0.0)
    # (1)
    a_a = (a_a_x_view.transpose(0, 1, 3, 2, 4).reshape(N*4*P*4*S, 3*3) @ w_a.transpose(1, 2, 0).reshape(3*3, C)).reshape(N, 4*P, 4*S, C) + b_a
    a = np.maximum(a_a, 0.0)  # (2)
    # (3)
    max_m_a_view = a[np.arange(N)[:, None, None, None, None, None], (2*np.arange(2*P)[None, :, None, None, None, None] + np.arange(2)[None, None, :, None, None, None]), (2*np.arange(2*S)[None, None, None, :, None, None] + np.arange(2)[None, None, None, None, :, None]), np.arange(C)[None, None, None, None, None, :]]
    max_m_max = max_m_a_view.max(4)  # (3)
    max_m = max_m_max.max(2)  # (3)
    m = max_m  # (4)
    # (5)
    a_z_m_view = np.where((np.arange(N)[:, None, None, None, None, None] >= 0) & (np.arange(N)[:, None, None, None, None, None] < N) & ((-1 + np.arange(2*P)[None, :, None, None, None, None] + np.arange(3)[None, None, :, None, None, None]) >= 0) & ((-1 + np.arange(2*P)[None, :, None, None, None, None] + np.arange(3)[None, None, :, None, None, None]) < 2*P) & ((-1 + np.arange(2*S)[None, None, None, :, None, None] + np.arange(3)[None, None, None, None, :, None]) >= 0) & ((-1 + np.arange(2*S)[None, None, None, :, None, None] + np.arange(3)[None, None, None, None, :, None]) < 2*S) & (np.arange(C)[None, None, None, None, None, :] >= 0) & (np.arange(C)[None, None, None, None, None, :] < C), m[np.arange(N)[:, None, None, None, None, None].clip(0, N - 1), (-1 + np.arange(2*P)[None, :, None, None, None, None] + np.arange(3)[None, None, :, None, None, None]).clip(0, 2*P - 1), (-1 + np.arange(2*S)[None, None, None, :, None, None] + np.arange(3)[None, None, None, None, :, None]).clip(0, 2*S - 1), np.arange(C)[None, None, None, None, None, :].clip(0, C - 1)], 0.0)
    # (5)
    a_z = (a_z_m_view.transpose(0, 1, 3, 5, 2, 4).reshape(N*2*P*2*S, C*3*3) @ w_z.transpose(1, 2, 3, 0).reshape(C*3*3, F)).reshape(N, 2*P, 2*S, F) + b_z
    z = np.maximum(a_z, 0.0)  # (6)
    # (7)
    max_h_z_view = z[np.arange(N)[:, None, None, None, None, None], (2*np.arange(P)[None, :, None, None, None, None] + np.arange(2)[None, None, :, None, None, None]), (2*np.arange(S)[None, None, None, :, None, None] + np.arange(2)[None, None, None, None, :, None]), np.arange(F)[None, None, None, None, None, :]]
    max_h_max = max_h_z_view.max(4)  # (7)
    max_h = max_h_max.max(2)  # (7)
    h = max_h  # (8)
    a_p = h.reshape(N, P*S*F) @ w_p.transpose(1, 2, 3, 0).reshape(P*S*F, K) + b_p  # (9)
    p_max = a_p.max(1)  # (10)
    p_shifted = a_p - p_max[:, None]  # (10)
    p_part = np.exp(p_shifted)  # (10)
    p_sum = p_part.sum(1)  # (10)
    p_part_2 = 1.0 / p_sum  # (10)
    p = np.exp(p_shifted)*p_part_2[:, None]  # (10)
    L_part = y*p_shifted  # (11)
    L = -(L_part.sum(1) - np.log(p_sum))  # (11)
    Q = L.sum()  # (12)
    E_a_p = p - y  # (15)
    E_w_p = (E_a_p.T @ h.reshape(N, P*S*F)).reshape(K, P, S, F)  # (16)
    E_b_p = E_a_p.sum(0)  # (17)
    E_h = (E_a_p @ w_p.reshape(K, P*S*F)).reshape(N, P, S, F)  # (18)
    E_max_h = E_h  # (19)
    # (20)
    E_z_z_view = z[np.arange(N)[:, None, None, None, None], np.arange(2*P)[None, :, None, None, None], (2*np.arange(S)[None, None, :, None, None] + np.arange(2)[None, None, None, :, None]), np.arange(F)[None, None, None, None, :]]
    E_z_max = E_z_z_view.max(3)  # (20)
    # (20)
    E_z_z_view_2 = z[np.arange(N)[:, None, None, None, None, None], (np.arange(2)[None, :, None, None, None, None] + 2*np.arange(P)[None, None, :, None, None, None]), (2*np.arange(S)[None, None, None, :, None, None] + np.arange(2)[None, None, None, None, :, None]), np.arange(F)[None, None, None, None, None, :]]
    E_z_max_2 = E_z_z_view_2.max(4)  # (20)
    E_z_max_3 = E_z_max_2.max(1)  # (20)
    # (20)
    E_z_z_view_3 = z[np.arange(N)[:, None, None, None, None], np.arange(2*P)[None, :, None, None, None], (np.arange(2)[None, None, :, None, None] + 2*np.arange(S)[None, None, None, :, None]), np.arange(F)[None, None, None, None, :]]
    E_z_max_4 = E_z_z_view_3.max(2)  # (20)
    E_z_part = (E_z_z_view == E_z_max_4[:, :, :, None, :]).astype(x.dtype)  # (20)
    E_z_part_2 = (E_z_max_2 == E_z_max_3[:, None, :, :, :]).astype(x.dtype)  # (20)
    E_z_part_3 = 1.0 / E_z_part.sum(3)  # (20)
    E_z_part_4 = E_max_h / E_z_part_2.sum(1)  # (20)
    # (20)
    E_z_part_5 = E_z_part_3.transpose(0, 1, 3, 2)[:, :, :, :, None]*E_z_part_4.transpose(0, 3, 2, 1)[:, None, :, :, :]*E_z_indicator[:, None, None, :]*(E_z_max.transpose(0, 1, 3, 2)[:, :, :, :, None] == E_z_max_3.transpose(0, 3, 2, 1)[:, None, :, :, :]).astype(x.dtype)
    # (20)
    E_z_part_6 = E_z_indicator_2[:, None, :]*(z[:, :, :, :, None] == E_z_max_4.transpose(0, 1, 3, 2)[:, :, None, :, :]).astype(x.dtype)
    E_z_sum_3 = E_z_part_5.sum(4)  # (20)
    # (20)
    E_z = (E_z_sum_3[:, :, :, None, :] @ E_z_part_6.transpose(0, 1, 3, 4, 2)).reshape(N, 2*P, F, 2*S).transpose(0, 1, 3, 2)
    E_a_z = E_z*(a_z > 0.0).astype(x.dtype)  # (21)
    # (22)
    E_w_z = (E_a_z.transpose(3, 0, 1, 2).reshape(F, N*2*P*2*S) @ a_z_m_view.transpose(0, 1, 3, 5, 2, 4).reshape(N*2*P*2*S, C*3*3)).reshape(F, C, 3, 3)
    E_b_z = E_a_z.sum((0, 1, 2))  # (23)
    # (24)
    E_m_w_z_view = np.where((np.arange(F)[:, None, None, None, None, None] >= 0) & (np.arange(F)[:, None, None, None, None, None] < F) & (np.arange(C)[None, :, None, None, None, None] >= 0) & (np.arange(C)[None, :, None, None, None, None] < C) & ((1 + np.arange(2*P)[None, None, :, None, None, None] + -1*np.arange(2*P)[None, None, None, :, None, None]) >= 0) & ((1 + np.arange(2*P)[None, None, :, None, None, None] + -1*np.arange(2*P)[None, None, None, :, None, None]) < 3) & ((1 + -1*np.arange(2*S)[None, None, None, None, :, None] + np.arange(2*S)[None, None, None, None, None, :]) >= 0) & ((1 + -1*np.arange(2*S)[None, None, None, None, :, None] + np.arange(2*S)[None, None, None, None, None, :]) < 3), w_z[np.arange(F)[:, None, None, None, None, None].clip(0, F - 1), np.arange(C)[None, :, None, None, None, None].clip(0, C - 1), (1 + np.arange(2*P)[None, None, :, None, None, None] + -1*np.arange(2*P)[None, None, None, :, None, None]).clip(0, 3 - 1), (1 + -1*np.arange(2*S)[None, None, None, None, :, None] + np.arange(2*S)[None, None, None, None, None, :]).clip(0, 3 - 1)], 0.0)
    # (24)
    E_m = (E_a_z.reshape(N, 2*P*2*S*F) @ E_m_w_z_view.transpose(3, 4, 0, 2, 5, 1).reshape(2*P*2*S*F, 2*P*2*S*C)).reshape(N, 2*P, 2*S, C)
    E_max_m = E_m  # (25)
    # (26)
    E_a_a_view = a[np.arange(N)[:, None, None, None, None], np.arange(4*P)[None, :, None, None, None], (2*np.arange(2*S)[None, None, :, None, None] + np.arange(2)[None, None, None, :, None]), np.arange(C)[None, None, None, None, :]]
    E_a_max = E_a_a_view.max(3)  # (26)
    # (26)
    E_a_a_view_2 = a[np.arange(N)[:, None, None, None, None, None], (np.arange(2)[None, :, None, None, None, None] + 2*np.arange(2*P)[None, None, :, None, None, None]), (2*np.arange(2*S)[None, None, None, :, None, None] + np.arange(2)[None, None, None, None, :, None]), np.arange(C)[None, None, None, None, None, :]]
    E_a_max_2 = E_a_a_view_2.max(4)  # (26)
    E_a_max_3 = E_a_max_2.max(1)  # (26)
    # (26)
    E_a_a_view_3 = a[np.arange(N)[:, None, None, None, None], np.arange(4*P)[None, :, None, None, None], (np.arange(2)[None, None, :, None, None] + 2*np.arange(2*S)[None, None, None, :, None]), np.arange(C)[None, None, None, None, :]]
    E_a_max_4 = E_a_a_view_3.max(2)  # (26)
    E_a_part = (E_a_a_view == E_a_max_4[:, :, :, None, :]).astype(x.dtype)  # (26)
    E_a_part_2 = (E_a_max_2 == E_a_max_3[:, None, :, :, :]).astype(x.dtype)  # (26)
    E_a_part_3 = 1.0 / E_a_part.sum(3)  # (26)
    E_a_part_4 = E_max_m / E_a_part_2.sum(1)  # (26)
    # (26)
    E_a_part_5 = E_a_part_3.transpose(0, 1, 3, 2)[:, :, :, :, None]*E_a_part_4.transpose(0, 3, 2, 1)[:, None, :, :, :]*E_a_indicator[:, None, None, :]*(E_a_max.transpose(0, 1, 3, 2)[:, :, :, :, None] == E_a_max_3.transpose(0, 3, 2, 1)[:, None, :, :, :]).astype(x.dtype)
    # (26)
    E_a_part_6 = E_a_indicator_2[:, None, :]*(a[:, :, :, :, None] == E_a_max_4.transpose(0, 1, 3, 2)[:, :, None, :, :]).astype(x.dtype)
    E_a_sum_3 = E_a_part_5.sum(4)  # (26)
    # (26)
    E_a = (E_a_sum_3[:, :, :, None, :] @ E_a_part_6.transpose(0, 1, 3, 4, 2)).reshape(N, 4*P, C, 4*S).transpose(0, 1, 3, 2)
    E_a_a = E_a*(a_a > 0.0).astype(x.dtype)  # (27)
    # (28)
    E_w_a = (E_a_a.transpose(3, 0, 1, 2).reshape(C, N*4*P*4*S) @ a_a_x_view.transpose(0, 1, 3, 2, 4).reshape(N*4*P*4*S, 3*3)).reshape(C, 3, 3)
    E_b_a = E_a_a.sum((0, 1, 2))  # (29)
    return Q, (E_w_a, E_b_a, E_w_z, E_b_z, E_w_p, E_b_p)


def shapes(P: int, S: int, C: int, F: int, K: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_a": (C, 3, 3), "b_a": (C,), "w_z": (F, C, 3, 3), "b_z": (F,), "w_p": (K, P, S, F), "b_p": (K,)}


def plain_shapes(P: int, S: int, C: int, F: int, K: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(P, S, C, F, K).values())


def sample_shapes(P: int, S: int, C: int, F: int, K: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, 4*P, 4*S)}, (None, K)


def witnesses(flat: Array, layout: Layout, P: int, S: int, C: int, F: int, K: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, P: int, S: int, C: int, F: int, K: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_a, b_a, w_z, b_z, w_p, b_p = (flat[part].reshape(shape) for part, shape in layout.values())
    w_a_matrix_T = w_a.reshape(C, 3*3).T
    w_z_matrix_T = w_z.reshape(F, C*3*3).T
    w_p_matrix = w_p.reshape(K, P*S*F)
    b_p_column = b_p[:, None]
    return b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column


def gradient_views(flat: Array, layout: Layout, P: int, S: int, C: int, F: int, K: int) -> Views:
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


def functions(N: int, P: int, S: int, C: int, F: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    zero = array(0.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    E_z_indicator = empty((2*P, P), dtype)
    copyto(E_z_indicator, (0 <= (arange(2*P)[:, None] + -2*arange(P)[None, :])) & ((arange(2*P)[:, None] + -2*arange(P)[None, :]) < 2))
    E_z_indicator_2 = empty((2*S, S), dtype)
    copyto(E_z_indicator_2, (0 <= (-2*arange(S)[None, :] + arange(2*S)[:, None])) & ((-2*arange(S)[None, :] + arange(2*S)[:, None]) < 2))
    ones_3 = empty((P,), dtype)
    ones_3.fill(1.0)
    E_a_indicator = empty((4*P, 2*P), dtype)
    copyto(E_a_indicator, (0 <= (arange(4*P)[:, None] + -2*arange(2*P)[None, :])) & ((arange(4*P)[:, None] + -2*arange(2*P)[None, :]) < 2))
    E_a_indicator_2 = empty((4*S, 2*S), dtype)
    copyto(E_a_indicator_2, (0 <= (-2*arange(2*S)[None, :] + arange(4*S)[:, None])) & ((-2*arange(2*S)[None, :] + arange(4*S)[:, None]) < 2))
    ones_4 = empty((2*P,), dtype)
    ones_4.fill(1.0)
    a_a_x_view_padded, a_a_x_view_inside, a_a_x_view_seen = padded((N, 4*P, 4*S), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(4*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(4*S - 1) + 1*(3 - 1)),), dtype)
    a_a_x_view = window(a_a_x_view_padded, (0 - (0), -1 - (-1), -1 - (-1),), ((1, 0, 0,), (0, 1, 0,), (0, 1, 0,), (0, 0, 1,), (0, 0, 1,),), (N, 4*P, 3, 4*S, 3))
    a_a_x_window = empty((N, 4*P, 4*S, 3, 3), dtype)
    a_a = empty((N, 4*P, 4*S, C), dtype)
    a = empty((N, 4*P, 4*S, C), dtype)
    max_m_max = empty((N, 2*P, 2, 2*S, C), dtype)
    max_m, E_a_max_3, E_a_sum_2 = (empty((N, 2*P, 2*S, C), dtype) for _ in range(3))
    m = E_m = E_max_m = E_a_part_4 = max_m  # the same memory
    a_z_m_view_padded, a_z_m_view_inside, a_z_m_view_seen = padded((N, 2*P, 2*S, C), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(2*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(2*S - 1) + 1*(3 - 1)), (0, 0 + 1*(C - 1)),), dtype)
    a_z_m_view = window(a_z_m_view_padded, (0 - (0), -1 - (-1), -1 - (-1), 0 - (0),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, 3, 2*S, 3, C))
    a_z_m_window = empty((N, 2*P, 2*S, C, 3, 3), dtype)
    a_z = empty((N, 2*P, 2*S, F), dtype)
    z = empty((N, 2*P, 2*S, F), dtype)
    max_h_max = empty((N, P, 2, S, F), dtype)
    max_h, E_z_max_3, E_z_sum_2 = (empty((N, P, S, F), dtype) for _ in range(3))
    h = E_h = E_max_h = E_z_part_4 = max_h  # the same memory
    a_p, p, y_arranged = (empty((K, N), dtype) for _ in range(3))
    a_p_spread = E_a_p = p  # the same memory
    p_max = empty((N,), dtype)
    p_part_2 = empty((N,), dtype)
    p_shifted = a_p  # the same memory
    L_1 = p_max  # the same memory
    E_z_max, E_z_max_4, E_z_sum = (empty((N, 2*P, S, F), dtype) for _ in range(3))
    E_z_max_2 = empty((N, 2, P, S, F), dtype)
    E_z_part = empty((N, 2*P, S, 2, F), dtype)
    E_z_part_5_1 = empty((N, 2*P, F, S, P), dtype)
    mask_E_z_part_5_1 = empty((N, 2*P, F, S, P), bool)
    mask_E_z_part_6_1 = empty((N, 2*P, 2*S, F, S), bool)
    E_z_part_6 = empty((N, 2*P, 2*S, F, S), dtype)
    E_z_sum_3 = empty((N, 2*P, F, S), dtype)
    E_z = E_a_z = z  # the same memory
    mask_E_a_z_1 = empty((N, 2*P, 2*S, F), bool)
    E_m_w_z_view_padded, E_m_w_z_view_inside, E_m_w_z_view_seen = padded((F, C, 3, 3), ((0, 0 + 1*(F - 1)), (0, 0 + 1*(C - 1)), (1 + -1*(2*P - 1), 1 + 1*(2*P - 1)), (1 + -1*(2*S - 1), 1 + 1*(2*S - 1)),), dtype)
    E_m_w_z_view = window(E_m_w_z_view_padded, (0 - (0), 0 - (0), 1 - (1 + -1*(2*P - 1)), 1 - (1 + -1*(2*S - 1)),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, -1, 0,), (0, 0, 0, -1,), (0, 0, 0, 1,),), (F, C, 2*P, 2*P, 2*S, 2*S))
    E_m_w_z_window = empty((2*P, 2*S, F, 2*P, 2*S, C), dtype)
    E_a_max, E_a_max_4, E_a_sum = (empty((N, 4*P, 2*S, C), dtype) for _ in range(3))
    E_a_max_2 = empty((N, 2, 2*P, 2*S, C), dtype)
    E_a_part = empty((N, 4*P, 2*S, 2, C), dtype)
    E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), dtype)
    mask_E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), bool)
    mask_E_a_part_6_1 = empty((N, 4*P, 4*S, C, 2*S), bool)
    E_a_part_6 = empty((N, 4*P, 4*S, C, 2*S), dtype)
    E_a_sum_3 = empty((N, 4*P, C, 2*S), dtype)
    E_a = E_a_a = a  # the same memory
    mask_E_a_a_1 = empty((N, 4*P, 4*S, C), bool)
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
    a_z_m_view_turned = a_z_m_view.transpose(0, 1, 3, 5, 2, 4)
    a_z_m_window_matrix = a_z_m_window.reshape(N*2*P*2*S, C*3*3)
    a_z_matrix = a_z.reshape(N*2*P*2*S, F)
    h_matrix_T = h.reshape(N, P*S*F).T
    p_T = p.T
    y_arranged_flat = y_arranged.reshape(K*N)
    p_shifted_flat = p_shifted.reshape(K*N)
    h_matrix = h.reshape(N, P*S*F)
    E_a_p_T = E_a_p.T
    E_h_matrix = E_h.reshape(N, P*S*F)
    E_z_max_4_spread = E_z_max_4[:, :, :, None, :]
    E_z_max_3_spread = E_z_max_3[:, None, :, :, :]
    E_z_sum_turned_spread = E_z_sum.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_z_part_4_turned_spread = E_z_part_4.transpose(0, 3, 2, 1)[:, None, :, :, :]
    E_z_indicator_spread = E_z_indicator[:, None, None, :]
    E_z_max_turned_spread = E_z_max.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_z_max_3_turned_spread = E_z_max_3.transpose(0, 3, 2, 1)[:, None, :, :, :]
    z_spread = z[:, :, :, :, None]
    E_z_max_4_turned_spread = E_z_max_4.transpose(0, 1, 3, 2)[:, :, None, :, :]
    E_z_indicator_2_spread = E_z_indicator_2[:, None, :]
    E_z_part_5_1_matrix = E_z_part_5_1.reshape(N*2*P*F*S, P)
    E_z_sum_3_flat = E_z_sum_3.reshape(N*2*P*F*S)
    E_z_sum_3_spread = E_z_sum_3[:, :, :, None, :]
    E_z_part_6_turned = E_z_part_6.transpose(0, 1, 3, 4, 2)
    E_z_turned_spread = E_z.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_z_matrix_T = E_a_z.reshape(N*2*P*2*S, F).T
    E_m_w_z_view_turned = E_m_w_z_view.transpose(3, 4, 0, 2, 5, 1)
    E_a_z_matrix = E_a_z.reshape(N, 2*P*2*S*F)
    E_m_w_z_window_matrix = E_m_w_z_window.reshape(2*P*2*S*F, 2*P*2*S*C)
    E_m_matrix = E_m.reshape(N, 2*P*2*S*C)
    E_a_max_4_spread = E_a_max_4[:, :, :, None, :]
    E_a_max_3_spread = E_a_max_3[:, None, :, :, :]
    E_a_sum_turned_spread = E_a_sum.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_a_part_4_turned_spread = E_a_part_4.transpose(0, 3, 2, 1)[:, None, :, :, :]
    E_a_indicator_spread = E_a_indicator[:, None, None, :]
    E_a_max_turned_spread = E_a_max.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_a_max_3_turned_spread = E_a_max_3.transpose(0, 3, 2, 1)[:, None, :, :, :]
    a_spread = a[:, :, :, :, None]
    E_a_max_4_turned_spread = E_a_max_4.transpose(0, 1, 3, 2)[:, :, None, :, :]
    E_a_indicator_2_spread = E_a_indicator_2[:, None, :]
    E_a_part_5_1_matrix = E_a_part_5_1.reshape(N*4*P*C*2*S, 2*P)
    E_a_sum_3_flat = E_a_sum_3.reshape(N*4*P*C*2*S)
    E_a_sum_3_spread = E_a_sum_3[:, :, :, None, :]
    E_a_part_6_turned = E_a_part_6.transpose(0, 1, 3, 4, 2)
    E_a_turned_spread = E_a.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_a_matrix_T = E_a_a.reshape(N*4*P*4*S, C).T

    def predict(weights: Views, x: Array) -> Any:
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        copyto(a_a_x_view_inside, x[a_a_x_view_seen])  # (1)
        copyto(a_a_x_window, a_a_x_view_turned)  # (1)
        a_a_x_window_matrix.dot(w_a_matrix_T, a_a_matrix)  # (1)
        add(a_a, b_a, a_a)  # (1)
        maximum(a_a, zero, out=a)  # (2)
        maximum.reduce(max_m_a_view, 4, out=max_m_max)  # (3)
        maximum.reduce(max_m_max, 2, out=max_m)  # (3)
        copyto(m, max_m)  # (4)
        copyto(a_z_m_view_inside, m[a_z_m_view_seen])  # (5)
        copyto(a_z_m_window, a_z_m_view_turned)  # (5)
        a_z_m_window_matrix.dot(w_z_matrix_T, a_z_matrix)  # (5)
        add(a_z, b_z, a_z)  # (5)
        maximum(a_z, zero, out=z)  # (6)
        maximum.reduce(max_h_z_view, 4, out=max_h_max)  # (7)
        maximum.reduce(max_h_max, 2, out=max_h)  # (7)
        copyto(h, max_h)  # (8)
        w_p_matrix.dot(h_matrix_T, a_p)  # (9)
        copyto(a_p_spread, b_p_column)  # (9)
        add(a_p, a_p_spread, a_p)  # (9)
        maximum.reduce(a_p, 0, out=p_max)  # (10)
        subtract(a_p, p_max, p_shifted)  # (10)
        exp(p_shifted, p)  # (10)
        p_T.dot(ones, p_max)  # (10)
        reciprocal(p_max, p_part_2)  # (10)
        multiply(p_part_2, p, p)  # (10)
        return p.T

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        y_T = y.T
        log(p_max, L_1)  # (11)
        copyto(y_arranged, y_T)  # (11), (12)
        Q_sum = y_arranged_flat.dot(p_shifted_flat)  # (11), (12)
        Q_sum_3 = L_1.dot(ones_2)  # (11), (12)
        Q = -(Q_sum - Q_sum_3)  # (11), (12)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        E_b_a, E_b_z, E_b_p, E_w_p_matrix, E_w_z_matrix, E_w_a_matrix = slopes
        subtract(p, y_arranged, E_a_p)  # (15)
        E_a_p.dot(h_matrix, E_w_p_matrix)  # (16)
        E_a_p.dot(ones_2, E_b_p)  # (17)
        E_a_p_T.dot(w_p_matrix, E_h_matrix)  # (18)
        copyto(E_max_h, E_h)  # (19)
        maximum.reduce(E_z_z_view, 3, out=E_z_max)  # (20)
        maximum.reduce(E_z_z_view_2, 4, out=E_z_max_2)  # (20)
        maximum.reduce(E_z_max_2, 1, out=E_z_max_3)  # (20)
        maximum.reduce(E_z_z_view_3, 2, out=E_z_max_4)  # (20)
        equal(E_z_z_view, E_z_max_4_spread, E_z_part)  # (20)
        add.reduce(E_z_part, 3, out=E_z_sum)  # (20)
        equal(E_z_max_2, E_z_max_3_spread, E_z_max_2)  # (20)
        add.reduce(E_z_max_2, 1, out=E_z_sum_2)  # (20)
        reciprocal(E_z_sum, E_z_sum)  # (20)
        divide(E_max_h, E_z_sum_2, E_z_part_4)  # (20)
        multiply(E_z_sum_turned_spread, E_z_part_4_turned_spread, E_z_part_5_1)  # (20)
        multiply(E_z_part_5_1, E_z_indicator_spread, E_z_part_5_1)  # (20)
        equal(E_z_max_turned_spread, E_z_max_3_turned_spread, mask_E_z_part_5_1)  # (20)
        multiply(E_z_part_5_1, mask_E_z_part_5_1, E_z_part_5_1)  # (20)
        equal(z_spread, E_z_max_4_turned_spread, mask_E_z_part_6_1)  # (20)
        multiply(E_z_indicator_2_spread, mask_E_z_part_6_1, E_z_part_6)  # (20)
        E_z_part_5_1_matrix.dot(ones_3, E_z_sum_3_flat)  # (20)
        matmul(E_z_sum_3_spread, E_z_part_6_turned, E_z_turned_spread)  # (20)
        greater(a_z, zero, mask_E_a_z_1)  # (21)
        multiply(E_z, mask_E_a_z_1, E_a_z)  # (21)
        E_a_z_matrix_T.dot(a_z_m_window_matrix, E_w_z_matrix)  # (22)
        add.reduce(E_a_z, (0, 1, 2), out=E_b_z)  # (23)
        copyto(E_m_w_z_view_inside, w_z[E_m_w_z_view_seen])  # (24)
        copyto(E_m_w_z_window, E_m_w_z_view_turned)  # (24)
        E_a_z_matrix.dot(E_m_w_z_window_matrix, E_m_matrix)  # (24)
        copyto(E_max_m, E_m)  # (25)
        maximum.reduce(E_a_a_view, 3, out=E_a_max)  # (26)
        maximum.reduce(E_a_a_view_2, 4, out=E_a_max_2)  # (26)
        maximum.reduce(E_a_max_2, 1, out=E_a_max_3)  # (26)
        maximum.reduce(E_a_a_view_3, 2, out=E_a_max_4)  # (26)
        equal(E_a_a_view, E_a_max_4_spread, E_a_part)  # (26)
        add.reduce(E_a_part, 3, out=E_a_sum)  # (26)
        equal(E_a_max_2, E_a_max_3_spread, E_a_max_2)  # (26)
        add.reduce(E_a_max_2, 1, out=E_a_sum_2)  # (26)
        reciprocal(E_a_sum, E_a_sum)  # (26)
        divide(E_max_m, E_a_sum_2, E_a_part_4)  # (26)
        multiply(E_a_sum_turned_spread, E_a_part_4_turned_spread, E_a_part_5_1)  # (26)
        multiply(E_a_part_5_1, E_a_indicator_spread, E_a_part_5_1)  # (26)
        equal(E_a_max_turned_spread, E_a_max_3_turned_spread, mask_E_a_part_5_1)  # (26)
        multiply(E_a_part_5_1, mask_E_a_part_5_1, E_a_part_5_1)  # (26)
        equal(a_spread, E_a_max_4_turned_spread, mask_E_a_part_6_1)  # (26)
        multiply(E_a_indicator_2_spread, mask_E_a_part_6_1, E_a_part_6)  # (26)
        E_a_part_5_1_matrix.dot(ones_4, E_a_sum_3_flat)  # (26)
        matmul(E_a_sum_3_spread, E_a_part_6_turned, E_a_turned_spread)  # (26)
        greater(a_a, zero, mask_E_a_a_1)  # (27)
        multiply(E_a, mask_E_a_a_1, E_a_a)  # (27)
        E_a_a_matrix_T.dot(a_a_x_window_matrix, E_w_a_matrix)  # (28)
        add.reduce(E_a_a, (0, 1, 2), out=E_b_a)  # (29)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, P: int, S: int, C: int, F: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    zero = array(0.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    E_z_indicator = empty((2*P, P), dtype)
    copyto(E_z_indicator, (0 <= (arange(2*P)[:, None] + -2*arange(P)[None, :])) & ((arange(2*P)[:, None] + -2*arange(P)[None, :]) < 2))
    E_z_indicator_2 = empty((2*S, S), dtype)
    copyto(E_z_indicator_2, (0 <= (-2*arange(S)[None, :] + arange(2*S)[:, None])) & ((-2*arange(S)[None, :] + arange(2*S)[:, None]) < 2))
    ones_3 = empty((P,), dtype)
    ones_3.fill(1.0)
    E_a_indicator = empty((4*P, 2*P), dtype)
    copyto(E_a_indicator, (0 <= (arange(4*P)[:, None] + -2*arange(2*P)[None, :])) & ((arange(4*P)[:, None] + -2*arange(2*P)[None, :]) < 2))
    E_a_indicator_2 = empty((4*S, 2*S), dtype)
    copyto(E_a_indicator_2, (0 <= (-2*arange(2*S)[None, :] + arange(4*S)[:, None])) & ((-2*arange(2*S)[None, :] + arange(4*S)[:, None]) < 2))
    ones_4 = empty((2*P,), dtype)
    ones_4.fill(1.0)
    a_a_x_view_padded, a_a_x_view_inside, a_a_x_view_seen = padded((N, 4*P, 4*S), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(4*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(4*S - 1) + 1*(3 - 1)),), dtype)
    a_a_x_view = window(a_a_x_view_padded, (0 - (0), -1 - (-1), -1 - (-1),), ((1, 0, 0,), (0, 1, 0,), (0, 1, 0,), (0, 0, 1,), (0, 0, 1,),), (N, 4*P, 3, 4*S, 3))
    a_a_x_window = empty((N, 4*P, 4*S, 3, 3), dtype)
    a_a = empty((N, 4*P, 4*S, C), dtype)
    a = empty((N, 4*P, 4*S, C), dtype)
    max_m_max = empty((N, 2*P, 2, 2*S, C), dtype)
    max_m, E_a_max_3, E_a_sum_2 = (empty((N, 2*P, 2*S, C), dtype) for _ in range(3))
    m = E_m = E_max_m = E_a_part_4 = max_m  # the same memory
    a_z_m_view_padded, a_z_m_view_inside, a_z_m_view_seen = padded((N, 2*P, 2*S, C), ((0, 0 + 1*(N - 1)), (-1, -1 + 1*(2*P - 1) + 1*(3 - 1)), (-1, -1 + 1*(2*S - 1) + 1*(3 - 1)), (0, 0 + 1*(C - 1)),), dtype)
    a_z_m_view = window(a_z_m_view_padded, (0 - (0), -1 - (-1), -1 - (-1), 0 - (0),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, 1, 0,), (0, 0, 0, 1,),), (N, 2*P, 3, 2*S, 3, C))
    a_z_m_window = empty((N, 2*P, 2*S, C, 3, 3), dtype)
    a_z = empty((N, 2*P, 2*S, F), dtype)
    z = empty((N, 2*P, 2*S, F), dtype)
    max_h_max = empty((N, P, 2, S, F), dtype)
    max_h, E_z_max_3, E_z_sum_2 = (empty((N, P, S, F), dtype) for _ in range(3))
    h = E_h = E_max_h = E_z_part_4 = max_h  # the same memory
    a_p = empty((K, N), dtype)
    p = empty((K, N), dtype)
    a_p_spread = E_a_p = p  # the same memory
    L = empty((N,), dtype)
    p_part_2 = empty((N,), dtype)
    p_max = E_L = L  # the same memory
    p_shifted = L_part = a_p  # the same memory
    L_sum = p_part_2  # the same memory
    E_z_max, E_z_max_4, E_z_sum = (empty((N, 2*P, S, F), dtype) for _ in range(3))
    E_z_max_2 = empty((N, 2, P, S, F), dtype)
    E_z_part = empty((N, 2*P, S, 2, F), dtype)
    E_z_part_5_1 = empty((N, 2*P, F, S, P), dtype)
    mask_E_z_part_5_1 = empty((N, 2*P, F, S, P), bool)
    mask_E_z_part_6_1 = empty((N, 2*P, 2*S, F, S), bool)
    E_z_part_6 = empty((N, 2*P, 2*S, F, S), dtype)
    E_z_sum_3 = empty((N, 2*P, F, S), dtype)
    E_z = E_a_z = z  # the same memory
    mask_E_a_z_1 = empty((N, 2*P, 2*S, F), bool)
    E_m_w_z_view_padded, E_m_w_z_view_inside, E_m_w_z_view_seen = padded((F, C, 3, 3), ((0, 0 + 1*(F - 1)), (0, 0 + 1*(C - 1)), (1 + -1*(2*P - 1), 1 + 1*(2*P - 1)), (1 + -1*(2*S - 1), 1 + 1*(2*S - 1)),), dtype)
    E_m_w_z_view = window(E_m_w_z_view_padded, (0 - (0), 0 - (0), 1 - (1 + -1*(2*P - 1)), 1 - (1 + -1*(2*S - 1)),), ((1, 0, 0, 0,), (0, 1, 0, 0,), (0, 0, 1, 0,), (0, 0, -1, 0,), (0, 0, 0, -1,), (0, 0, 0, 1,),), (F, C, 2*P, 2*P, 2*S, 2*S))
    E_m_w_z_window = empty((2*P, 2*S, F, 2*P, 2*S, C), dtype)
    E_a_max, E_a_max_4, E_a_sum = (empty((N, 4*P, 2*S, C), dtype) for _ in range(3))
    E_a_max_2 = empty((N, 2, 2*P, 2*S, C), dtype)
    E_a_part = empty((N, 4*P, 2*S, 2, C), dtype)
    E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), dtype)
    mask_E_a_part_5_1 = empty((N, 4*P, C, 2*S, 2*P), bool)
    mask_E_a_part_6_1 = empty((N, 4*P, 4*S, C, 2*S), bool)
    E_a_part_6 = empty((N, 4*P, 4*S, C, 2*S), dtype)
    E_a_sum_3 = empty((N, 4*P, C, 2*S), dtype)
    E_a = E_a_a = a  # the same memory
    mask_E_a_a_1 = empty((N, 4*P, 4*S, C), bool)
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
    a_z_m_view_turned = a_z_m_view.transpose(0, 1, 3, 5, 2, 4)
    a_z_m_window_matrix = a_z_m_window.reshape(N*2*P*2*S, C*3*3)
    a_z_matrix = a_z.reshape(N*2*P*2*S, F)
    h_matrix_T = h.reshape(N, P*S*F).T
    p_T = p.T
    L_part_T = L_part.T
    h_matrix = h.reshape(N, P*S*F)
    E_a_p_T = E_a_p.T
    E_h_matrix = E_h.reshape(N, P*S*F)
    E_z_max_4_spread = E_z_max_4[:, :, :, None, :]
    E_z_max_3_spread = E_z_max_3[:, None, :, :, :]
    E_z_sum_turned_spread = E_z_sum.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_z_part_4_turned_spread = E_z_part_4.transpose(0, 3, 2, 1)[:, None, :, :, :]
    E_z_indicator_spread = E_z_indicator[:, None, None, :]
    E_z_max_turned_spread = E_z_max.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_z_max_3_turned_spread = E_z_max_3.transpose(0, 3, 2, 1)[:, None, :, :, :]
    z_spread = z[:, :, :, :, None]
    E_z_max_4_turned_spread = E_z_max_4.transpose(0, 1, 3, 2)[:, :, None, :, :]
    E_z_indicator_2_spread = E_z_indicator_2[:, None, :]
    E_z_part_5_1_matrix = E_z_part_5_1.reshape(N*2*P*F*S, P)
    E_z_sum_3_flat = E_z_sum_3.reshape(N*2*P*F*S)
    E_z_sum_3_spread = E_z_sum_3[:, :, :, None, :]
    E_z_part_6_turned = E_z_part_6.transpose(0, 1, 3, 4, 2)
    E_z_turned_spread = E_z.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_z_matrix_T = E_a_z.reshape(N*2*P*2*S, F).T
    E_m_w_z_view_turned = E_m_w_z_view.transpose(3, 4, 0, 2, 5, 1)
    E_a_z_matrix = E_a_z.reshape(N, 2*P*2*S*F)
    E_m_w_z_window_matrix = E_m_w_z_window.reshape(2*P*2*S*F, 2*P*2*S*C)
    E_m_matrix = E_m.reshape(N, 2*P*2*S*C)
    E_a_max_4_spread = E_a_max_4[:, :, :, None, :]
    E_a_max_3_spread = E_a_max_3[:, None, :, :, :]
    E_a_sum_turned_spread = E_a_sum.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_a_part_4_turned_spread = E_a_part_4.transpose(0, 3, 2, 1)[:, None, :, :, :]
    E_a_indicator_spread = E_a_indicator[:, None, None, :]
    E_a_max_turned_spread = E_a_max.transpose(0, 1, 3, 2)[:, :, :, :, None]
    E_a_max_3_turned_spread = E_a_max_3.transpose(0, 3, 2, 1)[:, None, :, :, :]
    a_spread = a[:, :, :, :, None]
    E_a_max_4_turned_spread = E_a_max_4.transpose(0, 1, 3, 2)[:, :, None, :, :]
    E_a_indicator_2_spread = E_a_indicator_2[:, None, :]
    E_a_part_5_1_matrix = E_a_part_5_1.reshape(N*4*P*C*2*S, 2*P)
    E_a_sum_3_flat = E_a_sum_3.reshape(N*4*P*C*2*S)
    E_a_sum_3_spread = E_a_sum_3[:, :, :, None, :]
    E_a_part_6_turned = E_a_part_6.transpose(0, 1, 3, 4, 2)
    E_a_turned_spread = E_a.transpose(0, 1, 3, 2)[:, :, :, None, :]
    E_a_a_matrix_T = E_a_a.reshape(N*4*P*4*S, C).T

    def predict(weights: Views, x: Array, s2: Array) -> Any:
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        copyto(a_a_x_view_inside, x[a_a_x_view_seen])  # (1)
        copyto(a_a_x_window, a_a_x_view_turned)  # (1)
        a_a_x_window_matrix.dot(w_a_matrix_T, a_a_matrix)  # (1)
        add(a_a, b_a, a_a)  # (1)
        maximum(a_a, zero, out=a)  # (2)
        maximum.reduce(max_m_a_view, 4, out=max_m_max)  # (3)
        maximum.reduce(max_m_max, 2, out=max_m)  # (3)
        copyto(m, max_m)  # (4)
        copyto(a_z_m_view_inside, m[a_z_m_view_seen])  # (5)
        copyto(a_z_m_window, a_z_m_view_turned)  # (5)
        a_z_m_window_matrix.dot(w_z_matrix_T, a_z_matrix)  # (5)
        add(a_z, b_z, a_z)  # (5)
        maximum(a_z, zero, out=z)  # (6)
        maximum.reduce(max_h_z_view, 4, out=max_h_max)  # (7)
        maximum.reduce(max_h_max, 2, out=max_h)  # (7)
        copyto(h, max_h)  # (8)
        w_p_matrix.dot(h_matrix_T, a_p)  # (9)
        copyto(a_p_spread, b_p_column)  # (9)
        add(a_p, a_p_spread, a_p)  # (9)
        maximum.reduce(a_p, 0, out=p_max)  # (10)
        subtract(a_p, p_max, p_shifted)  # (10)
        exp(p_shifted, p)  # (10)
        p_T.dot(ones, p_max)  # (10)
        reciprocal(p_max, p_part_2)  # (10)
        multiply(p_part_2, p, p)  # (10)
        return p.T

    def value(weights: Views, x: Array, s2: Array, y: Array) -> Any:
        predict(weights, x, s2)
        y_T = y.T
        multiply(y_T, p_shifted, L_part)  # (11)
        L_part_T.dot(ones, L_sum)  # (11)
        log(p_max, L)  # (11)
        subtract(L, L_sum, L)  # (11)
        Q = s2.dot(L)  # (12)
        return Q

    def gradient(weights: Views, x: Array, s2: Array, y: Array, slopes: Views) -> None:
        b_a, w_z, b_z, w_a_matrix_T, w_z_matrix_T, w_p_matrix, b_p_column = weights
        E_b_a, E_b_z, E_b_p, E_w_p_matrix, E_w_z_matrix, E_w_a_matrix = slopes
        y_T = y.T
        copyto(E_L, s2)  # (13)
        subtract(p, y_T, E_a_p)  # (15)
        multiply(E_L, E_a_p, E_a_p)  # (15)
        E_a_p.dot(h_matrix, E_w_p_matrix)  # (16)
        E_a_p.dot(ones_2, E_b_p)  # (17)
        E_a_p_T.dot(w_p_matrix, E_h_matrix)  # (18)
        copyto(E_max_h, E_h)  # (19)
        maximum.reduce(E_z_z_view, 3, out=E_z_max)  # (20)
        maximum.reduce(E_z_z_view_2, 4, out=E_z_max_2)  # (20)
        maximum.reduce(E_z_max_2, 1, out=E_z_max_3)  # (20)
        maximum.reduce(E_z_z_view_3, 2, out=E_z_max_4)  # (20)
        equal(E_z_z_view, E_z_max_4_spread, E_z_part)  # (20)
        add.reduce(E_z_part, 3, out=E_z_sum)  # (20)
        equal(E_z_max_2, E_z_max_3_spread, E_z_max_2)  # (20)
        add.reduce(E_z_max_2, 1, out=E_z_sum_2)  # (20)
        reciprocal(E_z_sum, E_z_sum)  # (20)
        divide(E_max_h, E_z_sum_2, E_z_part_4)  # (20)
        multiply(E_z_sum_turned_spread, E_z_part_4_turned_spread, E_z_part_5_1)  # (20)
        multiply(E_z_part_5_1, E_z_indicator_spread, E_z_part_5_1)  # (20)
        equal(E_z_max_turned_spread, E_z_max_3_turned_spread, mask_E_z_part_5_1)  # (20)
        multiply(E_z_part_5_1, mask_E_z_part_5_1, E_z_part_5_1)  # (20)
        equal(z_spread, E_z_max_4_turned_spread, mask_E_z_part_6_1)  # (20)
        multiply(E_z_indicator_2_spread, mask_E_z_part_6_1, E_z_part_6)  # (20)
        E_z_part_5_1_matrix.dot(ones_3, E_z_sum_3_flat)  # (20)
        matmul(E_z_sum_3_spread, E_z_part_6_turned, E_z_turned_spread)  # (20)
        greater(a_z, zero, mask_E_a_z_1)  # (21)
        multiply(E_z, mask_E_a_z_1, E_a_z)  # (21)
        E_a_z_matrix_T.dot(a_z_m_window_matrix, E_w_z_matrix)  # (22)
        add.reduce(E_a_z, (0, 1, 2), out=E_b_z)  # (23)
        copyto(E_m_w_z_view_inside, w_z[E_m_w_z_view_seen])  # (24)
        copyto(E_m_w_z_window, E_m_w_z_view_turned)  # (24)
        E_a_z_matrix.dot(E_m_w_z_window_matrix, E_m_matrix)  # (24)
        copyto(E_max_m, E_m)  # (25)
        maximum.reduce(E_a_a_view, 3, out=E_a_max)  # (26)
        maximum.reduce(E_a_a_view_2, 4, out=E_a_max_2)  # (26)
        maximum.reduce(E_a_max_2, 1, out=E_a_max_3)  # (26)
        maximum.reduce(E_a_a_view_3, 2, out=E_a_max_4)  # (26)
        equal(E_a_a_view, E_a_max_4_spread, E_a_part)  # (26)
        add.reduce(E_a_part, 3, out=E_a_sum)  # (26)
        equal(E_a_max_2, E_a_max_3_spread, E_a_max_2)  # (26)
        add.reduce(E_a_max_2, 1, out=E_a_sum_2)  # (26)
        reciprocal(E_a_sum, E_a_sum)  # (26)
        divide(E_max_m, E_a_sum_2, E_a_part_4)  # (26)
        multiply(E_a_sum_turned_spread, E_a_part_4_turned_spread, E_a_part_5_1)  # (26)
        multiply(E_a_part_5_1, E_a_indicator_spread, E_a_part_5_1)  # (26)
        equal(E_a_max_turned_spread, E_a_max_3_turned_spread, mask_E_a_part_5_1)  # (26)
        multiply(E_a_part_5_1, mask_E_a_part_5_1, E_a_part_5_1)  # (26)
        equal(a_spread, E_a_max_4_turned_spread, mask_E_a_part_6_1)  # (26)
        multiply(E_a_indicator_2_spread, mask_E_a_part_6_1, E_a_part_6)  # (26)
        E_a_part_5_1_matrix.dot(ones_4, E_a_sum_3_flat)  # (26)
        matmul(E_a_sum_3_spread, E_a_part_6_turned, E_a_turned_spread)  # (26)
        greater(a_a, zero, mask_E_a_a_1)  # (27)
        multiply(E_a, mask_E_a_a_1, E_a_a)  # (27)
        E_a_a_matrix_T.dot(a_a_x_window_matrix, E_w_a_matrix)  # (28)
        add.reduce(E_a_a, (0, 1, 2), out=E_b_a)  # (29)

    def both(
        weights: Views, x: Array, s2: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s2, y))
        gradient(weights, x, s2, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_a", "b_z", "b_p"),
    target="sums_to_one", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
)


class Objective(BaseObjective):
    """Q(w) of convnet: ``Objective(P=2, S=2, C=2, F=3, K=3)``."""

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
    """Finds weights that make Q of convnet small: ``Trainer(epochs=20, P=2, S=2, C=2, F=3, K=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
