"""Slips with conditions: of relu, of cases, an indicator forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from symbolic.marking.diagnosis.edits.edit import (
    Edit,
    negated,
    product,
    product_places,
)
from symbolic.marking.grammar.tree import (
    Cases,
    Indicator,
    Node,
    Num,
    Relation,
    places,
    put,
)


def conditions(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """The condition of relu and of cases: the other way round, of something else, missing."""
    pool = tuple(pool)
    for path, node in places(tree):
        if isinstance(node, Relation):
            turned = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": "!=", "!=": "="}
            fresh = replace(node, sign=turned[node.sign])
            yield Edit("condition", put(tree, path, fresh), node, fresh, path, 0)
            for left in (True, False):
                for k, other in enumerate(pool):
                    fresh = replace(node, left=other) if left else replace(node, right=other)
                    yield Edit("condition", put(tree, path, fresh), node, fresh, path, 1 + k)
                flipped = replace(node, left=negated(node.left)) if left else replace(node, right=negated(node.right))
                yield Edit("condition", put(tree, path, flipped), node, flipped, path, 1)
        if isinstance(node, Cases) and len(node.parts) >= 3:
            values = [k for k, p in enumerate(node.parts) if not isinstance(p, Relation)]
            parts = list(node.parts)
            parts[values[0]], parts[values[1]] = parts[values[1]], parts[values[0]]
            yield Edit("condition", put(tree, path, Cases(tuple(parts))), node, Cases(tuple(parts)), path, 0)


def indicators(tree: Node, pool: Iterable[Node]) -> Iterator[Edit]:
    """relu′ or the slope of a max forgotten: [a > 0] put in."""
    for path, node in product_places(tree):
        for k, argument in enumerate(pool):
            for relation in (Relation(">", argument, Num(Fraction(0))), Relation("<", argument, Num(Fraction(0)))):
                fresh = product(Indicator(relation), node)
                yield Edit("activation_derivative", put(tree, path, fresh), None, Indicator(relation), path, k)
