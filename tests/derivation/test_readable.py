"""The default form is one whose lines can be read, and it is found without deriving the others."""

from __future__ import annotations

import pytest
from rarely import rarely, small_specs

from symbolic.derivation.derive import derive, lecture_form
from symbolic.derivation.equations import equations
from symbolic.derivation.parts import named_parts
from symbolic.derivation.readable import READABLE, is_readable
from symbolic.fuel import at_most
from symbolic.language.terms import tensors
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.unicode import draw

CONVOLUTIONS = {
    "loss": "cross_entropy",
    "output": "p",
    "inputs": {"x": ["2*G + U - 1", "2*G + U - 1", "A"]},
    "nodes": {
        "z": {
            "formula": "z[i,h,v,c] = relu(Sum(w_1[c,a,d,e]*x[i,h+d,v+e,a], a, d, e) + b_1[c])",
            "width": ["2*G", "2*G", "C"],
            "ranges": {"d": "U", "e": "U"},
        },
        "m": {
            "formula": "m[i,h,v,c] = Sum(z[i,2*h+d,2*v+e,c], d, e)/4",
            "width": ["G", "G", "C"],
            "ranges": {"d": 2, "e": 2},
        },
        "u": {
            "formula": "u[i,h,v,c] = relu(Sum(w_2[c,a,d,e]*m[i,h+d,v+e,a], a, d, e) + b_2[c])",
            "width": ["G - U + 1", "G - U + 1", "B"],
            "ranges": {"d": "U", "e": "U"},
        },
        "g": {"formula": "g[i,c] = Sum(u[i,h,v,c], h, v)/(G - U + 1)**2"},
        "p": {"inputs": ["g"], "width": "K", "activation": "softmax"},
    },
}
GROUP_NORM = {
    "loss": "squared",
    "output": "p",
    "inputs": {"x": "D"},
    "nodes": {
        "a": {"formula": "a[i,g,j] = Sum(w[g,j,k]*x[i,k], k)", "width": ["G", "J"]},
        "m": {"formula": "m[i,g] = Sum(a[i,g,j], j)/J"},
        "v": {"formula": "v[i,g] = Sum((a[i,g,j] - m[i,g])**2, j)/J"},
        "n": {"formula": "n[i,g,j] = gamma[g,j]*(a[i,g,j] - m[i,g])/sqrt(v[i,g] + 0.001) + beta[g,j]"},
        "p": {"inputs": ["n"], "width": 1},
    },
}
SOFTMAX = {
    "loss": "cross_entropy",
    "output": "p",
    "inputs": {"x": "D"},
    "nodes": {"p": {"inputs": ["x"], "width": "K", "activation": "softmax"}},
}


GRAPH_ATTENTION = {
    "loss": "squared",
    "output": "p",
    "inputs": {"x": ["V", "D"]},
    "constants": {"A": {"width": ["V", "V"], "values": "binary"}},
    "nodes": {
        "h": {"formula": "h[i,v,j] = Sum(w[j,d]*x[i,v,d], d)", "width": ["V", "J"]},
        "e": {
            "formula": "e[i,v,u] = leaky_relu(Sum(a[j]*h[i,v,j], j) + Sum(b[j]*h[i,u,j], j))",
            "width": ["V", "V"],
        },
        "s": {"formula": "s[i,v,u] = A[v,u]*exp(e[i,v,u])/Sum(A[v,m]*exp(e[i,v,m]), m)", "width": ["V", "V"]},
        "z": {"formula": "z[i,v,j] = elu(Sum(s[i,v,u]*h[i,u,j], u))", "width": ["V", "J"]},
        "p": {"formula": "p[i] = Sum(c[j]*z[i,v,j], j, v)"},
    },
}
CONTRASTIVE = {
    "loss": "L[i] = -log(exp(Sum(u[i,k]*v[i,k], k)/(norm(u[i,k], k)*norm(v[i,k], k)*tau))/"
    "Sum(exp(Sum(u[i,k]*v[n,k], k)/(norm(u[i,k], k)*norm(v[n,k], k)*tau)), n))",
    "output": ["u", "v"],
    "inputs": {"x": "D", "y": "D"},
    "constants": {"tau": 0.5},
    "nodes": {
        "u": {"inputs": ["x"], "width": "K", "weights": "w", "bias": False},
        "v": {"inputs": ["y"], "width": "K", "weights": "w", "bias": False},
    },
}
MIXTURE = {
    "loss": "L[i] = -log(Sum(softmax(a[i,k], k)*exp(-(t[i] - m[i,k])**2/(2*exp(2*s[i,k])))/"
    "(sqrt(2*pi)*exp(s[i,k])), k))",
    "output": ["a", "m", "s"],
    "target": {"t": 1},
    "inputs": {"x": "D"},
    "nodes": {name: {"inputs": ["x"], "width": "K"} for name in "ams"},
}
MEAN_FIELD = {
    "loss": "cross_entropy",
    "output": "q",
    "inputs": {"x": ["T", "D"]},
    "nodes": {
        "e": {"formula": "e[i,t,k] = Sum(w[k,d]*x[i,t,d], d)", "width": ["T", "K"]},
        "r": {"formula": "r[i,t,k] = softmax(e[i,t,k], k)", "width": ["T", "K"]},
        "q": {
            "formula": "q[i,t,k] = softmax(e[i,t,k] + Sum([s != t]*c[t,s]*r[i,s,k], s), k)",
            "width": ["T", "K"],
        },
    },
}
IMAGES = {
    "loss": "cross_entropy",
    "output": "p",
    "inputs": {"x": [28, 28]},
    "nodes": {
        "c": {
            "formula": "c[i,f,h,v] = relu(Sum(w_1[f,a,e]*x[i,h+a,v+e], a, e) + b_1[f])",
            "width": [8, 24, 24],
            "ranges": {"a": 5, "e": 5},
        },
        "m": {
            "formula": "m[i,f,h,v] = Max(c[i,f,2*h+a,2*v+e], a, e)",
            "width": [8, 12, 12],
            "ranges": {"a": 2, "e": 2},
        },
        "d": {
            "formula": "d[i,g,h,v] = relu(Sum(w_2[g,f,a,e]*m[i,f,h+a,v+e], f, a, e) + b_2[g])",
            "width": [16, 8, 8],
            "ranges": {"a": 5, "e": 5},
        },
        "n": {
            "formula": "n[i,g,h,v] = Max(d[i,g,2*h+a,2*v+e], a, e)",
            "width": [16, 4, 4],
            "ranges": {"a": 2, "e": 2},
        },
        "p": {"formula": "p[i,k] = softmax(Sum(w_3[k,g,h,v]*n[i,g,h,v], g, h, v), k)", "width": 10},
    },
}
LONG = {
    "graph attention": GRAPH_ATTENTION,
    "contrastive": CONTRASTIVE,
    "mixture": MIXTURE,
    "mean field": MEAN_FIELD,
    "images": IMAGES,
}


