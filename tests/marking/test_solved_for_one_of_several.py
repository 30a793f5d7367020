"""Several gradients are set to zero, and a line solves for one letter with the others in it."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "alternating least squares": (
        r"""Approximate $m_{ab}$ by $\hat m_{ab} = g_a^\top h_b$ with $g_a, h_b\in\mathbb R^k$:
$$Q = \frac12\sum_a\sum_b(m_{ab} - \hat m_{ab})^2 + \frac\kappa2\Bigl(\sum_a\|g_a\|^2 + \sum_b\|h_b\|^2\Bigr).$$
Since $\partial\hat m_{ab}/\partial g_a = h_b$,
$$\frac{\partial Q}{\partial g_a} = -\sum_b(m_{ab} - \hat m_{ab})h_b + \kappa g_a$$
$$\frac{\partial Q}{\partial h_b} = -\sum_a(m_{ab} - \hat m_{ab})g_a + \kappa h_b$$
Setting the first one to zero gives
$$g_a = \Bigl(\sum_b h_bh_b^\top + \kappa I\Bigr)^{-1}\sum_b m_{ab}h_b.$$""",
        (r"\sum_b h_bh_b^\top + \kappa I", r"\sum_b h_bh_b^\top - \kappa I"),
        6,
    ),
    "a bias and a weight": (
        r"""$$J = \sum_{i=1}^n(y_i - vx_i - c)^2$$
$$\frac{\partial J}{\partial v} = -2\sum_{i=1}^n(y_i - vx_i - c)x_i, \qquad
\frac{\partial J}{\partial c} = -2\sum_{i=1}^n(y_i - vx_i - c)$$
Setting both to zero we get
$$c = \frac1n\sum_{i=1}^n(y_i - vx_i)$$""",
        (r"\frac1n\sum_{i=1}^n(y_i - vx_i)", r"\frac1n\sum_{i=1}^n(y_i + vx_i)"),
        4,
    ),
    "slopes on the way": (
        r"""Residuals $e_i = \beta^\top x_i - y_i$, $x_i\in\mathbb R^d$, have $\partial e_i/\partial\beta = x_i$. For
$$F = \frac12\sum_{i=1}^n e_i^2$$
$$\nabla_\beta F = \sum_{i=1}^n e_ix_i$$
Setting the gradient to zero,
$$\sum_{i=1}^n x_ix_i^\top\beta = \sum_{i=1}^n y_ix_i$$""",
        (r"= \sum_{i=1}^n y_ix_i", r"= 2\sum_{i=1}^n y_ix_i"),
        5,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
