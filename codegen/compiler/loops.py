"""From definitions that need themselves to loops: one step as formulas, and around it what no step has to wait for.

    z[i,t,j] = tanh(Σ_k u[j,k] x[i,t,k] + Σ_k w[j,k] z⁻[i,t,k] + b[j])
        part[t,i,j] = Σ_k u[j,k] x[i,t,k] + b[j]                    for all t at once
        for t: z_t[i,j] = tanh(part_t[i,j] + Σ_k w[j,k] z⁻_t[i,k])

What depends on no step of the group is computed outside for all t together: products with inputs become one matrix
product, slopes one run over all steps.  The arrays that steps write have the index that runs first, then the sample,
so that a step is one block of memory and a Σ over steps and samples is one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from codegen.compiler.kernels import Carried, Formula, Kernel, Loop, Made, Slice
from codegen.compiler.shifts import all_indices, along, at_the_end, clashes, free_of, guarded
from symbolic.language.affine import Index, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import (
    ZERO,
    Add,
    Entry,
    Expr,
    Fold,
    InRange,
    Mul,
    Sum,
    Tensor,
    add,
    mul,
)
from symbolic.language.names import unused
from symbolic.language.recurrence import Recurrence, ordered
from symbolic.language.terms import entries, free_indices, fresh_index, reindex, tensors, transform

#: A definition, its formula written out, and its number among the equations.
Numbered = tuple[Definition, Expr, int]


def in_loops(
    equations: Sequence[Numbered], results: Iterable[str], given: Iterable[Tensor], sample: Index
) -> list[Kernel]:
    """The kernels of definitions some of which need themselves; ``results`` keep their names and their axes."""
    by_target = {definition.target: (definition, expr, number) for definition, expr, number in equations}
    groups = ordered(replace(definition, formula=expr) for definition, expr, _ in equations)
    building = _Building(by_target, frozenset(results), sample, {t.name for t in given} | {t.name for t in by_target})
    lengths = {group.index.extent for group in groups if isinstance(group, Recurrence)}
    looped = {t for group in groups if isinstance(group, Recurrence) for t in group.targets}
    for tensor in given:
        if tensor.role in ("input", "target") and len(tensor.axes) > 2 and tensor.axes[1] in lengths:
            building.copy(tensor)
    for definition, _, _ in equations:
        along = definition.indices[:1] == (sample,) and len(definition.indices) > 1
        if definition.target not in looped and along and definition.indices[1].extent in lengths:
            building.turn(definition.target)
    for group in groups:
        if isinstance(group, Recurrence):
            building.loop(group)
        else:
            _, expr, number = by_target[group.target]
            building.formula(group, expr, number)
    return building.kernels


@dataclass
class _Building:
    equations: Mapping[Tensor, Numbered]
    results: frozenset[str]
    sample: Index
    taken: set[str]
    kernels: list[Kernel] = field(default_factory=list)
    #: Arrays whose axes lie in another order, and which axis of the definition comes when.
    turned: dict[Tensor, tuple[Tensor, tuple[int, ...]]] = field(default_factory=dict)
    loops: int = 0

    # -- the order of axes --------------------------------------------------------------------------

    def turn(self, tensor: Tensor, place: int = 1) -> None:
        """Let the axis at this place come first; a result keeps its order."""
        if tensor.name not in self.results:
            self.turned[tensor] = self.with_first(tensor, place, tensor.name)

    def with_first(self, tensor: Tensor, place: int, name: str) -> tuple[Tensor, tuple[int, ...]]:
        order = (place, *(n for n in range(len(tensor.axes)) if n != place))
        return replace(tensor, name=name, axes=tuple(tensor.axes[n] for n in order)), order

    def read(self, expr: Expr) -> Expr:
        """The formula over the arrays as they lie."""

        def change(node: Expr) -> Expr | None:
            if isinstance(node, Entry) and node.tensor in self.turned:
                tensor, order = self.turned[node.tensor]
                return Entry(tensor, tuple(node.subscripts[n] for n in order))
            return None

        return transform(expr, change)

    def copy(self, tensor: Tensor) -> None:
        """Data with its second axis in front, once for all who read it."""
        indices = [self.sample]
        for axis in tensor.axes[1:]:
            indices.append(fresh_index(Index("t", axis), indices))
        made, order = self.with_first(tensor, 1, unused(f"{tensor.name}_steps", self.taken))
        made = replace(made, role="value")
        entry = Entry(tensor, tuple(subscript(index) for index in indices))
        self.kernels.append(Formula(made, tuple(indices[n] for n in order), entry))
        self.turned[tensor] = made, order

    def formula(self, definition: Definition, expr: Expr, number: int) -> None:
        target, indices = definition.target, definition.indices
        if target in self.turned:
            made, order = self.turned[target]
            target, indices = made, tuple(indices[n] for n in order)
        self.kernels.append(Formula(target, indices, self.read(expr), equations=(number,)))

    # -- loops --------------------------------------------------------------------------------------

    def loop(self, group: Recurrence) -> None:
        self.loops += 1
        own = _Loop(self, group, Tensor(unused(f"loop_{self.loops}", self.taken)))
        own.build()


@dataclass
class _Loop:
    """One group on its way to a loop."""

    building: _Building
    group: Recurrence
    token: Tensor
    numbers: tuple[int, ...] = ()
    hoisted: list[Kernel] = field(default_factory=list)
    slices: dict[tuple[Tensor, int], Slice] = field(default_factory=dict)
    #: The array of all steps of each member, the axes of a step, and how far off it is read.
    whole: dict[Tensor, Tensor] = field(default_factory=dict)
    shifts: dict[Tensor, set[int]] = field(default_factory=dict)
    starts: dict[Tensor, Expr] = field(default_factory=dict)
    #: The equations that say how it starts, and the indices of each member but the one that runs.
    begun: dict[Tensor, tuple[int, ...]] = field(default_factory=dict)
    indices: dict[Tensor, tuple[Index, ...]] = field(default_factory=dict)
    current: Definition | None = None
    number: int = 0
    running: Index = field(init=False)
    targets: frozenset[Tensor] = field(init=False)
    places: dict[Tensor, int] = field(init=False)
    cited: dict[Tensor, tuple[int, ...]] = field(default_factory=dict)
    #: What was taken out of the steps, as one step sees it.
    made: dict[Expr, Entry] = field(default_factory=dict)

    def build(self) -> None:
        building, group = self.building, self.group
        index = group.index
        others = {i for member in group.members for i in (*member.indices, *all_indices(member.formula))}
        running = fresh_index(index, others - {index}) if clashes(index, group) else index
        self.running, self.targets = running, group.targets
        members = self.joined([along(member, place, running) for member, place in group.steps])
        places = {member.target: place for member, place in group.steps}
        for member in members:
            kept = member.target.name in building.results
            name = unused(f"{member.target.name}_steps", building.taken) if kept else member.target.name
            self.whole[member.target], _ = building.with_first(member.target, places[member.target], name)
        self.places = places
        self.indices = {member.target: self.beside(member) for member in members}
        moved: dict[Tensor, tuple[Tensor, int, Expr]] = {}
        for member in members:
            if (found := self.moved(member)) is not None:
                source, shift, self.starts[source] = moved[member.target] = found
                self.shifts.setdefault(source, set()).add(shift)
                self.begun[source] = self.cited[member.target]
        body: list[Kernel] = []
        for member in members:
            if member.target in moved:
                continue
            self.current, self.number = member, building.equations[member.target][2]
            rest = tuple(i for i in member.indices if i != running)
            target = self.slice(member.target, 0, moved)
            formula = self.step(building.read(self.plain(member.formula, moved)), inside=False, moved=moved)
            body.append(Formula(target, rest, formula, equations=self.cited[member.target]))
        self.numbers = tuple(sorted(building.equations[t][2] for t in group.targets))
        carried = self.carried(members, moved)
        read = {t for kernel in body for t in kernel.reads}
        written = {kernel.target for kernel in body}
        slices = tuple(s for s in self.slices.values() if s.target in read and s.target not in written)
        loop = Loop(
            self.token,
            (),
            tuple(body),
            running,
            group.backwards,
            slices,
            tuple(carried.values()),
            equations=self.numbers,
        )
        building.kernels += [*self.hoisted, loop]
        self.give_names(members, moved, carried)

    def joined(self, members: Sequence[Definition]) -> list[Definition]:
        """A product that is one factor of one other product, and read nowhere else, put into that."""
        self.cited = {m.target: (self.building.equations[m.target][2],) for m in members}
        found = {member.target: member for member in members}
        for member in members:
            readers = [m for m in found.values() if member.target in tensors(m.formula)]
            if not isinstance(member.formula, Mul) or len(readers) != 1 or member.target in self.outside:
                continue
            (reader,) = readers
            if isinstance(reader.formula, Mul) and member.entry in reader.formula.factors:
                factors = [member.at(f.subscripts) if f == member.entry else f for f in reader.formula.factors]
                if member.indices == reader.indices and len(entries(reader.formula, member.target)) == 1:
                    found[reader.target] = replace(reader, formula=mul(*factors))
                    self.cited[reader.target] = (*self.cited[member.target], *self.cited[reader.target])
                    del found[member.target]
        return list(found.values())

    @cached_property
    def outside(self) -> frozenset[Tensor]:
        """The members that somebody outside reads, or that are results."""
        read = {
            tensor
            for definition, expr, _ in self.building.equations.values()
            if definition.target not in self.targets
            for tensor in tensors(expr)
        }
        return frozenset(t for t in self.targets if t in read or t.name in self.building.results)

    def moved(self, member: Definition) -> tuple[Tensor, int, Expr] | None:
        """The source, how far off, and the start, of a definition that is another member at another step."""
        terms = member.formula.terms if isinstance(member.formula, Add) else (member.formula,)
        found = [guarded(term, self.running, self.targets, self.places) for term in terms]
        if sum(one is not None for one in found) != 1:
            return None
        entry, shift = next(one for one in found if one is not None)
        plain = tuple(s for n, s in enumerate(entry.subscripts) if n != self.places[entry.tensor])
        own = self.beside(member)
        if plain != tuple(map(subscript, own)):
            return None
        start: list[Expr] = []
        for term, one in zip(terms, found, strict=True):
            if one is None:
                at_ends = at_the_end(term, self.running, shift)
                if at_ends is None or self.targets & set(tensors(at_ends)):
                    return None
                start.append(at_ends)
        begins = reindex(add(*start), dict(zip(own, map(subscript, self.indices[entry.tensor]), strict=True)))
        if self.starts.get(entry.tensor, begins) != begins:
            return None
        return entry.tensor, shift, begins

    def beside(self, member: Definition) -> tuple[Index, ...]:
        """The indices of a member but the one that runs."""
        return tuple(index for index in member.indices if index != self.running)

    def plain(self, expr: Expr, moved: Mapping[Tensor, tuple[Tensor, int, Expr]]) -> Expr:
        """Guards left out where the rows beside an array are zeros: [t + 1 < T] E[t+1] is E[t+1]."""

        def change(node: Expr) -> Expr | None:
            if not isinstance(node, Mul):
                return None
            guards = {factor.subscript for factor in node.factors if isinstance(factor, InRange)}
            shifted = [
                (factor, factor.subscripts[self.places[factor.tensor]])
                for factor in node.factors
                if isinstance(factor, Entry) and factor.tensor in self.targets
            ]
            padded = {sub for factor, sub in shifted if self.is_zero_beside(factor.tensor)}
            kept = [f for f in node.factors if not (isinstance(f, InRange) and f.subscript in guards & padded)]
            if len(kept) == len(node.factors):
                return None
            return transform(mul(*kept), change)

        return transform(expr, change)

    def is_zero_beside(self, tensor: Tensor) -> bool:
        return self.starts.setdefault(tensor, ZERO) == ZERO

    def slice(self, tensor: Tensor, shift: int, moved: Mapping[Tensor, tuple[Tensor, int, Expr]]) -> Tensor:
        """One step of a member, or of an array outside whose first axis runs."""
        name = tensor.name
        if tensor in moved:
            source, further, _ = moved[tensor]
            tensor, shift = source, shift + further
        whole = self.whole.get(tensor, tensor)
        if tensor in self.targets and shift:
            self.shifts.setdefault(tensor, set()).add(shift)
        if (whole, shift) not in self.slices:
            beside = f"_{'next' if shift > 0 else 'last'}" if shift and name == tensor.name else ""
            name = unused(f"{name}{beside}_{self.running.name}", self.building.taken)
            step = Tensor(name, whole.axes[1:])
            self.slices[whole, shift] = Slice(step, whole, shift)
        return self.slices[whole, shift].target

    def step(self, expr: Expr, inside: bool, moved: Mapping[Tensor, tuple[Tensor, int, Expr]]) -> Expr:
        """The formula at one step; what does not wait for a step is an array that is made before."""
        if not self.targets & set(tensors(expr)):
            return self.waiting(expr)
        match expr:
            case Entry(tensor, subscripts):
                place = self.places[tensor]
                shift = (subscripts[place] - subscript(self.running)).number
                assert shift is not None
                rest = tuple(sub for n, sub in enumerate(subscripts) if n != place)
                return Entry(self.slice(tensor, shift, moved), rest)
            case Sum() | Fold():
                return expr.rebuild((self.step(expr.body, True, moved),))
            case Add(terms) | Mul(terms) if not inside:
                join = mul if isinstance(expr, Mul) else add
                ready = [term for term in terms if not self.targets & set(tensors(term))]
                carried = [term for term in ready if self.running in free_indices(term)]
                others = [self.step(term, False, moved) for term in terms if term not in ready]
                if not carried:
                    return join(*(self.waiting(term) for term in ready), *others)
                return join(self.waiting(join(*ready)), *others)
        return expr.rebuild(tuple(self.step(child, inside, moved) for child in expr.children))

    def waiting(self, expr: Expr) -> Expr:
        """A formula of no step, as one step sees it: the row of an array, or as it is where the index does not run."""
        running = self.running
        if running not in free_indices(expr):
            return expr
        if isinstance(expr, Entry) and expr.tensor.role not in ("input", "target"):
            first, *rest = expr.subscripts
            if first == subscript(running) and free_of(rest, running):
                return Entry(self.slice(expr.tensor, 0, {}), tuple(rest))
        assert self.current is not None
        if expr in self.made:  # tanh(a) has a four times when it is written out: it stays one array
            return self.made[expr]
        free = free_indices(expr)
        order = [i for i in self.current.indices if i in free and i not in (running, self.building.sample)]
        order += sorted(free - {running, self.building.sample, *order})
        indices = (running, *(i for i in (self.building.sample,) if i in free), *order)
        what = "factor" if isinstance(expr, Mul) else "part"
        name = unused(f"{self.current.target.name}_{what}", self.building.taken)
        made = Tensor(name, tuple(index.extent for index in indices))
        self.hoisted.append(Formula(made, indices, expr, equations=(self.number,)))
        self.made[expr] = Entry(self.slice(made, 0, {}), tuple(subscript(index) for index in indices[1:]))
        return self.made[expr]

    def carried(
        self, members: Sequence[Definition], moved: Mapping[Tensor, tuple[Tensor, int, Expr]]
    ) -> dict[Tensor, Carried]:
        """The members that are kept for all steps: read at another step, or by somebody outside."""
        wanted = {moved[t][0] if t in moved else t for t in self.outside} | set(self.shifts)
        found: dict[Tensor, Carried] = {}
        for member in members:
            if member.target in wanted and member.target not in moved:
                pad = max((abs(shift) for shift in self.shifts.get(member.target, ())), default=0)
                rest = self.beside(member)
                start = self.start_of(member)
                step = self.slice(member.target, 0, moved)
                found[member.target] = Carried(step, self.whole[member.target], rest, pad, start)
        return found

    def start_of(self, member: Definition) -> Expr:
        """What lies beside the steps, in the member's own indices: a number, or an array that is made before."""
        target, indices = member.target, self.beside(member)
        start = self.building.read(self.starts.get(target, ZERO))
        if isinstance(start, Entry) or not tensors(start):
            return start
        name = unused(f"{target.name}_start", self.building.taken)
        made = Tensor(name, tuple(index.extent for index in indices))
        self.hoisted.append(Formula(made, indices, start, equations=self.begun[target]))
        return made[indices]

    def give_names(
        self,
        members: Sequence[Definition],
        moved: Mapping[Tensor, tuple[Tensor, int, Expr]],
        carried: Mapping[Tensor, Carried],
    ) -> None:
        """A name for each array that the loop has written, and a copy of a result with its axes as they were."""
        building = self.building
        for member in members:
            source, shift, _ = moved.get(member.target, (member.target, 0, ZERO))
            if source not in carried:
                continue
            place = self.places[member.target]
            whole = self.whole[member.target]
            rest = tuple(i for i in member.indices if i != self.running)
            number = (building.equations[member.target][2],)
            indices = (self.running, *rest)
            building.kernels.append(Made(whole, indices, Entry(self.token), carried[source], shift, equations=number))
            order = (place, *(n for n in range(len(member.indices)) if n != place))
            if member.target.name in building.results:
                copy = Entry(whole, tuple(subscript(index) for index in indices))
                building.kernels.append(Formula(member.target, member.indices, copy, equations=number))
            else:
                building.turned[member.target] = whole, order
