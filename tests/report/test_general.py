"""What every report says of any network, in both notations."""

from __future__ import annotations

import re
from functools import cache

import pytest

from codegen.report import Options, content, texts
from codegen.report.blocks import Chain
from codegen.report.content import Content
from codegen.report.general import minimised, what_an_error_is
from symbolic.network.network import Network
from symbolic.network.order import weights
from symbolic.notation.latex import draw


@cache
def of(name: str, notation: str = "lecture") -> Content:
    return content(Network.load(name), notation)


def test_an_error_is_named_before_it_is_a_derivative():
    assert draw(what_an_error_is()) == r"E_{\alpha} = \frac{\partial Q}{\partial \alpha}"
    assert draw(what_an_error_is("bishop")) == r"\delta_j = \frac{\partial E}{\partial a_j}"


@pytest.mark.parametrize(("notation", "letter"), [("lecture", "Q"), ("bishop", "E")])
def test_a_report_has_one_letter_for_what_is_minimised(notation, letter):
    assert draw(minimised(notation=notation)).startswith(f"{letter}(w) = ")
    shown = of("one_neuron", notation)
    (text,) = texts(shown, Options(notation=notation, sections=("network", "objective", "derivation"))).values()
    other = {"Q": "E", "E": "Q"}[letter]
    assert not re.search(rf"\\partial {other}\b|\b{other}\(w\)", text)


def test_the_general_scheme_and_the_use_of_an_error_stand_before_the_errors_of_the_network():
    shown = of("one_hidden_layer")
    assert any(isinstance(block, Chain) for block in shown.laws)
    (text,) = texts(shown, Options()).values()
    places = [
        text.index(formula)
        for formula in (
            r"\frac{\partial Q(\alpha_1, \alpha_2, \dots)}{\partial w_j}",
            r"\frac{\partial Q}{\partial w_{\alpha}} &= E_{\alpha} \frac{\partial \alpha}{\partial w_{\alpha}}",
            r"E_p = \frac{\partial Q}{\partial p} &=",
        )
    ]
    assert places == sorted(places)


def test_the_errors_of_weighted_sums_are_derived_and_so_is_p_less_y():
    shown = of("mlp_classifier")
    lines = {draw(one.equation.left): [draw(box) for box in one.equation.right] for one in shown.errors}
    (sums,) = (found for left, found in lines.items() if left.startswith("E_{a_{p,k}}"))
    assert sums[-1] == "p_k - y_k"
    assert len(sums) > 4
    assert any(left.startswith("E_{a_{z,j}}") for left in lines)


def test_of_derivations_that_are_alike_the_networks_first_is_shown():
    assert weights(Network.load("scalar_graph"))[:4] == ["w_p_z", "w_p_s", "w_p_t", "w_z_x"]
    shown = of("scalar_graph")
    others = [[draw(other) for other in one.others] for one in shown.derivations]
    assert others[0] == [rf"\frac{{\partial Q}}{{\partial w_{{p,{node}}}}}" for node in "st"]


@pytest.mark.slow
def test_one_that_is_alike_is_one_in_russian():
    """«Аналогично выводится» of one, «выводятся» of several."""
    shown = of("scalar_graph")
    (text,) = texts(shown, Options(lang="ru", sections=("derivation", "backpropagation"))).values()
    found = re.findall(r"Аналогично (вывод\w+)}? ((?:\$[^$]*\$(?:, )?)+)", text)
    assert {verb for verb, _ in found} == {"выводится", "выводятся"}
    for verb, others in found:
        assert (verb == "выводятся") == (others.count("$") > 2)
