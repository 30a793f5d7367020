# ruff: noqa: E501 (formulas stand as people write them)
"""The corpus' labels, checked without the checker: hand-written NumPy and central differences.

For each entry: Q as a function of one parameter, the gradient as the right derivation ends, and the gradient
that a planted slip gives (case name, number of the slip).  The right one must be the slope, the wrong one not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from marking.corpus import CASES
from marking.corpus_more import MORE

Array = NDArray[np.float64]
rng = np.random.default_rng(5)
N, d, J, K, M = 7, 3, 4, 5, 6
X, y = rng.normal(size=(N, d)), rng.normal(size=N)
yb = rng.integers(0, 2, N).astype(float)
Yk, Yh = rng.normal(size=(N, K)), np.eye(K)[rng.integers(0, K, N)]
w, b, lam, mu = rng.normal(size=d), 0.4, 0.7, 0.3
W1, w2, c1, c2 = rng.normal(size=(J, d)), rng.normal(size=J), rng.normal(size=J), rng.normal(size=K)
WK, V = rng.normal(size=(K, d)), rng.normal(size=(K, J))
U1, U2 = rng.normal(size=(M, d)), rng.normal(size=(J, M))


def s(u: Array) -> Array:
    return 1 / (1 + np.exp(-u))


def softmax(a: Array) -> Array:
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def slope(f: Callable[[Array], float], at: Array) -> Array:
    """Central differences."""
    found = np.zeros_like(at)
    for k in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[k] = 1e-5
        found[k] = (f(at + step) - f(at - step)) / 2e-5
    return found


a = s(X @ w)  # one neuron
pb = s(X @ w + b)
Z = s(X @ W1.T)  # hidden layer
p = s(Z @ w2)
e = -2 * (y - p) * p * (1 - p)
r = X @ w - y
pl = s(X @ w)
P = softmax(X @ WK.T)
A = X @ W1.T + c1  # relu layer
R = np.maximum(0, A)
q = R @ w2 - y
T = np.tanh(X @ W1.T)
t = T @ w2 - y
g = np.exp(X @ w)
yp = np.abs(y)
sy = np.sign(y)
m = sy * (X @ w)
U = np.tanh(X @ U1.T)  # two layers, h = tanh
H = np.tanh(U @ U2.T)
o = H @ w2 - y
S = s(X @ W1.T + c1)  # several outputs
D = S @ V.T + c2 - Yk
relu = np.maximum(0, X @ w)
th = np.tanh(X @ w + b)

#: (case, slip): Q of the parameter, the parameter, right gradient, wrong gradient.
LABELS: dict[tuple[str, int], tuple[Callable[[Any], float], Array, Array, Array]] = {
    ("lecture_neuron", 0): (lambda w: ((y - s(X @ w)) ** 2).sum(), w, (-2 * (y - a) * a * (1 - a)) @ X, (2 * (y - a) * a * (1 - a)) @ X),
    ("lecture_neuron", 1): (lambda w: ((y - s(X @ w)) ** 2).sum(), w, (-2 * (y - a) * a * (1 - a)) @ X, (-2 * (y - a) * a) @ X),
    ("lecture_neuron", 2): (lambda w: ((y - s(X @ w)) ** 2).sum(), w, (-2 * (y - a) * a * (1 - a)) @ X, (-2 * (y - a) * a * (1 - a)).sum() * np.ones(d)),
    ("neuron_power", 0): (lambda w: ((y - s(X @ w)) ** 2).sum(), w, (-2 * (y - a) * a * (1 - a)) @ X, (-2 * (y - a) ** 2 * a * (1 - a)) @ X),
    ("neuron_power", 1): (lambda w: ((y - s(X @ w)) ** 2).sum(), w, (-2 * (y - a) * a * (1 - a)) @ X, (-(y - a) * a * (1 - a)) @ X),
    ("neuron_power", 2): (lambda w: ((y - s(X @ w)) ** 2).sum(), w, (-2 * (y - a) * a * (1 - a)) @ X, (-2 * (y - a) * (1 - a)) @ X),
    ("neuron_bias_w", 0): (lambda w: ((y - s(X @ w + b)) ** 2).mean() / 2, w, ((pb - y) * pb * (1 - pb)) @ X / N, ((pb - y) * pb * (1 - pb)) @ X),
    ("neuron_bias_w", 1): (lambda w: ((y - s(X @ w + b)) ** 2).mean() / 2, w, ((pb - y) * pb * (1 - pb)) @ X / N, ((a - y) * pb * (1 - pb)) @ X / N),
    ("neuron_bias_b", 0): (lambda b: ((y - s(X @ w + b)) ** 2).mean() / 2, np.array(b), ((pb - y) * pb * (1 - pb)).mean(), ((pb - y) * pb * (1 - pb) * X[:, 0]).mean()),
    ("hidden_w2", 0): (lambda v: ((y - s(Z @ v)) ** 2).sum(), w2, e @ Z, -e @ Z),
    ("hidden_w2", 1): (lambda v: ((y - s(Z @ v)) ** 2).sum(), w2, e @ Z, (-2 * (y - p) * p) @ Z),
    ("hidden_w1", 1): (lambda W: ((y - s(s(X @ W.T) @ w2)) ** 2).sum(), W1, (e[:, None] * w2 * Z * (1 - Z)).T @ X, (e[:, None] * Z * (1 - Z)).T @ X),
    ("hidden_w1", 2): (lambda W: ((y - s(s(X @ W.T) @ w2)) ** 2).sum(), W1, (e[:, None] * w2 * Z * (1 - Z)).T @ X, (e[:, None] * np.roll(w2, 1) * Z * (1 - Z)).T @ X),
    ("hidden_w1", 3): (lambda W: ((y - s(s(X @ W.T) @ w2)) ** 2).sum(), W1, (e[:, None] * w2 * Z * (1 - Z)).T @ X, (e[:, None] * w2 * Z).T @ X),
    ("hidden_deltas", 0): (lambda v: ((y - s(Z @ v)) ** 2).sum(), w2, e @ Z, Z.sum(axis=0)),
    ("hidden_deltas", 1): (lambda W: ((y - s(s(X @ W.T) @ w2)) ** 2).sum(), W1, (e[:, None] * w2 * Z * (1 - Z)).T @ X, np.outer(w2, (e * p * (1 - p)) @ X)),
    ("ridge_matrix", 0): (lambda w: ((X @ w - y) ** 2).sum() + lam * w @ w, w, 2 * X.T @ r + 2 * lam * w, X.T @ r + 2 * lam * w),
    ("ridge_matrix", 2): (lambda w: ((X @ w - y) ** 2).sum() + lam * w @ w, w, 2 * X.T @ r + 2 * lam * w, 2 * X.T @ r + lam * w),
    ("ridge_regularizer", 0): (lambda w: ((X @ w - y) ** 2).sum() + lam * w @ w, w, 2 * X.T @ r + 2 * lam * w, 2 * X.T @ r),
    ("ridge_expand", 2): (lambda w: ((X @ w - y) ** 2).sum() + lam * w @ w, w, 2 * X.T @ X @ w - 2 * X.T @ y + 2 * lam * w, 2 * (X.T @ X @ w + X.T @ y + lam * w)),
    ("mean_regression", 0): (lambda w: ((X @ w - y) ** 2).mean(), w, 2 / N * X.T @ r, 1 / N * X.T @ r),
    ("mean_regression", 1): (lambda w: ((X @ w - y) ** 2).mean(), w, 2 / N * X.T @ r, 2 / N * r.sum() * w),
    ("logistic", 2): (lambda w: -(yb * np.log(s(X @ w)) + (1 - yb) * np.log(1 - s(X @ w))).sum() + lam * w @ w, w, (pl - yb) @ X + 2 * lam * w, (pl - yb) @ X),
    ("logistic_matrix", 1): (lambda w: -(yb * np.log(s(X @ w)) + (1 - yb) * np.log(1 - s(X @ w))).sum() + lam * w @ w, w, (pl - yb) @ X + 2 * lam * w, (pl - yb) @ X + lam * w),
    ("softmax_pieces", 3): (lambda W: -(Yh * np.log(softmax(X @ W.T))).sum(), WK, (P - Yh).T @ X, np.tile((P - Yh).sum(axis=0)[:, None], d)),
    ("softmax_pieces", 2): (lambda W: -(Yh * np.log(softmax(X @ W.T))).sum(), WK, (P - Yh).T @ X, (Yh - P).T @ X),
    ("relu_vector", 0): (lambda v: ((R @ v - y) ** 2).sum() / 2, w2, q @ R, q @ A),
    ("relu_vector", 2): (lambda c: ((np.maximum(0, X @ W1.T + c) @ w2 - y) ** 2).sum() / 2, c1, (q[:, None] * w2 * (A > 0)).sum(axis=0), (q[:, None] * w2 * (A < 0)).sum(axis=0)),
    ("tanh_layer", 0): (lambda W: ((np.tanh(X @ W.T) @ w2 - y) ** 2).sum(), W1, 2 * (t[:, None] * w2 * (1 - T**2)).T @ X, 2 * (t[:, None] * np.roll(w2, 1) * (1 - T**2)).T @ X),
    ("tanh_layer", 1): (lambda W: ((np.tanh(X @ W.T) @ w2 - y) ** 2).sum(), W1, 2 * (t[:, None] * w2 * (1 - T**2)).T @ X, 2 * (t[:, None] * w2 * (1 - T)).T @ X),
    ("tanh_layer", 2): (lambda v: ((T @ v - y) ** 2).sum(), w2, 2 * t @ T, 2 * t.sum() * w2),
    ("poisson", 1): (lambda w: (np.exp(X @ w) - yp * (X @ w)).sum(), w, (g - yp) @ X, (1 - yp / g) @ X),
    ("hinge", 0): (lambda w: np.maximum(0, 1 - sy * (X @ w)).sum() + lam * np.abs(w).sum(), w, -(sy * (m < 1)) @ X + lam * np.sign(w), -(sy * (m > 1)) @ X + lam * np.sign(w)),
    ("hinge", 1): (lambda w: np.maximum(0, 1 - sy * (X @ w)).sum() + lam * np.abs(w).sum(), w, -(sy * (m < 1)) @ X + lam * np.sign(w), -(1.0 * (m < 1)) @ X + lam * np.sign(w)),
    ("hinge", 2): (lambda w: np.maximum(0, 1 - sy * (X @ w)).sum() + lam * np.abs(w).sum(), w, -(sy * (m < 1)) @ X + lam * np.sign(w), -(sy * (m < 1)) @ X),
    ("two_layers_w3", 0): (lambda v: ((H @ v - y) ** 2).sum() / 2, w2, o @ H, -o @ H),
    ("two_layers_w2", 1): (lambda W: ((np.tanh(U @ W.T) @ w2 - y) ** 2).sum() / 2, U2, (o[:, None] * w2 * (1 - H**2)).T @ U, np.outer(w2, (o * (1 - np.tanh(H @ w2) ** 2)) @ U)),
    ("outputs_w2", 0): (lambda W: ((S @ W.T + c2 - Yk) ** 2).sum() / N, V, 2 / N * D.T @ S, 2 / N * D.T @ np.roll(S, 1, axis=1)),
    ("outputs_w2", 1): (lambda c: ((S @ V.T + c - Yk) ** 2).sum() / N, c2, 2 / N * D.sum(axis=0), 1 / N * D.sum(axis=0)),
    ("outputs_w1", 1): (lambda W: ((s(X @ W.T + c1) @ V.T + c2 - Yk) ** 2).sum() / N, W1, 2 / N * ((D @ V) * S * (1 - S)).T @ X, 2 / N * ((D @ V) * S * (1 + S)).T @ X),
    ("elastic", 0): (lambda w: ((y - X @ w - b) ** 2).mean() + lam * w @ w + mu * np.abs(w).sum(), w, -2 / N * (y - X @ w - b) @ X + 2 * lam * w + mu * np.sign(w), 2 / N * (y - X @ w - b) @ X + 2 * lam * w + mu * np.sign(w)),
    ("elastic", 1): (lambda w: ((y - X @ w - b) ** 2).mean() + lam * w @ w + mu * np.abs(w).sum(), w, -2 / N * (y - X @ w - b) @ X + 2 * lam * w + mu * np.sign(w), -2 / N * (y - X @ w - b) @ X + 2 * lam * w),
    ("elastic", 2): (lambda b: ((y - X @ w - b) ** 2).mean(), np.array(b), -2 / N * (y - X @ w - b).sum(), 2 / N * (y - X @ w - b).sum()),
    ("elastic", 3): (lambda b: ((y - X @ w - b) ** 2).mean(), np.array(b), -2 / N * (y - X @ w - b).sum(), -2 / N * (y - X @ w).sum()),
    ("course_style", 0): (lambda w: (yb * np.log(s(X @ w)) + (1 - yb) * np.log(1 - s(X @ w))).sum(), w, (yb - pl) @ X, (yb - pl).sum() * np.ones(d)),
    ("course_style", 1): (lambda w: (yb * np.log(s(X @ w)) + (1 - yb) * np.log(1 - s(X @ w))).sum(), w, (yb - pl) @ X, (pl - yb) @ X),
    ("leaky", 0): (lambda w: ((np.maximum(0, X @ w) - y) ** 2).sum() / 2, w, ((relu - y) * (X @ w > 0)) @ X, ((relu - y) * (X @ w < 0)) @ X),
    ("tanh_neuron", 0): (lambda b: ((y - np.tanh(X @ w + b)) ** 2).sum(), np.array(b), -2 * ((y - th) * (1 - th**2)).sum(), -2 * ((y - th) * (1 - th)).sum()),
    ("tanh_neuron", 1): (lambda w: ((y - np.tanh(X @ w + b)) ** 2).sum(), w, -2 * ((y - th) * (1 - th**2)) @ X, -2 * ((y - th) * (1 - np.tanh(X @ w) ** 2)) @ X),
    ("batch", 0): (lambda W: ((s(X @ W.T) @ w2 - y) ** 2).sum(), W1, (np.outer(2 * (Z @ w2 - y), w2) * Z * (1 - Z)).T @ X, (np.outer(2 * (Z @ w2 - y), w2[::-1]) * Z * (1 - Z)).T @ X),
}  # fmt: skip


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_line_is_the_slope_and_the_wrong_one_is_not(key: tuple[str, int]) -> None:
    value, at, right, wrong = LABELS[key]
    found = slope(value, at)
    assert right == pytest.approx(found, rel=1e-6, abs=1e-6)
    assert np.abs(wrong - found).max() > 1e-3 * np.abs(found).max()


def test_every_label_belongs_to_a_slip_of_the_corpus() -> None:
    slips = {(case.name, k) for case in (*CASES, *MORE) for k, _ in enumerate(case.wrongs())}
    assert set(LABELS) <= slips
