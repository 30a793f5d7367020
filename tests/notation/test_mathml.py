"""MathML: every formula of every network is a tree that a browser can draw, and names are text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from rarely import small_specs

from symbolic.derivation.adjoint import adjoint
from symbolic.derivation.rules import RULES
from symbolic.language.expr import ZERO, Call, Compare, Symbol, Where, add, mul, number, power
from symbolic.language.functions import Function
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.arrange import arrange_definition, equation
from symbolic.notation.boxes import Braced, sign
from symbolic.notation.latex import draw as latex
from symbolic.notation.mathml import math, mathml
from symbolic.notation.style import STYLES
from symbolic.notation.subscript_boxes import name_box
from symbolic.notation.unicode import draw as unicode

#: How many children an element of MathML Core must have.
ARITY = {"msub": 2, "msup": 2, "mfrac": 2, "munder": 2, "msubsup": 3, "munderover": 3}
LEAVES = {"mi", "mn", "mo", "mtext", "mspace"}
CONTAINERS = {"math", "mrow", "msqrt", "mtable", "mtr", "mtd"}


def parsed(text: str) -> ET.Element:
    """The tree, after the arity of every element and the emptiness of every leaf has been checked."""
    root = ET.fromstring(text)
    assert root.tag == "math"
    for element in root.iter():
        assert element.tag in ARITY or element.tag in LEAVES or element.tag in CONTAINERS, element.tag
        assert len(element) == ARITY.get(element.tag, len(element)), ET.tostring(element)
        assert not (element.tag in LEAVES and len(element)), "a leaf holds text alone"
    return root


@pytest.mark.parametrize("notation", STYLES)
@pytest.mark.parametrize("name", small_specs())
def test_every_formula_of_every_network_is_a_tree_of_mathml(name, notation):
    objective = build_objective(Network.load(name))
    style = STYLES[notation].knowing(objective.definitions)
    for definition in (*objective.definitions, *adjoint(objective).definitions):
        tree = parsed(math(equation(*arrange_definition(definition, style)), display=True))
        assert "".join(tree.itertext()).count("=") >= 1


@pytest.mark.parametrize("key", RULES)
def test_every_law_is_drawn_in_every_medium_from_one_box(key):
    rule = RULES[key]
    assert (latex(rule.box), unicode(rule.box)) == (rule.statement, rule.plain)
    parsed(math(rule.box))


@pytest.mark.parametrize("name", ["<script>", "a&b", "50%", r"\input{/etc/passwd}", "a_<b>", '"x"'])
def test_a_name_is_text_whatever_stands_in_it(name):
    tree = parsed(math(name_box(name)))
    shown = "".join(tree.itertext())
    assert all(part in shown for part in name.split("_"))


def test_cases_roots_powers_and_functions_have_their_elements():
    x, y = Symbol("x"), Symbol("y")
    exponential = Function("exp", "primitive")
    cases = Where(Compare(">", x, ZERO), mul(number(2), x), power(y, 3))
    for expr, element in (
        (cases, "mtable"),
        (power(add(x, y), Fraction(1, 2)), "msqrt"),
        (power(x, 2), "msup"),
        (mul(x, power(y, -1)), "mfrac"),
        (Call(exponential, (x,)), "msup"),
    ):
        assert parsed(mathml(expr)).find(f".//{element}") is not None, element


def test_the_note_under_a_factor_is_drawn_below_it():
    tree = parsed(math(Braced(sign("X"), sign("N"))))
    body, note = tree[0]
    assert (body.get("class"), note.get("class")) == ("factor", "note")
    assert ("".join(body.itertext()), "".join(note.itertext())) == ("X", "N")
