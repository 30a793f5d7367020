"""The lines of a module: every kernel printed, in the function that needs it, with what it reads and writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from codegen.compiler.build import ObjectiveLike
from codegen.compiler.cost import operations, workspace
from codegen.compiler.kernels import Kernel, Loop, Stack, View
from codegen.compiler.passes.storage import owns_memory
from codegen.compiler.program import Program
from codegen.targets.citing import cited
from codegen.targets.numpy import steps
from codegen.targets.numpy.allocating import Allocator
from codegen.targets.numpy.equations import equations_of
from codegen.targets.numpy.naming import chosen_names, loops
from codegen.targets.numpy.parts import Allocation, DataText, Listing, Section
from codegen.targets.numpy.printer import OWN_FUNCTIONS, DerivedView, Printer, shape_text
from codegen.targets.numpy.shape_rows import shape_rows
from codegen.targets.numpy.told import (
    couples_samples,
    divides_by_sample,
    domain,
    facts_of,
    has_own_loss,
    is_of_difference,
    kind_of_target,
    meaning,
    reach,
)
from codegen.targets.numpy.witness import value_shows_target, witnesses
from codegen.targets.numpy.workspace import declared
from codegen.targets.reserved import refuse_sizes, reserved
from symbolic.language.expr import Hyper, Tensor
from symbolic.language.terms import tensors
from symbolic.network.folding import in_groups, layer_by_layer

#: How far to the right the lines of the functions stand, which lie in a function that shares its workspace with them.
INDENT = 8


def statements(kernels: Iterable[Kernel], printer: Printer, handed: frozenset[str]) -> list[str]:
    """The statements of one function, each with the numbers of the equations that it computes."""
    lines: list[str] = []
    for kernel in kernels:
        if isinstance(kernel, Loop):
            lines += steps.lines(kernel, printer, handed, INDENT)
            continue
        for statement in printer.statements(kernel):
            lines += cited(statement, kernel.equations, INDENT)
    return lines


@dataclass
class Lister:
    program: Program
    objective: ObjectiveLike
    sizes: tuple[str, ...]
    hypers: tuple[Hyper, ...]

    def __post_init__(self) -> None:
        sizes = (*self.sizes, *dict(self.program.depths))
        refuse_sizes(sizes)
        taken = reserved(sizes)
        self.names = chosen_names(self.program, (p.tensor for p in self.parameters), self.hypers, taken)
        self.printer = Printer(self.program, self.names, taken)

    @cached_property
    def parameters(self) -> tuple[Any, ...]:
        """The parameters as the flat vector has them."""
        return layer_by_layer(self.objective.parameters)

    @property
    def handed(self) -> frozenset[str]:
        """What the caller gives: a loop takes its rows anew at each call."""
        return frozenset(tensor.name for tensor in self.program.given)

    def numbers(self) -> str:
        """The numbers with a name, as a dict in Python's words; nothing where there are none."""
        text = ", ".join(f'"{self.names[f"hyper {h.name}"]}": {float(h.value)}' for h in self.hypers)
        return f"{{{text}}}" if text else ""

    def listing(self, whole: bool = False) -> Listing:
        """Everything; ``whole`` gives the functions every parameter and derivative as it is, read here or not."""
        program, printer = self.program, self.printer
        facts, fact = facts_of(self.objective), kind_of_target(self.objective, self.program.target)
        allocator = Allocator(program, printer)
        allocator.add_window_views()
        _, predict, value, gradient = program.sections
        bodies = [statements(part, printer, self.handed) for part in (predict, value, gradient)]
        work, fills = allocator.allocate(), allocator.fills()
        allocations = [*(Allocation(name, f"array({text}, dtype)") for text, name in printer.numbers.items()), *work]
        parameters = {self.names[t.name]: self.flat((t,)) for t in program.parameters} | self.joined()
        slopes = {self.names[name]: self.flat(written) for name, written in program.written.items()}
        data = [self.names[t.name] for t in (*program.inputs, program.target)]
        inner = [kernel for loop in loops(program) for kernel in steps.temporaries(loop)]
        arrays = {self.names[k.target.name] for k in (*program.kernels, *inner)} - set(slopes)
        roots = self.roots()
        weight_views = [v for v in printer.views.values() if roots[v.name] in parameters]
        slope_views = [v for v in printer.views.values() if roots[v.name] in slopes]
        data_views = [v for v in printer.views.values() if roots[v.name] in data]
        work_views = [v for v in printer.views.values() if roots[v.name] in arrays]
        allocations += [Allocation(v.name, v.text) for v in work_views]
        rows = (steps.views_of_steps(loop, self.handed, self.names) for loop in loops(program))
        allocations += [one for one in rows if one is not None]
        used = {word for body in bodies for line in body for word in _words(line)}
        used |= {word for v in data_views for word in _words(v.text)}
        used |= {*parameters, *slopes} if whole else set()
        weights = needed([*parameters.items(), *((v.name, v.text) for v in weight_views)], used)
        gradients = needed([*slopes.items(), *((v.name, v.text) for v in slope_views)], used)
        read, written = ([name for name, _ in pairs if name in used] for pairs in (weights, gradients))
        scalars = self.shared_scalars((predict, value, gradient))
        sections = [
            self.section(body, data_views, read, written, own) for body, own in zip(bodies, scalars, strict=True)
        ]
        for name in sorted({name for own in scalars for name in own}):
            allocations.append(Allocation(name, "0.0"))
        return Listing(
            sizes=self.sizes,
            hypers=tuple(
                (self.names[f"hyper {h.name}"], str(float(h.value)), meaning(h, program)) for h in self.hypers
            ),
            depths=tuple((name, str(number)) for name, number in program.depths),
            numbers=self.numbers(),
            regularised=any(definition.kind == "regularizer" for definition in program.equations),
            imports=tuple(sorted((printer.used | {"empty"}) - OWN_FUNCTIONS)),
            inputs=tuple(self.data(t) for t in program.inputs),
            constants=tuple(f'"{t.name}"' for t in program.inputs if t.role == "constant"),
            targets=tuple(f'"{t.name}"' for t in (program.target, *program.inputs) if t.role == "target"),
            coupled=couples_samples(program),
            target=self.data(program.target),
            shapes=tuple(row for group in in_groups(self.objective.parameters) for row in shape_rows(group)),
            memory=(*declared(allocations), *fills),
            laid_out=self.laid_out((one,) for one in program.parameters),
            laid_slopes=tuple(slopes) if self.laid_out(program.written.values()) else (),
            weights=weights,
            slopes=gradients,
            read=tuple(read),
            written=tuple(written),
            biases=tuple(f'"{p.tensor.name}"' for p in self.parameters if p.bias),
            divides_by_sample=divides_by_sample(program),
            predict=sections[0],
            value=sections[1],
            gradient=sections[2],
            outputs=tuple((name, self.output(name)) for name in program.outputs),
            result=self.names[program.value],
            equations=equations_of(program),
            fact=fact,
            target_domain=() if fact else next((domain(f) for f in facts if f.tensor == program.target), ()),
            untargeted=not any(program.target in tensors(definition.formula) for definition in program.equations),
            own_loss=has_own_loss(self.objective),
            of_difference=is_of_difference(self.objective),
            reach=reach(self.objective),
            domains=tuple(domain(f) for f in facts if f.tensor in program.inputs),
            operations=operations(program),
            workspace=workspace(program),
            names=self.names,
            hypers_used=self.hypers,
            own_functions=frozenset(printer.used & OWN_FUNCTIONS),
            window=any(isinstance(kernel, View) for kernel in (*program.kernels, *inner)),
            padded=any(isinstance(kernel, View) and kernel.padded for kernel in (*program.kernels, *inner)),
            exponential=bool(printer.used & {"exp", "power", "log", "divide", "reciprocal", "logaddexp"}),
            witnesses=witnesses(program),
            value_shows_target=value_shows_target(program),
        )

    def output(self, name: str) -> str:
        """What a prediction gives, a row for each sample."""
        indices = self.program.by_name[name].indices
        return f"{self.names[name]}.T" if len(indices) == 2 and indices[1] == self.program.sample else self.names[name]

    def flat(self, tensors: tuple[Tensor, ...]) -> str:
        """The part of the flat vector where parameters lie, or their derivatives."""
        first, last = tensors[0], tensors[-1]
        if (stack := self.program.layers.get(first)) is not None:
            ends = f'("{stack.among[0].name}", "{stack.among[-1].name}")'
            return f'of_layers(flat, layout, {ends}, "{stack.layers[0].name}", {shape_text(first.axes)})'
        if first == last:
            return f'flat[layout["{first.name}"][0]].reshape({shape_text(first.axes)})'
        return f'flat[layout["{first.name}"][0].start : layout["{last.name}"][0].stop]'

    def laid_out(self, parts: Iterable[tuple[Tensor, ...]]) -> tuple[str, ...]:
        """The names of the parameters, where each is a part of its own in this order and its own shape; else none."""
        found = self.objective.parameters
        lying = all(not self.program.layers and one.shape == one.tensor.axes for one in found)
        same = lying and [(one.tensor,) for one in found] == list(parts)
        return tuple(self.names[one.tensor.name] for one in found) if same else ()

    def joined(self) -> dict[str, str]:
        """Parameters side by side that some equation reads as one."""
        stacks = [k for k in self.program.kernels if isinstance(k, Stack) and k.of(self.program.parameters)]
        return {self.names[k.target.name]: self.flat(k.reads) for k in stacks}

    def roots(self) -> dict[str, str]:
        """The array that a view looks at in the end."""
        bases = {view.name: view.base for view in self.printer.views.values()}
        found = {}
        for name in bases:
            base = bases[name]
            while base in bases:
                base = bases[base]
            found[name] = base
        return found

    def shared_scalars(self, parts: Sequence[Sequence[Kernel]]) -> list[list[str]]:
        """Scalars that one function computes and a later one reads."""
        result = []
        for position, part in enumerate(parts):
            later = {t.name for other in parts[position + 1 :] for kernel in other for t in kernel.reads}
            found = self.program.lookups
            numbers = [k for k in part if k.target.name in found or not (k.indices or owns_memory(self.program, k))]
            scalars = [k.target.name for k in numbers if not isinstance(k, Loop)]
            result.append([self.names[name] for name in scalars if name in later])
        return result

    def section(
        self, body: list[str], data_views: list[DerivedView], weights: list[str], slopes: list[str], scalars: list[str]
    ) -> Section:
        used = {word for line in body for word in _words(line)}
        wanted: list[DerivedView] = []
        for view in reversed(data_views):
            if view.name in used:
                wanted.insert(0, view)
                used |= set(_words(view.text))
        lines = [f"{view.name} = {view.text}" for view in wanted] + body
        return Section(
            tuple(lines),
            tuple(scalars),
            tuple(weights) if used & set(weights) else (),
            tuple(slopes) if used & set(slopes) else (),
        )

    def data(self, tensor: Tensor) -> DataText:
        return DataText(self.names[tensor.name], tensor.name, shape_text(tensor.axes))


def needed(views: Sequence[tuple[str, str]], used: set[str]) -> tuple[tuple[str, str], ...]:
    """The views (name, text) that are used, and those that their texts are made of."""
    found: list[tuple[str, str]] = []
    wanted = set(used)
    for name, text in reversed(views):
        if name in wanted:
            found.insert(0, (name, text))
            wanted.update(_words(text))
    return tuple(found)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d]\w*", text)


def listing(
    program: Program, objective: ObjectiveLike, sizes: tuple[str, ...], hypers: tuple[Hyper, ...], whole: bool = False
) -> Listing:
    """All the text that the template arranges; ``whole`` as for :meth:`Lister.listing`."""
    return Lister(program, objective, sizes, hypers).listing(whole)
