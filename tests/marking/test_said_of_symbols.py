# ruff: noqa: E501 (formulas stand as people write them)
"""What words say of a symbol: which function it is, how long, that it is symmetric or sums to 1; accents and colons."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking.text.function_words import named_functions

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a row of a length": (
        r"""$A$ is $N\times P$, $V$ is $P\times K$, $c$ is a row of length $K$, $S$ is $N\times K$.
$$Z = AV + \mathbf 1 c,\qquad L=\frac{1}{2}\|Z-S\|_F^2$$
$$\frac{\partial L}{\partial V}=A^T(Z-S)$$
$$\frac{\partial L}{\partial c}=\mathbf 1^T(Z-S)$$""",
        (r"=\mathbf 1^T(Z-S)", r"=(Z-S)"),
        4,
    ),
    "probabilities that sum to one": (
        r"""The logits $a_k$ give $q_k=\frac{e^{a_k}}{\sum_j e^{a_j}}$; the targets $t_k$ are given and sum to one. $L=-\sum_k t_k\ln q_k$.
\[ \frac{\partial L}{\partial a_k} = q_k - t_k \]""",
        ("q_k - t_k", "q_k + t_k"),
        3,
    ),
    "symmetric, behind a dash of TeX": (
        r"""$g(u)=u^TMu+c^Tu$, где $M$ --- симметричная матрица.
\[ \nabla g(u)=2Mu+c \]""",
        ("2Mu+c", "Mu+c"),
        2,
    ),
    "symmetric, in brackets": (
        r"""Let $M$ be the metric (symmetric, positive definite) and $g(u)=\frac12(u-a)^TM(u-a)$.
\[ \nabla g(u)=M(u-a) \]""",
        ("=M(u-a)", "=2M(u-a)"),
        2,
    ),
    "a function by its name in Russian": (
        """Сеть (плоский текст), g — сигмоида.
a_j = Σ_k v_jk x_k
h_j = g(a_j)
E = ½ Σ_j (h_j − t_j)²
∂E/∂a_j = (h_j − t_j) h_j (1 − h_j)""",
        ("h_j (1 − h_j)", "(1 − h_j)"),
        4,
    ),
    "a function as another name of tanh": (
        r"""A block $o=x+B\,\psi(Ax)$ with $\psi=\tanh$, $L=\frac12\|o-t\|^2$, $u=Ax$, $r=o-t$.
\[ \frac{\partial L}{\partial u}=(B^T r)\odot(1-\psi(u)^2) \]""",
        (r"(1-\psi(u)^2)", r"\psi(u)^2"),
        6,
    ),
    "components of what stands at each layer": (
        r"""For $l=2,\dots,L$: $u^l=m^lh^{l-1}+c^l$, $h^l=\sigma(u^l)$, $E=\frac12\|t-h^L\|^2$ and $\delta^l_j=\partial E/\partial u^l_j$.
