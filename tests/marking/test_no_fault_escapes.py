r"""A fault of the checker costs the reading, the line or the guess at which it happens, and is said; nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from symbolic.marking import verify_text
from symbolic.marking.meaning import sides
from symbolic.marking.model import guess

judge = import_module("symbolic.marking.judge")  # the package's own name for it is the function
chain_by_chain = import_module("symbolic.marking.chain_by_chain")

HEADER = r"""%! sizes d
%! data x : R^d
%! data y : R
%! param w : R^d
%! let Q = (w^T x - y)^2
"""
LINES = r"""
\[ \frac{\partial Q}{\partial w} = 2(w^T x - y) x \]
\[ \frac{\partial Q}{\partial x} = 2(w^T x - y) w \]
"""
BARE = r"Let $Q = (w^T x - y)^2$." + LINES


def failing(real: Any, when: Any) -> Any:
    def function(*arguments: Any, **more: Any) -> Any:
        if when(*arguments, **more):
            raise IndexError("tuple index out of range")
        return real(*arguments, **more)

    return function


def test_a_fault_in_one_line_leaves_the_others_their_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    once = iter([False, True])
    monkeypatch.setattr(chain_by_chain, "mark_chain", failing(chain_by_chain.mark_chain, lambda *_: next(once, False)))
    first, second = verify_text(HEADER + LINES, "none").lines
    assert (first.verdict, second.verdict) == ("proved", "not understood")
    assert "the checker itself failed" in second.note.en
    assert "IndexError" in second.note.ru


def test_a_fault_in_reading_one_side_costs_that_side(monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = lambda side, known: any(t.text == "w" and t.kind == "letter" for t in side.tokens[-1:])  # noqa: E731
    monkeypatch.setattr(sides, "parse_side", failing(sides.parse_side, faulty))
    first, second = verify_text(HEADER + LINES, "none").lines
    assert (first.verdict, second.verdict) == ("proved", "not understood")
    assert "the checker itself failed" in second.note.en


@pytest.mark.parametrize("step", ["find_indices", "find_entries", "find_ranks"])
def test_a_fault_in_one_guess_leaves_the_others(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    monkeypatch.setattr(guess, step, failing(getattr(guess, step), lambda found, *_: found.objects))
    assert verify_text(BARE).verdict == "correct"


def test_no_verdict_is_lost_for_a_fault_in_the_search_for_a_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "blame_names", failing(judge.blame_names, lambda *_: True))
    marking = verify_text(BARE.replace("- y) w", "+ y) w"))
    assert marking.first_wrong == 3
