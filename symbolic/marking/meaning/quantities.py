"""Names with their scripts as entries of tensors: subscripts, omitted sample indices, δ and E."""

from __future__ import annotations

from dataclasses import replace

from symbolic.language.affine import Size, subscript
from symbolic.language.expr import ONE, Constant, Entry, Extent, Partial, number
from symbolic.language.functions import PRIMITIVES
from symbolic.language.terms import delta
from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.grammar.tree import (
    Call,
    Name,
    Node,
    Script,
    Undeclared,
    capital,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.class_numbers import class_entry, is_class, picked_by_class, plain_index
from symbolic.marking.meaning.declared import ANY_NUMBER, IndexName, label
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.marked_slopes import derivative_marked, names_quantity, slope_in_the_model
from symbolic.marking.meaning.named_gradients import named_gradient
from symbolic.marking.meaning.naming import candidates, remaining, with_parameter_below
from symbolic.marking.meaning.placing import component_of, part_of_matrix, quantity_value
from symbolic.marking.meaning.primes import slope_of_unit
from symbolic.marking.meaning.shape_words import (
    UNDECLARED,
)
from symbolic.marking.meaning.value import (
    ANY_LENGTH,
    Value,
    fresh_axis,
    refreshed,
)
from symbolic.marking.meaning.variables import variable_of
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.words import Text


def name_value(work: Elaboration, node: Name) -> Value:
    picked = picked_by_class(work, node)
    if picked is not None:
        return work.value(picked)
    marked = derivative_marked(work, node)
    if marked is not None:
        return work.value(marked)
    bound = work.formals.get(node.base)
    if bound is not None:
        value = refreshed(bound)
        return component_of(work, value, node.subs, node.span) if node.subs else value
    found = quantity_value(work, node) if not is_plain_number(work, node) else None
    if found is not None:
        return found
    special = special_name(work, node)
    if special is not None:
        return special
    raise Undeclared(UNDECLARED.format(name=typeset(node)), node)


def is_plain_number(work: Elaboration, node: Name) -> bool:
    """The N of the objects beside an N_k, the π of 2π beside the weights π_k of a mixture."""
    if node.bare and node.base == r"\pi":
        found = candidates(work.known, node)
        family = bool(found) and all(q.subscripted == len(q.tensor.axes) > 0 for q in found)
        return family and not work.other("circle_number")
    if not node.bare or node.base not in work.known.sizes:
        return False
    own = any(not q.subscripted and not q.sub_labels and q.tensor.axes for q in work.known.with_base(node.base))
    return not own or work.other("length")  # a matrix V beside a size V: that, where its shape fits


def special_name(work: Elaboration, node: Name) -> Value | None:
    """Names that need no declaration: sizes, δ_{jk}, E_z, X for the matrix of the x_i, π."""
    known = work.known
    if node.bare and node.base in known.sizes:
        is_matrix = node.base in IDENTITIES and work.other("identity")
        return identity_matrix(ANY_LENGTH) if is_matrix else size_value(known.sizes[node.base])
    constant = known.constants.get((node.base, tuple(map(label, node.subs))))
    if constant is not None and not node.sups:
        return Value(constant)
    sized = f"{node.base}_{''.join(map(label, node.subs))}"
    if node.subs and sized in known.sizes and not node.sups:
        return size_value(known.sizes[sized])
    if node.bare and node.base == r"\pi":
        return Value(Constant("pi"))
    if node.bare and node.base == "e" and not known.names_error:
        return Value(PRIMITIVES["exp"](ONE))
    if node.base in (r"\delta", "I", r"\mathbbI") and len(node.subs) == 2 and not node.sups:
        return kronecker(work, node.subs, node.span) if count_alike(work, node.subs) else None
    if node.base in (r"\delta", "I") and not node.subs and len(node.sups) == 2:
        return kronecker(work, node.sups, node.span)
    if node.base in IDENTITIES and not known.with_base(node.base) and identity_size(work, node) is not None:
        return identity_matrix(identity_size(work, node) or ANY_LENGTH)
    if node.base == "E" and (node.subs or node.below) and work.known.objective is not None:
        return adjoint_value(work, node)
    if (gradient := named_gradient(work, node)) is not None:
        return gradient
    if known.with_base(ANY_NUMBER) and (node.base in WORDS or work.words.is_function(replace(node, primes=0))):
        return work.value(Call(node, (Name(ANY_NUMBER, span=node.span),), span=node.span))
    if (slope := slope_in_the_model(work, node)) is not None:
        return work.value(slope)
    if (said := with_parameter_below(known, node)) is not None:
        return work.value(said)
    if (unit := slope_of_unit(work, node)) is not None:
        return unit
    if node.bare and node.base in known.functions:
        raise NotUnderstood(
            Text(
                f"the function {typeset(node)} has no argument here", f"у функции {typeset(node)} здесь нет аргумента"
            ),
            node.span,
        )
    for other, whole in ((node.base.lower(), True), (capital(node.base), False)):
        own = not whole or (node.subs and all(item.single in known.indices for item in node.subs))
        if other == node.base or known.with_base(node.base) or (own and node.base in known.own_letters):
            continue
        twin = Name(other, node.subs, node.sups, span=node.span)
        if whole and any(q.sample for q in candidates(known, twin)):
            return quantity_value(work, twin, whole=True)
        if whole and any(len(q.tensor.axes) == 2 for q in candidates(known, twin)):
            return quantity_value(work, twin)
        if not whole and (part := part_of_matrix(work, twin)) is not None:
            return part
        if not whole and any(len(q.tensor.axes) == 2 and remaining(q, twin) for q in candidates(known, twin)):
            return quantity_value(work, twin)  # an entry; a g beside a G is another thing
    return None


def size_value(size: Size) -> Value:
    """A size as a number."""
    return Value(Extent(size) if size.number is None else number(size.number))


def identity_matrix(size: Size) -> Value:
    row, column = fresh_axis(size), fresh_axis(size)
    return Value(delta(subscript(row), subscript(column)), (row, column))


#: The identity matrix, as long as its neighbours ask for where no size stands below.
IDENTITIES = ("I", r"\mathbbI", "Id", r"\mathbb{I}")


def identity_size(work: Elaboration, node: Name) -> Size | None:
    """The size of ``I`` or ``I_n``; None when something else stands below."""
    if node.bare:
        return ANY_LENGTH
    if len(node.subs) != 1 or node.sups or node.below is not None:
        return None
    item = node.subs[0]
    if not item.terms:
        return item if item.constant > 1 else None
    letter = item.single or ""
    return work.known.sizes.get(letter)


def count_alike(work: Elaboration, subs: tuple[Script, ...]) -> bool:
    """Whether two letters can be equal: the k of the units and the i of the objects of an error δ_{ki} cannot."""
    found = [work.index(sub.single) for sub in subs if sub.single]
    extents = {index.index.extent for index in found if isinstance(index, IndexName)}
    return len(extents) < 2


def kronecker(work: Elaboration, subs: tuple[Script, ...], span: Span) -> Value:
    for label_, other in (subs, reversed(subs)):
        if label_.single and work.index(label_.single) is None and is_class(work, Name(label_.single)):
            return Value(class_entry(work, Name(label_.single), other, span))
    left, right = (plain_index(work, sub, span) for sub in subs)
    return Value(delta(left, right))


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
