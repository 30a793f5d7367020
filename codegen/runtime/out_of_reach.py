"""Targets that an output never takes, whatever the weights are: a trainer says so, as it cannot learn them."""

from __future__ import annotations

from typing import TypeAlias

from codegen.runtime.arguments import Array

#: What an output is called, and the least and the largest value that it may have; None is no bound.
Reach: TypeAlias = tuple[str, float | None, float | None]
#: By so much of the distance of the bounds a target may be outside: a bound is an estimate.
SLACK = 0.02


def out_of_reach(reach: Reach | None, target: Array) -> str:
    """One line where the target, as the weights know it, has values that the output never takes; "" elsewhere."""
    if reach is None or not target.size:
        return ""
    name, low, high = reach
    slack = SLACK * (1.0 if low is None or high is None else high - low)
    least, most = float(target.min()), float(target.max())
    if (low is None or least >= low - slack) and (high is None or most <= high + slack):
        return ""
    if low is None:
        bounds = f"is never above {high:.3g}"
    else:
        bounds = f"is never below {low:.3g}" if high is None else f"lies between {low:.3g} and {high:.3g}"
    return (
        f"the output {name} {bounds}, but the target reaches from {least:.3g} to {most:.3g}, "
        f"so no weights come near all of it: give {name} another activation, such as identity"
    )
