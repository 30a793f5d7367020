"""Where numbers stop being finite: the first value of a network that is not, in the order of its equations."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from codegen.runtime.arguments import Array
from codegen.runtime.objective import BaseObjective

#: So many samples are looked at together.
ROWS = 1024


def origin_of(objective: BaseObjective, w: Array, data: tuple[Array, ...]) -> str | None:
    """The name of the first value that is not finite at w, as ``plain`` calls it; None where all are.

    ``data`` are the inputs and the target, (N, …) each.
    """
    facts, shapes = objective.facts, objective.facts.plain_shapes(*objective._numbers)
    parameters = [w[part].reshape(s) for (part, _), s in zip(objective.layout.values(), shapes, strict=True)]
    parameters += [objective._constants[name] for name in facts.constants]
    sizes = [objective.sizes[name] for name in facts.plain_sizes]
    for start in range(0, len(data[-1]), ROWS):
        found = _values(facts.plain, [*parameters, *(a[start : start + ROWS] for a in data), *sizes], objective._chosen)
        for name, value in found.items():
            if isinstance(value, (np.ndarray, float)) and not np.isfinite(value).all():
                return name
    return None


def _values(function: Any, given: list[Any], named: Mapping[str, float]) -> dict[str, Any]:
    """The local values of a function when it ends, in the order in which it names them."""
    values: dict[str, Any] = {}

    def within(frame: Any, event: str, _: Any) -> Any:
        if event == "return":
            values.update(frame.f_locals)
        return within

    def begin(frame: Any, *_: Any) -> Any:
        return within if frame.f_code is function.__code__ else None

    before = sys.gettrace()
    sys.settrace(begin)
    try:
        with np.errstate(all="ignore"):
            function(*given, **named)
    except ArithmeticError:
        pass
    finally:
        sys.settrace(before)
    return values
