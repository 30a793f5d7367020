"""Definitions that need themselves: an index that runs through time, one step after the other.

    z[i,t,j] = tanh(a[i,t,j]),  a[i,t,j] = Σ_k w[j,k] z⁻[i,t,k] + …,  z⁻[i,t,k] = [t ≥ 1] z[i,t-1,k] + δ(t,0) s[k]

Each of the three is made of the others, and yet all can be computed: whoever goes round reads an earlier step.
:func:`ordered` finds such groups, the index that runs and in which direction, and puts all definitions into an order
in which they can be computed.  The E of a group are a group too, and run the other way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Tensor
from symbolic.language.terms import apart, nodes_of, tensors
from symbolic.words import Text


class NoOrder(ValueError):
    """Values that depend on each other in a way in which none can be the first; ``members`` are their names."""

    def __init__(self, members: Iterable[str], reason: Text) -> None:
        self.members = tuple(members)
        self.reason = reason
        super().__init__(f"{', '.join(self.members)}: {reason}")


@dataclass(frozen=True)
class Recurrence:
    """A group of definitions that need each other, in the order in which they are computed within one step.

    ``places[k]`` is the axis of ``members[k]`` that runs; all of these have the same length, and ``backwards`` says
    that its last value comes first.
    """

    members: tuple[Definition, ...]
    places: tuple[int, ...]
    backwards: bool

    @property
    def targets(self) -> frozenset[Tensor]:
        return frozenset(member.target for member in self.members)

    @property
    def index(self) -> Index:
        """The index that runs, as the last member calls it."""
        return self.members[-1].indices[self.places[-1]]

    def place(self, tensor: Tensor) -> int:
        """The axis of a member that runs."""
        return next(place for member, place in self.steps if member.target == tensor)

    @property
    def steps(self) -> Iterator[tuple[Definition, int]]:
        return zip(self.members, self.places, strict=True)


Group: TypeAlias = "Definition | Recurrence"


def ordered(definitions: Iterable[Definition]) -> tuple[Group, ...]:
    """The definitions in an order in which they can be computed, those that need each other as one group.

    What is in order stays as it stands.  Raises NoOrder where no index runs through a group in one direction.
    """
    by_target = {definition.target: definition for definition in definitions}
    uses = {target: [t for t in tensors(d.formula) if t in by_target] for target, d in by_target.items()}
    groups = _components(uses)
    rank = {target: n for n, target in enumerate(by_target)}
    of = {target: group for group in groups for target in group}
    sorter = TopologicalSorter({group: {of[u] for t in group for u in uses[t]} - {group} for group in groups})
    sorter.prepare()
    found: list[Group] = []
    waiting: list[frozenset[Tensor]] = []
    while sorter.is_active():
        waiting.extend(sorter.get_ready())
        first = min(waiting, key=lambda group: min(rank[t] for t in group))
        waiting.remove(first)
        sorter.done(first)
        members = [by_target[t] for t in sorted(first, key=rank.__getitem__)]
        alone = len(members) == 1 and members[0].target not in uses[members[0].target]
        found.append(members[0] if alone else _recurrence(members))
    return tuple(found)


def flat(groups: Iterable[Group]) -> tuple[Definition, ...]:
    """All definitions of groups."""
    return tuple(d for group in groups for d in (group.members if isinstance(group, Recurrence) else (group,)))


def recurrences(definitions: Iterable[Definition]) -> tuple[Recurrence, ...]:
    """The groups alone; nothing is searched where each definition comes before its use, as in most networks."""
    definitions = tuple(definitions)
    if not runs_round(definitions):
        return ()
    return tuple(group for group in ordered(definitions) if isinstance(group, Recurrence))


def stepping(definitions: Iterable[Definition]) -> frozenset[Tensor]:
    """All values that are made of themselves a step earlier, directly or through others."""
    return frozenset(target for group in recurrences(definitions) for target in group.targets)


def runs_round(definitions: Sequence[Definition]) -> bool:
    """Whether some definition needs itself, directly or through others."""
    return _runs_round(tuple(definitions))


@lru_cache(maxsize=256)
def _runs_round(definitions: tuple[Definition, ...]) -> bool:
    targets = {definition.target: n for n, definition in enumerate(definitions)}
    later = (targets.get(tensor, -1) >= n for n, d in enumerate(definitions) for tensor in tensors(d.formula))
    if not any(later):
        return False
    uses = {d.target: [t for t in tensors(d.formula) if t in targets] for d in definitions}
    return any(len(group) > 1 or next(iter(group)) in uses[next(iter(group))] for group in _components(uses))


def _components(uses: Mapping[Tensor, Sequence[Tensor]]) -> list[frozenset[Tensor]]:
    """Tensors that need each other, together (Tarjan's algorithm, without recursion)."""
    number: dict[Tensor, int] = {}
    low: dict[Tensor, int] = {}
    path: list[Tensor] = []
    on_path: set[Tensor] = set()
    found: list[frozenset[Tensor]] = []
    for root in uses:
        if root in number:
            continue
        work = [(root, iter(uses[root]))]
        number[root] = low[root] = len(number)
        path.append(root)
        on_path.add(root)
        while work:
            tensor, rest = work[-1]
            for used in rest:
                if used not in number:
                    number[used] = low[used] = len(number)
                    path.append(used)
                    on_path.add(used)
                    work.append((used, iter(uses[used])))
                    break
                if used in on_path:
                    low[tensor] = min(low[tensor], number[used])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[tensor])
                if low[tensor] == number[tensor]:
                    at = path.index(tensor)
                    found.append(frozenset(path[at:]))
                    on_path -= found[-1]
                    del path[at:]
    return found


