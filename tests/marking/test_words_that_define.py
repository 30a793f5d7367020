"""Names that a sentence gives a meaning: the softmax of z, the second term, a number of a set, X in backticks."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "the softmax of scores": (
        r"""Scores $z = Vx + c$ with $x\in\mathbb R^d$; then $q$ is the softmax of $z$, and the target $t$ is one-hot.
$$\ell = -\sum_k t_k\log q_k$$
$$\frac{\partial\ell}{\partial z} = q - t, \qquad \frac{\partial\ell}{\partial V} = (q - t)x^\top$$""",
        (r"(q - t)x^\top", r"(q + t)x^\top"),
        5,
    ),
    "rows of a matrix in backticks": (
        r"""`A` is the $m\times p$ matrix of inputs and `T` is the $m\times r$ one-hot matrix of targets.
With $U = A\Theta$ the matrix $Q$ is the row-wise softmax of $U$.
$$E = -\sum_{n=1}^m\sum_{k=1}^r T_{nk}\log Q_{nk}$$
$$\frac{\partial E}{\partial U} = Q - T, \qquad \frac{\partial E}{\partial\Theta} = A^T(Q - T)$$""",
        (r"\partial U} = Q - T", r"\partial U} = T - Q"),
        4,
    ),
    "the sigmoid of a sum, in Russian": (
        r"""Пусть $u = w^\top x + b$, где $x\in\mathbb R^n$, и $s$ — сигмоида от $u$. Потеря $L = \frac12(s - y)^2$.
$$\frac{\partial L}{\partial w} = (s - y)\,s(1 - s)\,x$$""",
        (r"s(1 - s)\,x", r"(1 - s)\,x"),
        4,
    ),
    "the second term has a name": (
        r"""$$F = \|y - Bu\|^2 + \lambda\sum_{k=1}^m e^{u_k}$$
with $B\in\mathbb R^{n\times m}$. Denote the second term by $P$ and the first term by $D$. Then
$$\frac{\partial P}{\partial u_k} = \lambda e^{u_k}, \qquad \nabla_u D = -2B^\top(y - Bu).$$""",
        (r"= \lambda e^{u_k}", r"= \lambda u_k e^{u_k}"),
        4,
    ),
    "a regulariser that is the last term": (
        r"""$$J(\beta) = \sum_{i=1}^n (y_i - \beta^\top x_i)^2 - \alpha\log b + \frac{\mu}{2}\|\beta\|^2,$$
where $\Omega$ is the last term. Hence
$$\nabla_\beta\Omega = \mu\beta$$
$$\nabla_\beta J = -2\sum_{i=1}^n (y_i - \beta^\top x_i)x_i + \mu\beta$$""",
        (r"\Omega = \mu\beta", r"\Omega = 2\mu\beta"),
        3,
    ),
    "a number of a set": (
        r"""Take $u_a = v^\top x_a$, $u_b = v^\top x_b$, a label $R\in\{-1,0,1\}$ and a constant $M\in(0,1)$.
$$Q = \frac12(u_a - u_b - R)^2 + M u_a$$
$$\frac{\partial Q}{\partial v} = (u_a - u_b - R)(x_a - x_b) + M x_a$$""",
        (r"(x_a - x_b) + M", r"(x_a + x_b) + M"),
        4,
    ),
    "a function before thin spaces and brackets of a size": (
        r"""With $m_i = a^\top x_i$ and a scale $\kappa>0$, writing $\sigma$ for the logistic function, we minimise
$$G(a) = \kappa\sum_{i=1}^n \log\left(1 + e^{m_i/\kappa}\right).$$
$$\nabla G(a) = \sum_{i=1}^n \sigma\!\left(\frac{m_i}{\kappa}\right)x_i$$
$$\nabla^2 G(a) = \frac1\kappa\sum_{i=1}^n \sigma\!\left(\frac{m_i}{\kappa}\right)
\Bigl(1 - \sigma\,\Bigl(\frac{m_i}{\kappa}\Bigr)\Bigr)x_i x_i^\top$$""",
        (r"\frac1\kappa\sum_{i=1}^n \sigma\!", r"\sum_{i=1}^n \sigma\!"),
        4,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])
