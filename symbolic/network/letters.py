"""Which letter runs over which axis.

An axis of size D is indexed by d, one of size J by j; other axes take the letters of their place:
j for a hidden width, k for an output, d for an input.  The sample is i.  A letter that names a size
or a tensor of the network is never an index, so a formula cannot be misread.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count
from typing import TYPE_CHECKING, Literal

from symbolic.language.affine import Index, Size
from symbolic.language.expr import Tensor
from symbolic.network.nodes import own_axes
from symbolic.notation.separate import letters_of

if TYPE_CHECKING:
    from symbolic.network.network import Network

Place = Literal["input", "hidden", "output"]

_PREFERRED: dict[Place, str] = {"input": "djklm", "hidden": "jklm", "output": "kjlm"}
#: When those are gone.
_SPARE = "rstcgqdafuv"
#: i is the sample, N their number, h the lecture's function; e and o are read as other things.
_NEVER = "ihneo"


class Letters:
    """The letters of one network: each value has its own, and a formula asks for those it still needs."""

    def __init__(self, network: Network) -> None:
        named = [*network.size_names, network.target, *(node.name for node in network.nodes)]
        named += [*(one.name for one in network.inputs), *(parameter.name for parameter in network.parameters)]
        self._never = {*_NEVER, *named, *(letter for name in named for letter in letters_of(name))}
        self._place: dict[str, Place] = {one.name: "input" for one in network.inputs}
        self._place.update({node.name: "output" if node.name == network.output else "hidden" for node in network.nodes})
        self._tensors = {one.name: one.tensor for one in network.inputs}
        self._tensors.update({node.name: node.tensor for node in network.nodes})
        self._own = {name: self._choose(own_axes(t), self._place[name]) for name, t in self._tensors.items()}

    def tensor(self, name: str) -> Tensor:
        """The input or the node of that name."""
        return self._tensors[name]

    def own(self, name: str) -> tuple[Index, ...]:
        """The indices of an input or a node, without the sample."""
        return self._own[name]

    def summed(self, name: str, taken: Iterable[Index]) -> tuple[Index, ...]:
        """Indices to sum an input or a node over, in a formula where some letters are taken."""
        axes = tuple(index.extent for index in self._own[name])
        return self._choose(axes, self._place[name], self._own[name], taken)

    def over(self, axes: Iterable[Size]) -> tuple[Index, ...]:
        """Indices for all axes of a parameter."""
        return self._choose(tuple(axes), "hidden")

    def another(self, index: Index, taken: Iterable[Index]) -> Index:
        """A second index over the same range, m where that is free."""
        return self._choose((index.extent,), "hidden", (index.renamed("m"),), taken)[0]

    def _choose(
        self, axes: tuple[Size, ...], place: Place, wanted: tuple[Index, ...] = (), taken: Iterable[Index] = ()
    ) -> tuple[Index, ...]:
        used = {index.name for index in taken}
        chosen: list[Index] = []
        for at, axis in enumerate(axes):
            first = wanted[at].name if wanted else _initial(axis)
            numbered = (f"{letter}{digit}" for digit in count(1) for letter in "jklm")
            candidates = chain((first,), _PREFERRED[place], _SPARE, numbered)
            letter = next(name for name in candidates if name and name not in used and name not in self._never)
            used.add(letter)
            chosen.append(Index(letter, axis))
        return tuple(chosen)


def _initial(axis: Size) -> str:
    """The d of D, the t of T - U + 1; nothing for a number or a longer name."""
    first = axis.keys[0] if axis.keys else ""
    return first.lower() if len(first) == 1 else ""
