"""Marking code: what is wrong with a gradient is said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.checking.audit import audit
from symbolic.errors import SpecError
from symbolic.network.network import Network

RIGHT = """
import numpy as np
def sigma(u):
    return 1 / (1 + np.exp(-u))
def gradient(X, Y, w_1, b_z, w_2, b_p):
    z = sigma(X @ w_1.T + b_z)
    p = sigma(z @ w_2.T + b_p)[:, 0]
    e = (-2 * (Y - p) * p * (1 - p))[:, None]
    ez = e * w_2 * z * (1 - z)
    return {"w_1": ez.T @ X, "b_z": ez.sum(axis=0), "w_2": e.T @ z, "b_p": e.sum(axis=0)}
"""
SLIPS = {
    "transposed": ("ez.T @ X", "X.T @ ez", "w_1"),
    "not summed over the sample": ("ez.sum(axis=0)", "ez", "b_z"),
    "-1 × the derivative: the sign": ("e.T @ z", "-e.T @ z", "w_2"),
    "a mean over the sample too many": ("e.T @ z", "e.T @ z / len(X)", "w_2"),
    "2 × the derivative: a factor 2": ('"b_p": e.sum', '"b_p": 2 * e.sum', "b_p"),
    "differs": ("* z * (1 - z)", "* (1 - z)", "w_1"),
}


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.load("one_hidden_layer")


def test_a_right_gradient_agrees_by_every_parameter(network: Network, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(RIGHT)
    assert audit(f"{file}:gradient", network, run=True).agrees


@pytest.mark.parametrize("said", SLIPS)
def test_a_slip_is_named_at_its_parameter(network: Network, tmp_path: Path, said: str) -> None:
    old, new, parameter = SLIPS[said]
    file = tmp_path / "mine.py"
    file.write_text(RIGHT.replace(old, new))
    findings = {f.parameter: f for f in audit(f"{file}:gradient", network, run=True).findings}
    assert not findings[parameter].agrees
    assert said in str(findings[parameter].sentence)


def test_code_is_not_run_unless_the_person_says_so(network: Network, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def gradient(w, X, Y):\n    open('ran', 'w')\n")
    with pytest.raises(SpecError, match="--run"):
        audit(f"{file}:gradient", network)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def gradient(w, X, Y):\n    raise RuntimeError('no')\n", "failed: RuntimeError: no"),
        ("def other(w, X, Y):\n    return w\n", "no function gradient"),
        ("def gradient(w, X, Y:\n", "not Python"),
        ("def gradient(w, X, Y):\n    return w[:3]\n", "returned 3 numbers"),
        ("def gradient(w, X, Y):\n    while True: pass\n", "did not return"),
    ],
)
def test_code_that_cannot_be_used_is_one_clear_line(network: Network, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)
    with pytest.raises(SpecError, match=said) as caught:
        audit(f"{file}:gradient", network, run=True, timeout=2)
    assert "\n" not in str(caught.value)
