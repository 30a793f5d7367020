"""The part of a formula that needs no index, as SymPy's expression: sums of terms, products, powers, functions, cases.

What is left (entries, Σ, δ, sizes, derivatives) a translator says by itself: with sizes free
(``symbolic.interchange.outward``) or written out at given sizes (``symbolic.interchange.written``).
SymPy sorts and distributes as it likes; the order that a reader looks at is lost, the value is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache, partial
from itertools import islice
from typing import Any, TypeAlias

import sympy

from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Constant,
    Expr,
    Hyper,
    InRange,
    Mul,
    Number,
    Pow,
    Symbol,
    Where,
    add,
    divide,
    neg,
)
from symbolic.language.functions import (
    Function,
    U,
    absolute,
    atan,
    cos,
    digamma,
    erf,
    exp,
    lgamma,
    log,
    maximum,
    minimum,
    sign,
    sin,
    trigamma,
)
from symbolic.language.terms import walk

#: An expression of SymPy, which has no types.
Sympy: TypeAlias = Any
#: What the variables of a function's formula stand for.
Arguments: TypeAlias = Mapping[str, Sympy]

RELATIONS: Mapping[str, Callable[..., Sympy]] = {
    ">": sympy.StrictGreaterThan,
    ">=": sympy.GreaterThan,
    "<": sympy.StrictLessThan,
    "<=": sympy.LessThan,
    "==": sympy.Eq,
    "!=": sympy.Ne,
}
#: SymPy compares the arguments of Max and Min in pairs; beyond so many nodes in all that takes seconds.
COMPARED = 60


@lru_cache(maxsize=1000)  # what stands inside of others is met again with each of them, and comparing takes long
def extreme(function: Callable[..., Sympy], *given: Sympy) -> Sympy:
    """Max or Min, with its arguments compared where they are short."""
    nodes = sum(1 for argument in given for _ in islice(sympy.preorder_traversal(argument), COMPARED))
    return function(*given, evaluate=nodes < COMPARED)


PRIMITIVES: Mapping[Function, Callable[..., Sympy]] = {
    exp: sympy.exp,
    log: sympy.log,
    sin: sympy.sin,
    cos: sympy.cos,
    atan: sympy.atan,
    erf: sympy.erf,
    lgamma: sympy.loggamma,
    digamma: sympy.digamma,
    trigamma: sympy.trigamma,
    absolute: sympy.Abs,
    sign: sympy.sign,
    maximum: partial(extreme, sympy.Max),
    minimum: partial(extreme, sympy.Min),
}
#: Formulas for which SymPy has a function of its own.
KNOWN_BODIES: Mapping[Expr, Callable[..., Sympy]] = {
    divide(add(exp(U), neg(exp(neg(U)))), add(exp(U), exp(neg(U)))): sympy.tanh,
}


def rational(value: Fraction) -> Sympy:
    return sympy.Rational(value.numerator, value.denominator)


def real(name: str) -> Sympy:
    """The symbol of that name; every quantity of a network is a real number."""
    return sympy.Symbol(name, real=True)


def scalar(expr: Expr, inner: Callable[[Expr, Arguments], Sympy], arguments: Arguments) -> Sympy:
    """The expression of a node whose children ``inner`` translates; ``TypeError`` for a node with an index."""
    match expr:
        case Number(value) | Hyper(_, value):
            return rational(value)
        case Constant():
            return sympy.pi
        case Symbol(name):
            return arguments.get(name, real(name))
        case Add(terms):
            return sympy.Add(*(inner(term, arguments) for term in terms))
        case Mul(factors):
            return _product(factors, inner, arguments)
        case Pow(base, exponent):
            return sympy.Pow(inner(base, arguments), rational(exponent))
        case Call(function, given):
            return called(function, [inner(argument, arguments) for argument in given], inner)
        case Compare():
            return step(expr, inner, arguments)
        case Where(condition, then, otherwise):
            cases = (inner(then, arguments), holds(condition, inner, arguments)), (inner(otherwise, arguments), True)
            return sympy.Piecewise(*cases)
    raise TypeError(f"not an expression: {expr!r}")


def called(function: Function, given: list[Sympy], inner: Callable[[Expr, Arguments], Sympy]) -> Sympy:
    """A function of SymPy's, or the formula of a named one, or the lecture's h, of which nothing is known."""
    if function in PRIMITIVES:
        return PRIMITIVES[function](*given)
    if function.body is None:
        return _generic(function, given[0])
    if function.body in KNOWN_BODIES:
        return KNOWN_BODIES[function.body](*given)
    return inner(function.body, dict(zip("uv", given, strict=False)))


def _generic(function: Function, argument: Sympy) -> Sympy:
    """h, or its derivative of some order at the argument."""
    h = sympy.Function(function.name, real=True)
    if function.order == 0:
        return h(argument)
    place = sympy.Dummy("u", real=True)
    return sympy.Subs(sympy.Derivative(h(place), (place, function.order)), place, argument)


def holds(condition: Compare, inner: Callable[[Expr, Arguments], Sympy], arguments: Arguments) -> Sympy:
    """The condition as a relation of SymPy's."""
    return RELATIONS[condition.relation](inner(condition.left, arguments), inner(condition.right, arguments))


def step(condition: Compare, inner: Callable[[Expr, Arguments], Sympy], arguments: Arguments) -> Sympy:
    """[l > r] as a step function whose value at 0 is said: 0 for ``>``, 1 for ``>=``; SymPy's own is 1/2.

    Of the other relations SymPy has no step; they are cases.
    """
    if condition.relation not in (">", ">="):
        return sympy.Piecewise((1, holds(condition, inner, arguments)), (0, True))
    difference = inner(condition.left, arguments) - inner(condition.right, arguments)
    return sympy.Heaviside(difference, 0 if condition.relation == ">" else 1)


def _product(factors: tuple[Expr, ...], inner: Callable[[Expr, Arguments], Sympy], arguments: Arguments) -> Sympy:
    """A product; beside a bracket that is 0 it is 0 whatever the rest is (Iverson), also where that is undefined."""
    brackets = [factor for factor in factors if isinstance(factor, Compare)]
    rest = [factor for factor in factors if not isinstance(factor, Compare)]
    if brackets and any(_may_be_undefined(factor) for factor in rest):
        conditions = sympy.And(*(holds(bracket, inner, arguments) for bracket in brackets))
        return sympy.Piecewise((sympy.Mul(*(inner(factor, arguments) for factor in rest)), conditions), (0, True))
    return sympy.Mul(*(inner(factor, arguments) for factor in factors))


def _may_be_undefined(expr: Expr) -> bool:
    """Whether it divides, takes a root or a logarithm, or reads an entry that may not be there."""
    for node in walk(expr):
        match node:
            case Pow(_, exponent) if exponent < 0 or exponent.denominator > 1:
                return True
            case Call(function, _) if function == log or function.kind == "named":
                return True
            case InRange():
                return True
    return False
