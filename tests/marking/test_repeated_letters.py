"""Repeated letters that are summed over, beside a Σ that is written, and the name of a function's argument."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "no letter has a sum": (
        r"""Summation over repeated Greek-free indices is implied. Let
\[ v_p = M_{pq}u_q + g_p, \qquad F = \tfrac12 v_pv_p . \]
\[ \frac{\partial F}{\partial u_q} = M_{pq}v_p, \qquad \frac{\partial F}{\partial M_{pq}} = v_pu_q \]""",
        (r"u_q} = M_{pq}v_p", r"u_q} = M_{qp}v_p"),
        3,
    ),
    "some sums are written": (
        r"""We sum over repeated indices, as Einstein did.
\[ s_j = \sum_k B_{jk}r_k, \qquad d_j = s_j - m_j, \qquad H = d_jd_j \]
\[ \frac{\partial H}{\partial r_k} = 2B_{jk}d_j \]""",
        (r"2B_{jk}d_j", r"B_{jk}d_j"),
        4,
    ),
    "a letter of an index with a letter below": (
        r"""$h_a = \tanh(\sum_i V_{ai}x_i + b_a)$ with hidden units $a, b$, and $L = \frac12\sum_a (h_a - t_a)^2$.
With $u_a$ the argument of tanh,
$$\frac{\partial L}{\partial u_b} = (h_b - t_b)(1 - h_b^2),\qquad
\frac{\partial L}{\partial b_a} = (h_a - t_a)(1 - h_a^2)$$
$$\frac{\partial L}{\partial V_{bi}} = \frac{\partial L}{\partial u_b}x_i$$""",
        (r"\frac{\partial L}{\partial u_b}x_i", r"\frac{\partial L}{\partial u_b}x_i^2"),
        6,
    ),
    "the argument of the sigmoid": (
        r"""Let $q = \sigma(\gamma^\top f + \alpha)$ with $f\in\mathbb R^m$ and $E = -t\ln q - (1-t)\ln(1-q)$.
Where $z$ denotes the argument of the sigmoid, we have
$$\frac{\partial E}{\partial z} = q - t, \qquad \nabla_\gamma E = (q - t)f$$""",
        (r"\partial z} = q - t", r"\partial z} = t - q"),
        4,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
