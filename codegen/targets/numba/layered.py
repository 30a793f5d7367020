"""A parameter of equal layers in compiled code, where a view must stay one block: a row of numbers for each layer.

w = parameters[start:start + 20*(J*J + J)].reshape((20, J*J + J))     all parameters of a layer, and b the same
w[l_, j_*J + k_]                                                      one entry
w[l_, 0:J*J].reshape((J, J))                                          the weights of one layer
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codegen.targets.numpy.printer import factor_text, shape_text, size_text
from symbolic.language.affine import Size
from symbolic.network.folding import Stacked


def count_text(axes: Iterable[Size]) -> str:
    """How many entries an array of these axes has."""
    return "*".join(factor_text(axis) for axis in axes) or "1"


@dataclass(frozen=True)
class Layered:
    """Where the entries of a stacked parameter, or of its derivative, lie in the flat vector."""

    stack: Stacked

    @property
    def axes(self) -> tuple[Size, ...]:
        """The axes of one layer's part."""
        return self.stack.tensor.axes[1:]

    @property
    def layers(self) -> str:
        return size_text(self.stack.tensor.axes[0])

    @property
    def every(self) -> str:
        """How many parameters a layer has."""
        each = len(self.stack.among) // len(self.stack.layers)
        return " + ".join(count_text(part.tensor.axes) for part in self.stack.among[:each])

    @property
    def ends(self) -> tuple[str, str]:
        """Where in its row the part begins, and where it ends."""
        place = self.stack.among.index(self.stack.layers[0])
        before = [count_text(part.tensor.axes) for part in self.stack.among[:place]]
        return " + ".join(before) or "0", " + ".join([*before, count_text(self.axes)])

    @property
    def is_last(self) -> bool:
        """Whether no other parameter of a layer stands behind it."""
        return self.stack.layers[-1] == self.stack.among[-1]

    def view(self, flat: str) -> str:
        return f"{flat}[start:start + {self.layers}*({self.every})].reshape(({self.layers}, {self.every}))"

    def entry(self, name: str, places: Sequence[str]) -> str:
        """One entry, by the texts of its subscripts."""
        layer, *inner = places
        terms = [] if self.ends[0] == "0" else [self.ends[0]]
        for k, place in enumerate(inner):
            behind = count_text(self.axes[k + 1 :])
            terms.append(place if behind == "1" else f"({place})*{behind}" if " " in place else f"{place}*{behind}")
        return f"{name}[{layer}, {' + '.join(terms) or '0'}]"

    def row(self, name: str, layer: str) -> str:
        """The part of one layer, a block of memory."""
        first, last = self.ends
        if not self.axes:
            return f"{name}[{layer}, {first}]"
        shape = f".reshape({shape_text(self.axes)})" if len(self.axes) > 1 else ""
        return f"{name}[{layer}, {first}:{last}]{shape}"

    def rows(self, name: str) -> str:
        """The parts of all layers."""
        return f"{name}[:, {':'.join(self.ends)}]"
