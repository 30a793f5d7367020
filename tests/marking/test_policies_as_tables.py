"""Functions of states and actions, and one moment behind every name."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a policy that is linear in features": (
        r"""Let $\mu(x)$ be the probabilities of contexts, $r(x,u)$ mean rewards of arms $u$,
$\mathbf{f}(x,u)\in\mathbb{R}^p$ features and
$$\pi(u|x,\beta) = \frac{e^{g(x,u,\beta)}}{\sum_v e^{g(x,v,\beta)}},\qquad g(x,u,\beta) = \beta^\top\mathbf{f}(x,u)$$
with $\beta\in\mathbb R^p$. The value is
$$V(\beta) = \sum_x\mu(x)\sum_u\pi(u|x,\beta)\,r(x,u)$$
$$\nabla\ln\pi(u|x,\beta) = \mathbf f(x,u) - \sum_v\pi(v|x,\beta)\,\mathbf f(x,v)$$
$$\nabla V(\beta) = \sum_x\mu(x)\sum_u\pi(u|x,\beta)\,r(x,u)\,\nabla\ln\pi(u|x,\beta)$$""",
        (r"\,\mathbf f(x,v)$$", r"\,\mathbf f(x,u)$$"),
        4,
    ),
    "signals at one moment": (
        r"""An adaptive filter has $u_j(n) = \sum_{i=0}^{p} w_{ji}(n)x_i(n)$, $y_j(n) = \psi(u_j(n))$, $o(n) = \sum_j
c_j(n)y_j(n)$
and the error $e(n) = d(n) - o(n)$; $\psi(v) = \tanh(v)$. The energy is
$$\mathscr{E}(n) = \frac12 e^2(n)$$
$$\frac{\partial\mathscr{E}(n)}{\partial c_j(n)} = -e(n)y_j(n)$$
$$\frac{\partial\mathscr{E}(n)}{\partial w_{ji}(n)} = -e(n)c_j(n)\left(1-y_j^2(n)\right)x_i(n)$$""",
        ("-e(n)c_j(n)", "e(n)c_j(n)"),
        8,
    ),
    "all entries of a list, and times": (
        r"""We fit $z_k$ at times $t_k$ by $m(\theta; t) = \theta_1 e^{-\theta_2 t}$ with $\theta =
(\theta_1,\theta_2)^T$. The residuals are
$\rho_k(\theta) = m(\theta;t_k) - z_k$, $k = 1,\dots,q$, and
$$S(\theta) = \frac12\sum_{k=1}^q\rho_k^2(\theta)$$
$$\nabla\rho_k(\theta) = \begin{bmatrix} e^{-\theta_2t_k}\\ -\theta_1t_ke^{-\theta_2t_k}\end{bmatrix}$$
$$\frac{\partial S}{\partial\theta_2} = -\sum_{k=1}^q\rho_k(\theta)\theta_1t_ke^{-\theta_2t_k}$$""",
        (r"= -\sum_{k=1}^q\rho_k", r"= \sum_{k=1}^q\rho_k"),
        6,
    ),
    "rows by their shape": (
        r"""Let $\boldsymbol g = \sigma(\boldsymbol B\boldsymbol u + \boldsymbol c) \in \mathbb{R}^k$ with
$\boldsymbol u\in\mathbb R^n$, $\boldsymbol B\in\mathbb R^{k\times n}$, $\boldsymbol c\in\mathbb R^k$, entry by entry,
and
$$L(\boldsymbol e) := \|\boldsymbol e\|^2,\qquad \boldsymbol e(\boldsymbol g) := \boldsymbol t - \boldsymbol g$$
with $\boldsymbol t\in\mathbb R^k$ and $\sigma(a) = 1/(1+e^{-a})$. The gradient is a row, $\frac{\partial
L}{\partial\boldsymbol c}\in\mathbb{R}^{1\times k}$.
$$\frac{\partial L}{\partial\boldsymbol e} = 2\boldsymbol e^\top$$
$$\frac{\partial L}{\partial\boldsymbol c} = -2(\boldsymbol t-\boldsymbol g)^\top\mathrm{diag}(\boldsymbol
g\odot(\boldsymbol 1-\boldsymbol g))$$""",
        (r"= -2(\boldsymbol t", r"= 2(\boldsymbol t"),
        6,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
