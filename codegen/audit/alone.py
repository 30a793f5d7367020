"""Whether code that runs with one sample is for one, or is for many and fails with them.

``pred - y.ravel()`` is right for a single row and (N, N) for several.  Code for one sample has a bias whose gradient
is δ itself: with several samples that alone has a wrong shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from codegen.audit.handwritten import Handwritten
from codegen.audit.pairing import fits
from codegen.audit.plans import Plan
from codegen.audit.returned import Reading
from codegen.audit.trials import Trial
from codegen.audit.wordings import is_bias_name, without_d

#: A form of one sample that is the form of many with N = 1.
OF_MANY = {"one row": "rows", "one column": "columns"}


def with_many(plan: Plan, candidates: Sequence[Plan]) -> list[int]:
    """The places of the same calls with several samples; none where a sample is no row or column of many."""
    form = OF_MANY.get(plan.data.x) if plan.data.one else None
    listed = plan.problem.objective.inputs[0].name in plan.problem.whole  # a list of tokens is no column of many
    if form is None or (form == "columns" and listed):
        return []
    return [
        place
        for place, other in enumerate(candidates)
        if other.data.x == form and other.recipe is plan.recipe and other.slots == plan.slots
    ]


def is_for_one(
    source: Handwritten,
    partners: Sequence[tuple[Plan, Mapping[str, Any], Sequence[Reading]]],
    trial: Trial,
) -> bool:
    """Whether, with several samples, nothing but the biases goes wrong."""
    return not partners or any(
        _names_a_bias(source, record.get("line")) if "error" in record else _weights_fit(plan, readings, trial)
        for plan, record, readings in partners
    )


def _weights_fit(plan: Plan, readings: Sequence[Reading], trial: Trial) -> bool:
    arrays = plan.arrays(trial)
    weights = {slot.name for slot in plan.slots if slot.parameters[0] not in plan.biases}
    return any(
        weights <= reading.of.keys() and all(fits(reading.of[name].shape, arrays[name].shape) for name in weights)
        for reading in readings
    )


def _names_a_bias(source: Handwritten, line: int | None) -> bool:
    if line is None or line > len(source.text.splitlines()):
        return False
    words = re.findall(r"[A-Za-z_]\w*", source.text.splitlines()[line - 1])
    return any(is_bias_name(stem) for word in words for stem in without_d(word))
