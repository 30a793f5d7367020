"""Definitions written by hand, with hand-made adjoints: what lowering must cope with, whatever derives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from symbolic.language.affine import Affine, Index, Size, size
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    MINUS_ONE,
    ONE,
    Call,
    Compare,
    Entry,
    Expr,
    Hyper,
    InRange,
    Tensor,
    Where,
    divide,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import absolute, exp, log, maximum, sign
from symbolic.network.catalogue import ACTIVATIONS, LOSSES

N, D, J, K, T, U = (size(name) for name in "NDJKTU")
i, d, j, k, m, t, u = (
    Index("i", N),
    Index("d", D),
    Index("j", J),
    Index("k", K),
    Index("m", K),
    Index("t", T),
    Index("u", U),
)
sigmoid = ACTIVATIONS["sigmoid"]
two = number(2)


def _any_output(name: str) -> Any:
    """An output that may be any number."""
    return SimpleNamespace(name=name, activation=None, function=None)


@dataclass(frozen=True)
class HandParameter:
    tensor: Tensor
    shape: tuple[Size, ...]
    bias: bool = False


@dataclass(frozen=True)
class HandObjective:
    """What code generation needs of ``symbolic.network.objective.Objective``."""

    definitions: tuple[Definition, ...]
    inputs: tuple[Tensor, ...]
    target: Tensor
    output: Tensor
    parameters: tuple[HandParameter, ...]
    loss: Tensor
    value: Tensor
    sample: Index
    facts: tuple[Any, ...] = ()
    network: Any = field(
        default_factory=lambda: SimpleNamespace(name="by_hand", loss=LOSSES["squared"], output="p", node=_any_output)
    )
    more_outputs: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class Case:
    """An objective, its adjoint definitions, and sizes to try it at."""

    name: str
    objective: HandObjective
    adjoint: tuple[Definition, ...]
    sizes: dict[str, int]


def define(target: Tensor, indices: tuple[Index, ...], formula: Expr, kind: str = "node") -> Definition:
    return Definition(target, indices, formula, kind)


def E_of(tensor: Tensor) -> Tensor:
    return Tensor(f"E_{tensor.name}", tensor.axes, "adjoint")


def at(tensor: Tensor, *indices: Any) -> Entry:
    return tensor[indices] if indices else Entry(tensor)


def one_neuron() -> Case:
    x, y = Tensor("x", (N, D), "input"), Tensor("y", (N,), "target")
    w, b = Tensor("w_p", (D,), "parameter"), Tensor("b_p", (), "parameter")
    a, p, L, Q = Tensor("a_p", (N,)), Tensor("p", (N,)), Tensor("L", (N,)), Tensor("Q")
    E_p, E_a = E_of(p), E_of(a)
    forward = (
        define(a, (i,), total(w[d] * x[i, d], d) + at(b)),
        define(p, (i,), sigmoid(a[i])),
        define(L, (i,), power(y[i] - p[i], 2)),
        define(Q, (), total(at(L, i), i)),
    )
    adjoint = (
        define(E_p, (i,), mul(number(-2), y[i] - p[i])),
        define(E_a, (i,), mul(E_p[i], p[i], ONE - p[i])),
        define(E_of(w), (d,), total(E_a[i] * x[i, d], i)),
        define(E_of(b), (), total(at(E_a, i), i)),
    )
    parameters = (HandParameter(w, (size(1), D)), HandParameter(b, (size(1),), True))
    return Case("one_neuron", HandObjective(forward, (x,), y, p, parameters, L, Q, i), adjoint, {"N": 5, "D": 3})


def one_hidden_layer() -> Case:
    x, y = Tensor("x", (N, D), "input"), Tensor("y", (N,), "target")
    w1, b1 = Tensor("w_1", (J, D), "parameter"), Tensor("b_z", (J,), "parameter")
    w2, b2 = Tensor("w_2", (J,), "parameter"), Tensor("b_p", (), "parameter")
    az, z, ap, p = Tensor("a_z", (N, J)), Tensor("z", (N, J)), Tensor("a_p", (N,)), Tensor("p", (N,))
    L, Q = Tensor("L", (N,)), Tensor("Q")
    forward = (
        define(az, (i, j), total(w1[j, d] * x[i, d], d) + b1[j]),
        define(z, (i, j), sigmoid(az[i, j])),
        define(ap, (i,), total(w2[j] * z[i, j], j) + at(b2)),
        define(p, (i,), sigmoid(ap[i])),
        define(L, (i,), power(y[i] - p[i], 2)),
        define(Q, (), total(at(L, i), i)),
    )
    E_p, E_ap, E_z, E_az = E_of(p), E_of(ap), E_of(z), E_of(az)
    adjoint = (
        define(E_p, (i,), mul(number(-2), y[i] - p[i])),
        define(E_ap, (i,), mul(E_p[i], p[i], ONE - p[i])),
        define(E_of(w2), (j,), total(E_ap[i] * z[i, j], i)),
        define(E_of(b2), (), total(at(E_ap, i), i)),
        define(E_z, (i, j), E_ap[i] * w2[j]),
        define(E_az, (i, j), mul(E_z[i, j], z[i, j], ONE - z[i, j])),
        define(E_of(w1), (j, d), total(E_az[i, j] * x[i, d], i)),
        define(E_of(b1), (j,), total(E_az[i, j], i)),
    )
    parameters = (
        HandParameter(w1, (J, D)),
        HandParameter(b1, (J,), True),
        HandParameter(w2, (size(1), J)),
        HandParameter(b2, (size(1),), True),
    )
    objective = HandObjective(forward, (x,), y, p, parameters, L, Q, i)
    return Case("one_hidden_layer", objective, adjoint, {"N": 5, "D": 3, "J": 4})


def softmax_layer() -> Case:
    x, y = Tensor("x", (N, D), "input"), Tensor("y", (N, K), "target")
    w, b = Tensor("w_p", (K, D), "parameter"), Tensor("b_p", (K,), "parameter")
    a, p, L, Q = Tensor("a_p", (N, K)), Tensor("p", (N, K)), Tensor("L", (N,)), Tensor("Q")
    E_a = E_of(a)
    weight = Hyper("lambda", number("1/10").value)
    forward = (
        define(a, (i, k), total(w[k, d] * x[i, d], d) + b[k]),
        define(p, (i, k), mul(exp(a[i, k]), power(total(exp(a[i, m]), m), -1))),
        define(L, (i,), neg(total(y[i, k] * log(p[i, k]), k))),
        define(Q, (), total(at(L, i), i) + mul(weight, total(power(w[k, d], 2), k, d) + total(power(b[k], 2), k))),
    )
    adjoint = (
        define(E_a, (i, k), p[i, k] - y[i, k]),
        define(E_of(w), (k, d), total(E_a[i, k] * x[i, d], i) + mul(two, weight, w[k, d])),
        define(E_of(b), (k,), total(E_a[i, k], i) + mul(two, weight, b[k])),
    )
    parameters = (HandParameter(w, (K, D)), HandParameter(b, (K,), True))
    return Case("softmax", HandObjective(forward, (x,), y, p, parameters, L, Q, i), adjoint, {"N": 6, "D": 3, "K": 4})


def convolution() -> Case:
    """A layer that slides along t, a rectifier, the mean over t, an L1 penalty, the mean over the sample.

    Its input is standardised by a node of its own, so that an adjoint with shifted subscripts is needed.
    """
    length: Size = T - U + 1
    s, r = Index("s", length), Index("r", D)
    x, y = Tensor("x", (N, T, D), "input"), Tensor("y", (N, J), "target")
    v, w, b = Tensor("v", (D,), "parameter"), Tensor("w_z", (J, U, D), "parameter"), Tensor("b_z", (J,), "parameter")
    h, az = Tensor("h", (N, T, D)), Tensor("a_z", (N, length, J))
    z, p = Tensor("z", (N, length, J)), Tensor("p", (N, J))
    L, Q = Tensor("L", (N,)), Tensor("Q")
    zero = number(0)
    from symbolic.language.affine import subscript as sub
    from symbolic.language.expr import Extent

    shifted = sub(s) + sub(u)
    back = sub(t) - sub(u)
    weight = Hyper("lambda", number("1/7").value)
    forward = (
        define(h, (i, t, d), x[i, t, d] * v[d]),
        define(az, (i, s, j), total(w[j, u, r] * h[i, shifted, r], u, r) + b[j]),
        define(z, (i, s, j), maximum(az[i, s, j], zero)),
        define(p, (i, j), mul(power(Extent(length), -1), total(z[i, s, j], s))),
        define(L, (i,), total(absolute(y[i, j] - p[i, j]), j)),
        define(Q, (), mul(power(Extent(N), -1), total(at(L, i), i)) + mul(weight, total(absolute(v[d]), d))),
    )
    E_p, E_z, E_az, E_h = E_of(p), E_of(z), E_of(az), E_of(h)
    adjoint = (
        define(E_p, (i, j), mul(MINUS_ONE, power(Extent(N), -1), sign(y[i, j] - p[i, j]))),
        define(E_z, (i, s, j), mul(power(Extent(length), -1), E_p[i, j])),
        define(E_az, (i, s, j), mul(E_z[i, s, j], Compare(">", az[i, s, j], zero))),
        define(E_of(w), (j, u, d), total(E_az[i, s, j] * h[i, shifted, d], i, s)),
        define(E_of(b), (j,), total(E_az[i, s, j], i, s)),
        define(E_h, (i, t, d), total(mul(InRange(back, length), E_az[i, back, j], w[j, u, d]), u, j)),
        define(E_of(v), (d,), total(E_h[i, t, d] * x[i, t, d], i, t) + mul(weight, sign(v[d]))),
    )
    parameters = (HandParameter(v, (D,)), HandParameter(w, (J, U, D)), HandParameter(b, (J,), True))
    objective = HandObjective(forward, (x,), y, p, parameters, L, Q, i)
    return Case("convolution", objective, adjoint, {"N": 3, "T": 7, "U": 3, "D": 2, "J": 4})


def leaky() -> Case:
    """A scalar per sample: a branch, a division, a parameter used twice, an elu with its exponential."""
    x, y = Tensor("x", (N,), "input"), Tensor("y", (N,), "target")
    w, v = Tensor("w", (), "parameter"), Tensor("v", (), "parameter")
    a, z, p = Tensor("a_z", (N,)), Tensor("z", (N,)), Tensor("p", (N,))
    L, Q = Tensor("L", (N,)), Tensor("Q")
    zero = number(0)
    E_p, E_z, E_a = E_of(p), E_of(z), E_of(a)
    positive = Compare(">", a[i], zero)
    quotient = divide(ONE, ONE + power(at(v), 2))
    forward = (
        define(a, (i,), at(w) * x[i]),
        define(z, (i,), Where(positive, a[i], exp(a[i]) - ONE)),
        define(p, (i,), mul(at(w), z[i], quotient)),
        define(L, (i,), power(y[i] - p[i], 2)),
        define(Q, (), total(at(L, i), i)),
    )
    adjoint = (
        define(E_p, (i,), mul(number(-2), y[i] - p[i])),
        define(E_z, (i,), mul(E_p[i], at(w), quotient)),
        define(E_a, (i,), mul(E_z[i], Where(positive, ONE, exp(a[i])))),
        define(E_of(w), (), total(E_a[i] * x[i], i) + total(mul(E_p[i], z[i], quotient), i)),
        define(E_of(v), (), total(mul(number(-2), E_p[i], at(w), z[i], at(v), power(quotient, 2)), i)),
    )
    parameters = (HandParameter(w, (size(1),)), HandParameter(v, (size(1),)))
    return Case("leaky", HandObjective(forward, (x,), y, p, parameters, L, Q, i), adjoint, {"N": 6})


CASES = {case.name: case for case in (one_neuron(), one_hidden_layer(), softmax_layer(), convolution(), leaky())}

__all__ = ["CASES", "Affine", "Call", "Case", "HandObjective", "HandParameter"]
