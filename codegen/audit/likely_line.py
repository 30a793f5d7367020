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
    """The first line that gives what the slip gives; where none is known, the one that gives a wrong gradient."""
    traced = record.get("trace") or []
    trial = plan.trial(whole)
    wrong = [f.parameter for f in judged.findings if not f.agrees]
    if judged.mutant is not None:
        tensors = [d.target for d in judged.mutant.definitions]
        slipped = problem.evaluate([trial], tensors, judged.mutant.definitions)
        for tensor in tensors:
            if (line := _line_of(traced, list(_forms(slipped[tensor][0], trial)))) is not None:
                return line
    if judged.slip is not None:  # a slip further back is in no line that gives a gradient
        return None
    right = problem.gradients([trial])[0]
    names = {slot.name for slot in plan.slots if set(slot.parameters) & set(wrong)}
    hints = {leaf.hint for slot, leaf in reading.of.items() if slot in names and leaf.hint}
    shapes = {name: right[name].shape for name in wrong}
    for entry in reversed(traced):
        if entry["name"].split(".")[-1].split("[")[0] in {hint.split("[")[0] for hint in hints} and shapes:
            return int(entry["line"])
    return None


def squared(record: Mapping[str, Any], problem: Problem, samples: int) -> int | None:
    """The first line that gives an array of samples × samples, as (N, 1) − (N,) does; None where a size is N too."""
    lengths = {*problem.sizes.values(), *(n for shape in problem.shapes.values() for n in shape)}
    traced = [] if samples in lengths else record.get("trace") or []
    shapes = ((entry["line"], [n for n in entry["shape"] if n != 1]) for entry in traced)
    return next((int(line) for line, shape in shapes if samples > 1 and shape == [samples, samples]), None)


def _forms(array: Array, trial: Trial) -> Iterator[Array]:
    """The array in the ways in which code may have it: as a mean, with another sign, of one sample."""
    n = float(trial.samples)
    for factor in dict.fromkeys(a * b for a in (1.0, 0.5, 2.0) for b in (1.0, 1.0 / n, n)):
        yield factor * array
        yield -factor * array


def _line_of(traced: list[dict[str, Any]], wanted: list[Array]) -> int | None:
    flats = [np.sort(array.reshape(-1)) for array in wanted if array.any()]
    for entry in traced:
        numbers = np.sort(np.array(entry["numbers"], np.float64))
        for flat in flats:
            if numbers.shape == flat.shape and numbers.size > 1 and np.isfinite(numbers).all():
                scale = max(float(np.abs(flat).max()), 1e-12)
                if float(np.abs(numbers - flat).max()) <= NEAR * scale:
                    return int(entry["line"])
    return None
