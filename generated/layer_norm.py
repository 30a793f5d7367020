"""layer_norm: Q(w) and its gradient, in NumPy alone.

    layer_norm
      x : D                                                                     input
      z : J = tanh(w_z x + b_z)
      mean : 1 = Sum(z[i,j], j)/J
      variance : 1 = Sum((z[i,j] - mean[i])**2, j)/J
      r : J = gain[j]*(z[i,j] - mean[i])/sqrt(variance[i] + 0.001) + b_r[j]
      p : 1 = w_p r + b_p                                                       output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec ca63b6a6cf1b6ccc, for float64; not to be edited.
Operations  4*N*D*J + 4*N*(J + 1) + 31*N*J + 16*N   for Q and its gradient
Workspace   8*((J + 1)*N + 3*J*N + J + 4*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, divide, empty, multiply, negative, power, reciprocal, sqrt, subtract, tanh

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "layer_norm"
SPEC_HASH = "ca63b6a6cf1b6ccc6036cb13d1d44b270a425197153a78d376bddcf012861d04"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 3, "J": 4}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
#     (2) z[i, j] = tanh(a_z[i, j])
#     (3) mean[i] = Sum(z[i, j], j)*(J)**(-1)
#     (4) variance[i] = Sum((z[i, j] - mean[i])**2, j)*(J)**(-1)
#     (5) r[i, j] = gain[j]*(z[i, j] - mean[i])*(variance[i] + 1/1000)**(-1/2) + b_r[j]
#     (6) p[i] = Sum(w_p[j]*r[i, j], j) + b_p
#     (7) L[i] = (y[i] - p[i])**2
#     (8) Q = Sum(L[i], i)
#     (10) E_p[i] = -2*(y[i] - p[i])
#     (11) E_w_p[j] = Sum(E_p[i]*r[i, j], i)
#     (12) E_b_p = Sum(E_p[i], i)
#     (13) E_r[i, j] = E_p[i]*w_p[j]
#     (14) E_gain[j] = Sum(E_r[i, j]*(z[i, j] - mean[i])*(variance[i] + 1/1000)**(-1/2), i)
#     (15) E_b_r[j] = Sum(E_r[i, j], i)
#     (16) E_variance[i] = Sum(-1/2*E_r[i, j]*gain[j]*(z[i, j] - mean[i])*(variance[i] + 1/1000)**(-3/2), j)
#     (17) E_mean[i] = Sum(-E_r[i, j]*gain[j]*(variance[i] + 1/1000)**(-1/2), j)
#     (18) E_z[i, j] = E_mean[i]*(J)**(-1) + 2*E_variance[i]*(J)**(-1)*(z[i, j] - mean[i]) + E_r[i,
#         j]*gain[j]*(variance[i] + 1/1000)**(-1/2)
#     (19) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
#     (20) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
#     (21) E_b_z[j] = Sum(E_a_z[i, j], i)
# With a weight for each sample:
#     (8) Q = Sum(s[i]*L[i], i)
#     (9) E_L[i] = s[i]
#     (10) E_p[i] = -2*E_L[i]*(y[i] - p[i])


def plain(
    w_z: Array, b_z: Array, gain: Array, b_r: Array, w_p: Array, b_p: Array, x: Array, y: Array,
) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_z (J, D); b_z (J,); gain (J,); b_r (J,); w_p (J,); b_p a number; x (N, D); y (N,).
    """
    J = w_z.shape[0]
    a_z = x @ w_z.T + b_z  # (1)
    z = np.tanh(a_z)  # (2)
    mean_ = z.sum(1) / J  # (3)
    variance_part = (z - mean_[:, None])**2  # (4)
    variance = variance_part.sum(1) / J  # (4)
    r_part = 1.0 / (0.001 + variance)**0.5  # (5)
    r = gain*(z - mean_[:, None])*r_part[:, None] + b_r  # (5)
    p = b_p + w_p @ r.T  # (6)
    L = (y - p)**2  # (7)
    Q = L.sum()  # (8)
    E_p = -2.0*(y - p)  # (10)
    E_w_p = E_p @ r  # (11)
    E_b_p = E_p.sum()  # (12)
    E_r = E_p[:, None]*w_p  # (13)
    E_gain_part = E_r*(z - mean_[:, None])  # (14)
    E_gain = E_gain_part.T @ r_part  # (14)
    E_b_r = E_r.sum(0)  # (15)
    E_variance = -0.5*(E_gain_part @ gain) / (0.001 + variance)**1.5  # (16)
    E_mean = -(E_r @ gain) / (0.001 + variance)**0.5  # (17)
    E_z_part = E_mean / J  # (18)
    E_z = E_z_part[:, None] + 2.0*E_variance[:, None]*(z - mean_[:, None]) / J + E_r*gain*r_part[:, None]  # (18)
    E_a_z = E_z*(1.0 - z**2)  # (19)
    E_w_z = E_a_z.T @ x  # (20)
    E_b_z = E_a_z.sum(0)  # (21)
    return Q, (E_w_z, E_b_z, E_gain, E_b_r, E_w_p, E_b_p)