\[ \delta^L = (h^L-t)\odot\sigma'(u^L) \] \[ \frac{\partial E}{\partial c^l_j} = \delta^l_j, \qquad \frac{\partial E}{\partial m^l_{jk}} = h^{l-1}_k\delta^l_j \]""",
        (r"h^{l-1}_k\delta^l_j", r"h^l_k\delta^l_j"),
        7,
    ),
    "accents of Unicode": (
        """ŷ = w x + b
L = ½ (ŷ − y)²
∂L/∂w = (ŷ − y) x""",
        ("(ŷ − y) x", "(y − ŷ) x"),
        3,
    ),
    "an accent that stands behind its letter": (
        """r̂ = w x + b
L = ½ (r̂ − r)²
∂L/∂w = (r̂ − r) x""",
        ("(r̂ − r) x", "(r − r̂) x"),
        3,
    ),
    "what stands before a colon": (
        """Regression at a level τ. Residual: rᵢ = yᵢ − wᵀxᵢ.
Q(w) = Σᵢ₌₁ᴺ |rᵢ|
For u ≠ 0: |u|' = sign(u)
∂Q/∂w = −Σᵢ₌₁ᴺ sign(rᵢ) xᵢ""",
        ("−Σᵢ₌₁ᴺ sign", "Σᵢ₌₁ᴺ sign"),
        4,
    ),
    "a list of numbers for an index without an end": (
        """Logits z = (1, 2, 3), y = (0, 0, 1).
p_k = exp(z_k) / Σ_j exp(z_j)
L = −Σ_k y_k ln p_k = 0.4076
∂L/∂z_1 = p_1 − y_1 = 0.0900""",
        ("p_1 − y_1 =", "y_1 − p_1 ="),
        6,
    ),
    "two functions of any number": (
        r"""Let $f(x)=B\,s(Ax)$ with $A\in\mathbb R^{m\times n}$, $B\in\mathbb R^{k\times m}$ and $s(u)=\log(1+e^u)$; its derivative is $\sigma(u)=\frac{1}{1+e^{-u}}$.
\[ \frac{\partial f}{\partial x}=B\,\mathrm{diag}(\sigma(Ax))\,A \]""",
        (r"\mathrm{diag}(\sigma(Ax))\,A", r"\mathrm{diag}(s(Ax))\,A"),
        4,
    ),
    "functions as words of a text, a sum of ones, a division entry by entry": (
        r"""$\mathbf{a} = \mathbf{V}\mathbf{h}$, $\mathbf{q} = \text{softmax}(\mathbf{a})$ and $L = -\mathbf{t}^\top \log \mathbf{q}$ with $\mathbf{1}^\top \mathbf{t} = 1$.
\[ \frac{\partial L}{\partial \mathbf{a}} = -(\text{diag}(\mathbf{q}) - \mathbf{q}\mathbf{q}^\top)(\mathbf{t} \oslash \mathbf{q}) = \mathbf{q} - \mathbf{t} \]""",
        (r"= \mathbf{q} - \mathbf{t}", r"= \mathbf{q} + \mathbf{t}"),
        6,
    ),
    "a condition before a list": (
        """The margin loss is $L = \\max(0, \\|u - v\\|^2 - \\|u - w\\|^2 + 1)$. When $L > 0$:
- $\\partial L/\\partial u = 2(w - v)$
- $\\partial L/\\partial v = 2(v - u)$
- $\\partial L/\\partial w = 2(u - w)$""",
        ("= 2(v - u)", "= 2(u - v)"),
        3,
    ),
    "steps from the old to the new": (
        r"""A unit gives $a = \sum_{i=1}^R w_i p_i + b$ with $F = (t - a)^2$, so
\[ w_i^{new} = w_i^{old} + 2\alpha (t - a) p_i, \qquad b^{new} = b^{old} + 2\alpha (t - a), \]
since $\partial F/\partial w_i = -2(t - a) p_i$.""",
        ("= -2(t - a) p_i", "= 2(t - a) p_i"),
        5,
    ),
    "a column of its own values": (
        r"""$a(x) = \frac{1}{1+e^{-\langle w, x\rangle}}$ и $Q(w) = \frac12\sum_{i=1}^{\ell} (a(x_i) - y_i)^2$.
\[ \nabla_w Q(w) = \sum_{i=1}^{\ell} (a(x_i) - y_i)\, a(x_i)(1 - a(x_i))\, x_i, \]
где $a = (a(x_1), \dots, a(x_\ell))^T$.""",
        (r"a(x_i)(1 - a(x_i))\, x_i", r"(1 - a(x_i))\, x_i"),
        3,
    ),
    "Greek letters as they are spelt, and a root over brackets": (
        """z = (x − mu)/√(v + eps)
L = ½ (gamma z + beta − t)²
∂L/∂gamma = (gamma z + beta − t) z
∂L/∂x = (gamma z + beta − t) gamma/√(v + eps)""",
        ("gamma/√(v + eps)", "gamma/√(v − eps)"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("where $f$ is the sigmoid function", {"f": "sigmoid"}),
        (r"with $\phi = \tanh$ entry by entry", {r"\phi": "tanh"}),
        ("f — гиперболический тангенс", {"f": "tanh"}),
        (r"$h = \tanh(W x)$", {}),
        ("this is the sigmoid", {}),
    ],
)
def test_functions_that_words_name(said: str, named: dict[str, str]) -> None:
    assert named_functions(said) == named
