"""The backprop form: each E_α = ∂Q/∂α once, from the output back to the parameter.

E_x = E_z ∂z/∂x + E_s ∂s/∂x + E_t ∂t/∂x,      ∂Q/∂w_α = Σ_i E_α ∂α/∂w_α
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from symbolic.derivation import rules
from symbolic.derivation.adjoint import Adjoint, AdjointDefinition, Contribution, adjoint, adjoint_of
from symbolic.derivation.calculus import partials
from symbolic.derivation.deviations import means
from symbolic.derivation.ends import with_ends
from symbolic.derivation.naming_rules import chain_rule
from symbolic.derivation.record import Because, Derivation, Detail, Form, Prover, Step
from symbolic.derivation.rules import Rule
from symbolic.derivation.singly import singly
from symbolic.language.affine import subscript
from symbolic.language.definition import Definition
from symbolic.language.dependence import users_of
from symbolic.language.expr import ONE, ZERO, Entry, Expr, Mul, Partial, Tensor, add, mul, total
from symbolic.language.recurrence import stepping
from symbolic.language.terms import substitute, tensors, transform, walk
from symbolic.network.coarse import at_steps, coarse
from symbolic.network.objective import Objective
from symbolic.words import Text


def backprop(
    objective: Objective, wrt: str, parameter: Tensor, inputs: bool = False, detail: Detail = "line"
) -> Derivation:
    """∂Q/∂parameter by the E of the lecture's values: one lemma for each E on the way; of an input with ``inputs``."""
    shorter = replace(objective, definitions=coarse(objective.definitions))
    return _by_errors(shorter, wrt, parameter, "backprop", inputs, detail)


def matrix(objective: Objective, wrt: str, parameter: Tensor, detail: Detail = "line") -> Derivation:
    """The same with every pre-activation a value of its own: the form that is printed as matrices and emitted."""
    stepwise = replace(objective, definitions=at_steps(objective.definitions))
    return _by_errors(stepwise, wrt, parameter, "matrix", detail=detail)


def _by_errors(
    objective: Objective,
    wrt: str,
    parameter: Tensor,
    form: Form,
    inputs: bool = False,
    detail: Detail = "line",
) -> Derivation:
    """``detail`` "rule": the single rules behind each derivative are steps too, each of them checked."""
    whole = adjoint(objective, inputs)
    target = whole.of(parameter)
    errors = {definition.target: definition for definition in whole.definitions}
    users = users_of(objective.definitions)

    def derived(entry: AdjointDefinition) -> Derivation:
        law = _Law(entry, objective, errors, tuple(users[entry.of]), detail)
        title = Text("error of {a}", "ошибка {a}").format(a=entry.of.name)
        known = objective.definitions
        steps = (*law.first_lines(), *law.carried_out())
        return Derivation(objective.network.name, wrt, form, law.goal, steps, known, known=known, title=title)

    # all are derived, and so checked; that E_L is 1 (or 1/N) goes without saying
    lemmas = [(entry, derived(entry)) for entry in _on_the_way(target, whole)]
    shown = tuple(lemma for entry, lemma in lemmas if not _goes_without_saying(entry, objective))
    return replace(derived(target), lemmas=shown)


def _goes_without_saying(entry: AdjointDefinition, objective: Objective) -> bool:
    """Whether it is the error of L or R, a constant: what stands before it in Q."""
    return not objective.definition(entry.of).node and not tensors(entry.definition.formula)


def _on_the_way(target: AdjointDefinition, whole: Adjoint) -> list[AdjointDefinition]:
    """The E that the target's formula is built from, in the order in which they can be computed."""
    by_value = {entry.of: entry for entry in whole.entries}
    wanted: dict[Tensor, None] = {}
    stack = [target]
    while stack:
        for contribution in stack.pop().contributions:
            user = contribution.user.target
            if user in by_value and user not in wanted:
                wanted[user] = None
                stack.append(by_value[user])
    return [entry for entry in whole.entries if entry.of in wanted]


