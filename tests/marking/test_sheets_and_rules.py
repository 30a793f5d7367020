r"""Sheets of numbers, convolutions, rules about known functions, and what all stationary points have in common.

Each text is right; with one place changed it is wrong at the line that is named.
"""

from __future__ import annotations

import pytest

from marking.verdicts import assert_correct
from symbolic.marking import verify_text

TEXTS: dict[str, tuple[str, tuple[str, str], int]] = {
    "softmax of three equal scores": (
        r"""Softmax with $z_1 = 0$, $z_2 = 0$, $z_3 = 0$.
$$ p_k = \frac{e^{z_k}}{\sum_{j=1}^3 e^{z_j}} $$
$$ p_1 = p_2 = p_3 = \frac13 $$
$$ \frac{\partial p_1}{\partial z_2} = - p_1 p_2 = -\frac19 $$""",
        ("z_3 = 0", "z_3 = 1"),
        6,
    ),
    "a target given whole beside its entries": (
        r"""Scores $z_1 = 1$, $z_2 = 2$, $z_3 = 0$ and the target $y = (0, 0, 1)^T$. Recall
$$ p_k = \frac{e^{z_k}}{\sum_{j=1}^3 e^{z_j}}, \qquad L = -\sum_{k=1}^3 y_k \ln p_k . $$
We know that $\frac{\partial L}{\partial z_k} = p_k - y_k$, so
$$ \frac{\partial L}{\partial z_1} \approx 0.245, $$
$$ \frac{\partial L}{\partial z_3} \approx -0.910. $$""",
        ("-0.910", "0.090"),
        9,
    ),
    "three points, and a sum to 3": (
        r"""Let $x_1 = 1$, $x_2 = 2$, $x_3 = 3$, $t_1 = 2$, $t_2 = 4$, $t_3 = 7$ and $w = 2$.
$$ E = \frac12 \sum_{i=1}^3 (w x_i - t_i)^2 $$
$$ \frac{\partial E}{\partial w} = \sum_{i=1}^3 (w x_i - t_i) x_i = -3 $$""",
        ("x_i = -3", "= -3"),
        9,
    ),
    "a correlation": (
        r"""Ядро $v_1, \dots, v_m$: $s_i = \sum_{j=1}^{m} v_j u_{i+j-1}$. Функция потерь
$$ E = \sum_{i=1}^{n-m+1} s_i^2. $$
$$ \frac{\partial E}{\partial v_j} = 2 \sum_{i=1}^{n-m+1} s_i u_{i+j-1} $$""",
        (r"s_i u_{i+j-1} $$", r"s_i u_i $$"),
        3,
    ),
    "a convolution of images": (
        r"""A layer with a $k \times k$ kernel:
$$ Y_{ij} = \sum_{a=1}^k \sum_{b=1}^k W_{ab} X_{i+a-1, j+b-1} $$
$$ L = \frac12 \sum_{i=1}^{h-k+1} \sum_{j=1}^{w-k+1} (Y_{ij} - T_{ij})^2 $$
With $\delta_{ij} = \frac{\partial L}{\partial Y_{ij}} = Y_{ij} - T_{ij}$ we get
$$ \frac{\partial L}{\partial W_{ab}} = \sum_{i=1}^{h-k+1} \sum_{j=1}^{w-k+1} \delta_{ij} X_{i+a-1, j+b-1} $$""",
        (r"\delta_{ij} X_{i+a-1, j+b-1}", r"\delta_{ij} X_{i+a-1, j}"),
        5,
    ),
    "differences of neighbours": (
        r"""Given $y$, let
$$ F = \frac12 \sum_{i=1}^{n} (x_i - y_i)^2 + \lambda \sum_{i=1}^{n-1} (x_{i+1} - x_i)^2 $$
$$ \frac{\partial F}{\partial y_i} = y_i - x_i $$
$$ \frac{\partial F}{\partial \lambda} = \sum_{i=1}^{n-1} (x_{i+1} - x_i)^2 $$""",
        ("= y_i - x_i", "= x_i - y_i"),
        2,
    ),
    "a rule without arguments": (
        r"""As $\tanh' = 1 - \tanh^2$: let $h = \tanh(w x)$, then
$$ \frac{\partial h}{\partial w} = (1 - h^2) x $$""",
        (r"1 - \tanh^2", r"1 - \tanh"),
        1,
    ),
    "where two scales agree": (
        r"""Let
$$ D = \log\frac{\tau}{\rho} + \frac{\rho^2 + (a - c)^2}{2\tau^2} $$
$$ \frac{\partial D}{\partial c} = -\frac{a - c}{\tau^2} $$
$$ \frac{\partial D}{\partial a} = \frac{a - c}{\tau^2} $$
$$ \frac{\partial D}{\partial \tau} = \frac{1}{\tau} - \frac{\rho^2 + (a - c)^2}{\tau^3} $$
$$ \frac{\partial D}{\partial \rho} = -\frac{1}{\rho} + \frac{\rho}{\tau^2} $$
All of them vanish only for $a = c$ and $\rho = \tau$.""",
        (r"$\rho = \tau$", r"$\rho = 2\tau$"),
        7,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_right_text_is_correct(name: str) -> None:
    assert_correct(verify_text(TEXTS[name][0]))


@pytest.mark.parametrize("name", TEXTS)
def test_a_slip_is_found_at_its_line(name: str) -> None:
    text, (right, wrong), line = TEXTS[name]
    assert text.count(right) == 1
    assert verify_text(text.replace(right, wrong)).first_wrong == line


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (r"\sin' = \cos", "correct"),
        (r"\cos' = \sin", "wrong"),
        (r"\cos'(u) = -\sin(u)", "correct"),
        (r"\ln' = \frac{1}{\ln}", "wrong"),
        (r"\tanh'' = -2 \tanh (1 - \tanh^2)", "correct"),
    ],
)
def test_a_rule_about_a_known_function_holds_at_any_number_or_is_wrong(rule: str, verdict: str) -> None:
    assert verify_text(f"%! param w : R\n%! let L = w^2\nAs ${rule}$:\n$$ L'(w) = 2 w $$").verdict == verdict


def test_a_general_formula_is_not_excused_by_the_values_of_the_sheet() -> None:
    """Names alone speak of the sheet, p_1 = p_2 = 0.5; a formula says more, and x = 1 does not make x² of x."""
    header = "%! data x : R\n%! param w : R\n%! let z = w x\n%! let L = z^2\n$x = 1$, $w = 0.5$.\n"
    assert verify_text(header + r"$$ \frac{\partial L}{\partial w} = 2 z = 1.0 $$").verdict == "wrong"
    assert verify_text(header + r"$$ \frac{\partial L}{\partial w} = 2 z x = 1.0 $$").verdict == "correct"
    assert verify_text(header + r"$$ z = w = 0.5 $$").verdict == "correct"
