"""Q(w) as definitions: the lecture's formulas, and what holds for every network."""

from __future__ import annotations

import pytest
from rarely import small_specs

from symbolic.language.affine import size
from symbolic.language.expr import Entry, Tensor, Where
from symbolic.language.terms import free_indices, tensors, walk
from symbolic.network.catalogue import ACTIVATION_NAMES, LOSSES
from symbolic.network.network import Network
from symbolic.network.objective import build_objective


def objective(**changes):
    spec = {"loss": "squared", "inputs": {"x": "D"}, "nodes": {"p": {"inputs": ["x"], "width": 1}}, **changes}
    return build_objective(Network.from_dict(spec))


def lines(built):
    return [str(definition) for definition in built.definitions]


def test_the_hidden_layer_of_the_lecture():
    built = build_objective(Network.load("one_hidden_layer"))
    assert lines(built) == [
        "a_z[i, j] = Sum(w_1[j, d]*x[i, d], d) + b_z[j]",
        "z[i, j] = sigmoid(a_z[i, j])",
        "a_p[i] = Sum(w_2[j]*z[i, j], j) + b_p",
        "p[i] = sigmoid(a_p[i])",
        "L[i] = (y[i] - p[i])**2",
        "Q = Sum(L[i], i)",
    ]
    assert [(d.kind, d.node) for d in built.definitions] == [
        ("preactivation", "z"),
        ("activation", "z"),
        ("preactivation", "p"),
        ("activation", "p"),
        ("loss", ""),
        ("objective", ""),
    ]


def test_the_scalar_graph_of_the_lecture():
    built = lines(build_objective(Network.load("scalar_graph")))
    assert "a_z[i] = w_z_x*x[i] + w_z_y*y[i] + b_z" in built
    assert "L[i] = (y_true[i] - p[i])**2" in built
    assert sum("*x[i]" in line for line in built) == 3, "x feeds z, s and t"


def test_the_softmax_classifier():
    built = build_objective(Network.load("mlp_classifier"))
    assert lines(built)[2:5] == [
        "a_p[i, k] = Sum(w_p[k, j]*z[i, j], j) + b_p[k]",
        "p[i, k] = exp(a_p[i, k])*Sum(exp(a_p[i, m]), m)**(-1)",
        "L[i] = Sum(-y[i, k]*log(p[i, k]), k)",
    ]
    (fact,) = built.facts
    assert (fact.kind, fact.tensor, fact.axis) == ("sums_to_one", built.target, 1)


def test_the_identity_makes_no_preactivation():
    assert lines(objective())[0] == "p[i] = Sum(w_p[d]*x[i, d], d) + b_p"
    assert objective().definitions[0].kind == "node"


def test_the_mean_divides_by_the_number_of_samples_but_not_the_regularizer():
    assert lines(objective(reduction="mean", regularizer={"l2": 0.1}))[-1] == "Q = (N)**(-1)*Sum(L[i], i) + R"


@pytest.mark.parametrize(
    ("regularizer", "line"),
    [
        ({"l2": 0.01}, "R = lambda*(Sum(w_p[d]**2, d) + b_p**2)"),
        ({"l2": 0.01, "bias": False}, "R = lambda*Sum(w_p[d]**2, d)"),
        ({"l1": 0.01, "bias": False}, "R = lambda*Sum(abs(w_p[d]), d)"),
        ({"l1": 1, "l2": 2, "bias": False}, "R = lambda_1*Sum(abs(w_p[d]), d) + lambda_2*Sum(w_p[d]**2, d)"),
        ("w**4/4", "R = Sum(1/4*w_p[d]**4, d) + 1/4*b_p**4"),
    ],
    ids=str,
)
def test_regularizers(regularizer, line):
    assert line in lines(objective(regularizer=regularizer))


def test_a_shared_parameter_is_regularized_once():
    layer = {"width": "D", "weights": "w", "bias": False}
    nodes = {"z": {"inputs": ["x"], **layer}, "p": {"inputs": ["z"], **layer}}
    assert "R = lambda*Sum(Sum(w[d, j]**2, j), d)" in lines(objective(nodes=nodes, regularizer={"l2": 1}))


