"""The expanded form: everything substituted, one layer of the composition peeled off per line.

This is the lecture's derivation for one neuron:

    ∂Q/∂w = Σ_i ∂(y_i - σ(wᵀx_i))²/∂w
          = Σ_i -2(y_i - σ(wᵀx_i)) ∂σ(wᵀx_i)/∂w
          = Σ_i -2(y_i - σ(wᵀx_i)) σ(wᵀx_i)(1 - σ(wᵀx_i)) ∂(wᵀx_i)/∂w
          = Σ_i -2(y_i - σ(wᵀx_i)) σ(wᵀx_i)(1 - σ(wᵀx_i)) x_i
"""

from __future__ import annotations

from collections.abc import Callable

from symbolic.derivation import rules
from symbolic.derivation.calculus import Rewriting, carry_out, depends, differentiate, partials, rewrite
from symbolic.derivation.deviations import without_deviations
from symbolic.derivation.naming_rules import linear
from symbolic.derivation.record import Prover, Step
from symbolic.derivation.rules import Rule
from symbolic.language.affine import Index
from symbolic.language.cancel import cancels, gathered, settled
from symbolic.language.collapse import collapse, use_facts
from symbolic.language.expr import (
    ZERO,
    Add,
    Call,
    Compare,
    Delta,
    Entry,
    Expr,
    Fold,
    InRange,
    Mul,
    Partial,
    Pow,
    Sum,
    Symbol,
    Where,
    add,
    mul,
)
from symbolic.language.terms import apart, substitute, transform, walk
from symbolic.network.coarse import inline
from symbolic.network.objective import Objective


def expanded(objective: Objective, by: Entry) -> tuple[Expr, tuple[Step, ...]]:
    """The goal ∂Q/∂by and the lines of its expanded derivation."""
    values = {d.target: d for d in objective.definitions if d.target != objective.value}
    formula = apart(inline(objective.definition(objective.value).formula, values), indices_of(by))
    goal = Partial(Entry(objective.value), by)
    opened = Partial(formula, by, direct=True)
    line = _open_sums(opened)
    prover = Prover(objective.definitions, objective.facts)
    first = prover.step(rules.SUM, goal, line, substeps=prover.log(_opening(goal, opened, line)))
    return goal, (first, *peeled_off(line, objective))


def hessian(objective: Objective, by: Entry, again: Entry) -> tuple[Expr, tuple[Step, ...]]:
    """The goal ∂²Q/∂by ∂again and its lines: the gradient in expanded form, differentiated once more.

    The variables must have no index in common: w[j, d] and w[k, e].
    """
    first_goal, lines = expanded(objective, by)
    gradient = apart(lines[-1].line, indices_of(again))
    goal = Partial(first_goal, again)
    opened = Partial(gradient, again, direct=True)
    line = _open_sums(opened)
    prover = Prover(objective.definitions, objective.facts)
    put_in = prover.step(rules.SUBSTITUTION, goal, opened)
    return goal, (put_in, Prover(facts=objective.facts).step(rules.SUM, opened, line), *peeled_off(line, objective))


def indices_of(entry: Entry) -> tuple[Index, ...]:
    """The indices in the subscripts of an entry."""
    return tuple(index for sub in entry.subscripts for index in sub.keys)


def peeled_off(line: Expr, objective: Objective) -> list[Step]:
    """The lines from a formula with derivatives to one without, one layer of the composition each."""
    prover = Prover(facts=objective.facts)
    steps: list[Step] = []
    while found := tuple(dict.fromkeys(partials(line))):
        before, singles, cited, own = line, [], [], True
        for partial in found:
            rule, after, log = peel(partial)
            singles += prover.log(log, partial, line)
            line = substitute(line, {partial: after})
            cited.append(rule)
            own = own and (isinstance(partial.of, Entry) or not _has_delta(after))
        tidy = gathered(collapse(line) if own else line)
        if tidy != line:
            singles.append(prover.step(rules.REGROUP, line, tidy))
            line = tidy
        rule = next((one for one in cited if one not in (rules.LINEAR_FORM, rules.INDEPENDENT)), cited[0])
        condition = next((step.condition for step in singles if step.condition), None)
        steps.append(prover.step(rule, before, line, substeps=singles, condition=condition))
        if use_facts(collapse(line), objective.facts) != line and cancels(line, shorter := settled(line)):
            steps.append(prover.step(rules.CANCEL, line, shorter))  # before δ mixes it with what it collapses
            line = shorter
        for rule, known in ((rules.DELTA, collapse), (rules.FACT, lambda expr: use_facts(expr, objective.facts))):
            if (after := known(line)) != line:
                steps.append(prover.step(rule, line, after))
                line = after
    centred = without_deviations(line)
    if centred != line:
        steps.append(prover.step(rules.DEVIATIONS, line, centred))
        line = centred
    shorter = settled(line)
    if shorter != line:
        rule = rules.CANCEL if cancels(line, shorter) else rules.REGROUP
        steps.append(prover.step(rule, line, shorter))
    return steps


