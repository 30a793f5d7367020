"""mlp_classifier: Q(w) and its gradient, in NumPy alone.

    mlp_classifier
      x : D                            input
      z : H = tanh(w_z x + b_z)
      p : K = softmax(w_p z + b_p)     output
      cross_entropy loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 9cb8f1b67aab8737, for float64; not to be edited.
Operations  4*N*D*H + 6*N*H*K + 7*N*H + 12*N*K + 4*N   for Q and its gradient
Workspace   8*(2*H*N + 3*K*N + K + 3*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, exp, log, maximum, multiply, reciprocal, subtract, tanh

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "mlp_classifier"
SPEC_HASH = "9cb8f1b67aab873795d250014f439e08dd61cffc276bc789afb5e3f7f91f35dd"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 4, "H": 5, "K": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_z[i, j] = Sum(w_z[j, d]*x[i, d], d) + b_z[j]
#     (2) z[i, j] = tanh(a_z[i, j])
#     (3) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
#     (4) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, m]), m)**(-1)
#     (5) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
#     (6) Q = Sum(L[i], i)
#     (9) E_a_p[i, k] = p[i, k] - y[i, k]
#     (10) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
#     (11) E_b_p[k] = Sum(E_a_p[i, k], i)
#     (12) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k)
#     (13) E_a_z[i, j] = E_z[i, j]*(1 - z[i, j]**2)
#     (14) E_w_z[j, d] = Sum(E_a_z[i, j]*x[i, d], i)
#     (15) E_b_z[j] = Sum(E_a_z[i, j], i)
# With a weight for each sample:
#     (6) Q = Sum(s[i]*L[i], i)
#     (7) E_L[i] = s[i]
#     (9) E_a_p[i, k] = E_L[i]*(p[i, k] - y[i, k])


def plain(w_z: Array, b_z: Array, w_p: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_z (H, D); b_z (H,); w_p (K, H); b_p (K,); x (N, D); y (N, K).
    """
    a_z = x @ w_z.T + b_z  # (1)
    z = np.tanh(a_z)  # (2)
    a_p = z @ w_p.T + b_p  # (3)
    p_max = a_p.max(1)  # (4)
    p_shifted = a_p - p_max[:, None]  # (4)
    p_part = np.exp(p_shifted)  # (4)
    p_sum = p_part.sum(1)  # (4)
    p_part_2 = 1.0 / p_sum  # (4)
    p = np.exp(p_shifted)*p_part_2[:, None]  # (4)
    L_part = y*p_shifted  # (5)
    L = -(L_part.sum(1) - np.log(p_sum))  # (5)
    Q = L.sum()  # (6)
    E_a_p = p - y  # (9)
    E_w_p = E_a_p.T @ z  # (10)
    E_b_p = E_a_p.sum(0)  # (11)
    E_z = E_a_p @ w_p  # (12)
    E_a_z = E_z*(1.0 - z**2)  # (13)
    E_w_z = E_a_z.T @ x  # (14)
    E_b_z = E_a_z.sum(0)  # (15)
    return Q, (E_w_z, E_b_z, E_w_p, E_b_p)


