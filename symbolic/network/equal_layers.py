"""Runs of equal layers among definitions: which ones say the same of values of their own.

    a2 = w2·z1 + b2, z2 = tanh(a2), a3 = w3·z2 + b3, z3 = tanh(a3), …        layers of two definitions each

A layer is compared with another one by what its tensors are to it: its own values, those of the layer before, and
what comes from elsewhere.  Names say nothing, so layers are found however a spec calls them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from symbolic.language.affine import Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import nodes_of, transform

#: Fewer equal layers stay as they are written: a loop over them would be no shorter.
FEWEST = 6
#: A layer of more definitions is not looked for.
LONGEST = 64

Layer: TypeAlias = "tuple[Definition, ...]"


@dataclass(frozen=True)
class View:
    """A layer without its names: what it says, then the tensors and the places that it says it of, in their order."""

    says: tuple[object, ...]
    others: tuple[Tensor, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Run:
    """Equal layers, each of which reads values of the one before; ``starts`` are what the first one reads instead."""

    first: int
    layers: tuple[Layer, ...]
    starts: Mapping[int, Tensor]
    views: tuple[View, ...]

    @property
    def end(self) -> int:
        """The place behind the last definition."""
        return self.first + len(self.layers) * len(self.layers[0])

    @cached_property
    def others(self) -> tuple[tuple[Tensor, ...], ...]:
        """For each tensor that comes from elsewhere, what it is in every layer."""
        return tuple(zip(*(view.others for view in self.views), strict=True))

    @cached_property
    def numbers(self) -> tuple[tuple[int, int], ...]:
        """For each subscript that is a number, what it is in the first layer, and how far the next one is."""
        moving = zip(*(view.numbers for view in self.views), strict=True)
        return tuple((values[0], values[1] - values[0]) for values in moving)


def runs(definitions: Sequence[Definition], kept: frozenset[Tensor]) -> Iterator[Run]:
    """The runs of at least FEWEST equal layers, in order; a layer with one of the values ``kept`` ends its run."""
    alike = _Alike([*map(_outline, definitions)])
    place = 0
    while place < len(definitions):
        found = _run_at(place, definitions, alike, kept) if _begins_a_node(place, definitions) else None
        if found is not None:
            yield found
        place = place + 1 if found is None else found.end


def _begins_a_node(place: int, definitions: Sequence[Definition]) -> bool:
    return place == 0 or definitions[place - 1].node != definitions[place].node or not definitions[place].node


def _outline(definition: Definition) -> object:
    """What equal definitions have in common at a glance: the shapes, and the formula without its names."""
    return definition.kind, definition.target.axes, definition.indices, transform(definition.formula, _nameless)


def _nameless(node: Expr) -> Expr | None:
    if not isinstance(node, Entry):
        return None
    bare = Tensor("", node.tensor.axes, "parameter" if node.tensor.role == "parameter" else "value")
    return Entry(bare, tuple(sub if sub.number is None else subscript(0) for sub in node.subscripts))


class _Alike:
    """How far definitions go on as those some places behind them do; counted once for each distance."""

    def __init__(self, shapes: Sequence[object]) -> None:
        numbers: dict[object, int] = {}
        self.shapes = [numbers.setdefault(shape, len(numbers)) for shape in shapes]
        self.counted: dict[int, list[int]] = {}

    def length(self, place: int, distance: int) -> int:
        """How many definitions from this place on are alike those at the distance."""
        if distance not in self.counted:
            lengths = [0] * (len(self.shapes) + 1)
            for k in reversed(range(len(self.shapes) - distance)):
                lengths[k] = lengths[k + 1] + 1 if self.shapes[k] == self.shapes[k + distance] else 0
            self.counted[distance] = lengths
        return self.counted[distance][place]


def _run_at(place: int, definitions: Sequence[Definition], alike: _Alike, kept: frozenset[Tensor]) -> Run | None:
    """The run that begins here, of the shortest layers."""
    for period in range(1, min(LONGEST, (len(definitions) - place) // FEWEST) + 1):
        count = alike.length(place, period) // period + 1
        if count >= FEWEST:
            layers = [tuple(definitions[place + period * m : place + period * (m + 1)]) for m in range(count)]
            if (found := _equal(place, layers, kept)) is not None:
                return found
    return None


def _equal(first: int, layers: Sequence[Layer], kept: frozenset[Tensor]) -> Run | None:
    """As many of these layers as are equal, when they are enough."""
    if kept & _targets(layers[0]).keys():
        return None
    starts = _starts(layers[0], layers[1])
    if not starts:
        return None
    views = [view(layers[0], {start: place for place, start in starts.items()})]
    for before, layer in pairwise(layers):
        if kept & _targets(layer).keys():
            break
        seen = view(layer, _targets(before))
        if seen.says != views[0].says or not _moves_on(seen, views):
            break
        views.append(seen)
    if len(views) < FEWEST:
        return None
    return Run(first, tuple(layers[: len(views)]), starts, tuple(views))


def _moves_on(seen: View, views: Sequence[View]) -> bool:
    """Whether a layer's numbers lie as far from those of the layer before as these lie from theirs."""
    if len(views) < 2:
        return True
    pairs = zip(views[-2].numbers, views[-1].numbers, seen.numbers, strict=True)
    return all(b - a == c - b for a, b, c in pairs)


def _targets(layer: Layer) -> dict[Tensor, int]:
    return {definition.target: place for place, definition in enumerate(layer)}


def _starts(first: Layer, second: Layer) -> dict[int, Tensor]:
    """What the first layer reads where the second one reads the first; none where the two do not fit together."""
    before = _targets(first)
    found: dict[int, Tensor] = {}
    for one, other in zip(first, second, strict=True):
        here, there = (list(nodes_of(definition.formula, Entry)) for definition in (one, other))
        for entry, later in zip(here, there, strict=False):
            if later.tensor in before:
                place, start = before[later.tensor], entry.tensor
                if found.setdefault(place, start) != start or start.role == "parameter":
                    return {}
    return found if len(set(found.values())) == len(found) else {}


def view(layer: Layer, before: Mapping[Tensor, int]) -> View:
    """A layer without its names; ``before`` are the values of the layer before, by their places in it."""
    own, others, numbers = _targets(layer), dict[Tensor, int](), dict[int, int]()

    def stands_for(tensor: Tensor) -> Tensor:
        if tensor in own:
            return Tensor(f"own {own[tensor]}", tensor.axes)
        if tensor in before:
            return Tensor(f"before {before[tensor]}", tensor.axes)
        place = others.setdefault(tensor, len(others))
        return Tensor(f"other {place}", tensor.axes, "parameter" if tensor.role == "parameter" else "value")

    def anywhere(sub: Subscript) -> Subscript:
        return sub if sub.number is None else subscript(numbers.setdefault(sub.number, len(numbers)))

    def without_names(node: Expr) -> Expr | None:
        if isinstance(node, Entry):
            return Entry(stands_for(node.tensor), tuple(map(anywhere, node.subscripts)))
        return None

    says = tuple(
        (definition.kind, definition.target.axes, definition.indices, transform(definition.formula, without_names))
        for definition in layer
    )
    return View(says, tuple(others), tuple(numbers))
