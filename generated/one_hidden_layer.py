"""one_hidden_layer: Q(w) and its gradient, in NumPy alone.

    one_hidden_layer
      x : D                            input
      z : J = sigmoid(w_1 x + b_z)
      p : 1 = sigmoid(w_2 z + b_p)     output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec a2004a50981fd396, for float64; not to be edited.
Operations  4*N*D*J + 4*N*(J + 1) + 11*N*J + 11*N   for Q and its gradient
Workspace   8*((J + 1)*N + J*N + 4*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, exp, multiply, negative, reciprocal, subtract

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly, spread,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "one_hidden_layer"
SPEC_HASH = "a2004a50981fd39683596fec79f1b635a3378057a1cde491f5a6f05f026897bd"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 3, "J": 4}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_z[i, j] = Sum(w_1[j, d]*x[i, d], d) + b_z[j]
#     (2) z[i, j] = sigmoid(a_z[i, j])
#     (3) a_p[i] = Sum(w_2[j]*z[i, j], j) + b_p
#     (4) p[i] = sigmoid(a_p[i])
#     (5) L[i] = (y[i] - p[i])**2
#     (6) Q = Sum(L[i], i)
#     (8) E_p[i] = -2*(y[i] - p[i])
#     (9) E_a_p[i] = E_p[i]*p[i]*(1 - p[i])
#     (10) E_w_2[j] = Sum(E_a_p[i]*z[i, j], i)
#     (11) E_b_p = Sum(E_a_p[i], i)
#     (12) E_z[i, j] = E_a_p[i]*w_2[j]
#     (13) E_a_z[i, j] = E_z[i, j]*z[i, j]*(1 - z[i, j])
#     (14) E_w_1[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
#     (15) E_b_z[j] = Sum(E_a_z[i, j], i)
# With a weight for each sample:
#     (6) Q = Sum(s[i]*L[i], i)
#     (7) E_L[i] = s[i]
#     (8) E_p[i] = -2*E_L[i]*(y[i] - p[i])


def plain(w_1: Array, b_z: Array, w_2: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_1 (J, D); b_z (J,); w_2 (J,); b_p a number; x (N, D); y (N,).
    """
    a_z = x @ w_1.T + b_z  # (1)
    z = 1.0 / (1.0 + np.exp(-a_z))  # (2)
    a_p = b_p + w_2 @ z.T  # (3)
    p = 1.0 / (1.0 + np.exp(-a_p))  # (4)
    L = (y - p)**2  # (5)
    Q = L.sum()  # (6)
    E_p = -2.0*(y - p)  # (8)
    E_a_p = E_p*p*(1.0 - p)  # (9)
    E_w_2 = E_a_p @ z  # (10)
    E_b_p = E_a_p.sum()  # (11)
    E_z = E_a_p[:, None]*w_2  # (12)
    E_a_z = E_z*z*(1.0 - z)  # (13)
    E_w_1 = E_a_z.T @ x  # (14)
    E_b_z = E_a_z.sum(0)  # (15)
    return Q, (E_w_1, E_b_z, E_w_2, E_b_p)


