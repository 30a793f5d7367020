"""Every slip planted in a right derivation is refused, and at its own line; edits that change nothing are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from marking.corpus import CASES, Case
from marking.corpus_books import BOOKS
from marking.corpus_models import MODELS
from marking.corpus_more import MORE
from marking.mutants import mutants
from symbolic.marking.grammar.tree import Node
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.judge import judge as mark
from symbolic.marking.judge import judged
from symbolic.marking.judging import Context, Judging
from symbolic.marking.meaning.sides import Read, aligned, meanings_of, read_side
from symbolic.marking.model.header import declare
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.quick_numbers import Points
from symbolic.marking.text.reader import read
from symbolic.marking.text.refusals import ShapeError

#: All planted slips are several thousand: so many that a run of one part is short, and each is a sample of them all.
PARTS = 100


def planted() -> Iterator[tuple[str, str, str, int, Node]]:
    """(case, source with the slip, kind, number of the line, the wrong tree)."""
    for case in (*CASES, *MORE, *BOOKS, *MODELS):
        source = case.right()
        document = read(source)
        work = Judging(Premises(declare(document.header), document), Context(diagnosing=False))
        judged(work)
        number = 0
        for chain in document.chains:
            for side in chain.sides[1:]:
                number += 1
                here = read_side(side, work.premises.known)
                if here.node is None or work.lines[number - 1].verdict == "given":
                    continue
                for kind, tree in mutants(here.node, work.premises.known):
                    text = source[: side.span[0]] + " " + typeset(tree) + " " + source[side.span[1] :]
                    yield case.name, text, kind, number, tree


@cache
def everything() -> list[tuple[str, str, str, int, Node]]:
    return list(planted())


def changes_nothing(source: str, number: int) -> bool:
    """Whether both sides of the planted line have equal numbers under some reading: then it is no slip."""
    document = read(source)
    work = Judging(Premises(declare(document.header), document), Context(diagnosing=False))
    judged(work)
    at = 0
    for chain in document.chains:
        for k, side in enumerate(chain.sides[1:], 1):
            at += 1
            if at == number:
                left, right = (read_side(s, work.premises.known) for s in (chain.sides[k - 1], side))
                return equal(left, right, work.premises.points)
    raise AssertionError(number)


def equal(left: Read, right: Read, points: Points) -> bool:
    for a in left.meanings:
        for b in right.meanings:
            try:
                one, other = aligned(a.value, b.value)
            except ShapeError:
                continue
            if points.equal(one, other, (*a.auxiliary, *b.auxiliary)):
                return True
    return False


def judge(name: str, source: str, kind: str, number: int) -> str:
    """ "refused", "equivalent" or "not understood"; anything else is a failure."""
    document = read(source)
    marking = mark(declare(document.header), document, diagnosing=False)
    if marking.first_wrong == number:
        return "refused"
    if marking.lines[number - 1].verdict == "not understood":
        return "not understood"
    assert changes_nothing(source, number), f"{name}, line {number} ({kind}): {marking.lines[number - 1].latex}"
    return "equivalent"


def tally(chosen: Sequence[tuple[str, str, str, int, Node]]) -> dict[str, int]:
    counts = {"refused": 0, "equivalent": 0, "not understood": 0}
    for name, source, kind, number, _ in chosen:
        counts[judge(name, source, kind, number)] += 1
    return counts


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.slow
def test_planted_slips_are_refused_at_their_lines(part: int) -> None:
    chosen = everything()[part::PARTS]
    counts = tally(chosen)
    assert counts["refused"] > 0.85 * len(chosen) > 50, counts
    assert counts["not understood"] < 0.03 * len(chosen), counts


@pytest.mark.parametrize("case", [*CASES, *MORE, *BOOKS, *MODELS], ids=lambda case: case.name)
def test_right_lines_read_back_the_same_when_they_are_typeset_again(case: Case) -> None:
    document = read(case.right())
    work = Judging(Premises(declare(document.header), document), Context(diagnosing=False))
    judged(work)
    for chain in document.chains:
        for side in chain.sides:
            first = read_side(side, work.premises.known)
            if first.node is None or first.blank:
                continue
            again = read(f"${typeset(first.node)}$").chains or read(typeset(first.node)).chains
            second = read_side(again[0].sides[0], work.premises.known)
            assert second.node is not None, (typeset(first.node), second.problem)
            assert equal(meanings_of(first.trees, work.premises.known), second, work.premises.points), typeset(
                first.node
            )
