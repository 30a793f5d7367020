"""What is the same for all samples and not learnt: named numbers, lists of them, formulas of indices, data.

A list of numbers becomes the formula that says it, Σ of number·[k = place], so it needs no data.  Data have the axes
that the spec names and are given to a module by whoever has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symbolic.errors import SpecError
from symbolic.language.affine import Index, Size, subscript
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import Expr, Hyper, Tensor, add, mul, number
from symbolic.language.terms import SPARE_NAMES, delta
from symbolic.network.data_fields import ConstantSpec
from symbolic.network.node_formula import parse_node
from symbolic.network.nodes import axes, data_fact
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Constants:
    """``numbers`` are letters in a derivation; ``definitions`` depend on sizes alone; ``data`` are given later."""

    numbers: Mapping[str, Hyper]
    definitions: tuple[Definition, ...]
    data: tuple[Tensor, ...]
    facts: tuple[Fact, ...]
    #: The data that are whole numbers, and what they are below.
    whole: Mapping[str, Size]

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Everything that has axes, or may be data."""
        return (*self.data, *(definition.target for definition in self.definitions))


def read_constants(specs: Mapping[str, ConstantSpec], size_names: tuple[str, ...]) -> Constants:
    """The constants of a spec; ``SpecError`` with the place for a formula that is none."""
    numbers = {name: Hyper(name, number(one.number).value) for name, one in specs.items() if one.number is not None}
    definitions: list[Definition] = []
    for name, one in specs.items():
        if one.numbers is not None:
            definitions.append(_listed(name, one))
        elif one.formula is not None:
            known = tuple(definition.target for definition in definitions)
            definitions += _formula(name, one, size_names, numbers, known)
    given = {name: one for name, one in specs.items() if (one.number, one.numbers, one.formula) == (None, None, None)}
    data = {name: Tensor(name, axes(one.width), "constant") for name, one in given.items()}
    facts = tuple(
        fact for name, one in given.items() if (fact := data_fact(data[name], one.below, one.values)) is not None
    )
    whole = {name: one.below for name, one in given.items() if one.below is not None}
    return Constants(numbers, tuple(definitions), tuple(data.values()), facts, whole)


def _listed(name: str, spec: ConstantSpec) -> Definition:
    """c[k] = Σ of number·[k = place] over the places, but for zeros."""
    kept = tuple(axis for axis in spec.width if axis.number != 1)
    indices = tuple(Index(letter, axis) for letter, axis in zip(SPARE_NAMES, kept, strict=False))
    terms = []
    for place, value in _entries(spec.numbers):
        at = (k for k, axis in zip(place, spec.width, strict=True) if axis.number != 1)
        same = (delta(subscript(index), subscript(k)) for index, k in zip(indices, at, strict=True))
        terms.append(mul(number(value), *same))
    formula: Expr = add(*terms)
    return Definition(Tensor(name, kept), indices, formula)


def _entries(numbers: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], float]]:
    if not isinstance(numbers, tuple):
        yield place, numbers
        return
    for at, part in enumerate(numbers):
        yield from _entries(part, (*place, at))


def _formula(
    name: str, spec: ConstantSpec, sizes: tuple[str, ...], numbers: Mapping[str, Hyper], known: tuple[Tensor, ...]
) -> tuple[Definition, ...]:
    """The definitions of a formula of indices, sizes and constants that stand before it."""
    try:
        found = parse_node(spec.formula or "", known, axes(spec.width), sizes=sizes, constants=numbers, sampled=False)
    except SpecError as error:
        raise error.at(f"constants.{name}") from None
    if found.tensor.name != name:
        raise SpecError(
            Text(
                f"constants.{name}: it defines {found.tensor.name}; write {name}[…] = … on the left",
                f"constants.{name}: формула определяет {found.tensor.name}; слева нужно {name}[…] = …",
            )
        )
    if strangers := [tensor.name for tensor in found.parameters if tensor not in known]:
        told = Text(
            "a constant is a formula of indices, sizes and constants before it",
            "константа — формула от индексов, размеров и констант, записанных выше",
        )
        raise SpecError(
            Text(
                f"constants.{name}: unknown name {strangers[0]!r}; {told}",
                f"constants.{name}: неизвестное имя {strangers[0]!r}; {told.ru}",
            )
        )
    return tuple(replace(definition, kind="node", node="") for definition in found.definitions)
