"""Gradients that have the letters of their variables, with a d or an accent before them."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a skip of layers that are numbered": (
        r"""A two-layer net with a skip, one example: $s^{(1)} = U^{(1)}x^{(0)} + c^{(1)}$,
$x^{(1)} = \phi(s^{(1)})$, $s^{(2)} = U^{(2)}x^{(1)} + x^{(0)}$,
with $\phi(s) = \log(1+e^s)$ and the loss $\mathcal J = \frac12\|s^{(2)} - t\|^2$. Then

$$ds^{(2)} = s^{(2)} - t$$

$$dU^{(2)} = ds^{(2)}\,x^{(1)T}$$

$$ds^{(1)} = \left(U^{(2)T} ds^{(2)}\right) \odot \phi'(s^{(1)})$$

$$dx^{(0)} = U^{(1)T} ds^{(1)} + ds^{(2)}$$""",
        ("U^{(1)T} ds^{(1)} + ds^{(2)}$$", "U^{(1)T} ds^{(1)} - ds^{(2)}$$"),
        9,
    ),
    "d of an accented letter": (
        r"""RMSNorm backward. Input $u\in\mathbb R^d$:

$$m = \frac1d\sum_i u_i^2,\qquad r = \sqrt{m+\epsilon},\qquad \hat u_i = \frac{u_i}{r},\qquad z_i = g_i\hat u_i$$

With $dz_i = \partial L/\partial z_i$ from above,

$$dg_i = dz_i\,\hat u_i$$

$$d\hat u_i = dz_i\,g_i$$

$$\frac{\partial L}{\partial u_j} = \frac1r\left(d\hat u_j - \frac{\hat u_j}{d}\sum_i d\hat u_i\hat u_i\right)$$""",
        (r"dz_i\,g_i$$", "dz_i$$"),
        7,
    ),
    "d of Greek letters": (
        r"""Batch norm, one feature, $m$ samples.

$$\mu = \frac1m\sum_{i=1}^m x_i,\quad
\sigma^2 = \frac1m\sum_{i=1}^m (x_i-\mu)^2,\quad
\hat x_i = \frac{x_i-\mu}{\sqrt{\sigma^2+\varepsilon}},\quad y_i = \gamma\hat x_i+\beta$$

Let $dy_i = \frac{\partial\ell}{\partial y_i}$. Then

$$d\gamma = \sum_{i=1}^m dy_i\,\hat x_i,\qquad d\beta = \sum_{i=1}^m dy_i$$

$$d\hat x_i = \gamma\,dy_i$$""",
        (r"\sum_{i=1}^m dy_i$$", r"\sum_{i=1}^m dy_i \hat x_i$$"),
        7,
    ),
    "tildes, of an open loss": (
        r"""Gate: $z = \sigma(Ah)$, $q = z \odot h$, $L = \mathcal{L}(q)$.
We write $\tilde q = \frac{\partial L}{\partial q}$ and likewise for the other quantities.

$$\tilde z = \tilde q \odot h$$

$$\tilde h = \tilde q \odot z + A^\top\left(\tilde q \odot h \odot z \odot (1-z)\right)$$

$$\frac{\partial L}{\partial A} = \left(\tilde q \odot h \odot z \odot (1-z)\right) h^\top$$""",
        (r"$$\tilde h = \tilde q \odot z + A^\top\left(\tilde", r"$$\tilde h = A^\top\left(\tilde"),
        6,
    ),
    "bars, in Russian": (
        r"""Линейный слой $y = Wx + b$, потери $E = \ell(y)$. Черта обозначает градиент:
$\bar y = \partial E/\partial y$. Тогда

$$\bar W = \bar y x^\top,\qquad \bar b = \bar y,\qquad \bar x = W^\top \bar y$$""",
        (r"x = W^\top \bar", r"x = W \bar"),
        6,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
