"""scalar_graph: Q(w) and its gradient, in NumPy alone.

    scalar_graph
      u : 1                                                  input
      v : 1                                                  input
      x : 1 = sigmoid(w_x_u u + w_x_v v + b_x)
      y : 1 = sigmoid(w_y_u u + w_y_v v + b_y)
      z : 1 = sigmoid(w_z_x x + w_z_y y + b_z)
      s : 1 = sigmoid(w_s_x x + w_s_y y + b_s)
      t : 1 = sigmoid(w_t_x x + w_t_y y + b_t)
      p : 1 = sigmoid(w_p_z z + w_p_s s + w_p_t t + b_p)     output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 4295ce77e619887c, for float64; not to be edited.
Operations  2*N*6 + 111*N   for Q and its gradient
Workspace   8*(2*6*N + 2*N) bytes for N samples
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, exp, multiply, negative, reciprocal, subtract

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "scalar_graph"
SPEC_HASH = "4295ce77e619887c7632cce9c23b24304bd1b01c4f87b1dd4fe021ac645a6e7e"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_x[i] = w_x_u*u[i] + w_x_v*v[i] + b_x
#     (2) x[i] = sigmoid(a_x[i])
#     (3) a_y[i] = w_y_u*u[i] + w_y_v*v[i] + b_y
#     (4) y[i] = sigmoid(a_y[i])
#     (5) a_z[i] = w_z_x*x[i] + w_z_y*y[i] + b_z
#     (6) z[i] = sigmoid(a_z[i])
#     (7) a_s[i] = w_s_x*x[i] + w_s_y*y[i] + b_s
#     (8) s[i] = sigmoid(a_s[i])
#     (9) a_t[i] = w_t_x*x[i] + w_t_y*y[i] + b_t
#     (10) t[i] = sigmoid(a_t[i])
#     (11) a_p[i] = w_p_z*z[i] + w_p_s*s[i] + w_p_t*t[i] + b_p
#     (12) p[i] = sigmoid(a_p[i])
#     (13) L[i] = (y_true[i] - p[i])**2
#     (14) Q = Sum(L[i], i)
#     (16) E_p[i] = -2*(y_true[i] - p[i])
#     (17) E_a_p[i] = E_p[i]*p[i]*(1 - p[i])
#     (18) E_w_p_z = Sum(E_a_p[i]*z[i], i)
#     (19) E_w_p_s = Sum(E_a_p[i]*s[i], i)
#     (20) E_w_p_t = Sum(E_a_p[i]*t[i], i)
#     (21) E_b_p = Sum(E_a_p[i], i)
#     (22) E_t[i] = E_a_p[i]*w_p_t
#     (23) E_a_t[i] = E_t[i]*t[i]*(1 - t[i])
#     (24) E_w_t_x = Sum(E_a_t[i]*x[i], i)
#     (25) E_w_t_y = Sum(E_a_t[i]*y[i], i)
#     (26) E_b_t = Sum(E_a_t[i], i)
#     (27) E_s[i] = E_a_p[i]*w_p_s
#     (28) E_a_s[i] = E_s[i]*s[i]*(1 - s[i])
#     (29) E_w_s_x = Sum(E_a_s[i]*x[i], i)
#     (30) E_w_s_y = Sum(E_a_s[i]*y[i], i)
#     (31) E_b_s = Sum(E_a_s[i], i)
#     (32) E_z[i] = E_a_p[i]*w_p_z
#     (33) E_a_z[i] = E_z[i]*z[i]*(1 - z[i])
#     (34) E_w_z_x = Sum(E_a_z[i]*x[i], i)
#     (35) E_w_z_y = Sum(E_a_z[i]*y[i], i)
#     (36) E_b_z = Sum(E_a_z[i], i)
#     (37) E_y[i] = E_a_z[i]*w_z_y + E_a_s[i]*w_s_y + E_a_t[i]*w_t_y
#     (38) E_a_y[i] = E_y[i]*y[i]*(1 - y[i])
#     (39) E_w_y_u = Sum(E_a_y[i]*u[i], i)
#     (40) E_w_y_v = Sum(E_a_y[i]*v[i], i)
#     (41) E_b_y = Sum(E_a_y[i], i)
#     (42) E_x[i] = E_a_z[i]*w_z_x + E_a_s[i]*w_s_x + E_a_t[i]*w_t_x
#     (43) E_a_x[i] = E_x[i]*x[i]*(1 - x[i])
#     (44) E_w_x_u = Sum(E_a_x[i]*u[i], i)
#     (45) E_w_x_v = Sum(E_a_x[i]*v[i], i)
#     (46) E_b_x = Sum(E_a_x[i], i)
# With a weight for each sample:
#     (14) Q = Sum(s2[i]*L[i], i)
#     (15) E_L[i] = s2[i]
#     (16) E_p[i] = -2*E_L[i]*(y_true[i] - p[i])


def plain(
    w_x_u: Array, w_x_v: Array, b_x: Array, w_y_u: Array, w_y_v: Array, b_y: Array, w_z_x: Array, w_z_y: Array,
    b_z: Array, w_s_x: Array, w_s_y: Array, b_s: Array, w_t_x: Array, w_t_y: Array, b_t: Array, w_p_z: Array,
    w_p_s: Array, w_p_t: Array, b_p: Array, u: Array, v: Array, y_true: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_x_u a number; w_x_v a number; b_x a number; w_y_u a number; w_y_v a number; b_y a number; w_z_x a number;
    w_z_y a number; b_z a number; w_s_x a number; w_s_y a number; b_s a number; w_t_x a number; w_t_y a number; b_t
    a number; w_p_z a number; w_p_s a number; w_p_t a number; b_p a number; u (N,); v (N,); y_true (N,).
    """
    a_x = b_x + w_x_u*u + w_x_v*v  # (1)
    x = 1.0 / (1.0 + np.exp(-a_x))  # (2)
    a_y = b_y + w_y_u*u + w_y_v*v  # (3)
    y = 1.0 / (1.0 + np.exp(-a_y))  # (4)
    a_z = b_z + w_z_x*x + w_z_y*y  # (5)
    z = 1.0 / (1.0 + np.exp(-a_z))  # (6)
    a_s = b_s + w_s_x*x + w_s_y*y  # (7)
    s = 1.0 / (1.0 + np.exp(-a_s))  # (8)
    a_t = b_t + w_t_x*x + w_t_y*y  # (9)
    t = 1.0 / (1.0 + np.exp(-a_t))  # (10)
    a_p = b_p + w_p_z*z + w_p_s*s + w_p_t*t  # (11)
    p = 1.0 / (1.0 + np.exp(-a_p))  # (12)
    L = (y_true - p)**2  # (13)
    Q = L.sum()  # (14)
    E_p = -2.0*(y_true - p)  # (16)
    E_a_p = E_p*p*(1.0 - p)  # (17)
    E_w_p_z = E_a_p @ z  # (18)
    E_w_p_s = E_a_p @ s  # (19)
    E_w_p_t = E_a_p @ t  # (20)
    E_b_p = E_a_p.sum()  # (21)
    E_t = w_p_t*E_a_p  # (22)
    E_a_t = E_t*t*(1.0 - t)  # (23)
    E_w_t_x = E_a_t @ x  # (24)
    E_w_t_y = E_a_t @ y  # (25)
    E_b_t = E_a_t.sum()  # (26)
    E_s = w_p_s*E_a_p  # (27)
    E_a_s = E_s*s*(1.0 - s)  # (28)
    E_w_s_x = E_a_s @ x  # (29)
    E_w_s_y = E_a_s @ y  # (30)
    E_b_s = E_a_s.sum()  # (31)
    E_z = w_p_z*E_a_p  # (32)
    E_a_z = E_z*z*(1.0 - z)  # (33)
    E_w_z_x = E_a_z @ x  # (34)
    E_w_z_y = E_a_z @ y  # (35)
    E_b_z = E_a_z.sum()  # (36)
    E_y = w_z_y*E_a_z + w_s_y*E_a_s + w_t_y*E_a_t  # (37)
    E_a_y = E_y*y*(1.0 - y)  # (38)
    E_w_y_u = E_a_y @ u  # (39)
    E_w_y_v = E_a_y @ v  # (40)
    E_b_y = E_a_y.sum()  # (41)
    E_x = w_z_x*E_a_z + w_s_x*E_a_s + w_t_x*E_a_t  # (42)
    E_a_x = E_x*x*(1.0 - x)  # (43)
    E_w_x_u = E_a_x @ u  # (44)
    E_w_x_v = E_a_x @ v  # (45)
    E_b_x = E_a_x.sum()  # (46)
    return Q, (
        E_w_x_u, E_w_x_v, E_b_x, E_w_y_u, E_w_y_v, E_b_y, E_w_z_x, E_w_z_y, E_b_z, E_w_s_x, E_w_s_y, E_b_s, E_w_t_x,
        E_w_t_y, E_b_t, E_w_p_z, E_w_p_s, E_w_p_t, E_b_p,
    )


