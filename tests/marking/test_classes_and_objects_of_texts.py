# ruff: noqa: E501 (formulas stand as people write them)
r"""Rows of a matrix that the number of a class picks, and the losses of objects under the letter of their sum.

Each text is right; with one place changed it is wrong at the line that is named.  The labels are by construction.
"""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: The text; what is changed in it; the number of the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "the row of the right class of a perceptron": (
        r"""Here $v_k$ is the $k$-th row of $V$, written as a column, and $s_k = v_k^T x_i + b_k$. We pay for every score at the right one's cost:
$$E_i = \sum_{k \neq y_i} (v_k^T x_i - v_{y_i}^T x_i + m)^2$$
$$\nabla_{v_{y_i}} E_i = -2\left( \sum_{k \neq y_i} (v_k^T x_i - v_{y_i}^T x_i + m) \right) x_i$$
and for the other rows, $k \neq y_i$,
$$\nabla_{v_k} E_i = 2 (v_k^T x_i - v_{y_i}^T x_i + m)\, x_i$$
The whole is
$$E = \sum_{i=1}^{N} E_i + \mu \sum_k \sum_l V_{k,l}^2$$
$$\nabla_V E = \sum_{i=1}^{N} \nabla_V E_i + 2 \mu V$$""",
        (r"E_i = 2 (v_k", r"E_i = (v_k"),
        4,
    ),
    "the mean of losses that have the letter of the whole": (
        r"""For each object $C_i = \log(1 + e^{-y_i w^T x_i})$, and over all of them
$$C = \frac{1}{n} \sum_{i=1}^{n} C_i + \frac{\lambda}{2} \|w\|^2$$
$$\nabla_w C_i = - \frac{y_i x_i}{1 + e^{y_i w^T x_i}}$$
$$\nabla_w C = - \frac{1}{n} \sum_{i=1}^{n} \frac{y_i x_i}{1 + e^{y_i w^T x_i}} + \lambda w$$""",
        (r"{y_i w^T x_i}} + \lambda w", r"{y_i w^T x_i}} + 2\lambda w"),
        4,
    ),
    "the probability of one class, written for the right one, and the one-hot vector that stands for it": (
        r"""\textbf{Solution.} A bilinear classifier of a pair has
\[ \hat p_s = P(S = s \mid a) = \frac{\exp(r_s^\top a)}{\sum_{t=1}^{M} \exp(r_t^\top a)} , \]
where the columns of $R = [r_1, \dots, r_M]$ are the prototypes, and $q$ denotes the one-hot vector of the right class.
\[ C = - \log \hat p_s = - r_s^\top a + \log \sum_{t=1}^{M} \exp(r_t^\top a) \]
\textbf{Solution.} For the features
\begin{align*}
\frac{\partial C}{\partial a} &= - r_s + \sum_{t=1}^{M} \hat p_t r_t \\
&= R (\hat p - q) .
\end{align*}
For the prototypes, if $t = s$,
\[ \frac{\partial C}{\partial r_s} = (\hat p_s - 1) a , \]
and for $t \neq s$
\[ \frac{\partial C}{\partial r_t} = \hat p_t a . \]""",
        ("&= R (\\hat p - q)", "&= R (q - \\hat p)"),
        7,
    ),
    "a matrix whose columns all the vectors are": (
        r"""The probability of the link $s$ is
\[ \hat p_s = \frac{\exp(g_s^\top a)}{\sum_{t \in L} \exp(g_t^\top a)}, \]
where $g_t \in \mathbb{R}^m$. Let $C = -\log \hat p_s$; $G$ is the matrix whose columns are all the $g_t$, and $q$ is the one-hot vector with a $1$ at $s$.
\[ \frac{\partial C}{\partial a} = -g_s + \sum_{t \in L} \hat p_t g_t = G(\hat p - q) \]
\[ \frac{\partial C}{\partial g_t} = \begin{cases} (\hat p_t - 1)\, a & t = s, \\ \hat p_t\, a & t \ne s. \end{cases} \]
\[ \frac{\partial C}{\partial G} = a (\hat p - q)^\top \]""",
        (r"(\hat p_t - 1)\, a", r"(1 - \hat p_t)\, a"),
        5,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_and_with_a_slip(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
