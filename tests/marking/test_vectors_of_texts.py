"""What a text says of its vectors: objects of functions, rows and columns of matrices."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "objects that a kernel is taken of": (
        r"""A kernel machine with centres $z_j$: $g(u) = \sum_{j=1}^m a_j k_j(u)$,
$k_j(u) = \exp(-\gamma \|u - z_j\|^2)$. The loss over the data $(u_i, y_i)$ is

$$L = \frac12\sum_i r_i^2, \qquad r_i = g(u_i) - y_i$$

$$\frac{\partial L}{\partial a_j} = \sum_i r_i\, k_j(u_i)$$

$$\frac{\partial k_j(u)}{\partial z_j} = 2\gamma\, k_j(u)\,(u - z_j)$$

$$\frac{\partial L}{\partial z_j} = 2\gamma\, a_j \sum_i r_i\, k_j(u_i)\,(u_i - z_j)$$""",
        (r"z_j} = 2\gamma\, k_j(u)", r"z_j} = \gamma\, k_j(u)"),
        6,
    ),
    "objects in plain text": (
        """Logistic regression, f(x) = σ(θᵀx + b), samples (xₙ, yₙ), n = 1..N, fₙ means f(xₙ).

    J = −Σₙ (yₙ log f(xₙ) + (1 − yₙ) log(1 − f(xₙ)))

    ∂f(x)/∂θ = f(x) (1 − f(x)) x

    ∂J/∂θ = Σₙ (f(xₙ) − yₙ) xₙ""",
        ("(f(xₙ) − yₙ) xₙ", "(f(xₙ) + yₙ) xₙ"),
        4,
    ),
    "columns of a matrix": (
        r"""The atoms $d_1,\dots,d_K\in\mathbb R^n$ are the columns of $D$.
For a code $a$ with entries $a_k$ take

$$E = \frac12\|y - Da\|^2 = \frac12\Big\|y - \sum_k a_k d_k\Big\|^2$$

$$\frac{\partial E}{\partial a} = -D^\top(y - Da)$$

$$\frac{\partial E}{\partial a_k} = -d_k^\top (y - Da)$$

$$\frac{\partial E}{\partial D} = -(y - Da)a^\top$$""",
        (r"E}{\partial a_k} = -d_k^\top (y - Da)$$", r"E}{\partial a_k} = d_k^\top (y - Da)$$"),
        4,
    ),
    "rows of matrices": (
        """Keys k_1, ..., k_M are the rows of K, values v_1, ..., v_M the rows of V, one query q. Attention:

    s = K q,   a = softmax(s),   o = Vᵀ a = Σᵢ aᵢ vᵢ

    ∂aᵢ/∂q = aᵢ (kᵢ − Kᵀ a)""",
        ("(kᵢ − Kᵀ a)", "kᵢ"),
        5,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


def test_an_action_that_only_a_label_names_makes_no_right_line_wrong() -> None:
    text = """Values: $Q(s,b) = w_b^\\top s$ for every action $b$, and $L = \\frac12 (y - Q(s,a))^2$.
$$\\frac{\\partial L}{\\partial w_a} = -(y - Q(s,a))\\, s$$"""
    assert verify_text(text).verdict != "wrong"
