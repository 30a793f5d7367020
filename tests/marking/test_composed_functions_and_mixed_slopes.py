r"""``(\log\cosh)'(t)``, ``(f \circ g)(x)``, ``\nabla^2_{ww}`` and ``\nabla_{wb}``."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a slope of a function of a function": (
        r"""We have $(\log\sin)'(s) = \cos(s)/\sin(s)$ and $(\exp\circ\tanh)'(s) = e^{\tanh(s)}(1 - \tanh^2(s))$.
With $u_k = g^\top z_k$ the sum $V = \sum_{k=1}^m \exp(\tanh(u_k))$ has
$$\nabla_g V = \sum_{k=1}^m e^{\tanh(u_k)}(1 - \tanh^2(u_k))z_k$$""",
        (r"= \cos(s)/\sin(s)", r"= -\cos(s)/\sin(s)"),
        1,
    ),
    "second slopes by a pair of letters": (
        r"""Let $s_i = a^\top z_i + c - t_i$ with $a, z_i\in\mathbb R^p$ and $Q = \frac12\sum_{i=1}^n s_i^4$.
$$\nabla_a Q = 2\sum_{i=1}^n s_i^3 z_i$$
$$\nabla^2_{aa} Q = 6\sum_{i=1}^n s_i^2 z_i z_i^\top, \qquad \nabla^2_{ac} Q = 6\sum_{i=1}^n s_i^2 z_i$$""",
        (r"\nabla^2_{ac} Q = 6", r"\nabla^2_{ac} Q = 12"),
        5,
    ),
    "a mixed matrix without a square": (
        r"""$$R = u^\top M v + \|u\|^2$$
with $M\in\mathbb R^{p\times q}$.
$$\nabla_{uv} R = M, \qquad \nabla_{uu} R = 2I$$""",
        (r"\nabla_{uv} R = M", r"\nabla_{uv} R = 2M"),
        2,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
