"""attention: Q(w) and its gradient, in NumPy alone.

    attention
      x : T x D                                                         input
      q : T x H = Sum(w_q[j,d]*x[i,t,d], d)
      k : T x H = Sum(w_k[j,d]*x[i,s,d], d)
      v : T x H = Sum(w_v[j,d]*x[i,s,d], d)
      alpha : T x T = softmax(Sum(q[i,t,j]*k[i,s,j], j)/sqrt(H), s)
      c : T x H = Sum(alpha[i,t,s]*v[i,s,j], s)
      m : H = Sum(c[i,t,j], t)/T
      p : 1 = w_p m + b_p                                               output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 82006cf8253989f6, for float64; not to be edited.
Operations  12*N*D*H*T + 12*N*H*T*T + 3*N*H*T + 12*N*T*T + 4*N*(H + 1) + 3*N*H + N*T + 4*N   for Q and its gradient
Workspace   8*(4*N*T*H + 3*N*T*T + (H + 1)*N + N*T + N + T) bytes for N samples
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import add, array, copyto, divide, empty, exp, matmul, maximum, multiply, power, reciprocal, subtract

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "attention"
SPEC_HASH = "82006cf8253989f61ee50b46abdade5591b9b42ca1dcb16a7be9d6078248cfae"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"T": 4, "D": 3, "H": 2}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) q[i, t, j] = Sum(w_q[j, d]*x[i, t, d], d)
#     (2) k[i, s, j] = Sum(w_k[j, d]*x[i, s, d], d)
#     (3) v[i, s, j] = Sum(w_v[j, d]*x[i, s, d], d)
#     (4) a_alpha[i, t, s] = Sum(q[i, t, j]*k[i, s, j], j)*(H)**(-1/2)
#     (5) alpha[i, t, s] = exp(a_alpha[i, t, s])*Sum(exp(a_alpha[i, t, m]), m)**(-1)
#     (6) c[i, t, j] = Sum(alpha[i, t, s]*v[i, s, j], s)
#     (7) m[i, j] = Sum(c[i, t, j], t)*(T)**(-1)
#     (8) p[i] = Sum(w_p[j]*m[i, j], j) + b_p
#     (9) L[i] = (y[i] - p[i])**2
#     (10) Q = Sum(L[i], i)
#     (12) E_p[i] = -2*(y[i] - p[i])
#     (13) E_w_p[j] = Sum(E_p[i]*m[i, j], i)
#     (14) E_b_p = Sum(E_p[i], i)
#     (15) E_m[i, j] = E_p[i]*w_p[j]
#     (16) E_c[i, t, j] = E_m[i, j]*(T)**(-1)
#     (17) E_alpha[i, t, s] = Sum(E_c[i, t, j]*v[i, s, j], j)
#     (18) E_a_alpha[i, t, s] = E_alpha[i, t, s]*alpha[i, t, s] - alpha[i, t, s]*Sum(E_alpha[i, t, r]*alpha[i, t,
#         r], r)
#     (19) E_v[i, s, j] = Sum(E_c[i, t, j]*alpha[i, t, s], t)
#     (20) E_w_v[j, d] = Sum(Sum(E_v[i, s, j]*x[i, s, d], s), i)
#     (21) E_k[i, s, j] = Sum(E_a_alpha[i, t, s]*(H)**(-1/2)*q[i, t, j], t)
#     (22) E_w_k[j, d] = Sum(Sum(E_k[i, s, j]*x[i, s, d], s), i)
#     (23) E_q[i, t, j] = Sum(E_a_alpha[i, t, s]*(H)**(-1/2)*k[i, s, j], s)
#     (24) E_w_q[j, d] = Sum(Sum(E_q[i, t, j]*x[i, t, d], t), i)
# With a weight for each sample:
#     (10) Q = Sum(s2[i]*L[i], i)
#     (11) E_L[i] = s2[i]
#     (12) E_p[i] = -2*E_L[i]*(y[i] - p[i])


def plain(w_q: Array, w_k: Array, w_v: Array, w_p: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_q (H, D); w_k (H, D); w_v (H, D); w_p (H,); b_p a number; x (N, T, D); y (N,).
    """
    N, T, D = x.shape
    H = w_q.shape[0]
    q = (x.reshape(N*T, D) @ w_q.T).reshape(N, T, H)  # (1)
    k = (x.reshape(N*T, D) @ w_k.T).reshape(N, T, H)  # (2)
    v = (x.reshape(N*T, D) @ w_v.T).reshape(N, T, H)  # (3)
    a_alpha = (q @ k.transpose(0, 2, 1)) / H**0.5  # (4)
    alpha_max = a_alpha.max(2)  # (5)
    alpha_shifted = a_alpha - alpha_max[:, :, None]  # (5)
    alpha_part = np.exp(alpha_shifted)  # (5)
    alpha_part_2 = 1.0 / alpha_part.sum(2)  # (5)
    alpha = np.exp(alpha_shifted)*alpha_part_2[:, :, None]  # (5)
    c = alpha @ v  # (6)
    m = c.sum(1) / T  # (7)
    p = b_p + w_p @ m.T  # (8)
    L = (y - p)**2  # (9)
    Q = L.sum()  # (10)
    E_p = -2.0*(y - p)  # (12)
    E_w_p = E_p @ m  # (13)
    E_b_p = E_p.sum()  # (14)
    E_m = E_p[:, None]*w_p  # (15)
    E_c_part = E_m / T  # (16)
    E_c = np.broadcast_to(E_c_part[:, None, :], (N, T, H))  # (16)
    E_alpha = E_c @ v.transpose(0, 2, 1)  # (17)
    E_a_alpha_part = E_alpha*alpha  # (18)
    E_a_alpha_sum = E_a_alpha_part.sum(2)  # (18)
    E_a_alpha = E_alpha*alpha - alpha*E_a_alpha_sum[:, :, None]  # (18)
    E_v = (E_c.transpose(0, 2, 1) @ alpha).transpose(0, 2, 1)  # (19)
    E_w_v = E_v.transpose(2, 0, 1).reshape(H, N*T) @ x.reshape(N*T, D)  # (20)
    E_k = (E_a_alpha.transpose(0, 2, 1) @ q) / H**0.5  # (21)
    E_w_k = E_k.transpose(2, 0, 1).reshape(H, N*T) @ x.reshape(N*T, D)  # (22)
    E_q = (E_a_alpha @ k) / H**0.5  # (23)
    E_w_q = E_q.transpose(2, 0, 1).reshape(H, N*T) @ x.reshape(N*T, D)  # (24)
    return Q, (E_w_q, E_w_k, E_w_v, E_w_p, E_b_p)


