"""Sums over samples, several targets and outputs, constants with axes, regularisers by parameter: each held whole."""

from __future__ import annotations

import numpy as np
import pytest
from whole import assert_whole

from codegen.targets.load import load
from symbolic import Network, SpecError, derive
from symbolic.language.expr import Hyper
from symbolic.language.terms import walk
from symbolic.network.schema import json_schema

SIZES = {"D": 3, "J": 2, "K": 3, "T": 4}


def layer(width, *inputs, **more):
    return {"inputs": list(inputs), "width": width, **more}


def spec(nodes, loss="squared", output="p", inputs=None, **more):
    values = {"name": "s", "loss": loss, "output": output, "inputs": inputs or {"x": "D"}, "nodes": nodes, **more}
    return values | {"sizes": {name: number for name, number in SIZES.items() if f"'{name}" in str(values)}}


def normalised(**statistics):
    last = {"formula": "p[i] = Sum(u[j]*tanh(g[j]*(a[i,j] - m[j])/sqrt(v[j] + 1e-5) + b[j]), j)"}
    return spec({"a": layer("J", "x"), **{name: {"formula": text} for name, text in statistics.items()}, "p": last})


OVER_SAMPLES = {
    "batch normalisation": normalised(m="m[j] = Sum(a[n,j], n)/N", v="v[j] = Mean((a[n,j] - m[j])**2, n)"),
    "the letter i": normalised(m="m[j] = Mean(a[i,j], i)", v="v[j] = Sum((a[i,j] - m[j])**2, i)/N"),
    "inside a node": spec({"p": {"formula": "p[i,d] = tanh(w[d]*(x[i,d] - Mean(x[n,d], n)))"}}),
    "a number for all": spec({"m": {"formula": "m = Mean(w[d]*x[n,d], n, d)"}, "p": {"formula": "p[i] = m*x[i,0]"}}),
    "a number of a number": spec(
        {
            "m": {"formula": "m = Mean(Sum(w[d]*x[n,d], d), n)"},
            "r": {"formula": "r = exp(-m**2)"},
            "p": {"formula": "p[i] = r*x[i,0]"},
        }
    ),
    "a number and an index of one letter": spec(
        {"m": {"formula": "m = Mean(a*x[n,0], n)"}, "p": {"formula": "p[i] = m + Sum(w[m]*x[i,m], m)"}}
    ),
    "contrast": spec(
        {"p": layer("J", "x"), "q": layer("J", "z")},
        "L[i] = -log(exp(Sum(p[i,j]*q[i,j], j))/Sum(exp(Sum(p[i,j]*q[n,j], j)), n))",
        inputs={"x": "D", "z": "D"},
    ),
    "the others": spec({"p": layer(1, "x")}, "L[i] = Sum([n != i]*(p[i]*p[n] - x[i,0]*x[n,0])**2, n)/N"),
    "the greatest": spec({"p": layer(1, "x", bias=False)}, "L[i] = (Max(p[n], n) - p[i])**2"),
}


@pytest.mark.parametrize("name", OVER_SAMPLES)
def test_samples_are_summed_over(name):
    assert_whole(OVER_SAMPLES[name], forms=("backprop", "matrix"))


def test_a_proportional_hazard_has_two_targets_and_a_risk_set():
    cox = spec(
        {"p": layer(1, "x", bias=False)},
        "L[i] = -e[i]*(p[i] - log(Sum([t[n] >= t[i]]*exp(p[n]), n)))",
        target={"t": 1, "e": {"width": 1, "values": "binary"}},
    )
    data = {"t": np.array([3.0, 1.0, 2.0]), "e": np.array([1.0, 0.0, 1.0])}
    module = assert_whole(cox, data=data, forms=("backprop",))
    X, objective = np.eye(3), module.Objective()
    w = objective.initial(0)
    assert objective.value(w, X, data) == objective.value(w, {"x": X}, data)
    assert module.Trainer(epochs=2, seed=0).fit(X, data).score(X, data) < 0
    assert objective.predict(w, X).shape == (3,)
    for wrong, told in (
        (data["t"], "Y: got ndarray, expected a dict with the targets t, e"),
        ({"t": data["t"]}, "Y: got targets t, expected t, e"),
        (data | {"e": data["t"]}, r"Y\['e'\]: got 3 at \[0\], expected 0 or 1"),
        (data | {"t": data["t"][:2]}, r"Y\['t'\]: got shape \(2,\), expected \(3,\)"),
    ):
        with pytest.raises(ValueError, match=told):
            objective.value(w, X, wrong)


