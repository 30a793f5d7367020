"""Backpropagation: from the definitions of Q to the definitions of E_α = ∂Q/∂α.

Every value and every parameter α gets one definition, in the order in which they can be computed:

    E_α[b] = Σ_β Σ_a E_β[a] · ∂β[a]/∂α[b]        over the definitions β that use α

(Bishop, PRML, §5.3; the lecture's E_x = E_z ∂z/∂x + E_s ∂s/∂x + E_t ∂t/∂x.)  The derivatives ∂β/∂α are
direct, carried out by ``symbolic.derivation.calculus``, and written with the values that the network has anyway:
σ(a) is z again.  The work is linear in the number of definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from symbolic.derivation import rules
from symbolic.derivation.calculus import Rewriting, differentiate
from symbolic.derivation.deviations import means, without_deviations
from symbolic.derivation.naming_rules import rule_of
from symbolic.derivation.rules import Rule
from symbolic.derivation.standing_still import gathering
from symbolic.derivation.truncation import cut_at
from symbolic.fuel import known_at_its_price
from symbolic.language.affine import Index, Size, Subscript, subscript
from symbolic.language.algebra import cancelled
from symbolic.language.cancel import cancels, in_lowest_numbers, settled
from symbolic.language.collapse import collapse, leading_plus, use_facts
from symbolic.language.collector import collector_paused
from symbolic.language.definition import Definition, Fact
from symbolic.language.expr import ONE, ZERO, Entry, Expr, Partial, Pow, Tensor, add, mul, total
from symbolic.language.matching import fold
from symbolic.language.recurrence import runs_round
from symbolic.language.terms import entries, fresh_index, places, tensors, walk
from symbolic.network.objective import Objective


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one user β of α adds to E_α: Σ_a E_β[a]·∂β[a]/∂α[b], as a law and, by the log, carried out."""

    user: Definition
    law: Expr
    log: tuple[Rewriting, ...]

    @property
    def formula(self) -> Expr:
        return self.log[-1].after if self.log else self.law


@dataclass(frozen=True, slots=True)
class AdjointDefinition:
    """E_α with the contributions that it is the sum of."""

    of: Tensor
    definition: Definition
    contributions: tuple[Contribution, ...]

    @property
    def law(self) -> Expr:
        """Σ_β Σ_a E_β ∂β/∂α with the derivatives not carried out."""
        return add(*(c.law for c in self.contributions))


