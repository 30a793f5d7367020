"""Formulas at a place: ``∂L/∂p |_{p = p_i}``, ``σ'(u) |_{u = wᵀx}``, ``∂Q/∂w |_{w = 0}``."""

from __future__ import annotations

from symbolic.derivation.calculus import carry_out
from symbolic.language.affine import Index, Subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Partial, Tensor
from symbolic.language.terms import free_indices, reindex, tensors, transform
from symbolic.marking.grammar.tree import At, Name, Node
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.calls import sample_of
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.marked_slopes import names_quantity
from symbolic.marking.meaning.shape_words import PLACED
from symbolic.marking.meaning.value import Value, relabelled
from symbolic.marking.meaning.variables import closure_of_tensor, definition_of
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.words import Text


def evaluated_at(work: Elaboration, node: At) -> Value:
    """Objects and letters that nobody declared are set before the body is read, quantities after."""
    pairs = list(zip(node.variables, node.values, strict=True))
    letters = [(v, a) for v, a in pairs if isinstance(v, Name) and v.bare and not is_known_name(work, v)]
    quantities = [(v, a) for v, a in pairs if v is not None and (v, a) not in letters]
    moved = [(v, a) for v, a in quantities if not names_object(work, v, a)]
    objects = [a for v, a in pairs if v is None or ((v, a) in quantities and (v, a) not in moved)]
    at_sample, formals = work.at_sample, dict(work.formals)
    try:
        for letter, place in letters:
            work.formals[letter.base] = helper_value(work, f"({typeset(letter)} = {typeset(place)})", work.value(place))
        for place in objects:
            work.at_sample = object_of(work, place)
        value = work.value(node.body)
    finally:
        work.at_sample, work.formals = at_sample, formals
    for variable, place in moved:
        value = put_in(work, value, variable, work.value(place), node)
    return value


def is_known_name(work: Elaboration, name: Name) -> bool:
    known = work.known
    return names_quantity(work, name) or name.base in known.indices or name.base in known.sizes


def helper_value(work: Elaboration, name: str, value: Value) -> Value:
    """A letter as a quantity of its own that has this value: derivatives by it make sense."""
    indices = tuple(sorted(free_indices(value.expr)))
    tensor = Tensor(name, tuple(i.extent for i in indices))
    definition = Definition(tensor, indices, value.expr)
    work.auxiliary[definition.entry] = definition
    return Value(definition.entry, value.axes, value.row)


def names_object(work: Elaboration, variable: Node, place: Node) -> bool:
    """p = p_i: the same quantity at an object."""
    if not isinstance(variable, Name) or not isinstance(place, Name) or variable.base != place.base:
        return False
    return object_of(work, place, required=False) is not None


def object_of(work: Elaboration, place: Node, required: bool = True) -> Subscript | None:
    found = sample_of(work, place)
    if found is None and required:
        raise NotUnderstood(
            Text(
                f"a bar with {typeset(place)} below it: which variable is set to it?",
                f"черта, под которой стоит {typeset(place)}: какая переменная принимает это значение?",
            ),
            place.span,
        )
    return found


def put_in(work: Elaboration, value: Value, variable: Node, given: Value, node: At) -> Value:
    """A quantity of the model set to something else, after all derivatives are carried out."""
    target = work.value(variable)
    if not isinstance(target.expr, Entry):
        raise NotUnderstood(
            Text(
                f"a bar that sets {typeset(variable)}, which is no quantity",
                f"черта задаёт {typeset(variable)}, а это не величина",
            ),
            node.span,
        )
    if target.axes and given.axes:
        if tuple(a.extent for a in target.axes) != tuple(a.extent for a in given.axes):
            raise ShapeError(
                PLACED.format(target=target.shape, given=given.shape),
                node.span,
            )
        given = relabelled(given, target.axes)
    entry = target.expr
    try:
        carried, _ = carry_out(written_out(work, value.expr, entry.tensor))
    except (ValueError, TypeError, RecursionError):
        raise NotUnderstood(
            Text(
                "a bar after something that I cannot differentiate",
                "черта после того, что не удаётся продифференцировать",
            ),
            node.span,
        ) from None

    def placed(part: Expr) -> Expr | None:
        if not isinstance(part, Entry) or part.tensor != entry.tensor:
            return None
        changes: dict[Index, Subscript] = {}
        for ours, theirs in zip(entry.subscripts, part.subscripts, strict=True):
            index = ours.single
            if index is not None:
                changes[index] = theirs
            elif ours != theirs:
                return None
        return reindex(given.expr, changes)

    return Value(transform(carried, placed), value.axes, value.row)


def written_out(work: Elaboration, expr: Expr, stop: Tensor) -> Expr:
    """Every value that depends on a quantity written through it; the derivatives hold the rest fixed."""

    def open_one(part: Expr) -> Expr | None:
        if isinstance(part, Partial):
            by = part.by.tensor if isinstance(part.by, Entry) else stop
            of = written_out(work, part.of, by)
            return Partial(of, part.by, direct=True) if by == stop else None
        if not isinstance(part, Entry) or part.tensor == stop or stop not in closure_of_tensor(work, part.tensor):
            return None
        definition = definition_of(work, part.tensor)
        return None if definition is None else written_out(work, definition.at(part.subscripts), stop)

    result = transform(expr, open_one)
    hidden = [t for t in tensors(result) if t != stop and stop in closure_of_tensor(work, t)]
    if hidden:
        raise NotUnderstood(
            Text(
                f"a bar after a derivative that goes through {hidden[0].name}",
                f"черта после производной, которая проходит через {hidden[0].name}",
            )
        )
    return result
