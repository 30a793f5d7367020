"""one_neuron: Q(w) and its gradient, in NumPy alone.

    one_neuron
      x : d                          input
      p : 1 = sigmoid(w x + b_p)     output
      squared loss, sum over the sample

Emitted by chainrule 0.1.0 from the spec 9f69ff28aa9c34a8, for float64; not to be edited.
Operations  4*N*d + 14*N   for Q and its gradient
Workspace   8*(3*N) bytes for N samples
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy import add, array, copyto, empty, exp, multiply, negative, reciprocal, subtract

from .runtime import (
    Array, BaseObjective, BaseTrainer, Diverged as Diverged, Facts, Functions, Layout, NotConverged as NotConverged,
    Shape, Views, check_command, quietly,
)

__all__ = ["Objective", "Trainer", "plain"]

SPEC = "one_neuron"
SPEC_HASH = "9f69ff28aa9c34a88586d10bd0bc2088dad019cb5120d47fa3bd2c5f6ad3dedb"
VERSION = "0.1.0"
DTYPE = "float64"
#: The sizes of the spec, with its defaults; None must be given to Objective.
SIZES: dict[str, int | None] = {"d": 3}


# Equations, each computed for the whole sample at once; its number stands behind the lines that compute it:
#     (1) a_p[i] = Sum(w[j]*x[i, j], j) + b_p
#     (2) p[i] = sigmoid(a_p[i])
#     (3) L[i] = (y[i] - p[i])**2
#     (4) Q = Sum(L[i], i)
#     (6) E_p[i] = -2*(y[i] - p[i])
#     (7) E_a_p[i] = E_p[i]*p[i]*(1 - p[i])
#     (8) E_w[j] = Sum(E_a_p[i]*x[i, j], i)
#     (9) E_b_p = Sum(E_a_p[i], i)
# With a weight for each sample:
#     (4) Q = Sum(s[i]*L[i], i)
#     (5) E_L[i] = s[i]
#     (6) E_p[i] = -2*E_L[i]*(y[i] - p[i])


def plain(w_: Array, b_p: Array, x: Array, y: Array) -> tuple[Any, Views]:
    """Q and its gradient as the derivation has them, a new array for each line.

    w_ (d,); b_p a number; x (N, d); y (N,).
    """
    a_p = b_p + w_ @ x.T  # (1)
    p = 1.0 / (1.0 + np.exp(-a_p))  # (2)
    L = (y - p)**2  # (3)
    Q = L.sum()  # (4)
    E_p = -2.0*(y - p)  # (6)
    E_a_p = E_p*p*(1.0 - p)  # (7)
    E_w = E_a_p @ x  # (8)
    E_b_p = E_a_p.sum()  # (9)
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


def functions(N: int, d: int, dtype: np.dtype[Any]) -> Functions:
    """The workspace for N samples, and the functions that share it: predict, value, value and gradient.

    ``gradient`` continues where ``value`` stopped, and ``value`` where ``predict`` did.  The last argument
    of ``dot`` and of a ufunc is the array that takes the result.
    """
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_p = empty((N,), dtype)
    E_p = empty((N,), dtype)
    p = E_a_p_2 = a_p  # the same memory
    L_1 = E_a_p = E_p  # the same memory

    def predict(weights: Views, x: Array) -> Any:
        w_, b_p = weights
        x_T = x.T
        w_.dot(x_T, a_p)  # (1)
        add(b_p, a_p, a_p)  # (1)
        negative(a_p, p)  # (2)
        exp(p, p)  # (2)
        add(p, one, p)  # (2)
        reciprocal(p, p)  # (2)
        return p

    def value(weights: Views, x: Array, y: Array) -> Any:
        predict(weights, x)
        subtract(y, p, L_1)  # (3)
        Q = L_1.dot(L_1)  # (3), (4)
        return Q

    def gradient(weights: Views, x: Array, y: Array, slopes: Views) -> None:
        E_w, E_b_p = slopes
        multiply(minus_two, L_1, E_p)  # (6)
        multiply(E_p, p, E_a_p)  # (7)
        subtract(one, p, E_a_p_2)  # (7)
        multiply(E_a_p, E_a_p_2, E_a_p)  # (7)
        E_a_p.dot(x, E_w)  # (8)
        E_a_p.dot(ones, E_b_p)  # (9)

    def both(weights: Views, x: Array, y: Array, slopes: Views, shown: Sequence[Array] = ()) -> tuple[float, float]:
        value_of_Q = finite = float(value(weights, x, y))
        gradient(weights, x, y, slopes)
        for part in shown:
            finite += part.dot(part)
        return value_of_Q, finite

    return quietly(predict, value, both)


def alone_function(d: int, dtype: np.dtype[Any]) -> Callable[..., float]:
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
        L = (y - p)**2  # (3)
        Q = L  # (4)
        if not isfinite(Q + a_p_sum):
            raise ValueError("not finite")
        E_p = -2.0*(y - p)  # (6)
        E_a_p = E_p*p*(1.0 - p)  # (7)
        multiply(E_a_p, x, E_w)  # (8)
        E_b_p[()] = E_a_p  # (9)
        return Q

    return quietly(alone)[0]


def weighted_functions(N: int, d: int, dtype: np.dtype[Any]) -> Functions:
    """The same with a weight for each sample: Q = Sum(s[i]*L[i], i)."""
    one = array(1.0, dtype)
    minus_two = array(-2.0, dtype)
    ones = empty((N,), dtype)
    ones.fill(1.0)
    a_p, L_1, L = (empty((N,), dtype) for _ in range(3))
    p = E_a_p_2 = a_p  # the same memory
    E_L = E_p = E_a_p = L  # the same memory

    def predict(weights: Views, x: Array, s: Array) -> Any:
        w_, b_p = weights
        x_T = x.T
        w_.dot(x_T, a_p)  # (1)
        add(b_p, a_p, a_p)  # (1)
        negative(a_p, p)  # (2)
        exp(p, p)  # (2)
        add(p, one, p)  # (2)
        reciprocal(p, p)  # (2)
        return p

    def value(weights: Views, x: Array, s: Array, y: Array) -> Any:
        predict(weights, x, s)
        subtract(y, p, L_1)  # (3)
        multiply(L_1, L_1, L)  # (3)
        Q = s.dot(L)  # (4)
        return Q

    def gradient(weights: Views, x: Array, s: Array, y: Array, slopes: Views) -> None:
        E_w, E_b_p = slopes
        copyto(E_L, s)  # (5)
        multiply(E_L, minus_two, E_p)  # (6)
        multiply(E_p, L_1, E_p)  # (6)
        multiply(E_p, p, E_a_p)  # (7)
        subtract(one, p, E_a_p_2)  # (7)
        multiply(E_a_p, E_a_p_2, E_a_p)  # (7)
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
    target="", mean=False, regularised=False, value_shows_target=True,
    shapes=shapes, sample_shapes=sample_shapes, plain=plain, plain_shapes=plain_shapes, witnesses=witnesses,
    functions=functions,
    parameter_views=parameter_views, gradient_views=gradient_views,
    alone=alone_function,
    of_difference=True,
    reach=("p", 0.0, 1.0),
)


class Objective(BaseObjective):
    """Q(w) of one_neuron: ``Objective(d=3)``."""

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
    """Finds weights that make Q of one_neuron small: ``Trainer(epochs=20, d=3).fit(X, Y)``."""

    _objective_type = Objective
    _weighted_type = WeightedObjective


def main(argv: Sequence[str] | None = None) -> int:
    """Check the gradient; exit status 1 when an entry disagrees."""
    return check_command(Objective, argv)


if __name__ == "__main__":
    sys.exit(main())
