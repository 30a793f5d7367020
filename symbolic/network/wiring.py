"""What follows from a spec: who uses whom, in which order, with which functions and parameters.

Every mistake that only shows when the parts of a spec are put side by side is found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from symbolic.errors import SpecError
from symbolic.language.affine import Size, size
from symbolic.language.expr import Hyper, Symbol, Tensor
from symbolic.language.functions import Function, U, generic
from symbolic.language.names import name_problem
from symbolic.language.terms import bound_indices, tensors, walk
from symbolic.network.arrows import Arrows, Cycle
from symbolic.network.catalogue import (
    ACTIVATION_NAMES,
    ACTIVATIONS,
    FUNCTIONS,
    IDENTITY,
    LOSSES,
    SOFTMAX,
    Loss,
    function,
)
from symbolic.network.constants import Constants, read_constants
from symbolic.network.dense import DenseLayer
from symbolic.network.formula import defines_a_number, parse_formula, parse_node, references
from symbolic.network.grammar import SPECIAL_FORMS, suggest
from symbolic.network.nodes import Input, Node, Parameter, Regularizer, axes, own_axes
from symbolic.network.penalties import Around, read_regularizer
from symbolic.network.ranges import is_sampled
from symbolic.network.remedies import loss_word
from symbolic.network.schema import FREE, NetworkSpec, NodeSpec
from symbolic.network.states import Earlier, before, in_order, read_earlier, reads_of, start_formula
from symbolic.words import NOTHING, Text, same

#: What the target is called: the first name that nothing else in the network has.
TARGETS = ("y", "y_true", "y_target")

_WORD = re.compile(r"[A-Za-z_]\w*")
_ENTRY = re.compile(r"[A-Za-z_]\w*\s*\[")
#: How a loss over the whole network begins.
_OWN = re.compile(r"\s*L\s*\[")


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
    spec = _with_its_left_side(spec)
    places = tuple(_axes(spec))
    wide = tuple(dict.fromkeys(name for _, axis in places for name in axis.keys))
    size_names = (*wide, *(name for name in _capitals(spec) if name not in wide))
    _refuse_bad_names(spec, size_names)
    graph = _graph(spec)
    order = _order(_without_earlier_reads(graph, spec, size_names), spec)
    own = isinstance(spec.loss, str) and bool(_OWN.match(spec.loss))
    in_loss = references(spec.loss, _numbers(spec)) if own else ()
    outputs = _outputs(graph, spec, in_loss)
    output = outputs[0]
    constants = read_constants(spec.constants, size_names)
    whole = {name: one.below for name, one in spec.inputs.items() if one.below is not None} | dict(constants.whole)
    builder = _Builder(spec, frozenset(size_names), _functions(spec, order), whole, constants.numbers, order)
    builder.tensors.update((tensor.name, tensor) for tensor in constants.tensors)
    inputs = tuple(Input(name, one.width, one.below, one.values) for name, one in spec.inputs.items())
    builder.tensors.update((one.name, one.tensor) for one in inputs)
    builder.tensors.update(builder.states())
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
        builder._parameter(name, shape, False, f"parameters.{name}")
    _refuse_unused(graph, spec, outputs, in_loss)  # last: a name that was mistyped leaves another unused
    parameters = tuple(builder.parameters.values())
    targets = {name: Tensor(name, (size("N"), *axes(one.width)), "target") for name, one in spec.target.items()}
    loss = _own_loss(spec, builder, targets) if own else _loss(spec, builder.tensors[output], constants.numbers)
    around = Around(parameters, size_names, constants.numbers)
    regularizer = read_regularizer(spec.regularizer, around) if spec.regularizer is not None and parameters else None
    _refuse_idle_parameters(spec, parameters, loss, regularizer)
    _refuse_idle_sizes(size_names[len(wide) :], wide, parameters, nodes, loss)
    target = _target(spec, size_names, nodes, parameters, regularizer)
    return Wiring(inputs, nodes, outputs, target, parameters, loss, regularizer, size_names, places, constants)


def _with_its_left_side(spec: NetworkSpec) -> NetworkSpec:
    """A loss with subscripts is one over the whole network, with ``L[i] =`` before it or without."""
    if isinstance(spec.loss, str) and _ENTRY.search(spec.loss) and not _OWN.match(spec.loss):
        return spec.model_copy(update={"loss": f"L[i] = {spec.loss}"})
    return spec


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


def _capitals(spec: NetworkSpec) -> tuple[str, ...]:
    """Sizes with a number whose small letter a formula has: an index that nothing else limits runs over them."""
    texts = (*(node.formula for node in spec.nodes.values() if node.formula is not None), spec.loss)
    words = {word for text in texts if isinstance(text, str) for word in _WORD.findall(text)}
    return tuple(name for name in spec.sizes if name[:1].lower() + name[1:] in words - {name})


def _refuse_idle_sizes(
    names: Iterable[str], wide: tuple[str, ...], parameters: Iterable[Parameter], nodes: Iterable[Node], loss: Loss
) -> None:
    """A size over which an index could have run, and none does."""
    own = (d for node in nodes if node.formula is not None for d in node.formula.definitions)
    formulas = (definition.formula for definition in (*own, *loss.own))
    extents = [index.extent for formula in formulas for index in bound_indices(formula)]
    extents += [axis for parameter in parameters for axis in parameter.tensor.axes]
    for name in names:
        if all(name not in extent.keys for extent in extents):
            raise SpecError(_no_such_size(name, wide))


def _axes(spec: NetworkSpec) -> Iterable[tuple[str, Size]]:
    for name, one in spec.inputs.items():
        yield from ((f"inputs.{name}", axis) for axis in (*one.width, *([one.below] if one.below else [])))
    for name, one in spec.target.items():
        yield from ((f"target.{name}", axis) for axis in (*one.width, *([one.below] if one.below else [])))
    for name, node in spec.nodes.items():
        yield from ((f"nodes.{name}.width", axis) for axis in node.width or ())
        yield from ((f"nodes.{name}.ranges.{index}", axis) for index, axis in node.ranges.items())
        for parameter, shape in node.parameters.items():
            yield from ((f"nodes.{name}.parameters.{parameter}", axis) for axis in shape)
    for name, constant in spec.constants.items():
        below = [constant.below] if constant.below else []
        yield from ((f"constants.{name}", axis) for axis in (*constant.width, *below) if axis.number != 1)
    for name, shape in spec.parameters.items():
        yield from ((f"parameters.{name}", axis) for axis in shape)
    if spec.regularizer is not None:
        yield from ((f"regularizer.ranges.{index}", axis) for index, axis in spec.regularizer.ranges.items())


def _refuse_bad_names(spec: NetworkSpec, size_names: tuple[str, ...]) -> None:
    functions = {*FUNCTIONS, *SPECIAL_FORMS, *ACTIVATION_NAMES}
    if not spec.inputs:
        raise SpecError(
            Text(
                'inputs: there are none; give at least one: x = "D"',
                'inputs: нет ни одного входа; задайте хотя бы один: x = "D"',
            )
        )
    if not spec.nodes:
        raise SpecError(
            Text(
                "nodes: there are none; give at least one: a table [nodes.p]",
                "nodes: нет ни одного узла; задайте хотя бы один: таблица [nodes.p]",
            )
        )
    for place, names in (("inputs", spec.inputs), ("nodes", spec.nodes), ("constants", spec.constants)):
        for name in names:
            if name in functions:
                raise SpecError(
                    Text(
                        f"{place}.{name}: {name} is the name of a function; choose another",
                        f"{place}.{name}: {name} — имя функции; выберите другое",
                    )
                )
            if name in size_names:
                raise SpecError(
                    Text(
                        f"{place}.{name}: {name} is also the name of a size; choose another for one of them",
                        f"{place}.{name}: {name} — также имя размера; дайте одному из них другое имя",
                    )
                )
    if both := [name for name in spec.nodes if name in spec.inputs]:
        raise SpecError(
            Text(
                f"nodes.{both[0]}: there is an input of that name; choose another",
                f"nodes.{both[0]}: так уже называется вход; выберите другое имя",
            )
        )
    for name in size_names:
        if name in functions:
            raise SpecError(
                Text(
                    f"sizes.{name}: {name} is the name of a function; choose another",
                    f"sizes.{name}: {name} — имя функции; выберите другое",
                )
            )
    for name in spec.sizes:
        if name not in size_names:
            raise SpecError(_no_such_size(name, size_names))


def _no_such_size(name: str, there_are: tuple[str, ...]) -> Text:
    known = suggest(name, there_are) or Text(
        f"; its named sizes are {', '.join(there_are) or 'none'}",
        f"; её размеры с именами: {', '.join(there_are) or 'нет'}",
    )
    return Text(
        f"sizes.{name}: no width of this network is called {name}{known}",
        f"sizes.{name}: ни одна ширина этой сети не называется {name}{known.ru}",
    )


# Who uses whom.


def _numbers(spec: NetworkSpec) -> frozenset[str]:
    """The nodes that are one number, which formulas name without subscripts."""
    found = set()
    for name, node in spec.nodes.items():
        with suppress(SpecError):  # a formula that cannot be read is refused in its place
            if node.formula is not None and defines_a_number(node.formula):
                found.add(name)
    return frozenset(found)


def _uses(name: str, node: NodeSpec, known: set[str], numbers: frozenset[str]) -> tuple[str, ...]:
    if node.formula is not None:
        try:
            read = tuple(used for used in references(node.formula, numbers) if used in known)
            begins = (node.start,) if isinstance(node.start, str) and node.start in known - {*read} else ()
            return (*read, *begins)
        except SpecError as error:
            raise error.at(f"nodes.{name}.formula") from None
    for used in node.inputs:
        if used not in known:
            near = suggest(used, tuple(known)) or Text(
                f"; there are {', '.join(sorted(known))}", f"; есть {', '.join(sorted(known))}"
            )
            raise SpecError(
                Text(
                    f"nodes.{name}.inputs: no input and no node is called {used!r}{near}",
                    f"nodes.{name}.inputs: нет ни входа, ни узла с именем {used!r}{near.ru}",
                )
            )
    return node.inputs


def _graph(spec: NetworkSpec) -> Arrows:
    """An arrow from each value to each node that uses it."""
    known = {*spec.inputs, *spec.nodes}
    numbers = _numbers(spec)
    uses = {name: tuple(_uses(name, node, known, numbers)) for name, node in spec.nodes.items()}
    return Arrows({**dict.fromkeys(spec.inputs, ()), **uses})


def _without_earlier_reads(graph: Arrows, spec: NetworkSpec, size_names: tuple[str, ...]) -> Arrows:
    """The arrows without those that go round: what a node was a step earlier need not come before its use."""
    states = [name for name, node in spec.nodes.items() if node.start is not None]
    if not states:
        return graph
    sources = dict(graph.sources)
    for name, node in spec.nodes.items():
        if node.formula is not None:
            away = read_earlier(node.formula, states, frozenset(size_names))
            round_ = {state for state in away if state == name or name in graph.ancestors(state)}
            sources[name] = tuple(used for used in sources[name] if used not in round_)
    return Arrows(sources)


def _order(graph: Arrows, spec: NetworkSpec) -> tuple[str, ...]:
    """The nodes, each after all that it uses; as in the spec where that leaves a choice."""
    position = {name: at for at, name in enumerate([*spec.inputs, *spec.nodes])}
    try:
        order = graph.ordered(position.__getitem__)
    except Cycle as found:
        cycle = found.members
        first = min(range(len(cycle)), key=lambda at: position[cycle[at]])
        members = [*cycle[first:], *cycle[:first]]
        shown = members if len(members) <= 8 else [*members[:4], "…", *members[-3:]]
        path = " -> ".join([*shown, members[0]])
        remedy = Text(
            "a network has no cycles; only a node with a start is read a step back, as in the built-in spec recurrent",
            "в сети нет циклов; на шаг назад читают только узел, у которого есть start, как во "
            "встроенной сети recurrent",
        )
        raise SpecError(
            Text(
                f"nodes.{members[0]}: it is its own ancestor ({path}); {remedy}",
                f"nodes.{members[0]}: узел зависит от самого себя ({path}); {remedy.ru}",
            )
        ) from None
    return tuple(name for name in order if name in spec.nodes)


def _outputs(graph: Arrows, spec: NetworkSpec, in_loss: tuple[str, ...]) -> tuple[str, ...]:
    for name in spec.output:
        if name not in spec.nodes:
            near = suggest(name, tuple(spec.nodes)) or Text(
                f"; the nodes are {', '.join(spec.nodes)}", f"; узлы: {', '.join(spec.nodes)}"
            )
            raise SpecError(
                Text(f"output: no node is called {name!r}{near}", f"output: нет узла с именем {name!r}{near.ru}")
            )
    if len(spec.output) > 1 and not in_loss:
        names = ", ".join(spec.output)
        raise SpecError(
            Text(
                f"output: a loss of y and p compares one node, not {names}; write the loss as L[i] = …",
                f"output: функция потерь от y и p сравнивает один узел, а не {names}; запишите её как L[i] = …",
            )
        )
    if len({*spec.output}) < len(spec.output):
        raise SpecError(
            Text(
                f"output: {spec.output[0]} is named twice; list each output once",
                f"output: {spec.output[0]} указан дважды; назовите каждый выход один раз",
            )
        )
    if spec.output:
        return spec.output
    last = [name for name in spec.nodes if not graph.users[name]]
    last = [name for name in last if name in in_loss] or last
    if len(last) != 1:
        what = (
            Text("give the outputs of predict", "назовите выходы для predict")
            if in_loss
            else Text("name the node that is compared with y", "назовите узел, который сравнивается с y")
        )
        raise SpecError(
            Text(
                f"output: missing; {what}, one of {', '.join(last)}",
                f"output: не указан; {what.ru}, один из {', '.join(last)}",
            )
        )
    return tuple(last)


def _refuse_unused(graph: Arrows, spec: NetworkSpec, outputs: tuple[str, ...], in_loss: tuple[str, ...]) -> None:
    output = outputs[0]
    ends = [*outputs, *(name for name in in_loss if name in spec.nodes or name in spec.inputs)]
    useful = {*ends, *(name for end in ends for name in graph.ancestors(end))}
    for place, names in (("inputs", spec.inputs), ("nodes", spec.nodes)):
        for name in names:
            if not graph.users[name] and name not in ends:
                raise SpecError(
                    Text(
                        f"{place}.{name}: no node uses it; use it or take it out",
                        f"{place}.{name}: его не использует ни один узел; используйте его или уберите",
                    )
                )
    for name in (*spec.inputs, *spec.nodes):
        if name not in useful:
            place = "inputs" if name in spec.inputs else "nodes"
            raise SpecError(
                Text(
                    f"{place}.{name}: the output {output} does not depend on it; use it or take it out",
                    f"{place}.{name}: выход {output} от него не зависит; используйте его или уберите",
                )
            )


# What the nodes do.


def _functions(spec: NetworkSpec, order: tuple[str, ...]) -> dict[tuple[str | None, str], Function]:
    """A function for every activation formula of the spec's own: phi, or phi_1, phi_2, … when they are several."""
    given: dict[tuple[str | None, str], str] = {}
    for node in order:
        activation = spec.nodes[node].activation
        if activation.formula not in ACTIVATION_NAMES or activation.name is not None:
            given.setdefault((activation.name, activation.formula), f"nodes.{node}.activation")
    own = [key for key in given if key[0] is None]
    functions: dict[tuple[str | None, str], Function] = {}
    for (name, formula), place in given.items():
        shown = name or ("phi" if len(own) == 1 else f"phi_{own.index((name, formula)) + 1}")
        if shown in ACTIVATION_NAMES or shown in FUNCTIONS or shown in SPECIAL_FORMS:
            raise SpecError(
                Text(
                    f"{place}: {shown} is a built-in function; give yours another name",
                    f"{place}: {shown} — встроенная функция; назовите свою иначе",
                )
            )
        if any(known.name == shown for known in functions.values()):
            raise SpecError(
                Text(
                    f"{place}: {shown} stands for another formula elsewhere; give this one another name",
                    f"{place}: {shown} в другом месте означает другую формулу; назовите эту функцию иначе",
                )
            )
        functions[name, formula] = _own_function(shown, formula, place)
    return functions