@dataclass(frozen=True, slots=True)
class Adjoint:
    """All E of an objective, each before it is used."""

    objective: Objective
    entries: tuple[AdjointDefinition, ...]

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The definitions E_α[b] = … in the order in which they can be computed."""
        return tuple(entry.definition for entry in self.entries)

    def of(self, tensor: Tensor) -> AdjointDefinition:
        """The E of one tensor; ``KeyError`` when Q does not depend on it through a parameter."""
        for entry in self.entries:
            if entry.of == tensor:
                return entry
        raise KeyError(tensor.name)


def adjoint_of(tensor: Tensor) -> Tensor:
    """The tensor E_α that belongs to α."""
    return Tensor(f"E_{tensor.name}", tensor.axes, "adjoint")


@known_at_its_price(16)
@collector_paused()
def adjoint(objective: Objective, inputs: bool = False) -> Adjoint:
    """Derive E_α for every value and parameter of the objective (and for the inputs, when asked).

    The last definition of the objective is Q; its own E is 1 and stands in no formula.
    """
    active = _active(objective, inputs)
    users = _users(objective.definitions, active)
    known = {objective.value: Definition(adjoint_of(objective.value), (), ONE, "adjoint")}
    found: list[AdjointDefinition] = []
    waiting = {tensor: len(defs) for tensor, defs in users.items()}
    averages = means(objective.definitions)

    def settle(tensor: Tensor, definition: Definition | None = None) -> None:
        entry = _adjoint_definition(tensor, definition, users[tensor], objective, averages, known)
        known[tensor] = entry.definition
        found.append(entry)

    for definition in reversed(objective.definitions):
        if definition.target not in active:
            continue
        if definition.target != objective.value:
            settle(definition.target, definition)
        for tensor in tensors(definition.formula):
            if tensor in waiting:
                waiting[tensor] -= 1
                if waiting[tensor] == 0 and tensor.role in ("parameter", "input"):
                    settle(tensor)
    idle = (parameter.tensor for parameter in objective.parameters if parameter.tensor not in known)
    return Adjoint(objective, (*found, *(_independent(tensor, objective) for tensor in idle)))


def _independent(tensor: Tensor, objective: Objective) -> AdjointDefinition:
    """The E of a parameter that Q does not depend on: 0, with nothing that it is the sum of."""
    indices = indices_of(tensor, objective.definitions)
    return AdjointDefinition(tensor, Definition(adjoint_of(tensor), indices, ZERO, "adjoint"), ())


def _active(objective: Objective, inputs: bool) -> set[Tensor]:
    """The tensors whose E is wanted: parameters, and the values between one (or an input) and Q."""
    active = {parameter.tensor for parameter in objective.parameters}
    if inputs:
        whole = {fact.tensor for fact in objective.facts if fact.kind == "whole"}
        active |= {tensor for tensor in objective.inputs if tensor.role == "input"} - whole
    rounds = 2 if runs_round(objective.definitions) else 1  # what a step needs of the one before is known by then
    for definition in objective.definitions * rounds:
        if active & set(tensors(definition.formula)):
            active.add(definition.target)
    needed = {objective.value}
    for definition in objective.definitions[::-1] * rounds:
        if definition.target in needed:
            needed |= set(tensors(definition.formula))
    return active & needed


def _users(definitions: Iterable[Definition], active: set[Tensor]) -> dict[Tensor, list[Definition]]:
    """Which definitions use each active tensor, in the order of the network: found here anew, as the lines of each
    error are checked over the users that ``dependence`` finds."""
    users: dict[Tensor, list[Definition]] = {}
    for definition in definitions:
        for tensor in tensors(definition.formula):
            if tensor in active and definition.target in active:
                users.setdefault(tensor, []).append(definition)
    return users


def _adjoint_definition(
    tensor: Tensor,
    definition: Definition | None,
    users: list[Definition],
    objective: Objective,
    averages: tuple[Definition, ...],
    known: dict[Tensor, Definition],
) -> AdjointDefinition:
    indices = indices_of(tensor, users, definition)
    by = Entry(tensor, tuple(subscript(i) for i in indices))

    def contribution(user: Definition) -> Contribution:
        error = known.get(user.target) or _of_a_later_step(user)
        cut = _cut(objective, user, by) if objective.cuts else ONE
        return Contribution(user, *_law_and_log(user, by, error, cut, objective.facts, averages))

    contributions = tuple(map(contribution, users))
    formula = add(*(c.formula for c in contributions))
    return AdjointDefinition(tensor, Definition(adjoint_of(tensor), indices, formula, "adjoint"), contributions)


def indices_of(tensor: Tensor, users: Iterable[Definition], definition: Definition | None = None) -> tuple[Index, ...]:
    """The indices that E_α is written with: those of α's definition, or of its first use."""
    if definition is not None:
        return definition.indices
    for user in users:
        for entry in entries(user.formula, tensor):
            singles = [s.single for s in entry.subscripts]
            found = [s for s in singles if s is not None]
            if len(found) == len(singles) == len(set(found)) and all(
                i.extent == axis for i, axis in zip(found, tensor.axes, strict=True)
            ):
                return tuple(found)
    taken: list[Index] = []
    for axis in tensor.axes:
        taken.append(fresh_index(Index("j", axis), taken, ("k", "l", "m", "n")))
    return tuple(taken)


def _cut(objective: Objective, user: Definition, by: Entry) -> Expr:
    """The factor by which the error stays on this side of the border of a stretch."""
    own, _ = _own_indices(user, by)
    return cut_at(objective, user, by.tensor, dict(zip(user.indices, own, strict=True)))


