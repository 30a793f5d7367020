"""Names with their scripts as entries of tensors: subscripts, omitted sample indices, δ and E."""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import Affine, Index, Subscript, subscript
from symbolic.language.expr import ONE, Constant, Entry, Extent, Partial, Tensor
from symbolic.language.functions import PRIMITIVES
from symbolic.language.terms import certainly_in_range, delta, reindex
from symbolic.marking.grammar.dots import digits
from symbolic.marking.grammar.scripts import WHOLE
from symbolic.marking.grammar.tree import Call, Deriv, Name, Node, Script, Undeclared
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import ANY_NUMBER, Declarations, Declared, IndexName, label, number_of
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import as_scripts, candidates, remaining
from symbolic.marking.meaning.reading import Fictitious, Pending
from symbolic.marking.meaning.value import (
    ANY_LENGTH,
    Value,
    fresh_axis,
    refreshed,
)
from symbolic.marking.meaning.variables import variable_of
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span


def name_value(work: Elaboration, node: Name) -> Value:
    bound = work.formals.get(node.base)
    if bound is not None:
        value = refreshed(bound)
        return component_of(work, value, node.subs, node.span) if node.subs else value
    found = quantity_value(work, node)
    if found is not None:
        return found
    special = special_name(work, node)
    if special is not None:
        return special
    raise Undeclared(f"{typeset(node)} is not declared", node)


def special_name(work: Elaboration, node: Name) -> Value | None:
    """Names that need no declaration: sizes, δ_{jk}, E_z, X for the matrix of the x_i, π."""
    known = work.known
    if node.bare and node.base in known.sizes:
        return Value(Extent(known.sizes[node.base]))
    constant = known.constants.get((node.base, tuple(map(label, node.subs))))
    if constant is not None and not node.sups:
        return Value(constant)
    if node.bare and node.base == r"\pi":
        return Value(Constant("pi"))
    if node.bare and node.base == "e":
        return Value(PRIMITIVES["exp"](ONE))
    if node.base in (r"\delta", "I", r"\mathbbI") and len(node.subs) == 2 and not node.sups:
        return kronecker(work, node.subs, node.span)
    if node.base in (r"\delta", "I") and not node.subs and len(node.sups) == 2:
        return kronecker(work, node.sups, node.span)
    if node.bare and node.base == "I" and not known.with_base("I"):  # the identity, of the size that fits
        row, column = fresh_axis(ANY_LENGTH), fresh_axis(ANY_LENGTH)
        return Value(delta(subscript(row), subscript(column)), (row, column))
    if node.base == "E" and (node.subs or node.below) and work.known.objective is not None:
        return adjoint_value(work, node)
    if len(node.base) == 2 and node.base[0] == "d" and known.objective is not None and known.sample is None:
        by = replace(node, base=node.base[1])  # dW for ∂L/∂W
        if names_quantity(work, by):
            return work.value(Deriv(_name_of(known.objective, known), by, span=node.span))
    if known.with_base(ANY_NUMBER) and work.words.is_function(replace(node, primes=0)):
        return work.value(Call(node, (Name(ANY_NUMBER, span=node.span),), span=node.span))
    if node.bare and node.base in known.functions:
        raise NotUnderstood(f"the function {typeset(node)} has no argument here", node.span)
    for other, whole in ((node.base.lower(), True), (node.base.upper(), False)):
        if other == node.base or known.with_base(node.base):
            continue
        twin = Name(other, node.subs, node.sups, span=node.span)
        if whole and any(q.sample for q in candidates(known, twin)):
            return quantity_value(work, twin, whole=True)
        if whole and any(len(q.tensor.axes) == 2 for q in candidates(known, twin)):
            return quantity_value(work, twin)
        if not whole and any(len(q.tensor.axes) == 2 for q in candidates(known, twin)):
            return quantity_value(work, twin)
    return None


def kronecker(work: Elaboration, subs: tuple[Script, ...], span: Span) -> Value:
    left, right = (plain_index(work, sub, span) for sub in subs)
    return Value(delta(left, right))


def plain_index(work: Elaboration, item: Script, span: Span) -> Subscript:
    """An index in δ_{jk} or [j = k], counted from 0."""
    result: Subscript = Affine((), item.constant)
    base = 0
    for letter, coefficient in item.terms:
        found = work.index(letter)
        if isinstance(found, Pending) or found is None:
            raise NotUnderstood(f"{letter} is not an index", span)
        result = result + Affine.of(found.index) * coefficient
        base += coefficient * found.base
    return result + (base - 1)


