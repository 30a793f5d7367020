"""Truncated backpropagation through time: no error goes back over the border of a stretch of K steps.

    E_z[t] = Σ of the uses at t + [(t + 1) mod K ≠ 0]·E_z⁻[t + 1]        z⁻[t + 1] = z[t] is what step t + 1 reads of z

Q is what it was; what is called its gradient leaves out what a step does to steps of a later stretch (Williams and
Peng, 1990, with both of their lengths K).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symbolic.errors import SpecError
from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import ONE, Entry, Expr, Tensor, add, neg, total
from symbolic.language.names import unused
from symbolic.language.terms import delta, entries, fresh_index, tensors
from symbolic.network.objective import Objective
from symbolic.network.states import BEFORE
from symbolic.words import Text


def truncated(objective: Objective, steps: int | None) -> Objective:
    """The objective whose errors are cut every so many steps; None: as it is.

    Raises SpecError, one line, where there is no such cut.
    """
    if steps is None:
        return objective
    name = objective.network.name
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise SpecError(
            Text(
                f"truncate: got {steps!r}, expected a whole number of steps of at least 1",
                f"truncate: получено {steps!r}, нужно целое число шагов не меньше 1",
            )
        )
    lags = [abs(lag) for d in objective.definitions if d.kind == BEFORE for _, lag in _reads(d)]
    if not lags:
        raise SpecError(
            Text(
                f"truncate: {name} has no node with a start, so no error goes back through steps",
                f"truncate: в {name} нет узла с ключом start, поэтому ошибка не идёт назад по шагам",
            )
        )
    if max(lags) > steps:
        raise SpecError(
            Text(
                f"truncate: {name} reads {max(lags)} steps back, so a stretch is no shorter than that, not {steps}",
                f"truncate: {name} читает {max(lags)} шага назад, поэтому отрезок не короче, а не {steps}",
            )
        )
    return _with_cuts(objective, steps)


def _with_cuts(objective: Objective, steps: int) -> Objective:
    """With what says, for each read of an earlier step, where it stays within its stretch."""
    taken = {tensor.name for d in objective.definitions for tensor in (d.target, *tensors(d.formula))}
    taken |= {tensor.name for tensor in (*objective.inputs, objective.target)}
    made: dict[tuple[Index, int], Definition] = {}
    cuts = []
    for definition in objective.definitions:
        for state, lag in _reads(definition) if definition.kind == BEFORE else ():
            running = _running(definition, state)
            if (running, lag) not in made:
                kept = Tensor(unused("kept", taken), (running.extent,))
                made[running, lag] = Definition(kept, (running,), _within_a_stretch(running, lag, steps))
            cuts.append((definition.target, made[running, lag].target))
    definitions = (*made.values(), *objective.definitions)
    return replace(objective, definitions=definitions, truncate=steps, cuts=tuple(cuts))


def _within_a_stretch(running: Index, lag: int, steps: int) -> Expr:
    """1 where a read this many steps away stays within a stretch, 0 where it goes over a border."""
    m = fresh_index(Index("m", running.extent), (running,))
    passed = range(-lag) if lag < 0 else range(-lag, 0)  # t, t - 1, … or t + 1, t + 2, …
    return add(ONE, *(neg(total(delta(subscript(running) - n, subscript(m) * steps), m)) for n in passed))


def cut_at(objective: Objective, user: Definition, state: Tensor, places: Mapping[Index, Index]) -> Expr:
    """1 where ``user`` reads the state within its own stretch, 0 over a border; 1 for whatever is no such read.

    ``places`` are the indices that the user is written with here.
    """
    kept = dict(objective.cuts).get(user.target)
    if kept is None or all(state != read for read, _ in _reads(user)):
        return ONE
    return Entry(kept, (subscript(places[_running(user, state)]),))


def _running(user: Definition, state: Tensor) -> Index:
    """The index by which a definition of what was earlier reads the state."""
    return next(sub.keys[0] for sub in _shifted(user, state))


def _reads(user: Definition) -> list[tuple[Tensor, int]]:
    """The states that a definition of what was earlier reads, and how many steps away."""
    found = []
    for tensor in tensors(user.formula):
        for sub in _shifted(user, tensor):
            lag = (sub - subscript(sub.keys[0])).number
            if lag:
                found.append((tensor, lag))
    return found


def _shifted(user: Definition, tensor: Tensor) -> list[Subscript]:
    """The subscripts of a tensor that are an index and a number."""
    return [
        sub
        for entry in entries(user.formula, tensor)
        for sub in entry.subscripts
        if len(sub.keys) == 1 and sub.single is None
    ]
