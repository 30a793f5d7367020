"""The value of SymPy's expressions at a rational point, twice at once: exact in a finite field, and to 60 digits.

In the field ``PRIME`` a function of which nothing algebraic is known is one fixed random element for each argument,
but e^(a + b) is e^a·e^b and a root of a product is the product of the roots.  Where two rational functions of such
elements have the same value at random points they are equal (Schwartz and Zippel); the 60 digits decide which case
holds, and refute.  Nothing here is shared with the project's own evaluator but the field.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import sympy

from symbolic.evidence.arithmetic import gamma_functions
from symbolic.evidence.field import ORDER, PRIME, field_exponent
from symbolic.interchange.scalars import Sympy

CONTEXT = mpmath.MPContext()
CONTEXT.dps = 60
#: What is smaller than this is a tie, where a derivative is a matter of convention.
TIE = CONTEXT.mpf(10) ** -40
#: Beyond this a function has no value here: exp of u takes as many more digits as u has before its point.
FARTHEST = CONTEXT.mpf(10) ** 40


class NoValue(ValueError):
    """A point at which the expression has no value here: undefined, at a kink, or a root that the field has not."""


class NotCarriedOut(ValueError):
    """An expression of SymPy's that is no number however its symbols are chosen, such as an open derivative."""


@dataclass(frozen=True, slots=True)
class Two:
    """A number in the field, and to 60 digits."""

    exact: int
    near: Any


def two(value: Fraction | int) -> Two:
    value = Fraction(value)
    exact = value.numerator * pow(value.denominator, -1, PRIME) % PRIME
    return Two(exact, CONTEXT.mpf(value.numerator) / value.denominator)


def opaque(name: str, *arguments: int) -> int:
    """A random element, never 0, for a function and its arguments: the same one whenever it is asked for."""
    return random.Random(f"{name} {arguments}").randrange(1, PRIME)


def _near(function: Callable[[Any], Any], argument: Any) -> Any:
    """The function's value to 60 digits."""
    if not abs(argument) < FARTHEST:
        raise NoValue
    return function(argument)


def _root(value: Two, exponent: Fraction) -> Two:
    if value.near < 0 or (value.near == 0 and exponent < 0):
        raise NoValue
    if value.exact and pow(value.exact, ORDER, PRIME) != 1:
        raise NoValue  # no square, so it has no root in the group of squares
    exact = pow(value.exact, field_exponent(exponent), PRIME) if value.exact else 0
    return Two(exact, value.near ** (CONTEXT.mpf(exponent.numerator) / exponent.denominator))


def _power(value: Two, exponent: Fraction) -> Two:
    if exponent.denominator > 1:
        return _root(value, exponent)
    if exponent < 0 and (value.exact == 0 or abs(value.near) < TIE):
        raise NoValue
    return Two(pow(value.exact, int(exponent), PRIME), value.near ** int(exponent))


_NEAR: Mapping[str, Callable[[Any], Any]] = {
    "log": CONTEXT.log,
    "sin": CONTEXT.sin,
    "cos": CONTEXT.cos,
    "atan": CONTEXT.atan,
    "erf": CONTEXT.erf,
    **gamma_functions(CONTEXT),
}