def shapes() -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {
        "w_x_u": (1, 1), "w_x_v": (1, 1), "b_x": (1,), "w_y_u": (1, 1), "w_y_v": (1, 1), "b_y": (1,), "w_z_x": (1, 1),
        "w_z_y": (1, 1), "b_z": (1,), "w_s_x": (1, 1), "w_s_y": (1, 1), "b_s": (1,), "w_t_x": (1, 1), "w_t_y": (1, 1),
        "b_t": (1,), "w_p_z": (1, 1), "w_p_s": (1, 1), "w_p_t": (1, 1), "b_p": (1,),
    }


def plain_shapes() -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        (),
    )


def sample_shapes() -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"u": (None,), "v": (None,)}, (None,)


def witnesses(flat: Array, layout: Layout) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_x_u = flat[layout["w_x_u"][0]].reshape(())
    w_x_v = flat[layout["w_x_v"][0]].reshape(())
    b_x = flat[layout["b_x"][0]].reshape(())
    w_y_u = flat[layout["w_y_u"][0]].reshape(())
    w_y_v = flat[layout["w_y_v"][0]].reshape(())
    b_y = flat[layout["b_y"][0]].reshape(())
    w_z_x = flat[layout["w_z_x"][0]].reshape(())
    w_z_y = flat[layout["w_z_y"][0]].reshape(())
    b_z = flat[layout["b_z"][0]].reshape(())
    w_s_x = flat[layout["w_s_x"][0]].reshape(())
    w_s_y = flat[layout["w_s_y"][0]].reshape(())
    b_s = flat[layout["b_s"][0]].reshape(())
    w_t_x = flat[layout["w_t_x"][0]].reshape(())
    w_t_y = flat[layout["w_t_y"][0]].reshape(())
    b_t = flat[layout["b_t"][0]].reshape(())
    w_p_z = flat[layout["w_p_z"][0]].reshape(())
    w_p_s = flat[layout["w_p_s"][0]].reshape(())
    w_p_t = flat[layout["w_p_t"][0]].reshape(())
    b_p = flat[layout["b_p"][0]].reshape(())
    return (
        w_x_u, w_x_v, b_x, w_y_u, w_y_v, b_y, w_z_x, w_z_y, b_z, w_s_x, w_s_y, b_s, w_t_x, w_t_y, b_t, w_p_z,
        w_p_s, w_p_t, b_p,
    )


