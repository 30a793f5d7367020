"""A step of descent sets and claims nothing, but it must not climb what is minimised."""

from __future__ import annotations

import pytest

from symbolic.marking import verify_text

HEADER = r"""%! sizes n d
%! index i = 1..n sample
%! data x_i : R^d
%! data y_i : positive
%! param w : R^d
%! let Q = \sum_i (e^{w^T x_i} - y_i w^T x_i)
The loss is Q.
"""
DOWNHILL = (
    r"$$w \leftarrow w - \eta \nabla_w Q$$",
    r"$$w := w - \eta \sum_i (e^{w^T x_i} - y_i) x_i$$",
    r"$$w^{(t+1)} = w^{(t)} + \eta \sum_i (y_i - e^{x_i^T w^{(t)}}) x_i$$",
    r"$$w^{new} = w^{old} - \alpha \frac{\partial Q}{\partial w}$$",
    r"We take $w \leftarrow w - 0.1\, \frac{\partial Q}{\partial w}$ as a step.",
)
TURNED = {"-": "+", "+": "-"}


def uphill(step: str) -> str:
    """The step with the sign behind its first name turned."""
    at = next(k for k in range(3, len(step)) if step[k] in TURNED and step[k - 1 : k + 2] in (" - ", " + "))
    return step[:at] + TURNED[step[at]] + step[at + 1 :]


@pytest.mark.parametrize("step", DOWNHILL)
def test_a_step_downhill_claims_nothing(step: str) -> None:
    marking = verify_text(HEADER + r"$$\nabla_w Q = \sum_i (e^{w^T x_i} - y_i) x_i$$" + "\n" + step)
    assert marking.verdict == "correct", [(line.latex, line.note) for line in marking.lines if not line.holds]


@pytest.mark.parametrize("step", DOWNHILL)
def test_a_step_uphill_is_wrong(step: str) -> None:
    marking = verify_text(HEADER + r"$$\nabla_w Q = \sum_i (e^{w^T x_i} - y_i) x_i$$" + "\n" + uphill(step))
    (line,) = [line for line in marking.lines if line.verdict == "refuted"]
    assert line.diagnosis is not None
    assert "uphill" in line.diagnosis.sentence.en


def test_what_is_maximised_is_climbed() -> None:
    marking = verify_text(HEADER + r"To maximise the likelihood we go $w \leftarrow w + \eta \nabla_w Q$.")
    assert all(line.verdict != "refuted" for line in marking.lines)


def test_what_nobody_calls_minimised_may_be_climbed() -> None:
    step = r"$$w \leftarrow w + \eta \nabla_w Q$$"
    assert all(line.verdict != "refuted" for line in verify_text(HEADER.replace("The loss is Q.", "") + step).lines)


def test_what_is_no_multiple_of_the_gradient_is_left_alone() -> None:
    marking = verify_text(HEADER + r"$$w \leftarrow w + \eta m$$" + "\n" + r"$$w \leftarrow w + \eta x_1$$")
    assert all(line.verdict != "refuted" for line in marking.lines)
