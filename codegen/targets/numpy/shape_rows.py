"""The shapes of parameters as rows of a module: one each, and one for all parameters of equal layers.

"w_h1": (J, D),
**{f"{name}{n}": shape for n in range(2, 2 + layers) for name, shape in (("w_h", (J, J)), ("b_h", (J,)),)},
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from codegen.targets.numpy.parts import ShapeText
from codegen.targets.numpy.printer import shape_text, size_text
from symbolic.network.folding import Stacked

_NUMBERED = re.compile(r"(.*?)(0|[1-9][0-9]*)")


def shape_rows(group: Sequence[Any]) -> Iterator[ShapeText]:
    """The rows of parameters that lie together in the flat vector (``symbolic.network.folding.in_groups``)."""
    if not isinstance(group[0], Stacked):
        yield from map(_alone, group)
        return
    count = size_text(group[0].tensor.axes[0])
    shapes = [shape_text(one.layers[0].shape) for one in group]
    computed = f"*(({', '.join(shape_text(one.tensor.axes[1:]) for one in group)},)*{count})"
    prefixes = [_counted([part.name for part in one.layers]) for one in group]
    if None in prefixes or len({first for _, first in filter(None, prefixes)}) > 1:
        yield ShapeText(tuple(_row(part) for part in group[0].among), computed)
        return
    first = next(first for _, first in filter(None, prefixes))
    pairs = [f'("{found[0]}", {shape})' for found, shape in zip(prefixes, shapes, strict=True) if found]
    numbers = f"range({first}, {first} + {count})"
    shown = f'**{{f"{{name}}{{n}}": shape for n in {numbers} for name, shape in ({", ".join(pairs)},)}}'
    yield ShapeText((shown,), computed)


def _alone(parameter: Any) -> ShapeText:
    return ShapeText((_row(parameter),), shape_text(parameter.tensor.axes))


def _row(parameter: Any) -> str:
    return f'"{parameter.tensor.name}": {shape_text(parameter.shape)}'


def _counted(names: Sequence[str]) -> tuple[str, int] | None:
    """What names have in common that go on counting, and the first number; None where they do not."""
    found = [_NUMBERED.fullmatch(name) for name in names]
    if not found[0]:
        return None
    prefix, first = found[0][1], int(found[0][2])
    return (prefix, first) if list(names) == [f"{prefix}{first + n}" for n in range(len(names))] else None
