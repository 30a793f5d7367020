"""Normal densities under their sign, and formulas that words give a name."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a mixture of two widths": (
        r"""$$p(y) = \sum_{c=1}^C\alpha_c\,\mathcal N(y\mid m_c, \tau^2), \qquad J = -\ln p(y)$$
We write $g_c$ for $\mathcal N(y\mid m_c,\tau^2)$ and
$$r_c = \frac{\alpha_cg_c}{\sum_d\alpha_dg_d}.$$
$$\frac{\partial J}{\partial m_c} = r_c\,\frac{m_c - y}{\tau^2},\qquad
\frac{\partial J}{\partial\alpha_c} = -\frac{r_c}{\alpha_c}$$""",
        (r"\frac{m_c - y}{\tau^2}", r"\frac{m_c - y}{\tau}"),
        5,
    ),
    "the logarithm of one density": (
        r"""$$\ell = \sum_{n=1}^N\ln\mathcal N(t_n\mid w^\top x_n, s^2)$$
$$\nabla_w\ell = \frac1{s^2}\sum_{n=1}^N(t_n - w^\top x_n)x_n$$""",
        (r"\frac1{s^2}", r"\frac1{2s^2}"),
        2,
    ),
    "a sum that is denoted by a letter": (
        r"""Let $f = \tanh(v^\top a + k)$ with $a\in\mathbb R^n$, and denote the sum $v^\top a + k$ by $z$. Then
$$\frac{\partial f}{\partial v} = (1 - \tanh^2(z))a$$""",
        (r"(1 - \tanh^2(z))a", r"(1 + \tanh^2(z))a"),
        3,
    ),
    "a short name in Russian": (
        r"""$$F = \frac12\|y - Xw\|^2$$
Обозначим $y - Xw$ через $r$. Тогда
$$\nabla_w F = -X^\top r$$""",
        (r"= -X^\top r", r"= X^\top r"),
        3,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
