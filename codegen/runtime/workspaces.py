"""The arrays that functions work in, kept for a few numbers of samples."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from codegen.runtime.facts import Functions

#: So many workspaces are kept, and so many bytes of them; the last one is, whatever it takes.
KEPT, KEPT_BYTES = 8, 2**25
#: No more samples than FEW are predicted at once anyway; more in blocks of at most MANY_ROWS, whose workspace takes
#: about so many bytes, as one of PROBE samples tells.
FEW, MANY_ROWS, BLOCK_BYTES, PROBE = 256, 2**16, 2**23, 64


class Workspaces:
    """The functions for each number of samples, with the arrays that they share; ``make`` is how they are made."""

    def __init__(self) -> None:
        self.kept: OrderedDict[int, Functions] = OrderedDict()
        self.kept_bytes: dict[int, int] = {}
        self._rows_of_block = 0

    def of(self, N: int, make: Callable[[int], Functions]) -> Functions:
        found = self.kept.get(N)
        if found is None:
            found = self.kept[N] = make(N)
            self.kept_bytes[N] = bytes_of(found)
            while len(self.kept) > 1 and (len(self.kept) > KEPT or sum(self.kept_bytes.values()) > KEPT_BYTES):
                oldest, _ = self.kept.popitem(last=False)
                del self.kept_bytes[oldest]
        return found

    def rows_of_block(self, make: Callable[[int], Functions]) -> int:
        """How many samples are predicted at once, so that their workspace stays small."""
        if not self._rows_of_block:
            one = max(bytes_of(make(PROBE)) / PROBE, 1.0)
            self._rows_of_block = int(min(max(BLOCK_BYTES / one, PROBE), MANY_ROWS))
        return self._rows_of_block

    def batches_at_once(self, size: int, most: int, make: Callable[[int], Functions]) -> int:
        """How many batches of ``size`` are worked on at once: at most so many samples, in a small workspace."""
        self.of(size, make)
        room = BLOCK_BYTES // max(self.kept_bytes[size], 1)
        return max(min(most // size, room), 1)


def bytes_of(functions: Functions) -> int:
    """The bytes of the arrays that functions share, found in what they close over."""
    seen: set[int] = set()
    waiting: list[Any] = [*functions]
    total = 0
    while waiting:
        held = waiting.pop()
        if isinstance(held, partial):
            waiting += [held.func, *held.args]
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, np.ndarray):
            if isinstance(held.base, np.ndarray):
                waiting.append(held.base)
            else:
                total += held.nbytes
        waiting += [cell.cell_contents for cell in getattr(held, "__closure__", None) or () if _filled(cell)]
    return total


def _filled(cell: Any) -> bool:
    """Whether there is something in a cell: a name that is assigned later has none yet."""
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