def shapes(T: int, D: int, H: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w_q": (H, D), "w_k": (H, D), "w_v": (H, D), "w_p": (1, H), "b_p": (1,)}


def plain_shapes(T: int, D: int, H: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (H, D),
        (H, D),
        (H, D),
        (H,),
        (),
    )


def sample_shapes(T: int, D: int, H: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, T, D)}, (None,)


def witnesses(flat: Array, layout: Layout, T: int, D: int, H: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {
        "x": flat[layout["w_v"][0]].reshape((H, D))[0],
    }


def parameter_views(flat: Array, layout: Layout, T: int, D: int, H: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_q = flat[layout["w_q"][0]].reshape((H, D))
    w_k = flat[layout["w_k"][0]].reshape((H, D))
    w_v = flat[layout["w_v"][0]].reshape((H, D))
    w_p = flat[layout["w_p"][0]].reshape((H,))
    b_p = flat[layout["b_p"][0]].reshape(())
    w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    w_q_T = w_q.T
    w_k_T = w_k.T
    w_v_T = w_v.T
    w_p_column = w_p[:, None]
    return w_p_and_b_p, w_q_T, w_k_T, w_v_T, w_p_column


def gradient_views(flat: Array, layout: Layout, T: int, D: int, H: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w_q = flat[layout["w_q"][0]].reshape((H, D))
    E_w_k = flat[layout["w_k"][0]].reshape((H, D))
    E_w_v = flat[layout["w_v"][0]].reshape((H, D))
    E_w_p_and_b_p = flat[layout["w_p"][0].start : layout["b_p"][0].stop]
    return E_w_q, E_w_k, E_w_v, E_w_p_and_b_p


def functions(N: int, T: int, D: int, H: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    factor = array(power(H, -0.5), dtype)
    factor_2 = array(T, dtype)
    minus_two = array(-2.0, dtype)
    m_and_one = empty((H + 1, N), dtype)
    m_and_one[H].fill(1.0)
    ones = empty((T,), dtype)
    ones.fill(1.0)
    q, k, v, c = (empty((N, T, H), dtype) for _ in range(4))
    a_alpha, E_alpha, E_a_alpha_2 = (empty((N, T, T), dtype) for _ in range(3))
    alpha_max = empty((N, T), dtype)
    alpha = a_alpha  # the same memory
    m = m_and_one[0:H]
    p = empty((N,), dtype)
    L_1 = E_p = p  # the same memory
    E_m = E_c_part = m  # the same memory
    E_c = c  # the same memory
    E_a_alpha = E_alpha  # the same memory
    E_a_alpha_sum = alpha_max  # the same memory
    E_v = E_k = E_q = v  # the same memory
    q_matrix = q.reshape(N*T, H)
    k_matrix = k.reshape(N*T, H)
    v_matrix = v.reshape(N*T, H)
    k_turned = k.transpose(0, 2, 1)
    alpha_max_spread = alpha_max[:, :, None]
    alpha_matrix = alpha.reshape(N*T, T)
    alpha_max_flat = alpha_max.reshape(N*T)
    c_turned = c.transpose(2, 0, 1)
    m_and_one_T = m_and_one.T
    E_p_row = E_p[None, :]
    E_c_part_T_spread = E_c_part.T[:, None, :]
    v_turned = v.transpose(0, 2, 1)
    E_a_alpha_matrix = E_a_alpha.reshape(N*T, T)
    E_a_alpha_sum_flat = E_a_alpha_sum.reshape(N*T)
    E_a_alpha_sum_spread = E_a_alpha_sum[:, :, None]
    E_c_turned = E_c.transpose(0, 2, 1)
    E_v_turned = E_v.transpose(0, 2, 1)
    E_v_matrix_T = E_v.reshape(N*T, H).T
    E_a_alpha_turned = E_a_alpha.transpose(0, 2, 1)
    E_k_matrix_T = E_k.reshape(N*T, H).T
    E_q_matrix_T = E_q.reshape(N*T, H).T

    def predict(weights: Views, x: Array) -> Any:
        w_p_and_b_p, w_q_T, w_k_T, w_v_T, w_p_column = weights
        x_matrix = x.reshape(N*T, D)
        x_matrix.dot(w_q_T, q_matrix)  # (1)
        x_matrix.dot(w_k_T, k_matrix)  # (2)
        x_matrix.dot(w_v_T, v_matrix)  # (3)
        matmul(q, k_turned, a_alpha)  # (4)
        multiply(a_alpha, factor, a_alpha)  # (4)
        maximum.reduce(a_alpha, 2, out=alpha_max)  # (5)
        subtract(a_alpha, alpha_max_spread, alpha)  # (5)
        exp(alpha, alpha)  # (5)
        alpha_matrix.dot(ones, alpha_max_flat)  # (5)
        reciprocal(alpha_max, alpha_max)  # (5)
        multiply(alpha_max_spread, alpha, alpha)  # (5)
        matmul(alpha, v, c)  # (6)
        add.reduce(c_turned, 2, out=m)  # (7)
        divide(m, factor_2, m)  # (7)
        w_p_and_b_p.dot(m_and_one, p)  # (8)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        subtract(y, p, L_1)  # (9)
        Q = L_1.dot(L_1)  # (9), (10)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_p_and_b_p, w_q_T, w_k_T, w_v_T, w_p_column = weights
        E_w_q, E_w_k, E_w_v, E_w_p_and_b_p = slopes
        x_matrix = x.reshape(N*T, D)
        multiply(minus_two, L_1, E_p)  # (12)
        E_p.dot(m_and_one_T, E_w_p_and_b_p)  # (13), (14)
        w_p_column.dot(E_p_row, E_m)  # (15)
        divide(E_m, factor_2, E_c_part)  # (16)
        copyto(E_c, E_c_part_T_spread)  # (16)
        matmul(E_c, v_turned, E_alpha)  # (17)
        multiply(E_alpha, alpha, E_a_alpha)  # (18)
        E_a_alpha_matrix.dot(ones, E_a_alpha_sum_flat)  # (18)
        multiply(alpha, E_a_alpha_sum_spread, E_a_alpha_2)  # (18)
        subtract(E_a_alpha, E_a_alpha_2, E_a_alpha)  # (18)
        matmul(E_c_turned, alpha, E_v_turned)  # (19)
        E_v_matrix_T.dot(x_matrix, E_w_v)  # (20)
        matmul(E_a_alpha_turned, q, E_k)  # (21)
        multiply(E_k, factor, E_k)  # (21)
        E_k_matrix_T.dot(x_matrix, E_w_k)  # (22)
        matmul(E_a_alpha, k, E_q)  # (23)
        multiply(E_q, factor, E_q)  # (23)
        E_q_matrix_T.dot(x_matrix, E_w_q)  # (24)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def weighted_functions(N: int, T: int, D: int, H: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s2[i]*L[i], i)."""
    factor = array(power(H, -0.5), dtype)
    factor_2 = array(T, dtype)
    minus_two = array(-2.0, dtype)
    m_and_one = empty((H + 1, N), dtype)
    m_and_one[H].fill(1.0)
    ones = empty((T,), dtype)
    ones.fill(1.0)
    q, k, v, c = (empty((N, T, H), dtype) for _ in range(4))
    a_alpha, E_alpha, E_a_alpha_2 = (empty((N, T, T), dtype) for _ in range(3))
    alpha_max = empty((N, T), dtype)
    alpha = a_alpha  # the same memory
    m = m_and_one[0:H]
    p = empty((N,), dtype)
    L = empty((N,), dtype)
    L_1 = p  # the same memory
    E_L = E_p = L  # the same memory
    E_m = E_c_part = m  # the same memory
    E_c = c  # the same memory
    E_a_alpha = E_alpha  # the same memory
    E_a_alpha_sum = alpha_max  # the same memory
    E_v = E_k = E_q = v  # the same memory
    q_matrix = q.reshape(N*T, H)
    k_matrix = k.reshape(N*T, H)
    v_matrix = v.reshape(N*T, H)
    k_turned = k.transpose(0, 2, 1)
    alpha_max_spread = alpha_max[:, :, None]
    alpha_matrix = alpha.reshape(N*T, T)
    alpha_max_flat = alpha_max.reshape(N*T)
    c_turned = c.transpose(2, 0, 1)
    m_and_one_T = m_and_one.T
    E_p_row = E_p[None, :]
    E_c_part_T_spread = E_c_part.T[:, None, :]
    v_turned = v.transpose(0, 2, 1)
    E_a_alpha_matrix = E_a_alpha.reshape(N*T, T)
    E_a_alpha_sum_flat = E_a_alpha_sum.reshape(N*T)
    E_a_alpha_sum_spread = E_a_alpha_sum[:, :, None]
    E_c_turned = E_c.transpose(0, 2, 1)
    E_v_turned = E_v.transpose(0, 2, 1)
    E_v_matrix_T = E_v.reshape(N*T, H).T
    E_a_alpha_turned = E_a_alpha.transpose(0, 2, 1)
    E_k_matrix_T = E_k.reshape(N*T, H).T
    E_q_matrix_T = E_q.reshape(N*T, H).T

    def predict(weights: Views, x: Array, s2: Array) -> Any:
        w_p_and_b_p, w_q_T, w_k_T, w_v_T, w_p_column = weights
        x_matrix = x.reshape(N*T, D)
        x_matrix.dot(w_q_T, q_matrix)  # (1)
        x_matrix.dot(w_k_T, k_matrix)  # (2)
        x_matrix.dot(w_v_T, v_matrix)  # (3)
        matmul(q, k_turned, a_alpha)  # (4)
        multiply(a_alpha, factor, a_alpha)  # (4)
        maximum.reduce(a_alpha, 2, out=alpha_max)  # (5)
        subtract(a_alpha, alpha_max_spread, alpha)  # (5)
        exp(alpha, alpha)  # (5)
        alpha_matrix.dot(ones, alpha_max_flat)  # (5)
        reciprocal(alpha_max, alpha_max)  # (5)
        multiply(alpha_max_spread, alpha, alpha)  # (5)
        matmul(alpha, v, c)  # (6)
        add.reduce(c_turned, 2, out=m)  # (7)
        divide(m, factor_2, m)  # (7)
        w_p_and_b_p.dot(m_and_one, p)  # (8)
        return p

    def value(weights: Views, x: Array, s2: Array, y: Array) -> Any:
        predict(weights, x, s2)
        subtract(y, p, L_1)  # (9)
        multiply(L_1, L_1, L)  # (9)
        Q = s2.dot(L)  # (10)
        return Q

    def gradient(weights: Views, x: Array, s2: Array, y: Array, slopes: Views) -> None:
        w_p_and_b_p, w_q_T, w_k_T, w_v_T, w_p_column = weights
        E_w_q, E_w_k, E_w_v, E_w_p_and_b_p = slopes
        x_matrix = x.reshape(N*T, D)
        copyto(E_L, s2)  # (11)
        multiply(E_L, minus_two, E_p)  # (12)
        multiply(E_p, L_1, E_p)  # (12)
        E_p.dot(m_and_one_T, E_w_p_and_b_p)  # (13), (14)
        w_p_column.dot(E_p_row, E_m)  # (15)
        divide(E_m, factor_2, E_c_part)  # (16)
        copyto(E_c, E_c_part_T_spread)  # (16)
        matmul(E_c, v_turned, E_alpha)  # (17)
        multiply(E_alpha, alpha, E_a_alpha)  # (18)
        E_a_alpha_matrix.dot(ones, E_a_alpha_sum_flat)  # (18)
        multiply(alpha, E_a_alpha_sum_spread, E_a_alpha_2)  # (18)
        subtract(E_a_alpha, E_a_alpha_2, E_a_alpha)  # (18)
        matmul(E_c_turned, alpha, E_v_turned)  # (19)
        E_v_matrix_T.dot(x_matrix, E_w_v)  # (20)
        matmul(E_a_alpha_turned, q, E_k)  # (21)
        multiply(E_k, factor, E_k)  # (21)
        E_k_matrix_T.dot(x_matrix, E_w_k)  # (22)
        matmul(E_a_alpha, k, E_q)  # (23)
        multiply(E_q, factor, E_q)  # (23)
        E_q_matrix_T.dot(x_matrix, E_w_q)  # (24)

    def both(
        weights: Views, x: Array, s2: Array, y: Array, slopes: Views, shown: Sequence[Array] = (),
    ) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, s2, y))
        gradient(weights, x, s2, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


# -- the network, handed to the runtime ------------------------------------------------------------------------------


FACTS = Facts(
    spec=SPEC, spec_hash=SPEC_HASH, version=VERSION, dtype=DTYPE, sizes=SIZES,
    biases=("b_p",),
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    of_difference=True,
)


class Objective(BaseObjective):
    """Q(w) of attention: ``Objective(T=4, D=3, H=2)``."""

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
    """Finds weights that make Q of attention small: ``Trainer(epochs=20, T=4, D=3, H=2).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