def _has_delta(expr: Expr) -> bool:
    return any(isinstance(node, Delta) for node in walk(expr))


def _opening(goal: Partial, opened: Partial, line: Expr) -> tuple[Rewriting, ...]:
    """Q put in as a formula, then the sums opened rule by rule."""
    definition = Rewriting(rules.DEFINITION, goal, opened, opened)
    return (definition, *_singles(opened, line, lambda p: not _opens(p)))


def _open_sums(partial: Partial) -> Expr:
    """∂(Σ c·u + v)/∂x = Σ c ∂u/∂x + ∂v/∂x through all the sums and constants that a derivative begins with."""
    if not depends(partial.of, partial.by):
        return ZERO
    if not _opens(partial):
        return partial
    _, after = rewrite(partial)
    return transform(after, lambda node: _open_sums(node) if isinstance(node, Partial) else None)


def _opens(partial: Partial) -> bool:
    """Whether it is still a sum or has a constant factor, and is not yet the linear form at the end."""
    of, by = partial.of, partial.by
    return not linear(of, by) and (
        isinstance(of, (Sum, Add)) or (isinstance(of, Mul) and any(not depends(f, by) for f in of.factors))
    )


def peel(partial: Partial) -> tuple[Rule, Expr, tuple[Rewriting, ...]]:
    """One line further: the rule, what the derivative becomes, and the single rules that were used."""
    of, by = partial.of, partial.by
    if not depends(of, by) or linear(of, by):
        after, log = carry_out(partial)
        return (rules.LINEAR_FORM if depends(of, by) else rules.INDEPENDENT), after, log
    match of:
        case Call():
            rule, outer = rewrite(partial)
            after = transform(outer, lambda node: _open_sums(node) if isinstance(node, Partial) else None)
            # the lecture names σ of a linear form for what it is, a composition
            shown = rules.CHAIN if rule == rules.FUNCTION else rule
            return shown, after, _singles(partial, after, lambda p: p != partial and not _opens(p))
        case Where() | Compare() | Delta() | InRange() | Fold():
            rule, after = rewrite(partial)
            return rule, after, (Rewriting(rule, partial, after, after),)
    if _opens(partial):
        after = _open_sums(partial)
        return rules.SUM, after, _singles(partial, after, lambda p: not _opens(p))
    return _through_units(partial)


def _through_units(partial: Partial) -> tuple[Rule, Expr, tuple[Rewriting, ...]]:
    """∂f(g₁, g₂, …)/∂x = Σ ∂f/∂g ∂g/∂x, with f the sums, products and powers around the functions g inside."""
    units = tuple(dict.fromkeys(_units(partial.of, partial.by)))
    names: dict[Expr, Expr] = {unit: Symbol(f"g{n}") for n, unit in enumerate(units)}
    back: dict[Expr, Expr] = {name: unit for unit, name in names.items()}
    shell = substitute(partial.of, names)
    terms = []
    for n, unit in enumerate(units):
        slope = substitute(differentiate(shell, Symbol(f"g{n}")), back)
        terms.append(mul(slope, Partial(unit, partial.by, direct=True)))
    after = add(*terms)
    rule = rules.CHAIN if any(isinstance(n, Pow) for n in walk(shell)) else rules.SUM
    return rule, after, _singles(partial, after, lambda p: p.of in units)


def _units(expr: Expr, by: Entry | Symbol) -> list[Expr]:
    """The parts that depend on the variable and are more than sums, products and powers of other parts."""
    if not depends(expr, by):
        return []
    if not isinstance(expr, (Add, Mul, Pow)) or linear(expr, by):
        return [expr]
    return [unit for child in expr.children for unit in _units(child, by)]


def _singles(partial: Partial, after: Expr, reached: Callable[[Partial], bool]) -> tuple[Rewriting, ...]:
    """Rule by rule from the derivative to the same thing, stopping at the derivatives that the line leaves."""
    line: Expr = partial
    log: list[Rewriting] = []
    while (found := next((p for p in partials(line) if not reached(p)), None)) is not None:
        rule, rewritten = rewrite(found)
        line = substitute(line, {found: rewritten})
        log.append(Rewriting(rule, found, rewritten, line))
    if line != after:
        log.append(Rewriting(rules.REGROUP, line, after, after))
    return tuple(log)
