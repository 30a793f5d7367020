"""A derivative of one value by another, a single rule at a time: for whoever wants every rule as a step."""

from __future__ import annotations

from collections.abc import Iterator

from symbolic.derivation import rules
from symbolic.derivation.calculus import carry_out, partials
from symbolic.derivation.rules import Rule
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Partial
from symbolic.language.terms import substitute


def singly(part: Expr, value: Definition, result: Expr) -> Iterator[tuple[Rule, Expr]]:
    """What ``part`` becomes, step by step, until it is ``result``.

    The derivatives of the value in it get the value's formula, that is differentiated, and what comes out is written
    with the values of the network again.
    """
    for partial in [p for p in partials(part) if isinstance(p.of, Entry) and p.of.tensor == value.target]:
        assert isinstance(partial.of, Entry)
        part = substitute(part, {partial: Partial(value.at(partial.of.subscripts), partial.by, direct=True)})
    yield rules.DEFINITION, part
    for one in carry_out(part)[1]:
        yield one.rule, one.line
    yield rules.OWN_VALUE, result
