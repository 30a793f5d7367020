"""Numbers above and below a bar are taken out where that leaves less to read, and nothing else is touched."""

from __future__ import annotations

import pytest

from symbolic.evidence.evidence import compare
from symbolic.language.cancel import in_lowest_numbers
from symbolic.network.catalogue import FUNCTIONS
from symbolic.network.grammar import read_scalar


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2*u*(2*exp(v))**(-1)", "u*exp(v)**(-1)"),
        ("4*u*exp(v)*(2*exp(v))**(-2)", "u*exp(v)**(-1)"),
        ("u + 6*v*(3*cos(u))**(-1)", "u + 2*v*cos(u)**(-1)"),
        ("u*(2*v)**(-1)", "u*(2*v)**(-1)"),
        ("2*u*(1 + v)**(-1)", "2*u*(1 + v)**(-1)"),
        ("2*u*exp(2*v)", "2*u*exp(2*v)"),
    ],
)
def test_lowest_numbers(given, expected):
    formula, wanted = (read_scalar(text, ("u", "v"), FUNCTIONS) for text in (given, expected))
    found = in_lowest_numbers(formula)
    assert found == wanted
    assert found == formula or compare(found, formula).holds
