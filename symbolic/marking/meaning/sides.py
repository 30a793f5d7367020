"""A side of an '=' with everything it may mean, and whether two sides can be equal at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from symbolic.language.expr import ZERO, Expr
from symbolic.language.terms import free_indices
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import Blank, Node
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.naming import Words
from symbolic.marking.meaning.reading import Meaning, Reading
from symbolic.marking.meaning.value import Value, fresh_axis, relabelled
from symbolic.marking.text.chains import Side
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span

#: Product signs that have a second meaning where the first one does not fit the shapes.
SIGNS = frozenset({"star", "dot"})
_FLAGS = ("column", "total", "layout", "stack")


@dataclass(frozen=True, slots=True)
class Read:
    """A side read: its tree (and the other tree, where the grammar leaves two) and its meanings, likeliest first."""

    node: Node | None
    meanings: tuple[Meaning, ...] = ()
    problem: NotUnderstood | None = None
    trees: tuple[Node, ...] = ()

    @property
    def blank(self) -> bool:
        return isinstance(self.node, Blank)


def read_side(side: Side, known: Declarations) -> Read:
    """Parse and elaborate; problems are kept, not raised."""
    if side.problem is not None:
        return Read(None, problem=side.problem)
    try:
        trees = parse_side(side, known)
    except NotUnderstood as problem:
        return Read(None, problem=problem)
    except RecursionError:
        return Read(None, problem=NotUnderstood("nested too deeply", side.span))
    if isinstance(trees[0], Blank):
        return Read(trees[0], trees=trees)
    found = meanings_of(trees, known)
    if isinstance(found.problem, ShapeError) and (others := other_products(side, known)):
        other = meanings_of(others, known)
        return other if other.meanings else found
    return found


def parse_side(side: Side, known: Declarations) -> tuple[Node, ...]:
    """The tree; then those under the other ways at the points on which people differ, all at once and one by one."""
    formula = read_formula(side.tokens, Words(known), end=side.span[1])
    trees = [formula.tree]
    points = sorted(formula.ambiguous - SIGNS)
    choices = [frozenset(points), *map(frozenset, zip(points, strict=True))] if len(points) > 1 else [frozenset(points)]
    for wide in filter(None, choices):
        try:
            trees.append(read_formula(side.tokens, Words(known), wide, side.span[1]).tree)
        except NotUnderstood:
            continue
    return tuple(dict.fromkeys(trees))


def other_products(side: Side, known: Declarations) -> tuple[Node, ...]:
    """The tree with ``*`` as the product entry by entry and ``·`` as the inner one; none without such a sign."""
    formula = read_formula(side.tokens, Words(known), SIGNS, side.span[1])
    return (formula.tree,) if SIGNS & formula.ambiguous else ()


def meanings_of(trees: tuple[Node, ...], known: Declarations) -> Read:
    """All meanings of a side under all readings that make a difference."""
    found: list[Meaning] = []
    problem: NotUnderstood | None = None
    for node in trees:
        try:
            for meaning in readings(node, known):
                if isinstance(meaning, NotUnderstood):
                    # a shape that does not fit is only the last word if nothing else is wrong
                    problem = meaning if problem is None or isinstance(problem, ShapeError) else problem
                else:
                    found.append(meaning)
        except RecursionError:
            problem = NotUnderstood("nested too deeply", node.span)
    return Read(trees[0], tuple(found), None if found else problem, trees)


def readings(node: Node, known: Declarations) -> Iterator[Meaning | NotUnderstood]:
    """The meaning of one tree under the default reading, then under each other one that it leaves open."""
    open_flags: frozenset[str] = frozenset()
    try:
        first = elaborate(node, known)
        yield first
        open_flags = first.open
    except NotUnderstood as problem:
        yield problem
        if not isinstance(problem, ShapeError):
            return
        open_flags = frozenset({"column", "stack"}) if known.sample is not None else frozenset({"stack"})
    # another reading may leave more open: ask the column reading too
    flags = [flag for flag in _FLAGS if flag in open_flags]
    tried = {Reading()}
    waiting = [Reading(**dict(zip(flags, choice, strict=True))) for choice in product((False, True), repeat=len(flags))]
    waiting.sort(key=lambda r: r.column + r.total + r.layout + r.stack)
    for reading in waiting:
        if reading in tried:
            continue
        tried.add(reading)
        try:
            meaning = elaborate(node, known, reading)
        except NotUnderstood as problem:
            yield problem
            continue
        yield meaning
        for flag in _FLAGS:
            if flag in meaning.open - open_flags:
                extra = Reading(**{**{f: getattr(reading, f) for f in _FLAGS}, flag: True})
                if extra not in tried:
                    tried.add(extra)
                    try:
                        yield elaborate(node, known, extra)
                    except NotUnderstood as problem:
                        yield problem


def aligned(left: Value, right: Value, span: Span = (0, 0)) -> tuple[Expr, Expr]:
    """Both expressions over the same axes.  Raises ShapeError when the shapes differ."""
    if right.expr == ZERO and not right.axes:
        return left.expr, right.expr
    if left.expr == ZERO and not left.axes:
        return left.expr, right.expr
    if len(left.axes) != len(right.axes) or any(
        a.extent != b.extent for a, b in zip(left.axes, right.axes, strict=False)
    ):
        flipped = len(left.axes) == len(right.axes) == 2 and all(
            a.extent == b.extent for a, b in zip(left.axes, reversed(right.axes), strict=True)
        )
        raise ShapeError(
            f"the left side is {left.shape}, the right side is {right.shape}", span, "transpose" if flipped else "shape"
        )
    if len(left.axes) == 1 and left.row != right.row:
        raise ShapeError(f"the left side is {left.shape}, the right side is {right.shape}", span, "transpose")
    axes = [fresh_axis(a.extent) for a in left.axes]
    return relabelled(left, axes).expr, relabelled(right, axes).expr


def stray_indices(left: Value, right: Value) -> list[str]:
    """Indices that are free on the right and not on the left."""
    have = free_indices(left.expr) | set(left.axes)
    return sorted(i.name for i in free_indices(right.expr) - set(right.axes) - have)
