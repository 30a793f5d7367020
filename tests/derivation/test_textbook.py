"""What textbooks print is what derivations end in, whatever the form; each rule goes by its own name."""

from __future__ import annotations

from functools import cache

import pytest

from symbolic.derivation import rules
from symbolic.derivation.derive import derive, slope_derivation
from symbolic.derivation.equations import equation_of
from symbolic.derivation.record import Derivation
from symbolic.derivation.remarks import remarks_on_notation
from symbolic.language.functions import PRIMITIVES
from symbolic.network.catalogue import ACTIVATIONS
from symbolic.network.network import Network
from symbolic.notation.style import LECTURE
from symbolic.notation.unicode import draw

SOFTMAX_REGRESSION = {
    "name": "softmax_regression",
    "loss": "cross_entropy",
    "output": "p",
    "inputs": {"x": "D"},
    "nodes": {"p": {"inputs": ["x"], "width": "K", "activation": "softmax"}},
}


@cache
def found(name: str, form: str, wrt: str | None = None) -> Derivation:
    network = Network.from_dict(SOFTMAX_REGRESSION) if name == "softmax_regression" else Network.load(name)
    return derive(network, wrt, form=form)


def last_line(derivation: Derivation) -> str:
    return draw(equation_of(derivation).right[-1])


def cited(derivation: Derivation) -> list[rules.Rule]:
    return [step.rule for one in (*derivation.lemmas, derivation) for step in one.steps]


@pytest.mark.parametrize(
    ("form", "ends"),
    [
        ("expanded", "Σᵢ₌₁ᴺ (σ(wᵀxᵢ) − yᵢ) xᵢ + 2λ w"),
        ("chain", "Σᵢ₌₁ᴺ (pᵢ − yᵢ) xᵢ + 2λ w"),
        ("backprop", "Σᵢ₌₁ᴺ (pᵢ − yᵢ) xᵢ + 2λ w"),
        ("matrix", "XᵀE_{aₚ} + 2λw"),
    ],
)
def test_logistic_regression_ends_as_in_the_textbook_and_the_cancelling_is_a_line(form, ends):
    derivation = found("regularized_neuron", form)
    assert last_line(derivation) == ends
    assert rules.CANCEL in cited(derivation)
    if form != "chain":  # where it is one of the parts of the line that puts everything in
        assert rules.of_function("log") in cited(derivation)
    assert rules.of_function("log") in [step.rule for step in derivation.every_step()]


@pytest.mark.parametrize("form", ["chain", "expanded", "backprop"])
def test_softmax_regression_ends_in_p_minus_y_in_every_form(form):
    derivation = found("softmax_regression", form)
    shown = [draw(right) for one in (*derivation.lemmas, derivation) for right in equation_of(one).right]
    endings = {
        "chain": "Σᵢ₌₁ᴺ (pᵢᵏ − yᵢᵏ) xᵢ",
        "expanded": "Σᵢ₌₁ᴺ (exp(wₚ,ₖᵀxᵢ)/(Σₘ₌₁ᴷ exp(wₚ,ₘᵀxᵢ)) − yᵢᵏ) xᵢ",
        "backprop": "pₖ − yₖ",
    }
    assert endings[form] in shown
    assert rules.CANCEL in cited(derivation)


def test_the_derivative_of_softmax_is_a_lemma_of_its_own():
    derivation = found("softmax_regression", "chain")
    (lemma,) = derivation.lemmas
    assert last_line(lemma) == "pₖ (δₖₛ − pₛ)"
    assert [step.rule for step in lemma.steps] == [
        rules.DEFINITION, rules.QUOTIENT, rules.of_function("exp"), rules.OWN_VALUE,
    ]  # fmt: skip


def test_the_slope_of_tanh_takes_four_lines_by_the_quotient_rule():
    lemma = slope_derivation(ACTIVATIONS["tanh"])
    assert [step.rule for step in lemma.steps] == [
        rules.DEFINITION, rules.QUOTIENT, rules.of_function("exp"), rules.OWN_VALUE,
    ]  # fmt: skip
    assert lemma.evidence["proved"] == lemma.evidence["steps"]


def test_several_inputs_are_spoken_of_only_where_there_are_several():
    for one in (*found("one_hidden_layer", "backprop", "w_1").lemmas, found("one_hidden_layer", "chain", "w_1")):
        for step in one.steps:
            if step.rule == rules.CHAIN_MANY:
                assert "Σₛ" in draw(equation_of(one).right[1]) or "+" in str(step.line)


def test_what_is_linear_is_no_composition():
    derivation = found("one_neuron", "chain")
    assert derivation.steps[-1].rule == rules.SUBSTITUTION
    by_errors = found("conv1d", "backprop", "w_p")
    assert by_errors.steps[-1].rule == rules.LINEAR_FORM


@pytest.mark.slow
def test_deviations_from_a_mean_are_said_to_add_up_to_nothing():
    derivation = found("layer_norm", "backprop", "w_z")
    (error,) = (
        one for one in derivation.lemmas if one.is_error and one.variable and one.variable.tensor.name == "mean"
    )
    assert error.steps[-1].rule == rules.DEVIATIONS
    assert last_line(error) == "Σⱼ₌₁ᴶ −E_{rⱼ} gainⱼ/√(variance + 0.001)"
    in_chain = found("layer_norm", "chain", "w_z")
    assert rules.DEVIATIONS in [step.rule for step in in_chain.steps]


def test_each_primitives_rule_is_one_of_the_stated_ones():
    assert all(rules.of_function(name) in rules.RULES.values() for name in PRIMITIVES)


def network(regularizer, bias=True) -> Network:
    nodes = {
        "z": {"inputs": ["x"], "width": "J", "activation": "sigmoid", "bias": bias},
        "p": {"inputs": ["z"], "width": 1},
    }
    spec = {"name": "n", "loss": "squared", "output": "p", "inputs": {"x": "D"}, "nodes": nodes}
    return Network.from_dict(spec | ({"regularizer": regularizer} if regularizer else {}))


def test_a_layer_without_bias_is_said_to_have_none():
    said = derive(network(None, bias=False), "w_p", form="chain").text()
    assert "There is no bias with w_z." in said
    assert "There is no bias" not in derive(network(None), "w_p", form="chain").text()


def test_a_bias_is_component_0_only_where_the_regularizer_treats_it_like_the_others():
    alike = derive(network({"l2": 0.1}), "w_p", form="chain").text()
    assert "Σ_{j=0}^J w_{p,j}²" in alike
    assert "p_i = w_pᵀz_i," in alike
    apart = derive(network({"l2": 0.1, "bias": False}), "w_p", form="chain").text()
    assert "p_i = w_pᵀz_i + b_p," in apart
    assert "component 0" not in apart


def test_the_matrix_form_calls_a_bias_by_one_name():
    derivation = derive(Network.load("conv1d"), "w_p", form="matrix")
    assert "component 0" not in derivation.text()
    assert "_{p,0}" not in derivation.latex()
    assert not list(remarks_on_notation(derivation, LECTURE))
