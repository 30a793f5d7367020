"""Two runs that would write one file: the second says so.  A run that is killed leaves no lock behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO


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
    file = _held(place, fcntl)
    if file is None:
        raise ValueError(f"{goal}: another run is writing there; wait for it, or give another name")
    with file:
        try:
            yield
        finally:
            place.unlink(missing_ok=True)


def _held(place: Path, fcntl: Any) -> TextIO | None:
    """The file at that place, locked; None where another process has it.

    Between opening and locking, its holder may have let go of it and removed it: then a lock on it holds nobody off.
    """
    while True:
        file = place.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), place.stat()):
                return file
        except FileNotFoundError:
            pass
        except OSError:
            file.close()
            return None
        file.close()
