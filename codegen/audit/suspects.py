"""The mutants of a problem and what they give, worked out once however many readings are held against them.

A search for a slip meets the same mutants at the same point under every reading of a person's code, and at every rate.
Nearly all are dropped by the one gradient that is computed first of those that they change.  So few gradients are
looked at, at one point, and those of many mutants at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeAlias

from codegen.audit.backward import Mutant
from codegen.audit.mutants import Mutants
from codegen.audit.slips_at_once import Gradients, at_once, gradients_under, only_target
from codegen.audit.trials import Problem, Trial
from symbolic.language.definition import Definition
from symbolic.words import Text

#: So long are slips searched for, in seconds of the processor.
SECONDS = 10.0
#: Of so many that follow each other in likelihood, those are looked at together that are alike.
AHEAD = 128

GAVE_UP = Text(
    "the search for one slip that explains it ended after {n} s: {k} of {all} slips were tried",
    "поиск одной ошибки, которая всё объясняет, остановлен через {n} с: проверено {k} из {all}",
)

Seen: TypeAlias = "tuple[int, tuple[Definition, ...], frozenset[str]]"


class Patience:
    """How long slips are searched for, over all readings; it begins to run when it is first asked."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.thread_time) -> None:
        self.seconds, self._clock = seconds, clock
        self._until: float | None = None

    @property
    def ended(self) -> bool:
        now = self._clock()
        if self._until is None:
            self._until = now + self.seconds
        return now >= self._until


class Suspects:
    """The mutants of one problem, looked at until the patience ends."""

    def __init__(self, problem: Problem, patience: Patience | None = None) -> None:
        self.problem, self.patience = problem, patience or Patience()
        self._mutants: dict[bool, Mutants] = {}
        self._listed: dict[tuple[bool, float | None], tuple[Mutant, ...]] = {}
        self._seen: dict[Seen, Gradients | None] = {}
        self._at_once: dict[int, int] = {}
        self._trials: dict[int, Trial] = {}
        #: What is said where the patience ended before all had been looked at.
        self.gave_up: Text | None = None

    def mutants(self, by_units: bool) -> Mutants:
        if by_units not in self._mutants:
            self._mutants[by_units] = Mutants(self.problem, by_units)
        return self._mutants[by_units]

    def listed(self, by_units: bool, rate: float | None) -> tuple[Mutant, ...]:
        """The likeliest first."""
        if (by_units, rate) not in self._listed:
            self._listed[by_units, rate] = self.mutants(by_units).at_rate(rate)
        return self._listed[by_units, rate]

    def looked_at(
        self, trial: Trial, mutants: Sequence[Mutant], wanted: Callable[[Mutant], frozenset[str]]
    ) -> Iterator[tuple[Mutant, Gradients]]:
        """Each in turn with its wanted gradients at the point; those that cannot be evaluated are passed over."""
        self._trials[id(trial)] = trial  # is kept, so that its id stays its own
        for start in range(0, len(mutants), AHEAD):
            keys = [
                (mutant, (id(trial), mutant.definitions, wanted(mutant))) for mutant in mutants[start : start + AHEAD]
            ]
            self._look(trial, [key for _, key in keys if key not in self._seen])
            for place, (mutant, key) in enumerate(keys, start):
                if key not in self._seen:
                    self.gave_up = GAVE_UP.format(n=f"{self.patience.seconds:g}", k=place, all=len(mutants))
                    return
                found = self._seen[key]
                if found is not None:
                    yield mutant, found

    def _look(self, trial: Trial, unknown: Sequence[Seen]) -> None:
        """Those together that are in one E, and all of a recurrence, which is gone through as a whole."""
        alike: dict[Hashable, list[Seen]] = {}
        for key in unknown:
            alike.setdefault(only_target(self.problem, key[1]), []).append(key)
        if trial.samples not in self._at_once:
            self._at_once[trial.samples] = at_once(self.problem, trial.samples)
        count = self._at_once[trial.samples]
        for group in alike.values():
            for batch in (group[k : k + count] for k in range(0, len(group), count)):
                if self.patience.ended:
                    return
                names = frozenset(name for *_, wanted in batch for name in wanted)
                found = gradients_under(self.problem, trial, [slip for _, slip, _ in batch], names)
                self._seen.update(zip(batch, found, strict=True))
