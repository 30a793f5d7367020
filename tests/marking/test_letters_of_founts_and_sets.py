"""Letters outside ASCII, sets under bars, remarks about values."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "Greek vectors and a length that is a vector too": (
        """Contrastive loss of a pair. The encoder is g(x) = Bx, where B is an m×n matrix and x ∈ ℝⁿ.
Let ν = g(u) and ξ = g(n), for the two inputs u and n.

L = ½‖ν − ξ‖²

∂L/∂ν = ν − ξ

∂L/∂ξ = ξ − ν

∂L/∂B = (ν − ξ)uᵀ + (ξ − ν)nᵀ
""",
        ("(ξ − ν)nᵀ", "(ν − ξ)nᵀ"),
        7,
    ),
    "how many are in a set": (
        r"""Пусть $S$ — множество известных пар, $S_a$ — те $b$, для которых пара $(a,b)$ известна, и
$$F = \frac12\sum_{(a,b)\in S}\left((z_{ab} - g_a^\top h_b)^2 + \mu\|g_a\|^2\right)$$
где $g_a, h_b\in\mathbb R^k$. Тогда
$$\frac{\partial F}{\partial g_a} = -\sum_{b\in S_a}(z_{ab}-g_a^\top h_b)h_b + \mu|S_a|\,g_a$$
и условие минимума по $g_a$ имеет вид
$$\Bigl(\sum_{b\in S_a}h_bh_b^\top + \mu|S_a|I\Bigr)g_a = \sum_{b\in S_a}z_{ab}h_b$$""",
        (r"+ \mu|S_a|\,g_a", r"+ \mu\,g_a"),
        2,
    ),
    "a remark about one value of a constant": (
        r"""The loss of one example with $q = \sigma(s)$, $\sigma(t) = 1/(1+e^{-t})$, is
$$F = -q^{\rho}\ln q$$
For $\rho=0$ that is the usual loss. Now differentiate by $q$:
$$\frac{dF}{dq} = -\rho q^{\rho-1}\ln q - q^{\rho-1}$$
$$\frac{dq}{ds} = q(1-q)$$
$$\frac{dF}{ds} = -(1-q)q^{\rho}(\rho\ln q + 1)$$""",
        (r"= -\rho q^{\rho-1}\ln q", r"= \rho q^{\rho-1}\ln q"),
        4,
    ),
    "a temperature that is one for another name": (
        r"""A student has logits $u\in\mathbb R^K$ and $s_k = \frac{e^{u_k/T}}{\sum_{j=1}^K e^{u_j/T}}$; its plain
($T=1$) answer is not needed.
The teacher's $\tau\in\mathbb R^K$ sums to one. The loss
$$L = -T^2\sum_{k=1}^K\tau_k\ln s_k$$
has the gradient
$$\frac{\partial L}{\partial u_k} = T(s_k - \tau_k)$$""",
        ("= T(s_k", "= T^2(s_k"),
        4,
    ),
    "a density that is a slope": (
        r"""Let $y_i\in\{-1,1\}$, $m_i = y_iw^\top x_i$ and $E(w) = -\sum_{i=1}^n\ln\Psi(m_i)$, where $\Psi$ is the
standard normal cdf and $\psi=\Psi'$ its density. Put $h_i = \psi(m_i)/\Psi(m_i)$. Then
$$\nabla E(w) = -\sum_{i=1}^n h_iy_ix_i$$
The density has $\psi'(t) = -t\,\psi(t)$, so
$$\frac{dh_i}{dm_i} = -m_ih_i - h_i^2$$""",
        (r"\psi'(t) = -t\,\psi(t)", r"\psi'(t) = t\,\psi(t)"),
        6,
    ),
    "differentials of multiples": (
        r"""Пусть $A\in\mathbb R^{n\times k}$, $B\in\mathbb R^{n\times m}$, $Z\in\mathbb R^{k\times m}$, $\kappa>0$, и
$$f(Z) = \tfrac12\|AZ-B\|_F^2 + \tfrac\kappa2\|Z\|_F^2$$
$$d\,\tfrac12\|AZ-B\|_F^2 = \operatorname{tr}\left((AZ-B)^\top A\,dZ\right)$$
$$d\,\tfrac\kappa2\|Z\|_F^2 = \kappa\operatorname{tr}(Z^\top dZ)$$
$$\nabla f(Z) = A^\top(AZ-B)+\kappa Z$$""",
        (r"= \kappa\operatorname{tr}(Z^\top dZ)", r"= \frac\kappa2\operatorname{tr}(Z^\top dZ)"),
        3,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
