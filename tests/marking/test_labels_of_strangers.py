# ruff: noqa: E501 (one label a line)
"""The labels of ``corpus_strangers`` without the checker: NumPy and central differences."""

from __future__ import annotations

from collections.abc import Callable
from math import cosh, log, pi, tanh
from typing import Any

import numpy as np
import pytest
from numpy.linalg import inv, norm, slogdet

from marking.corpus_strangers import STRANGERS
from marking.test_labels_of_unseen import s, slope, softmax

rng = np.random.default_rng(5)
N, d, m = 5, 3, 4
X, w, y = rng.normal(size=(N, d)), rng.normal(size=d), rng.normal(size=N)
pos, yb, ys = np.exp(y), rng.integers(0, 2, N).astype(float), rng.choice([-1.0, 1.0], N)
A, B = rng.normal(size=(N, d)), rng.normal(size=(d, d))
S, M = B @ B.T + np.eye(d), rng.normal(size=(d, d))
C = M + M.T
W, Y = rng.normal(size=(d, m)), rng.normal(size=(N, m))
u, c = rng.normal(size=d), rng.normal(size=d)
K, V = rng.normal(size=(N, N)), inv(np.eye(N) + np.diag(np.arange(1.0, N + 1)))
K = K + K.T
z = rng.normal(size=N)
p = softmax(z)
al, lam, tau, nu = 1.3, 0.7, 0.6, 0.2
mu = np.exp(X @ w)
g, h0 = rng.normal(size=d), rng.normal(size=d)
bar = 9 + X @ w


def weibull(k: float) -> float:
    eta = X @ w
    return float((np.log(k) + (k - 1) * np.log(pos) - k * eta - pos**k * np.exp(-k * eta)).sum())


def highway(x: Any, weights: Any) -> float:
    t = s(weights @ x)
    return float(g @ (t * np.tanh(B @ x) + (1 - t) * x))


t1, h1 = s(M @ u), np.tanh(B @ u)
hits = np.maximum(0, 1 - ys * (X @ w))
centre = X - u
kernel = np.exp(-(centre**2).sum(axis=1))
off = lam * kernel - y
k0 = 1.4
te = pos**k0 * np.exp(-k0 * (X @ w))
Dn, Dd = u @ C @ u, u @ S @ u

