"""A way to call the code and to read what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from codegen.audit.gates import reassigned
from codegen.audit.objects import Run
from codegen.audit.own_start import (
    Start,
)
from codegen.audit.plans import Plan, outline_of
from codegen.audit.returned import Found, Reading, array_of
from codegen.audit.stepping import steps
from codegen.audit.trials import Problem, Trial
from codegen.audit.truth import Truth
from codegen.audit.verdict import Judged

TrialsOf: TypeAlias = "Callable[[tuple[bool, bool]], tuple[Trial, ...]]"
#: What a way to read the code came to: the verdict, the way, ours at its points, theirs.
Entry: TypeAlias = "tuple[Judged, Tried, Truth, list[Found]]"


@dataclass(frozen=True)
class Tried:
    """A plan whose call came back with something, and one way to read that."""

    plan: Plan
    reading: Reading
    order: int
    start: Start | None = None

    @property
    def matched(self) -> int:
        return sum(len(s.parameters) for s in self.plan.slots if s.name in self.reading.of or self._flat)

    @property
    def _flat(self) -> bool:
        return self.plan.recipe.flat or bool(self.reading.joined)


def heeding(tried: Sequence[Tried], trials_of: TrialsOf, run: Run) -> list[Tried]:
    """Without those where code that steps comes to the same, whatever parameters it is given: it sets its own."""
    stepping = [one for one in tried if steps(one.reading)]
    jobs = []
    for one in stepping:
        here, there = trials_of(one.plan.data.classes)[:2]
        jobs += [one.plan.job(here), one.plan.job(replace(here, parameters=there.parameters))]
    results = run(jobs).results if jobs else ()
    deaf: list[Tried] = []
    for place, one in enumerate(stepping):
        pair = results[2 * place : 2 * place + 2]
        if len(pair) < 2 or any("error" in record for record in pair):
            continue
        outline = outline_of(jobs[2 * place])
        both = [[array_of(record, outline, leaf) for leaf in one.reading.of.values()] for record in pair]
        if all(a is not None and b is not None and np.array_equal(a, b) for a, b in zip(*both, strict=True)):
            deaf.append(one)
    return [one for one in tried if one not in deaf]


def with_gates_paired(tried: Sequence[Tried], problem: Problem) -> list[Tried]:
    """These, and behind them the same with whole gates that stand for other ones, where no person has said which."""
    others = [
        replace(one, plan=replace(one.plan, slots=slots))
        for one in tried
        if not one.plan.recipe.settled
        for slots in reassigned(one.plan.slots, problem)
    ]
    return [*tried, *others]
