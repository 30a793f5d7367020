"""What a text gives where gradients vanish, put into them."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a covariance and its mean": (
        r"""Let $z_1,\dots,z_n\in\mathbb R^d$ be drawn from $\mathcal N(m, C)$ with an unknown mean $m$ and an unknown
(symmetric, positive definite) covariance $C$. Up to a constant
$$\ell(m,C) = -\frac n2\ln\det C - \frac12\sum_{i=1}^n (z_i-m)^\top C^{-1}(z_i-m)$$
With $S = \sum_{i=1}^n (z_i-m)(z_i-m)^\top$,
$$\frac{\partial\ell}{\partial C} = -\frac n2 C^{-1} + \frac12 C^{-1}SC^{-1}$$
Setting this to zero gives
$$\hat C = \frac1n\sum_{i=1}^n (z_i-\bar z)(z_i-\bar z)^\top,\qquad \bar z = \frac1n\sum_{i=1}^n z_i$$""",
        (r"\hat C = \frac1n", r"\hat C = \frac2n"),
        4,
    ),
    "a mixture and its own responsibilities": (
        r"""Плотность — смесь, $p(x) = \sum_{j=1}^J \alpha_j\, q_j(x)$ с
$$q_j(x) = \frac{1}{\sqrt{2\pi}\,\tau_j}\exp\left(-\frac{(x-c_j)^2}{2\tau_j^2}\right)$$
и $\alpha_j > 0$. Логарифм правдоподобия
$$L = \sum_{i=1}^m \ln\sum_{j=1}^J \alpha_j q_j(x_i)$$
Пусть
$$r_{ij} = \frac{\alpha_j q_j(x_i)}{\sum_{s=1}^J \alpha_s q_s(x_i)}$$
$$\frac{\partial L}{\partial c_j} = \sum_{i=1}^m r_{ij}\frac{x_i-c_j}{\tau_j^2}$$
Приравнивая производную нулю, получаем
$$c_j = \frac{\sum_{i=1}^m r_{ij}x_i}{\sum_{i=1}^m r_{ij}}$$""",
        (r"\frac{\sum_{i=1}^m r_{ij}x_i}{\sum_{i=1}^m r_{ij}}", r"\frac{\sum_{i=1}^m r_{ij}x_i}{m}"),
        6,
    ),
    "a solution that stands in its own formula": (
        r"""Let $Q(\beta) = \sum_{i=1}^n \ln(1+e^{-y_i g_i}) + \frac\mu2\beta^\top G\beta$ with $g = G\beta$, a
symmetric
$G\in\mathbb R^{n\times n}$ and labels $y_i\in\{-1,1\}$. Put $p_i = 1/(1+e^{y_i g_i})$. Then
$$\nabla_\beta Q = G(\mu\beta - y\odot p)$$
If $G$ is invertible, at the minimum $\beta_i = \frac1\mu y_i p_i$.""",
        (r"\beta_i = \frac1\mu y_i p_i", r"\beta_i = \mu y_i p_i"),
        5,
    ),
    "a symmetric weight that is solved for": (
        r"""Пусть $H\in\mathbb R^{k\times k}$ симметрична, и
$$f(H) = \frac12\operatorname{tr}(H P) - \ln\det H$$
с симметричной положительно определённой $P\in\mathbb R^{k\times k}$. Тогда
$$\nabla f(H) = \frac12 P - H^{-1}$$
Приравнивая к нулю, находим
$$\hat H = 2P^{-1}$$""",
        (r"\hat H = 2P^{-1}", r"\hat H = P^{-1}"),
        3,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
