"""recurrent: Q(w) and its gradient, in NumPy alone.

    recurrent
      x : T x D                                                                      input
      s : T x J = tanh(Sum(w_x[j,d]*x[i,t,d], d) + Sum(w_s[j,k]*s[i,t-1,k], k) + b[j])
      p : 1 = Sum(w_p[j]*s[i,T-1,j], j) + b_p                                        output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec d81791220575ef04, for float64; not to be edited.
Operations  4*N*D*J*T + 2*N*J*J*T + 5*N*J*T + 2*N*(J + 1) + 3*N*J + 8*N   for Q and its gradient
Workspace   8*(T*N*D + 4*T*N*J + (J + 1)*N + N*J + T*N + 3*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, multiply, subtract, tanh, zeros

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly, window,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "recurrent"
SPEC_HASH = "d81791220575ef0414e3078e44959200d228b7ebdd6ed1adf95b7f8d06c580fd"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"T": 3, "D": 2, "J": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) before_s[i, t, j] = [0 <= t - 1 < T]*s[i, t - 1, j]
#     (2) a_s[i, t, j] = Sum(w_x[j, d]*x[i, t, d], d) + Sum(w_s[j, k]*before_s[i, t, k], k) + b[j]
#     (3) s[i, t, j] = tanh(a_s[i, t, j])
#     (4) p[i] = Sum(w_p[j]*s[i, T - 1, j], j) + b_p
#     (5) L[i] = (y[i] - p[i])**2
#     (6) Q = Sum(s2[i]*L[i], i)
#     (7) E_L[i] = s2[i]
#     (8) E_p[i] = -2*E_L[i]*(y[i] - p[i])
#     (9) E_w_p[j] = Sum(E_p[i]*s[i, T - 1, j], i)
#     (10) E_b_p = Sum(E_p[i], i)
#     (11) E_s[i, t, j] = E_before_s[i, t + 1, j]*[0 <= t + 1 < T] + E_p[i]*w_p[j]*delta[T - 1, t]
#     (12) E_a_s[i, t, j] = E_s[i, t, j]*(1 - s[i, t, j]**2)
#     (13) E_w_x[j, d] = Sum(Sum(E_a_s[i, t, j]*x[i, t, d], t), i)
#     (14) E_w_s[j, k] = Sum(Sum(E_a_s[i, t, j]*before_s[i, t, k], t), i)
#     (15) E_b[j] = Sum(Sum(E_a_s[i, t, j], t), i)
#     (16) E_before_s[i, t, j] = Sum(E_a_s[i, t, s]*w_s[s, j], s)


def plain(w_x: Array, w_s: Array, b: Array, w_p: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_x (J, D); w_s (J, J); b (J,); w_p (J,); b_p a number; x (N, T, D); y (N,).
    """
    N, T, D = x.shape
    J = w_x.shape[0]
    x_steps = x.transpose(1, 0, 2)
    a_s_part = (x_steps.reshape(T*N, D) @ w_x.T).reshape(T, N, J) + b  # (2)
    s_rows = np.full((T + 1, N, J), 0.0)
    for t in range(T):
        a_s_t_sum = s_rows[t] @ w_s.T  # (2)
        a_s_t = a_s_part[t] + a_s_t_sum  # (2)
        s_rows[t + 1] = np.tanh(a_s_t)  # (3)
    before_s = s_rows[0:T]  # (1)
    s = s_rows[1:T + 1]  # (3)
    p_s_view = s[(T - 1), np.arange(N)[:, None], np.arange(J)[None, :]]  # (4)
    p = b_p + w_p @ p_s_view.T  # (4)
    L = (y - p)**2  # (5)
    Q = L.sum()  # (6)
    E_p = -2.0*(y - p)  # (8)
    E_w_p = E_p @ p_s_view  # (9)
    E_b_p = E_p.sum()  # (10)
    E_a_s_part = 1.0 - s**2  # (12)
    E_before_s_start = E_p[:, None]*w_p  # (11)
    E_a_s = np.full((T, N, J), 0.0)
    E_before_s_rows = np.full((T + 1, N, J), 0.0)
    E_before_s_rows[T:] = E_before_s_start
    for t_ in reversed(range(T)):
        E_a_s[t_] = E_a_s_part[t_]*E_before_s_rows[t_ + 1]  # (12)
        E_before_s_rows[t_] = E_a_s[t_] @ w_s  # (16)
    E_w_x = E_a_s.transpose(2, 0, 1).reshape(J, T*N) @ x_steps.reshape(T*N, D)  # (13)
    E_w_s = E_a_s.transpose(2, 0, 1).reshape(J, T*N) @ before_s.reshape(T*N, J)  # (14)
    E_b = E_a_s.sum((0, 1))  # (15)
    return Q, (E_w_x, E_w_s, E_b, E_w_p, E_b_p)


