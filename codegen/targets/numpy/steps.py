"""Loops as NumPy text: the memory that steps write, their views made once, and the lines of one step.

h_rows = zeros((T + 1, N, J), dtype)              one row more: what the first step reads
h = h_rows[1:T + 1]
before_h = h_rows[0:T]
steps_1 = tuple(zip(a_part, before_h, h))
for a_part_t, before_h_t, h_t in steps_1:
    …
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from codegen.compiler.kernels import Carried, Kernel, Loop, Made, View, is_mask, labels_of
from codegen.filling import filled
from codegen.targets.citing import cited
from codegen.targets.numpy.parts import Allocation
from codegen.targets.numpy.printer import DerivedView, Printer, shape_text, size_text
from codegen.targets.rendering import WIDTH
from symbolic.language.expr import ZERO, Entry, Tensor


def step_tensors(loop: Loop) -> tuple[Tensor, ...]:
    """What a step calls a row: of an array that it reads, or of one that it writes."""
    return tuple(dict.fromkeys((*(part.target for part in loop.slices), *(one.step for one in loop.carried))))


def temporaries(loop: Loop) -> Iterator[Kernel]:
    """The kernels of a step whose arrays no other step needs."""
    elsewhere = {one.step.name for one in loop.carried} | {name for name, _ in loop.shared}
    return (kernel for kernel in loop.body if kernel.target.name not in elsewhere)


def rows_name(carried: Carried, names: Mapping[str, str]) -> str:
    """The memory of an array and of what lies beside it."""
    return names[f"rows {carried.whole.name}" if carried.pad else carried.whole.name]


def memory(loop: Loop, printer: Printer) -> Iterator[Allocation]:
    """The arrays that steps write, and those that they need for a moment."""
    names = printer.names
    length = loop.index.extent
    for carried in loop.carried:
        name, shape = names[carried.whole.name], (length, *carried.step.axes)
        if not carried.pad:
            yield Allocation(name, f"empty({shape_text(shape)}, dtype)")
            continue
        rows = rows_name(carried, names)
        shape = (length + carried.pad, *carried.step.axes)
        then: tuple[str, ...] = ()
        if not isinstance(carried.start, Entry) and carried.start != ZERO:
            then = (f"{rows}[{_beside(loop, carried)}].fill({printer.scalar(carried.start)})",)
        yield Allocation(rows, f"{printer.call('zeros')}({shape_text(shape)}, dtype)", then=then)
    for kernel in temporaries(loop):
        if kernel.indices and not isinstance(kernel, View):
            dtype = "bool" if is_mask(kernel) else "dtype"
            yield Allocation(names[kernel.target.name], f"empty({shape_text(kernel.target.axes)}, {dtype})")


def aliases(loop: Loop, made: Iterable[Made], names: dict[str, str]) -> Iterator[Allocation]:
    """The same memory some steps away, for those outside who read it."""
    for kernel in made:
        if kernel.source.tensor == loop.target and kernel.carried.pad:
            yield Allocation(names[kernel.target.name], _shifted(loop, kernel.carried, kernel.shift, names))


def views_of_steps(loop: Loop, program_given: frozenset[str], names: dict[str, str]) -> Allocation | None:
    """All that steps read and write, row by row, made once; what the caller gives is not among it."""
    texts = [text for _, text, kept in _rows(loop, program_given, names) if kept]
    if not texts:
        return None
    inside = "".join(f"    {row}\n" for row in filled(texts, WIDTH - 8))
    return Allocation(steps_name(loop, names), f"tuple(zip(\n{inside}))")


def steps_name(loop: Loop, names: dict[str, str]) -> str:
    return names[f"steps {loop.target.name}"]


def lines(loop: Loop, printer: Printer, program_given: frozenset[str], indent: int) -> list[str]:
    """The loop: its starts, its head, and each statement of a step with the equations that it computes."""
    names = printer.names
    own = {names[tensor.name] for tensor in step_tensors(loop)}
    body = [
        line
        for kernel in loop.body
        for statement in printer.statements(kernel)
        for line in cited(statement, kernel.equations, indent + 4)
    ]
    inner = _views_of_rows(printer, own)
    for view in inner:
        del printer.views[view.text]
    head = [f"{view.name} = {view.text}" for view in inner]
    return [
        *_starts(loop, printer),
        *_head(loop, program_given, names),
        *(f"    {line}" for line in (*head, *body)),
    ]


def _views_of_rows(printer: Printer, own: set[str]) -> list[DerivedView]:
    """The views that look at a row in the end: they are made anew in each step."""
    found: list[DerivedView] = []
    known = set(own)
    for view in printer.views.values():
        if view.base in known:
            found.append(view)
            known.add(view.name)
    return found


def _starts(loop: Loop, printer: Printer) -> Iterator[str]:
    """What the first step reads, where the caller says it."""
    for carried in loop.carried:
        if carried.pad and isinstance(carried.start, Entry):
            labels = set(labels_of(carried.start))
            start = printer.view(carried.start, tuple((i,) if i in labels else () for i in carried.indices))
            rows = f"{rows_name(carried, printer.names)}[{_beside(loop, carried)}]"
            yield f"{printer.call('copyto')}({rows}, {start})"


def _head(loop: Loop, given: frozenset[str], names: dict[str, str]) -> list[str]:
    """``for z_t, w_t in …:``, over the rows that were made once, beside those of what the caller gives."""
    rows = list(_rows(loop, given, names))
    kept, handed = [name for name, _, one in rows if one], [(name, text) for name, text, one in rows if not one]
    steps = steps_name(loop, names)
    if not handed:
        return _over(kept, steps)
    inside = f"({', '.join(kept)}{',' if len(kept) == 1 else ''})"
    targets = [*([inside] if kept else []), *(name for name, _ in handed)]
    texts = [*([steps] if kept else []), *(text for _, text in handed)]
    return _over(targets, f"zip({', '.join(texts)})")


def _over(targets: Sequence[str], values: str) -> list[str]:
    """The head of the loop, on several lines where it is long."""
    whole = f"for {', '.join(targets)}{',' if len(targets) == 1 else ''} in {values}:"
    if len(whole) <= WIDTH - 8:
        return [whole]
    return ["for (", *(f"    {line}" for line in filled(targets, WIDTH - 12)), f") in {values}:"]


def _rows(loop: Loop, given: frozenset[str], names: dict[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Of each row: its name, the array it is a row of, and whether that is memory of the module's own."""
    own = {carried.whole: carried for carried in loop.carried}
    turn = "[::-1]" if loop.backwards else ""
    seen: set[Tensor] = set()
    for part in loop.slices:
        seen.add(part.target)
        whole = own.get(part.whole)
        text = names[part.whole.name] if whole is None else _shifted(loop, whole, part.shift, names)
        spread = "" if part.target.axes else "[:, None]"
        yield names[part.target.name], f"{text}{spread}{turn}", part.whole.name not in given
    for carried in loop.carried:
        if carried.step not in seen:
            yield (
                names[carried.step.name],
                f"{_shifted(loop, carried, 0, names) if carried.pad else names[carried.whole.name]}{turn}",
                True,
            )


def _shifted(loop: Loop, carried: Carried, shift: int, names: dict[str, str]) -> str:
    """The rows of all steps, some steps away."""
    if not carried.pad:
        return names[carried.whole.name]
    first = loop.offset(carried) + shift
    stop = size_text(loop.index.extent + first)
    return f"{rows_name(carried, names)}[{first}:{stop}]"


def _beside(loop: Loop, carried: Carried) -> str:
    """The rows that no step writes."""
    if loop.backwards:
        return f"{size_text(loop.index.extent)}:"
    return f":{carried.pad}"