def shapes(D: int, J: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_z": (J, D), "b_z": (J,), "gain": (J,), "b_r": (J,), "w_p": (1, J), "b_p": (1,)}


def plain_shapes(D: int, J: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (J, D),
        (J,),
        (J,),
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
        "x": flat[layout["w_z"][0]].reshape((J, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_z = flat[layout["w_z"][0]].reshape((J, D))
    b_z = flat[layout["b_z"][0]].reshape((J,))
    gain = flat[layout["gain"][0]].reshape((J,))
    b_r = flat[layout["b_r"][0]].reshape((J,))
    w_p = flat[layout["w_p"][0]].reshape((J,))
    b_p = flat[layout["b_p"][0]].reshape(())
    w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    b_z_column = b_z[:, None]
    gain_column = gain[:, None]
    b_r_column = b_r[:, None]
    w_p_column = w_p[:, None]
    return w_z, gain, w_p_and_b_p, b_z_column, gain_column, b_r_column, w_p_column


def gradient_views(flat: Array, layout: Layout, D: int, J: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w_z = flat[layout["w_z"][0]].reshape((J, D))
    E_b_z = flat[layout["b_z"][0]].reshape((J,))
    E_gain = flat[layout["gain"][0]].reshape((J,))
    E_b_r = flat[layout["b_r"][0]].reshape((J,))
    E_w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    return E_w_z, E_b_z, E_gain, E_b_r, E_w_p_and_b_p


def functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    factor = array(J, dtype)
    factor_2 = array(0.001, dtype)
    minus_two = array(-2.0, dtype)
    factor_3 = array(-0.5, dtype)
    factor_4 = array(2.0 / J, dtype)
    one = array(1.0, dtype)
    r_and_one = empty((J + 1, N), dtype)
    r_and_one[J].fill(1.0)
    ones = empty((J,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z, E_z, r_spread = (empty((J, N), dtype) for _ in range(3))
    a_z_spread = variance_part_1 = E_a_z = E_z  # the same memory
    z = E_a_z_1 = a_z  # the same memory
    mean_, r_part_2, p = (empty((N,), dtype) for _ in range(3))
    r = r_and_one[0:J]
    variance_part = E_r = E_z_4 = r  # the same memory
    variance = r_part_1 = E_variance_3 = E_mean = E_z_part = mean_  # the same memory
    L_1 = E_p = E_variance = E_z_1 = p  # the same memory
    E_gain_part = r_spread  # the same memory
    z_T = z.T
    variance_part_T = variance_part.T
    r_part_2_row = r_part_2[None, :]
    r_and_one_T = r_and_one.T
    E_p_row = E_p[None, :]
    E_gain_part_T = E_gain_part.T
    E_r_T = E_r.T

    def predict(weights: Views, x: Array) -> Any:
        w_z, gain, w_p_and_b_p, b_z_column, gain_column, b_r_column, w_p_column = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        z_T.dot(ones, mean_)  # (3)
        divide(mean_, factor, mean_)  # (3)
        subtract(z, mean_, variance_part_1)  # (4)
        multiply(variance_part_1, variance_part_1, variance_part)  # (4)
        variance_part_T.dot(ones, variance)  # (4)
        divide(variance, factor, variance)  # (4)
        add(variance, factor_2, r_part_1)  # (5)
        sqrt(r_part_1, r_part_2)  # (5)
        reciprocal(r_part_2, r_part_2)  # (5)
        gain_column.dot(r_part_2_row, r)  # (5)
        multiply(r, variance_part_1, r)  # (5)
        copyto(r_spread, b_r_column)  # (5)
        add(r, r_spread, r)  # (5)
        w_p_and_b_p.dot(r_and_one, p)  # (6)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        subtract(y, p, L_1)  # (7)
        Q = L_1.dot(L_1)  # (7), (8)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_z, gain, w_p_and_b_p, b_z_column, gain_column, b_r_column, w_p_column = weights
        E_w_z, E_b_z, E_gain, E_b_r, E_w_p_and_b_p = slopes
        multiply(minus_two, L_1, E_p)  # (10)
        E_p.dot(r_and_one_T, E_w_p_and_b_p)  # (11), (12)
        w_p_column.dot(E_p_row, E_r)  # (13)
        multiply(E_r, variance_part_1, E_gain_part)  # (14)
        E_gain_part.dot(r_part_2, E_gain)  # (14)
        E_r.dot(ones_2, E_b_r)  # (15)
        E_gain_part_T.dot(gain, E_variance)  # (16)
        multiply(E_variance, factor_3, E_variance)  # (16)
        power(r_part_1, -1.5, E_variance_3)  # (16)
        multiply(E_variance, E_variance_3, E_variance)  # (16)
        E_r_T.dot(gain, E_mean)  # (17)
        multiply(E_mean, r_part_2, E_mean)  # (17)
        negative(E_mean, E_mean)  # (17)
        divide(E_mean, factor, E_z_part)  # (18)
        multiply(E_variance, factor_4, E_z_1)  # (18)
        multiply(E_z_1, variance_part_1, E_z)  # (18)
        multiply(E_r, gain_column, E_z_4)  # (18)
        multiply(E_z_4, r_part_2, E_z_4)  # (18)
        add(E_z, E_z_4, E_z)  # (18)
        add(E_z, E_z_part, E_z)  # (18)
        multiply(z, z, E_a_z_1)  # (19)
        subtract(one, E_a_z_1, E_a_z_1)  # (19)
        multiply(E_z, E_a_z_1, E_a_z)  # (19)
        E_a_z.dot(x, E_w_z)  # (20)
        E_a_z.dot(ones_2, E_b_z)  # (21)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, J: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    factor = array(J, dtype)
    factor_2 = array(0.001, dtype)
    minus_two = array(-2.0, dtype)
    factor_3 = array(-0.5, dtype)
    factor_4 = array(2.0 / J, dtype)
    one = array(1.0, dtype)
    r_and_one = empty((J + 1, N), dtype)
    r_and_one[J].fill(1.0)
    ones = empty((J,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z, E_z, r_spread = (empty((J, N), dtype) for _ in range(3))
    a_z_spread = variance_part_1 = E_a_z = E_z  # the same memory
    z = E_a_z_1 = a_z  # the same memory
    mean_, r_part_2, p, L = (empty((N,), dtype) for _ in range(4))
    r = r_and_one[0:J]
    variance_part = E_r = E_z_4 = r  # the same memory
    variance = r_part_1 = E_variance_3 = E_mean = E_z_part = mean_  # the same memory
    L_1 = p  # the same memory
    E_L = E_p = E_variance = E_z_1 = L  # the same memory
    E_gain_part = r_spread  # the same memory
    z_T = z.T
    variance_part_T = variance_part.T
    r_part_2_row = r_part_2[None, :]
    r_and_one_T = r_and_one.T
    E_p_row = E_p[None, :]
    E_gain_part_T = E_gain_part.T
    E_r_T = E_r.T

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_z, gain, w_p_and_b_p, b_z_column, gain_column, b_r_column, w_p_column = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        z_T.dot(ones, mean_)  # (3)
        divide(mean_, factor, mean_)  # (3)
        subtract(z, mean_, variance_part_1)  # (4)
        multiply(variance_part_1, variance_part_1, variance_part)  # (4)
        variance_part_T.dot(ones, variance)  # (4)
        divide(variance, factor, variance)  # (4)
        add(variance, factor_2, r_part_1)  # (5)
        sqrt(r_part_1, r_part_2)  # (5)
        reciprocal(r_part_2, r_part_2)  # (5)
        gain_column.dot(r_part_2_row, r)  # (5)
        multiply(r, variance_part_1, r)  # (5)
        copyto(r_spread, b_r_column)  # (5)
        add(r, r_spread, r)  # (5)
        w_p_and_b_p.dot(r_and_one, p)  # (6)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        subtract(y, p, L_1)  # (7)
        multiply(L_1, L_1, L)  # (7)
        Q = s.dot(L)  # (8)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_z, gain, w_p_and_b_p, b_z_column, gain_column, b_r_column, w_p_column = weights
        E_w_z, E_b_z, E_gain, E_b_r, E_w_p_and_b_p = slopes
        copyto(E_L, s)  # (9)
        multiply(E_L, minus_two, E_p)  # (10)
        multiply(E_p, L_1, E_p)  # (10)
        E_p.dot(r_and_one_T, E_w_p_and_b_p)  # (11), (12)
        w_p_column.dot(E_p_row, E_r)  # (13)
        multiply(E_r, variance_part_1, E_gain_part)  # (14)
        E_gain_part.dot(r_part_2, E_gain)  # (14)
        E_r.dot(ones_2, E_b_r)  # (15)
        E_gain_part_T.dot(gain, E_variance)  # (16)
        multiply(E_variance, factor_3, E_variance)  # (16)
        power(r_part_1, -1.5, E_variance_3)  # (16)
        multiply(E_variance, E_variance_3, E_variance)  # (16)
        E_r_T.dot(gain, E_mean)  # (17)
        multiply(E_mean, r_part_2, E_mean)  # (17)
        negative(E_mean, E_mean)  # (17)
        divide(E_mean, factor, E_z_part)  # (18)
        multiply(E_variance, factor_4, E_z_1)  # (18)
        multiply(E_z_1, variance_part_1, E_z)  # (18)
        multiply(E_r, gain_column, E_z_4)  # (18)
        multiply(E_z_4, r_part_2, E_z_4)  # (18)
        add(E_z, E_z_4, E_z)  # (18)
        add(E_z, E_z_part, E_z)  # (18)
        multiply(z, z, E_a_z_1)  # (19)
        subtract(one, E_a_z_1, E_a_z_1)  # (19)
        multiply(E_z, E_a_z_1, E_a_z)  # (19)
        E_a_z.dot(x, E_w_z)  # (20)
        E_a_z.dot(ones_2, E_b_z)  # (21)

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
    biases=("b_z", "b_r", "b_p"),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
)


class Objective(BaseObjective):
    """Q(w) of layer_norm: ``Objective(D=3, J=4)``."""

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
    """Finds weights that make Q of layer_norm small: ``Trainer(epochs=20, D=3, J=4).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
