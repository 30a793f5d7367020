"""The axes of a node with a start whose spec says no width: needed before any formula is read, for it reads itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from symbolic.errors import SpecError
from symbolic.language.affine import Size, size
from symbolic.language.expr import Tensor
from symbolic.network.syntax import branches, head, nodes, parse, strip
from symbolic.words import Text


def axes_of_state(
    text: str, known: Mapping[str, Tensor], ranges: Mapping[str, Size], sizes: Collection[str]
) -> tuple[Size, ...]:
    """How far each index on the left runs: as ``ranges`` says, as an axis of what is known, else over its capital."""
    left, right = branches(parse(text, "equation"))
    told = dict(ranges)
    for tree in nodes(right):
        if tree.data == "entry" and str(head(tree)) in known:
            for place, axis in zip(branches(tree), known[str(head(tree))].axes, strict=False):
                if strip(place).data == "name":
                    told.setdefault(str(head(strip(place))), axis)
    alone = [str(head(strip(place))) for place in branches(left)[1:] if strip(place).data == "name"]
    return tuple(told[name] if name in told else _capital(name, sizes) for name in alone)


def _capital(name: str, sizes: Collection[str]) -> Size:
    capital = name[:1].upper() + name[1:]
    if capital == name or capital not in sizes:
        raise SpecError(
            Text(
                f'nothing says how far {name} runs; say the axes, width = ["T", "J"], or a number for sizes.{capital}',
                f'ниоткуда не видно, что пробегает {name}; задайте оси, width = ["T", "J"], или число sizes.{capital}',
            )
        )
    return size(capital)
