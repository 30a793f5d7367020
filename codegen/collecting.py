"""Python's cycle collector in a process that does one thing and ends: what it builds is hardly ever garbage.

To search the heap of a short command, when the collector comes on again and twice when Python ends, took a quarter
of its time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Modules stay, and formulas are small and without circles: so many objects come about before they are looked at.
COLLECTED_AFTER = (100_000, 20, 20)


@contextmanager
def hardly_collected() -> Iterator[None]:
    """Inside, cycles are looked for seldom; behind it nothing is left to be searched when Python ends."""
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.freeze()


@contextmanager
def never_collected() -> Iterator[None]:
    """No collection inside, nor one behind it of what came about: for a command, after which there is nothing else."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if running:
            gc.enable()
