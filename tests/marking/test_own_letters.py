r"""A text that says a network in letters of its own: marked by what it says, and held against the network."""

from typing import Any

import pytest

from symbolic.marking import Marking, verify
from symbolic.network.network import Network

LOGISTIC: dict[str, Any] = {
    "name": "logistic",
    "inputs": {"x": "D"},
    "nodes": {"h": {"inputs": ["x"], "width": 1, "activation": "sigmoid"}},
    "loss": "log_loss",
    "reduction": "mean",
}
TWO_LAYERS: dict[str, Any] = {
    "name": "two",
    "inputs": {"x": "D"},
    "nodes": {
        "h": {"inputs": ["x"], "width": "J", "activation": "tanh"},
        "p": {"inputs": ["h"], "width": 1},
    },
    "loss": "half_squared",
}
SEVERAL: dict[str, Any] = {
    **TWO_LAYERS,
    "nodes": {**TWO_LAYERS["nodes"], "p": {"inputs": ["h"], "width": "K"}},
}
RIDGE: dict[str, Any] = {
    "name": "ridge",
    "inputs": {"x": "D"},
    "nodes": {"p": {"inputs": ["x"], "width": 1, "bias": False}},
    "loss": "squared",
    "regularizer": {"l2": 0.1},
}

#: As many equal layers as its size M says.
DEEP: dict[str, Any] = {
    "name": "deep",
    "inputs": {"x": "D"},
    "nodes": {
        "e": {"inputs": ["x"], "width": "J", "activation": "tanh"},
        "h": {
            "formula": "h[i,l,j] = tanh(Sum(w[l,j,k]*h[i,l-1,k], k) + b[l,j])",
            "width": ["M", "J"],
            "start": "e",
        },
        "p": {"formula": "p[i] = Sum(v[j]*h[i,M-1,j], j) + c"},
    },
    "loss": "squared",
}
#: Logarithms of units that saturate where parameters are large.
PRODUCTS: dict[str, Any] = {
    "name": "products",
    "inputs": {"x": "D"},
    "nodes": {
        "q": {"formula": "q[i,f] = Sum(k[d,f]*x[i,d], d)", "width": "F"},
        "p": {"formula": "p[i] = sigmoid(Sum(q[i,f]**2, f)*2)"},
    },
    "loss": "log_loss",
}

RECURRENT: dict[str, Any] = {
    "name": "steps",
    "inputs": {"x": ["T", "D"]},
    "target": {"y": ["T", "K"]},
    "nodes": {
        "h": {
            "formula": "h[i,t,j] = tanh(Sum(W[j,l]*h[i,t-1,l], l) + Sum(U[j,d]*x[i,t,d], d) + b[j])",
            "width": ["T", "J"],
            "start": 0,
        },
        "o": {"formula": "o[i,t,k] = Sum(V[k,j]*h[i,t,j], j) + c[k]", "width": ["T", "K"]},
    },
    "loss": "L[i] = Sum((o[i,t,k] - y[i,t,k])**2, t, k)/2",
}

