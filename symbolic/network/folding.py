"""Equal layers of a network, written one by one, as one layer that an index runs through.

    a2 = w2·z1 + b2, z2 = tanh(a2), …, zM = tanh(aM)        becomes
    z⁻[i,l,j] = [l ≥ 1] z[i,l-1,j] + δ(l,0) z1[i,j],  a[i,l,j] = Σ_k w[l,j,k] z⁻[i,l,k] + b[l,j],  z = tanh(a)

so that all that is made for a recurrence is made for them: one derivation for every layer, one loop.  The parameters
of the layers stay what they are for everybody else; a :class:`Stacked` one says where they lie in each other's midst.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Protocol, TypeVar

from symbolic.language.affine import Index, Size, Subscript, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Entry, Expr, Tensor, add, total
from symbolic.language.names import unused
from symbolic.language.sample import SAMPLES
from symbolic.language.terms import bound_indices, nodes_of, tensors, transform
from symbolic.network.equal_layers import Run, runs
from symbolic.network.nodes import Parameter
from symbolic.network.objective import Objective
from symbolic.network.states import Earlier, before, in_order, size_as_subscript

T = TypeVar("T")


class _OfATensor(Protocol):
    @property
    def tensor(self) -> Tensor: ...


P = TypeVar("P", bound=_OfATensor)


@dataclass(frozen=True, repr=False)
class Stacked:
    """A parameter of equal layers, one below the other: a view of the parameters themselves.

    ``layers`` are its parts.  ``among`` are all parameters of the layers in the order of the network: those of one
    layer side by side, then those of the next.
    """

    tensor: Tensor
    layers: tuple[Parameter, ...]
    among: tuple[Parameter, ...]

    @property
    def shape(self) -> tuple[Size, ...]:
        return self.tensor.axes

    @property
    def bias(self) -> bool:
        return self.layers[0].bias

    @property
    def name(self) -> str:
        return self.tensor.name

    def __repr__(self) -> str:
        return f"<Stacked {self.name}: {self.layers[0].name} to {self.layers[-1].name}>"


def stacks(parameters: Iterable[object]) -> dict[Tensor, Stacked]:
    """Those of an objective's parameters that are stacked."""
    return {one.tensor: one for one in parameters if isinstance(one, Stacked)}


def layer_by_layer(parameters: Iterable[P]) -> tuple[P | Parameter, ...]:
    """The parameters of an objective as the network has them: the parts of stacked ones, in the network's order."""
    found: dict[Tensor, P | Parameter] = {}
    for one in parameters:
        for part in one.among if isinstance(one, Stacked) else (one,):
            found[part.tensor] = part
    return tuple(found.values())


def in_groups(parameters: Iterable[P]) -> Iterator[tuple[P, ...]]:
    """The parameters of an objective as they lie in the flat vector: stacked ones of the same layers together."""
    groups: dict[object, list[P]] = {}
    for one in parameters:
        groups.setdefault(one.among[0] if isinstance(one, Stacked) else one.tensor, []).append(one)
    yield from map(tuple, groups.values())


def folded(objective: Objective, named: bool = True) -> Objective:
    """The objective with its runs of equal layers folded; without any it is returned as it is.

    Q and its gradient are the same numbers.  A run stays as it is where its parameters do not lie layer by layer.
    How many layers there are is a size with a name (``depths`` has its number), so that what is made of the objective
    can be tried with few; a plain number where ``named`` says so, or where somebody reads a layer in their midst.
    """
    while (further := _first_folded(objective, named)) is not None:
        objective = further
    return objective


def _first_folded(objective: Objective, named: bool) -> Objective | None:
    """The objective with its first run folded of those that can be; None where there is none."""
    kept = frozenset((objective.output, *objective.more_outputs, objective.loss, objective.value))
    for run in runs(objective.definitions, kept):
        parameters = _among(objective.parameters, _stacked(run))
        if parameters is not None:
            found = _Folding.of(run, objective, parameters, named).objective if named else None
            return found or _Folding.of(run, objective, parameters, False).objective
    return None


