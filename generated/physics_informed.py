"""physics_informed: Q(w) and its gradient, in NumPy alone.

    physics_informed
      x : 1                                     input
      t : 1                                     input
      c : 1                                     input
      h : J = tanh(w_h_x x + w_h_t t + b_h)
      u : 1 = w_u h + b_u                       output
      L[i] = c[i]*(s[i] - u[i])**2 + (D(u[i], t[i]) - a*D(D(u[i], x[i]), x[i]))**2 loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 4f3989b706bb023d, for float64; not to be edited.
Operations  2*N*(J + 1) + 55*N*J + 7*J + 15*N   for Q and its gradient
Workspace   8*((J + 1)*N + 8*J*N + 5*J + 5*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, multiply, subtract, tanh

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Domain, Facts, Functions, Layout,
    NotConverged as NotConverged, Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "physics_informed"
SPEC_HASH = "4f3989b706bb023d837d047621ae26ac4154d2d9001d898e92c632d47e4791e8"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"J": 5}
a = 0.1  # the a of the spec


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_h[i, j] = w_h_x[j]*x[i] + w_h_t[j]*t[i] + b_h[j]
#     (2) h[i, j] = tanh(a_h[i, j])
#     (3) u[i] = Sum(w_u[j]*h[i, j], j) + b_u
#     (4) D_a_h_t[j] = w_h_t[j]
#     (5) D_h_t[i, j] = (1 - h[i, j]**2)*D_a_h_t[j]
#     (6) D_u_t[i] = Sum(w_u[j]*D_h_t[i, j], j)
#     (7) D_a_h_x[j] = w_h_x[j]
#     (8) D_h_x[i, j] = (1 - h[i, j]**2)*D_a_h_x[j]
#     (9) D_D_h_x_x[i, j] = -2*D_a_h_x[j]*h[i, j]*D_h_x[i, j]
#     (10) D_D_u_x_x[i] = Sum(w_u[j]*D_D_h_x_x[i, j], j)
#     (11) L[i] = c[i]*(s[i] - u[i])**2 + (D_u_t[i] - a*D_D_u_x_x[i])**2
#     (12) Q = Sum(L[i], i)
#     (14) E_D_D_u_x_x[i] = -2*(D_u_t[i] - a*D_D_u_x_x[i])*a
#     (15) E_D_D_h_x_x[i, j] = E_D_D_u_x_x[i]*w_u[j]
#     (16) E_D_h_x[i, j] = -2*E_D_D_h_x_x[i, j]*D_a_h_x[j]*h[i, j]
#     (17) E_D_a_h_x[j] = Sum(E_D_h_x[i, j]*(1 - h[i, j]**2), i) + Sum(-2*E_D_D_h_x_x[i, j]*h[i, j]*D_h_x[i, j],
#         i)
#     (18) E_D_u_t[i] = 2*(D_u_t[i] - a*D_D_u_x_x[i])
#     (19) E_D_h_t[i, j] = E_D_u_t[i]*w_u[j]
#     (20) E_D_a_h_t[j] = Sum(E_D_h_t[i, j]*(1 - h[i, j]**2), i)
#     (21) E_u[i] = -2*c[i]*(s[i] - u[i])
#     (22) E_w_u[j] = Sum(E_u[i]*h[i, j], i) + Sum(E_D_u_t[i]*D_h_t[i, j], i) + Sum(E_D_D_u_x_x[i]*D_D_h_x_x[i,
#         j], i)
#     (23) E_b_u = Sum(E_u[i], i)
#     (24) E_h[i, j] = E_u[i]*w_u[j] - 2*E_D_h_t[i, j]*D_a_h_t[j]*h[i, j] - 2*E_D_h_x[i, j]*D_a_h_x[j]*h[i, j] -
#         2*E_D_D_h_x_x[i, j]*D_a_h_x[j]*D_h_x[i, j]
#     (25) E_a_h[i, j] = E_h[i, j]*(1 - h[i, j]**2)
#     (26) E_w_h_x[j] = Sum(E_a_h[i, j]*x[i], i) + E_D_a_h_x[j]
#     (27) E_w_h_t[j] = Sum(E_a_h[i, j]*t[i], i) + E_D_a_h_t[j]
#     (28) E_b_h[j] = Sum(E_a_h[i, j], i)
# With a weight for each sample:
#     (12) Q = Sum(s2[i]*L[i], i)
#     (13) E_L[i] = s2[i]
#     (14) E_D_D_u_x_x[i] = -2*E_L[i]*(D_u_t[i] - a*D_D_u_x_x[i])*a
#     (18) E_D_u_t[i] = 2*E_L[i]*(D_u_t[i] - a*D_D_u_x_x[i])
#     (21) E_u[i] = -2*E_L[i]*c[i]*(s[i] - u[i])


def plain(
    w_h_x: Array, w_h_t: Array, b_h: Array, w_u: Array, b_u: Array, x: Array, t: Array, c: Array, s: Array,
    a: float = a,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_h_x (J,); w_h_t (J,); b_h (J,); w_u (J,); b_u a number; x (N,); t (N,); c (N,); s (N,).
    """
    a_h = w_h_x*x[:, None] + w_h_t*t[:, None] + b_h  # (1)
    h = np.tanh(a_h)  # (2)
    u = b_u + w_u @ h.T  # (3)
    D_a_h_t = w_h_t  # (4)
    D_h_t = (1.0 - h**2)*D_a_h_t  # (5)
    D_u_t = w_u @ D_h_t.T  # (6)
    D_a_h_x = w_h_x  # (7)
    D_h_x = (1.0 - h**2)*D_a_h_x  # (8)
    D_D_h_x_x = -2.0*D_a_h_x*h*D_h_x  # (9)
    D_D_u_x_x = w_u @ D_D_h_x_x.T  # (10)
    L = c*(s - u)**2 + (D_u_t - a*D_D_u_x_x)**2  # (11)
    Q = L.sum()  # (12)
    E_D_D_u_x_x = -2.0*a*(D_u_t - a*D_D_u_x_x)  # (14)
    E_D_D_h_x_x = E_D_D_u_x_x[:, None]*w_u  # (15)
    E_D_h_x = -2.0*E_D_D_h_x_x*h*D_a_h_x  # (16)
    E_D_a_h_x_part = E_D_h_x*(1.0 - h**2)  # (17)
    E_D_a_h_x_part_2 = E_D_D_h_x_x*h*D_h_x  # (17)
    E_D_a_h_x = E_D_a_h_x_part.sum(0) - 2.0*E_D_a_h_x_part_2.sum(0)  # (17)
    E_D_u_t = 2.0*(D_u_t - a*D_D_u_x_x)  # (18)
    E_D_h_t = E_D_u_t[:, None]*w_u  # (19)
    E_D_a_h_t_part = E_D_h_t*(1.0 - h**2)  # (20)
    E_D_a_h_t = E_D_a_h_t_part.sum(0)  # (20)
    E_u = -2.0*c*(s - u)  # (21)
    E_w_u = E_u @ h + E_D_u_t @ D_h_t + E_D_D_u_x_x @ D_D_h_x_x  # (22)
    E_b_u = E_u.sum()  # (23)
    E_h = E_u[:, None]*w_u - 2.0*E_D_h_t*h*D_a_h_t - 2.0*E_D_h_x*h*D_a_h_x - 2.0*E_D_D_h_x_x*D_h_x*D_a_h_x  # (24)
    E_a_h = E_h*(1.0 - h**2)  # (25)
    E_w_h_x = E_a_h.T @ x + E_D_a_h_x  # (26)
    E_w_h_t = E_a_h.T @ t + E_D_a_h_t  # (27)
    E_b_h = E_a_h.sum(0)  # (28)
    return Q, (E_w_h_x, E_w_h_t, E_b_h, E_w_u, E_b_u)


