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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from math import inf
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
#: What is counted down from where nobody has set a limit: more than anything takes, and counted exactly.
PLENTY = 10**15


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


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the results of a function of hashable arguments, at most so many, and what each one cost.

    A result that is known is charged for like a new one, so that what a limit allows does not depend on what was
    asked before.
    """

    def keeping(work: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=most)
        def once(*args: P.args, **named: P.kwargs) -> tuple[T, float]:
            before = _tank.left
            start = before if before < inf else PLENTY
            _tank.left = start
            try:
                result = work(*args, **named)
            finally:
                cost = start - _tank.left
                _tank.left = before
            return result, cost

        @wraps(work)
        def charged(*args: P.args, **named: P.kwargs) -> T:
            result, cost = once(*args, **named)  # type: ignore[arg-type]  # hashable, as the docstring asks
            spend(int(cost))
            return result

        return charged

    return keeping
