"""Steps before the first and behind the last, where a text speaks of a network with a recurrence.

s_{t-1} at t = 1 is the start that the network has, and a line with E_{t+1} speaks of the steps that have one after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbolic.errors import SpecError
from symbolic.language.affine import Size, Subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, InRange, Mul, Partial, mul
from symbolic.language.terms import free_indices, in_range, transform, walk
from symbolic.network.states import BEFORE, earlier


def with_starts(expr: Expr, definitions: Iterable[Definition]) -> Expr:
    """The formula with every state at another step as the network reads it: before the first step it is the start."""
    known = {d.target.name: d for d in definitions if d.kind == BEFORE}
    states = {d.node for d in known.values()}
    if not known:
        return expr

    def read(node: Expr) -> Expr | None:
        if not isinstance(node, Entry) or node.tensor.name not in states:
            return None
        try:
            found = earlier(node.tensor, node.subscripts)
        except SpecError:
            return None
        definition = known.get(found[0].name) if found else None
        return definition.at(found[1]) if found and definition is not None else None

    return transform(expr, read)


def steps_that_are_there(*sides: Expr) -> Expr:
    """The condition under which every value at another step, t + 1 for a free t, is there; 1 where all are."""
    free = frozenset().union(*map(free_indices, sides))
    found = dict.fromkeys(pair for side in sides for pair in _reads(side))
    brackets = [in_range(sub, extent) for sub, extent in found if sub.keys and set(sub.keys) <= free]
    return mul(*brackets)


def _reads(side: Expr) -> Iterator[tuple[Subscript, Size]]:
    """The shifted subscripts of values that no bracket beside them speaks of."""
    silenced = {
        (f.subscript, f.extent)
        for node in walk(side)
        if isinstance(node, Mul)
        for f in node.factors
        if isinstance(f, InRange)
    }
    for node in walk(side):
        entry = node.by if isinstance(node, Partial) else node
        if isinstance(entry, Entry) and entry.tensor.role == "value":
            for sub, extent in zip(entry.subscripts, entry.tensor.axes, strict=True):
                shifted = len(sub.terms) == 1 and sub.constant and not sub.sizes
                if shifted and sub.keys[0].extent == extent and (sub, extent) not in silenced:
                    yield sub, extent