def test_there_is_nothing_to_regularize_in_biases_alone():
    nodes = {"p": {"formula": "p[i] = Sum(x[i,k], k) + b"}}
    assert lines(objective(nodes=nodes, regularizer={"l2": 1, "bias": False}))[-1] == "Q = Sum(L[i], i)"


@pytest.mark.parametrize("kind", ["log_loss", "hinge"])
def test_a_loss_says_what_it_takes_for_granted(kind):
    (fact,) = objective(loss=kind).facts
    assert (fact.kind, fact.axis) == ({"log_loss": "binary", "hinge": "sign"}[kind], None)


def test_an_index_is_never_called_like_a_size_or_a_tensor():
    built = objective(
        inputs={"d": "j"}, nodes={"k": {"inputs": ["d"], "width": "l"}, "m": {"inputs": ["k"], "width": 3}}
    )
    assert lines(built)[0] == "k[i, r] = Sum(w_k[r, s]*d[i, s], s) + b_k[r]"


def test_equal_layers_are_written_with_equal_letters():
    nodes = {f"z{at}": {"inputs": [f"z{at - 1}" if at else "x"], "width": 5} for at in range(5)}
    built = lines(objective(nodes=nodes))
    assert built[1] == "z1[i, j] = Sum(w_z1[j, k]*z0[i, k], k) + b_z1[j]"
    assert built[2] == built[1].replace("z0", "z?").replace("z1", "z2").replace("z?", "z1")


def everything():
    yield from (build_objective(Network.load(name)) for name in small_specs())
    for activation in ACTIVATION_NAMES:
        for loss in LOSSES:
            nodes = {
                "z": {"inputs": ["x"], "width": 2, "activation": activation},
                "p": {"inputs": ["z", "x"], "width": "K", "activation": activation},
            }
            yield objective(loss=loss, nodes=nodes, regularizer={"l1": 1, "l2": 1})


def test_every_definition_stands_before_its_use_and_binds_all_its_indices():
    for built in everything():
        known = {*built.inputs, built.target, *(parameter.tensor for parameter in built.parameters)}
        for definition in built.definitions:
            assert set(tensors(definition.formula)) <= known, f"{definition} uses something that comes later"
            assert free_indices(definition.formula) <= set(definition.indices), f"{definition} leaves an index free"
            assert tuple(index.extent for index in definition.indices) == definition.target.axes
            assert len({index.name for index in definition.indices}) == len(definition.indices)
            assert built.definition(definition.target) is definition
            known.add(definition.target)
        assert built.definitions[-1].target == built.value == Tensor("Q")
        assert built.output in known
        assert built.network.loss.own or built.output.axes == built.target.axes


def test_every_subscript_runs_over_the_axis_it_stands_in():
    for built in everything():
        for definition in built.definitions:
            for entry in walk(definition.formula):
                if isinstance(entry, Entry):
                    assert len(entry.subscripts) == len(entry.tensor.axes)
                    alone = [(s.single, axis) for s, axis in zip(entry.subscripts, entry.tensor.axes, strict=True)]
                    assert all(index.extent == axis for index, axis in alone if index is not None), str(definition)


def test_every_value_has_the_sample_as_its_first_axis():
    for built in everything():
        values = [d.target for d in built.definitions if d.kind in ("node", "preactivation", "activation", "loss")]
        assert all(tensor.axes[0] == size("N") for tensor in (*values, *built.inputs, built.target))


def test_definitions_are_printed_with_their_ranges():
    first = str(build_objective(Network.load("conv1d"))).splitlines()[0]
    assert first.split("     ") == ["a_z[i, t, c] = Sum(w[c, u]*x[i, t + u], u) + b[c]", "i < N, t < T - U + 1, c < C"]


def test_a_user_loss_is_read_for_one_output_and_summed():
    nodes = {"p": {"inputs": ["x"], "width": "K"}}
    built = objective(loss="where(y > p, 2*(y - p), p - y)", nodes=nodes)
    assert any(isinstance(part, Where) for part in walk(built.definition(built.loss).formula))
    assert lines(built)[1].startswith("L[i] = Sum(where(")
