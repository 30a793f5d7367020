"""From a tree to an expression of the language, with its shape: what the person's formula means.

The notation leaves some things open, and people use both ways: ``symbolic.marking.ambiguities`` lists them.
The elaborator is told which reading to take and records in ``open`` which points made a difference.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbolic.language.expr import ONE, Entry, neg, number, power, total
from symbolic.language.functions import PRIMITIVES
from symbolic.marking.grammar.tree import (
    Abs,
    Add,
    At,
    BigSum,
    Blank,
    Call,
    Cases,
    Component,
    Deriv,
    Differential,
    Dotted,
    Frac,
    Hadamard,
    Indicator,
    Inner,
    Matrix,
    Mul,
    Name,
    Neg,
    Node,
    Norm,
    Num,
    Ones,
    Power,
    Relation,
    Root,
    Transpose,
)
from symbolic.marking.grammar.unrolled import at_layer
from symbolic.marking.meaning.calls import call_value
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.derivatives import derivative_value, path_term
from symbolic.marking.meaning.directions import differential_value
from symbolic.marking.meaning.elaboration import Context, Elaboration, Memory, Rules
from symbolic.marking.meaning.evaluated import evaluated_at
from symbolic.marking.meaning.factors import fraction_value, inner_value, norm_value, power_value, product_value
from symbolic.marking.meaning.literals import dotted_value, matrix_value
from symbolic.marking.meaning.placing import component_of
from symbolic.marking.meaning.quantities import name_value
from symbolic.marking.meaning.reading import USUAL, Meaning, Reading
from symbolic.marking.meaning.relations import cases_value, indicator_value
from symbolic.marking.meaning.sums import sum_value
from symbolic.marking.meaning.value import (
    ANY_LENGTH,
    Value,
    added,
    determinant,
    fresh_axis,
    hadamard,
    is_square,
    spread,
    transposed,
)
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.words import Text


def _add(work: Elaboration, node: Add) -> Value:
    values = [path_term(work, term, node.terms) for term in node.terms]
    try:
        return added(values, node.span)
    except ShapeError:
        if not work.other("spread"):
            raise
        return added(spread(values), node.span)


def _negated(work: Elaboration, node: Neg) -> Value:
    inner = work.value(node.argument)
    return Value(neg(inner.expr), inner.axes, inner.row)


def _root(work: Elaboration, node: Root) -> Value:
    inner = work.value(node.argument)
    return Value(power(inner.expr, Fraction(1, 2)), inner.axes, inner.row)


def _absolute(work: Elaboration, node: Abs) -> Value:
    inner = work.value(node.argument)
    if is_set(work, node.argument, inner):
        return Value(total(inner.expr, *inner.axes))
    if is_square(inner) and not work.other("bars"):
        return determinant(inner)
    return Value(PRIMITIVES["abs"](inner.expr), inner.axes, inner.row)


def is_set(work: Elaboration, node: Node, value: Value) -> bool:
    r"""The Ω_u of ``|\Omega_u|``: of a set, declared by its indicator, the bars are how many are in it."""
    named = isinstance(node, Name) and node.base.lstrip("\\")[:1].isupper() and bool(value.axes)
    return named and isinstance(value.expr, Entry) and value.expr.tensor in work.known.discrete


def _number(work: Elaboration, node: Num) -> Value:
    return Value(number(node.value))


def _entrywise(work: Elaboration, node: Hadamard) -> Value:
    values = [work.value(factor) for factor in node.factors]
    try:
        return hadamard(values, node.span)
    except ShapeError:
        if not work.other("orientation"):
            raise
        return hadamard([replace(value, row=values[0].row) for value in values], node.span)


def _transposed(work: Elaboration, node: Transpose) -> Value:
    if node.argument == Num(Fraction(1)):  # 1ᵀ can only be a row of ones
        return transposed(Value(ONE, (fresh_axis(ANY_LENGTH),)))
    value = work.value(node.argument)
    if isinstance(node.argument, Dotted) and node.argument.listed and len(value.axes) == 1 and not work.other("list"):
        return value  # x = (x_1, …, x_n)ᵀ
    return transposed(value)


def _component(work: Elaboration, node: Component) -> Value:
    return component_of(work, work.value(node.argument), node.subs, node.span)


def _indicator(work: Elaboration, node: Indicator) -> Value:
    return indicator_value(work, node.argument)


def _cases(work: Elaboration, node: Cases) -> Value:
    return cases_value(work, node.parts, node.span)


def _ones(work: Elaboration, node: Ones) -> Value:
    return Value(ONE, (fresh_axis(ANY_LENGTH),))


def _blank(work: Elaboration, node: Blank) -> Value:
    raise NotUnderstood(
        Text(
            "dots inside a formula stand for nothing definite",
            "многоточие внутри формулы не означает ничего определённого",
        ),
        node.span,
    )


#: What each kind of node means.
RULES: Rules = {
    Num: _number,
    Name: name_value,
    Call: call_value,
    Add: _add,
    Neg: _negated,
    Mul: product_value,
    Hadamard: _entrywise,
    Frac: fraction_value,
    Power: power_value,
    Transpose: _transposed,
    Component: _component,
    Root: _root,
    BigSum: sum_value,
    Deriv: derivative_value,
    Differential: differential_value,
    Indicator: _indicator,
    Relation: indicator_value,
    Norm: norm_value,
    Abs: _absolute,
    Inner: inner_value,
    Cases: _cases,
    At: evaluated_at,
    Matrix: matrix_value,
    Dotted: dotted_value,
    Ones: _ones,
    Blank: _blank,
}


#: Nodes in which two mentions of a quantity must not be taken for one: ∂a/∂a is a matrix.
APART: frozenset[type[Node]] = frozenset({Deriv, Differential, At, Cases, Matrix, Dotted, Indicator, Relation})


def elaboration(known: Declarations, reading: Reading = USUAL, memory: Memory | None = None) -> Elaboration:
    """A fresh elaboration under these declarations and one reading."""
    return Elaboration(Context(known, reading, RULES, memory))


def memory() -> Memory:
    """For trees that are much alike, all under the same declarations."""
    return Memory(APART)


def elaborate(node: Node, known: Declarations, reading: Reading = USUAL, remembered: Memory | None = None) -> Meaning:
    """The meaning of a side.  Raises NotUnderstood, or ShapeError when shapes or indices do not fit."""
    work = elaboration(known, reading, remembered)
    value = work.value(at_layer(node, known.layers))
    return Meaning(
        value,
        tuple(work.auxiliary.values()),
        frozenset(work.open),
        tuple(dict.fromkeys(work.notes)),
        frozenset(work.open & {*reading.others, *({"rows"} if known.row_convention else ())}),
        tuple(work.free.items()),
        frozenset(work.stacked),
        "stack" in reading,
    )
