"""Matrices of which a text gives the diagonal: D_{ii} = Σ_j W_{ij} and no more of D, or w_{ii} = 0 of a given w."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolic.marking.grammar.tree import Name, Node, Num
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_text import Guess, definitions_of, names_of

#: Letters for the column.
_LETTERS = ("j", "k", "l", "r", "s", "q")
#: Letters for the numbers beside a diagonal of zeros.
_INSIDE = ("u", "v", "g", "h", "q", "r")


@dataclass(frozen=True, slots=True)
class Diagonal:
    """A matrix that is 0 beside its diagonal, the index of its rows, one of its columns, and the entries."""

    base: str
    row: str
    column: str
    entry: Node

    @property
    def line(self) -> str:
        """``let D_{ik} = [i = k] (Σ_j W_{ij})``."""
        return f"let {self.base}_{{{self.row}{self.column}}} = [{self.row} = {self.column}] ({typeset(self.entry)})"


def find_diagonals(guess: Guess) -> tuple[Diagonal, ...]:
    """The matrices that the text uses whole and says by their diagonals; the letters of their columns run from here on.

    Where other entries of one are spoken of, it need not be diagonal.
    """
    return tuple(_found(guess))


@dataclass(frozen=True, slots=True)
class Hollow:
    """Numbers w_{ij} that are given, and 0 for i = j."""

    base: str
    row: str
    column: str
    inside: str

    @property
    def lines(self) -> tuple[str, str]:
        """``data u_{ij} : R`` and ``let w_{ij} = [i \\ne j] u_{ij}``."""
        below = f"_{{{self.row}{self.column}}}"
        return (
            f"data {self.inside}{below} : R",
            f"let {self.base}{below} = [{self.row} \\ne {self.column}] {self.inside}{below}",
        )


def find_hollow(guess: Guess) -> dict[str, Hollow]:
    """The given numbers of which the text says w_{ii} = 0, by their letter."""
    found: dict[str, Hollow] = {}
    for sides in guess.chains:
        match sides:
            case [Name(base=base, subs=(first, second), sups=()), Num(value=0)] if first == second:
                letters = [
                    other.subs[1].single for other in names_of(guess) if other.base == base and len(other.subs) == 2
                ]
                column = next((c for c in letters if c in guess.indices and c != first.single), None)
                inside = next((c for c in _INSIDE if c not in guess.indices and not _is_taken(guess, c)), None)
                if first.single in guess.indices and column is not None and inside is not None:
                    found[base] = Hollow(base, first.single or "", column, inside)
    return found


def _found(guess: Guess) -> Iterator[Diagonal]:
    for name, entry in definitions_of(guess):
        row = name.subs[0].single if len(name.subs) == 2 and name.subs[0] == name.subs[1] else None
        if row not in guess.indices or name.sups or row is None:
            continue
        entries = {other.subs for other in names_of(guess) if other.base == name.base}
        column = next((c for c in _LETTERS if c not in guess.indices and not _is_taken(guess, c)), None)
        if entries == {(), name.subs} and column is not None:
            guess.indices[column] = guess.indices[row]
            yield Diagonal(name.base, row, column, entry)


def _is_taken(guess: Guess, letter: str) -> bool:
    return letter in guess.defined or letter in guess.indices.values() or Name(letter) in names_of(guess)
