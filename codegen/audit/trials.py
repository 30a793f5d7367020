"""A network with numbers for its sizes, its values at points, and what a point is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from symbolic.derivation.adjoint import Adjoint, adjoint
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.evidence.seeds import axis_indices
from symbolic.language.affine import Size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Entry, Partial, Tensor, add
from symbolic.language.terms import tensors, walk
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

Array: TypeAlias = NDArray[np.float64]

#: Samples of the points in turn.
SAMPLES = (5, 1, 7, 3, 6, 2)
#: Sizes are drawn up to this.
LARGEST_SIZE = 9
#: A recurrence has so many steps at least: in two, what comes through the step before the last does not show.
STEPS = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """One point: parameters by name in their whole shapes, inputs by name with the sample first, the target."""

    samples: int
    parameters: Mapping[str, Array]
    inputs: Mapping[str, Array]
    target: Array

    def only(self, place: int) -> Trial:
        """The same point with one sample alone; ``place`` may count from the end."""
        inputs = {name: array[[place]] for name, array in self.inputs.items()}
        return Trial(1, self.parameters, inputs, self.target[[place]])


@dataclass(frozen=True)
class Problem:
    """A network with numbers for its sizes, and its derived gradient."""

    network: Network
    sizes: Mapping[str, int]

    @cached_property
    def objective(self) -> Objective:
        return build_objective(self.network)

    @cached_property
    def adjoint(self) -> Adjoint:
        return adjoint(self.objective)

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The whole shape of each parameter, with its ones."""
        return {p.name: tuple(axis.value(self.sizes) for axis in p.shape) for p in self.network.parameters}

    @cached_property
    def longest(self) -> int:
        """No loop over what the network has is longer: all numbers of the parameters and of the largest sample."""
        widths = [int(np.prod([axis.value(self.sizes) for axis in one.axes[1:]])) for one in self.objective.inputs]
        return max(50, sum(int(np.prod(shape)) for shape in self.shapes.values()), max(SAMPLES) * sum(widths))

    @cached_property
    def lone_terms(self) -> frozenset[Tensor]:
        """What stands in a sum as a term without a factor."""
        sums = (n for d in self.objective.definitions for n in walk(d.formula) if isinstance(n, Add))
        return frozenset(term.tensor for n in sums for term in n.terms if isinstance(term, Entry))

    @cached_property
    def fact(self) -> str | None:
        return self.network.loss.fact

    @cached_property
    def whole(self) -> frozenset[str]:
        """The names of inputs and targets that are whole numbers: tokens, classes."""
        return frozenset(fact.tensor.name for fact in self.objective.facts if fact.kind == "whole")

    @cached_property
    def compares(self) -> bool:
        """Whether there is a target: a loss may be of the network's values alone."""
        return any(self.objective.target in tensors(d.formula) for d in self.objective.definitions)

    @property
    def outputs(self) -> int:
        """How many numbers the network gives for a sample."""
        return int(np.prod([axis.value(self.sizes) for axis in self.objective.target.axes[1:]]))

    def evaluate(
        self, trials: Iterable[Trial], wanted: Iterable[Tensor], extra: Iterable[Definition] = ()
    ) -> dict[Tensor, list[Array]]:
        """The values of tensors at each trial; ``extra`` definitions come before the derived ones of that name."""
        given, wanted = list(trials), list(wanted)
        slipped = tuple(extra)
        changed = {d.target: d for d in slipped}
        found: dict[Tensor, list[Array]] = {tensor: [np.empty(0)] * len(given) for tensor in wanted}
        for samples in sorted({trial.samples for trial in given}):
            places = [k for k, trial in enumerate(given) if trial.samples == samples]
            group = tuple(given[k] for k in places)
            values = self.everything(group)
            if changed:
                affected = self.affected(frozenset(changed))
                anew = affected | differentiated(slipped)
                kept = {tensor: array for tensor, array in values.items() if tensor not in anew}
                definitions = {t: d for t, d in self.definitions.items() if t in anew} | changed
                values = self.evaluated(group, kept, definitions, [t for t in wanted if t in affected]) | kept
            for tensor in wanted:
                for row, place in enumerate(places):
                    found[tensor][place] = values[tensor][row]
        return found

    @cached_property
    def definitions(self) -> dict[Tensor, Definition]:
        return {d.target: d for d in (*self.objective.definitions, *self.adjoint.definitions)}

    @cached_property
    def _cache(self) -> dict[tuple[int, ...], tuple[tuple[Trial, ...], dict[Tensor, Array]]]:
        return {}

    def everything(self, group: tuple[Trial, ...]) -> dict[Tensor, Array]:
        """Everything at these trials, the point as the first axis; worked out once."""
        key = tuple(map(id, group))
        if key not in self._cache:
            known = self._values(list(group))
            values = self.evaluated(group, known, self.definitions, list(self.definitions)) | known
            self._cache[key] = group, values  # the group is kept, and so are its ids
        return self._cache[key][1]

    def affected(self, changed: frozenset[Tensor]) -> frozenset[Tensor]:
        """The tensors that are computed from these, and these."""
        found, waiting = set(changed), list(changed)
        while waiting:  # in a recurrence each is computed from all others
            fresh = self._users.get(waiting.pop(), frozenset()) - found
            found |= fresh
            waiting += fresh
        return frozenset(found)

    def goes_round(self, tensor: Tensor) -> bool:
        """Whether a tensor is computed from itself, at another step."""
        return tensor in self.affected(self._users.get(tensor, frozenset()))

    @cached_property
    def _users(self) -> dict[Tensor, frozenset[Tensor]]:
        """The tensors whose definitions name one."""
        users: dict[Tensor, set[Tensor]] = {}
        for tensor, definition in self.definitions.items():
            for named in tensors(definition.formula):
                users.setdefault(named, set()).add(tensor)
        return {tensor: frozenset(found) for tensor, found in users.items()}

    def evaluated(
        self,
        group: tuple[Trial, ...],
        known: Mapping[Tensor, Array],
        definitions: Mapping[Tensor, Definition],
        wanted: Iterable[Tensor],
        symbols: Mapping[str, Array] = MappingProxyType({}),
    ) -> dict[Tensor, Array]:
        """The values of tensors at trials with one number of samples, the point as the first axis."""
        sizes = {**self.sizes, "N": group[0].samples}
        evaluation = Evaluation(Instance(sizes, known, tuple(definitions.values()), symbols, len(group)))
        found = {}
        for tensor in wanted:
            entry = Entry(tensor, tuple(subscript(index) for index in axis_indices(tensor)))
            whole = evaluation.value(entry).array
            own = whole.shape[whole.ndim - len(tensor.axes) :]
            found[tensor] = np.array(np.broadcast_to(whole, (len(group), *own)), np.float64)
        return found

    def _values(self, group: list[Trial]) -> dict[Tensor, Array]:
        values: dict[Tensor, Array] = {}
        for parameter in self.network.parameters:
            shape = tuple(axis.value(self.sizes) for axis in parameter.tensor.axes)
            values[parameter.tensor] = np.stack([t.parameters[parameter.name].reshape(shape) for t in group])
        for one in self.objective.inputs:
            lengths = tuple(axis.value(self.sizes) for axis in one.axes[1:])
            values[one] = np.stack([t.inputs[one.name].reshape(t.samples, *lengths) for t in group])
        values[self.objective.target] = np.stack([t.target for t in group])
        return values

    def first_alone(self, trial: Trial) -> Trial:
        """The point with its first sample alone: the same one each time, so that it is worked out once."""
        if id(trial) not in self._alone:
            self._alone[id(trial)] = trial, trial.only(0)
        return self._alone[id(trial)][1]

    @cached_property
    def _alone(self) -> dict[int, tuple[Trial, Trial]]:
        return {}

    def upstream(self, trial: Trial) -> Array:
        """What the loss hands back to the output, without what comes back from later steps of a recurrence."""
        entry = self.adjoint.of(self.objective.output)
        formula = add(*(c.formula for c in entry.contributions if c.user.kind == "loss"))
        direct = replace(entry.definition, formula=formula)
        wanted = direct.target
        extra = [] if formula == entry.definition.formula else [direct]
        return self.evaluate([trial], [wanted], extra)[wanted][0]

    def gradients(self, trials: Iterable[Trial], extra: Iterable[Definition] = ()) -> list[dict[str, Array]]:
        """∂Q/∂w at each trial, by parameter in its whole shape."""
        given = list(trials)
        found = self.evaluate(given, [t for t in self.gradient_tensors.values() if t is not None], extra)
        return [self.named({tensor: arrays[k] for tensor, arrays in found.items()}) for k in range(len(given))]

    def named(self, values: Mapping[Tensor, Array]) -> dict[str, Array]:
        """The values of the gradients by parameter, in their whole shapes; 0 where Q does not depend on one."""
        return {
            name: np.zeros(self.shapes[name]) if tensor is None else values[tensor].reshape(self.shapes[name])
            for name, tensor in self.gradient_tensors.items()
        }

    @cached_property
    def gradient_tensors(self) -> dict[str, Tensor | None]:
        """∂Q/∂w by the name of w."""
        return {p.name: self._gradient_of(p.tensor) for p in self.network.parameters}

    def stepped(self, trials: Iterable[Trial], rate: float, extra: Iterable[Definition] = ()) -> list[dict[str, Array]]:
        """(before − after)/``rate`` of stochastic descent: a step w ← w − rate·∂Q_n/∂w after each sample n in turn."""
        given, slipped = list(trials), tuple(extra)
        after: list[Mapping[str, Array]] = [trial.parameters for trial in given]
        for sample in range(max(trial.samples for trial in given)):
            places = [k for k, trial in enumerate(given) if trial.samples > sample]
            alone = [replace(given[k].only(sample), parameters=after[k]) for k in places]
            for k, gradient in zip(places, self.gradients(alone, slipped), strict=True):
                after[k] = {name: array - rate * gradient[name] for name, array in after[k].items()}
        return [
            {name: (array - now[name]) / rate for name, array in trial.parameters.items()}
            for trial, now in zip(given, after, strict=True)
        ]

    def _gradient_of(self, parameter: Tensor) -> Tensor | None:
        try:
            return self.adjoint.of(parameter).definition.target
        except KeyError:
            return None

    def losses(self, trials: Iterable[Trial]) -> Array:
        """Q at each trial."""
        return np.array([float(value) for value in self.evaluate(trials, [self.objective.value])[self.objective.value]])


