"""A table of flowers, and the command as a function."""

from __future__ import annotations

import pytest
from flowers import CLASSES, flowers

from codegen.cli import main


@pytest.fixture
def table(tmp_path):
    X, labels = flowers()
    rows = [",".join([*map(str, x), CLASSES[k]]) for x, k in zip(X, labels, strict=True)]
    path = tmp_path / "flowers.csv"
    path.write_text("a,b,c,d,species\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def run(capsys):
    def call(*arguments):
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call
