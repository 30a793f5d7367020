"""Names that a spec may give: none that a function has, and none for two things."""

from __future__ import annotations

from symbolic.errors import SpecError
from symbolic.language.expr import Hyper
from symbolic.network.catalogue import ACTIVATION_NAMES, FUNCTIONS, IDENTITY
from symbolic.network.grammar import SPECIAL_FORMS
from symbolic.network.named_sizes import no_such_size
from symbolic.network.nodes import Node, Parameter, Regularizer
from symbolic.network.schema import NetworkSpec
from symbolic.words import Text

#: What the target is called: the first name that nothing else in the network has.
TARGETS = ("y", "y_true", "y_target")


def refuse_bad_names(spec: NetworkSpec, size_names: tuple[str, ...]) -> None:
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
            raise SpecError(no_such_size(name, size_names))


def target_name(
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