def test_several_outputs_are_predicted_by_name():
    likelihood = spec(
        {"m": layer("K", "x"), "s": layer("K", "x", activation="softplus")},
        "L[i] = Sum(log(s[i,k]) + (t[i,k] - m[i,k])**2/(2*s[i,k]**2), k)",
        ["m", "s"],
        target={"t": "K"},
    )
    module = assert_whole(likelihood, forms=("backprop",))
    found = module.Objective().predict(np.ones(24), np.eye(3))
    assert {name: array.shape for name, array in found.items()} == {"m": (3, 3), "s": (3, 3)}
    assert (found["s"] > 0).all()
    network = Network.from_dict(likelihood)
    assert Network.from_dict(network.to_dict()) == network


GRAPH = spec(
    {"p": {"formula": "p[i,v] = tanh(Sum(A[v,u]*w[d]*x[i,u,d], u, d))", "width": "T"}},
    inputs={"x": ["T", "D"]},
    constants={"A": {"width": ["T", "T"], "values": "binary"}},
)


def test_data_without_samples_are_given_once_or_with_the_inputs():
    A = np.tri(4)
    module = assert_whole(GRAPH, data={"A": A}, forms=("backprop", "matrix"))
    x, y = np.ones((2, 4, 3)), np.ones((2, 4))
    once = module.Objective(A=A)
    w = once.initial(0)
    assert once.value(w, x, y) == module.Objective().value(w, {"x": x, "A": A}, y)
    assert (once.predict(w, x) == once.predict(w, {"x": x})).all()
    with pytest.raises(ValueError, match=r"A: missing, expected an array of shape \(4, 4\)"):
        module.Objective().value(w, x, y)
    with pytest.raises(ValueError, match=r"A: got shape \(2, 2\), expected \(4, 4\)"):
        module.Objective(A=np.eye(2))
    with pytest.raises(ValueError, match=r"A: got 2 at \[0, 0\], expected 0 or 1"):
        module.Objective(A=2 * A)
    trained = module.Trainer(epochs=2, batch_size=1, seed=0).fit({"x": x, "A": A}, y, sample_weight=np.ones(2))
    assert np.isfinite(trained.score({"x": x, "A": A}, y))


