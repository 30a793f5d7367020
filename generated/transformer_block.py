"""transformer_block: Q(w) and its gradient, in NumPy alone.

    transformer_block
      x : T                                                                          input
      e : T x D = w_e[x[i,t],d] + w_t[t,d]
      n : T x D = g_n[d]*(e[i,t,d] - Mean(e[i,t,c], c))/sqrt(Mean((e[i,t,f] - Mean(e[i,t,c], c))**2, f) + 1e-5) + b_n[d]
      q : T x H = Sum(w_q[h,d]*n[i,t,d], d)
      k : T x H = Sum(w_k[h,d]*n[i,s,d], d)
      u : T x H = Sum(w_u[h,d]*n[i,s,d], d)
      a : T x T = softmax(where(s <= t, Sum(q[i,t,h]*k[i,s,h], h)/sqrt(H), -1e9), s)
      c : T x D = e[i,t,d] + Sum(w_c[d,h]*a[i,t,s]*u[i,s,h], s, h)
      z : T x F = gelu(Sum(w_z[f,d]*c[i,t,d], d) + b_z[f])
      r : T x D = c[i,t,d] + Sum(w_r[d,f]*z[i,t,f], f) + b_r[d]
      p : T x V = softmax(Sum(w_p[v,d]*r[i,t,d], d), v)                              output
      L[i] = -Sum([y[i,t] == v]*log(p[i,t,v]), t, v) loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 7b2d7548ecdac294, for float64; not to be edited.
Operations  12*N*D*F*T + 26*N*D*H*T + 4*N*D*T*T + 10*N*D*T*V + 10*N*H*T*T + 35*N*D*T + 17*N*F*T + 2*N*H*T + 14*N*T*T + 16*N*T*V + 14*N*T   for Q and its gradient
Workspace   8*(D*N*T + N*D*T + N*H*T + 5*N*T*D + 4*N*T*F + 4*N*T*H + 3*N*T*T + 3*N*T*V + 5*N*T + 2*T*T + D + N + T + 2*V) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import (
    add, arange, array, copyto, divide, empty, equal, exp, greater, log, matmul, maximum, multiply, negative, power,
    reciprocal, sqrt, subtract,
)

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Domain, Facts, Functions, Layout,
    NotConverged as NotConverged, Shape, Views, check_command, erf, gather, quietly, rows, scatter,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "transformer_block"
SPEC_HASH = "7b2d7548ecdac29400803df3583b045ff52d5c9cabaa06c869aab4771640797c"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"T": 4, "V": 5, "D": 4, "H": 3, "F": 6}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) e[i, t, d] = Sum([x[i, t] == v]*w_e[v, d], v) + w_t[t, d]
#     (2) n[i, t, d] = g_n[d]*(e[i, t, d] - (D)**(-1)*Sum(e[i, t, c], c))*((D)**(-1)*Sum((e[i, t, f] -
#         (D)**(-1)*Sum(e[i, t, c], c))**2, f) + 1/100000)**(-1/2) + b_n[d]
#     (3) q[i, t, h] = Sum(w_q[h, d]*n[i, t, d], d)
#     (4) k[i, s, h] = Sum(w_k[h, d]*n[i, s, d], d)
#     (5) u[i, s, h] = Sum(w_u[h, d]*n[i, s, d], d)
#     (6) a_a[i, t, s] = where([0 <= t - s < T] > 1/2, Sum(q[i, t, h]*k[i, s, h], h)*(H)**(-1/2), -1000000000)
#     (7) a[i, t, s] = exp(a_a[i, t, s])*Sum(exp(a_a[i, t, m]), m)**(-1)
#     (8) c[i, t, d] = e[i, t, d] + Sum(Sum(w_c[d, h]*a[i, t, s]*u[i, s, h], h), s)
#     (9) a_z[i, t, f] = Sum(w_z[f, d]*c[i, t, d], d) + b_z[f]
#     (10) z[i, t, f] = gelu(a_z[i, t, f])
#     (11) r[i, t, d] = c[i, t, d] + Sum(w_r[d, f]*z[i, t, f], f) + b_r[d]
#     (12) a_p[i, t, v] = Sum(w_p[v, d]*r[i, t, d], d)
#     (13) p[i, t, v] = exp(a_p[i, t, v])*Sum(exp(a_p[i, t, m]), m)**(-1)
#     (14) L[i] = -Sum(Sum([y[i, t] == v]*log(p[i, t, v]), v), t)
#     (15) Q = Sum(L[i], i)
#     (18) E_a_p[i, t, v] = p[i, t, v]*Sum([y[i, t] == s], s) - [y[i, t] == v]
#     (19) E_w_p[v, d] = Sum(Sum(E_a_p[i, t, v]*r[i, t, d], t), i)
#     (20) E_r[i, t, d] = Sum(E_a_p[i, t, v]*w_p[v, d], v)
#     (21) E_w_r[d, f] = Sum(Sum(E_r[i, t, d]*z[i, t, f], t), i)
#     (22) E_b_r[d] = Sum(Sum(E_r[i, t, d], t), i)
#     (23) E_z[i, t, f] = Sum(E_r[i, t, d]*w_r[d, f], d)
#     (24) E_a_z[i, t, f] = E_z[i, t, f]*(1/2 + 1/2*erf(a_z[i, t, f]*(2)**(-1/2)) + a_z[i, t,
#         f]*pi**(-1/2)*exp(-1/2*a_z[i, t, f]**2)*(2)**(-1/2))
#     (25) E_w_z[f, d] = Sum(Sum(E_a_z[i, t, f]*c[i, t, d], t), i)
#     (26) E_b_z[f] = Sum(Sum(E_a_z[i, t, f], t), i)
#     (27) E_c[i, t, d] = Sum(E_a_z[i, t, f]*w_z[f, d], f) + E_r[i, t, d]
#     (28) E_w_c[d, h] = Sum(Sum(E_c[i, t, d]*Sum(a[i, t, s]*u[i, s, h], s), t), i)
#     (29) E_a[i, t, s] = Sum(E_c[i, t, d]*Sum(w_c[d, h]*u[i, s, h], h), d)
#     (30) E_a_a[i, t, s] = E_a[i, t, s]*a[i, t, s] - a[i, t, s]*Sum(E_a[i, t, r]*a[i, t, r], r)
#     (31) E_u[i, s, h] = Sum(Sum(E_c[i, t, d]*w_c[d, h]*a[i, t, s], d), t)
#     (32) E_w_u[h, d] = Sum(Sum(E_u[i, s, h]*n[i, s, d], s), i)
#     (33) E_k[i, s, h] = Sum(E_a_a[i, t, s]*[[0 <= t - s < T] > 1/2]*(H)**(-1/2)*q[i, t, h], t)
#     (34) E_w_k[h, d] = Sum(Sum(E_k[i, s, h]*n[i, s, d], s), i)
#     (35) E_q[i, t, h] = Sum(E_a_a[i, t, s]*[[0 <= t - s < T] > 1/2]*(H)**(-1/2)*k[i, s, h], s)
#     (36) E_w_q[h, d] = Sum(Sum(E_q[i, t, h]*n[i, t, d], t), i)
#     (37) E_n[i, t, d] = Sum(E_q[i, t, h]*w_q[h, d], h) + Sum(E_k[i, t, h]*w_k[h, d], h) + Sum(E_u[i, t,
#         h]*w_u[h, d], h)
#     (38) E_g_n[d] = Sum(Sum(E_n[i, t, d]*(e[i, t, d] - (D)**(-1)*Sum(e[i, t, c], c))*((D)**(-1)*Sum((e[i, t, f]
#         - (D)**(-1)*Sum(e[i, t, c], c))**2, f) + 1/100000)**(-1/2), t), i)
#     (39) E_b_n[d] = Sum(Sum(E_n[i, t, d], t), i)
#     (40) E_e[i, t, d] = E_n[i, t, d]*g_n[d]*((D)**(-1)*Sum((e[i, t, f] - (D)**(-1)*Sum(e[i, t, c], c))**2, f) +
#         1/100000)**(-1/2) - (D)**(-1)*((D)**(-1)*Sum((e[i, t, f] - (D)**(-1)*Sum(e[i, t, c], c))**2, f) +
#         1/100000)**(-1/2)*Sum(E_n[i, t, s]*g_n[s], s) - ((D)**(-1)*Sum((e[i, t, f] - (D)**(-1)*Sum(e[i, t, c],
#         c))**2, f) + 1/100000)**(-3/2)*(D)**(-1)*(e[i, t, d] - (D)**(-1)*Sum(e[i, t, c], c))*Sum(E_n[i, t,
#         s]*g_n[s]*(e[i, t, s] - (D)**(-1)*Sum(e[i, t, c], c)), s) + E_c[i, t, d]
#     (41) E_w_e[v, d] = Sum(Sum(E_e[i, t, d]*[x[i, t] == v], t), i)
#     (42) E_w_t[t, d] = Sum(E_e[i, t, d], i)
# With a weight for each sample:
#     (15) Q = Sum(s2[i]*L[i], i)
#     (16) E_L[i] = s2[i]
#     (18) E_a_p[i, t, v] = E_L[i]*p[i, t, v]*Sum([y[i, t] == s], s) - E_L[i]*[y[i, t] == v]


def plain(
    w_e: Array, w_t: Array, g_n: Array, b_n: Array, w_q: Array, w_k: Array, w_u: Array, w_c: Array, w_z: Array,
    b_z: Array, w_r: Array, b_r: Array, w_p: Array, x: Array, y: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_e (V, D); w_t (T, D); g_n (D,); b_n (D,); w_q (H, D); w_k (H, D); w_u (H, D); w_c (D, H); w_z (F, D); b_z
    (F,); w_r (D, F); b_r (D,); w_p (V, D); x (N, T); y (N, T).
    """
    V, D = w_e.shape
    N, T = x.shape
    H = w_q.shape[0]
    F = w_z.shape[0]
    e_position = np.arange(V)[:].astype(x.dtype)  # (1)
    # (6)
    a_a_indicator = ((0 <= (-1*np.arange(T)[None, :] + np.arange(T)[:, None])) & ((-1*np.arange(T)[None, :] + np.arange(T)[:, None]) < T)).astype(x.dtype)
    E_k_part = (a_a_indicator > 0.5).astype(x.dtype)  # (33)
    e_part = (x[:, :, None] == e_position).astype(x.dtype)  # (1)
    e = (e_part.reshape(N*T, V) @ w_e).reshape(N, T, D) + w_t  # (1)
    n_part = -e.sum(2) / D  # (2)
    n_part_2 = (e + n_part[:, :, None])**2  # (2)
    n_sum_3 = n_part_2.sum(2)  # (2)
    n_part_4 = 1.0 / (1e-05 + n_sum_3 / D)**0.5  # (2)
    n = g_n*(e + n_part[:, :, None])*n_part_4[:, :, None] + b_n  # (2)
    q = (n.reshape(N*T, D) @ w_q.T).reshape(N, T, H)  # (3)
    k = (n.reshape(N*T, D) @ w_k.T).reshape(N, T, H)  # (4)
    u = (n.reshape(N*T, D) @ w_u.T).reshape(N, T, H)  # (5)
    a_a = np.where((a_a_indicator > 0.5), (q @ k.transpose(0, 2, 1)) / H**0.5, -1000000000.0)  # (6)
    a_max = a_a.max(2)  # (7)
    a_shifted = a_a - a_max[:, :, None]  # (7)
    a_part = np.exp(a_shifted)  # (7)
    a_part_2 = 1.0 / a_part.sum(2)  # (7)
    a = np.exp(a_shifted)*a_part_2[:, :, None]  # (7)
    c_sum = (w_c @ u.transpose(2, 0, 1).reshape(H, N*T)).reshape(D, N, T).transpose(1, 0, 2)  # (8)
    c = e + a @ c_sum.transpose(0, 2, 1)  # (8)
    a_z = (c.reshape(N*T, D) @ w_z.T).reshape(N, T, F) + b_z  # (9)
    z = 0.5*a_z*(1.0 + erf(a_z / 2.0**0.5))  # (10)
    r = c + (z.reshape(N*T, F) @ w_r.T).reshape(N, T, D) + b_r  # (11)
    a_p = (r.reshape(N*T, D) @ w_p.T).reshape(N, T, V)  # (12)
    p_max = a_p.max(2)  # (13)
    p_shifted = a_p - p_max[:, :, None]  # (13)
    p_part = np.exp(p_shifted)  # (13)
    p_sum = p_part.sum(2)  # (13)
    p_part_2 = 1.0 / p_sum  # (13)
    p = np.exp(p_shifted)*p_part_2[:, :, None]  # (13)
    L_part_2 = -np.log(p_sum)  # (14)
    L_part_3 = (y[:, :, None] == e_position).astype(x.dtype)*(p_shifted + L_part_2[:, :, None])  # (14)
    L = -L_part_3.sum((1, 2))  # (14)
    Q = L.sum()  # (15)
    E_a_p_part = (y[:, :, None] == e_position).astype(x.dtype)  # (18)
    E_a_p_sum = E_a_p_part.sum(2)  # (18)
    E_a_p = p*E_a_p_sum[:, :, None] - (y[:, :, None] == e_position).astype(x.dtype)  # (18)
    E_w_p = E_a_p.transpose(2, 0, 1).reshape(V, N*T) @ r.reshape(N*T, D)  # (19)
    E_r = (E_a_p.reshape(N*T, V) @ w_p).reshape(N, T, D)  # (20)
    E_w_r = E_r.transpose(2, 0, 1).reshape(D, N*T) @ z.reshape(N*T, F)  # (21)
    E_b_r = E_r.sum((0, 1))  # (22)
    E_z = (E_r.reshape(N*T, D) @ w_r).reshape(N, T, F)  # (23)
    E_a_z = E_z*(0.5 + 0.5*erf(a_z / 2.0**0.5) + a_z*np.exp(-0.5*a_z**2) / 3.141592653589793**0.5 / 2.0**0.5)  # (24)
    E_w_z = E_a_z.transpose(2, 0, 1).reshape(F, N*T) @ c.reshape(N*T, D)  # (25)
    E_b_z = E_a_z.sum((0, 1))  # (26)
    E_c = (E_a_z.reshape(N*T, F) @ w_z).reshape(N, T, D) + E_r  # (27)
    E_w_c_sum = (a @ u).transpose(0, 2, 1)  # (28)
    E_w_c = E_c.transpose(2, 0, 1).reshape(D, N*T) @ E_w_c_sum.transpose(0, 2, 1).reshape(N*T, H)  # (28)
    E_a_sum = (u.reshape(N*T, H) @ w_c.T).reshape(N, T, D)  # (29)
    E_a = E_c @ E_a_sum.transpose(0, 2, 1)  # (29)
    E_a_a_part = E_a*a  # (30)
    E_a_a_sum = E_a_a_part.sum(2)  # (30)
    E_a_a = E_a*a - a*E_a_a_sum[:, :, None]  # (30)
    E_u_sum = (E_c @ w_c[None, :, :]).transpose(0, 2, 1)  # (31)
    E_u = a.transpose(0, 2, 1) @ E_u_sum.transpose(0, 2, 1)  # (31)
    E_w_u = E_u.transpose(2, 0, 1).reshape(H, N*T) @ n.reshape(N*T, D)  # (32)
    E_k_part_2 = E_k_part*E_a_a  # (33)
    E_k = (E_k_part_2.transpose(0, 2, 1) @ q) / H**0.5  # (33)
    E_w_k = E_k.transpose(2, 0, 1).reshape(H, N*T) @ n.reshape(N*T, D)  # (34)
    E_q = (E_k_part_2 @ k) / H**0.5  # (35)
    E_w_q = E_q.transpose(2, 0, 1).reshape(H, N*T) @ n.reshape(N*T, D)  # (36)
    # (37)
    E_n = (E_q.reshape(N*T, H) @ w_q).reshape(N, T, D) + (E_k.reshape(N*T, H) @ w_k).reshape(N, T, D) + (E_u.reshape(N*T, H) @ w_u).reshape(N, T, D)
    E_g_n_part_4 = E_n*(e + n_part[:, :, None])  # (38)
    E_g_n = E_g_n_part_4.transpose(2, 0, 1).reshape(D, N*T) @ n_part_4.reshape(N*T)  # (38)
    E_b_n = E_n.sum((0, 1))  # (39)
    E_e_part_10 = -((E_g_n_part_4.reshape(N*T, D) @ g_n).reshape(N, T)) / D / (1e-05 + n_sum_3 / D)**1.5  # (40)
    E_e_part_12 = -((E_n.reshape(N*T, D) @ g_n).reshape(N, T)) / D / (1e-05 + n_sum_3 / D)**0.5  # (40)
    # (40)
    E_e = E_n*g_n*n_part_4[:, :, None] + E_e_part_10[:, :, None]*(e + n_part[:, :, None]) + E_c + E_e_part_12[:, :, None]
    E_w_e_part = (x[:, None, :] == e_position[:, None]).astype(x.dtype)  # (41)
    E_w_e = E_w_e_part.transpose(1, 0, 2).reshape(V, N*T) @ E_e.reshape(N*T, D)  # (41)
    E_w_t = E_e.sum(0)  # (42)
    return Q, (E_w_e, E_w_t, E_g_n, E_b_n, E_w_q, E_w_k, E_w_u, E_w_c, E_w_z, E_b_z, E_w_r, E_b_r, E_w_p)


