"""The loss of a spec: a built-in one, a formula of y and p, or one over the whole network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from symbolic.errors import SpecError
from symbolic.language.expr import Hyper, Symbol, Tensor
from symbolic.language.terms import tensors, walk
from symbolic.network.building import Builder
from symbolic.network.catalogue import LOSSES, Loss
from symbolic.network.formula import parse_formula
from symbolic.network.grammar import suggest
from symbolic.network.node_formula import parse_node
from symbolic.network.remedies import loss_word
from symbolic.network.schema import NetworkSpec
from symbolic.words import NOTHING, Text, same

_WORD = re.compile(r"[A-Za-z_]\w*")

_ENTRY = re.compile(r"[A-Za-z_]\w*\s*\[")


#: How a loss over the whole network begins.
OWN_LOSS = re.compile(r"\s*L\s*\[")


def with_its_left_side(spec: NetworkSpec) -> NetworkSpec:
    """A loss with subscripts is one over the whole network, with ``L[i] =`` before it or without."""
    if isinstance(spec.loss, str) and _ENTRY.search(spec.loss) and not OWN_LOSS.match(spec.loss):
        return spec.model_copy(update={"loss": f"L[i] = {spec.loss}"})
    return spec


def own_loss(spec: NetworkSpec, builder: Builder, targets: Mapping[str, Tensor]) -> Loss:
    """A loss over the whole network, L[i] = …, in its nodes, inputs, parameters and declared targets."""
    parameters = (parameter.tensor for parameter in builder.parameters.values())
    known = (*builder.tensors.values(), *targets.values(), *parameters)
    whole = {name: one.below for name, one in spec.target.items() if one.below is not None} | dict(builder.whole)
    try:
        found = parse_node(
            spec.loss,
            known,
            (),
            spec.ranges,
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


def loss_of(spec: NetworkSpec, output: Tensor, constants: Mapping[str, Hyper]) -> Loss:
    text = spec.loss
    if spec.ranges:
        name = next(iter(spec.ranges))
        raise SpecError(
            Text(
                f"ranges.{name}: a loss of y and p has no index; a node has ranges of its own, and so has a loss "
                f'over the whole network: loss = "L[i] = …"',
                f"ranges.{name}: у функции потерь от y и p индексов нет; ranges бывает у узла и у функции потерь "
                f'по всей сети: loss = "L[i] = …"',
            )
        )
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
