# ruff: noqa: E501 (formulas stand as people write them)
"""What sentences and signs say on the way: how gradients are read off, other pieces, names given last, signs below."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "how a gradient is read off": (
        r"""With $R = X A B - Y$ and $F = \frac12\operatorname{tr}(R^T R)$ we have
$$dF = \operatorname{tr}(R^T X\, dA\, B) + \operatorname{tr}(R^T X A\, dB).$$
Since $dF = \operatorname{tr}(P^T dA)$ means $\nabla_A F = P$,
$$\nabla_A F = X^T R B^T, \qquad \nabla_B F = A^T X^T R$$""",
        (r"\nabla_B F = A^T X^T R", r"\nabla_B F = X^T R A^T"),
        7,
    ),
    "the positive among the keys": (
        r"""For the user $u$ and items $v_1,\dots,v_K$, one of which, $v_+$, was bought,
$$\ell = -u^\top v_+ + \log\sum_{i=1}^K e^{u^\top v_i}.$$
With $s_i = e^{u^\top v_i}/\sum_j e^{u^\top v_j}$
$$\frac{\partial\ell}{\partial u} = \sum_{i=1}^K s_i v_i - v_+, \qquad \frac{\partial\ell}{\partial v_+} = (s_+ - 1)u$$""",
        ("(s_+ - 1)u", "(1 - s_+)u"),
        4,
    ),
    "signs as labels of two": (
        r"""For a head $h$, a true tail $t^+$ and a false tail $t^-$ in $\mathbb{R}^d$ let
$$L = \log(1 + e^{h^\top t^- - h^\top t^+}), \qquad q = \sigma(h^\top t^- - h^\top t^+).$$
$$\nabla_h L = q\,(t^- - t^+), \qquad \nabla_{t^+} L = -q h$$""",
        (r"q\,(t^- - t^+)", r"q\,(t^+ - t^-)"),
        3,
    ),
    "an argument that is an index": (
        r"""A softmax over arms, $\rho(b) = \frac{e^{\eta_b}}{\sum_c e^{\eta_c}}$, has the expected cost $V(\eta) = \sum_b \rho(b) k(b)$. Then
$$\frac{\partial \ln\rho(b)}{\partial\eta_c} = \mathbb{1}[b = c] - \rho(c)$$
$$\frac{\partial V}{\partial\eta_c} = \mathbb{E}_{b\sim\rho}\left[k(b)(\mathbb{1}[b = c] - \rho(c))\right] = \rho(c)\left(k(c) - V\right)$$""",
        (r"\rho(c)\left(k(c) - V\right)", r"\rho(c)\left(k(c) + V\right)"),
        5,
    ),
    "the second one by a name": (
        r"""The loss of $w \in \mathbb{R}^d$ is
$$\mathcal{L} = \frac12 \|y - Xw\|^2 + \frac{\mu}{2} w^\top w.$$
Call the first term $\mathcal{A}$ and the second one (the penalty) $\mathcal{B}$. Then
$$\frac{\partial\mathcal{A}}{\partial w} = X^\top(Xw - y), \qquad \frac{\partial\mathcal{B}}{\partial w} = \mu w$$""",
        (r"= \mu w", r"= 2\mu w"),
        5,
    ),
    "the last one by a name, in plain text": (
        """z = w x + b, a = tanh(z), L = ½(a − t)²

  ∂L/∂a = a − t
  ∂L/∂z = (a − t)(1 − a²)
Call the last one g. Then
  ∂L/∂w = g x
  ∂L/∂b = g""",
        ("∂L/∂w = g x", "∂L/∂w = g w"),
        7,
    ),
    "otherwise takes the other piece": (
        """Loss of a pair: L = max(0, m − ‖u − v‖²)

If they are far apart, L = 0 and nothing moves.
Otherwise L = m − ‖u − v‖² and

∂L/∂u = −2(u − v)
∂L/∂v = 2(u − v)""",
        ("∂L/∂v = 2(u − v)", "∂L/∂v = −2(u − v)"),
        5,
    ),
    "a mask of 0 and 1": (
        """Let T be a table of counts and B the 0/1 mask of the cells that were seen; P and Q are matrices.

    J(P, Q) = ½ ‖B ⊙ (PQᵀ − T)‖²

Put E = B ⊙ (PQᵀ − T). Off the mask it is zero (B ⊙ E = E), so

    dJ = tr(Eᵀ dP Qᵀ) + tr(Eᵀ P dQᵀ)
    ∇_P J = EQ
    ∇_Q J = EᵀP""",
        ("∇_Q J = EᵀP", "∇_Q J = EP"),
        5,
    ),
    "an arrow that sets numbers": (
        """Model p = a·x + c, loss L = ½(p − y)², with a = 1, c = 0, x = 2, y = 3, rate η = 0.1.

--- forward ---
p = 1·2 + 0 = 2
L = ½·1² = 0.5

--- step ---
∂L/∂a = (2 − 3)·2 = −2
a ← 1 − 0.1·(−2) = 1.2
c ← 0 − 0.1·(−1) = 0.1

--- again ---
p = 1.2·2 + 0.1 = 2.5""",
        ("∂L/∂a = (2 − 3)·2", "∂L/∂a = (3 − 2)·2"),
        12,
    ),
    "a loss by its name in capitals": (
        r"""$x \in \mathbb{R}^{1\times D}$ is a row; $a = xU + c$, $\hat t = \mathrm{softmax}(a)$ and, for a one-hot row $t$,
$$J = CE(t, \hat t) = -\sum_k t_k \log\hat t_k$$
$$\frac{\partial J}{\partial a} = \hat t - t, \qquad \frac{\partial J}{\partial U} = x^\top(\hat t - t), \qquad \frac{\partial J}{\partial x} = (\hat t - t)U^\top$$""",
        (r"x^\top(\hat t - t)", r"x^\top(t - \hat t)"),
        6,
    ),
    "rules that are recalled before a minimum": (
        r"""We minimise $f(v) = \|Bv - g\|^2 + \rho\, v^\top v$ over $v \in \mathbb{R}^p$, $B \in \mathbb{R}^{q\times p}$. Recall $\nabla_v(v^\top S v) = 2Sv$ for symmetric $S$ and $\nabla_v(v^\top c) = c$, so
$$\nabla_v f(v) = 2B^\top B v - 2B^\top g + 2\rho v.$$
Setting it to zero, $$\hat v = (B^\top B + \rho I)^{-1} B^\top g.$$""",
        (r"- 2B^\top g + 2\rho v", r"- B^\top g + 2\rho v"),
        4,
    ),
    "a difference of vectors": (
        r"""Put $\Delta = a_1 - a_2$ and $D = \| M\Delta \| = \sqrt{\Delta^\top M^\top M\Delta}$. Then, for $D > 0$,
$$\frac{\partial D}{\partial M} = \frac1D M\Delta\Delta^\top.$$""",
        (r"\frac1D M", r"\frac2D M"),
        4,
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(kind: str) -> None:
    assert_right_and_slip(*TEXTS[kind])
