"""Σ_j (z_j - m) = 0 where m is the mean of the z_j: by definition, so it is said and not carried along."""

from __future__ import annotations

from collections.abc import Iterable

from symbolic.language.affine import Index, subscript
from symbolic.language.collapse import factors_of
from symbolic.language.definition import Definition
from symbolic.language.expr import MINUS_ONE, ZERO, Add, Entry, Expr, Extent, Mul, Number, Pow, Sum, neg
from symbolic.language.terms import free_indices, reindex, transform


def means(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The definitions m = 1/J Σ_j z_j among them."""
    return tuple(d for d in definitions if _summed(d.formula) is not None)


def without_deviations(expr: Expr, known: Iterable[Definition] = ()) -> Expr:
    """The expression with every Σ of deviations from their mean put to 0; ``known``: the means that have names."""
    named = {definition.target: definition for definition in known}

    def change(node: Expr) -> Expr | None:
        return ZERO if isinstance(node, Sum) and _adds_up_to_nothing(node) else None

    def _adds_up_to_nothing(node: Sum) -> bool:
        moving = [f for f in factors_of(node.body) if node.index in free_indices(f)]
        if len(moving) != 1 or not isinstance(moving[0], Add) or len(moving[0].terms) != 2:
            return False
        terms = moving[0].terms
        return any(_is_mean(neg(terms[1 - k]), terms[k], node.index) for k in (0, 1))

    def _is_mean(mean: Expr, of: Expr, index: Index) -> bool:
        """Whether ``mean`` is that of ``of`` over the index (or both stand with a minus)."""
        if isinstance(mean, Mul) and mean.factors[0] == MINUS_ONE:
            mean, of = neg(mean), neg(of)
        formula = named[mean.tensor].at(mean.subscripts) if isinstance(mean, Entry) and mean.tensor in named else mean
        found = _summed(formula)
        if found is None or found.index.extent != index.extent or index in free_indices(formula):
            return False
        return reindex(found.body, {found.index: subscript(index)}) == of

    return transform(expr, change)


def _summed(formula: Expr) -> Sum | None:
    """The Σ of a formula that is a mean."""
    match formula:
        case Mul((one, two)):
            for factor, whole in ((one, two), (two, one)):
                if isinstance(whole, Sum) and _is_one_over(factor, whole.index):
                    return whole
    return None


def _is_one_over(factor: Expr, index: Index) -> bool:
    match factor:
        case Pow(Extent(size), exponent):
            return exponent == -1 and size == index.extent
        case Number(value):
            return index.extent.number is not None and value * index.extent.number == 1
    return False