@dataclass
class Point:
    """``number`` gives a symbol's number by its name; every part of an expression is evaluated once."""

    number: Callable[[str], Fraction]
    values: dict[Sympy, Two] = field(default_factory=dict)

    def value(self, expr: Sympy) -> Two:
        """``NoValue`` where there is none at this point, ``NotCarriedOut`` where there is none anywhere."""
        found = self.values.get(expr)
        if found is None:
            found = self.values[expr] = self._fresh(expr)
        return found

    def _fresh(self, expr: Sympy) -> Two:
        if expr.is_Symbol:
            return two(self.number(expr.name))
        if expr.is_Rational:
            return two(Fraction(int(expr.p), int(expr.q)))
        if expr.is_Add:
            parts = [self.value(part) for part in expr.args]
            return Two(sum(p.exact for p in parts) % PRIME, CONTEXT.fsum(p.near for p in parts))
        if expr.is_Mul:
            exact, near = 1, CONTEXT.mpf(1)
            for part in map(self.value, expr.args):
                exact, near = exact * part.exact % PRIME, near * part.near
            return Two(exact, near)
        if isinstance(expr, sympy.exp):
            return self._exponential(expr.args[0])
        if expr.is_Pow:
            return self._raised(*expr.as_base_exp()) if not expr.base.is_Rational else self._raised(*expr.args)
        if expr == sympy.pi:
            return Two(pow(opaque("pi"), 2, PRIME), +CONTEXT.pi)
        if expr == sympy.E:
            return self._exponential(sympy.Integer(1))
        return self._function(expr)

    def _raised(self, base: Sympy, exponent: Sympy) -> Two:
        if exponent.is_Rational:
            return _power(self.value(base), Fraction(int(exponent.p), int(exponent.q)))
        return self._exponential(exponent * sympy.log(base))

    def _exponential(self, argument: Sympy) -> Two:
        """e^(Σ c·t) = Π (e^t)^c for rational c: one element for each t."""
        exact, near = 1, self.value(argument).near
        for term in sympy.Add.make_args(argument):
            coefficient, rest = term.as_coeff_Mul(rational=True)
            element = pow(opaque("exp", self.value(rest).exact), 2, PRIME)  # a square, so that it has roots
            exact = exact * pow(element, field_exponent(Fraction(int(coefficient.p), int(coefficient.q))), PRIME)
        return Two(exact % PRIME, _near(CONTEXT.exp, near))

    def _function(self, expr: Sympy) -> Two:
        name = type(expr).__name__
        if isinstance(expr, sympy.Piecewise):
            return self._case(expr)
        if name not in _NEAR and name not in ("tanh", "Abs", "sign", "Max", "Min", "Heaviside", "DiracDelta"):
            raise NotCarriedOut(name)
        if name == "Heaviside":
            return two(int(self._positive(expr.args[0])))
        parts = [self.value(part) for part in expr.args]
        if name in ("Max", "Min"):
            ordered = sorted(parts, key=lambda part: part.near, reverse=name == "Max")
            if ordered[0].near - ordered[1].near < TIE and ordered[1].near - ordered[0].near < TIE:
                raise NoValue
            return ordered[0]
        (argument,) = parts[:1]
        if name in ("Abs", "sign", "DiracDelta"):
            positive = self._positive(expr.args[0])
            if name == "Abs":
                return argument if positive else Two(-argument.exact % PRIME, -argument.near)
            return two(0) if name == "DiracDelta" else two(1 if positive else -1)
        if name == "tanh":  # (e^2u - 1)/(e^2u + 1), so that it is known to have to do with e^u
            squared = self._exponential(2 * expr.args[0])
            ratio = (squared.exact - 1) * pow(squared.exact + 1, -1, PRIME) % PRIME
            return Two(ratio, _near(CONTEXT.tanh, argument.near))
        if name == "log" and argument.near <= 0:
            raise NoValue
        return Two(opaque(name, argument.exact), _near(_NEAR[name], argument.near))

    def _positive(self, expr: Sympy) -> bool:
        near = self.value(expr).near
        if abs(near) < TIE:
            raise NoValue
        return bool(near > 0)

    def _case(self, expr: Sympy) -> Two:
        for value, condition in expr.args:
            if self._holds(condition):
                return self.value(value)
        raise NoValue

    def _holds(self, condition: Sympy) -> bool:
        if condition in (sympy.true, sympy.false):
            return bool(condition)
        if isinstance(condition, sympy.And | sympy.Or):
            several = all if isinstance(condition, sympy.And) else any
            return several(map(self._holds, condition.args))
        if isinstance(condition, sympy.Not):
            return not self._holds(condition.args[0])
        if isinstance(condition, sympy.ITE):
            chosen, then, otherwise = condition.args
            return self._holds(then if self._holds(chosen) else otherwise)
        if isinstance(condition, sympy.StrictGreaterThan | sympy.GreaterThan):
            return self._positive(condition.lhs - condition.rhs)
        if isinstance(condition, sympy.StrictLessThan | sympy.LessThan):
            return self._positive(condition.rhs - condition.lhs)
        raise NotCarriedOut(type(condition).__name__)
