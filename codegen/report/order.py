"""In which order quantities are derived: from the output backwards, and side by side as the network has them."""

from __future__ import annotations

from collections.abc import Callable

from symbolic.language.expr import Tensor
from symbolic.language.terms import tensors
from symbolic.network.objective import Objective

#: Smaller is earlier.
Place = tuple[float, int]


def from_the_output(objective: Objective) -> Callable[[Tensor], Place]:
    """The place of a value or a parameter: the deepest layer first, a value before the parameters that make it.

    Of quantities in one layer the network's first comes first, so that of derivations that are alike it is the one
    that is shown.
    """
    layer: dict[Tensor, float] = {}
    order: dict[Tensor, int] = {}
    for definition in objective.definitions:
        used = tensors(definition.formula)
        layer[definition.target] = 1 + max((layer.get(t, 0.0) for t in used if t.role == "value"), default=0.0)
        order[definition.target] = len(order)
        for tensor in used:
            if tensor.role == "parameter":
                layer[tensor] = max(layer.get(tensor, 0.0), layer[definition.target] - 0.5)
    for parameter in objective.parameters:
        order[parameter.tensor] = len(order)
    return lambda tensor: (-layer.get(tensor, 0.0), order.get(tensor, len(order)))