#: (case, slip): the function, the place, the right gradient, the gradient with the slip.
LABELS: dict[tuple[str, int], tuple[Callable[[Any], Any], Any, Any, Any]] = {
    ("gamma_regression", 1): (lambda w: (-al * pos / np.exp(X @ w) - al * X @ w).sum(), w, al * ((pos - mu) / mu) @ X, np.full(d, al * ((pos - mu) / mu).sum())),
    ("word2vec_neg", 0): (lambda v: -np.log(s(u @ v)) - np.log(s(-X @ v)).sum(), w, (s(u @ w) - 1) * u + (1 - s(-X @ w)) @ X, (s(u @ w) - 1) * u + (1 - s(X @ w)) @ X),
    ("highway", 0): (lambda weights: highway(u, weights), M, np.outer(g * (h1 - u) * t1 * (1 - t1), u), np.outer(g * h1 * t1 * (1 - t1), u)),
    ("boyd_logdet_barrier", 0): (lambda x: (1 / (bar - X @ x)) @ X[:, 0], u, (1 / (bar - X @ u) ** 2 * X[:, 0]) @ X, (1 / (bar - X @ u) ** 3 * X[:, 0]) @ X),
    ("rus_svm", 0): (lambda w: w @ w / 2 + lam * (np.maximum(0, 1 - ys * (X @ w)) ** 2).sum(), w, w - 2 * lam * (hits * ys) @ X, w - 2 * lam * (hits * ys).sum() * w),
    ("magnus_neudecker", 0): (lambda b: (y - X @ b) @ V @ (y - X @ b), w, -2 * X.T @ V @ (y - X @ w), np.zeros(d)),
    ("weibull_reg", 0): (weibull, k0, N / k0 + ((np.log(pos) - X @ w) * (1 - te)).sum(), N / k0 + ((np.log(pos) - X @ w) * (1 + te)).sum()),
    ("centres_of_a_kernel", 0): (lambda c: 0.5 * ((lam * np.exp(-((X - c) ** 2).sum(axis=1)) - y) ** 2).sum(), u, 2 * lam * (off * kernel) @ centre, lam * (off * kernel) @ centre),
    ("by_the_variance", 0): (lambda v: -N / 2 * log(2 * pi * v) - (y**2).sum() / 2 / v, 0.8, -N / 1.6 + (y**2).sum() / 2 / 0.64, -N / 1.6 - (y**2).sum() / 2 / 0.64),
    ("bare_cs229_logistic", 0): (lambda w: (yb * np.log(s(X @ w)) + (1 - yb) * np.log(1 - s(X @ w))).sum(), w, (yb - s(X @ w)) @ X, (yb + s(X @ w)) @ X),
    ("bare_forum_trace", 0): (lambda W: norm(Y - A @ W) ** 2, W, 2 * A.T @ (A @ W - Y), A.T @ (A @ W - Y)),
    ("bare_forum_softmax", 1): (lambda t: softmax(np.array([t, *z[1:]]))[1], z[0], -p[0] * p[1], p[0] * p[1]),
    ("bare_unicode", 0): (lambda w: 0.5 * norm(w - c) ** 2 + lam * w @ w, w, w - c + 2 * lam * w, w - c + lam * w),
    ("bare_russian_tg", 0): (lambda t: log(np.tan(t / 2)), 0.9, 1 / np.sin(0.9), 4 / np.sin(0.9)),
    ("bare_einstein", 0): (lambda x: 0.5 * x @ M @ x, u, 0.5 * (M @ u + M.T @ u), M @ u),
    ("bare_contrastive_ntxent", 0): (lambda v: -np.log(softmax(X @ v / tau)[0]), u, (softmax(X @ u / tau) @ X - X[0]) / tau, (softmax(X @ u / tau) @ X - u) / tau),
    ("bare_kernel_regression", 0): (lambda a: (y - K @ a) @ (y - K @ a) + lam * a @ K @ a, z, -2 * K @ (y - K @ z) + 2 * lam * K @ z, -2 * K @ (y - K @ z) + lam * K @ z),
    ("bare_forum_quad", 0): (lambda x: x @ M @ x, u, M @ u + M.T @ u, 2 * M @ u),
    ("bare_mle_gauss_ml", 0): (lambda v: -N / 2 * log(2 * pi * v) - (y**2).sum() / 2 / v, 0.8, -N / 1.6 + (y**2).sum() / 2 / 0.64, -N / 1.6 + (y**2).sum() / 2 / 0.512),
    ("bare_fisher", 0): (lambda v: (v @ C @ v) / (v @ S @ v), u, (2 * C @ u * Dd - 2 * S @ u * Dn) / Dd**2, (2 * C @ u * Dd - 2 * S @ u * Dn) / Dd**3),
    ("bare_huber_words", 0): (lambda r: nu**2 * (np.sqrt(1 + (r / nu) ** 2) - 1), 0.5, 0.5 / np.sqrt(1 + (0.5 / nu) ** 2), 0.5 / np.sqrt(1 + 0.5 / nu)),
    ("bare_lagrange", 0): (lambda t: -t * log(t) + lam * t, 0.4, -log(0.4) - 1 + lam, -log(0.4) - 2 + lam),
    ("bare_qa_log_det", 0): (lambda Q: slogdet(Q)[1] + np.trace(C @ inv(Q)), S, inv(S) - inv(S) @ C @ inv(S), inv(S) + inv(S) @ C @ inv(S)),
    ("bare_kernel_rus", 0): (lambda t: np.exp(-(t**2) / 2), 0.7, -0.7 * np.exp(-0.245), 0.7 * np.exp(-0.245)),
    ("a_class_without_a_header", 0): (lambda z: -np.log(softmax(z)[2]), z, p - np.eye(N)[2], p - 1),
    ("words_between_formulas", 0): (lambda t: (tanh(t * 1.2 + 0.1) - 0.3) ** 2, 0.5, 2 * (tanh(0.7) - 0.3) / cosh(0.7) ** 2 * 1.2, 2 * (tanh(0.7) - 0.3) * (1 - tanh(0.7)) * 1.2),
}  # fmt: skip


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_end_is_the_slope_and_the_slip_is_not(key: tuple[str, int]) -> None:
    f, at, right, wrong = LABELS[key]
    measured = slope(f, at)
    assert np.asarray(right) == pytest.approx(measured, rel=1e-4, abs=1e-5)
    assert not np.allclose(np.asarray(wrong), measured, rtol=1e-3, atol=1e-4)


def test_every_label_belongs_to_a_slip() -> None:
    assert set(LABELS) <= {(case.name, k) for case in STRANGERS for k, _ in enumerate(case.wrongs())}