@known_at_its_price(5000)  # where parts of a formula get names, all the other formulas are asked again
def _law_and_log(
    user: Definition,
    by: Entry,
    error: Definition,
    cut: Expr,
    facts: tuple[Fact, ...],
    averages: tuple[Definition, ...],
) -> tuple[Expr, tuple[Rewriting, ...]]:
    """Σ_a E_β[a]·∂β[a]/∂α[b] for a user β, with the derivative to do, and the lines in which it is carried out."""
    own, running = _own_indices(user, by)
    here = tuple(subscript(i) for i in own)
    arriving = error.at(here) if not tensors(error.formula) else Entry(error.target, here)
    derivative = Partial(Entry(user.target, here), by, direct=True)
    local = _local(user, here, by)
    arriving = mul(cut, arriving)
    law = total(mul(arriving, derivative), *running)
    rule = rule_of(user.at(here), by)
    log = _carried_out(law, arriving, local, running, facts, averages, rule)
    vanishes = bool(log) and log[-1].after == ZERO
    if not vanishes and _divides_by(error.formula, user.target):
        substituted = total(mul(cut, error.at(here), derivative), *running)
        whole = mul(cut, error.at(here))
        merged = _carried_out(substituted, whole, local, running, facts, averages, rule, cancel=True)
        if not _divides_by(merged[-1].after, user.target):
            log = (Rewriting(rules.SUBSTITUTION, law, substituted, substituted), *merged)
    return law, log


@known_at_its_price(5000)
def _local(user: Definition, here: tuple[Subscript, ...], by: Entry) -> Expr:
    """∂β/∂α from β's own formula, in terms of the values that the network has names for.

    What stands still in a long sum is one letter meanwhile; where that is left in the slope, the sum is needed.
    """
    known = {user.target, *tensors(user.formula)}
    short = replace(user, formula=gathering({by.tensor}, known)(user.formula))
    slope = fold(differentiate(short.at(here), by), (short,))
    return slope if known.issuperset(tensors(slope)) else fold(differentiate(user.at(here), by), (user,))


def _of_a_later_step(user: Definition) -> Definition:
    """E_β of a value that is derived after the E it enters: it is needed at another step, and by its name."""
    error = adjoint_of(user.target)
    return Definition(error, user.indices, error[user.indices] if user.indices else Entry(error), "adjoint")


def _own_indices(user: Definition, by: Entry) -> tuple[tuple[Index, ...], tuple[Index, ...]]:
    """The indices a of β[a] in Σ_a E_β[a] ∂β[a]/∂α[b], and those among them that the Σ runs over.

    An index of β that stands in one and the same place of every entry of α is that index of b: the
    others contribute nothing (a sample does not see another sample), so no Σ is written for it.
    """
    found = places(user.formula, by.tensor, user.indices)
    taken = [i for s in by.subscripts for i in s.keys]
    own, running = [], []
    for index in user.indices:
        axis = next((n for n, whole in enumerate(by.tensor.axes) if _runs_along(index, whole, n, found)), None)
        aligned = None if axis is None else by.subscripts[axis].single
        if aligned is None:
            aligned = fresh_index(index, taken)
            running.append(aligned)
            taken.append(aligned)
        own.append(aligned)
    return tuple(own), tuple(running)


def _runs_along(index: Index, axis: Size, place: int, found: Sequence[tuple[Subscript, ...]]) -> bool:
    """Whether the index stands in this place of every entry and runs over the whole of the axis."""
    return index.extent == axis and all(subscripts[place].single == index for subscripts in found)


@known_at_its_price(5000)
def _carried_out(
    law: Expr,
    arriving: Expr,
    local: Expr,
    running: tuple[Index, ...],
    facts: tuple[Fact, ...],
    averages: tuple[Definition, ...],
    rule: Rule,
    cancel: bool = False,
) -> tuple[Rewriting, ...]:
    """The lines from E_β ∂β/∂α to the formula: derivative, deltas, facts about the data, cancelling."""
    lines = [(rule, total(mul(arriving, local), *running))]
    if cancel:
        shorter = settled(lines[-1][1])
        lines.append((rules.CANCEL if cancels(lines[-1][1], shorter) else rules.REGROUP, shorter))
    lines.append((rules.DELTA, collapse(lines[-1][1])))
    lines.append((rules.FACT, use_facts(lines[-1][1], facts)))
    lines.append((rules.DEVIATIONS, without_deviations(lines[-1][1], averages)))
    tidy = leading_plus(cancelled(lines[-1][1]) if cancel else lines[-1][1])
    lowest = in_lowest_numbers(tidy)
    lines.append((rules.REGROUP if lowest == tidy else rules.CANCEL, lowest))
    log, before = [], law
    for rule, after in lines:
        if after != before:
            log.append(Rewriting(rule, before, after, after))
            before = after
    return tuple(log)


def _divides_by(formula: Expr, tensor: Tensor) -> bool:
    """Whether the tensor stands in a denominator."""
    return any(isinstance(node, Pow) and node.exponent < 0 and tensor in tensors(node.base) for node in walk(formula))
