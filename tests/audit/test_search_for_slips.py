"""The search for a slip: many slips at once give what one by one they give; a search that takes too long says so."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corpus_of import CORPUS, network_of, slips

from codegen.audit.asked import Asked
from codegen.audit.auditing import TIME_LIMIT
from codegen.audit.drawn_points import draw_trials
from codegen.audit.handwritten import read_file
from codegen.audit.mutants import Mutants
from codegen.audit.outcome import Audit
from codegen.audit.session import Session
from codegen.audit.slips_at_once import gradients_under
from codegen.audit.suspects import Patience, Suspects
from codegen.audit.trials import Problem, problem_for
from symbolic.evidence.evaluate import EvaluationError


def problem_of(stem: str) -> Problem:
    return problem_for(network_of(CORPUS / f"{stem}.py"))


@pytest.mark.parametrize("stem", ["softmax_relu", "text_rnn", "pooled_maxima", "normalised_by_the_batch"])
def test_slips_that_are_evaluated_at_once_give_what_each_gives_alone(stem: str) -> None:
    problem = problem_of(stem)
    trial = next(t for t in draw_trials(problem).trials if t.samples == 3)
    few = Mutants(problem).all[::7]
    together = gradients_under(problem, trial, [m.definitions for m in few], frozenset(problem.shapes))
    for mutant, found in zip(few, together, strict=True):
        try:
            (alone,) = problem.gradients([trial], mutant.definitions)
        except EvaluationError:
            assert found is None
            continue
        assert found is not None
        for name, array in alone.items():
            np.testing.assert_allclose(found[name], array, rtol=1e-9, atol=1e-12, err_msg=f"{mutant.said}: {name}")


def test_a_mutant_that_was_looked_at_is_not_evaluated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of("softmax_relu")
    suspects, trial = Suspects(problem), draw_trials(problem).trials[0]
    listed = suspects.listed(False, None)
    names = frozenset(problem.shapes)
    first = [gradients for _, gradients in suspects.looked_at(trial, listed, lambda _: names)]
    monkeypatch.setattr("codegen.audit.suspects.gradients_under", None)
    again = [gradients for _, gradients in suspects.looked_at(trial, listed, lambda _: names)]
    assert len(first) > 50
    assert [id(one) for one in first] == [id(one) for one in again]


def test_slips_that_use_what_has_stepped_come_with_a_rate_alone() -> None:
    suspects = Suspects(problem_of("softmax_relu"))
    assert not any(m.kind == "updated" for m in suspects.listed(False, None))
    at_rate = suspects.listed(False, 0.1)
    assert any(m.kind == "updated" for m in at_rate)
    assert [m.rank for m in at_rate] == sorted(m.rank for m in at_rate)


def slipped(tmp_path: Path, seconds: float) -> Audit:
    slip = next(slip for slip in slips(CORPUS / "softmax_relu.py"))
    file = tmp_path / "mine.py"
    file.write_text(slip.text(), encoding="utf-8")
    problem = problem_for(network_of(slip.file))
    patience = Patience(seconds)
    return Session(read_file(file), problem, slip.target, Asked(), 0, TIME_LIMIT, patience).audit()


def test_a_search_that_is_given_up_says_how_far_it_went(tmp_path: Path) -> None:
    found = slipped(tmp_path, 0.0)
    assert not found.agrees
    assert found.slip is None
    assert "ended after 0 s: 0 of" in found.text()


def test_a_search_that_comes_to_its_end_says_nothing(tmp_path: Path) -> None:
    found = slipped(tmp_path, 1000.0)
    assert found.slip is not None
    assert "ended after" not in found.text()


def test_patience_begins_to_run_when_it_is_first_asked() -> None:
    now = [100.0]
    patience = Patience(5.0, clock=lambda: now[0])
    now[0] = 200.0
    assert not patience.ended
    now[0] = 204.9
    assert not patience.ended
    now[0] = 205.0
    assert patience.ended
