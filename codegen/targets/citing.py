"""How a line of an emitted module says which equations it computes: their numbers, in the module's list of equations.

add(a_f_part, b_f, a_f_part)  # (3)
# (24), (25)
E_a_r_t = …                              where both do not fit into one line
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from codegen.targets.rendering import WIDTH

_CITED = re.compile(r"(?:^|  )# (\(\d+\)(?:, \(\d+\))*)$")


def cited(line: str, numbers: Sequence[int], indent: int) -> list[str]:
    """The line, which is to stand so far to the right, with the numbers of its equations behind it or above it."""
    if not numbers:
        return [line]
    before = line[: len(line) - len(line.lstrip())]
    note = f"# {', '.join(f'({number})' for number in numbers)}"
    fits = indent + len(line) + 2 + len(note) <= WIDTH
    return [f"{line}  {note}"] if fits else [f"{before}{note}", line]


def uncited(line: str) -> str:
    """The line without the numbers behind it; empty where they are all there is."""
    return _CITED.sub("", line.rstrip()) if _CITED.sub("", line.strip()) else ""


def numbers_of(lines: Iterable[str]) -> Iterator[tuple[int, ...]]:
    """The equations of each line: those behind it, else those of a line of numbers above it."""
    above: tuple[int, ...] = ()
    for line in lines:
        found = _CITED.search(line.strip())
        own = tuple(map(int, re.findall(r"\d+", found[1]))) if found else above
        above = own if found and found.start() == 0 else ()
        yield own
