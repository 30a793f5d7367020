r"""What prose tells of branches, functions and labels: "When $L > 0$:", D(x) and D(g_i), one 1 in each row, F^*(x)."""

import pytest
from right_and_slip import assert_right_and_slip

TEXTS = {
    "a condition before several displays": (
        r"""Let $a = Wx$, $p = Wy$ for $x, y\in\mathbb{R}^d$ and $L = \max(0, \|a-p\|^2 - m)$.
When $L > 0$:
\[ \frac{\partial L}{\partial a} = 2(a-p) \]
\[ \frac{\partial L}{\partial p} = -2(a-p) \]
\[ \frac{\partial L}{\partial W} = 2(a-p)(x-y)^\top \]""",
        (r"= -2(a-p)", r"= 2(a-p)"),
        5,
    ),
    "both branches in a chat": (
        """Ann: let a = W x₁ and p = W x₂, vectors; the loss is L = max(0, ‖a − p‖² − m).
Bob: If L = 0, nothing moves. When L > 0:
∂L/∂a = 2(a − p)
∂L/∂p = −2(a − p)""",
        ("= −2(a − p)", "= 2(a − p)"),
        5,
    ),
    "a function said of one vector and taken of another": (
        r"""$D(x)=\sigma(w^\top x)$ with the sigmoid $\sigma(u)=\frac{1}{1+e^{-u}}$,
and $g_i = Az_i$ with $z_i\in\mathbb{R}^k$.
\[ L=-\frac1m\sum_{i=1}^m\bigl[\ln D(x_i)+\ln(1-D(g_i))\bigr] \]
\[ \frac{\partial L}{\partial w}=-\frac1m\sum_{i=1}^m\bigl[(1-D(x_i))\,x_i-D(g_i)\,g_i\bigr] \]""",
        (r"-D(g_i)\,g_i", r"+D(g_i)\,g_i"),
        5,
    ),
    "a matrix for each expert": (
        r"""Each of $M$ experts is a linear map $o_i=W_ix$ of the vector $x$, and $d$ is the desired vector.
\[ E=\frac12\sum_{i=1}^M c_i\|d-o_i\|^2 \]
\[ \frac{\partial E}{\partial o_i}=-c_i\,(d-o_i),\qquad \frac{\partial E}{\partial W_i}=-c_i\,(d-o_i)\,x^T \]""",
        (r"W_i}=-c_i", r"W_i}=c_i"),
        4,
    ),
    "labels with one 1 in each row": (
        r"""The rows of $X\in\mathbb{R}^{N\times d}$ are objects,
$Y\in\{0,1\}^{N\times K}$ are labels with exactly one 1 in each row.
\[ Z=XW,\quad P_{ik}=\frac{e^{Z_{ik}}}{\sum_{j=1}^K e^{Z_{ij}}},\quad L=-\sum_{i=1}^N\sum_{k=1}^K Y_{ik}\ln P_{ik} \]
\[ \frac{\partial L}{\partial Z}=P-Y,\qquad \frac{\partial L}{\partial W}=X^T(P-Y) \]""",
        (r"=X^T(P-Y)", r"=X^T(Y-P)"),
        5,
    ),
    "a function with a star": (
        r"""\[ F^*(\mathbf{x})=\sum_{i=1}^m w_iG_i(\mathbf{x}),\quad
G_i(\mathbf{x})=\exp(-\|\mathbf{x}-\mathbf{t}_i\|^2) \]
for centres $\mathbf{t}_i\in\mathbb{R}^p$, and with the errors $e_j=d_j-F^*(\mathbf{x}_j)$
\[ E=\frac12\sum_{j=1}^N e_j^2. \]
\[ \frac{\partial E}{\partial w_i}=-\sum_{j=1}^N e_jG_i(\mathbf{x}_j) \]""",
        (r"=-\sum_{j=1}^N e_jG", r"=\sum_{j=1}^N e_jG"),
        5,
    ),
    "biases that are rows": (
        r"""$X$ is an $N\times D$ matrix of examples, $T\in\mathbb{R}^{N\times C}$, $W\in\mathbb{R}^{D\times C}$,
the bias $b$ is a row vector, and $\mathbf{1}\in\mathbb{R}^N$.
\[ F=XW+\mathbf{1}b,\qquad L=\frac12\|F-T\|_F^2 \]
\[ \frac{\partial L}{\partial W}=X^T(F-T),\qquad \frac{\partial L}{\partial b}=\mathbf{1}^T(F-T) \]""",
        (r"=\mathbf{1}^T(F-T)", r"=\mathbf{1}^T(T-F)"),
        4,
    ),
    "an offset with the letter of the value": (
        r"""$e=\tanh(Ax+a)$, $\mu=Me+\mu_0$ for $x\in\mathbb{R}^D$, $\mu_0\in\mathbb{R}^m$ and $L=\frac12\|\mu-t\|^2$.
\[ \frac{\partial L}{\partial\mu_0}=\mu-t,\qquad \frac{\partial L}{\partial M}=(\mu-t)e^T \]
\[ \frac{\partial L}{\partial A}=\bigl(M^T(\mu-t)\odot(1-e\odot e)\bigr)x^T \]""",
        (r"\odot(1-e", r"\odot(1+e"),
        6,
    ),
    "errors that are called by the unit, under a header": (
        r"""%! sizes n m
%! data x : R^m
%! data y : R^n
%! param U : R^{n x m}
%! param V : R^{n x m}
%! let g = \sigma(U x)
%! let c = \tanh(V x)
%! let h = g \odot c
%! let L = \frac12 \|h - y\|^2
Write $\delta = h - y$. The errors of the gate and of the candidate are
\[ \delta_g = \delta\odot c\odot g\odot(1-g), \]
\[ \delta_c = \delta\odot g\odot(1-c\odot c), \]
\[ \frac{\partial L}{\partial U}=\delta_g x^T,\qquad \frac{\partial L}{\partial V}=\delta_c x^T. \]""",
        (r"V}=\delta_c x^T", r"V}=\delta_g x^T"),
        5,
    ),
    "the delta of two letters in plain text": (
        """Policy: π_a = exp(θ_a) / Σ_b exp(θ_b), reward J = Σ_a π_a r_a over K arms.
∂π_a/∂θ_b = π_a (δ_ab − π_b)
∂J/∂θ_b = Σ_a r_a π_a (δ_ab − π_b) = π_b (r_b − J)""",
        ("= π_b (r_b − J)", "= π_b (J − r_b)"),
        5,
    ),
    "a chat with its clock, and cases of indices": (
        """[09:01] ann: logits z_k, s_k = exp(z_k) / Σ_m exp(z_m), loss L = −Σ_k y_k ln s_k, Σ_k y_k = 1
[09:02] bob: if k = m, then
∂s_k/∂z_k = s_k(1 − s_k),
and if k ≠ m, then
∂s_k/∂z_m = −s_k s_m.
[09:03] bob: together ∂L/∂z_k = s_k − y_k
[09:04] ann: 👍""",
        ("= −s_k s_m.", "= s_k s_m."),
        5,
    ),
    "square brackets of the physics package": (
        r"""\usepackage{physics} Let $A$ be a symmetric $d\times d$ matrix and $x, c\in\mathbb{R}^d$.
\[ \pdv{x}\qty[(x-c)^TA(x-c)]=2A(x-c) \]
\[ \pdv{c}\qty[(x-c)^TA(x-c)]=-2A(x-c) \]""",
        (r"=-2A(x-c)", r"=-A(x-c)"),
        2,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
