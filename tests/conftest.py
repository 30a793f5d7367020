"""Options of the test command, and what lies under tests/ that is data."""

from __future__ import annotations

import os

import pytest

#: Code as other people write it, which the audit reads and runs.
collect_ignore_glob = ["audit/corpus/*", "audit/small_relu.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--formulas", type=int, default=25, help="how many networks in index formulas are drawn")
    seed = os.environ.get("CHAINRULE_SEED")
    parser.addoption("--formula-seed", type=int, default=None if seed is None else int(seed), help="to draw them again")
