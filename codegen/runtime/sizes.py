"""Numbers in the place of the sizes, and where each parameter then stands in the flat vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from codegen.runtime.arguments import Layout
from codegen.runtime.facts import Facts


def checked_sizes(facts: Facts, given: Mapping[str, Any]) -> dict[str, int]:
    """A number for every size of the spec: what is given, else the default; ValueError where there is none."""
    for name, number in given.items():
        if name in facts.written:
            raise ValueError(f"{name}: it is {facts.written[name]} in compiled code; change it in the spec, emit again")
        if name not in facts.sizes:
            known = ", ".join(facts.sizes) or "all fixed"
            raise ValueError(f"{facts.spec} has no size {name}; its sizes are {known}")
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
            raise ValueError(f"size {name}: got {number!r}, expected a whole number of at least 1")
    sizes = {name: given.get(name, default) for name, default in facts.sizes.items()}
    missing = [name for name, number in sizes.items() if number is None]
    if missing:
        raise ValueError(f"{facts.spec} needs a number for {', '.join(missing)}: Objective({missing[0]}=...)")
    return {name: int(number) for name, number in sizes.items() if number is not None}


def checked_number(name: str, given: Any) -> float:
    """A number with a name, in the place of the spec's; ValueError where it is none."""
    if isinstance(given, bool) or not isinstance(given, (int, float, np.number)) or not np.isfinite(given):
        raise ValueError(f"{name}: got {given!r}, expected a finite number")
    return float(given)


def layout_of(shapes: Mapping[str, tuple[int, ...]]) -> Layout:
    """The parameters in the flat vector: {name: (slice, shape)}, in order, each row-major."""
    places, start = {}, 0
    for name, shape in shapes.items():
        stop = start + int(np.prod(shape))
        places[name] = slice(start, stop), shape
        start = stop
    return places
