# ruff: noqa: E501 (formulas stand as people write them)
"""Steps that are written on, estimates under labels, decimal commas, letters of two uses, densities of vectors."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a Newton step written on": (
        r"""%! sizes m p
%! data A : R^{m x p}
%! data c : R^m
%! data s : R^m positive
%! param v : R^p
%! let S = \operatorname{diag}(s)
%! let F = \frac12 (Av - c)^T S (Av - c)
$$v^{\text{(new)}} = v^{\text{(old)}} - (A^T S A)^{-1} A^T S (A v^{\text{(old)}} - c) = (A^T S A)^{-1} A^T S c$$""",
        (r"= (A^T S A)^{-1} A^T S c", r"= (A^T S A)^{-1} A^T c"),
        1,
    ),
    "a step by its difference": (
        r"""%! sizes m
%! index i = 1..m sample
%! data u_i : R
%! data y_i : R
%! param a : R
%! let J = \frac12\sum_i (a u_i - y_i)^2
The cost is J.
$$\frac{\partial J}{\partial a} = \sum_i (a u_i - y_i) u_i$$
$$\Delta a = -\eta \frac{\partial J}{\partial a}$$""",
        (r"\Delta a = -\eta", r"\Delta a = \eta"),
        2,
    ),
    "decimal commas": (
        r"""Пусть $w = 0{,}5$, $x = 2$, $y = 1{,}5$, $z = wx$, $L = \frac12(z - y)^2$. Тогда
$$z = 0{,}5\cdot 2 = 1, \qquad L = \frac12\cdot 0{,}5^2 = 0{,}125, \qquad \frac{\partial L}{\partial w} = (z - y)x = -0{,}5\cdot 2 = -1$$""",
        (r"= 0{,}125", r"= 0{,}25"),
        9,
    ),
    "an index that counts classes here and features there": (
        r"""$s = Ax$ with $A\in\mathbb{R}^{C\times p}$, $x\in\mathbb{R}^p$, $q_c = e^{s_c}/\sum_l e^{s_l}$, $t$ is one-hot and $L = -\sum_{c=1}^C t_c\log q_c$.
$$\frac{\partial q_c}{\partial s_j} = q_c(\delta_{cj} - q_j), \qquad \frac{\partial L}{\partial s_j} = q_j - t_j$$
$$\frac{\partial L}{\partial A_{cj}} = (q_c - t_c)\,x_j$$""",
        (r"(q_c - t_c)\,x_j", r"(t_c - q_c)\,x_j"),
        6,
    ),
    "a vector and a length of one letter": (
        r"""With $U\in\mathbb{R}^{h\times d}$ and $b \in \mathbb{R}^h$ let $h = \tanh(Ux + b)$, $F = \frac12\|h\|^2$ and $a = Ux + b$. Then
$$\frac{\partial F}{\partial h} = h, \qquad \frac{\partial F}{\partial a} = h\odot(1 - h\odot h), \qquad \frac{\partial F}{\partial U} = (h\odot(1 - h\odot h))x^\top$$""",
        (r"(h\odot(1 - h\odot h))x^\top", r"(1 - h\odot h)x^\top"),
        6,
    ),
    "layers of which only the next stands whole": (
        r"""$u^l_j = \sum_k v^l_{jk} h^{l-1}_k$, $h^l_j = \tanh(u^l_j)$ and $E = \frac12\sum_j (h^L_j - t_j)^2$. Let $\delta^l_j = \frac{\partial E}{\partial u^l_j}$.
$$\delta^L_j = (h^L_j - t_j)(1 - (h^L_j)^2)$$
$$\delta^l = ((v^{l+1})^T\delta^{l+1}) \odot (1 - h^l\odot h^l)$$
$$\frac{\partial E}{\partial v^l_{jk}} = h^{l-1}_k \delta^l_j$$""",
        (r"h^{l-1}_k \delta^l_j", r"h^{l-1}_j \delta^l_k"),
        7,
    ),
    "a size d before a sigma": (
        r"""For $x\in\mathbb{R}^d$ let $m = \frac1d\sum_{i=1}^d x_i$ and $\sigma^2 = \frac1d\sum_{i=1}^d (x_i - m)^2$.
$$\frac{\partial m}{\partial x_j} = \frac1d, \qquad \frac{\partial\sigma}{\partial x_j} = \frac{x_j - m}{d\,\sigma}$$""",
        (r"{d\,\sigma}", r"{\sigma}"),
        4,
    ),
    "a precision that moves alone": (
        r"""Data $u_1,\dots,u_n\in\mathbb{R}^p$ from $\mathcal{N}(m,C)$; with $G = C^{-1}$ and $R = \sum_i (u_i - m)(u_i - m)^T$ let $f(m, C) = \frac n2\ln|C| + \frac12\sum_{i=1}^n (u_i - m)^T C^{-1}(u_i - m)$.
$$f = -\frac n2\ln|G| + \frac12\operatorname{tr}(RG)$$
$$df = -\frac n2\operatorname{tr}(G^{-1}dG) + \frac12\operatorname{tr}(R\,dG)$$
$$\frac{\partial f}{\partial G} = -\frac n2 G^{-1} + \frac12 R$$""",
        (r"-\frac n2 G^{-1} + \frac12 R", r"-\frac n2 G + \frac12 R"),
        6,
    ),
    "the root of code": (
        """L = sqrt(a^2 + b^2)

dL/da = a/sqrt(a^2 + b^2)
dL/db = b/L""",
        ("dL/da = a/sqrt", "dL/da = 2a/sqrt"),
        2,
    ),
    "an equation that is solved step by step": (
        """%! sizes n
%! data h : R^n
%! data y : R^n
%! param W : R^{n x n}
%! const k : positive
%! let s = tanh(W h)
%! let g = h + k s
%! let L = ½ ‖g − y‖²
One Euler step of the ODE  dh/dt = tanh(W h),  that is g.

∂L/∂g = g − y
∂L/∂W = k ((1 − s ⊙ s) ⊙ (g − y)) hᵀ""",
        ("∂L/∂W = k ((1", "∂L/∂W = ((1"),
        3,
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(kind: str) -> None:
    assert_right_and_slip(*TEXTS[kind])


def test_densities_of_vectors_are_written_out() -> None:
    text = r"""%! sizes d
%! data x : R^d
%! param m : R^d
%! data C : R^{d x d} symmetric
%! let p = \mathcal{N}(x \mid m, C)
$$\frac{\partial p}{\partial m} = p\,C^{-1}(x - m)$$"""
    assert verify_text(text).verdict == "correct"
    assert verify_text(text.replace("(x - m)$$", "(m - x)$$")).verdict == "wrong"


def test_labels_of_a_header_may_be_greek() -> None:
    text = r"""%! param a^{\sigma} : R
%! param a^{\mu} : R
%! let Q = e^{a^{\sigma}} (a^{\mu})^2
$$\frac{\partial Q}{\partial a^{\sigma}} = Q$$"""
    assert verify_text(text).verdict == "correct"
    assert verify_text(text.replace("= Q$$", "= 2Q$$")).verdict == "wrong"
