"""Dots in matrices: the general entry between the first one and the last, and single entries out of it again.

``∂Q/∂w_1, …, ∂Q/∂w_d`` is ∂Q/∂w_k for k from 1 to d: where the two differ, the first must have a whole
number and the last a size, everywhere the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from symbolic.marking.grammar.tree import (
    Cases,
    Component,
    Dotted,
    Matrix,
    Name,
    Node,
    Num,
    Power,
    Relation,
    Run,
    Script,
    script,
    walk,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.words import Text

#: Letters for the general entry, where the formula does not use them itself.
LETTERS = ("k", "j", "m", "l", "q", "r", "v")

_Row = tuple[Node | None, ...]


class _Apart(Exception):
    """The two trees differ in another way than by a number and a size."""


class _Generalised:
    """What was found while two trees are compared."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.ends: tuple[Script, Script] | None = None

    def item(self, first: Script, last: Script) -> Script:
        """One subscript of the general entry."""
        if first == last:
            return first
        if first.terms or (self.ends is not None and self.ends != (first, last)):
            raise _Apart
        self.ends = (first, last)
        return script(self.letter)

    def items(self, first: tuple[Script, ...], last: tuple[Script, ...]) -> tuple[Script, ...]:
        if len(first) != len(last):
            raise _Apart
        return tuple(self.item(a, b) for a, b in zip(first, last, strict=True))

    def node(self, first: Node, last: Node) -> Node:
        """The general entry, down to where the two trees are the same."""
        if first == last:
            return first
        if isinstance(first, Num) and isinstance(last, Name) and last.bare and first.value.denominator == 1:
            self.item(script(int(first.value)), script(last.base))  # x^1, …, x^d
            return Name(self.letter, span=first.span)
        if type(first) is not type(last) or len(first.children) != len(last.children):
            raise _Apart
        children = tuple(self.node(a, b) for a, b in zip(first.children, last.children, strict=True))
        fresh = first.rebuild(children) if children else first
        if isinstance(fresh, Name) and isinstance(last, Name):
            fresh = replace(fresh, subs=self.items(fresh.subs, last.subs), sups=self.items(fresh.sups, last.sups))
        elif isinstance(fresh, Component) and isinstance(last, Component):
            fresh = replace(fresh, subs=self.items(fresh.subs, last.subs))
        function, other = getattr(fresh, "function", None), getattr(last, "function", None)
        if function != other and isinstance(function, Name) and isinstance(other, Name):
            fresh = replace(fresh, function=self.node(function, other))  # type: ignore[call-arg]
        return fresh


def general(entries: tuple[Node | None, ...], letter: str, span: Span) -> tuple[Run, Node]:
    """The run and the general entry of a row or column with dots (None); what stands beside them must fit."""
    first, last = entries[0], entries[-1]
    if first is None or last is None:
        raise NotUnderstood(
            Text(
                "dots at the end of a matrix: which entry is the last?",
                "многоточие в конце матрицы: какой элемент последний?",
            ),
            span,
        )
    found = _Generalised(letter)
    try:
        body = found.node(first, last)
    except _Apart:
        raise NotUnderstood(
            Text(
                "the dots in this matrix: the first and the last entry differ in other ways",
                "многоточие в этой матрице: первый и последний элементы различаются чем-то ещё",
            ),
            span,
        ) from None
    lower, upper = found.ends or (script(1), None)
    run = Run(letter, lower, upper)
    if member(body, letter, upper or lower) != last:
        raise NotUnderstood(
            Text(
                "the dots in this matrix: the first and the last entry differ in other ways",
                "многоточие в этой матрице: первый и последний элементы различаются чем-то ещё",
            ),
            span,
        )
    before = entries[: entries.index(None)]
    after = entries[len(entries) - entries[::-1].index(None) :]
    steps = [(entry, lower + k) for k, entry in enumerate(before)]
    if upper is not None:
        steps += [(entry, upper - k) for k, entry in enumerate(reversed(after))]
    if any(entry != member(body, letter, at) for entry, at in steps):
        raise NotUnderstood(
            Text(
                "the dots in this matrix: its entries do not follow one rule",
                "многоточие в этой матрице: её элементы не подчиняются одному правилу",
            ),
            span,
        )
    return run, body


def member(body: Node, letter: str, at: Script) -> Node:
    """The entry with a number in the place of the letter."""
    here = {letter: at}
    children = tuple(member(child, letter, at) for child in body.children)
    fresh = body.rebuild(children) if children else body
    if isinstance(fresh, Power) and fresh.exponent == Name(letter):
        exponent: Node = Num(Fraction(at.constant)) if not at.terms else Name(at.single or "")
        return replace(fresh, exponent=exponent)
    if isinstance(fresh, Name):
        return replace(
            fresh,
            subs=tuple(s.replace(here) for s in fresh.subs),
            sups=tuple(s.replace(here) for s in fresh.sups),
        )
    if isinstance(fresh, Component):
        return replace(fresh, subs=tuple(s.replace(here) for s in fresh.subs))
    function = getattr(fresh, "function", None)
    if isinstance(function, Name):
        return replace(fresh, function=member(function, letter, at))  # type: ignore[call-arg]
    return fresh


