"""The neurons of a layered network one by one: every unit a circle, x₀ = 1 and z₀ = 1 among them.

Of a wide layer the first two units, dots and the last are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from codegen.report.graph import GAP, Arrow, Drawing, Place
from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.language.expr import Entry, Tensor
from symbolic.network.network import Network
from symbolic.network.nodes import Node
from symbolic.network.objective import Objective
from symbolic.notation.boxes import Box, Glyph
from symbolic.notation.quantity_boxes import entry_box
from symbolic.notation.style import Style

#: So many units are drawn one by one; of more than that the middle is left out.
FEW = 4
#: How far units stand from each other, in rows of a drawing.
TIGHT = 0.8
#: More layers than this do not fit beside each other.
MOST_LAYERS = 5
_VERTICAL = Glyph(r"\vdots", "⋮")


def units_of(objective: Objective, style: Style, sizes: Mapping[str, int] | None = None) -> Drawing | None:
    """The drawing, or None where the network is no chain of layers or is too deep for one.

    ``sizes`` make numbers of widths that are letters.
    """
    layers = _layers(objective.network)
    if layers is None or len(layers) > MOST_LAYERS:
        return None
    style = style.without_sample()
    columns: list[list[Place]] = []
    for column, (tensor, user) in enumerate(layers):
        kind = "input" if column == 0 else "output" if user is None else "node"
        columns.append(
            _column(tensor, float(column), kind, style, fictitious=bool(user and _merged(user, style)), sizes=sizes)
        )
    arrows = [
        Arrow(source.name, goal.name, None, None)
        for before, after in pairwise(columns)
        for source in before
        for goal in after
        if source.kind != "gap" and goal.kind not in ("gap", "fictitious")
    ]
    return Drawing(tuple(place for one in columns for place in one), tuple(arrows))


def _layers(network: Network) -> list[tuple[Tensor, Node | None]] | None:
    """Each value with the one layer that reads it; None where values do not simply follow each other."""
    if len(network.inputs) != 1 or any(node.formula is not None for node in network.nodes):
        return None
    names = [network.inputs[0].name, *(node.name for node in network.nodes)]
    if any(node.inputs != (before,) for node, before in zip(network.nodes, names, strict=False)):
        return None
    tensors = [network.inputs[0].tensor, *(node.tensor for node in network.nodes)]
    if any(len(tensor.axes) > 2 for tensor in tensors):
        return None
    return list(zip(tensors, [*network.nodes, None], strict=True))


def _merged(user: Node, style: Style) -> bool:
    """Whether the layer's bias is written as a weight number 0."""
    return user.bias is not None and style.bias == "fictitious" and user.bias.name in dict(style.owners or ())


def _column(
    tensor: Tensor, column: float, kind: str, style: Style, *, fictitious: bool, sizes: Mapping[str, int] | None
) -> list[Place]:
    units: list[tuple[str, Box, str]] = []
    if fictitious:
        units.append((f"{tensor.name}_0", _unit(tensor, subscript(-1), style), "fictitious"))
    if len(tensor.axes) == 1:
        units.append((tensor.name, entry_box(Entry(tensor, (subscript(style.sample),)), style), kind))
    else:
        for name, sub in _shown(tensor.axes[1], sizes):
            label = _VERTICAL if sub is None else _unit(tensor, sub, style)
            units.append((f"{tensor.name}_{name}", label, "gap" if sub is None else kind))
    middle = (len(units) - 1) / 2
    return [Place(name, column, TIGHT * (middle - k), label, None, one) for k, (name, label, one) in enumerate(units)]


def _unit(tensor: Tensor, sub: Subscript, style: Style) -> Box:
    if len(tensor.axes) == 1:  # one unit alone still has a fictitious one beside it
        tensor = Tensor(tensor.name, (*tensor.axes, tensor.axes[0]), tensor.role)
    return entry_box(Entry(tensor, (subscript(style.sample), sub)), style)


def _shown(width: Size, sizes: Mapping[str, int] | None) -> list[tuple[str, Subscript | None]]:
    """1, 2, …, J; None is the gap."""
    number = width.number if sizes is None else width.value(sizes)
    if number is not None and number <= FEW:
        return [(str(k + 1), subscript(k)) for k in range(number)]
    last = subscript(number - 1) if number is not None else subscript(Index(str(width), width))
    return [("1", subscript(0)), ("2", subscript(1)), (GAP, None), ("last", last)]