def _own_function(name: str, formula: str, place: str) -> Function:
    if _WORD.fullmatch(formula) and formula not in ("u", FREE):
        known = suggest(formula, ACTIVATION_NAMES) or Text(
            f"; there are {', '.join(ACTIVATION_NAMES)}", f"; есть {', '.join(ACTIVATION_NAMES)}"
        )
        raise SpecError(
            Text(
                f"{place}: unknown activation {formula!r}{known} (or write a formula in u)",
                f"{place}: неизвестная функция активации {formula!r}{known.ru} (или запишите формулу от u)",
            )
        )
    try:
        made = generic(name) if formula == FREE else function(name, formula, FUNCTIONS)
    except SpecError as error:
        raise error.at(place) from None
    if made.body is not None and U not in walk(made.body):
        raise SpecError(
            Text(
                f"{place}: {formula!r} does not depend on u; write a formula in u",
                f"{place}: {formula!r} не зависит от u; запишите формулу от u",
            )
        )
    return made


@dataclass(slots=True)
class _Builder:
    """Builds the nodes one after the other; a parameter is made where its name first occurs."""

    spec: NetworkSpec
    size_names: frozenset[str]
    functions: dict[tuple[str | None, str], Function]
    #: The inputs that are whole numbers, and what they are below.
    whole: Mapping[str, Size]
    constants: Mapping[str, Hyper]
    order: tuple[str, ...]
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

    def states(self) -> dict[str, Tensor]:
        """The nodes with a start: known before any formula is read, for they may read themselves."""
        found = {name: node.width for name, node in self.spec.nodes.items() if node.start is not None}
        return {name: Tensor(name, (size("N"), *axes(width or ()))) for name, width in found.items()}

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
                self._parameter(parameter.name, parameter.axes, False, f"nodes.{node.name}.start")
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
            self._parameter(weight, (*width, *self._width(source)), False, f"nodes.{name}.weights")
            for weight, source in zip(names, spec.inputs, strict=True)
        )
        bias = self._parameter(f"b_{name}", width, True, f"nodes.{name}.bias") if spec.bias else None
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
                states=self.states(),
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
                self._parameter(tensor.name, tensor.axes, bias, f"nodes.{name}.formula")
        wired = {*self.spec.inputs, *self.spec.nodes} - self.going_round(name)
        used = tuple(
            used for used in references(formula, _numbers(self.spec)) if used in self.tensors and used in wired
        )
        return Node(name, used, spec.width or own_axes(found.tensor) or (size(1),), formula=found)

    def _parameter(self, name: str, shape: tuple[Size, ...], bias: bool, place: str) -> Parameter:
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


