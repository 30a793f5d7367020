"""Whether an edited line equals the line before it: at floats first, then in earnest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolic.evidence.evidence import compare
from symbolic.language.affine import Index
from symbolic.language.expr import Expr, mul
from symbolic.language.terms import free_indices
from symbolic.marking.ambiguities import ALIKE
from symbolic.marking.diagnosis.case import Case
from symbolic.marking.grammar.tree import BigSum, Node, walk
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.elaboration import Memory
from symbolic.marking.meaning.reading import Meaning, Reading
from symbolic.marking.meaning.value import ANY_LENGTH, Value, relabelled, same_length
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


def mends(tree: Node, case: Case, goals: tuple[Target, ...], remembered: Memory) -> bool:
    """Whether the edited line equals one of the goals, or is right by the case's own measure.

    ``remembered``: the values of sub-trees, of this case alone.
    """
    if case.accepts is not None:
        return case.accepts(tree)
    for goal in goals:
        for meaning in _meanings(tree, case, goal, remembered):
            if _fits(goal.meaning.value, meaning.value) and _looks_equal(goal, meaning, case):
                return _is_equal(tree, case, goals)
    return False


def _is_equal(tree: Node, case: Case, goals: tuple[Target, ...]) -> bool:
    """In earnest, and of the line as it is read by itself."""
    for goal in goals:
        for meaning in _meanings(tree, case, goal):
            if _fits(goal.meaning.value, meaning.value) and _looks_equal(goal, meaning, case):
                expr = _times_where(relabelled(meaning.value, goal.meaning.value.axes).expr, case)
                definitions = (*case.known.definitions, *goal.meaning.auxiliary, *meaning.auxiliary)
                domains = {**case.model.domains}
                return compare(goal.meaning.value.expr, expr, definitions=definitions, domains=domains).holds
    return False


def _looks_equal(goal: Target, meaning: Meaning, case: Case) -> bool:
    """Whether floats see no difference; the line keeps its own axes, so that parts of it are known already."""
    target, value = goal.meaning.value, meaning.value
    if any(axis.extent == ANY_LENGTH for axis in value.axes):
        value = relabelled(value, target.axes)
    axes = (*value.axes, *_others(target))
    helpers = (*goal.meaning.auxiliary, *meaning.auxiliary)
    return case.points.matches(goal.numbers, _times_where(value.expr, case), axes, helpers)


def _alike(one: Target, other: Target) -> bool:
    values = one.meaning.value, other.meaning.value
    shapes = [(v.row, [a.extent for a in v.axes], free_indices(v.expr) - set(v.axes)) for v in values]
    return shapes[0] == shapes[1] and same(one.numbers, other.numbers)


def _labels(value: Value) -> tuple[Index, ...]:
    return (*value.axes, *_others(value))


def _others(value: Value) -> tuple[Index, ...]:
    """The indices that are no axes."""
    return tuple(sorted(free_indices(value.expr) - set(value.axes)))


def _meanings(tree: Node, case: Case, goal: Target, remembered: Memory | None = None) -> Iterator[Meaning]:
    """The edited line in the readings that the text has chosen, and that the line before it takes."""
    chosen = case.chosen | goal.meaning.taken & ALIKE
    column = case.known.sample is not None and not _over_sample(tree, case)
    for reading in (Reading(chosen), Reading(chosen | {"column"})) if column else (Reading(chosen),):
        try:
            meaning = elaborate(tree, case.known, reading, remembered)
        except (NotUnderstood, RecursionError, ValueError, AssertionError):
            continue
        yield meaning
        if "column" not in meaning.open:
            return


def _over_sample(tree: Node, case: Case) -> bool:
    """Whether a Σ over the sample stands there: then nothing is a column."""
    sample = case.known.sample
    return sample is not None and any(isinstance(n, BigSum) and sample.index.name in n.indices for n in walk(tree))


def _fits(target: Value, value: Value) -> bool:
    """Whether shapes and indices fit."""
    if len(value.axes) != len(target.axes) or (len(value.axes) == 1 and value.row != target.row):
        return False
    if not all(same_length(a, b) for a, b in zip(value.axes, target.axes, strict=True)):
        return False
    return not (free_indices(value.expr) - set(value.axes)) - (free_indices(target.expr) | set(target.axes))


def _times_where(expr: Expr, case: Case) -> Expr:
    return expr if case.where is None else mul(case.where, expr)
