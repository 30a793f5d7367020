"""What a judge is given, and what is found on the way through a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Tensor
from symbolic.marking.diagnosis.effort import FIRST
from symbolic.marking.grammar.tree import Node
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.marking import MarkedLine
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.worked_numbers import Worked
from symbolic.marking.stationary_points import Place
from symbolic.words import Text

#: So many wrong lines of one submission get a search for a repair; later ones are only refuted.
DIAGNOSED = 3


@dataclass(frozen=True, slots=True)
class Context:
    """How thorough to be: whether slips are named at all, how many candidates the first search may try, how many
    wrong lines get a search, and whether right lines are told the rule that they use."""

    diagnosing: bool = True
    tries: int = FIRST
    slips: int = DIAGNOSED
    naming: bool = False


@dataclass(frozen=True, slots=True)
class Refutation:
    """A line that is wrong: its place among the lines, and what its two sides mean in each reading."""

    line: int
    pairs: tuple[tuple[Expr, Expr, tuple[Definition, ...]], ...]


@dataclass
class Ends:
    """What each chain began with, and where it ended."""

    _all: list[tuple[Node, Read]] = field(default_factory=list)
    #: By how it is written: what was begun, and where that ended the last time that this meant anything.
    begun: dict[str, Node] = field(default_factory=dict)
    said_last: dict[str, tuple[Node, Read]] = field(default_factory=dict)

    def add(self, begun: Node, end: Read) -> None:
        written = typeset(begun)
        self._all.append((begun, end))
        self.begun.setdefault(written, begun)
        if end.meanings:
            self.said_last[written] = begun, end

    def __iter__(self) -> Iterator[tuple[Node, Read]]:
        return iter(self._all)


@dataclass
class Judging:
    """One document being marked.  Local definitions ("where δ_i = …") are added to the premises on the way."""

    premises: Premises
    context: Context = Context()
    lines: list[MarkedLine] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    ends: Ends = field(default_factory=Ends)
    #: The sides of the chain at hand, and what it began with.
    seen: list[Node] = field(default_factory=list)
    goal: Meaning | None = None
    #: Whether anything is differentiated by a value inside the network.
    inside: bool = False
    #: What was decided for the whole text by the lines so far, and the readings that made lines true.
    settled: dict[str, bool] = field(default_factory=dict)
    readings: dict[str, None] = field(default_factory=dict)
    #: The gradients that were set to zero.
    stationary: list[Any] = field(default_factory=list)
    #: The numbers that the sheet has shown for names, rounded as they are.
    shown: dict[Tensor, Definition] = field(default_factory=dict)
    #: The values that steps have led to, with which the sheet goes on.
    renewed: Worked | None = None
    #: Whether anything was too long to be marked.
    left_out: bool = False
    #: The instances moved to where they vanish; None where no such place was found.
    solved: dict[Any, Place | None] = field(default_factory=dict)
    #: Chains that say what the text assumes.
    assumptions: frozenset[int] = frozenset()
    #: Whether the vectors of a matrix are its columns, where the lines so far have told.
    stacking: dict[Tensor, bool] = field(default_factory=dict)
    #: The names that the text gives, and the wrong lines; see ``symbolic.marking.causes``.
    names: list[Any] = field(default_factory=list)
    refutations: list[Refutation] = field(default_factory=list)
