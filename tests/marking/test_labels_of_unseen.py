# ruff: noqa: E501 (one label a line)
"""The labels of ``test_unseen`` without the checker: NumPy and central differences.

For each entry: the function of one variable, the place, its gradient as the right sheet has it, and as the sheet
with the slip of that number has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, norm, slogdet
from numpy.typing import NDArray

from marking.corpus_deep import DEEP
from marking.corpus_homework import HOMEWORK
from marking.corpus_losses import LOSSES
from marking.corpus_matrices import MATRICES

Array = NDArray[np.float64]
rng = np.random.default_rng(11)
n, m, N, d, K = 4, 3, 6, 3, 5
X, A, C = np.eye(n) * 3 + rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=(n, n))
a, c, v, x = (rng.normal(size=n) for _ in range(4))
B, P, M = rng.normal(size=(m, m)), rng.normal(size=(n, m)), rng.normal(size=(m, n))
S = A + A.T
data, w, b = rng.normal(size=(N, d)), rng.normal(size=d), 0.3
y, yb, ys = rng.normal(size=N), rng.integers(0, 2, N).astype(float), rng.choice([-1.0, 1.0], N)
yp = np.abs(y)
z, hot = rng.normal(size=K), np.eye(K)[2]
lam, eps, tau = 0.7, 0.1, 1.7


def s(u: Any) -> Any:
    return 1 / (1 + np.exp(-u))


def softmax(u: Array) -> Array:
    return np.exp(u) / np.exp(u).sum()


def slope(f: Callable[[Any], Any], at: Any) -> Array:
    """Central differences."""
    at = np.asarray(at, dtype=float)
    found = np.zeros_like(at)
    for k in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[k] = 1e-5
        found[k] = (f(at + step) - f(at - step)) / 2e-5
    return found


Xi, Si = inv(X), inv(X)
D = data - w
rho = v @ S @ v / (v @ v)
r = data @ w - y
p, ps = s(data @ w), s(-ys * (data @ w))
soft, q = softmax(z), (1 - eps) * hot + eps / K
T, R1 = rng.normal(size=(m, n)), rng.normal(size=(n, n))
h = np.tanh(T @ x)
g3 = rng.normal(size=m)
e3 = rng.normal(size=n)
W2 = rng.normal(size=(n, m))
W3 = rng.normal(size=(m, m))
h1 = np.tanh(W3 @ g3)
h2 = np.tanh(W3 @ h1)
d2 = (h2 - B[0]) * (1 - h2**2)
d1 = (W3.T @ d2) * (1 - h1**2)
xr = np.sqrt(((x - x.mean()) ** 2).mean())
yn = (x - x.mean()) / xr
gn = rng.normal(size=n)
F1 = rng.normal(size=(n, 2))
F2 = rng.normal(size=(2, m))
E = P - F1 @ F2

#: (case, slip): the function, the place, the right gradient, the gradient with the slip.
LABELS: dict[tuple[str, int], tuple[Callable[[Any], Any], Any, Any, Any]] = {
    ("log_det", 0): (lambda X: slogdet(X)[1], X, Xi.T, Xi),
    ("inverse_in_a_form", 0): (lambda X: a @ inv(X) @ c, X, -Xi.T @ np.outer(a, c) @ Xi.T, Xi.T @ np.outer(a, c) @ Xi.T),
    ("differential_of_inverse", 1): (lambda X: np.trace(C @ inv(X)), X, -(Xi @ C @ Xi).T, -(Xi @ C @ Xi)),
    ("gaussian_covariance", 0): (lambda X: -N / 2 * np.log(abs(det(X))) - 0.5 * a @ inv(X) @ a, X, -N / 2 * Xi.T + 0.5 * Xi.T @ np.outer(a, a) @ Xi.T, -N / 2 * Xi.T - 0.5 * Xi.T @ np.outer(a, a) @ Xi.T),
    ("rayleigh", 0): (lambda v: v @ S @ v / (v @ v), v, 2 / (v @ v) * (S @ v - rho * v), 2 / (v @ v) * (S @ v + rho * v)),
    ("quotient_scalar", 1): (lambda t: (t**2 - lam) / (t**2 + lam), 0.8, 4 * lam * 0.8 / (0.64 + lam) ** 2, 2 * lam * 0.8 / (0.64 + lam) ** 2),
    ("cosine_similarity", 0): (lambda v: v @ c / norm(v) / norm(c), v, c / norm(v) / norm(c) - v @ c / norm(v) ** 3 / norm(c) * v, c / norm(v) / norm(c) - v @ c / norm(v) ** 2 / norm(c) * v),
    ("lagrangian_minimum_norm", 0): (lambda v: 0.5 * v @ v + a @ (R1 @ v - c), v, v + R1.T @ a, v + R1 @ a),
    ("weighted_least_squares", 1): (lambda v: 0.5 * (a - R1 @ v) @ S @ (a - R1 @ v), v, -R1.T @ S @ (a - R1 @ v), R1.T @ S @ (a - R1 @ v)),
    ("trace_of_products", 0): (lambda P: np.trace(P.T @ A @ P @ B), P, A @ P @ B + A.T @ P @ B.T, A @ P @ B + A @ P @ B),
    ("frobenius_factorisation", 1): (lambda F2: 0.5 * norm(P - F1 @ F2) ** 2, F2, -F1.T @ E, F1.T @ E),
    ("denominator_layout_chain", 0): (lambda v: (R1 @ v + a) @ (R1 @ v + a), v, 2 * R1.T @ (R1 @ v + a), 2 * R1 @ (R1 @ v + a)),
    ("quadratic_hessian", 0): (lambda v: (A + A.T)[0] @ v, v, (A + A.T)[0], A[0]),
    ("hessian_logistic", 0): (lambda w: (s(data @ w) - yb) @ data[:, 0], w, (p * (1 - p) * data[:, 0]) @ data, (p * data[:, 0]) @ data),
    ("log_sum_exp_hessian", 0): (lambda z: softmax(z)[0], z, soft[0] * (np.eye(K)[0] - soft), soft[0] * (1 - soft)),
    ("softmax_jacobian_diag", 1): (lambda z: -hot @ np.log(softmax(z)), z, soft - hot, soft + hot),
    ("huber_by_cases", 0): (lambda t: lam * abs(3 - t * 0.5) - lam**2 / 2, 0.4, -lam * 0.5, lam * 0.5),
    ("poisson_regression", 1): (lambda w: (yp * (data @ w) - np.exp(data @ w)).sum(), w, (yp - np.exp(data @ w)) @ data, (yp + np.exp(data @ w)) @ data),
    ("gaussian_nll_two_heads", 0): (lambda t: t / 2 + 0.5 * 1.3**2 * np.exp(-t), 0.2, 0.5 - 0.5 * 1.3**2 * np.exp(-0.2), 0.5 + 0.5 * 1.3**2 * np.exp(-0.2)),
    ("gaussian_variance", 0): (lambda t: -N / 2 * np.log(2 * np.pi * t) - (y**2).sum() / 2 / t, 0.9, -N / 1.8 + (y**2).sum() / 2 / 0.81, -N / 1.8 + (y**2).sum() / 1.8),
    ("focal_loss", 1): (lambda t: -((1 - s(t)) ** 2) * np.log(s(t)), 0.3, 2 * s(0.3) * (1 - s(0.3)) ** 2 * np.log(s(0.3)) - (1 - s(0.3)) ** 3, 2 * s(0.3) * (1 - s(0.3)) ** 2 * np.log(s(0.3)) - (1 - s(0.3)) ** 2),
    ("label_smoothing", 0): (lambda z: -q @ np.log(softmax(z)), z, soft - q, soft - 1),
    ("temperature_softmax", 0): (lambda z: -hot @ np.log(softmax(z / tau)), z, (softmax(z / tau) - hot) / tau, softmax(z / tau) - hot),
    ("triplet", 0): (lambda v: norm(v - a) ** 2 - norm(v - c) ** 2, v, 2 * (c - a), 2 * (c + a)),
    ("contrastive_pair", 0): (lambda v: 0.5 * np.maximum(0, 9 - norm(v - a)) ** 2, v, -(9 - norm(v - a)) * (v - a) / norm(v - a), (9 - norm(v - a)) * (v - a) / norm(v - a)),
    ("contrastive_pair", 1): (lambda v: 0.5 * np.maximum(0, 9 - norm(v - a)) ** 2, v, -(9 - norm(v - a)) * (v - a) / norm(v - a), -(9 - norm(v - a)) * (v - a) / norm(v - a) ** 2),
    ("logistic_pm_one", 0): (lambda w: np.log(1 + np.exp(-ys * (data @ w))).mean(), w, -(ys * ps) @ data / N, -(ys * (1 - ps)) @ data / N),
    ("log_cosh", 0): (lambda t: np.log(np.cosh(t - 0.4)), 0.9, np.tanh(0.5), np.tanh(1.3)),
    ("ridge_in_components", 1): (lambda w: ((data @ w - y) ** 2).sum() + lam * w @ w, w, 2 * r @ data + 2 * lam * w, 2 * r @ data + lam * w),
    ("bernoulli_mle", 0): (lambda t: (yb * np.log(t) + (1 - yb) * np.log(1 - t)).sum(), 0.3, yb.sum() / 0.3 - (N - yb.sum()) / 0.7, yb.sum() / 0.3 + (N - yb.sum()) / 0.7),
    ("lecun_efficient_backprop", 0): (lambda T: 0.5 * norm(g3 - np.tanh(T @ x)) ** 2, T, np.outer((h - g3) * (1 - h**2), x), np.zeros_like(T)),
    ("bottou_sgd", 0): (lambda w: lam / 2 * w @ w + np.log(1 + np.exp(-ys * (data @ w))).mean(), w, lam * w - (ys * ps) @ data / N, lam * w + (ys * ps) @ data / N),
    ("tied_autoencoder", 0): (lambda T: 0.5 * norm(T.T @ T @ x - x) ** 2, T, np.outer(T @ x, T.T @ T @ x - x) + np.outer(T @ (T.T @ T @ x - x), x), np.outer(T @ (T.T @ T @ x - x), x)),
    ("rnn_two_steps", 0): (lambda W: 0.5 * norm(np.tanh(W @ np.tanh(W @ g3)) - B[0]) ** 2, W3, np.outer(d2, h1) + np.outer(d1, g3), np.outer(d2, h1) + np.outer((W3 @ d2) * (1 - h1**2), g3)),
    ("rnn_two_steps", 1): (lambda W: 0.5 * norm(np.tanh(W @ np.tanh(W @ g3)) - B[0]) ** 2, W3, np.outer(d2, h1) + np.outer(d1, g3), np.outer(d2, h1)),
    ("layer_norm", 2): (lambda x: gn @ ((x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean())), x, (gn - gn.mean() - yn * (gn @ yn) / n) / xr, (gn - gn.mean() - yn * gn.sum() / n) / xr),
    ("no_header_linear_regression", 0): (lambda v: norm(R1 @ v - a) ** 2 / 2 / n, v, R1.T @ (R1 @ v - a) / n, R1 @ (R1 @ v - a) / n),
    ("no_header_quadratic_form", 0): (lambda v: v @ A @ v + a @ v, v, (A + A.T) @ v + a, 2 * A @ v + a),
    ("no_header_product_rule", 0): (lambda t: t**2 * np.exp(-t), 0.7, 1.4 * np.exp(-0.7) - 0.49 * np.exp(-0.7), 1.4 * np.exp(-0.7) + 0.49 * np.exp(-0.7)),
    ("russian_differential", 1): (lambda v: np.log(1 + norm(R1 @ v - a) ** 2), v, 2 * R1.T @ (R1 @ v - a) / (1 + norm(R1 @ v - a) ** 2), 2 * R1 @ (R1 @ v - a) / (1 + norm(R1 @ v - a) ** 2)),
    ("russian_trace", 0): (lambda P: np.trace(M @ P), P, M.T, np.zeros_like(P)),
    ("russian_inverse", 1): (lambda X: a @ inv(X) @ a, X, -Xi.T @ np.outer(a, a) @ Xi.T, -Xi.T @ np.outer(a, a) @ Xi),
}  # fmt: skip


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_end_is_the_slope_and_the_slip_is_not(key: tuple[str, int]) -> None:
    f, at, right, wrong = LABELS[key]
    measured = slope(f, at)
    assert np.asarray(right) == pytest.approx(measured, rel=1e-4, abs=1e-5)
    assert not np.allclose(np.asarray(wrong), measured, rtol=1e-3, atol=1e-4)


def test_the_inverse_of_a_moving_matrix_moves_so() -> None:
    step = 1e-6 * C
    assert (inv(X + step) - inv(X - step)) / 2e-6 == pytest.approx(-Xi @ C @ Xi, rel=1e-4, abs=1e-6)


def test_every_label_belongs_to_a_slip() -> None:
    slips = {(case.name, k) for case in (*MATRICES, *DEEP, *LOSSES, *HOMEWORK) for k, _ in enumerate(case.wrongs())}
    assert set(LABELS) <= slips
