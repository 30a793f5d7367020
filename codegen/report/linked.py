"""The keys of a drawing: which quantities each node and each arrow stands for, so that a page lights them together.

A formula has its keys from its style (:func:`~symbolic.notation.quantity_boxes.quantity_key`).  A node carries all
that is computed in it and the errors of that.
"""

from __future__ import annotations

from collections.abc import Iterable

from codegen.report.graph import GAP, OBJECTIVE, Drawing
from codegen.report.svg import Linked
from symbolic.language.dependence import users_of
from symbolic.network.objective import Objective
from symbolic.notation.quantity_boxes import adjoint_key, quantity_key


def linked(objective: Objective, drawing: Drawing) -> Linked:
    """The keys of each node and each arrow of the drawing; the value that a node is called by comes first."""
    places = {place.name for place in drawing.places}
    nodes: dict[str, list[str]] = {name: [] for name in places}
    arrows: dict[tuple[str, str], list[str]] = {}
    drawn = {arrow.weight: (arrow.source, arrow.goal) for arrow in drawing.arrows if arrow.weight}
    for tensor in (*objective.inputs, objective.target):
        nodes.get(_shown(tensor.name, places), []).append(quantity_key(tensor))
    for definition in objective.definitions:
        home = _shown(definition.node or OBJECTIVE, places)
        both = [quantity_key(definition.target), adjoint_key(definition.target.name)]
        nodes[home] = [*both, *nodes[home]] if definition.target.name == home else [*nodes[home], *both]
    users = users_of(objective.definitions)
    for parameter in objective.parameters:
        both = [quantity_key(parameter.tensor), adjoint_key(parameter.name)]
        if parameter.name in drawn:
            arrows.setdefault(drawn[parameter.name], []).extend(both)
        else:
            user = next(iter(users.get(parameter.tensor, ())), None)
            nodes[_shown(user.node if user is not None and user.node else OBJECTIVE, places)] += both
    return Linked(
        {name: " ".join(dict.fromkeys(keys)) for name, keys in nodes.items()},
        {ends: " ".join(keys) for ends, keys in arrows.items()},
    )


def _shown(name: str, places: Iterable[str]) -> str:
    return name if name in places else GAP
