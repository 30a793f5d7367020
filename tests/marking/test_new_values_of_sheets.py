"""Sheets that work with numbers and go on with the values that a step leads to."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a step of two parameters": (
        r"""One sample of linear regression by hand. Prediction $p = ax + c$, loss $L = (p - t)^2$.
Take $x = 3$, $t = 5$, start at $a = 1$, $c = 0$ with learning rate $\alpha = 0.1$.

$$p = 1\cdot 3 + 0 = 3,\qquad L = (3-5)^2 = 4$$

$$\frac{\partial L}{\partial a} = 2(p-t)x = -12,\qquad \frac{\partial L}{\partial c} = 2(p-t) = -4$$

After the update $a = 1 + 0.1\cdot 12 = 2.2$ and $c = 0 + 0.1\cdot 4 = 0.4$.

$$p = 2.2\cdot 3 + 0.4 = 7$$""",
        (r"$a = 1 + 0.1\cdot 12 = 2.2$ and", r"$a = 1 - 0.1\cdot 12 = -0.2$ and"),
        16,
    ),
    "a new point, without a rate": (
        r"""$f = u^2 + 3v$, at $u = 2$, $v = 1$.

$$\frac{\partial f}{\partial u} = 2u = 4,\qquad \frac{\partial f}{\partial v} = 3$$

With step size 0.5 the new point is $u = 2 - 0.5\cdot 4 = 0$, $v = 1 - 0.5\cdot 3 = -0.5$, where $f = -1.5$.""",
        ("$f = -1.5$.", "$f = 1.5$."),
        11,
    ),
    "a sample by its numbers, and a step without a word": (
        """Model: f(x) = w·x + c. Two points: x₁ = 1, x₂ = 3; y₁ = 0, y₂ = 2.
Error: Q = (1/2) Σᵢ (w·xᵢ + c − yᵢ)². At the start w = 2, c = 0, rate η = 0.1.

f₁ = 2·1 + 0 = 2
f₂ = 2·3 + 0 = 6

∂Q/∂w = Σᵢ (fᵢ − yᵢ) xᵢ = 2·1 + 4·3 = 14
∂Q/∂c = Σᵢ (fᵢ − yᵢ) = 2 + 4 = 6

w = 2 − 0.1·14 = 0.6
c = 0 − 0.1·6 = −0.6""",
        ("= 2 + 4 = 6", "= 2 − 4 = −2"),
        18,
    ),
    "activations at the numbers that were worked out": (
        r"""Two units: $z_1 = w_1 x + b$ and $z_2 = w_2 x + b$ with $x = 2$, $w_1 = 0.2$, $w_2 = -0.3$, $b = 0.1$,
$w_3 = 0.6$, $w_4 = -0.4$, target $t = 1$.

$$z_1 = w_1 x + b = 0.2\cdot 2 + 0.1 = 0.5$$

$$z_2 = w_2 x + b = -0.3\cdot 2 + 0.1 = -0.5$$

$$h_1 = \tanh(0.5) = 0.4621, \qquad h_2 = \tanh(-0.5) = -0.4621$$

$$o = w_3 h_1 + w_4 h_2 = 0.4621, \qquad E = \tfrac12 (o - t)^2$$

Backwards:

$$\frac{\partial E}{\partial o} = o - t = -0.5379$$

$$\frac{\partial E}{\partial w_1} = (o - t)\, w_3 (1 - h_1^2)\, x = -0.5379\cdot 0.6\cdot 0.7865\cdot 2 = -0.5077$$

The new weight is $w_1^{new} = 0.2 + 0.5\cdot 0.5077 = 0.4539$.""",
        (r"w_3 (1 - h_1^2)", r"w_3 (1 + h_1^2)"),
        25,
    ),
    "a new weight, in Russian": (
        r"""Нейрон без смещения: $o = \tanh(w x)$, ошибка $E = \frac12 (o - d)^2$;
$x = 1$, $d = 1$, $w = 0$, $\eta = 0.5$.

$$o = 0,\qquad \frac{\partial E}{\partial w} = (o-d)(1-o^2)x = -1$$

Обновляем вес: $w = 0 + 0.5\cdot 1 = 0.5$. Теперь $o = \tanh(0.5) = 0.462$ и $E = 0.145$.""",
        ("0.145$.", "0.269$."),
        14,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