def adjoint_value(work: Elaboration, node: Name) -> Value:
    """E_α = ∂Q/∂α."""
    assert work.known.objective is not None
    if node.below is not None:
        target: Node = node.below
    else:
        target = Name(label(node.subs[0]), node.subs[1:], node.sups, span=node.span)
        if not names_quantity(work, target):
            for count in range(2, len(node.subs) + 1):  # E_{w_1} written E_{w,1}
                other = Name(label(node.subs[0]), node.subs[1:count], node.sups, span=node.span)
                if names_quantity(work, other):
                    break
    by = work.value(target)
    entry = variable_of(work, by, target)
    return Value(Partial(Entry(work.known.objective), entry), by.axes, by.row)


def names_quantity(work: Elaboration, node: Node) -> bool:
    return isinstance(node, Name) and bool(candidates(work.known, node))


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
    if problem is None and not any(is_index_letter(work, item) for item in node.subs):
        raise Undeclared(f"{typeset(node)} is not declared", node)  # the Q_0 of Q = Q_0 + R
    raise problem or ShapeError(f"{typeset(node)} has too many subscripts", node.span, "index")


def is_index_letter(work: Elaboration, item: Script) -> bool:
    """Whether a subscript is an index: a letter that is declared, or bound here."""
    return item.single is not None and work.index(item.single) is not None


def placed_quantity(
    work: Elaboration, quantity: Declared, scripts: tuple[Script, ...], axes: tuple[int, ...], node: Name, whole: bool
) -> Value:
    """Put the subscripts on those axes; what is left over becomes rows and columns."""
    tensor = quantity.tensor
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
        work.open.add("stack")
        work.stacked.add(tensor)
        if work.reading.stack:
            free.reverse()
    return Value(Entry(tensor, tuple(s for s in subs if s is not None)), tuple(free))


def current_sample(work: Elaboration) -> Subscript | None:
    """The object meant where the sample index is left out; None for the whole column."""
    if work.at_sample is not None:
        return work.at_sample
    work.open.add("column")
    if work.reading.column or work.known.sample is None:
        return None
    return subscript(work.known.sample.index)


def placed_subscript(
    work: Elaboration, item: Script, quantity: Declared, axis: int, node: Name, adopted: list[tuple[str, IndexName]]
) -> Subscript:
    extent, base = quantity.tensor.axes[axis], quantity.bases[axis]
    constant = number_of(item)
    if constant is not None:
        place = constant - base
        size = extent.number
        if place < 0 or (size is not None and place >= size):
            raise ShapeError(f"{typeset(node)}: there is no component {constant}", node.span, "index")
        return Affine((), place)
    result: Subscript = Affine((), item.constant - base)
    for letter, coefficient in item.terms:
        known = work.index(letter)
        if known is None or isinstance(known, Pending):
            if len(letter) > 1 and not letter.startswith("\\") and not letter.endswith("'"):
                raise NotUnderstood(f"{typeset(node)} is not declared", node.span)
            if letter in work.known.sizes and known is None:  # x_N, the last one
                result = result + (work.known.sizes[letter].constant or 0)
                raise NotUnderstood(f"the size {letter} as a subscript", node.span)
            known = IndexName(Index(letter, extent), base)
            adopted.append((letter, known))
        result = result + Affine.of(known.index) * coefficient + known.base * coefficient
    if quantity.sample and axis == 0 and any(key.extent != extent for key in result.keys):
        raise ShapeError(f"{typeset(node)}: this place is the object's", node.span, "index")
    alone = result.keys[0] if len(result.terms) == 1 and result.terms[0][1] == 1 else None
    if alone is not None and alone.extent != extent and not certainly_in_range(result, extent):
        if alone.extent == extent + 1 and result.constant == -1 and alone.name in work.bound:
            raise Fictitious(alone.name)
        raise ShapeError(
            f"{typeset(node)}: {alone.name} runs over {alone.extent}, this place has {extent}", node.span, "index"
        )
    return result


def component_of(work: Elaboration, value: Value, subs: tuple[Script, ...], span: Span) -> Value:
    """(W x)_j: the first axes are given subscripts."""
    if len(subs) > len(value.axes):
        raise ShapeError(f"{value.shape} with {len(subs)} subscripts", span, "index")
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


def _name_of(tensor: Tensor, known: Declarations) -> Name:
    """The name under which a quantity was declared."""
    quantity = known.quantity_of(tensor)
    assert quantity is not None
    return Name(quantity.base, as_scripts(quantity.sub_labels), as_scripts(quantity.sup_labels))


def assignments(quantity: Declared, count: int) -> list[tuple[int, ...]]:
    """Which axes that many subscripts may stand for, the likeliest first."""
    axes = len(quantity.tensor.axes)
    every = tuple(range(axes))
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
