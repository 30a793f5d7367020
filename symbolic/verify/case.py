"""A wrong link, as the diagnosis gets it."""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.expr import Expr
from symbolic.verify.header import Model
from symbolic.verify.points import Points
from symbolic.verify.reading import Meaning
from symbolic.verify.sides import Read
from symbolic.verify.syntax import (
    Node,
    ShapeError,
)

#: Seconds of the processor that the search for one repair may take: for the first wrong line, for later ones, and in
#: each further notation that fits a text equally well.
TIME_LIMIT = 1.0
LATER_LIMIT = 0.3
BRIEF = 0.12
#: So many candidates for a second: what is found does not depend on how busy the machine is.
PER_SECOND = 1000


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
    #: Seconds for the search.
    seconds: float = TIME_LIMIT
    #: 1 where the claim is made: both sides are meant times this.
    where: Expr | None = None
