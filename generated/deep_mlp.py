"""deep_mlp: Q(w) and its gradient, in NumPy alone.

    deep_mlp
      x : D                                                      input
      e : J = tanh(w_e x + b_e)
      z : M x J = tanh(Sum(w[l,j,k]*z[i,l-1,k], k) + b[l,j])
      p : 1 = Sum(w_p[j]*z[i,M-1,j], j) + b_p                    output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 76c3c698a43b38c1, for float64; not to be edited.
Operations  2*N*J*J*M + 4*N*D*J + 3*N*J*M + 2*N*(J + 1) + 10*N*J + 8*N   for Q and its gradient
Workspace   8*(5*M*N*J + (J + 1)*N + J*N + N*J + 3*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, matmul, multiply, subtract, tanh, zeros

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly, window,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "deep_mlp"
SPEC_HASH = "76c3c698a43b38c1a1814aa9562bb0b800a93d6c3f84df929803c3ede9f4c8b1"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 2, "J": 3, "M": 4}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_e[i, j] = Sum(w_e[j, d]*x[i, d], d) + b_e[j]
#     (2) e[i, j] = tanh(a_e[i, j])
#     (3) before_z[i, l, j] = [0 <= l - 1 < M]*z[i, l - 1, j] + delta[l, 0]*e[i, j]
#     (4) a_z[i, l, j] = Sum(w[l, j, k]*before_z[i, l, k], k) + b[l, j]
#     (5) z[i, l, j] = tanh(a_z[i, l, j])
#     (6) p[i] = Sum(w_p[j]*z[i, M - 1, j], j) + b_p
#     (7) L[i] = (y[i] - p[i])**2
#     (8) Q = Sum(s[i]*L[i], i)
#     (9) E_L[i] = s[i]
#     (10) E_p[i] = -2*E_L[i]*(y[i] - p[i])
#     (11) E_w_p[j] = Sum(E_p[i]*z[i, M - 1, j], i)
#     (12) E_b_p = Sum(E_p[i], i)
#     (13) E_z[i, l, j] = E_before_z[i, l + 1, j]*[0 <= l + 1 < M] + E_p[i]*w_p[j]*delta[M - 1, l]
#     (14) E_a_z[i, l, j] = E_z[i, l, j]*(1 - z[i, l, j]**2)
#     (15) E_w[l, j, k] = Sum(E_a_z[i, l, j]*before_z[i, l, k], i)
#     (16) E_b[l, j] = Sum(E_a_z[i, l, j], i)
#     (17) E_before_z[i, l, j] = Sum(E_a_z[i, l, s]*w[l, s, j], s)
#     (18) E_e[i, j] = E_before_z[i, 0, j]
#     (19) E_a_e[i, j] = E_e[i, j]*(1 - e[i, j]**2)
#     (20) E_w_e[j, d] = Sum(E_a_e[i, j]*x[i, d], i)
#     (21) E_b_e[j] = Sum(E_a_e[i, j], i)


def plain(
    w_e: Array, b_e: Array, w_: Array, b: Array, w_p: Array, b_p: Array, x: Array, y: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_e (J, D); b_e (J,); w_ (M, J, J); b (M, J); w_p (J,); b_p a number; x (N, D); y (N,).
    """
    M, J = b.shape
    N = x.shape[0]
    a_e = x @ w_e.T + b_e  # (1)
    e = np.tanh(a_e)  # (2)
    z_rows = np.full((M + 1, N, J), 0.0)
    z_rows[:1] = e
    for l in range(M):
        a_z_l_sum = z_rows[l] @ w_[l].T  # (4)
        a_z_l = b[l] + a_z_l_sum  # (4)
        z_rows[l + 1] = np.tanh(a_z_l)  # (5)
    before_z = z_rows[0:M]  # (3)
    z = z_rows[1:M + 1]  # (5)
    p_z_view = z[(M - 1), np.arange(N)[:, None], np.arange(J)[None, :]]  # (6)
    p = b_p + w_p @ p_z_view.T  # (6)
    L = (y - p)**2  # (7)
    Q = L.sum()  # (8)
    E_p = -2.0*(y - p)  # (10)
    E_w_p = E_p @ p_z_view  # (11)
    E_b_p = E_p.sum()  # (12)
    E_a_z_part = 1.0 - z**2  # (14)
    E_before_z_start = E_p[:, None]*w_p  # (13)
    E_a_z = np.full((M, N, J), 0.0)
    E_before_z_rows = np.full((M + 1, N, J), 0.0)
    E_before_z_rows[M:] = E_before_z_start
    for l_ in reversed(range(M)):
        E_a_z[l_] = E_a_z_part[l_]*E_before_z_rows[l_ + 1]  # (14)
        E_before_z_rows[l_] = E_a_z[l_] @ w_[l_]  # (17)
    E_before_z = E_before_z_rows[0:M]  # (17)
    E_w = E_a_z.transpose(0, 2, 1) @ before_z  # (15)
    E_b = E_a_z.sum(1)  # (16)
    E_e_E_before_z_view = E_before_z[0, np.arange(N)[:, None], np.arange(J)[None, :]]  # (18)
    E_e = E_e_E_before_z_view  # (18)
    E_a_e = E_e*(1.0 - e**2)  # (19)
    E_w_e = E_a_e.T @ x  # (20)
    E_b_e = E_a_e.sum(0)  # (21)
    return Q, (E_w_e, E_b_e, E_w, E_b, E_w_p, E_b_p)


