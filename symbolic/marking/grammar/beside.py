"""Names that stand side by side: the x and the x_i of ``x - x_i``, of ``k(x, x_i)``, of ``x^T x_i``."""

from __future__ import annotations

from collections.abc import Iterator

from symbolic.marking.grammar.tree import Add, Call, Inner, Mul, Name, Neg, Node, Transpose, walk


def named_beside(tree: Node) -> Iterator[tuple[Name, ...]]:
    """What is added, multiplied, or taken by one function: the names among it, for each node of a formula."""
    for node in walk(tree):
        names = tuple(name for part in parts_of(node) if (name := named(part)) is not None)
        if len(names) > 1:
            yield names


def bare_beside(names: tuple[Name, ...]) -> Iterator[tuple[Name, Name]]:
    """Each bare name with one of the same letter that has scripts."""
    for one in names:
        for other in names:
            if one.bare and not other.bare and one.base == other.base:
                yield one, other


def parts_of(node: Node) -> tuple[Node, ...]:
    match node:
        case Add() | Mul() | Inner():
            return node.children
        case Call():
            return node.arguments
    return ()


def named(node: Node) -> Name | None:
    while isinstance(node, Neg | Transpose):
        node = node.argument
    return node if isinstance(node, Name) else None
