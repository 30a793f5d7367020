"""How far a Σ without brackets reaches."""

from __future__ import annotations

from dataclasses import replace

from symbolic.marking.grammar.cursor import Cursor
from symbolic.marking.grammar.tree import Add, BigSum, Call, Component, Mul, Name, Neg, Node, bound_by


def under_the_sum(cursor: Cursor, terms: list[Node]) -> list[Node]:
    """Σ_i a_i + b_i without brackets: b_i may be meant to stand under the Σ too."""
    joined: list[Node] = []
    for term in terms:
        at = next((k for k in range(len(joined) - 1, -1, -1) if binds(joined[k], term)), None)
        if at is not None and cursor.choose("sum"):  # with all that stands between
            joined[at:] = [widened(joined[at], (*joined[at + 1 :], term))]
        else:
            joined.append(term)
    return joined


def binds(node: Node, term: Node) -> bool:
    """Whether a term ends in a Σ whose index stands free in another one."""
    last = last_factor(node)
    return isinstance(last, BigSum) and bool(set(last.indices) & free_letters(term))


def last_factor(node: Node) -> Node:
    """The Σ of ``-2 Σ_i a_i``, which reaches to the end of its term."""
    if isinstance(node, Neg):
        return last_factor(node.argument)
    return last_factor(node.factors[-1]) if isinstance(node, Mul) else node


def widened(node: Node, terms: tuple[Node, ...]) -> Node:
    """The term with more under the Σ that it ends in; under a minus each of them keeps its own sign."""
    if isinstance(node, Neg):
        return replace(node, argument=widened(node.argument, terms))
    if isinstance(node, Mul):
        return replace(node, factors=(*node.factors[:-1], widened(node.factors[-1], terms)))
    if isinstance(node, BigSum):
        body = widened(node.body, terms) if isinstance(node.body, BigSum) else Add((node.body, *terms), span=node.span)
        return replace(node, body=body)
    return node


def free_letters(node: Node) -> set[str]:
    """The letters that stand as subscripts, without those that a Σ inside binds."""
    found: set[str] = set()
    if isinstance(node, Name):
        found |= {key for item in (*node.subs, *node.sups) for key in item.keys}
        found |= free_letters(node.below) if node.below is not None else set()
    elif isinstance(node, Call):
        found |= free_letters(node.function)
    elif isinstance(node, Component):
        found |= {key for item in node.subs for key in item.keys}
    for child in node.children:
        found |= free_letters(child)
    return found - set(bound_by(node))
