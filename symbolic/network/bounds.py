"""An index at the place that binds it, what is known of its range, and what a formula may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lark import Token

from symbolic.language.affine import Size
from symbolic.language.expr import Hyper, Tensor
from symbolic.language.names import name_problem
from symbolic.language.terms import certainly_below
from symbolic.network.syntax import Node, head, refuse, strip
from symbolic.words import NOTHING, Text, same


@dataclass(frozen=True, slots=True)
class NodeContext:
    """What a node's formula may use: tensors by name, and what the spec says about its ranges."""

    known: Mapping[str, Tensor]
    width: tuple[Size, ...] | None
    ranges: Mapping[str, Size]
    parameters: Mapping[str, tuple[Size, ...]]
    sizes: frozenset[str]
    #: Whether what is read outside of an axis is 0.
    padded: bool = False
    #: The inputs that are whole numbers, and what they are below: they may stand as a subscript.
    whole: Mapping[str, Size] = field(default_factory=dict)
    #: Numbers with a name.
    constants: Mapping[str, Hyper] = field(default_factory=dict)
    #: Whether there are samples at all.
    sampled: bool = True
    #: The inputs that each value depends on.
    reaches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Nodes with a start: they may be read at an earlier step.
    states: frozenset[str] = frozenset()

    def reach(self, name: str) -> frozenset[str]:
        """The inputs that a value depends on, itself if it is one."""
        return self.reaches.get(name, frozenset((name,)))


@dataclass(slots=True, eq=False)
class Bound:
    """One index at the place that binds it, and what is known of its range."""

    name: str
    place: Token
    extent: Size | None = None
    #: Where the range was learnt, for the message when another place disagrees.
    source: Text = NOTHING
    #: Whether the spec says it, so that an axis may be longer.
    declared: bool = False

    @property
    def known_extent(self) -> Size:
        assert self.extent is not None
        return self.extent


Visible: TypeAlias = "dict[str, Bound]"


@dataclass(slots=True)
class Found:
    """The ranges in one formula: ``left`` and, for every Sum (by identity of its tree), ``bound``."""

    left: tuple[Bound, ...]
    known: Mapping[str, Tensor]
    bound: dict[int, tuple[Bound, ...]] = field(default_factory=dict)
    parameters: dict[str, Tensor] = field(default_factory=dict)
    #: The index of the sample; None where the value is one for all of them.
    sample: Bound | None = None

    def tensor(self, name: str) -> Tensor:
        return self.known[name] if name in self.known else self.parameters[name]


def bound_at(index: Token, context: NodeContext) -> Bound:
    """The index at the place that binds it, with the range that the spec gives it, if any."""
    declared = index in context.ranges
    return Bound(str(index), index, context.ranges.get(index), same("ranges") if declared else NOTHING, declared)


def index_name(text: str, place: Node, context: NodeContext) -> Token:
    """The index that stands here alone."""
    inner = strip(place)
    if inner.data != "name":
        rule = Text("the name of an index is expected here", "здесь нужно имя индекса")
        refuse(
            text,
            place,
            Text(
                f"{rule}: each index runs over the whole of its axis, and a single entry is a node of its own",
                f"{rule.ru}: каждый индекс пробегает всю свою ось, а отдельный элемент — это узел",
            ),
        )
    index = head(inner)
    if index in context.sizes:
        refuse(
            text,
            index,
            Text(
                f"{index} is the name of a size; an index needs another name",
                f"{index} — имя размера; для индекса нужно другое имя",
            ),
        )
    if problem := name_problem(index):
        refuse(
            text,
            index,
            Text(f"{index} cannot name an index: {problem}", f"{index} не годится как имя индекса: {problem.ru}"),
        )
    return index


def learn(text: str, bound: Bound, extent: Size, source: Text, place: Node | Token) -> None:
    if bound.extent is None:
        bound.extent, bound.source = extent, source
    elif bound.extent != extent and not (bound.declared and certainly_below(bound.extent - 1, extent)):
        before = Text(f"runs over {bound.extent} in {bound.source}", f"в {bound.source.ru} пробегает {bound.extent}")
        refuse(
            text,
            place,
            Text(
                f"sizes do not match: the index {bound.name} {before} but over {extent} in {source}",
                f"размеры не согласованы: индекс {bound.name} {before.ru}, а в {source.ru} — {extent}",
            ),
        )


def refuse_count(text: str, place: Node | Token, name: str, given: int, axes: Sequence[Size | None]) -> None:
    if given != len(axes):
        over = (
            Text(
                f" over {', '.join(str(axis or '?') for axis in axes)}",
                f" (оси {', '.join(str(axis or '?') for axis in axes)})",
            )
            if axes
            else NOTHING
        )
        refuse(
            text,
            place,
            Text(
                f"{name} has {len(axes)} subscript{'s' * (len(axes) != 1)}{over}, not {given}",
                f"индексов у {name} должно быть {len(axes)}{over.ru}, а здесь {given}",
            ),
        )
