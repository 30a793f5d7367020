"""What holds at an optimum, what a text's own quantities vary by, and losses of which no formula is known.

The labels are checked against numbers that NumPy finds: central differences, and equations solved by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rarely import rarely

from marking.corpus_conditions import TEXTS
from symbolic.marking import verify_text

Array = NDArray[np.float64]
SLIPS = [(name, *slip) for name, (_, slips) in TEXTS.items() for slip in slips]
OFTEN = ["dp of what the text defines, without a header", "an unknown loss above a softmax", "normal equations"]


@pytest.mark.parametrize("name", rarely([*TEXTS], OFTEN))
def test_a_right_text_is_correct(name: str) -> None:
    marking = verify_text(TEXTS[name][0])
    assert marking.verdict == "correct", [(one.latex, str(one.note)) for one in marking.lines if not one.holds]


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    rarely(SLIPS, [slip for slip in SLIPS if slip[0] in OFTEN]),
    ids=lambda value: str(value)[:40],
)
def test_a_slip_is_found_at_its_line(name: str, old: str, new: str, line: int) -> None:
    text = TEXTS[name][0]
    assert old in text
    marking = verify_text(text.replace(old, new, 1), diagnose="none")
    assert marking.verdict == "wrong"
    assert marking.lines[(marking.first_wrong or 0) - 1].position[0] == line


HEADER = "%! sizes n\n%! matrix A : R^{n x n}\n%! param u : R^n\n%! let f = u^T A u\n"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\operatorname{tr}(A u u^T) = f", "correct"),
        (r"\operatorname{tr}(A u u^T) = 7 f", "wrong"),
        (r"\ln(f) = 1 + f", "wrong"),
        (r"\det(A) = \operatorname{tr}(A)", "wrong"),
        (r"\max(f, 0) = 2", "wrong"),
        (r"\sigma(f) = f", "wrong"),
    ],
)
def test_a_line_that_begins_with_a_known_function_is_a_claim(line: str, verdict: str) -> None:
    assert verify_text(f"{HEADER}$${line}$$").verdict == verdict


SYMMETRIC = "%! sizes n\n%! param v : R^n\n%! param S : R^{n x n} symmetric\nLet $q = v^T S S v$. "


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"dq = v^T (dS\, S + S\, dS) v", "correct"),
        (r"dq = 2 v^T dS\, S v", "correct"),
        (r"dq = v^T dS\, S v", "wrong"),
        (r"dq = 2 v^T S v", "wrong"),
    ],
)
def test_a_symmetric_matrix_varies_among_symmetric_ones(line: str, verdict: str) -> None:
    assert verify_text(f"{SYMMETRIC}$${line}$$").verdict == verdict


def test_what_is_said_of_a_slip_at_an_optimum_tells_a_solution_from_a_condition() -> None:
    text, ((_, _, _), (old, new, _), *_) = TEXTS["a minimiser, its gradient behind it"]
    assert "the gradient does not vanish there" in str(verify_text(text.replace(old, new)))
    text, ((old, new, _), *_) = TEXTS["stationary points that are not alone"]
    assert "this does not hold where the gradient vanishes" in str(verify_text(text.replace(old, new)))


def test_a_step_of_descent_is_no_estimate() -> None:
    text = TEXTS["an estimate in matrices"][0].replace(r"(X^T X)^{-1} X^T y", r"w - 2X^T(Xw - y)")
    assert verify_text(text).first_wrong is None


def test_without_its_words_a_condition_is_wrong_everywhere() -> None:
    text = TEXTS["normal equations"][0]
    assert verify_text(text.replace("The normal equations are therefore", "Obviously")).verdict == "wrong"


rng = np.random.default_rng(5)
n, d = 5, 3
X, y, w = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)
B = rng.normal(size=(n, n))
P, A = B + B.T + 9 * np.eye(n), rng.normal(size=(d, d))
u, du, g = rng.normal(size=d), rng.normal(size=d), rng.normal(size=d)
S, dS = A @ A.T + np.eye(d), np.diag(rng.normal(size=d))
dX = rng.normal(size=(d, d))


def slopes(f: Callable[[Array], Any], at: Array) -> Array:
    """The central differences of f, its own entries first."""
    steps = 1e-5 * np.eye(at.size).reshape(at.size, *at.shape)
    found = [(np.asarray(f(at + step)) - np.asarray(f(at - step))) / 2e-5 for step in steps]
    return np.moveaxis(np.array(found), 0, -1)


def along(f: Callable[[float], Any], order: int) -> float:
    h = 1e-4
    if order == 1:
        return float((f(h) - f(-h)) / (2 * h))
    return float((f(h) - 2 * f(0.0) + f(-h)) / h**2)


def normed(x: Array) -> Array:
    return np.asarray((x - x.mean()) / x.std())


def softmax(s: Array) -> Array:
    return np.asarray(np.exp(s) / np.exp(s).sum())


z, p, r, k = normed(u), softmax(u), float(np.sqrt((u**2).mean())), rng.uniform(1, 3, size=n)
best = np.linalg.solve(X.T @ P @ X, X.T @ P @ y)
least = np.linalg.lstsq(X, y, rcond=None)[0]
ridge = np.linalg.lstsq(np.vstack([X, np.sqrt(0.3) * np.eye(d)]), np.concatenate([y, np.zeros(d)]), rcond=None)[0]
values, vectors = np.linalg.eigh(S)
e, rho = vectors[:, 0], values[0]
q = 1 + u @ S @ u
inverse = np.linalg.inv(S)

wide, root = X[:2], np.linalg.cholesky(S).T


def square(v: Array) -> Array:
    return np.asarray(v.reshape(d, d) @ v.reshape(d, d).T)


#: The text and its slip: what NumPy finds, what the right line says, what the wrong one says.
LABELS: dict[tuple[str, int], tuple[Any, Any, Any]] = {
    ("an unknown loss above a norm of a layer", 0): (
        slopes(normed, u).T @ g,
        (g - g.mean() - z * (g @ z) / d) / u.std(),
        (g - g.mean() + z * (g @ z) / d) / u.std(),
    ),
    ("an unknown loss above a softmax", 0): (slopes(softmax, u).T @ g, p * (g - g @ p), p * (g + g @ p)),
    ("an unknown loss above a layer", 0): (
        slopes(lambda v: g @ np.tanh(A @ v), u),
        A.T @ (g * (1 - np.tanh(A @ u) ** 2)),
        A.T @ (g * (1 - np.tanh(A @ u)) ** 2),
    ),
    ("normal equations", 0): (X.T @ P @ X @ best, X.T @ P @ y, X.T @ y),
    ("a minimiser, its gradient behind it", 1): (
        ridge,
        np.linalg.solve(X.T @ X + 0.3 * np.eye(d), X.T @ y),
        np.linalg.solve(X.T @ X + 0.6 * np.eye(d), X.T @ y),
    ),
    ("stationary points that are not alone", 0): (S @ e, rho * e, 2 * rho * e),
    ("second differentials of a logarithm", 0): (
        along(lambda t: np.log(1 + (u + t * du) @ S @ (u + t * du)), 2),
        2 * du @ S @ du / q - 4 * (u @ S @ du) ** 2 / q**2,
        2 * du @ S @ du / q - 2 * (u @ S @ du) ** 2 / q**2,
    ),
    ("second differential of a determinant", 0): (
        along(lambda t: -np.log(np.linalg.det(S + t * dS)), 2),
        np.trace(inverse @ dS @ inverse @ dS),
        -np.trace(inverse @ dS @ inverse @ dS),
    ),
    ("d of an inverse", 1): (
        slopes(lambda v: u @ np.linalg.inv(v.reshape(d, d)) @ g, (A + 3 * np.eye(d)).ravel()).reshape(d, d),
        -np.linalg.inv(A + 3 * np.eye(d)).T @ np.outer(u, g) @ np.linalg.inv(A + 3 * np.eye(d)).T,
        -np.linalg.inv(A + 3 * np.eye(d)).T @ np.outer(u, g) @ np.linalg.inv(A + 3 * np.eye(d)),
    ),
    ("dt^2", 0): (
        along(lambda t: np.exp(-((0.7 + t) ** 2) / 2), 2),
        (0.49 - 1) * np.exp(-0.245),
        (0.49 + 1) * np.exp(-0.245),
    ),
    ("a symmetric matrix, in Russian", 0): (slopes(lambda v: v @ S @ v, u), 2 * S @ u, S @ u),
    ("estimates of two parameters", 0): (np.polyfit(np.zeros(n), y, 0)[0], y.sum() / n, 2 * y.sum() / n),
    ("an estimate without a header", 0): (np.roots([-n, k.sum()])[0], k.sum() / n, n * k.sum()),
    ("an estimate in matrices", 0): (least, np.linalg.solve(X.T @ X, X.T @ y), X.T @ y),
    ("a length by its square", 0): (slopes(lambda v: np.sqrt((v**2).mean()), u), u / (d * r), 2 * u / (d * r)),
    ("a length by its square", 1): (
        slopes(lambda v: v / np.sqrt((v**2).mean()), u),
        np.eye(d) / r - np.outer(u, u) / (d * r**3),
        np.eye(d) / r - np.outer(u, u) / (d * r**2),
    ),
    ("entries of any vector", 0): (
        g @ (np.diag(p) - np.outer(p, p)) @ g,
        p @ g**2 - (p @ g) ** 2,
        p @ g - (p @ g) ** 2,
    ),
    ("a direction that is taken at will", 0): (
        slopes(lambda v: v @ A @ v, u) @ g,
        u @ A @ g + g @ A @ u,
        u @ A @ g + u @ A @ g,
    ),
    ("a dual function, and the minimum of both", 2): (
        np.linalg.pinv(wide) @ g[:2],
        wide.T @ np.linalg.solve(wide @ wide.T, g[:2]),
        -wide.T @ np.linalg.solve(wide @ wide.T, g[:2]),
    ),
    ("d of a norm, in Russian", 0): (
        slopes(lambda v: np.linalg.norm(v) * v, u),
        np.linalg.norm(u) * np.eye(d) + np.outer(u, u) / np.linalg.norm(u),
        np.linalg.norm(u) * np.eye(d) - np.outer(u, u) / np.linalg.norm(u),
    ),
    ("d of a factor of a matrix", 0): (
        slopes(lambda v: np.trace(S @ square(v)) - np.log(np.linalg.det(square(v))), A.ravel()).reshape(d, d),
        2 * S @ A - 2 * np.linalg.inv(A).T,
        2 * S @ A - 2 * np.linalg.inv(A),
    ),
    ("a first order condition, its gradient not taken", 0): (
        np.linalg.lstsq(np.vstack([root, np.eye(d)]), np.concatenate([np.zeros(d), g]), rcond=None)[0],
        np.linalg.solve(np.eye(d) + S, g),
        np.linalg.solve(np.eye(d) - S, g),
    ),
}


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_line_is_what_numpy_finds_and_the_wrong_one_is_not(key: tuple[str, int]) -> None:
    found, right, wrong = map(np.asarray, LABELS[key])
    assert np.allclose(right, found, rtol=1e-4, atol=1e-6)
    assert np.abs(wrong - found).max() > 1e-3


def test_every_label_belongs_to_a_slip() -> None:
    assert all(at < len(TEXTS[name][1]) for name, at in LABELS)
