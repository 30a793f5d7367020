"""One step of a loop, lowered as a program of its own; what it computes anew each time and need not leaves the loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codegen.compiler.kernels import Contraction, Formula, Kernel, Loop, Map, Reduction, View, is_mask
from codegen.compiler.lower import lower_for_rows
from codegen.compiler.passes.common import renamed, share
from codegen.compiler.passes.dead import drop_dead
from codegen.compiler.passes.inline import sum_directly
from codegen.compiler.passes.operations import single_operations
from codegen.compiler.passes.products import arrange, outer_products, sums_as_products
from codegen.compiler.passes.stable import stable_forms
from codegen.compiler.passes.storage import in_place_operands
from codegen.compiler.program import Program
from symbolic.language.affine import size
from symbolic.language.expr import Tensor
from symbolic.language.names import unused

#: What is done with a step for the buffers of NumPy, and for expressions that each make a new array.
BUFFERS: tuple[Callable[[Program], Program], ...] = (
    stable_forms, lower_for_rows, sums_as_products, arrange, share, single_operations, share, outer_products, drop_dead,
)  # fmt: skip
EXPRESSIONS: tuple[Callable[[Program], Program], ...] = (stable_forms, lower_for_rows, share, drop_dead)
#: And for loops over single numbers, which a compiler makes.
NUMBERS: tuple[Callable[[Program], Program], ...] = (
    stable_forms, sum_directly, lower_for_rows, arrange, share, drop_dead,
)  # fmt: skip


def steps_in_buffers(program: Program) -> Program:
    """The steps of loops as single operations on rows of the sample."""
    return _with_steps(program, BUFFERS)


def steps_as_expressions(program: Program) -> Program:
    """The steps of loops as expressions that each make a new array."""
    return _with_steps(program, EXPRESSIONS)


def steps_as_numbers(program: Program) -> Program:
    """The steps of loops as formulas of single numbers and products of matrices."""
    return _with_steps(program, NUMBERS)


def _with_steps(program: Program, passes: tuple[Callable[[Program], Program], ...]) -> Program:
    kernels: list[Kernel] = []
    taken = program.array_names() | {s.target.name for k in program.kernels if isinstance(k, Loop) for s in k.slices}
    for kernel in program.kernels:
        if isinstance(kernel, Loop) and any(isinstance(inner, Formula) for inner in kernel.body):
            outside, kernel = _lowered(kernel, program, taken, passes)
            kernels += outside
        kernels.append(kernel)
    return program.with_kernels(kernels)


def _lowered(
    loop: Loop, program: Program, taken: set[str], passes: tuple[Callable[[Program], Program], ...]
) -> tuple[list[Kernel], Loop]:
    """The kernels of a loop that are the same at each step, and the loop with the others."""
    steps = tuple(part.target for part in loop.slices)
    results = tuple(carried.step.name for carried in loop.carried)
    body = one_step(loop, program)
    for one in passes:
        body = one(body)
    named: dict[Tensor, Tensor] = {}
    for kernel in body.kernels:
        if kernel.target.name in taken and kernel.target.name not in results:
            named[kernel.target] = replace(kernel.target, name=unused(kernel.target.name, taken))
        taken.add(named.get(kernel.target, kernel.target).name)
    kernels = [
        replace(renamed(kernel, named), target=named.get(kernel.target, kernel.target)) for kernel in body.kernels
    ]
    moving = {*steps}
    inside: list[Kernel] = []
    outside: list[Kernel] = []
    for kernel in kernels:
        still = not moving & {*kernel.reads} and kernel.target.name not in results
        (outside if still else inside).append(kernel)
        if not still:
            moving.add(kernel.target)
    return outside, replace(loop, body=tuple(inside), shared=_shared(inside, frozenset(results)))


def one_step(loop: Loop, program: Program) -> Program:
    """One step as a program: what it sees of arrays is given, what other steps or others read are its results."""
    results = tuple(carried.step.name for carried in loop.carried)
    wholes = {part.whole for part in loop.slices}
    return Program(
        name=loop.target.name,
        kernels=loop.body,
        inputs=(*(part.target for part in loop.slices), *(t for t in loop.reads if t not in wholes)),
        target=Tensor("nothing", (size(1),), "target"),
        parameters=(),
        output=results[-1],
        value=results[-1],
        gradients=results,
        sample=program.sample,
        equations=program.equations,
        facts=program.facts,
    )


def _shared(body: list[Kernel], results: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Which arrays of a step are made in the memory of the array that their only last reader makes of them.

    So z = 1/(1 + exp(-a)) is one row of z, written four times; one array hands its memory to one other alone.
    """
    made = {kernel.target.name: kernel for kernel in body}
    last = {tensor.name: n for n, kernel in enumerate(body) for tensor in kernel.reads}
    looked_at = {tensor.name for kernel in body if isinstance(kernel, View) for tensor in kernel.reads}
    owner: dict[str, str] = {}
    for n, kernel in reversed([*enumerate(body)]):
        for entry in in_place_operands(kernel):
            name = entry.tensor.name
            other = made.get(name)
            if other is None or name in results | owner.keys() | looked_at or last[name] != n:
                continue
            same = entry.tensor.axes == kernel.target.axes and is_mask(other) == is_mask(kernel)
            if same and isinstance(other, Map | Contraction | Reduction):
                owner[name] = owner.get(kernel.target.name, kernel.target.name)
                break
    return tuple(owner.items())