def gradient_views(flat: Array, layout: Layout) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w_x_u = flat[layout["w_x_u"][0]].reshape(())
    E_w_x_v = flat[layout["w_x_v"][0]].reshape(())
    E_b_x = flat[layout["b_x"][0]].reshape(())
    E_w_y_u = flat[layout["w_y_u"][0]].reshape(())
    E_w_y_v = flat[layout["w_y_v"][0]].reshape(())
    E_b_y = flat[layout["b_y"][0]].reshape(())
    E_w_z_x = flat[layout["w_z_x"][0]].reshape(())
    E_w_z_y = flat[layout["w_z_y"][0]].reshape(())
    E_b_z = flat[layout["b_z"][0]].reshape(())
    E_w_s_x = flat[layout["w_s_x"][0]].reshape(())
    E_w_s_y = flat[layout["w_s_y"][0]].reshape(())
    E_b_s = flat[layout["b_s"][0]].reshape(())
    E_w_t_x = flat[layout["w_t_x"][0]].reshape(())
    E_w_t_y = flat[layout["w_t_y"][0]].reshape(())
    E_b_t = flat[layout["b_t"][0]].reshape(())
    E_w_p_z = flat[layout["w_p_z"][0]].reshape(())
    E_w_p_s = flat[layout["w_p_s"][0]].reshape(())
    E_w_p_t = flat[layout["w_p_t"][0]].reshape(())
    E_b_p = flat[layout["b_p"][0]].reshape(())
    return (
        E_w_x_u, E_w_x_v, E_b_x, E_w_y_u, E_w_y_v, E_b_y, E_w_z_x, E_w_z_y, E_b_z, E_w_s_x, E_w_s_y, E_b_s,
        E_w_t_x, E_w_t_y, E_b_t, E_w_p_z, E_w_p_s, E_w_p_t, E_b_p,
    )


