"""One quantity, one key, in formulas, in the graph and in the code: what a page lights together.

A formula has its keys from its style (:func:`~symbolic.notation.quantity_boxes.quantity_key`); here are those of the
drawing's nodes and arrows, and of the lines of code.  A node carries all that is computed in it and the errors of
that.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from codegen.targets.citing import numbers_of
from symbolic.language.definition import Definition
from symbolic.language.terms import tensors
from symbolic.notation.quantity_boxes import quantity_key

#: The functions of an emitted module that a reader wants to see; the rest is folded.
SHOWN = ("predict", "value", "gradient")


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of code: the equations that it computes, what they define, what they read; ``folded``: no mathematics."""

    number: int
    text: str
    equations: tuple[int, ...] = ()
    defines: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    folded: bool = True


def statements(source: str, definitions: Sequence[Definition]) -> tuple[Statement, ...]:
    """Every line of an emitted module; the ``definitions`` are its equations, the first of them number 1."""
    lines = source.splitlines()
    found = [Statement(k, text) for k, text in enumerate(lines, 1)]
    for function in _functions(ast.parse(source)):
        last = function.end_lineno or function.lineno
        for k, belongs in enumerate(numbers_of(lines[function.lineno - 1 : last]), function.lineno):
            about = [definitions[n - 1] for n in belongs if n <= len(definitions)]
            found[k - 1] = Statement(
                k,
                lines[k - 1],
                belongs,
                tuple(quantity_key(d.target) for d in about),
                tuple(dict.fromkeys(quantity_key(t) for d in about for t in tensors(d.formula))),
                folded=False,
            )
    return tuple(found)


def _functions(module: ast.Module) -> list[ast.FunctionDef]:
    """What a reader wants of an emitted module: the plain form where it has one, else its three inner functions."""
    named = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    if plain := [node for node in named if node.name == "plain"]:
        return plain
    core = next((node for node in named if node.name == "functions"), None)
    inner = [node for node in (core.body if core else []) if isinstance(node, ast.FunctionDef)]
    return [node for node in inner if node.name in SHOWN]
