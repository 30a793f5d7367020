"""Second order from the same engine: R{·}, Hessian-vector products, the Hessian, and the Jacobian.

R{α} = Σ_w v_w ∂α/∂w is the derivative of α along a direction v in the space of the parameters (Bishop,
PRML, §5.4.6).  Applied to every definition of the network and to every definition of its adjoint, it
gives R{∂Q/∂w} = H v without ever forming H: about twice the work of the gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from symbolic.derivation import rules
from symbolic.derivation.adjoint import Adjoint, adjoint, adjoint_of
from symbolic.derivation.calculus import differentiate
from symbolic.derivation.record import Because, Derivation, Prover
from symbolic.language.affine import Index
from symbolic.language.collapse import collapse, gather, use_facts
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Partial, Tensor, add, mul, total
from symbolic.language.matching import fold
from symbolic.language.paths import entry_inside
from symbolic.language.terms import SPARE_NAMES, fresh_index, tensors
from symbolic.network.objective import Objective
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class TangentDefinition:
    """R{α} of one definition: as a law, Σ_β ∂α/∂β R{β}, and carried out."""

    of: Definition
    law: Expr
    definition: Definition


def tangent_of(tensor: Tensor) -> Tensor:
    """The tensor R{α}; for a parameter w the given direction v."""
    if tensor.role == "parameter":
        return Tensor(f"v_{tensor.name}", tensor.axes, "direction")
    return Tensor(f"R_{tensor.name}", tensor.axes, "tangent")


def tangents(definitions: Iterable[Definition], objective: Objective) -> tuple[TangentDefinition, ...]:
    """R{α} for every definition that depends on a parameter, in order; the others have R{α} = 0."""
    definitions = tuple(definitions)
    moving = _moving(definitions, objective)
    found = []
    for definition in definitions:
        if definition.target not in moving:
            continue
        parts = [_part(definition, tensor, objective) for tensor in tensors(definition.formula) if tensor in moving]
        formula = gather(use_facts(add(*(formula for _, formula in parts)), objective.facts))
        target = tangent_of(definition.target)
        result = Definition(target, definition.indices, formula, "tangent", definition.node)
        found.append(TangentDefinition(definition, add(*(law for law, _ in parts)), result))
    return tuple(found)


def _moving(definitions: Sequence[Definition], objective: Objective) -> set[Tensor]:
    """The parameters and all that depends on them, where a recurrence leads back too."""
    found = {parameter.tensor for parameter in objective.parameters}
    while more := {d.target for d in definitions if not found.isdisjoint(tensors(d.formula))} - found:
        found |= more
    return found


def _part(definition: Definition, tensor: Tensor, objective: Objective) -> tuple[Expr, Expr]:
    """Σ_b ∂α/∂β[b] R{β}[b]: as it stands, and with the derivative carried out."""
    by, running = entry_inside(definition.formula, tensor, definition.indices, ())
    moved = Entry(tangent_of(tensor), by.subscripts)
    local = fold(differentiate(definition.formula, by), objective.definitions)
    law = total(mul(Partial(definition.entry, by, direct=True), moved), *running)
    return law, collapse(total(mul(local, moved), *running))


@dataclass(frozen=True, slots=True)
class HessianVector:
    """H v: the definitions of Q, of its adjoint, and of R{·} of both; the last ones are R{∂Q/∂w} = H v."""

    objective: Objective
    adjoint: Adjoint
    tangents: tuple[TangentDefinition, ...]

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Everything, each before it is used."""
        moved = tuple(entry.definition for entry in self.tangents)
        return (*self.objective.definitions, *self.adjoint.definitions, *moved)

    def of(self, tensor: Tensor) -> Definition:
        """R{∂Q/∂w} for one parameter w."""
        return next(t.definition for t in self.tangents if t.of.target == adjoint_of(tensor))


def hessian_vector(objective: Objective) -> HessianVector:
    """The Hessian-vector product of an objective, for any direction v_w in the space of its parameters."""
    backward = adjoint(objective)
    return HessianVector(objective, backward, tangents((*objective.definitions, *backward.definitions), objective))


def hessian_vector_derivation(objective: Objective, parameter: Tensor) -> Derivation:
    """R{∂Q/∂w} with R{·} of everything that it needs as lemmas, each law and each result checked."""
    product = hessian_vector(objective)
    last = adjoint_of(parameter)
    needed = _needed(last, product.tangents)
    derived = [_tangent_derivation(entry, product) for entry in product.tangents if entry.of.target in needed]
    return replace(derived[-1], lemmas=tuple(derived[:-1]), wrt=parameter.name)


def _needed(last: Tensor, found: tuple[TangentDefinition, ...]) -> set[Tensor]:
    """The quantities whose R{·} the last one is made of."""
    by_result = {entry.definition.target: entry for entry in found}
    needed, stack = set(), [tangent_of(last)]
    while stack:
        entry = by_result.get(stack.pop())
        if entry is not None and entry.of.target not in needed:
            needed.add(entry.of.target)
            stack.extend(tensors(entry.definition.formula))
    return needed


def _tangent_derivation(entry: TangentDefinition, product: HessianVector) -> Derivation:
    known = product.objective.definitions
    prover = Prover((entry.of,), product.objective.facts)
    goal = entry.definition.entry
    because = Because(Text("R of a composition (Bishop, §5.4.6)", "R композиции (Бишоп, §5.4.6)"))
    law = prover.step(rules.CHAIN_MANY, _over_all_entries(entry.of, product), entry.law, because=because)
    steps = [law]
    if entry.definition.formula != entry.law:
        prover = Prover((*known, entry.of), product.objective.facts) if entry.of not in known else Prover(known)
        steps.append(prover.step(rules.CHAIN, entry.law, entry.definition.formula))
    name = product.objective.network.name
    return Derivation(name, entry.of.target.name, "tangent", goal, tuple(steps), known, known=known)


def _over_all_entries(definition: Definition, product: HessianVector) -> Expr:
    """R{α} = Σ_β Σ_b ∂α/∂β[b] R{β}[b] over every entry b there is: what the law is checked against.

    The law itself leaves out the entries that α does not hold.  Which those are is read off the formula, and a
    mistake in that would stand on both sides of any later step.
    """
    moving = {*(p.tensor for p in product.objective.parameters), *(t.of.target for t in product.tangents)}
    parts = []
    for tensor in tensors(definition.formula):
        if tensor in moving:
            by: list[Index] = []
            for axis in tensor.axes:
                by.append(fresh_index(Index(SPARE_NAMES[0], axis), (*definition.indices, *by)))
            slope = Partial(definition.entry, tensor[tuple(by)], direct=True)
            parts.append(total(mul(slope, tangent_of(tensor)[tuple(by)]), *by))
    return add(*parts)
