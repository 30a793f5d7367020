"""Definitions of a loop looked at: which index runs, what is read at another step, what stands at the ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Delta, Entry, Expr, InRange, Mul, Sum, Tensor, mul
from symbolic.language.recurrence import Recurrence
from symbolic.language.terms import bound_indices, free_indices, reindex


def along(member: Definition, place: int, running: Index) -> Definition:
    """The definition with its index at this place called as the loop calls it."""
    own = member.indices[place]
    if own == running:
        return member
    indices = tuple(running if n == place else index for n, index in enumerate(member.indices))
    return replace(member, indices=indices, formula=reindex(member.formula, {own: subscript(running)}))


def clashes(index: Index, group: Recurrence) -> bool:
    """Whether some member calls another one of its indices so."""
    return any(
        index in (*(i for n, i in enumerate(member.indices) if n != place), *bound(member.formula))
        for member, place in group.steps
    )


def bound(expr: Expr) -> set[Index]:
    return set(bound_indices(expr))


def all_indices(expr: Expr) -> set[Index]:
    return bound(expr) | set(free_indices(expr))


def free_of(subscripts: Iterable[Subscript], index: Index) -> bool:
    return not any(index in sub.keys for sub in subscripts)


def guarded(
    term: Expr, running: Index, group: frozenset[Tensor], places: Mapping[Tensor, int]
) -> tuple[Entry, int] | None:
    """[0 ≤ t + c < T] z[…,t+c,…]: the entry and c."""
    if not isinstance(term, Mul) or len(term.factors) != 2:
        return None
    guard = next((factor for factor in term.factors if isinstance(factor, InRange)), None)
    entry = next((factor for factor in term.factors if isinstance(factor, Entry)), None)
    if guard is None or entry is None or entry.tensor not in group:
        return None
    sub = entry.subscripts[places[entry.tensor]]
    shift = (sub - subscript(running)).number
    return None if guard.subscript != sub or not shift else (entry, shift)


def at_the_end(term: Expr, running: Index, shift: int) -> Expr | None:
    """s of δ(t, 0)·s, what is read where no step lies before the first one; None: something else."""
    if isinstance(term, Sum):
        summed = at_the_end(term.body, running, shift)
        return None if summed is None else term.rebuild((summed,))
    factors = term.factors if isinstance(term, Mul) else (term,)
    deltas = [
        factor for factor in factors if isinstance(factor, Delta) and running in (factor.left - factor.right).keys
    ]
    if len(deltas) != 1 or abs(shift) != 1:
        return None
    place = (deltas[0].left - deltas[0].right) * (
        1 if (deltas[0].left - deltas[0].right).coefficient(running) > 0 else -1
    )
    end = subscript(running) - place
    last = running.extent - 1
    first = end.number == 0 if shift < 0 else (end.offset == last and not end.terms)
    rest = mul(*(factor for factor in factors if factor is not deltas[0]))
    return rest if first and running not in free_indices(rest) else None
