"""What is said at the end: whether what was begun is carried out, and whether two errors cancel."""

from __future__ import annotations

from symbolic.marking.grammar.tree import Deriv, Name, Node, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.sides import Read, aligned
from symbolic.marking.text.refusals import ShapeError
from symbolic.words import Text


def finished(work: Judging) -> bool | None:
    """Whether every gradient that was begun is carried out in some chain; None when none was begun."""
    ends: dict[str, bool] = {}
    for goal, end in work.ends:
        if is_gradient(work, goal) and end.node is not None:
            key = typeset(goal)
            ends[key] = ends.get(key, False) or not any(is_open(work, n) for n in walk(end.node))
    return all(ends.values()) if ends else None


def is_gradient(work: Judging, node: Node) -> bool:
    """∂Q/∂w for a parameter."""
    if not isinstance(node, Deriv):
        return False
    below: Node = node.by
    while not isinstance(below, Name) and below.children:
        below = below.children[0]
    found = candidates(work.premises.known, below) if isinstance(below, Name) else []
    return bool(found) and found[0].tensor.role == "parameter"


def is_open(work: Judging, node: Node) -> bool:
    """A derivative that is not carried out, or an E."""
    if isinstance(node, Deriv):
        return True
    return (
        isinstance(node, Name)
        and node.base == "E"
        and not candidates(work.premises.known, node)
        and bool(node.subs or node.below)
    )


def note_cancelled(work: Judging, first: Read, last: Read) -> None:
    """Two errors can cancel; the person should know."""
    for a in first.meanings:
        for b in last.meanings:
            try:
                left, right = aligned(a.value, b.value)
            except ShapeError:
                continue
            if work.premises.points.equal(left, right, (*a.auxiliary, *b.auxiliary)):
                work.notes.append(
                    Text(
                        "the last line is right all the same: the errors cancel",
                        "последняя строка всё же верна: ошибки взаимно уничтожились",
                    )
                )
                return
