"""Processes that do the work: each job has a time and a memory of its own, and a process that overruns is replaced.

A job has a deadline in processor time and is stopped at it; its process lives on.  One that does not heed it (a long
call into a library) is killed by Pebble when the clock says so or, where that fails, by the kernel.
A job that nobody waits for any more is taken from the queue, or killed when it has been running for long.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from pebble import ProcessExpired, ProcessPool

from codegen.web.failures import Failure, told
from codegen.web.settings import Limits
from symbolic.fuel import Exhausted
from symbolic.words import Text

#: A worker is replaced after so many jobs: caches of other people's networks go with it.
JOBS_OF_A_WORKER = 200
#: A job is waited for so many times as long as it may compute, and so many seconds: on a busy machine it has a part
#: of a processor.
PATIENCE, SPARE = 3, 5.0
#: A job that passed over its deadline is told again after so many seconds of processor time.
AGAIN = 0.5
#: A job whose asker has gone may finish within this time: to kill a warm worker costs more.
GRACE = 0.7
#: Objects between two looks for garbage, and looks between two that go further.
COLLECTED_AFTER = (20_000, 20, 20)
#: Modules that every worker has when it starts.
PRELOADED = ["codegen.web.jobs"]

BUSY = Text(
    "too many requests are waiting; try again in a moment", "слишком много запросов в очереди; повторите чуть позже"
)
LATE = Text(
    "took longer than {seconds} s and was stopped; ask for less, or run it at home",
    "заняло больше {seconds} с и было остановлено; спросите меньше или запустите у себя",
)
LOST = Text(
    "the worker was lost on this request: too much memory or time",
    "процесс потерян на этом запросе: слишком много памяти или времени",
)

Job = Callable[[Mapping[str, Any]], Any]


class Workers:
    """A pool of ``count`` processes; :meth:`run` gives the answer of a job or raises a :class:`Failure`."""

    def __init__(self, count: int, limits: Limits) -> None:
        self.count, self.limits = count, limits
        self.pending = 0
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=JOBS_OF_A_WORKER,
            initializer=_start,
            initargs=(limits.memory,),
            context=_context(),
        )

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join(timeout=5)

    async def run(self, job: Job, asked: Mapping[str, Any], seconds: float | None = None) -> Any:
        """The job's answer.  Raises Failure: too many waiting, too long, too large, or what the job refused."""
        if self.pending >= self.limits.waiting:
            raise Failure("busy", BUSY, retry=2)
        self.pending += 1
        try:
            return await self._run(job, asked, seconds or self.limits.seconds)
        finally:
            self.pending -= 1

    async def _run(self, job: Job, asked: Mapping[str, Any], seconds: float) -> Any:
        longest = PATIENCE * seconds + SPARE
        future = self._pool.schedule(_carry_out, args=[job, dict(asked), seconds], timeout=longest)
        began = time.monotonic()
        try:
            answer, refusal = await asyncio.wrap_future(future)
        except TimeoutError:
            raise late(longest) from None
        except ProcessExpired:
            raise Failure("lost", LOST) from None
        except (CancelledError, asyncio.CancelledError):
            self._abandon(future, began)
            raise
        if refusal is not None:
            raise refusal
        return answer

    def _abandon(self, future: Any, began: float) -> None:
        """Nobody waits for this any more: take it from the queue, or let what is nearly done finish."""
        if not future.running():
            future.cancel()
            return
        rest = max(0.0, GRACE - (time.monotonic() - began))
        asyncio.get_running_loop().call_later(rest, future.cancel)


def _context() -> Any:
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _start(memory: int) -> None:
    """In a new worker: no more memory than this, and no time for searching through what stays anyway.

    What was loaded before the worker began never becomes garbage; and a formula is small and without circles, so
    the collector is asked less often than after each few hundred of them.
    """
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _carry_out(job: Job, asked: dict[str, Any], seconds: float) -> tuple[Any, Failure | None]:
    """In a worker: the answer, or the refusal."""
    _limit_cpu(seconds)
    try:
        with deadline(seconds):
            return job(asked), None
    except Overran:
        return None, late(seconds)
    except (Exception, Exhausted) as error:
        return None, told(error)


def late(seconds: float) -> Failure:
    return Failure("time", LATE.format(seconds=f"{seconds:g}"))


class Overran(BaseException):
    """More processor time than a job has.  No ``Exception``: what passes over a failure must not go on."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Inside, so many seconds of processor time; then :class:`Overran`.  The process, and what it knows, stays."""
    if sys.platform == "win32":
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise Overran

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _limit_cpu(seconds: float) -> None:
    """Should the pool fail to end this job, the kernel will."""
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 2, hard))
