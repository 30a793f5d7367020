"""A wrong link, as the diagnosis gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbolic.language.expr import Expr
from symbolic.marking.diagnosis.effort import FIRST
from symbolic.marking.grammar.tree import Node
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import Read
from symbolic.marking.model.declaring import Model
from symbolic.marking.model.quick_numbers import Points
from symbolic.marking.text.refusals import ShapeError


@dataclass(frozen=True, slots=True)
class Case:
    """A wrong link: both sides, all sides of the chain, and the type error if that is what is wrong."""

    model: Model
    points: Points
    before: Read
    here: Read
    seen: tuple[Node, ...]
    problem: ShapeError | None
    #: What the chain began with.
    goal: Meaning | None = None
    #: So many candidates may be tried.
    tries: int = FIRST
    #: The points at which the text has chosen the other reading.
    chosen: frozenset[str] = frozenset()
    #: 1 where the claim is made: both sides are meant times this.
    where: Expr | None = None
    #: What makes an edited line right, where it is not that it equals the line before it.
    accepts: Callable[[Node], bool] | None = None

    @property
    def known(self) -> Declarations:
        return self.model.declarations
