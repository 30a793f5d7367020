r"""What a reader gets: LaTeX, text and JSON of every form of every built-in network, in both languages.

Every formula must be well formed: balanced braces and \left … \right, no raw underscore in words, nothing
that Python prints for want of something better.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from rarely import small_specs

from symbolic.derivation.as_data import dict_derivation
from symbolic.derivation.backprop import in_deltas
from symbolic.derivation.derive import FORMS, derive
from symbolic.derivation.equations import definition_equations, equation_of, equations, goals, rows
from symbolic.derivation.lines import every_formula, latex_lines, stated_rules, text_document, text_lines
from symbolic.derivation.record import Derivation
from symbolic.derivation.scheme import general_scheme
from symbolic.derivation.second_order import hessian, hessian_vector_product, jacobian
from symbolic.derivation.written_in import vector_component
from symbolic.errors import SpecError
from symbolic.language.terms import substitute
from symbolic.network.network import Network
from symbolic.notation.latex import draw as latex_box
from symbolic.notation.latex import latex
from symbolic.notation.style import BISHOP, LECTURE, STYLES
from symbolic.notation.unicode import draw as unicode_box
from symbolic.notation.unicode import unicode

LANGUAGES = ("en", "ru")
#: The first parameter of each network (deep inside) and its last but one.
PARAMETERS = [(name, Network.load(name).parameters[at].name) for name in small_specs() for at in (0, -2)]
CASES = [
    (name, parameter, form)
    for name, parameter in PARAMETERS
    for form in FORMS
    if (name, form) != ("layer_norm", "expanded")  # pages long, and tests of their own in test_forms
]


@cache
def derived(name: str, parameter: str, form: str) -> Derivation:
    return derive(Network.load(name), parameter, form=form)


def well_formed(text: str) -> None:
    r"""Braces, \left and \right, environments and dollars pair up, and nothing odd is printed."""
    bare = text.replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for char in bare:
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0, text
    assert depth == 0, text
    assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text))
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert re.sub(r"\\\$", "", text).count("$") % 2 == 0
    for words in re.findall(r"\\text\{([^{}$]*)", text):
        assert "_" not in words, words
        assert "^" not in words, words
    for stray in ("None", "<symbolic", "object at", "Text(", "Affine", "Index(", "  &", "{}"):
        assert stray not in text, stray
    assert not re.search(r"[_^]\s*[_^]", bare), "an index of an index"
    for line in re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end", text, re.S):
        assert all("&" in row for row in line.split("\\\\\n"))


# ------------------------------------------------------------------------------------- LaTeX, text, JSON


@pytest.mark.parametrize(("name", "parameter", "form"), CASES)
@pytest.mark.parametrize("notation", STYLES)
def test_latex_is_well_formed(name, parameter, form, notation):
    derivation = derived(name, parameter, form)
    english, russian = (derivation.latex(lang, notation) for lang in LANGUAGES)
    for text in (english, russian):
        well_formed(text)
    assert not re.search("[а-яА-Я]", english)
    assert re.search("[а-яА-Я]", russian)
    formulas = [re.sub(r"\\text\{.*\}( \\\\)?$", "", line) for line in english.split("\n")]
    other = [re.sub(r"\\text\{.*\}( \\\\)?$", "", line) for line in russian.split("\n")]
    assert [f for f in formulas if "&=" in f] == [f for f in other if "&=" in f], "only the words differ"


@pytest.mark.parametrize(("name", "parameter", "form"), CASES)
def test_text_is_for_a_terminal(name, parameter, form):
    derivation = derived(name, parameter, form)
    for lang, notation in zip(LANGUAGES, STYLES, strict=True):
        text = derivation.text(lang, notation)
        assert "\\" not in text
        assert "None" not in text
        assert "$" not in text
        assert ("∂E" if notation == "bishop" else "∂Q") in text
        assert not text.endswith("\n")


def test_a_derivation_shows_itself():
    derivation = derived("one_hidden_layer", "w_1", "chain")
    assert str(derivation) == derivation.text()
    assert derivation._repr_latex_() == derivation.latex()


@pytest.mark.parametrize(("name", "parameter", "form"), CASES)
def test_json_says_everything(name, parameter, form):
    derivation = derived(name, parameter, form)
    found = json.loads(json.dumps(dict_derivation(derivation)))
    assert found["network"] == name
    assert (found["wrt"], found["form"]) == (parameter, form)
    assert len(found["steps"]) == len(derivation.steps)
    assert found["evidence"]["steps"] == found["evidence"]["proved"] > 0
    assert found["result"] == found["steps"][-1]["line"]
    for step in found["steps"]:
        assert step["evidence"]["verdict"] == "proved"
        well_formed(step["line"]["latex"])
        assert step["because"]
        assert step["rule"]


def test_json_speaks_both_languages():
    derivation = derived("one_hidden_layer", "w_1", "chain")
    english, russian = derivation.to_dict(), derivation.to_dict("ru")
    assert json.dumps(russian) != json.dumps(english)
    assert russian["result"] == english["result"]
    assert russian == dict_derivation(derivation, "ru")


SECOND = {
    "hessian": hessian, "product": hessian_vector_product, "jacobian": jacobian,
}  # fmt: skip


@pytest.mark.parametrize("what", SECOND)
@pytest.mark.parametrize("name", ["one_neuron", "one_hidden_layer", "regularized_neuron"])
@pytest.mark.parametrize("notation", STYLES)
@pytest.mark.slow
def test_second_order_is_shown_too(what, name, notation):
    derivation = SECOND[what](Network.load(name))
    for lang in LANGUAGES:
        well_formed(derivation.latex(lang, notation))
        assert "None" not in derivation.text(lang, notation)
        json.dumps(derivation.to_dict(lang))


@pytest.mark.parametrize("notation", STYLES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_general_scheme_is_shown_too(notation, lang):
    well_formed(general_scheme(3).latex(lang, notation))
    assert general_scheme(2).text(lang, notation).count("…") >= 3
    json.dumps(general_scheme().to_dict(lang))


ODD_NAMES = {
    "name": "odd", "loss": "squared", "inputs": {"input_data": "D_in", "x": 2}, "output": "out_p",
    "nodes": {
        "hidden_1": {"inputs": ["input_data", "x"], "width": "J_1", "activation": "leaky_relu"},
        "delta": {"inputs": ["hidden_1"], "width": 3, "activation": "softmax"},
        "out_p": {"inputs": ["delta", "hidden_1"], "width": 1, "activation": "where(u > 0, sin(u), abs(u))"},
    },
    "regularizer": {"l1": 0.1, "l2": 0.5},
    "reduction": "mean",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("notation", STYLES)
def test_odd_names_and_functions_are_escaped(form, notation):
    network = Network.from_dict(ODD_NAMES)
    for parameter in network.parameters[-2:] if form == "expanded" else network.parameters[:2]:
        derivation = derive(network, parameter.name, form=form)
        well_formed(derivation.latex("ru", notation))
        assert "\\" not in derivation.text("en", notation)


# ------------------------------------------------------------------------------------- what is said


def test_the_result_is_the_last_line_that_is_shown():
    derivation = derived("one_hidden_layer", "w_1", "chain")
    assert list(every_formula(derivation))[-1] == latex(derivation.result, rows(derivation)[1][-1].style)
    assert latex_lines(derivation).count("&=") == len(derivation.steps)
    assert text_lines(derivation).count("\n  = ") == len(derivation.steps)


def test_lemmas_come_before_what_they_are_for():
    derivation = derived("scalar_graph", "w_x_u", "backprop")
    shown = [unicode_box(e.left) for e in equations(derivation)]
    assert len(shown) == len(derivation.lemmas) + 1
    assert shown[-1].startswith("∂Q/∂w")
    assert shown.index("E_z = ∂Q/∂z") < shown.index("Eₓ = ∂Q/∂x")


def test_an_error_has_two_names_and_a_gradient_one():
    derivation = derived("one_hidden_layer", "w_1", "backprop")
    error = next(lemma for lemma in derivation.lemmas if lemma.is_error)
    assert len(goals(error)) == 2
    assert goals(derivation) == (derivation.goal,)


def test_the_network_that_two_derivations_have_in_common_is_said_once():
    network = Network.load("one_hidden_layer")
    text = text_document([derive(network, "w_1"), derive(network, "w_2")]).splitlines()
    first = [line for line in text if line][:4]
    assert [text.count(line) for line in first] == [1] * 4


def test_every_rule_that_is_cited_is_stated_once():
    derivation = derived("one_hidden_layer", "w_1", "chain")
    stated = stated_rules(derivation)
    assert len(stated) == len(set(stated))
    text = derivation.latex()
    for rule in stated:
        assert text.count(rule.statement) == 1


def test_a_vector_is_written_without_its_last_index_only_where_that_is_possible():
    assert vector_component(derived("one_neuron", "w", "expanded")) is not None
    assert vector_component(derived("one_neuron", "b_p", "expanded")) is None
    assert vector_component(derived("mlp_classifier", "b_z", "chain")) is None
    assert vector_component(hessian(Network.load("one_neuron"))) is None


def test_the_network_is_written_with_all_its_indices():
    """That the gradient by w_2 is written for the vector takes no index from the definition of z."""
    for notation in STYLES:
        shown = definition_equations(derived("one_hidden_layer", "w_2", "chain"), notation)
        other = definition_equations(derived("one_hidden_layer", "w_1", "chain"), notation)
        assert shown == other
    (z, _), *_ = definition_equations(derived("one_hidden_layer", "w_2", "chain"), "bishop")
    assert unicode_box(z) == "zₙⱼ"


@pytest.mark.parametrize(("name", "parameter", "form"), CASES)
def test_no_line_is_printed_twice(name, parameter, form):
    for notation in STYLES:
        for equation in equations(derived(name, parameter, form), notation):
            lines = [unicode_box(box) for box in equation.right]
            assert all(a != b for a, b in pairwise(lines)), lines


# ------------------------------------------------------------------------------------- notations


def test_a_style_of_ones_own_is_a_notation():
    derivation = derived("one_hidden_layer", "w_1", "expanded")
    style = replace(LECTURE, linear="sum")
    assert r"\sum_{d=0}^D w_{1,jd} x_i^d" in derivation.latex(notation=style)
    assert "b_{z,j}" in derivation.latex(notation=replace(LECTURE, bias="separate"))
    assert derivation.latex(notation=BISHOP) == derivation.latex(notation="bishop")


def test_an_unknown_notation_is_one_line():
    with pytest.raises(SpecError, match="notation: got 'murphy', there are lecture, bishop"):
        derived("one_neuron", "w", "chain").latex(notation="murphy")
    with pytest.raises(SpecError, match="notation"):
        derived("one_neuron", "w", "chain").text(notation="")


def test_an_unknown_language_is_one_line():
    with pytest.raises(ValueError, match="language: got 'fr'"):
        derived("one_neuron", "w", "chain").latex("fr")


def test_the_matrix_form_is_of_matrices_and_in_bishops_notation_of_deltas():
    derivation = derived("one_hidden_layer", "w_1", "matrix")
    lecture, bishop = derivation.latex(), derivation.latex(notation="bishop")
    assert r"\frac{\partial Q}{\partial W_1} &= E_{A_z}^T X" in lecture
    assert r"\delta_{nj} x_{ni}" in bishop
    assert r"\frac{\partial E}{\partial W^{(1)}} &= \Delta^{(z)T} X" in bishop
    assert not {"component 0"} & {lecture, bishop}
    assert "Q" not in re.sub(r"\\\[.*?\\\]", "", bishop, flags=re.DOTALL), "what is minimised is E in Bishop's book"


def test_bishops_share_of_one_object_keeps_its_index():
    text = derived("one_hidden_layer", "w_1", "chain").latex(notation="bishop")
    assert r"\frac{\partial E_n}{\partial y}" in text
    assert r"E &= \sum_{n=1}^N E_n" in text


@pytest.mark.parametrize("name", ["one_hidden_layer", "mlp_classifier"])
def test_a_line_of_matrices_says_why_it_holds(name):
    for equation in equations(derived(name, "w_1" if name == "one_hidden_layer" else "w_z", "matrix"))[2:]:
        (why,) = equation.reasons
        assert re.match(r"[a-zΣ{].*, shape ", str(why))


def test_what_is_known_of_the_data_is_said():
    texts = [derived("softmax_regression", "w", form).text() for form in ("chain", "expanded", "matrix")]
    assert all("Σₛ₌₁ᴷ yₛ = 1" in text or "Σ_{s=1}^K y_s = 1" in text for text in texts)


@pytest.mark.parametrize(("name", "parameter"), [("one_hidden_layer", "w_1"), ("mlp_classifier", "w_z")])
def test_factors_are_listed_before_they_are_multiplied(name, parameter):
    """Under the line of derivatives stands what each of them is; put in, they are the next line."""
    derivation = derived(name, parameter, "chain")
    equation = equation_of(derivation)
    ((place, factors),) = [(k, f) for k, f in enumerate(equation.factors) if f]
    assert [str(factor.step.rule) for factor in factors].count("substitution") == 0
    line = derivation.steps[place].line
    for factor in factors:
        assert factor.step.evidence.holds
        line = substitute(line, {factor.step.before: factor.step.after})
    assert line == derivation.steps[place + 1].line
    assert all(latex_box(factor.box) in derivation.latex() for factor in factors)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "parameter"), [("one_hidden_layer", "w_1"), ("mlp_classifier", "w_z")])
def test_in_detail_every_form_says_more(name, parameter, form):
    whole, single = (derive(Network.load(name), parameter, form, detail) for detail in ("line", "rule"))
    assert single.result == whole.result
    assert [lemma.result for lemma in single.lemmas] == [lemma.result for lemma in whole.lemmas]
    assert single.evidence_of_steps["proved"] == single.evidence_of_steps["steps"]
    count = [sum(len(e.right) for e in equations(one)) for one in (whole, single)]
    assert count[1] > count[0] + 3


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_the_view_in_deltas_is_proved_like_everything(name, parameter):
    derivation = derived(name, parameter, "matrix")
    whole = in_deltas(derivation)
    assert whole.evidence["proved"] == whole.evidence["steps"]
    assert whole.result == derivation.result
    assert len(whole.lemmas) == len(derivation.lemmas)
    for before, after in zip(derivation.lemmas, whole.lemmas, strict=True):
        assert after.steps[: len(before.steps)] == before.steps
        assert len(after.steps) - len(before.steps) in (0, 1)


@pytest.mark.parametrize("form", ["chain", "backprop"])
def test_the_index_of_the_object_is_left_out_in_derivatives_and_errors_alone_and_this_is_said(form):
    derivation = derived("one_hidden_layer", "w_1", form)
    lines = [unicode(row.expr, row.style) for row in rows(derivation)[1]]
    assert lines[0].startswith("Σᵢ₌₁ᴺ ")
    assert not any("(y − p)" in line or "E_{zᵢ" in line or "∂Lᵢ" in line for line in lines)
    assert "xᵢ" in lines[-1]
    assert ("−2(yᵢ − pᵢ)" in lines[-1]) == (form == "chain")
    assert "The index i of the object is not written" in derivation.text()
    assert "The index i of the object is not written" not in derived("one_neuron", "w", "expanded").text()


@pytest.mark.parametrize(("name", "parameter", "form"), CASES)
def test_an_equation_has_a_reason_for_every_line(name, parameter, form):
    equation = equation_of(derived(name, parameter, form))
    assert len(equation.reasons) == len(equation.right)
    assert all(str(reason) for reason in equation.reasons)


def test_json_names_each_rule_by_its_stable_key_and_gives_definitions_in_latex():
    found: dict[str, Any] = derive(Network.load("one_neuron"), "w").to_dict("ru")
    assert [step["key"] for step in found["steps"]] == ["sum", "chain", "chain", "linear form"]
    assert found["definitions_latex"][0].startswith(r"p_i = \sigma(w^T x_i)")
    assert len(found["definitions_latex"]) == len(found["definitions"])
