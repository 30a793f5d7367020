"""∂z_t/∂z_{t-1}, the factor of a product over steps, where it leads through other values: derived on its own.

The gates of a gated unit stand between z_t and z_{t-1}; of what a step hands on as several values, s_t = (h_t, c_t),
each block ∂h_t/∂h_{t-1}, ∂h_t/∂c_{t-1}, … has a derivation.  All of it holds where there is a step before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from symbolic.derivation import rules, step_products
from symbolic.derivation.calculus import partials
from symbolic.derivation.chain import drop_independent, put_in
from symbolic.derivation.naming_rules import chain_rule, rule_of
from symbolic.derivation.record import Derivation, Detail, Prover, Step
from symbolic.derivation.stacked import stacked
from symbolic.derivation.step_products import State, states_of
from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Entry, Expr, Partial, Tensor
from symbolic.language.paths import letters
from symbolic.language.terms import bound_indices, in_range, tensors
from symbolic.network.coarse import coarse
from symbolic.network.objective import Objective


@lru_cache(maxsize=64)
def factors_of_steps(objective: Objective, detail: Detail) -> tuple[Derivation, ...]:
    """The derivation of each factor that is no single derivative, block by block."""
    definitions = stacked(coarse(objective.definitions))
    network = {definition.target: definition for definition in definitions}
    found = []
    for state in states_of(definitions).values():
        if len(state.members) == 1:
            continue
        for goal in _goals(state, network):
            there = _there(goal, state)
            steps = _steps(goal, state, network, Prover(definitions, objective.facts, there), detail)
            whole = Derivation(objective.network.name, state.value.name, "chain", goal, steps, definitions)
            found.append(replace(whole, known=definitions, there=there))
    return tuple(found)


def _goals(state: State, network: dict[Tensor, Definition]) -> Iterator[Partial]:
    """∂z_t/∂z_{t-1}; of a stack one for each pair of parts."""
    of = network[state.value].entry
    step = of.subscripts[state.place]
    taken = [index for sub in of.subscripts for index in sub.keys]
    taken += [index for d in network.values() for index in bound_indices(d.formula)]
    taken += letters(dict.fromkeys(t for d in network.values() for t in (d.target, *tensors(d.formula))))
    by = state.at(of, step + state.lag, state.fresh(("k", "m", "r"), taken))
    for above in parts_of(of):
        for below in parts_of(by):
            yield Partial(above, below)


def parts_of(entry: Entry) -> tuple[Entry, ...]:
    """The entry of each part of a stack; any other entry by itself."""
    return tuple(one for one, _ in step_products.parts(entry))


def _there(goal: Partial, state: State) -> Expr:
    """The bracket that there is a step before."""
    assert isinstance(goal.by, Entry)
    return in_range(goal.by.subscripts[state.place], state.value.axes[state.place])


def _steps(
    goal: Partial, state: State, network: dict[Tensor, Definition], prover: Prover, detail: Detail
) -> tuple[Step, ...]:
    assert isinstance(goal.of, Entry)
    assert isinstance(goal.by, Entry)
    line = step_products.within_one_step(goal.of, goal.by, state, network)
    if line == ZERO:
        return (prover.step(rules.INDEPENDENT, goal, ZERO),)
    if isinstance(line, Partial):  # it reads the step before itself
        first, *rest = put_in(line, network, prover, detail, {line: prover.there})
        assert isinstance(line.of, Entry)
        rule = rule_of(network[line.of.tensor].at(line.of.subscripts), goal.by)
        return (prover.step(rule, goal, first.line, substeps=first.substeps), *rest)
    steps = [prover.step(chain_rule(line), goal, line)]
    alone = drop_independent(line, network)
    if alone != line:
        steps.append(prover.step(rules.INDEPENDENT_TERMS, line, alone))
    behind = dict.fromkeys(partials(alone), prover.there)
    return (*steps, *put_in(alone, network, prover, detail, behind))
