# ruff: noqa: E501 (formulas stand as people write them)
"""The labels of ``corpus_readings``, checked without the checker: hand-written NumPy and central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from marking.corpus_readings import READINGS
from marking.test_labels import slope

Array = NDArray[np.float64]
rng = np.random.default_rng(11)
N, d, h, k, K = 6, 3, 4, 5, 4
X, Y, y = rng.normal(size=(N, d)), rng.normal(size=(N, h)), rng.normal(size=N)
w, b, bh = rng.normal(size=d), 0.3, rng.normal(size=h)
x, t, tk = rng.normal(size=d), rng.normal(size=h), rng.normal(size=k)
W, W2, Wr = rng.normal(size=(h, d)), rng.normal(size=(k, h)), rng.normal(size=(d, h))
S, c = rng.normal(size=(d, d)), rng.normal(size=d)
A, r = rng.normal(size=(h, d)), rng.normal(size=h)
z, onehot, simplex = rng.normal(size=K), np.eye(K)[2], np.array([0.1, 0.2, 0.3, 0.4])
Q, ck = rng.normal(size=(K, N)), rng.normal(size=K)
WK = rng.normal(size=(K, d))


def s(u: Any) -> Any:
    return 1 / (1 + np.exp(-u))


def softmax(u: Array) -> Array:
    return np.asarray(np.exp(u) / np.exp(u).sum())


res = X @ w + b - y
p1 = s(0.7 * 1.3)
bell = x @ w
a = np.tanh(W @ x + bh)
h1 = s(W @ x)
o = W2 @ h1
xr = x[None]
ar = np.tanh(xr @ Wr + bh)
Zr = X @ Wr + bh
Ac = np.tanh(W @ X.T + bh[:, None])
dc = (Ac - Y.T) * (1 - Ac**2)
si = ck @ Q
p = softmax(z)
u1, v1, x1, t1 = 0.4, 0.8, 1.3, 0.5
hu = np.tanh(u1 * x1)
pu = s(v1 * hu)

#: (case, slip): the function, the place, the right gradient, the wrong one.
LABELS: dict[tuple[str, int], tuple[Callable[[Any], float], Any, Any, Any]] = {
    ("called_with_other_arguments", 0): (lambda w: ((X @ w + b - y) ** 2).mean(), w, 2 / N * res @ X, 1 / N * res @ X),
    ("called_with_other_arguments", 1): (lambda b: ((X @ w + b - y) ** 2).mean(), np.array(b), 2 / N * res.sum(), 2 / N * (X @ w + b + y).sum()),
    ("called_bare", 0): (lambda w: -np.log(s(w * 1.3)), np.array(0.7), (p1 - 1) * 1.3, (p1 - 1) * 0.7),
    ("called_bell", 0): (lambda w: np.exp(-((x @ w) ** 2)), w, -2 * bell * np.exp(-(bell**2)) * x, 2 * bell * np.exp(-(bell**2)) * x),
    ("subscripts_second_order", 0): (lambda v: 2 * (v * hu - t1) * hu, np.array(v1), 2 * hu**2, hu**2),
    ("subscripts_second_order", 1): (lambda v: 2 * (v * hu - t1) * v * (1 - hu**2) * x1, np.array(v1), 2 * hu * v1 * (1 - hu**2) * x1 + 2 * (v1 * hu - t1) * (1 - hu**2) * x1, 2 * hu * v1 * (1 - hu**2) * x1),
    ("hessian_called", 0): (lambda v: v @ S @ v + c @ v, w, (S + S.T) @ w + c, S @ w + c),
    ("scope", 0): (lambda v: v @ S @ v, w, (S + S.T) @ w, S @ w),
    ("scope_of_two", 0): (lambda u: np.tanh(u * x1) ** 2, np.array(u1), 2 * hu * (1 - hu**2) * x1, hu * (1 - hu**2) * x1),
    ("bars", 0): (lambda v: ((A @ v - r) ** 2).sum(), w, 2 * A.T @ (A @ w - r), 4 * A.T @ (A @ w - r)),
    ("bars_half", 0): (lambda a: ((a - t) ** 2).sum() / 2, a, a - t, t - a),
    ("circle_and_product", 0): (lambda W: ((np.tanh(W @ x + bh) - t) ** 2).sum() / 2, W, np.outer((a - t) * (1 - a**2), x), np.outer((a - t) * a, x)),
    ("circle_from_the_left", 0): (lambda W: ((W2 @ s(W @ x) - tk) ** 2).sum() / 2, W, np.outer(W2.T @ (o - tk) * h1 * (1 - h1), x), np.outer(W2.T @ (o - tk) * h1 * (1 - W @ x), x)),
    ("powers_of_entries", 0): (lambda b: ((np.tanh(W @ x + b) - t) ** 2).sum() / 2, bh, (a - t) * (1 - a**2), (a - t) * (1 - a)),
    ("squared_length", 0): (lambda w: ((y - X @ w) ** 2).sum(), w, -2 * X.T @ (y - X @ w), 2 * X.T @ (y - X @ w)),
    ("size_given", 0): (lambda w: ((y - w * X[:, 0]) ** 2).mean(), np.array(0.2), -2 / N * ((y - 0.2 * X[:, 0]) * X[:, 0]).sum(), -1 / N * ((y - 0.2 * X[:, 0]) * X[:, 0]).sum()),
    ("gradients_as_rows", 0): (lambda x: ((np.tanh(W @ x + bh) - t) ** 2).sum() / 2, x, ((a - t) * (1 - a**2)) @ W, -((a - t) * (1 - a**2)) @ W),
    ("mixed_layout", 0): (lambda W: ((np.tanh(W @ x + bh) - t) ** 2).sum() / 2, W, np.outer((a - t) * (1 - a**2), x), 2 * np.outer((a - t) * (1 - a**2), x)),
    ("rows_times_matrix", 0): (lambda x: ((np.tanh(x @ Wr + bh) - t) ** 2).sum() / 2, xr, ((ar - t) * (1 - ar**2)) @ Wr.T, -((ar - t) * (1 - ar**2)) @ Wr.T),
    ("bias_on_rows", 0): (lambda b: ((X @ Wr + b - Y) ** 2).sum() / 2 / N, bh, (Zr - Y).sum(axis=0) / N, (Zr - Y).sum(axis=0)),
    ("bias_on_columns", 0): (lambda W: ((np.tanh(W @ X.T + bh[:, None]) - Y.T) ** 2).sum() / 2 / N, W, dc @ X / N, ((Ac - Y.T) * (1 - Ac)) @ X / N),
    ("sample_second", 0): (lambda c: np.log(1 + (c @ Q - y) ** 2).sum(), ck, Q @ (2 * (si - y) / (1 + (si - y) ** 2)), Q @ ((si - y) / (1 + (si - y) ** 2))),
    ("cases_in_words", 0): (lambda z: softmax(z)[1], z, p[1] * (np.eye(K)[1] - p), p[1] * (np.eye(K)[1] + p) - np.eye(K)[1] * 2 * p[1] ** 2),
    ("assumed_to_sum_to_one", 0): (lambda z: -(simplex * np.log(softmax(z))).sum(), z, p - simplex, simplex - p),
    ("assumed_symmetric", 0): (lambda v: v @ (S + S.T) @ v + c @ v, w, 2 * (S + S.T) @ w + c, (S + S.T) @ w + c),
    ("functions_with_labels", 0): (lambda u: (s(v1 * np.tanh(u * x1)) - t1) ** 2, np.array(u1), 2 * (pu - t1) * pu * (1 - pu) * v1 * (1 - hu**2) * x1, 2 * (pu - t1) * pu * (1 - pu) * v1 * (1 - hu) * x1),
    ("product_over_the_others", 0): (lambda x: x.prod(), x, x.prod() / x, np.full(d, x.prod())),
    ("class_labels", 0): (lambda z: -np.log(softmax(z)[2]), z, p - onehot, p + onehot),
    ("sizes_with_subscripts", 0): (lambda W: ((W @ x - t) ** 2).sum() / 2 / h, W, np.outer(W @ x - t, x) / h, np.outer(W @ x - t, x) / d),
    ("named_below_a_brace", 0): (lambda b: (0.7 * x1 + b - t1) ** 2, np.array(b), 2 * (0.7 * x1 + b - t1), -2 * (0.7 * x1 + b - t1)),
    ("a_step_of_descent", 0): (lambda w: (w * x1 + b - t1) ** 2, np.array(0.7), 2 * (0.7 * x1 + b - t1) * x1, (0.7 * x1 + b - t1) * x1),
    ("dots_in_a_sum", 0): (lambda w: (w @ x) ** 2, w, 2 * (w @ x) * x, (w @ x) * x),
    ("factorial", 0): (lambda m: m - 3 * np.log(m) + np.log(6.0), np.array(1.7), 1 - 3 / 1.7, 1 + 3 / 1.7),
    ("own_commands", 0): (lambda w: (0.4 - s(w @ x)) ** 2, w, -2 * (0.4 - s(w @ x)) * s(w @ x) * (1 - s(w @ x)) * x, 2 * (0.4 - s(w @ x)) * s(w @ x) * (1 - s(w @ x)) * x),
    ("across_displays", 0): (lambda w: (w @ x - 0.4) ** 2 / 2, w, (w @ x - 0.4) * x, 2 * (w @ x - 0.4) * x),
    ("in_a_set", 0): (lambda w: (w @ x - 0.4) ** 2 / 2, w, (w @ x - 0.4) * x, -(w @ x - 0.4) * x),
    ("physics", 0): (lambda w: (w @ x - 0.4) ** 2 / 2, w, (w @ x - 0.4) * x, (w @ x + 0.4) * x),
    ("plain_rows", 0): (lambda w: (w @ x - 0.4) ** 2 / 2, w, (w @ x - 0.4) * x, 2 * (w @ x - 0.4) * x),
}  # fmt: skip


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_line_is_the_slope_and_the_wrong_one_is_not(key: tuple[str, int]) -> None:
    value, at, right, wrong = LABELS[key]
    found = slope(value, np.asarray(at, dtype=float))
    assert right == pytest.approx(found, rel=1e-6, abs=1e-6)
    assert np.abs(wrong - found).max() > 1e-3 * np.abs(found).max()


def test_what_is_solved_for_is_where_the_gradient_vanishes() -> None:
    solution = np.linalg.inv(X.T @ X) @ X.T @ y
    assert 2 * X.T @ (X @ solution - y) == pytest.approx(np.zeros(d), abs=1e-9)
    assert np.abs(2 * X.T @ (X @ -solution - y)).max() > 1e-3
    assert (y - y.mean()).sum() == pytest.approx(0, abs=1e-9)
    assert abs((y - y.sum()).sum()) > 1e-3


def test_identities_hold_and_their_slips_do_not() -> None:
    v = w
    assert np.trace(S @ np.outer(v, v)) == pytest.approx(v @ S @ v)  # tr(S v vᵀ); S v v is no matrix
    reach = -(simplex * (z - np.log(np.exp(z).sum()))).sum()
    assert reach == pytest.approx(-(simplex * np.log(softmax(z))).sum())
    assert abs(-(simplex * (z + np.log(np.exp(z).sum()))).sum() - reach) > 1e-3
    whole = (t**2 - 2 * t * r + r**2).sum()
    assert whole == pytest.approx(((t - r) ** 2).sum())
    assert abs((t**2 - t * r + r**2).sum() - whole) > 1e-3


def test_every_slip_has_a_label() -> None:
    apart = {
        ("traces", 0),
        ("reach_with_factor", 0),
        ("reach_after_factor", 0),
        ("normal_equations", 0),
        ("solved_for_the_mean", 0),
        ("functions_with_an_index", 0),
    }
    assert {(case.name, k) for case in READINGS for k, _ in enumerate(case.wrongs())} == set(LABELS) | apart