def differentiated(definitions: Iterable[Definition]) -> set[Tensor]:
    """The tensors whose own formulas are differentiated in these."""
    nodes = (node for definition in definitions for node in walk(definition.formula))
    return {n.of.tensor for n in nodes if isinstance(n, Partial) and isinstance(n.of, Entry)}


def problem_for(network: Network, sizes: Mapping[str, int] | None = None) -> Problem:
    """The network with sizes that are all different, where it leaves them open, or with those that are given."""
    return Problem(network, _different(network) if sizes is None else network.resolve_sizes(**sizes))


def _different(network: Network) -> dict[str, int]:
    """Small numbers for the named sizes under which as few axes as can be have one length, none of them 1.

    ``SpecError`` where no numbers up to ``LARGEST_SIZE`` make every axis at least 1.
    """
    names = network.size_names
    fixed = {axis.number for _, axis in network.wiring.axes if axis.number is not None}
    axes = {axis for _, axis in network.wiring.axes if axis.number is None}
    axes |= {axis for p in network.parameters for axis in p.shape if axis.number is None}
    running = {axis for axis in running_axes(network) if axis.number is None}
    best: tuple[tuple[int, int, int], dict[str, int]] | None = None
    count = range(2, LARGEST_SIZE + 1)
    tries = itertools.product(count, repeat=len(names)) if len(names) <= 4 else _shifted(len(names))
    for numbers in tries:
        given = dict(zip(names, numbers, strict=True))
        lengths = [axis.value(given) for axis in axes]
        if any(length < 1 for length in lengths) or any(axis.value(given) < STEPS for axis in running):
            continue
        alike = (
            len(lengths) - len(set(lengths)) + sum(length in fixed or length in (1, SAMPLES[0]) for length in lengths)
        )
        rank = (alike, max(lengths, default=0), sum(numbers))
        if best is None or rank < best[0]:
            best = rank, given
    if best is None:
        return network.resolve_sizes()
    return network.resolve_sizes(**best[1])


def running_axes(network: Network) -> Iterable[Size]:
    """The axes along which a node is read at other steps."""
    tensors = {node.name: node.tensor for node in network.nodes}
    for node in network.nodes:
        for read in node.formula.earlier if node.formula is not None else ():
            yield tensors[read.node].axes[read.axis]


def _shifted(count: int) -> Iterable[tuple[int, ...]]:
    ascending = tuple(range(2, 2 + count))
    yield from (ascending[k:] + ascending[:k] for k in range(count))
    yield ascending[::-1]
