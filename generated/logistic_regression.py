"""logistic_regression: Q(w) and its gradient, in NumPy alone.

    logistic_regression
      x : D                          input
      p : 1 = sigmoid(w x + b_p)     output
      log_loss loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 3d26719f35d1b805, for float64; not to be edited.
Operations  4*N*D + 17*N   for Q and its gradient
Workspace   8*(5*N) bytes for N samples
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

SPEC = "logistic_regression"
SPEC_HASH = "3d26719f35d1b8054f473d76ae87e22038655cd9addbae74de53cbc6f7d45b21"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"D": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_p[i] = Sum(w[d]*x[i, d], d) + b_p
#     (2) p[i] = sigmoid(a_p[i])
#     (3) L[i] = -(y[i]*log(p[i]) + (1 - y[i])*log(1 - p[i]))
#     (4) Q = Sum(L[i], i)
#     (7) E_a_p[i] = p[i] - y[i]
#     (8) E_w[d] = Sum(E_a_p[i]*x[i, d], i)
#     (9) E_b_p = Sum(E_a_p[i], i)
# With a weight for each sample:
#     (4) Q = Sum(s[i]*L[i], i)
#     (5) E_L[i] = s[i]
#     (7) E_a_p[i] = E_L[i]*(p[i] - y[i])


def plain(w_: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_ (D,); b_p a number; x (N, D); y (N,).
    """
    a_p = b_p + w_ @ x.T  # (1)
    p = 1.0 / (1.0 + np.exp(-a_p))  # (2)
    L = -(-y*np.logaddexp(0.0, -a_p) - (1.0 - y)*np.logaddexp(0.0, a_p))  # (3)
    Q = L.sum()  # (4)
    E_a_p = p - y  # (7)
    E_w = E_a_p @ x  # (8)
    E_b_p = E_a_p.sum()  # (9)
    return Q, (E_w, E_b_p)


def shapes(D: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, in the order of the flat vector; row j of weights belongs to neuron j."""
    return {"w": (1, D), "b_p": (1,)}


def plain_shapes(D: int) -> tuple[tuple[int, ...], ...]:
    """The same as ``plain`` and the equations have them, where a single neuron has no axis."""
    return (
        (D,),
        (),
    )


def sample_shapes(D: int) -> tuple[dict[str, Shape], Shape]:
    """The shapes of the inputs and of the target; None is the number of samples."""
    return {"x": (None, D)}, (None,)


def witnesses(flat: Array, layout: Layout, D: int) -> dict[str, Array]:
    """For an input: entries of the gradient, some of which are not finite when a number in the input is not."""
    return {}


def parameter_views(flat: Array, layout: Layout, D: int) -> Views:
    """Views of the flat vector of parameters, one for each way in which the equations read a parameter."""
    w_ = flat[layout["w"][0]].reshape((D,))
    b_p = flat[layout["b_p"][0]].reshape(())
    return w_, b_p


def gradient_views(flat: Array, layout: Layout, D: int) -> Views:
    """The same for the flat gradient: where each derivative is written."""
    E_w = flat[layout["w"][0]].reshape((D,))
    E_b_p = flat[layout["b_p"][0]].reshape(())
    return E_w, E_b_p


def functions(N: int, D: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    zero = array(0.0, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_p, p_1, p, L_4 = (empty((N,), dtype) for _ in range(4))
    L_2 = p_1  # the same memory
    L_5 = a_p  # the same memory
    E_a_p = p  # the same memory

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
        logaddexp(zero, p_1, L_2)  # (3)
        multiply(y, L_2, L_2)  # (3)
        subtract(one, y, L_4)  # (3)
        logaddexp(zero, a_p, L_5)  # (3)
        multiply(L_4, L_5, L_4)  # (3)
        negative(L_2, L_2)  # (3), (4)
        subtract(L_2, L_4, L_2)  # (3), (4)
        Q_sum = L_2.dot(ones)  # (3), (4)
        Q = -Q_sum  # (3), (4)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        E_w, E_b_p = slopes
        subtract(p, y, E_a_p)  # (7)
        E_a_p.dot(x, E_w)  # (8)
        E_a_p.dot(ones, E_b_p)  # (9)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def alone_function(D: int, dtype: np.dtype[Any]) -> Callable[..., float]:
    """For one sample every value is a number: the same equations in Python's floats, Q and its gradient at once.

    ArithmeticError or ValueError where a number is out of range or is none; arrays then tell what it is.
    """

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
        Q = L  # (4)
        if not isfinite(Q + a_p_sum):
            raise ValueError("not finite")
        E_a_p = p - y  # (7)
        multiply(E_a_p, x, E_w)  # (8)
        E_b_p[()] = E_a_p  # (9)
        return Q

    return quietly(alone)[0]


def weighted_functions(N: int, D: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    one = array(1.0, dtype)
    zero = array(0.0, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_p, L, p, L_4 = (empty((N,), dtype) for _ in range(4))
    p_1 = E_L = E_a_p = L  # the same memory
    L_5 = a_p  # the same memory
    E_a_p_1 = p  # the same memory

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
        logaddexp(zero, p_1, L)  # (3)
        multiply(y, L, L)  # (3)
        subtract(one, y, L_4)  # (3)
        logaddexp(zero, a_p, L_5)  # (3)
        multiply(L_4, L_5, L_4)  # (3)
        add(L, L_4, L)  # (3)
        Q = s.dot(L)  # (4)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        E_w, E_b_p = slopes
        copyto(E_L, s)  # (5)
        subtract(p, y, E_a_p_1)  # (7)
        multiply(E_L, E_a_p_1, E_a_p)  # (7)
        E_a_p.dot(x, E_w)  # (8)
        E_a_p.dot(ones, E_b_p)  # (9)

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
    target="binary", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    alone=alone_function,
)


class Objective(BaseObjective):
    """Q(w) of logistic_regression: ``Objective(D=3)``."""

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
    """Finds weights that make Q of logistic_regression small: ``Trainer(epochs=20, D=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
