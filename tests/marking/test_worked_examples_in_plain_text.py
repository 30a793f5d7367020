"""Worked examples without a header: what lists of numbers set, and a step by entries."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a layer of two units": (
        """Network: z = Ax + b,  h = tanh(z),  p = v·h.
Loss: L = ½(p − t)².
Numbers: x = (1, −2), t = 0.5, η = 0.1, A = [[0.2, 0.1], [−0.3, 0.4]],  b = (0.1, 0), v = (0.5, −1).

z₁ = 0.2·1 + 0.1·(−2) + 0.1 = 0.1
z₂ = −0.3·1 + 0.4·(−2) = −1.1
h₁ = tanh(0.1) = 0.0997
h₂ = tanh(−1.1) = −0.8005
p = 0.5·0.0997 + 1·0.8005 = 0.8503
e = p − t = 0.3503

tanh'(z) = 1 − h²
δ₁ = e·v₁·(1 − h₁²) = 0.3503·0.5·0.9901 = 0.1734
∂L/∂A₁₂ = δ₁x₂ = 0.1734·(−2) = −0.3468

Update (new weight = old weight − η·slope):

A₁₂ = 0.1 + 0.1·0.3468 = 0.1347
""",
        ("1 − h₁²", "1 − h₁"),
        24,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