def shallow(objective: Objective, sizes: Mapping[str, int]) -> Objective:
    """The folded objective of a network of fewer layers, for the numbers that ``sizes`` has for its ``depths``."""
    parameters = tuple(_shallow(one, sizes) if isinstance(one, Stacked) else one for one in objective.parameters)
    depths = tuple((name, sizes[name]) for name, _ in objective.depths)
    return replace(objective, parameters=parameters, depths=depths)  # type: ignore[arg-type]


def _shallow(stack: Stacked, sizes: Mapping[str, int]) -> Stacked:
    depth = stack.tensor.axes[0]
    if depth.number is not None:
        return stack
    count = depth.value(sizes)
    every = len(stack.among) // len(stack.layers)
    return replace(stack, layers=stack.layers[:count], among=stack.among[: count * every])


def _stacked(run: Run) -> list[Sequence[Tensor]]:
    """The tensors from elsewhere that each layer has of its own."""
    return [tensors for tensors in run.others if len(set(tensors)) > 1]


@dataclass(frozen=True)
class _Folding:
    """One run on its way: what stands for its values and for its parameters."""

    run: Run
    whole: Objective
    index: Index
    #: The value that stands for those of all layers, by its place in a layer.
    values: tuple[Tensor, ...]
    parameters: Mapping[int, Stacked]
    reads: Mapping[int, Earlier] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, objective: Objective, among: tuple[Parameter, ...], named: bool) -> _Folding:
        stacked = [place for place, layers in enumerate(run.others) if layers in _stacked(run)]
        taken = {t.name for d in objective.definitions for t in (d.target, *tensors(d.formula))}
        taken |= {tensor.name for tensor in (*objective.inputs, objective.target)}
        taken |= {*objective.network.size_names, *dict(objective.depths)}
        letters = {i.name for d in objective.definitions for i in (*d.indices, *bound_indices(d.formula))} | taken
        name = next(letter for letter in chain(("l",), (f"l{n}" for n in count(1))) if letter not in letters)
        layers = Index(name, size(unused("layers", taken) if named else len(run.layers)))
        values = tuple(
            Tensor(_common(names, taken), _with(layers.extent, d.target.axes, _axis(d)))
            for d, names in zip(run.layers[0], _names_of_values(run), strict=True)
        )
        by_name = {parameter.tensor: parameter for parameter in objective.parameters}
        parameters = {}
        for place in stacked:
            parts = run.others[place]
            tensor = Tensor(_common([t.name for t in parts], taken), (layers.extent, *parts[0].axes), "parameter")
            parameters[place] = Stacked(tensor, tuple(by_name[part] for part in parts), among)
        reads = {place: Earlier(values[place].name, _axis(run.layers[0][place]), -1) for place in run.starts}
        return cls(run, objective, layers, values, parameters, reads)

    @property
    def last(self) -> Subscript:
        """The place of the last layer."""
        return size_as_subscript(self.index.extent - 1)

    @property
    def objective(self) -> Objective | None:
        """The whole with the run folded; None where the number of layers can have no name."""
        run, whole = self.run, self.whole
        before_it, behind = whole.definitions[: run.first], whole.definitions[run.end :]
        parts = {part.tensor: (one, m) for one in self.parameters.values() for m, part in enumerate(one.layers)}
        made = {
            definition.target: (self.values[place], m, _axis(definition))
            for m, layer in enumerate(run.layers)
            for place, definition in enumerate(layer)
        }

        def read(node: Expr) -> Expr | None:
            """Outside, one layer is the stack at a number."""
            if isinstance(node, Entry) and node.tensor in made:
                tensor, m, axis = made[node.tensor]
                return Entry(tensor, _with(subscript(m), node.subscripts, axis))
            if isinstance(node, Entry) and node.tensor in parts:
                one, m = parts[node.tensor]
                return Entry(one.tensor, (subscript(m), *node.subscripts))
            return None

        def at_the_end(node: Expr) -> Expr | None:
            """The last layer, whatever number it has."""
            if isinstance(node, Entry) and node.tensor in mine:
                axis = self.axis_of(node.tensor)
                if node.subscripts[axis].number == len(run.layers) - 1:
                    return Entry(node.tensor, (*node.subscripts[:axis], self.last, *node.subscripts[axis + 1 :]))
            return None

        mine = self.stacks
        touched = {*made, *parts}
        outside = [
            replace(d, formula=transform(self.gathered(transform(d.formula, read)), at_the_end))
            if touched & {*tensors(d.formula)}
            else d
            for d in (*before_it, *behind)
        ]
        named = self.index.extent.number is None
        if named and (any(step for _, step in run.numbers) or any(self.reads_within(d.formula) for d in outside)):
            return None
        definitions = (*outside[: run.first], *self.layer, *outside[run.first :])
        depths = ((str(self.index.extent), len(run.layers)),) if named else ()
        return replace(
            whole,
            definitions=in_order(definitions),
            parameters=tuple(self.ordered(whole.parameters)),
            depths=(*depths, *whole.depths),
        )

    @property
    def stacks(self) -> frozenset[Tensor]:
        """What stands for the values and the parameters of all layers."""
        return frozenset((*self.values, *(one.tensor for one in self.parameters.values())))

    def reads_within(self, formula: Expr) -> bool:
        """Whether a formula reads a layer by its number."""
        entries = (entry for entry in nodes_of(formula, Entry) if entry.tensor in self.stacks)
        return any(entry.subscripts[self.axis_of(entry.tensor)].number is not None for entry in entries)

    @property
    def layer(self) -> Iterator[Definition]:
        """The definitions of one layer, for every value of the index; first what the one before was."""
        first = self.run.layers[0]
        general = [self.general(definition, place) for place, definition in enumerate(first)]
        for place, start in self.run.starts.items():
            state = general[place]
            others = tuple(subscript(i) for i in state.indices if i != self.index)
            yield replace(before(state, self.reads[place], Entry(start, others)), kind="node")  # no step of time
        yield from general

    def general(self, definition: Definition, place: int) -> Definition:
        """A definition of the first layer, said of every layer."""
        run, here = self.run, subscript(self.index)
        own = {d.target: n for n, d in enumerate(run.layers[0])}
        starts = {tensor: n for n, tensor in run.starts.items()}
        others = {layers[0]: n for n, layers in enumerate(run.others)}
        moves = dict(run.numbers)

        def moved(sub: Subscript) -> Subscript:
            return sub if sub.number is None else here * moves[sub.number] + sub.number

        def change(node: Expr) -> Expr | None:
            if not isinstance(node, Entry):
                return None
            tensor, subscripts = node.tensor, tuple(map(moved, node.subscripts))
            if tensor in own:
                return Entry(self.values[own[tensor]], _with(here, subscripts, _axis(run.layers[0][own[tensor]])))
            if tensor in starts:
                read = self.reads[starts[tensor]]
                return Entry(read.tensor(self.values[starts[tensor]]), _with(here, subscripts, read.axis))
            if others[tensor] in self.parameters:
                return Entry(self.parameters[others[tensor]].tensor, (here, *subscripts))
            return Entry(tensor, subscripts)

        indices = _with(self.index, definition.indices, _axis(definition))
        tensor = self.values[place]
        return Definition(tensor, indices, transform(definition.formula, change), definition.kind, tensor.name)

    def gathered(self, formula: Expr) -> Expr:
        """Terms that say the same of each layer as one Σ over the layers."""
        mine, layers = self.stacks, len(self.run.layers)

        def change(node: Expr) -> Expr | None:
            if not isinstance(node, Add):
                return None
            same: dict[Expr, list[int]] = {}
            for term in node.terms:
                general, m = self.of_a_layer(term, mine)
                same.setdefault(general, []).append(m)
            if not any(sorted(found) == list(range(layers)) for found in same.values()):
                return None
            whole = [g for g, found in same.items() if sorted(found) == list(range(layers))]
            rest = [term for term in node.terms if self.of_a_layer(term, mine)[0] not in whole]
            return add(*(total(general, self.index) for general in whole), *(transform(t, change) for t in rest))

        return transform(formula, change)

    def of_a_layer(self, term: Expr, mine: frozenset[Tensor]) -> tuple[Expr, int]:
        """A term as it is said of every layer, and the number of the one that it is said of; -1: of no single one."""
        found = [entry for entry in nodes_of(term, Entry) if entry.tensor in mine]
        numbers = {entry.subscripts[self.axis_of(entry.tensor)].number for entry in found}
        if len(numbers) != 1 or None in numbers:
            return term, -1
        (number,) = numbers

        def change(node: Expr) -> Expr | None:
            if isinstance(node, Entry) and node.tensor in mine:
                axis = self.axis_of(node.tensor)
                there = (*node.subscripts[:axis], subscript(self.index), *node.subscripts[axis + 1 :])
                return Entry(node.tensor, there)
            return None

        assert number is not None
        return transform(term, change), number

    def axis_of(self, tensor: Tensor) -> int:
        """Which axis of a stack counts the layers."""
        if tensor.role == "parameter":
            return 0
        return _axis(self.run.layers[0][self.values.index(tensor)])

    def ordered(self, parameters: Sequence[Parameter]) -> Iterator[Parameter]:
        """The parameters in their order, the stacked ones where the first of their layers stood."""
        by_first = {one.layers[0].tensor: one for one in self.parameters.values()}
        parts = {part.tensor for one in self.parameters.values() for part in one.layers}
        for parameter in parameters:
            if parameter.tensor in by_first:
                yield by_first[parameter.tensor]  # type: ignore[misc]
            elif parameter.tensor not in parts:
                yield parameter


