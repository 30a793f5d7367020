# ruff: noqa: E501 (formulas stand as people write them)
"""Functions that a text brings along, and quantities at other places: g(z) beside a vector z, φ(t) = f(w + tu)."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a function's letter that is a vector elsewhere": (
        r"""Let $\beta\in\mathbb{R}^d$, $q_\beta(x)=s(\beta^Tx)$ with $s(v)=1/(1+e^{-v})$ and labels $y_i\in\{0,1\}$,
\[ J(\beta) = -\sum_{i=1}^N \left[ y_i\ln q_\beta(x_i) + (1-y_i)\ln(1-q_\beta(x_i)) \right]. \]
We use $s'(v)=s(v)(1-s(v))$. Then \[ \frac{\partial J}{\partial\beta_j} = \sum_{i=1}^N (q_\beta(x_i)-y_i)x_{ij}. \]
For any $v\in\mathbb{R}^d$ we have $v^T\nabla^2 J v = \sum_i q_\beta(x_i)(1-q_\beta(x_i))(v^Tx_i)^2$.""",
        ("s'(v)=s(v)(1-s(v))", "s'(v)=s(v)(1+s(v))"),
        4,
    ),
    "an activation by its formula and Φ by its words, of a vector": (
        r"""$u = A x + b$, $h = \mathrm{Act}(u)$, $y = C h$ with $A\in\mathbb{R}^{m\times d}$, and $L=\frac12\|y-t\|^2$.
Here $\mathrm{Act}(u) = u\,\Phi(u)$ elementwise, where $\Phi$ is the standard normal CDF and $\varphi$ its density.
\[ \mathrm{Act}'(u) = \Phi(u) + u\,\varphi(u) \]
\[ \frac{\partial L}{\partial u} = (C^T(y-t)) \odot (\Phi(u) + u\odot\varphi(u)) \]
\[ \varphi'(u) = -u\,\varphi(u) \]""",
        (r"\varphi'(u) = -u", r"\varphi'(u) = u"),
        8,
    ),
    "an activation under another name, in plain text": (
        """Single example.  x is a d-vector, A is m×d, B is d×m.

  u = A x
  s = swish(u)              swish, σ = logistic function
  y = B s
  E = ½ ‖y − t‖²            t = target

  swish′(u) = σ(u) + u σ(u) (1 − σ(u))
  ∂E/∂s = Bᵀ (y − t)
  ∂E/∂u = (Bᵀ (y − t)) ⊙ (σ(u) + u ⊙ σ(u) ⊙ (1 − σ(u)))""",
        ("∂E/∂s = Bᵀ (y − t)", "∂E/∂s = B (y − t)"),
        6,
    ),
    "a function of steps without its index": (
        r"""$a_t = W h_{t-1} + U x_t$, $h_t=\tanh(a_t)$, $L=\frac12\sum_{t=1}^{T}\|h_t-y_t\|^2$, $\delta_t=\partial L/\partial a_t$.
Since $\tanh'(a)=1-\tanh^2(a)$, \[ \delta_T=(h_T-y_T)\odot(1-h_T\odot h_T). \]""",
        (r"1-\tanh^2(a)", r"1-\tanh(a)"),
        5,
    ),
    "an objective along a line": (
        r"""With $A\in\mathbb R^{n\times p}$ and $w\in\mathbb R^p$ let $f(w)=\tfrac12\|Aw-y\|^2+\tfrac\lambda2\|w\|^2$.
Fix a direction $u\in\mathbb R^p$ and put $g(t)=f(w+tu)$. Then
\[ g'(t)=(Au)^T(Aw-y)+t\|Au\|^2+\lambda u^T(w+tu) \]
\[ g''(0)=\|Au\|^2+\lambda\|u\|^2, \qquad D_u f(w)=u^T(A^T(Aw-y)+\lambda w) \]""",
        (r"g''(0)=\|Au\|^2+\lambda\|u\|^2", r"g''(0)=\|Au\|^2+2\lambda\|u\|^2"),
        4,
    ),
    "a number put in for one formula": (
        r"""$p=\sigma(z)$ and $L=-(1-p)^\gamma\log p$. Then
\[ \frac{dL}{dz}=(1-p)^\gamma(\gamma p\log p+p-1). \]
For $\gamma=2$ we get \[ \frac{dL}{dz}=(1-p)^2(2p\log p+p-1). \]""",
        (r"(1-p)^2(2p\log p+p-1)", r"(1-p)^2(p\log p+p-1)"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