def _own_loss(spec: NetworkSpec, builder: _Builder, targets: Mapping[str, Tensor]) -> Loss:
    """A loss over the whole network, L[i] = …, in its nodes, inputs, parameters and declared targets."""
    parameters = (parameter.tensor for parameter in builder.parameters.values())
    known = (*builder.tensors.values(), *targets.values(), *parameters)
    whole = {name: one.below for name, one in spec.target.items() if one.below is not None} | dict(builder.whole)
    try:
        found = parse_node(
            spec.loss,
            known,
            (),
            sizes=builder.size_names,
            whole=whole,
            constants=builder.constants,
            reach=builder.reach,
        )
    except SpecError as error:
        undeclared = "unknown name" in str(error) and not spec.target
        hint = Text(
            '; a target is declared: [target] with y = "K", or y = 1', '; ответ объявляют: [target] и y = "K" или y = 1'
        )
        raise SpecError((error.said + hint) if undeclared else error.said).at("loss") from None
    if strange := [one.name for one in found.parameters if one.name not in builder.parameters]:
        own = Text(
            f"; a parameter of the loss alone is declared: parameters = {{ {strange[0]} = … }}",
            f"; параметр одной лишь функции потерь нужно объявить: parameters = {{ {strange[0]} = … }}",
        )
        there = suggest(strange[0], tuple(one.name for one in known)) or own
        raise SpecError(
            Text(f"loss: unknown name {strange[0]!r}{there}", f"loss: неизвестное имя {strange[0]!r}{there.ru}")
        )
    used = {tensor for definition in found.definitions for tensor in tensors(definition.formula)}
    if not any(tensor.role == "parameter" for tensor in used) and not any(
        builder.tensors[name] in used for name in spec.nodes
    ):
        raise SpecError(
            Text(
                f"loss: no node enters {spec.loss!r}, so there is nothing to learn; name a node, as in p[i]",
                f"loss: в {spec.loss!r} не входит ни один узел, и обучать нечего; назовите узел, как в p[i]",
            )
        )
    for name, tensor in targets.items():
        if tensor not in used:
            raise SpecError(
                Text(
                    f"target.{name}: the loss does not use it; use it or take it out",
                    f"target.{name}: его нет в функции потерь; используйте его или уберите",
                )
            )
    *before, last = found.definitions
    return Loss(spec.loss, last.formula, own=(*before, replace(last, kind="loss", node="")))


