"""An edit of a tree, and what all kinds of edits need: where it may be made, which letters are bound there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Cases,
    Component,
    Deriv,
    Dotted,
    Frac,
    Hadamard,
    Matrix,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Path,
    Power,
    Relation,
    node_at,
    places,
    way,
)

TWO, ONE, HALF = Num(Fraction(2)), Num(Fraction(1)), Frac(Num(Fraction(1)), Num(Fraction(2)))


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited tree; ``old`` and ``new`` are what was exchanged (None: inserted, or taken away)."""

    kind: str
    tree: Node
    old: Node | None = None
    new: Node | None = None
    path: Path = ()
    rank: int = 0


def product(*factors: Node) -> Node:
    """A flat product without ones."""
    flat: list[Node] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Mul) else (factor,))
    flat = [f for f in flat if f != ONE]
    return ONE if not flat else flat[0] if len(flat) == 1 else Mul(tuple(flat))


def total(terms: Iterable[Node]) -> Node:
    kept = tuple(terms)
    return Num(Fraction(0)) if not kept else kept[0] if len(kept) == 1 else Add(kept)


def negated(node: Node) -> Node:
    if isinstance(node, Neg):
        return node.argument
    if isinstance(node, Num):
        return Num(-node.value)
    return Neg(node)


def is_variable(tree: Node, path: Path) -> bool:
    """Whether the place is (inside) what a derivative is taken by."""
    return any(isinstance(node, Deriv) and step == 1 for node, step in way(tree, path))


def product_places(tree: Node) -> Iterator[tuple[Path, Node]]:
    """Where a factor may be put: whole terms, bodies of Σ, arguments; not single factors, not ∂'s variable."""
    for path, node in places(tree):
        if is_variable(tree, path) or isinstance(node, Add | Neg | Relation):
            continue
        parent = above(tree, path)
        if (
            parent is None
            or isinstance(parent, Add | Neg | BigSum | Frac | Call | Deriv | Cases | Hadamard | Matrix | Dotted)
            or (isinstance(parent, Mul) and isinstance(node, BigSum))
        ):
            yield path, node


def above(tree: Node, path: Path) -> Node | None:
    """The node that a place is a child of; None for the whole tree."""
    return node_at(tree, path[:-1]) if path else None


def in_exponent(tree: Node, path: Path) -> bool:
    """Inside an exponent (not that of e): a sign there is a matter of the power rule."""
    return any(isinstance(node, Power) and step == 1 for node, step in way(tree, path))


def bound_around(tree: Node, path: Path) -> set[str]:
    """The letters of the Σs that a place stands in."""
    return {index for node, _ in way(tree, path) if isinstance(node, BigSum) for index in node.indices}


def inside_call(tree: Node, path: Path) -> bool:
    return any(isinstance(node, Call) for node, _ in way(tree, path))


def free_letters(node: Node) -> set[str]:
    """Letters in subscripts, and single names that may be indices above (x^k), not bound by a Σ inside."""
    found = letters_of(node)
    if isinstance(node, Name) and node.bare:
        found.add(node.base)
    for child in node.children:
        found |= free_letters(child)
    return found - set(node.indices) if isinstance(node, BigSum) else found


def letters_of(node: Node) -> set[str]:
    """The letters in the subscripts that this very node carries."""
    if isinstance(node, Name):
        return {key for item in (*node.subs, *node.sups) for key in item.keys}
    if isinstance(node, Component):
        return {key for item in node.subs for key in item.keys}
    return set()
