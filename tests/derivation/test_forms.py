"""The forms of one derivation: equal to each other, each line following from the line before it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise

import pytest
from rarely import small_specs

from symbolic.derivation import rules
from symbolic.derivation.adjoint import adjoint, indices_of
from symbolic.derivation.calculus import partials
from symbolic.derivation.chain import chain
from symbolic.derivation.derive import DETAILS, FORMS, derive, lecture_form, named_functions
from symbolic.derivation.record import Derivation, Prover, StepRefused
from symbolic.derivation.scheme import general_scheme
from symbolic.errors import SpecError
from symbolic.evidence.evidence import Verdict, compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.dependence import dependent, users_of
from symbolic.language.expr import ZERO, Entry, Expr, Partial, Sum, Tensor, add, mul
from symbolic.language.terms import in_range, retensor, walk
from symbolic.network.coarse import coarse, inline
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective

PARAMETERS = {name: [p.name for p in Network.load(name).parameters] for name in small_specs()}
PARAMETERS["scalar_graph"] = ["w_x_u", "w_y_v", "b_x", "w_z_x", "b_t", "w_p_s"]  # there are 21, much alike
BUILT_IN = [(name, parameter) for name, parameters in PARAMETERS.items() for parameter in parameters]
#: One parameter deep inside of each network, and one near its end.
FEW = [(name, parameters[at]) for name, parameters in PARAMETERS.items() for at in (0, -2)]
#: The expanded form grows with depth: of it, only a few.
CASES = [(*one, form) for one in BUILT_IN for form in FORMS if form != "expanded" or one in FEW]
CASES.remove(("layer_norm", "w_z", "expanded"))  # pages long; every step of it is judged when it is made


@cache
def objective_of(name: str) -> Objective:
    return build_objective(Network.load(name))


@cache
def errors_of(name: str, fine: bool) -> tuple[Definition, ...]:
    """The definitions of every E, with pre-activations or, as in the backprop form, without."""
    objective = objective_of(name)
    if not fine:
        objective = replace(objective, definitions=coarse(objective.definitions))
    return adjoint(objective).definitions


def found(name: str, parameter: str, form: str) -> Derivation:
    return derive(Network.load(name), parameter, form=form)


def definitions(name: str, form: str) -> tuple[Definition, ...]:
    """What the lines of a form speak of: the network at its granularity, and every E."""
    network = objective_of(name).definitions
    network = network if form == "matrix" else coarse(network)
    return (*network, *errors_of(name, form == "matrix")) if form in ("backprop", "matrix") else network


# ------------------------------------------------------------------------------------- the four forms are one


@pytest.mark.parametrize(("name", "parameter", "form"), CASES)
def test_every_form_is_the_derivative_of_Q(name, parameter, form):
    derivation = found(name, parameter, form)
    objective = objective_of(name)
    assert isinstance(derivation.goal, Partial)
    assert derivation.goal.of == Entry(objective.value)
    assert derivation.variable is not None
    assert derivation.variable.tensor.name == parameter
    evidence = compare(
        derivation.result, derivation.goal, definitions=definitions(name, form), facts=objective.facts, seed=1
    )
    assert evidence.verdict == Verdict.PROVED, evidence


@pytest.mark.parametrize(("name", "parameter"), FEW)
def test_the_forms_are_equal_to_each_other(name, parameter):
    objective = objective_of(name)
    results: dict[str, Expr] = {}
    for form in FORMS:
        derivation = found(name, parameter, form)
        # each form chooses its own letters: all are read at the entry that the chain form derives by
        assert derivation.variable is not None
        indices = [sub.single for sub in derivation.variable.subscripts]
        assert None not in indices
        wanted = found(name, parameter, "chain").variable
        assert wanted is not None
        own = tuple(index for index in indices if index)
        results[form] = Definition(wanted.tensor, own, derivation.result).at(wanted.subscripts)
    for one, other in combinations(FORMS, 2):
        # the two families of E have the same names: each result is judged with its own definitions
        if {one, other} == {"backprop", "matrix"}:
            continue
        known = definitions(name, one if one in ("backprop", "matrix") else other)
        evidence = compare(results[one], results[other], definitions=known, facts=objective.facts, seed=2)
        assert evidence.verdict == Verdict.PROVED, (one, other, evidence)


@pytest.mark.parametrize("name", small_specs())
def test_the_errors_with_and_without_pre_activations_are_the_same(name):
    objective = objective_of(name)
    coarse_errors = {d.target: d for d in errors_of(name, fine=False)}
    renamed = {d.target: Tensor(f"fine_{d.target.name}", d.target.axes, "adjoint") for d in errors_of(name, fine=True)}
    fine = tuple(
        Definition(renamed[d.target], d.indices, retensor(d.formula, renamed)) for d in errors_of(name, fine=True)
    )
    for d in fine:
        other = coarse_errors.get(Tensor(d.target.name.removeprefix("fine_"), d.target.axes, "adjoint"))
        if other is None:
            continue  # the error of a pre-activation
        evidence = compare(
            d.entry, other.at(tuple(subscript(i) for i in d.indices)),
            definitions=(*objective.definitions, *fine, *coarse_errors.values()), facts=objective.facts,
        )  # fmt: skip
        assert evidence.verdict == Verdict.PROVED, (str(d), evidence)


# ------------------------------------------------------------------------------------- line after line


def chains(derivation: Derivation) -> list[Derivation]:
    return [*derivation.lemmas, derivation]


@pytest.mark.parametrize(("name", "parameter"), FEW[::2])
@pytest.mark.parametrize("form", FORMS)
def test_each_line_follows_from_the_line_before(name, parameter, form):
    """With every rule a step; the lines of the other detail are some of these."""
    objective = objective_of(name)
    derivation = derive(Network.load(name), parameter, form=form, detail="rule")
    assert set(found(name, parameter, form).lines) <= set(derivation.lines)
    long = form == "expanded" and name in ("layer_norm", "recurrent_unrolled", "scalar_graph", "attention")
    for one in chains(derivation) if not long else derivation.lemmas:  # where each step was judged, and that is all
        for before, after in pairwise((one.goal, *one.lines)):
            if before == after:
                continue
            evidence = compare(before, after, definitions=definitions(name, form), facts=objective.facts)
            assert evidence.holds, (str(before), str(after), evidence)


@pytest.mark.parametrize(("name", "parameter"), FEW)
@pytest.mark.parametrize("form", FORMS)
def test_a_step_replaces_one_thing_in_its_line(name, parameter, form):
    """``before`` stands in the line above and ``after`` in its own."""
    for one in chains(derive(Network.load(name), parameter, form=form, detail="rule")):
        line: Expr = one.goal
        for step in one.steps:
            assert step.evidence.holds
            assert step.line is not None
            if step.rule != rules.DELTA:  # a product under the δ may have melted into the product around it
                assert step.before == line or step.before in set(walk(line)), (str(step.before), str(line))
            line = step.line
        assert next(partials(one.result), None) is None, "nothing is left to be derived"


def test_in_detail_there_are_more_steps_and_the_same_end():
    whole, single = (derive(Network.load("one_neuron"), "w", detail=detail) for detail in DETAILS)
    assert len(single.steps) > len(whole.steps)
    assert single.result == whole.result
    assert [step.substeps for step in single.steps] == [()] * len(single.steps)
    assert {"power rule", "constant factor", "sum rule"} <= {str(step.rule) for step in single.steps}


@pytest.mark.parametrize("name", small_specs())
def test_everything_is_proved_exactly(name):
    for parameter in (Network.load(name).parameters[0].name, Network.load(name).parameters[-1].name):
        for form in FORMS:
            evidence = found(name, parameter, form).evidence
            assert evidence["proved"] == evidence["steps"]
            assert evidence["steps"]


# ------------------------------------------------------------------------------------- the chain


def test_the_chain_stops_as_deep_as_asked():
    objective = objective_of("recurrent_unrolled")
    (weight,) = (p.tensor for p in objective.parameters if p.tensor.name == "w_x")
    goal, whole = chain(objective, Entry(weight, tuple(map(subscript, indices_of(weight, objective.definitions)))))
    assert isinstance(goal, Partial)
    assert isinstance(goal.by, Entry)
    _, short = chain(objective, goal.by, depth=2)
    assert len(short) == 2
    assert len(whole) > len(short)
    assert next(partials(short[-1].line), None) is not None
    assert [s.line for s in short] == [s.line for s in whole[:2]]


def test_a_sum_is_dropped_only_where_the_others_vanish():
    """z_s does not depend on w_j for s ≠ j; but p_k does depend on every z_s."""
    for name, parameter, dropped in (("one_hidden_layer", "w_1", True), ("one_hidden_layer", "w_2", False)):
        assert (rules.INDEPENDENT_TERMS in [s.rule for s in found(name, parameter, "chain").steps]) == dropped
    lines = found("mlp_classifier", "w_z", "chain").lines
    sums = [sum(isinstance(node, Sum) for node in walk(line)) for line in lines[:-1]]
    assert sums[-1] < max(sums), "Σ_s has gone"
    assert sums[-1] >= 2, "the sums over the sample and over the outputs have not"


def test_a_value_of_another_layer_is_between_and_its_sum_stays():
    spec = {
        "name": "deep", "loss": "squared", "inputs": {"x": "D"}, "output": "p",
        "nodes": {
            "z": {"inputs": ["x"], "width": "J", "activation": "tanh"},
            "v": {"inputs": ["z"], "width": "K", "activation": "tanh"},
            "p": {"inputs": ["v"], "width": 1},
        },
    }  # fmt: skip
    derivation = derive(Network.from_dict(spec), "w_z", form="chain")
    last = derivation.steps[-2].line
    assert sum(isinstance(node, Sum) for node in walk(last)) == 2, "over the sample and over v"
    assert derivation.evidence["proved"] == derivation.evidence["steps"]


@pytest.mark.slow
def test_a_skip_connection_has_both_paths():
    spec = {
        "name": "skip", "loss": "squared", "inputs": {"x": "D"}, "output": "p",
        "nodes": {
            "z": {"inputs": ["x"], "width": "J", "activation": "tanh"},
            "v": {"inputs": ["z"], "width": "J", "activation": "tanh"},
            "p": {"inputs": ["z", "v"], "width": 1},
        },
    }  # fmt: skip
    network = Network.from_dict(spec)
    for form in FORMS:
        derivation = derive(network, "w_z", form=form)
        assert derivation.evidence["proved"] == derivation.evidence["steps"]
    line = str(derive(network, "w_z", form="chain").steps[1].line)
    assert "d(p[i])/d(z[i, " in line
    assert "d(p[i])/d(v[i, " in line


@pytest.mark.slow
def test_a_shared_parameter_is_derived_in_every_form():
    spec = {
        "name": "shared", "loss": "squared", "inputs": {"x": "D"}, "output": "p",
        "nodes": {
            "z": {"inputs": ["x"], "width": "D", "activation": "tanh", "weights": "w"},
            "v": {"inputs": ["z"], "width": "D", "activation": "tanh", "weights": "w"},
            "p": {"inputs": ["v"], "width": 1},
        },
    }  # fmt: skip
    for form in FORMS:
        derivation = derive(Network.from_dict(spec), "w", form=form)
        assert derivation.evidence["proved"] == derivation.evidence["steps"]


# ------------------------------------------------------------------------------------- the general scheme


@pytest.mark.parametrize("depth", [0, 6, -1])
def test_the_scheme_has_a_depth_between_one_and_five(depth):
    with pytest.raises(SpecError, match=f"depth: got {depth}"):
        general_scheme(depth)


def test_the_scheme_is_proved_for_generic_functions():
    evidence = general_scheme(3).evidence
    assert evidence["steps"] == 3
    assert evidence["proved"] == 3


# ------------------------------------------------------------------------------------- coarse and fine


def test_the_lectures_granularity_puts_the_argument_into_the_activation():
    assert [str(d) for d in coarse(objective_of("one_hidden_layer").definitions)][:2] == [
        "z[i, j] = sigmoid(Sum(w_1[j, d]*x[i, d], d) + b_z[j])",
        "p[i] = sigmoid(Sum(w_2[j]*z[i, j], j) + b_p)",
    ]


def test_a_softmax_keeps_its_argument_which_it_reads_twice():
    names = [d.target.name for d in coarse(objective_of("mlp_classifier").definitions)]
    assert "a_p" in names
    assert "a_z" not in names


def test_inlining_goes_all_the_way_down():
    objective = objective_of("recurrent_unrolled")
    values = {d.target: d for d in objective.definitions if d.target != objective.value}
    formula = inline(objective.definition(objective.value).formula, values)
    assert not any(isinstance(n, Entry) and n.tensor in values for n in walk(formula))
    assert compare(formula, Entry(objective.value), definitions=objective.definitions).verdict == Verdict.PROVED


def test_what_depends_on_a_parameter_is_what_lies_after_it():
    objective = objective_of("one_hidden_layer")
    of = {p.tensor.name: p.tensor for p in objective.parameters}
    assert [t.name for t in dependent(objective.definitions, of["w_2"])] == ["a_p", "p", "L", "Q"]
    assert next(iter(dependent(objective.definitions, of["b_z"]))).name == "a_z"
    users = users_of(objective.definitions)
    assert [d.target.name for d in users[of["w_1"]]] == ["a_z"]


# ------------------------------------------------------------------------------------- asking


def test_the_form_that_nobody_names_is_the_lectures():
    assert lecture_form(objective_of("one_neuron")) == "expanded"
    assert lecture_form(objective_of("one_hidden_layer")) == "chain"
    assert derive(Network.load("one_neuron")).form == "expanded"
    assert derive(Network.load("one_hidden_layer")).wrt == "w_1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"wrt": "w_3"}, "wrt: 'w_3' is no parameter of 'one_hidden_layer', which has w_1, b_z, w_2, b_p"),
        ({"form": "short"}, "form: got 'short', there are chain, expanded, backprop, matrix"),
        ({"detail": "word"}, "detail: got 'word', there are line, rule"),
    ],
)
def test_a_wrong_request_is_one_line_that_says_what_there_is(arguments, message):
    with pytest.raises(SpecError) as error:
        derive(Network.load("one_hidden_layer"), **arguments)
    assert str(error.value) == message


def test_a_network_without_parameters_cannot_be_derived():
    spec = {"name": "none", "loss": "squared", "inputs": {"x": 1}, "nodes": {"p": {"formula": "p[i] = tanh(x[i])"}}}
    with pytest.raises(SpecError, match="no parameters"):
        derive(Network.from_dict(spec))


def test_an_error_can_be_asked_for_like_a_gradient():
    derivation = derive(Network.load("scalar_graph"), "E_x", form="backprop")
    assert derivation.is_error
    assert derivation.steps[0].rule == rules.CHAIN_MANY


def test_each_named_function_is_derived_once():
    functions = named_functions(objective_of("one_hidden_layer"))
    assert [f.name for f in functions] == ["sigmoid"]
    lemmas = found("one_hidden_layer", "w_1", "chain").lemmas
    assert [lemma.wrt for lemma in lemmas] == ["sigmoid"]


def test_a_derivation_is_remembered():
    assert found("one_neuron", "w", "expanded") is found("one_neuron", "w", "expanded")


def test_kinks_carry_their_side_condition_and_their_convention():
    spec = {
        "name": "kinks", "loss": "absolute", "inputs": {"x": "D"}, "output": "p",
        "nodes": {"p": {"inputs": ["x"], "width": 1, "activation": "relu"}},
    }  # fmt: skip
    derivation = derive(Network.from_dict(spec), "w_p", form="expanded")
    assert any(step.condition is not None for step in derivation.every_step())
    assert len(derivation.remarks) == 2
    assert "≠" in derivation.text()
    assert "субградиент 0" in derivation.text("ru")
    json.dumps(derivation.to_dict("ru"))


def test_a_wrong_step_is_refused_with_a_counterexample():
    objective = objective_of("one_neuron")
    prover = Prover(objective.definitions)
    (p, loss) = (Entry(t, (subscript(objective.sample),)) for t in (objective.output, objective.loss))
    with pytest.raises(StepRefused, match=r"sum rule: L\[i\] is not p\[i\]; .*'left'"):
        prover.step(rules.SUM, loss, p)


def test_no_sum_runs_over_a_letter_that_a_quantity_is_called_by():
    derivation = derive(Network.load("recurrent_unrolled"), "w_s", "chain")
    bound = {node.index.name for line in derivation.lines for node in walk(line) if isinstance(node, Sum)}
    assert "s" not in bound
    assert "t" in bound


def test_several_inputs_are_said_to_be_only_where_a_sum_of_them_is_left():
    """p_d alone depends on w_d: the sum over the outputs has gone from the first line already."""
    nodes = {"z": {"inputs": ["x"], "width": "J", "activation": "tanh"}, "p": {"inputs": ["z"], "width": "K"}}
    network = Network.from_dict({"loss": "absolute", "output": "p", "inputs": {"x": "D"}, "nodes": nodes})
    assert [derive(network, name, "chain").steps[0].rule for name in ("w_p", "w_z")] == [rules.CHAIN, rules.CHAIN_MANY]


def side_by_side(count: int) -> Network:
    """So many nodes beside each other, and one that is fed by all of them."""
    layers = {f"h{k}": {"inputs": ["x"], "width": 2, "activation": "tanh"} for k in range(count)}
    last = {"inputs": [*layers], "width": 1}
    return Network.from_dict(
        {"name": "n", "loss": "squared", "output": "p", "inputs": {"x": 2}, "nodes": {**layers, "p": last}}
    )


def test_a_step_is_asked_of_the_values_that_its_derivatives_go_through(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[frozenset[str]] = []

    def noted(left: Expr, right: Expr, *, definitions: tuple[Definition, ...], facts: object) -> object:
        asked.append(frozenset(definition.target.name for definition in definitions))
        return compare(left, right, definitions=definitions)

    monkeypatch.setattr("symbolic.derivation.record.compare", noted)
    objective = build_objective(side_by_side(6))
    weight = next(p.tensor for p in objective.parameters if p.name == "w_h3")
    by = Entry(weight, tuple(subscript(i) for i in indices_of(weight, objective.definitions)))
    chain(objective, by)
    assert asked
    assert any("h3" in names for names in asked)
    assert not any(f"h{k}" in names for names in asked for k in (0, 1, 2, 4, 5))


def test_what_only_the_definition_of_a_value_makes_true_is_asked_of_the_network() -> None:
    objective = objective_of("one_neuron")
    for definition in objective.definitions:
        prover = Prover(objective.definitions, objective.facts)
        assert prover.evidence(definition.entry, definition.formula).holds


def test_the_way_of_a_state_through_its_own_steps_is_not_left_out() -> None:
    steps = size("T")
    t = Index("t", steps)
    h, x, w = Tensor("h", (steps,)), Tensor("x", (steps,)), Tensor("w")
    before = subscript(t) + -1
    state = Definition(h, (t,), add(x[t], mul(in_range(before, steps), Entry(w), h[before])))
    slope = Partial(h[t], h[before])
    prover = Prover((state,))
    assert prover.evidence(slope, ZERO).verdict == Verdict.REFUTED
