"""The chain form: ∂Q/∂w through the values of the network, each factor still a derivative.

This is the lecture's derivation for one hidden layer:

    ∂Q/∂w_{1,j} = Σ_i ∂L/∂p ∂p/∂w_{1,j}
                = Σ_i ∂L/∂p Σ_s ∂p/∂z_s ∂z_s/∂w_{1,j}
                = Σ_i ∂L/∂p ∂p/∂z_j ∂z_j/∂w_{1,j}        z_s does not depend on w_{1,j} for s ≠ j

and, unrolled as deep as the network goes, its general scheme.  The last line puts in what each factor is.  Through a
recurrence it goes by ``symbolic.derivation.step_products``: a sum over the steps, and a product for those in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from symbolic.derivation import rules, step_products
from symbolic.derivation.calculus import differentiate, partials
from symbolic.derivation.deviations import means, without_deviations
from symbolic.derivation.naming_rules import chain_rule, rule_of
from symbolic.derivation.record import Because, Detail, Prover, Step
from symbolic.derivation.rules import Rule
from symbolic.derivation.singly import singly
from symbolic.derivation.stacked import stacked
from symbolic.language.affine import Index, subscript
from symbolic.language.cancel import cancels, settled
from symbolic.language.collapse import collapse, gather, leading_plus, use_facts
from symbolic.language.definition import Definition
from symbolic.language.dependence import dependent
from symbolic.language.expr import (
    ZERO,
    Add,
    Entry,
    Expr,
    Letter,
    Mul,
    Partial,
    StepProduct,
    Sum,
    Tensor,
    add,
    mul,
    total,
)
from symbolic.language.matching import fold
from symbolic.language.paths import entry_inside, letters
from symbolic.language.recurrence import stepping
from symbolic.language.terms import places, reindex, substitute, tensors, transform, walk
from symbolic.network.coarse import coarse
from symbolic.network.objective import Objective
from symbolic.words import Text

INDEPENDENT = Text("{of} does not depend on {by} for {s} ≠ {j}", "{of} не зависит от {by} при {s} ≠ {j}")


def chain(
    objective: Objective, by: Entry, depth: int | None = None, detail: Detail = "line"
) -> tuple[Expr, tuple[Step, ...]]:
    """The goal ∂Q/∂by and the lines of its chain form, unrolled ``depth`` layers deep (None: to the end).

    ``detail`` "rule": the single rules behind each factor are steps too.
    """
    definitions = stacked(coarse(objective.definitions))
    network = dependent(definitions, by.tensor)
    prover = Prover(definitions, objective.facts)
    goal = Partial(Entry(objective.value), by)
    if objective.value not in network:
        return goal, (prover.step(rules.INDEPENDENT, goal, ZERO),)
    first = _from_the_loss(goal, objective, network, prover)
    return goal, _unrolled([first], network, objective, prover, depth, detail)


def jacobian(objective: Objective, of: Entry, by: Entry) -> tuple[Expr, tuple[Step, ...]]:
    """The goal ∂p/∂x, an output by an input of the same object, and its chain (Bishop, PRML, §5.3.4)."""
    definitions = stacked(coarse(objective.definitions))
    network = dependent(definitions, by.tensor)
    prover = Prover(definitions, objective.facts)
    goal = Partial(of, by)
    further = one_layer_further(goal, network, goal)
    first = prover.step(chain_rule(further), goal, further)
    return goal, _unrolled([first], network, objective, prover)


def _unrolled(
    steps: list[Step],
    network: dict[Tensor, Definition],
    objective: Objective,
    prover: Prover,
    depth: int | None = None,
    detail: Detail = "line",
) -> tuple[Step, ...]:
    """Further lines, one layer each, then what each factor is."""
    states = step_products.states_of(network.values())
    line = steps[-1].line
    while (depth is None or len(steps) < depth) and (open_ := _open(line, network)):
        further = {partial: _further(partial, network, line, states) for partial in open_}
        named = {partial: _chain_rule(partial, value, states) for partial, value in further.items()}
        rule = next((r for r in _TELLING if r in named.values()), rules.CHAIN)
        steps.append(_replaced(rule, line, further, prover, named, step_products.not_the_first(line)))
        line = steps[-1].line
        collapsed = drop_independent(line, network)
        if collapsed != line:
            because = _why_independent(line, network)
            steps.append(prover.step(rules.INDEPENDENT_TERMS, line, collapsed, because=because))
            line = collapsed
    if not _open(line, network):
        steps += put_in(line, network, prover, detail, step_products.not_the_first(line))
    return tuple(steps)


#: What a line is said to be by, where several derivatives in it go one layer further.
_TELLING = (rules.THROUGH_ALL_STEPS, rules.STEP_BY_STEP, rules.CHAIN_MANY)


def _further(
    partial: Partial, network: dict[Tensor, Definition], line: Expr, states: Mapping[Tensor, step_products.State]
) -> Expr:
    """The derivative one layer further, or one step of reasoning through a recurrence."""
    if isinstance(partial.of, Entry) and partial.of.tensor in states:
        return step_products.further(partial, states, network, line)
    return one_layer_further(partial, network, line)


def _chain_rule(partial: Partial, value: Expr, states: Mapping[Tensor, step_products.State]) -> Rule:
    if isinstance(value, StepProduct):
        return rules.STEP_BY_STEP
    assert isinstance(partial.of, Entry)
    assert isinstance(partial.by, Entry)
    state = states.get(partial.of.tensor)
    return rules.THROUGH_ALL_STEPS if state and partial.by.tensor != state.value else chain_rule(value)


def _replaced(
    rule: Rule,
    line: Expr,
    values: dict[Partial, Expr],
    prover: Prover,
    named: Mapping[Partial, Rule],
    behind: Mapping[Partial, Expr],
) -> Step:
    """One line in which several derivatives are replaced at once; each is a step of its own inside."""
    before, singles = line, []
    for partial, value in values.items():
        line = substitute(line, {partial: value})
        there = behind.get(partial, prover.there)  # a factor of Π is one of a step that has a step before it
        singles.append(replace(prover, there=there).step(named.get(partial, rule), partial, value, line))
    between = () if behind else tuple(single.line for single in singles)
    return prover.step(rule, before, line, substeps=singles, through=between)


def _rule_by_rule(
    line: Expr, values: dict[Partial, Expr], network: dict[Tensor, Definition], prover: Prover
) -> tuple[Step, ...]:
    """Factor by factor, each a single rule at a time."""
    steps, stepwise = [], stepping(network.values())
    for partial, value in values.items():
        assert isinstance(partial.of, Entry)
        begin = line
        for rule, part in singly(partial, network[partial.of.tensor], value, stepwise):
            if (after := substitute(begin, {partial: part})) != line:
                steps.append(prover.step(rule, line, after))
                line = after
    return tuple(steps)


def _from_the_loss(goal: Partial, objective: Objective, network: dict[Tensor, Definition], prover: Prover) -> Step:
    """∂Q/∂w = Σ_i ∂L/∂p ∂p/∂w + ∂R/∂w: the sum over the sample, then the loss as a function of the output."""
    assert isinstance(goal.by, Entry)
    by = goal.by
    opened = moved_inside(network[objective.value].formula, by, network)
    singles = [prover.step(rules.SUM, goal, opened)]
    line = opened
    for partial in _open(opened, network):
        after = one_layer_further(partial, network, line)
        line = substitute(line, {partial: after})
        singles.append(prover.step(chain_rule(after), partial, after, line))
    collapsed = drop_independent(line, network)
    if collapsed != line:
        singles.append(prover.step(rules.INDEPENDENT_TERMS, line, collapsed, because=_why_independent(line, network)))
    several = any(step.rule == rules.CHAIN_MANY for step in singles) and _branches(collapsed) > _branches(opened)
    through = [step.line for step in singles]
    return prover.step(rules.CHAIN_MANY if several else rules.CHAIN, goal, collapsed, substeps=singles, through=through)


def _branches(line: Expr) -> int:
    """How many sums of derivatives stand in the line: one that has collapsed to a single term is none."""
    return sum(isinstance(node, Sum | Add) and any(True for _ in partials(node)) for node in walk(line))


def moved_inside(formula: Expr, by: Entry, network: dict[Tensor, Definition]) -> Expr:
    """∂formula/∂by with the derivative moved in front of each dependent value: Σ_i L_i becomes Σ_i ∂L_i/∂by."""

    def d(node: Expr) -> Expr:
        match node:
            case Entry(tensor, _) if tensor in network:
                return Partial(node, by)
            case Add(terms):
                return add(*(d(t) for t in terms))
            case Mul(factors):
                return add(*(mul(*factors[:k], d(f), *factors[k + 1 :]) for k, f in enumerate(factors)))
            case Sum(body, index):
                return total(d(body), index)
        return ZERO

    return d(formula)


def _open(line: Expr, network: dict[Tensor, Definition]) -> tuple[Partial, ...]:
    """The total derivatives in the line that still go through other values."""
    apart = step_products.apart(line)
    found = dict.fromkeys(p for p in partials(line) if not p.direct and p not in apart and _between(p, network))
    return tuple(found)


def _between(partial: Partial, network: dict[Tensor, Definition]) -> list[Tensor]:
    """The values through which ``of`` depends on the variable."""
    assert isinstance(partial.of, Entry)
    formula = network[partial.of.tensor].formula if partial.of.tensor in network else ZERO
    return [tensor for tensor in tensors(formula) if tensor in network]


def one_layer_further(partial: Partial, network: dict[Tensor, Definition], line: Expr) -> Expr:
    """∂α/∂w = Σ_β Σ_b ∂α/∂β[b] ∂β[b]/∂w (+ the direct ∂α/∂w when α's own formula holds w)."""
    of, by = partial.of, partial.by
    assert isinstance(of, Entry)
    assert isinstance(by, Entry)
    definition = network[of.tensor]
    formula = definition.at(of.subscripts)
    outer = [i for s in of.subscripts for i in s.keys]
    named = dict.fromkeys(t for d in network.values() for t in (d.target, *tensors(d.formula)))
    taken = [*(i for s in by.subscripts for i in s.keys), *_bound(line), *letters(named)]
    terms: list[Expr] = []
    for tensor in _between(partial, network):
        inner, running = entry_inside(formula, tensor, outer, taken)
        terms.append(total(mul(Partial(of, inner, direct=True), Partial(inner, by)), *running))
    if by.tensor in tensors(formula):
        terms.append(Partial(of, by, direct=True))
    return add(*terms)


def _bound(expr: Expr) -> Iterable[Index]:
    return (node.index for node in walk(expr) if isinstance(node, Sum))


def drop_independent(expr: Expr, network: dict[Tensor, Definition]) -> Expr:
    """Σ_s u_s ∂z_s/∂w_j = u_j ∂z_j/∂w_j where z_s holds no entry of w but those of its own row."""

    def collapsed(node: Expr) -> Expr | None:
        if isinstance(node, Sum):
            partner = _only_value(node, network)
            if partner is not None:
                return drop_independent(reindex(node.body, {node.index: subscript(partner)}), network)
        return None

    return transform(expr, collapsed)


def _only_value(node: Sum, network: dict[Tensor, Definition]) -> Index | None:
    """The one value of the bound index for which what is summed does not vanish."""
    for partial in partials(node.body):
        for mine, theirs in rows(partial, network):
            same_range = mine == node.index and mine.extent == theirs.extent and mine != theirs
            if same_range and _vanishes(node.body, mine, theirs, network):
                return theirs
    return None


def _vanishes(body: Expr, mine: Index, theirs: Index, network: dict[Tensor, Definition]) -> bool:
    """Whether all of it is zero for mine ≠ theirs: one factor of each product, each term of each sum."""
    match body:
        case Partial():
            return (mine, theirs) in rows(body, network)
        case Mul(factors):
            return any(_vanishes(f, mine, theirs, network) for f in factors)
        case Add(terms):
            return all(_vanishes(t, mine, theirs, network) for t in terms)
        case Sum(inner, _):
            return _vanishes(inner, mine, theirs, network)
    return False


def rows(partial: Partial, network: dict[Tensor, Definition]) -> list[tuple[Index, Index]]:
    """Pairs (s, j) with ∂α[.. s ..]/∂w[.. j ..] = 0 for s ≠ j: α[s] holds only the entries w[s]."""
    of, by = partial.of, partial.by
    if not (isinstance(of, Entry) and isinstance(by, Entry) and of.tensor in network):
        return []
    definition = network[of.tensor]
    if by.tensor not in tensors(definition.formula) or (not partial.direct and _between(partial, network)):
        return []
    found = places(definition.formula, by.tensor, definition.indices)
    pairs = []
    for mine, index in zip(of.subscripts, definition.indices, strict=True):
        for axis, theirs in enumerate(by.subscripts):
            if all(place[axis].single == index for place in found) and mine.single and theirs.single:
                pairs.append((mine.single, theirs.single))
    return pairs


def _why_independent(line: Expr, network: dict[Tensor, Definition]) -> Because:
    for node in walk(line):
        if isinstance(node, Sum) and (partner := _only_value(node, network)) is not None:
            for partial in partials(node.body):
                if (node.index, partner) in rows(partial, network):
                    bound, value = Letter(node.index), Letter(partner)
                    return Because(INDEPENDENT, (("of", partial.of), ("by", partial.by), ("s", bound), ("j", value)))
    return Because(rules.INDEPENDENT_TERMS.name)


def _rule_of(partial: Partial, network: dict[Tensor, Definition]) -> Rule:
    """What the derivative of one value by another is called once the formula of the value is put in."""
    assert isinstance(partial.of, Entry)
    return rule_of(network[partial.of.tensor].at(partial.of.subscripts), partial.by)


def put_in(
    line: Expr,
    network: dict[Tensor, Definition],
    prover: Prover,
    detail: Detail,
    behind: Mapping[Partial, Expr],
) -> list[Step]:
    """Every factor of the chain carried out and written with the values of the network.

    ``behind`` says of a factor that it is one of a step that has a step before it, by the bracket that is 1 there.
    """
    values: dict[Partial, Expr] = {}
    apart = step_products.apart(line)
    for partial in dict.fromkeys(p for p in partials(line) if p not in apart):
        assert isinstance(partial.of, Entry)
        definition = network[partial.of.tensor]
        slope = differentiate(definition.at(partial.of.subscripts), partial.by)
        value = leading_plus(fold(slope, (definition,)))
        values[partial] = step_products.given(behind[partial], value) if partial in behind else value
    named = {partial: _rule_of(partial, network) for partial in values}
    first = _replaced(rules.SUBSTITUTION, line, values, prover, named, behind)
    if detail == "rule":
        first = replace(first, substeps=_rule_by_rule(line, values, network, prover))
    steps = [first]
    for rule, change in (
        (rules.CANCEL, settled),
        (rules.DELTA, collapse),
        (rules.FACT, lambda expr: use_facts(expr, prover.facts)),
        (rules.DEVIATIONS, lambda expr: without_deviations(expr, means(network.values()))),
        (rules.REGROUP, gather),
        (rules.CANCEL, settled),
    ):
        after = change(steps[-1].line)
        if after != steps[-1].line:
            cancelled = rule != rules.CANCEL or cancels(steps[-1].line, after)
            steps.append(prover.step(rule if cancelled else rules.REGROUP, steps[-1].line, after))
    return steps
