"""The backprop form: each E_α = ∂Q/∂α once, from the output back to the parameter.

E_x = E_z ∂z/∂x + E_s ∂s/∂x + E_t ∂t/∂x,      ∂Q/∂w_α = Σ_i E_α ∂α/∂w_α
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

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


def backprop(objective: Objective, parameter: Tensor, inputs: bool = False, detail: Detail = "line") -> Derivation:
    """∂Q/∂parameter by the E of the lecture's values: one lemma for each E on the way; of an input with ``inputs``."""
    return _errors(objective, "backprop", inputs, detail).derivation_by(parameter)


def matrix(objective: Objective, parameter: Tensor, detail: Detail = "line") -> Derivation:
    """The same with every pre-activation a value of its own: the form that is printed as matrices and emitted."""
    return _errors(objective, "matrix", False, detail).derivation_by(parameter)


@lru_cache(maxsize=8)
def _errors(objective: Objective, form: Form, inputs: bool, detail: Detail) -> _Errors:
    """All E of an objective, for every parameter that is asked about."""
    granularity = coarse if form == "backprop" else at_steps
    shorter = replace(objective, definitions=granularity(objective.definitions))
    return _Errors(shorter, form, adjoint(shorter, inputs), detail)


@dataclass(frozen=True)
class _Errors:
    """All E of an objective; each is derived once, whatever number of parameters it is on the way to.

    ``detail`` "rule": the single rules behind each derivative are steps too, each of them checked.
    """

    objective: Objective
    form: Form
    whole: Adjoint
    detail: Detail
    _found: dict[Tensor, Derivation] = field(default_factory=dict, repr=False)

    @cached_property
    def by_value(self) -> Mapping[Tensor, AdjointDefinition]:
        return {entry.of: entry for entry in self.whole.entries}

    @cached_property
    def definitions(self) -> Mapping[Tensor, Definition]:
        """What each E is, by its name."""
        return {definition.target: definition for definition in self.whole.definitions}

    @cached_property
    def users(self) -> Mapping[Tensor, list[Definition]]:
        return users_of(self.objective.definitions)

    @cached_property
    def averages(self) -> tuple[Definition, ...]:
        return means(self.objective.definitions)

    @cached_property
    def stepwise(self) -> frozenset[Tensor]:
        return stepping(self.objective.definitions)

    def derivation_by(self, parameter: Tensor) -> Derivation:
        """∂Q/∂parameter, with a lemma for each E on the way."""
        target = self.whole.of(parameter)
        # all are derived, and so checked; that E_L is 1 (or 1/N) goes without saying
        lemmas = [(entry, self.derived(entry)) for entry in _on_the_way(target, self)]
        shown = tuple(lemma for entry, lemma in lemmas if not _goes_without_saying(entry, self.objective))
        return replace(self.derived(target), lemmas=shown)

    def derived(self, entry: AdjointDefinition) -> Derivation:
        known = self._found.get(entry.of)
        if known is None:
            law, definitions = _Law(entry, self), self.objective.definitions
            title = Text("error of {a}", "ошибка {a}").format(a=entry.of.name)
            steps = (*law.first_lines(), *law.carried_out())
            name = self.objective.network.name
            known = self._found[entry.of] = Derivation(
                name, entry.of.name, self.form, law.goal, steps, definitions, known=definitions, title=title
            )
        return known


def _goes_without_saying(entry: AdjointDefinition, objective: Objective) -> bool:
    """Whether it is the error of L or R, a constant: what stands before it in Q."""
    return not objective.definition(entry.of).node and not tensors(entry.definition.formula)


def _on_the_way(target: AdjointDefinition, errors: _Errors) -> list[AdjointDefinition]:
    """The E that the target's formula is built from, in the order in which they can be computed."""
    by_value = errors.by_value
    wanted: dict[Tensor, None] = {}
    stack = [target]
    while stack:
        for contribution in stack.pop().contributions:
            user = contribution.user.target
            if user in by_value and user not in wanted:
                wanted[user] = None
                stack.append(by_value[user])
    return [entry for entry in errors.whole.entries if entry.of in wanted]


@dataclass(frozen=True)
class _Law:
    """E_α = Σ_β E_β ∂β/∂α, checked where it stands, whatever lies between the users β and Q.

    What it is checked against: the derivative by α of Σ_β Σ_a E_β[a]·β[a] over *all* definitions β that name α,
    with their formulas put in and every E_β held fixed.  So the check does not grow with the depth.
    """

    entry: AdjointDefinition
    errors: _Errors

    @property
    def objective(self) -> Objective:
        return self.errors.objective

    @property
    def users(self) -> tuple[Definition, ...]:
        return tuple(self.errors.users[self.entry.of])

    @property
    def goal(self) -> Partial:
        indices = tuple(subscript(i) for i in self.entry.definition.indices)
        return Partial(Entry(self.objective.value), Entry(self.entry.of, indices))

    def _shares(self, value: Callable[[Definition], Expr]) -> Expr:
        """Σ_β Σ_a E_β[a]·β[a], with β by its name or by its formula."""
        return add(*(total(mul(self._error_of(user), value(user)), *user.indices) for user in self.users))

    def _error_of(self, user: Definition) -> Expr:
        """E_β by its name, or the number that it is; that of Q itself is 1, and 0 where Q does not depend on β."""
        error = self.errors.definitions.get(adjoint_of(user.target))
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
        arriving = (self.errors.definitions.get(adjoint_of(user.target)) for user in self.users)
        known = (*self.users, *(error for error in arriving if error))
        averages = (d for d in self.errors.averages if d not in known)
        prover = Prover((*averages, *known), self.objective.facts)
        contributions, line = self.entry.contributions, self.entry.law
        for k in range(max((len(c.log) for c in contributions), default=0)):
            after = add(*(_after(c, k) for c in contributions))
            if after != line:
                cited = [c.log[k].rule for c in contributions if k < len(c.log)]
                telling = (rule for rule in cited if rule != rules.LINEAR_FORM)
                singles = self._rule_by_rule(k, prover) if self.errors.detail == "rule" else ()
                yield prover.step(next(telling, cited[0]), line, after, substeps=singles)
                line = after
        if self.entry.of.role == "value" and (cases := with_ends(line)) != line:
            yield prover.step(rules.ENDS, line, cases)

    def _rule_by_rule(self, k: int, prover: Prover) -> tuple[Step, ...]:
        """The single rules behind line k + 1, from line k: first what the first user adds, then the second …"""
        contributions = self.entry.contributions
        parts = [c.law if k == 0 else _after(c, k - 1) for c in contributions]
        line, steps = add(*parts), []
        for place, contribution in enumerate(contributions):
            for rule, part in _opened(parts[place], contribution, k, self.errors.stepwise):
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
