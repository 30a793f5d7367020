"""autoencoder: Q(w) and its gradient, in NumPy alone.

    autoencoder
      x : D                         input
      z : J = tanh(w_z x + b_z)
      r : D = w_r z + b_r           output
      L[i] = Sum((x[i,d] - r[i,d])**2, d) loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec eb016c7d9cf70863, for float64; not to be edited.
Operations  10*N*D*J + 7*N*D + 7*N*J   for Q and its gradient
Workspace   8*(2*D*N + 2*J*N + N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, multiply, subtract, tanh

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "autoencoder"
SPEC_HASH = "eb016c7d9cf70863820ad9c22a8d5876cb89fe14492c35419aabb1d0ded8e404"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 4, "J": 2}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
#     (2) z[i, j] = tanh(a_z[i, j])
#     (3) r[i, d] = Sum(w_r[d, j]*z[i, j], j) + b_r[d]
#     (4) L[i] = Sum((x[i, d] - r[i, d])**2, d)
#     (5) Q = Sum(L[i], i)
#     (7) E_r[i, d] = -2*(x[i, d] - r[i, d])
#     (8) E_w_r[d, j] = Sum(E_r[i, d]*z[i, j], i)
#     (9) E_b_r[d] = Sum(E_r[i, d], i)
#     (10) E_z[i, j] = Sum(E_r[i, d]*w_r[d, j], d)
#     (11) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
#     (12) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
#     (13) E_b_z[j] = Sum(E_a_z[i, j], i)
# With a weight for each sample:
#     (5) Q = Sum(s[i]*L[i], i)
#     (6) E_L[i] = s[i]
#     (7) E_r[i, d] = -2*E_L[i]*(x[i, d] - r[i, d])


def plain(w_z: Array, b_z: Array, w_r: Array, b_r: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_z (J, D); b_z (J,); w_r (D, J); b_r (D,); x (N, D); y (N,).
    """
    a_z = x @ w_z.T + b_z  # (1)
    z = np.tanh(a_z)  # (2)
    r = z @ w_r.T + b_r  # (3)
    L_part = (x - r)**2  # (4)
    L = L_part.sum(1)  # (4)
    Q = L.sum()  # (5)
    E_r = -2.0*(x - r)  # (7)
    E_w_r = E_r.T @ z  # (8)
    E_b_r = E_r.sum(0)  # (9)
    E_z = E_r @ w_r  # (10)
    E_a_z = E_z*(1.0 - z**2)  # (11)
    E_w_z = E_a_z.T @ x  # (12)
    E_b_z = E_a_z.sum(0)  # (13)
    return Q, (E_w_z, E_b_z, E_w_r, E_b_r)


def shapes(D: int, J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_z": (J, D), "b_z": (J,), "w_r": (D, J), "b_r": (D,)}


def plain_shapes(D: int, J: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(D, J).values())


def sample_shapes(D: int, J: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None,)


def witnesses(flat: Array, layout: Layout, D: int, J: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_z"][0]].reshape((J, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_z, b_z, w_r, b_r = (flat[part].reshape(shape) for part, shape in layout.values())
    b_z_column = b_z[:, None]
    b_r_column = b_r[:, None]
    w_r_T = w_r.T
    return w_z, w_r, b_z_column, b_r_column, w_r_T


def gradient_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z = empty((J, N), dtype)
    E_z = empty((J, N), dtype)
    a_z_spread = E_a_z = E_z  # the same memory
    z = E_a_z_1 = a_z  # the same memory
    r = empty((D, N), dtype)
    r_spread = empty((D, N), dtype)
    L_part_1 = E_r = r  # the same memory
    L_part_1_flat = L_part_1.reshape(D*N)
    z_T = z.T

    def predict(weights: Views, x: Array) -> Any:
        w_z, w_r, b_z_column, b_r_column, w_r_T = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        w_r.dot(z, r)  # (3)
        copyto(r_spread, b_r_column)  # (3)
        add(r, r_spread, r)  # (3)
        return r.T

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        x_T = x.T
        subtract(x_T, r, L_part_1)  # (4)
        Q = L_part_1_flat.dot(L_part_1_flat)  # (4), (5)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_z, w_r, b_z_column, b_r_column, w_r_T = weights
        E_w_z, E_b_z, E_w_r, E_b_r = slopes
        multiply(minus_two, L_part_1, E_r)  # (7)
        E_r.dot(z_T, E_w_r)  # (8)
        E_r.dot(ones_2, E_b_r)  # (9)
        w_r_T.dot(E_r, E_z)  # (10)
        multiply(z, z, E_a_z_1)  # (11)
        subtract(one, E_a_z_1, E_a_z_1)  # (11)
        multiply(E_z, E_a_z_1, E_a_z)  # (11)
        E_a_z.dot(x, E_w_z)  # (12)
        E_a_z.dot(ones_2, E_b_z)  # (13)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


def weighted_functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    minus_two = array(-2.0, dtype)
    one = array(1.0, dtype)
    ones = empty((D,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z = empty((J, N), dtype)
    E_z = empty((J, N), dtype)
    a_z_spread = E_a_z = E_z  # the same memory
    z = E_a_z_1 = a_z  # the same memory
    r = empty((D, N), dtype)
    r_spread = empty((D, N), dtype)
    L_part_1 = E_r = r  # the same memory
    L_part = r_spread  # the same memory
    L = empty((N,), dtype)
    E_L = E_r_1 = L  # the same memory
    L_part_T = L_part.T
    z_T = z.T

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_z, w_r, b_z_column, b_r_column, w_r_T = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        w_r.dot(z, r)  # (3)
        copyto(r_spread, b_r_column)  # (3)
        add(r, r_spread, r)  # (3)
        return r.T

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        x_T = x.T
        subtract(x_T, r, L_part_1)  # (4)
        multiply(L_part_1, L_part_1, L_part)  # (4)
        L_part_T.dot(ones, L)  # (4)
        Q = s.dot(L)  # (5)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_z, w_r, b_z_column, b_r_column, w_r_T = weights
        E_w_z, E_b_z, E_w_r, E_b_r = slopes
        copyto(E_L, s)  # (6)
        multiply(E_L, minus_two, E_r_1)  # (7)
        multiply(E_r_1, L_part_1, E_r)  # (7)
        E_r.dot(z_T, E_w_r)  # (8)
        E_r.dot(ones_2, E_b_r)  # (9)
        w_r_T.dot(E_r, E_z)  # (10)
        multiply(z, z, E_a_z_1)  # (11)
        subtract(one, E_a_z_1, E_a_z_1)  # (11)
        multiply(E_z, E_a_z_1, E_a_z)  # (11)
        E_a_z.dot(x, E_w_z)  # (12)
        E_a_z.dot(ones_2, E_b_z)  # (13)

    def both(
        weights: Views, x: Array, s: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s, y))
        gradient(weights, x, s, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return predict, value, *quietly(both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_z", "b_r"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    untargeted=True,
    own_loss=True,
)


class Objective(BaseObjective):
    """Q(w) of autoencoder: ``Objective(D=4, J=2)``."""

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
    """Finds weights that make Q of autoencoder small: ``Trainer(epochs=20, D=4, J=2).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
