"""What each sample says by itself: its gradient, the Jacobian of the outputs, the curvature of its loss.

Every sample is given weights of its own, w_each[i] = w.  Then the error of w_each is the gradient of one sample's
loss, found by the backpropagation that finds every other error, and ∂Q/∂w is the sum of them.  The Jacobian is the
same with L[i] = Σ_k s[i,k] p[i,k] in place of the loss, for a seed s that picks out an output: one pass backwards for
each output (Bishop, PRML, §5.3.4).  The outer product (5.84) and Gauss and Newton's matrix are made of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from symbolic.derivation.adjoint import Adjoint, adjoint, adjoint_of
from symbolic.derivation.backprop import backprop
from symbolic.derivation.calculus import differentiate
from symbolic.derivation.record import Derivation
from symbolic.errors import SpecError
from symbolic.language.affine import Index, subscript
from symbolic.language.collapse import collapse
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Fold, Sum, Tensor, mul, total
from symbolic.language.names import unused
from symbolic.language.terms import SPARE_NAMES, fresh_index, tensors, transform, walk
from symbolic.network.coarse import inline
from symbolic.network.objective import Objective
from symbolic.words import Text, same


@dataclass(frozen=True, slots=True)
class Each:
    """An objective in which every sample has weights of its own, and the adjoint of it."""

    objective: Objective
    adjoint: Adjoint
    #: The weights of the samples, (N, …), for each parameter in order.
    weights: tuple[Tensor, ...]

    @property
    def gradients(self) -> tuple[Tensor, ...]:
        """∂L_i/∂w for each parameter, (N, …)."""
        return tuple(map(adjoint_of, self.weights))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """All that the gradients are made of, each before its use."""
        return (*self.objective.definitions, *self.adjoint.definitions)


def of_the_loss(objective: Objective) -> Objective:
    """Q = Σ_i L[i] alone: no regulariser, no division by N.  Raises SpecError where samples depend on each other."""
    n = objective.sample.extent
    *before, value = objective.definitions
    kept = [d for d in before if d.kind != "regularizer"]
    if any(isinstance(node, Sum | Fold) and node.index.extent == n for d in kept for node in walk(d.formula)):
        told = Text(
            "its samples depend on each other, so that no gradient belongs to one alone",
            "объекты выборки в ней зависят друг от друга, и у отдельного объекта своего градиента нет",
        )
        raise SpecError(Text(f"{objective.network.name}: {told}", f"{objective.network.name}: {told.ru}"))
    whole = Sum(objective.definition(objective.loss).entry, objective.sample)
    return replace(objective, definitions=(*kept, replace(value, formula=whole)))


def seeded(objective: Objective) -> Objective:
    """The same with L[i] = Σ_k s[i,k] p[i,k], a seed s in place of the target and the loss."""
    alone = of_the_loss(objective)
    output = objective.definition(objective.output)
    own = {d.target for d in objective.network.loss.own} | {objective.loss}
    taken = {d.target.name for d in alone.definitions} | {t.name for d in alone.definitions for t in tensors(d.formula)}
    seed = Tensor(unused("s", taken, "_p"), output.target.axes, "target")
    product = mul(Entry(seed, output.entry.subscripts), output.entry)
    over = tuple(index for index in output.indices if index != objective.sample)
    loss = replace(objective.definition(objective.loss), formula=total(product, *over))
    *before, value = (d for d in alone.definitions if d.target not in own)
    inputs = tuple(tensor for tensor in objective.inputs if tensor.role != "target")
    return replace(alone, definitions=(*before, loss, value), target=seed, inputs=inputs)


def each(objective: Objective) -> Each:
    """Weights of its own for every sample of an objective that is a sum over them (:func:`of_the_loss`)."""
    taken = {d.target.name for d in objective.definitions} | {p.tensor.name for p in objective.parameters}
    taken |= {tensor.name for tensor in (*objective.inputs, objective.target)}
    n = objective.sample
    lifted = {p.tensor: _lifted(p.tensor, n, unused(f"{p.tensor.name}_each", taken)) for p in objective.parameters}
    copies = []
    for parameter, own in lifted.items():
        indices = _letters(parameter, n)
        copies.append(
            Definition(own, (n, *indices), Entry(parameter, tuple(map(subscript, indices))), "node", own.name)
        )
    weights, definitions = tuple(lifted.values()), []
    for definition in objective.definitions:
        formula = _with(definition.formula, lifted, n)
        shared = definition.target.axes[:1] != (n.extent,) and definition.target != objective.value
        if shared and formula != definition.formula:  # one value for all samples is now one for each
            target = _lifted(definition.target, n, definition.target.name)
            lifted[definition.target] = target
            definition = replace(definition, target=target, indices=(n, *definition.indices))
        definitions.append(replace(definition, formula=formula))
    made = replace(objective, definitions=(*copies, *definitions))
    return Each(made, adjoint(made), weights)


def _lifted(tensor: Tensor, sample: Index, name: str) -> Tensor:
    return Tensor(name, (sample.extent, *tensor.axes))


def _letters(tensor: Tensor, sample: Index) -> tuple[Index, ...]:
    chosen: list[Index] = []
    for axis in tensor.axes:
        chosen.append(fresh_index(Index("j", axis), (sample, *chosen), SPARE_NAMES))
    return tuple(chosen)


def _with(formula: Expr, lifted: Mapping[Tensor, Tensor], sample: Index) -> Expr:
    """The formula with the sample's own values in place of what was the same for all."""

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Entry) and node.tensor in lifted:
            return Entry(lifted[node.tensor], (subscript(sample), *node.subscripts))
        return None

    return transform(formula, change)


