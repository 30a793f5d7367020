"""Entries, indices and sums in the trees that SymPy makes of formulas."""

from __future__ import annotations

import sympy

from symbolic.interchange.inward import apart, refuse
from symbolic.interchange.scalars import Sympy
from symbolic.words import Text


def entries_of(expr: Sympy) -> list[Sympy]:
    """Every entry of a base, in reading order."""
    return [node for node in sympy.preorder_traversal(expr) if isinstance(node, sympy.Indexed)]


def base_of(entry: Sympy) -> Sympy:
    return entry.base.label


def indices_of(expr: Sympy) -> list[Sympy]:
    """The indices in subscripts, in reading order."""
    return [s for e in entries_of(expr) for place in e.indices for s in sorted(place.atoms(sympy.Dummy), key=str)]


def bound_of(expr: Sympy) -> set[Sympy]:
    return {limits[0] for total in expr.atoms(sympy.Sum) for limits in total.limits}


def outside_entries(expr: Sympy) -> Sympy:
    """The expression without its entries and without the ends of its sums."""
    flat = expr.xreplace({entry: sympy.Integer(1) for entry in entries_of(expr)})
    if not flat.args:
        return flat
    return _without_limits(flat)


def _without_limits(expr: Sympy) -> Sympy:
    if isinstance(expr, sympy.Sum):
        return _without_limits(expr.function)
    return sympy.Tuple(*map(_without_limits, expr.args)) if expr.args else expr


def plain_indices(expr: Sympy) -> Sympy:
    """Every bound index a dummy of its own; a free ``Idx`` its letter."""
    expr = apart(expr)
    return expr.xreplace({index: sympy.Symbol(str(index.label), integer=True) for index in expr.atoms(sympy.Idx)})


def counts_from(expr: Sympy) -> int:
    """1 where the sums begin at 1 and none at 0, as many people count; else 0, as SymPy does."""
    lows = {limits[1] for total in expr.atoms(sympy.Sum) for limits in total.limits if len(limits) == 3}
    return 1 if 1 in lows and 0 not in lows else 0


def ranges(expr: Sympy) -> dict[Sympy, Sympy]:
    """How many values every bound index has."""
    found: dict[Sympy, Sympy] = {}
    for total in expr.atoms(sympy.Sum):
        for limits in total.limits:
            if len(limits) != 3:
                refuse(
                    total,
                    Text(
                        f"the index {limits[0]} has no range; write ({limits[0]}, 0, D - 1)",
                        f"у индекса {limits[0]} нет области; запишите ({limits[0]}, 0, D - 1)",
                    ),
                )
            found[limits[0]] = sympy.expand(limits[2] - limits[1] + 1)
    return found


def canonical(expr: Sympy) -> Sympy:
    """The expression with its bound indices numbered in reading order, so that equal ones look equal."""
    order = [limits[0] for n in sympy.preorder_traversal(expr) if isinstance(n, sympy.Sum) for limits in n.limits]
    return expr.xreplace({index: sympy.Symbol(f"_b{n}", integer=True) for n, index in enumerate(dict.fromkeys(order))})
