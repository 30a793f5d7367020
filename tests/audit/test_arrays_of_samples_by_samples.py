"""(N, 1) and (N,): what is said where one meets the other, and that the reading that is most right is not cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.audit.auditing import audit
from codegen.audit.outcome import Audit
from symbolic.network.network import Network

LINE = Network.from_dict(
    {"name": "line", "loss": "half_squared", "reduction": "mean", "inputs": {"x": "n"}, "sizes": {"n": 3}}
    | {"nodes": {"h": {"inputs": ["x"], "width": 1}}}
)
DESCENT = """
def descent(X, y, theta, alpha):
    m = y.size
    predictions = X.dot({theta})
    temp = theta.copy()
    for j in range(theta.size):
        errors = (predictions - y) * X[:, j]
        temp[j] = theta[j] - alpha * (1.0 / m) * errors.sum()
    return temp
"""
IN_TURN = """
def descent(X, y, theta, alpha):
    m = y.size
    for j in range(theta.size):
        errors = (X.dot(theta) - y) * X[:, j]
        theta[j] = theta[j] - alpha * (1.0 / m) * errors.sum()
    return theta
"""


def audited(folder: Path, text: str) -> Audit:
    file = folder / "theirs.py"
    file.write_text(text, encoding="utf-8")
    return audit(f"{file}:descent", LINE, run=True)


def test_an_array_of_samples_by_samples_is_shown_where_it_comes_up(tmp_path: Path) -> None:
    assert audited(tmp_path, DESCENT.format(theta="theta")).agrees
    found = audited(tmp_path, DESCENT.format(theta="theta.reshape(-1, 1)"))
    assert [one.agrees for one in found.findings] == [False, False]
    assert all("line 7 has an array of N × N" in str(one.sentence) for one in found.findings)


@pytest.mark.slow
def test_the_reading_in_which_a_gradient_is_right_goes_before_those_in_which_none_is(tmp_path: Path) -> None:
    found = audited(tmp_path, IN_TURN)
    assert {one.parameter: one.agrees for one in found.findings} == {"w_h": False, "b_h": True}
