"""Worked examples: what a sheet sets, and numbers marked to the digits they show."""

from __future__ import annotations

import re

import numpy as np
import pytest

from marking.corpus import Case
from marking.corpus_worked import LINE, LOGISTIC, WORKED
from marking.verdicts import assert_correct
from symbolic.marking import verify_text

SLIPS = [
    (case.name, k, source, re.findall(r"\[\[.*?\|\|(.*?)\|\|", case.body)[k])
    for case in WORKED
    for k, (source, _, _) in enumerate(case.wrongs())
]


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case.name)
def test_a_right_sheet_of_numbers_is_correct(case: Case) -> None:
    assert_correct(verify_text(case.right()))


@pytest.mark.parametrize(("name", "k", "source", "wrong"), SLIPS, ids=[f"{s[0]}-{s[1]}" for s in SLIPS])
def test_a_wrong_digit_is_refuted_at_its_line(name: str, k: int, source: str, wrong: str) -> None:
    marking = verify_text(source)
    assert marking.verdict == "wrong"
    assert marking.first_wrong is not None
    line = marking.lines[marking.first_wrong - 1]
    assert wrong in line.latex
    assert line.diagnosis is not None
    assert line.diagnosis.kind == "number"


def s(u: float) -> float:
    return float(1 / (1 + np.exp(-u)))


h1, h2 = s(0.15 * 0.05 + 0.2 * 0.1 + 0.35), s(0.25 * 0.05 + 0.3 * 0.1 + 0.35)
o1, o2 = s(0.4 * h1 + 0.45 * h2 + 0.6), s(0.5 * h1 + 0.55 * h2 + 0.6)
step = (o1 - 0.01) * o1 * (1 - o1) * h1
x, W, v = np.array([1.0, 2.0]), np.array([[0.1, 0.2], [-0.3, 0.4]]), np.array([0.6, -0.5])
h = np.tanh(W @ x)
p = s(-0.1)

#: (case, slip): the number, as it is and as the slip has it, and its digits.
LABELS = {
    ("two_two_two_with_rate_one_half", 0): (0.15 * 0.05 + 0.2 * 0.1 + 0.35, 0.3775, 0.3875, 4),
    ("two_two_two_with_rate_one_half", 1): (o1, 0.75136507, 0.75136570, 8),
    ("two_two_two_with_rate_one_half", 2): (step, 0.082167041, 0.082167141, 9),
    ("one_step_on_a_line", 0): (0.7 * 1.5 - 0.2, 0.85, 0.95, 2),
    ("one_step_on_a_line", 1): (2 * (0.85 - 2.3) * 1.5, -4.35, 4.35, 2),
    ("matrices_of_numbers", 0): (h[1], 0.462, 0.463, 3),
    ("matrices_of_numbers", 1): ((v @ h - 0.5) * h[0], -0.2097, -0.2079, 4),
    ("logistic_by_hand", 0): (p, 0.475, 0.525, 3),
    ("logistic_by_hand", 1): ((p - 1) * -1, 0.525, 0.535, 3),
}


@pytest.mark.parametrize("key", LABELS, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_right_number_is_the_rounded_one_and_the_wrong_one_is_not(key: tuple[str, int]) -> None:
    found, right, wrong, digits = LABELS[key]
    assert round(float(found), digits) == right
    assert round(float(found), digits) != wrong
    assert key in {(name, k) for name, k, *_ in SLIPS}


VALUES = r"$$ x = 1.5, \quad y = 2.3, \quad a = 0.7, \quad c = -0.2 $$ "


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        (r"Q = 2.1025", True),
        (r"Q = 2.103", True),  # rounded up
        (r"Q = 2.102", True),  # and a tie may go down
        (r"Q = 2.10", True),
        (r"Q = 2.104", False),
        (r"Q = 2.11", False),
        (r"Q \approx 2.1", True),
        (r"Q \approx 2.2", False),
        (r"e^2 = (-1.45)^2", True),
        (r"\frac{\partial Q}{\partial a} = 2 \cdot (-1.45) \cdot 1.5 = -4.35", True),
        (r"\frac{\partial Q}{\partial a} = 2 \cdot (-1.45) = -2.9", False),
    ],
)
def test_a_number_is_right_to_the_digits_it_shows(line: str, holds: bool) -> None:
    assert verify_text(f"{LINE}{VALUES}$${line.replace('e^2', 'Q')}$$").verdict == ("correct" if holds else "wrong")


def test_values_do_not_make_a_wrong_formula_right() -> None:
    sheet = LINE + r"$$ x = 1,\ y = 3,\ a = 2,\ c = 1 $$ $$ \frac{\partial Q}{\partial c} = 2 e x $$"
    assert verify_text(sheet).verdict == "wrong"


def test_a_person_may_go_on_with_rounded_numbers_or_with_exact_ones() -> None:
    values = r"$$ x_1 = 2,\quad x_2 = -1,\quad w_1 = 0.3,\quad w_2 = 0.8,\quad b = 0.1 $$"
    chain = r"$$ p = \frac{1}{1 + e^{-s}} = \frac{1}{1 + e^{0.1}} = %s $$ $$ p (1 - p) = 0.48 \cdot 0.52 = %s $$"
    assert verify_text(LOGISTIC + values + chain % ("0.48", "0.2496")).verdict == "correct"
    assert verify_text(LOGISTIC + values + chain % ("0.48", "0.2494")).verdict == "correct"
    assert verify_text(LOGISTIC + values + chain % ("0.48", "0.2486")).verdict == "wrong"


ROUNDED_ON_THE_WAY = r"""
$x_1 = 1$, $x_2 = -2$, $t = 0.5$, $w_{11} = 0.1$, $w_{12} = 0.2$, $w_{21} = -0.3$, $w_{22} = 0.4$,
$v_1 = 0.5$, $v_2 = -0.6$.
$$a_1 = w_{11}x_1 + w_{12}x_2 = -0.3, \quad a_2 = w_{21}x_1 + w_{22}x_2 = -1.1$$
$$h_1 = \sigma(a_1) = 0.4256, \quad h_2 = \sigma(a_2) = 0.2497$$
$$y = v_1h_1 + v_2h_2 = 0.0630$$
$$E = \frac12(y-t)^2, \quad \frac{\partial E}{\partial v_1} = (y-t)h_1 = -0.1860$$
"""  # by the rounded numbers y is 0.06298, by the exact ones 0.06293


def test_a_sheet_may_go_on_with_the_numbers_it_has_rounded() -> None:
    assert verify_text(ROUNDED_ON_THE_WAY).verdict == "correct"
    wrong = verify_text(ROUNDED_ON_THE_WAY.replace("= 0.0630", "= 0.0640"))
    assert wrong.verdict == "wrong"
    assert wrong.lines[(wrong.first_wrong or 0) - 1].latex == "0.0640"
