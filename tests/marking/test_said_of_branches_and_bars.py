# ruff: noqa: E501 (formulas stand as people write them)
"""What strangers say beside formulas: symmetry, diagonals, active branches, bars, values in numbers."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "figures behind letters": (
        """s = tanh(v1·u + c1), r = v2·s + c2, E = (r − t)²

∂E/∂v2 = 2(r − t)·s
∂E/∂c1 = 2(r − t)·v2·(1 − s²)""",
        ("·v2·(1", "·v1·(1"),
        5,
    ),
    "a name for numbers alone, and a new weight": (
        """Net: h = ReLU(a1·x + c1), o = a2·h, L = ½(o − t)².
x = 2, t = 1, a1 = 1.5, c1 = 1, a2 = 0.5, η = 0.1.

s = 1.5·2 + 1 = 4
h = max(0, 4) = 4
o = 0.5·4 = 2

∂L/∂o = o − t = 1
∂L/∂s = (o − t)·a2·1[s > 0] = 0.5
∂L/∂a1 = ∂L/∂s · x = 0.5·2 = 1

New weight: a1 = 1.5 − 0.1·1 = 1.4""",
        ("= 0.5·2 = 1\n", "= 0.5·2 = 2\n"),
        22,
    ),
    "a new weight, miscalculated": (
        """y = w1·x, L = ½(y − t)².
x = 2, t = 1, w1 = 3.

∂L/∂w1 = (y − t)·x = 10

After the step: w1 = 3 − 0.1·10 = 2""",
        ("0.1·10 = 2", "0.1·10 = 3"),
        9,
    ),
    "symmetric in a relative clause": (
        r"""Let $G\in\mathbb{R}^{m\times m}$ be the matrix of inner products, which is symmetric. With $u\in\mathbb{R}^m$,
\[ R(u)=\|t-Gu\|^2. \] Then \[ \nabla R(u)=2G^2u-2Gt. \]""",
        ("2G^2u-2Gt", "2G^2u-2t"),
        2,
    ),
    "a symmetric matrix of a shape": (
        r"""$\mathbf{A}$ is $n\times p$, $\mathbf{C}$ is $p\times q$ and $\boldsymbol{\Gamma}$ is a known symmetric $q\times q$ weight matrix.
\[ h(\mathbf{C})=\operatorname{tr}(\mathbf{A}\mathbf{C}\boldsymbol{\Gamma}\mathbf{C}^T\mathbf{A}^T) \]
\[ \frac{\partial h}{\partial\mathbf{C}}=2\mathbf{A}^T\mathbf{A}\mathbf{C}\boldsymbol{\Gamma} \]""",
        (r"\mathbf{C}\boldsymbol{\Gamma} \]", r"\mathbf{C} \]"),
        2,
    ),
    "a diagonal matrix by its entries": (
        r"""Let $\mu(x;\theta)=e^{\theta^Tx}$, $\ell(\theta)=\sum_{i=1}^N\{y_i\theta^Tx_i-e^{\theta^Tx_i}\}$. Let $\mathbf{X}$ be the matrix with rows $x_i^T$ and $\mathbf{D}$ the diagonal matrix with entries $\mu(x_i;\theta)$.
\[ \frac{\partial\ell}{\partial\theta}=\sum_{i=1}^Nx_i(y_i-\mu(x_i;\theta)) \]
\[ \frac{\partial^2\ell}{\partial\theta\,\partial\theta^T}=-\mathbf{X}^T\mathbf{D}\mathbf{X} \]""",
        (r"=-\mathbf{X}", r"=\mathbf{X}"),
        5,
    ),
    "the active branch": (
        """L = max(0, ‖u − v‖² − ‖u − w‖² + c), with u, v, w ∈ ℝ^d.

If the bracket is negative the gradient vanishes. Otherwise the hinge is active, and

