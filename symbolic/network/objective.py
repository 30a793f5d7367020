"""Q(w) as an ordered list of small definitions in index notation.

>>> from symbolic.network.network import Network
>>> print(build_objective(Network.load("one_hidden_layer")))
a_z[i, j] = Sum(w_1[j, d]*x[i, d], d) + b_z[j]     i < N, j < J
z[i, j] = sigmoid(a_z[i, j])                       i < N, j < J
a_p[i] = Sum(w_2[j]*z[i, j], j) + b_p              i < N
p[i] = sigmoid(a_p[i])                             i < N
L[i] = (y[i] - p[i])**2                            i < N
Q = Sum(L[i], i)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from symbolic.language.affine import Index, size
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import ZERO, Entry, Expr, Extent, Sum, Symbol, Tensor, add, mul, power, total
from symbolic.language.terms import substitute
from symbolic.network.catalogue import IDENTITY, SOFTMAX
from symbolic.network.formula import SAMPLE
from symbolic.network.formula import softmax as softmax_of
from symbolic.network.letters import Letters
from symbolic.network.nodes import Node, Parameter, axes, data_fact
from symbolic.network.states import in_order

if TYPE_CHECKING:
    from symbolic.network.network import Network


@dataclass(frozen=True)
class Objective:
    """The definitions of a network, each before its use, Q last.

    Values have the sample as their first axis, inputs and the target too; parameters do not.
    """

    network: Network
    definitions: tuple[Definition, ...]
    inputs: tuple[Tensor, ...]
    target: Tensor
    output: Tensor
    parameters: tuple[Parameter, ...]
    loss: Tensor
    value: Tensor
    sample: Index = SAMPLE
    facts: tuple[Fact, ...] = field(default=())

    def definition(self, tensor: Tensor) -> Definition:
        """The definition of a value of the network; ``KeyError`` for data and parameters."""
        return self._by_tensor[tensor]

    def defines(self, tensor: Tensor) -> bool:
        return tensor in self._by_tensor

    @cached_property
    def _by_tensor(self) -> dict[Tensor, Definition]:
        return {definition.target: definition for definition in self.definitions}

    def to_sympy(self, **sizes: int) -> Any:
        """Q(w) as SymPy's expression in data and parameters.

        Without sizes N, D, … stay free: ``Sum`` over ``Idx``, ``IndexedBase`` with their shapes.  With them it is
        written out over scalar symbols, x[0, 2] as ``x_0_2``; N must be given then, other sizes may be left to the
        spec.  The symbols are those of :meth:`symbols`.  ``SpecError`` for an unknown size, or for a network too
        large to be written so.
        """
        from symbolic.interchange.objectives import objective_in_sympy

        return objective_in_sympy(self, sizes)

    def symbols(self, **sizes: int) -> dict[str, Any]:
        """What :meth:`to_sympy` is made of, by name: inputs, the target, then parameters.

        Without sizes an ``IndexedBase`` each (a symbol where there are no axes); with them an array of scalar
        symbols in the shape of the tensor.
        """
        from symbolic.interchange.objectives import symbols_of_objective

        return symbols_of_objective(self, sizes)

    def _sympy_(self) -> Any:
        return self.to_sympy()

    def __str__(self) -> str:
        rows = [(str(d), ", ".join(f"{index} < {index.extent}" for index in d.indices)) for d in self.definitions]
        width = min(max(len(left) for left, _ in rows), 90) + 4
        return "\n".join(f"{left:<{width}} {ranges}".rstrip() for left, ranges in rows)


def build_objective(network: Network) -> Objective:
    """Write a network, its loss and its regulariser as definitions."""
    letters = Letters(network)
    definitions = [definition for node in network.nodes for definition in _node(node, letters)]
    output = network.node(network.output).tensor
    target = _target(network, output)
    losses = network.loss.own or (_loss(network, target, output, letters),)
    loss = losses[-1]
    definitions += losses
    per_sample = Sum(loss.entry, SAMPLE)
    value = per_sample if network.reduction == "sum" else mul(power(Extent(size("N")), -1), per_sample)
    if (penalty := _regularizer(network, letters)) is not None:
        definitions.append(penalty)
        value = add(value, penalty.entry)
    definitions.append(Definition(Tensor("Q"), (), value, "objective"))
    return Objective(
        network=network,
        definitions=in_order(definitions),
        inputs=tuple(one.tensor for one in network.inputs),
        target=target,
        output=output,
        parameters=network.parameters,
        loss=loss.target,
        value=definitions[-1].target,
        facts=_facts(network, target),
    )


def _target(network: Network, output: Tensor) -> Tensor:
    """What the loss compares with: as declared; like the output where L is of y and p; else one idle number."""
    if network.target in network.spec.target:
        return Tensor(network.target, (SAMPLE.extent, *axes(network.spec.target[network.target].width)), "target")
    return Tensor(network.target, (SAMPLE.extent,) if network.loss.own else output.axes, "target")


def _node(node: Node, letters: Letters) -> tuple[Definition, ...]:
    if node.formula is not None:
        return node.formula.definitions
    own = letters.own(node.name)
    indices = (SAMPLE, *own)
    linear = _linear(node, own, letters)
    if node.activation == IDENTITY:
        return (Definition(node.tensor, indices, linear, "node", node.name),)
    before = Definition(Tensor(f"a_{node.name}", node.tensor.axes), indices, linear, "preactivation", node.name)
    after = _activated(node, before.entry, own, letters)
    return before, Definition(node.tensor, indices, after, "activation", node.name)


def _linear(node: Node, own: tuple[Index, ...], letters: Letters) -> Expr:
    """Σ over the inputs of Σ_k w[j,k]·x[i,k], and the bias b[j]."""
    terms: list[Expr] = []
    for weight, source in zip(node.weights, node.inputs, strict=True):
        over = letters.summed(source, own)
        value = letters.tensor(source)[(SAMPLE, *over)]
        terms.append(total(mul(weight.tensor[(*own, *over)], value), *over))
    if node.bias is not None:
        terms.append(node.bias.tensor[own])
    return add(*terms)


def _activated(node: Node, before: Entry, own: tuple[Index, ...], letters: Letters) -> Expr:
    if node.activation == SOFTMAX:
        return softmax_of(before, own[-1], names=(letters.another(own[-1], own).name,))
    assert node.function is not None
    return node.function(before)


def _loss(network: Network, target: Tensor, output: Tensor, letters: Letters) -> Definition:
    """L[i] = Σ over the outputs of L(y, p)."""
    over = letters.own(output.name)
    entries: dict[Expr, Expr] = {Symbol("y"): target[(SAMPLE, *over)], Symbol("p"): output[(SAMPLE, *over)]}
    formula = total(substitute(network.loss.formula, entries), *over)
    return Definition(Tensor("L", (SAMPLE.extent,)), (SAMPLE,), formula, "loss")


def _regularizer(network: Network, letters: Letters) -> Definition | None:
    """R = λ·Σ over all entries of all parameters."""
    regularizer = network.regularizer
    parameters = [p.tensor for p in network.parameters if regularizer is not None and (regularizer.bias or not p.bias)]
    if regularizer is None or not (parameters or regularizer.total != ZERO):
        return None
    terms: list[Expr] = []
    for weight, formula in regularizer.terms:
        sums = []
        for parameter in parameters:
            over = letters.over(parameter.axes)
            sums.append(total(substitute(formula, {Symbol("w"): parameter[over]}), *over))
        terms.append(mul(weight, add(*sums)))
    return Definition(Tensor("R"), (), add(*terms, regularizer.total), "regularizer")


def _facts(network: Network, target: Tensor) -> tuple[Fact, ...]:
    kind = network.loss.fact
    inputs = tuple(one.fact for one in network.inputs if one.fact is not None)
    if declared := network.spec.target.get(target.name):
        fact = data_fact(target, declared.below, declared.values)
        return inputs if fact is None else (*inputs, fact)
    if kind is None:
        return inputs
    return (
        *inputs,
        Fact(kind, target, len(target.axes) - 1 if kind == "sums_to_one" else None),
    )
