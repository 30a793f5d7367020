"""Code that is told how large a batch is: what a full batch hides, and what is said of numbers that it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.audit.auditing import audit
from codegen.audit.outcome import Audit
from symbolic.network.network import Network

LINE = Network.from_dict(
    {"name": "line", "loss": "squared", "reduction": "mean", "inputs": {"x": "D"}, "sizes": {"D": 3}}
    | {"nodes": {"p": {"inputs": ["x"], "width": 1}}}
)
TAKEN_OUT = """
def sgd(X, y, w, b, lr=0.1, batch_size=64):
    for start in range(0, len(X), batch_size):
        xb, yb = X[start:start + batch_size], y[start:start + batch_size]
        err = xb @ w + b - yb
        w = w - lr * 2 * xb.T @ err / {count}
        b = b - lr * 2 * err.sum() / len(xb)
    return w, b
"""
HANDED_OVER = """
def gradients(X, y, w, b, batch_size=64):
    err = X @ w + b - y
    return 2 * X.T @ err / {count}, 2 * err.mean()
"""


def audited(folder: Path, text: str) -> Audit:
    file = folder / "theirs.py"
    file.write_text(text, encoding="utf-8")
    name = text.split("(")[0].split()[-1]
    return audit(f"{file}:{name}", LINE, run=True)


def test_a_last_batch_that_is_not_full_shows_what_full_ones_hide(tmp_path: Path) -> None:
    assert audited(tmp_path, TAKEN_OUT.format(count="len(xb)")).agrees
    found = audited(tmp_path, TAKEN_OUT.format(count="batch_size"))
    assert [one.parameter for one in found.findings if not one.agrees] == ["w_p"]
    assert "the size of a batch, 64, is taken for the number of samples" in str(found.slip)


ADDED_UP = """
def gradients(X, y, w, b, batch=16):
    dw, db = 0 * w, 0.0
    for start in range(0, len(X), batch):
        xb, yb = X[start:start + batch], y[start:start + batch]
        err = 2 * (xb @ w + b - yb) / len(X)
        dw {adds} xb.T @ err
        db += err.sum()
    return dw, db
"""


def test_several_batches_show_that_only_the_last_is_kept(tmp_path: Path) -> None:
    assert audited(tmp_path, ADDED_UP.format(adds="+=")).agrees
    found = audited(tmp_path, ADDED_UP.format(adds="="))
    assert [one.parameter for one in found.findings if not one.agrees] == ["w_p"]
    assert "those of the last batch alone" in str(found.slip)


def test_code_that_is_handed_a_batch_may_rest_on_its_size_and_that_is_said(tmp_path: Path) -> None:
    found = audited(tmp_path, HANDED_OVER.format(count="batch_size"))
    assert found.agrees
    assert "right where the size of a batch is the number of samples; with 64" in found.text()
    assert "size of a batch" not in audited(tmp_path, HANDED_OVER.format(count="len(X)")).text()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "given lr = 0.25 (its default is 0.1), batch_size = N (its default is 64)"),
        ("ru", "передано lr = 0.25 (в коде 0.1), batch_size = N (в коде 64)"),
    ],
)
def test_numbers_that_nobody_said_are_said(tmp_path: Path, lang: str, said: str) -> None:
    assert said in audited(tmp_path, TAKEN_OUT.format(count="len(xb)")).text(lang)
