"""batch_norm: Q(w) and its gradient, in NumPy alone.

    batch_norm
      x : D                                                               input
      a : J = w_a x
      m : J = Sum(a[n,j], n)/N
      v : J = Sum((a[n,j] - m[j])**2, n)/N
      z : J = relu(g_z[j]*(a[i,j] - m[j])/sqrt(v[j] + 1e-5) + b_z[j])
      p : K = softmax(w_p z + b_p)                                        output
      cross_entropy loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 3c97d273c1674e04, for float64; not to be edited.
Operations  4*N*D*J + 6*N*J*K + 20*N*J + 12*N*K + 16*J + 4*N   for Q and its gradient
Workspace   8*(3*J*N + 3*K*N + 5*J + K + 3*N) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import (
    add, array, copyto, divide, empty, exp, greater, log, maximum, multiply, negative, power, reciprocal, sqrt,
    subtract,
)

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "batch_norm"
SPEC_HASH = "3c97d273c1674e0412e38d4f557a373d0049655d8fc81eb440534087482e0414"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 4, "J": 3, "K": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a[i, j] = Sum(w_a[j, d]*x[i, d], d)
#     (2) m[j] = Sum(a[n, j], n)*(N)**(-1)
#     (3) v[j] = Sum((a[n, j] - m[j])**2, n)*(N)**(-1)
#     (4) a_z[i, j] = g_z[j]*(a[i, j] - m[j])*(v[j] + 1/100000)**(-1/2) + b_z[j]
#     (5) z[i, j] = relu(a_z[i, j])
#     (6) a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]
#     (7) p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, j]), j)**(-1)
#     (8) L[i] = Sum(-y[i, k]*log(p[i, k]), k)
#     (9) Q = Sum(L[i], i)
#     (12) E_a_p[i, k] = p[i, k] - y[i, k]
#     (13) E_w_p[k, j] = Sum(E_a_p[i, k]*z[i, j], i)
#     (14) E_b_p[k] = Sum(E_a_p[i, k], i)
#     (15) E_z[i, j] = Sum(E_a_p[i, k]*w_p[k, j], k)
#     (16) E_a_z[i, j] = E_z[i, j]*[a_z[i, j] > 0]
#     (17) E_g_z[j] = Sum(E_a_z[i, j]*(a[i, j] - m[j])*(v[j] + 1/100000)**(-1/2), i)
#     (18) E_b_z[j] = Sum(E_a_z[i, j], i)
#     (19) E_v[j] = Sum(-1/2*E_a_z[i, j]*g_z[j]*(a[i, j] - m[j])*(v[j] + 1/100000)**(-3/2), i)
#     (20) E_m[j] = Sum(-E_a_z[i, j]*g_z[j]*(v[j] + 1/100000)**(-1/2), i)
#     (21) E_a[i, j] = E_m[j]*(N)**(-1) + 2*E_v[j]*(N)**(-1)*(a[i, j] - m[j]) + E_a_z[i, j]*g_z[j]*(v[j] +
#         1/100000)**(-1/2)
#     (22) E_w_a[j, d] = Sum(E_a[i, j]*x[i, d], i)
# With a weight for each sample:
#     (9) Q = Sum(s[i]*L[i], i)
#     (10) E_L[i] = s[i]
#     (12) E_a_p[i, k] = E_L[i]*(p[i, k] - y[i, k])


def plain(w_a: Array, g_z: Array, b_z: Array, w_p: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_a (J, D); g_z (J,); b_z (J,); w_p (K, J); b_p (K,); x (N, D); y (N, K).
    """
    N = x.shape[0]
    a = x @ w_a.T  # (1)
    m = a.sum(0) / N  # (2)
    v_part = (a - m)**2  # (3)
    v = v_part.sum(0) / N  # (3)
    a_z_part = g_z / (1e-05 + v)**0.5  # (4)
    a_z = a_z_part*(a - m) + b_z  # (4)
    z = np.maximum(a_z, 0.0)  # (5)
    a_p = z @ w_p.T + b_p  # (6)
    p_max = a_p.max(1)  # (7)
    p_shifted = a_p - p_max[:, None]  # (7)
    p_part = np.exp(p_shifted)  # (7)
    p_sum = p_part.sum(1)  # (7)
    p_part_2 = 1.0 / p_sum  # (7)
    p = np.exp(p_shifted)*p_part_2[:, None]  # (7)
    L_part = y*p_shifted  # (8)
    L = -(L_part.sum(1) - np.log(p_sum))  # (8)
    Q = L.sum()  # (9)
    E_a_p = p - y  # (12)
    E_w_p = E_a_p.T @ z  # (13)
    E_b_p = E_a_p.sum(0)  # (14)
    E_z = E_a_p @ w_p  # (15)
    E_a_z = E_z*(a_z > 0.0).astype(x.dtype)  # (16)
    E_g_z_part = E_a_z*(a - m)  # (17)
    E_g_z_sum = E_g_z_part.sum(0)  # (17)
    E_g_z = E_g_z_sum / (1e-05 + v)**0.5  # (17)
    E_b_z = E_a_z.sum(0)  # (18)
    E_v = -0.5*g_z*E_g_z_sum / (1e-05 + v)**1.5  # (19)
    E_m = -g_z*E_b_z / (1e-05 + v)**0.5  # (20)
    E_a_part = E_m / N  # (21)
    E_a = E_a_part + 2.0*E_v*(a - m) / N + E_a_z*a_z_part  # (21)
    E_w_a = E_a.T @ x  # (22)
    return Q, (E_w_a, E_g_z, E_b_z, E_w_p, E_b_p)


