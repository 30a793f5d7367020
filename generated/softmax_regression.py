"""softmax_regression: Q(w) and its gradient, in NumPy alone.

    softmax_regression
      x : D                          input
      p : K = softmax(w x + b_p)     output
      cross_entropy loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 142a7427a5c946f2, for float64; not to be edited.
Operations  4*N*D*K + 12*N*K + 4*N   for Q and its gradient
Workspace   8*(3*K*N + K + 3*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, copyto, empty, exp, log, maximum, multiply, reciprocal, subtract

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "softmax_regression"
SPEC_HASH = "142a7427a5c946f226e2707dbb5e6038ca056e79bd4304f78d30ec1a8636f954"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 4, "K": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_p[i, k] = Sum(w[k, d]*x[i, d], d) + b_p[k]
#     (2) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, m]), m)**(-1)
#     (3) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
#     (4) Q = Sum(L[i], i)
#     (7) E_a_p[i, k] = p[i, k] - y[i, k]
#     (8) E_w[k, d] = Sum(E_a_p[i, k]*x[i, d], i)
#     (9) E_b_p[k] = Sum(E_a_p[i, k], i)
# With a weight for each sample:
#     (4) Q = Sum(s[i]*L[i], i)
#     (5) E_L[i] = s[i]
#     (7) E_a_p[i, k] = E_L[i]*(p[i, k] - y[i, k])


def plain(w_: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_ (K, D); b_p (K,); x (N, D); y (N, K).
    """
    a_p = x @ w_.T + b_p  # (1)
    p_max = a_p.max(1)  # (2)
    p_shifted = a_p - p_max[:, None]  # (2)
    p_part = np.exp(p_shifted)  # (2)
    p_sum = p_part.sum(1)  # (2)
    p_part_2 = 1.0 / p_sum  # (2)
    p = np.exp(p_shifted)*p_part_2[:, None]  # (2)
    L_part = y*p_shifted  # (3)
    L = -(L_part.sum(1) - np.log(p_sum))  # (3)
    Q = L.sum()  # (4)
    E_a_p = p - y  # (7)
    E_w = E_a_p.T @ x  # (8)
    E_b_p = E_a_p.sum(0)  # (9)
    return Q, (E_w, E_b_p)


def shapes(D: int, K: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w": (K, D), "b_p": (K,)}


def plain_shapes(D: int, K: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(D, K).values())


def sample_shapes(D: int, K: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None, K)


def witnesses(flat: Array, layout: Layout, D: int, K: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w"][0]].reshape((K, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, K: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_ = flat[layout["w"][0]].reshape((K, D))
    b_p = flat[layout["b_p"][0]].reshape((K,))
    b_p_column = b_p[:, None]
    return w_, b_p_column


def gradient_views(flat: Array, layout: Layout, D: int, K: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def functions(N: int, D: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_p, p, y_arranged = (empty((K, N), dtype) for _ in range(3))
    a_p_spread = E_a_p = p  # the same memory
    p_max = empty((N,), dtype)
    p_part_2 = empty((N,), dtype)
    p_shifted = a_p  # the same memory
    L_1 = p_max  # the same memory
    p_T = p.T
    y_arranged_flat = y_arranged.reshape(K*N)
    p_shifted_flat = p_shifted.reshape(K*N)

    def predict(weights: Views, x: Array) -> Any:
        w_, b_p_column = weights
        x_T = x.T
        w_.dot(x_T, a_p)  # (1)
        copyto(a_p_spread, b_p_column)  # (1)
        add(a_p, a_p_spread, a_p)  # (1)
        maximum.reduce(a_p, 0, out=p_max)  # (2)
        subtract(a_p, p_max, p_shifted)  # (2)
        exp(p_shifted, p)  # (2)
        p_T.dot(ones, p_max)  # (2)
        reciprocal(p_max, p_part_2)  # (2)
        multiply(p_part_2, p, p)  # (2)
        return p.T

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        y_T = y.T
        log(p_max, L_1)  # (3)
        copyto(y_arranged, y_T)  # (3), (4)
        Q_sum = y_arranged_flat.dot(p_shifted_flat)  # (3), (4)
        Q_sum_3 = L_1.dot(ones_2)  # (3), (4)
        Q = -(Q_sum - Q_sum_3)  # (3), (4)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        E_w, E_b_p = slopes
        subtract(p, y_arranged, E_a_p)  # (7)
        E_a_p.dot(x, E_w)  # (8)
        E_a_p.dot(ones_2, E_b_p)  # (9)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_p = empty((K, N), dtype)
    p = empty((K, N), dtype)
    a_p_spread = E_a_p = p  # the same memory
    L = empty((N,), dtype)
    p_part_2 = empty((N,), dtype)
    p_max = E_L = L  # the same memory
    p_shifted = L_part = a_p  # the same memory
    L_sum = p_part_2  # the same memory
    p_T = p.T
    L_part_T = L_part.T

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_, b_p_column = weights
        x_T = x.T
        w_.dot(x_T, a_p)  # (1)
        copyto(a_p_spread, b_p_column)  # (1)
        add(a_p, a_p_spread, a_p)  # (1)
        maximum.reduce(a_p, 0, out=p_max)  # (2)
        subtract(a_p, p_max, p_shifted)  # (2)
        exp(p_shifted, p)  # (2)
        p_T.dot(ones, p_max)  # (2)
        reciprocal(p_max, p_part_2)  # (2)
        multiply(p_part_2, p, p)  # (2)
        return p.T

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        y_T = y.T
        multiply(y_T, p_shifted, L_part)  # (3)
        L_part_T.dot(ones, L_sum)  # (3)
        log(p_max, L)  # (3)
        subtract(L, L_sum, L)  # (3)
        Q = s.dot(L)  # (4)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        E_w, E_b_p = slopes
        y_T = y.T
        copyto(E_L, s)  # (5)
        subtract(p, y_T, E_a_p)  # (7)
        multiply(E_L, E_a_p, E_a_p)  # (7)
        E_a_p.dot(x, E_w)  # (8)
        E_a_p.dot(ones_2, E_b_p)  # (9)

    def both(
        weights: Views, x: Array, s: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s, y))
        gradient(weights, x, s, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_p",),
    target="sums_to_one", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
)


class Objective(BaseObjective):
    """Q(w) of softmax_regression: ``Objective(D=4, K=3)``."""

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
    """Finds weights that make Q of softmax_regression small: ``Trainer(epochs=20, D=4, K=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
