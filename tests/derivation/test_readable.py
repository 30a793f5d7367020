"""The default form is one whose lines can be read, and it is found without deriving the others."""

from __future__ import annotations

import pytest
from rarely import small_specs

from symbolic.derivation.derive import derive, lecture_form
from symbolic.derivation.lines import equation_of
from symbolic.derivation.readable import READABLE, is_readable
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


def longest(network):
    boxes = (box for p in network.parameters for box in equation_of(derive(network, p.name)).right)
    return max(len(draw(box)) for box in boxes)


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
