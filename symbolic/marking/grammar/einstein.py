"""Einstein's convention: an index that stands twice in a product is summed over, with no Σ written.

Taken only where a text says so: without it a sum forgotten would be no slip.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Component,
    Deriv,
    Frac,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    bound_by,
)

TWO = Num(Fraction(2))
#: Whether a letter is an index.
IsIndex = Callable[[str], bool]


def summings(tree: Node, is_index: IsIndex) -> Iterator[Node]:
    """The tree with its repeated indices summed over: all of them, then all but one, which its left side has."""
    whole = summed(tree, is_index)
    if whole == tree:
        return
    yield whole
    for kept in sorted(repeated_letters(tree, is_index)):
        yield summed(tree, lambda letter, kept=kept: letter != kept and is_index(letter))  # type: ignore[misc]


def repeated_letters(tree: Node, is_index: IsIndex) -> frozenset[str]:
    """The letters that a sum is put over anywhere in the tree."""
    found = {l for node in parts_of(summed(tree, is_index)) if isinstance(node, BigSum) for l in node.indices}
    return frozenset(found - {l for node in parts_of(tree) if isinstance(node, BigSum) for l in node.indices})


def parts_of(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from parts_of(child)


def summed(node: Node, is_index: IsIndex) -> Node:
    """Every product of the tree with a Σ over each index that stands in it twice."""
    if isinstance(node, BigSum):  # its own letters are summed over by the Σ that is written
        return node.rebuild(
            tuple(summed(child, lambda l: l not in node.indices and is_index(l)) for child in node.children)
        )
    if isinstance(node, Neg | Add | Call | Hadamard):
        return node.rebuild(tuple(summed(child, is_index) for child in node.children))
    if isinstance(node, Mul):
        inside = node.rebuild(tuple(summed(child, is_index) for child in node.children))
    elif isinstance(node, Deriv):
        inside = node.rebuild((summed(node.children[0], is_index), *node.children[1:]))
    elif isinstance(node, Frac):
        inside = Frac(summed(node.numerator, is_index), summed(node.denominator, is_index), span=node.span)
    else:
        inside = node
    twice = [letter for letter, count in free_letters(inside, is_index).items() if count == 2]
    for letter in sorted(twice):
        inside = BigSum((letter,), None, None, (), inside, span=node.span)
    return inside


def free_letters(node: Node, is_index: IsIndex) -> Counter[str]:
    """How often each index stands free in a product; what stands in every term of a sum stands there once."""
    if isinstance(node, Name):
        letters = (item.single for item in (*node.subs, *node.sups))
        return Counter(letter for letter in letters if letter and is_index(letter))
    if isinstance(node, Component):
        found = free_letters(node.children[0], is_index)
        return found + Counter(l for item in node.subs if (l := item.single) and is_index(l))
    if bound := bound_by(node):
        (body,) = node.children
        return Counter({l: n for l, n in free_letters(body, is_index).items() if l not in bound})
    if isinstance(node, Add | Call):
        return Counter({letter: 1 for child in node.children for letter in free_letters(child, is_index)})
    if isinstance(node, Power):
        times = 2 if node.exponent == TWO else 1
        return Counter({letter: times * n for letter, n in free_letters(node.base, is_index).items()})
    found = Counter[str]()
    for child in node.children:
        found += free_letters(child, is_index)
    return found
