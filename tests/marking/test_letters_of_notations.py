# ruff: noqa: E501 (formulas stand as people write them)
"""Letters that a notation gives a meaning where nothing is declared: units by their index, layers above a name."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "units told by their index": (
        r"""A perceptron with two layers of weights: $a_j = \sum_i w_{ji} x_i + b_j$, $o_j = \tanh(a_j)$,
$a_k = \sum_j w_{kj} o_j + b_k$ and $E = \frac12\sum_k (a_k - t_k)^2$.
\[ \delta_k = \frac{\partial E}{\partial a_k} = a_k - t_k \]
\[ \frac{\partial E}{\partial w_{kj}} = \delta_k o_j, \qquad \frac{\partial E}{\partial b_k} = \delta_k \]
\[ \frac{\partial E}{\partial b_j} = (1 - o_j^2) \sum_k w_{kj} \delta_k \]""",
        (r"(1 - o_j^2) \sum", r"o_j^2 \sum"),
        9,
    ),
    "weights told by their units": (
        r"""Hidden units $h_j = \sigma\left(\sum_i w_{ji} x_i\right)$, outputs $y_k = \sum_j w_{kj} h_j$,
error $E = \frac12\sum_k (y_k - t_k)^2$.
\[ \frac{\partial E}{\partial w_{kj}} = (y_k - t_k) h_j \]
\[ \frac{\partial E}{\partial w_{ji}} = \sum_k (y_k - t_k) w_{kj} h_j (1 - h_j) x_i \]""",
        ("(1 - h_j) x_i", "x_i"),
        5,
    ),
    "layers above a name, without brackets": (
        r"""The loss $E = \frac12 \|h^L - t\|^2$ of a network with $h^l = \tanh(u^l)$, $u^l = A^l h^{l-1} + c^l$. Then
\[ g^L = \frac{\partial E}{\partial u^L} = (h^L - t) \odot (1 - (h^L)^2) \]
\[ \frac{\partial E}{\partial A^L} = g^L (h^{L-1})^T \]
\[ \frac{\partial E}{\partial c^L} = g^L \]""",
        ("g^L (h^{L-1})^T", "g^L (h^L)^T"),
        6,
    ),
    "the design matrix of rows that bear its small letter, with bold columns": (
        r"""The error is $E(\mathbf{v}) = \sum_{n=1}^{N} (r_n - \mathbf{v}^T \boldsymbol{\psi}(\mathbf{x}_n))^2$.
\[ \nabla E(\mathbf{v}) = -2\sum_{n=1}^{N} (r_n - \mathbf{v}^T \boldsymbol{\psi}(\mathbf{x}_n)) \boldsymbol{\psi}(\mathbf{x}_n) \]
Setting it to zero gives
\[ \mathbf{v} = (\boldsymbol{\Psi}^T\boldsymbol{\Psi})^{-1}\boldsymbol{\Psi}^T\mathbf{r}. \]""",
        (r"\Psi}^T\mathbf{r}", r"\Psi}^T 2\mathbf{r}"),
        3,
    ),
    "the trace of a whole product": (
        r"""Let $h(C) = \operatorname{tr}(A - BC)^\top(A - BC)$.
\begin{align*}
dh &= -2\operatorname{tr}(A - BC)^\top B\,dC \\
&= \operatorname{tr}\left[2 (BC - A)^\top B\right] dC
\end{align*}
\[ \frac{\partial h}{\partial C} = 2 B^\top (BC - A) \]""",
        (r"= 2 B^\top (BC - A)", r"= 2 B (BC - A)"),
        4,
    ),
    "an inverse between a row and a column": (
        r"""Let $g(\Omega) = u^T\Omega^{-1}u + \ln|\Omega|$, all entries of $\Omega$ free.
\[ dg = -u^T\Omega^{-1}(d\Omega)\Omega^{-1}u + \mathrm{Tr}(\Omega^{-1}d\Omega) \]
\[ \frac{\partial g}{\partial \Omega} = \Omega^{-T} - \Omega^{-T}uu^T\Omega^{-T} \]""",
        (r"\Omega^{-T} - \Omega^{-T}uu^T", r"\Omega^{-T} + \Omega^{-T}uu^T"),
        3,
    ),
    "a mean of vectors": (
        r"""The context is $q = \frac1M\sum_{m=1}^M e_m$ with $e$ defined below, where $e_m = \tanh(r_m)$, and $L = \frac12 (s^\top q)^2$.
