"""What reading and comparing may cost, counted in steps and not in seconds: the same answer on every machine.

Code that does work which a text can make long says so with :func:`spend`; where nobody has set a limit this costs
nothing.  The count stands for time and for memory: a step is about a microsecond, or some dozen numbers of an array.

>>> with at_most(10):
...     spend(4)
>>> with at_most(10):
...     spend(11)
Traceback (most recent call last):
    ...
symbolic.fuel.Exhausted: too long: it would take too many steps to be marked
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf


class Exhausted(BaseException):
    """More work than was allowed.  No ``Exception``: what passes over a failure and tries again must not go on."""

    def __init__(self) -> None:
        super().__init__("too long: it would take too many steps to be marked")


class _Tank(threading.local):
    """What is left for this thread."""

    left: float = inf


_tank = _Tank()


def spend(steps: int = 1) -> None:
    """Count work that is about to be done.  Raises :class:`Exhausted` when it is more than is left."""
    _tank.left -= steps
    if _tank.left < 0:
        raise Exhausted


def left() -> float:
    """How many steps may still be taken; infinity where nobody has set a limit."""
    return _tank.left


@contextmanager
def at_most(steps: float) -> Iterator[None]:
    """Inside, so many steps may be taken, and no more than the surroundings have left."""
    before = _tank.left
    allowed = min(steps, before)
    _tank.left = allowed
    try:
        yield
    finally:
        _tank.left = before - (allowed - _tank.left) if before < inf else inf
