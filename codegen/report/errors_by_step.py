"""How long the errors are that go back through steps or layers: a gradient that vanishes or explodes is seen here.

|E_{z,t}| = √(Σ_i Σ_j E_{z,itj}²)        over all steps t, at the weights that a training begins with
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.compiler.points import draw
from codegen.report.plots import Graph
from codegen.targets.load import load
from symbolic.derivation.adjoint import adjoint, adjoint_of
from symbolic.evidence.evaluate import Evaluation, Instance
from symbolic.language.affine import subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Tensor
from symbolic.language.recurrence import Recurrence, recurrences
from symbolic.language.terms import entries, tensors
from symbolic.network.folding import Stacked, folded
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective
from symbolic.notation.boxes import Box, sign
from symbolic.notation.subscript_boxes import name_box
from symbolic.words import Text

HEADING = Text("The errors step by step", "Ошибки по шагам")
INTRODUCTION = Text(
    "How long the errors are at each step, over a sample of {samples} objects that were drawn, at the weights that a "
    "training begins with. A line that falls towards the first steps is a gradient that vanishes, one that rises is a "
    "gradient that explodes.",
    "Длина ошибок на каждом шаге по случайной выборке из {samples} объектов, при весах, с которых начинается "
    "обучение. Линия, падающая к первым шагам, — исчезающий градиент, растущая — взрывающийся.",
)
LENGTH = Text("length of the error", "длина ошибки")
STEP = Text("step", "шаг")
#: A size that steps run through is at least this; there is no slope to be seen in three steps.
STEPS = 24
SAMPLES = 8


@dataclass(frozen=True, slots=True)
class ErrorsByStep:
    """One curve for each state: its name, and (step from 1 on, length of its error), none of them 0 or infinite."""

    index: Box
    curves: tuple[Graph, ...]


def errors_by_step(network: Network, seed: int = 0) -> ErrorsByStep | None:
    """The lengths of the errors of the longest recurrence; None where there is none, or no error has a length."""
    objective = folded(build_objective(network), named=False)
    groups = recurrences(objective.definitions)
    if not groups:
        return None
    sizes = _sizes(network, groups)
    group = max(groups, key=lambda one: one.index.extent.value(sizes))
    adjoints = adjoint(objective).definitions
    evaluation = Evaluation(Instance(sizes, _given(objective, sizes, seed), (*objective.definitions, *adjoints)))
    known = {definition.target: definition for definition in adjoints}
    curves = []
    for state in _states(group):
        error = known.get(adjoint_of(state))
        points = tuple(_lengths(evaluation, error, group.place(state))) if error is not None else ()
        if points:
            curves.append(Graph(name_box(state.name), points))
    return ErrorsByStep(sign(group.index.name), tuple(curves)) if curves else None


def _sizes(network: Network, groups: tuple[Recurrence, ...]) -> dict[str, int]:
    """A number for every size, enough of them for what steps run through."""
    sizes = {**network.resolve_sizes(), "N": SAMPLES}
    running = {name for group in groups for name in group.index.extent.keys}
    return {name: max(number, STEPS) if name in running else number for name, number in sizes.items()}


def _states(group: Recurrence) -> Iterator[Tensor]:
    """The values that another step reads, each once."""
    found: dict[Tensor, None] = {}
    for member, place in group.steps:
        running = subscript(member.indices[place])
        for tensor in tensors(member.formula):
            if tensor in group.targets:
                reads = entries(member.formula, tensor)
                if any(entry.subscripts[group.place(tensor)] != running for entry in reads):
                    found[tensor] = None
    yield from found


def _given(objective: Objective, sizes: Mapping[str, int], seed: int) -> dict[Tensor, NDArray[np.float64]]:
    """Drawn data, and the weights of the module before its first step."""
    network = objective.network
    instance = load(network).Objective(**{name: sizes[name] for name in network.size_names})
    parts = instance.unpack(instance.initial(seed=seed))
    point = draw(objective, sizes, 0, seed)
    values = {**{tensor: point.inputs[tensor.name] for tensor in objective.inputs}, objective.target: point.target}
    for parameter in objective.parameters:
        one: object = parameter
        names = [part.name for part in one.layers] if isinstance(one, Stacked) else [parameter.name]
        values[parameter.tensor] = np.stack([parts[name] for name in names])
    return {t: np.reshape(array, [axis.value(sizes) for axis in t.axes]) for t, array in values.items()}


def _lengths(evaluation: Evaluation, error: Definition, place: int) -> Iterator[tuple[float, float]]:
    labelled = evaluation.value(Entry(error.target, tuple(map(subscript, error.indices))))
    running = error.indices[place]
    if running not in labelled.indices:
        return
    rows = np.moveaxis(np.asarray(labelled.array, dtype=float), labelled.indices.index(running), 0)
    for step, row in enumerate(rows, start=1):
        length = float(np.linalg.norm(row))
        if 0.0 < length < np.inf:
            yield float(step), length
