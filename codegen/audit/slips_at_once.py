"""The gradients under many slips at once, at one point: the slip that holds is told by the place on the points' axis.

What takes long in a small network is not its numbers but its formulas, a recurrence's above all, which are gone through
at every step.  So the formulas are gone through once for many slips.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeAlias

import numpy as np

from codegen.audit.trials import Array, Problem, Trial, differentiated
from symbolic.evidence.evaluate import EvaluationError
from symbolic.language.affine import subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Compare, Expr, Symbol, Tensor, Where, number
from symbolic.language.terms import free_indices, reindex, tensors, walk

Gradients: TypeAlias = "dict[str, Array]"
Slip: TypeAlias = "tuple[Definition, ...]"

#: As many slips are evaluated at once, fewer where the arrays would be longer than that.
SLIPS, NUMBERS = 32, 200_000
WHICH = Symbol("#slip")


def at_once(problem: Problem, samples: int) -> int:
    """How many slips are evaluated at once where there are so many samples."""
    sizes = {**problem.sizes, "N": samples}
    formulas = {node for d in problem.adjoint.definitions for node in walk(d.formula)}
    longest = max(math.prod(i.extent.value(sizes) for i in free_indices(formula)) for formula in formulas)
    return min(SLIPS, max(1, NUMBERS // longest))


def only_target(problem: Problem, slip: Slip) -> Tensor | None:
    """The value that a slip is in, where it changes one alone, and what that is computed from does not feel it."""
    first, *others = slip
    felt = problem.affected(frozenset({first.target}))
    return None if others or felt & {*tensors(first.formula)} or problem.goes_round(first.target) else first.target


def gradients_under(
    problem: Problem, trial: Trial, slips: Sequence[Slip], names: Collection[str]
) -> list[Gradients | None]:
    """∂Q/∂w of these parameters at the trial, under each slip: definitions that stand for the derived ones.

    None for a slip under which a value is computed from itself.
    """
    try:
        return list(_gradients(problem, trial, slips, names))
    except EvaluationError:
        if len(slips) == 1:
            return [None]
        half = len(slips) // 2  # two that are well by themselves may go round together
        parts = slips[:half], slips[half:]
        return [found for part in parts for found in gradients_under(problem, trial, part, names)]


def _gradients(problem: Problem, trial: Trial, slips: Sequence[Slip], names: Collection[str]) -> list[Gradients]:
    right = {tensor: array[0] for tensor, array in problem.everything((trial,)).items()}
    count = len(slips)
    changed = frozenset(definition.target for slip in slips for definition in slip)
    gradients = {name: tensor for name, tensor in problem.gradient_tensors.items() if name in names}
    felt = problem.affected(changed)
    if len(changed) == 1 and all(only_target(problem, slip) is not None for slip in slips):
        known, anew = dict(zip(changed, [_values(problem, trial, slips)], strict=True)), felt - changed
        definitions: dict[Tensor, Definition] = {}
    else:
        known, anew = {}, felt | differentiated(definition for slip in slips for definition in slip)
        definitions = {tensor: _blended(problem, tensor, slips) for tensor in changed}
    kept = {t: np.broadcast_to(a, (count, *a.shape)) for t, a in right.items() if t not in anew} | known
    definitions = {t: d for t, d in problem.definitions.items() if t in anew} | definitions
    wanted = [tensor for tensor in gradients.values() if tensor in anew]
    which = {WHICH.name: np.arange(count, dtype=np.float64)}
    found = kept | problem.evaluated((trial,) * count, kept, definitions, wanted, which)
    return [
        {
            name: np.zeros(problem.shapes[name]) if tensor is None else found[tensor][k].reshape(problem.shapes[name])
            for name, tensor in gradients.items()
        }
        for k in range(count)
    ]


def _values(problem: Problem, trial: Trial, slips: Sequence[Slip]) -> Array:
    """The values of one E under each slip in it, where nothing that it is computed from feels the slip."""
    right = problem.everything((trial,))
    opened = differentiated(definition for slip in slips for definition in slip)
    kept = {tensor: array for tensor, array in right.items() if tensor not in opened}
    own = [replace(d, target=replace(d.target, name=f"#{k}")) for k, (d,) in enumerate(slips)]
    definitions = {t: d for t, d in problem.definitions.items() if t in opened} | {d.target: d for d in own}
    values = problem.evaluated((trial,), kept, definitions, [d.target for d in own])
    return np.concatenate([values[d.target] for d in own])


def _blended(problem: Problem, tensor: Tensor, slips: Sequence[Slip]) -> Definition:
    """The derived definition, but where one slip or another holds."""
    right = problem.definitions[tensor]
    here = tuple(map(subscript, right.indices))
    changed = [
        (place, reindex(d.formula, dict(zip(d.indices, here, strict=True))))
        for place, slip in enumerate(slips)
        for d in slip
        if d.target == tensor
    ]

    def unless(formula: Expr, slip: tuple[int, Expr]) -> Expr:
        return Where(Compare("==", WHICH, number(slip[0])), slip[1], formula)

    return Definition(tensor, right.indices, reduce(unless, changed, right.formula), "adjoint")
