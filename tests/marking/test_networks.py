# ruff: noqa: E501 (formulas stand as people write them)
"""Against a network: the lecture's own lines, the program's own derivations, either notation."""

from __future__ import annotations

import re

import pytest
from rarely import rarely

from symbolic import Network, derive
from symbolic.marking import verify
from symbolic.marking.diagnosis import diagnose
from symbolic.network.objective import build_objective

LECTURE_NEURON = r"""
$$\begin{aligned}\frac{\partial Q(w)}{\partial w} &= \sum_{i=1}^N \frac{\partial (y_i - \sigma(w^T x_i))^2}{\partial w} = \\ &= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \frac{\partial \sigma(w^T x_i)}{\partial w} = \\ &= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i)) \frac{\partial (w^T x_i)}{\partial w} = \\ &= \sum_{i=1}^N -2(y_i - \sigma(w^T x_i)) \sigma(w^T x_i) (1 - \sigma(w^T x_i)) x_i\end{aligned}$$"""
LECTURE_HIDDEN = r"""
$$\begin{aligned} \frac{\partial Q}{\partial w_{1,j}} &= \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_{1,j}} = \sum_{i=1}^N \frac{\partial L}{\partial p} \sum_{s=1}^J \frac{\partial p}{\partial z_s} \frac{\partial z_s}{\partial w_{1,j}} = \\ &= \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial z_j} \frac{\partial z_j}{\partial w_{1,j}} \end{aligned}$$
$$\frac{\partial Q}{\partial w_2} = \sum_{i=1}^N \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_2}$$"""


def test_the_lectures_neuron_is_correct_and_its_links_are_four() -> None:
    marking = verify(Network.load("one_neuron"), LECTURE_NEURON)
    assert marking.verdict == "correct"
    assert [line.verdict for line in marking.lines] == ["proved"] * 4
    assert marking.finished


def test_the_lectures_hidden_layer_is_correct_but_not_finished() -> None:
    marking = verify("one_hidden_layer", LECTURE_HIDDEN)
    assert marking.verdict == "correct"
    assert marking.to_dict()["finished"] is False


def test_a_slip_in_the_lectures_third_line_is_found_there() -> None:
    slip = LECTURE_NEURON.replace(r"(1 - \sigma(w^T x_i)) \frac", r"\frac")
    marking = verify("one_neuron", slip).to_dict()
    assert marking["first_wrong"] == 3
    assert marking["lines"][2]["kind"] == "activation_derivative"
    assert r"1 - \sigma" in marking["lines"][2]["repair"]


def test_a_bias_written_apart_is_read_too() -> None:
    text = r"""$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N -2(y_i - p_i) p_i (1-p_i) x_i$$
    $$p_i = \sigma(w^T x_i + b), \quad \frac{\partial Q}{\partial b} = \sum_{i=1}^N -2(y_i - p_i)p_i(1-p_i)$$"""
    assert verify("one_neuron", text).verdict == "correct"
    assert verify("one_neuron", text.replace("w^T x_i + b", "w^T x_i")).verdict in ("wrong", "not understood")


def test_bishops_letters_are_read_too() -> None:
    text = r"$$\frac{\partial Q}{\partial w_{j}^{(2)}} = \sum_{n=1}^N -2(t_n - y_n) y_n (1 - y_n) z_{nj}$$"
    assert verify("one_hidden_layer", text).verdict == "correct"


@pytest.mark.parametrize(
    "name", rarely(["one_neuron", "one_hidden_layer", "regularized_neuron", "mlp_classifier"], ["one_neuron"])
)
@pytest.mark.parametrize("form", ["chain", "backprop", "matrix"])
def test_what_the_program_derives_is_accepted(name: str, form: str) -> None:
    network = Network.load(name)
    for parameter in build_objective(network).parameters:
        text = derive(network, parameter.tensor.name, form=form).latex()
        text = re.sub(r"\\\[.*?\\\]", "", text, flags=re.DOTALL)  # laws, stated about any f and g
        text = re.sub(
            r"\\begin\{align\*\}\n\\frac\{\\partial \\\w+\(u\)\}.*?\\end\{align\*\}", "", text, flags=re.DOTALL
        )
        marking = verify(network, text)
        assert marking.verdict == "correct", [line.latex for line in marking.lines if not line.holds]


