"""One object behind every name, functions of each unit that a line gives once, families below letters."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "two layers at one object, in Russian": (
        r"""Выходы сети на объекте $x_i$ равны
$$g^k(x_i) = f_k\Bigl(\sum_{s=1}^{S} v_{sk} r^s(x_i)\Bigr),\qquad r^s(x_i) = f_s\Bigl(\sum_{j=1}^{n} v_{js}x_i^j\Bigr)$$
с $f(z) = \tanh(z)$. Потери на объекте
$$E(v) = \frac12\sum_{k=1}^{K}\left(g^k(x_i)-t_i^k\right)^2$$
$$\frac{\partial E(v)}{\partial g^k} = g^k(x_i)-t_i^k = \varepsilon_i^k$$
$$\frac{\partial E(v)}{\partial r^s} = \sum_{k=1}^{K}\varepsilon_i^kf_k'v_{sk} = \varepsilon_i^s$$
$$\frac{\partial E(v)}{\partial v_{js}} = \varepsilon_i^sf_s'x_i^j$$""",
        (r"\varepsilon_i^sf_s'x_i^j", r"\varepsilon_i^sx_i^j"),
        9,
    ),
    "samples below letters, beside words of a window": (
        r"""A centre vector $\mathbf a_c$, a context vector $\mathbf b_o$ and $M$ negative ones $\mathbf b_{q_k}$, all
in $\mathbb R^d$:
$$L = -\ln\sigma(\mathbf b_o^\top\mathbf a_c) - \sum_{k=1}^{M}\ln\sigma(-\mathbf b_{q_k}^\top\mathbf a_c),\qquad
\sigma(t) = \frac1{1+e^{-t}}$$
$$\frac{\partial L}{\partial\mathbf a_c} = (\sigma(\mathbf b_o^\top\mathbf a_c)-1)\mathbf b_o +
\sum_{k=1}^{M}\sigma(\mathbf b_{q_k}^\top\mathbf a_c)\mathbf b_{q_k}$$
$$\frac{\partial L}{\partial\mathbf b_{q_k}} = \sigma(\mathbf b_{q_k}^\top\mathbf a_c)\mathbf a_c$$""",
        (
            r"= \sigma(\mathbf b_{q_k}^\top\mathbf a_c)\mathbf a_c",
            r"= -\sigma(\mathbf b_{q_k}^\top\mathbf a_c)\mathbf a_c",
        ),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
