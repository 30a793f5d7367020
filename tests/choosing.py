"""Which of the tests run: one case of each in a quick run, and in a fixed time as many of the others as go in."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TypeVar

#: Of a test over many cases one runs when nobody asks for every one: that of a small network, else the first.
SMALL = ("one_neuron", "one_hidden_layer", "logistic_regression")

#: So many rounds of the quick tests come before one of the long: it takes about as long.
QUICK_FOR_LONG = 4

Case = TypeVar("Case")
Name = Callable[[Case], str]


def function_of(name: str) -> str:
    return name.partition("[")[0]


def is_small(name: str) -> bool:
    return any(small in name for small in SMALL)


def one_of_each(cases: Iterable[Case], name: Name[Case]) -> list[Case]:
    return [every[0] for every in _by_function(cases, name).values()]


def in_rounds(cases: Iterable[Case], name: Name[Case], seed: str) -> list[list[Case]]:
    """One case of each test, then a second of each, and so on.  The first is the one of a quick run; the seed draws
    the others, and with which file a round begins.
    """
    every = _by_function(cases, name).values()
    drawn = [[first, *sorted(others, key=lambda case: _draw(seed, name(case)))] for first, *others in every]
    count = max(map(len, drawn), default=0)
    rounds = [[cases[turn] for cases in drawn if len(cases) > turn] for turn in range(count)]
    return [sorted(turn, key=lambda case: _draw(seed, name(case).partition("::")[0])) for turn in rounds]


def left_out(quick: Iterable[Case], long: Iterable[Case], name: Name[Case], seed: str) -> tuple[list[Case], list[Case]]:
    """What a quick run leaves out: one case of each long test, and the others, in the order in which time is theirs."""
    quick_rounds, long_rounds = in_rounds(quick, name, seed), in_rounds(long, name, seed)
    turns = [(at, cases) for at, cases in enumerate(quick_rounds)][1:]
    turns += [(at * QUICK_FOR_LONG, cases) for at, cases in enumerate(long_rounds)][1:]
    others = [case for _, cases in sorted(turns, key=lambda turn: turn[0]) for case in cases]
    return list(chain(*long_rounds[:1])), others


def _by_function(cases: Iterable[Case], name: Name[Case]) -> dict[str, list[Case]]:
    """The cases of each test, the one that stands for them first."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        found[function_of(name(case))].append(case)
    return {function: sorted(every, key=lambda case: not is_small(name(case))) for function, every in found.items()}


def _draw(seed: str, name: str) -> bytes:
    return hashlib.blake2b(f"{seed} {name}".encode()).digest()
