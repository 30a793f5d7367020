"""The nodes of a network, built one after the other from the nodes of a spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from symbolic.errors import SpecError
from symbolic.language.affine import Size, size
from symbolic.language.expr import Hyper, Tensor
from symbolic.language.functions import Function, U
from symbolic.language.names import name_problem
from symbolic.language.sample import SAMPLES
from symbolic.network.catalogue import ACTIVATIONS, FUNCTIONS, IDENTITY, SOFTMAX
from symbolic.network.dense import DenseLayer
from symbolic.network.formula import references
from symbolic.network.left_side import is_sampled
from symbolic.network.node_formula import parse_node
from symbolic.network.nodes import Node, Parameter, axes, own_axes
from symbolic.network.schema import NetworkSpec, NodeSpec
from symbolic.network.state_axes import axes_of_state
from symbolic.network.states import Earlier, before, reads_of, start_formula
from symbolic.words import NOTHING, Text


@dataclass(slots=True)
class Builder:
    """Builds the nodes one after the other; a parameter is made where its name first occurs."""

    spec: NetworkSpec
    size_names: frozenset[str]
    functions: dict[tuple[str | None, str], Function]
    #: The inputs that are whole numbers, and what they are below.
    whole: Mapping[str, Size]
    constants: Mapping[str, Hyper]
    order: tuple[str, ...]
    #: The nodes that are one number, which formulas name without subscripts.
    numbers: frozenset[str]
    #: The inputs and the nodes built so far.
    tensors: dict[str, Tensor] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    #: The inputs that each node depends on.
    reach: dict[str, frozenset[str]] = field(default_factory=dict)

    def node(self, name: str) -> Node:
        spec = self.spec.nodes[name]
        node = self._layer(name, spec) if spec.formula is None else self._formula(name, spec, spec.formula)
        self.tensors[name] = node.tensor
        self.reach[name] = frozenset().union(*(self.reach.get(used, {used}) for used in node.inputs))
        return node

    @property
    def states(self) -> tuple[str, ...]:
        """The nodes with a start: they may read themselves."""
        return tuple(name for name, node in self.spec.nodes.items() if node.start is not None)

    def take_states(self) -> None:
        """The nodes with a start, before any formula is read: their axes as they say, or as their formulas do."""
        said = {name: Tensor(name, (SAMPLES, *axes(n.width))) for name, n in self.spec.nodes.items() if n.width}
        known = said | self.tensors | {name: Tensor(name, shape) for name, shape in self.spec.parameters.items()}
        for name in self.states:
            self.tensors[name] = known.get(name) or Tensor(name, (SAMPLES, *self._axes_of_state(name, known)))

    def _axes_of_state(self, name: str, known: Mapping[str, Tensor]) -> tuple[Size, ...]:
        spec = self.spec.nodes[name]
        own = {parameter: Tensor(parameter, shape) for parameter, shape in spec.parameters.items()}
        try:
            return axes_of_state(spec.formula or "", {**known, **own}, spec.ranges, self.size_names)
        except SpecError as error:
            raise error.at(f"nodes.{name}.formula") from None

    def with_starts(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """The nodes, those with a start with the definitions of what they were at the steps that are read."""
        reads = tuple(reads_of(node.formula.earlier for node in nodes if node.formula is not None))
        return tuple(self._with_start(node, tuple(read for read in reads if read.node == node.name)) for node in nodes)

    def _with_start(self, node: Node, reads: tuple[Earlier, ...]) -> Node:
        start = self.spec.nodes[node.name].start
        if start is None or node.formula is None:
            return node
        if not reads:
            raise SpecError(
                Text(
                    f"nodes.{node.name}.start: no formula reads {node.name} at an earlier step, as in "
                    f"{node.name}[i,t-1,…]",
                    f"nodes.{node.name}.start: ни одна формула не читает {node.name} на прежнем шаге, как "
                    f"в {node.name}[i,t-1,…]",
                )
            )
        state, made = node.formula.definitions[-1], list(node.formula.definitions)
        for read in reversed(reads):
            formula, parameter = start_formula(node.name, start, state, read.axis, self.known, self.constants)
            if parameter is not None:
                self.parameter(parameter.name, parameter.axes, False, f"nodes.{node.name}.start")
            made.insert(0, before(state, read, formula))
        return replace(node, formula=replace(node.formula, definitions=tuple(made)))

    @property
    def known(self) -> dict[str, Tensor]:
        """The inputs, the nodes and the parameters built so far."""
        return self.tensors | {name: parameter.tensor for name, parameter in self.parameters.items()}

    def going_round(self, name: str) -> frozenset[str]:
        """The nodes that are read by this one a step earlier and are made after it: no arrow of a picture."""
        return frozenset(self.order[self.order.index(name) :]) if name in self.order else frozenset()

    def _layer(self, name: str, spec: NodeSpec) -> Node:
        width = spec.width or ()
        activation, made = self._activation(spec)
        if activation == SOFTMAX and not axes(width):
            raise SpecError(
                Text(
                    f"nodes.{name}.activation: softmax of a single number is 1; use sigmoid or a larger width",
                    f"nodes.{name}.activation: softmax от одного числа равен 1; возьмите sigmoid или большую ширину",
                )
            )
        several = len(spec.inputs) > 1
        names = spec.weights or tuple(f"w_{name}_{source}" if several else f"w_{name}" for source in spec.inputs)
        self._refuse_two_readings(name, spec, names)
        if shared := [one for one in spec.inputs if not is_sampled(self.tensors[one])]:
            told = Text(
                f"{shared[0]} is one for all samples, and a layer reads a value of each",
                f"{shared[0]} — одно значение на всю выборку, а слою нужно значение для каждого объекта",
            )
            raise SpecError(
                Text(
                    f"nodes.{name}.inputs: {told}; write the node as a formula",
                    f"nodes.{name}.inputs: {told.ru}; запишите узел формулой",
                )
            )
        weights = tuple(
            self.parameter(weight, (*width, *self._width(source)), False, f"nodes.{name}.weights")
            for weight, source in zip(names, spec.inputs, strict=True)
        )
        bias = self.parameter(f"b_{name}", width, True, f"nodes.{name}.bias") if spec.bias else None
        return Node(name, spec.inputs, width, activation, made, weights, bias)

    def _refuse_two_readings(self, name: str, spec: NodeSpec, weights: tuple[str, ...]) -> None:
        """A layer that keeps an axis of its input may be meant at every position; it is written as a formula."""
        inputs = ((one, axes(self._width(one)), weight) for one, weight in zip(spec.inputs, weights, strict=True))
        layer = DenseLayer(name, axes(spec.width or ()), tuple(inputs), spec.bias)
        if not layer.positions:
            return
        called, _ = self._activation(spec)
        call = called if called in FUNCTIONS or called == SOFTMAX else None
        around = (
            NOTHING
            if call or called == IDENTITY
            else Text(
                f", with {spec.activation.formula} of it in a node of its own",
                f", а {spec.activation.formula} от него — в отдельном узле",
            )
        )
        each, whole = layer.formula(call, per_position=True), layer.formula(call, per_position=False)
        raise SpecError(
            Text(
                f"nodes.{name}.width: it keeps the axis {layer.kept_axes} of its input, which has two readings; one "
                f'layer at every position is formula = "{each}", and every output from the whole input is '
                f'formula = "{whole}", either with width = {layer.shown} in place of inputs and activation{around}',
                f"nodes.{name}.width: узел сохраняет ось {layer.kept_axes} своего входа, и это можно "
                f'понять двояко; один слой в каждой позиции — это formula = "{each}", а каждый выход '
                f'от всего входа — это formula = "{whole}"; в обоих случаях вместо inputs и '
                f"activation нужно width = {layer.shown}{around.ru}",
            )
        )

    def _activation(self, spec: NodeSpec) -> tuple[str, Function | None]:
        key = (spec.activation.name, spec.activation.formula)
        if key not in self.functions:
            return spec.activation.formula, ACTIVATIONS.get(spec.activation.formula)
        made = self.functions[key]
        return (IDENTITY, None) if made.body == U else (made.name, made)

    def _width(self, name: str) -> tuple[Size, ...]:
        if name in self.spec.inputs:
            return self.spec.inputs[name].width
        return self.spec.nodes[name].width or own_axes(self.tensors[name]) or (size(1),)

    def _formula(self, name: str, spec: NodeSpec, formula: str) -> Node:
        known = (*self.tensors.values(), *(parameter.tensor for parameter in self.parameters.values()))
        if name in self.states:
            width: tuple[Size, ...] | None = own_axes(self.tensors[name])
        else:
            width = None if spec.width is None else axes(spec.width)
        try:
            found = parse_node(
                formula,
                known,
                width,
                spec.ranges,
                spec.parameters,
                self.size_names,
                spec.padding == "zero",
                self.whole,
                self.constants,
                reach=self.reach,
                states=self.states,
            )
        except SpecError as error:
            raise error.at(f"nodes.{name}.formula") from None
        if found.tensor.name != name:
            raise SpecError(
                Text(
                    f"nodes.{name}.formula: it defines {found.tensor.name}; write {name}[…] = … on the left",
                    f"nodes.{name}.formula: формула определяет {found.tensor.name}; слева нужно {name}[…] = …",
                )
            )
        for tensor in found.parameters:
            if tensor.name not in self.parameters:
                bias = tensor.name == "b" or tensor.name.startswith("b_")
                self.parameter(tensor.name, tensor.axes, bias, f"nodes.{name}.formula")
        wired = {*self.spec.inputs, *self.spec.nodes} - self.going_round(name)
        used = tuple(used for used in references(formula, self.numbers) if used in self.tensors and used in wired)
        return Node(name, used, spec.width or own_axes(found.tensor) or (size(1),), formula=found)

    def parameter(self, name: str, shape: tuple[Size, ...], bias: bool, place: str) -> Parameter:
        """The parameter of that name: a new one, or the one that another node shares."""
        if problem := name_problem(name):
            raise SpecError(
                Text(
                    f"{place}: {name!r} cannot name a parameter: {problem}",
                    f"{place}: {name!r} не годится как имя параметра: {problem.ru}",
                )
            )
        new = Parameter(Tensor(name, axes(shape), "parameter"), shape, bias)
        old = self.parameters.setdefault(name, new)
        if old != new:
            here, there = map(_of_shape, (new, old))
            raise SpecError(
                Text(
                    f"{place}: {name} is {here} here but {there} elsewhere; what is shared must be equal",
                    f"{place}: {name} здесь — {here.ru}, а в другом месте — {there.ru}; общий параметр "
                    "всюду должен быть одинаковым",
                )
            )
        return old


def _of_shape(parameter: Parameter) -> Text:
    shape = ", ".join(map(str, parameter.shape))
    if parameter.bias:
        return Text(f"a bias of shape ({shape})", f"сдвиг размера ({shape})")
    return Text(f"weights of shape ({shape})", f"веса размера ({shape})")
