"""Memory: arrays that are not needed at the same time share one buffer; operations end in place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegen.program import Kernel, Map, Program, View, is_mask, labels_of
from symbolic.affine import Size
from symbolic.expr import Entry, Where


@dataclass
class _Memory:
    """One buffer: who lives in it now, and until which kernel."""

    shape: tuple[Size, ...]
    mask: bool
    section: int
    members: list[str]
    until: int


def share_memory(program: Program) -> Program:
    """Assign buffers in order (linear scan): in place where an operand dies, else any dead buffer of the shape."""
    place = {kernel.target.name: k for k, kernel in enumerate(program.kernels)}
    section = {k.target.name: n for n, part in enumerate(program.sections) for k in part}
    until = last_use(program)
    buffers: list[_Memory] = []
    home: dict[str, _Memory] = {}
    for position, kernel in enumerate(program.kernels):
        name = kernel.target.name
        if not owns_memory(program, kernel):
            continue
        gradient = name in program.gradients
        fixed = name in program.constants or (isinstance(kernel, View) and kernel.padded)
        here = section[name]

        def usable(memory: _Memory, mask: bool, now: int, final: bool = gradient, part: int = here) -> bool:
            """A gradient may only take over memory that the gradient section began."""
            holds_gradient = any(member in program.gradients for member in memory.members)
            return memory.mask == mask and not holds_gradient and (not final or memory.section == now == part)

        found = None
        if not fixed:
            found = next(
                (
                    home[entry.tensor.name]
                    for entry in in_place_operands(kernel)
                    if entry.tensor.name in home
                    and home[entry.tensor.name].until == position
                    and until[entry.tensor.name] == position
                    and home[entry.tensor.name].shape == kernel.target.axes
                    and usable(home[entry.tensor.name], is_mask(kernel), home[entry.tensor.name].section)
                ),
                None,
            ) or next(
                (
                    memory
                    for memory in buffers
                    if memory.until < position
                    and memory.shape == kernel.target.axes
                    and usable(memory, is_mask(kernel), memory.section)
                    and not gradient
                ),
                None,
            )
        if found is None:
            found = _Memory(kernel.target.axes, is_mask(kernel), here, [], -1)
            if not fixed:
                buffers.append(found)
        found.members.append(name)
        found.until = len(place) if fixed or gradient else until[name]
        home[name] = found
    storage: dict[str, str] = {}
    named = {definition.target.name for definition in program.equations}
    for memory in {id(m): m for m in home.values()}.values():
        owner = next((m for m in memory.members if m in program.gradients), None) or next(
            (m for m in memory.members if m in named), memory.members[0]
        )
        storage |= {member: owner for member in memory.members if member != owner}
    return replace(program, storage=storage)


def owns_memory(program: Program, kernel: Kernel) -> bool:
    """Scalars are plain numbers, views look at other arrays; everything else has memory of its own."""
    if isinstance(kernel, View):
        return kernel.padded
    return bool(kernel.indices) or kernel.target.name in program.gradients


def last_use(program: Program) -> dict[str, int]:
    """The position of the last kernel that reads an array, directly or through a view.

    The prediction is read when the section that makes it ends: ``predict`` returns it.
    """
    until = {kernel.target.name: k for k, kernel in enumerate(program.kernels)}
    end = sum(len(part) for part in program.sections[:2]) - 1
    until[program.output] = max(until[program.output], end)
    for k, kernel in enumerate(program.kernels):
        for tensor in kernel.reads:
            if tensor.name in until:
                until[tensor.name] = max(until[tensor.name], k)
    for kernel in reversed(program.kernels):
        if isinstance(kernel, View) and not kernel.padded and kernel.source.tensor.name in until:
            source = kernel.source.tensor.name
            until[source] = max(until[source], until[kernel.target.name])
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
