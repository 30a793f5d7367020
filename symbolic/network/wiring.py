"""What follows from a spec: who uses whom, in which order, with which functions and parameters.

Every mistake that only shows when the parts of a spec are put side by side is found here.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.errors import SpecError
from symbolic.language.affine import Size
from symbolic.language.expr import Tensor
from symbolic.language.sample import SAMPLES
from symbolic.language.terms import tensors
from symbolic.network.building import Builder
from symbolic.network.catalogue import Loss
from symbolic.network.constants import Constants, read_constants
from symbolic.network.formula import references
from symbolic.network.left_side import is_sampled
from symbolic.network.losses import OWN_LOSS, loss_of, own_loss, with_its_left_side
from symbolic.network.named_sizes import capitals, places_of_axes, refuse_idle_sizes
from symbolic.network.nodes import Input, Node, Parameter, Regularizer, axes
from symbolic.network.own_activations import own_functions
from symbolic.network.penalties import Around, read_regularizer
from symbolic.network.schema import NetworkSpec
from symbolic.network.states import in_order
from symbolic.network.taken_names import refuse_bad_names, target_name
from symbolic.network.uses import (
    graph_of,
    number_nodes,
    order_of_nodes,
    outputs_of,
    refuse_unused,
    without_earlier_reads,
)
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Wiring:
    """A spec, understood."""

    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    target: str
    parameters: tuple[Parameter, ...]
    loss: Loss
    regularizer: Regularizer | None
    size_names: tuple[str, ...]
    #: Every axis that must not be empty, with the place in the spec that says so.
    axes: tuple[tuple[str, Size], ...]
    constants: Constants


def wire(spec: NetworkSpec) -> Wiring:
    """Understand a spec; ``SpecError``, one line with the place, when its parts do not fit."""
    spec = with_its_left_side(spec)
    places = tuple(places_of_axes(spec))
    wide = tuple(dict.fromkeys(name for _, axis in places for name in axis.keys))
    size_names = (*wide, *(name for name in capitals(spec) if name not in wide))
    refuse_bad_names(spec, size_names)
    numbers = number_nodes(spec)
    graph = graph_of(spec, numbers)
    order = order_of_nodes(without_earlier_reads(graph, spec, size_names), spec)
    own = isinstance(spec.loss, str) and bool(OWN_LOSS.match(spec.loss))
    in_loss = references(spec.loss, numbers) if own else ()
    outputs = outputs_of(graph, spec, in_loss)
    output = outputs[0]
    constants = read_constants(spec.constants, size_names)
    whole = {name: one.below for name, one in spec.inputs.items() if one.below is not None} | dict(constants.whole)
    builder = Builder(spec, frozenset(size_names), own_functions(spec, order), whole, constants.numbers, order, numbers)
    builder.tensors.update((tensor.name, tensor) for tensor in constants.tensors)
    inputs = tuple(Input(name, one.width, one.below, one.values) for name, one in spec.inputs.items())
    builder.tensors.update((one.name, one.tensor) for one in inputs)
    builder.take_states()
    nodes = builder.with_starts(tuple(builder.node(name) for name in order))
    in_order(d for node in nodes if node.formula is not None for d in node.formula.definitions)
    if shared := [name for name in outputs if not is_sampled(builder.tensors[name])]:
        raise SpecError(
            Text(
                f"output: {shared[0]} is one for all samples; name a node with a value for each",
                f"output: {shared[0]} — одно значение на всю выборку; назовите узел, у которого есть "
                "значение для каждого объекта",
            )
        )
    for name, shape in spec.parameters.items():
        if name in builder.parameters:
            raise SpecError(
                Text(
                    f"parameters.{name}: a node has it already; what a node names is declared by that",
                    f"parameters.{name}: этот параметр уже есть у узла; параметры узлов здесь не объявляют",
                )
            )
        builder.parameter(name, shape, False, f"parameters.{name}")
    refuse_unused(graph, spec, outputs, in_loss)  # last: a name that was mistyped leaves another unused
    parameters = tuple(builder.parameters.values())
    targets = {name: Tensor(name, (SAMPLES, *axes(one.width)), "target") for name, one in spec.target.items()}
    loss = own_loss(spec, builder, targets) if own else loss_of(spec, builder.tensors[output], constants.numbers)
    around = Around(parameters, size_names, constants.numbers)
    regularizer = read_regularizer(spec.regularizer, around) if spec.regularizer is not None and parameters else None
    _refuse_idle_parameters(spec, parameters, loss, regularizer)
    refuse_idle_sizes(size_names[len(wide) :], wide, parameters, nodes, loss)
    target = target_name(spec, size_names, nodes, parameters, regularizer)
    return Wiring(inputs, nodes, outputs, target, parameters, loss, regularizer, size_names, places, constants)


def _refuse_idle_parameters(
    spec: NetworkSpec, parameters: tuple[Parameter, ...], loss: Loss, regularizer: Regularizer | None
) -> None:
    """A parameter that is declared beside the nodes is the loss's or the regulariser's."""
    formulas = [definition.formula for definition in loss.own]
    formulas += [regularizer.total] if regularizer is not None else []
    used = {tensor.name for formula in formulas for tensor in tensors(formula)}
    for name in spec.parameters:
        if name not in used:
            raise SpecError(
                Text(
                    f"parameters.{name}: neither the loss nor the regulariser names it; take it out",
                    f"parameters.{name}: его нет ни в функции потерь, ни в регуляризаторе; уберите его",
                )
            )
