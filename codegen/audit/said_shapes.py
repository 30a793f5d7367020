"""The shapes that a docstring gives data: ``x of shape (n, 1), y of shape (n,)``, whatever else would fit the code.

(N, 1) − (N,) is no slip of code whose targets are a column; what the text says of them tells which it is.
"""

from __future__ import annotations

import ast
import re

from codegen.audit.plans import Plan
from codegen.audit.trials import Trial
from codegen.audit.written_function import Function

#: What the length of an axis is called; other words in parentheses, (int, optional), are no shape.
_LENGTH = re.compile(
    r"(?!int|str|see|or|eg|the|and)([A-Za-z]\w{0,2}|\d+|\w+_\w+|batch|time|dim|samples|features|units)"
)
_LENGTHS = r"\(\s*(\w+\s*(?:,\s*\w+\s*)*,?)\s*\)"


def lies_as_said(plan: Plan, trial: Trial) -> bool:
    """Whether data have the axes that the docstring names: a letter is one number throughout, 1 is 1."""
    if plan.data.one:
        return True
    numbers: dict[str, int] = {"1": 1}
    for name, shape in _given(plan, trial).items():
        said = said_axes(plan.recipe.function, name)
        if said is None:
            continue
        if len(said) != len(shape):
            return False
        if any(numbers.setdefault(letter, length) != length for letter, length in zip(said, shape, strict=True)):
            return False
    return True


def said_axes(function: Function, name: str) -> tuple[str, ...] | None:
    """``("N", "1")`` of ``y: (N, 1)``; None where the docstring says nothing of the kind."""
    text = ast.get_docstring(function.node)
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)[^()]{{0,40}}{_LENGTHS}", text or "")
    if found is None or "," not in found[1]:
        return None
    letters = tuple(part.strip() for part in found[1].split(",") if part.strip())
    if not all(map(_LENGTH.fullmatch, letters)):
        return None
    return tuple(f"{letter} of {name}" if letter.isdigit() and letter != "1" else letter for letter in letters)


def _given(plan: Plan, trial: Trial) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays of data that the audited function is given, by argument."""
    recipe = plan.recipe
    step = next((do for do in recipe.steps if do.key == recipe.target), None)
    if step is None:
        return {}
    job = plan.job(trial)
    call = job["steps"][job["outline"][recipe.target]]
    names = [argument.name for argument in recipe.function.arguments]
    given = [*zip(names, step.args, call["args"], strict=False)]
    given += [(name, filler, call["kwargs"][name]) for name, filler in step.named]
    return {name: tuple(code[2]) for name, filler, code in given if filler[0] in ("x", "y") and code[0] == "a"}
