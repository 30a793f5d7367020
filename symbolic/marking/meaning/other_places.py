"""A quantity of the text at another place: ``f(w + t u)`` of an f that was said with w, ``φ''(0)`` of a φ(t)."""

from __future__ import annotations

from symbolic.derivation.calculus import differentiate
from symbolic.language.definition import Definition
from symbolic.language.dependence import dependent
from symbolic.language.expr import Entry, Expr, Tensor
from symbolic.language.terms import entries, substitute
from symbolic.marking.grammar.tree import Name, Node
from symbolic.marking.meaning.declared import Declared
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.value import Value
from symbolic.network.coarse import inline


def at_other_place(
    work: Elaboration, value: Value, quantity: Declared, arguments: tuple[Node, ...], order: int = 0
) -> Value | None:
    """The value of a quantity with the arguments in the places of its formals; None where those are none.

    ``order``: how often it is derived first, by a formal that is a number.
    """
    if len(arguments) != len(quantity.formals):
        return None
    variables = [tensor for formal in quantity.formals if (tensor := variable_of(work, formal)) is not None]
    if len(variables) < len(arguments):
        return None
    expr = value.expr
    for tensor in variables:
        expr = inline(expr, dependent(work.known.definitions, tensor))
    for _ in range(order):
        if len(variables) != 1 or variables[0].axes:
            return None
        expr = differentiate(expr, Entry(variables[0], ()))
    moved: dict[Expr, Expr] = {}
    for tensor, argument in zip(variables, arguments, strict=True):
        place = work.value(argument)
        if [axis.extent for axis in place.axes] != list(tensor.axes):
            return None
        at = Definition(tensor, place.axes, place.expr)
        found: dict[Expr, Expr] = {entry: at.at(entry.subscripts) for entry in entries(expr, tensor)}
        if not found and not order and not (isinstance(place.expr, Entry) and place.expr.tensor == tensor):
            return None  # Q(s, a) of Q(s, b) = w_b · h: the b is a label there
        moved |= found
    return Value(substitute(expr, moved), value.axes, value.row)


def variable_of(work: Elaboration, formal: str) -> Tensor | None:
    """The variable of the model that a formal names."""
    found = [q for q in candidates(work.known, Name(formal)) if not q.defined and not q.sample]
    return found[0].tensor if found and isinstance(found[0].tensor, Tensor) else None
