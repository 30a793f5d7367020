"""Slopes of several layers at once: σ′ = σ(1 - σ) of all small layers in one run over one memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from codegen.compiler.kernels import Contraction, Kernel, Map, Rows, Stack
from codegen.compiler.program import Program
from symbolic.language.affine import Size
from symbolic.language.expr import Compare, Entry, Expr, Mul, Symbol, Tensor, Where, mul
from symbolic.language.names import unused
from symbolic.language.terms import substitute, tensors, walk

#: With more rows than these together, each layer's slope is computed while the layer is in the cache.
MOST_ROWS = 64
#: The value that a slope is a formula of.
VALUE = Symbol("z")


@dataclass(frozen=True)
class _Use:
    """A product with the slope of one array: the kernel, the array's entry, the slope, and the other factors."""

    kernel: Map
    value: Entry
    slope: Expr
    rest: Expr


def slopes_together(program: Program) -> Program:
    """z(1 - z) of several small layers, each a factor of an adjoint, as one formula over all of them.

    On small layers a call costs more than its arithmetic, and this saves two of three for each layer but one.
    """
    groups: dict[Expr, dict[Tensor, list[_Use]]] = {}
    for use in _uses(program):
        groups.setdefault(substitute(use.slope, {use.value: VALUE}), {}).setdefault(use.value.tensor, []).append(use)
    taken: set[Tensor] = set()
    for slope, arrays in groups.items():
        free = {tensor: uses for tensor, uses in arrays.items() if tensor not in taken}
        for together in _runs(free):
            taken.update(together)
            program = _together(program, slope, {tensor: free[tensor] for tensor in together})
    return program


def _runs(arrays: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Neighbours, as many as may go together; one alone gains nothing."""
    run: list[Tensor] = []
    for tensor in arrays:
        if sum(map(_height, (*run, tensor))) > MOST_ROWS:
            if len(run) > 1:
                yield run
            run = []
        run.append(tensor)
    if len(run) > 1:
        yield run


def _uses(program: Program) -> Iterator[_Use]:
    for kernel in program.kernels:
        if not isinstance(kernel, Map) or not isinstance(kernel.expr, Mul) or kernel.indices[-1:] != (program.sample,):
            continue
        for tensor in kernel.reads:
            entry = tensor[kernel.indices]
            made = isinstance(program.by_name.get(tensor.name), (Map, Contraction))
            own = [factor for factor in kernel.expr.factors if tensors(factor) == (tensor,)]
            slope, rest = mul(*own), [factor for factor in kernel.expr.factors if factor not in own]
            alone = not tensors(substitute(slope, {entry: VALUE}))
            plain = own and not any(isinstance(node, (Compare, Where)) for node in walk(slope))
            if made and alone and rest and plain and _height(tensor) and not isinstance(slope, Entry):
                yield _Use(kernel, entry, slope, mul(*rest))
                break


def _height(tensor: Tensor) -> int:
    """The number of rows of an array [feature, sample] or [sample]; 0 when it is only a name."""
    return (tensor.axes[0].number or 0) if len(tensor.axes) > 1 else 1


def _together(program: Program, slope: Expr, arrays: dict[Tensor, list[_Use]]) -> Program:
    """The program with one slope for all of these arrays; unchanged when one is needed before all are there."""
    position = {kernel.target: k for k, kernel in enumerate(program.kernels)}
    order = sorted(arrays, key=position.__getitem__)
    first = min(position[use.kernel.target] for uses in arrays.values() for use in uses)
    if position[order[-1]] > first:
        return program
    taken = program.array_names()
    wholes = {tensor: program.stacked.get(tensor.name) or program.by_name[tensor.name] for tensor in order}
    parts = dict.fromkeys(whole.entry for whole in wholes.values())  # what a stack holds already goes in as a whole
    stack = Stack.named(unused(f"{order[0].name}_to_{order[-1].name}", taken), parts, program.sample)
    numbers = tuple(sorted({n for uses in arrays.values() for use in uses for n in use.kernel.equations}))
    target = replace(stack.target, name=unused(f"{stack.target.name}_prime", taken))
    prime = Map(target, stack.indices, substitute(slope, {VALUE: stack.entry}), equations=numbers)
    made: list[Kernel] = [stack, prime]
    changed: dict[Tensor, Map] = {}
    for tensor, whole in wholes.items():
        start = _row(stack, whole.target)
        start = start + _row(whole, tensor) if isinstance(whole, Stack) else start
        stop = start + tensor.axes[0] if len(tensor.axes) > 1 else None
        own = replace(tensor, name=unused(f"{tensor.name}_prime", taken))
        made.append(Rows(own, program.by_name[tensor.name].indices, prime.entry, start, stop))
        for use in arrays[tensor]:
            expr = mul(use.rest, Entry(own, use.value.subscripts))
            changed[use.kernel.target] = replace(use.kernel, expr=expr)
    kernels = [changed.get(kernel.target, kernel) for kernel in program.kernels]
    return program.with_kernels([*kernels[:first], *made, *kernels[first:]])


def _row(stack: Stack, tensor: Tensor) -> Size:
    """Where a part of a stack begins."""
    return next(start for part, start, _ in stack.places if tensors(part) == (tensor,))
