"""How much work a derivation takes, counted in steps, which are the same on every machine: about 200 000 a second."""

from __future__ import annotations

import pytest

from marking.corpus import Case
from marking.corpus_books import BOOKS
from marking.corpus_students import STUDENTS
from symbolic.fuel import at_most, left
from symbolic.marking import verify, verify_text

EVERY = {case.name: case for case in (*BOOKS, *STUDENTS)}
PLENTY = 1e12
#: Read and found right; with a slip, searched for in every notation that fits.
READ, SEARCHED = 110_000, 900_000


def steps(case: Case, source: str) -> float:
    with at_most(PLENTY):
        verify(case.spec, source) if case.spec else verify_text(source)
        return PLENTY - left()


@pytest.mark.parametrize("name", ["ng_logistic", "deltas_of_layers", "batch_matrices"])
def test_a_right_derivation_is_read_in_few_steps(name: str) -> None:
    assert steps(EVERY[name], EVERY[name].right()) < READ


@pytest.mark.parametrize("name", ["ng_logistic", pytest.param("deltas_of_layers", marks=pytest.mark.slow)])
def test_the_search_for_the_slip_that_takes_longest_is_bounded_by_its_count(name: str) -> None:
    source, *_ = next(iter(EVERY[name].wrongs()))
    assert steps(EVERY[name], source) < SEARCHED
