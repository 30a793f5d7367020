"""What the makers of candidates look at: a wrong line, its surroundings, and what a repair may be made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from symbolic.marking.diagnosis.case import Case
from symbolic.marking.diagnosis.pool import Pool, build
from symbolic.marking.grammar.tree import Deriv, Name, Node, Num, walk
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import candidates

#: So many numbers of a chain may be lost factors.
MOST_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """A wrong line (``tree``) in its case; ``is_matrix``: the line before it is a matrix under some reading."""

    case: Case
    tree: Node
    pool: Pool
    is_matrix: bool

    @property
    def known(self) -> Declarations:
        return self.case.known

    @property
    def misfit(self) -> bool:
        """Whether shapes do not fit: then a sign or a number would not mend the line."""
        return self.case.problem is not None and self.case.problem.kind in ("shape", "transpose")

    @property
    def holds_matrices(self) -> bool:
        """Whether a matrix stands in the line."""
        names = (node for node in walk(self.tree) if isinstance(node, Name))
        return any(len(q.tensor.axes) == 2 and not q.subscripted for n in names for q in candidates(self.known, n)[:1])

    @property
    def sample_letter(self) -> str:
        return self.known.sample.index.name if self.known.sample is not None else ""

    def bodies(self) -> tuple[Node, ...]:
        """What the model's definitions are made of."""
        return tuple(quantity.body for quantity in self.known.quantities if quantity.body is not None)

    def numbers_seen(self) -> tuple[Num, ...]:
        """The numbers of the chain, first come first."""
        nodes = (n for node in self.case.seen for n in walk(node) if isinstance(n, Num) and n.value > 0)
        return tuple(islice(dict.fromkeys(Num(n.value) for n in nodes), MOST_NUMBERS))

    def derivatives_seen(self) -> Iterator[Deriv]:
        """Each derivative of the chain once, in the order in which they stand there."""
        found = (n for node in self.case.seen for n in walk(node) if isinstance(n, Deriv))
        return iter(dict.fromkeys(found))


def scene(case: Case, is_matrix: bool) -> Scene:
    """The scene of a case whose line was read."""
    assert case.here.node is not None
    return Scene(case, case.here.node, build(case.here.node, case.seen, case.known), is_matrix)
