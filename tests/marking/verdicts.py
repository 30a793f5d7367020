"""What is asked of every marking in the same words: that all is right, or that one slip is found and named."""

from __future__ import annotations

from symbolic.marking import Marking


def assert_correct(marking: Marking) -> None:
    refused = [(line.number, line.latex, str(line.note)) for line in marking.lines if not line.holds]
    assert marking.verdict == "correct", refused


def assert_named(marking: Marking, number: int, kind: str) -> None:
    """The first wrong line is that of the slip, and the slip is called by its kind."""
    assert (marking.verdict, marking.first_wrong) == ("wrong", number)
    diagnosis = marking.lines[number - 1].diagnosis
    assert diagnosis is not None
    assert diagnosis.kind == kind
