"""The passes, in order.  Each is a function Program → Program that leaves every result unchanged."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from codegen.lower import lower
from codegen.passes.bias import bias_as_row
from codegen.passes.common import share
from codegen.passes.dead import drop_dead, in_sections
from codegen.passes.inline import sum_directly
from codegen.passes.layout import feature_major
from codegen.passes.operations import single_operations
from codegen.passes.products import arrange, outer_products, spread_columns, sums_as_products
from codegen.passes.sigmoid import sigmoid_by_tanh
from codegen.passes.signs import fold_signs
from codegen.passes.slopes import slopes_together
from codegen.passes.stable import stable_forms
from codegen.passes.storage import share_memory
from codegen.program import Program, ProgramError

Pass: TypeAlias = Callable[[Program], Program]

#: In this order.  Those in REQUIRED make the program printable; every other one can be left out.
PASSES: tuple[Pass, ...] = (
    drop_dead,
    stable_forms,
    sigmoid_by_tanh,
    sum_directly,
    feature_major,
    lower,
    sums_as_products,
    arrange,
    share,  # two equal arrays are one before they lie in a stack together
    bias_as_row,
    slopes_together,
    fold_signs,
    single_operations,
    share,
    outer_products,
    spread_columns,
    drop_dead,
    in_sections,
    share_memory,
)
#: Left out in float64, where exp is the faster and the more exact way to σ.
FOR_FLOAT32 = frozenset({"sigmoid_by_tanh"})
REQUIRED = frozenset({"lower", "arrange", "single_operations", "in_sections"})
OPTIONAL = tuple(dict.fromkeys(one.__name__ for one in PASSES if one.__name__ not in REQUIRED))


@dataclass(frozen=True)
class Report:
    """What one pass did: the number of kernels and of buffers before and after."""

    name: str
    law: str
    kernels: tuple[int, int]
    buffers: tuple[int, int]

    def __str__(self) -> str:
        return (
            f"{self.name:18} kernels {self.kernels[0]:4} -> {self.kernels[1]:4}   "
            f"arrays {self.buffers[0]:4} -> {self.buffers[1]:4}   {self.law}"
        )


def optimise(
    program: Program, without: Collection[str] = (), dtype: str = "float64"
) -> tuple[Program, tuple[Report, ...]]:
    """Run the passes in order, leaving out those named in ``without`` and those that are for another dtype.

    Raises ProgramError, with the name of the pass, when a pass makes a program that contradicts itself.
    """
    reports = []
    for one in PASSES:
        name = one.__name__
        if (name in without and name not in REQUIRED) or (name in FOR_FLOAT32 and dtype != "float32"):
            continue
        before = program
        try:
            program = one(program)
        except ProgramError as error:
            raise ProgramError(f"pass {name}: {error}") from error
        if program.results != before.results:
            raise ProgramError(f"pass {name}: the results are other ones now")
        reports.append(
            Report(
                name,
                (one.__doc__ or "").strip().partition("\n")[0],
                (len(before.kernels), len(program.kernels)),
                (_buffers(before), _buffers(program)),
            )
        )
    return program, tuple(reports)


def _buffers(program: Program) -> int:
    return len({program.storage.get(kernel.target.name, kernel.target.name) for kernel in program.kernels})
