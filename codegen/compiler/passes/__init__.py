"""The passes, in order.  Each is a function Program → Program that leaves every result unchanged."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from codegen.compiler.lower import lower
from codegen.compiler.passes.bias import bias_as_row
from codegen.compiler.passes.common import share
from codegen.compiler.passes.dead import drop_dead, in_sections
from codegen.compiler.passes.inline import sum_directly
from codegen.compiler.passes.layout import feature_major
from codegen.compiler.passes.operations import single_operations
from codegen.compiler.passes.products import arrange, outer_products, spread_columns, sums_as_products
from codegen.compiler.passes.proving import PassRefused, Proof
from codegen.compiler.passes.side_by_side import layers_side_by_side
from codegen.compiler.passes.signs import fold_signs
from codegen.compiler.passes.slopes import slopes_together
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.passes.steps import steps_in_buffers
from codegen.compiler.passes.storage import share_memory
from codegen.compiler.program import Program, ProgramError
from symbolic.errors import SpecError
from symbolic.language.expr import Tensor

Pass: TypeAlias = Callable[[Program], Program]

#: In this order.  Those in REQUIRED make the program printable; every other one can be left out.
PASSES: tuple[Pass, ...] = (
    drop_dead,
    stable_forms,
    sum_directly,
    feature_major,
    lower,
    steps_in_buffers,
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
    layers_side_by_side,
    drop_dead,
    in_sections,
    share_memory,
)
REQUIRED = frozenset(
    {
        "lower",
        "lower_for_rows",
        "steps_in_buffers",
        "steps_as_expressions",
        "steps_as_numbers",
        "arrange",
        "layers_side_by_side",
        "single_operations",
        "in_sections",
    }
)
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


@dataclass(frozen=True)
class Proved:
    """A program that was proved to be its formulas, and the proof, which the module's text is held against too."""

    program: Program
    proof: Proof


def proved(program: Program, without: Collection[str] = (), one: Tensor | None = None) -> Proved:
    """The optimised program of these formulas; at the last point of the proof ``one`` is 1 everywhere.

    Raises ProgramError as :func:`run` does.
    """
    proof = Proof(program, one)
    return Proved(optimise(program, without, proof)[0], proof)


def optimise(
    program: Program, without: Collection[str] = (), proof: Proof | None = None
) -> tuple[Program, tuple[Report, ...]]:
    """Run the passes in order, leaving out those named in ``without``.

    Raises ProgramError, with the name of the pass, as :func:`run` does.
    """
    return run(program, (one for one in PASSES if one.__name__ not in without or one.__name__ in REQUIRED), proof)


def run(program: Program, chosen: Iterable[Pass], proof: Proof | None = None) -> tuple[Program, tuple[Report, ...]]:
    """Run these passes in order; what comes out is proved to be the same program (``codegen.compiler.passes.proving``).

    When it is not, each pass is proved by itself: one that can be left out is, with a warning that names it.
    Raises ProgramError, with the name of the pass, for one that is required, or when the program was wrong before.
    """
    passes, proof = tuple(chosen), Proof(program) if proof is None else proof
    try:
        steps = list(accumulate(passes, _applied, initial=program))
        wrong = proof.fault(steps[-1]) is not None
    except SpecError:
        raise
    except Exception:  # a pass that breaks has no say in whether there is a module
        wrong = True
    if wrong:
        steps = _one_by_one(program, passes, proof)
    reports = (
        Report(
            one.__name__,
            (one.__doc__ or "").strip().partition("\n")[0],
            (len(before.kernels), len(after.kernels)),
            (_buffers(before), _buffers(after)),
        )
        for one, before, after in zip(passes, steps, steps[1:], strict=False)
    )
    return steps[-1], tuple(reports)


def _applied(program: Program, one: Pass) -> Program:
    made = one(program)
    if made.results != program.results:
        raise ProgramError("the results are other ones now")
    return made


def _one_by_one(program: Program, passes: Iterable[Pass], proof: Proof) -> list[Program]:
    """The program after each pass, without what the passes did that are wrong."""
    if (fault := proof.fault(program)) is not None:
        raise ProgramError(f"{program.name}: the formulas are not their definitions: {fault}")
    steps = [program]
    for one in passes:
        made, fault = steps[-1], None
        try:
            made = _applied(made, one)
            fault = proof.fault(made)
        except Exception as error:
            fault = str(error) or type(error).__name__
        if fault is not None and one.__name__ in REQUIRED:
            raise ProgramError(f"pass {one.__name__}: {fault}")
        if fault is not None:
            warnings.warn(f"{program.name}: the pass {one.__name__} is left out: {fault}", PassRefused, stacklevel=4)
        steps.append(steps[-1] if fault is not None else made)
    return steps


def _buffers(program: Program) -> int:
    return len({program.storage.get(kernel.target.name, kernel.target.name) for kernel in program.kernels})
