"""Keys: what a quantity is called in every medium changes nothing of how it is written."""

from __future__ import annotations

import re

import pytest
from rarely import small_specs

from symbolic.derivation.adjoint import adjoint
from symbolic.derivation.derive import derive
from symbolic.derivation.equations import Equation, equations
from symbolic.network.network import Network
from symbolic.network.objective import build_objective
from symbolic.notation.arrange import arrange_definition, equation
from symbolic.notation.boxes import Box, Keyed, sign
from symbolic.notation.latex import draw as latex
from symbolic.notation.mathml import math
from symbolic.notation.matrix import matrix_sides
from symbolic.notation.quantity_boxes import quantity_key
from symbolic.notation.style import STYLES
from symbolic.notation.unicode import draw as unicode

KEY = re.compile(r'<mrow data-key="([^"]+)">')


def boxes(name: str, notation: str, keys: bool) -> list[Box]:
    """Every equation of a network: the definitions, as matrices too, and the lines of its first derivation."""
    network = Network.load(name)
    objective = build_objective(network)
    style = STYLES[notation].knowing(objective.definitions)
    style = style.with_keys() if keys else style
    every = (*objective.definitions, *adjoint(objective).definitions)
    found = [equation(*arrange_definition(d, style)) for d in every]
    found += [equation(*sides) for d in every if (sides := matrix_sides(d, style))]
    shown: tuple[Equation, ...] = equations(derive(network, network.parameters[0].name), style)
    return found + [box for one in shown for box in (one.left, *one.right)]


@pytest.mark.parametrize("notation", STYLES)
@pytest.mark.parametrize("name", small_specs())
def test_keys_change_nothing_that_is_written(name, notation):
    pairs = list(zip(boxes(name, notation, False), boxes(name, notation, True), strict=True))
    assert any("data-key" in math(keyed) for _, keyed in pairs)
    for plain, keyed in pairs:
        assert latex(plain) == latex(keyed)
        assert unicode(plain) == unicode(keyed)


@pytest.mark.parametrize("name", small_specs())
def test_each_definition_shows_the_key_of_all_that_it_speaks_of(name):
    objective = build_objective(Network.load(name))
    style = STYLES["lecture"].knowing(objective.definitions).with_keys()
    for d in (*objective.definitions, *adjoint(objective).definitions):
        left, right = arrange_definition(d, style)
        assert KEY.findall(math(left))[:1] == [quantity_key(d.target)]
        assert set(KEY.findall(math(right))) <= {
            *(f"v:{t.name}" for t in (*objective.inputs, objective.target)),
            *(f"{kind}:{one.target.name}" for kind in "ve" for one in objective.definitions),
            *(f"v:{p.name}" for p in objective.parameters),
        }


def test_the_gradient_is_one_quantity_whether_it_is_written_as_E_or_as_a_fraction():
    derivation = derive(Network.load("one_neuron"), "w")
    shown = equations(derivation, STYLES["lecture"].knowing(derivation.known).with_keys())[-1].left
    assert isinstance(shown, Keyed)
    assert shown.key == "e:w"


def test_a_key_is_text():
    assert "<b>" not in math(Keyed(sign("z"), '"><b>'))
