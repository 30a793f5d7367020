r"""Letters that a Σ without bounds has for itself: the j of ``\sum_j e^{f_j}`` beside the j of x_{ij}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import BigSum, Dotted, Name, Node, Script, walk

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


def with_own_dots(chains: Sequence[list[Node]]) -> list[list[Node]]:
    """The chains with letters that stand nowhere else for what runs along dots: none is written in (μ_1, …, μ_n)."""
    sides = [side for chain in chains for side in chain]
    used = {letter for side in sides for letter in letters_of(side)}
    fresh = [letter for letter in _FRESH if letter not in used]
    return [[with_dots_renamed(side, fresh) for side in chain] for chain in chains] if fresh else [*chains]


def with_dots_renamed(node: Node, fresh: Sequence[str]) -> Node:
    whole = node.rebuild(tuple(with_dots_renamed(child, fresh) for child in node.children)) if node.children else node
    if not isinstance(whole, Dotted):
        return whole
    runs = [run for run in (whole.down, whole.across) if run is not None]
    names = {run.letter: letter for run, letter in zip(runs, fresh, strict=False)}
    down, across = (
        run and replace(run, letter=names.get(run.letter, run.letter)) for run in (whole.down, whole.across)
    )
    return replace(whole, down=down, across=across, body=with_letters_below(whole.body, names))


def with_letters_below(node: Node, fresh: Mapping[str, str]) -> Node:
    """The tree with other letters in the scripts of its names, and where such a letter stands alone."""
    if isinstance(node, Name):
        items = ([with_letters(item, fresh, fresh.keys()) for item in scripts] for scripts in (node.subs, node.sups))
        subs, sups = map(tuple, items)
        base = fresh.get(node.base, node.base) if node.bare else node.base
        return replace(node, base=base, subs=subs, sups=sups)
    return node.rebuild(tuple(with_letters_below(c, fresh) for c in node.children)) if node.children else node


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
    if isinstance(node, Name):
        return with_letters_below(node, {letter: fresh[letter] for letter in inside})
    return node.rebuild(tuple(renamed(child, fresh, inside) for child in node.children)) if node.children else node


def with_letters(item: Script, fresh: Mapping[str, str], inside: Set[str]) -> Script:
    terms = tuple((fresh[letter] if letter in inside else letter, times) for letter, times in item.terms)
    return Affine(terms, item.constant)