def test_a_common_slip_is_found_under_whichever_notation_the_text_has():
    """The bias is component 0 of the weights here, which no line has told before the slip."""
    spec = {
        "loss": "log(1 + (y - p)**2)",
        "output": "p",
        "inputs": {"x": "D"},
        "nodes": {
            "z": {"inputs": ["x"], "width": "J", "activation": "log(1 + u**2)"},
            "p": {"inputs": ["z"], "width": 1},
        },
    }
    right = (
        r"$$\frac{\partial Q}{\partial w_{z,j}} = \sum_{i=1}^N \frac{-2(y_i - p_i)}{1 + (y_i - p_i)^2} w_{p,j}"
        r" \frac{2 w_{z,j}^T x_i}{1 + (w_{z,j}^T x_i)^2} x_i$$"
    )
    assert verify(spec, right).verdict == "correct"
    marking = verify(spec, right.replace(r"\frac{2 w", r"\frac{w"))
    assert marking.first_wrong == 1
    diagnosis = marking.lines[0].diagnosis
    assert diagnosis is not None
    assert diagnosis.kind == "factor"
    assert diagnosis.repair.startswith("2 ")


def test_a_search_that_is_too_long_is_said_to_be_so(monkeypatch):
    """Steps are counted: nothing is said of seconds."""
    monkeypatch.setattr(diagnose, "A_SEARCH", 10)
    marking = verify("one_neuron", r"$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N -(y_i - p_i) p_i (1 - p_i) x_i$$")
    assert marking.verdict == "wrong"
    diagnosis = marking.lines[0].diagnosis
    assert diagnosis is not None
    assert "too many steps" in diagnosis.sentence.text("en")


OWN = {
    "loss": "log(1 + (y - p)**2)",
    "output": "p",
    "inputs": {"x": "D"},
    "nodes": {"z": {"inputs": ["x"], "width": "J", "activation": "log(1 + u**2)"}, "p": {"inputs": ["z"], "width": 1}},
}


def test_what_is_derived_of_an_activation_of_ones_own_is_accepted_in_its_letter() -> None:
    assert verify(OWN, derive(Network.from_dict(OWN), "w_z").latex()).verdict == "correct"
    assert verify(OWN, r"$\phi'(u) = \frac{2u}{1 + u^2}$").verdict == "correct"
    assert verify(OWN, r"$\phi'(u) = \frac{u}{1 + u^2}$").first_wrong == 1


def test_several_activations_of_ones_own_have_numbers_and_names() -> None:
    nodes = {
        "z": {"inputs": ["x"], "width": "J", "activation": "u/(1 + u**2)"},
        "v": {"inputs": ["z"], "width": "K", "activation": {"name": "swish", "formula": "u/(1 + exp(-u))"}},
        "p": {"inputs": ["v"], "width": 1, "activation": "atan(u) + u"},
    }
    network = Network.from_dict(OWN | {"nodes": nodes})
    assert verify(network, derive(network, "w_z").latex()).verdict == "correct"


@pytest.mark.parametrize(("written", "factor"), [("p_i", "1 - p_i"), ("p", "1 - p")])
def test_a_repair_has_the_index_of_the_object_where_the_line_has_it(written: str, factor: str) -> None:
    line = rf"$$\frac{{\partial Q}}{{\partial w_2}} = \sum_{{i=1}}^N 2 ({written} - y_i) {written} z_i$$"
    (marked,) = verify(Network.load("one_hidden_layer"), line).lines
    assert marked.diagnosis is not None
    assert marked.diagnosis.repair.endswith(rf"\cdot ({factor})")


@pytest.mark.parametrize(("slope", "verdict"), [(r"2 a_{ij}", "correct"), (r"a_{ij}", "wrong")])
def test_the_one_value_before_an_activation_needs_no_label(slope: str, verdict: str) -> None:
    spec = {
        "loss": "squared",
        "output": "p",
        "inputs": {"x": "D"},
        "nodes": {
            "z": {"inputs": ["x"], "width": "J", "activation": "log(1 + u**2)"},
            "p": {"inputs": ["z"], "width": 1},
        },
    }
    gradient = rf"\sum_i -2 (y_i - p_i) w_{{p,j}} \frac{{{slope}}}{{1 + a_{{ij}}^2}} x_{{id}}"
    assert verify(spec, rf"$$\frac{{\partial Q}}{{\partial w_{{z,jd}}}} = {gradient}$$").verdict == verdict
