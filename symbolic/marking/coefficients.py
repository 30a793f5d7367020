r"""``\frac{\partial R}{\partial \beta_{km}} = \delta_k z_m``, "write it as": the line says what the factor δ_k is.

Of a name that nobody declared the other factors tell what it must be, if that is the same for all that it does not
count: the slope over z_m must not depend on m.
"""

from __future__ import annotations

import numpy as np

from symbolic.language.affine import Index, subscript
from symbolic.language.expr import Expr, mul, power
from symbolic.language.terms import free_indices, reindex
from symbolic.marking.grammar.tree import Mul, Name, Node, Undeclared
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.sides import Read, meanings_of
from symbolic.marking.meaning.value import Value
from symbolic.marking.model.text_definitions import define_name

#: How near two quotients are that are the same.
NEAR = 1e-9


def defines_factor(work: Judging, before: Read, here: Read, number: int) -> bool:
    """Whether a side is a product of one undeclared name and known numbers; it is defined then as what is left.

    Only where a later line speaks of it: else it is no name but a slip.
    """
    if not isinstance(here.problem, Undeclared) or not isinstance(here.node, Mul) or not before.meanings:
        return False
    names = [factor for factor in here.node.factors if factor == here.problem.name]
    rest = tuple(factor for factor in here.node.factors if factor != here.problem.name)
    if len(names) != 1 or not isinstance(names[0], Name) or not rest:
        return False
    later = (side for chain in work.premises.document.chains[number:] for side in chain.sides)
    if not any(token.text == names[0].base for side in later for token in side.tokens):
        return False
    known = work.premises.known
    others = meanings_of(((product_of(rest), frozenset()),), known).meanings
    meaning = before.meanings[0]
    if not others or others[0].value.axes or meaning.value.axes or others[0].auxiliary or meaning.auxiliary:
        return False
    expr = mul(meaning.value.expr, power(others[0].value.expr, -1))
    letters = {item.single or "" for item in (*names[0].subs, *names[0].sups)}
    own = {found.index for letter, found in known.indices.items() if letter in letters}
    value = freed(work, expr, tuple(sorted(free_indices(expr) - own)), tuple(sorted(own)))
    if value is None:
        return False
    before_it = len(known.quantities)
    define_name(work.premises, names[0], Value(value))
    return len(work.premises.known.quantities) > before_it


def product_of(factors: tuple[Node, ...]) -> Node:
    return factors[0] if len(factors) == 1 else Mul(factors)


def freed(work: Judging, expr: Expr, others: tuple[Index, ...], own: tuple[Index, ...]) -> Expr | None:
    """The expression at the first value of the other indices, where it is the same at all of them."""
    for found in work.premises.points.values(expr, (*others, *own)) or [np.full(1, np.nan)]:
        whole = found.reshape(len(found), -1, *found.shape[1 + len(others) :])
        with np.errstate(all="ignore"):
            apart = np.abs(whole - whole[:, :1]) > NEAR * np.maximum(1.0, np.abs(whole))
        if not np.isfinite(whole).all() or apart.any():
            return None
    return reindex(expr, {index: subscript(0) for index in others})