def curvature(objective: Objective) -> tuple[Definition, ...]:
    """∂L_i/∂p_k and ∂²L_i/∂p_k∂p_m, by the outputs p of the network, as definitions.

    Raises SpecError where the loss reads more of the network than its output.
    """
    inner = {definition.target: definition for definition in objective.network.loss.own[:-1]}
    loss = objective.definition(objective.loss)
    formula = inline(loss.formula, inner)
    output = objective.definition(objective.output)
    values = {d.target for d in objective.definitions if d.node} | {p.tensor for p in objective.parameters}
    if further := [tensor.name for tensor in tensors(formula) if tensor in values - {output.target}]:
        told = Text(
            f"its loss reads {further[0]} beside the output {output.target.name}",
            f"функция потерь в ней берёт {further[0]} кроме выхода {output.target.name}",
        )
        raise SpecError(
            Text(
                f"{objective.network.name}: {told}; Gauss and Newton's matrix is of one output",
                f"{objective.network.name}: {told.ru}; матрица Гаусса — Ньютона строится по одному выходу",
            )
        )
    first = _fresh(output, ())
    slope = collapse(differentiate(formula, _at(output, objective.sample, first)))
    second = _fresh(output, first)
    bend = collapse(differentiate(slope, _at(output, objective.sample, second)))
    n, name = objective.sample.extent, output.target.name
    indices = (objective.sample, *first, *second)
    target = Tensor(f"H_{name}", (n, *(index.extent for index in (*first, *second))))
    return (Definition(target, indices, bend, "node", name),)


def _fresh(output: Definition, taken: tuple[Index, ...]) -> tuple[Index, ...]:
    chosen: list[Index] = []
    for index in output.indices[1:]:
        chosen.append(fresh_index(index, (output.indices[0], *taken, *chosen), SPARE_NAMES))
    return tuple(chosen)


def _at(output: Definition, sample: Index, indices: tuple[Index, ...]) -> Entry:
    return Entry(output.target, tuple(map(subscript, (sample, *indices))))


def per_sample_derivation(objective: Objective, parameter: Tensor) -> Derivation:
    """∂L_i/∂w, the error of the sample's own weights, with the errors that it is made of as lemmas."""
    made = each(of_the_loss(objective))
    own = made.weights[[p.tensor for p in objective.parameters].index(parameter)]
    return backprop(made.objective, own)


def input_derivation(objective: Objective, name: str | None) -> Derivation:
    """∂Q/∂x, the error of an input (None: the first): what a layer below would be given."""
    inputs = [tensor for tensor in objective.inputs if tensor.role == "input"]
    whole = {fact.tensor for fact in objective.facts if fact.kind == "whole"}
    there = {tensor.name: tensor for tensor in inputs if tensor not in whole}
    if not there or (name is not None and name not in there):
        known = same(", ".join(there)) if there else Text("none of real numbers", "из вещественных чисел — ни одного")
        raise SpecError(
            Text(
                f"wrt: {name!r} is no input to differentiate {objective.network.name!r} by; there are {known}",
                f"wrt: {name!r} — не вход, по которому дифференцируют {objective.network.name!r}; есть: {known.ru}",
            )
        )
    found = there[name] if name is not None else next(iter(there.values()))
    return backprop(objective, found, inputs=True)
