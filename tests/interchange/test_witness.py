"""SymPy's derivative is a witness that shares nothing with ours: a rule broken on purpose is caught by it."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from rarely import small_specs

from codegen.checking.trial import check_network, third_opinion
from codegen.cli import main
from symbolic import Network, derive
from symbolic.derivation import calculus
from symbolic.derivation.adjoint import adjoint, adjoint_of
from symbolic.evidence.evidence import Verdict
from symbolic.interchange.derivations import witness_of
from symbolic.interchange.two_values import NoValue, Point
from symbolic.interchange.within_reach import nodes_of
from symbolic.interchange.witness import witness_of_gradient
from symbolic.language.expr import neg
from symbolic.language.functions import PRIMITIVES, U, cos, sin


@pytest.mark.parametrize("name", small_specs())
def test_the_gradient_of_every_built_in_network_is_proved_within_its_time(name):
    start = time.process_time()
    witness = third_opinion(Network.load(name).objective)
    assert witness.verdict is Verdict.PROVED
    assert witness.derivatives > 0
    assert time.process_time() - start < 6  # two seconds on a machine of its own


@pytest.mark.parametrize(
    ("name", "wrt"), [("one_neuron", "w"), ("one_hidden_layer", "w_1"), ("one_hidden_layer", "w_2")]
)
def test_every_line_of_the_lecture_is_held_against_sympy(name, wrt):
    derivation = derive(Network.load(name), wrt)
    found = derivation.evidence["witness"]
    assert found["verdict"] == "proved"
    assert found["derivatives"] >= len(derivation.lines)


@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_wrong_line_is_named(place):
    derivation = derive(Network.load("one_hidden_layer"), "w_2")
    steps = list(derivation.steps)
    steps[place] = replace(steps[place], line=neg(steps[place].line))
    witness = witness_of(replace(derivation, steps=tuple(steps)))
    assert witness.verdict is Verdict.REFUTED
    assert f"line {place % len(steps) + 1}" in witness.worst


def test_a_slope_that_is_wrong_in_the_table_is_caught_by_the_witness_alone():
    """Our own evaluator reads the same table, so only SymPy knows better."""
    spec = {"loss": "squared", "inputs": {"x": 2}, "nodes": {"p": {"inputs": ["x"], "width": 1, "activation": "sin"}}}
    for cache in (calculus._differentiated, calculus.lemma, third_opinion):
        cache.cache_clear()
    right = PRIMITIVES["sin"].partials
    object.__setattr__(sin, "partials", (neg(cos(U)),))
    try:
        objective = Network.from_dict(spec).objective
        whole = adjoint(objective)
        slopes = {p.tensor: adjoint_of(p.tensor) for p in objective.parameters}
        witness = witness_of_gradient(objective, slopes, whole.definitions)
    finally:
        object.__setattr__(sin, "partials", right)
        for cache in (calculus._differentiated, calculus.lemma, third_opinion):
            cache.cache_clear()
    assert witness.verdict is Verdict.REFUTED
    assert witness.worst.startswith(("w_p", "b_p"))


@pytest.mark.slow
def test_kinks_and_cases_are_held_against_sympy_too():
    nodes = {
        "z": {"inputs": ["x"], "width": 2, "activation": "relu"},
        "v": {"inputs": ["z"], "width": 2, "activation": "elu"},
        "p": {"inputs": ["v"], "width": 1},
    }
    for loss in ("absolute", "huber", "hinge"):
        network = Network.from_dict({"loss": loss, "inputs": {"x": 2}, "nodes": nodes, "regularizer": {"l1": 0.1}})
        assert third_opinion(network.objective).verdict is Verdict.PROVED


def test_what_is_too_large_is_left_out_with_a_line():
    nodes = {f"z{n}": {"inputs": [f"z{n - 1}" if n else "x"], "width": 9, "activation": "tanh"} for n in range(40)}
    network = Network.from_dict({"loss": "squared", "inputs": {"x": 9}, "nodes": nodes})
    start = time.process_time()
    witness = third_opinion(network.objective)
    assert witness.verdict is Verdict.NOT_UNDERSTOOD
    assert str(witness).startswith("SymPy's derivative: left out, Q written out")
    assert time.process_time() - start < 5


def test_check_shows_the_witness_and_believes_it(capsys):
    assert main(["check", "one_neuron"]) == 0
    assert "SymPy's derivative: proved equal" in capsys.readouterr().out
    report = check_network(Network.load("one_neuron"))
    assert report.to_dict()["witness"]["verdict"] == "proved"
    assert not report._replace(witness=replace(report.witness, verdict=Verdict.REFUTED)).agrees


def test_a_recurrence_is_as_long_as_its_steps():
    objective = Network.load("lstm").objective
    known = {definition.target: definition for definition in objective.definitions}
    two, four = (nodes_of(known, objective.definitions[-1].formula, {"N": 2, "J": 2, "D": 2, "T": T}) for T in (2, 4))
    assert four > 8 * two, "every step has the four gates before it in it"


def test_a_number_called_w_0_is_not_the_first_entry_of_w():
    """A factorisation machine: both stand in one formula."""
    pairs = "Sum([d < e]*Sum(v[d,f]*v[e,f], f)*x[i,d]*x[i,e], d, e)"
    node = {"formula": f"p[i] = w_0 + Sum(w[d]*x[i,d], d) + {pairs}", "ranges": {"f": "F"}}
    spec = {"loss": "squared", "output": "p", "inputs": {"x": "D"}, "nodes": {"p": node}, "sizes": {"D": 4, "F": 2}}
    found = check_network(Network.from_dict(spec))
    assert found.agrees
    assert found.witness.holds, found.witness


@pytest.mark.parametrize("outer", [sympy.exp, sympy.sin, sympy.tanh])
def test_a_function_of_a_number_with_too_many_digits_has_no_value(outer):
    huge = sympy.exp(sympy.exp(sympy.exp(sympy.Symbol("u"))))
    with pytest.raises(NoValue):
        Point(lambda _: Fraction(9)).value(outer(huge))


@pytest.mark.parametrize("relation", [">", ">=", "<", "<="])
@pytest.mark.parametrize("border", [5, 20])
def test_the_case_that_holds_gives_the_value(relation, border):
    u = sympy.Symbol("u")
    cases = sympy.Piecewise((1, sympy.Rel(u, border, relation)), (2, True))
    holds = (border < 9) == (">" in relation)
    assert Point(lambda _: Fraction(9)).value(cases).near == (1 if holds else 2)
