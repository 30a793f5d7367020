"""How much work the search for a repair may take: counts alone, so that a sheet gets one answer on every machine.

What is counted is what is asked for, whether a cache answers it or not.  The clock ends only what no count
foresaw, and then that is what is said of the line.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from symbolic.marking.grammar.tree import Node, size_of

#: Candidates that are tried: for the first wrong line, for later ones, in each of the notations that fit a text
#: equally well (all the common slips are among so many), and for a name that was given to the wrong thing.
FIRST, LATER, EACH, BRIEF = 1000, 300, 280, 120
#: Edits that are looked at for each candidate that may be tried; most of them repeat others or cannot be better.
LOOKED_AT = 100
#: Symbols read for each candidate that may be tried: long lines get fewer candidates.
SYMBOLS = 400
#: Seconds of the processor after which a search is a runaway.
RUNAWAY = 60.0
#: The clock is asked once in so many edits: a system call costs as much as an edit.
ASKED_EVERY = 64


class Ended(Exception):
    """The clock ended a search; what it had found by then is not said, as it would not be found everywhere."""


@dataclass
class Effort:
    """What one search has spent of what it may."""

    most: int
    tried: int = 0
    looked_at: int = 0
    symbols: int = 0
    _start: float = field(default_factory=lambda: time.thread_time())  # asked when a search begins

    @property
    def spent(self) -> bool:
        """Whether the counts say that it is enough.  Raises Ended when the clock does."""
        if self.looked_at % ASKED_EVERY == 0 and time.thread_time() - self._start > RUNAWAY:
            raise Ended
        return self.tried > self.most or self.looked_at > self.most * LOOKED_AT or self.symbols > self.most * SYMBOLS

    def look(self) -> None:
        self.looked_at += 1

    def try_(self, tree: Node) -> None:
        self.tried += 1
        self.symbols += size_of(tree)