def shapes(D: int, J: int, K: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_a": (J, D), "g_z": (J,), "b_z": (J,), "w_p": (K, J), "b_p": (K,)}


def plain_shapes(D: int, J: int, K: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return tuple(shapes(D, J, K).values())


def sample_shapes(D: int, J: int, K: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None, K)


def witnesses(flat: Array, layout: Layout, D: int, J: int, K: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_a"][0]].reshape((J, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, D: int, J: int, K: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_a, g_z, b_z, w_p, b_p = (flat[part].reshape(shape) for part, shape in layout.values())
    b_z_column = b_z[:, None]
    b_p_column = b_p[:, None]
    w_p_T = w_p.T
    return w_a, g_z, w_p, b_z_column, b_p_column, w_p_T


def gradient_views(flat: Array, layout: Layout, D: int, J: int, K: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    return tuple(flat[part].reshape(shape) for part, shape in layout.values())


def functions(N: int, D: int, J: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    factor = array(N, dtype)
    factor_2 = array(1e-05, dtype)
    zero = array(0.0, dtype)
    factor_3 = array(-0.5, dtype)
    factor_4 = array(2.0 / N, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    ones_2 = empty((K,), dtype)
    ones_2.fill(1.0)
    a, a_z, z = (empty((J, N), dtype) for _ in range(3))
    m, a_z_part_2, a_z_part, E_g_z_sum, E_v = (empty((J,), dtype) for _ in range(5))
    v_part_1_spread = E_g_z_part = a_z  # the same memory
    v_part_1 = E_a = a  # the same memory
    v = a_z_part_1 = E_v_4 = E_m = E_a_part = m  # the same memory
    a_z_spread = E_z = E_a_z = E_a_4 = z  # the same memory
    a_p, p, y_arranged = (empty((K, N), dtype) for _ in range(3))
    a_p_spread = E_a_p = p  # the same memory
    p_max = empty((N,), dtype)
    p_part_2 = empty((N,), dtype)
    p_shifted = a_p  # the same memory
    L_1 = p_max  # the same memory
    mask_E_a_z_1 = empty((J, N), bool)
    E_a_1 = E_v  # the same memory
    m_column = m[:, None]
    a_z_part_column = a_z_part[:, None]
    p_T = p.T
    y_arranged_flat = y_arranged.reshape(K*N)
    p_shifted_flat = p_shifted.reshape(K*N)
    z_T = z.T
    E_a_1_column = E_a_1[:, None]
    E_a_part_column = E_a_part[:, None]

    def predict(weights: Views, x: Array) -> Any:
        w_a, g_z, w_p, b_z_column, b_p_column, w_p_T = weights
        x_T = x.T
        w_a.dot(x_T, a)  # (1)
        a.dot(ones, m)  # (2)
        divide(m, factor, m)  # (2)
        copyto(v_part_1_spread, m_column)  # (3)
        subtract(a, v_part_1_spread, v_part_1)  # (3)
        multiply(v_part_1, v_part_1, v_part_1_spread)  # (3)
        v_part_1_spread.dot(ones, v)  # (3)
        divide(v, factor, v)  # (3)
        add(v, factor_2, a_z_part_1)  # (4)
        sqrt(a_z_part_1, a_z_part_2)  # (4)
        reciprocal(a_z_part_2, a_z_part_2)  # (4)
        multiply(g_z, a_z_part_2, a_z_part)  # (4)
        multiply(a_z_part_column, v_part_1, a_z)  # (4)
        copyto(a_z_spread, b_z_column)  # (4)
        add(a_z, a_z_spread, a_z)  # (4)
        maximum(a_z, zero, out=z)  # (5)
        w_p.dot(z, a_p)  # (6)
        copyto(a_p_spread, b_p_column)  # (6)
        add(a_p, a_p_spread, a_p)  # (6)
        maximum.reduce(a_p, 0, out=p_max)  # (7)
        subtract(a_p, p_max, p_shifted)  # (7)
        exp(p_shifted, p)  # (7)
        p_T.dot(ones_2, p_max)  # (7)
        reciprocal(p_max, p_part_2)  # (7)
        multiply(p_part_2, p, p)  # (7)
        return p.T

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        y_T = y.T
        log(p_max, L_1)  # (8)
        copyto(y_arranged, y_T)  # (8), (9)
        Q_sum = y_arranged_flat.dot(p_shifted_flat)  # (8), (9)
        Q_sum_3 = L_1.dot(ones)  # (8), (9)
        Q = -(Q_sum - Q_sum_3)  # (8), (9)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_a, g_z, w_p, b_z_column, b_p_column, w_p_T = weights
        E_w_a, E_g_z, E_b_z, E_w_p, E_b_p = slopes
        subtract(p, y_arranged, E_a_p)  # (12)
        E_a_p.dot(z_T, E_w_p)  # (13)
        E_a_p.dot(ones, E_b_p)  # (14)
        w_p_T.dot(E_a_p, E_z)  # (15)
        greater(a_z, zero, mask_E_a_z_1)  # (16)
        multiply(E_z, mask_E_a_z_1, E_a_z)  # (16)
        multiply(E_a_z, v_part_1, E_g_z_part)  # (17)
        E_g_z_part.dot(ones, E_g_z_sum)  # (17)
        multiply(E_g_z_sum, a_z_part_2, E_g_z)  # (17)
        E_a_z.dot(ones, E_b_z)  # (18)
        multiply(g_z, factor_3, E_v)  # (19)
        multiply(E_v, E_g_z_sum, E_v)  # (19)
        power(a_z_part_1, -1.5, E_v_4)  # (19)
        multiply(E_v, E_v_4, E_v)  # (19)
        multiply(g_z, E_b_z, E_m)  # (20)
        multiply(E_m, a_z_part_2, E_m)  # (20)
        negative(E_m, E_m)  # (20)
        divide(E_m, factor, E_a_part)  # (21)
        multiply(E_v, factor_4, E_a_1)  # (21)
        multiply(E_a_1_column, v_part_1, E_a)  # (21)
        multiply(E_a_z, a_z_part_column, E_a_4)  # (21)
        add(E_a, E_a_4, E_a)  # (21)
        copyto(E_a_4, E_a_part_column)  # (21)
        add(E_a, E_a_4, E_a)  # (21)
        E_a.dot(x, E_w_a)  # (22)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, D: int, J: int, K: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    factor = array(N, dtype)
    factor_2 = array(1e-05, dtype)
    zero = array(0.0, dtype)
    factor_3 = array(-0.5, dtype)
    factor_4 = array(2.0 / N, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    ones_2 = empty((K,), dtype)
    ones_2.fill(1.0)
    a, a_z, z = (empty((J, N), dtype) for _ in range(3))
    m, a_z_part_2, a_z_part, E_g_z_sum, E_v = (empty((J,), dtype) for _ in range(5))
    v_part_1_spread = E_g_z_part = a_z  # the same memory
    v_part_1 = E_a = a  # the same memory
    v = a_z_part_1 = E_v_4 = E_m = E_a_part = m  # the same memory
    a_z_spread = E_z = E_a_z = E_a_4 = z  # the same memory
    a_p = empty((K, N), dtype)
    p = empty((K, N), dtype)
    a_p_spread = E_a_p = p  # the same memory
    L = empty((N,), dtype)
    p_part_2 = empty((N,), dtype)
    p_max = E_L = L  # the same memory
    p_shifted = L_part = a_p  # the same memory
    L_sum = p_part_2  # the same memory
    mask_E_a_z_1 = empty((J, N), bool)
    E_a_1 = E_v  # the same memory
    m_column = m[:, None]
    a_z_part_column = a_z_part[:, None]
    p_T = p.T
    L_part_T = L_part.T
    z_T = z.T
    E_a_1_column = E_a_1[:, None]
    E_a_part_column = E_a_part[:, None]

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_a, g_z, w_p, b_z_column, b_p_column, w_p_T = weights
        x_T = x.T
        w_a.dot(x_T, a)  # (1)
        a.dot(ones, m)  # (2)
        divide(m, factor, m)  # (2)
        copyto(v_part_1_spread, m_column)  # (3)
        subtract(a, v_part_1_spread, v_part_1)  # (3)
        multiply(v_part_1, v_part_1, v_part_1_spread)  # (3)
        v_part_1_spread.dot(ones, v)  # (3)
        divide(v, factor, v)  # (3)
        add(v, factor_2, a_z_part_1)  # (4)
        sqrt(a_z_part_1, a_z_part_2)  # (4)
        reciprocal(a_z_part_2, a_z_part_2)  # (4)
        multiply(g_z, a_z_part_2, a_z_part)  # (4)
        multiply(a_z_part_column, v_part_1, a_z)  # (4)
        copyto(a_z_spread, b_z_column)  # (4)
        add(a_z, a_z_spread, a_z)  # (4)
        maximum(a_z, zero, out=z)  # (5)
        w_p.dot(z, a_p)  # (6)
        copyto(a_p_spread, b_p_column)  # (6)
        add(a_p, a_p_spread, a_p)  # (6)
        maximum.reduce(a_p, 0, out=p_max)  # (7)
        subtract(a_p, p_max, p_shifted)  # (7)
        exp(p_shifted, p)  # (7)
        p_T.dot(ones_2, p_max)  # (7)
        reciprocal(p_max, p_part_2)  # (7)
        multiply(p_part_2, p, p)  # (7)
        return p.T

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        y_T = y.T
        multiply(y_T, p_shifted, L_part)  # (8)
        L_part_T.dot(ones_2, L_sum)  # (8)
        log(p_max, L)  # (8)
        subtract(L, L_sum, L)  # (8)
        Q = s.dot(L)  # (9)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_a, g_z, w_p, b_z_column, b_p_column, w_p_T = weights
        E_w_a, E_g_z, E_b_z, E_w_p, E_b_p = slopes
        y_T = y.T
        copyto(E_L, s)  # (10)
        subtract(p, y_T, E_a_p)  # (12)
        multiply(E_L, E_a_p, E_a_p)  # (12)
        E_a_p.dot(z_T, E_w_p)  # (13)
        E_a_p.dot(ones, E_b_p)  # (14)
        w_p_T.dot(E_a_p, E_z)  # (15)
        greater(a_z, zero, mask_E_a_z_1)  # (16)
        multiply(E_z, mask_E_a_z_1, E_a_z)  # (16)
        multiply(E_a_z, v_part_1, E_g_z_part)  # (17)
        E_g_z_part.dot(ones, E_g_z_sum)  # (17)
        multiply(E_g_z_sum, a_z_part_2, E_g_z)  # (17)
        E_a_z.dot(ones, E_b_z)  # (18)
        multiply(g_z, factor_3, E_v)  # (19)
        multiply(E_v, E_g_z_sum, E_v)  # (19)
        power(a_z_part_1, -1.5, E_v_4)  # (19)
        multiply(E_v, E_v_4, E_v)  # (19)
        multiply(g_z, E_b_z, E_m)  # (20)
        multiply(E_m, a_z_part_2, E_m)  # (20)
        negative(E_m, E_m)  # (20)
        divide(E_m, factor, E_a_part)  # (21)
        multiply(E_v, factor_4, E_a_1)  # (21)
        multiply(E_a_1_column, v_part_1, E_a)  # (21)
        multiply(E_a_z, a_z_part_column, E_a_4)  # (21)
        add(E_a, E_a_4, E_a)  # (21)
        copyto(E_a_4, E_a_part_column)  # (21)
        add(E_a, E_a_4, E_a)  # (21)
        E_a.dot(x, E_w_a)  # (22)

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
    target="sums_to_one", mean=True, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    coupled=True,
)


class Objective(BaseObjective):
    """Q(w) of batch_norm: ``Objective(D=4, J=3, K=3)``."""

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
    """Finds weights that make Q of batch_norm small: ``Trainer(epochs=20, D=4, J=3, K=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