def _loss(spec: NetworkSpec, output: Tensor, constants: Mapping[str, Hyper]) -> Loss:
    text = spec.loss
    if spec.target:
        name = next(iter(spec.target))
        raise SpecError(
            Text(
                f"target.{name}: a loss of y and p has its target already; a loss with targets of its own is written "
                f'over the whole network: loss = "L[i] = ({name}[i] - {output.name}[i])**2"',
                f"target.{name}: у функции потерь от y и p правильный ответ уже есть; функция потерь "
                f'с правильными ответами своих имён пишется по всей сети: loss = "L[i] = ({name}[i] - '
                f'{output.name}[i])**2"',
            )
        )
    if text in LOSSES:
        loss = LOSSES[text]
        if loss.fact == "sums_to_one" and len(output.axes) < 2:
            remedy = Text(
                "for two classes in one output use log_loss", "для двух классов с одним выходом возьмите log_loss"
            )
            raise SpecError(
                Text(
                    f"loss: {text} needs 2 or more classes, but {output} has width 1; {remedy}",
                    f"loss: для {text} нужно не меньше 2 классов, а ширина {output} равна 1; {remedy.ru}",
                )
            )
        return loss
    if (here := loss_word(text)) in LOSSES:
        raise SpecError(
            Text(
                f"loss: unknown loss {text!r}; here it is called {here}",
                f"loss: неизвестная функция потерь {text!r}; здесь она называется {here}",
            )
        )
    if text not in ("y", "p") and (text in spec.nodes or text in spec.inputs):
        raise SpecError(
            Text(
                f"loss: {text} is {'a node' if text in spec.nodes else 'an input'}; {_LOSS_IN_Y_AND_P}",
                f"loss: {text} — {'узел' if text in spec.nodes else 'вход'}; {_LOSS_IN_Y_AND_P.ru}",
            )
        )
    if _WORD.fullmatch(text) and text not in ("y", "p"):
        known = suggest(text, tuple(LOSSES)) or Text(f"; there are {', '.join(LOSSES)}", f"; есть {', '.join(LOSSES)}")
        raise SpecError(
            Text(
                f"loss: unknown loss {text!r}{known} (or give a formula in y and p)",
                f"loss: неизвестная функция потерь {text!r}{known.ru} (или запишите формулу от y и p)",
            )
        )
    try:
        formula = parse_formula(text, ("y", "p"), constants=constants)
    except SpecError as error:
        raise SpecError(error.said + same("; ") + _LOSS_IN_Y_AND_P).at("loss") from None
    for symbol in ("y", "p"):
        if Symbol(symbol) not in walk(formula):
            alone = (
                Text(
                    "; to make the output itself small, write y*p and give 1 as every target",
                    "; чтобы сделать малым сам выход, запишите y*p, а правильные ответы возьмите равными 1",
                )
                if text == "p"
                else NOTHING
            )
            raise SpecError(
                Text(
                    f"loss: {text!r} does not depend on {symbol}; {_LOSS_IN_Y_AND_P}{alone}",
                    f"loss: {text!r} не зависит от {symbol}; {_LOSS_IN_Y_AND_P.ru}{alone.ru}",
                )
            )
    return Loss(text, formula)