\[ \frac{\partial L}{\partial s} = (s^\top q) q \]
\[ \frac{\partial L}{\partial r_m} = \frac1M (s^\top q) s \odot (1 - e_m \odot e_m) \]""",
        (r"\frac1M (s^\top", r"(s^\top"),
        5,
    ),
    "values that a datum can have": (
        r"""Let $c = 1$ for a match and $c = 0$ otherwise, $L = c\,u^2 + (1 - c)(1 - u)^2$.
\[ \frac{\partial L}{\partial u} = 2 c u - 2(1 - c)(1 - u) \]""",
        ("- 2(1 - c)", "+ 2(1 - c)"),
        4,
    ),
    "a name that is given again": (
        r"""Write $q = \ln\tau^2$. The loss is $L = \frac12 e^{-q}(y - m)^2 + \frac12 q$.
\[ \frac{\partial L}{\partial q} = \frac12 - \frac12 e^{-q}(y - m)^2 \]
With $q = \mathbf{c}^\top\mathbf{x}$,
\[ \frac{\partial L}{\partial \mathbf{c}} = \left(\frac12 - \frac12 e^{-q}(y - m)^2\right)\mathbf{x} \]""",
        (r"\left(\frac12 - \frac12", r"\left(\frac12 + \frac12"),
        5,
    ),
    "a prime that transposes rows": (
        r"""The log-likelihood is $\ell(\beta) = \sum_{i=1}^n [y_i z_i'\beta - \ln(1 + e^{z_i'\beta})]$, $p_i = \sigma(z_i'\beta)$.
\[ \frac{\partial \ell}{\partial \beta} = \sum_{i=1}^n (y_i - p_i) z_i \]
\[ \frac{\partial^2 \ell}{\partial\beta\,\partial\beta'} = -\sum_{i=1}^n p_i (1 - p_i) z_i z_i' \]""",
        ("= -\\sum_{i=1}^n p_i", "= \\sum_{i=1}^n p_i"),
        4,
    ),
    "a prime on a function with a number of the model": (
        r"""For $\alpha > 0$ let \[ g(u) = \begin{cases} u & u > 0 \\ \alpha u & u \le 0 \end{cases} \]
One neuron: $a = g(w^T x)$ and $C = \frac12(a - y)^2$.
\[ \frac{\partial C}{\partial w} = (a - y) g'(w^T x) x \]""",
        ("g'(w^T x) x", "g(w^T x) x"),
        4,
    ),
    "letters below in plain text": (
        "One rating: e_ui = r_ui − p_uᵀq_i\nL = e_ui² + λ‖p_u‖²\n∂L/∂p_u = −2 e_ui q_i + 2λ p_u",
        ("q_i + 2λ", "p_u + 2λ"),
        3,
    ),
    "a point that is called stationary behind its formula": (
        r"""$G\in\mathbb{R}^{n\times n}$ ist symmetrisch: $J(c) = \frac12 c^\top G c - c^\top y$.
$$\nabla J(c) = G c - y$$ So $c = G^{-1}y$ is a stationary point.""",
        ("G c - y$$", "2 G c - y$$"),
        2,
    ),
    "an e of the text beside Euler's number": (
        r"""$E = \frac12 e^2$, where $e = t - \sigma(z)$, $\sigma(z) = \frac{1}{1+e^{-z}}$, $z = w x$.
\[ \frac{\partial E}{\partial w} = -e\,\sigma(z)(1-\sigma(z))x \]""",
        (r"-e\,\sigma(z)(1-\sigma(z))x", r"e\,\sigma(z)(1-\sigma(z))x"),
        5,
    ),
    "values by case with a sign": (
        r"""The label is $r = 1$ when the pair matches and $r = -1$ when not. $L = \ln(1 + e^{-r m})$.
\[ \frac{\partial L}{\partial m} = -r \sigma(-r m) \]""",
        (r"= -r \sigma", r"= r \sigma"),
        4,
    ),
    "rows that are said to be one-hot": (
        r"""The rows of $Y \in \mathbb{R}^{N\times K}$ are one-hot; $A = X W$, $P = \mathrm{softmax}(A)$,
$L = -\sum_{n=1}^N\sum_{k=1}^K Y_{nk} \ln P_{nk}$. \[ \frac{\partial L}{\partial W} = X^T (P - Y) \]""",
        ("(P - Y)", "(Y - P)"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


def test_indices_of_one_kind_tell_no_units_apart() -> None:
    softmax = r"""$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$, $L = -\sum_i y_i \ln p_i$ with $\sum_i y_i = 1$.
\[ \frac{\partial p_i}{\partial z_j} = p_i ([i = j] - p_j) \]"""
    assert verify_text(softmax).verdict == "correct"
