"""regularized_neuron: Q(w) and its gradient, in NumPy alone.

    regularized_neuron
      x : d                          input
      p : 1 = sigmoid(w x + b_p)     output
      log_loss loss, sum over the sample + regulariser

Emitted by chainrule 0.1.0 from the spec 621e166fab272c30, for float64; not to be edited.
Operations  4*N*d + 17*N + 4*d   for Q and its gradient
Workspace   8*(5*N + d) bytes for N samples
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, exp, logaddexp, multiply, negative, reciprocal, subtract

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly, scalar_logaddexp,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "regularized_neuron"
SPEC_HASH = "621e166fab272c307c3273a58812e9fcaec33b57f48aebddeae4e9e64c0a0f36"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"d": 3}
lambda_ = 0.01  # the lambda of the regulariser


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_p[i] = Sum(w[j]*x[i, j], j) + b_p
#     (2) p[i] = sigmoid(a_p[i])
#     (3) L[i] = -(y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))
#     (4) R = lambda*(Sum(w[j]**2, j) + b_p**2)
#     (5) Q = Sum(L[i], i) + R
#     (9) E_a_p[i] = p[i] - y[i]
#     (10) E_w[j] = Sum(E_a_p[i]*x[i, j], i) + 2*lambda*w[j]
#     (11) E_b_p = Sum(E_a_p[i], i) + 2*lambda*b_p
# With a weight for each sample:
#     (5) Q = Sum(s[i]*L[i], i) + R
#     (7) E_L[i] = s[i]
#     (9) E_a_p[i] = E_L[i]*(p[i] - y[i])


def plain(w_: Array, b_p: Array, x: Array, y: Array, lambda_: float = lambda_) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_ (d,); b_p a number; x (N, d); y (N,).
    """
    a_p = b_p + w_ @ x.T  # (1)
    p = 1.0 / (1.0 + np.exp(-a_p))  # (2)
    L = -(-y*np.logaddexp(0.0, -a_p) - (1.0 - y)*np.logaddexp(0.0, a_p))  # (3)
    R = lambda_*(w_ @ w_ + b_p**2)  # (4)
    Q = L.sum() + R  # (5)
    E_a_p = p - y  # (9)
    E_w = E_a_p @ x + 2.0*lambda_*w_  # (10)
    E_b_p = E_a_p.sum() + 2.0*lambda_*b_p  # (11)
    return Q, (E_w, E_b_p)


def shapes(d: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w": (1, d), "b_p": (1,)}


def plain_shapes(d: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (d,),
        (),
    )


def sample_shapes(d: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, d)}, (None,)


