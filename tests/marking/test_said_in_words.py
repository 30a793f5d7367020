# ruff: noqa: E501 (formulas stand as people write them)
"""What sentences around the formulas say: a bracket that is named, a piece that is assumed, values that are put in."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text


def verdicts(sheet: str) -> list[str]:
    lines = verify_text(sheet, diagnose="none").lines
    return ["holds" if line.verdict in ("proved", "agrees") else line.verdict for line in lines]


FACTORS = r"""
Ratings $R_{uv}$ are given for $u = 1, \dots, U$, $v = 1, \dots, V$, with weights $g(u, v)$, written $g_{uv}$:
$$ E = \frac12\sum_{u=1}^U\sum_{v=1}^V g_{uv}\left(\sum_{f=1}^F p_{uf} q_{vf} + c_u - R_{uv}\right)^2 $$
%s
$$ \frac{\partial E}{\partial p_{uf}} = \sum_{v=1}^V g_{uv} r_{uv} q_{vf}, \qquad \frac{\partial E}{\partial c_u} = %s $$
"""


@pytest.mark.parametrize(
    "words",
    [
        "Denote the bracket by $r_{uv}$.",
        "We write $r_{uv}$ for the expression in brackets.",
        "Обозначим скобку через $r_{uv}$.",
    ],
)
def test_a_bracket_that_a_sentence_names_is_known_by_that_name(words: str) -> None:
    assert verdicts(FACTORS % (words, r"\sum_{v=1}^V g_{uv} r_{uv}"))[-2:] == ["holds", "holds"]
    assert verdicts(FACTORS % (words, r"\sum_{u=1}^U g_{uv} r_{uv}"))[-1] == "refuted"


def test_of_two_brackets_none_is_named() -> None:
    sheet = (
        r"$$ E = (a - y)^2 (b - y)^2 $$ Denote the bracket by $r$. $$ \frac{\partial E}{\partial a} = 2 r (b - y)^2 $$"
    )
    assert "holds" not in verdicts(sheet)


HINGE = r"""
%! sizes d n
%! index i = 1..n sample
%! data x_i : R^d
%! data y_i : sign
%! param w : R^d
%! let \ell_i = \max(0, 1 - y_i w^T x_i)
"""


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (r"If the margin is violated, $$ \ell_i = 1 - y_i w^T x_i $$ $$ \frac{\partial \ell_i}{\partial w} = %s $$", "given"),
        (r"$$ \ell_i = 1 - y_i w^T x_i $$ $$ \frac{\partial \ell_i}{\partial w} = %s $$", "refuted"),
        (r"If the margin is violated, $$ \ell_i = 1 + y_i w^T x_i $$ $$ \frac{\partial \ell_i}{\partial w} = %s $$", "refuted"),
    ],
)  # fmt: skip
def test_a_maximum_is_restated_on_one_piece_only_in_words_of_assumption(sheet: str, expected: str) -> None:
    assert verdicts(HINGE + sheet % "-y_i x_i")[0] == expected
    assert verdicts(HINGE + sheet % "-y_i x_i")[1] == ("holds" if expected == "given" else "refuted")
    assert verdicts(HINGE + sheet % "y_i x_i")[1] == "refuted"


def test_a_definition_beside_a_condition_on_its_constants_is_a_definition() -> None:
    sheet = (
        r"Let $u, v \in \mathbb{R}^d$ be given, $m > 0$ the margin, and $$ L = \max(0, \|u - v\|^2 - m) $$ "
        r"Suppose it is positive, so $L = \|u - v\|^2 - m$. With $u = W a$: $$ \frac{\partial L}{\partial u} = %s $$"
    )
    assert verdicts(sheet % "2(u - v)") == ["given", "given", "given", "holds"]
    assert verdicts(sheet % "2(v - u)")[-1] == "refuted"


CLASSES = r"""
%! index k, j = 1..3
%! param s_k : R
%! data t_k : R
%! param c : R
%! data y : R
Let $q_k = \frac{e^{s_k}}{\sum_{j=1}^{3} e^{s_j}}$, $L = -\sum_{k=1}^{3} t_k \ln q_k$, $M = \frac12 (c - y)^2$.
Let $s = (1, 0, 2)^T$, $t = (0, 0, 1)^T$, $y = 2$, $c = 3$. Then
"""


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"L = -\ln q_3", "correct"),
        (r"L = -\ln q_2", "wrong"),
        (r"\frac{\partial M}{\partial c} = c - 2 = 1", "correct"),
        (r"\frac{\partial M}{\partial c} = c - 3 = 0", "wrong"),
        (r"\frac{\partial L}{\partial s_3} = q_3 - 1", "correct"),
        (r"\frac{\partial L}{\partial s_1} = q_1 - 1", "wrong"),
    ],
)
def test_values_of_the_sheet_may_be_put_into_a_formula(line: str, verdict: str) -> None:
    assert verify_text(CLASSES + f"$$ {line} $$", diagnose="none").verdict == verdict


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("∂²f/∂u∂v = (1 + u v) e^{u v}", True),
        ("∂²f/(∂u ∂v) = (1 + u v) e^{u v}", True),
        ("∂²f/∂u∂v = u v e^{u v}", False),
        ("∂²f/∂x∂xᵀ = (A + Aᵀ)/2", True),
        ("∂²f/∂x∂xᵀ = A", False),
        ("d^2 f/du dv = (1 + u v) e^{u v}", True),
    ],
)
def test_second_derivatives_on_one_line_are_by_two_variables(line: str, holds: bool) -> None:
    header = "%! sizes n\n%! matrix A : R^{n x n}\n%! param x : R^n\n%! param u, v : R\n%! let f = \\frac12 x^T A x + e^{u v}\n"
    assert verdicts(header + f"$$ {line} $$") == ["holds" if holds else "refuted"]