def shapes(T: int, D: int, J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_x": (J, D), "w_s": (J, J), "b": (J,), "w_p": (J,), "b_p": ()}


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
    w_x, w_s, b, w_p, b_p = (flat[part].reshape(shape) for part, shape in layout.values())
    w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    w_x_T = w_x.T
    w_s_T = w_s.T
    w_p_column = w_p[:, None]
    return w_s, b, w_p_and_b_p, w_x_T, w_s_T, w_p_column


def gradient_views(flat: Array, layout: Layout, T: int, D: int, J: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def weighted_functions(N: int, T: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    p_s_window_and_one = empty((J + 1, N), dtype)
    p_s_window_and_one[J].fill(1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    ones_2 = empty((T, N), dtype)
    ones_2.fill(1.0)
    x_steps = empty((T, N, D), dtype)
    a_s_part_sum = empty((T, N, J), dtype)
    E_a_s = empty((T, N, J), dtype)
    s_rows = zeros((T + 1, N, J), dtype)
    E_before_s_rows = zeros((T + 1, N, J), dtype)
    before_s = s_rows[0:T]
    s = s_rows[1:T + 1]
    p_s_window = p_s_window_and_one[0:J]
    p = empty((N,), dtype)
    L = empty((N,), dtype)
    L_1 = p  # the same memory
    E_L = E_p = L  # the same memory
    E_w_p_s_window = empty((N, J), dtype)
    E_a_s_part_1 = a_s_part_sum  # the same memory
    E_before_s_start = p_s_window  # the same memory
    p_s_view = window(s, (T - 1, 0, 0,), ((0, 1, 0,), (0, 0, 1,),), (N, J))
    x_steps_matrix = x_steps.reshape(T*N, D)
    a_s_part_sum_matrix = a_s_part_sum.reshape(T*N, J)
    p_s_view_T = p_s_view.T
    E_p_row = E_p[None, :]
    E_before_s_start_T = E_before_s_start.T
    E_a_s_matrix_T = E_a_s.reshape(T*N, J).T
    before_s_matrix = before_s.reshape(T*N, J)
    ones_2_flat = ones_2.reshape(T*N)
    steps_1 = tuple(zip(
        s_rows[0:T], a_s_part_sum, s_rows[1:T + 1],
    ))
    steps_2 = tuple(zip(
        E_before_s_rows[1:T + 1][::-1], E_a_s_part_1[::-1], E_a_s[::-1], E_before_s_rows[0:T][::-1],
    ))

    def predict(weights: Views, x: Array, s2: Array) -> Any:
        w_s, b, w_p_and_b_p, w_x_T, w_s_T, w_p_column = weights
        x_turned = x.transpose(1, 0, 2)
        copyto(x_steps, x_turned)
        x_steps_matrix.dot(w_x_T, a_s_part_sum_matrix)  # (2)
        add(a_s_part_sum, b, a_s_part_sum)  # (2)
        for before_s_t, a_s_part_t, s_t in steps_1:
            before_s_t.dot(w_s_T, s_t)  # (2)
            add(a_s_part_t, s_t, s_t)  # (2)
            tanh(s_t, s_t)  # (3)
        copyto(p_s_window, p_s_view_T)  # (4)
        w_p_and_b_p.dot(p_s_window_and_one, p)  # (4)
        return p

    def value(weights: Views, x: Array, s2: Array, y: Array) -> Any:
        predict(weights, x, s2)
        subtract(y, p, L_1)  # (5)
        multiply(L_1, L_1, L)  # (5)
        Q = s2.dot(L)  # (6)
        return Q

    def gradient(weights: Views, x: Array, s2: Array, y: Array, slopes: Views) -> None:
        w_s, b, w_p_and_b_p, w_x_T, w_s_T, w_p_column = weights
        E_w_x, E_w_s, E_b, E_w_p, E_b_p = slopes
        copyto(E_L, s2)  # (7)
        multiply(E_L, minus_two, E_p)  # (8)
        multiply(E_p, L_1, E_p)  # (8)
        copyto(E_w_p_s_window, p_s_view)  # (9)
        E_p.dot(E_w_p_s_window, E_w_p)  # (9)
        E_p.dot(ones, E_b_p)  # (10)
        multiply(s, s, E_a_s_part_1)  # (12)
        subtract(one, E_a_s_part_1, E_a_s_part_1)  # (12)
        w_p_column.dot(E_p_row, E_before_s_start)  # (11)
        copyto(E_before_s_rows[T:], E_before_s_start_T)
        for E_s_t, E_a_s_part_t, E_a_s_t, E_before_s_t in steps_2:
            multiply(E_a_s_part_t, E_s_t, E_a_s_t)  # (12)
            E_a_s_t.dot(w_s, E_before_s_t)  # (16)
        E_a_s_matrix_T.dot(x_steps_matrix, E_w_x)  # (13)
        E_a_s_matrix_T.dot(before_s_matrix, E_w_s)  # (14)
        E_a_s_matrix_T.dot(ones_2_flat, E_b)  # (15)

    def both(
        weights: Views, x: Array, s2: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s2, y))
        gradient(weights, x, s2, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


def functions(N: int, T: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The same where every sample has the weight 1."""
    predict, value, both = weighted_functions(N, T, D, J, dtype)
    s2 = np.ones(N, dtype)

    def predict_all(weights: Views, x: Array) -> Any:
        return predict(weights, x, s2)

    def value_of_all(weights: Views, x: Array, y: Array) -> Any:
        return value(weights, x, s2, y)

    def both_of_all(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> Any:
        return both(weights, x, s2, y, slopes, shown)

    return predict_all, value_of_all, both_of_all


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
)


class Objective(BaseObjective):
    """Q(w) of recurrent: ``Objective(T=3, D=2, J=3)``."""

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
    """Finds weights that make Q of recurrent small: ``Trainer(epochs=20, T=3, D=2, J=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
