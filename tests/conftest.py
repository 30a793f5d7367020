"""Options of the test command."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--formulas", type=int, default=25, help="how many networks in index formulas are drawn")
    seed = os.environ.get("CHAINRULE_SEED")
    parser.addoption("--formula-seed", type=int, default=None if seed is None else int(seed), help="to draw them again")
