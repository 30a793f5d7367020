"""What is said where no way to call the code came back with gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codegen.audit.asked import CALL
from codegen.audit.plans import Plan
from codegen.audit.trials import Problem, Trial
from symbolic.errors import CommandError


class Unusable(CommandError):
    """No way to call the code came back with gradients, under these sizes."""


def refusal(
    where: str,
    problem: Problem,
    error: tuple[str, Plan | None] | None,
    came_back: Sequence[tuple[int, ...]],
    trial: Trial,
) -> str:
    """One line: what was passed and what came of it."""
    if error is None:
        came = ", ".join(map(str, came_back[:8])) or "nothing"
        wanted = ", ".join(f"{name} {shape}" for name, shape in problem.shapes.items())
        return (
            f"{where} changed no parameter, and what it returned has no gradient among it: {came} came, {wanted} "
            f"was expected; say which is which, as in --call '{CALL}'"
        )
    said, plan = error
    if plan is None:
        return f"{where}: {said}"
    if "did not return" in said:
        return f"{where} {said}"
    shapes = {name: tuple(np.shape(array)) for name, array in plan.arrays(trial).items()}
    passed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    n, sizes = trial.samples, ", ".join(f"{k} = {v}" for k, v in problem.sizes.items())
    given = f"it was given {passed} and N = {n} samples ({sizes})"
    return f"{where} failed: {said}; {given}; say how it is called with --call"