#: The network, a right text, one slip, and the line of the source where the slip then stands.
TEXTS: dict[str, tuple[dict[str, Any], str, tuple[str, str], int]] = {
    "logistic regression with x_0 = 1": (
        LOGISTIC,
        r"""Let $h_\theta(x) = g(\theta^T x)$ with $g(z) = \frac{1}{1+e^{-z}}$ and $x_0 = 1$. We minimise
$$J(\theta) = -\frac{1}{m}\sum_{i=1}^m \left[ y^{(i)}\log h_\theta(x^{(i)})
  + (1-y^{(i)})\log(1-h_\theta(x^{(i)}))\right]$$
$$\frac{\partial J}{\partial \theta_j}
  = \frac{1}{m}\sum_{i=1}^m \left(h_\theta(x^{(i)}) - y^{(i)}\right) x_j^{(i)}$$""",
        (r"  = \frac{1}{m}", r"  = "),
        5,
    ),
    "one object, entry by entry": (
        TWO_LAYERS,
        r"""$$u_k = \sum_{i} V_{ki} s_i + c_k, \quad z_k = \tanh(u_k), \quad o = \sum_k q_k z_k + q_0$$
The error is $E = \frac12 (o - t)^2$. Then
$$\frac{\partial E}{\partial q_k} = (o - t) z_k$$
$$\frac{\partial E}{\partial V_{ki}} = (o - t) q_k (1 - z_k^2) s_i$$""",
        (r"(1 - z_k^2) s_i", r"(1 - z_k) s_i"),
        4,
    ),
    "vectors": (
        SEVERAL,
        r"""$a = A x + \alpha$, $z = \tanh(a)$, $f = B z + \beta$, $\ell = \frac12\|f - t\|^2$.
$$\frac{\partial \ell}{\partial f} = f - t$$
$$\frac{\partial \ell}{\partial B} = (f - t) z^T$$
$$\frac{\partial \ell}{\partial A} = \left( B^T (f - t) \odot (1 - z \odot z) \right) x^T$$""",
        (r"B^T (f - t) \odot (1 - z \odot z)", r"B^T (f - t) \odot z \odot z"),
        4,
    ),
    "a recurrent network, step by step": (
        RECURRENT,
        r"""For $t = 1,\dots,\tau$ and $s^{(0)} = 0$:
\begin{align}
a^{(t)} &= \beta + R s^{(t-1)} + Q x^{(t)} \\
s^{(t)} &= \tanh(a^{(t)}) \\
q^{(t)} &= \gamma + M s^{(t)}
\end{align}
\[ L = \frac12\sum_{t=1}^{\tau} \|q^{(t)} - y^{(t)}\|^2 \]
\[ \nabla_{q^{(t)}} L = q^{(t)} - y^{(t)} \]
\[ \nabla_M L = \sum_{t=1}^{\tau} (\nabla_{q^{(t)}} L)\, s^{(t)\top} \]
\[ \nabla_R L
  = \sum_{t=1}^{\tau} \operatorname{diag}\left(1 - (s^{(t)})^2\right) (\nabla_{s^{(t)}} L)\, s^{(t-1)\top} \]""",
        (r"s^{(t-1)\top}", r"s^{(t)\top}"),
        11,
    ),
    "layers with a number each, and one letter for all widths": (
        DEEP,
        r"""$$s^0_j = \tanh\left(r^0_j\right), \qquad r^0_j = \sum_k A_{jk} x_k + \alpha_j,$$
and for $l = 1,\dots,L$ $$s^l_j = \tanh\left(r^l_j\right), \qquad r^l_j = \sum_k B^l_{jk} s^{l-1}_k + \beta^l_j.$$
$$f = \sum_j q_j s^L_j + d, \qquad C = (t - f)^2$$
Let $\delta^l_j = \partial C/\partial r^l_j$. For $l = 1, \dots, L$
$$\frac{\partial C}{\partial B^l_{jk}} = \delta^l_j s^{l-1}_k$$""",
        (r"\delta^l_j s^{l-1}_k", r"\delta^l_j s^l_k"),
        5,
    ),
    "units that saturate": (
        PRODUCTS,
        r"""$a_i = 2\sum_{s=1}^r\left(\sum_{j=1}^n v_{js} x_{ij}\right)^2$, $\pi_i = \sigma(a_i)$,
where $\sigma$ is the logistic sigmoid. $$Q = -\sum_{i=1}^m [y_i\ln\pi_i + (1-y_i)\ln(1-\pi_i)], \qquad y_i\in\{0,1\}$$
$$\frac{\partial Q}{\partial a_i} = \pi_i - y_i$$
$$\frac{\partial Q}{\partial v_{js}} = 4\sum_{i=1}^m (\pi_i - y_i)\, x_{ij}\sum_{k=1}^n v_{ks}x_{ik}$$""",
        (r"= 4\sum", r"= 2\sum"),
        4,
    ),
    "a penalty whose weight has a letter": (
        RIDGE,
        r"""For $X \in \mathbb{R}^{n\times d}$ and $t \in \mathbb{R}^n$ let
$$F(\theta) = \|X\theta - t\|^2 + \gamma\|\theta\|^2.$$
$$\nabla F = 2 X^T (X\theta - t) + 2\gamma\theta$$""",
        (r"+ 2\gamma\theta", r"+ \gamma\theta"),
        3,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    network, text, (right, wrong), line = TEXTS[name]
    assert text.count(right) == 1
    marking = verify(network, text)
    assert marking.verdict == "correct", str(marking)
    slip = verify(network, text.replace(right, wrong))
    assert line_of_the_first_wrong(slip) == line, str(slip)


def line_of_the_first_wrong(marking: Marking) -> int | None:
    return next((line.position[0] for line in marking.lines if line.verdict == "refuted"), None)


def test_what_stands_for_what_is_said() -> None:
    network, text, _, _ = TEXTS["one object, entry by entry"]
    said = verify(network, text).read[-1].en
    assert "V_{ki} = w_h" in said
    assert "q_k = w_p" in said


def test_letters_may_stand_for_the_transposed_weights() -> None:
    text = r"""$H = \tanh(X M)$, $Z = H R$, $L = \frac12 \|Z - Y\|_F^2$ with $X \in \mathbb{R}^{n\times d}$,
$M \in \mathbb{R}^{d\times k}$ and $R \in \mathbb{R}^{k\times r}$.
$$\frac{\partial L}{\partial R} = H^T (Z - Y)$$
$$\frac{\partial L}{\partial M} = X^T \left( (Z - Y) R^T \odot (1 - H \odot H) \right)$$"""
    nodes = {name: {**node, "bias": False} for name, node in SEVERAL["nodes"].items()}
    marking = verify({**SEVERAL, "nodes": nodes}, text)
    assert marking.verdict == "correct", str(marking)
    assert "M = w_h^T" in marking.read[-1].en


@pytest.mark.parametrize(
    ("said", "derived", "verdict"),
    [
        (r"\frac12 (o - t)^2", "(o - t)", "correct"),
        (r"(o - t)^2", "2 (o - t)", "wrong"),  # the network halves it
        (r"\frac12 (o - t)^4", "2 (o - t)^3", "not understood"),  # some other loss
    ],
)
def test_a_loss_is_held_against_the_networks(said: str, derived: str, verdict: str) -> None:
    text = rf"""$$u_k = \sum_{{i}} V_{{ki}} s_i + c_k, \quad z_k = \tanh(u_k), \quad o = \sum_k q_k z_k + q_0$$
$$E = {said}$$
$$\frac{{\partial E}}{{\partial q_k}} = {derived} z_k$$"""
    marking = verify(TWO_LAYERS, text)
    assert marking.verdict == verdict, str(marking)
    if verdict == "wrong":
        assert line_of_the_first_wrong(marking) == 2
        assert "0.5 times" in str(marking)


def test_a_sum_where_the_network_takes_the_mean_is_wrong_by_the_number_of_objects() -> None:
    network, text, _, _ = TEXTS["logistic regression with x_0 = 1"]
    marking = verify(network, text.replace(r"\frac{1}{m}", ""))
    assert line_of_the_first_wrong(marking) == 2, str(marking)
    assert "1/N times" in str(marking)


@pytest.mark.parametrize(
    ("penalty", "verdict"),
    [("", "not understood"), (r" + \gamma\sum_k v_k^2", "correct"), (r" + \gamma", "not understood")],
)
def test_the_sum_of_the_losses_has_the_networks_penalty(penalty: str, verdict: str) -> None:
    slope = r" + 2\gamma v_k" if "sum" in penalty else ""
    text = rf"""$f_i = \sum_k v_k u_{{ik}}$ and $\ell_i = (f_i - t_i)^2$ for $u_i \in \mathbb{{R}}^d$.
$$J = \sum_{{i=1}}^n \ell_i{penalty}$$
$$\frac{{\partial J}}{{\partial v_k}} = \sum_{{i=1}}^n 2 (f_i - t_i) u_{{ik}}{slope}$$"""
    marking = verify(RIDGE, text)
    assert marking.verdict == verdict, str(marking)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "softplus"])
def test_what_holds_of_another_network_is_not_called_correct(activation: str) -> None:
    _, text, _, _ = TEXTS["one object, entry by entry"]
    nodes = {**TWO_LAYERS["nodes"], "h": {**TWO_LAYERS["nodes"]["h"], "activation": activation}}
    assert verify(Network.of({**TWO_LAYERS, "nodes": nodes}), text).verdict != "correct"