def _recurrence(members: Sequence[Definition]) -> Recurrence:
    """The index that runs through a group, found by trying each of one member's."""
    names = [member.target.name for member in members]
    reasons = []
    for place in range(len(members[0].indices)):
        places = _places(members, place)
        if places is None:
            continue
        lags = [lag for member in members for _, lag in _reads(member, places)]
        if not any(lags):
            continue
        if min(lags) < 0 < max(lags):
            index = members[0].indices[place].name
            reasons.append(
                Text(
                    f"along {index} an earlier step is read and a later one, so no step can be the first",
                    f"вдоль {index} читается и прежний шаг, и следующий, так что первого шага нет",
                )
            )
            continue
        order = _within_a_step(members, places)
        if order is None:
            reasons.append(Text("within one step each needs the other", "на одном шаге каждому нужен другой"))
            continue
        return Recurrence(order, tuple(places[member.target] for member in order), max(lags) > 0)
    raise NoOrder(
        names,
        reasons[0]
        if reasons
        else Text(
            "no index runs through them by a fixed step, as in z[i,t-1,k]",
            "ни один индекс не проходит по ним с постоянным шагом, как в z[i,t-1,k]",
        ),
    )


def _places(members: Sequence[Definition], first: int) -> dict[Tensor, int] | None:
    """Which axis of each member runs, when it is this one of the first: reads pass it on.  None: they disagree."""
    places = {members[0].target: first}
    group = {member.target for member in members}
    reads = [(m, e) for m in members for e in _entries(m) if e.tensor in group]
    extent = members[0].indices[first].extent
    changed = True
    while changed:
        changed = False
        for member, entry in reads:
            here, there = places.get(member.target), places.get(entry.tensor)
            if here is not None and there is None:
                running = member.indices[here]
                along = [n for n, sub in enumerate(entry.subscripts) if _step(sub, running) is not None]
                if len(along) != 1:
                    return None
                places[entry.tensor] = along[0]
                changed = True
            elif there is not None and here is None:
                sub = entry.subscripts[there]
                through = [n for n, index in enumerate(member.indices) if _step(sub, index) is not None]
                if len(through) != 1:
                    return None
                places[member.target] = through[0]
                changed = True
    for member, entry in reads:
        running = member.indices[places[member.target]]
        if running.extent != extent or _step(entry.subscripts[places[entry.tensor]], running) is None:
            return None
    return places


def _step(sub: Subscript, index: Index) -> int | None:
    """c where the subscript is index + c."""
    return (sub - subscript(index)).number


def _reads(member: Definition, places: Mapping[Tensor, int]) -> Iterator[tuple[Tensor, int]]:
    """What a member reads of its group, and how many steps away."""
    running = member.indices[places[member.target]]
    for entry in _entries(member):
        if entry.tensor in places:
            lag = _step(entry.subscripts[places[entry.tensor]], running)
            assert lag is not None
            yield entry.tensor, lag


def _entries(member: Definition) -> Iterator[Entry]:
    """What a member reads, a Σ's own index under another name than the member's."""
    return nodes_of(apart(member.formula, member.indices), Entry)


def _within_a_step(members: Sequence[Definition], places: Mapping[Tensor, int]) -> tuple[Definition, ...] | None:
    """The members, each after what it reads of the same step, else as they stand."""
    needs = {m.target: {t for t, lag in _reads(m, places) if lag == 0} for m in members}
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError:
        return None
    by_target = {member.target: (n, member) for n, member in enumerate(members)}
    waiting: list[Tensor] = []
    order: list[Definition] = []
    while sorter.is_active():
        waiting.extend(sorter.get_ready())
        first = min(waiting, key=lambda target: by_target[target][0])
        waiting.remove(first)
        sorter.done(first)
        order.append(by_target[first][1])
    return tuple(order)
