"""A fixed time filled with tests: what a quick run leaves out, one case of each long test first."""

from __future__ import annotations

import time
from itertools import chain, zip_longest

import pytest
from choosing import in_rounds


def is_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


def name_of(item: pytest.Item) -> str:
    return item.nodeid


class Filling:
    """A plugin.  One case of each long test runs whatever time there is; the others begin while some is left."""

    def __init__(self, seconds: float, seed: str) -> None:
        self.end = time.monotonic() + seconds
        self.seed = seed
        self.optional: set[pytest.Item] = set()
        self.without_time = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        long = in_rounds(filter(is_long, items), name_of, self.seed)
        quick = in_rounds((item for item in items if not is_long(item)), name_of, self.seed)
        always = long[0] if long else []
        others = list(chain(*chain(*zip_longest(quick[1:], long[1:], fillvalue=()))))
        self.optional = set(others)
        items[:] = [*always, *others]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        if item not in self.optional or time.monotonic() < self.end:
            return None
        self.without_time += 1
        return True

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["without_time"] = self.without_time

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        self.without_time += getattr(node, "workeroutput", {}).get("without_time", 0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"drawn with the seed {self.seed!r}; no time for {self.without_time} more cases")
