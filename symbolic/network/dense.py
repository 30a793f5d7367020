"""A dense layer as the formula of a node, in its two readings where its axes allow both.

>>> from symbolic.language.affine import size
>>> T, D, J = (size(name) for name in "TDJ")
>>> layer = DenseLayer("z", (T, J), (("x", (T, D), "w"),), bias=True)
>>> print(layer.formula("relu", per_position=True))
z[i,t,j] = relu(Sum(w[j,d]*x[i,t,d], d) + b_z[j])
>>> print(layer.formula("relu", per_position=False))
z[i,t,j] = relu(Sum(w[t,j,k,d]*x[i,k,d], k, d) + b_z[t,j])
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from symbolic.language.affine import Size

_LETTERS = "jkmlnqrabcdefghopstuvwxyz"


@dataclass(frozen=True, slots=True)
class DenseLayer:
    """A layer over inputs, each with its name, its axes and the name of its weights; the axes leave out ones."""

    name: str
    width: tuple[Size, ...]
    inputs: tuple[tuple[str, tuple[Size, ...], str], ...]
    bias: bool

    @property
    def positions(self) -> tuple[int, ...]:
        """The axes of the layer that an input has at the same place, and that it may be meant to keep.

        Where all are the same, the last one is what the layer makes.  A number says less than a name: 8 outputs
        of 8 by 8 entries keep nothing.
        """
        return tuple(sorted({at for _, source, _ in self.inputs for at in self._kept(source)}))

    @property
    def kept_axes(self) -> str:
        return ", ".join(str(self.width[at]) for at in self.positions)

    def _kept(self, source: tuple[Size, ...]) -> tuple[int, ...]:
        if max(len(self.width), len(source)) < 2:
            return ()
        same = [at for at, (own, other) in enumerate(zip(self.width, source, strict=False)) if own == other]
        if min(len(self.width), len(source)) < 2:
            same = [at for at in same if self.width[at].number is None]
        if len(same) == len(self.width) == len(source):
            same.pop()
        return tuple(same)

    @property
    def shown(self) -> str:
        """The width as a spec writes it."""
        axes = [f'"{axis}"' if axis.number is None else str(axis) for axis in self.width]
        return axes[0] if len(axes) == 1 else f"[{', '.join(axes)}]"

    def formula(self, activation: str | None, *, per_position: bool) -> str:
        """``z[i,t,j] = relu(…)``: one layer for every position, or every output from all entries."""
        free = self._free_letters()
        own = [_letter(axis, free, made=at == len(self.width) - 1) for at, axis in enumerate(self.width)]
        made = [letter for at, letter in enumerate(own) if not (per_position and at in self.positions)]
        terms = []
        for name, axes, weights in self.inputs:
            shared = self._kept(axes) if per_position else ()
            spare = list(free)
            places = [own[at] if at in shared else _letter(axis, spare) for at, axis in enumerate(axes)]
            over = [letter for at, letter in enumerate(places) if at not in shared]
            product = f"{weights}{_entry(made, over)}*{name}{_entry(['i'], places)}"
            terms.append(f"Sum({', '.join([product, *over])})" if over else product)
        if self.bias:
            terms.append(f"b_{self.name}{_entry(made)}")
        value = " + ".join(terms)
        left = f"{self.name}{_entry(['i'], own)}"
        over_last = f", {own[-1]}" if activation == "softmax" else ""
        return f"{left} = {activation}({value}{over_last})" if activation else f"{left} = {value}"

    def _free_letters(self) -> list[str]:
        """The letters that stand for nothing yet."""
        axes = chain(self.width, *(source for _, source, _ in self.inputs))
        names = chain([self.name], *((name, weights) for name, _, weights in self.inputs))
        taken = {*names, *(key for axis in axes for key in axis.keys)}
        return [letter for letter in _LETTERS if letter not in taken]


def _letter(axis: Size, free: list[str], *, made: bool = False) -> str:
    """A letter for an axis, its own in lower case where that is free; it is taken from then on."""
    wanted = str(axis).lower()
    letter = wanted if wanted in free and not made else free[0]
    free.remove(letter)
    return letter


def _entry(*letters: list[str]) -> str:
    inside = ",".join(chain(*letters))
    return f"[{inside}]" if inside else ""
