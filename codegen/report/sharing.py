"""Which derivations are the same but for names: one is shown, and the others are said to share it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from symbolic.derivation.record import Derivation
from symbolic.language.definition import Definition

T = TypeVar("T")

#: A name of a tensor, an index or a size: any word that is not called as a function is.
_NAME = re.compile(r"[A-Za-z_]\w*(?!\w*\()")


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """One of several that are alike, and the others."""

    shown: T
    others: tuple[T, ...] = ()


def grouped(items: Iterable[T], key: Callable[[T], str]) -> tuple[Group[T], ...]:
    """Groups in order of their first members."""
    found: dict[str, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return tuple(Group(first, tuple(others)) for first, *others in found.values())


def structure(text: str) -> str:
    """The text with its names numbered in order of appearance.

    >>> structure("E_z[i, j]*w[j, d]") == structure("E_r[i, k]*v[k, m]") != structure("E_z[i, j]*w[d, j]")
    True
    """
    names: dict[str, str] = {}
    return _NAME.sub(lambda found: names.setdefault(found[0], f"v{len(names)}"), text)


def of_derivation(derivation: Derivation) -> str:
    """What two derivations that differ in names alone have in common: the goal, and each rule with its line."""
    lines = [f"{step.line} <{step.rule.key}>" for step in derivation.steps]
    return structure("\n".join([str(derivation.goal), *lines]))


def of_definition(definition: Definition) -> str:
    return structure(f"{definition.kind}() {definition}")
