"""``codegen/runtime/steps.py`` and ``schedules.py``: the descriptions of this room as the functions that trainers call.

``python -m codegen.generate`` writes them; a test holds the files to what stands here.
"""

from __future__ import annotations

from collections.abc import Sequence

from codegen.updates.optimizers import OPTIMIZERS, Optimizer, Setting
from codegen.updates.schedules import SCHEDULES, Schedule

_HEADER = """\
\"""{title}

Lowered from the descriptions in ``codegen.updates`` by ``python -m codegen.generate``; not to be edited.
\"""
"""

_STEPS = """
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from codegen.runtime.arguments import Array


class Optimizer(NamedTuple):
    \"\"\"How the weights are moved.\"\"\"

    #: Takes w, the gradient g, what it remembers, a scratch vector r, the learning rate, the number t of the step, and
    #: works in place; g is used up, as one more scratch vector.
    step: Callable[..., None]
    #: The names of the vectors that it remembers.
    state: tuple[str, ...]
    #: The learning rate and the samples in a batch when nobody says otherwise; None is the whole sample.
    rate: float
    batch: int | None


class Setting(NamedTuple):
    \"\"\"A number that ``settings`` may name: what it is otherwise, whether it may be 0, what it must be below.\"\"\"

    default: float
    zero: bool
    below: float
"""

_SCHEDULES = """
from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from codegen.runtime.steps import Setting
"""


def steps_text() -> str:
    """The text of ``codegen/runtime/steps.py``."""
    return (
        "\n\n".join(
            [
                _HEADER.format(title="Steps along the gradient, one function for each optimizer.") + _STEPS,
                *map(_step, OPTIMIZERS.values()),
                _table(
                    "OPTIMIZERS: Mapping[str, Optimizer]",
                    [
                        f'"{o.name}": Optimizer({o.name}, {_tuple(o.state)}, {o.rate!r}, {o.batch!r}),'
                        for o in OPTIMIZERS.values()
                    ],
                ),
            ]
        )
        + _proportional()
        + _settings("SETTINGS", list(OPTIMIZERS.values()))
    )


def schedules_text() -> str:
    """The text of ``codegen/runtime/schedules.py``."""
    return "\n\n".join(
        [
            _HEADER.format(title="The learning rate from epoch to epoch, one function for each schedule.") + _SCHEDULES,
            *map(_rate, SCHEDULES.values()),
            "#: The learning rate of epoch e = 0, …, E - 1.\n"
            + _table(
                "SCHEDULES: Mapping[str, Callable[..., float]]",
                [f'"{s.name}": {s.function},' for s in SCHEDULES.values()],
            ),
        ]
    ) + _settings("SCHEDULE_SETTINGS", list(SCHEDULES.values()))


def _proportional() -> str:
    names = ", ".join(f'"{o.name}"' for o in OPTIMIZERS.values() if o.proportional)
    comment = "#: Steps as long as the gradient: ``rate`` is divided by the samples of one where Q is a sum."
    return f"{comment}\nPROPORTIONAL = frozenset({{{names}}})\n"


def _step(optimizer: Optimizer) -> str:
    vectors = [f"{name}: Array" for name in ("w", "g", *optimizer.state, "r")]
    title = optimizer.title.en
    return "\n".join(
        [
            _heading(optimizer.name, [*vectors, "rate: float", "t: int"], optimizer.settings, "None"),
            f'    """{title[0].upper()}{title[1:]}; {optimizer.source.en}."""',
            *(f"    {line}" for line in optimizer.statements),
            "",
        ]
    )


def _rate(schedule: Schedule) -> str:
    return "\n".join(
        [
            _heading(schedule.function, ["rate: float", "epoch: int", "epochs: int"], schedule.settings, "float"),
            f'    """{schedule.text()}: {schedule.title.en}; {schedule.source.en}."""',
            f"    eta: float = {schedule.python()}",
            "    return eta",
            "",
        ]
    )


def _heading(name: str, arguments: Sequence[str], settings: Sequence[Setting], result: str) -> str:
    """``def name(…) -> result:``, on several lines when it is too long for one."""
    given = [*arguments, *(f"{s.name}: float = {s.default!r}" for s in settings)]
    line = f"def {name}({', '.join(given)}) -> {result}:"
    if len(line) <= 120:
        return line
    inner = f"    {', '.join(given)}"
    rows = [inner] if len(inner) <= 120 else [f"    {one}," for one in given]
    return "\n".join([f"def {name}(", *rows, f") -> {result}:"])


def _table(name: str, rows: Sequence[str]) -> str:
    return "\n".join([f"{name} = {{", *(f"    {row}" for row in rows), "}", ""])


def _settings(name: str, described: Sequence[Optimizer | Schedule]) -> str:
    rows = []
    for one in described:
        inner = [f'"{s.name}": Setting{s.python}' for s in one.settings]
        line = f'"{one.name}": ' + "{" + ", ".join(inner) + "},"
        rows += [line] if len(line) <= 116 else [f'"{one.name}": {{', *(f"    {row}," for row in inner), "},"]
    return _table(f"{name}: Mapping[str, Mapping[str, Setting]]", rows)


def _tuple(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"({', '.join(quoted)}{',' if len(names) == 1 else ''})"
