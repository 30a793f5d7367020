"""A side of an '=' with everything it may mean, and whether two sides can be equal at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from symbolic.language.expr import ONE, ZERO, Expr, mul
from symbolic.language.terms import free_indices
from symbolic.marking.ambiguities import AMBIGUITIES
from symbolic.marking.grammar.beside import bare_beside, named_beside
from symbolic.marking.grammar.einstein import summings
from symbolic.marking.grammar.tree import BigSum, Blank, Node, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.grammar.unrolled import at_layer
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.elaborate import elaborate
from symbolic.marking.meaning.formulas import formula_of
from symbolic.marking.meaning.naming import Words
from symbolic.marking.meaning.reading import Meaning, Reading
from symbolic.marking.meaning.shape_words import SIDES
from symbolic.marking.meaning.step_ends import steps_that_are_there, with_starts
from symbolic.marking.meaning.value import ANY_LENGTH, COMMON, Value, axes_of_a_side, axis_of, relabelled, same_length
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span, reason_of
from symbolic.words import Text

#: Product signs that have a second meaning where the first one does not fit the shapes.
SIGNS = frozenset({"star", "dot"})
#: Points of the meaning that matter only where the shapes do not fit otherwise.
FITTING = ("column", "lying", "stack", "spread", "orientation", "list")
BESIDE_OBJECT = Text(
    "{name} beside {other} is none of the objects, and nothing says what it is: declare it too",
    "{name} рядом с {other} — не один из объектов, и нигде не сказано, что это: опишите и его",
)
#: So many readings of one tree are tried.
MOST_READINGS = 24


#: A tree, and the points at which it takes the other way.
Tree: TypeAlias = "tuple[Node, frozenset[str]]"


@dataclass(frozen=True, slots=True)
class Read:
    """A side read: its tree (and the other tree, where the grammar leaves two) and its meanings, likeliest first."""

    node: Node | None
    meanings: tuple[Meaning, ...] = ()
    problem: NotUnderstood | None = None
    trees: tuple[Tree, ...] = ()

    @property
    def blank(self) -> bool:
        return isinstance(self.node, Blank)


def read_side(side: Side, known: Declarations) -> Read:
    """Parse and elaborate; problems are kept, not raised."""
    return known.reads.ask((side.tokens, side.span), lambda: read_afresh(side, known))  # type: ignore[no-any-return]


def read_afresh(side: Side, known: Declarations) -> Read:
    with axes_of_a_side(side.span[0]):
        return _read(side, known)


def _read(side: Side, known: Declarations) -> Read:
    if side.problem is not None:
        return Read(None, problem=side.problem)
    try:
        trees = parse_side(side, known)
    except NotUnderstood as problem:
        return Read(None, problem=problem)
    except Exception as trouble:
        return Read(None, problem=NotUnderstood(reason_of(trouble), side.span))
    if (query := undeclared_query(trees[0][0], known)) is not None:
        return Read(trees[0][0], problem=query, trees=trees)
    if isinstance(trees[0][0], Blank):
        return Read(trees[0][0], trees=trees)
    found = meanings_of(trees, known)
    others = other_products(side, known)
    # (∇_w L) · v, which is no product of shapes, is not ∇_w (L · v) for that
    if others and isinstance((found if found.problem else meanings_of(trees[:1], known)).problem, ShapeError):
        other = meanings_of((*others, *trees[1:]), known)
        return other if other.meanings else found
    return found


def undeclared_query(tree: Node, known: Declarations) -> NotUnderstood | None:
    """The x of ``x - x_i`` where x_i alone is declared: taken for that of the same object, it would leave 0."""
    letter = known.sample.index.name if known.sample is not None else ""
    for one, other in (pair for names in named_beside(tree) for pair in bare_beside(names)):
        family = known.with_base(one.base)
        of_objects = bool(family) and all(q.sample and not q.implicit for q in family)
        if letter and of_objects and other.subs and other.subs[0].single == letter:
            return NotUnderstood(BESIDE_OBJECT.format(name=typeset(one), other=typeset(other)), one.span)
    return None


def parse_side(side: Side, known: Declarations) -> tuple[Tree, ...]:
    """The tree; then those under the other ways at the points on which people differ, all at once and one by one."""
    formula = formula_of(side, known)
    trees = {formula.tree: frozenset[str]()}
    points = sorted(formula.ambiguous - SIGNS)
    choices = [frozenset(points), *map(frozenset, zip(points, strict=True))] if len(points) > 1 else [frozenset(points)]
    for wide in filter(None, choices):
        try:
            trees.setdefault(formula_of(side, known, wide).tree, wide)
        except NotUnderstood:
            continue
    every = tuple(trees.items())
    if known.sums_repeated:
        is_index = Words(known).is_index
        every = (*((other, wide) for tree, wide in every for other in summings(tree, is_index)), *every)
    return both_ways(every, known)


def both_ways(trees: tuple[Tree, ...], known: Declarations) -> tuple[Tree, ...]:
    """The trees; where a product runs over layers, it may run down as well as up."""
    layers = known.layers
    products = [
        (t, wide)
        for t, wide in trees
        if layers.ranges and any(isinstance(n, BigSum) and n.kind == "prod" for n in walk(t))
    ]
    return (*trees, *((at_layer(tree, layers, descending=True), wide) for tree, wide in products))


def other_products(side: Side, known: Declarations) -> tuple[Tree, ...]:
    """The tree with ``*`` as the product entry by entry and ``·`` as the inner one; none without such a sign."""
    try:
        formula = formula_of(side, known, SIGNS)
    except NotUnderstood:  # 2 * -1 * …
        return ()
    return ((formula.tree, SIGNS & formula.ambiguous),) if SIGNS & formula.ambiguous else ()


def meanings_of(trees: tuple[Tree, ...], known: Declarations) -> Read:
    """All meanings of a side under all readings that make a difference."""
    found: list[Meaning] = []
    problem: NotUnderstood | None = None
    for node, wide in trees:
        try:
            for meaning in readings(node, known):
                if isinstance(meaning, NotUnderstood):
                    # a shape that does not fit is only the last word if nothing else is wrong
                    problem = meaning if problem is None or isinstance(problem, ShapeError) else problem
                else:
                    found.append(replace(meaning, taken=meaning.taken | wide) if wide else meaning)
        except Exception as trouble:
            problem = NotUnderstood(reason_of(trouble), node.span)
    return Read(trees[0][0], tuple(found), None if found else problem, trees)


def is_product_over(node: Node) -> bool:
    """Π over a range."""
    return isinstance(node, BigSum) and node.kind == "prod"


def readings(node: Node, known: Declarations) -> Iterator[Meaning | NotUnderstood]:
    """The meaning of one tree under the usual reading, then under each other one that it leaves open.

    A reading may leave more open than the one before: what it leaves open is tried too, single points first.
    """
    waiting, tried = deque([frozenset[str]()]), set[frozenset[str]]()
    while waiting and len(tried) < MOST_READINGS:
        others = waiting.popleft()
        if others in tried:
            continue
        tried.add(others)
        try:
            meaning = _at_the_start(elaborate(node, known, Reading(others)), known)
        except NotUnderstood as problem:
            yield problem
            if not isinstance(problem, ShapeError):
                if not others:
                    return
                continue
            points = [point for point in FITTING if point != "column" or known.sample is not None]
            waiting.extend(others | {point} for point in points if point not in others and len(others) < 2)
            continue
        if meaning.taken - {"rows"} == others:  # else it is the reading without the rest
            yield meaning
            waiting.extend(others | {point} for point in POINTS if point in meaning.open - others)


def _at_the_start(meaning: Meaning, known: Declarations) -> Meaning:
    """The meaning in which a state before the first step is its start."""
    expr = with_starts(meaning.value.expr, known.definitions)
    return meaning if expr == meaning.value.expr else replace(meaning, value=replace(meaning.value, expr=expr))


#: The points of the meaning, in the order in which they are tried.
POINTS = tuple(a.name for a in AMBIGUITIES)


def aligned(left: Value, right: Value, span: Span = (0, 0)) -> tuple[Expr, Expr]:
    """Both expressions over the same axes.  Raises ShapeError when the shapes differ."""
    if right.expr == ZERO and not right.axes:
        return left.expr, right.expr
    if left.expr == ZERO and not left.axes:
        return left.expr, right.expr
    pairs = list(zip(left.axes, right.axes, strict=False))
    if len(left.axes) != len(right.axes) or not all(same_length(a, b) for a, b in pairs):
        flipped = len(left.axes) == len(right.axes) == 2 and all(
            a.extent == b.extent for a, b in zip(left.axes, reversed(right.axes), strict=True)
        )
        raise ShapeError(SIDES.format(left=left.shape, right=right.shape), span, "transpose" if flipped else "shape")
    if len(left.axes) == 1 and left.row != right.row:
        raise ShapeError(SIDES.format(left=left.shape, right=right.shape), span, "transpose")
    extents = [b.extent if a.extent == ANY_LENGTH else a.extent for a, b in pairs]
    axes = [axis_of(COMMON + k, extent) for k, extent in enumerate(extents)]
    sides = relabelled(left, axes).expr, relabelled(right, axes).expr
    there = steps_that_are_there(*sides)
    return (sides[0], sides[1]) if there == ONE else (mul(there, sides[0]), mul(there, sides[1]))


def stray_indices(left: Value, right: Value) -> list[str]:
    """Indices that are free on the right and not on the left."""
    have = free_indices(left.expr) | set(left.axes)
    return sorted(i.name for i in free_indices(right.expr) - set(right.axes) - have)


def left_sides(chains: Iterable[Chain], known: Declarations) -> Iterator[Node]:
    """What the chains begin with, as far as it is read."""
    for chain in chains:
        try:
            yield parse_side(chain.sides[0], known)[0][0]
        except NotUnderstood:
            continue
