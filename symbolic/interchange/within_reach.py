"""The sizes at which SymPy is quick, and why it is not asked: found out without SymPy, which takes long to import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Protocol

from symbolic.interchange.places import shape
from symbolic.interchange.testimony import Witness, left_out
from symbolic.language.affine import Size
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import Call, Entry, Expr, Extent, Fold, Sum, Tensor, Where
from symbolic.language.functions import Function
from symbolic.language.recurrence import recurrences, runs_round
from symbolic.language.terms import tensors, walk

#: SymPy's time goes with the nodes of Q times the derivatives; so many take about a second.
MOST_WORK = 20_000
#: What takes SymPy so many times as long, once for each that is inside another.
KINKED = Fraction(3, 2)
#: A derivative of steps inside steps takes SymPy so much longer than one of as many nodes side by side.
NESTED = 4


class Known(Protocol):
    """What the witness needs of an objective."""

    @property
    def definitions(self) -> tuple[Definition, ...]: ...
    @property
    def facts(self) -> tuple[Fact, ...]: ...
    @property
    def value(self) -> Tensor: ...


def has_kink(expr: Expr) -> bool:
    """Whether SymPy orders what it is made of each time it is made: max, min, absolute values, choices."""
    if isinstance(expr, Call) and expr.function.body is not None:
        return any(map(has_kink, walk(expr.function.body)))
    return isinstance(expr, Where | Fold) or (isinstance(expr, Call) and expr.function.name in ("max", "min", "abs"))


def nodes_of(definitions: Mapping[Tensor, Definition], formula: Expr, sizes: Mapping[str, int]) -> int:
    """About how many nodes the formula has when it is written out at these sizes."""
    known: dict[Tensor, int] = {}

    def counted(expr: Expr) -> int:
        if isinstance(expr, Entry):
            return known.get(expr.tensor, 1)
        inside = 1 + sum(map(counted, expr.children))
        inside = int(KINKED * inside) if has_kink(expr) else inside
        if isinstance(expr, Fold):  # each of them is compared with each of the others
            return inside * expr.index.extent.value(sizes) ** 2
        return inside * expr.index.extent.value(sizes) if isinstance(expr, Sum) else inside

    groups = {target: group for group in recurrences(definitions.values()) for target in group.targets}
    for definition in definitions.values():
        group = groups.get(definition.target)
        if group is None:
            known[definition.target] = counted(definition.formula)
        elif definition.target not in known:  # each step has all of the steps before it inside
            for _ in range(group.index.extent.value(sizes)):
                for member in group.members:
                    known[member.target] = counted(member.formula)
    return counted(formula)


def size_names(definitions: Iterable[Definition], more: Iterable[Tensor] = ()) -> tuple[str, ...]:
    """The names of all sizes, in order of first occurrence."""
    found: dict[str, None] = {}
    for definition in definitions:
        for tensor in (definition.target, *tensors(definition.formula)):
            found.update(dict.fromkeys(name for axis in tensor.axes for name in axis.keys))
    found.update(dict.fromkeys(name for tensor in more for axis in tensor.axes for name in axis.keys))
    return tuple(found)


def small_sizes(
    definitions: Sequence[Definition], variables: Sequence[Tensor], most: int = MOST_WORK
) -> dict[str, int] | None:
    """The sizes of 2 and 3, unlike each other as far as possible, at which SymPy is quick; None where it never is."""
    names = size_names(definitions, variables)
    by_tensor = {definition.target: definition for definition in definitions}

    def quick(sizes: Mapping[str, int]) -> bool:
        derivatives = sum(prod(shape(tensor, sizes)) for tensor in variables)
        nodes = nodes_of(by_tensor, definitions[-1].formula, sizes) * (NESTED if runs_round(definitions) else 1)
        return _work(nodes, sizes.get("N", 1), derivatives) <= most

    if not quick(dict.fromkeys(names, 2)):
        return None
    axes = _axes(definitions)
    choices = product((2, 3), repeat=min(len(names), 8))
    for choice in sorted(choices, key=lambda c: (max(c.count(2), c.count(3)), c.count(3), c)):
        sizes = {**dict.fromkeys(names, 2), **dict(zip(names, choice, strict=False))}
        # an axis such as T - U + 1 must not shrink to one entry either
        if all(axis.value(sizes) >= (2 if axis.number is None else 1) for axis in axes) and quick(sizes):
            return sizes
    return None


def _axes(definitions: Iterable[Definition]) -> set[Size]:
    """All extents: of tensors, of sums, and those that stand in a formula as numbers."""
    found: set[Size] = set()
    for definition in definitions:
        for tensor in (definition.target, *tensors(definition.formula)):
            found.update(tensor.axes)
        for node in walk(definition.formula):
            if isinstance(node, Sum):
                found.add(node.index.extent)
            elif isinstance(node, Extent):
                found.add(node.size)
    return found


def _work(nodes: int, objects: int, derivatives: int) -> int:
    """One object is derived, and all objects are evaluated, which takes about a third of the time."""
    return nodes // objects * derivatives * (1 + objects) // 3


def refusal(objective: Known, variables: Sequence[Tensor], most: float = 1.0) -> tuple[Witness | None, dict[str, int]]:
    """Why the witness is left out, or the sizes at which it speaks; ``most`` is what there is to do beside."""
    for definition in objective.definitions:
        for node in walk(definition.formula):
            function = getattr(node, "function", None)
            if isinstance(function, Function) and function.kind == "generic":
                return left_out(f"{function.name} has no formula"), {}
    sizes = small_sizes(objective.definitions, variables, int(MOST_WORK / max(1.0, most)))
    if sizes is None:
        return left_out("Q written out at the smallest sizes is too long for SymPy's derivatives in two seconds"), {}
    return None, sizes
