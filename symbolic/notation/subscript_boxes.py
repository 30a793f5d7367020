"""Names, indices, sizes and subscripts as boxes; what is counted from 0 in the language is counted from 1 here."""

from __future__ import annotations

from collections.abc import Callable

from symbolic.language.affine import Affine, Index, K, Size, Subscript
from symbolic.notation.boxes import (
    LEADING_MINUS,
    SUM,
    Box,
    Fence,
    Row,
    Script,
    joined,
    sign,
)
from symbolic.notation.glyphs import name_parts
from symbolic.notation.style import Style


def index_box(index: Index, style: Style) -> Box:
    base, lower = name_parts(dict(style.index_names).get(index.name, index.name))
    return Script(base, joined(lower, sign(","))) if lower else base


def size_box(extent: Size) -> Box:
    return affine_box(extent, name_box)


def side_box(extent: Size) -> Box:
    """A size as one side of a shape: (T-U+1) × C."""
    return Fence(size_box(extent)) if is_sum(extent) else size_box(extent)


def is_sum(extent: Size) -> bool:
    """Whether it has more than one term, as T - U + 1 has, and 4P has not."""
    return len(extent.terms) + bool(extent.constant) > 1


def subscript_box(sub: Subscript, style: Style) -> Box:
    """The subscript counted from 1: each index in it has grown by 1, and so has the whole."""
    shifted = sub + (1 - sum(c for _, c in sub.terms))
    return affine_box(shifted, lambda index: index_box(index, style))


def position_box(index: Index, style: Style) -> Box:
    """An index as a number: counted from 0, so one less than the letter that counts from 1."""
    return affine_box(Affine.of(index) - 1, lambda one: index_box(one, style))


def affine_box(affine: Affine[K], key_box: Callable[[K], Box]) -> Box:
    """T - t + 1, without spaces: it stands in subscripts and in limits."""
    parts: list[Box] = []
    named = [(key_box(key), c) for key, c in affine.terms] + [(name_box(name), c) for name, c in affine.sizes]
    for box, c in sorted(named, key=lambda term: term[1] < 0):
        if c < 0 or parts:
            parts.append(LEADING_MINUS if c < 0 else sign("+"))
        parts += [*([sign(str(abs(c)))] if abs(c) != 1 else []), box]
    if affine.constant < 0 or (affine.constant and parts):
        parts.append(LEADING_MINUS if affine.constant < 0 else sign("+"))
    if affine.constant or not parts:
        parts.append(sign(str(abs(affine.constant))))
    return parts[0] if len(parts) == 1 else Row(tuple(parts), SUM)


def name_box(name: str) -> Box:
    """A name on its own: λ, w_1, w_{z,x}."""
    base, lower = name_parts(name)
    return Script(base, joined(lower, sign(","))) if lower else base
