# ruff: noqa: E501 (formulas stand as people write them)
"""What sentences say around formulas: gradients that they name, results, layers by number, means of the model."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a gradient in words": (
        r"""$y=h\odot s+x\odot(1-s)$, $h=\tanh(Ax+b)$, $s=\sigma(Cx+c)$ with $A,C\in\mathbb R^{n\times n}$. If $g$ (a column) denotes the
gradient of a scalar loss $\mathcal L$ with respect to $y$, then
\[ \frac{\partial\mathcal L}{\partial c}=g\odot(h-x)\odot s\odot(1-s), \qquad \frac{\partial\mathcal L}{\partial b}=g\odot s\odot(1-h\odot h) \]""",
        (r"g\odot s\odot(1-h", r"g\odot(1-h"),
        5,
    ),
    "two results and their names": (
        r"""$a=Wx$, $h=\tanh(a)$, $u=Vh$, $y=\sigma(u)$, $L=\frac12\|y-t\|^2$ with $W\in\mathbb R^{m\times d}$, $V\in\mathbb R^{k\times m}$.
\[ \frac{\partial L}{\partial u}=(y-t)\odot y\odot(1-y),\qquad \frac{\partial L}{\partial a}=(V^T((y-t)\odot y\odot(1-y)))\odot(1-h\odot h). \]
Denote these two vectors by $\delta_u$ and $\delta_a$. Then \[ \frac{\partial L}{\partial V}=\delta_uh^T,\qquad \frac{\partial L}{\partial W}=\delta_ax^T. \]""",
        (r"\delta_ax^T", r"\delta_uh^T."),
        9,
    ),
    "layers by their number, and any of them by a letter": (
        r"""$$z^1 = w^1 x + b^1,\quad a^1=\tanh(z^1),\qquad z^2 = w^2 a^1 + b^2,\quad a^2=\tanh(z^2)$$
The cost is $C=\frac12\|a^2-y\|^2$; the error of a neuron is $\delta^l_j\equiv\partial C/\partial z^l_j$.
$$\delta^2_j = (a^2_j-y_j)(1-(a^2_j)^2)$$ $$\frac{\partial C}{\partial w^2_{jk}} = a^1_k\,\delta^2_j$$
$$\delta^1_j = \sum_k w^2_{kj}\,\delta^2_k\,(1-(a^1_j)^2), \qquad \frac{\partial C}{\partial w^1_{jk}} = x_k\,\delta^1_j$$""",
        ("a^1_k", "a^2_k"),
        8,
    ),
    "a contribution that vanishes": (
        r"""Let $x\in\mathbb R^D$, $\mu=\frac1D\sum_ix_i$, $v=\frac1D\sum_i(x_i-\mu)^2$.
$$\frac{\partial v}{\partial x_j}=\frac2D(x_j-\mu)$$ The contribution through $\mu$ vanishes, as $\sum_i(x_i-\mu)=0$. With $s=\sqrt v$ we have
$$\frac{\partial s}{\partial x_j}=\frac{x_j-\mu}{Ds}$$""",
        (r"\frac{x_j-\mu}{Ds}", r"\frac{x_j-\mu}{s}"),
        6,
    ),
    "formulas in the sentences of plain text": (
        """Logits z_1..z_K, temperature T. With q_i = exp(z_i/T) / Σ_j exp(z_j/T) and a one-hot label y, the loss is
the cross entropy  C = −Σ_i y_i log q_i .  Then we find

    ∂C/∂z_k = (1/T) (q_k − y_k)""",
        ("(q_k − y_k)", "(y_k − q_k)"),
        3,
    ),
    "a mean that the model tells": (
        r"""$\mu_i=e^{x_i^\top\beta}$ and $\ell(\beta)=\sum_{i=1}^n(y_i\log\mu_i-\mu_i)$. As $E\,y_i=\mu_i$ and $\mathbb E[(y_i-\mu_i)^2]=\mu_i$,
the information is the expectation of \[ -\frac{\partial^2\ell}{\partial\beta\,\partial\beta^\top}=\sum_{i=1}^n\mu_ix_ix_i^\top. \]""",
        (r"=\sum_{i=1}^n\mu_ix_ix_i^\top", r"=-\sum_{i=1}^n\mu_ix_ix_i^\top"),
        5,
    ),
    "entries of a vector by number, and of a product": (
        r"""The model is $f_i(\theta)=\theta_1\exp(-\theta_2t_i)$, $r_i=f_i(\theta)-y_i$, $S(\theta)=\frac12\sum_{i=1}^nr_i^2$, and $J_{ij}=\frac{\partial f_i}{\partial\theta_j}$.
\[ \frac{\partial S}{\partial\theta_1}=\sum_{i=1}^nr_i\exp(-\theta_2t_i), \qquad (J^TJ)_{12}=-\theta_1\sum_it_ie^{-2\theta_2t_i} \]""",
        (r"(J^TJ)_{12}=-", r"(J^TJ)_{12}="),
        6,
    ),
    "a user's vector for fixed items": (
        r"""$F=\frac12\sum_{(u,i)\in\Omega}(r_{ui}-p_u^Tq_i)^2+\frac\lambda2\sum_u\|p_u\|^2+\frac\lambda2\sum_i\|q_i\|^2$ with $p_u,q_i\in\mathbb R^k$.
\[ \frac{\partial F}{\partial p_u}=-\sum_{i\in\Omega_u}(r_{ui}-p_u^Tq_i)q_i+\lambda p_u, \qquad \frac{\partial F}{\partial q_i}=-\sum_{u\in\Omega_i}(r_{ui}-p_u^Tq_i)p_u+\lambda q_i \]
So for fixed $q$ the optimum is \[ p_u=\Big(\sum_{i\in\Omega_u}q_iq_i^T+\lambda I\Big)^{-1}\sum_{i\in\Omega_u}r_{ui}q_i \]""",
        (r"q_iq_i^T+\lambda I", r"q_iq_i^T-\lambda I"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


def test_a_letter_that_no_line_explains_makes_no_line_wrong() -> None:
    text = r"$a = W x$, $h = \tanh(a)$, $L = \frac12\|h - t\|^2$ with $W\in\mathbb R^{m\times d}$. $$\frac{\partial L}{\partial W} = q x^T$$"
    found = verify_text(text)
    assert found.verdict == "not understood"
    assert "no line says what q is" in found.lines[-1].note.en
