# ruff: noqa: E501 (formulas stand as people write them)
"""Notations that can be read in more than one way: no right line is called wrong, none that is wrong is passed."""

from __future__ import annotations

import pytest

from marking.corpus import Case
from marking.corpus_readings import LAYER, LEAST, LINE, QUADRATIC, READINGS, RESIDUAL, SQUARED
from marking.verdicts import assert_correct
from symbolic.marking import verify_text
from symbolic.marking.ambiguities import AMBIGUITIES, BY_NAME, in_words
from symbolic.marking.meaning.sides import FITTING

SLIPS = [(case.name, k, *wrong) for case in READINGS for k, wrong in enumerate(case.wrongs())]


@pytest.mark.parametrize("case", READINGS, ids=lambda case: case.name)
def test_a_right_derivation_is_correct_in_its_own_notation(case: Case) -> None:
    assert_correct(verify_text(case.right()))


@pytest.mark.parametrize(
    ("name", "k", "source", "kind", "number"), SLIPS, ids=[f"{slip[0]}-{slip[1]}" for slip in SLIPS]
)
def test_a_slip_is_refuted_at_its_line(name: str, k: int, source: str, kind: str, number: int) -> None:
    marking = verify_text(source)
    assert (marking.verdict, marking.first_wrong) == ("wrong", number)


def read(header: str, body: str) -> list[str]:
    return verify_text(header + body).to_dict().get("read", [])


def test_the_reading_that_was_taken_is_said() -> None:
    rows = r"$$ \frac{\partial E}{\partial a} = (a-t)^T $$"
    assert read(LAYER, rows) == ["gradients as rows"]
    assert "gradients as rows" in str(verify_text(LAYER + rows))
    assert "градиенты — строки" in verify_text(LAYER + rows).to_dict("ru")["read"]
    assert read(SQUARED, r"$$ \nabla L = 2X^T(Xw - y) $$") == [BY_NAME["squared"].said.en]
    assert read(LEAST, r"$$ \nabla L = 2X^T(Xw - y) $$") == []


def test_two_lines_that_need_opposite_layouts_contradict_each_other() -> None:
    column, row = (
        r"$$ \frac{\partial E}{\partial a} = a - t $$",
        r"$$ \frac{\partial E}{\partial z} = ((a-t) \odot f'(z))^T $$",
    )
    assert verify_text(LAYER + column).verdict == verify_text(LAYER + row).verdict == "correct"
    assert verify_text(LAYER + column + row).first_wrong == 2


def test_a_line_that_is_true_only_in_a_reading_nobody_means_is_wrong_and_that_is_said() -> None:
    line = verify_text(QUADRATIC + r"$$ \frac{\partial}{\partial v} v^T S v = S v $$").lines[0]
    assert line.verdict == "refuted"
    assert line.diagnosis is not None
    assert "true only if" in line.diagnosis.sentence.en
    assert line.diagnosis.kind == "missing_term"


def test_a_sheet_of_definitions_is_not_called_correct() -> None:
    marking = verify_text(LINE + r"Let $r = z - y$ be the residual and $$ s = r^2 $$")
    assert marking.verdict == "not understood"
    assert any("definitions" in note.en for note in marking.notes)


def test_what_was_passed_over_is_named() -> None:
    sheet = (
        RESIDUAL
        + "```python\ng = 2*(w@x - y)*x\n```\n"
        + "$$ \\nabla L = r x $$\nso \\frac{\\partial L}{\\partial r} = 7 r\n"
    )
    marking = verify_text(sheet)
    said = marking.to_dict()["passed_over"]
    assert len(said) == 2
    assert said[0].startswith("lines 8-10")
    assert "7 r" in said[1]
    assert "7 r" in str(marking)


def test_an_assumption_that_is_not_made_makes_nothing_true() -> None:
    assert verify_text(QUADRATIC + r"$$ \nabla f = 2 S v + c $$").verdict == "wrong"
    assumed = verify_text(QUADRATIC + r"$$ \nabla f = 2 S v + c $$ where $S$ is symmetric.")
    assert assumed.verdict == "correct"
    assert any("symmetric" in note.en for note in assumed.notes)


def test_zero_is_a_slip_where_nobody_sets_it() -> None:
    assert verify_text(LINE + r"$$ \frac{dL}{db} = 0 $$").verdict == "wrong"
    assert verify_text(LINE + r"$$ \frac{dL}{db} = 2(z - y) = 0 $$").verdict == "correct"


def test_every_reading_has_an_entry_and_words() -> None:
    names = [a.name for a in AMBIGUITIES]
    assert len(set(names)) == len(names)
    assert set(FITTING) <= set(names)
    assert len(in_words(names)) == len(names)
    for entry in AMBIGUITIES:
        assert all((entry.written, entry.usual, entry.other, entry.who, entry.said.en, entry.said.ru))


GUESSED = [
    (r"The loss is $L(w) = (w^T x - y)^2$ with $x, w \in \mathbb{R}^d$. $$ \nabla_w L = 2(w^T x - y) [[x]] $$", "w"),
    (r"Given $z = w x + b$, $p = \sigma(z)$, $L = (p - y)^2$: $$ \frac{\partial L}{\partial w} = 2 (p - y) p (1-p) [[x]] $$", "b"),
    (r"\[ f(w) = \frac{1}{2}\sum_{i=1}^{N} (w^T x_i - y_i)^2 \] \[ \nabla f(w) = \sum_{i=1}^{N} [[(w^T x_i - y_i)]] x_i \]", "(w^T x_i + y_i)"),
    (r"\[ J(W, b) = \frac12 \|W x + b - t\|^2 \] \[ \frac{\partial J}{\partial b} = [[W x + b - t]] \]", "t - Wx - b"),
    (r"$$ z = W x + b, \quad h = \tanh(z), \quad E = \frac12 \|h - t\|^2 $$ $$ \frac{\partial E}{\partial W} = (h - t) \odot (1 - [[h^2]]) x^T $$", "h"),
    (r"$$ f(v) = v^T A v + b^T v $$ $$ \nabla f = [[(A + A^T)]] v + b $$", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "slip"), GUESSED, ids=[str(k) for k in range(len(GUESSED))])
def test_a_text_without_a_header_is_marked_under_a_guessed_one_that_is_shown(text: str, slip: str) -> None:
    before, _, rest = text.partition("[[")
    right, _, after = rest.partition("]]")
    marking = verify_text(before + right + after)
    assert marking.verdict == "correct", [(line.latex, str(line.note)) for line in marking.lines]
    assert marking.guessed
    assert "%! " + marking.guessed[0] in str(marking)
    assert marking.to_dict()["header"][0].startswith("%! ")
    assert verify_text(before + slip + after).verdict == "wrong"
    header = "\n".join(f"%! {line}" for line in marking.guessed)
    assert verify_text(f"{header}\n{before + right + after}").verdict == "correct"