def matrix(rows: list[_Row], taken: Iterable[str], span: Span) -> Node:
    """A matrix from its rows; None is a place with dots.  Raises NotUnderstood where no rule fits."""
    taken = set(taken)
    try:
        return _matrix(rows, taken, span)
    except NotUnderstood:
        diagonal = _with_diagonal(rows, taken, span)
        if diagonal is not None:
            return diagonal
        apart = [tuple(None if entry is None else digits_apart(entry) for entry in row) for row in rows]
        if apart == rows:
            raise
        return _matrix(apart, taken, span)


def _with_diagonal(rows: list[_Row], taken: set[str], span: Span) -> Node | None:
    """Four corners with dots between them, of which those on the diagonal follow a rule of their own."""
    corners = [row[at] for row in (rows[0], rows[-1]) for at in (0, -1)]
    first, right, left, last = corners
    given = sum(entry is not None for row in rows for entry in row)
    if given != 4 or first is None or right is None or left is None or last is None:
        return None
    k, l = [letter for letter in LETTERS if letter not in taken][:2]
    try:
        run, diagonal = general((first, None, last), k, span)
    except NotUnderstood:
        return None
    if run.upper is None:
        return None
    other = _renamed(right, {run.lower: script(k), run.upper: script(l)})
    if member(member(other, k, run.upper), l, run.lower) != left:
        return None
    on = Relation("=", Name(k), Name(l))
    return Dotted(run, Run(l, run.lower, run.upper), Cases((diagonal, on, other), span=span), span=span)


def _renamed(node: Node, names: dict[Script, Script]) -> Node:
    """Subscripts exchanged as they stand: the 1 and the K of p_1 p_K."""
    fresh = node.rebuild(tuple(_renamed(child, names) for child in node.children)) if node.children else node
    return replace(fresh, subs=tuple(names.get(s, s) for s in fresh.subs)) if isinstance(fresh, Name) else fresh


def digits_apart(node: Node) -> Node:
    """``W_{11}`` as W_{1,1}, which is what it is beside a W_{1n}."""
    fresh = node.rebuild(tuple(map(digits_apart, node.children))) if node.children else node
    return replace(fresh, subs=digits(fresh.subs)) if isinstance(fresh, Name) else fresh


def _matrix(rows: list[_Row], taken: set[str], span: Span) -> Node:
    width = max(map(len, rows))
    rows = [row if len(row) == width or any(e is not None for e in row) else (None,) * width for row in rows]
    if any(len(row) != width for row in rows):
        raise NotUnderstood(Text("a matrix with rows of different lengths", "матрица со строками разной длины"), span)
    letters = [l for l in LETTERS if l not in taken]
    dotted_rows = [all(entry is None for entry in row) for row in rows]
    across: Run | None = None
    if any(None in row for row, dots in zip(rows, dotted_rows, strict=True) if not dots):
        letter = letters.pop(0)
        ends = [general(row, letter, span) for row, dots in zip(rows, dotted_rows, strict=True) if not dots]
        across = ends[0][0]
        if any(run != across for run, _ in ends):
            raise NotUnderstood(
                Text("the rows of this matrix end differently", "строки этой матрицы кончаются по-разному"), span
            )
        bodies = iter(body for _, body in ends)
        rows = [(None,) if dots else (next(bodies),) for dots in dotted_rows]
        width = 1
    if any(dotted_rows):
        letter = letters.pop(0)
        if width > 1:
            raise NotUnderstood(
                Text(
                    "a matrix with dots downwards and not across",
                    "матрица с многоточием по вертикали, но не по горизонтали",
                ),
                span,
            )
        down, body = general(tuple(row[0] for row in rows), letter, span)
        return Dotted(down, across, body, span=span)
    if across is not None:
        if len(rows) != 1:
            raise NotUnderstood(
                Text(
                    "a matrix with dots across and not downwards",
                    "матрица с многоточием по горизонтали, но не по вертикали",
                ),
                span,
            )
        body = rows[0][0] or Num(Fraction(0))
        return Dotted(None, across, body, span=span)
    entries = [entry for row in rows for entry in row if entry is not None]
    if len(entries) != width * len(rows):
        raise NotUnderstood(Text("dots in this matrix", "многоточие в этой матрице"), span)
    return Matrix(width, tuple(entries), span=span)


def digits(subs: tuple[Script, ...]) -> tuple[Script, ...]:
    """``w_{12}`` read as w_{1,2}."""
    split: list[Script] = []
    for sub in subs:
        if not sub.terms and sub.constant >= 10:
            split.extend(script(int(digit)) for digit in str(sub.constant))
        else:
            split.append(sub)
    return tuple(split)


def letters_of(nodes: Iterable[Node]) -> set[str]:
    """All letters that stand in names, as they are or as subscripts."""
    found: set[str] = set()
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Name):
                found |= {part.base, *(key for item in (*part.subs, *part.sups) for key in item.keys)}
    return found
