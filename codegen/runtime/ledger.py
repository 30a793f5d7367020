"""What a training has seen: Q at its start, the best weights so far, and for how long nothing has become better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from codegen.runtime.arguments import Array, whole_number

#: A run has diverged once Q has risen by so many times of what it was at the start, or is at usual weights.
FAR = 100.0


class Ledger:
    """The books of one training."""

    def __init__(self, good: Array) -> None:
        """Nothing seen yet but the first weights, which are kept as they are: ``good`` is written over later.

        good         the weights at the beginning of the epoch whose Q, added up over its batches, was the ``least``
        start        Q of a sample at the first weights, so that pieces of unequal lengths can be compared; or None
        best, waited the least loss of the samples kept apart, or None, and the epochs since
        mark, idle   Q when it had last fallen by the share that counts, and the epochs since
        """
        self.good = good
        self.start: float | None = None
        self.best: float | None = None
        self.least = self.mark = np.inf
        self.waited = self.idle = 0

    def see(self, q: float, w: Array) -> None:
        """Q over an epoch that began at w."""
        if q < self.least:
            self.least = q
            self.good[...] = w

    def wait(self, q: float, left: float | None, tol: float | None) -> bool:
        """Count an epoch; whether its weights are the best by the samples kept apart, or none are kept apart."""
        if not self.mark < np.inf or q < self.mark - (tol or 0.0) * abs(self.mark):
            self.mark, self.idle = q, 0
        else:
            self.idle += 1
        if left is None or left < (np.inf if self.best is None else self.best):
            self.best, self.waited = left, 0
            return True
        self.waited += 1
        return False

    def stalled(self, tol: float | None, patience: int) -> bool:
        """Whether nothing has become better for so many epochs: of the samples kept apart, or of Q where ``tol`` is."""
        return self.waited >= patience or (tol is not None and self.idle >= patience)

    def far(self, q: float, usual: Callable[[], Iterable[float]]) -> bool:
        """Whether Q of a sample has risen far above the start; ``usual`` gives it at weights that know nothing.

        A run that begins at its goal has a Q of nearly 0, and any noise is far above that: so the data have a say.
        """
        if self.start is None or not q - self.start > FAR * abs(self.start):
            return False
        scale = max(abs(known) for known in (self.start, *usual()) if np.isfinite(known))
        return 0 < FAR * scale < q - self.start

    def facts(self) -> dict[str, Any]:
        """All but the weights, as JSON can hold it."""
        numbers = {"start": self.start, "best": self.best, "least": self.least, "mark": self.mark}
        told = {name: None if k is None or not np.isfinite(k) else k for name, k in numbers.items()}
        return {**told, "waited": self.waited, "idle": self.idle}

    @classmethod
    def of(cls, facts: Mapping[str, Any], good: Array) -> Ledger:
        """The books that ``facts`` were told of.  KeyError, TypeError or ValueError where they are damaged."""
        books = cls(good)
        books.start, books.best = (None if facts[name] is None else float(facts[name]) for name in ("start", "best"))
        books.least, books.mark = (np.inf if facts[k] is None else float(facts[k]) for k in ("least", "mark"))
        books.waited, books.idle = (whole_number(name, facts[name], 0) for name in ("waited", "idle"))
        return books
