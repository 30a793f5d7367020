"""The memory of a function as statements: arrays of one shape together, names of one memory together.

f, g, o = (empty((T, N, J), dtype) for _ in range(3))
E_L = E_p = L  # the same memory
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from codegen.filling import filled
from codegen.targets.numpy.parts import Allocation
from codegen.targets.rendering import WIDTH

#: So many arrays of one shape are made by one statement.
MANY = 3
#: What makes new memory: no matter when.
_NEW = ("empty(", "zeros(")


def declared(allocations: Iterable[Allocation]) -> Iterator[str]:
    """The statements; arrays that are alike stand where the first of them stood."""
    groups: dict[Allocation, list[str]] = {}
    for one in allocations:
        alone = not one.note and (one.then or not one.text.startswith(_NEW))
        groups.setdefault(one if alone else replace(one, name=""), []).append(one.name)
    for one, names in groups.items():
        if one.note:
            yield f"{' = '.join(names)} = {one.text}  # {one.note}"
        else:
            yield from alike(names, one.text, WIDTH - 4)
        yield from one.then


def alike(names: Sequence[str], text: str, room: int) -> list[str]:
    """An array made by this text for each name, in lines of at most so many letters."""
    if len(names) < MANY:
        return [line for name in names for line in f"{name} = {text}".splitlines()]
    end = f" = ({text} for _ in range({len(names)}))"
    line = ", ".join(names) + end
    return [line] if len(line) <= room else ["(", *(f"    {row}" for row in filled(names, room - 4)), f"){end}"]
