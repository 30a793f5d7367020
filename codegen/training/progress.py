"""A live bar in the terminal while a network is trained: epoch, loss, rate, time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(console: Console | None = None) -> Iterator[Callable[[Any], None]]:
    """Gives a function to call with the trainer after each epoch.  Draws on stderr, and only on a terminal."""
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
