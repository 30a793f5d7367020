"""What a terminal shows on stderr while something takes long: a bar while a network is trained, else what is done.

Elsewhere, in a file or a pipe, one line says what is being done when it takes long.  Rich is imported when there is
something to draw.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

#: What is over sooner, in seconds, shows nothing.
PATIENCE = 0.5
#: What takes longer, in seconds of the processor, says so where there is no terminal: who waits may decide whether to.
LONG = 5.0


@contextmanager
def working(what: str, console: Console | None = None) -> Iterator[Callable[[str], None]]:
    """Shows ``what`` and the time that has passed, while the block runs; gives a function that says something else.

    Begins after :data:`PATIENCE`; draws on stderr, and only on a terminal.  The line is gone when the block ends.
    Elsewhere one line is written after :data:`LONG`.
    """
    if console is None and not sys.stderr.isatty():
        said = f"chainrule: {what} takes long; it goes on"
        with after(LONG, lambda: print(said, file=sys.stderr, flush=True), process_time):
            yield lambda said: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    console = console or Console(stderr=True)
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task(what, total=None)
    try:
        with after(PATIENCE, progress.start):
            yield lambda said: progress.update(task, description=said)
    finally:
        progress.stop()


@contextmanager
def after(seconds: float, act: Callable[[], None], clock: Callable[[], float] = monotonic) -> Iterator[None]:
    """Does something once when the clock has gone so far, unless the block ends before."""
    begun, ended = clock(), Event()

    def wait() -> None:
        while (left := begun + seconds - clock()) > 0:
            if ended.wait(left):
                return
        act()

    late = Thread(target=wait, daemon=True)
    late.start()
    try:
        yield
    finally:
        ended.set()
        late.join()


@contextmanager
def bar(console: Console | None = None) -> Iterator[Callable[[Any], None]]:
    """Gives a function to call with the trainer after each epoch.  Draws on stderr, and only on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = console or Console(stderr=True)
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("training", total=None, state="")

        def show(trainer: Any) -> None:
            progress.update(task, total=trainer.epochs, completed=trainer.epoch_, state=state(trainer))

        yield show


def state(trainer: Any) -> str:
    """Loss and rate of the last epoch: ``Q 0.0123  rate 0.001``."""
    history = trainer.history_
    left = f"  kept apart {history['validation_loss'][-1]:.4g}" if "validation_loss" in history else ""
    return f"Q {history['loss'][-1]:.4g}{left}  rate {history['learning_rate'][-1]:.3g}"
