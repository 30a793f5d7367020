"""Σ and Π as values: the range of each letter, and what the letter means below the sign."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from symbolic.language.affine import Affine, Index, Size, subscript
from symbolic.language.expr import ZERO, Compare, Constant, Expr, Fold, mul, neg, total
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Mul as ExprMul
from symbolic.language.functions import PRIMITIVES
from symbolic.marking.grammar.summed import bounded
from symbolic.marking.grammar.tree import BigSum, Name, Node, Script, walk
from symbolic.marking.grammar.unrolled import Layers, layered, written_out
from symbolic.marking.meaning.declared import IndexName, number_of
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.reading import Fictitious, Pending
from symbolic.marking.meaning.relations import indicator_value
from symbolic.marking.meaning.value import (
    Value,
)
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.words import Text

#: Names that differ in their labels are written out for so many numbers at most.
MOST_LABELS = 12


def over_labels(work: Elaboration, node: BigSum) -> Node | None:
    """``Σ_{t=1}^2 z_t`` of a z_1 and a z_2 that are names of their own, written out; None for any other Σ."""
    if len(node.indices) != 1 or node.conditions or node.lower is None or node.upper is None:
        return None
    first, last = number_of(node.lower), number_of(node.upper)
    if first is None or last is None or not first <= last < first + MOST_LABELS:
        return None
    layers = Layers({node.indices[0]: (first, last)})
    for name in (part for part in walk(node.body) if isinstance(part, Name)):
        each = [layered(name, replace(layers, at={node.indices[0]: k})) for k in range(first, last + 1)]
        if each[0] != name and not candidates(work.known, name) and all(candidates(work.known, n) for n in each):
            return written_out(node, layers, descending=False)
    return None


def sum_value(work: Elaboration, node: BigSum) -> Value:
    written = over_labels(work, node)
    if written is not None:
        return work.value(written)
    outer_bound, outer_sample = dict(work.bound), work.at_sample
    node = up_to_index(work, node)
    names = [sum_index(work, node, name) for name in node.indices]
    try:
        value = sum_body(work, node, names)
        inside = {letter: found for letter, found in work.bound.items() if letter not in node.indices}
        outer_bound |= {letter: found for letter, found in inside.items() if tells(outer_bound.get(letter), found)}
        return value
    except Fictitious as range_:
        if range_.name not in node.indices:
            raise
        names = [
            IndexName(Index(n.index.name, n.index.extent - 1), 1)
            if isinstance(n, IndexName) and n.index.name == range_.name
            else n
            for n in names
        ]
        work.notes.append(f"the sum over {range_.name} from 0 is taken to include the fictitious component")
        return sum_body(work, node, names)
    except ShapeError as problem:
        told = [told_inside(work, node, letter, name) for letter, name in zip(node.indices, names, strict=True)]
        if problem.kind != "index" or told == names:
            raise
        with suppress(NotUnderstood):
            return sum_body(work, node, told)
        raise
    finally:
        work.bound, work.at_sample = outer_bound, outer_sample


def tells(before: IndexName | Pending | None, now: IndexName | Pending) -> bool:
    """Whether the inside of a Σ has told how far a letter of an outer one runs: the l of ``Σ_l Σ_f Y_{lf}``."""
    return isinstance(before, Pending) and isinstance(now, IndexName)


def told_inside(work: Elaboration, node: BigSum, letter: str, name: IndexName | Pending) -> IndexName | Pending:
    """The letter of a Σ without bounds as one of its own: ``Σ_j e^{f_j}`` beside an x_j with another range."""
    unbounded = node.upper is None and node.lower is None and not node.conditions
    objects = work.known.sample is not None and work.known.sample.index.name == letter
    return Pending(letter) if unbounded and not objects and name == work.known.indices.get(letter) else name


def up_to_index(work: Elaboration, node: BigSum) -> BigSum:
    """``Σ_{s=1}^{t}`` up to another index, ``Σ_{j=i+1}^n`` from one: over the whole range, under a condition."""
    if len(node.indices) != 1:
        return node
    letter, conditions = node.indices[0], list(node.conditions)
    lower, upper = node.lower, node.upper
    extents: list[IndexName] = []
    for bound, sign in ((lower, ">="), (upper, "<=")):
        found = index_in(work, bound)
        if bound is not None and found is not None:
            extents.append(found)
            conditions.append(bounded(letter, sign, bound, node.span))
    if not extents:
        return node
    lower, upper = (None if index_in(work, bound) is not None else bound for bound in (lower, upper))
    own = work.known.indices.get(letter)
    known = own if own is not None else extents[0]
    if lower is not None and number_of(lower) != known.base:
        return node
    if upper is not None:
        known = IndexName(Index(letter, work.known.sizes.get(upper.single or "", known.index.extent)), known.base)
    work.bound[letter] = IndexName(Index(letter, known.index.extent), known.base)
    return replace(node, lower=None, upper=None, conditions=tuple(conditions))


def index_in(work: Elaboration, bound: Script | None) -> IndexName | None:
    """An index that the bound of a sum has in it."""
    letters = (letter for letter, _ in bound.terms) if bound is not None else ()
    known = (work.index(letter) for letter in letters if letter not in work.known.sizes)
    return next((found for found in known if isinstance(found, IndexName)), None)


def sum_body(work: Elaboration, node: BigSum, names: list[IndexName | Pending]) -> Value:
    for letter, found in zip(node.indices, names, strict=True):
        work.bound[letter] = found
        sample = work.known.sample
        if isinstance(found, IndexName) and sample is not None and found.index.extent == sample.index.extent:
            work.at_sample = subscript(found.index)
    value = work.value(node.body)
    bound: list[Index] = []
    for letter, given in zip(node.indices, names, strict=True):
        known = work.bound[letter] if isinstance(given, Pending) else given
        if isinstance(known, Pending):
            raise NotUnderstood(
                Text(f"the range of {letter} is not known", f"область значений {letter} неизвестна"), node.span
            )
        bound.append(known.index)
    expr = value.expr
    if node.kind in ("max", "min"):
        return Value(greatest(node, expr, bound), value.axes, value.row)
    if node.kind == "prod":
        return Value(big_product(work, node, expr, bound, value))
    for condition in node.conditions:
        expr = mul(indicator_value(work, condition).expr, expr)
    return Value(total(expr, *bound), value.axes, value.row)


def greatest(node: BigSum, expr: Expr, bound: list[Index]) -> Expr:
    """The greatest value over a range, or the least one as minus the greatest of the negative."""
    if node.conditions:
        raise NotUnderstood(
            Text(f"{node.kind} under a condition", f"{node.kind} при условии"),
            node.span,
        )
    found = expr if node.kind == "max" else neg(expr)
    for index in bound:
        found = Fold("max", found, index)
    return found if node.kind == "max" else neg(found)


def big_product(work: Elaboration, node: BigSum, expr: Expr, bound: list[Index], value: Value) -> Expr:
    """Π as exp Σ ln|·|, with the sign cos(π · how many are negative)."""
    if value.axes:
        raise NotUnderstood(Text("Π of vectors", "Π от векторов"), node.span)
    conditions = [indicator_value(work, condition).expr for condition in node.conditions]
    if _positive(expr):
        return PRIMITIVES["exp"](total(mul(*conditions, PRIMITIVES["log"](expr)), *bound))
    size = PRIMITIVES["exp"](total(mul(*conditions, PRIMITIVES["log"](PRIMITIVES["abs"](expr))), *bound))
    negative = total(mul(*conditions, Compare(">", ZERO, expr)), *bound)
    return mul(PRIMITIVES["cos"](mul(Constant("pi"), negative)), size)


def sum_index(work: Elaboration, node: BigSum, letter: str) -> IndexName | Pending:
    declared = work.known.indices.get(letter)
    own = work.bound.get(letter)
    if node.upper is None and node.lower is None and node.conditions and isinstance(own, IndexName):
        return own
    if node.upper is None and node.lower is not None:
        if declared is None or number_of(node.lower) != declared.base:
            raise NotUnderstood(
                Text(f"Σ over {letter} has no upper bound", f"у Σ по {letter} нет верхней границы"), node.span
            )
        return declared
    if node.upper is None:
        return declared or Pending(letter)
    lower = number_of(node.lower) if node.lower is not None else 1
    if lower is None:
        raise NotUnderstood(Text("a lower bound of Σ that is not a number", "нижняя граница Σ — не число"), node.span)
    extent: Size = Affine((), node.upper.constant - lower + 1)
    for name, coefficient in node.upper.terms:
        if name not in work.known.sizes:
            raise NotUnderstood(
                Text(f"the bound {name} of Σ is not a declared size", f"граница {name} у Σ — не объявленный размер"),
                node.span,
            )
        extent = extent + work.known.sizes[name] * coefficient
    if node.lower is None and declared is not None:
        return declared
    return IndexName(Index(letter, extent), lower)


def _positive(expr: Expr) -> bool:
    """Whether it is visibly positive: an exponential, a power with a letter above, or a product of such."""
    if isinstance(expr, ExprMul):
        return all(map(_positive, expr.children))
    return isinstance(expr, ExprCall) and expr.function.name in ("exp", "sigmoid", "softplus")
