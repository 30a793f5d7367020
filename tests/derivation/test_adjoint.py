"""Backpropagation: the E of every value and parameter, read line by line and proved to be ∂Q/∂α."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from rarely import small_specs

from symbolic.derivation import rules
from symbolic.derivation.adjoint import Adjoint, adjoint, adjoint_of, indices_of
from symbolic.evidence.evidence import compare
from symbolic.language.affine import Index, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Partial, Tensor, total
from symbolic.language.paths import entry_inside
from symbolic.language.terms import free_indices, tensors, walk
from symbolic.network.catalogue import ACTIVATION_NAMES, LOSSES
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective


def network(**changes: Any) -> Objective:
    spec = {"loss": "squared", "inputs": {"x": "D"}, "nodes": {"p": {"inputs": ["x"], "width": 1}}, **changes}
    return build_objective(Network.from_dict(spec))


@cache
def built_in(name: str) -> tuple[Objective, Adjoint]:
    objective = build_objective(Network.load(name))
    return objective, adjoint(objective)


def lines(found: Adjoint) -> list[str]:
    return [str(definition) for definition in found.definitions]


def holds(objective: Objective, found: Adjoint) -> None:
    """Every E is the derivative of Q by its tensor, all the other definitions being what they are."""
    known = (*objective.definitions, *found.definitions)
    for entry in found.entries:
        by = Entry(entry.of, tuple(subscript(i) for i in entry.definition.indices))
        evidence = compare(
            entry.definition.entry, Partial(Entry(objective.value), by), definitions=known, facts=objective.facts
        )
        assert evidence.holds, (str(entry.definition), evidence)


# ------------------------------------------------------------------------------------- line by line


def test_one_hidden_layer():
    assert lines(built_in("one_hidden_layer")[1]) == [
        "E_L[i] = 1",
        "E_p[i] = -2*(y[i] - p[i])",
        "E_a_p[i] = E_p[i]*p[i]*(1 - p[i])",
        "E_w_2[j] = Sum(E_a_p[i]*z[i, j], i)",
        "E_b_p = Sum(E_a_p[i], i)",
        "E_z[i, j] = E_a_p[i]*w_2[j]",
        "E_a_z[i, j] = E_z[i, j]*z[i, j]*(1 - z[i, j])",
        "E_w_1[j, d] = Sum(E_a_z[i, j]*x[i, d], i)",
        "E_b_z[j] = Sum(E_a_z[i, j], i)",
    ]


def test_softmax_with_cross_entropy_ends_in_p_minus_y():
    found = built_in("mlp_classifier")[1]
    assert "E_a_p[i, k] = p[i, k] - y[i, k]" in lines(found)
    (step,) = (e for e in found.entries if e.of.name == "a_p")
    (contribution,) = step.contributions
    assert [r.rule for r in contribution.log] == [
        rules.SUBSTITUTION, rules.SOFTMAX, rules.CANCEL, rules.DELTA, rules.FACT,
    ], "E_p is put in, the softmax is differentiated, p cancels, its δ collapses, Σ y = 1 is used"  # fmt: skip


def test_the_sigmoid_with_the_log_loss_ends_in_p_minus_y():
    assert "E_a_p[i] = p[i] - y[i]" in lines(built_in("regularized_neuron")[1])


def test_fan_out_adds_the_contributions_of_all_users():
    found = built_in("scalar_graph")[1]
    assert "E_x[i] = E_a_z[i]*w_z_x + E_a_s[i]*w_s_x + E_a_t[i]*w_t_x" in lines(found)
    objective = built_in("scalar_graph")[0]
    (x,) = (d.target for d in objective.definitions if d.target.name == "x")
    assert len(found.of(x).contributions) == 3


def test_a_parameter_used_at_every_step_of_a_recurrence_collects_them_all():
    assert (
        "E_w_x[j, d] = Sum(E_a_s1[i, j]*x[i, 0, d], i) + Sum(E_a_s2[i, j]*x[i, 1, d], i)"
        " + Sum(E_a_s3[i, j]*x[i, 2, d], i)"
    ) in lines(built_in("recurrent_unrolled")[1])


def test_a_convolution_reads_its_input_where_the_filter_stood():
    assert "E_w[c, u] = Sum(Sum(E_a_z[i, t, c]*x[i, t + u], t), i)" in lines(built_in("conv1d")[1])


def test_half_the_squared_error_starts_with_p_minus_y():
    assert lines(adjoint(network(loss="half_squared")))[1] == "E_p[i] = p[i] - y[i]"


def test_the_mean_is_a_factor_of_the_first_error():
    found = lines(adjoint(network(reduction="mean")))
    assert found[:2] == ["E_L[i] = (N)**(-1)", "E_p[i] = -2*(N)**(-1)*(y[i] - p[i])"]


def test_a_square_matrix_is_transposed_on_the_way_back():
    spec = {
        "nodes": {
            "z": {"inputs": ["x"], "width": "D", "weights": "w"},
            "v": {"inputs": ["z"], "width": "D", "weights": "w"},
            "p": {"inputs": ["v"], "width": 1},
        }
    }
    objective = network(**spec)
    found = adjoint(objective)
    holds(objective, found)
    (error,) = (d for d in found.definitions if d.target.name == "E_z")
    weights = [n for n in walk(error.formula) if isinstance(n, Entry) and n.tensor.name == "w"]
    assert weights[0].subscripts[1].single == error.indices[1], "the row of E_z is a column of w"
    (shared,) = (e for e in found.entries if e.of.name == "w")
    assert len(shared.contributions) == 2


# ------------------------------------------------------------------------------------- for every network


@pytest.mark.parametrize("name", small_specs())
def test_every_error_is_the_derivative_of_Q(name):
    holds(*built_in(name))


@pytest.mark.parametrize("name", small_specs())
def test_each_error_is_defined_before_it_is_used(name):
    _, found = built_in(name)
    seen: set[Tensor] = set()
    for definition in found.definitions:
        assert {t for t in tensors(definition.formula) if t.role == "adjoint"} <= seen
        assert free_indices(definition.formula) <= set(definition.indices)
        seen.add(definition.target)


@pytest.mark.parametrize("name", small_specs())
def test_there_is_one_error_for_each_value_and_each_parameter(name):
    objective, found = built_in(name)
    of = [entry.of for entry in found.entries]
    assert len(of) == len(set(of))
    assert {p.tensor for p in objective.parameters} <= set(of)
    assert {entry.of.axes for entry in found.entries} <= {e.definition.target.axes for e in found.entries}


@pytest.mark.parametrize("name", small_specs())
def test_the_work_is_linear_each_use_is_one_contribution(name):
    objective, found = built_in(name)
    active = {entry.of for entry in found.entries} | {objective.value}
    uses = sum(len(set(tensors(d.formula)) & active) for d in objective.definitions if d.target in active)
    assert sum(len(entry.contributions) for entry in found.entries) == uses


@pytest.mark.parametrize("activation", [a for a in ACTIVATION_NAMES if a != "generic"])
def test_every_activation_has_its_errors(activation):
    nodes = {
        "z": {"inputs": ["x"], "width": "J", "activation": activation},
        "p": {"inputs": ["z"], "width": "K", "activation": "sigmoid"},
    }
    objective = network(nodes=nodes)
    holds(objective, adjoint(objective))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_every_loss_has_its_errors(loss, reduction):
    last = {"cross_entropy": "softmax", "poisson": "softplus", "log_loss": "sigmoid"}.get(loss, "tanh")
    nodes = {"p": {"inputs": ["x"], "width": "K", "activation": last}}
    objective = network(nodes=nodes, loss=loss, reduction=reduction, regularizer={"l1": 0.1, "l2": 0.2})
    holds(objective, adjoint(objective))


# ------------------------------------------------------------------------------------- inputs, and refusals


def test_the_errors_of_the_inputs_come_when_asked_for():
    objective = built_in("one_hidden_layer")[0]
    found = adjoint(objective, inputs=True)
    assert "E_x[i, d] = Sum(E_a_z[i, j]*w_1[j, d], j)" in lines(found)
    holds(objective, found)
    with pytest.raises(KeyError, match="x"):
        adjoint(objective).of(objective.inputs[0])


def test_what_no_parameter_reaches_has_no_error():
    spec = {
        "nodes": {
            "q": {"formula": "q[i,d] = tanh(x[i,d])"},
            "p": {"inputs": ["q"], "width": 1},
        }
    }
    found = adjoint(network(**spec))
    assert [entry.of.name for entry in found.entries] == ["L", "p", "w_p", "b_p"]


def test_an_error_is_called_after_its_value():
    z = Tensor("z", (size("N"), size("J")))
    assert adjoint_of(z) == Tensor("E_z", z.axes, "adjoint")


def test_an_error_that_cancels_a_denominator_is_kept_only_when_the_denominator_goes():
    """1/p in E_p cancels against p(1 - p); 1/p against the slope of tanh does not, and E_p stays."""
    kept = network(loss="y*log(p) - p", nodes={"p": {"inputs": ["x"], "width": 1, "activation": "tanh"}})
    assert "E_a_p[i] = E_p[i]*(1 - p[i]**2)" in lines(adjoint(kept))
    gone = network(loss="y*log(p) - p", nodes={"p": {"inputs": ["x"], "width": 1, "activation": "1/(1 + exp(-u))"}})
    (error,) = (line for line in lines(adjoint(gone)) if line.startswith("E_a_p"))
    assert "E_p" not in error
    assert "**(-1)" not in error


# ------------------------------------------------------------------------------------- how a value stands inside


N, D, J = size("N"), size("D"), size("J")
i, d, j, k = Index("i", N), Index("d", D), Index("j", J), Index("k", J)
w, x, z = Tensor("w", (J, D), "parameter"), Tensor("x", (N, D), "input"), Tensor("z", (N, J))


def test_a_subscript_that_is_free_stays_and_one_that_is_bound_is_summed_over():
    formula = total(w[j, d] * x[i, d], d)
    entry, running = entry_inside(formula, x, (i, j), ())
    assert (entry, [r.extent for r in running]) == (x[i, running[0]], [D])
    assert entry_inside(formula, w, (i, j), ())[0].subscripts[0] == subscript(j)


def test_a_value_that_is_met_at_two_places_is_summed_over():
    square = Tensor("q", (J, J))
    entry, running = entry_inside(square[j, k] + square[k, j], square, (j, k), ())
    assert len(running) == 2
    assert {r.name for r in running}.isdisjoint({"j", "k"})
    assert entry.subscripts == tuple(subscript(r) for r in running)


def test_a_subscript_that_is_a_number_stays():
    assert entry_inside(x[i, 0], x, (i,), ()) == (x[i, 0], ())
    longer = Tensor("y", (N, D + 1))
    assert entry_inside(longer[i, subscript(d) + 1], longer, (i, d), ()) == (longer[i, subscript(d) + 1], ())
    inside, running = entry_inside(x[i, subscript(d) + 1], x, (i, d), ())
    assert (inside, len(running)) == (x[i, running[0]], 1), "it may lie outside"


def test_the_summed_index_takes_no_name_that_is_in_use():
    formula = total(w[j, d] * x[i, d], d)
    _, running = entry_inside(formula, x, (i, j), (d, Index("s", J)))
    assert running[0].name not in {"i", "j", "d", "s"}


def test_an_error_is_written_with_the_indices_of_the_first_use_or_with_fresh_ones():
    user = Definition(z, (i, j), total(w[j, d] * x[i, d], d))
    assert indices_of(w, [user]) == (j, d)
    assert indices_of(z, [], user) == (i, j)
    trace = Tensor("q", (J, J), "parameter")
    used = Definition(Tensor("r"), (), total(trace[j, j], j))
    first, second = indices_of(trace, [used])
    assert first.name != second.name
    assert (first.extent, second.extent) == (J, J)
