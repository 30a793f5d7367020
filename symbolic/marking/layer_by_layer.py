"""Chains that speak of every layer: judged at each layer of the network, and said once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import product

from symbolic.language.terms import tensors
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import Deriv, Name, Node, walk
from symbolic.marking.grammar.unrolled import ONE, Layers, at_layer, free_layers, layered
from symbolic.marking.judging import Judging
from symbolic.marking.marking import GIVEN, MarkedLine
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import Words, candidates
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.text_definitions import local_definition
from symbolic.marking.model.text_sides import defines_ahead
from symbolic.marking.text.chains import Chain
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text

Layer = Mapping[str, int]


def mark_layers(work: Judging, chain: Chain, number: int, mark: Callable[[Judging, Chain, int], None]) -> None:
    """Mark a chain at every layer of which it can speak; of each line the gravest verdict is kept."""
    layers = work.premises.model.declarations.layers
    work.premises.at = {}
    trees = trees_of(chain, work.premises.known) if layers.ranges else ()
    letters = sorted(frozenset().union(*(free_layers(tree, layers) for tree in trees)))
    if not letters:
        name_layers_behind(work.premises, trees, number)
        mark(work, chain, number)
        return
    places = places_for(letters, layers)
    named = names_each(work, number, places)
    spoken = [place for place in places if exists(trees, place, work.premises.known)] or places[:1]
    start = len(work.lines)
    found: list[tuple[Layer, list[MarkedLine]]] = []
    for place in spoken:
        work.premises.at = place
        (work.premises.ahead.add if place in named else work.premises.ahead.discard)(number)
        wrong = any(line.verdict == "refuted" for _, lines in found for line in lines)
        mark(without_search(work) if wrong else work, chain, number)  # the first slip is the one that is named
        found.append((place, work.lines[start:]))
        del work.lines[start:]
    work.premises.at = {}
    work.lines.extend(gravest(lines) for lines in by_line(found))


def places_for(letters: Sequence[str], layers: Layers) -> list[Layer]:
    """All numbers that the letters may be."""
    ranges = [range(low, high + 1) for low, high in (layers.ranges[letter] for letter in letters)]
    return [dict(zip(letters, numbers, strict=True)) for numbers in product(*ranges)]


def name_layers_behind(premises: Premises, trees: Sequence[Node], number: int) -> None:
    """``C = ½‖a^{(L)} - y‖², where a^{(l)} = …``: the layers are named before what is made of the last one."""
    known = premises.known
    needed = {
        n.base for tree in trees for n in layered_names(tree, known) if not candidates(known, layered(n, known.layers))
    }
    if not needed:
        return
    behind = [n for n in range(number + 1, len(premises.document.chains) + 1) if speaks_of_layers(premises, n)]
    sides = {n: trees_of(premises.document.chains[n - 1], known) for n in behind}
    naming: dict[int, list[Layer]] = {}
    while fresh := [n for n in behind if n not in naming and is_name_of(sides[n][0], needed)]:
        for n in fresh:
            naming[n] = places_for(sorted(free_layers(sides[n][0], known.layers)), known.layers)
            needed |= {part.base for tree in sides[n][1:] for part in layered_names(tree, known)}
    while any(name_at(premises, n, place) for n, places in naming.items() for place in places):
        pass
    premises.at = {}


def layered_names(tree: Node, known: Declarations) -> Iterator[Name]:
    """The names of a tree that have a value at each layer, as far as their scripts tell."""
    layers = known.layers
    letters = {*layers.ranges, *layers.depths}
    for part in walk(tree):
        if isinstance(part, Name) and any(letters & {*item.keys} for item in (*part.subs, *part.sups)):
            yield part


def is_name_of(left: Node, bases: Set[str]) -> bool:
    return isinstance(left, Name) and left.base in bases


def names_each(work: Judging, number: int, places: Sequence[Layer]) -> list[Layer]:
    """The layers at which the chain defines a name: δ^{(l)} = … names all δ before it is judged.

    One may speak of another, of the layer behind it, and of what a later chain names at each layer, as z^{(l)} does
    of a^{(l-1)} and a^{(l)} of z^{(l)}: as long as one is named, the rest is tried again.
    """
    premises = work.premises
    name_starts(premises, number)
    later = [n for n in range(number + 1, len(premises.document.chains) + 1) if speaks_of_layers(premises, n)]
    while any(name_at(premises, number, place) for place in places) or (
        len(premises.named_at.get(number, ())) < len(places)
        and any(name_at(premises, n, place) for n in later for place in places)
    ):
        pass
    premises.at = {}
    return list(premises.named_at.get(number, ()))


def name_starts(premises: Premises, number: int) -> None:
    """What the first step is made of, ``h_0 = 0``, is often said behind the step: it is needed before."""
    premises.at = {}
    chains = premises.document.chains
    for later, chain in enumerate(chains[number:], number + 1):
        tree = next(iter(trees_of(replace(chain, sides=chain.sides[:1]), premises.known)), None)
        if later in premises.ahead or len(chain.sides) < 2 or not isinstance(tree, Name):
            continue
        numbered = [item for item in (*tree.subs, *tree.sups) if not item.terms]
        if numbered and not free_layers(tree, premises.known.layers) and is_stepped(premises, tree.base):
            defines_ahead(premises, chain, later)


def is_stepped(premises: Premises, base: str) -> bool:
    """Whether the text speaks of a name at each step."""
    known = premises.known
    names = (n for chain in premises.document.chains for tree in trees_of(chain, known) for n in walk(tree))
    return any(isinstance(n, Name) and n.base == base and free_layers(n, known.layers) for n in names)


def speaks_of_layers(premises: Premises, number: int) -> bool:
    chain, known = premises.document.chains[number - 1], premises.known
    return len(chain.sides) > 1 and any(free_layers(tree, known.layers) for tree in trees_of(chain, known)[:1])


def name_at(premises: Premises, number: int, place: Layer) -> bool:
    """Whether the chain names something at this layer that had no name so far; it has from now on."""
    named = premises.named_at.setdefault(number, [])
    if place in named:
        return False
    premises.at = place
    if not local_definition(premises, premises.document.chains[number - 1]):
        return False
    named.append(place)
    return True


def without_search(work: Judging) -> Judging:
    return replace(work, context=replace(work.context, diagnosing=False))


def by_line(found: list[tuple[Layer, list[MarkedLine]]]) -> list[list[tuple[Layer, MarkedLine]]]:
    """The verdicts of each line at all layers."""
    count = max(len(lines) for _, lines in found)
    return [[(place, lines[k]) for place, lines in found if k < len(lines)] for k in range(count)]


def gravest(lines: list[tuple[Layer, MarkedLine]]) -> MarkedLine:
    """One line for all layers; where it fails, the first layer at which it does is said."""
    for verdict in ("refuted", "not understood"):
        for place, line in lines:
            if line.verdict == verdict:
                return noted(line, Text("at", "при"), [place])
    claims = [(place, line) for place, line in lines if line.verdict != GIVEN]
    if not claims:
        return lines[0][1]
    weakest = next((line for _, line in claims if line.verdict != "proved"), claims[0][1])
    return noted(weakest, Text("for", "для"), [place for place, _ in claims])


def noted(line: MarkedLine, word: Text, places: list[Layer]) -> MarkedLine:
    """The line with the layers at which it was judged."""
    values = {letter: sorted({place[letter] for place in places}) for letter in places[0]}
    said = ", ".join(f"${letter} = {', '.join(map(str, numbers))}$" for letter, numbers in values.items())
    note = word + f" {said}"
    return replace(line, note=line.note + Text("; ", "; ") + note if line.note.en else note)


def trees_of(chain: Chain, known: Declarations) -> tuple[Node, ...]:
    """The sides that can be read, with their letters."""
    found: list[Node] = []
    for side in chain.sides:
        if side.problem is None:
            try:
                found.append(read_formula(side.tokens, Words(known), end=side.span[1]).tree)
            except (NotUnderstood, RecursionError):
                continue
    return tuple(found)


def exists(trees: tuple[Node, ...], place: Layer, known: Declarations) -> bool:
    """Whether all that a chain speaks of exists at a layer: W^{(l+1)} does not behind the last one."""
    layers = replace(known.layers, at=place)
    try:
        here = [at_layer(tree, layers) for tree in trees]
    except NotUnderstood:
        return False
    if any(side == ONE and side != tree for side, tree in zip(here, trees, strict=True)):
        return False  # an empty product
    parts = [part for side in here for part in walk(side)]
    if any(isinstance(part, Deriv) and is_fixed(part.by, known) for part in parts):
        return False  # nothing is differentiated by h_0 = 0
    names = [part for part in parts if isinstance(part, Name)]
    return not any(known.with_base(n.base) and not n.bare and not candidates(known, n) for n in names)


def is_fixed(node: Node, known: Declarations) -> bool:
    """Whether a name is that of a constant: h_0 = 0."""
    found = candidates(known, node) if isinstance(node, Name) else []
    definition = known.defines(found[0].tensor) if found and found[0].defined else None
    return definition is not None and not tensors(definition.formula)
