"""What a spec can say beyond layers: each row derived, printed, emitted, and held against PyTorch."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files

import numpy as np
import pytest
from rarely import LARGE
from whole import assert_whole

from codegen.checking.trial import check_network
from codegen.cli import main
from codegen.runtime.arrays import scatter
from codegen.targets.load import load
from codegen.targets.numpy.emit import emit
from symbolic import Network, SpecError, derive
from symbolic.network.builtin import builtin_specs
from symbolic.network.schema import json_schema

SIZES = {"T": 4, "D": 3, "J": 2, "V": 5}


def spec(formula, inputs=None, **node):
    inputs = inputs or {"x": ["T", "D"]}
    said = str([inputs, node.get("width"), node.get("ranges")])
    sizes = {name: number for name, number in SIZES.items() if name in said}
    nodes = {"p": {"formula": formula, **node}}
    return {"name": "s", "loss": "squared", "output": "p", "inputs": inputs, "nodes": nodes, "sizes": sizes}


PLACES = {
    "a causal sum": spec("p[i,t,d] = tanh(Sum([s <= t]*w[d]*x[i,s,d], s))", width=["T", "D"]),
    "causal attention": spec(
        "p[i,t,d] = Sum(softmax(where(s <= t, Sum(w[a,e]*x[i,t,a]*x[i,s,e], a, e), -1e9), s)*x[i,s,d], s)",
        width=["T", "D"],
    ),
    "strictly before": spec("p[i,t] = Sum([s < t]*w[s,d]*x[i,s,d], s, d)", width="T"),
    "others": spec("p[i,t] = Sum([s != t]*w[s]*x[i,s,d], s, d)", width="T"),
    "every second": spec("p[i,t] = Sum([s == 2*t]*w[s,d]*x[i,s,d], s, d)", width="T"),
    "upsampling": spec("p[i,t] = Sum([t == 2*s + u]*w[u]*x[i,s,d], s, u, d)", width="2*T", ranges={"u": 2}),
    "all but the last": spec("p[i,t] = Sum([t < T - 1]*w[d]*x[i,t,d], d)"),
    "a positional encoding": spec("p[i,t] = Sum((w[d]*x[i,t,d] + sin(t/T + d))**2, d)"),
    "the second half": spec("p[i,t] = Sum([t/T > 1/2]*w[d]*x[i,t,d], d)"),
    "the last place": spec("p[i,d] = tanh(w[d]*x[i,T-1,d])"),
    "backwards": spec("p[i,t,d] = tanh(w[t,d]*x[i,T-1-t,d])", width=["T", "D"]),
    "differences": spec("p[i,t,d] = tanh(w[d]*(x[i,t+1,d] - x[i,t,d]))", width=["T - 1", "D"]),
    "neighbours": spec("p[i,d] = Sum(w[t]*x[i,t,d]*x[i,t+1,d], t)", ranges={"t": "T - 1"}),
}
FOLDS = {
    "max": spec("p[i,d] = Max(w[t]*x[i,t,d], t)"),
    "max of relu": spec("p[i,d] = Max(relu(Sum(w[t,e]*x[i,t,e], e) + v[d]), t)", width="D"),
    "min over two": spec("p[i] = tanh(Min(w[t,d]*x[i,t,d], t, d))"),
    "prod": spec("p[i,d] = Prod(1 + w[t]*x[i,t,d], t)"),
    "mean": spec("p[i] = Mean((w[d]*x[i,t,d])**2, t, d)"),
    "pooling": spec("p[i,s,d] = Max(w[d]*x[i,2*s+u,d], u)", {"x": ["2*T", "D"]}, width=["T", "D"], ranges={"u": 2}),
    "padding": spec("p[i,t,d] = tanh(Sum(w[u]*x[i,t+u-1,d], u))", width=["T", "D"], ranges={"u": 3}, padding="zero"),
}


CHOICES = {
    "a bracket over a sum": spec("p[i,t] = Sum([x[i,t,d] > 0.2]/(1 + (w[d]*x[i,t,d])**2), d)"),
    "a bracket that chooses and counts": spec(
        "p[i,t] = Sum(where(x[i,t,d] > 0.2, w[d]*x[i,t,d], 1)*(v[d] - [x[i,t,d] > 0.2]), d)"
    ),
    "the logarithm of a choice": spec("p[i,t] = Sum(log(where(x[i,t,d] > 0.2, w[d]**2 + 1, 2 + v[d]**2)), d)"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_brackets_choose_and_count(name):
    assert_whole(CHOICES[name], forms=("backprop",))


@pytest.mark.parametrize("name", PLACES)
def test_indices_compare_and_count(name):
    assert_whole(PLACES[name])


@pytest.mark.parametrize("name", FOLDS)
@pytest.mark.slow
def test_maxima_products_means_and_padding(name):
    assert_whole(FOLDS[name], forms=("backprop",))


@pytest.mark.slow
def test_numba_agrees_on_a_mask_and_a_maximum():
    formula = "p[i,d] = Max(Sum([s <= t]*w[d]*x[i,s,d], s) + t, t)"
    assert_whole(spec(formula, ranges={"t": "T"}), ("numba",), forms=())


TOKENS = {"x": {"width": "T", "below": "V"}}


@pytest.mark.parametrize(
    ("formula", "node"),
    [
        ("p[i,t,e] = tanh(E[x[i,t],e])", {"width": ["T", "D"]}),
        ("p[i,v] = Sum([x[i,t] == v]*w[t], t)", {"width": "V"}),
        ("p[i,t] = Sum(E[x[i,t],e]*E[x[i,s],e]*[s <= t], s, e)", {"width": "T", "ranges": {"e": "D"}}),
    ],
)
def test_whole_numbers_of_the_data_are_subscripts(formula, node):
    drawn = np.random.default_rng(0).integers(5, size=(3, 4)).astype(float)
    assert_whole(spec(formula, TOKENS, **node), data={"x": drawn}, forms=("backprop",))


def test_a_token_outside_the_vocabulary_is_named_with_its_place():
    objective = load(Network.from_dict(spec("p[i,t] = E[x[i,t]]", TOKENS, width="T"))).Objective()
    tokens = np.zeros((2, 4))
    tokens[1, 2] = 7
    with pytest.raises(ValueError, match=r"X: got 7 at \[1, 2\], expected whole numbers from 0 to 4"):
        objective.value(objective.initial(0), tokens, np.zeros((2, 4)))


def layer(width, *inputs, **more):
    return {"inputs": list(inputs), "width": width, **more}


LABELS = {
    "name": "s",
    "loss": "L[i] = -Sum([y[i] == k]*log(p[i,k]), k)",
    "target": {"y": {"below": "V"}},
    "inputs": {"x": "D"},
    "nodes": {"p": layer("V", "x", activation="softmax")},
    "sizes": {"D": 3, "V": 5},
}


def test_a_loss_over_the_whole_network_has_targets_of_its_own():
    module = assert_whole(LABELS, data={"y": np.array([0.0, 4.0, 2.0])}, forms=("backprop",))
    trainer = module.Trainer(optimizer="adam", epochs=2, seed=0).fit(np.eye(3), np.array([0.0, 4.0, 2.0]))
    assert trainer.score(np.eye(3), np.array([0.0, 4.0, 2.0])) < 0


def test_a_loss_without_a_target_is_fitted_to_the_data_alone():
    module = load(Network.load("autoencoder"))
    X = np.random.default_rng(0).normal(size=(6, 4))
    objective = module.Objective()
    assert objective.value(objective.initial(0), X) > 0
    assert module.Trainer(optimizer="adam", epochs=2, seed=0).fit(X).predict(X).shape == (6, 4)


def test_blocks_are_their_nodes_written_out():
    node = {"formula": "h{l}[i,j] = h{l-1}[i,j] + tanh(Sum(w_{l}[j,k]*h{l-1}[i,k], k))"}
    base = {"name": "s", "loss": "squared", "output": "p", "inputs": {"x": "D"}, "sizes": {"D": 3, "J": 2}}
    ends = {"h0": layer("J", "x"), "p": layer(1, "h3")}
    short = Network.from_dict({**base, "nodes": ends, "blocks": {"a": {"repeat": 3, "nodes": {"h{l}": node}}}})
    copies = {
        f"h{n}": {"formula": node["formula"].replace("{l-1}", str(n - 1)).replace("{l}", str(n))} for n in (1, 2, 3)
    }
    assert short == Network.from_dict({**base, "nodes": {**ends, **copies}})


def test_constants_are_letters_in_the_derivation_and_numbers_in_the_module():
    quantile = {
        "name": "s",
        "loss": "max(tau*(y - p), (tau - 1)*(y - p))",
        "constants": {"tau": 0.9},
        "inputs": {"x": "D"},
        "nodes": {"p": layer(1, "x")},
        "sizes": {"D": 3},
    }
    assert_whole(quantile, forms=("backprop",))
    assert r"\tau" in derive(Network.from_dict(quantile), "w_p").latex()


def test_free_activations_keep_their_own_letters_and_are_not_emitted():
    free = {
        "name": "s",
        "loss": "squared",
        "inputs": {"x": "D"},
        "nodes": {"z": layer("J", "x", activation={"free": "g"}), "p": layer(1, "z", activation={"free": "h"})},
        "sizes": {"D": 3, "J": 2},
    }
    network = Network.from_dict(free)
    text = derive(network, "w_z").text()
    assert "h′" in text
    assert "g′" in text
    assert Network.from_dict(network.to_dict()) == network
    with pytest.raises(SpecError, match="has no formula"):
        load(network)


BAD = {
    "p[i,t] = Sum([s <= i]*x[i,t,d]*x[i,s,d], s, d)": "i counts the samples",
    "p[i,d] = x[i,T,d]": "may leave its range",
    "p[i,t] = Max(x[i,t,d])": "Max needs the index it runs over",
    "p[i,t,d] = w[x[i,t,d]]": "x is no input of whole numbers",
}


@pytest.mark.parametrize("formula", BAD)
def test_what_cannot_be_meant_is_refused_in_one_line_with_its_column(formula):
    with pytest.raises(SpecError, match="column") as refused:
        Network.from_dict(spec(formula))
    assert BAD[formula] in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"loss": "L[i] = Sum(x[i,d]**2, d)", "target": {}}, "no node enters"),
        ({"loss": "L[i] = Sum(p[i,k], k)"}, "target.y: the loss does not use it"),
        ({"loss": "L[i] = Sum(c*p[i,k], k)", "target": {}}, "loss: unknown name 'c'"),
        ({"loss": "squared"}, "target.y: a loss of y and p has its target already"),
        ({"target": {"y": {"below": "V", "values": "binary"}}}, "leave out values"),
        ({"inputs": {"x": {"width": "D", "values": "odd"}}}, "no kind of values"),
        ({"format": 2}, "format"),
        ({"constants": {"tau": "a"}}, "no constant"),
        ({"blocks": {"a": {"repeat": 0, "nodes": {}}}}, "no number of copies"),
        ({"blocks": {"a": {"repeat": 2, "nodes": {"h": {}}}}}, "is there already"),
        ({"blocks": {"a": {"repeat": 2, "nodes": {"h{k}": {}}}}}, "no number of a copy"),
    ],
)
def test_what_a_spec_cannot_say_is_one_line(change, told):
    with pytest.raises(SpecError) as refused:
        Network.from_dict({**LABELS, **change})
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_schema_names_every_key(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()
    assert {"format", "target", "blocks", "constants"} <= json_schema()["properties"].keys()


def test_every_built_in_spec_validates_under_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    for name in builtin_specs():
        text = files("symbolic.network").joinpath("specs", f"{name}.toml").read_text(encoding="utf-8")
        jsonschema.validate(tomllib.loads(text), json_schema())


@pytest.mark.parametrize("name", sorted(LARGE))
@pytest.mark.slow
def test_the_gradients_of_large_built_in_networks_agree_with_differences(name):
    assert check_network(Network.load(name)).agrees


FACTORS = {
    "name": "s",
    "loss": "squared",
    "output": "r",
    "inputs": {"u": {"below": "U"}, "m": {"width": "T", "below": "V"}},
    "nodes": {"r": {"formula": "r[i] = b[u[i]] + Sum(p[u[i],f]*q[m[i,t],f], t, f)", "ranges": {"f": "D"}}},
    "sizes": {"U": 5, "V": 4, "T": 3, "D": 2},
}


@pytest.mark.slow
def test_what_is_looked_up_is_gathered_and_added_where_it_came_from():
    """No array is as long as the vocabulary but the parameters and their gradients."""
    random = np.random.default_rng(0)
    drawn = {"u": random.integers(5, size=3).astype(float), "m": random.integers(4, size=(3, 3)).astype(float)}
    assert_whole(FACTORS, ("numpy", "torch", "numba"), data=drawn, forms=("backprop",))
    text = emit(Network.from_dict(FACTORS))
    body = text[text.index("def functions(") : text.index("def weighted_functions")]
    assert "gather(" in body
    assert "scatter(" in body
    workspace = next(line for line in text.splitlines() if line.startswith("Workspace"))
    assert "*U" not in workspace
    assert "*V" not in workspace


def test_rows_that_occur_several_times_are_added_up():
    values, places, out = np.arange(12.0).reshape(3, 2, 2), np.array([[1, 0], [1, 3], [0, 1]]), np.full((5, 2), np.nan)
    scatter(values, places, out)
    expected = np.zeros((5, 2))
    np.add.at(expected, places.ravel(), values.reshape(6, 2))
    np.testing.assert_array_equal(out, expected)
    scatter(values[:0], places[:0], out)
    assert not out.any()
