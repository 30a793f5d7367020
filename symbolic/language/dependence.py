"""Which definitions use a tensor, and which values depend on it."""

from __future__ import annotations

from collections.abc import Iterable

from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor
from symbolic.language.recurrence import runs_round
from symbolic.language.terms import tensors


def users_of(definitions: Iterable[Definition]) -> dict[Tensor, list[Definition]]:
    """Which definitions use each tensor, in order."""
    users: dict[Tensor, list[Definition]] = {}
    for definition in definitions:
        for tensor in tensors(definition.formula):
            users.setdefault(tensor, []).append(definition)
    return users


def dependent(definitions: Iterable[Definition], variable: Tensor) -> dict[Tensor, Definition]:
    """The values that depend on the variable, with their definitions, in order."""
    definitions = tuple(definitions)
    found: set[Tensor] = {variable}
    rounds = 2 if runs_round(definitions) else 1  # what a step needs of the one before is known by then
    for definition in definitions * rounds:
        if not found.isdisjoint(tensors(definition.formula)):
            found.add(definition.target)
    return {d.target: d for d in definitions if d.target in found and d.target != variable}
