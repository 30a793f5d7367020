"""One who takes part: what is timed, and how its answer becomes Q and the gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeAlias

from codegen.bench.problem import Array

#: Q and the gradient, flat; a contestant that gives neither (the floor) returns None.
Result: TypeAlias = "tuple[float, Array] | None"


@dataclass(frozen=True)
class Contestant:
    """``call`` does the work once and nothing else; ``result`` turns what it returned into Q and the gradient.

    ``fresh`` does it for weights and a batch that are others at each call (None: the operands play no part).
    """

    name: str
    call: Callable[[], Any]
    result: Callable[[Any], Result] = lambda _: None
    #: Bytes at the peak, where the library says so itself; else they are traced.
    memory: Callable[[], int | None] | None = None
    fresh: Callable[[], Any] | None = None


def taking_turns(
    name: str,
    operands: Sequence[tuple[Any, ...]],
    run: Callable[..., Any],
    result: Callable[[Any], Result] = lambda _: None,
    memory: Callable[[], int | None] | None = None,
) -> Contestant:
    """A contestant that runs on the first operands again and again, or on one after the other."""
    first, turns = operands[0], cycle(operands)
    return Contestant(name, lambda: run(*first), result, memory, lambda: run(*next(turns)))
