"""Readings of a notation that leaves things open, and what a side means under one of them.

The readings are explained in ``symbolic.marking.meaning.elaborate``.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.language.affine import Index
from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor
from symbolic.marking.meaning.declared import IndexName
from symbolic.marking.meaning.value import Value


@dataclass(frozen=True, slots=True)
class Reading:
    """Which of the readings to take."""

    column: bool = False
    total: bool = False
    layout: bool = False
    stack: bool = False


#: What the notation says when nothing speaks against it.
USUAL = Reading()


@dataclass(frozen=True, slots=True)
class Meaning:
    """A side's value, the helper definitions it needs, and the readings it left open."""

    value: Value
    auxiliary: tuple[Definition, ...] = ()
    open: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    #: Letters that were taken for indices because of where they stand.
    adopted: tuple[tuple[str, IndexName], ...] = ()
    #: The matrices for which it mattered whether vectors are stacked as rows, and whether they were not.
    stacked: frozenset[Tensor] = frozenset()
    columns: bool = False


class Fictitious(Exception):
    """A Σ from 0 that runs over components counted from 1: the range includes x⁰ = 1."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(slots=True)
class Pending:
    """A Σ index whose range is told by where it is used."""

    name: str
    found: Index | None = None
