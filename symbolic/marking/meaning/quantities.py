"""Names with their scripts as entries of tensors: subscripts, omitted sample indices, δ and E."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbolic.language.affine import Affine, Index, Size, Subscript, subscript
from symbolic.language.expr import ONE, ZERO, Constant, Entry, Expr, Extent, Partial, Tensor, number
from symbolic.language.expr import Mul as ExprMul
from symbolic.language.expr import Sum as ExprSum
from symbolic.language.functions import PRIMITIVES
from symbolic.language.terms import certainly_in_range, delta, reindex, tensors
from symbolic.marking.grammar.dots import digits
from symbolic.marking.grammar.known_words import WORDS
from symbolic.marking.grammar.scripts import WHOLE
from symbolic.marking.grammar.tree import (
    BigSum,
    Call,
    Deriv,
    Indicator,
    Mul,
    Name,
    Node,
    Relation,
    Script,
    Transpose,
    Undeclared,
    capital,
    walk,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.declared import ANY_NUMBER, Declared, IndexName, label, number_of
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.named_gradients import named_gradient
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
    ANY_LENGTH,
    NOTHING,
    Value,
    fresh_axis,
    refreshed,
)
from symbolic.marking.meaning.variables import variable_of
from symbolic.marking.text.refusals import NotUnderstood, ShapeError, Span
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
        return bool(found) and all(q.subscripted == len(q.tensor.axes) > 0 for q in found)
    return node.bare and node.base in work.known.sizes


#: The letter over which the entry of the right class is picked.
_CLASS_LETTER = "class'"


def picked_by_class(work: Elaboration, node: Name) -> BigSum | None:
    """``p_y``, ``z_{y_i}`` where y is the number of a class: Σ_c [y = c] p_c."""
    subs = list(node.subs)
    below = node.below
    if isinstance(below, Name) and is_class(work, below):
        label_, subs = below, [*subs, Affine.of(_CLASS_LETTER)]
    else:
        at = next((k for k, s in enumerate(subs) if s.single and is_class(work, Name(s.single))), None)
        if at is None or (subs[at].single or "") in work.bound:
            return None
        label_ = Name(subs[at].single or "", span=node.span)
        subs[at] = Affine.of(_CLASS_LETTER)
    if not work.known.with_base(node.base) and node.base not in work.formals:
        return None
    letter = Name(_CLASS_LETTER, span=node.span)
    entry = replace(node, subs=tuple(subs), below=None)
    chosen = Indicator(Relation("=", label_, letter, span=node.span), span=node.span)
    return BigSum((_CLASS_LETTER,), None, None, (), Mul((entry, chosen), span=node.span), span=node.span)


def is_class(work: Elaboration, node: Name) -> bool:
    return any(q.classes for q in candidates(work.known, node)[:1])


def class_entry(work: Elaboration, label_: Name, other: Script, span: Span) -> Expr:
    """[y = k] as the entry k of the vector with one 1."""
    quantity = candidates(work.known, label_)[0]
    value = placed_quantity_of(work, replace(quantity, classes=False), label_)
    if len(value.axes) != 1:
        raise NotUnderstood(Text(f"{typeset(label_)}: whose class?", f"{typeset(label_)}: чей это класс?"), span)
    axis = value.axes[0]
    place = plain_index(work, other, span) if other.terms else Affine((), other.constant - quantity.bases[-1])
    return reindex(value.expr, {axis: place})


def placed_quantity_of(work: Elaboration, quantity: Declared, node: Name) -> Value:
    scripts = remaining(quantity, node) or ()
    return placed_quantity(work, quantity, scripts, assignments(quantity, len(scripts))[0], node, False)


def slope_of_value(work: Elaboration, quantity: Declared, name: Name) -> Call | None:
    """μ' of a μ = f(wᵀx) with a vector w as f'(wᵀx): the slope of a value at what its function is taken of."""
    body = quantity.body
    if not isinstance(body, Call) or len(body.arguments) != 1 or quantity.latex != typeset(name):
        return None
    by = work.words.parameter(())
    shaped = isinstance(by, Name) and bool(work.value(by).axes)
    applied = work.words.is_function(body.function)
    return replace(body, function=replace(body.function, primes=1)) if shaped and applied else None


def slope_in_the_model(work: Elaboration, node: Name) -> Call | None:
    """σ_m' without an argument: σ' at what the model takes that function of, where it takes it of one thing."""
    plain = replace(node, primes=0)
    if not node.primes or not work.words.is_function(plain):
        return None
    calls = dict.fromkeys(
        part
        for quantity in work.known.quantities
        for part in (walk(quantity.body) if quantity.body is not None else ())
        if isinstance(part, Call) and part.function == plain
    )
    arguments = dict.fromkeys(call.arguments for call in calls)
    return Call(node, next(iter(arguments)), span=node.span) if len(arguments) == 1 else None


def derivative_marked(work: Elaboration, node: Name) -> Deriv | Call | None:
    """``L'`` and ``L_w`` of a defined L as ∂L/∂w; None for a name as it was declared.

    A prime is by what L was declared with, or by the only parameter; a subscript says by what.
    """
    if node.base in work.formals or (candidates(work.known, node) and not node.primes and fits_places(work, node)):
        return None
    plain = replace(node, primes=0)
    dotted = re.fullmatch(r"\\d?dot\{(.*)\}", node.base)
    if dotted is not None and not work.known.with_base(node.base) and node.subs == ():
        of, by = replace(node, base=dotted[1]), work.words.parameter(())
        order = 2 if node.base.startswith("\\ddot") else 1
        return nested(of, [by] * order) if by is not None and defined_number(work, of) else None
    if node.primes and len(node.subs) >= node.primes:
        by_what = [Name(item.single or "", span=node.span) for item in node.subs[-node.primes :]]
        of = replace(plain, subs=node.subs[: -node.primes])
        if all(names_quantity(work, by) for by in by_what) and defined_number(work, of):
            return nested(of, by_what)  # Q'_w
    if node.primes and isinstance(node.below, Name) and names_quantity(work, node.below):
        of = replace(plain, below=None)
        if defined_number(work, of):
            return nested(of, [node.below] * node.primes)
    if node.primes:
        found = candidates(work.known, plain)
        if not found or not found[0].defined or work.known.with_base(node.base + "'" * node.primes):
            return None
        if (slope := slope_of_value(work, found[0], plain)) is not None:
            return slope
        formals = found[0].formals
        by = Name(formals[0], span=node.span) if len(formals) == 1 else work.words.parameter(())
        if by is None or not names_quantity(work, by):
            raise NotUnderstood(
                Text(
                    f"a prime on {typeset(plain)}: the derivative by what? write ∂/∂",
                    f"штрих у {typeset(plain)}: производная по чему? запишите ∂/∂",
                ),
                node.span,
            )
        return nested(plain, [by] * node.primes)
    if node.below is not None:
        of = Name(node.base, sups=node.sups, span=node.span)
        below = names_quantity(work, node.below) and defined_number(work, of)
        return Deriv(of, node.below, span=node.span) if below else None
    for cut in range(len(node.subs)):
        of = replace(node, subs=node.subs[:cut])
        by_what = [Name(item.single or "", span=node.span) for item in node.subs[cut:]]
        if all(names_quantity(work, by) and by.base not in work.known.indices for by in by_what):
            moved = defined_number(work, of) and all(depends(work, of, by) for by in by_what)
            return nested(of, by_what) if moved else None
    return None


def depends(work: Elaboration, of: Name, by: Name) -> bool:
    """Whether a value is made of a quantity; L_λ of an L without λ is no derivative but another name."""
    made_of = work.known.closure(candidates(work.known, of)[0].tensor)
    return any(quantity.tensor in made_of for quantity in candidates(work.known, by))


def fits_places(work: Elaboration, node: Name) -> bool:
    """Whether the subscripts are no more than the quantity has places."""
    return any(len(remaining(q, node) or ()) <= len(q.tensor.axes) for q in candidates(work.known, node))


def defined_number(work: Elaboration, node: Name) -> bool:
    """Whether the name is a number that a definition makes, at one object at most."""
    found = candidates(work.known, node)
    return bool(found) and found[0].defined and len(found[0].tensor.axes) <= found[0].sample + len(node.subs)


def nested(of: Node, by: Sequence[Node]) -> Deriv:
    """∂∂of/∂by∂by…"""
    first, *rest = by
    found = Deriv(of, first, span=of.span)
    for variable in rest:
        found = Deriv(found, Transpose(variable, span=of.span), span=of.span)
    return found


def special_name(work: Elaboration, node: Name) -> Value | None:
    """Names that need no declaration: sizes, δ_{jk}, E_z, X for the matrix of the x_i, π."""
    known = work.known
    if node.bare and node.base in known.sizes:
        return size_value(known.sizes[node.base])
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
        return kronecker(work, node.subs, node.span)
    if node.base in (r"\delta", "I") and not node.subs and len(node.sups) == 2:
        return kronecker(work, node.sups, node.span)
    if node.base in IDENTITIES and not known.with_base(node.base) and identity_size(work, node) is not None:
        size = identity_size(work, node) or ANY_LENGTH
        row, column = fresh_axis(size), fresh_axis(size)
        return Value(delta(subscript(row), subscript(column)), (row, column))
    if node.base == "E" and (node.subs or node.below) and work.known.objective is not None:
        return adjoint_value(work, node)
    if (gradient := named_gradient(work, node)) is not None:
        return gradient
    if known.with_base(ANY_NUMBER) and (node.base in WORDS or work.words.is_function(replace(node, primes=0))):
        return work.value(Call(node, (Name(ANY_NUMBER, span=node.span),), span=node.span))
    if (slope := slope_in_the_model(work, node)) is not None:
        return work.value(slope)
    if node.bare and node.base in known.functions:
        raise NotUnderstood(
            Text(
                f"the function {typeset(node)} has no argument here", f"у функции {typeset(node)} здесь нет аргумента"
            ),
            node.span,
        )
    for other, whole in ((node.base.lower(), True), (capital(node.base), False)):
        if other == node.base or known.with_base(node.base):
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


def size_value(size: Size) -> Value:
    """A size as a number."""
    return Value(Extent(size) if size.number is None else number(size.number))


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


def kronecker(work: Elaboration, subs: tuple[Script, ...], span: Span) -> Value:
    for label_, other in (subs, reversed(subs)):
        if label_.single and work.index(label_.single) is None and is_class(work, Name(label_.single)):
            return Value(class_entry(work, Name(label_.single), other, span))
    left, right = (plain_index(work, sub, span) for sub in subs)
    return Value(delta(left, right))


def plain_index(work: Elaboration, item: Script, span: Span) -> Subscript:
    """An index in δ_{jk} or [j = k], counted from 0."""
    result: Subscript = Affine((), item.constant)
    base = 0
    for letter, coefficient in item.terms:
        found = work.index(letter)
        if isinstance(found, Pending) or found is None:
            raise NotUnderstood(Text(f"{letter} is not an index", f"{letter} — не индекс"), span)
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
    if problem is not None and (part := part_of_matrix(work, node)) is not None:
        return part  # the i-th column of Z
    summand = one_summand(work, node, found[0])
    if summand is not None:
        return summand
    if problem is None and not any(is_index_letter(work, item) for item in node.subs):
        raise Undeclared(UNDECLARED.format(name=typeset(node)), node)  # the Q_0 of Q = Q_0 + R
    raise problem or ShapeError(TOO_MANY.format(name=typeset(node)), node.span, "index")


def one_summand(work: Elaboration, node: Name, quantity: Declared) -> Value | None:
    """``R_i`` where R = Σ_i …, or a mean of them: what one object adds to the whole."""
    scripts, definition = remaining(quantity, node) or (), work.known.defines(quantity.tensor)
    sample, formula = work.known.sample, definition.formula if definition is not None else None
    if sample is None or quantity.tensor.axes or len(scripts) != 1 or scripts[0].single != sample.index.name:
        return None
    sums = formula.factors if isinstance(formula, ExprMul) else (formula,)
    inner = [part for part in sums if isinstance(part, ExprSum)]
    weights = [part for part in sums if not isinstance(part, ExprSum)]
    if len(inner) != 1 or inner[0].index.extent != sample.index.extent or any(map(tensors, filter(None, weights))):
        return None
    return Value(reindex(inner[0].body, {inner[0].index: subscript(sample.index)}))


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
    return Value(Entry(tensor, tuple(s for s in subs if s is not None)), tuple(free), row)


def current_sample(work: Elaboration) -> Subscript | None:
    """The object meant where the sample index is left out; None for the whole column."""
    if work.at_sample is not None:
        return work.at_sample
    if work.other("column") or work.known.sample is None:
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
            raise ShapeError(NO_COMPONENT.format(name=typeset(node), number=constant), node.span, "index")
        return Affine((), place)
    result: Subscript = Affine((), item.constant - base)
    for letter, coefficient in item.terms:
        known = work.index(letter)
        if known is None or isinstance(known, Pending):
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
    """(W x)_j: the first axes are given subscripts."""
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