def shapes(J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_h_x": (J, 1), "w_h_t": (J, 1), "b_h": (J,), "w_u": (1, J), "b_u": (1,)}


def plain_shapes(J: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (J,),
        (J,),
        (J,),
        (J,),
        (),
    )


def sample_shapes(J: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None,), "t": (None,), "c": (None,)}, (None,)


def domains(J: int) -> tuple[dict[str, Domain], Domain | None]:
    """What inputs may hold, and the target: the kind of values, and what whole numbers are below."""
    return {
        "c": ("binary", 0),
    }, None


def witnesses(flat: Array, layout: Layout, J: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, J: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_h_x = flat[layout["w_h_x"][0]].reshape((J,))
    w_h_t = flat[layout["w_h_t"][0]].reshape((J,))
    b_h = flat[layout["b_h"][0]].reshape((J,))
    w_u = flat[layout["w_u"][0]].reshape((J,))
    b_u = flat[layout["b_u"][0]].reshape(())
    w_u_and_b_u = flat[layout["w_u"][0].start : layout["b_u"][0].stop]
    w_h_x_column = w_h_x[:, None]
    w_h_t_column = w_h_t[:, None]
    b_h_column = b_h[:, None]
    w_u_column = w_u[:, None]
    return w_h_x, w_h_t, w_u, w_u_and_b_u, w_h_x_column, w_h_t_column, b_h_column, w_u_column


def gradient_views(flat: Array, layout: Layout, J: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w_h_x = flat[layout["w_h_x"][0]].reshape((J,))
    E_w_h_t = flat[layout["w_h_t"][0]].reshape((J,))
    E_b_h = flat[layout["b_h"][0]].reshape((J,))
    E_w_u = flat[layout["w_u"][0]].reshape((J,))
    E_b_u = flat[layout["b_u"][0]].reshape(())
    return E_w_h_x, E_w_h_t, E_b_h, E_w_u, E_b_u


def functions(N: int, J: int, dtype: np.dtype[Any], a: float = a) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    factor = array(a, dtype)
    factor_2 = array(-2.0*a, dtype)
    two = array(2.0, dtype)
    h_and_one = empty((J + 1, N), dtype)
    h_and_one[J].fill(1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_h = h_and_one[0:J]
    (
        a_h_2, D_h_t, D_h_x, D_D_h_x_x, E_D_D_h_x_x, E_D_h_x_1, E_D_h_x, E_D_a_h_x_part,
    ) = (empty((J, N), dtype) for _ in range(8))
    h = a_h  # the same memory
    u, D_u_t, D_D_u_x_x, L = (empty((N,), dtype) for _ in range(4))
    D_a_h_t, D_a_h_x, E_D_a_h_t, E_w_u_sum_2, E_w_u_sum_3 = (empty((J,), dtype) for _ in range(5))
    D_h_t_1 = a_h_2  # the same memory
    D_D_h_x_x_1 = E_D_a_h_x_sum = E_D_a_h_t  # the same memory
    L_1 = u  # the same memory
    L_4 = E_u = D_D_u_x_x  # the same memory
    L_5 = E_D_u_t = D_u_t  # the same memory
    E_D_D_u_x_x = L  # the same memory
    E_D_a_h_x_part_2_1 = E_D_h_t = E_h_2 = E_D_D_h_x_x  # the same memory
    E_D_a_h_t_part = E_D_a_h_x_part  # the same memory
    E_h = E_a_h = D_D_h_x_x  # the same memory
    E_h_6 = E_D_h_x  # the same memory
    E_h_11 = E_D_h_x_1  # the same memory
    E_w_h_x_sum = E_w_h_t_sum = D_a_h_x  # the same memory
    D_a_h_t_column = D_a_h_t[:, None]
    D_a_h_x_column = D_a_h_x[:, None]
    D_D_h_x_x_1_column = D_D_h_x_x_1[:, None]
    E_D_D_u_x_x_row = E_D_D_u_x_x[None, :]
    E_D_u_t_row = E_D_u_t[None, :]
    h_T = h.T
    D_h_t_T = D_h_t.T
    D_D_h_x_x_T = D_D_h_x_x.T
    E_u_row = E_u[None, :]

    def predict(weights: Views, x: Array, t: Array, c: Array) -> Any:
        w_h_x, w_h_t, w_u, w_u_and_b_u, w_h_x_column, w_h_t_column, b_h_column, w_u_column = weights
        x_row = x[None, :]
        t_row = t[None, :]
        w_h_x_column.dot(x_row, a_h)  # (1)
        w_h_t_column.dot(t_row, a_h_2)  # (1)
        add(a_h, a_h_2, a_h)  # (1)
        copyto(a_h_2, b_h_column)  # (1)
        add(a_h, a_h_2, a_h)  # (1)
        tanh(a_h, h)  # (2)
        w_u_and_b_u.dot(h_and_one, u)  # (3)
        return u

    def value(weights: Views, x: Array, t: Array, c: Array, s: Array) -> Any:
        predict(weights, x, t, c)
        w_h_x, w_h_t, w_u, w_u_and_b_u, w_h_x_column, w_h_t_column, b_h_column, w_u_column = weights
        copyto(D_a_h_t, w_h_t)  # (4)
        multiply(h, h, D_h_t_1)  # (5)
        subtract(one, D_h_t_1, D_h_t_1)  # (5)
        multiply(D_a_h_t_column, D_h_t_1, D_h_t)  # (5)
        w_u.dot(D_h_t, D_u_t)  # (6)
        copyto(D_a_h_x, w_h_x)  # (7)
        multiply(D_a_h_x_column, D_h_t_1, D_h_x)  # (8)
        multiply(D_a_h_x, minus_two, D_D_h_x_x_1)  # (9)
        multiply(D_D_h_x_x_1_column, h, D_D_h_x_x)  # (9)
        multiply(D_D_h_x_x, D_h_x, D_D_h_x_x)  # (9)
        w_u.dot(D_D_h_x_x, D_D_u_x_x)  # (10)
        subtract(s, u, L_1)  # (11)
        multiply(L_1, L_1, L)  # (11)
        multiply(c, L, L)  # (11)
        multiply(D_D_u_x_x, factor, L_4)  # (11)
        subtract(D_u_t, L_4, L_5)  # (11)
        multiply(L_5, L_5, L_4)  # (11)
        add(L, L_4, L)  # (11)
        Q = L.dot(ones)  # (11), (12)
        return Q

    def gradient(weights: Views, x: Array, t: Array, c: Array, s: Array, slopes: Views) -> None:
        w_h_x, w_h_t, w_u, w_u_and_b_u, w_h_x_column, w_h_t_column, b_h_column, w_u_column = weights
        E_w_h_x, E_w_h_t, E_b_h, E_w_u, E_b_u = slopes
        multiply(factor_2, L_5, E_D_D_u_x_x)  # (14)
        w_u_column.dot(E_D_D_u_x_x_row, E_D_D_h_x_x)  # (15)
        multiply(E_D_D_h_x_x, minus_two, E_D_h_x_1)  # (16)
        multiply(E_D_h_x_1, h, E_D_h_x)  # (16)
        multiply(E_D_h_x, D_a_h_x_column, E_D_h_x)  # (16)
        multiply(E_D_h_x, D_h_t_1, E_D_a_h_x_part)  # (17)
        E_D_a_h_x_part.dot(ones, E_D_a_h_x_sum)  # (17)
        multiply(E_D_D_h_x_x, h, E_D_a_h_x_part_2_1)  # (17)
        multiply(E_D_a_h_x_part_2_1, D_h_x, E_D_a_h_x_part_2_1)  # (17)
        E_D_a_h_x_part_2_1.dot(ones, E_w_h_x)  # (17)
        multiply(E_w_h_x, minus_two, E_w_h_x)  # (17)
        add(E_w_h_x, E_D_a_h_x_sum, E_w_h_x)  # (17)
        multiply(two, L_5, E_D_u_t)  # (18)
        w_u_column.dot(E_D_u_t_row, E_D_h_t)  # (19)
        multiply(E_D_h_t, D_h_t_1, E_D_a_h_t_part)  # (20)
        E_D_a_h_t_part.dot(ones, E_D_a_h_t)  # (20)
        multiply(c, minus_two, E_u)  # (21)
        multiply(E_u, L_1, E_u)  # (21)
        E_u.dot(h_T, E_w_u)  # (22)
        E_D_u_t.dot(D_h_t_T, E_w_u_sum_2)  # (22)
        E_D_D_u_x_x.dot(D_D_h_x_x_T, E_w_u_sum_3)  # (22)
        add(E_w_u, E_w_u_sum_2, E_w_u)  # (22)
        add(E_w_u, E_w_u_sum_3, E_w_u)  # (22)
        E_u.dot(ones, E_b_u)  # (23)
        w_u_column.dot(E_u_row, E_h)  # (24)
        multiply(E_D_h_t, minus_two, E_h_2)  # (24)
        multiply(E_h_2, h, E_h_2)  # (24)
        multiply(E_h_2, D_a_h_t_column, E_h_2)  # (24)
        add(E_h, E_h_2, E_h)  # (24)
        multiply(E_D_h_x, minus_two, E_h_6)  # (24)
        multiply(E_h_6, h, E_h_6)  # (24)
        multiply(E_h_6, D_a_h_x_column, E_h_6)  # (24)
        add(E_h, E_h_6, E_h)  # (24)
        multiply(E_D_h_x_1, D_h_x, E_h_11)  # (24)
        multiply(E_h_11, D_a_h_x_column, E_h_11)  # (24)
        add(E_h, E_h_11, E_h)  # (24)
        multiply(E_h, D_h_t_1, E_a_h)  # (25)
        E_a_h.dot(x, E_w_h_x_sum)  # (26)
        add(E_w_h_x_sum, E_w_h_x, E_w_h_x)  # (26)
        E_a_h.dot(t, E_w_h_t_sum)  # (27)
        add(E_w_h_t_sum, E_D_a_h_t, E_w_h_t)  # (27)
        E_a_h.dot(ones, E_b_h)  # (28)

    def both(
        weights: Views, x: Array, t: Array, c: Array, s: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, t, c, s))
        gradient(weights, x, t, c, s, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


def weighted_functions(N: int, J: int, dtype: np.dtype[Any], a: float = a) -> Functions:
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    factor = array(a, dtype)
    factor_2 = array(-2.0*a, dtype)
    two = array(2.0, dtype)
    h_and_one = empty((J + 1, N), dtype)
    h_and_one[J].fill(1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_h = h_and_one[0:J]
    (
        a_h_2, D_h_t, D_h_x, D_D_h_x_x, E_D_D_h_x_x, E_D_h_x_1, E_D_h_x, E_D_a_h_x_part,
    ) = (empty((J, N), dtype) for _ in range(8))
    h = a_h  # the same memory
    u, D_u_t, D_D_u_x_x, L, E_D_u_t = (empty((N,), dtype) for _ in range(5))
    D_a_h_t, D_a_h_x, E_D_a_h_t, E_w_u_sum_2, E_w_u_sum_3 = (empty((J,), dtype) for _ in range(5))
    D_h_t_1 = a_h_2  # the same memory
    D_D_h_x_x_1 = E_D_a_h_x_sum = E_D_a_h_t  # the same memory
    L_1 = u  # the same memory
    L_4 = E_D_D_u_x_x = D_D_u_x_x  # the same memory
    L_5 = D_u_t  # the same memory
    E_L = E_u = L  # the same memory
    E_D_a_h_x_part_2_1 = E_D_h_t = E_h_2 = E_D_D_h_x_x  # the same memory
    E_D_a_h_t_part = E_D_a_h_x_part  # the same memory
    E_h = E_a_h = D_D_h_x_x  # the same memory
    E_h_6 = E_D_h_x  # the same memory
    E_h_11 = E_D_h_x_1  # the same memory
    E_w_h_x_sum = E_w_h_t_sum = D_a_h_x  # the same memory
    D_a_h_t_column = D_a_h_t[:, None]
    D_a_h_x_column = D_a_h_x[:, None]
    D_D_h_x_x_1_column = D_D_h_x_x_1[:, None]
    E_D_D_u_x_x_row = E_D_D_u_x_x[None, :]
    E_D_u_t_row = E_D_u_t[None, :]
    h_T = h.T
    D_h_t_T = D_h_t.T
    D_D_h_x_x_T = D_D_h_x_x.T
    E_u_row = E_u[None, :]

    def predict(weights: Views, x: Array, t: Array, c: Array, s2: Array) -> Any:
        w_h_x, w_h_t, w_u, w_u_and_b_u, w_h_x_column, w_h_t_column, b_h_column, w_u_column = weights
        x_row = x[None, :]
        t_row = t[None, :]
        w_h_x_column.dot(x_row, a_h)  # (1)
        w_h_t_column.dot(t_row, a_h_2)  # (1)
        add(a_h, a_h_2, a_h)  # (1)
        copyto(a_h_2, b_h_column)  # (1)
        add(a_h, a_h_2, a_h)  # (1)
        tanh(a_h, h)  # (2)
        w_u_and_b_u.dot(h_and_one, u)  # (3)
        return u

    def value(weights: Views, x: Array, t: Array, c: Array, s2: Array, s: Array) -> Any:
        predict(weights, x, t, c, s2)
        w_h_x, w_h_t, w_u, w_u_and_b_u, w_h_x_column, w_h_t_column, b_h_column, w_u_column = weights
        copyto(D_a_h_t, w_h_t)  # (4)
        multiply(h, h, D_h_t_1)  # (5)
        subtract(one, D_h_t_1, D_h_t_1)  # (5)
        multiply(D_a_h_t_column, D_h_t_1, D_h_t)  # (5)
        w_u.dot(D_h_t, D_u_t)  # (6)
        copyto(D_a_h_x, w_h_x)  # (7)
        multiply(D_a_h_x_column, D_h_t_1, D_h_x)  # (8)
        multiply(D_a_h_x, minus_two, D_D_h_x_x_1)  # (9)
        multiply(D_D_h_x_x_1_column, h, D_D_h_x_x)  # (9)
        multiply(D_D_h_x_x, D_h_x, D_D_h_x_x)  # (9)
        w_u.dot(D_D_h_x_x, D_D_u_x_x)  # (10)
        subtract(s, u, L_1)  # (11)
        multiply(L_1, L_1, L)  # (11)
        multiply(c, L, L)  # (11)
        multiply(D_D_u_x_x, factor, L_4)  # (11)
        subtract(D_u_t, L_4, L_5)  # (11)
        multiply(L_5, L_5, L_4)  # (11)
        add(L, L_4, L)  # (11)
        Q = s2.dot(L)  # (12)
        return Q

    def gradient(weights: Views, x: Array, t: Array, c: Array, s2: Array, s: Array, slopes: Views) -> None:
        w_h_x, w_h_t, w_u, w_u_and_b_u, w_h_x_column, w_h_t_column, b_h_column, w_u_column = weights
        E_w_h_x, E_w_h_t, E_b_h, E_w_u, E_b_u = slopes
        copyto(E_L, s2)  # (13)
        multiply(E_L, factor_2, E_D_D_u_x_x)  # (14)
        multiply(E_D_D_u_x_x, L_5, E_D_D_u_x_x)  # (14)
        w_u_column.dot(E_D_D_u_x_x_row, E_D_D_h_x_x)  # (15)
        multiply(E_D_D_h_x_x, minus_two, E_D_h_x_1)  # (16)
        multiply(E_D_h_x_1, h, E_D_h_x)  # (16)
        multiply(E_D_h_x, D_a_h_x_column, E_D_h_x)  # (16)
        multiply(E_D_h_x, D_h_t_1, E_D_a_h_x_part)  # (17)
        E_D_a_h_x_part.dot(ones, E_D_a_h_x_sum)  # (17)
        multiply(E_D_D_h_x_x, h, E_D_a_h_x_part_2_1)  # (17)
        multiply(E_D_a_h_x_part_2_1, D_h_x, E_D_a_h_x_part_2_1)  # (17)
        E_D_a_h_x_part_2_1.dot(ones, E_w_h_x)  # (17)
        multiply(E_w_h_x, minus_two, E_w_h_x)  # (17)
        add(E_w_h_x, E_D_a_h_x_sum, E_w_h_x)  # (17)
        multiply(E_L, two, E_D_u_t)  # (18)
        multiply(E_D_u_t, L_5, E_D_u_t)  # (18)
        w_u_column.dot(E_D_u_t_row, E_D_h_t)  # (19)
        multiply(E_D_h_t, D_h_t_1, E_D_a_h_t_part)  # (20)
        E_D_a_h_t_part.dot(ones, E_D_a_h_t)  # (20)
        multiply(E_L, minus_two, E_u)  # (21)
        multiply(E_u, c, E_u)  # (21)
        multiply(E_u, L_1, E_u)  # (21)
        E_u.dot(h_T, E_w_u)  # (22)
        E_D_u_t.dot(D_h_t_T, E_w_u_sum_2)  # (22)
        E_D_D_u_x_x.dot(D_D_h_x_x_T, E_w_u_sum_3)  # (22)
        add(E_w_u, E_w_u_sum_2, E_w_u)  # (22)
        add(E_w_u, E_w_u_sum_3, E_w_u)  # (22)
        E_u.dot(ones, E_b_u)  # (23)
        w_u_column.dot(E_u_row, E_h)  # (24)
        multiply(E_D_h_t, minus_two, E_h_2)  # (24)
        multiply(E_h_2, h, E_h_2)  # (24)
        multiply(E_h_2, D_a_h_t_column, E_h_2)  # (24)
        add(E_h, E_h_2, E_h)  # (24)
        multiply(E_D_h_x, minus_two, E_h_6)  # (24)
        multiply(E_h_6, h, E_h_6)  # (24)
        multiply(E_h_6, D_a_h_x_column, E_h_6)  # (24)
        add(E_h, E_h_6, E_h)  # (24)
        multiply(E_D_h_x_1, D_h_x, E_h_11)  # (24)
        multiply(E_h_11, D_a_h_x_column, E_h_11)  # (24)
        add(E_h, E_h_11, E_h)  # (24)
        multiply(E_h, D_h_t_1, E_a_h)  # (25)
        E_a_h.dot(x, E_w_h_x_sum)  # (26)
        add(E_w_h_x_sum, E_w_h_x, E_w_h_x)  # (26)
        E_a_h.dot(t, E_w_h_t_sum)  # (27)
        add(E_w_h_t_sum, E_D_a_h_t, E_w_h_t)  # (27)
        E_a_h.dot(ones, E_b_h)  # (28)

    def both(
        weights: Views, x: Array, t: Array, c: Array, s2: Array, s: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, t, c, s2, s))
        gradient(weights, x, t, c, s2, s, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_h", "b_u"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    domains=domains,
    own_loss=True,
    numbers={"a": 0.1},
)


class Objective(BaseObjective):
    """Q(w) of physics_informed: ``Objective(J=5)``."""

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
    """Finds weights that make Q of physics_informed small: ``Trainer(epochs=20, J=5).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
