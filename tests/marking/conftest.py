"""Long tests are marked ``slow`` and run when CHAINRULE_SLOW is set."""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes minutes; runs when CHAINRULE_SLOW is set")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get("CHAINRULE_SLOW"):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="set CHAINRULE_SLOW to run it"))
