# ruff: noqa: E501 (formulas stand as people write them)
"""Ways of courses: functions shown by an example, one object of many, columns of objects, rows as they lie."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a function that is shown by an example": (
        r"""The rate is $\lambda_w(x) = g(w^T x) = \ln(1 + e^{w^T x})$, and one count $k$ has the log-likelihood
\[ \ell(w) = k \ln \lambda_w(x) - \lambda_w(x). \]
\begin{align*}
\frac{\partial \ell}{\partial w_j} &= \left(\frac{k}{g(w^T x)} - 1\right) \frac{\partial}{\partial w_j} g(w^T x) \\
&= \left(\frac{k}{\lambda_w(x)} - 1\right) \frac{1}{1 + e^{-w^T x}} x_j
\end{align*}""",
        (r"\frac{1}{1 + e^{-w^T x}} x_j", r"\frac{1}{1 + e^{w^T x}} x_j"),
        5,
    ),
    "the slope of one example's loss": (
        r"""Let $h_i = \tanh(v^T x_i)$ and $J(v) = \frac12\sum_{i=1}^n (h_i - t_i)^2$. For one training example:
\[ \frac{\partial J}{\partial v_k} = (h - t)(1 - h^2) x_k \]
Summed over all of them,
\[ \frac{\partial J}{\partial v_k} = \sum_{i=1}^n (h_i - t_i)(1 - h_i^2) x_{ik}. \]""",
        (r"= (h - t)(1 - h^2) x_k", r"= (h - t) x_k"),
        3,
    ),
    "all examples, where one is spoken of no longer": (
        r"""Let $h_i = \tanh(v^T x_i)$ and $J(v) = \frac12\sum_{i=1}^n (h_i - t_i)^2$. For one training example:
\[ \frac{\partial J}{\partial v_k} = (h - t)(1 - h^2) x_k \]
Summed over all of them,
\[ \frac{\partial J}{\partial v_k} = \sum_{i=1}^n (h_i - t_i)(1 - h_i^2) x_{ik}. \]""",
        (r"\sum_{i=1}^n (h_i - t_i)(1 - h_i^2) x_{ik}.", r"(h_i - t_i)(1 - h_i^2) x_{ik}."),
        4,
    ),
    "numbers of classes below, and a letter of the sum's own": (
        r"""The logits of sentence $i$ are $s = V h_i$ with $V \in \mathbb{R}^{M \times H}$, $q_m = \frac{e^{s_m}}{\sum_l e^{s_l}}$
and $L_i = -\ln q_{c_i}$.
\[ \frac{\partial L_i}{\partial s_m} = q_m - \mathbb{1}(c_i = m) \]
\[ \frac{\partial L_i}{\partial V_{ml}} = (q_m - \mathbb{1}(c_i = m)) h_{il} \]""",
        (r"q_m - \mathbb{1}(c_i = m) \]", r"q_m + \mathbb{1}(c_i = m) \]"),
        4,
    ),
    "examples as columns, and products entry by entry with a star": (
        r"""$X \in \mathbb{R}^{n_x \times m}$ has the $m$ examples as columns, $Y \in \mathbb{R}^{1 \times m}$.
$Z^{[1]} = W^{[1]} X + b^{[1]}$, $A^{[1]} = \sigma(Z^{[1]})$, $Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$, $A^{[2]} = Z^{[2]}$,
$$J = \frac{1}{2m} \sum_{i=1}^m (a^{[2](i)} - y^{(i)})^2$$
With $dZ^{[2]} = m\,\partial J/\partial Z^{[2]}$: $$dZ^{[2]} = A^{[2]} - Y$$
$$dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}$$
$$dZ^{[1]} = W^{[2]T} dZ^{[2]} * A^{[1]} * (1 - A^{[1]})$$
$$dW^{[1]} = \frac{1}{m} dZ^{[1]} X^T$$""",
        (r"* A^{[1]} * (1 - A^{[1]})", r"* (1 - A^{[1]})"),
        9,
    ),
    "a row of numbers for the columns": (
        r"""$X$ has the $m$ examples as its columns, $P = \tanh(v^T X + c)$, $J = \frac{1}{2m}\sum_{i=1}^m (p^{(i)} - y^{(i)})^2$.
$$\frac{\partial J}{\partial v} = \frac{1}{m} X \left((P - Y) \odot (1 - P^2)\right)^T$$
$$\frac{\partial J}{\partial c} = \frac1m \sum_{i=1}^m (p^{(i)} - y^{(i)})(1 - (p^{(i)})^2)$$""",
        (r"\frac{1}{m} X \left(", r"\frac{2}{m} X \left("),
        3,
    ),
    "rows of a matrix as they lie": (
        r"""Let $u = V h + c$ with rows $V_k$, so that $u_k = V_k h + c_k$, $o_k = \tanh(u_k)$, $E = \frac12\sum_k (o_k - t_k)^2$.
\begin{align*}
\frac{\partial E}{\partial u_k} &= (o_k - t_k)(1 - o_k^2) \\
\frac{\partial E}{\partial V_k} &= (o_k - t_k)(1 - o_k^2) h^T
\end{align*}""",
        ("(1 - o_k^2) h^T", "o_k^2 h^T"),
        6,
    ),
    "diag of the general entry": (
        r"""$\mu_i = \exp(w^T x_i)$ and $E(w) = \sum_{i=1}^N (\mu_i - k_i w^T x_i)$.
\[ \nabla E = \sum_{i=1}^N (\mu_i - k_i) x_i = X^T (\mu - k), \qquad \nabla\nabla E = X^T \operatorname{diag}(\mu_i) X \]""",
        (r"\operatorname{diag}(\mu_i)", r"\operatorname{diag}(\mu_i^2)"),
        5,
    ),
    "a divergence by its name": (
        r"""Let $p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$ and $L = \mathrm{KL}(q \,\|\, p) = \sum_i q_i \log\frac{q_i}{p_i}$, where $\sum_i q_i = 1$.
\[ \frac{\partial L}{\partial z_k} = p_k - q_k \]""",
        ("p_k - q_k", "q_k - p_k"),
        5,
    ),
    "the largest of several": (
        r"""Let $m = \max_k z_k$ and $p_i = \frac{e^{z_i - m}}{\sum_j e^{z_j - m}}$, $L = -\sum_i y_i \log p_i$ with one-hot $y$.
\[ \frac{\partial L}{\partial z_k} = p_k - y_k \]""",
        ("p_k - y_k", "p_k y_k"),
        4,
    ),
    "an outer product with a circled times": (
        r"""Let $u = A h + c$, $o = \tanh(u)$ and $E = \frac12 \|o - t\|^2$.
\[ \delta = \frac{\partial E}{\partial u} = (o - t) \odot (1 - o^2), \qquad \frac{\partial E}{\partial A} = \delta \otimes h \]""",
        (r"\delta \otimes h", r"h \otimes \delta"),
        6,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    text, (old, new), line = TEXTS[name]
    assert text.count(old) == 1
    marking = verify_text(text)
    assert marking.verdict == "correct", [(one.number, one.latex) for one in marking.lines if not one.holds]
    assert verify_text(text.replace(old, new)).first_wrong == line


def test_what_sums_to_one_need_not_be_one_hot() -> None:
    text = r"""$L = \sum_i q_i z_i$, where $\sum_i q_i = 1$.  \[ \frac{\partial L}{\partial z_k} = q_k^2 \]"""
    assert verify_text(text).verdict == "wrong"
