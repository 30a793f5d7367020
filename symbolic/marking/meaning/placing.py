"""Subscripts put on the axes of a quantity; what is left over becomes rows and columns."""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import Affine, Index, Subscript, subscript
from symbolic.language.expr import ZERO, Entry, Expr, Tensor, mul
from symbolic.language.expr import Mul as ExprMul
from symbolic.language.expr import Sum as ExprSum
from symbolic.language.terms import certainly_in_range, in_range, reindex, tensors
from symbolic.marking.grammar.dots import digits
from symbolic.marking.grammar.scripts import WHOLE
from symbolic.marking.grammar.tree import (
    Name,
    Script,
    Undeclared,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import Declared, IndexName, number_of
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates, remaining
from symbolic.marking.meaning.reading import Fictitious, Pending
from symbolic.marking.meaning.shape_words import (
    FOR_OBJECTS,
    NO_COMPONENT,
    OTHER_RANGE,
    SUBSCRIPTS,
    TOO_MANY,
    UNDECLARED,
)
from symbolic.marking.meaning.value import (
    NOTHING,
    Value,
    fresh_axis,
)
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span
from symbolic.words import Text


def part_of_matrix(work: Elaboration, node: Name) -> Value | None:
    """``x^{(i)}`` of an X whose columns the objects are, ``y^{(i)}`` of a row Y: what stands at the index's place."""
    for quantity in candidates(work.known, node):
        scripts = remaining(quantity, node) or ()
        found = work.index(scripts[0].single or "") if len(scripts) == 1 else None
        if not isinstance(found, IndexName):
            continue
        places = [axis for axis, extent in enumerate(quantity.tensor.axes) if extent == found.index.extent]
        if len(places) == 1 and (quantity.row or len(quantity.tensor.axes) == 2):
            return replace(placed_quantity(work, quantity, scripts, (places[0],), node, False), row=False)
    return None


def quantity_value(work: Elaboration, node: Name, whole: bool = False) -> Value | None:
    """A declared quantity with its subscripts; None when no declaration fits the labels."""
    found = candidates(work.known, node)
    if not found:
        return None
    problem: ShapeError | None = None
    for quantity in found:
        subs = remaining(quantity, node)
        assert subs is not None
        for scripts in (subs, digits(subs)):
            for axes in assignments(quantity, len(scripts)):
                try:
                    return placed_quantity(work, quantity, scripts, axes, node, whole)
                except ShapeError as error:
                    problem = problem or error
    if problem is not None and (part := part_of_matrix(work, node)) is not None:
        return part  # the i-th column of Z
    summand = one_summand(work, node, found[0])
    if summand is not None:
        return summand
    if problem is None and not any(is_index_letter(work, item) for item in node.subs):
        raise Undeclared(UNDECLARED.format(name=typeset(node)), node)  # the Q_0 of Q = Q_0 + R
    raise problem or ShapeError(TOO_MANY.format(name=typeset(node)), node.span, "index")


def one_summand(work: Elaboration, node: Name, quantity: Declared) -> Value | None:
    """``R_i`` where R = Σ_i …, or a mean of them: what one object, one step, one class adds to the whole."""
    scripts, definition = remaining(quantity, node) or (), work.known.defines(quantity.tensor)
    formula = definition.formula if definition is not None else None
    letter = work.known.indices.get(scripts[0].single or "") if len(scripts) == 1 else None
    if letter is None or quantity.tensor.axes:
        return None
    sums = formula.factors if isinstance(formula, ExprMul) else (formula,)
    inner = [part for part in sums if isinstance(part, ExprSum)]
    weights = [part for part in sums if not isinstance(part, ExprSum)]
    if len(inner) != 1 or inner[0].index.extent != letter.index.extent or any(map(tensors, filter(None, weights))):
        return None
    return Value(reindex(inner[0].body, {inner[0].index: subscript(letter.index)}))


def is_index_letter(work: Elaboration, item: Script) -> bool:
    """Whether a subscript is an index: a letter that is declared, or bound here."""
    return item.single is not None and work.index(item.single) is not None


def placed_quantity(
    work: Elaboration, quantity: Declared, scripts: tuple[Script, ...], axes: tuple[int, ...], node: Name, whole: bool
) -> Value:
    """Put the subscripts on those axes; what is left over becomes rows and columns."""
    if quantity.classes:
        raise NotUnderstood(
            Text(
                f"{typeset(node)} is the number of a class: write {typeset(node)} = k",
                f"{typeset(node)} — номер класса: запишите {typeset(node)} = k",
            ),
            node.span,
        )
    tensor = quantity.tensor
    definition = work.known.defines(tensor) if quantity.defined and not tensor.axes else None
    if definition is not None and definition.formula == ZERO:
        return NOTHING
    subs: list[Subscript | None] = [None] * len(tensor.axes)
    adopted: list[tuple[str, IndexName]] = []
    for item, axis in zip(scripts, axes, strict=True):
        if item != WHOLE:
            subs[axis] = placed_subscript(work, item, quantity, axis, node, adopted)
    for letter, found in adopted:
        pending = work.bound.get(letter)
        if isinstance(pending, Pending):
            pending.found = found.index
            work.bound[letter] = found
        else:
            work.free[letter] = found
    if quantity.sample and subs[0] is None and not whole:
        subs[0] = current_sample(work)
    free: list[Index] = []
    for axis, sub in enumerate(subs):
        if sub is None:
            free.append(fresh_axis(tensor.axes[axis]))
            subs[axis] = subscript(free[-1])
    if len(free) == 2 and quantity.subscripted == 1 and not quantity.sample and node.base == quantity.base:
        work.stacked.add(tensor)
        if work.other("stack"):
            free.reverse()
    last = len(free) == 1 and subs[-1] == subscript(free[0])
    of_matrix = len(subs) == 2 and not quantity.sample and not quantity.defined and node.base[-1:].isupper()
    row = last and (quantity.row or (of_matrix and work.other("lying")))
    return Value(read_at(work, tensor, tuple(s for s in subs if s is not None)), tuple(free), row)


def read_at(work: Elaboration, tensor: Tensor, places: tuple[Subscript, ...]) -> Expr:
    """The entry at these places, and 0 outside where the text has it so."""
    entry = Entry(tensor, places)
    if not work.known.padded:
        return entry
    return mul(*(in_range(sub, axis) for sub, axis in zip(places, tensor.axes, strict=True)), entry)


def current_sample(work: Elaboration) -> Subscript | None:
    """The object meant where the sample index is left out; None for the whole column."""
    if work.at_sample is not None:
        return work.at_sample
    if work.other("column") or work.known.sample is None:
        return None
    return subscript(work.known.sample.index)


def counts_nothing(work: Elaboration, letter: str) -> bool:
    """The α of a C_α beside a number α, and the z of a δ_z beside a vector z = σ(u): a label of another C or δ."""
    found = work.known.with_base(letter)
    number = letter.startswith("\\") and all(not q.tensor.axes and not q.classes and not q.defined for q in found)
    vector = all(q.defined and not q.subscripted and len(q.tensor.axes) == 1 and not q.classes for q in found)
    return bool(found) and (number or vector)


def placed_subscript(
    work: Elaboration, item: Script, quantity: Declared, axis: int, node: Name, adopted: list[tuple[str, IndexName]]
) -> Subscript:
    extent, base = quantity.tensor.axes[axis], quantity.bases[axis]
    constant = number_of(item)
    if constant is not None:
        place = constant - base
        size = extent.number
        if place < 0 or (size is not None and place >= size):
            raise ShapeError(NO_COMPONENT.format(name=typeset(node), number=constant), node.span, "index")
        return Affine((), place)
    result: Subscript = Affine((), item.constant - base)
    for letter, coefficient in item.terms:
        known = work.index(letter)
        if known is None or isinstance(known, Pending):
            if known is None and counts_nothing(work, letter):
                raise Undeclared(UNDECLARED.format(name=typeset(node)), node)
            if len(letter) > 1 and not letter.startswith("\\") and not letter.endswith("'"):
                raise NotUnderstood(
                    Text(f"{typeset(node)} is not declared", f"{typeset(node)} не объявлено"), node.span
                )
            if known is None and work.known.sizes.get(letter) == extent and extent.terms:  # x_N, the last one
                result = result + Affine((), extent.constant * coefficient, (extent * coefficient).terms)
                continue
            if letter in work.known.sizes and known is None:
                result = result + (work.known.sizes[letter].constant or 0)
                raise NotUnderstood(
                    Text(f"the size {letter} as a subscript", f"размер {letter} в роли индекса"), node.span
                )
            known = IndexName(Index(letter, extent), base)
            adopted.append((letter, known))
        result = result + Affine.of(known.index) * coefficient + known.base * coefficient
    if quantity.sample and axis == 0 and any(key.extent != extent for key in result.keys):
        raise ShapeError(FOR_OBJECTS.format(name=typeset(node)), node.span, "index")
    alone = result.keys[0] if len(result.terms) == 1 and result.terms[0][1] == 1 else None
    if alone is not None and alone.extent != extent and not certainly_in_range(result, extent):
        if alone.extent == extent + 1 and result.constant == -1 and alone.name in work.bound:
            raise Fictitious(alone.name)
        said = OTHER_RANGE.format(name=typeset(node), index=alone.name, range=alone.extent, place=extent)
        raise ShapeError(said, node.span, "index")
    return result


def component_of(work: Elaboration, value: Value, subs: tuple[Script, ...], span: Span) -> Value:
    """(W x)_j, and (J^T J)_{12} of a matrix: the first axes are given subscripts."""
    if len(subs) == 1 and len(apart := digits(subs)) == len(value.axes) == 2:
        subs = apart
    if len(subs) > len(value.axes):
        raise ShapeError(
            SUBSCRIPTS.format(shape=value.shape, count=len(subs)),
            span,
            "index",
        )
    changes: dict[Index, Subscript] = {}
    for item, axis in zip(subs, value.axes, strict=False):
        quantity = Declared("", (), (), Tensor("", (axis.extent,)), 1, (work.known.base_of(axis.extent),))
        adopted: list[tuple[str, IndexName]] = []
        changes[axis] = placed_subscript(work, item, quantity, 0, Name("·", (item,), span=span), adopted)
        for letter, found in adopted:
            pending = work.bound.get(letter)
            if isinstance(pending, Pending):
                pending.found = found.index
                work.bound[letter] = found
            else:
                work.free[letter] = found
    rest = value.axes[len(subs) :]
    return Value(reindex(value.expr, changes), rest, value.row and bool(rest))


def assignments(quantity: Declared, count: int) -> list[tuple[int, ...]]:
    """Which axes that many subscripts may stand for, the likeliest first."""
    axes = len(quantity.tensor.axes)
    every = tuple(range(axes))
    if quantity.order and count == len(quantity.order):
        return [quantity.order]
    if count > axes:
        return []
    if not quantity.sample:
        return [every[:count]]
    with_sample, without = every[:count], every[1 : 1 + count]
    if len(without) < count:
        return [with_sample]
    if count == 0:
        return [()]
    return [without, with_sample] if quantity.implicit else [with_sample, without]
