"""What a node was a step earlier: ``z[i,t-1,k]`` of a node with a start.

A node with ``start`` may be read at t - 1 or t + 1 (or further off), by itself too.  Such a read is a value of its own,

    z⁻[i,t,k] = [0 ≤ t - 1 < T] z[i,t-1,k] + δ(t,0) s[k]        (s: the start; it is not there where the start is 0)

so that the rest of the network reads it at t as it reads everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from symbolic.errors import SpecError
from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import ONE, Entry, Expr, Hyper, Tensor, add, mul, neg, number
from symbolic.language.recurrence import NoOrder, flat, ordered, runs_round
from symbolic.language.terms import delta, in_range
from symbolic.network.subscripts import affine, with_sizes
from symbolic.network.syntax import Node, branches, head, nodes, parse, strip
from symbolic.words import Text, same

#: The kind of the definition of what a node was earlier.
BEFORE = "before"


@dataclass(frozen=True, order=True)
class Earlier:
    """A read of a node ``steps`` places along one of its axes: -1 is the step before."""

    node: str
    axis: int
    steps: int

    @property
    def name(self) -> str:
        """``before_z``, ``after_z`` for t + 1, ``before_z_2`` for t - 2."""
        side = "before" if self.steps < 0 else "after"
        return f"{side}_{self.node}" + (f"_{abs(self.steps)}" if abs(self.steps) > 1 else "")

    def tensor(self, of: Tensor) -> Tensor:
        return Tensor(self.name, of.axes)


def earlier(tensor: Tensor, subscripts: tuple[Subscript, ...]) -> tuple[Earlier, tuple[Subscript, ...]] | None:
    """The read of an earlier step, and its subscripts at the step itself; None: all is read at its own place.

    Raises SpecError where it is no step along one axis by a fixed number of places.
    """
    shifted = [n for n, sub in enumerate(subscripts) if sub.keys and sub.single is None]
    if not shifted:
        return None
    (axis, *others) = shifted
    sub = subscripts[axis]
    running = next((index for index in sub.keys if (sub - subscript(index)).number is not None), None)
    if others or running is None or running.extent != tensor.axes[axis]:
        raise SpecError(
            Text(
                f"{tensor.name} has a start, so it is read at its own step or a fixed number of steps away along one "
                f"axis, by an index that runs over the whole of it: {tensor.name}[…,t-1,…]",
                f"у {tensor.name} есть start, поэтому его читают на том же шаге или за постоянное "
                f"число шагов вдоль одной оси, с индексом по всей этой оси: {tensor.name}[…,t-1,…]",
            )
        )
    steps = (sub - subscript(running)).number
    assert steps is not None
    plain = (*subscripts[:axis], subscript(running), *subscripts[axis + 1 :])
    return Earlier(tensor.name, axis, steps), plain


def before(state: Definition, read: Earlier, start: Expr) -> Definition:
    """The definition of what the node was; ``start`` is a formula in the state's own indices."""
    running = state.indices[read.axis]
    there = subscript(running) + read.steps
    subscripts = tuple(there if n == read.axis else subscript(i) for n, i in enumerate(state.indices))
    inside = in_range(there, running.extent)
    formula = add(mul(inside, Entry(state.target, subscripts)), mul(_outside(running, read.steps), start))
    return Definition(read.tensor(state.target), state.indices, formula, BEFORE, read.node)


def _outside(running: Index, steps: int) -> Expr:
    """1 where the step that is read lies before the first place, or behind the last one."""
    if abs(steps) > 1:
        return add(ONE, neg(in_range(subscript(running) + steps, running.extent)))
    if steps < 0:
        return delta(subscript(running), subscript(0))
    last = running.extent - 1
    return delta(subscript(running), size_as_subscript(last))


def size_as_subscript(extent: Size) -> Subscript:
    """A size as a subscript: the T - 1 of z[T - 1]."""
    return replace(subscript(0), constant=extent.constant, sizes=extent.terms)


def read_earlier(text: str, states: Iterable[str], sizes: frozenset[str]) -> tuple[str, ...]:
    """The nodes with a start that a formula reads at other steps alone: they need not come before it."""
    states = frozenset(states)
    now: set[str] = set()
    away: dict[str, None] = {}
    _, formula = branches(parse(text, "equation"))
    for tree in nodes(formula):
        if tree.data == "entry" and str(head(tree)) in states:
            places = [strip(place) for place in branches(tree)]
            moved = any(place.data != "name" and _runs(text, place, sizes) for place in places)
            if moved:
                away[str(head(tree))] = None
            else:
                now.add(str(head(tree)))
    return tuple(name for name in away if name not in now)


def _runs(text: str, place: Node, sizes: frozenset[str]) -> bool:
    """Whether an index stands in the subscript, beside something else."""
    try:
        return bool(with_sizes(affine(text, place), sizes).keys)
    except SpecError:
        return False


def start_formula(
    name: str,
    value: float | str,
    state: Definition,
    axis: int,
    known: Mapping[str, Tensor],
    constants: Mapping[str, Hyper],
) -> tuple[Expr, Tensor | None]:
    """The start of a node in its own indices, and the parameter that it is where nothing else has its name.

    A parameter has the axes of the node without the sample's and the one that runs; an input or a node has the
    sample's too.  Raises SpecError, one line, for one of other axes.
    """
    if not isinstance(value, str):
        return number(value), None
    if value in constants:
        return constants[value], None
    others = tuple(index for n, index in enumerate(state.indices) if n not in (0, axis))
    lengths = tuple(index.extent for index in others)
    made = Tensor(value, lengths, "parameter")
    tensor = known.get(value, made)
    indices = others if tensor.role == "parameter" else (state.indices[0], *others)
    if tensor.axes != tuple(index.extent for index in indices):
        wanted = _as_axes(lengths)
        given = _as_axes(tensor.axes[tensor.role != "parameter" :])
        raise SpecError(
            Text(
                f"nodes.{name}.start: {value} is {given}, and {name} at one step is {wanted}",
                f"nodes.{name}.start: {value} — это {given.ru}, а {name} на одном шаге — это {wanted.ru}",
            )
        )
    return Entry(tensor, tuple(subscript(index) for index in indices)), made if value not in known else None


def _as_axes(axes: tuple[Size, ...]) -> Text:
    return same(" x ".join(map(str, axes))) if axes else Text("one number", "одно число")


def in_order(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The definitions, each before its use as far as there is such an order; SpecError where no step is the first."""
    definitions = tuple(definitions)
    if not runs_round(definitions):
        return definitions
    try:
        return flat(ordered(definitions))
    except NoOrder as found:
        names = {d.target.name: d.node or d.target.name for d in definitions}
        members = tuple(dict.fromkeys(names[member] for member in found.members))
        who = Text(f"{' and '.join(members)} need each other", f"{' и '.join(members)} нужны друг другу")
        if len(members) == 1:
            who = Text(f"{members[0]} needs itself", f"{members[0]} нужен сам себе")
        raise SpecError(
            Text(f"nodes.{members[0]}: {who}, and {found.reason}", f"nodes.{members[0]}: {who.ru}, и {found.reason.ru}")
        ) from None


def reads_of(formulas: Iterable[tuple[Earlier, ...]]) -> Iterator[Earlier]:
    """The reads of all formulas, each once."""
    yield from dict.fromkeys(read for reads in formulas for read in reads)
