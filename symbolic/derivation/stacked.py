"""What a step hands on as one value, where it is several: s_t = (h_t, c_t), as a lecture on the LSTM writes it.

    c_t = f(c_{t-1}, h_{t-1}),  h_t = g(c_t, h_{t-1})        becomes        s_t = (h_t, c_t) made of s_{t-1}

Each value stays what it was, and what it reads of an earlier step it reads of s.  ∂s_t/∂s_{t-1} is a matrix of blocks
then, and a chain through the steps goes from one s to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Stack, Tensor, add, mul
from symbolic.language.paths import letters
from symbolic.language.recurrence import Recurrence, recurrences
from symbolic.language.terms import bound_indices, delta, fresh_index, nodes_of, tensors, transform

#: What the stack may be called, and the index that says which of its parts is meant.
NAMES, PART = ("s", "z", "v", "state"), "a"


def handed_on(group: Recurrence) -> dict[Tensor, frozenset[int]]:
    """The values of a group that are read at other steps, each with how many steps away."""
    found: dict[Tensor, frozenset[int]] = {}
    for member, place in group.steps:
        for entry in nodes_of(member.formula, Entry):
            if entry.tensor in group.targets:
                lag = (entry.subscripts[group.place(entry.tensor)] - subscript(member.indices[place])).number
                if lag:
                    found[entry.tensor] = found.get(entry.tensor, frozenset()) | {lag}
    return found


def stacked(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The definitions with one value for all that each recurrence hands on, where these are of one shape."""
    definitions = tuple(definitions)
    for group in recurrences(definitions):
        parts = [member for member in group.members if member.target in handed_on(group)]
        if len(parts) > 1 and len({(part.target.axes, group.place(part.target)) for part in parts}) == 1:
            definitions = _with_one_state(definitions, group, parts)
    return definitions


def _with_one_state(
    definitions: tuple[Definition, ...], group: Recurrence, parts: list[Definition]
) -> tuple[Definition, ...]:
    state = _state(definitions, parts, group.place(parts[0].target) + 1)
    stack = state.target
    assert isinstance(stack, Stack)
    found = [
        replace(one, formula=transform(one.formula, partial(_read_of, stack, group, _running(one, group))))
        for one in definitions
    ]
    last = max(n for n, definition in enumerate(definitions) if definition.target in stack.parts)
    return (*found[: last + 1], state, *found[last + 1 :])


def _running(definition: Definition, group: Recurrence) -> Index | None:
    """The index of the steps in the formula of a member; None: it is no member."""
    return definition.indices[group.place(definition.target)] if definition.target in group.targets else None


def _read_of(stack: Stack, group: Recurrence, running: Index | None, node: Expr) -> Expr | None:
    """The entry of the stack that stands for a part of it; what a member reads of its own step it reads as before."""
    if not isinstance(node, Entry) or node.tensor not in stack.parts:
        return None
    same = running is not None and node.subscripts[group.place(node.tensor)].single == running
    return None if same else stack.of_part(node)


def _state(definitions: Iterable[Definition], parts: list[Definition], place: int) -> Definition:
    """s[t, a, j] = δ(a, 1) h[t, j] + δ(a, 2) c[t, j]."""
    definitions = tuple(definitions)
    known = tuple(dict.fromkeys(t for d in definitions for t in (d.target, *tensors(d.formula))))
    taken = {*(i for d in definitions for i in (*d.indices, *bound_indices(d.formula))), *letters(known)}
    names = {*(tensor.name for tensor in known), *(index.name for index in taken)}
    first = parts[-1]
    targets = tuple(part.target for part in reversed(parts))
    which = fresh_index(Index(PART, size(len(targets))), taken)
    axes = (*first.target.axes[:place], which.extent, *first.target.axes[place:])
    stack = Stack(next(_free(names)), axes, parts=targets, place=place)
    indices = (*first.indices[:place], which, *first.indices[place:])
    shown = [target[first.indices] for target in targets]
    formula = add(*(mul(delta(subscript(which), subscript(n)), entry) for n, entry in enumerate(shown)))
    return Definition(stack, indices, formula, "state", first.node)


def _free(taken: Iterable[str]) -> Iterator[str]:
    """Names that nothing has yet."""
    taken = set(taken)
    yield from (name for name in NAMES if name not in taken)
    yield from (f"{NAMES[-1]}_{n}" for n in range(1, len(taken) + 2) if f"{NAMES[-1]}_{n}" not in taken)
