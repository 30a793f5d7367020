"""Who uses whom in a spec: the arrows between its inputs and nodes, their order, and what comes out."""

from __future__ import annotations

from contextlib import suppress

from symbolic.errors import SpecError
from symbolic.network.arrows import Arrows, Cycle
from symbolic.network.formula import defines_a_number, references
from symbolic.network.grammar import suggest
from symbolic.network.schema import NetworkSpec, NodeSpec
from symbolic.network.states import read_earlier
from symbolic.words import Text, first_of


def number_nodes(spec: NetworkSpec) -> frozenset[str]:
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
            near = suggest(used, tuple(known)) or Text("; there are {known}", "; есть {known}").format(
                known=first_of(sorted(known))
            )
            raise SpecError(
                Text(
                    f"nodes.{name}.inputs: no input and no node is called {used!r}{near}",
                    f"nodes.{name}.inputs: нет ни входа, ни узла с именем {used!r}{near.ru}",
                )
            )
    return node.inputs


def graph_of(spec: NetworkSpec, numbers: frozenset[str]) -> Arrows:
    """An arrow from each value to each node that uses it; ``numbers`` are the nodes that are one number."""
    known = {*spec.inputs, *spec.nodes}
    uses = {name: tuple(_uses(name, node, known, numbers)) for name, node in spec.nodes.items()}
    return Arrows({**dict.fromkeys(spec.inputs, ()), **uses})


def without_earlier_reads(graph: Arrows, spec: NetworkSpec, size_names: tuple[str, ...]) -> Arrows:
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


def order_of_nodes(graph: Arrows, spec: NetworkSpec) -> tuple[str, ...]:
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


def outputs_of(graph: Arrows, spec: NetworkSpec, in_loss: tuple[str, ...]) -> tuple[str, ...]:
    for name in spec.output:
        if name not in spec.nodes:
            near = suggest(name, tuple(spec.nodes)) or Text("; the nodes are {nodes}", "; узлы: {nodes}").format(
                nodes=first_of(spec.nodes)
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
            Text("output: missing; {what}, one of {last}", "output: не указан; {what}, один из {last}").format(
                what=what, last=first_of(last)
            )
        )
    return tuple(last)


def refuse_unused(graph: Arrows, spec: NetworkSpec, outputs: tuple[str, ...], in_loss: tuple[str, ...]) -> None:
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
