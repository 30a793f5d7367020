"""What a spec may ask of a machine that is not its author's: counted, and refused before any work is done.

>>> within(Network.load("one_hidden_layer"), STRANGERS)
>>> within_text("x = " + "[" * 50, STRANGERS)
Traceback (most recent call last):
    ...
symbolic.errors.SpecError: too large: brackets are nested 41 deep at character 45; at most 40 are read
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

from symbolic.errors import SpecError
from symbolic.fuel import Exhausted, at_most, left
from symbolic.language.expr import Call, Expr
from symbolic.language.terms import walk
from symbolic.network.arrows import arrows
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective
from symbolic.words import Text, same


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that is taken on.  ``numbers``: the entries of all values for one sample of ``samples`` objects."""

    characters: int = 20_000
    brackets: int = 40
    definitions: int = 160
    terms: int = 600
    calls: int = 40
    nested: int = 3
    paths: int = 300
    numbers: int = 4_000_000
    samples: int = 200


STRANGERS = Budget()


#: The steps that work on a network may take, and more for each of its definitions, and the most that any may take;
#: see ``symbolic.fuel``.
A_NETWORK, A_DEFINITION, ANY_NETWORK = 300_000, 250_000, 6_000_000


#: What it takes to derive and to print the error of one value or parameter, at least.
AN_ERROR = 3_000
#: A network of more nodes is too long as a whole, and not by one of its formulas.
MANY_NODES = 60


@contextmanager
def enough_for(network: Network) -> Iterator[None]:
    """Inside a limit of all work on a network, by its size: a short formula that grows without end is refused.

    ``SpecError`` says what to do about it.
    """
    try:
        with at_most(min(A_NETWORK + A_DEFINITION * len(network.objective.definitions), ANY_NETWORK)):
            yield
    except Exhausted:
        raise too_long(len(network.nodes)) from None


def enough_to_derive(network: Network) -> None:
    """Refuse a network whose errors, all of them, would take more than is left, before the first one is derived."""
    objective = network.objective
    if AN_ERROR * (len(objective.definitions) + len(objective.parameters)) > min(left(), ANY_NETWORK):
        raise too_long(len(network.nodes))


def too_long(nodes: int) -> SpecError:
    """What is said of a network of so many nodes that would take too long."""
    if nodes > MANY_NODES:
        return SpecError(
            Text(
                f"too long: {nodes} nodes are more than can be worked with; write layers that are alike as a "
                "recurrence over depth, as deep_mlp does, or take fewer",
                f"слишком длинно: узлов {nodes}, больше, чем можно обработать; запишите одинаковые слои рекуррентно "
                "по глубине, как в deep_mlp, или возьмите их меньше",
            )
        )
    return SpecError(
        Text(
            "too long: written out, its formulas are more than can be worked with; name parts as nodes",
            "слишком длинно: в развёрнутом виде формул больше, чем можно обработать; выделите их части в узлы",
        )
    )


def within_text(text: str, budget: Budget) -> None:
    """Refuse a text that is long or nested deeply, before a parser sees it."""
    if len(text) > budget.characters:
        raise SpecError(
            Text(
                f"too large: {len(text)} characters; at most {budget.characters} are read here",
                f"слишком велико: символов {len(text)}; здесь читается не больше {budget.characters}",
            )
        )
    depth = 0
    for place, char in enumerate(text, 1):
        depth += (char in "([{") - (char in ")]}")
        if depth > budget.brackets:
            raise SpecError(
                Text(
                    f"too large: brackets are nested {depth} deep at character {place}; at most "
                    f"{budget.brackets} are read",
                    f"слишком велико: на символе {place} скобки вложены {depth} раз; читается не больше "
                    f"{budget.brackets}",
                )
            )


def within(network: Network, budget: Budget) -> None:
    """Refuse a network that would take too long; ``SpecError`` says what was counted, and how much is taken on."""
    objective = build_objective(network)
    _refuse(
        Text("definitions", "определений"), len(objective.definitions), budget.definitions, Text("the network", "сеть")
    )
    for definition in objective.definitions:
        nodes = [*walk(definition.formula)]
        found = [node for node in nodes if isinstance(node, Call)]
        _refuse(
            Text("terms and factors", "слагаемых и множителей"),
            len(nodes) + sum(map(_inside, found)),
            budget.terms,
            same(str(definition.target)),
        )
        _refuse(
            Text("calls of functions", "вызовов функций"),
            len(found) + sum(map(_called, found)),
            budget.calls,
            same(str(definition.target)),
        )
        _refuse(
            Text("calls inside each other", "вложенных вызовов"),
            _nested(definition.formula),
            budget.nested,
            same(str(definition.target)),
        )
    _refuse(
        Text("paths from an input to the output", "путей от входа к выходу"),
        paths(network),
        budget.paths,
        Text("the network", "сеть"),
    )


def within_sizes(network: Network, sizes: Mapping[str, int], budget: Budget) -> None:
    """Refuse sizes whose arrays would fill the memory, before one of them is made."""
    objective = build_objective(network)
    _refuse(
        Text("numbers", "чисел"),
        numbers(objective, network.resolve_sizes(**sizes), budget.samples),
        budget.numbers,
        Text("sizes", "размеры"),
    )


def numbers(objective: Objective, sizes: Mapping[str, int], samples: int) -> int:
    """How many entries all parameters and values have, for a sample of so many objects."""
    whole = {**sizes, **dict.fromkeys(objective.sample.extent.keys, samples)}
    tensors = [*(p.tensor for p in objective.parameters), *(d.target for d in objective.definitions)]
    return sum(prod(axis.value(whole) for axis in tensor.axes) for tensor in tensors)


def paths(network: Network) -> int:
    """How many ways lead from a parameter or an input to the output, one step for each use."""
    names = [*(one.name for one in network.inputs), *(node.name for node in network.nodes)]
    graph = arrows(names, [(source, node.name) for node in network.nodes for source in node.inputs])
    found: dict[str, int] = {}
    for name in names:
        found[name] = sum(found[source] for source in graph.sources[name]) or 1
    return found[network.output]


def _inside(call: Call) -> int:
    return sum(1 for _ in walk(call.function.body)) if call.function.body is not None else 0


def _called(call: Call) -> int:
    return sum(isinstance(node, Call) for node in walk(call.function.body)) if call.function.body is not None else 0


def _nested(expr: Expr) -> int:
    """How many calls stand inside each other, those of a function's own formula included."""
    if isinstance(expr, Call):
        inner = _nested(expr.function.body) if expr.function.body is not None else 0
        return max(1, inner) + max((_nested(argument) for argument in expr.arguments), default=0)
    return max((_nested(child) for child in expr.children), default=0)


def _refuse(what: Text, count: int, most: int, where: Text) -> None:
    if count > most:
        raise SpecError(
            Text(
                f"too large: {where} has {count} {what}; at most {most} are taken on here",
                f"слишком велико: {where.ru}: {what.ru} {count}; здесь берётся не больше {most}",
            )
        )
