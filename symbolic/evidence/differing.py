"""Where two formulas differ: what stands around it is the same on both sides and need not be asked about.

Two Σ over one index are equal if what is summed is, two products if their other factors are, two sums if they are
term by term.  The converse fails (a·b = c·d says nothing of a and c; a bracket may silence the place), so what is
not proved of the parts is asked of the whole.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from symbolic.language.expr import Add, Expr, Mul, Sum, add, mul

Pair: TypeAlias = "tuple[Expr, Expr]"


def where_they_differ(left: Expr, right: Expr) -> tuple[Pair, ...]:
    """Pairs of parts; if those of each pair are equal, so are the formulas.

    >>> from symbolic.language.expr import Symbol
    >>> a, b, c, d = map(Symbol, "abcd")
    >>> where_they_differ(add(a, mul(b, c)), add(a, mul(d, b)))
    ((<Symbol: c>, <Symbol: d>),)
    """
    match left, right:
        case _ if left == right:
            return ()
        case Sum(body, index), Sum(other, same) if index == same:
            return where_they_differ(body, other)
        case Add(terms), Add(others):
            here, there = _apart(terms, others)
            pairs = zip(here, there, strict=True) if len(here) == len(there) else [(add(*here), add(*there))]
        case Mul(factors), Mul(others):
            here, there = _apart(factors, others)
            pairs = [(mul(*here), mul(*there))]
        case _:
            return ((left, right),)
    found = [inner for pair in pairs for inner in ([pair] if pair == (left, right) else where_they_differ(*pair))]
    return tuple(dict.fromkeys(found))


def _apart(left: tuple[Expr, ...], right: tuple[Expr, ...]) -> tuple[list[Expr], list[Expr]]:
    """The operands of each side without those that both have."""
    common = Counter(left) & Counter(right)
    return _without(left, common), _without(right, common)


def _without(operands: tuple[Expr, ...], common: Counter[Expr]) -> list[Expr]:
    left_out, kept = Counter(common), []
    for operand in operands:
        if left_out[operand] > 0:
            left_out[operand] -= 1
        else:
            kept.append(operand)
    return kept
