"""The backprop form: each E_α = ∂Q/∂α once, from the output back to the parameter.

    E_x = E_z ∂z/∂x + E_s ∂s/∂x + E_t ∂t/∂x,      ∂Q/∂w_α = Σ_i E_α ∂α/∂w_α
"""

from __future__ import annotations

from dataclasses import replace

from symbolic import rules
from symbolic.adjoint import Adjoint, AdjointDefinition, Contribution, adjoint, adjoint_of
from symbolic.affine import subscript
from symbolic.derivation import Because, Derivation, Form, Prover, Step
from symbolic.expr import (
    Definition,
    Entry,
    Expr,
    Mul,
    Partial,
    Tensor,
    add,
    mul,
    substitute,
    tensors,
    transform,
    walk,
)
from symbolic.forms.coarse import coarse
from symbolic.objective import Objective
from symbolic.words import Text


def backprop(objective: Objective, wrt: str, parameter: Tensor) -> Derivation:
    """∂Q/∂parameter by the E of the lecture's values: one lemma for each E on the way."""
    return _by_errors(replace(objective, definitions=coarse(objective.definitions)), wrt, parameter, "backprop")


def matrix(objective: Objective, wrt: str, parameter: Tensor) -> Derivation:
    """The same with every pre-activation a value of its own: the form that is printed as matrices and emitted."""
    return _by_errors(objective, wrt, parameter, "matrix")


def _by_errors(objective: Objective, wrt: str, parameter: Tensor, form: Form) -> Derivation:
    whole = adjoint(objective)
    target = whole.of(parameter)
    errors = {definition.target: definition for definition in whole.definitions}
    lemmas = tuple(_derived(entry, objective, errors, wrt, form) for entry in _on_the_way(target, whole))
    last = _derived(target, objective, errors, wrt, form)
    return replace(last, lemmas=lemmas)


def _on_the_way(target: AdjointDefinition, whole: Adjoint) -> list[AdjointDefinition]:
    """The E that the target's formula is built from, in the order in which they can be computed."""
    by_error = {entry.definition.target: entry for entry in whole.entries}
    wanted: dict[Tensor, None] = {}
    stack = [target]
    while stack:
        entry = stack.pop()
        used = [t for c in entry.contributions for t in (*tensors(c.law), *tensors(c.formula)) if t in by_error]
        for tensor in used:
            if tensor not in wanted:
                wanted[tensor] = None
                stack.append(by_error[tensor])
    return [entry for entry in whole.entries if entry.definition.target in wanted]


def _derived(
    entry: AdjointDefinition, objective: Objective, errors: dict[Tensor, Definition], wrt: str, form: Form
) -> Derivation:
    """E_α from its law to its formula, every line checked against the definitions that use α."""
    users = tuple(c.user for c in entry.contributions)
    arriving = tuple(errors[e] for e in (adjoint_of(u.target) for u in users) if e in errors)
    prover = Prover((*users, *arriving), objective.facts)
    indices = entry.definition.indices
    goal = Partial(Entry(objective.value), Entry(entry.of, tuple(subscript(i) for i in indices)))
    steps = _law(entry, goal, objective)
    for k in range(max(len(c.log) for c in entry.contributions)):
        before, after = steps[-1].line, add(*(_after(c, k) for c in entry.contributions))
        if after == before:
            continue
        rule = next(c.log[k].rule for c in entry.contributions if k < len(c.log))
        steps.append(prover.step(rule, before, after))
    title = Text("error of {a}", "ошибка {a}").format(a=entry.of.name)
    known = objective.definitions
    return Derivation(objective.network.name, wrt, form, goal, tuple(steps), known, known=known, title=title)


