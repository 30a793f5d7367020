"""Functions with primes: f′(u) of a function, and the slope that one unit has."""

from __future__ import annotations

from symbolic.derivation.calculus import slope
from symbolic.language.affine import subscript
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Expr
from symbolic.language.functions import Function, U
from symbolic.language.terms import reindex, substitute
from symbolic.marking.grammar.tree import Name
from symbolic.marking.meaning.declared import IndexName, function_key
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.value import (
    Value,
)


def primed(function: Function, primes: int, argument: Expr) -> Expr:
    """f(u), f′(u), f″(u): a generic function keeps its primes, the others are derived."""
    if primes == 0:
        return ExprCall(function, (argument,))
    if function.kind == "generic":
        for _ in range(primes):
            function = function.prime
        return ExprCall(function, (argument,))
    # sin′ is the derivative of the formula sin(u)
    named = function if function.body is not None else Function(function.name, "named", ExprCall(function, (U,)))
    body = slope(named)
    for _ in range(primes - 1):
        body = slope(Function(f"{function.name}'", "named", body))
    return substitute(body, {U: argument})


def slope_of_unit(work: Elaboration, node: Name) -> Value | None:
    """The σ_m' of ``a_m = σ(z_m)``: the slope of that function where the values of these units take it."""
    item = node.subs[0] if len(node.subs) == 1 and node.primes == 1 and not node.sups else None
    index = work.index(item.single) if item is not None and item.single else None
    formula = work.known.formulas.get(function_key(Name(node.base)))
    if not isinstance(index, IndexName) or formula is None or formula.function is None:
        return None
    found: list[Expr] = []
    for definition in work.known.definitions:
        match definition.formula:
            case ExprCall(function, (argument,)) if function == formula.function and len(definition.indices) == 1:
                (own,) = definition.indices
                if own.extent == index.index.extent:
                    found.append(reindex(primed(function, 1, argument), {own: subscript(index.index)}))
    return Value(found[0]) if len(found) == 1 else None