_LOSS_IN_Y_AND_P = Text(
    'a loss compares one target y with one output p, as in "(y - p)**2"; the sum over outputs and sample is taken '
    'already, and reduction = "mean" divides it by N',
    'функция потерь сравнивает один правильный ответ y с одним выходом p, как в "(y - '
    'p)**2"; сумма по выходам и по выборке берётся и так, а reduction = "mean" делит её '
    "на N",
)


def _target(
    spec: NetworkSpec,
    size_names: tuple[str, ...],
    nodes: tuple[Node, ...],
    parameters: tuple[Parameter, ...],
    regularizer: Regularizer | None,
) -> str:
    """The name of the target, once everything else has a name of its own."""
    owner = {name: Text(f"the input {name}", f"вход {name}") for name in spec.inputs}
    owner |= {name: Text(f"the constant {name}", f"константа {name}") for name in spec.constants if name not in owner}
    named = [(name, Text(f"the size {name}", f"размер {name}"), f"sizes.{name}") for name in size_names]
    named += [(p.name, Text(f"the parameter {p.name}", f"параметр {p.name}"), "nodes") for p in parameters]
    for node in nodes:
        inner = [d.target.name for d in node.formula.definitions[:-1]] if node.formula else []
        if node.formula is None and node.activation != IDENTITY:
            inner = [f"a_{node.name}"]
        named += [(node.name, Text(f"the node {node.name}", f"узел {node.name}"), f"nodes.{node.name}")]
        named += [
            (name, Text(f"a part of the node {node.name}", f"часть узла {node.name}"), f"nodes.{node.name}")
            for name in inner
        ]
    named += [
        (h.name, Text("a weight of the regulariser", "вес регуляризатора"), "regularizer") for h in _hypers(regularizer)
    ]
    for name, what, place in named:
        if name in owner:
            raise SpecError(
                Text(
                    f"{place}: {name} names {owner[name]} and {what}; choose another name for one of them",
                    f"{place}: имя {name} занято дважды: {owner[name].ru} и {what.ru}; назовите одно из них иначе",
                )
            )
        owner[name] = what
    for name in spec.target:
        if name in owner:
            raise SpecError(
                Text(
                    f"target.{name}: {name} names {owner[name]} and a target; choose another name for one of them",
                    f"target.{name}: имя {name} занято дважды: {owner[name].ru} и правильный ответ; "
                    "назовите одно из них иначе",
                )
            )
    return next(iter((*spec.target, *(target for target in TARGETS if target not in owner))))


def _hypers(regularizer: Regularizer | None) -> list[Hyper]:
    weights = [penalty.weight for penalty in regularizer.terms] if regularizer else []
    return [weight for weight in weights if isinstance(weight, Hyper)]
