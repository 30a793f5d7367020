"""Python's cycle collector in a process that does one thing and ends: what it builds is hardly ever garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Modules stay, and formulas are small and without circles: as many objects come about before they are looked at.
COLLECTED_AFTER = (100_000, 20, 20)


@contextmanager
def hardly_collected() -> Iterator[None]:
    """Inside, cycles are looked for seldom; behind it nothing is left to be searched when Python ends.

    To search the heap of a command twice at its end took a quarter of the time of a short one.
    """
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.freeze()
