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

from symbolic.language.affine import Index
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import ZERO, Entry, Expr, Extent, Partial, Sum, Symbol, Tensor, add, mul, power, total
from symbolic.language.sample import SAMPLE, SAMPLES
from symbolic.language.terms import substitute, transform
from symbolic.network.catalogue import IDENTITY, SOFTMAX
from symbolic.network.letters import Letters
from symbolic.network.nodes import ENTRIES, Node, Parameter, Penalty, axes, data_fact
from symbolic.network.softmax import softmax as softmax_of
from symbolic.network.states import in_order
from symbolic.remembered import hash_once

if TYPE_CHECKING:
    from symbolic.network.network import Network


@hash_once
@dataclass(frozen=True)
class Objective:
    """The definitions of a network, each before its use, Q last.

    Values have the sample as their first axis, inputs and the target too; parameters, constants and what is one value
    for all samples do not.  ``inputs`` is all data but the target: constants first, further targets last.
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
    #: Outputs beside ``output``.
    more_outputs: tuple[Tensor, ...] = ()
    #: Sizes that nobody chooses: how many equal layers were folded into one, by the name of the number.
    depths: tuple[tuple[str, int], ...] = ()
    #: No error goes back over the border of a stretch of so many steps (``symbolic.derivation.truncation``).
    truncate: int | None = None
    #: For each read of an earlier step that is cut, the value that is 1 within a stretch and 0 over a border.
    cuts: tuple[tuple[Tensor, Tensor], ...] = ()

    def definition(self, tensor: Tensor) -> Definition:
        """The definition of a value of the network; ``KeyError`` for data and parameters."""
        return self._by_tensor[tensor]

    def defines(self, tensor: Tensor) -> bool:
        return tensor in self._by_tensor

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_hash"}  # good for one process

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
    definitions = [*network.constants.definitions]
    definitions += [definition for node in network.nodes for definition in _node(node, letters)]
    output = network.node(network.output).tensor
    target, *more = _targets(network, output)
    losses = network.loss.own or (_loss(network, target, output, letters),)
    loss = losses[-1]
    definitions += losses
    per_sample = Sum(loss.entry, SAMPLE)
    value = per_sample if network.reduction == "sum" else mul(power(Extent(SAMPLES), -1), per_sample)
    if (penalty := _regularizer(network, letters)) is not None:
        definitions.append(penalty)
        value = add(value, penalty.entry)
    definitions.append(Definition(Tensor("Q"), (), value, "objective"))
    return Objective(
        network=network,
        definitions=_without_partials(in_order(definitions)),
        inputs=(*network.constants.data, *(one.tensor for one in network.inputs), *more),
        target=target,
        output=output,
        more_outputs=tuple(network.node(name).tensor for name in network.outputs[1:]),
        parameters=network.parameters,
        loss=loss.target,
        value=definitions[-1].target,
        facts=_facts(network, (target, *more)),
    )


def _without_partials(definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """Derivatives inside formulas, D(u[i], t[i]), carried out by the room that differentiates, where there is one."""
    if not any(Partial in definition.formula.kinds for definition in definitions):
        return definitions
    from symbolic.derivation.within import without_partials

    return without_partials(definitions, SAMPLE)


def _targets(network: Network, output: Tensor) -> tuple[Tensor, ...]:
    """What the loss compares with: as declared; like the output where L is of y and p; else one idle number."""
    if declared := network.spec.target:
        return tuple(Tensor(name, (SAMPLE.extent, *axes(one.width)), "target") for name, one in declared.items())
    return (Tensor(network.target, (SAMPLE.extent,) if network.loss.own else output.axes, "target"),)


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
    """R = λ·Σ over all entries of all parameters, or of those that a penalty is for."""
    regularizer = network.regularizer
    if regularizer is None:
        return None
    terms: list[Expr] = []
    for penalty in regularizer.terms:
        chosen = [p for p in network.parameters if _is_for(penalty, p, regularizer.bias)]
        terms.append(mul(penalty.weight, add(*(_over_entries(penalty.formula, p.tensor, letters) for p in chosen))))
    formula = add(*terms, regularizer.total)
    return None if formula == ZERO else Definition(Tensor("R"), (), formula, "regularizer")


def _is_for(penalty: Penalty, parameter: Parameter, biases: bool) -> bool:
    return parameter.name == penalty.of if penalty.of is not None else biases or not parameter.bias


def _over_entries(formula: Expr, parameter: Tensor, letters: Letters) -> Expr:
    """The formula with its sums over all entries w written out for a parameter."""
    over = letters.over(parameter.axes)

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Sum) and node.index == ENTRIES:
            return total(substitute(node.body, {Symbol("w"): parameter[over]}), *over)
        return None

    return transform(formula, change)


def _facts(network: Network, targets: tuple[Tensor, ...]) -> tuple[Fact, ...]:
    known = [one.fact for one in network.inputs if one.fact is not None]
    known += network.constants.facts
    for target in targets:
        if declared := network.spec.target.get(target.name):
            fact = data_fact(target, declared.below, declared.values)
            known += [] if fact is None else [fact]
        elif (kind := network.loss.fact) is not None:
            known.append(Fact(kind, target, len(target.axes) - 1 if kind == "sums_to_one" else None))
    return tuple(known)