def shapes(D: int, J: int, M: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_e": (J, D), "b_e": (J,), "w": (M, J, J), "b": (M, J), "w_p": (J,), "b_p": ()}


def plain_shapes(D: int, J: int, M: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(D, J, M).values())


def sample_shapes(D: int, J: int, M: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None,)


def witnesses(flat: Array, layout: Layout, D: int, J: int, M: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_e"][0]].reshape((J, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int, M: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_e, b_e, w_, b, w_p, b_p = (flat[part].reshape(shape) for part, shape in layout.values())
    w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    b_e_column = b_e[:, None]
    w_p_column = w_p[:, None]
    return w_e, w_, b, w_p_and_b_p, b_e_column, w_p_column


def gradient_views(flat: Array, layout: Layout, D: int, J: int, M: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def weighted_functions(N: int, D: int, J: int, M: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    p_z_window_and_one = empty((J + 1, N), dtype)
    p_z_window_and_one[J].fill(1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_e = empty((J, N), dtype)
    E_e = p_z_window_and_one[0:J]
    a_e_spread = p_z_window = E_before_z_start = E_a_e = E_e  # the same memory
    e = E_a_e_1 = a_e  # the same memory
    z_rows = zeros((M + 1, N, J), dtype)
    E_before_z_rows = zeros((M + 1, N, J), dtype)
    before_z = z_rows[0:M]
    z = z_rows[1:M + 1]
    p = empty((N,), dtype)
    L = empty((N,), dtype)
    L_1 = p  # the same memory
    E_L = E_p = L  # the same memory
    E_w_p_z_window = empty((N, J), dtype)
    E_a_z_part_1 = empty((M, N, J), dtype)
    E_a_z = empty((M, N, J), dtype)
    E_before_z = E_before_z_rows[0:M]
    p_z_view = window(z, (M - 1, 0, 0,), ((0, 1, 0,), (0, 0, 1,),), (N, J))
    E_e_E_before_z_view = window(E_before_z, (0, 0, 0,), ((0, 1, 0,), (0, 0, 1,),), (N, J))
    e_T = e.T
    p_z_view_T = p_z_view.T
    E_p_row = E_p[None, :]
    E_before_z_start_T = E_before_z_start.T
    E_a_z_turned = E_a_z.transpose(0, 2, 1)
    E_e_E_before_z_view_T = E_e_E_before_z_view.T
    steps_1 = tuple(zip(
        z_rows[0:M], z_rows[1:M + 1],
    ))
    steps_2 = tuple(zip(
        E_before_z_rows[1:M + 1][::-1], E_a_z_part_1[::-1], E_a_z[::-1], E_before_z_rows[0:M][::-1],
    ))

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_e, w_, b, w_p_and_b_p, b_e_column, w_p_column = weights
        x_T = x.T
        w_e.dot(x_T, a_e)  # (1)
        copyto(a_e_spread, b_e_column)  # (1)
        add(a_e, a_e_spread, a_e)  # (1)
        tanh(a_e, e)  # (2)
        copyto(z_rows[:1], e_T)
        for (before_z_l, z_l), w_l, b_l in zip(steps_1, w_, b):
            w_l_T = w_l.T
            before_z_l.dot(w_l_T, z_l)  # (4)
            add(b_l, z_l, z_l)  # (4)
            tanh(z_l, z_l)  # (5)
        copyto(p_z_window, p_z_view_T)  # (6)
        w_p_and_b_p.dot(p_z_window_and_one, p)  # (6)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        subtract(y, p, L_1)  # (7)
        multiply(L_1, L_1, L)  # (7)
        Q = s.dot(L)  # (8)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_e, w_, b, w_p_and_b_p, b_e_column, w_p_column = weights
        E_w_e, E_b_e, E_w, E_b, E_w_p, E_b_p = slopes
        copyto(E_L, s)  # (9)
        multiply(E_L, minus_two, E_p)  # (10)
        multiply(E_p, L_1, E_p)  # (10)
        copyto(E_w_p_z_window, p_z_view)  # (11)
        E_p.dot(E_w_p_z_window, E_w_p)  # (11)
        E_p.dot(ones, E_b_p)  # (12)
        multiply(z, z, E_a_z_part_1)  # (14)
        subtract(one, E_a_z_part_1, E_a_z_part_1)  # (14)
        w_p_column.dot(E_p_row, E_before_z_start)  # (13)
        copyto(E_before_z_rows[M:], E_before_z_start_T)
        for (E_z_l, E_a_z_part_l, E_a_z_l, E_before_z_l), w_l_2 in zip(steps_2, w_[::-1]):
            multiply(E_a_z_part_l, E_z_l, E_a_z_l)  # (14)
            E_a_z_l.dot(w_l_2, E_before_z_l)  # (17)
        matmul(E_a_z_turned, before_z, E_w)  # (15)
        add.reduce(E_a_z, 1, out=E_b)  # (16)
        copyto(E_e, E_e_E_before_z_view_T)  # (18)
        multiply(e, e, E_a_e_1)  # (19)
        subtract(one, E_a_e_1, E_a_e_1)  # (19)
        multiply(E_e, E_a_e_1, E_a_e)  # (19)
        E_a_e.dot(x, E_w_e)  # (20)
        E_a_e.dot(ones, E_b_e)  # (21)

    def both(
        weights: Views, x: Array, s: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s, y))
        gradient(weights, x, s, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


def functions(N: int, D: int, J: int, M: int, dtype: np.dtype[Any]) -> Functions:
    """The same where every sample has the weight 1."""
    predict, value, both = weighted_functions(N, D, J, M, dtype)
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
    biases=("b_e", "b", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
)


class Objective(BaseObjective):
    """Q(w) of deep_mlp: ``Objective(D=2, J=3, M=4)``."""

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
    """Finds weights that make Q of deep_mlp small: ``Trainer(epochs=20, D=2, J=3, M=4).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
