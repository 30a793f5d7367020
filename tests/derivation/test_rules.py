"""Every rule has a law that is one tree of boxes, and a use of it that holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbolic.derivation.examples import EXAMPLES
from symbolic.derivation.rules import RULES
from symbolic.evidence.evidence import compare
from symbolic.language.expr import add, number


@pytest.mark.parametrize("key", RULES)
def test_the_example_of_a_rule_holds(key):
    example = RULES[key].example
    found = compare(example.before, example.after, definitions=example.definitions, facts=example.facts)
    assert found.holds, (key, found)


@pytest.mark.parametrize("key", RULES)
def test_a_wrong_example_of_a_rule_would_be_refuted(key):
    example = replace(RULES[key].example, after=add(RULES[key].example.after, number(1)))
    found = compare(example.before, example.after, definitions=example.definitions, facts=example.facts)
    assert not found.holds


def test_every_rule_has_an_example_and_every_example_a_rule():
    assert set(EXAMPLES) == set(RULES)
