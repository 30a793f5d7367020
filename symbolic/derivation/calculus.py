"""Differentiation: one rule applied to one derivative at a time.

``rewrite`` takes ∂of/∂by and carries it exactly one rule further, leaving the derivatives that remain as
:class:`Partial` nodes on smaller formulas; so it ends.  ``carry_out`` repeats that until none is left and
collapses the Kronecker deltas that came up.  The log of rewritings is what derivations are made of.

Derivatives of named functions are derived once each (``lemma``): σ′ = σ(1 - σ) is found here, not written
here.  The function's formula is differentiated by the rules for primitives; then algebra looks for the
shortest way to say the result: through the function's own value, through σ where exponentials are left,
or as it stands.

All derivatives here are *direct*: quantities other than the variable are held fixed.  How values depend on
each other through the network is the business of ``symbolic.derivation.adjoint`` and ``symbolic.forms``.

    >>> from symbolic.language.functions import U, exp
    >>> for r in carry_out(Partial(exp(mul(U, U)), U))[1]:
    ...     print(f"{r.rule}: {r.after}")
    derivative of the exponential: exp(u**2)*d(u**2)/d(u)
    power rule: 2*u*d(u)/d(u)
    derivative of the variable itself: 1
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from symbolic.derivation import rules
from symbolic.derivation.rules import Rule
from symbolic.errors import SpecError
from symbolic.fuel import ENDLESS, apart, known_at_its_price, spend
from symbolic.language.affine import Index, subscript
from symbolic.language.algebra import cancelled, through_other_value, through_own_value
from symbolic.language.collapse import collapse
from symbolic.language.expr import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Delta,
    Determinant,
    Entry,
    Expr,
    Fold,
    InRange,
    Inverse,
    Mul,
    Number,
    Partial,
    Pow,
    Sum,
    Symbol,
    Tensor,
    Where,
    add,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import Function, U, V, exp
from symbolic.language.positive import certainly_positive
from symbolic.language.terms import (
    delta,
    free_indices,
    fresh_index,
    nodes,
    nodes_of,
    reindex,
    retensor,
    substitute,
    tensors,
    walk,
)
from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Rewriting:
    """``before`` equals ``after`` by ``rule``; ``line`` is the whole expression once it has been replaced."""

    rule: Rule
    before: Expr
    after: Expr
    line: Expr


def depends(expr: Expr, by: Entry | Symbol) -> bool:
    """Whether the variable (or any entry of the variable's tensor) occurs in the expression."""
    if isinstance(by, Entry):
        return by.tensor in tensors(expr)
    return any(node == by for node in walk(expr))


def rewrite(partial: Partial) -> tuple[Rule, Expr]:
    """One rule further: the rule that applies and what ∂of/∂by becomes by it."""
    of, by = partial.of, partial.by

    def d(part: Expr) -> Expr:
        return Partial(part, by, partial.direct) if depends(part, by) else ZERO

    if not depends(of, by):
        return rules.INDEPENDENT, ZERO
    match of:
        case Symbol():
            return rules.IDENTITY, ONE
        case Entry(_, subscripts):
            assert isinstance(by, Entry)
            return rules.IDENTITY, mul(*(delta(a, b) for a, b in zip(subscripts, by.subscripts, strict=True)))
        case Add(terms):
            return rules.SUM, add(*(d(term) for term in terms))
        case Sum():
            return rules.SUM, _under_the_sum(partial)
        case Fold("max"):
            return rules.MAXIMUM, _of_the_greatest(partial)
        case Fold():
            return rules.LONG_PRODUCT, _of_each_factor(partial)
        case Inverse():
            return rules.INVERSE, _of_the_inverse(partial)
        case Determinant():
            return rules.DETERMINANT, _of_the_determinant(partial)
        case Mul(factors):
            constant = [f for f in factors if not depends(f, by)]
            moving = [f for f in factors if depends(f, by)]
            if constant:
                return rules.CONSTANT_FACTOR, mul(*constant, d(mul(*moving)))
            # of entries the product rule is taken: its terms are recognised as values of the network
            if isinstance(by, Symbol) and (quotient := _quotient(moving)):
                above, below = quotient
                return rules.QUOTIENT, mul(add(mul(d(above), below), neg(mul(above, d(below)))), power(below, -2))
            return rules.PRODUCT, add(*(mul(*factors[:k], d(f), *factors[k + 1 :]) for k, f in enumerate(factors)))
        case Pow(base, exponent):
            return rules.POWER, mul(number(exponent), _lower_power(base, exponent), d(base))
        case Where(Compare(">", base, Number(zero)), Pow(same, exponent), Number(other)) if (
            base == same and zero == other == 0
        ):  # a power that a root left behind: 0 where the root is 0, and so are its derivatives
            return rules.POWER, mul(number(exponent), where_positive(base, power(base, exponent - 1)), d(base))
        case Call(function, arguments):
            rule = rules.FUNCTION if function.kind == "named" else rules.of_function(function.name)
            outer = (outer_derivative(of, place) for place in range(len(arguments)))
            return rule, add(*(mul(o, d(a)) for o, a in zip(outer, arguments, strict=True) if depends(a, by)))
        case Where(condition, then, otherwise) if isinstance(by, Symbol):
            return rules.CASES, of.rebuild((condition, d(then), d(otherwise)))
        case Where(condition, then, otherwise):
            # with entries the two branches carry different deltas, which must stand as factors of a product
            return rules.CASES, add(mul(condition, d(then)), mul(add(ONE, neg(condition)), d(otherwise)))
        case Compare() | Delta() | InRange():
            return rules.PIECEWISE_CONSTANT, ZERO
    raise TypeError(f"no rule for {of}")


def _quotient(factors: list[Expr]) -> tuple[Expr, Expr] | None:
    """(u, v) of a product that is a fraction u/v with the variable above and below."""
    below = [f for f in factors if isinstance(f, Pow) and f.exponent == -1]
    above = [f for f in factors if f not in below]
    if len(below) != 1 or not above or any(isinstance(f, Pow) and f.exponent < 0 for f in above):
        return None
    assert isinstance(below[0], Pow)
    return mul(*above), below[0].base


KNOWN_TO = Text(
    "of lgamma the first two derivatives, digamma and trigamma,",
    "для lgamma — первые две производные, digamma и trigamma",
)


def has_kink(expr: Expr) -> bool:
    """Whether it is a root, which has no derivative where what stands below it is 0."""
    return isinstance(expr, Pow) and 0 < expr.exponent < 1 and not certainly_positive(expr.base)


def _lower_power(base: Expr, exponent: Fraction) -> Expr:
    """u^(a-1) in the derivative of u^a; where a root is 0, the subgradient 0 is taken."""
    lower = power(base, exponent - 1)
    return where_positive(base, lower) if has_kink(Pow(base, exponent)) else lower


def where_positive(base: Expr, expr: Expr) -> Expr:
    return Where(Compare(">", base, ZERO), expr, ZERO)


def outer_derivative(call: Call, place: int = 0) -> Expr:
    """∂f/∂g at g: the derivative of the function by one argument, at the arguments of the call."""
    function, arguments = call.function, call.arguments
    if function.kind == "generic":
        return Call(function.prime, arguments)
    if function.kind == "primitive" and not function.partials:
        raise SpecError(
            Text(
                f"{function.name}: its derivative is not known here; {KNOWN_TO} is what there is",
                f"{function.name}: её производная здесь неизвестна; есть {KNOWN_TO.ru}",
            )
        )
    formula = function.partials[place] if function.kind == "primitive" else slope(function)
    return substitute(formula, dict(zip((U, V), arguments, strict=False)))


def _under_the_sum(partial: Partial) -> Expr:
    """The derivative moved under the Σ; the bound index steps aside where the variable uses its name."""
    node = partial.of
    assert isinstance(node, Sum)
    bound, used = node.index, free_indices(partial) | _indices_of(partial.by)
    if any(bound.name == other.name for other in used):
        renamed = fresh_index(bound, {*used, *free_indices(node.body)})
        return total(Partial(reindex(node.body, {bound: subscript(renamed)}), partial.by, partial.direct), renamed)
    return total(Partial(node.body, partial.by, partial.direct), bound)


def _of_the_greatest(partial: Partial) -> Expr:
    """The mean of the slopes of those entries that reach the maximum: one of them, but for ties."""
    node = partial.of
    assert isinstance(node, Fold)
    used = {*free_indices(partial), *_indices_of(partial.by), *free_indices(node.body)}
    each = fresh_index(node.index, used)
    other = fresh_index(node.index, {*used, each})
    inner = fresh_index(node.index, {*used, each, other})

    def at(index: Index) -> Expr:
        return reindex(node.body, {node.index: subscript(index)})

    greatest = Fold("max", at(inner), inner)
    reached = total(Compare("==", at(other), greatest), other)
    moving = mul(Compare("==", at(each), greatest), Partial(at(each), partial.by, partial.direct))
    return mul(total(moving, each), power(reached, -1))


def _of_each_factor(partial: Partial) -> Expr:
    """Σ over the factors of the slope of one times all the others."""
    node = partial.of
    assert isinstance(node, Fold)
    used = {*free_indices(partial), *_indices_of(partial.by), *free_indices(node.body)}
    each = fresh_index(node.index, used)
    other = fresh_index(node.index, {*used, each})
    same = delta(subscript(other), subscript(each))
    factor = reindex(node.body, {node.index: subscript(other)})
    others = Fold("prod", add(same, mul(add(ONE, neg(same)), factor)), other)
    slope = Partial(reindex(node.body, {node.index: subscript(each)}), partial.by, partial.direct)
    return total(mul(slope, others), each)


def _of_the_inverse(partial: Partial) -> Expr:
    """-Σ over the entries of A of A⁻¹ before, the slope of the entry, and A⁻¹ behind."""
    node = partial.of
    assert isinstance(node, Inverse)
    row, column, entry = _entry_of(node, partial)
    before = replace(node, at=(node.at[0], subscript(row)))
    behind = replace(node, at=(subscript(column), node.at[1]))
    return neg(total(mul(before, entry, behind), row, column))


def _of_the_determinant(partial: Partial) -> Expr:
    """det A times the trace of A⁻¹ and the slope of A."""
    node = partial.of
    assert isinstance(node, Determinant)
    row, column, entry = _entry_of(node, partial)
    inverse = Inverse(node.body, node.row, node.column, (subscript(column), subscript(row)))
    return mul(node, total(mul(inverse, entry), row, column))


def _entry_of(node: Inverse | Determinant, partial: Partial) -> tuple[Index, Index, Partial]:
    """The slope of one entry of the matrix, by a row and a column whose letters are not used around it."""
    used = {*free_indices(partial), *_indices_of(partial.by), *free_indices(node.body), node.row, node.column}
    row = fresh_index(node.row, used)
    column = fresh_index(node.column, {*used, row})
    body = reindex(node.body, {node.row: subscript(row), node.column: subscript(column)})
    return row, column, Partial(body, partial.by, partial.direct)


def _indices_of(by: Entry | Symbol) -> frozenset[Index]:
    return frozenset(i for s in by.subscripts for i in s.keys) if isinstance(by, Entry) else frozenset()


def partials(expr: Expr) -> Iterator[Partial]:
    """The derivatives that are still to be carried out, in reading order."""
    return nodes_of(expr, Partial)


def carry_out(expr: Expr) -> tuple[Expr, tuple[Rewriting, ...]]:
    """Carry out every derivative in the expression and collapse the deltas; the result and the log."""
    log: list[Rewriting] = []
    while (partial := next(partials(expr), None)) is not None:
        rule, after = rewrite(partial)
        expr = substitute(expr, {partial: after})
        log.append(Rewriting(rule, partial, after, expr))
    collapsed = collapse(expr)
    if collapsed != expr:
        log.append(Rewriting(rules.DELTA, expr, collapsed, collapsed))
    return collapsed, tuple(log)


def differentiate(of: Expr, by: Entry | Symbol) -> Expr:
    """∂of/∂by with everything else held fixed, carried out.

    Remembered by structure: layers that differ only in the names of their tensors share one derivation.
    """
    if isinstance(by, Symbol) or by.tensor not in tensors(of):
        return _differentiated(of, by)
    spend(nodes(of))
    with apart(ENDLESS):
        plain = _without_names(of)
    slope = _differentiated(plain.formula, Entry(plain.places[by.tensor], by.subscripts))
    with apart(ENDLESS):
        return retensor(slope, plain.named, plain.known)


@dataclass(frozen=True, slots=True)
class _WithoutNames:
    """A formula with places for its tensors, and the way back; what was written back is known by then."""

    formula: Expr
    places: dict[Tensor, Tensor]
    named: dict[Tensor, Tensor]
    known: dict[Expr, Expr]


@lru_cache(maxsize=500)
def _without_names(of: Expr) -> _WithoutNames:
    places = {tensor: Tensor(f"t{n}", tensor.axes, tensor.role) for n, tensor in enumerate(tensors(of))}
    there: dict[Expr, Expr] = {}
    formula = retensor(of, places, there)
    return _WithoutNames(formula, places, {p: t for t, p in places.items()}, {new: old for old, new in there.items()})


@known_at_its_price(10_000)
def _differentiated(of: Expr, by: Entry | Symbol) -> Expr:
    return carry_out(Partial(of, by, direct=True))[0]


#: σ as a formula: what is left of exponentials is written through it where that is shorter.
LOGISTIC = Function("sigmoid", "named", body=power(add(ONE, exp(neg(U))), -1))

_VALUE = Symbol("f(u)")


@dataclass(frozen=True, slots=True)
class Lemma:
    """f′(u) for a named f: the goal, the rewritings that carry it out, and the result in u and f(u)."""

    function: Function
    goal: Partial
    log: tuple[Rewriting, ...]
    slope: Expr


@known_at_its_price(1000)
def lemma(function: Function) -> Lemma:
    """The derivative of a named function with its steps."""
    assert function.body is not None, function.name
    goal = Partial(function.body, U, direct=True)
    derived, log = carry_out(goal)
    value = Call(function, (U,))
    for candidate in _candidates(derived, function, value):
        if candidate != derived:
            log = (*log, Rewriting(rules.OWN_VALUE, derived, candidate, candidate))
        return Lemma(function, goal, log, candidate)
    shorter = cancelled(derived)
    if shorter != derived:
        log = (*log, Rewriting(rules.REGROUP, derived, shorter, shorter))
    return Lemma(function, goal, log, shorter)


def _candidates(derived: Expr, function: Function, value: Call) -> Iterator[Expr]:
    """Shorter ways to write the derivative, the best first."""
    assert function.body is not None
    if not any(isinstance(node, Call) for node in walk(derived)):
        return
    own = through_own_value(derived, function.body, _VALUE)
    if own is not None:
        yield substitute(own, {_VALUE: value})
    assert LOGISTIC.body is not None
    other = through_other_value(derived, LOGISTIC.body, _VALUE)
    if other is not None:
        yield substitute(other, {_VALUE: Call(LOGISTIC, (U,))})


def slope(function: Function) -> Expr:
    """f′(u) as a formula in u, with f(u) where it is written through the function's own value."""
    return lemma(function).slope
