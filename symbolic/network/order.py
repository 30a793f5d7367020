"""In which order quantities are derived: from the output backwards, and side by side as the network has them.

>>> weights(Network.load("one_hidden_layer"))
['w_2', 'w_1']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from symbolic.language.expr import Tensor
from symbolic.language.terms import tensors
from symbolic.network.network import Network
from symbolic.network.nodes import Parameter
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


def weights(network: Network) -> list[str]:
    """The parameters worth a derivation of their own, in the lecture's order, from the output backwards.

    A bias goes with its weights, as their component 0; a network of biases alone shows those.
    """
    return ordered(network.objective, [p for p in network.parameters if not p.bias] or network.parameters)


def ordered(objective: Objective, parameters: Iterable[Parameter]) -> list[str]:
    """The names of parameters in that order."""
    place = from_the_output(objective)
    return [parameter.name for parameter in sorted(parameters, key=lambda one: place(one.tensor))]