def shapes(D: int, H: int, K: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_z": (H, D), "b_z": (H,), "w_p": (K, H), "b_p": (K,)}


def plain_shapes(D: int, H: int, K: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(D, H, K).values())


def sample_shapes(D: int, H: int, K: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None, K)


def witnesses(flat: Array, layout: Layout, D: int, H: int, K: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_z"][0]].reshape((H, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, H: int, K: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_z, b_z, w_p, b_p = (flat[part].reshape(shape) for part, shape in layout.values())
    b_z_column = b_z[:, None]
    b_p_column = b_p[:, None]
    w_p_T = w_p.T
    return w_z, w_p, b_z_column, b_p_column, w_p_T


def gradient_views(flat: Array, layout: Layout, D: int, H: int, K: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def functions(N: int, D: int, H: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z = empty((H, N), dtype)
    E_z = empty((H, N), dtype)
    a_z_spread = E_a_z = E_z  # the same memory
    z = E_a_z_1 = a_z  # the same memory
    a_p, p, y_arranged = (empty((K, N), dtype) for _ in range(3))
    a_p_spread = E_a_p = p  # the same memory
    p_max = empty((N,), dtype)
    p_part_2 = empty((N,), dtype)
    p_shifted = a_p  # the same memory
    L_1 = p_max  # the same memory
    p_T = p.T
    y_arranged_flat = y_arranged.reshape(K*N)
    p_shifted_flat = p_shifted.reshape(K*N)
    z_T = z.T

    def predict(weights: Views, x: Array) -> Any:
        w_z, w_p, b_z_column, b_p_column, w_p_T = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        w_p.dot(z, a_p)  # (3)
        copyto(a_p_spread, b_p_column)  # (3)
        add(a_p, a_p_spread, a_p)  # (3)
        maximum.reduce(a_p, 0, out=p_max)  # (4)
        subtract(a_p, p_max, p_shifted)  # (4)
        exp(p_shifted, p)  # (4)
        p_T.dot(ones, p_max)  # (4)
        reciprocal(p_max, p_part_2)  # (4)
        multiply(p_part_2, p, p)  # (4)
        return p.T

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        y_T = y.T
        log(p_max, L_1)  # (5)
        copyto(y_arranged, y_T)  # (5), (6)
        Q_sum = y_arranged_flat.dot(p_shifted_flat)  # (5), (6)
        Q_sum_3 = L_1.dot(ones_2)  # (5), (6)
        Q = -(Q_sum - Q_sum_3)  # (5), (6)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_z, w_p, b_z_column, b_p_column, w_p_T = weights
        E_w_z, E_b_z, E_w_p, E_b_p = slopes
        subtract(p, y_arranged, E_a_p)  # (9)
        E_a_p.dot(z_T, E_w_p)  # (10)
        E_a_p.dot(ones_2, E_b_p)  # (11)
        w_p_T.dot(E_a_p, E_z)  # (12)
        multiply(z, z, E_a_z_1)  # (13)
        subtract(one, E_a_z_1, E_a_z_1)  # (13)
        multiply(E_z, E_a_z_1, E_a_z)  # (13)
        E_a_z.dot(x, E_w_z)  # (14)
        E_a_z.dot(ones_2, E_b_z)  # (15)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, H: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    one = array(1.0, dtype)
    ones = empty((K,), dtype)
    ones.fill(1.0)
    ones_2 = empty((N,), dtype)
    ones_2.fill(1.0)
    a_z = empty((H, N), dtype)
    E_z = empty((H, N), dtype)
    a_z_spread = E_a_z = E_z  # the same memory
    z = E_a_z_1 = a_z  # the same memory
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
    z_T = z.T

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_z, w_p, b_z_column, b_p_column, w_p_T = weights
        x_T = x.T
        w_z.dot(x_T, a_z)  # (1)
        copyto(a_z_spread, b_z_column)  # (1)
        add(a_z, a_z_spread, a_z)  # (1)
        tanh(a_z, z)  # (2)
        w_p.dot(z, a_p)  # (3)
        copyto(a_p_spread, b_p_column)  # (3)
        add(a_p, a_p_spread, a_p)  # (3)
        maximum.reduce(a_p, 0, out=p_max)  # (4)
        subtract(a_p, p_max, p_shifted)  # (4)
        exp(p_shifted, p)  # (4)
        p_T.dot(ones, p_max)  # (4)
        reciprocal(p_max, p_part_2)  # (4)
        multiply(p_part_2, p, p)  # (4)
        return p.T

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        y_T = y.T
        multiply(y_T, p_shifted, L_part)  # (5)
        L_part_T.dot(ones, L_sum)  # (5)
        log(p_max, L)  # (5)
        subtract(L, L_sum, L)  # (5)
        Q = s.dot(L)  # (6)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_z, w_p, b_z_column, b_p_column, w_p_T = weights
        E_w_z, E_b_z, E_w_p, E_b_p = slopes
        y_T = y.T
        copyto(E_L, s)  # (7)
        subtract(p, y_T, E_a_p)  # (9)
        multiply(E_L, E_a_p, E_a_p)  # (9)
        E_a_p.dot(z_T, E_w_p)  # (10)
        E_a_p.dot(ones_2, E_b_p)  # (11)
        w_p_T.dot(E_a_p, E_z)  # (12)
        multiply(z, z, E_a_z_1)  # (13)
        subtract(one, E_a_z_1, E_a_z_1)  # (13)
        multiply(E_z, E_a_z_1, E_a_z)  # (13)
        E_a_z.dot(x, E_w_z)  # (14)
        E_a_z.dot(ones_2, E_b_z)  # (15)

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
    target="sums_to_one", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
)


class Objective(BaseObjective):
    """Q(w) of mlp_classifier: ``Objective(D=4, H=5, K=3)``."""

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
    """Finds weights that make Q of mlp_classifier small: ``Trainer(epochs=20, D=4, H=5, K=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
