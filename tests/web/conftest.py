"""One server for all the tests of a process: its workers are worth keeping warm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("starlette")
pytest.importorskip("pebble")

from asking import Server, patient


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    found = Server(patient())
    yield found
    found.close()
