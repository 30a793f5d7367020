"""A fixed time filled with tests: what a quick run leaves out, one case of each long test first."""

from __future__ import annotations

import time

import pytest
from choosing import left_out


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
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        quick, long = [item for item in items if not is_long(item)], [item for item in items if is_long(item)]
        always, others = left_out(quick, long, name_of, self.seed)
        self.optional = set(others)
        config.hook.pytest_deselected(items=[item for item in quick if item not in self.optional])
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