CONSTANTS = {
    "numbers": (
        spec(
            {"p": layer(3, "x")},
            "L[i] = Sum(max(tau[k]*(y[i] - p[i,k]), (tau[k] - 1)*(y[i] - p[i,k])), k)",
            target={"y": 1},
            constants={"tau": [0.1, 0.5, 0.9]},
        )
    ),
    "a table of numbers": spec(
        {"p": {"formula": "p[i] = Sum(w[m]*exp(-Sum((x[i,d] - c[m,d])**2, d)), m)"}},
        inputs={"x": 2},
        constants={"c": [[0.0, 1.0], [1.5, 0.5], [2.0, -1]]},
    ),
    "a formula": spec(
        {"p": {"formula": "p[i,t] = Sum(f[t,s]*w[s,d]*x[i,s,d], s, d)", "width": "T"}},
        inputs={"x": ["T", "D"]},
        constants={"c": 0.5, "f": {"formula": "f[t,s] = [t >= s]*exp(-c*(t - s))", "width": ["T", "T"]}},
    ),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_have_axes(name):
    network = Network.from_dict(CONSTANTS[name])
    assert Network.from_dict(network.to_dict()) == network
    assert_whole(CONSTANTS[name], forms=("backprop", "matrix"))


TWO_LAYERS = {"z": layer("J", "x", activation="tanh"), "p": layer(1, "z")}
REGULARISED = {
    "by parameter": {"w_p": {"l2": 0.1}, "w_z": {"l1": 0.2, "l2": 0.3}},
    "beside one for all": {"l2": 0.01, "bias": False, "b_z": {"l2": 2.0}},
    "a formula of entries": {"w_z": "lam*Sum(w**2)"},
    "a group": {"w_z": "lam*sqrt(1 + Sum(w**2))", "w_p": "w**4"},
    "in a table of their own": {"of": {"w_p": {"formula": "lam*abs(w)"}}},
}


@pytest.mark.parametrize("name", REGULARISED)
def test_parameters_are_regularised_one_by_one(name):
    said = spec(TWO_LAYERS, regularizer=REGULARISED[name], constants={"lam": 0.7})
    network = Network.from_dict(said)
    assert Network.from_dict(network.to_dict()) == network
    assert_whole(said, ("numpy",), forms=("backprop",))


def test_a_weight_by_parameter_is_that_parameter_s_alone():
    found = derive(Network.from_dict(spec(TWO_LAYERS, regularizer={"w_p": {"l2": 0.1}})), "w_z", "backprop")
    assert not any(isinstance(node, Hyper) for step in found.steps for node in walk(step.line)), "λ is of w_p alone"


def test_weights_may_share_a_mixture_that_is_learnt_with_them():
    """Soft weight sharing (Bishop 5.136-5.138): centres that no node has."""
    shared = {"total": "-Sum(log(Sum(exp(c[m] - (w_p[d] - mu[m])**2), m)), d)", "ranges": {"m": 2}}
    said = spec({"p": layer(1, "x")}, regularizer=shared, parameters={"mu": [2], "c": [2]})
    module = assert_whole(said, ("numpy", "torch"), forms=("backprop",))
    assert {"mu", "c"} <= module.Objective().layout.keys()


def test_a_loss_may_have_parameters_that_no_node_has():
    field = "L[i] = log(Sum(exp(s[i,a] + w[a,b] + s[i,b]), a, b)) - Sum(y[i,a]*y[i,b]*w[a,b], a, b)"
    said = spec({"s": layer("K", "x")}, field, "s", target={"y": "K"}, parameters={"w": ["K", "K"]})
    assert_whole(said, forms=("backprop",))


@pytest.mark.slow
def test_clip_and_norm_are_formulas():
    nodes = {"a": layer("J", "x"), "p": {"formula": "p[i,j] = clip(a[i,j], -0.5, 0.5) + a[i,j]/norm(a[i,k], k)"}}
    assert_whole(spec(nodes), forms=("backprop",))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (spec({"p": {"formula": "p[i] = Sum(w[d]*x[i,d], d)/N"}}), "N is the number of samples"),
        (spec({"p": {"formula": "p[i] = Sum(w[n]*x[n,0], n)"}}), "subscript 1 of w runs over the samples"),
        (spec({"p": {"formula": "p[i] = Sum([n <= i]*w*x[n,0], n)"}}), "counts the samples and is no number"),
        (spec({"p": {"formula": "p[i,k] = w[k]*x[k,0]", "width": "K"}}), "the first subscript of x is the sample"),
        (spec({"m": {"formula": "m = Mean(w*x[n,0], n)"}}, output="m"), "output: m is one for all samples"),
        (spec({"m": {"formula": "m = Mean(w*x[n,0], n)"}, "p": layer(1, "m")}), "nodes.p.inputs: m is one for all"),
        (spec({"p": {"formula": "p = 3"}}), "p has no index on the left"),
        (spec(TWO_LAYERS, output=["p", "z"]), "output: a loss of y and p compares one node, not p, z"),
        (spec(TWO_LAYERS, constants={"c": [[1.0], [1.0, 2.0]]}), "constants.c: its lists are of different lengths"),
        (spec(TWO_LAYERS, constants={"c": []}), "constants.c: its lists are empty"),
        (spec(TWO_LAYERS, constants={"c": [0.0] * 2000}), "at most 1000 numbers"),
        (spec(TWO_LAYERS, constants={"c": {"formula": "c[t] = w[t]", "width": "T"}}), "constants.c: unknown name 'w'"),
        (spec(TWO_LAYERS, constants={"c": {"formula": "d[t] = t", "width": "T"}}), "constants.c: it defines d"),
        (
            spec(TWO_LAYERS, regularizer={"w_q": {"l2": 1.0}}),
            "regularizer.w_q: no parameter is called w_q; did you mean",
        ),
        (spec(TWO_LAYERS, regularizer={"w_z": "w + Sum(w**2)"}), "w is one entry of the parameter"),
        (spec(TWO_LAYERS, regularizer={"w_z": "Sum(w**2, j)"}), "Sum(w**2) is the sum over all entries"),
        (spec(TWO_LAYERS, regularizer={"w_z": {"l3": 1.0}}), "regularizer.of.w_z.l3: unknown key"),
        (spec(TWO_LAYERS, parameters={"c": ["D"]}), "parameters.c: neither the loss nor the regulariser names it"),
        (spec(TWO_LAYERS, parameters={"w_z": ["D"]}), "parameters.w_z: a node has it already"),
    ],
)
def test_what_cannot_be_meant_is_one_line(said, told):
    with pytest.raises(SpecError) as refused:
        Network.from_dict(said)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_cluster_refuses_what_it_cannot_add_up():
    pytest.importorskip("distributed")
    from codegen.training.distributed import distribute

    objective = load(Network.from_dict(OVER_SAMPLES["contrast"])).Objective()
    with pytest.raises(ValueError, match="client: s cannot be spread over a cluster, because samples depend"):
        distribute(objective, object(), {}, None)


