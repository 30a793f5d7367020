"""Recognising a formula inside another one, whatever its indices are called.

``fold`` reads a definition backwards: where z[i,j] = σ(a[i,j]), every σ(a[i,s]) becomes z[i,s]; where
p[i,k] = exp(a[i,k]) / Σ_m exp(a[i,m]), a product that holds such a quotient gets p in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.collapse import factors_of
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    Call,
    Compare,
    Delta,
    Determinant,
    Entry,
    Expr,
    Fold,
    InRange,
    Inverse,
    Mul,
    Position,
    Pow,
    StepProduct,
    Sum,
    mul,
    power,
)
from symbolic.language.terms import free_indices, fresh_index, reindex, subscripts_of, transform

Binding = Mapping[Index, Subscript]


def unify(pattern: Expr, expr: Expr, variables: frozenset[Index], found: Binding | None = None) -> Binding | None:
    """The subscripts that turn the pattern into the expression, or None."""
    found = dict(found or {})
    match pattern, expr:
        case (Entry(), Entry()) if pattern.tensor != expr.tensor:
            return None
        case (InRange(), InRange()) if pattern.extent != expr.extent:
            return None
        case (Entry(), Entry()) | (Delta(), Delta()) | (InRange(), InRange()) | (Position(), Position()):
            for ours, theirs in zip(subscripts_of(pattern), subscripts_of(expr), strict=True):
                index = ours.single
                if index in variables and index not in found:
                    found[index] = theirs
                elif ours.replace(found) != theirs:
                    return None
            return found
        case (Sum() | Fold(), Sum() | Fold()):
            return _unify_sums(pattern, expr, variables, found)
    if type(pattern) is not type(expr) or len(pattern.children) != len(expr.children):
        return None
    if not pattern.children:
        return found if pattern == expr else None
    if _beside_children(pattern) != _beside_children(expr):
        return None
    result: Binding | None = found
    for ours_, theirs_ in zip(pattern.children, expr.children, strict=True):
        result = None if result is None else unify(ours_, theirs_, variables, result)
    return result


def _unify_sums(pattern: Sum | Fold, expr: Sum | Fold, variables: frozenset[Index], found: Binding) -> Binding | None:
    """Both bound indices get one new name, which no variable has and no variable may stand for."""
    if pattern.index.extent != expr.index.extent or getattr(pattern, "kind", "") != getattr(expr, "kind", ""):
        return None
    used = {*variables, *free_indices(pattern), *free_indices(expr), *(i for sub in found.values() for i in sub.keys)}
    bound = fresh_index(expr.index, used)
    ours = reindex(pattern.body, {pattern.index: subscript(bound)})
    theirs = reindex(expr.body, {expr.index: subscript(bound)})
    result = unify(ours, theirs, variables, found)
    return None if result is None or any(bound in sub.keys for sub in result.values()) else result


def _beside_children(expr: Expr) -> object:
    """What a node says apart from its children: the exponent, the function, the relation."""
    match expr:
        case Pow(_, exponent):
            return exponent
        case Call(function, _):
            return function
        case Compare(relation, _, _):
            return relation
        case Inverse(_, row, column, at):
            return row, column, at
        case Determinant(_, row, column):
            return row, column
        case StepProduct():
            return expr.bound, expr.placed, expr.backwards
    return None


def fold(expr: Expr, definitions: Iterable[Definition]) -> Expr:
    """Write every value of the definitions that occurs as a formula by its name."""
    for definition in definitions:
        formula = definition.formula
        if isinstance(formula, Call):
            expr = _fold_call(expr, definition)
        elif isinstance(formula, Mul) and any(isinstance(f, Pow) and f.exponent == -1 for f in formula.factors):
            expr = _fold_quotient(expr, definition)
    return expr


def folded_to(definition: Definition, binding: Binding | None) -> Expr | None:
    if binding is None or not binding.keys() >= set(definition.indices):
        return None
    return Entry(definition.target, tuple(binding[i] for i in definition.indices))


def _fold_call(expr: Expr, definition: Definition) -> Expr:
    variables = frozenset(definition.indices)
    as_it_stands = folded_to(definition, {index: subscript(index) for index in free_indices(definition.formula)})

    def change(node: Expr) -> Expr | None:
        if node == definition.formula:  # quicker seen than unified
            return as_it_stands
        if not isinstance(node, Call):
            return None
        return folded_to(definition, unify(definition.formula, node, variables))

    return transform(expr, change)


def _fold_quotient(expr: Expr, definition: Definition) -> Expr:
    """In products, trade one numerator and one power of the denominator for the name, while there are any."""
    factors = factors_of(definition.formula)
    below = next(f for f in factors if isinstance(f, Pow) and f.exponent == -1)
    above = mul(*(f for f in factors if f is not below))
    assert isinstance(below, Pow)
    variables = frozenset(definition.indices)

    def once(product: Mul) -> Expr | None:
        for denominator in product.factors:
            if not (isinstance(denominator, Pow) and denominator.exponent < 0):
                continue
            binding = unify(below.base, denominator.base, variables)
            if binding is None:
                continue
            for factor in product.factors:
                base = factor.base if isinstance(factor, Pow) and factor.exponent > 0 else factor
                name = folded_to(definition, unify(above, base, variables, binding))
                if name is not None:
                    rest = [f for f in product.factors if f is not factor and f is not denominator]
                    left_over = mul(factor, power(base, -1)), mul(denominator, denominator.base)
                    place = product.factors.index(factor)
                    return mul(*rest[:place], name, *rest[place:], *left_over)
        return None

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Mul):
            return None
        folded = once(node)
        return None if folded is None else transform(folded, change)

    return transform(expr, change)