def shapes(T: int, V: int, D: int, H: int, F: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {
        "w_e": (V, D), "w_t": (T, D), "g_n": (D,), "b_n": (D,), "w_q": (H, D), "w_k": (H, D), "w_u": (H, D),
        "w_c": (D, H), "w_z": (F, D), "b_z": (F,), "w_r": (D, F), "b_r": (D,), "w_p": (V, D),
    }


def plain_shapes(T: int, V: int, D: int, H: int, F: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(T, V, D, H, F).values())


def sample_shapes(T: int, V: int, D: int, H: int, F: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, T)}, (None, T)


def domains(T: int, V: int, D: int, H: int, F: int) -> tuple[dict[str, Domain], Domain | None]:
    """What inputs may hold, and the target: the kind of values, and what whole numbers are below."""
    return {
        "x": ("whole", V),
    }, ("whole", V)


def witnesses(flat: Array, layout: Layout, T: int, V: int, D: int, H: int, F: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, T: int, V: int, D: int, H: int, F: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    (
        w_e, w_t, g_n, b_n, w_q, w_k, w_u, w_c, w_z, b_z, w_r, b_r, w_p,
    ) = (flat[part].reshape(shape) for part, shape in layout.values())
    g_n_row = g_n[None, :]
    w_q_T = w_q.T
    w_k_T = w_k.T
    w_u_T = w_u.T
    w_z_T = w_z.T
    w_r_T = w_r.T
    w_p_T = w_p.T
    w_c_T = w_c.T
    return (
        w_e, w_t, g_n, b_n, w_q, w_k, w_u, w_c, w_z, b_z, w_r, b_r, w_p, g_n_row, w_q_T, w_k_T, w_u_T, w_z_T,
        w_r_T, w_p_T, w_c_T,
    )


def gradient_views(flat: Array, layout: Layout, T: int, V: int, D: int, H: int, F: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w_e = flat[layout["w_e"][0]].reshape((V, D))
    E_w_t = flat[layout["w_t"][0]].reshape((T, D))
    E_g_n = flat[layout["g_n"][0]].reshape((D,))
    E_b_n = flat[layout["b_n"][0]].reshape((D,))
    E_w_q = flat[layout["w_q"][0]].reshape((H, D))
    E_w_k = flat[layout["w_k"][0]].reshape((H, D))
    E_w_u = flat[layout["w_u"][0]].reshape((H, D))
    E_w_c = flat[layout["w_c"][0]].reshape((D, H))
    E_w_z = flat[layout["w_z"][0]].reshape((F, D))
    E_b_z = flat[layout["b_z"][0]].reshape((F,))
    E_w_r = flat[layout["w_r"][0]].reshape((D, F))
    E_b_r = flat[layout["b_r"][0]].reshape((D,))
    E_w_p = flat[layout["w_p"][0]].reshape((V, D))
    E_w_t_flat = E_w_t.reshape(T*D)
    return E_w_e, E_g_n, E_b_n, E_w_q, E_w_k, E_w_u, E_w_c, E_w_z, E_b_z, E_w_r, E_b_r, E_w_p, E_w_t_flat


def functions(N: int, T: int, V: int, D: int, H: int, F: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    factor = array(-1.0 / D, dtype)
    factor_2 = array(D, dtype)
    factor_3 = array(1e-05, dtype)
    factor_4 = array(power(H, -0.5), dtype)
    factor_5 = array(-1000000000.0, dtype)
    half = array(0.5, dtype)
    factor_6 = array(power(2.0, -0.5), dtype)
    one = array(1.0, dtype)
    factor_7 = array(1.0 / sqrt(3.141592653589793) / sqrt(2.0), dtype)
    factor_8 = array(-0.5, dtype)
    e_position = empty((V,), dtype)
    copyto(e_position, (arange(V)[:]))
    ones = empty((D,), dtype)
    ones.fill(1.0)
    a_a_indicator = empty((T, T), dtype)
    copyto(a_a_indicator, (0 <= (-1*arange(T)[None, :] + arange(T)[:, None])) & ((-1*arange(T)[None, :] + arange(T)[:, None]) < T))
    mask_a_a_1 = empty((T, T), bool)
    ones_2 = empty((T,), dtype)
    ones_2.fill(1.0)
    ones_3 = empty((V,), dtype)
    ones_3.fill(1.0)
    ones_5 = empty((N, T), dtype)
    ones_5.fill(1.0)
    E_k_part = empty((T, T), dtype)
    ones_6 = empty((N,), dtype)
    ones_6.fill(1.0)
    e, n_part_2_1, n, r, E_n_sum_3 = (empty((N, T, D), dtype) for _ in range(5))
    n_sum, n_part_4_3, a_max, p_part_2 = (empty((N, T), dtype) for _ in range(4))
    q, k, u, E_k = (empty((N, T, H), dtype) for _ in range(4))
    E_a, a_a, E_a_a_2 = (empty((N, T, T), dtype) for _ in range(3))
    a_a_sum = E_a_a = E_k_part_2 = E_a  # the same memory
    a = a_a  # the same memory
    c_sum_arranged = empty((D, N, T), dtype)
    c_sum = empty((N, D, T), dtype)
    c_sum_2 = E_r = E_a_sum = E_n_sum_2 = r  # the same memory
    c = E_c = e  # the same memory
    a_z, z, z_2, z_4 = (empty((N, T, F), dtype) for _ in range(4))
    a_p, p, Q_part_2 = (empty((N, T, V), dtype) for _ in range(3))
    p_max = L_part_2_1 = E_a_p_sum = E_a_a_sum = E_e_sum_5 = a_max  # the same memory
    p_shifted = L_part_3_1 = a_p  # the same memory
    E_a_p = p  # the same memory
    E_z = E_a_z = z  # the same memory
    E_a_z_3 = z_2  # the same memory
    E_a_z_4 = z_4  # the same memory
    E_a_z_5 = a_z  # the same memory
    E_w_c_sum = empty((N, H, T), dtype)
    E_w_c_sum_arranged = E_k  # the same memory
    E_u_sum = E_w_c_sum  # the same memory
    E_u = u  # the same memory
    E_q = q  # the same memory
    E_n = E_e = n  # the same memory
    E_g_n_part_4 = E_n_sum_3  # the same memory
    E_e_sum_10 = p_part_2  # the same memory
    E_e_part_10_4 = n_sum  # the same memory
    E_e_4 = n_part_2_1  # the same memory
    e_matrix = e.reshape(N*T, D)
    n_sum_flat = n_sum.reshape(N*T)
    n_sum_spread = n_sum[:, :, None]
    n_matrix = n.reshape(N*T, D)
    n_part_4_3_flat_column = n_part_4_3.reshape(N*T)[:, None]
    q_matrix = q.reshape(N*T, H)
    k_matrix = k.reshape(N*T, H)
    u_matrix = u.reshape(N*T, H)
    k_turned = k.transpose(0, 2, 1)
    a_max_spread = a_max[:, :, None]
    a_matrix = a.reshape(N*T, T)
    a_max_flat = a_max.reshape(N*T)
    u_matrix_T = u.reshape(N*T, H).T
    c_sum_arranged_matrix = c_sum_arranged.reshape(D, N*T)
    c_sum_arranged_turned = c_sum_arranged.transpose(1, 0, 2)
    c_sum_turned = c_sum.transpose(0, 2, 1)
    c_matrix = c.reshape(N*T, D)
    a_z_matrix = a_z.reshape(N*T, F)
    z_matrix = z.reshape(N*T, F)
    r_matrix = r.reshape(N*T, D)
    a_p_matrix = a_p.reshape(N*T, V)
    p_max_spread = p_max[:, :, None]
    p_matrix = p.reshape(N*T, V)
    p_max_flat = p_max.reshape(N*T)
    p_part_2_spread = p_part_2[:, :, None]
    L_part_2_1_spread = L_part_2_1[:, :, None]
    Q_part_2_flat = Q_part_2.reshape(N*T*V)
    L_part_3_1_flat = L_part_3_1.reshape(N*T*V)
    Q_part_2_matrix = Q_part_2.reshape(N*T, V)
    E_a_p_sum_flat = E_a_p_sum.reshape(N*T)
    E_a_p_sum_spread = E_a_p_sum[:, :, None]
    E_a_p_matrix_T = E_a_p.reshape(N*T, V).T
    E_a_p_matrix = E_a_p.reshape(N*T, V)
    E_r_matrix = E_r.reshape(N*T, D)
    E_r_matrix_T = E_r.reshape(N*T, D).T
    ones_5_flat = ones_5.reshape(N*T)
    E_z_matrix = E_z.reshape(N*T, F)
    E_a_z_matrix_T = E_a_z.reshape(N*T, F).T
    E_a_z_matrix = E_a_z.reshape(N*T, F)
    E_c_matrix = E_c.reshape(N*T, D)
    E_w_c_sum_turned = E_w_c_sum.transpose(0, 2, 1)
    E_c_matrix_T = E_c.reshape(N*T, D).T
    E_w_c_sum_arranged_matrix = E_w_c_sum_arranged.reshape(N*T, H)
    E_a_sum_matrix = E_a_sum.reshape(N*T, D)
    E_a_sum_turned = E_a_sum.transpose(0, 2, 1)
    E_a_a_matrix = E_a_a.reshape(N*T, T)
    E_a_a_sum_flat = E_a_a_sum.reshape(N*T)
    E_a_a_sum_spread = E_a_a_sum[:, :, None]
    E_u_sum_turned = E_u_sum.transpose(0, 2, 1)
    a_turned = a.transpose(0, 2, 1)
    E_u_matrix_T = E_u.reshape(N*T, H).T
    E_k_part_2_turned = E_k_part_2.transpose(0, 2, 1)
    E_k_matrix_T = E_k.reshape(N*T, H).T
    E_q_matrix_T = E_q.reshape(N*T, H).T
    E_q_matrix = E_q.reshape(N*T, H)
    E_n_matrix = E_n.reshape(N*T, D)
    E_k_matrix = E_k.reshape(N*T, H)
    E_n_sum_2_matrix = E_n_sum_2.reshape(N*T, D)
    E_u_matrix = E_u.reshape(N*T, H)
    E_n_sum_3_matrix = E_n_sum_3.reshape(N*T, D)
    E_g_n_part_4_matrix_T = E_g_n_part_4.reshape(N*T, D).T
    n_part_4_3_flat = n_part_4_3.reshape(N*T)
    E_n_matrix_T = E_n.reshape(N*T, D).T
    E_e_sum_5_flat = E_e_sum_5.reshape(N*T)
    E_g_n_part_4_matrix = E_g_n_part_4.reshape(N*T, D)
    E_e_sum_10_flat = E_e_sum_10.reshape(N*T)
    n_part_4_3_spread = n_part_4_3[:, :, None]
    E_e_sum_10_spread = E_e_sum_10[:, :, None]
    E_e_sum_5_spread = E_e_sum_5[:, :, None]
    E_e_matrix_T = E_e.reshape(N, T*D).T
    greater(a_a_indicator, half, mask_a_a_1)
    greater(a_a_indicator, half, E_k_part)

    def predict(weights: Views, x: Array) -> Any:
        (
            w_e, w_t, g_n, b_n, w_q, w_k, w_u, w_c, w_z, b_z, w_r, b_r, w_p, g_n_row, w_q_T, w_k_T, w_u_T,
            w_z_T, w_r_T, w_p_T, w_c_T,
        ) = weights
        e_part = rows(x)  # (1)
        gather(w_e, e_part, e)  # (1)
        add(e, w_t, e)  # (1)
        e_matrix.dot(ones, n_sum_flat)  # (2)
        multiply(n_sum, factor, n_sum)  # (2)
        add(e, n_sum_spread, n_part_2_1)  # (2)
        multiply(n_part_2_1, n_part_2_1, n)  # (2)
        n_matrix.dot(ones, n_sum_flat)  # (2)
        divide(n_sum, factor_2, n_sum)  # (2)
        add(n_sum, factor_3, n_sum)  # (2)
        sqrt(n_sum, n_part_4_3)  # (2)
        reciprocal(n_part_4_3, n_part_4_3)  # (2)
        n_part_4_3_flat_column.dot(g_n_row, n_matrix)  # (2)
        multiply(n, n_part_2_1, n)  # (2)
        add(n, b_n, n)  # (2)
        n_matrix.dot(w_q_T, q_matrix)  # (3)
        n_matrix.dot(w_k_T, k_matrix)  # (4)
        n_matrix.dot(w_u_T, u_matrix)  # (5)
        matmul(q, k_turned, a_a_sum)  # (6)
        multiply(a_a_sum, factor_4, a_a_sum)  # (6)
        copyto(a_a, factor_5)  # (6)
        copyto(a_a, a_a_sum, where=mask_a_a_1)  # (6)
        maximum.reduce(a_a, 2, out=a_max)  # (7)
        subtract(a_a, a_max_spread, a)  # (7)
        exp(a, a)  # (7)
        a_matrix.dot(ones_2, a_max_flat)  # (7)
        reciprocal(a_max, a_max)  # (7)
        multiply(a_max_spread, a, a)  # (7)
        w_c.dot(u_matrix_T, c_sum_arranged_matrix)  # (8)
        copyto(c_sum, c_sum_arranged_turned)  # (8)
        matmul(a, c_sum_turned, c_sum_2)  # (8)
        add(e, c_sum_2, c)  # (8)
        c_matrix.dot(w_z_T, a_z_matrix)  # (9)
        add(a_z, b_z, a_z)  # (9)
        multiply(a_z, half, z)  # (10)
        multiply(a_z, factor_6, z_2)  # (10)
        erf(z_2, z_2)  # (10)
        add(z_2, one, z_4)  # (10)
        multiply(z, z_4, z)  # (10)
        z_matrix.dot(w_r_T, r_matrix)  # (11)
        add(c, r, r)  # (11)
        add(r, b_r, r)  # (11)
        r_matrix.dot(w_p_T, a_p_matrix)  # (12)
        maximum.reduce(a_p, 2, out=p_max)  # (13)
        subtract(a_p, p_max_spread, p_shifted)  # (13)
        exp(p_shifted, p)  # (13)
        p_matrix.dot(ones_3, p_max_flat)  # (13)
        reciprocal(p_max, p_part_2)  # (13)
        multiply(p_part_2_spread, p, p)  # (13)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        y_spread = y[:, :, None]
        log(p_max, L_part_2_1)  # (14)
        negative(L_part_2_1, L_part_2_1)  # (14)
        add(p_shifted, L_part_2_1_spread, L_part_3_1)  # (14)
        equal(y_spread, e_position, Q_part_2)  # (14), (15)
        Q_sum_2 = Q_part_2_flat.dot(L_part_3_1_flat)  # (14), (15)
        Q = -Q_sum_2  # (14), (15)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        (
            w_e, w_t, g_n, b_n, w_q, w_k, w_u, w_c, w_z, b_z, w_r, b_r, w_p, g_n_row, w_q_T, w_k_T, w_u_T,
            w_z_T, w_r_T, w_p_T, w_c_T,
        ) = weights
        E_w_e, E_g_n, E_b_n, E_w_q, E_w_k, E_w_u, E_w_c, E_w_z, E_b_z, E_w_r, E_b_r, E_w_p, E_w_t_flat = slopes
        Q_part_2_matrix.dot(ones_3, E_a_p_sum_flat)  # (18)
        multiply(p, E_a_p_sum_spread, E_a_p)  # (18)
        subtract(E_a_p, Q_part_2, E_a_p)  # (18)
        E_a_p_matrix_T.dot(r_matrix, E_w_p)  # (19)
        E_a_p_matrix.dot(w_p, E_r_matrix)  # (20)
        E_r_matrix_T.dot(z_matrix, E_w_r)  # (21)
        E_r_matrix_T.dot(ones_5_flat, E_b_r)  # (22)
        E_r_matrix.dot(w_r, E_z_matrix)  # (23)
        multiply(half, z_2, E_a_z_3)  # (24)
        multiply(a_z, factor_7, E_a_z_4)  # (24)
        multiply(a_z, a_z, E_a_z_5)  # (24)
        multiply(E_a_z_5, factor_8, E_a_z_5)  # (24)
        exp(E_a_z_5, E_a_z_5)  # (24)
        multiply(E_a_z_4, E_a_z_5, E_a_z_4)  # (24)
        add(E_a_z_3, E_a_z_4, E_a_z_3)  # (24)
        add(E_a_z_3, half, E_a_z_3)  # (24)
        multiply(E_z, E_a_z_3, E_a_z)  # (24)
        E_a_z_matrix_T.dot(c_matrix, E_w_z)  # (25)
        E_a_z_matrix_T.dot(ones_5_flat, E_b_z)  # (26)
        E_a_z_matrix.dot(w_z, E_c_matrix)  # (27)
        add(E_c, E_r, E_c)  # (27)
        matmul(a, u, E_w_c_sum_turned)  # (28)
        copyto(E_w_c_sum_arranged, E_w_c_sum_turned)  # (28)
        E_c_matrix_T.dot(E_w_c_sum_arranged_matrix, E_w_c)  # (28)
        u_matrix.dot(w_c_T, E_a_sum_matrix)  # (29)
        matmul(E_c, E_a_sum_turned, E_a)  # (29)
        multiply(E_a, a, E_a_a)  # (30)
        E_a_a_matrix.dot(ones_2, E_a_a_sum_flat)  # (30)
        multiply(a, E_a_a_sum_spread, E_a_a_2)  # (30)
        subtract(E_a_a, E_a_a_2, E_a_a)  # (30)
        matmul(E_c, w_c, E_u_sum_turned)  # (31)
        matmul(a_turned, E_u_sum_turned, E_u)  # (31)
        E_u_matrix_T.dot(n_matrix, E_w_u)  # (32)
        multiply(E_k_part, E_a_a, E_k_part_2)  # (33)
        matmul(E_k_part_2_turned, q, E_k)  # (33)
        multiply(E_k, factor_4, E_k)  # (33)
        E_k_matrix_T.dot(n_matrix, E_w_k)  # (34)
        matmul(E_k_part_2, k, E_q)  # (35)
        multiply(E_q, factor_4, E_q)  # (35)
        E_q_matrix_T.dot(n_matrix, E_w_q)  # (36)
        E_q_matrix.dot(w_q, E_n_matrix)  # (37)
        E_k_matrix.dot(w_k, E_n_sum_2_matrix)  # (37)
        E_u_matrix.dot(w_u, E_n_sum_3_matrix)  # (37)
        add(E_n, E_n_sum_2, E_n)  # (37)
        add(E_n, E_n_sum_3, E_n)  # (37)
        multiply(E_n, n_part_2_1, E_g_n_part_4)  # (38)
        E_g_n_part_4_matrix_T.dot(n_part_4_3_flat, E_g_n)  # (38)
        E_n_matrix_T.dot(ones_5_flat, E_b_n)  # (39)
        E_n_matrix.dot(g_n, E_e_sum_5_flat)  # (40)
        E_g_n_part_4_matrix.dot(g_n, E_e_sum_10_flat)  # (40)
        multiply(E_e_sum_10, factor, E_e_sum_10)  # (40)
        power(n_sum, -1.5, E_e_part_10_4)  # (40)
        multiply(E_e_sum_10, E_e_part_10_4, E_e_sum_10)  # (40)
        multiply(E_e_sum_5, factor, E_e_sum_5)  # (40)
        multiply(E_e_sum_5, n_part_4_3, E_e_sum_5)  # (40)
        multiply(E_n, g_n, E_e)  # (40)
        multiply(E_e, n_part_4_3_spread, E_e)  # (40)
        multiply(E_e_sum_10_spread, n_part_2_1, E_e_4)  # (40)
        add(E_e, E_e_4, E_e)  # (40)
        add(E_e, E_c, E_e)  # (40)
        add(E_e, E_e_sum_5_spread, E_e)  # (40)
        E_w_e_part = rows(x)  # (41)
        scatter(E_e, E_w_e_part, E_w_e)  # (41)
        E_e_matrix_T.dot(ones_6, E_w_t_flat)  # (42)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, T: int, V: int, D: int, H: int, F: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    factor = array(-1.0 / D, dtype)
    factor_2 = array(D, dtype)
    factor_3 = array(1e-05, dtype)
    factor_4 = array(power(H, -0.5), dtype)
    factor_5 = array(-1000000000.0, dtype)
    half = array(0.5, dtype)
    factor_6 = array(power(2.0, -0.5), dtype)
    one = array(1.0, dtype)
    factor_7 = array(1.0 / sqrt(3.141592653589793) / sqrt(2.0), dtype)
    factor_8 = array(-0.5, dtype)
    e_position = empty((V,), dtype)
    copyto(e_position, (arange(V)[:]))
    ones = empty((D,), dtype)
    ones.fill(1.0)
    a_a_indicator = empty((T, T), dtype)
    copyto(a_a_indicator, (0 <= (-1*arange(T)[None, :] + arange(T)[:, None])) & ((-1*arange(T)[None, :] + arange(T)[:, None]) < T))
    mask_a_a_1 = empty((T, T), bool)
    ones_2 = empty((T,), dtype)
    ones_2.fill(1.0)
    ones_3 = empty((V,), dtype)
    ones_3.fill(1.0)
    ones_4 = empty((T, V), dtype)
    ones_4.fill(1.0)
    ones_5 = empty((N, T), dtype)
    ones_5.fill(1.0)
    E_k_part = empty((T, T), dtype)
    ones_6 = empty((N,), dtype)
    ones_6.fill(1.0)
    e, n_part_2_1, n, r, E_n_sum_3 = (empty((N, T, D), dtype) for _ in range(5))
    n_sum, n_part_4_3, a_max, p_part_2 = (empty((N, T), dtype) for _ in range(4))
    q, k, u, E_k = (empty((N, T, H), dtype) for _ in range(4))
    E_a, a_a, E_a_a_2 = (empty((N, T, T), dtype) for _ in range(3))
    a_a_sum = E_a_a = E_k_part_2 = E_a  # the same memory
    a = a_a  # the same memory
    c_sum_arranged = empty((D, N, T), dtype)
    c_sum = empty((N, D, T), dtype)
    c_sum_2 = E_r = E_a_sum = E_n_sum_2 = r  # the same memory
    c = E_c = e  # the same memory
    a_z, z, z_2, z_4 = (empty((N, T, F), dtype) for _ in range(4))
    a_p = empty((N, T, V), dtype)
    p = empty((N, T, V), dtype)
    p_max = L_part_2_1 = E_a_p_sum = E_a_a_sum = E_e_sum_5 = a_max  # the same memory
    p_shifted = L_part_3_1 = E_a_p_3 = a_p  # the same memory
    mask_L_part_3_1 = empty((N, T, V), bool)
    L = empty((N,), dtype)
    E_L = L  # the same memory
    E_a_p = p  # the same memory
    E_z = E_a_z = z  # the same memory
    E_a_z_3 = z_2  # the same memory
    E_a_z_4 = z_4  # the same memory
    E_a_z_5 = a_z  # the same memory
    E_w_c_sum = empty((N, H, T), dtype)
    E_w_c_sum_arranged = E_k  # the same memory
    E_u_sum = E_w_c_sum  # the same memory
    E_u = u  # the same memory
    E_q = q  # the same memory
    E_n = E_e = n  # the same memory
    E_g_n_part_4 = E_n_sum_3  # the same memory
    E_e_sum_10 = p_part_2  # the same memory
    E_e_part_10_4 = n_sum  # the same memory
    E_e_4 = n_part_2_1  # the same memory
    e_matrix = e.reshape(N*T, D)
    n_sum_flat = n_sum.reshape(N*T)
    n_sum_spread = n_sum[:, :, None]
    n_matrix = n.reshape(N*T, D)
    n_part_4_3_flat_column = n_part_4_3.reshape(N*T)[:, None]
    q_matrix = q.reshape(N*T, H)
    k_matrix = k.reshape(N*T, H)
    u_matrix = u.reshape(N*T, H)
    k_turned = k.transpose(0, 2, 1)
    a_max_spread = a_max[:, :, None]
    a_matrix = a.reshape(N*T, T)
    a_max_flat = a_max.reshape(N*T)
    u_matrix_T = u.reshape(N*T, H).T
    c_sum_arranged_matrix = c_sum_arranged.reshape(D, N*T)
    c_sum_arranged_turned = c_sum_arranged.transpose(1, 0, 2)
    c_sum_turned = c_sum.transpose(0, 2, 1)
    c_matrix = c.reshape(N*T, D)
    a_z_matrix = a_z.reshape(N*T, F)
    z_matrix = z.reshape(N*T, F)
    r_matrix = r.reshape(N*T, D)
    a_p_matrix = a_p.reshape(N*T, V)
    p_max_spread = p_max[:, :, None]
    p_matrix = p.reshape(N*T, V)
    p_max_flat = p_max.reshape(N*T)
    p_part_2_spread = p_part_2[:, :, None]
    L_part_2_1_spread = L_part_2_1[:, :, None]
    L_part_3_1_matrix = L_part_3_1.reshape(N, T*V)
    ones_4_flat = ones_4.reshape(T*V)
    E_L_spread = E_L[:, None, None]
    E_a_p_sum_spread = E_a_p_sum[:, :, None]
    E_a_p_matrix_T = E_a_p.reshape(N*T, V).T
    E_a_p_matrix = E_a_p.reshape(N*T, V)
    E_r_matrix = E_r.reshape(N*T, D)
    E_r_matrix_T = E_r.reshape(N*T, D).T
    ones_5_flat = ones_5.reshape(N*T)
    E_z_matrix = E_z.reshape(N*T, F)
    E_a_z_matrix_T = E_a_z.reshape(N*T, F).T
    E_a_z_matrix = E_a_z.reshape(N*T, F)
    E_c_matrix = E_c.reshape(N*T, D)
    E_w_c_sum_turned = E_w_c_sum.transpose(0, 2, 1)
    E_c_matrix_T = E_c.reshape(N*T, D).T
    E_w_c_sum_arranged_matrix = E_w_c_sum_arranged.reshape(N*T, H)
    E_a_sum_matrix = E_a_sum.reshape(N*T, D)
    E_a_sum_turned = E_a_sum.transpose(0, 2, 1)
    E_a_a_matrix = E_a_a.reshape(N*T, T)
    E_a_a_sum_flat = E_a_a_sum.reshape(N*T)
    E_a_a_sum_spread = E_a_a_sum[:, :, None]
    E_u_sum_turned = E_u_sum.transpose(0, 2, 1)
    a_turned = a.transpose(0, 2, 1)
    E_u_matrix_T = E_u.reshape(N*T, H).T
    E_k_part_2_turned = E_k_part_2.transpose(0, 2, 1)
    E_k_matrix_T = E_k.reshape(N*T, H).T
    E_q_matrix_T = E_q.reshape(N*T, H).T
    E_q_matrix = E_q.reshape(N*T, H)
    E_n_matrix = E_n.reshape(N*T, D)
    E_k_matrix = E_k.reshape(N*T, H)
    E_n_sum_2_matrix = E_n_sum_2.reshape(N*T, D)
    E_u_matrix = E_u.reshape(N*T, H)
    E_n_sum_3_matrix = E_n_sum_3.reshape(N*T, D)
    E_g_n_part_4_matrix_T = E_g_n_part_4.reshape(N*T, D).T
    n_part_4_3_flat = n_part_4_3.reshape(N*T)
    E_n_matrix_T = E_n.reshape(N*T, D).T
    E_e_sum_5_flat = E_e_sum_5.reshape(N*T)
    E_g_n_part_4_matrix = E_g_n_part_4.reshape(N*T, D)
    E_e_sum_10_flat = E_e_sum_10.reshape(N*T)
    n_part_4_3_spread = n_part_4_3[:, :, None]
    E_e_sum_10_spread = E_e_sum_10[:, :, None]
    E_e_sum_5_spread = E_e_sum_5[:, :, None]
    E_e_matrix_T = E_e.reshape(N, T*D).T
    greater(a_a_indicator, half, mask_a_a_1)
    greater(a_a_indicator, half, E_k_part)

    def predict(weights: Views, x: Array, s2: Array) -> Any:
        (
            w_e, w_t, g_n, b_n, w_q, w_k, w_u, w_c, w_z, b_z, w_r, b_r, w_p, g_n_row, w_q_T, w_k_T, w_u_T,
            w_z_T, w_r_T, w_p_T, w_c_T,
        ) = weights
        e_part = rows(x)  # (1)
        gather(w_e, e_part, e)  # (1)
        add(e, w_t, e)  # (1)
        e_matrix.dot(ones, n_sum_flat)  # (2)
        multiply(n_sum, factor, n_sum)  # (2)
        add(e, n_sum_spread, n_part_2_1)  # (2)
        multiply(n_part_2_1, n_part_2_1, n)  # (2)
        n_matrix.dot(ones, n_sum_flat)  # (2)
        divide(n_sum, factor_2, n_sum)  # (2)
        add(n_sum, factor_3, n_sum)  # (2)
        sqrt(n_sum, n_part_4_3)  # (2)
        reciprocal(n_part_4_3, n_part_4_3)  # (2)
        n_part_4_3_flat_column.dot(g_n_row, n_matrix)  # (2)
        multiply(n, n_part_2_1, n)  # (2)
        add(n, b_n, n)  # (2)
        n_matrix.dot(w_q_T, q_matrix)  # (3)
        n_matrix.dot(w_k_T, k_matrix)  # (4)
        n_matrix.dot(w_u_T, u_matrix)  # (5)
        matmul(q, k_turned, a_a_sum)  # (6)
        multiply(a_a_sum, factor_4, a_a_sum)  # (6)
        copyto(a_a, factor_5)  # (6)
        copyto(a_a, a_a_sum, where=mask_a_a_1)  # (6)
        maximum.reduce(a_a, 2, out=a_max)  # (7)
        subtract(a_a, a_max_spread, a)  # (7)
        exp(a, a)  # (7)
        a_matrix.dot(ones_2, a_max_flat)  # (7)
        reciprocal(a_max, a_max)  # (7)
        multiply(a_max_spread, a, a)  # (7)
        w_c.dot(u_matrix_T, c_sum_arranged_matrix)  # (8)
        copyto(c_sum, c_sum_arranged_turned)  # (8)
        matmul(a, c_sum_turned, c_sum_2)  # (8)
        add(e, c_sum_2, c)  # (8)
        c_matrix.dot(w_z_T, a_z_matrix)  # (9)
        add(a_z, b_z, a_z)  # (9)
        multiply(a_z, half, z)  # (10)
        multiply(a_z, factor_6, z_2)  # (10)
        erf(z_2, z_2)  # (10)
        add(z_2, one, z_4)  # (10)
        multiply(z, z_4, z)  # (10)
        z_matrix.dot(w_r_T, r_matrix)  # (11)
        add(c, r, r)  # (11)
        add(r, b_r, r)  # (11)
        r_matrix.dot(w_p_T, a_p_matrix)  # (12)
        maximum.reduce(a_p, 2, out=p_max)  # (13)
        subtract(a_p, p_max_spread, p_shifted)  # (13)
        exp(p_shifted, p)  # (13)
        p_matrix.dot(ones_3, p_max_flat)  # (13)
        reciprocal(p_max, p_part_2)  # (13)
        multiply(p_part_2_spread, p, p)  # (13)
        return p

    def value(weights: Views, x: Array, s2: Array, y: Array) -> Any:
        predict(weights, x, s2)
        y_spread = y[:, :, None]
        log(p_max, L_part_2_1)  # (14)
        negative(L_part_2_1, L_part_2_1)  # (14)
        add(p_shifted, L_part_2_1_spread, L_part_3_1)  # (14)
        equal(y_spread, e_position, mask_L_part_3_1)  # (14)
        multiply(L_part_3_1, mask_L_part_3_1, L_part_3_1)  # (14)
        L_part_3_1_matrix.dot(ones_4_flat, L)  # (14)
        negative(L, L)  # (14)
        Q = s2.dot(L)  # (15)
        return Q

    def gradient(weights: Views, x: Array, s2: Array, y: Array, slopes: Views) -> None:
        (
            w_e, w_t, g_n, b_n, w_q, w_k, w_u, w_c, w_z, b_z, w_r, b_r, w_p, g_n_row, w_q_T, w_k_T, w_u_T,
            w_z_T, w_r_T, w_p_T, w_c_T,
        ) = weights
        E_w_e, E_g_n, E_b_n, E_w_q, E_w_k, E_w_u, E_w_c, E_w_z, E_b_z, E_w_r, E_b_r, E_w_p, E_w_t_flat = slopes
        copyto(E_L, s2)  # (16)
        E_a_p_part = rows(y)  # (18)
        gather(ones_3, E_a_p_part, E_a_p_sum)  # (18)
        multiply(E_L_spread, p, E_a_p)  # (18)
        multiply(E_a_p, E_a_p_sum_spread, E_a_p)  # (18)
        multiply(E_L_spread, mask_L_part_3_1, E_a_p_3)  # (18)
        subtract(E_a_p, E_a_p_3, E_a_p)  # (18)
        E_a_p_matrix_T.dot(r_matrix, E_w_p)  # (19)
        E_a_p_matrix.dot(w_p, E_r_matrix)  # (20)
        E_r_matrix_T.dot(z_matrix, E_w_r)  # (21)
        E_r_matrix_T.dot(ones_5_flat, E_b_r)  # (22)
        E_r_matrix.dot(w_r, E_z_matrix)  # (23)
        multiply(half, z_2, E_a_z_3)  # (24)
        multiply(a_z, factor_7, E_a_z_4)  # (24)
        multiply(a_z, a_z, E_a_z_5)  # (24)
        multiply(E_a_z_5, factor_8, E_a_z_5)  # (24)
        exp(E_a_z_5, E_a_z_5)  # (24)
        multiply(E_a_z_4, E_a_z_5, E_a_z_4)  # (24)
        add(E_a_z_3, E_a_z_4, E_a_z_3)  # (24)
        add(E_a_z_3, half, E_a_z_3)  # (24)
        multiply(E_z, E_a_z_3, E_a_z)  # (24)
        E_a_z_matrix_T.dot(c_matrix, E_w_z)  # (25)
        E_a_z_matrix_T.dot(ones_5_flat, E_b_z)  # (26)
        E_a_z_matrix.dot(w_z, E_c_matrix)  # (27)
        add(E_c, E_r, E_c)  # (27)
        matmul(a, u, E_w_c_sum_turned)  # (28)
        copyto(E_w_c_sum_arranged, E_w_c_sum_turned)  # (28)
        E_c_matrix_T.dot(E_w_c_sum_arranged_matrix, E_w_c)  # (28)
        u_matrix.dot(w_c_T, E_a_sum_matrix)  # (29)
        matmul(E_c, E_a_sum_turned, E_a)  # (29)
        multiply(E_a, a, E_a_a)  # (30)
        E_a_a_matrix.dot(ones_2, E_a_a_sum_flat)  # (30)
        multiply(a, E_a_a_sum_spread, E_a_a_2)  # (30)
        subtract(E_a_a, E_a_a_2, E_a_a)  # (30)
        matmul(E_c, w_c, E_u_sum_turned)  # (31)
        matmul(a_turned, E_u_sum_turned, E_u)  # (31)
        E_u_matrix_T.dot(n_matrix, E_w_u)  # (32)
        multiply(E_k_part, E_a_a, E_k_part_2)  # (33)
        matmul(E_k_part_2_turned, q, E_k)  # (33)
        multiply(E_k, factor_4, E_k)  # (33)
        E_k_matrix_T.dot(n_matrix, E_w_k)  # (34)
        matmul(E_k_part_2, k, E_q)  # (35)
        multiply(E_q, factor_4, E_q)  # (35)
        E_q_matrix_T.dot(n_matrix, E_w_q)  # (36)
        E_q_matrix.dot(w_q, E_n_matrix)  # (37)
        E_k_matrix.dot(w_k, E_n_sum_2_matrix)  # (37)
        E_u_matrix.dot(w_u, E_n_sum_3_matrix)  # (37)
        add(E_n, E_n_sum_2, E_n)  # (37)
        add(E_n, E_n_sum_3, E_n)  # (37)
        multiply(E_n, n_part_2_1, E_g_n_part_4)  # (38)
        E_g_n_part_4_matrix_T.dot(n_part_4_3_flat, E_g_n)  # (38)
        E_n_matrix_T.dot(ones_5_flat, E_b_n)  # (39)
        E_n_matrix.dot(g_n, E_e_sum_5_flat)  # (40)
        E_g_n_part_4_matrix.dot(g_n, E_e_sum_10_flat)  # (40)
        multiply(E_e_sum_10, factor, E_e_sum_10)  # (40)
        power(n_sum, -1.5, E_e_part_10_4)  # (40)
        multiply(E_e_sum_10, E_e_part_10_4, E_e_sum_10)  # (40)
        multiply(E_e_sum_5, factor, E_e_sum_5)  # (40)
        multiply(E_e_sum_5, n_part_4_3, E_e_sum_5)  # (40)
        multiply(E_n, g_n, E_e)  # (40)
        multiply(E_e, n_part_4_3_spread, E_e)  # (40)
        multiply(E_e_sum_10_spread, n_part_2_1, E_e_4)  # (40)
        add(E_e, E_e_4, E_e)  # (40)
        add(E_e, E_c, E_e)  # (40)
        add(E_e, E_e_sum_5_spread, E_e)  # (40)
        E_w_e_part = rows(x)  # (41)
        scatter(E_e, E_w_e_part, E_w_e)  # (41)
        E_e_matrix_T.dot(ones_6, E_w_t_flat)  # (42)

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
    biases=("b_n", "b_z", "b_r"),
    target="", mean=False, regularised=False, value_shows_target=False,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    domains=domains,
    own_loss=True,
)


class Objective(BaseObjective):
    """Q(w) of transformer_block: ``Objective(T=4, V=5, D=4, H=3, F=6)``."""

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
    """Finds weights that make Q of transformer_block small: ``Trainer(epochs=20, T=4, V=5, D=4, H=3, F=6).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
