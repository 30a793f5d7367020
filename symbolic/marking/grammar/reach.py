"""How far a Σ without brackets reaches."""

from __future__ import annotations

from dataclasses import replace

from symbolic.marking.grammar.cursor import Cursor
from symbolic.marking.grammar.tree import Add, BigSum, Call, Component, Name, Neg, Node


def under_the_sum(cursor: Cursor, terms: list[Node]) -> list[Node]:
    """Σ_i a_i + b_i without brackets: b_i may be meant to stand under the Σ too."""
    joined: list[Node] = []
    for term in terms:
        before = joined[-1] if joined else None
        around = before.argument if isinstance(before, Neg) else before
        if isinstance(around, BigSum) and set(around.indices) & free_letters(term) and cursor.choose("sum"):
            wider = replace(around, body=Add((around.body, term), span=around.span))
            joined[-1] = Neg(wider, span=wider.span) if isinstance(before, Neg) else wider
        else:
            joined.append(term)
    return joined


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
    return found - set(node.indices) if isinstance(node, BigSum) else found
