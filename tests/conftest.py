"""Options of the test command, and what lies under tests/ that is data."""

from __future__ import annotations

import os
from collections import defaultdict

import pytest

#: Code as other people write it, which the audit reads and runs.
collect_ignore_glob = ["audit/corpus/*", "audit/small_relu.py"]

#: Of a test over many cases so many run when nobody asks for every one: the first, and others evenly spread.
FEW = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every", action="store_true", help="run every case of every test, not a few of each")
    parser.addoption("--few", action="store_true", help="a few cases of each test, also of those that are named")
    parser.addoption("--rest", action="store_true", help="run the cases that are left out without --every")
    parser.addoption("--formulas", type=int, default=8, help="how many networks in index formulas are drawn")
    seed = os.environ.get("CHAINRULE_SEED")
    parser.addoption("--formula-seed", type=int, default=None if seed is None else int(seed), help="to draw them again")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A quick run: a few cases of each test.  Whoever names a test, a file, a word or a mark gets every case."""
    asked = [config.getoption(option) for option in ("--every", "keyword")]
    named = config.args_source.name == "ARGS" and not config.getoption("few")
    if any(asked) or named or config.getoption("markexpr") != "not slow":
        return
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    few = {item for every in cases.values() for item in every[:: -(-len(every) // FEW)]}
    left_out = [item for item in items if (item in few) is config.getoption("--rest")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if (item in few) is not config.getoption("--rest")]
