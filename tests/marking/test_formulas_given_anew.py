"""Names that get another formula on the way, and functions of single numbers beside vectors."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "two activations for one derivation": (
        r"""One unit: $a = w^\top x + b$, $o = \phi(a)$, $E = \frac12 (o-t)^2$. So

$$\frac{\partial E}{\partial w} = (o-t)\,\phi'(a)\,x$$

(a) Softplus, $\phi(u) = \ln(1+e^u)$:

$$\phi'(u) = \frac{1}{1+e^{-u}}$$

(b) Squared ReLU, $\phi(u) = \max(0,u)^2$:

$$\phi'(u) = 2\max(0,u)$$""",
        (r"$$\phi'(u) = 2\max(0,u)$$", r"$$\phi'(u) = \max(0,u)$$"),
        8,
    ),
    "another loss, announced": (
        r"""The hinge loss of a sample is

$$\ell = \max(0, 1 - y\,w^\top x)$$

with the subgradient

$$\nabla_w \ell = -\mathbb 1[1 - y\,w^\top x > 0]\, y x$$

Alternatively one takes the logistic loss

$$\ell = \log(1 + e^{-y w^\top x})$$

$$\nabla_w \ell = -\frac{y x}{1 + e^{y w^\top x}}$$""",
        (r"-\frac{y x}{1 + e^{y w^\top x}}$$", r"-\frac{y x}{1 + e^{-y w^\top x}}$$"),
        4,
    ),
    "another loss, in Russian": (
        r"""Пусть $r_i = y_i - a x_i$, $E = \frac12\sum_{i=1}^n r_i^2$. Тогда

$$\frac{\partial E}{\partial a} = -\sum_{i=1}^n r_i x_i$$

Иногда берут другую функцию потерь, $E = \sum_{i=1}^n \log\cosh r_i$. В этом случае

$$\frac{\partial E}{\partial a} = -\sum_{i=1}^n \tanh(r_i)\, x_i$$""",
        (r"-\sum_{i=1}^n \tanh", r"\sum_{i=1}^n \tanh"),
        5,
    ),
    "a function of numbers beside numbers of its letter": (
        """R = Σⱼ r(uⱼ), r(u) = u² / (1 + u²), uⱼ the j-th coordinate of the vector u.

  d/du ( u² / (1 + u²) ) = 2u / (1 + u²)²

  ∂R/∂uⱼ = 2 uⱼ / (1 + uⱼ²)²

and, if j ≠ k, there is nothing in the mixed one:

  ∂²R/∂uⱼ∂uₖ = 0""",
        ("uⱼ /", "uⱼ² /"),
        4,
    ),
    "a name that is made of values of the way later": (
        r"""Reverse mode by hand for $f = \ln(x_1) + x_1 x_2 - \sin x_2$. Trace: $v_1 = \ln x_1$,
$v_2 = x_1 x_2$, $v_3 = \sin x_2$, $v_4 = v_1 + v_2$, $f = v_4 - v_3$.
With $\bar v_3 = \partial f/\partial v_3$ etc.:

$$\bar v_3 = -1$$

$$\bar v_4 = 1$$

$$\bar v_1 = \bar v_4$$

$$\bar x_2 = \bar v_2 x_1 + \bar v_3 \cos x_2$$""",
        (r"$$\bar x_2 = \bar v_2 x_1 + \bar v_3 \cos x_2$$", r"$$\bar x_2 = \bar v_2 x_1 - \bar v_3 \cos x_2$$"),
        11,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
