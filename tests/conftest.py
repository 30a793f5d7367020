"""Options of the test command, and what lies under tests/ that is data."""

from __future__ import annotations

import gc
import os
import resource
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest
from choosing import function_of, one_of_each
from fixed_time import Filling, name_of

#: Code as other people write it, which the audit reads and runs.
collect_ignore_glob = ["audit/corpus/*", "audit/small_relu.py"]

#: Tests that take so long that something quicker has to stand for them in a quick run, as if they were marked slow.
LIST = Path(__file__).parent / "long.txt"
LONG = frozenset(LIST.read_text(encoding="utf-8").split())
COSTS: dict[str, float] = defaultdict(float)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every", action="store_true", help="run every case of every test, not one of each")
    parser.addoption("--one", action="store_true", help="run one case of each test, of those that are named too")
    parser.addoption("--long", type=float, metavar="SECONDS", help="write to long.txt what takes more processor time")
    parser.addoption("--fill", type=float, metavar="SECONDS", help="what a quick run leaves out, for so long")
    parser.addoption("--seed", default="", help="any text: which cases --fill draws first")
    parser.addoption("--formulas", type=int, default=4, help="how many networks in index formulas are drawn")
    seed = os.environ.get("CHAINRULE_SEED")
    parser.addoption("--formula-seed", type=int, default=None if seed is None else int(seed), help="to draw them again")


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()
    seconds = config.getoption("--fill")
    if seconds is not None:
        config.pluginmanager.register(Filling(seconds, config.getoption("--seed")))


def pytest_collection_finish() -> None:
    """What all tests have in common, a million objects, is not searched for garbage again and again."""
    gc.freeze()
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    if function_of(item.nodeid) in LONG:
        item.add_marker(pytest.mark.slow)


def spent() -> float:
    """Seconds of processor time, of this process and of those it has started."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    began = spent()
    result = yield
    function = function_of(item.nodeid)
    COSTS[function] = max(COSTS[function], spent() - began)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """``--long SECONDS``: write down which of the tests that ran take longer."""
    limit = session.config.getoption("--long")
    if limit is not None:
        long = {name for name, seconds in COSTS.items() if seconds > limit} | (LONG - COSTS.keys())
        LIST.write_text("".join(f"{name}\n" for name in sorted(long)), encoding="utf-8")


def every_case(config: pytest.Config) -> bool:
    asked = config.getoption("--every") or config.getoption("keyword") or config.getoption("--fill") is not None
    return asked or config.args_source.name == "ARGS" or config.getoption("markexpr") != "not slow"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A quick run: one case of each test.  Whoever names a test, a file, a word or a mark gets every case."""
    if not config.getoption("--one") and every_case(config):
        return
    kept = set(one_of_each(items, name_of))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
