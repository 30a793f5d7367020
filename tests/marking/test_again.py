"""A text that is marked again, with one line more, is judged the same; what was evaluated is not evaluated again."""

from __future__ import annotations

import pytest

from symbolic.evidence import evaluate
from symbolic.language.expr import Expr
from symbolic.marking import verify

LINES = (
    r"\sum_{i=1}^N \frac{\partial (y_i - p_i)^2}{\partial w}",
    r"\sum_{i=1}^N -2(y_i - p_i) \frac{\partial p_i}{\partial w}",
    r"\sum_{i=1}^N -2(y_i - p_i) p_i (1 - p_i) x_i",
)


def text(count: int, note: str) -> str:
    return f"{note}\n\\[ \\frac{{\\partial Q}}{{\\partial w}} = {' = '.join(LINES[:count])} \\]"


def test_growing_a_text_changes_no_verdict_above():
    verdicts = [[line.verdict for line in verify("one_neuron", text(n, "so"), "none").lines] for n in (1, 2, 3)]
    assert verdicts[2][:1] == verdicts[0]
    assert verdicts[2][:2] == verdicts[1]
    assert verdicts[2] == [line.verdict for line in verify("one_neuron", text(3, "so")).lines]


def test_what_was_evaluated_is_not_evaluated_again(monkeypatch: pytest.MonkeyPatch):
    asked: list[object] = []
    whole = evaluate.Evaluation.value

    def noted(self: evaluate.Evaluation, expr: Expr) -> object:
        asked.append(expr)
        return whole(self, expr)

    monkeypatch.setattr(evaluate.Evaluation, "value", noted)
    verify("one_neuron", text(3, "first"), "none")
    first = len(asked)
    verify("one_neuron", text(3, "again, with other words"), "none")
    assert len(asked) - first < max(first, 1) / 2 or first == 0