def shapes(D: int, J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_1": (J, D), "b_z": (J,), "w_2": (1, J), "b_p": (1,)}


def plain_shapes(D: int, J: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (J, D),
        (J,),
        (J,),
        (),
    )


def sample_shapes(D: int, J: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None,)


def witnesses(flat: Array, layout: Layout, D: int, J: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_1"][0]].reshape((J, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_1 = flat[layout["w_1"][0]].reshape((J, D))
    b_z = flat[layout["b_z"][0]].reshape((J,))
    w_2 = flat[layout["w_2"][0]].reshape((J,))
    b_p = flat[layout["b_p"][0]].reshape(())
    w_2_and_b_p = flat[layout["w_2"][0].start : layout["b_p"][0].stop]
    b_z_column = b_z[:, None]
    w_2_column = w_2[:, None]
    return w_1, w_2_and_b_p, b_z_column, w_2_column


def gradient_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w_1 = flat[layout["w_1"][0]].reshape((J, D))
    E_b_z = flat[layout["b_z"][0]].reshape((J,))
    E_w_2_and_b_p = flat[layout["w_2"][0].start : layout["b_p"][0].stop]
    return E_w_1, E_b_z, E_w_2_and_b_p


def functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    z_and_one = empty((J + 1, N), dtype)
    z_and_one[J].fill(1.0)
    minus_ones = empty((N,), dtype)
    minus_ones.fill(-1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    E_z = empty((J, N), dtype)
    a_z_sum = E_a_z = E_z  # the same memory
    z = z_and_one[0:J]
    a_p = empty((N,), dtype)
    E_p = empty((N,), dtype)
    p = E_a_p_2 = a_p  # the same memory
    L_1 = E_a_p = E_p  # the same memory
    E_a_z_2 = z  # the same memory
    minus_ones_row = minus_ones[None, :]
    z_and_one_T = z_and_one.T
    E_a_p_row = E_a_p[None, :]

    def predict(weights: Views, x: Array) -> Any:
        w_1, w_2_and_b_p, b_z_column, w_2_column = weights
        x_T = x.T
        w_1.dot(x_T, a_z_sum)  # (1)
        spread(b_z_column, minus_ones_row, z)  # (1), (2)
        subtract(z, a_z_sum, z)  # (1), (2)
        exp(z, z)  # (1), (2)
        add(z, one, z)  # (1), (2)
        reciprocal(z, z)  # (1), (2)
        w_2_and_b_p.dot(z_and_one, a_p)  # (3)
        negative(a_p, p)  # (4)
        exp(p, p)  # (4)
        add(p, one, p)  # (4)
        reciprocal(p, p)  # (4)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        subtract(y, p, L_1)  # (5)
        Q = L_1.dot(L_1)  # (5), (6)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_1, w_2_and_b_p, b_z_column, w_2_column = weights
        E_w_1, E_b_z, E_w_2_and_b_p = slopes
        multiply(minus_two, L_1, E_p)  # (8)
        multiply(E_p, p, E_a_p)  # (9)
        subtract(one, p, E_a_p_2)  # (9)
        multiply(E_a_p, E_a_p_2, E_a_p)  # (9)
        E_a_p.dot(z_and_one_T, E_w_2_and_b_p)  # (10), (11)
        w_2_column.dot(E_a_p_row, E_z)  # (12)
        multiply(E_z, z, E_a_z)  # (13)
        subtract(one, z, E_a_z_2)  # (13)
        multiply(E_a_z, E_a_z_2, E_a_z)  # (13)
        E_a_z.dot(x, E_w_1)  # (14)
        E_a_z.dot(ones, E_b_z)  # (15)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    z_and_one = empty((J + 1, N), dtype)
    z_and_one[J].fill(1.0)
    minus_ones = empty((N,), dtype)
    minus_ones.fill(-1.0)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    E_z = empty((J, N), dtype)
    a_z_sum = E_a_z = E_z  # the same memory
    z = z_and_one[0:J]
    a_p, L_1, L = (empty((N,), dtype) for _ in range(3))
    p = E_a_p_2 = a_p  # the same memory
    E_L = E_p = E_a_p = L  # the same memory
    E_a_z_2 = z  # the same memory
    minus_ones_row = minus_ones[None, :]
    z_and_one_T = z_and_one.T
    E_a_p_row = E_a_p[None, :]

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_1, w_2_and_b_p, b_z_column, w_2_column = weights
        x_T = x.T
        w_1.dot(x_T, a_z_sum)  # (1)
        spread(b_z_column, minus_ones_row, z)  # (1), (2)
        subtract(z, a_z_sum, z)  # (1), (2)
        exp(z, z)  # (1), (2)
        add(z, one, z)  # (1), (2)
        reciprocal(z, z)  # (1), (2)
        w_2_and_b_p.dot(z_and_one, a_p)  # (3)
        negative(a_p, p)  # (4)
        exp(p, p)  # (4)
        add(p, one, p)  # (4)
        reciprocal(p, p)  # (4)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        subtract(y, p, L_1)  # (5)
        multiply(L_1, L_1, L)  # (5)
        Q = s.dot(L)  # (6)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_1, w_2_and_b_p, b_z_column, w_2_column = weights
        E_w_1, E_b_z, E_w_2_and_b_p = slopes
        copyto(E_L, s)  # (7)
        multiply(E_L, minus_two, E_p)  # (8)
        multiply(E_p, L_1, E_p)  # (8)
        multiply(E_p, p, E_a_p)  # (9)
        subtract(one, p, E_a_p_2)  # (9)
        multiply(E_a_p, E_a_p_2, E_a_p)  # (9)
        E_a_p.dot(z_and_one_T, E_w_2_and_b_p)  # (10), (11)
        w_2_column.dot(E_a_p_row, E_z)  # (12)
        multiply(E_z, z, E_a_z)  # (13)
        subtract(one, z, E_a_z_2)  # (13)
        multiply(E_a_z, E_a_z_2, E_a_z)  # (13)
        E_a_z.dot(x, E_w_1)  # (14)
        E_a_z.dot(ones, E_b_z)  # (15)

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
    biases=("b_z", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
    reach=("p", 0.0, 1.0),
)


class Objective(BaseObjective):
    """Q(w) of one_hidden_layer: ``Objective(D=3, J=4)``."""

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
    """Finds weights that make Q of one_hidden_layer small: ``Trainer(epochs=20, D=3, J=4).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
