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
