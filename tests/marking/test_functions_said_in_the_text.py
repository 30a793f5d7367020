r"""``f(u) = …`` beside a header or a network: f is a function from there on, with slopes, though nobody declared it."""

import pytest
from right_and_slip import assert_right_and_slip

HEADER = r"""%! sizes N
%! index n = 1..N
%! data x_n : R
%! param w : R
%! const a
"""
TEXTS = {
    "in one display": (
        r"$$\varphi(u) = \ln(1+u^2),\qquad \varphi'(u) = \frac{2u}{1+u^2}$$",
        (r"\frac{2u}", r"\frac{u}"),
        2,
    ),
    "with a constant, and twice": (
        r"""$$g(t) = a t^2 + e^{-t}$$
$$g'(t) = 2 a t - e^{-t}$$
$$g''(t) = 2 a + e^{-t}$$""",
        (r"2 a + e", r"2 a - e"),
        3,
    ),
    "its slope by its letter": (
        r"""Let $\psi(z) = z/(1+|z|)$. $$\frac{d\psi}{dz} = \frac{1}{(1+|z|)^2}$$""",
        (r"^2", r"^3"),
        2,
    ),
    "called with what the model has": (
        r"""$$f(s) = \sqrt{1+s^2},\quad S = \sum_n f(w x_n)$$
$$\frac{\partial S}{\partial w} = \sum_n f'(w x_n)\, x_n = \sum_n \frac{w x_n^2}{\sqrt{1+w^2x_n^2}}$$""",
        (r"\frac{w x_n^2}", r"\frac{w x_n}"),
        4,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    text, slip, line = TEXTS[name]
    assert_right_and_slip(HEADER + text, slip, line)
