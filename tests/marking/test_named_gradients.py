r"""``dW`` and ``dz`` as names for gradients, as courses on programming write them.

The right lines and their slips are labelled by central differences in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symbolic.marking import verify_text

LOGISTIC = r"""
%! sizes n m
%! index i = 1..m sample
%! data X : R^{n x m}
%! data Y : R^{1 x m}
%! param w : R^n
%! param b : R
$$Z = w^T X + b, \quad A = \tanh(Z)$$
$$J = \frac{1}{2m}\sum_{i=1}^{m}(a^{(i)} - y^{(i)})^2$$
"""
ROWS = r"""
%! sizes N D K C
%! data X : R^{N x D}
%! data Y : R^{N x C}
%! param W_1 : R^{D x K}
%! param W_2 : R^{K x C}
%! let H = \tanh(X W_1)
%! let S = H W_2
%! let L = \frac{1}{2N} \|S - Y\|_F^2
"""
ONE_BY_ONE = r"""
%! sizes N d
%! index n = 1..N sample
%! data x_n : R^d
%! data y_n : R
%! param w : R^d
%! func \sigma = sigmoid
%! let a_n = w^T x_n
%! let p_n = \sigma(a_n)
%! let J = -\frac1N \sum_{n=1}^N (y_n \ln p_n + (1 - y_n)\ln(1 - p_n))
"""
PLANAR = r"""
Shapes: $X$ is $(n_x, m)$, $Y$ is $(1, m)$, $W^{[1]}$ is $(n_h, n_x)$, $W^{[2]}$ is $(1, n_h)$; $dW = \partial J / \partial W$.
$$P^{[1]} = W^{[1]} X + b^{[1]}, \quad Q^{[1]} = \sigma(P^{[1]})$$
$$P^{[2]} = W^{[2]} Q^{[1]} + b^{[2]}$$
$$J = \frac{1}{2m} \sum_{i=1}^{m} (p^{[2](i)} - y^{(i)})^2$$
$$dP^{[2]} = P^{[2]} - Y$$
$$dP^{[1]} = W^{[2]T} dP^{[2]} * Q^{[1]} * (1 - Q^{[1]})$$
$$dW^{[1]} = \frac{1}{m} dP^{[1]} X^T, \qquad db^{[1]} = \frac{1}{m} \sum_{i=1}^{m} dP^{[1](i)}$$
"""  # noqa: E501
OWN = r"$$dz^{(i)} = (a^{(i)} - y^{(i)})(1 - (a^{(i)})^2)$$ "
MEAN = OWN.replace("= (a", r"= \frac1m (a", 1)


def verdicts(sheet: str) -> list[str]:
    lines = verify_text(sheet, diagnose="none").lines
    return [
        "holds" if line.verdict in ("proved", "agrees") else line.verdict for line in lines if line.verdict != "given"
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (OWN + r"$$dw = \frac1m X\, dZ^T$$ $$db = \frac1m \sum_{i=1}^m dz^{(i)}$$", ["holds"] * 3),
        (OWN + r"$$dw = X\, dZ^T$$", ["holds", "refuted"]),
        (MEAN + r"$$dw = X\, dZ^T$$ $$db = \sum_{i=1}^m dz^{(i)}$$", ["holds"] * 3),
        (MEAN + r"$$dw = \frac1m X\, dZ^T$$", ["holds", "refuted"]),
        (OWN.replace("^2)", ")") + r"$$dw = \frac1m X\, dZ^T$$", ["refuted", "holds"]),
    ],
)
def test_dz_is_of_the_mean_or_of_each_objects_own_loss_but_not_of_both(lines: str, expected: list[str]) -> None:
    assert verdicts(LOGISTIC + lines) == expected


def test_the_choice_of_the_text_is_said() -> None:
    sheet = LOGISTIC + OWN + r"$$dw = \frac1m X\, dZ^T$$"
    assert any("own loss" in said.en for said in verify_text(sheet, diagnose="none").read)


def test_rows_of_objects_flow_back_as_well() -> None:
    right = r"$$dS = \frac1N (S - Y)$$ $$dW_2 = H^T dS$$ $$dH = dS\, W_2^T$$ $$dW_1 = X^T (dH \odot (1 - H \odot H))$$"
    assert verdicts(ROWS + right) == ["holds"] * 4
    assert verdicts(ROWS + right.replace("= H^T dS", r"= \frac1N H^T dS")) == ["holds", "refuted", "holds", "holds"]


@pytest.mark.parametrize(("line", "expected"), [("(p_n - y_n) x_n", "holds"), ("(p_n - y_n) p_n x_n", "refuted")])
def test_dw_may_be_of_the_loss_of_one_object(line: str, expected: str) -> None:
    assert verdicts(ONE_BY_ONE + f"For one object $$ dw = {line} $$") == [expected]


def test_a_net_over_columns_of_objects_is_read_without_a_header() -> None:
    assert verdicts(PLANAR) == ["holds"] * 4
    assert verdicts(PLANAR.replace(r"* Q^{[1]} * (1", "* (1")) == ["holds", "refuted", "holds", "holds"]


rng = np.random.default_rng(14)
n, m, N, D, H, C = 3, 5, 4, 3, 2, 2
X, Y, w = rng.normal(size=(n, m)), rng.normal(size=m), rng.normal(size=n)
rows, targets, first, second = (rng.normal(size=s) for s in ((N, D), (N, C), (D, H), (H, C)))
a = np.tanh(w @ X)
dz, hidden = (a - Y) * (1 - a**2), np.tanh(rows @ first)
dS = (hidden @ second - targets) / N

#: The function, the place, the gradient as it is, and as the slip has it.
LABELS: dict[str, tuple[Callable[[Any], float], Any, Any, Any]] = {
    "mean": (lambda w: ((np.tanh(w @ X) - Y) ** 2).sum() / 2 / m, w, X @ dz / m, X @ dz),
    "second": (lambda V: ((hidden @ V - targets) ** 2).sum() / 2 / N, second, hidden.T @ dS, hidden.T @ dS / N),
    "first": (
        lambda U: ((np.tanh(rows @ U) @ second - targets) ** 2).sum() / 2 / N,
        first,
        rows.T @ ((dS @ second.T) * (1 - hidden**2)),
        rows.T @ (dS @ second.T),
    ),
}


@pytest.mark.parametrize("key", LABELS)
def test_the_label_of_a_gradient_is_that_of_central_differences(key: str) -> None:
    of, at, right, wrong = LABELS[key]
    steps = np.eye(at.size).reshape(at.size, *at.shape) * 1e-5
    slope = np.array([(of(at + step) - of(at - step)) / 2e-5 for step in steps]).reshape(at.shape)
    assert np.allclose(slope, right, atol=1e-7)
    assert not np.allclose(slope, wrong, atol=1e-4)


COLUMNS_OF_CLASSES = r"""
The examples are the columns of $X \in \mathbb{R}^{n \times m}$
and the one-hot labels the columns of $Y \in \mathbb{R}^{C \times m}$.
\begin{align*}
H^{[1]} &= V^{[1]} X + b^{[1]} \\
G^{[1]} &= \tanh(H^{[1]}) \\
H^{[2]} &= V^{[2]} G^{[1]} + b^{[2]} \\
G^{[2]} &= \mathrm{softmax}(H^{[2]})
\end{align*}
The cost is $J = -\frac{1}{m} \sum_{i=1}^m \sum_{c=1}^C Y_{ci} \log G^{[2]}_{ci}$.
\begin{align*}
dH^{[2]} &= G^{[2]} - Y \\
dV^{[2]} &= \frac{1}{m} dH^{[2]} G^{[1]T} \\
dH^{[1]} &= V^{[2]T} dH^{[2]} \odot (1 - G^{[1]} \odot G^{[1]}) \\
dV^{[1]} &= \frac{1}{m} dH^{[1]} X^T
\end{align*}
"""


def test_entries_of_a_layer_tell_its_shape_and_labels_in_columns_are_one_hot_by_columns():
    assert verify_text(COLUMNS_OF_CLASSES).verdict == "correct"


def test_a_repair_reads_dz_as_the_text_does():
    marking = verify_text(COLUMNS_OF_CLASSES.replace(r"\frac{1}{m} dH^{[1]} X^T", "dH^{[1]} X^T"))
    line = marking.lines[-1]
    assert line.diagnosis is not None
    assert (marking.first_wrong, line.diagnosis.kind) == (line.number, "factor")
    assert line.diagnosis.repair.startswith(r"\frac{1}{m}")
