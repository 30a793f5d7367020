# ruff: noqa: E501 (formulas stand as people write them)
"""Ways of courses: functions shown by an example, one object of many, columns of objects, rows as they lie."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

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
    "rows of a matrix that never stands whole": (
        r"""$u_j = V_j h$ where $V_j$ is the $j$-th row, $q = \mathrm{softmax}(u)$, $L = -\ln q_c$.
\[ \frac{\partial L}{\partial V_j} = (q_j - [j = c])\, h^T \]""",
        ("q_j - [j = c]", "q_j + [j = c]"),
        4,
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
    "layers from the second on, with small letters for matrices": (
        r"""A cost $E = \frac12\|t - h^3\|^2$ of one sample, where $h^l = \tanh(u^l)$, $u^l = m^l h^{l-1} + c^l$ for $l = 2, 3$ and $h^1 = x$.
With $e^l = \frac{\partial E}{\partial u^l}$: \[ e^3 = (h^3 - t) \odot (1 - (h^3)^2) \]
\[ e^2 = ((m^3)^T e^3) \odot (1 - (h^2)^2) \]
\[ \frac{\partial E}{\partial c^3} = e^3, \qquad \frac{\partial E}{\partial m^2} = e^2 (h^1)^T \]""",
        ("e^2 (h^1)^T", "e^2 (h^2)^T"),
        9,
    ),
    "entries whose range the shape of the whole tells": (
        r"""For $a \in \mathbb{R}^D$ let $s = \frac1D\sum_i a_i^2$, $\hat a_i = \frac{a_i}{\sqrt{s}}$, $o_i = g_i \hat a_i$ and $L = \frac12\sum_i (o_i - t_i)^2$.
\[ \frac{\partial L}{\partial g_i} = (o_i - t_i) \hat a_i \] \[ \frac{\partial L}{\partial \hat a_i} = (o_i - t_i) g_i \]""",
        (r"(o_i - t_i) g_i", r"(o_i - t_i) \hat a_i g_i"),
        6,
    ),
    "rows of scores by the label of an example": (
        r"""For one example $x_i$ with its class $y_i$ take $q_j = v_j^T x_i$ and $L_i = \sum_{j \neq y_i} \max(0, v_j^T x_i - v_{y_i}^T x_i + 2)$.
$$\nabla_{v_j} L_i = \mathbb{1}(v_j^T x_i - v_{y_i}^T x_i + 2 > 0)\, x_i \quad (j \neq y_i)$$
$$\nabla_{v_{y_i}} L_i = -\left(\sum_{j \neq y_i} \mathbb{1}(v_j^T x_i - v_{y_i}^T x_i + 2 > 0)\right) x_i$$""",
        (r"= -\left(\sum", r"= \left(\sum"),
        4,
    ),
    "what a prose formula calls a thing that no other line needs": (
        r"""The unit has $a = w x + b$, with the rate $r = \log \kappa^2$ kept aside, and $L = \frac12 (a - t)^2 + r$.
\[ \frac{\partial L}{\partial w} = (a - t) x \]""",
        ("(a - t) x", "(a + t) x"),
        4,
    ),
    "an error that is written before its outputs": (
        r"""Inputs $x_1 = 0.5$, $x_2 = 1$, target $t = 1$, $E = \frac12 (o - t)^2$, $w_1 = 0.4$, $w_2 = -0.2$, $v = 0.5$.
$$h = \sigma(w_1 x_1 + w_2 x_2) = \sigma(0) = 0.5$$
$$o = v h = 0.25$$
$$\frac{\partial E}{\partial w_1} = (o - t)\, v\, h (1 - h)\, x_1 = -0.0469$$""",
        (r"(o - t)\, v\, h (1 - h)\, x_1 =", r"(o - t)\, h (1 - h)\, x_1 ="),
        13,
    ),
    "a name for what a function is taken of": (
        r"""The unit gives $o_j = \tanh(\text{net}_j) = \tanh\left(\sum_k w_{kj} x_k\right)$ and $E = \frac12\sum_j (o_j - t_j)^2$.
$$\frac{\partial o_j}{\partial \text{net}_j} = 1 - o_j^2$$
$$\frac{\partial E}{\partial w_{ij}} = \frac{\partial E}{\partial o_j}\frac{\partial o_j}{\partial \text{net}_j}\frac{\partial \text{net}_j}{\partial w_{ij}} = (o_j - t_j)(1 - o_j^2) x_i$$""",
        ("(o_j - t_j)(1 - o_j^2) x_i", "(o_j - t_j) o_j^2 x_i"),
        6,
    ),
    "a condition for all objects": (
        r"""Let $C(w) = \frac1N\sum_{i=1}^N (y_i - \max(0, w^T x_i))^2$. Where every unit is active, $w^T x_i > 0$, we have
\[ \nabla C(w) = -\frac2N\sum_{i=1}^N (y_i - w^T x_i) x_i. \]""",
        (r"-\frac2N\sum", r"\frac2N\sum"),
        2,
    ),
    "what a sign means": (
        r"""Let $f(V) = \frac12\|V K - Z\|_F^2$ with given $K$, $Z$. With the product $P : Q = \operatorname{tr}(P^T Q)$,
\begin{align*}
df &= (V K - Z) : dV\,K \\
&= (V K - Z) K^T : dV
\end{align*}
\[ \frac{\partial f}{\partial V} = (V K - Z) K^T \]""",
        (r"&= (V K - Z) K^T : dV", r"&= K^T (V K - Z) : dV"),
        4,
    ),
    "indices above, and errors told by them": (
        r"""Сеть: $u^h = f(\sum_j w_{jh} x^j)$, $a^m = \sum_h w_{hm} u^h$, $L = \frac12\sum_m (a^m - y^m)^2$.
$$\frac{\partial L}{\partial a^m} = a^m - y^m = \varepsilon^m$$
$$\frac{\partial L}{\partial u^h} = \sum_m \varepsilon^m w_{hm} = \varepsilon^h$$
$$\frac{\partial L}{\partial w_{jh}} = \varepsilon^h f_h' x^j$$""",
        ("f_h' x^j", "f_h' u^h"),
        8,
    ),
    "differentials of a function with its argument": (
        r"""Let $f(x) = \frac12\|Gx - c\|_2^2$, where $G \in \mathbb{R}^{m\times n}$, $c \in \mathbb{R}^m$.
\begin{align*}
df(x) &= \langle Gx - c,\ d(Gx - c)\rangle \\
&= \langle G^T(Gx - c),\ dx\rangle
\end{align*}""",
        (r"\langle G^T(Gx - c),\ dx", r"\langle G(Gx - c),\ dx"),
        3,
    ),
    "a diagonal matrix by its entries, said afterwards": (
        r"""$m_n = \exp(w^T z_n)$ and $E(w) = \sum_{n=1}^N (m_n - k_n w^T z_n)$.
\[ \nabla\nabla E(w) = \sum_{n=1}^N m_n z_n z_n^T = Z^T D Z \]
where $D$ is the diagonal matrix with $D_{nn} = m_n$ and $Z$ has the rows $z_n^T$.""",
        (r"= Z^T D Z", r"= Z^T D D Z"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


def test_what_sums_to_one_need_not_be_one_hot() -> None:
    text = r"""$L = \sum_i q_i z_i$, where $\sum_i q_i = 1$.  \[ \frac{\partial L}{\partial z_k} = q_k^2 \]"""
    assert verify_text(text).verdict == "wrong"
