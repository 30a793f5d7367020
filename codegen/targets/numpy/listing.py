"""The lines of a module: every kernel printed, every array allocated, every name chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from codegen.compiler.build import ObjectiveLike
from codegen.compiler.cost import operations, workspace
from codegen.compiler.kernels import Kernel, Loop, Made, Rows, Stack, View, is_mask
from codegen.compiler.passes.storage import owns_memory
from codegen.compiler.program import Program
from codegen.runtime.bundle import names as runtime_names
from codegen.targets.citing import cited
from codegen.targets.numpy import steps
from codegen.targets.numpy.equations import equations_of
from codegen.targets.numpy.parts import Allocation, DataText, Listing, Section
from codegen.targets.numpy.printer import OWN_FUNCTIONS, DerivedView, Printer, shape_text, size_text
from codegen.targets.numpy.shape_rows import shape_rows
from codegen.targets.numpy.witness import value_shows_target, witnesses
from codegen.targets.numpy.workspace import declared
from codegen.targets.reserved import refuse_sizes, reserved
from symbolic.language.affine import Size
from symbolic.language.definition import Fact
from symbolic.language.expr import Entry, Extent, Fold, Hyper, Sum, Tensor
from symbolic.language.terms import tensors, walk
from symbolic.network.differences import of_the_difference
from symbolic.network.folding import in_groups, layer_by_layer
from symbolic.network.output_bounds import bounds_on_target

#: How far to the right the lines of the functions stand, which lie in a function that shares its workspace with them.
INDENT = 8


@dataclass
class Lister:
    program: Program
    objective: ObjectiveLike
    sizes: tuple[str, ...]
    hypers: tuple[Hyper, ...]
    names: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        sizes = (*self.sizes, *dict(self.program.depths))
        refuse_sizes(sizes)
        self.taken = reserved(sizes)
        self.choose_names()
        self.printer = Printer(self.program, self.names, self.taken)

    @cached_property
    def parameters(self) -> tuple[Any, ...]:
        """The parameters as the flat vector has them."""
        return layer_by_layer(self.objective.parameters)

    # -- names --------------------------------------------------------------------------------------

    def python_name(self, name: str) -> str:
        """The name itself where Python and the template leave it free, else with an underscore behind it."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    @staticmethod
    def beside_the_runtime(name: str) -> str:
        """A name of the whole module, where the runtime's names are too."""
        return f"{name}_" if name in runtime_names() else name

    def choose_names(self) -> None:
        program = self.program
        for tensor in (*program.given, *(p.tensor for p in self.parameters)):
            if tensor.name not in self.names:
                self.names[tensor.name] = self.python_name(tensor.name)
        for definition in program.equations:
            if definition.target.name in program.by_name:
                self.names[definition.target.name] = self.python_name(definition.target.name)
        for hyper in self.hypers:
            self.names[f"hyper {hyper.name}"] = self.python_name(self.beside_the_runtime(hyper.name))
        for position, kernel in enumerate(program.kernels):
            name = kernel.target.name
            if program.storage.get(name) in program.written:  # it lies in what the caller gave
                self.names[name] = self.names[program.storage[name]]
            if name in self.names:
                continue
            shared = self.neighbour(position) if owns_memory(program, kernel) else None
            self.names[name] = self.names[shared] if shared else self.python_name(name)
        for number, loop in enumerate(self.loops, start=1):
            self.names[f"steps {loop.target.name}"] = self.python_name(f"steps_{number}")
            for carried in loop.carried:
                self.names[f"rows {carried.whole.name}"] = self.python_name(f"{carried.whole.name}_rows")
                if carried.whole.name not in self.names:  # read at other steps alone
                    self.names[carried.whole.name] = self.python_name(carried.whole.name)
            for tensor in (*steps.step_tensors(loop), *(kernel.target for kernel in steps.temporaries(loop))):
                self.names[tensor.name] = self.python_name(tensor.name)
            self.names |= {name: self.names[owner] for name, owner in loop.shared}

    @property
    def loops(self) -> list[Loop]:
        return [kernel for kernel in self.program.kernels if isinstance(kernel, Loop)]

    @property
    def handed(self) -> frozenset[str]:
        """What the caller gives: a loop takes its rows anew at each call."""
        return frozenset(tensor.name for tensor in self.program.given)

    def neighbour(self, position: int) -> str | None:
        """A named array in the same memory and for the same equation: what this intermediate result becomes."""
        program = self.program
        own = program.kernels[position]
        mates = self.tenants[program.storage.get(own.target.name, own.target.name)]
        here = mates.index(own)
        for mate in (*mates[here + 1 :], *reversed(mates[:here])):
            if mate.target.name in self.names and set(mate.equations) & set(own.equations):
                return mate.target.name
        return None

    @cached_property
    def tenants(self) -> dict[str, list[Kernel]]:
        """The kernels whose arrays lie in one memory, in order."""
        found: dict[str, list[Kernel]] = {}
        for kernel in self.program.kernels:
            found.setdefault(self.program.storage.get(kernel.target.name, kernel.target.name), []).append(kernel)
        return found

    # -- lines --------------------------------------------------------------------------------------

    def body(self, kernels: Iterable[Kernel]) -> list[str]:
        """The statements of one function, each with the numbers of the equations that it computes."""
        lines: list[str] = []
        for kernel in kernels:
            if isinstance(kernel, Loop):
                lines += steps.lines(kernel, self.printer, self.handed, INDENT)
                continue
            for statement in self.printer.statements(kernel):
                lines += cited(statement, kernel.equations, INDENT)
        return lines

    # -- allocation ---------------------------------------------------------------------------------

    def allocate(self) -> list[Allocation]:
        program, seen = self.program, set()
        stacks = [kernel for kernel in program.kernels if isinstance(kernel, Stack)]
        found = [self.stack(kernel) for kernel in reversed(stacks) if not kernel.of(program.given)]
        for kernel in program.kernels:
            name = kernel.target.name
            text = self.names[name]
            if isinstance(kernel, Stack | Made):
                continue
            if isinstance(kernel, Loop):
                made = [other for other in program.kernels if isinstance(other, Made)]
                found += steps.memory(kernel, self.printer)
                found += steps.aliases(kernel, made, self.names)
                windows = (inner for inner in kernel.body if isinstance(inner, View) and inner.padded)
                found += [self.padded(inner) for inner in windows]
                continue
            if isinstance(kernel, View) or not owns_memory(program, kernel) or name in program.written:
                if isinstance(kernel, View) and kernel.padded:
                    found.append(self.padded(kernel))
                continue
            owner = program.storage.get(name, name)
            if owner in program.written or text in seen:
                continue
            seen.add(text)
            if text != self.names[owner] and self.names[owner] in seen:
                found.append(Allocation(text, self.names[owner], note="the same memory"))
                continue
            if text != self.names[owner]:
                seen.add(self.names[owner])
                found.append(self.empty(kernel, owner))
                found.append(Allocation(text, self.names[owner], note="the same memory"))
                continue
            then = self.printer.statements(kernel) if name in program.constants and not kernel.reads else ()
            found.append(self.empty(kernel, owner, tuple(then)))
        return found

    def fills(self) -> tuple[str, ...]:
        """Constants that are made from other ones, in order: done once, when all arrays and their views are there."""
        made = (kernel for kernel in self.program.sections[0] if kernel.reads)
        return tuple(line for kernel in made for line in self.printer.statements(kernel))

    def empty(self, kernel: Kernel, owner: str, then: tuple[str, ...] = ()) -> Allocation:
        """New memory, or the rows of a stack."""
        dtype = "bool" if is_mask(kernel) else "dtype"
        text = self.rows.get(owner) or f"empty({shape_text(kernel.target.axes)}, {dtype})"
        return Allocation(self.names[owner], text, then=then)

    @cached_property
    def rows(self) -> dict[str, str]:
        """Where in a stack a memory lies, by the name of the array that owns it."""
        return {
            self.program.storage.get(part.tensor.name, part.tensor.name): self.run(stack.target.name, start, stop)
            for stack in self.program.kernels
            if isinstance(stack, Stack)
            for part, start, stop in stack.places
            if isinstance(part, Entry)
        }

    def run(self, name: str, start: Size, stop: Size | None) -> str:
        """Rows of an array."""
        return f"{self.names[name]}[{size_text(start)}{'' if stop is None else ':' + size_text(stop)}]"

    def stack(self, kernel: Stack) -> Allocation:
        """The memory of a stack, its rows of one number filled."""
        name = self.names[kernel.target.name]
        text = self.rows.get(kernel.target.name) or f"empty({shape_text(kernel.target.axes)}, dtype)"
        rows = [(part, start) for part, start, _ in kernel.places if not isinstance(part, Entry)]
        then = tuple(f"{name}[{size_text(start)}].fill({self.printer.scalar(part)})" for part, start in rows)
        return Allocation(name, text, then=then)

    def padded(self, kernel: View) -> Allocation:
        name = self.names[kernel.target.name]
        lows, highs, starts = [], [], []
        for sub in kernel.source.subscripts:
            low, high = [size_text(sub.offset)], [size_text(sub.offset)]
            for index, c in sub.terms:
                (low if c < 0 else high).append(f"{c}*({size_text(index.extent)} - 1)")
            lows.append(" + ".join(low))
            highs.append(" + ".join(high))
            starts.append(f"{size_text(sub.offset)} - ({lows[-1]})")
        ranges = ", ".join(f"({low}, {high})" for low, high in zip(lows, highs, strict=True))
        shape = shape_text(kernel.source.tensor.axes)
        steps = self.steps(kernel)
        return Allocation(
            f"{name}_padded, {name}_inside, {name}_seen",
            f"padded({shape}, ({ranges},), dtype)",
            then=(
                f"{name} = window({name}_padded, ({', '.join(starts)},), {steps}, {shape_text(kernel.target.axes)})",
            ),
        )

    def steps(self, kernel: View) -> str:
        """For each index of the view, how far it moves along each axis of the source."""
        rows = [
            "(" + ", ".join(str(sub.coefficient(index)) for sub in kernel.source.subscripts) + ",)"
            for index in kernel.indices
        ]
        return f"({', '.join(rows)},)" if rows else "()"

    def add_window_views(self) -> None:
        """Rows, and views of unpadded sources, get their name and text like any view of an operand."""
        for kernel in (*self.program.kernels, *(inner for loop in self.loops for inner in loop.body)):
            if isinstance(kernel, Rows) and kernel.source.tensor.name not in self.program.written:
                text = self.run(kernel.source.tensor.name, kernel.start, kernel.stop)
                base = self.names[kernel.source.tensor.name]
                self.printer.views[text] = DerivedView(self.names[kernel.target.name], base, text)
            if isinstance(kernel, View) and not kernel.padded:
                base = self.names[kernel.source.tensor.name]
                starts = ", ".join(size_text(sub.offset) for sub in kernel.source.subscripts)
                text = f"window({base}, ({starts},), {self.steps(kernel)}, {shape_text(kernel.target.axes)})"
                name = self.names[kernel.target.name]
                self.printer.views[text] = DerivedView(name, base, text)

    # -- everything ---------------------------------------------------------------------------------

    def numbers(self) -> str:
        """The numbers with a name, as a dict in Python's words; nothing where there are none."""
        text = ", ".join(f'"{self.names[f"hyper {h.name}"]}": {float(h.value)}' for h in self.hypers)
        return f"{{{text}}}" if text else ""

    def meaning(self, hyper: Hyper) -> str:
        """What a number with a name is, as the comment behind it says."""
        among = {d.kind for d in self.program.equations if any(node == hyper for node in walk(d.formula))}
        return f"the {hyper.name} of the {'regulariser' if 'regularizer' in among else 'spec'}"

    def listing(self, whole: bool = False) -> Listing:
        """Everything; ``whole`` gives the functions every parameter and derivative as it is, read here or not."""
        program, printer = self.program, self.printer
        self.add_window_views()
        _, predict, value, gradient = program.sections
        bodies = [self.body(part) for part in (predict, value, gradient)]
        work, fills = self.allocate(), self.fills()
        allocations = [*(Allocation(name, f"array({text}, dtype)") for text, name in printer.numbers.items()), *work]
        parameters = {self.names[t.name]: self.flat((t,)) for t in program.parameters} | self.joined()
        slopes = {self.names[name]: self.flat(written) for name, written in program.written.items()}
        data = [self.names[t.name] for t in (*program.inputs, program.target)]
        inner = [kernel for loop in self.loops for kernel in steps.temporaries(loop)]
        arrays = {self.names[k.target.name] for k in (*program.kernels, *inner)} - set(slopes)
        roots = self.roots()
        weight_views = [v for v in printer.views.values() if roots[v.name] in parameters]
        slope_views = [v for v in printer.views.values() if roots[v.name] in slopes]
        data_views = [v for v in printer.views.values() if roots[v.name] in data]
        work_views = [v for v in printer.views.values() if roots[v.name] in arrays]
        allocations += [Allocation(v.name, v.text) for v in work_views]
        rows = (steps.views_of_steps(loop, self.handed, self.names) for loop in self.loops)
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
            hypers=tuple((self.names[f"hyper {h.name}"], str(float(h.value)), self.meaning(h)) for h in self.hypers),
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
            laid_out=self.laid_out(program.parameters),
            laid_slopes=tuple(slopes)
            if self.laid_out([t for written in program.written.values() for t in written])
            else (),
            weights=weights,
            slopes=gradients,
            read=tuple(read),
            written=tuple(written),
            biases=tuple(f'"{p.tensor.name}"' for p in self.parameters if p.bias),
            divides_by_sample=any(
                isinstance(node, Extent) and program.SAMPLE in node.size.keys
                for definition in program.equations
                for node in walk(definition.formula)
            ),
            predict=sections[0],
            value=sections[1],
            gradient=sections[2],
            outputs=tuple((name, self.output(name)) for name in program.outputs),
            result=self.names[program.value],
            equations=equations_of(program),
            fact=self.fact,
            target_domain=() if self.fact else next(map(self.domain, self.facts_of(program.target)), ()),
            untargeted=not any(program.target in tensors(definition.formula) for definition in program.equations),
            own_loss=self.own_loss,
            of_difference=self.of_difference,
            reach=self.reach,
            domains=tuple(self.domain(f) for f in self.facts if f.tensor in program.inputs),
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

    def facts_of(self, tensor: Tensor) -> Iterator[Fact]:
        return (fact for fact in self.facts if fact.tensor == tensor)

    @property
    def own_loss(self) -> bool:
        """Whether the loss is a formula over the whole network, so that no output is compared with the target."""
        network = getattr(self.objective, "network", None)
        return network is not None and bool(network.loss.own)

    @property
    def of_difference(self) -> bool:
        """Whether the loss depends on y - p alone."""
        network = getattr(self.objective, "network", None)
        return network is not None and of_the_difference(network.loss)

    @property
    def reach(self) -> str:
        """The bounds of the output that a target may be beyond, as Python; empty where there are none."""
        network = getattr(self.objective, "network", None)
        bounds = None if network is None else bounds_on_target(network)
        return "" if bounds is None else f'("{bounds[0]}", {bounds[1]}, {bounds[2]})'

    @property
    def fact(self) -> str:
        """What a loss of y and p takes for granted of its target: the kind of classes."""
        kinds = (f.kind for f in self.facts if f.tensor == self.program.target)
        return "" if self.own_loss else next(kinds, "")

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(getattr(self.objective, "facts", ()))

    def domain(self, fact: Fact) -> tuple[str, str, str]:
        """What an input may hold: its name, the kind of values, and for whole numbers what they are below."""
        below = "0" if fact.below is None else size_text(fact.below)
        return fact.tensor.name, fact.kind, below

    def flat(self, tensors: tuple[Tensor, ...]) -> str:
        """The part of the flat vector where parameters lie, or their derivatives."""
        first, last = tensors[0], tensors[-1]
        if (stack := self.program.layers.get(first)) is not None:
            ends = f'("{stack.among[0].name}", "{stack.among[-1].name}")'
            return f'of_layers(flat, layout, {ends}, "{stack.layers[0].name}", {shape_text(first.axes)})'
        if first == last:
            return f'flat[layout["{first.name}"][0]].reshape({shape_text(first.axes)})'
        return f'flat[layout["{first.name}"][0].start : layout["{last.name}"][0].stop]'

    def laid_out(self, tensors: Iterable[Tensor]) -> tuple[str, ...]:
        """The names of the parameters, where all lie in the flat vector in this order and these shapes; else none."""
        found = self.objective.parameters
        lying = all(not self.program.layers and one.shape == one.tensor.axes for one in found)
        same = lying and [one.tensor for one in found] == list(tensors)
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


def couples_samples(program: Program) -> bool:
    """Whether the loss of one sample depends on other ones, so that Q of a sample is no sum over its parts."""
    n = program.sample.extent
    equations = [d for d in program.equations if d.kind in ("node", "activation", "preactivation", "loss")]
    return any(
        isinstance(node, Sum | Fold) and node.index.extent == n
        for definition in equations
        for node in walk(definition.formula)
    )
