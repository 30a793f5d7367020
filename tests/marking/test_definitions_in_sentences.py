"""Plain text that says what its letters are within sentences."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "a prediction and a loss": (
        """hi, here is what I get. Single sample, the input is x, weights v, bias c,
and the prediction is p = σ(vᵀx + c). The loss is L = −t log p − (1 − t) log(1 − p), as usual.

    ∂L/∂p = (p − t) / (p (1 − p))
    ∂L/∂v = (p − t) x
    ∂L/∂c = p − t""",
        ("= (p − t) x", "= (t − p) x"),
        4,
    ),
    "a rate": (
        """Re: tweedie / gamma regression

For sample i we have rate μᵢ = exp(aᵀuᵢ), where a are the coefficients and (uᵢ, yᵢ), i = 1..n,
the data. The deviance part is

    D = Σᵢ (yᵢ / μᵢ + aᵀuᵢ)

and so

    ∂D/∂a = Σᵢ (1 − yᵢ / μᵢ) uᵢ""",
        ("−", "+"),
        3,
    ),
    "a network, in Russian": (
        """Пусть вход сети — вектор x, скрытый слой h = tanh(W x + b), выход o = vᵀh,
а потери E = ½ (o − t)² считаются на одном примере.

    ∂E/∂o = o − t
    ∂E/∂v = (o − t) h
    ∂E/∂b = (o − t) v ⊙ (1 − h²)""",
        ("h²)", "h)"),
        6,
    ),
    "a power in brackets": (
        """x is one sample, w the weights, e = wᵀx − y the error, z = wᵀx.

  E = ½ e² + λ Σⱼ (wⱼ² + ε)^(3/2)

  ∂E/∂wⱼ = e xⱼ + 3 λ wⱼ (wⱼ² + ε)^(1/2)""",
        ("= e xⱼ + 3 λ wⱼ (wⱼ²", "= e xⱼ + λ wⱼ (wⱼ²"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