def functions(N: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    x_to_p = empty((6, N), dtype)
    x_to_p_prime_1 = empty((6, N), dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_x = x_to_p[0]
    a_y = x_to_p[1]
    a_x_2 = y = E_y = E_a_y = a_y  # the same memory
    x = E_y_2 = a_x  # the same memory
    a_z = x_to_p[2]
    a_y_2 = z = a_z  # the same memory
    a_s = x_to_p[3]
    a_z_2 = s = E_s = E_a_s = E_x_2 = a_s  # the same memory
    a_t = x_to_p[4]
    a_s_2 = t = E_t = E_a_t = E_x_4 = a_t  # the same memory
    a_p = x_to_p[5]
    a_t_2 = p = a_p  # the same memory
    E_p = empty((N,), dtype)
    a_p_2 = L_1 = E_a_p = E_z = E_a_z = E_x = E_a_x = E_p  # the same memory
    x_prime = x_to_p_prime_1[0]
    y_prime = x_to_p_prime_1[1]
    z_prime = x_to_p_prime_1[2]
    s_prime = x_to_p_prime_1[3]
    t_prime = x_to_p_prime_1[4]
    p_prime = x_to_p_prime_1[5]

    def predict(weights: Views, u: Array, v: Array) -> Any:
        (
            w_x_u, w_x_v, b_x, w_y_u, w_y_v, b_y, w_z_x, w_z_y, b_z, w_s_x, w_s_y, b_s, w_t_x, w_t_y, b_t,
            w_p_z, w_p_s, w_p_t, b_p,
        ) = weights
        multiply(w_x_u, u, a_x)  # (1)
        multiply(w_x_v, v, a_x_2)  # (1)
        add(a_x, a_x_2, a_x)  # (1)
        add(a_x, b_x, a_x)  # (1)
        negative(a_x, x)  # (2)
        exp(x, x)  # (2)
        add(x, one, x)  # (2)
        reciprocal(x, x)  # (2)
        multiply(w_y_u, u, a_y)  # (3)
        multiply(w_y_v, v, a_y_2)  # (3)
        add(a_y, a_y_2, a_y)  # (3)
        add(a_y, b_y, a_y)  # (3)
        negative(a_y, y)  # (4)
        exp(y, y)  # (4)
        add(y, one, y)  # (4)
        reciprocal(y, y)  # (4)
        multiply(w_z_x, x, a_z)  # (5)
        multiply(w_z_y, y, a_z_2)  # (5)
        add(a_z, a_z_2, a_z)  # (5)
        add(a_z, b_z, a_z)  # (5)
        negative(a_z, z)  # (6)
        exp(z, z)  # (6)
        add(z, one, z)  # (6)
        reciprocal(z, z)  # (6)
        multiply(w_s_x, x, a_s)  # (7)
        multiply(w_s_y, y, a_s_2)  # (7)
        add(a_s, a_s_2, a_s)  # (7)
        add(a_s, b_s, a_s)  # (7)
        negative(a_s, s)  # (8)
        exp(s, s)  # (8)
        add(s, one, s)  # (8)
        reciprocal(s, s)  # (8)
        multiply(w_t_x, x, a_t)  # (9)
        multiply(w_t_y, y, a_t_2)  # (9)
        add(a_t, a_t_2, a_t)  # (9)
        add(a_t, b_t, a_t)  # (9)
        negative(a_t, t)  # (10)
        exp(t, t)  # (10)
        add(t, one, t)  # (10)
        reciprocal(t, t)  # (10)
        multiply(w_p_z, z, a_p)  # (11)
        multiply(w_p_s, s, a_p_2)  # (11)
        add(a_p, a_p_2, a_p)  # (11)
        multiply(w_p_t, t, a_p_2)  # (11)
        add(a_p, a_p_2, a_p)  # (11)
        add(a_p, b_p, a_p)  # (11)
        negative(a_p, p)  # (12)
        exp(p, p)  # (12)
        add(p, one, p)  # (12)
        reciprocal(p, p)  # (12)
        return p

    def value(weights: Views, u: Array, v: Array, y_true: Array) -> Any:
        predict(weights, u, v)
        subtract(y_true, p, L_1)  # (13)
        Q = L_1.dot(L_1)  # (13), (14)
        return Q

    def gradient(weights: Views, u: Array, v: Array, y_true: Array, slopes: Views) -> None:
        (
            w_x_u, w_x_v, b_x, w_y_u, w_y_v, b_y, w_z_x, w_z_y, b_z, w_s_x, w_s_y, b_s, w_t_x, w_t_y, b_t,
            w_p_z, w_p_s, w_p_t, b_p,
        ) = weights
        (
            E_w_x_u, E_w_x_v, E_b_x, E_w_y_u, E_w_y_v, E_b_y, E_w_z_x, E_w_z_y, E_b_z, E_w_s_x, E_w_s_y, E_b_s,
            E_w_t_x, E_w_t_y, E_b_t, E_w_p_z, E_w_p_s, E_w_p_t, E_b_p,
        ) = slopes
        multiply(minus_two, L_1, E_p)  # (16)
        subtract(one, x_to_p, x_to_p_prime_1)  # (17), (23), (28), (33), (38), (43)
        multiply(x_to_p, x_to_p_prime_1, x_to_p_prime_1)  # (17), (23), (28), (33), (38), (43)
        multiply(E_p, p_prime, E_a_p)  # (17)
        E_a_p.dot(z, E_w_p_z)  # (18)
        E_a_p.dot(s, E_w_p_s)  # (19)
        E_a_p.dot(t, E_w_p_t)  # (20)
        E_a_p.dot(ones, E_b_p)  # (21)
        multiply(w_p_t, E_a_p, E_t)  # (22)
        multiply(E_t, t_prime, E_a_t)  # (23)
        E_a_t.dot(x, E_w_t_x)  # (24)
        E_a_t.dot(y, E_w_t_y)  # (25)
        E_a_t.dot(ones, E_b_t)  # (26)
        multiply(w_p_s, E_a_p, E_s)  # (27)
        multiply(E_s, s_prime, E_a_s)  # (28)
        E_a_s.dot(x, E_w_s_x)  # (29)
        E_a_s.dot(y, E_w_s_y)  # (30)
        E_a_s.dot(ones, E_b_s)  # (31)
        multiply(w_p_z, E_a_p, E_z)  # (32)
        multiply(E_z, z_prime, E_a_z)  # (33)
        E_a_z.dot(x, E_w_z_x)  # (34)
        E_a_z.dot(y, E_w_z_y)  # (35)
        E_a_z.dot(ones, E_b_z)  # (36)
        multiply(w_z_y, E_a_z, E_y)  # (37)
        multiply(w_s_y, E_a_s, E_y_2)  # (37)
        add(E_y, E_y_2, E_y)  # (37)
        multiply(w_t_y, E_a_t, E_y_2)  # (37)
        add(E_y, E_y_2, E_y)  # (37)
        multiply(E_y, y_prime, E_a_y)  # (38)
        E_a_y.dot(u, E_w_y_u)  # (39)
        E_a_y.dot(v, E_w_y_v)  # (40)
        E_a_y.dot(ones, E_b_y)  # (41)
        multiply(w_z_x, E_a_z, E_x)  # (42)
        multiply(w_s_x, E_a_s, E_x_2)  # (42)
        add(E_x, E_x_2, E_x)  # (42)
        multiply(w_t_x, E_a_t, E_x_4)  # (42)
        add(E_x, E_x_4, E_x)  # (42)
        multiply(E_x, x_prime, E_a_x)  # (43)
        E_a_x.dot(u, E_w_x_u)  # (44)
        E_a_x.dot(v, E_w_x_v)  # (45)
        E_a_x.dot(ones, E_b_x)  # (46)

    def both(
        weights: Views, u: Array, v: Array, y_true: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, u, v, y_true))
        gradient(weights, u, v, y_true, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def alone_function(dtype: np.dtype[Any]) -> Callable[..., float]:
    """For one sample every value is a number: the same equations in Python's floats, Q and its gradient at once.

    ArithmeticError or ValueError where a number is out of range or is none; arrays then tell what it is.
    """

    def alone(weights: Views, u: Array, v: Array, y_true: Array, slopes: Views) -> Any:
        (
            w_x_u, w_x_v, b_x, w_y_u, w_y_v, b_y, w_z_x, w_z_y, b_z, w_s_x, w_s_y, b_s, w_t_x, w_t_y, b_t,
            w_p_z, w_p_s, w_p_t, b_p,
        ) = weights
        (
            E_w_x_u, E_w_x_v, E_b_x, E_w_y_u, E_w_y_v, E_b_y, E_w_z_x, E_w_z_y, E_b_z, E_w_s_x, E_w_s_y, E_b_s,
            E_w_t_x, E_w_t_y, E_b_t, E_w_p_z, E_w_p_s, E_w_p_t, E_b_p,
        ) = slopes
        u = u.item()
        v = v.item()
        y_true = y_true.item()
        w_x_u = w_x_u.item()
        w_x_v = w_x_v.item()
        b_x = b_x.item()
        w_y_u = w_y_u.item()
        w_y_v = w_y_v.item()
        b_y = b_y.item()
        w_z_x = w_z_x.item()
        w_z_y = w_z_y.item()
        b_z = b_z.item()
        w_s_x = w_s_x.item()
        w_s_y = w_s_y.item()
        b_s = b_s.item()
        w_t_x = w_t_x.item()
        w_t_y = w_t_y.item()
        b_t = b_t.item()
        w_p_z = w_p_z.item()
        w_p_s = w_p_s.item()
        w_p_t = w_p_t.item()
        b_p = b_p.item()
        a_x = w_x_u*u + w_x_v*v + b_x  # (1)
        x = 1.0 / (1.0 + math.exp(-a_x))  # (2)
        a_y = w_y_u*u + w_y_v*v + b_y  # (3)
        y = 1.0 / (1.0 + math.exp(-a_y))  # (4)
        a_z = w_z_x*x + w_z_y*y + b_z  # (5)
        z = 1.0 / (1.0 + math.exp(-a_z))  # (6)
        a_s = w_s_x*x + w_s_y*y + b_s  # (7)
        s = 1.0 / (1.0 + math.exp(-a_s))  # (8)
        a_t = w_t_x*x + w_t_y*y + b_t  # (9)
        t = 1.0 / (1.0 + math.exp(-a_t))  # (10)
        a_p = w_p_z*z + w_p_s*s + w_p_t*t + b_p  # (11)
        p = 1.0 / (1.0 + math.exp(-a_p))  # (12)
        L = (y_true - p)**2  # (13)
        Q = L  # (14)
        if not isfinite(Q + u + v):
            raise ValueError("not finite")
        E_p = -2.0*(y_true - p)  # (16)
        E_a_p = E_p*p*(1.0 - p)  # (17)
        E_w_p_z[()] = E_a_p*z  # (18)
        E_w_p_s[()] = E_a_p*s  # (19)
        E_w_p_t[()] = E_a_p*t  # (20)
        E_b_p[()] = E_a_p  # (21)
        E_t = E_a_p*w_p_t  # (22)
        E_a_t = E_t*t*(1.0 - t)  # (23)
        E_w_t_x[()] = E_a_t*x  # (24)
        E_w_t_y[()] = E_a_t*y  # (25)
        E_b_t[()] = E_a_t  # (26)
        E_s = E_a_p*w_p_s  # (27)
        E_a_s = E_s*s*(1.0 - s)  # (28)
        E_w_s_x[()] = E_a_s*x  # (29)
        E_w_s_y[()] = E_a_s*y  # (30)
        E_b_s[()] = E_a_s  # (31)
        E_z = E_a_p*w_p_z  # (32)
        E_a_z = E_z*z*(1.0 - z)  # (33)
        E_w_z_x[()] = E_a_z*x  # (34)
        E_w_z_y[()] = E_a_z*y  # (35)
        E_b_z[()] = E_a_z  # (36)
        E_y = E_a_z*w_z_y + E_a_s*w_s_y + E_a_t*w_t_y  # (37)
        E_a_y = E_y*y*(1.0 - y)  # (38)
        E_w_y_u[()] = E_a_y*u  # (39)
        E_w_y_v[()] = E_a_y*v  # (40)
        E_b_y[()] = E_a_y  # (41)
        E_x = E_a_z*w_z_x + E_a_s*w_s_x + E_a_t*w_t_x  # (42)
        E_a_x = E_x*x*(1.0 - x)  # (43)
        E_w_x_u[()] = E_a_x*u  # (44)
        E_w_x_v[()] = E_a_x*v  # (45)
        E_b_x[()] = E_a_x  # (46)
        return Q

    return quietly(alone)[0]


def weighted_functions(N: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    x_to_p = empty((6, N), dtype)
    x_to_p_prime_1 = empty((6, N), dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_x = x_to_p[0]
    a_y = x_to_p[1]
    a_x_2 = y = E_y = E_a_y = a_y  # the same memory
    x = E_y_2 = a_x  # the same memory
    a_z = x_to_p[2]
    a_y_2 = z = a_z  # the same memory
    a_s = x_to_p[3]
    a_z_2 = s = E_s = E_a_s = E_x_2 = a_s  # the same memory
    a_t = x_to_p[4]
    a_s_2 = t = E_t = E_a_t = E_x_4 = a_t  # the same memory
    a_p = x_to_p[5]
    a_t_2 = p = a_p  # the same memory
    a_p_2 = empty((N,), dtype)
    L = empty((N,), dtype)
    L_1 = a_p_2  # the same memory
    E_L = E_p = E_a_p = E_z = E_a_z = E_x = E_a_x = L  # the same memory
    x_prime = x_to_p_prime_1[0]
    y_prime = x_to_p_prime_1[1]
    z_prime = x_to_p_prime_1[2]
    s_prime = x_to_p_prime_1[3]
    t_prime = x_to_p_prime_1[4]
    p_prime = x_to_p_prime_1[5]

    def predict(weights: Views, u: Array, v: Array, s2: Array) -> Any:
        (
            w_x_u, w_x_v, b_x, w_y_u, w_y_v, b_y, w_z_x, w_z_y, b_z, w_s_x, w_s_y, b_s, w_t_x, w_t_y, b_t,
            w_p_z, w_p_s, w_p_t, b_p,
        ) = weights
        multiply(w_x_u, u, a_x)  # (1)
        multiply(w_x_v, v, a_x_2)  # (1)
        add(a_x, a_x_2, a_x)  # (1)
        add(a_x, b_x, a_x)  # (1)
        negative(a_x, x)  # (2)
        exp(x, x)  # (2)
        add(x, one, x)  # (2)
        reciprocal(x, x)  # (2)
        multiply(w_y_u, u, a_y)  # (3)
        multiply(w_y_v, v, a_y_2)  # (3)
        add(a_y, a_y_2, a_y)  # (3)
        add(a_y, b_y, a_y)  # (3)
        negative(a_y, y)  # (4)
        exp(y, y)  # (4)
        add(y, one, y)  # (4)
        reciprocal(y, y)  # (4)
        multiply(w_z_x, x, a_z)  # (5)
        multiply(w_z_y, y, a_z_2)  # (5)
        add(a_z, a_z_2, a_z)  # (5)
        add(a_z, b_z, a_z)  # (5)
        negative(a_z, z)  # (6)
        exp(z, z)  # (6)
        add(z, one, z)  # (6)
        reciprocal(z, z)  # (6)
        multiply(w_s_x, x, a_s)  # (7)
        multiply(w_s_y, y, a_s_2)  # (7)
        add(a_s, a_s_2, a_s)  # (7)
        add(a_s, b_s, a_s)  # (7)
        negative(a_s, s)  # (8)
        exp(s, s)  # (8)
        add(s, one, s)  # (8)
        reciprocal(s, s)  # (8)
        multiply(w_t_x, x, a_t)  # (9)
        multiply(w_t_y, y, a_t_2)  # (9)
        add(a_t, a_t_2, a_t)  # (9)
        add(a_t, b_t, a_t)  # (9)
        negative(a_t, t)  # (10)
        exp(t, t)  # (10)
        add(t, one, t)  # (10)
        reciprocal(t, t)  # (10)
        multiply(w_p_z, z, a_p)  # (11)
        multiply(w_p_s, s, a_p_2)  # (11)
        add(a_p, a_p_2, a_p)  # (11)
        multiply(w_p_t, t, a_p_2)  # (11)
        add(a_p, a_p_2, a_p)  # (11)
        add(a_p, b_p, a_p)  # (11)
        negative(a_p, p)  # (12)
        exp(p, p)  # (12)
        add(p, one, p)  # (12)
        reciprocal(p, p)  # (12)
        return p

    def value(weights: Views, u: Array, v: Array, s2: Array, y_true: Array) -> Any:
        predict(weights, u, v, s2)
        subtract(y_true, p, L_1)  # (13)
        multiply(L_1, L_1, L)  # (13)
        Q = s2.dot(L)  # (14)
        return Q

    def gradient(weights: Views, u: Array, v: Array, s2: Array, y_true: Array, slopes: Views) -> None:
        (
            w_x_u, w_x_v, b_x, w_y_u, w_y_v, b_y, w_z_x, w_z_y, b_z, w_s_x, w_s_y, b_s, w_t_x, w_t_y, b_t,
            w_p_z, w_p_s, w_p_t, b_p,
        ) = weights
        (
            E_w_x_u, E_w_x_v, E_b_x, E_w_y_u, E_w_y_v, E_b_y, E_w_z_x, E_w_z_y, E_b_z, E_w_s_x, E_w_s_y, E_b_s,
            E_w_t_x, E_w_t_y, E_b_t, E_w_p_z, E_w_p_s, E_w_p_t, E_b_p,
        ) = slopes
        copyto(E_L, s2)  # (15)
        multiply(E_L, minus_two, E_p)  # (16)
        multiply(E_p, L_1, E_p)  # (16)
        subtract(one, x_to_p, x_to_p_prime_1)  # (17), (23), (28), (33), (38), (43)
        multiply(x_to_p, x_to_p_prime_1, x_to_p_prime_1)  # (17), (23), (28), (33), (38), (43)
        multiply(E_p, p_prime, E_a_p)  # (17)
        E_a_p.dot(z, E_w_p_z)  # (18)
        E_a_p.dot(s, E_w_p_s)  # (19)
        E_a_p.dot(t, E_w_p_t)  # (20)
        E_a_p.dot(ones, E_b_p)  # (21)
        multiply(w_p_t, E_a_p, E_t)  # (22)
        multiply(E_t, t_prime, E_a_t)  # (23)
        E_a_t.dot(x, E_w_t_x)  # (24)
        E_a_t.dot(y, E_w_t_y)  # (25)
        E_a_t.dot(ones, E_b_t)  # (26)
        multiply(w_p_s, E_a_p, E_s)  # (27)
        multiply(E_s, s_prime, E_a_s)  # (28)
        E_a_s.dot(x, E_w_s_x)  # (29)
        E_a_s.dot(y, E_w_s_y)  # (30)
        E_a_s.dot(ones, E_b_s)  # (31)
        multiply(w_p_z, E_a_p, E_z)  # (32)
        multiply(E_z, z_prime, E_a_z)  # (33)
        E_a_z.dot(x, E_w_z_x)  # (34)
        E_a_z.dot(y, E_w_z_y)  # (35)
        E_a_z.dot(ones, E_b_z)  # (36)
        multiply(w_z_y, E_a_z, E_y)  # (37)
        multiply(w_s_y, E_a_s, E_y_2)  # (37)
        add(E_y, E_y_2, E_y)  # (37)
        multiply(w_t_y, E_a_t, E_y_2)  # (37)
        add(E_y, E_y_2, E_y)  # (37)
        multiply(E_y, y_prime, E_a_y)  # (38)
        E_a_y.dot(u, E_w_y_u)  # (39)
        E_a_y.dot(v, E_w_y_v)  # (40)
        E_a_y.dot(ones, E_b_y)  # (41)
        multiply(w_z_x, E_a_z, E_x)  # (42)
        multiply(w_s_x, E_a_s, E_x_2)  # (42)
        add(E_x, E_x_2, E_x)  # (42)
        multiply(w_t_x, E_a_t, E_x_4)  # (42)
        add(E_x, E_x_4, E_x)  # (42)
        multiply(E_x, x_prime, E_a_x)  # (43)
        E_a_x.dot(u, E_w_x_u)  # (44)
        E_a_x.dot(v, E_w_x_v)  # (45)
        E_a_x.dot(ones, E_b_x)  # (46)

    def both(
        weights: Views, u: Array, v: Array, s2: Array, y_true: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, u, v, s2, y_true))
        gradient(weights, u, v, s2, y_true, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_x", "b_y", "b_z", "b_s", "b_t", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    alone=alone_function,
    of_difference=True,
    reach=("p", 0.0, 1.0),
)


class Objective(BaseObjective):
    """Q(w) of scalar_graph: ``Objective()``."""

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
    """Finds weights that make Q of scalar_graph small: ``Trainer(epochs=20).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
