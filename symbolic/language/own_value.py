"""A formula as a polynomial in another: c₀ + c₁v + c₂v² + …, found from values at a few points of a prime field.

Whatever is not a rational operation is one unknown, and exp(-t) is 1/exp(t), as in ``symbolic.language.algebra``.  So
many points as there are coefficients leave one candidate; the other points hold it against the formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from random import Random

from symbolic.fuel import spend
from symbolic.language.collapse import factors_of
from symbolic.language.expr import MINUS_ONE, Add, Call, Expr, Mul, Number, Pow, neg
from symbolic.language.functions import exp

#: A Mersenne prime so large that a fraction of the field is one fraction of short numbers, or none.
PRIME = 2**521 - 1
SHORT = isqrt(PRIME // 2)
#: Points that the candidate has to hold at beside those that it is found from.
MORE_POINTS = 3
#: How often a point is drawn where something divides by 0.
ATTEMPTS = 8


class Undecided(Exception):
    """The points do not say which coefficients there are: v is a constant, or divides by 0 everywhere."""


def coefficients_in(value: Expr, formula: Expr, highest: int) -> tuple[Fraction, ...] | None:
    """The rational c₀, …, c_highest with ``formula`` = Σ c_k ``value``ᵏ; None where there are none.

    >>> from symbolic.language.expr import Symbol, add, power
    >>> u = Symbol("u")
    >>> [str(c) for c in coefficients_in(add(u, Number(Fraction(1))), power(u, 2), 2)]
    ['1', '-2', '1']
    """
    random = Random(0)
    points = [_drawn(value, formula, random) for _ in range(highest + 1 + MORE_POINTS)]
    rows = [[pow(v, k, PRIME) for k in range(highest + 1)] + [f] for v, f in points]
    solution = _solved(rows[: highest + 1])
    if any((sum(c * v for c, v in zip(solution, row, strict=False)) - row[-1]) % PRIME for row in rows):
        return None
    fractions = [_fraction(residue) for residue in solution]
    return None if None in fractions else tuple(c for c in fractions if c is not None)


def _drawn(value: Expr, formula: Expr, random: Random) -> tuple[int, int]:
    """Both at a point that is drawn anew where one of them divides by 0."""
    for _ in range(ATTEMPTS):
        point = _Point(random)
        try:
            return point.at(value), point.at(formula)
        except ValueError:  # 0 has no inverse
            continue
    raise Undecided


class _Point:
    """A number of the field for each unknown, drawn when it is met."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.unknowns: dict[Expr, int] = {}

    def unknown(self, expr: Expr) -> int:
        if expr not in self.unknowns:
            self.unknowns[expr] = self.random.randrange(2, PRIME)
        return self.unknowns[expr]

    def at(self, expr: Expr) -> int:
        spend()
        match expr:
            case Number(number):
                return number.numerator * pow(number.denominator, -1, PRIME) % PRIME
            case Add(terms):
                return sum(map(self.at, terms)) % PRIME
            case Mul(factors):
                product = 1
                for factor in factors:
                    product = product * self.at(factor) % PRIME
                return product
            case Pow(base, exponent) if exponent.denominator == 1:
                return pow(self.at(base), int(exponent), PRIME)
            case Call(function, (argument,)) if function == exp and factors_of(argument)[0] == MINUS_ONE:
                return pow(self.unknown(exp(neg(argument))), -1, PRIME)
        return self.unknown(expr)


def _solved(rows: Sequence[Sequence[int]]) -> list[int]:
    """The one solution of linear equations, each with its right side last.  Raises Undecided where there is no one."""
    rows = [list(row) for row in rows]
    for k in range(len(rows)):
        pivot = next((row for row in rows[k:] if row[k]), None)
        if pivot is None:
            raise Undecided
        rows.remove(pivot)
        inverse = pow(pivot[k], -1, PRIME)
        pivot = [entry * inverse % PRIME for entry in pivot]
        rows = [[(a - row[k] * b) % PRIME for a, b in zip(row, pivot, strict=True)] for row in rows]
        rows.insert(k, pivot)
    return [row[-1] for row in rows]


def _fraction(residue: int) -> Fraction | None:
    """The fraction of short numbers that is this residue, by Euclid's algorithm stopped halfway."""
    above, below, s, t = PRIME, residue, 0, 1
    while below > SHORT:
        quotient = above // below
        above, below, s, t = below, above - quotient * below, t, s - quotient * t
    return Fraction(below, t) if abs(t) <= SHORT else None
