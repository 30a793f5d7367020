# ruff: noqa: E501 (formulas stand as people write them)
"""Names that sentences give: to what a function is taken of, to results, to families of vectors, to two formulas."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a matrix without a verb, and labels that are one-hot": (
        r"""$H=XA$ with $A$ of size $D\times C$, $X$ is $N\times D$. With $Q$ the row-wise softmax of $H$ and $T$ the one-hot labels ($N\times C$),
$$L=-\sum_{i=1}^N\sum_{c=1}^C T_{ic}\log Q_{ic}$$ $$\frac{\partial L}{\partial H}=Q-T$$ $$\frac{\partial L}{\partial A}=X^T(Q-T)$$""",
        ("X^T(Q-T)", "X^T(T-Q)"),
        5,
    ),
    "vectors told by a letter below a letter": (
        r"""With noise words $n_1,\dots,n_K$ the loss is $J=-\log\sigma(p_o^\top q_c)-\sum_{k=1}^K\log\sigma(-p_{n_k}^\top q_c)$.
$$\frac{\partial J}{\partial p_{n_k}}=\sigma(p_{n_k}^\top q_c)\,q_c$$
$$\frac{\partial J}{\partial q_c}=(\sigma(p_o^\top q_c)-1)\,p_o+\sum_{k=1}^K\sigma(p_{n_k}^\top q_c)\,p_{n_k}$$""",
        (r"p_o+\sum_{k=1}^K\sigma(p", r"p_o-\sum_{k=1}^K\sigma(p"),
        3,
    ),
    "two definitions that say the same": (
        r"""$D=\frac12\sum_{j=1}^J(m_j^2+r_j^2-1-\log r_j^2)$. $$\frac{\partial D}{\partial r_j}=r_j-\frac1{r_j}$$
One outputs $s_j=\log r_j^2$, i.e. $r_j=e^{s_j/2}$. Then $$\frac{\partial D}{\partial s_j}=\frac12(e^{s_j}-1)$$""",
        (r"\frac12(e^{s_j}-1)", r"e^{s_j}-1"),
        5,
    ),
    "the last display as this vector": (
        r"""$s=Kq$, $a=\operatorname{softmax}(s)$, $o=V^\top a$ with $K\in\mathbb R^{n\times d}$, $V\in\mathbb R^{n\times p}$; put $g=\partial\ell/\partial o$.
\[ \frac{\partial\ell}{\partial s}=a\odot(Vg)-(g^\top o)\,a, \] where we used $a^\top Vg=o^\top g$. Denote this vector by $h$.
\[ \frac{\partial\ell}{\partial q}=K^\top h, \qquad \frac{\partial\ell}{\partial K}=h\,q^\top \]""",
        (r"=h\,q^\top", r"=q\,h^\top"),
        8,
    ),
    "pre-activations by their units": (
        r"""Numbers alone: $z=\sigma(w_zx)$, $c=\tanh(w_cx)$, $h=zc$, $L=\frac12(h-y)^2$. Calling the preactivations $a_z$ and $a_c$,
$$\frac{\partial L}{\partial a_z}=(h-y)\,c\,z(1-z), \qquad \frac{\partial L}{\partial a_c}=(h-y)\,z\,(1-c^2)$$""",
        (r"z\,(1-c^2)", r"(1-c^2)"),
        6,
    ),
    "an input of layers without a unit": (
        r"""For layers $l=2,\dots,L$ let $z^l_j=\sum_k w^l_{jk}a^{l-1}_k+b^l_j$, $a^l_j=\tanh(z^l_j)$, where $a^1=x$ is the input, and $C=\frac12\sum_j(a^L_j-y_j)^2$.
$$\delta^l_j\equiv\frac{\partial C}{\partial z^l_j}$$ $$\delta^L_j=(a^L_j-y_j)(1-(a^L_j)^2)$$ $$\frac{\partial C}{\partial w^l_{jk}}=a^{l-1}_k\,\delta^l_j$$""",
        (r"a^{l-1}_k\,\delta^l_j", r"a^{l}_k\,\delta^l_j"),
        7,
    ),
    "a derivative before its function, in plain text": (
        """Метки y_i ∈ {−1, +1}, веса w ∈ R^d, отступ M_i = y_i·⟨w, x_i⟩.
Q(w) = ∑_{i=1}^n ln(1 + exp(−M_i)). Здесь σ(t) = 1/(1 + e^{−t}) — сигмоида.

d/dM ln(1 + exp(−M)) = −σ(−M)
∇Q(w) = −∑_{i=1}^n σ(−M_i) y_i x_i
∇²Q(w) = ∑_{i=1}^n σ(M_i)σ(−M_i) x_i x_iᵀ""",
        ("∇Q(w) = −∑", "∇Q(w) = ∑"),
        5,
    ),
    "what a step is set to, and what that is": (
        r"""$J(w)=\frac12\|Xw-y\|^2+\frac\lambda2\|w\|^2$, $X\in\mathbb R^{n\times d}$. One step of descent:
$$w \leftarrow w-\eta\nabla J(w) = (1-\eta\lambda)w-\eta X^\top(Xw-y)$$""",
        (r"w-\eta X^\top", r"w+\eta X^\top"),
        2,
    ),
    "a slope by a square": (
        r"""$$f(\mu,\sigma^2)=\frac{1}{2\sigma^2}\sum_{n=1}^N(y_n-\mu)^2+\frac N2\log(2\pi\sigma^2), \qquad n=1{:}N$$ The $y_n$ are data.
$$\frac{\partial f}{\partial\mu}=-\frac{1}{\sigma^2}\sum_{n=1}^N(y_n-\mu)=0$$
$$\frac{\partial f}{\partial\sigma^2}=-\frac{1}{2\sigma^4}\sum_{n=1}^N(y_n-\mu)^2+\frac{N}{2\sigma^2}=0$$
Solving, $$\hat\mu=\frac1N\sum_{n=1}^Ny_n$$ $$\hat\sigma^2=\frac1N\sum_{n=1}^N(y_n-\hat\mu)^2$$""",
        (r"\hat\sigma^2=\frac1N", r"\hat\sigma^2=\frac2N"),
        7,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
