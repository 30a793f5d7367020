"""Functions said piece by piece, constants that are positive, letters of one function, formulas in plain sentences."""

from __future__ import annotations

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking.model.said_of_values import said_positive

#: A right text, a slip, and the line of the slip.
TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "two pieces in plain text, and the letter of a function beside what it is taken of": (
        """Dear Anna,

here is the thing about the squared hinge. The margin of sample n is m_n = t_n (vᵀz_n + c), and we sum up
E = Σ_n G(m_n), n = 1..N, where κ > 0 is a constant and

    G(m) = κ (1 − m)²      if m ≤ 1
    G(m) = 0 m             if m > 1

Differentiating,

    G'(m) = −2 κ max(0, 1 − m)

The chain rule with ∂m_n/∂v = t_n z_n gives

    ∂E/∂v = Σ_n G'(m_n) t_n z_n

Yours, P.""",
        ("∂E/∂v = Σ_n", "∂E/∂v = −Σ_n"),
        6,
    ),
    "pieces in a sentence, the last one otherwise": (
        r"""For a residual $e$ put $\rho(e) = \frac12e^2$ if $|e|\le c$ and $\rho(e) = c|e| - \frac12c^2$ otherwise.
$$\rho'(e) = \max(-c,\min(c,e))$$
With $e_i = y_i - \theta^\top z_i$ and $J = \sum_{i=1}^n\rho(e_i)$ we get
$$\nabla_\theta J = -\sum_{i=1}^n\rho'(e_i)z_i$$""",
        (r"\max(-c,\min(c,e))", r"\max(0,\min(c,e))"),
        2,
    ),
    "three rows with conditions, in Russian": (
        r"""Пусть $a>0$ — константа. Тогда
$$f(s) = s \quad\text{если } s > 0,$$
$$f(s) = a(e^s - 1)\quad\text{иначе.}$$
Для $s_j = q_j r$ и $U = \sum_{j=1}^m f(s_j)$ имеем
$$\frac{\partial U}{\partial r} = \sum_{j=1}^m f'(s_j)q_j$$
$$f'(s) = \begin{cases} 1 & s > 0\\ ae^s & s < 0\end{cases}$$""",
        (r"ae^s & s", r"e^s & s"),
        5,
    ),
    "a function of a letter that also is numbered": (
        r"""$u_k = a_k^\top p - g_k$ and $R = \sum_k \psi(u_k)$ with
$$\psi(u) = \log(1 + u^2)$$
$$\psi'(u) = \frac{2u}{1 + u^2}, \qquad \frac{\partial R}{\partial p} = \sum_k\psi'(u_k)a_k$$""",
        (r"\frac{2u}{1", r"\frac{u}{1"),
        4,
    ),
    "a positive scale": (
        r"""Let $\beta > 0$ be fixed and $\phi(v) = \sqrt{v^2\beta^2 + \beta^2}$. Then
$$\phi(v) = \beta\sqrt{v^2 + 1}$$
$$\phi'(v) = \frac{\beta v}{\sqrt{v^2 + 1}}$$""",
        (r"\frac{\beta v}{", r"\frac{\beta}{"),
        3,
    ),
    "a formula among the words of a line": (
        """As everybody in our group should know by now, the model says that p = w x + b, and the loss is E = (p - t)^2.

dE/dw = 2 (p - t) x
dE/db = 2 (p - t)

Good luck, Tim""",
        ("dE/dw = 2 (p - t) x", "dE/dw = 2 (p - t) w"),
        3,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_right_text_is_called_correct_and_its_slip_is_refuted_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (r"where $a>0$ is a scale and $b > 0$", ["a", "b"]),
        (r"The ramp has slope 1 if $a>0$, and when $b > 0$ another", []),
        (r"for $a>0$, and $0$ for $a<0$", []),
        (r"$r$ if $|r| \le c$, and $c > 0$ else", ["c"]),
    ],
)
def test_a_case_says_nothing_of_a_constant(text: str, names: list[str]) -> None:
    assert said_positive(text) == names
