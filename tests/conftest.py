"""Options of the test command, and what lies under tests/ that is data."""

from __future__ import annotations

import os
from collections import defaultdict

import pytest

#: Code as other people write it, which the audit reads and runs.
collect_ignore_glob = ["audit/corpus/*", "audit/small_relu.py"]

#: Of a test over many cases so many run when nobody asks for every one: the first, and others evenly spread.
FEW = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every", action="store_true", help="run every case of every test, not a few of each")
    parser.addoption("--formulas", type=int, default=25, help="how many networks in index formulas are drawn")
    seed = os.environ.get("CHAINRULE_SEED")
    parser.addoption("--formula-seed", type=int, default=None if seed is None else int(seed), help="to draw them again")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A quick run: a few cases of each test.  Whoever names a test, a file or a word of one gets all of it."""
    asked = config.getoption("--every") or config.getoption("keyword") or config.args_source.name == "ARGS"
    if asked or config.getoption("markexpr") != "not slow":
        return
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    kept = {item for every in cases.values() for item in every[:: -(-len(every) // FEW)]}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
