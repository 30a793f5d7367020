"""Classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from codegen.audit.handwritten import Handwritten
from codegen.audit.isolation import Ran
from codegen.audit.recipes import Filler, Recipe
from codegen.audit.trials import Problem


def class_recipes(
    source: Handwritten,
    problem: Problem,
    name: str,
    asked: Mapping[str, Filler],
    run: Callable[[Sequence[dict[str, Any]]], Ran],
) -> list[Recipe]:
    return []
