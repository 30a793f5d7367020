r"""``f(u) = …`` beside a header or a network: f is a function from there on, with slopes, though nobody declared it."""

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify

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


def network(activation: str) -> dict[str, object]:
    """One hidden layer of that activation, and a linear neuron above it."""
    nodes = {
        "h": {"inputs": ["x"], "width": "J", "activation": activation},
        "p": {"inputs": ["h"], "width": 1},
    }
    return {"name": "one", "inputs": {"x": "D"}, "nodes": nodes, "loss": "(y - p)**2"}


@pytest.mark.parametrize(
    ("activation", "right", "wrong"),
    [
        ("log(1 + u**2)", r"$$\varphi'(u) = \frac{2u}{1+u^2}$$", r"$$\varphi'(u) = \frac{u}{1+u^2}$$"),
        ("log(1 + u**2)", r"$$\frac{d\phi}{dz} = \frac{2z}{1+z^2}$$", r"$$\frac{d\phi}{dz} = \frac{2}{1+z^2}$$"),
        (
            "relu",
            r"Here $\sigma(u) = \max(0, u)$, so $\sigma'(u) = [u > 0]$.",
            r"Here $\sigma(u) = \max(1, u)$, so $\sigma'(u) = [u > 0]$.",
        ),
        ("sigmoid", r"Here $\sigma(u) = 1/(1 + e^{-u})$.", r"Here $\sigma(u) = 1/(1 + e^{u})$."),
        ("sigmoid", r"$$\sigma(u) = \frac{e^u}{1+e^u}$$", r"$$\sigma(u) = \max(0, u)$$"),
    ],
)
def test_a_text_names_the_networks_own_activation(activation: str, right: str, wrong: str) -> None:
    assert verify(network(activation), right).verdict == "correct"
    assert verify(network(activation), wrong).first_wrong == 1


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"$g(a) = \tanh a$, $g'(a) = 1 - g(a)^2$.", r"$g(a) = \tanh a$, $g'(a) = 1 + g(a)^2$."),
        (r"$f(x) = 1/(1+e^{-x})$, $f'(x) = f(x)(1 - f(x))$.", r"$f(x) = 1/(1+e^{-x})$, $f'(x) = f(x)(1 + f(x))$."),
        (r"$g(h) = \ln(1+e^h)$, $\frac{dg}{dh} = \frac{1}{1+e^{-h}}$.", r"$g(h) = \ln(1+e^h)$, $\frac{dg}{dh} = e^h$."),
        (r"$g(x) = \sqrt{1+x^2}$, $\frac{dg}{dx} = x/g(x)$.", r"$g(x) = \sqrt{1+x^2}$, $\frac{dg}{dx} = 2x/g(x)$."),
    ],
)
def test_its_letter_is_any_number_though_the_network_has_a_vector_of_that_name(right: str, wrong: str) -> None:
    gradient = r"$$\frac{\partial Q}{\partial w_{p,j}} = -2\sum_i (y_i - p_i) h_i^j$$"
    assert verify(network("tanh"), right + gradient).verdict == "correct"
    assert verify(network("tanh"), wrong + gradient).first_wrong == 2
