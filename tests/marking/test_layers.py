"""Layers and steps in general: a line with a free l or t is judged at every one of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from marking.corpus import Case
from marking.corpus_layers import DEEP, LAYERS, RECURRENT
from marking.verdicts import assert_correct, assert_named
from symbolic.errors import SpecError
from symbolic.marking import verify_text
from symbolic.marking.model.header import declare

Array = NDArray[np.float64]
SLIPS = [(case.name, k, *wrong) for case in LAYERS for k, wrong in enumerate(case.wrongs())]


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: case.name)
def test_a_right_derivation_for_every_layer_is_correct(case: Case) -> None:
    assert_correct(verify_text(case.right()))


@pytest.mark.parametrize(("name", "k", "source", "kind", "number"), SLIPS, ids=[f"{s[0]}-{s[1]}" for s in SLIPS])
def test_a_slip_at_every_layer_is_found_at_its_line_and_named(
    name: str, k: int, source: str, kind: str, number: int
) -> None:
    assert_named(verify_text(source), number, kind)


# -- the labels, by loops and central differences --------------------------------------------------

rng = np.random.default_rng(3)
SIZES = (3, 4, 2, 5)
W = [rng.normal(size=(SIZES[k + 1], SIZES[k])) for k in range(3)]
a0, y = rng.normal(size=3), rng.normal(size=5)
V, u0, c = [rng.normal(size=(3, 3)) for _ in range(4)], rng.normal(size=3), rng.normal(size=3)
R, h0, xs, ys, v = (
    rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3),
)  # fmt: skip
alpha, s0, r = 0.6, 0.3, rng.normal(size=4)


def forward(first: Array) -> list[Array]:
    a = [a0]
    for weights in (first, *W[1:]):
        a.append(np.tanh(weights @ a[-1]))
    return a


def deep(first: Array) -> float:
    return float(((forward(first)[-1] - y) ** 2).sum())


def deep_gradient(factor: float = 2, shift: int = 0, slope: Callable[[Array], Array] = lambda a: 1 - a * a) -> Array:
    a = forward(W[0])
    delta = factor * (a[3] - y) * (1 - a[3] ** 2)
    for k in (2, 1):
        delta = W[k].T @ delta * slope(a[k])
    return np.outer(delta, a[shift][: a[0].size] if shift else a[0])


def residual(first: Array) -> float:
    u = u0
    for weights in (first, *V[1:]):
        u = u + np.log1p(np.exp(weights @ u))
    return float(c @ u)


def residual_gradient(skip: float = 1) -> Array:
    u = [u0]
    for weights in V:
        u.append(u[-1] + np.log1p(np.exp(weights @ u[-1])))
    g = c
    for k in (3, 2, 1):
        g = skip * g + V[k].T @ (g / (1 + np.exp(-V[k] @ u[k])))
    return np.outer(g / (1 + np.exp(-V[0] @ u0)), u0)


def states(weights: Array) -> list[Array]:
    h = [h0]
    for x in xs:
        h.append(1 / (1 + np.exp(-(weights @ h[-1] + x))))
    return h


def recurrent(weights: Array) -> float:
    return float(sum((v @ h - t) ** 2 / 2 for h, t in zip(states(weights)[1:], ys, strict=True)))


def recurrent_gradient(back: Array = R.T, shift: int = 1) -> Array:
    h, delta, total = states(R), np.zeros(3), np.zeros((3, 3))
    for t in (4, 3, 2, 1):
        delta = ((v @ h[t] - ys[t - 1]) * v + back @ delta) * h[t] * (1 - h[t])
        total += np.outer(delta, h[t - shift])
    return total


def smoothed(a: Array) -> float:
    s = s0
    for x in r:
        s = float(a) * s + x
    return float(s * s / 2)


def smoothed_gradient(shift: int = 1) -> Array:
    s = [s0]
    for x in r:
        s.append(alpha * s[-1] + x)
    return np.asarray(s[4] * sum(alpha ** (4 - t) * s[t - shift] for t in (1, 2, 3, 4)))


#: (case, slip): the objective of one parameter, the parameter, the right gradient, the wrong one.
LABELS: dict[tuple[str, int], tuple[Callable[[Array], float], Array, Array, Array]] = {
    ("deep_network", 0): (deep, W[0], deep_gradient(), deep_gradient(factor=1)),
    ("deep_network", 1): (deep, W[0], deep_gradient(), deep_gradient(slope=lambda a: 1 - a * np.arctanh(a))),
    ("deep_network", 2): (deep, W[0], deep_gradient(), deep_gradient(shift=1)),
    ("residual_network", 0): (residual, V[0], residual_gradient(), residual_gradient(skip=0)),
    ("recurrent_network", 0): (recurrent, R, recurrent_gradient(), recurrent_gradient(back=R)),
    ("recurrent_network", 1): (recurrent, R, recurrent_gradient(), recurrent_gradient(shift=0)),
    ("exponential_smoothing", 1): (smoothed, np.asarray(alpha), smoothed_gradient(), smoothed_gradient(shift=0)),
}


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_recursion_gives_the_slope_and_the_wrong_one_does_not(key: tuple[str, int]) -> None:
    f, at, right, wrong = LABELS[key]
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[place] = 1e-5
        found[place] = (f(at + step) - f(at - step)) / 2e-5
    assert right == pytest.approx(found, rel=1e-6, abs=1e-7)
    assert np.abs(wrong - found).max() > 1e-3


def test_every_label_of_a_layer_belongs_to_a_slip() -> None:
    assert set(LABELS) <= {(name, k) for name, k, *_ in SLIPS}


# -- the header and what is said -------------------------------------------------------------------


def test_where_a_line_was_judged_is_said() -> None:
    line = r"$$ \frac{\partial a^{[l]}}{\partial z^{[l]}} = \operatorname{diag}(1 - a^{[l]} \odot a^{[l]}) $$"
    assert "$l = 1, 2, 3$" in str(verify_text(DEEP + line).lines[0].note)


def test_what_is_defined_from_the_layer_behind_is_known_at_the_first_layer_too() -> None:
    """δ of layer 1 is made of δ of layer 2, which is made of δ of layer 3."""
    errors = r"$$ \delta^{[L]} = \frac{\partial J}{\partial z^{[L]}} $$"
    errors += r"$$ \delta^{[l]} = (W^{[l+1]})^T \delta^{[l+1]} \odot (1 - a^{[l]} \odot a^{[l]}) $$"
    marking = verify_text(DEEP + errors + r"$$ \frac{\partial J}{\partial b^{[l]}} = \delta^{[l]} $$")
    assert marking.verdict == "correct"
    assert "$l = 1, 2, 3$" in str(marking.lines[-1].note)


def test_a_claim_that_fails_at_one_layer_only_is_refuted_there() -> None:
    line = r"$$ \frac{\partial J}{\partial a^{[l]}} = 2 (a^{[l]} - y) $$"
    header = DEEP.replace("m_{l-1}", "m_0").replace("R^{m_l}", "R^{m_0}").replace("{m_l x", "{m_0 x")
    header = header.replace("y : R^{m_L}", "y : R^{m_0}")
    (found,) = verify_text(header + line).lines
    assert found.verdict == "refuted"
    assert "$l = 1$" in str(found.note)


def test_a_transpose_is_no_step_of_time_called_t() -> None:
    known = declare([(k, line[3:]) for k, line in enumerate(RECURRENT.strip().splitlines(), 1)]).declarations
    assert known.layers.depths == {"T": 3}
    (output,) = [q for q in known.quantities if q.base == "o" and q.sub_labels == ("1",)]
    assert output.tensor.axes == ()  # v^T h_1, not a component of v


@pytest.mark.parametrize(
    ("line", "said"),
    [("layers l", "something like l = 1..L or t = 0..T-1 was expected"), ("param W^{(l)}_{t} : R", "one was expected")],
)
def test_a_layer_line_that_is_not_understood_says_where_and_what(line: str, said: str) -> None:
    with pytest.raises(SpecError, match=rf"line 3: .*{said}"):
        declare([(1, "layers l = 1..L"), (2, "steps t = 1..T"), (3, line)])