def _among(parameters: Sequence[Parameter], stacked: Sequence[Sequence[Tensor]]) -> tuple[Parameter, ...] | None:
    """All these parameters in the order of the network; None unless each layer's lie side by side, layer by layer."""
    places = {parameter.tensor: place for place, parameter in enumerate(parameters)}
    if not all(tensor in places for layer in stacked for tensor in layer):
        return None
    if not stacked:
        return ()
    layers = [sorted(places[tensor] for tensor in layer) for layer in zip(*stacked, strict=True)]
    first, each = layers[0][0], len(stacked)
    if layers != [[*range(first + each * m, first + each * (m + 1))] for m in range(len(layers))]:
        return None
    order = [
        [places[tensor] - first - each * m for tensor in layer] for m, layer in enumerate(zip(*stacked, strict=True))
    ]
    return tuple(parameters[first : first + each * len(layers)]) if all(one == order[0] for one in order) else None


def _axis(definition: Definition) -> int:
    """Where the axis of the layers stands in a stack of such values: behind the sample's."""
    return 1 if definition.indices and definition.indices[0].extent == SAMPLES else 0


def _with(value: T, among: Sequence[T], place: int) -> tuple[T, ...]:
    """The same with one more, at this place."""
    return (*among[:place], value, *among[place:])


def _names_of_values(run: Run) -> Iterator[list[str]]:
    yield from ([layer[place].target.name for layer in run.layers] for place in range(len(run.layers[0])))


def _common(names: Sequence[str], taken: set[str]) -> str:
    """What the names have in common before a number, such that the name and that of the step before are free."""
    first, last = names[0], names[-1]
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    base = first[:length].rstrip("_0123456789") or first
    for name in chain((base,), (f"{base}_{n}" for n in count(2))):
        if not {name, f"before_{name}", f"E_{name}"} & taken:
            taken |= {name, f"before_{name}"}
            return name
    raise AssertionError
