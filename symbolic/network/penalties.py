"""The regulariser of a spec: R(w) over all parameters, over one of them, or in index notation over several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lark import Token

from symbolic.errors import SpecError
from symbolic.language.expr import ONE, ZERO, Expr, Hyper, Sum, Symbol, number
from symbolic.language.terms import walk
from symbolic.network.catalogue import FUNCTIONS, REGULARIZERS
from symbolic.network.formula import parse_formula
from symbolic.network.grammar import ScalarReader, suggest
from symbolic.network.node_formula import parse_node
from symbolic.network.nodes import ENTRIES, Parameter, Penalty, Regularizer
from symbolic.network.schema import OwnRegularizer, RegularizerSpec
from symbolic.network.syntax import Node, branches, head, nodes, parse
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Around:
    """What the formulas of a regulariser may name: parameters, constants and sizes."""

    parameters: tuple[Parameter, ...]
    size_names: tuple[str, ...]
    constants: Mapping[str, Hyper]

    def named(self, name: str) -> str:
        """The name, when a parameter is called so; else ``SpecError`` names those there are."""
        found = tuple(parameter.name for parameter in self.parameters)
        if name not in found:
            near = suggest(name, found) or Text(f"; there are {', '.join(found)}", f"; есть {', '.join(found)}")
            raise SpecError(
                Text(
                    f"regularizer.{name}: no parameter is called {name}{near}",
                    f"regularizer.{name}: нет параметра с именем {name}{near.ru}",
                )
            )
        return name


def read_regularizer(spec: RegularizerSpec, around: Around) -> Regularizer:
    """R(w) as a spec says it; ``SpecError`` with the place where it says nothing that can be meant."""
    parts: list[tuple[str | None, RegularizerSpec | OwnRegularizer]] = [(None, spec)]
    parts += [(around.named(name), one) for name, one in spec.of.items()]
    weights = [value for _, one in parts for value in (one.l1, one.l2) if value is not None]
    names = iter(["lambda"] if len(weights) == 1 else [f"lambda_{at}" for at in range(1, len(weights) + 1)])
    penalties = tuple(penalty for of, one in parts for penalty in _penalties(one, of, names, around))
    return Regularizer(penalties, spec.bias, ZERO if spec.total is None else _total(spec, around))


def _penalties(
    spec: RegularizerSpec | OwnRegularizer, of: str | None, names: Iterator[str], around: Around
) -> Iterator[Penalty]:
    """What is added for all parameters, or for the one called so."""
    for kind, value in (("l1", spec.l1), ("l2", spec.l2)):
        if value is not None:
            yield Penalty(Hyper(next(names), number(value).value), Sum(REGULARIZERS[kind], ENTRIES), of)
    if spec.formula is not None:
        try:
            yield Penalty(ONE, _formula(spec.formula, of is not None, around), of)
        except SpecError as error:
            raise error.at("regularizer" if of is None else f"regularizer.{of}") from None


def _formula(text: str, alone: bool, around: Around) -> Expr:
    """A formula in one entry w, summed over all entries; of one parameter it may say Sum(…) itself."""
    tree = parse(text)
    if alone and any(part.data == "call" and head(part) == "Sum" for part in nodes(tree)):
        return _OverEntries(text, around).read(tree)
    formula = parse_formula(text, ("w",), constants=around.constants)
    if Symbol("w") not in walk(formula):
        raise SpecError(
            Text(
                f"{text!r} does not depend on w, one entry of a parameter",
                f"{text!r} не зависит от w, элемента параметра",
            )
        )
    return Sum(formula, ENTRIES)


class _OverEntries(ScalarReader):
    """A formula of one parameter in which ``Sum(w**2)`` is the sum over all of its entries."""

    def __init__(self, text: str, around: Around) -> None:
        super().__init__(text, (), FUNCTIONS, around.constants)

    def name(self, token: Token) -> Expr:
        if token == "w" and not self.symbols:
            self.refuse(
                token,
                Text(
                    "w is one entry of the parameter, and stands under a Sum here, as in Sum(w**2)",
                    "w — элемент параметра и стоит здесь под знаком Sum, как в Sum(w**2)",
                ),
            )
        return super().name(token)

    def special(self, name: str, tree: Node) -> Expr:
        if name != "Sum" or len(branches(tree)) != 1 or self.symbols:
            self.refuse(
                tree,
                Text(
                    "Sum(w**2) is the sum over all entries; indices belong in total, as in Sum(w[j]**2, j)",
                    "Sum(w**2) — сумма по всем элементам; индексы пишут в total, как в Sum(w[j]**2, j)",
                ),
            )
        self.symbols = ("w",)
        body = self._value(branches(tree)[0])
        self.symbols = ()
        if Symbol("w") not in walk(body):
            self.refuse(
                tree,
                Text(
                    "what is summed does not depend on w, one entry of the parameter",
                    "то, что суммируется, не зависит от w, элемента параметра",
                ),
            )
        return Sum(body, ENTRIES)


def _total(spec: RegularizerSpec, around: Around) -> Expr:
    """A regulariser in index notation; it is read as a node would be, of which every object has the same."""
    text, known = spec.total, {parameter.name: parameter.tensor for parameter in around.parameters}
    try:
        found = parse_node(
            f"R_[i] = 0 + ({text})",
            known.values(),
            ranges=spec.ranges,
            sizes=around.size_names,
            constants=around.constants,
        )
    except SpecError as error:
        raise error.at("regularizer.total") from None
    if strangers := [tensor.name for tensor in found.parameters if known.get(tensor.name) != tensor]:
        there = Text(
            f"there are {', '.join(known)}; one of its own is declared: parameters = {{ {strangers[0]} = … }}",
            f"есть {', '.join(known)}; свой параметр нужно объявить: parameters = {{ {strangers[0]} = … }}",
        )
        raise SpecError(
            Text(
                f"regularizer.total: no parameter is called {strangers[0]}; {there}",
                f"regularizer.total: нет параметра с именем {strangers[0]}; {there.ru}",
            )
        )
    if not found.parameters:
        raise SpecError(
            Text(
                f"regularizer.total: {text!r} names no parameter; there are {', '.join(known)}",
                f"regularizer.total: в {text!r} нет ни одного параметра; есть {', '.join(known)}",
            )
        )
    if len(found.definitions) > 1:
        raise SpecError(
            Text(
                "regularizer.total: softmax belongs in the formula of a node",
                "regularizer.total: место softmax — в формуле узла",
            )
        )
    return found.definitions[-1].formula
