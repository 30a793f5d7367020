"""A right text, and the same with one slip: the one is correct, the other is refuted at the line of the slip."""

from __future__ import annotations

from symbolic.marking import verify_text


def assert_right_and_slip(text: str, slip: tuple[str, str], line: int) -> None:
    """``slip``: what stands once in the text, and what takes its place; ``line``: of those that are marked."""
    old, new = slip
    assert text.count(old) == 1
    marking = verify_text(text)
    assert marking.verdict == "correct", [(one.number, one.latex) for one in marking.lines if not one.holds]
    assert verify_text(text.replace(old, new)).first_wrong == line
