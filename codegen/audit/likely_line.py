"""Where a slip may be in a person's file: the line whose array is what the slip gives, and not what is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from codegen.audit.handwritten import Handwritten
from codegen.audit.plans import Plan
from codegen.audit.returned import Reading
from codegen.audit.trials import Array, Problem, Trial
from codegen.audit.verdict import Judged

NEAR = 1e-6


def likely_line(
    source: Handwritten,
    problem: Problem,
    plan: Plan,
    reading: Reading,
    whole: Trial,
    record: Mapping[str, Any],
    judged: Judged,
) -> int | None:
    """The first line that gives what the slip gives; else the one that gives a wrong gradient; None when none does."""
    traced = record.get("trace") or []
    trial = plan.trial(whole)
    wrong = [f.parameter for f in judged.findings if not f.agrees]
    if judged.mutant is not None:
        tensors = [d.target for d in judged.mutant.definitions]
        slipped = problem.evaluate([trial], tensors, judged.mutant.definitions)
        for tensor in tensors:
            if (line := _line_of(traced, list(_forms(slipped[tensor][0], trial)))) is not None:
                return line
    right = problem.gradients([trial])[0]
    slipped_gradients = problem.gradients([trial], judged.mutant.definitions)[0] if judged.mutant else {}
    for name in wrong:
        if (
            name in slipped_gradients
            and (line := _line_of(traced, list(_forms(slipped_gradients[name], trial)))) is not None
        ):
            return line
    names = {slot.name for slot in plan.slots if set(slot.parameters) & set(wrong)}
    hints = {leaf.hint for slot, leaf in reading.of.items() if slot in names and leaf.hint}
    shapes = {name: right[name].shape for name in wrong}
    for entry in reversed(traced):
        if entry["name"].split(".")[-1].split("[")[0] in {hint.split("[")[0] for hint in hints} and shapes:
            return int(entry["line"])
    return None


def _forms(array: Array, trial: Trial) -> Iterator[Array]:
    """The array in the ways in which code may have it: as a mean, with another sign, of one sample."""
    for factor in (1.0, 1.0 / trial.samples, -1.0, -1.0 / trial.samples, 0.5, 0.5 / trial.samples, -0.5):
        yield factor * array


def _line_of(traced: list[dict[str, Any]], wanted: list[Array]) -> int | None:
    flats = [np.sort(array.reshape(-1)) for array in wanted if array.size]
    for entry in traced:
        numbers = np.sort(np.array(entry["numbers"], np.float64))
        for flat in flats:
            if numbers.shape == flat.shape and numbers.size > 1 and np.isfinite(numbers).all():
                scale = max(float(np.abs(flat).max()), 1e-12)
                if float(np.abs(numbers - flat).max()) <= NEAR * scale:
                    return int(entry["line"])
    return None
