"""A derivative of one value by another, a single rule at a time: for whoever wants every rule as a step."""

from __future__ import annotations

from collections.abc import Container, Iterator

from symbolic.derivation import rules
from symbolic.derivation.calculus import carry_out, partials
from symbolic.derivation.rules import Rule
from symbolic.language.definition import Definition
from symbolic.language.expr import Entry, Expr, Partial, Tensor
from symbolic.language.terms import substitute


def singly(
    part: Expr, value: Definition, result: Expr, stepwise: Container[Tensor] = ()
) -> Iterator[tuple[Rule, Expr]]:
    """What ``part`` becomes, step by step, until it is ``result``.

    The derivatives of the value in it get the value's formula, that is differentiated, and what comes out is written
    with the values of the network again.  ``stepwise`` are the values that are made of themselves a step earlier: of
    one of them ∂z_s/∂z_t is the derivative of its formula, so where it would be that of the variable itself, δ_st
    stands in the same line.
    """
    for partial in [p for p in partials(part) if isinstance(p.of, Entry) and p.of.tensor == value.target]:
        assert isinstance(partial.of, Entry)
        part = substitute(part, {partial: Partial(value.at(partial.of.subscripts), partial.by, direct=True)})
    yield rules.DEFINITION, part
    passed: Rule | None = None
    for one in carry_out(part)[1]:
        if any(_of_the_variable(p, stepwise) for p in partials(one.line)):
            passed = passed or one.rule
        else:
            yield passed or one.rule, one.line
            passed = None
    yield rules.OWN_VALUE, result


def _of_the_variable(partial: Partial, stepwise: Container[Tensor]) -> bool:
    """Whether it differentiates one of these values by itself."""
    of, by = partial.of, partial.by
    return isinstance(of, Entry) and isinstance(by, Entry) and of.tensor == by.tensor and of.tensor in stepwise
