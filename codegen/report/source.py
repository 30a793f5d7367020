"""The lines of an emitted module that compute, with the equations that they cite.

There are two: ``plain``, a line of NumPy for each equation, and the optimised functions.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from codegen.parsing import parsed
from codegen.targets.allowed import judged
from codegen.targets.citing import numbers_of, uncited

#: A gap in a listing that only shows some equations.
GAP = "⋮"


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line without the numbers of the equations that it computes, and those numbers."""

    text: str
    cites: tuple[int, ...] = ()


def plain_lines(source: str, shown: Collection[int] | None = None) -> tuple[CodeLine, ...]:
    """The function ``plain`` of an emitted module; of a long one only the lines of the ``shown`` equations."""
    return tuple(_chosen(_lines(_text(source, _function(source, "plain"))), shown))


def code_lines(source: str, shown: Collection[int] | None = None) -> tuple[CodeLine, ...]:
    """The optimised functions; of a long program without their workspace, which is as long as the program."""
    core = next(one for one in _functions(_tree(source)) if any(inner.name == "gradient" for inner in _functions(one)))
    if shown is None:
        return tuple(_lines(_text(source, core)))
    head, *_ = _lines(_text(source, core))
    inner = (line for one in _functions(core) for line in _lines(_text(source, one)))
    return (head, CodeLine(f"    {GAP}"), *_chosen(inner, shown))


def computation(source: str, name: str) -> list[str]:
    """A function of an emitted module without its docstring."""
    return _text(source, _function(source, name))


def _tree(source: str) -> ast.Module:
    """The network's own part, whose lines keep their numbers: the runtime is as long as ten networks."""
    return parsed(judged(source))


def _function(source: str, name: str) -> ast.FunctionDef:
    return next(one for one in _functions(_tree(source)) if one.name == name)


def _functions(tree: ast.Module | ast.FunctionDef) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def _text(source: str, function: ast.FunctionDef) -> list[str]:
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    skipped = range(first.lineno, (first.end_lineno or first.lineno) + 1) if documented else range(0)
    lines = source.splitlines()
    last = function.end_lineno or function.lineno
    return [lines[k - 1] for k in range(function.lineno, last + 1) if k not in skipped]


def _lines(lines: list[str]) -> Iterator[CodeLine]:
    """The lines with their citations; one of numbers alone speaks of the line below it."""
    for line, numbers in zip(lines, numbers_of(lines), strict=True):
        text = uncited(line)
        if text or not numbers:
            yield CodeLine(text, numbers)


def _chosen(lines: Iterable[CodeLine], shown: Collection[int] | None) -> Iterator[CodeLine]:
    """What computes a shown equation, what computes none, and a gap for the rest."""
    in_gap = False
    for line in lines:
        kept = shown is None or not line.cites or not set(line.cites).isdisjoint(shown)
        if kept:
            yield line
        elif not in_gap:
            indent = len(line.text) - len(line.text.lstrip())
            yield CodeLine(" " * indent + GAP)
        in_gap = not kept
