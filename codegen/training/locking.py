"""Two runs that would write one file: the second says so.  A run that is killed leaves no lock behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any


@contextmanager
def alone(goal: Path) -> Iterator[None]:
    """Hold ``goal`` for this process while the block runs; ValueError when another one holds it.

    The system lets go of a lock whose holder has died.  Where it knows no such locks, nothing is held.
    """
    try:
        fcntl: Any = import_module("fcntl")
    except ImportError:
        yield
        return
    place = goal.with_name(f".{goal.name}.lock")
    with place.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ValueError(f"{goal}: another run is writing there; wait for it, or give another name") from None
        try:
            yield
        finally:
            place.unlink(missing_ok=True)
