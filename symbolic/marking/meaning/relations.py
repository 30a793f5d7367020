"""Conditions and what depends on them: [a > 0], [j = k], ``i < j`` below a Σ, cases."""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import Affine, Size, Subscript
from symbolic.language.expr import ONE, Compare, Expr, Where, add, mul, neg
from symbolic.language.terms import in_range, tensors
from symbolic.marking.grammar.tree import MEMBER, Add, Name, Neg, Node, Num, Relation, Script
from symbolic.marking.meaning.class_numbers import class_entry, is_class, plain_index
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.quantities import kronecker
from symbolic.marking.meaning.value import Value, entrywise
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.words import Text


def indicator_value(work: Elaboration, node: Node) -> Value:
    if not isinstance(node, Relation):
        raise NotUnderstood(
            Text("a condition such as a > 0 should stand here", "здесь должно стоять условие, например a > 0"),
            node.span,
        )
    if node.sign == MEMBER:
        return membership(work, node.left)
    for label_, other in ((node.left, node.right), (node.right, node.left)):
        place = index_script(other)
        if node.sign in ("=", "!=") and isinstance(label_, Name) and is_class(work, label_) and place is not None:
            expr = class_entry(work, label_, place, node.span)
            return Value(expr if node.sign == "=" else add(ONE, neg(expr)))
    left, right = index_script(node.left), index_script(node.right)
    indices = left is not None and right is not None and (is_index_script(work, left) or is_index_script(work, right))
    if node.sign in ("=", "!="):
        if left is not None and right is not None and indices:
            expr = kronecker(work, (left, right), node.span).expr
        else:
            expr = equality(work, node)
        return Value(expr if node.sign == "=" else add(ONE, neg(expr)))
    if left is not None and right is not None and indices:
        return Value(ordered_indices(work, left, node.sign, right, node.span))
    a, b = work.value(node.left), work.value(node.right)
    if node.sign in ("<", "<="):
        a, b = b, a
    sign = ">" if node.sign in (">", "<") else ">="
    return entrywise([a, b], lambda x, y: Compare(sign, x, y), node.span, "the comparison")  # type: ignore[arg-type]


def membership(work: Elaboration, node: Node) -> Value:
    """The indicator R_{ui}, whichever of its two indices is written first: u ∈ R_i is i ∈ R_u."""
    try:
        return work.value(node)
    except NotUnderstood:
        if isinstance(node, Name) and len(node.subs) == 2:
            return work.value(replace(node, subs=node.subs[::-1]))
        raise


def equality(work: Elaboration, node: Relation) -> Expr:
    """``y_i = 1`` as 1 or 0, where y takes single values only."""
    left, right = work.value(node.left), work.value(node.right)
    if left.axes or right.axes or not any(t in work.known.discrete for t in tensors(left.expr)):
        raise NotUnderstood(
            Text("'=' between quantities as a condition", "'=' между величинами в роли условия"), node.span
        )
    return Compare("==", left.expr, right.expr)


def ordered_indices(work: Elaboration, left: Script, sign: str, right: Script, span: Span) -> Expr:
    """``i < j``: the difference is in a range."""
    if sign in (">", ">="):
        left, right = right, left
    low, high = plain_index(work, left, span), plain_index(work, right, span)
    apart = high - low - (sign in ("<", ">"))
    return in_range(apart, beyond(apart))


def beyond(subscript: Subscript) -> Size:
    """A size that a combination of indices does not reach."""
    total: Size = Affine(tuple((name, c) for name, c in subscript.sizes if c > 0), max(subscript.constant, 0))
    for index, coefficient in subscript.terms:
        if coefficient > 0:
            total = total + index.extent * coefficient
    return total


def is_index_script(work: Elaboration, item: Script) -> bool:
    return bool(item.terms) and all(work.index(letter) is not None for letter, _ in item.terms)


def cases_value(work: Elaboration, parts: tuple[Node, ...], span: Span) -> Value:
    rows: list[tuple[Node, Relation | None]] = []
    for part in parts:
        if isinstance(part, Relation):
            rows[-1] = (rows[-1][0], part)
        else:
            rows.append((part, None))
    if any(condition is None for _, condition in rows[:-1]):
        raise NotUnderstood(Text("a case without its condition", "случай без условия"), span)
    result = work.value(rows[-1][0])
    for node, condition in reversed(rows[:-1]):
        assert condition is not None
        holds, then = indicator_value(work, condition), work.value(node)

        def choose(bracket: Expr, then: Expr, otherwise: Expr) -> Expr:
            if isinstance(bracket, Compare):
                return Where(bracket, then, otherwise)
            return add(mul(bracket, then), mul(add(ONE, neg(bracket)), otherwise))

        result = entrywise([holds, then, result], choose, span, "the cases")
    return result


#: The sum of no letters.
NOTHING: Script = Affine((), 0)


def index_script(node: Node) -> Script | None:
    """A letter, a whole number or a sum of them as a subscript; None for anything else."""
    if isinstance(node, Add):
        parts = [index_script(term) for term in node.terms]
        return None if None in parts else sum(filter(None, parts), start=NOTHING)
    if isinstance(node, Neg):
        inside = index_script(node.argument)
        return None if inside is None else -inside
    if isinstance(node, Name) and node.bare:
        return Affine.of(node.base)
    if isinstance(node, Num) and node.value.denominator == 1:
        return Affine((), int(node.value))
    return None
