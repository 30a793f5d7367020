"""A whole objective as SymPy's expression, and the symbols that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import sympy

from symbolic.errors import SpecError
from symbolic.interchange.outward import tensor_symbol, written_in_leaves
from symbolic.interchange.places import places_of, shape
from symbolic.interchange.scalars import Sympy
from symbolic.interchange.within_reach import nodes_of
from symbolic.interchange.written import WrittenOut, leaves_of, separator_of
from symbolic.language.affine import Index
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Tensor
from symbolic.words import Text

#: Written out with more nodes than this, SymPy takes minutes.
MOST_WRITTEN = 200_000


class Sized(Protocol):
    @property
    def name(self) -> str: ...
    def resolve_sizes(self, **overrides: int) -> dict[str, int]: ...


class Whole(Protocol):
    """What is needed of an objective."""

    @property
    def network(self) -> Sized: ...
    @property
    def definitions(self) -> tuple[Definition, ...]: ...
    @property
    def inputs(self) -> tuple[Tensor, ...]: ...
    @property
    def target(self) -> Tensor: ...
    @property
    def value(self) -> Tensor: ...
    @property
    def sample(self) -> Index: ...


def all_sizes(objective: Whole, given: Mapping[str, int]) -> dict[str, int]:
    """A number for N and every named size; ``SpecError`` when one is missing or none."""
    (samples,) = objective.sample.extent.keys
    if samples not in given:
        raise SpecError(
            Text(
                f"sizes: no number for {samples}, the number of samples; give it, as in {samples} = 2",
                f"sizes: нет числа для {samples}, числа объектов выборки; задайте его, как в {samples} = 2",
            )
        )
    count = given[samples]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise SpecError(
            Text(
                f"sizes: {samples} = {count!r} is no size; give a whole number of at least 1",
                f"sizes: {samples} = {count!r} — не размер; задайте целое число не меньше 1",
            )
        )
    others = {name: number for name, number in given.items() if name != samples}
    return {samples: count, **objective.network.resolve_sizes(**others)}


def leaves(objective: Whole) -> tuple[Tensor, ...]:
    """Inputs, the target, then parameters, in the order of their first use."""
    data = (*objective.inputs, objective.target)
    return (*data, *(tensor for tensor in leaves_of(objective.definitions) if tensor not in data))


def written_out(objective: Whole, sizes: Mapping[str, int]) -> WrittenOut:
    """The objective at these sizes; ``SpecError`` when that is too long for SymPy."""
    by_tensor = {definition.target: definition for definition in objective.definitions}
    if (nodes := nodes_of(by_tensor, Entry(objective.value), sizes)) > MOST_WRITTEN:
        numbers = ", ".join(f"{name} = {number}" for name, number in sizes.items())
        raise SpecError(
            Text(
                f"{objective.network.name}: written out at {numbers}, Q has about {nodes:.2g} nodes; "
                f"take smaller sizes, for at most {MOST_WRITTEN}",
                f"{objective.network.name}: в развёрнутом виде при {numbers} у Q около {nodes:.2g} "
                f"узлов; возьмите размеры меньше, чтобы их было не больше {MOST_WRITTEN}",
            )
        )
    return WrittenOut(sizes, objective.definitions, separator=separator_of(leaves(objective), sizes))


def objective_in_sympy(objective: Whole, given: Mapping[str, int]) -> Sympy:
    """Q(w) with the sizes free, or written out where they are given."""
    if not given:
        return written_in_leaves(Entry(objective.value), objective.definitions)
    return written_out(objective, all_sizes(objective, given)).entry(objective.value, ())


def symbols_of_objective(objective: Whole, given: Mapping[str, int]) -> dict[str, Sympy]:
    """The symbols of data and parameters by name: bases with free sizes, or arrays of scalar symbols."""
    found = leaves(objective)
    if not given:
        return {tensor.name: tensor_symbol(tensor) for tensor in found}
    sizes = all_sizes(objective, given)
    written = WrittenOut(sizes, separator=separator_of(found, sizes))
    arrays: dict[str, Sympy] = {}
    for tensor in found:
        scalars = [written.symbol(tensor, places) for places in places_of(tensor, sizes)]
        arrays[tensor.name] = sympy.Array(scalars, shape(tensor, sizes)) if tensor.axes else scalars[0]
    return arrays
