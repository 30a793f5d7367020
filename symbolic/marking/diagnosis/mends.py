"""Whether an edited line equals the line before it: at floats first, then in earnest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolic.evidence.evidence import compare
from symbolic.language.affine import Index
from symbolic.language.expr import Expr, mul
from symbolic.language.terms import free_indices
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.grammar.tree import BigSum, Node, walk
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.reading import Meaning, Reading
from symbolic.marking.meaning.value import Value, relabelled, same_length
from symbolic.marking.model.quick_numbers import Numbers, same
from symbolic.marking.text.refusals import NotUnderstood


@dataclass(frozen=True, slots=True)
class Target:
    """What the line before means under one reading, and its values at the points of the case."""

    meaning: Meaning
    numbers: list[Numbers]


def targets(case: Case) -> tuple[Target, ...]:
    """The meanings of the line before that have values; of those that come to the same, one."""
    found: list[Target] = []
    for meaning in case.before.meanings:
        values = case.points.values(meaning.value.expr, _labels(meaning.value), meaning.auxiliary)
        if values is not None and not any(_alike(Target(meaning, values), other) for other in found):
            found.append(Target(meaning, values))
    return tuple(found)


def mends(tree: Node, case: Case, goals: tuple[Target, ...]) -> bool:
    """Whether the edited line equals one of the goals, or is right by the case's own measure."""
    if case.accepts is not None:
        return case.accepts(tree)
    for meaning in _meanings(tree, case):
        for goal in goals:
            expr = _fitted(goal.meaning.value, meaning, case)
            if expr is None:
                continue
            helpers = (*goal.meaning.auxiliary, *meaning.auxiliary)
            if case.points.matches(goal.numbers, expr, _labels(goal.meaning.value), helpers):
                definitions = (*case.known.definitions, *helpers)
                domains = {**case.model.domains}
                return compare(goal.meaning.value.expr, expr, definitions=definitions, domains=domains).holds
    return False


def _alike(one: Target, other: Target) -> bool:
    values = one.meaning.value, other.meaning.value
    shapes = [(v.row, [a.extent for a in v.axes], free_indices(v.expr) - set(v.axes)) for v in values]
    return shapes[0] == shapes[1] and same(one.numbers, other.numbers)


def _labels(value: Value) -> tuple[Index, ...]:
    rest = sorted(free_indices(value.expr) - set(value.axes))
    return (*value.axes, *rest)


def _meanings(tree: Node, case: Case) -> Iterator[Meaning]:
    column = case.known.sample is not None and not _over_sample(tree, case)
    for reading in (Reading(), Reading(frozenset({"column"}))) if column else (Reading(),):
        try:
            meaning = elaborate(tree, case.known, reading)
        except (NotUnderstood, RecursionError, ValueError, AssertionError):
            continue
        yield meaning
        if "column" not in meaning.open:
            return


def _over_sample(tree: Node, case: Case) -> bool:
    """Whether a Σ over the sample stands there: then nothing is a column."""
    sample = case.known.sample
    return sample is not None and any(isinstance(n, BigSum) and sample.index.name in n.indices for n in walk(tree))


def _fitted(target: Value, meaning: Meaning, case: Case) -> Expr | None:
    """The candidate over the axes of the target, when shapes and indices fit."""
    value = meaning.value
    if len(value.axes) != len(target.axes) or (len(value.axes) == 1 and value.row != target.row):
        return None
    if not all(same_length(a, b) for a, b in zip(value.axes, target.axes, strict=True)):
        return None
    if (free_indices(value.expr) - set(value.axes)) - (free_indices(target.expr) | set(target.axes)):
        return None
    expr = relabelled(value, target.axes).expr
    return expr if case.where is None else mul(case.where, expr)
