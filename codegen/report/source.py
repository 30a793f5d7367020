"""The lines of an emitted module that compute, with the equations that they cite.

There are two: ``plain``, a line of NumPy for each equation, and the optimised functions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from codegen.parsing import parsed

#: The equations that a line of ``plain`` names behind it: ``# (3), (4)``.
_BEHIND = re.compile(r"  # (\(\d+\)(?:, \(\d+\))*)$")
_CITED = re.compile(r"^\s*# \((\d+)\) ")
#: A gap in a listing that only shows some equations.
GAP = "⋮"


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line; ``cites`` is the equation that a comment names, ``first`` whether it is the first line to do so."""

    text: str
    cites: int | None = None
    first: bool = False

    @property
    def around(self) -> tuple[str, str, str]:
        """A comment in three parts: what stands before the number, ``(3)``, and the rest."""
        before, number, after = self.text.partition(f"({self.cites})")
        return before, number, after


@dataclass(frozen=True, slots=True)
class PlainLine:
    """A line of ``plain`` and the numbers of the equations that it computes."""

    text: str
    cites: tuple[int, ...] = ()


def plain_lines(source: str, shown: Collection[int] | None = None) -> tuple[PlainLine, ...]:
    """The function ``plain`` of an emitted module; of a long one only the lines of the ``shown`` equations."""
    found = []
    for line in computation(source, "plain"):
        behind = _BEHIND.search(line)
        cites = tuple(map(int, re.findall(r"\d+", behind[1]))) if behind else ()
        found.append(PlainLine(line[: behind.start()] if behind else line, cites))
    if shown is None:
        return tuple(found)
    kept: list[PlainLine] = []
    for one in found:
        if not one.cites or not set(one.cites).isdisjoint(shown):
            kept.append(one)
        elif kept[-1].text.strip() != GAP:
            kept.append(PlainLine("    " + GAP))
    return tuple(kept)


def computation(source: str, name: str = "functions") -> list[str]:
    """A function of an emitted module without its docstring; the first holds predict, value and gradient."""
    core = next(node for node in parsed(source).body if isinstance(node, ast.FunctionDef) and node.name == name)
    first = core.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    skipped = range(first.lineno, (first.end_lineno or first.lineno) + 1) if documented else range(0)
    lines = source.splitlines()
    return [lines[k - 1] for k in range(core.lineno, (core.end_lineno or core.lineno) + 1) if k not in skipped]


def code_lines(source: str, shown: Collection[int] | None = None) -> tuple[CodeLine, ...]:
    """The lines with their citations; of a long program only what belongs to the ``shown`` equations."""
    return tuple(_marked(_chosen(computation(source), shown) if shown is not None else computation(source)))


def _marked(lines: list[str]) -> Iterator[CodeLine]:
    seen: set[int] = set()
    for line in lines:
        found = _CITED.match(line)
        number = int(found[1]) if found else None
        yield CodeLine(line, number, number is not None and number not in seen)
        if number is not None:
            seen.add(number)


def _chosen(lines: list[str], shown: Collection[int]) -> list[str]:
    """Blocks whose comments cite a shown equation, the heads of the functions, and a gap for the rest."""
    kept: list[str] = []
    keeping, cited = True, False
    for line in lines:
        found = _CITED.match(line)
        if found:
            keeping = int(found[1]) in shown or (keeping and cited)
        elif re.match(r"\s*(def|return)\b", line):
            keeping = True
        elif cited is False and keeping and re.match(r"    \w[\w, ]* = ", line):
            keeping = False  # the workspace of a long program is as long as the program
        cited = found is not None
        if keeping:
            kept.append(line)
        elif not kept or kept[-1].strip() != GAP:
            kept.append(" " * (len(line) - len(line.lstrip())) + GAP)
    return kept
