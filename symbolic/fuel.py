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
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache, update_wrapper
from math import inf
from typing import Any, Generic, TypeVar

#: More than anybody takes; where nobody has set a limit there is so much, and what was taken can still be told.
ENDLESS = 10**18


class Exhausted(BaseException):
    """More work than was allowed.  No ``Exception``: what passes over a failure and tries again must not go on."""

    def __init__(self) -> None:
        super().__init__("too long: it would take too many steps to be marked")


class _Tank(threading.local):
    """What is left for this thread."""

    left: int = ENDLESS


_tank = _Tank()


def spend(steps: int = 1) -> None:
    """Count work that is about to be done.  Raises :class:`Exhausted` when it is more than is left."""
    _tank.left -= steps
    if _tank.left < 0:
        raise Exhausted


def left() -> float:
    """How many steps may still be taken; infinity where nobody has set a limit."""
    return _tank.left if _tank.left < ENDLESS // 2 else inf


@contextmanager
def at_most(steps: float) -> Iterator[None]:
    """Inside, so many steps may be taken, and no more than the surroundings have left."""
    before = _tank.left
    allowed = int(min(steps, before))
    _tank.left = allowed
    try:
        yield
    finally:
        _tank.left = before - (allowed - _tank.left)


@contextmanager
def apart(steps: int) -> Iterator[None]:
    """Inside, so many steps may be taken, and they do not count outside.

    For work that a cache may spare: what was counted must not tell whether it did.  The price of it is to be spent
    by what asks, as a function of the question.
    """
    before, _tank.left = _tank.left, steps
    try:
        yield
    finally:
        _tank.left = before


T = TypeVar("T")


class KnownAtItsPrice(Generic[T]):
    """A function whose answers are kept; one that is known costs as many steps as it did at first."""

    def __init__(self, function: Callable[..., T], most: int) -> None:
        def answered(*arguments: Hashable, **named: Hashable) -> tuple[T, int]:
            before = _tank.left
            answer = function(*arguments, **named)
            return answer, before - _tank.left

        self._remembered = lru_cache(most)(answered)
        self.cache_clear, self.cache_info = self._remembered.cache_clear, self._remembered.cache_info
        update_wrapper(self, function)

    def __call__(self, *arguments: Any, **named: Any) -> T:
        before = _tank.left
        answer, steps = self._remembered(*arguments, **named)
        spend(steps - (before - _tank.left))
        return answer


def known_at_its_price(most: int) -> Callable[[Callable[..., T]], KnownAtItsPrice[T]]:
    """``lru_cache`` of so many answers under which what is known costs as many steps as it did at first."""
    return lambda function: KnownAtItsPrice(function, most)


class Answers(Generic[T]):
    """What was found out about so many questions; to ask again costs as many steps as it did at first.

    A question that could not be answered raises what it raised, as long as that is an ``Exception``.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._found: dict[Hashable, tuple[T | Exception, int]] = {}

    def ask(self, question: Hashable, work: Callable[[], T]) -> T:
        known = self._found.get(question)
        if known is None:
            before = _tank.left
            try:
                answer: T | Exception = work()
            except Exception as error:
                answer = error
            known = self._found[question] = answer, before - _tank.left
            if len(self._found) > self.most:
                self._found.pop(next(iter(self._found)))
        else:
            spend(known[1])
        if isinstance(known[0], Exception):
            raise known[0].with_traceback(None)
        return known[0]