def test_the_schema_takes_everything_that_is_said_here():
    jsonschema = pytest.importorskip("jsonschema")
    said = [*OVER_SAMPLES.values(), GRAPH, *CONSTANTS.values()]
    said += [spec(TWO_LAYERS, regularizer=one) for one in REGULARISED.values()]
    for one in said:
        jsonschema.validate(one, json_schema())


SLOPES = {
    "an equation of the first order": spec(
        {"h": layer("J", "t", activation="tanh"), "u": layer(1, "h")},
        "L[i] = (D(u[i], t[i]) + k*u[i])**2",
        "u",
        inputs={"t": 1},
        constants={"k": 2.0},
    ),
    "one of the second": spec(
        {"h": layer("J", "t", "x", activation="tanh"), "u": layer(1, "h")},
        "L[i] = (D(u[i], t[i]) - a*D(D(u[i], x[i]), x[i]))**2",
        "u",
        inputs={"t": 1, "x": 1},
        constants={"a": 0.3},
    ),
    "tangent propagation": spec(
        {"h": layer("J", "x", activation="sigmoid"), "p": layer(1, "h")},
        "L[i] = (y[i] - p[i])**2 + Sum(D(p[i], x[i,d])*v[i,d], d)**2",
        inputs={"x": "D", "v": "D"},
        target={"y": 1},
    ),
    "score matching": spec(
        {"h": layer("J", "x", activation="tanh"), "s": layer("D", "h")},
        "L[i] = Sum(D(s[i,d], x[i,d]) + s[i,d]**2/2, d)",
        "s",
    ),
    "inside a node": spec(
        {"h": layer(2, "x", activation="tanh"), "p": {"formula": "p[i,d] = D(h[i,0]*h[i,1], x[i,d])"}}
    ),
    "of a formula": spec({"p": {"formula": "p[i,d] = D(exp(Sum(w[e]*x[i,e]*x[i,D-1-e], e)), x[i,d])"}}),
    "through a convolution": spec(
        {"z": {"formula": "z[i,t] = sin(Sum(w[u]*x[i,t+u], u))", "width": "T - 1", "ranges": {"u": 2}},
         "p": {"formula": "p[i,s] = D(Sum(z[i,t]**2, t), x[i,s])"}},
        inputs={"x": "T"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.slow
def test_derivatives_stand_in_formulas(name):
    assert_whole(SLOPES[name], forms=("backprop", "matrix"))


def test_a_slope_inside_a_formula_is_what_differences_say():
    said = SLOPES["inside a node"]
    module = load(Network.from_dict(said)).Objective()
    hidden = load(Network.from_dict(spec({"p": layer(2, "x", activation="tanh")}))).Objective()
    w, x, step = module.initial(1), np.array([[0.3, -0.2, 0.5]]), 1e-6
    moved = [hidden.predict(w, x + s * step * np.eye(3)).prod(axis=1) for s in (1, -1)]
    np.testing.assert_allclose(module.predict(w, x)[0], (moved[0] - moved[1]) / (2 * step), rtol=1e-8)


def test_a_slope_is_printed_with_the_input_below_the_sign():
    derivation = derive(Network.from_dict(SLOPES["an equation of the first order"]), "w_u", "backprop")
    assert r"\partial_{t}" in derivation.latex() or r"\partial _t" in derivation.latex()
    assert "∂_t u" in derivation.text()


def test_what_q_does_not_depend_on_has_the_gradient_0():
    said = spec({"z": layer("J", "x"), "p": layer(2, "z")}, "L[i] = (y[i] - z[i,0])**2", "p", target={"y": 1})
    module = assert_whole(said, ("numpy",), forms=("backprop", "matrix", "chain", "expanded"))
    layout = module.Objective().layout
    _, g = module.Objective().value_and_gradient(np.ones(module.Objective().size), np.eye(3), np.ones(3))
    assert not g[layout["w_p"][0]].any()
    assert g[layout["w_z"][0]].any()


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        ("L[i] = D(p[i], z[i])", "this does not depend on z, so its derivative is 0"),
        ("L[i] = D(p[i], w_p[0])", "D is taken by an entry of an input"),
        ("L[i] = D(p[i])", "D takes what is differentiated and an input"),
        ("L[i] = Sum(D(p[i], x[n,0]), n)", "D is taken within a sample"),
    ],
)
def test_a_derivative_that_cannot_be_meant_is_one_line_with_its_column(loss, told):
    said = spec({"p": {"formula": "p[i] = Sum(w_p[d]*x[i,d], d)"}}, loss + " + z[i]*p[i]", inputs={"x": "D", "z": 1})
    with pytest.raises(SpecError, match="column") as refused:
        Network.from_dict(said)
    assert told in str(refused.value)


def test_a_derivative_of_what_mixes_samples_is_refused():
    nodes = {"p": {"formula": "p[i] = Sum(w[d]*x[i,d], d) - Mean(Sum(w[d]*x[n,d], d), n)"}}
    with pytest.raises(SpecError, match="mixes samples"):
        load(Network.from_dict(spec(nodes, "L[i] = Sum(D(p[i], x[i,d])**2, d)")))


FACTORS = "p[i] = Sum(Sum(v[d,k]*x[i,d], d)**2 - Sum(v[d,k]**2*x[i,d]**2, d), k)/2"


def test_an_index_that_nothing_limits_runs_over_the_size_of_its_capital():
    said = spec({"p": {"formula": FACTORS}}) | {"sizes": {"D": 4, "K": 2}}
    network = Network.from_dict(said)
    assert {p.name: " × ".join(map(str, p.tensor.axes)) for p in network.parameters} == {"v": "D × K"}
    ranged = spec({"p": {"formula": FACTORS, "ranges": {"k": "K"}}}) | {"sizes": {"D": 4, "K": 2}}
    assert network.objective.definitions == Network.from_dict(ranged).objective.definitions
    assert_whole(said)


@pytest.mark.parametrize("name", ["H", "D_2", "I"])
def test_a_size_that_limits_nothing_is_refused(name):
    said = spec({"p": {"formula": FACTORS, "ranges": {"k": "K"}}}) | {"sizes": {"D": 4, "K": 2, name: 3}}
    with pytest.raises(SpecError, match=f"sizes.{name}: no width of this network is called {name}"):
        Network.from_dict(said)


def test_a_loss_with_subscripts_needs_no_left_side():
    nodes, target = {"p": layer("K", "x")}, {"target": {"y": "K"}}
    short, whole = (
        Network.from_dict(spec(nodes, f"{left}Sum((y[i,k] - p[i,k])**2, k)", **target)) for left in ("", "L[i] = ")
    )
    assert short.objective.definitions == whole.objective.definitions
    with pytest.raises(SpecError, match=r"unknown name 'y'.* a target is declared: \[target\]"):
        Network.from_dict(spec(nodes, "Sum((y[i,k] - p[i,k])**2, k)"))
