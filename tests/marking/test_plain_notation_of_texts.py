"""Plain text with words for names, and probabilities of a class given something."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "an accent that is written out, with stars between numbers": (
        """Let y_hat = w_1 * x_1 + w_2 * x_2 + b and the loss L = 1/2 (y_hat - y)^2.

dL/dy_hat = y_hat - y
dL/dw_1 = (y_hat - y) * x_1""",
        ("(y_hat - y) * x_1", "(y - y_hat) * x_1"),
        4,
    ),
    "words for names, and a dot between vectors": (
        """Network: h = tanh(W_in x + b_in), yhat = v . h, where x is in R^d, h is in R^m.
Loss: L = (yhat - y_true)^2

dL/dyhat = 2 (yhat - y_true)
dL/dv = 2 (yhat - y_true) h""",
        ("= 2 (yhat - y_true) h", "= 2 (yhat - y_true) v"),
        5,
    ),
    "numbers alone, whose products are all written with a star": (
        """z = w*x + b
pred = sigmoid(z)
loss = (pred - y)^2

dpred/dz = pred*(1 - pred)
dloss/dw = 2*(pred - y)*pred*(1 - pred)*x""",
        ("pred*(1 - pred)*x", "pred*x"),
        5,
    ),
    "the probability of a class given an object": (
        r"""$$p(y=k\mid x)=\frac{\exp(w_k^\top x)}{\sum_{j=1}^K\exp(w_j^\top x)}$$
We minimise $\ell(W)=-\sum_{i=1}^N\log p(y_i\mid x_i)$.
$$\log p(y_i\mid x_i)=w_{y_i}^\top x_i-\log\sum_j\exp(w_j^\top x_i)$$
$$\nabla_{w_k}\ell=-\sum_{i=1}^N\left(\mathbb 1[y_i=k]-p(y=k\mid x_i)\right)x_i$$""",
        (r"\nabla_{w_k}\ell=-", r"\nabla_{w_k}\ell="),
        4,
    ),
    "a policy with a row of weights for each action": (
        r"""Softmax policy $\pi_\theta(a\mid s)=\frac{e^{\theta_a^\top s}}{\sum_b e^{\theta_b^\top s}}$.
$$\log\pi_\theta(a\mid s)=\theta_a^\top s-\log\sum_b e^{\theta_b^\top s}$$
$$\frac{\partial\log\pi_\theta(a\mid s)}{\partial\theta_k}=\left([a=k]-\pi_\theta(k\mid s)\right)s$$""",
        (r"[a=k]-\pi", r"[a=k]+\pi"),
        3,
    ),
    "a class below a function of the object": (
        r"""$$p_k(x)=\frac{\exp(w_k^\top x)}{\sum_{j=1}^K\exp(w_j^\top x)}, \qquad \ell=-\sum_{i=1}^N\log p_{y_i}(x_i)$$
$$\log p_{y_i}(x_i)=w_{y_i}^\top x_i-\log\sum_j\exp(w_j^\top x_i)$$
$$\nabla_{w_k}\ell=-\sum_{i=1}^N\left(\mathbb 1[y_i=k]-p_k(x_i)\right)x_i$$""",
        (r"w_{y_i}^\top x_i-\log", r"w_{y_i}^\top x_i+\log"),
        3,
    ),
}


@pytest.mark.parametrize("name", [*TEXTS])
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
