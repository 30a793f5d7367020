"""The graph of a worked example: values and errors at the nodes, weights on the arrows, all of them numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from codegen.report.graph import Arrow, Drawing, Place, drawing
from codegen.report.neurons import units_of
from symbolic.language.affine import subscript
from symbolic.language.expr import Entry, Tensor
from symbolic.network.objective import Objective
from symbolic.notation.boxes import EQUALS, Box, Row, sign
from symbolic.notation.quantity_boxes import entry_box
from symbolic.notation.style import Style


@dataclass(frozen=True)
class _Numbers:
    """What the drawing is filled with: the entry behind each place, the errors, and how a number is shown."""

    objective: Objective
    errors: Mapping[Tensor, Tensor]
    style: Style
    entries: Mapping[str, Entry]
    shown: Callable[[Entry], Box]

    def error(self, entry: Entry) -> Entry | None:
        tensor = self.errors.get(entry.tensor)
        return None if tensor is None else Entry(tensor, entry.subscripts)


def numbered_graph(
    objective: Objective,
    errors: Mapping[Tensor, Tensor],
    style: Style,
    sizes: Mapping[str, int],
    shown: Callable[[Entry], Box],
) -> Drawing | None:
    """Unit by unit where that is small, else node by node where each is one number; None for other networks.

    ``errors``: the E of each value; ``shown``: the number of an entry, for the first object.
    """
    found = units_of(objective, replace(style, bias="fictitious"), sizes)
    if found is None or any(place.kind == "gap" for place in found.places):
        if any(len(d.target.axes) > 1 for d in objective.definitions if d.node):
            return None
        found = drawing(objective.network, style)
    numbers = _Numbers(objective, errors, style, _entries(objective, found, sizes), shown)
    places = tuple(_place(place, numbers) for place in found.places)
    return Drawing(places, tuple(_arrow(arrow, numbers) for arrow in found.arrows))


def _entries(objective: Objective, found: Drawing, sizes: Mapping[str, int]) -> dict[str, Entry]:
    """The entry that each place of the drawing stands for."""
    tensors = {t.name: t for t in (*objective.inputs, objective.target)}
    tensors |= {d.target.name: d.target for d in objective.definitions}
    entries: dict[str, Entry] = {}
    for place in found.places:
        name, unit = (place.name, "") if place.name in tensors else place.name.rpartition("_")[::2]
        tensor = tensors.get(name)
        if tensor is None or unit == "0":
            continue
        subs = [subscript(objective.sample)] if tensor.axes else []
        if unit:
            subs.append(subscript(tensor.axes[-1].value(sizes) - 1 if unit == "last" else int(unit) - 1))
        if len(subs) == len(tensor.axes):
            entries[place.name] = Entry(tensor, tuple(subs))
    return entries


def _place(place: Place, numbers: _Numbers) -> Place:
    entry = numbers.entries.get(place.name)
    if entry is None:
        one = sign("1") if place.kind == "fictitious" else None
        return replace(place, note=one, note_backward=one, error=None)
    value, error = numbers.shown(entry), numbers.error(entry)
    above = None
    if error is not None and place.kind in ("node", "output"):
        above = Row((entry_box(error, numbers.style), EQUALS, numbers.shown(error)))
    return replace(place, note=value, note_backward=value, error=above)


def _arrow(arrow: Arrow, numbers: _Numbers) -> Arrow:
    source, goal = numbers.entries.get(arrow.source), numbers.entries.get(arrow.goal)
    returns = source is not None and source.tensor.role == "value" and source.tensor in numbers.errors
    return replace(arrow, label=_weight(source, goal, numbers), error=None, returns=returns)


def _weight(source: Entry | None, goal: Entry | None, numbers: _Numbers) -> Box | None:
    """The number on an arrow: the weight of the goal's unit for the source's."""
    network = numbers.objective.network
    if goal is None or goal.tensor.name not in {node.name for node in network.nodes}:
        return None
    node = network.node(goal.tensor.name)
    units = goal.subscripts[1:]
    if source is None:  # the fictitious one
        return numbers.shown(Entry(node.bias.tensor, units)) if node.bias is not None else None
    if source.tensor.name not in node.inputs or not node.weights:
        return None
    weights = node.weights[node.inputs.index(source.tensor.name)].tensor
    return numbers.shown(Entry(weights, (*units, *source.subscripts[1:])))