@dataclass(frozen=True)
class _Law:
    """E_α = Σ_β E_β ∂β/∂α, checked where it stands, whatever lies between the users β and Q.

    What it is checked against: the derivative by α of Σ_β Σ_a E_β[a]·β[a] over *all* definitions β that name α,
    with their formulas put in and every E_β held fixed.  So the check does not grow with the depth.
    """

    entry: AdjointDefinition
    objective: Objective
    errors: Mapping[Tensor, Definition]
    users: tuple[Definition, ...]
    detail: Detail = "line"

    @property
    def goal(self) -> Partial:
        indices = tuple(subscript(i) for i in self.entry.definition.indices)
        return Partial(Entry(self.objective.value), Entry(self.entry.of, indices))

    def _shares(self, value: Callable[[Definition], Expr]) -> Expr:
        """Σ_β Σ_a E_β[a]·β[a], with β by its name or by its formula."""
        return add(*(total(mul(self._error_of(user), value(user)), *user.indices) for user in self.users))

    def _error_of(self, user: Definition) -> Expr:
        """E_β by its name, or the number that it is; that of Q itself is 1, and 0 where Q does not depend on β."""
        error = self.errors.get(adjoint_of(user.target))
        if error is None:
            return ONE if user.target == self.objective.value else ZERO
        subscripts = user.entry.subscripts
        return Entry(error.target, subscripts) if tensors(error.formula) else error.at(subscripts)

    def first_lines(self) -> list[Step]:
        """∂Q/∂x = ∂Q/∂z ∂z/∂x + ∂Q/∂s ∂s/∂x + …, and the same with E_z for ∂Q/∂z."""
        rule = rules.PARAMETER if self.entry.of.role == "parameter" else rules.ADJOINT
        rule = rule if self.entry.contributions else rules.INDEPENDENT
        law, facts = self.entry.law, self.objective.facts
        opened = Partial(self._shares(lambda user: user.formula), self.goal.by, direct=True)
        checked = Prover(self.users, facts).step(rule, opened, law)
        named = {node: Partial(self.goal.of, self._value_of(node)) for node in walk(law) if _is_error(node)}
        if not named or rule == rules.PARAMETER:
            return [replace(checked, before=self.goal)]
        spelled = substitute(law, named)
        chained = chain_rule(law)
        because = Because(chained.name)
        first = replace(checked, rule=chained, before=self.goal, after=spelled, line=spelled, because=because)
        shares = Definition(self.objective.value, (), self._shares(lambda user: user.entry))
        return [first, Prover((shares,), facts).step(rule, spelled, law)]

    def _value_of(self, error: Expr) -> Entry:
        """The value z whose error E_z is."""
        assert isinstance(error, Entry)
        user = next(user for user in self.users if adjoint_of(user.target) == error.tensor)
        return Entry(user.target, error.subscripts)

    def carried_out(self) -> Iterator[Step]:
        """The lines from the law to the formula: every contribution one rewriting further in each."""
        arriving = (self.errors.get(adjoint_of(user.target)) for user in self.users)
        known = (*self.users, *(error for error in arriving if error))
        averages = (d for d in means(self.objective.definitions) if d not in known)
        prover = Prover((*averages, *known), self.objective.facts)
        contributions, line = self.entry.contributions, self.entry.law
        for k in range(max((len(c.log) for c in contributions), default=0)):
            after = add(*(_after(c, k) for c in contributions))
            if after != line:
                cited = [c.log[k].rule for c in contributions if k < len(c.log)]
                telling = (rule for rule in cited if rule != rules.LINEAR_FORM)
                singles = self._rule_by_rule(k, prover) if self.detail == "rule" else ()
                yield prover.step(next(telling, cited[0]), line, after, substeps=singles)
                line = after
        if self.entry.of.role == "value" and (cases := with_ends(line)) != line:
            yield prover.step(rules.ENDS, line, cases)

    def _rule_by_rule(self, k: int, prover: Prover) -> tuple[Step, ...]:
        """The single rules behind line k + 1, from line k: first what the first user adds, then the second …"""
        contributions = self.entry.contributions
        parts = [c.law if k == 0 else _after(c, k - 1) for c in contributions]
        line, steps, stepwise = add(*parts), [], stepping(self.objective.definitions)
        for place, contribution in enumerate(contributions):
            for rule, part in _opened(parts[place], contribution, k, stepwise):
                parts[place] = part
                if (after := add(*parts)) != line:
                    steps.append(prover.step(rule, line, after))
                    line = after
        return tuple(steps) if len(steps) > 1 else ()


def _opened(part: Expr, contribution: Contribution, k: int, stepwise: frozenset[Tensor]) -> Iterator[tuple[Rule, Expr]]:
    """What one user adds, a rule at a time: ∂β/∂α with the formula of β, differentiated, in the values again."""
    user, goal = contribution.user, _after(contribution, k)
    if any(True for _ in partials(part)) and not any(True for _ in partials(goal)):
        yield from singly(part, user, goal, stepwise)
    elif k < len(contribution.log):
        yield contribution.log[k].rule, goal


def _is_error(node: Expr) -> bool:
    return isinstance(node, Entry) and node.tensor.role == "adjoint"


def _after(contribution: Contribution, k: int) -> Expr:
    log = contribution.log
    return log[min(k, len(log) - 1)].after if log else contribution.law


def in_deltas(derivation: Derivation) -> Derivation:
    """The matrix form in Bishop's errors: δ_j = h′(a_j) Σ_k w_kj δ_k (PRML, (5.56)), δ for E of a pre-activation.

    A view: where E_a is E_z times a slope, one checked step more puts in what E_z is.
    """
    by_value = ((lemma.variable, lemma) for lemma in derivation.lemmas if lemma.is_error)
    errors = {adjoint_of(variable.tensor): lemma for variable, lemma in by_value if variable is not None}
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