def witnesses(flat: Array, layout: Layout, d: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, d: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_ = flat[layout["w"][0]].reshape((d,))
    b_p = flat[layout["b_p"][0]].reshape(())
    return w_, b_p


def gradient_views(flat: Array, layout: Layout, d: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w = flat[layout["w"][0]].reshape((d,))
    E_b_p = flat[layout["b_p"][0]].reshape(())
    return E_w, E_b_p


def functions(N: int, d: int, dtype: np.dtype[Any], lambda_: float = lambda_) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    zero = array(0.0, dtype)
    factor = array(2.0*lambda_, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_p, p_1, p, L_4 = (empty((N,), dtype) for _ in range(4))
    L_2 = p_1  # the same memory
    L_5 = a_p  # the same memory
    E_a_p = p  # the same memory
    E_w_sum = empty((d,), dtype)

    def predict(weights: Views, x: Array) -> Any:
        w_, b_p = weights
        x_T = x.T
        w_.dot(x_T, a_p)  # (1)
        add(b_p, a_p, a_p)  # (1)
        negative(a_p, p_1)  # (2)
        exp(p_1, p)  # (2)
        add(p, one, p)  # (2)
        reciprocal(p, p)  # (2)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        w_, b_p = weights
        logaddexp(zero, p_1, L_2)  # (3)
        multiply(y, L_2, L_2)  # (3)
        subtract(one, y, L_4)  # (3)
        logaddexp(zero, a_p, L_5)  # (3)
        multiply(L_4, L_5, L_4)  # (3)
        R_sum = w_.dot(w_)  # (4)
        R = lambda_*(R_sum + b_p**2)  # (4)
        negative(L_2, L_2)  # (3), (5)
        subtract(L_2, L_4, L_2)  # (3), (5)
        Q_sum = L_2.dot(ones)  # (3), (5)
        Q = -Q_sum + R  # (3), (5)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        w_, b_p = weights
        E_w, E_b_p = slopes
        subtract(p, y, E_a_p)  # (9)
        E_a_p.dot(x, E_w_sum)  # (10)
        multiply(w_, factor, E_w)  # (10)
        add(E_w, E_w_sum, E_w)  # (10)
        E_b_p_sum = E_a_p.dot(ones)  # (11)
        E_b_p[()] = E_b_p_sum + 2.0*lambda_*b_p  # (11)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def alone_function(d: int, dtype: np.dtype[Any], lambda_: float = lambda_) -> Callable[..., float]:
    """For one sample every value is a number: the same equations in Python's floats, Q and its gradient at once.

    ArithmeticError or ValueError where a number is out of range or is none; arrays then tell what it is.
    """
    factor = array(2.0*lambda_, dtype)
    E_w_1 = empty((d,), dtype)
    E_w_2 = empty((d,), dtype)

    def alone(weights: Views, x: Array, y: Array, slopes: Views) -> Any:
        w_, b_p = weights
        E_w, E_b_p = slopes
        x = x[0]
        y = y.item()
        b_p = b_p.item()
        a_p_sum = float(w_.dot(x))  # (1)
        a_p = a_p_sum + b_p  # (1)
        p = 1.0 / (1.0 + math.exp(-a_p))  # (2)
        L = -(-y*scalar_logaddexp(0.0, -a_p) - (1.0 - y)*scalar_logaddexp(0.0, a_p))  # (3)
        R_sum = float(w_.dot(w_))  # (4)
        R = lambda_*(R_sum + b_p**2)  # (4)
        Q = L + R  # (5)
        if not isfinite(Q + a_p_sum):
            raise ValueError("not finite")
        E_a_p = p - y  # (9)
        multiply(E_a_p, x, E_w_1)  # (10)
        multiply(w_, factor, E_w_2)  # (10)
        add(E_w_1, E_w_2, E_w)  # (10)
        E_b_p[()] = E_a_p + 2.0*lambda_*b_p  # (11)
        return Q

    return quietly(alone)[0]


def weighted_functions(N: int, d: int, dtype: np.dtype[Any], lambda_: float = lambda_) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i) + R."""
    one = array(1.0, dtype)
    zero = array(0.0, dtype)
    factor = array(2.0*lambda_, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_p, L, p, L_4 = (empty((N,), dtype) for _ in range(4))
    p_1 = E_L = E_a_p = L  # the same memory
    L_5 = a_p  # the same memory
    E_a_p_1 = p  # the same memory
    E_w_sum = empty((d,), dtype)

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_, b_p = weights
        x_T = x.T
        w_.dot(x_T, a_p)  # (1)
        add(b_p, a_p, a_p)  # (1)
        negative(a_p, p_1)  # (2)
        exp(p_1, p)  # (2)
        add(p, one, p)  # (2)
        reciprocal(p, p)  # (2)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        w_, b_p = weights
        logaddexp(zero, p_1, L)  # (3)
        multiply(y, L, L)  # (3)
        subtract(one, y, L_4)  # (3)
        logaddexp(zero, a_p, L_5)  # (3)
        multiply(L_4, L_5, L_4)  # (3)
        add(L, L_4, L)  # (3)
        R_sum = w_.dot(w_)  # (4)
        R = lambda_*(R_sum + b_p**2)  # (4)
        Q_sum = s.dot(L)  # (5)
        Q = Q_sum + R  # (5)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        w_, b_p = weights
        E_w, E_b_p = slopes
        copyto(E_L, s)  # (7)
        subtract(p, y, E_a_p_1)  # (9)
        multiply(E_L, E_a_p_1, E_a_p)  # (9)
        E_a_p.dot(x, E_w_sum)  # (10)
        multiply(w_, factor, E_w)  # (10)
        add(E_w, E_w_sum, E_w)  # (10)
        E_b_p_sum = E_a_p.dot(ones)  # (11)
        E_b_p[()] = E_b_p_sum + 2.0*lambda_*b_p  # (11)

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
    target="binary", mean=False, regularised=True, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    alone=alone_function,
    numbers={"lambda_": 0.01},
)


class Objective(BaseObjective):
    """Q(w) of regularized_neuron: ``Objective(d=3)``."""

    facts = FACTS


class WeightedObjective(Objective):
    """Q(w) with a weight for each sample: Q = Sum(s[i]*L[i], i) + R.

    X is a dict of the inputs, and of the weights as "s", of shape (N,).
    """

    facts = FACTS._replace(
        weights="s", alone=None, functions=weighted_functions,
        parameter_views=parameter_views,
        gradient_views=gradient_views,
    )


class Trainer(BaseTrainer):
    """Finds weights that make Q of regularized_neuron small: ``Trainer(epochs=20, d=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
