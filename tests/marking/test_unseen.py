"""Derivations as strangers write them: no right one is called wrong, every slip is refuted at its line and named."""

from __future__ import annotations

import pytest

from marking.corpus import Case
from marking.corpus_deep import DEEP
from marking.corpus_homework import HOMEWORK
from marking.corpus_losses import LOSSES
from marking.corpus_matrices import MATRICES
from marking.corpus_notes import NOTES
from marking.corpus_strangers import STRANGERS
from marking.verdicts import assert_correct
from symbolic.marking import verify_text

EVERY = (*MATRICES, *DEEP, *LOSSES, *HOMEWORK, *NOTES, *STRANGERS)
#: Found at their line, and not named: where a line is judged at numbers, few edits are tried.
NOT_NAMED = ("gmm_responsibility-1",)
WRONG = [
    (name, source, "other" if name in NOT_NAMED else kind, number)
    for case in EVERY
    for k, (source, kind, number) in enumerate(case.wrongs())
    for name in (f"{case.name}-{k}",)
]


def some(cases: list[tuple[str, tuple[object, ...]]], every: int) -> list[object]:
    """One in so many always, the others when there is time."""
    marks = ([] if n % every == 0 else [pytest.mark.slow] for n, _ in enumerate(cases))
    return [pytest.param(*values, id=name, marks=mark) for (name, values), mark in zip(cases, marks, strict=True)]


@pytest.mark.parametrize("case", some([(case.name, (case,)) for case in EVERY], 3))
def test_a_right_derivation_is_called_correct(case: Case) -> None:
    assert_correct(verify_text(case.right()))


@pytest.mark.parametrize(("source", "kind", "number"), some([(w[0], w[1:]) for w in WRONG], 9))
def test_a_slip_is_refuted_at_its_line_and_named(source: str, kind: str, number: int) -> None:
    marking = verify_text(source)
    assert marking.verdict == "wrong"
    assert marking.first_wrong == number
    found = marking.lines[number - 1].diagnosis
    assert found is not None
    assert found.kind == kind