def longest(network):
    """Of all lines that are printed: those of the errors on the way too."""
    found = (equation for p in network.parameters for equation in equations(derive(network, p.name)))
    return max(len(draw(box)) for equation in found for box in equation.right)


@pytest.mark.parametrize("name", rarely(LONG, ("mean field", "graph attention")))
def test_no_line_is_longer_than_two_hundred_characters_whatever_the_formulas_are(name):
    assert longest(Network.from_dict(LONG[name])) <= 200


def test_a_part_has_one_name_wherever_it_stands_and_the_derivation_says_so():
    """exp of the score of a pair stands above with (i, i) and below with (i, n)."""
    network = Network.from_dict(CONTRASTIVE)
    (part,) = named_parts(build_objective(network))
    assert len(part.indices) == 2
    derivation = derive(network, "w")
    loss = next(d for d in derivation.definitions if d.target.name == "L")
    assert tensors(loss.formula) == (part.target,)
    assert any("names of their own" in str(remark.words.en) for remark in derivation.remarks)
    assert all(step.evidence.holds for step in derivation.every_step())


def test_what_is_short_keeps_its_formulas():
    for name in small_specs():
        assert not named_parts(build_objective(Network.load(name)))


def test_images_are_derived_at_sizes_that_fit_and_are_small():
    network = Network.from_dict(IMAGES)
    with at_most(12_000_000):
        assert derive(network, "w_1").steps


@pytest.mark.parametrize("name", small_specs())
def test_no_line_of_the_default_form_is_past_reading(name):
    assert longest(Network.load(name)) <= 1.15 * READABLE


@pytest.mark.parametrize("values", [CONVOLUTIONS, GROUP_NORM, SOFTMAX], ids=["convolutions", "group norm", "softmax"])
def test_a_form_whose_lines_are_too_long_gives_way_to_backpropagation(values):
    network = Network.from_dict(values)
    assert lecture_form(build_objective(network)) == "backprop"
    assert longest(network) <= 1.5 * READABLE


@pytest.mark.parametrize(("name", "form"), [("one_neuron", "expanded"), ("one_hidden_layer", "chain")])
def test_the_lectures_own_networks_keep_the_lectures_forms(name, form):
    assert lecture_form(build_objective(Network.load(name))) == form


@pytest.mark.slow
def test_a_form_that_is_asked_for_is_given_however_long():
    network = Network.load("layer_norm")
    assert not is_readable(build_objective(network), "chain")
    assert derive(network, form="chain").form == "chain"
    assert derive(network).form == "backprop"


@pytest.mark.parametrize("values", [CONVOLUTIONS, GROUP_NORM], ids=["convolutions", "group norm"])
@pytest.mark.slow
def test_large_networks_are_derived_in_few_steps(values):
    """Work is counted, not the clock: each step is a question, and questions are what takes time."""
    network = Network.from_dict(values)
    assert sum(len(list(derive(network, p.name).every_step())) for p in network.parameters) < 200
