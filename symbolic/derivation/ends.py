"""The ends of a recurrence as cases: E of a step from E of the step after, and E of the last step.

E[t] = E[t+1] w [t + 1 ≤ T] + v δ(t, T)   is   E[t+1] w  for t < T,   v  for t = T
"""

from __future__ import annotations

from symbolic.language.affine import Index, Subscript, size
from symbolic.language.expr import HALF, ONE, ZERO, Compare, Delta, Entry, Expr, InRange, Where
from symbolic.language.terms import certainly_below, ends, nodes_of, substitute


def with_ends(line: Expr) -> Expr:
    """The line as two cases where a bracket in it says whether the step that an E is read at is there; else itself."""
    errors = {sub for entry in nodes_of(line, Entry) if entry.tensor.role == "adjoint" for sub in entry.subscripts}
    brackets = tuple(dict.fromkeys(node for node in nodes_of(line, InRange) if node.subscript in errors))
    if len(brackets) != 1 or isinstance(line, Where):
        return line
    (bracket,) = brackets
    step = _step(bracket)
    if step is None:
        return line
    running, shift = step
    last = {node: (ZERO, ONE) for node in nodes_of(line, Delta) if _says_the_end(node, running, shift)}
    inside = substitute(line, {bracket: ONE, **{node: within for node, (within, _) in last.items()}})
    beyond = substitute(line, {bracket: ZERO, **{node: at_the_end for node, (_, at_the_end) in last.items()}})
    return Where(Compare(">", bracket, HALF), inside, beyond)


def _step(bracket: InRange) -> tuple[Index, int] | None:
    """t and ±1 of [0 ≤ t ± 1 < T]: then one value of t alone has no neighbour."""
    sub = bracket.subscript
    if len(sub.terms) != 1 or sub.terms[0][1] != 1 or sub.sizes or abs(sub.constant) != 1:
        return None
    index = sub.terms[0][0]
    return (index, sub.constant) if index.extent == bracket.extent else None


def _says_the_end(node: Delta, running: Index, shift: int) -> bool:
    """Whether it is 1 at the place that has no neighbour, and 0 elsewhere: δ(t, T) for t + 1, δ(t, 1) for t - 1."""
    difference = node.left - node.right
    end: Subscript = difference if difference.coefficient(running) < 0 else -difference
    if len(difference.terms) != 1 or abs(difference.coefficient(running)) != 1:
        return False
    place = end.offset
    return place == (running.extent - 1 if shift > 0 else size(0)) and certainly_below(size(-1), ends(end)[1] + 1)
