"""Long sums of which few terms move: the others are one value, whatever they are.

∂(a_1 x + … + a_99 x + h)/∂h does not ask what the 99 terms are.  With a letter for all of them together the question
is a short one, and the same for every h; what holds for any value of the letter holds for theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from functools import lru_cache

from symbolic.fuel import spend
from symbolic.language.affine import subscript
from symbolic.language.expr import Add, Entry, Expr, Partial, Tensor, add
from symbolic.language.names import unused
from symbolic.language.terms import free_indices, nodes_of, tensors, transform

#: Fewer terms are looked at as they are: the question with a letter is one more.
MANY = 4
#: The steps that it takes to see whether a term stands still.
A_TERM = 2


def gathering(moving: Set[Tensor], taken: Iterable[Tensor]) -> Callable[[Expr], Expr]:
    """A change of formulas: in every long sum the terms that name nothing of ``moving`` become one value.

    The same terms are the same value wherever they stand, so both sides of an equation are to be changed by one.
    """
    names = {tensor.name for tensor in taken}
    values: dict[Expr, Expr] = {}

    def value_of(terms: Expr) -> Expr:
        if terms not in values:
            indices = tuple(sorted(free_indices(terms)))
            name = unused("rest", names)
            rest = Tensor(name, tuple(index.extent for index in indices))
            values[terms] = Entry(rest, tuple(map(subscript, indices)))
        return values[terms]

    def still(term: Expr) -> bool:
        found = tensors(term)
        return bool(found) and moving.isdisjoint(found) and Partial not in term.kinds

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Add) or len(node.terms) < MANY:
            return None
        spend(A_TERM * len(node.terms))
        standing: list[Expr] = []
        others: list[Expr] = []
        for term in node.terms:
            (standing if still(term) else others).append(term)
        if len(standing) < MANY:
            return None
        return add(*(transform(term, change) for term in others), value_of(add(*standing)))

    return lambda formula: transform(formula, change) if _has_long_sum(formula) else formula


@lru_cache(maxsize=10_000)
def _has_long_sum(formula: Expr) -> bool:
    return any(len(node.terms) >= MANY for node in nodes_of(formula, Add))
