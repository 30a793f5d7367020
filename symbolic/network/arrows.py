"""Who uses whom: values and arrows between them, in topological order, by layers, with their ancestors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush


class Cycle(ValueError):
    """A value that is its own ancestor; ``members`` leads from it, arrow by arrow, to the last one before it."""

    def __init__(self, members: tuple[str, ...]) -> None:
        super().__init__(" -> ".join([*members, members[0]]))
        self.members = members


@dataclass(frozen=True)
class Arrows:
    """``sources[value]``: all that the value is computed from; every value is a key, in the order of the spec."""

    sources: Mapping[str, tuple[str, ...]]

    @cached_property
    def users(self) -> dict[str, tuple[str, ...]]:
        """Who uses a value: the arrows, followed forwards."""
        found: dict[str, list[str]] = {name: [] for name in self.sources}
        for user, sources in self.sources.items():
            for source in dict.fromkeys(sources):
                found[source].append(user)
        return {name: tuple(users) for name, users in found.items()}

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every arrow: (value, user)."""
        for value, users in self.users.items():
            for user in users:
                yield value, user

    def ordered(self, rank: Callable[[str], int]) -> list[str]:
        """Each value after all that it uses; the lowest rank first where that leaves a choice.  Raises Cycle."""
        sorter = self._sorter()
        waiting: list[tuple[int, str]] = []
        order: list[str] = []
        while sorter.is_active():
            for name in sorter.get_ready():
                heappush(waiting, (rank(name), name))
            _, first = heappop(waiting)
            order.append(first)
            sorter.done(first)
        return order

    def layers(self) -> list[tuple[str, ...]]:
        """The values that wait for nothing, then those that wait for these alone, and so on.  Raises Cycle."""
        sorter = self._sorter()
        found = []
        while sorter.is_active():
            found.append(sorter.get_ready())
            sorter.done(*found[-1])
        return found

    def ancestors(self, name: str) -> set[str]:
        """All that a value is computed from, at any distance."""
        found: set[str] = set()
        open_: list[str] = [name]
        while open_:
            fresh = set(self.sources[open_.pop()]) - found
            found |= fresh
            open_ += fresh
        return found

    def _sorter(self) -> TopologicalSorter[str]:
        sorter = TopologicalSorter(self.sources)
        try:
            sorter.prepare()
        except CycleError as error:
            raise Cycle(tuple(error.args[1][:-1])) from None
        return sorter


def arrows(values: Iterable[str], pairs: Iterable[tuple[str, str]]) -> Arrows:
    """The arrows of pairs (value, user) between these values."""
    sources: dict[str, dict[str, None]] = {name: {} for name in values}
    for source, user in pairs:
        sources.setdefault(source, {})
        sources.setdefault(user, {})[source] = None
    return Arrows({name: tuple(used) for name, used in sources.items()})
