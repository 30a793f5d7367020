"""Definitions that count for other labels too: s_j beside ``s_i = w^T x_i``, x̂_{uj} beside x̂_{ui}."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a difference of two scores": (
        r"""A score is $s_{qa} = v_q^\top m_a$; for a good answer $a$ and a bad one $b$ put $g = s_{qa} - s_{qb}$.
$$R = \frac12(1 - g)^2 + \mu\|v_q\|^2$$
$$\frac{\partial R}{\partial v_q} = -(1 - g)(m_a - m_b) + 2\mu v_q$$
$$\frac{\partial R}{\partial m_b} = (1 - g)v_q$$""",
        (r"m_b} = (1", r"m_b} = -(1"),
        5,
    ),
    "the same for the other document": (
        r"""The model scores a document by $f_a = \theta^\top x_a$, and $f_b$ likewise. Let $d = f_a - f_b$ and
$$C = e^{-d}$$
$$\frac{\partial C}{\partial\theta} = -e^{-d}(x_a - x_b)$$""",
        (r"(x_a - x_b)", r"(x_a + x_b)"),
        4,
    ),
    "a triplet": (
        r"""With embeddings $z_a = Wx_a$, $W\in\mathbb R^{k\times d}$, of an anchor $a$ and others $p$, $n$ the loss is
$$T = \|z_a - z_p\|^2 - \|z_a - z_n\|^2.$$
$$\frac{\partial T}{\partial z_a} = 2(z_n - z_p), \qquad \frac{\partial T}{\partial z_p} = 2(z_p - z_a)$$
$$\frac{\partial T}{\partial W} = 2(z_a - z_p)(x_a - x_p)^\top - 2(z_a - z_n)(x_a - x_n)^\top$$""",
        (r"= 2(z_n - z_p)", r"= 2(z_p - z_n)"),
        3,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
