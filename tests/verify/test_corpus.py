"""The corpus: no right derivation is called wrong, no wrong one right, each slip is found and named."""

from __future__ import annotations

import pytest

from symbolic.verify import verify_text
from verify.corpus import CASES, Case
from verify.corpus_more import MORE
from verify.corpus_other import OTHER

EVERY = (*CASES, *MORE, *OTHER)
WRONG = [(case.name, k, *wrong) for case in EVERY for k, wrong in enumerate(case.wrongs())]


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_a_right_derivation_is_called_correct(case: Case) -> None:
    marking = verify_text(case.right())
    assert marking.verdict == "correct", [
        (line.number, line.latex, str(line.note)) for line in marking.lines if not line.holds
    ]


#: Every sixth slip always, all of them when there is time.
CHOSEN = [pytest.param(*wrong, marks=[] if n % 6 == 0 else [pytest.mark.slow]) for n, wrong in enumerate(WRONG)]


@pytest.mark.parametrize(
    ("name", "k", "source", "kind", "number"), CHOSEN, ids=[f"{w[0]}-{w[1]}-{w[3]}" for w in WRONG]
)
def test_a_planted_slip_is_found_at_its_line_and_named(name: str, k: int, source: str, kind: str, number: int) -> None:
    marking = verify_text(source)
    assert marking.verdict == "wrong"
    assert marking.first_wrong == number
    line = marking.lines[number - 1]
    assert line.diagnosis is not None
    assert line.diagnosis.kind == kind


def test_a_repair_that_is_shown_makes_the_line_true() -> None:
    for _, _, source, _, number in WRONG[::21]:
        line = verify_text(source).lines[number - 1]
        assert line.diagnosis is not None
        if not line.diagnosis.repair:
            continue
        before, _, after = source.rpartition(line.latex) if source.count(line.latex) == 1 else ("", "", "")
        if before:
            mended = verify_text(before + " " + line.diagnosis.repair + " " + after)
            assert mended.lines[number - 1].holds, (line.latex, line.diagnosis.repair)
