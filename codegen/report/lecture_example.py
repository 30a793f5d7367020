"""A network as the lecture writes it down: one object of the sample, its inputs and weights listed by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symbolic.language.affine import Index, Size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Tensor
from symbolic.language.terms import walk
from symbolic.network.coarse import coarse
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective
from symbolic.notation.arrange import arrange_definition
from symbolic.notation.boxes import COMMA, DOTS, EQUALS, Box, Row, joined, sign
from symbolic.notation.quantity_boxes import entry_box
from symbolic.notation.style import Style

ONE = sign("1")


@dataclass(frozen=True)
class Example:
    """A network, its definitions with the pre-activations put in, and the style that knows it."""

    objective: Objective
    style: Style

    def definition(self, name: str) -> Definition:
        return next(d for d in coarse(self.objective.definitions) if d.target.name == name)

    def tensor(self, name: str) -> Tensor:
        tensors = (*self.objective.inputs, *(p.tensor for p in self.objective.parameters), self.objective.target)
        return next(tensor for tensor in tensors if tensor.name == name)

    def axis(self, name: str) -> Size:
        """The last axis of a value: how many neurons a layer has."""
        return self.definition(name).target.axes[-1]

    def sides(self, name: str, style: Style | None = None, ranges: bool = True) -> tuple[Box, Box]:
        return arrange_definition(self.definition(name), style or self.style, ranges)

    def loss(self) -> tuple[Box, Box]:
        """L(y, p) = (y - p)²."""
        return self.sides("L", self.style.showing(L=("y", "p")), ranges=False)

    def written(self, name: str, *subscripts: int | Index, style: Style | None = None) -> Box:
        """An input, a parameter or a value by its indices, the sample's left out."""
        tensor = self.tensor(name) if name not in self._values else self.definition(name).target
        sampled = (self.objective.sample,) if tensor.role not in ("parameter",) else ()
        shown = tuple(map(subscript, (*sampled, *subscripts)))
        axes = (*tensor.axes, *tensor.axes[-1:] * (len(shown) - len(tensor.axes)))
        return entry_box(Entry(Tensor(tensor.name, axes, tensor.role), shown), style or self.style)

    def listed(self, name: str, first: int, style: Style) -> Box:
        """x_1, …, x_D from the first that is named; of the weights number 0 too."""
        extent = self.tensor(name).axes[-1]
        numbers = [first - 1] if first else [-1, 0]
        ends = [self.written(name, number, style=style) for number in numbers]
        return joined((*ends, DOTS, self.written(name, Index(str(extent), extent), style=style)), COMMA)

    def is_one(self, name: str, style: Style) -> Box:
        """x_0 = 1, as the fictitious input of this notation is written."""
        return Row((self.written(name, -1, style=style), EQUALS, ONE))

    def weights(self, name: str) -> Box:
        """The weights of a layer at its own index and the index that is summed over."""
        weights = next(p.tensor for p in self.objective.network.node(name).weights)
        entries = [n for n in walk(self.definition(name).formula) if isinstance(n, Entry) and n.tensor == weights]
        return entry_box(entries[0], self.style)

    @property
    def _values(self) -> set[str]:
        return {d.target.name for d in self.objective.definitions}


def example(spec: dict[str, Any] | str, style: Style) -> Example:
    """The network of a spec, in a style that writes one object of the sample."""
    network = Network.load(spec) if isinstance(spec, str) else Network.from_dict(spec)
    objective = build_objective(network)
    return Example(objective, style.knowing(objective.definitions).without_sample())


def in_generic(name: str) -> dict[str, Any]:
    """The spec of a built-in network with any function h in the place of its activations."""
    spec: dict[str, Any] = Network.load(name).to_dict()
    nodes = {key: {**node, "activation": "generic"} for key, node in spec["nodes"].items()}
    return {**spec, "nodes": nodes}
