"""Layers above a letter that has a unit below: ``z^l_j`` beside ``a^0 = x``, whose first value may be said later."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "units of layers": (
        r"""$s^m_i = \sum_j v^m_{ij}o^{m-1}_j + c^m_i$ and $o^m_i = \tanh(s^m_i)$ for the layers $m=1,2$, with $o^0=x$.
\[ E = \frac12\sum_i (o^2_i - t_i)^2 \]
\[ \frac{\partial E}{\partial s^2_i} = (o^2_i - t_i)\tanh'(s^2_i) \]
With $\epsilon^m_i = \partial E/\partial s^m_i$ we get
\[ \frac{\partial E}{\partial v^m_{ij}} = \epsilon^m_i\,o^{m-1}_j \]
and $\epsilon^1_i = \sum_k \epsilon^2_k v^2_{ki}\tanh'(s^1_i)$.""",
        (r"v^2_{ki}\tanh'(s^1_i)", r"v^2_{ik}\tanh'(s^1_i)"),
        9,
    ),
    "vectors of layers with bare numbers above": (
        r"""We have $h^0 = x$, $u^l = A^l h^{l-1}$ and $h^l = \sigma(u^l)$ for $l=1,2,3$.
\[ J = \frac12\|h^3 - y\|^2 \]
\[ \frac{\partial J}{\partial u^3} = (h^3 - y)\odot\sigma'(u^3) \]
\[ \frac{\partial J}{\partial A^l} = \frac{\partial J}{\partial u^l}(h^{l-1})^\top \]""",
        (r"(h^{l-1})^\top", r"(h^l)^\top"),
        6,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