def _law(entry: AdjointDefinition, goal: Partial, objective: Objective) -> list[Step]:
    """The first lines: ∂Q/∂x = ∂Q/∂z ∂z/∂x + ∂Q/∂s ∂s/∂x + …, and the same with E_z for ∂Q/∂z.

    What each user of x adds is checked on its own (``_law_step``).
    """
    parts = [_law_step(contribution, entry, objective) for contribution in entry.contributions]
    rule = rules.PARAMETER if entry.of.role == "parameter" else rules.ADJOINT
    law = entry.law
    named = {node: Partial(Entry(objective.value), _value_of(node, entry)) for node in walk(law) if _is_error(node)}
    substeps = tuple(parts) if len(parts) > 1 else ()
    if not named or rule == rules.PARAMETER:
        return [replace(parts[0], rule=rule, before=goal, after=law, line=law, because=Because(rule.name), substeps=substeps)]
    spelled = substitute(law, named)
    because = Because(rules.CHAIN_MANY.name)
    first = replace(
        parts[0], rule=rules.CHAIN_MANY, before=goal, after=spelled, line=spelled, because=because, substeps=substeps
    )
    shares = Definition(objective.value, (), add(*(c.share for c in entry.contributions)))
    return [first, Prover((shares,), objective.facts).step(rule, spelled, law)]


def _is_error(node: Expr) -> bool:
    return isinstance(node, Entry) and node.tensor.role == "adjoint"


def _value_of(error: Expr, entry: AdjointDefinition) -> Entry:
    """The value z whose error E_z is."""
    assert isinstance(error, Entry)
    user = next(c.user for c in entry.contributions if adjoint_of(c.user.target) == error.tensor)
    return Entry(user.target, error.subscripts)


def _after(contribution: Contribution, k: int) -> Expr:
    log = contribution.log
    return log[min(k, len(log) - 1)].after if log else contribution.law


def _law_step(contribution: Contribution, entry: AdjointDefinition, objective: Objective) -> Step:
    """What one user β adds, checked on its own: the derivative of Σ_a E_β[a]·β[a] by α, with β's formula put in.

    So each law is checked where it stands, whatever lies between β and Q; the check does not grow with depth.
    """
    by = Entry(entry.of, tuple(subscript(i) for i in entry.definition.indices))
    prover = Prover((contribution.user,), objective.facts)
    return prover.step(rules.ADJOINT, Partial(contribution.share, by), contribution.law)


def in_deltas(derivation: Derivation) -> Derivation:
    """The matrix form in Bishop's errors: δ_j = h′(a_j) Σ_k w_kj δ_k (PRML, (5.56)), δ for E of a pre-activation.

    A view: where E_a is E_z times a slope, one checked step more puts in what E_z is.
    """
    errors = {adjoint_of(lemma.variable.tensor): lemma for lemma in derivation.lemmas if lemma.variable is not None}
    whole = _with_value_put_in(derivation, errors)
    return replace(whole, lemmas=tuple(_with_value_put_in(lemma, errors) for lemma in derivation.lemmas))


def _with_value_put_in(derivation: Derivation, errors: dict[Tensor, Derivation]) -> Derivation:
    """δ_a = h′(a)·E_z with E_z put in; any other derivation as it is."""
    line, variable = derivation.result, derivation.variable
    kinds = {d.target: d.kind for d in derivation.known}
    if variable is None or kinds.get(variable.tensor) != "preactivation" or not isinstance(line, Mul):
        return derivation
    found = [factor for factor in line.factors if isinstance(factor, Entry) and factor.tensor in errors]
    if len(found) != 1:
        return derivation
    lemma = errors[found[0].tensor]
    assert lemma.variable is not None
    indices = tuple(index for sub in lemma.variable.subscripts for index in sub.keys)
    value = Definition(found[0].tensor, indices, lemma.result, "adjoint")
    slope = [factor for factor in line.factors if factor is not found[0]]
    after = mul(*slope, transform(value.at(found[0].subscripts), _error_last))
    step = Prover((value,)).step(rules.SUBSTITUTION, line, after)
    return replace(derivation, steps=(*derivation.steps, step))


def _error_last(node: Expr) -> Expr | None:
    """w_kj δ_k, as Bishop writes it, for E_k w_kj."""
    if not isinstance(node, Mul):
        return None
    return mul(*(f for f in node.factors if not _is_error(f)), *(f for f in node.factors if _is_error(f)))
