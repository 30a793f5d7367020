"""Inequalities behind a chain: said, looked at in numbers, and never in the way of the equalities before them."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text

RIDGE = r"""
%! sizes n
%! matrix A : R^{n x n}
%! vector c : R^n
%! param x : R^n
%! const \mu : positive
%! let f(x) = \frac12\|A x - c\|^2 + \frac{\mu}{2}\|x\|^2
"""


def marked(sheet: str) -> tuple[str, list[str]]:
    marking = verify_text(sheet, diagnose="none")
    return marking.verdict, [line.verdict for line in marking.lines]


@pytest.mark.parametrize("sign", [r"\ge 0", r"\geq 0", "> 0", r"\geqslant 0 = 0"])
def test_an_inequality_that_holds_leaves_a_chain_correct(sign: str) -> None:
    sheet = RIDGE + rf"For any $v \in \mathbb{{R}}^n$ \[ v^T \nabla^2 f\, v = \|A v\|^2 + \mu\|v\|^2 {sign} . \]"
    assert marked(sheet)[0] == "correct"


def test_an_inequality_the_wrong_way_round_is_refuted_at_its_own_place() -> None:
    sheet = RIDGE + r"For any $v \in \mathbb{R}^n$ \[ v^T \nabla^2 f\, v = \|A v\|^2 + \mu\|v\|^2 \le 0 . \]"
    assert marked(sheet) == ("wrong", ["proved", "refuted"])


def test_an_equality_before_an_inequality_is_judged_as_ever() -> None:
    sheet = RIDGE + r"For every $v \ne 0$ \[ v^T \nabla^2 f\, v = \|A v\|^2 + \mu\|v\| \ge 0 . \]"
    assert marked(sheet) == ("wrong", ["refuted", "given"])


def test_what_follows_an_inequality_is_judged_as_a_chain_of_its_own() -> None:
    sheet = "%! param a : R\n$$ a^2 + 1 > a^2 = a \\cdot a, \\qquad a^2 + 2 \\ge a^2 + 1 = (a + 1)^2 $$"
    assert marked(sheet)[0] == "wrong"


def test_an_order_of_matrices_is_not_marked_and_that_is_said() -> None:
    marking = verify_text(RIDGE + r"\[ \nabla^2 f = A^T A + \mu I \succ 0 \]", diagnose="none")
    assert marking.verdict == "correct"
    assert "not marked" in marking.lines[-1].note.en


def test_an_inequality_under_a_condition_is_not_refuted_by_points_that_break_it() -> None:
    sheet = r"Let $g(t) = t^2 - \ln t$ for $t > 0$. $$ g'(t) = 2t - \frac1t < 0 \quad (t < 1/\sqrt 2) $$"
    assert marked(sheet)[0] == "correct"


def test_an_unsaid_sign_of_a_constant_makes_no_inequality_wrong() -> None:
    sheet = r"Let $q(w) = \frac{\kappa}{2} w^2$. $$ q'(w) = \kappa w, \qquad q''(w) = \kappa \ge 0 $$"
    assert marked(sheet)[0] == "correct"


def test_a_sheet_of_nothing_but_an_inequality_is_not_called_correct() -> None:
    assert marked("%! data a, b : R\n$$ a > b $$")[0] == "not understood"


def test_angle_brackets_are_no_inequalities() -> None:
    sheet = "%! sizes n\n%! data u : R^n\n%! param w : R^n\n$$ \\nabla_w <w, u> = u $$"
    assert all(line != "given" for line in marked(sheet)[1])


@pytest.mark.parametrize(
    ("words", "read"), [(r"for every $u \ne 0$", True), (r"при любом $u$", True), ("as above", False)]
)
def test_a_letter_is_any_vector_where_the_words_say_so(words: str, read: bool) -> None:
    sheet = RIDGE + rf"It is convex: {words} \[ u^T (A^T A) u = (A u)^T (A u) \ge 0 . \]"
    assert (marked(sheet)[0] == "correct") is read


def test_a_letter_that_a_line_defines_is_not_any_vector() -> None:
    sheet = RIDGE + r"For every $x$ let \[ e = A x - c \] \[ \nabla f = A^T e + \mu x \]"
    assert marked(sheet)[1] == ["given", "proved"]
