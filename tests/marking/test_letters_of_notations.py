"""Letters that a notation gives a meaning where nothing is declared: units by their index, layers above a name."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "units told by their index": (
        r"""A perceptron with two layers of weights: $a_j = \sum_i w_{ji} x_i + b_j$, $o_j = \tanh(a_j)$,
$a_k = \sum_j w_{kj} o_j + b_k$ and $E = \frac12\sum_k (a_k - t_k)^2$.
\[ \delta_k = \frac{\partial E}{\partial a_k} = a_k - t_k \]
\[ \frac{\partial E}{\partial w_{kj}} = \delta_k o_j, \qquad \frac{\partial E}{\partial b_k} = \delta_k \]
\[ \frac{\partial E}{\partial b_j} = (1 - o_j^2) \sum_k w_{kj} \delta_k \]""",
        (r"(1 - o_j^2) \sum", r"o_j^2 \sum"),
        9,
    ),
    "weights told by their units": (
        r"""Hidden units $h_j = \sigma\left(\sum_i w_{ji} x_i\right)$, outputs $y_k = \sum_j w_{kj} h_j$,
error $E = \frac12\sum_k (y_k - t_k)^2$.
\[ \frac{\partial E}{\partial w_{kj}} = (y_k - t_k) h_j \]
\[ \frac{\partial E}{\partial w_{ji}} = \sum_k (y_k - t_k) w_{kj} h_j (1 - h_j) x_i \]""",
        ("(1 - h_j) x_i", "x_i"),
        5,
    ),
    "layers above a name, without brackets": (
        r"""The loss $E = \frac12 \|h^L - t\|^2$ of a network with $h^l = \tanh(u^l)$, $u^l = A^l h^{l-1} + c^l$. Then
\[ g^L = \frac{\partial E}{\partial u^L} = (h^L - t) \odot (1 - (h^L)^2) \]
\[ \frac{\partial E}{\partial A^L} = g^L (h^{L-1})^T \]
\[ \frac{\partial E}{\partial c^L} = g^L \]""",
        ("g^L (h^{L-1})^T", "g^L (h^L)^T"),
        6,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    text, (old, new), line = TEXTS[name]
    assert text.count(old) == 1
    marking = verify_text(text)
    assert marking.verdict == "correct", [(one.number, one.latex) for one in marking.lines if not one.holds]
    assert verify_text(text.replace(old, new)).first_wrong == line


def test_indices_of_one_kind_tell_no_units_apart() -> None:
    softmax = r"""$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$, $L = -\sum_i y_i \ln p_i$ with $\sum_i y_i = 1$.
\[ \frac{\partial p_i}{\partial z_j} = p_i ([i = j] - p_j) \]"""
    assert verify_text(softmax).verdict == "correct"
