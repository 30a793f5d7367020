"""Lagrange's multipliers: letters whose own gradient is a constraint, which holds at the optimum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from symbolic.evidence.evaluate import EvaluationError
from symbolic.language.expr import Tensor
from symbolic.language.terms import free_indices, tensors
from symbolic.marking.first_order import Condition, derived_gradient
from symbolic.marking.judging import Judging
from symbolic.marking.stationary_points import numbers


def with_constraints(work: Judging) -> list[Condition]:
    """The gradients that vanish and have a multiplier in them, with its constraint; empty where there is none."""
    varied = {condition.unknown for condition in work.stationary}
    inside = dict.fromkeys(t for c in work.stationary for t in tensors(c.gradient.value.expr) if t not in varied)
    constraints = [found for tensor in inside if (found := constraint_of(work, tensor)) is not None]
    multipliers = {constraint.unknown for constraint in constraints}
    bound = [c for c in work.stationary if multipliers & {*tensors(c.gradient.value.expr)}]
    return [*bound, *constraints]


def holds_with_constraint_alone(conditions: list[Condition], right: Iterable[Tensor]) -> bool:
    """Whether a line is claimed only where the constraints hold: the right side has no multiplier to hold for any."""
    given = {condition.unknown for condition in conditions if condition.unknown.role == "input"}
    return bool(given) and not given & {*right}


def constraint_of(work: Judging, tensor: Tensor) -> Condition | None:
    """The gradient by a letter that is given, and that a line solves for or words call a multiplier."""
    quantity = work.premises.known.quantity_of(tensor)
    if quantity is None or quantity.defined or quantity.base not in work.premises.multipliers:
        return None
    gradient = derived_gradient(work, tensor)
    return gradient if gradient is not None and is_the_same_for_all(work, gradient) else None


def is_the_same_for_all(work: Judging, constraint: Condition) -> bool:
    """Whether the gradient by a letter has that letter nowhere in it: what it is multiplied with."""
    expr, tensor = constraint.gradient.value.expr, constraint.unknown
    order = tuple(sorted(free_indices(expr)))
    instance = work.premises.points.instances[0]
    if tensor not in instance.values:
        return False
    moved = replace(instance, values={**instance.values, tensor: np.asarray(instance.values[tensor]) + 1.0})
    try:
        return bool(np.allclose(numbers(instance, expr, order), numbers(moved, expr, order)))
    except (EvaluationError, KeyError, ValueError):
        return False
