"""Options of the test command, and what lies under tests/ that is data."""

from __future__ import annotations

import os
import resource
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

#: Code as other people write it, which the audit reads and runs.
collect_ignore_glob = ["audit/corpus/*", "audit/small_relu.py"]

#: Of a test over many cases one runs when nobody asks for every one: that of a small network, else the first.
SMALL = ("one_neuron", "one_hidden_layer", "logistic_regression")


#: Tests that take so long that something quicker has to stand for them in a quick run, as if they were marked slow.
LIST = Path(__file__).parent / "long.txt"
LONG = frozenset(LIST.read_text(encoding="utf-8").split())
COSTS: dict[str, float] = defaultdict(float)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every", action="store_true", help="run every case of every test, not one of each")
    parser.addoption("--one", action="store_true", help="run one case of each test, of those that are named too")
    parser.addoption("--long", type=float, metavar="SECONDS", help="write to long.txt what takes more processor time")
    parser.addoption("--rest", action="store_true", help="run the cases that are left out without --every")
    parser.addoption("--formulas", type=int, default=4, help="how many networks in index formulas are drawn")
    seed = os.environ.get("CHAINRULE_SEED")
    parser.addoption("--formula-seed", type=int, default=None if seed is None else int(seed), help="to draw them again")


def pytest_itemcollected(item: pytest.Item) -> None:
    if function_of(item) in LONG:
        item.add_marker(pytest.mark.slow)


def function_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def spent() -> float:
    """Seconds of processor time, of this process and of those it has started."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    began = spent()
    result = yield
    COSTS[function_of(item)] = max(COSTS[function_of(item)], spent() - began)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """``--long SECONDS``: write down which of the tests that ran take longer."""
    limit = session.config.getoption("--long")
    if limit is not None:
        long = {name for name, seconds in COSTS.items() if seconds > limit} | (LONG - COSTS.keys())
        LIST.write_text("".join(f"{name}\n" for name in sorted(long)), encoding="utf-8")


def every_case(config: pytest.Config) -> bool:
    asked = [config.getoption(option) for option in ("--every", "keyword")]
    return any(asked) or config.args_source.name == "ARGS" or config.getoption("markexpr") != "not slow"


def is_small(case: pytest.Item) -> bool:
    return any(name in case.nodeid for name in SMALL)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A quick run: one case of each test.  Whoever names a test, a file, a word or a mark gets every case."""
    if not config.getoption("--one") and every_case(config):
        return
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        cases[function_of(item)].append(item)
    kept = {next((case for case in every if is_small(case)), every[0]) for every in cases.values()}
    left_out = [item for item in items if (item in kept) is config.getoption("--rest")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if (item in kept) is not config.getoption("--rest")]