∂L/∂u = 2(w − v)
∂L/∂v = 2(v − u)""",
        ("2(v − u)", "2(u − v)"),
        3,
    ),
    "bars for gradients": (
        r"""$z=x+B\,\sigma(Ax)$, $x\in\mathbb R^d$, $A\in\mathbb R^{h\times d}$, $B\in\mathbb R^{d\times h}$, $s=Ax$, $g=\sigma(s)$. If $\bar z=\partial J/\partial z$ comes from above, then
$$\bar g=B^\top\bar z$$ $$\bar s=g\odot(1-g)\odot B^\top\bar z$$ $$\bar x=\bar z+A^\top\bar s,\qquad\overline{B}=\bar z\,g^\top,\qquad\overline{A}=\bar s\,x^\top$$""",
        (r"\bar z+A^\top", r"A^\top"),
        7,
    ),
    "a function of numbers at a vector": (
        r"""Consider $g=\rho(Au+c)$ with $\rho(s)=\max(s,0)$, $k=m\circ g$, $m\in\{0,1\}^H$, $o=v^\top k$, $E=(o-t)^2$. Let $a=Au+c$.
\[ \frac{dE}{dg}=2(o-t)\,m\circ v \] \[ \frac{dE}{da}=2(o-t)\,m\circ v\circ\rho'(a) \]""",
        (r"v\circ\rho'(a)", "v"),
        8,
    ),
    "a name for what a loss uses twice": (
        """g = tanh(Pu + c), r = Qg, J = ½‖r − t‖² + λ·∑_j g_j
With s = Pu + c:
∂J/∂s = (Qᵀ(r − t) + λ·1) ⊙ (1 − g ⊙ g)""",
        (" + λ·1)", ")"),
        5,
    ),
    "the second of two results": (
        r"""$c=f\odot p+i\odot g$, $h=o\odot\tanh(c)$ with vectors $f,p,i,g,o\in\mathbb R^n$. Let $L$ depend on $h$ alone, $\delta=\partial L/\partial h$. Then
$$\frac{\partial L}{\partial o}=\delta\odot\tanh(c)$$ $$\frac{\partial L}{\partial c}=\delta\odot o\odot(1-\tanh^2(c))$$
Denote the second vector by $\kappa$. $$\frac{\partial L}{\partial f}=\kappa\odot p,\qquad\frac{\partial L}{\partial g}=\kappa\odot i$$""",
        (r"=\kappa\odot i", r"=\kappa\odot g"),
        7,
    ),
    "sentences of plain text in Russian": (
        """Добрый день! Задача 5. Кодировщик g = σ(Pu + c), выход r = Qg, где u ∈ R^n, σ — сигмоида (поэлементно).
Потери: J = ½‖r − t‖². (Так как g_j > 0, это просто — как обычно — гладкая функция.)
∂J/∂Q = (r − t) gᵀ
∂J/∂g = Qᵀ(r − t)""",
        ("∂J/∂g = Qᵀ(r − t)", "∂J/∂g = Qᵀ(t − r)"),
        5,
    ),
    "a function with its constant as a label": (
        r"""$$h_\kappa(s)=\begin{cases}\frac12s^2&|s|\le\kappa\\\kappa\left(|s|-\frac12\kappa\right)&|s|>\kappa\end{cases}$$
$$h_\kappa'(s)=\max(-\kappa,\min(\kappa,s))$$ With $r_i=y_i-w^\top x_i$ and $J=\sum_{i=1}^nh_\kappa(r_i)$ we have
$$\frac{\partial J}{\partial w}=-\sum_{i=1}^nh_\kappa'(r_i)\,x_i$$""",
        (r"=-\sum_{i=1}^nh_\kappa'", r"=\sum_{i=1}^nh_\kappa'"),
        5,
    ),
    "a law that data come from": (
        r"""$$\nu_i=s_i\exp(x_i^\top\theta),\qquad y_i\sim\mathrm{Poisson}(\nu_i)$$ $$\ell(\theta)=\sum_{i=1}^n[y_i\log\nu_i-\nu_i]$$
$$\frac{\partial\ell}{\partial\theta}=\sum_{i=1}^n(y_i-\nu_i)x_i$$""",
        (r"(y_i-\nu_i)x_i", r"(\nu_i-y_i)x_i"),
        3,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
