"""Where a mark stands in the text, verdicts before diagnoses, lines that are no step, and blanks of our own sheets."""

from __future__ import annotations

from typing import Any

import pytest

from symbolic.errors import SpecError
from symbolic.marking import verify

RIGHT = r"\sum_{i=1}^N -2(y_i - p_i) p_i (1 - p_i) x_i"
GOAL = r"\frac{\partial Q}{\partial w}"


def marked(*lines: str, **options: Any):
    text = "a few words\n\\[ " + GOAL + "".join(f"\n = {line}" for line in lines) + " \\]"
    return text, verify("one_neuron", text, **options)


def slip(line: str) -> str:
    """What is underlined in a wrong line."""
    text, marking = marked(line)
    diagnosis = marking.lines[0].diagnosis
    assert diagnosis is not None
    return text[slice(*diagnosis.span)].strip()


@pytest.mark.parametrize(
    ("line", "underlined"),
    [
        (r"\sum_{i=1}^N 2(y_i - p_i) p_i (1 - p_i) x_i", "2"),
        (r"\sum_{i=1}^N -(y_i - p_i) p_i (1 - p_i) x_i", "y_i - p_i"),
        (r"\sum_{i=1}^N -2(y_i - p_i) p_i (1 + p_i) x_i", "p_i"),
        (r"\sum_{i=1}^N -2(p_i - p_i) p_i (1 - p_i) x_i", "p_i"),
        (r"\sum_{i=1}^N -2(y_i + p_i) p_i (1 - p_i) x_i", "p_i"),
    ],
)
def test_the_smallest_piece_that_the_repair_changes_is_underlined(line, underlined):
    assert underlined in slip(line)
    assert len(slip(line)) < len(line) / 2


def test_a_line_stands_where_its_span_says():
    text, marking = marked(RIGHT, RIGHT.replace("-2", "2"), r"\foo{x}")
    for line in marking.lines:
        assert text[slice(*line.span)] == line.latex
    assert text[slice(*marking.lines[2].unread)] == r"\foo"


def test_a_line_shows_how_it_was_read():
    _, marking = marked(RIGHT, r"\foo{x}")
    assert r"p_i \cdot (1 - p_i)" in marking.lines[0].reading
    assert marking.lines[1].reading == ""


def test_verdicts_without_diagnoses_are_the_same():
    lines = (RIGHT, RIGHT.replace("-2", "2"), RIGHT.replace("1 - p_i", "1 + p_i"))
    (_, none), (_, first), (_, every) = (marked(*lines, diagnose=d) for d in ("none", "first", "all"))
    assert [x.verdict for x in none.lines] == [x.verdict for x in first.lines] == [x.verdict for x in every.lines]
    assert [x.diagnosis is not None for x in none.lines] == [False, False, False]
    assert [x.diagnosis is not None for x in first.lines] == [False, True, False]
    assert [x.diagnosis is not None for x in every.lines] == [False, True, True]
    assert [x.rule.en for x in none.lines if x.holds] == [x.rule.en for x in every.lines if x.holds]


def test_another_way_to_diagnose_is_refused():
    with pytest.raises(SpecError, match="none, first, all"):
        marked(RIGHT, diagnose="some")


def test_a_line_that_says_what_stands_above_it_is_no_step():
    _, marking = marked(RIGHT, RIGHT.replace("(y_i - p_i)", "(y_i-p_i)"), GOAL)
    assert marking.verdict == "correct"
    assert [line.unchanged for line in marking.lines] == [False, True, True]
    assert "unchanged" not in marking.lines[0].to_dict()
    assert marking.lines[1].to_dict()["unchanged"] is True


def test_blanks_of_our_own_sheets_are_read():
    _, marking = marked(r"\blank{7}", RIGHT)
    assert [line.verdict for line in marking.lines] == ["given", "proved"]
