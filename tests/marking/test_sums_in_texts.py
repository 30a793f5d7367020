# ruff: noqa: E501 (formulas stand as people write them)
"""Bounds and sets below a sum: i < j, i ∈ V, |r_i| ≤ c, pairs of a set, max and min, an index from 0."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "each pair once": (
        r"""$\hat y=\sum_{i=1}^nw_ix_i+\sum_{i=1}^n\sum_{j=i+1}^n\langle v_i,v_j\rangle x_ix_j$ with $v_i\in\mathbb R^k$.
\[ \sum_{i=1}^n\sum_{j=i+1}^n\langle v_i,v_j\rangle x_ix_j =\frac12\sum_{i=1}^n\sum_{j=1}^n\langle v_i,v_j\rangle x_ix_j-\frac12\sum_{i=1}^n\langle v_i,v_i\rangle x_i^2 \]
\[ \frac{\partial\hat y}{\partial w_i}=x_i \]""",
        (r"x_ix_j-\frac12", r"x_ix_j+\frac12"),
        2,
    ),
    "a set that a line describes": (
        r"""$x_i\in\mathbb{R}^p$, $y_i\in\{-1,1\}$, $i=1,\ldots,n$; $f(x)=w^Tx+b$.
\[ P_1(w,b)=\tfrac12\|w\|^2+C\sum_{i=1}^n\max(0,1-y_if(x_i)), \qquad P_2(w,b)=\tfrac12\|w\|^2+C\sum_{i=1}^n\max(0,1-y_if(x_i))^2 \]
With $V=\{i: y_if(x_i)<1\}$,
\[ \nabla_wP_1=w-C\sum_{i\in V}y_ix_i, \qquad \nabla_wP_2=w-2C\sum_{i\in V}(1-y_if(x_i))y_ix_i \]""",
        (r"\nabla_wP_1=w-C", r"\nabla_wP_1=w+C"),
        5,
    ),
    "an absolute value below a sum": (
        r"""$r_i=w^Tx_i-y_i$, $\rho(r)=\begin{cases}\frac12r^2,&|r|\le c,\\ c|r|-\frac12c^2,&|r|>c,\end{cases}$
and $Q(w)=\sum_{i=1}^N\rho(r_i)$. \[ \nabla_wQ=\sum_{i:\,|r_i|\le c}r_ix_i+c\sum_{i:\,|r_i|>c}\operatorname{sign}(r_i)x_i \]""",
        (r"+c\sum_{i:\,|r_i|>c}", r"+\sum_{i:\,|r_i|>c}"),
        4,
    ),
    "the pairs of a set by either of their letters": (
        """Ratings r_ui for (u,i) ∈ Ω, vectors p_u ∈ ℝᵏ, q_i ∈ ℝᵏ. Put e_ui = r_ui − p_uᵀ q_i. Then

    F = ½ Σ_{(u,i)∈Ω} e_ui² + (λ/2) Σ_u ‖p_u‖²
    ∂F/∂p_u = −Σ_{i∈Ω_u} e_ui q_i + λ p_u
    ∂F/∂q_i = −Σ_{u∈Ω^i} e_ui p_u""",
        ("e_ui q_i + λ p_u", "e_ui q_i − λ p_u"),
        3,
    ),
    "bounds that are the greater of two, and a length that only a line tells": (
        r"""$s_i=b+\sum_{j=1}^{k}w_jx_{i+j-1}$, $i=1,\dots,m$, $m=n-k+1$, and $L=\sum_{i=1}^m s_i^2$.
\[ \frac{\partial L}{\partial s_i}=2s_i \]
\[ \frac{\partial L}{\partial x_l}=\sum_{i=\max(1,l-k+1)}^{\min(m,l)}2s_iw_{l-i+1} \]""",
        ("2s_iw_{l-i+1}", "2s_iw_{l-i}"),
        5,
    ),
    "an index from 0": (
        r"""For $z\in\mathbb R^d$ with keys $k_0,k_1,\dots,k_N$ in $\mathbb R^d$, $\ell=-\log\frac{\exp(z^\top k_0/\tau)}{\sum_{j=0}^N\exp(z^\top k_j/\tau)}$ and
$p_j=\exp(z^\top k_j/\tau)\big/\sum_{i=0}^N\exp(z^\top k_i/\tau)$.
\[ \frac{\partial\ell}{\partial z}=-\frac1\tau\Big[(1-p_0)k_0-\sum_{j=1}^Np_jk_j\Big], \qquad \frac{\partial\ell}{\partial k_0}=-\frac{1-p_0}{\tau}z \]""",
        (r"(1-p_0)k_0-\sum", r"(1-p_0)k_0+\sum"),
        3,
    ),
    "an index e beside Euler's number": (
        r"""$W\in\mathbb R^{C\times D}$, $a=Wx$, $p=\mathrm{softmax}(a)$, $y$ is one-hot, $\ell=-y^\top a+\log(\mathbf 1^\top e^a)$.
\[ \frac{\partial^2\ell}{\partial W_{ci}\,\partial W_{ej}}=p_c(\delta_{ce}-p_e)x_ix_j \]""",
        (r"\delta_{ce}-p_e", r"\delta_{ce}-p_c"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
