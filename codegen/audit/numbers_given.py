"""The numbers that code was given without anybody having said them, as they are shown."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codegen.audit.asked import Filler
from codegen.audit.recipes import Do, Recipe
from symbolic.words import Text

WRITTEN = Text(" (its default is {n})", " (в коде {n})")


def numbers_said(recipe: Recipe, rate: float, batch: int | None) -> Text | None:
    """``given lr = 0.25, batch_size = N (its default is 32)``; None where there is nothing to say."""
    found = list(_said(recipe, rate, batch))
    if not found:
        return None
    said = Text("given ", "передано ") + found[0]
    for one in found[1:]:
        said = said + ", " + one
    return said


def _said(recipe: Recipe, rate: float, batch: int | None) -> Iterator[Text]:
    arguments = [a for a in recipe.function.arguments if not a.starred]
    for do in recipe.steps:
        own = do.key == recipe.target
        defaults = {a.name: number_written(a.default) for a in arguments} if own else {}
        for name, filler in _named(do, [a.name for a in arguments] if own else []):
            if (number := _number(filler, rate, batch)) is not None:
                default = filler[1] if filler[0] == "batch size" else defaults.get(name)
                said = Text(f"{name} = {number}", f"{name} = {number}")
                yield said if default in (None, number) else said + WRITTEN.format(n=default)


def _named(do: Do, names: list[str]) -> Iterator[tuple[str, Filler]]:
    """What a step hands over, by the name that it has in the code."""
    if do.kind == "set":
        yield str(do.what[1][-1]).lstrip("."), do.args[0]
    else:
        yield from zip(names, do.args, strict=False)
        yield from do.named


def _number(filler: Filler, rate: float, batch: int | None) -> str | None:
    match filler:
        case ("plain", bool()):
            return None
        case ("plain", int() | float() as number):
            return f"{number:g}"
        case ("samples",):
            return "N"
        case ("batch size", _):
            return "N" if batch is None else str(batch)
        case ("rate",):
            return f"{rate:g}"
    return None


def number_written(default: str | None) -> str | None:
    """A default that is a number, as it is shown."""
    try:
        value = ast.literal_eval(default or "None")
    except (ValueError, SyntaxError):
        return None
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else None
