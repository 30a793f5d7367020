"""The loop at the top of a script is audited like a function; slips where one of several is picked."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from codegen.audit.auditing import audit
from codegen.audit.drawn_points import draw_trials
from codegen.audit.inside.training_loop import SCRIPT, with_script
from codegen.audit.mutants import Mutants
from codegen.audit.trials import problem_for
from symbolic.errors import SpecError
from symbolic.network.network import Network

LINE = {"name": "line", "loss": "half_squared", "inputs": {"x": "D"}, "nodes": {"p": {"inputs": ["x"], "width": 1}}}
DESCENT = """
import numpy as np
X, y = np.load("nowhere.npy"), np.load("nowhere.npy")
W = np.zeros((1, 3))
b = np.zeros(1)
lr = 0.1
for epoch in range(1000):
    error = X @ W.T + b - y.reshape(-1, 1)
    W = W - lr * error.T @ X
    b -= lr * error.{axis}
"""
ROWS = {
    "name": "rows",
    "loss": "L[i] = Sum(y[i]*E[x[i,t],d], t, d)",
    "output": "h",
    "target": {"y": 1},
    "inputs": {"x": {"width": "T", "below": "V"}},
    "nodes": {"h": {"formula": "h[i] = Sum(E[x[i,t],d], t, d)", "parameters": {"E": ["V", "D"]}}},
}


@pytest.mark.slow
def test_a_file_alone_means_the_loop_at_its_top(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(DESCENT.format(axis="sum(axis=0)"), encoding="utf-8")
    assert audit(str(file), LINE, run=True).agrees
    file.write_text(DESCENT.format(axis="mean(axis=0)"), encoding="utf-8")
    found = audit(str(file), LINE, run=True)
    assert not found.agrees
    assert "mean over the sample is taken too many" in found.text()


def test_a_file_without_such_a_loop_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("total = 0\nfor k in range(3):\n    total += 1\n", encoding="utf-8")
    with pytest.raises(SpecError, match="no loop at the top of the file takes steps"):
        audit(str(file), LINE, run=True)


def test_a_loop_that_makes_data_is_no_training_and_the_own_function_of_that_name_stays() -> None:
    tree = with_script(
        ast.parse("X = []\nfor k in range(3):\n    X[k] = k * 2\nw = 0\nfor k in range(9):\n    w -= X[k]\n")
    )
    (made,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert (made.name, made.lineno) == (SCRIPT, 5)
    assert ast.unparse(made.body[0]) == "global k, w"
    own = ast.parse("w = 0\ndef script(): pass\nfor k in range(9):\n    w -= w * k\n")
    assert len(with_script(own).body) == 3


def test_equal_numbers_that_count_once_are_what_numpy_adds() -> None:
    problem = problem_for(Network.from_dict(ROWS))
    (trial,) = draw_trials(problem).trials[:1]
    rows = trial.inputs["x"].astype(int)
    added = np.zeros(problem.shapes["E"])
    added[rows] += np.broadcast_to(trial.target[:, None, None], (*rows.shape, added.shape[1]))
    slips = [m for m in Mutants(problem).all if "equal numbers" in m.said.en]
    found = [problem.gradients([trial], m.definitions)[0]["E"] for m in slips]
    assert any(np.allclose(one, added) for one in found)
    assert not np.allclose(problem.gradients([trial])[0]["E"], added)
