"""The left side of a node's formula: which of its indices is the sample's, if any is."""

from __future__ import annotations

from symbolic.language.expr import Tensor
from symbolic.language.sample import SAMPLES
from symbolic.network.bounds import Bound, NodeContext, bound_at, index_name, learn
from symbolic.network.grammar import OVER_AN_INDEX_HERE
from symbolic.network.subscripts import in_subscripts
from symbolic.network.syntax import Node, branches, head, nodes, refuse, strip
from symbolic.words import NOTHING, Text


def left_side(text: str, left: Node, right: Node, context: NodeContext) -> tuple[tuple[Bound, ...], Bound | None]:
    """The indices on the left, and the sample's among them, the first: unless the value is one for all samples."""
    name = str(head(left))
    found: list[Bound] = []
    for place in branches(left):
        index = index_name(text, place, context)
        if any(other.name == index for other in found):
            refuse(
                text,
                place,
                Text(
                    f"the index {index} stands twice on the left; each axis needs its own index",
                    f"индекс {index} стоит слева дважды; у каждой оси нужен свой индекс",
                ),
            )
        found.append(bound_at(index, context))
    wide = context.width is not None and 0 < len(context.width) == len(found)
    an_axis = not found or wide or found[0].name in in_subscripts(right)
    shared = not context.sampled or (an_axis and _is_of_all_samples(right, {b.name for b in found[:1]}, wide, context))
    if not shared and not found:
        refuse(
            text,
            left,
            Text(
                f"{name} has no index on the left; the first one runs over the sample, as in {name}[i] = …",
                f"у {name} нет индекса слева; первый индекс — номер объекта выборки, как в {name}[i] = …",
            ),
        )
    sample, others = (None, found) if shared else (found[0], found[1:])
    if sample is not None:
        if sample.name in context.ranges:
            told = Text(
                f"the first index, {sample.name}, runs over the sample and has no range of its own",
                f"первый индекс, {sample.name}, пробегает выборку, и своей области у него нет",
            )
            refuse(text, sample.place, told)
        sample.extent, sample.source = SAMPLES, Text("the sample", "выборке")
    if context.width is not None:
        if len(others) != len(context.width):
            axes = Text(
                f"{len(context.width)} (an axis of width 1 has none)",
                f"{len(context.width)} (у оси ширины 1 индекса нет)",
            )
            counted = Text(f"{name} has {len(others)} indices", f"индексов у {name}: {len(others)}") + (
                Text(f" after the sample's, {sample.name}", f" после номера объекта {sample.name}")
                if sample
                else NOTHING
            )
            refuse(
                text,
                left,
                Text(f"{counted}, but its width needs {axes}", f"{counted.ru}, а для его ширины нужно {axes.ru}"),
            )
        for bound, axis in zip(others, context.width, strict=True):
            learn(text, bound, axis, Text(f"the width of {name}", f"ширине {name}"), bound.place)
            bound.declared = True
    return tuple(found), sample


def _is_of_all_samples(right: Node, first: set[str], wide: bool, context: NodeContext) -> bool:
    """Whether a formula reads samples, and none of them by the first index on the left: m[j] = Mean(a[n,j], n).

    One that reads no sample but values that are one for all is one for all itself: r = exp(-m**2).  So is one that
    reads parameters alone where the width leaves no index for the sample (``wide``): c[k] = Sum([j <= k]*exp(b[j]), j).
    """
    named = [tree for tree in nodes(right) if tree.data in ("entry", "name") and str(head(tree)) in context.known]
    read = [tree for tree in named if tree.data == "entry" and is_sampled(context.known[str(head(tree))])]
    if not read:
        return wide or any(context.known[str(head(tree))].role == "value" for tree in named)
    samples = [strip(branches(tree)[0]) for tree in read]
    summed = _summed(right)
    return all(place.data == "name" and str(head(place)) in summed - first for place in samples)


def is_sampled(tensor: Tensor) -> bool:
    """Whether it has a value for each sample."""
    return tensor.axes[:1] == (SAMPLES,)


def _summed(tree: Node) -> set[str]:
    """The names that are bound by a Sum, a Mean, …"""
    calls = (part for part in nodes(tree) if part.data == "call" and head(part) in OVER_AN_INDEX_HERE)
    places = (strip(place) for call in calls for place in branches(call)[1:])
    return {str(head(place)) for place in places if place.data == "name"}
