"""The lines of a sheet: their numbers, as ``chainrule verify`` counts them, and which of them are hidden."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

from codegen.report.content import Content
from symbolic.errors import SpecError
from symbolic.words import Text

#: Ways to choose without counting lines.
CHOICES = ("all", "odd", "even", "last", "random")
#: The share of the lines that ``random`` hides.
RANDOM_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """A right-hand side of the sheet: its number, and whether it is the last of its chain."""

    number: int
    last: bool


def lines(content: Content) -> tuple[Line, ...]:
    """The right-hand sides of the sheet, numbered from 1."""
    found: list[Line] = []
    number = 0
    for chain in content.derivations:
        count = len(chain.equation.right)
        found += [Line(number + k, k == count) for k in range(1, count + 1)]
        number += count
    return tuple(found)


def chosen(which: str, every: Collection[Line], seed: int = 0) -> frozenset[int]:
    """The numbers of the lines to hide, ``random`` ones by the seed; ``SpecError`` says what there is."""
    numbers = [line.number for line in every]
    match which:
        case "all":
            return frozenset(numbers)
        case "odd" | "even":
            return frozenset(n for k, n in enumerate(numbers, 1) if k % 2 == (which == "odd"))
        case "random":
            return frozenset(random.Random(seed).sample(numbers, max(1, round(len(numbers) * RANDOM_SHARE))))
        case "last":
            return frozenset(line.number for line in every if line.last)
    found: set[int] = set()
    for part in which.replace(" ", "").split(","):
        low, dash, high = part.partition("-")
        if not (low.isascii() and low.isdigit() and (not dash or (high.isascii() and high.isdigit()))):
            raise SpecError(
                Text(
                    f"blanks: {which!r} is no choice; it is {', '.join(CHOICES)}, or numbers such as 5,7-9",
                    f"blanks: {which!r} — не выбор пропусков; это {', '.join(CHOICES)} или номера, например 5,7-9",
                )
            )
        found |= set(range(int(low), int(high or low) + 1)) if int(high or low) <= numbers[-1] else {int(high or low)}
    if strangers := sorted(found - set(numbers)):
        raise SpecError(
            Text(
                f"blanks: there is no line {strangers[0]} to hide; the lines are {numbers[0]} to {numbers[-1]}",
                f"blanks: нет строки {strangers[0]}, которую можно скрыть; строки — от {numbers[0]} до {numbers[-1]}",
            )
        )
    return frozenset(found)
