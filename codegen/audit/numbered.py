"""Data that is handed over number by number: ``x1, x2, y``, ``i1, i2, target_o1, target_o2``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from codegen.audit.asked import Filler
from codegen.audit.trials import Problem
from codegen.audit.wordings import bare, says

_NUMBERED = re.compile(r"(.*?[A-Za-z])_?\d+")
_SHORT = {"inputs": r"i|in|inp|feat", "target": r"true|out(put)?target"}


def numbered_data(names: Sequence[str], problem: Problem) -> dict[str, Filler]:
    """What such arguments get: those whose names are alike but for a number, as many as there are inputs or outputs."""
    first, target = problem.objective.inputs[0], problem.objective.target
    groups: dict[str, list[str]] = {}
    for name in names:
        if found := _NUMBERED.fullmatch(name):
            groups.setdefault(found[1], []).append(name)
    given: dict[str, Filler] = {}
    for role, tensor in (("inputs", first), ("target", target)):
        count = int(np.prod([axis.value(problem.sizes) for axis in tensor.axes[1:]]))
        own = [group for stem, group in groups.items() if _called(role, stem, tensor.name) and len(group) == count > 1]
        if len(own) == 1 and len(problem.objective.inputs) == 1:
            kind = "x entry" if role == "inputs" else "y entry"
            given |= {name: (kind, place) for place, name in enumerate(own[0])}
    return given


def _called(role: str, stem: str, own: str) -> bool:
    """Whether a name without its number says so: ``target_o`` too, the target of output o."""
    plain = {bare(stem), bare(re.sub(r"_?o(ut(put)?)?$", "", stem))} - {""}
    return any(one == bare(own) or says(role, one) or re.fullmatch(_SHORT[role], one) for one in plain)
