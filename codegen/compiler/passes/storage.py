"""Memory: arrays that are not needed at the same time share one buffer; operations end in place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from codegen.compiler.kernels import Kernel, Made, Map, Rows, Stack, View, is_mask, labels_of
from codegen.compiler.program import Program
from symbolic.language.affine import Size
from symbolic.language.expr import Entry, Where


@dataclass(eq=False)
class _Memory:
    """One buffer: who lives in it now, until which kernel, and whether it is a part of a stack."""

    shape: tuple[Size, ...]
    mask: bool
    section: int
    members: list[str]
    until: int
    stacked: bool = False


def share_memory(program: Program) -> Program:
    """Assign buffers in order (linear scan): in place where an operand dies, else any dead buffer of the shape."""
    section = {kernel.target.name: n for n, part in enumerate(program.sections) for kernel in part}
    until = last_use(program)
    free: dict[tuple[tuple[Size, ...], bool], list[_Memory]] = {}
    dying: dict[int, list[_Memory]] = {}
    home: dict[str, _Memory] = {}
    for position, kernel in enumerate(program.kernels):
        for memory in dict.fromkeys(dying.pop(position - 1, [])):  # its last reader has run; each is freed once
            if memory.until == position - 1:
                free.setdefault((memory.shape, memory.mask), []).append(memory)
        name, shape, mask = kernel.target.name, kernel.target.axes, is_mask(kernel)
        if not owns_memory(program, kernel):
            continue
        gradient, stacked = name in program.written, name in program.stacked
        fixed = name in program.constants or isinstance(kernel, (View, Stack, Made))  # a loop writes before its turn
        scattered = any(parameter in program.layers for parameter in program.written.get(name, ()))
        found: _Memory | None = None
        if not (fixed or scattered):  # what lies among other parameters is written at the end
            for entry in in_place_operands(kernel):
                held = home.get(entry.tensor.name)
                if (
                    held is not None
                    and held.until == until[entry.tensor.name] == position
                    and (held.shape, held.mask) == (shape, mask)
                    and not (stacked and held.stacked)  # a part of another stack
                    and (not gradient or held.section == section[name])  # what the caller gives is not there before
                ):
                    found = held
                    break
            ready = [memory for memory in free.get((shape, mask), []) if not (stacked and memory.stacked)]
            if found is None and ready and not gradient:
                found = ready[-1]
                free[shape, mask].remove(found)
        if found is None:
            found = _Memory(shape, mask, section[name], [], -1)
        found.members.append(name)
        found.stacked |= stacked
        found.until = len(program.kernels) if fixed or gradient else until[name]
        dying.setdefault(found.until, []).append(found)
        home[name] = found
    return replace(program, storage=_owners(program, home.values()))


def _owners(program: Program, memories: Iterable[_Memory]) -> dict[str, str]:
    """For each array that lives in another one's memory, whose it is: a gradient's, else the first named one's."""
    named = {definition.target.name for definition in program.equations}
    storage: dict[str, str] = {}
    for memory in {id(m): m for m in memories}.values():
        owner = next((m for m in memory.members if m in program.written), None) or next(
            (m for m in memory.members if m in named), memory.members[0]
        )
        storage |= {member: owner for member in memory.members if member != owner}
    return storage


def owns_memory(program: Program, kernel: Kernel) -> bool:
    """Scalars are plain numbers, views look at other arrays; everything else has memory of its own.

    A part of a stack has it too, as far as this says: where it lies is the stack's affair.
    """
    if kernel.target.name in program.lookups:
        return False
    match kernel:
        case View():
            return kernel.padded
        case Rows():
            return False
        case Stack():
            return not (kernel.target.name in program.stacked or kernel.of(program.parameters))
    return bool(kernel.indices) or kernel.target.name in program.written


def last_use(program: Program) -> dict[str, int]:
    """The position of the last kernel that reads an array, directly or through a view.

    The prediction is read when the section that makes it ends: ``predict`` returns it.
    """
    until = {kernel.target.name: k for k, kernel in enumerate(program.kernels)}
    end = sum(len(part) for part in program.sections[:2]) - 1
    for name in program.outputs:
        until[name] = max(until[name], end)
    for k, kernel in enumerate(program.kernels):
        for tensor in kernel.reads:
            if tensor.name in until:
                until[tensor.name] = max(until[tensor.name], k)
    for kernel in reversed(program.kernels):
        copied = isinstance(kernel, View) and kernel.padded
        looked_at = kernel.reads if isinstance(kernel, (View, Rows, Stack)) and not copied else ()
        for tensor in looked_at:
            if tensor.name in until:
                until[tensor.name] = max(until[tensor.name], until[kernel.target.name])
    return until


def in_place_operands(kernel: Kernel) -> list[Entry]:
    """Operands whose memory the result may take: read entry by entry, in the order in which it is written."""
    if not isinstance(kernel, Map) or not kernel.indices:
        return []
    if isinstance(kernel.expr, Where):
        candidates = [kernel.expr.otherwise]
    elif isinstance(kernel.expr, Entry):
        candidates = [kernel.expr]
    else:
        candidates = [c for child in kernel.expr.children for c in (child, *child.children)]
    entries = [c for c in candidates if isinstance(c, Entry)]
    return [entry for entry in entries if labels_of(entry) == kernel.indices]
