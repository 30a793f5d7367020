r"""Letters that a Σ without bounds has for itself: the j of ``\sum_j e^{f_j}`` beside the j of x_{ij}."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import BigSum, Name, Node, Script, walk

#: Letters for such sums.
_FRESH = "qstuvoprlmnkjigfedcbah"


def with_own_letters(chains: Sequence[list[Node]]) -> list[list[Node]]:
    """The chains with letters of their own for those sums whose letter stands at none of their places outside."""
    sides = [side for chain in chains for side in chain]
    inside, outside = places_inside(sides), set[tuple[str, str, int]]()
    for side in sides:
        outside |= places_of_letters(side, frozenset())
    own = {letter for letter, places in inside.items() if of_letter(outside, letter) and not places & outside}
    used = {letter for side in sides for letter in letters_of(side)}
    fresh = dict(zip(sorted(own), (letter for letter in _FRESH if letter not in used), strict=False))
    return [[renamed(side, fresh) for side in chain] for chain in chains] if fresh else [*chains]


def of_letter(places: set[tuple[str, str, int]], letter: str) -> bool:
    return any(found[0] == letter for found in places)


def places_inside(sides: Sequence[Node]) -> dict[str, set[tuple[str, str, int]]]:
    """Where the letter of each Σ without bounds stands below it."""
    found: dict[str, set[tuple[str, str, int]]] = {}
    for node in (node for side in sides for node in walk(side)):
        if is_boundless(node):
            assert isinstance(node, BigSum)
            for letter in node.indices:
                places = {place for place in places_of_letters(node.body, frozenset()) if place[0] == letter}
                found.setdefault(letter, set()).update(places)
    return found


def is_boundless(node: Node) -> bool:
    return isinstance(node, BigSum) and node.upper is None and node.lower is None and not node.conditions


def places_of_letters(node: Node, bound: frozenset[str]) -> set[tuple[str, str, int]]:
    """The letters that no Σ without bounds has taken, each with the names and the places at which it stands."""
    if isinstance(node, BigSum) and is_boundless(node):
        return places_of_letters(node.body, bound | {*node.indices})
    found = {
        (letter, f"{name.base}{side}", place)
        for name in names_at(node)
        for side, items in (("_", name.subs), ("^", name.sups))
        for place, item in enumerate(items)
        for letter, _ in item.terms
        if letter not in bound
    }
    return found.union(*(places_of_letters(child, bound) for child in node.children))


def names_at(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node


def letters_of(node: Node) -> Iterator[str]:
    for part in walk(node):
        if isinstance(part, Name):
            yield part.base
            yield from (letter for item in (*part.subs, *part.sups) for letter, _ in item.terms)


def renamed(node: Node, fresh: dict[str, str], inside: frozenset[str] = frozenset()) -> Node:
    """The tree with the fresh letters for those that a Σ without bounds has."""
    if isinstance(node, BigSum) and is_boundless(node):
        taken = inside | ({*node.indices} & {*fresh})
        indices = tuple(fresh.get(letter, letter) for letter in node.indices)
        return replace(node, indices=indices, body=renamed(node.body, fresh, taken))
    if isinstance(node, Name) and inside:
        subs, sups = (tuple(with_letters(item, fresh, inside) for item in items) for items in (node.subs, node.sups))
        return replace(node, subs=subs, sups=sups)
    return node.rebuild(tuple(renamed(child, fresh, inside) for child in node.children)) if node.children else node


def with_letters(item: Script, fresh: dict[str, str], inside: frozenset[str]) -> Script:
    terms = tuple((fresh[letter] if letter in inside else letter, times) for letter, times in item.terms)
    return Affine(terms, item.constant)
