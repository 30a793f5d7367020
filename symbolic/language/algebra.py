"""Algebra on scalars, by SymPy: cancel, factor, and write a derivative through the function's own value.

Whatever is not a rational operation (an entry, a Σ, exp of something) is one generator of the field;
exp(-t) is 1/exp(t).  Nothing here knows σ or tanh: that σ′ = σ(1 - σ) is found by solving for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import comb, gcd, inf, lcm, prod
from typing import TYPE_CHECKING, Any

from symbolic.fuel import known_at_its_price, spend
from symbolic.language.collapse import factors_of, leading_plus
from symbolic.language.expr import MINUS_ONE, Add, Call, Expr, Mul, Number, Pow, Where, add, mul, neg, number, power
from symbolic.language.functions import exp
from symbolic.language.laurent import in_lowest_terms
from symbolic.language.own_value import Undecided, coefficients_in
from symbolic.language.terms import walk
from symbolic.lazily import WhenUsed

if TYPE_CHECKING:
    import sympy
else:
    sympy = WhenUsed("sympy")  # most networks are derived without it, and it takes long to import

#: The highest power of the function's own value that is tried in f′ = c₀ + c₁f + c₂f² + …
HIGHEST_POWER = 3

#: What handing one node to SymPy counts for.
STEPS = 100
#: A shorter form is looked for where fewer terms than this are to be looked through.
MOST_TERMS = 4000
#: A product is looked for where terms times the cube of their unknowns, and the cube of the degree, are less: SymPy
#: takes so long in the worst case.
MOST_TO_FACTOR = 400_000


class Field:
    """A translation to SymPy and back: one SymPy symbol for each generator met on the way."""

    def __init__(self) -> None:
        self.generators: dict[Expr, sympy.Symbol] = {}

    def generator(self, expr: Expr) -> sympy.Symbol:
        return self.generators.setdefault(expr, sympy.Symbol(f"g{len(self.generators)}"))

    def enter(self, expr: Expr) -> sympy.Expr:
        spend(STEPS)
        match expr:
            case Number(value):
                return sympy.Rational(value.numerator, value.denominator)
            case Add(terms):
                return sympy.Add(*(self.enter(t) for t in terms))
            case Mul(factors):
                return sympy.Mul(*(self.enter(f) for f in factors))
            case Pow(base, exponent) if exponent.denominator == 1:
                return self.enter(base) ** int(exponent)
            case Call(function, (argument,)) if function == exp and factors_of(argument)[0] == MINUS_ONE:
                return 1 / self.generator(exp(neg(argument)))
        return self.generator(expr)

    def leave(self, value: sympy.Expr) -> Expr:
        """Back again: products with the number first, sums in rising order of the generators' powers."""
        back = {symbol: expr for expr, symbol in self.generators.items()}

        def build(node: sympy.Expr) -> Expr:
            if node.is_Rational:
                return number(Fraction(int(node.p), int(node.q)))
            if node.is_Symbol:
                return back[node]
            if node.is_Pow:
                base, exponent = build(node.base), Fraction(int(node.exp.p), int(node.exp.q))
                if isinstance(base, Call) and base.function == exp and exponent < 0:
                    return power(exp(neg(base.arguments[0])), -exponent)
                return power(base, exponent)
            parts = sorted(node.args, key=self._place)
            return add(*map(build, parts)) if node.is_Add else mul(*map(build, parts))

        return build(value)

    def _place(self, node: sympy.Expr) -> tuple[int, int, str]:
        """Numbers, then simple powers, then sums; within them by the order in which generators were met."""
        order = {symbol: n for n, symbol in enumerate(self.generators.values())}
        met = [order[s] for s in node.free_symbols]
        return (int(node.is_Add), max(met, default=-1), str(node))


def terms_of(value: sympy.Expr) -> float:
    """About as many terms as numerator and denominator have once they stand over each other and are expanded.

    >>> x, y = sympy.symbols("x y")
    >>> terms_of((x + 1) * (y + 2) ** 3), terms_of(1 / (x + 1) + 1 / (y + 1))
    (9.0, 8.0)
    >>> terms_of(y / (x + 1)), terms_of(y / (x + 1) ** 2 / (y + 1))
    (3.0, 7.0)
    """
    terms, below = _over(value)
    return terms + _product_of(below)


@lru_cache(maxsize=10_000)
def _over(value: sympy.Expr) -> tuple[float, Mapping[sympy.Expr, int]]:
    """The terms of a numerator, and the denominator's factors with their powers.

    Remembered, as it is asked of every fraction inside of one as often as that is asked of.
    """
    if value.is_Add:
        parts = [_over(part) for part in value.args]
        common: dict[sympy.Expr, int] = {}
        for _, below in parts:
            common = {factor: max(common.get(factor, 0), below.get(factor, 0)) for factor in {**common, **below}}
        missing = ({factor: n - below.get(factor, 0) for factor, n in common.items()} for _, below in parts)
        return sum(terms * _product_of(more) for (terms, _), more in zip(parts, missing, strict=True)), common
    if value.is_Mul:
        parts = [_over(part) for part in value.args]
        together: dict[sympy.Expr, int] = {}
        for _, below in parts:
            together = {factor: together.get(factor, 0) + below.get(factor, 0) for factor in {**together, **below}}
        return prod(terms for terms, _ in parts), together
    if value.is_Pow and value.exp.is_Integer and value.base.is_Add:
        terms, below = _over(value.base)
        times = abs(int(value.exp))
        if value.exp > 0:
            return _power_of(terms, times), {factor: n * times for factor, n in below.items()}
        return _power_of(_product_of(below), times), {value.base: times}
    return 1.0, {}


def _product_of(factors: Mapping[sympy.Expr, int]) -> float:
    return prod(_power_of(_over(factor)[0], times) for factor, times in factors.items())


def _power_of(terms: float, times: int) -> float:
    """The terms of a sum to a power: C(n + k - 1, n), the multinomial theorem; infinity where that is far too many."""
    if terms > MOST_TERMS or times > MOST_TERMS:
        return inf if terms > 1 and times > 0 else 1.0
    return float(comb(int(terms) + times - 1, times)) if min(terms, times) < 50 else inf


def small(*values: sympy.Expr) -> bool:
    """Whether SymPy is asked at all; what it does is counted."""
    terms = sum(map(terms_of, values))
    if terms > MOST_TERMS:
        return False
    spend(int(terms) * STEPS // 10)
    return True


def soon_factored(polynomial: sympy.Expr) -> bool:
    """Whether SymPy is asked for its factors; what that takes is counted.

    >>> x = sympy.symbols("x0:60")
    >>> soon_factored(x[0] ** 2 - x[1] ** 2), soon_factored(sum(n * one**2 for n, one in enumerate(x)))
    (True, False)
    >>> soon_factored(x[0] ** 40 - x[0] + 1), soon_factored(x[0] ** 400 - x[0] + 1)
    (True, False)
    """
    return _worth_factoring(terms_of(polynomial), len(polynomial.free_symbols), _degree(polynomial))


def _worth_factoring(terms: float, unknowns: int, degree: int) -> bool:
    work = terms * unknowns**3 + degree**3
    if work > MOST_TO_FACTOR:
        return False
    spend(int(work) // 4)
    return True


def _degree(polynomial: sympy.Expr) -> int:
    """Its degree in all unknowns together, once it is expanded."""
    if polynomial.is_Add:
        return max(map(_degree, polynomial.args))
    if polynomial.is_Mul:
        return sum(map(_degree, polynomial.args))
    if polynomial.is_Pow:
        return _degree(polynomial.base) * abs(int(polynomial.exp))
    return int(polynomial.is_Symbol)


# Formulas of one form are one polynomial to SymPy, whatever their quantities are called: layer after layer.
@known_at_its_price(2000)
def _cancel(value: sympy.Expr) -> Any:
    return sympy.cancel(value)


@known_at_its_price(2000)
def _factor(value: sympy.Expr) -> Any:
    return sympy.factor(value)


@known_at_its_price(2000)
def _expand(value: sympy.Expr) -> Any:
    return sympy.expand(value)


@known_at_its_price(2000)
def cancelled(expr: Expr) -> Expr:
    """The same value as one fraction in lowest terms, when that is shorter and soon found; else the expression."""
    result = _by_arithmetic(expr) or _by_sympy(expr)
    return result if weight(result) < weight(expr) else expr


def _by_arithmetic(expr: Expr) -> Expr | None:
    """The fraction where no sum is below, and none that might be a product above: most of them, and SymPy is slow."""
    lowest = in_lowest_terms(expr)
    if lowest is None:
        return None
    above = leading_plus(lowest.expanded)
    if _worth_factoring(len(lowest.above), len(lowest.occurring), lowest.degree):
        factored = lowest.factored
        if factored is not None:
            above = _shorter(_tidy_signs(factored), above)
        elif lowest.shorter_as_product(weight):
            return None
    return mul(above, lowest.divided)


def _by_sympy(expr: Expr) -> Expr:
    field = Field()
    entered = field.enter(expr)
    if not small(entered):
        return expr
    numerator, denominator = sympy.fraction(_cancel(entered))
    result = _short_sum(field, numerator)
    if denominator != 1:
        result = mul(result, field.leave(1 / (_factor(denominator) if soon_factored(denominator) else denominator)))
    return result


def _short_sum(field: Field, polynomial: sympy.Expr) -> Expr:
    """A polynomial as a sum or, when that is shorter, as a product."""
    expanded = leading_plus(field.leave(_expand(polynomial)))
    if not soon_factored(polynomial):
        return expanded
    return _shorter(_tidy_signs(field.leave(_factor(polynomial))), expanded)


def _shorter(factored: Expr, expanded: Expr) -> Expr:
    return factored if weight(factored) < weight(expanded) else expanded


def equal(left: Expr, right: Expr) -> bool:
    """Whether the difference cancels to zero as a rational function of its generators."""
    field = Field()
    return bool(sympy.cancel(field.enter(left) - field.enter(right)) == 0)


def weight(expr: Expr) -> int:
    """How much there is to read: the nodes of the tree."""
    return sum(1 for _ in walk(expr))


@known_at_its_price(1000)
def through_own_value(derivative: Expr, body: Expr, value: Expr) -> Expr | None:
    """The derivative of ``body`` as a polynomial in ``value``, the name of body's value; None if there is none.

    Solves derivative = c₀ + c₁·body + c₂·body² + … for rational c.
    """
    if isinstance(derivative, Where) and isinstance(body, Where) and derivative.condition == body.condition:
        then = through_own_value(derivative.then, body.then, value)
        otherwise = through_own_value(derivative.otherwise, body.otherwise, value)
        return None if then is None or otherwise is None else Where(derivative.condition, then, otherwise)
    if isinstance(derivative, Number):
        return derivative
    try:
        coefficients = coefficients_in(body, derivative, HIGHEST_POWER)
    except Undecided:
        return None
    if coefficients is None:
        return None
    lowest = next((k for k, c in enumerate(coefficients) if c), 0)
    found = {k - lowest: c for k, c in enumerate(coefficients) if k >= lowest and c}
    shared = _content(found.values())
    rest = [mul(number(c / shared), power(value, k)) for k, c in found.items()]
    return mul(number(shared), power(value, lowest), add(*rest))


def _content(numbers: Iterable[Fraction]) -> Fraction:
    """The largest number that leaves whole numbers when they are divided by it; 1 when there are none."""
    numbers = tuple(numbers)
    return Fraction(gcd(*(n.numerator for n in numbers)) or 1, lcm(*(n.denominator for n in numbers)))


def through_other_value(derivative: Expr, body: Expr, value: Expr) -> Expr | None:
    """The derivative with exp eliminated in favour of ``value`` = body(u), when that is a shorter polynomial.

    ``body`` must be a Möbius function of one exponential, as σ is of exp(-u); (ln(1 + eᵘ))′ becomes σ(u).
    """
    if len(_exponentials(derivative) | _exponentials(body)) != 1:
        return None
    field = Field()
    target, other = field.enter(derivative), field.enter(body)
    if not small(target, other):
        return None
    exponentials = [g for e, g in field.generators.items() if isinstance(e, Call) and e.function == exp]
    if len(exponentials) != 1 or exponentials[0] not in target.free_symbols:
        return None
    name = field.generator(value)
    solutions = sympy.solve(sympy.Eq(other, name), exponentials[0])
    if len(solutions) != 1:
        return None
    numerator, denominator = sympy.fraction(sympy.cancel(target.subs(exponentials[0], solutions[0])))
    if denominator != 1:
        return None
    result = _collected(field, numerator, name)
    return result if weight(result) < weight(derivative) else None


def _exponentials(expr: Expr) -> frozenset[Expr]:
    """What a rational formula is made of that is exp of something, with exp(-t) for 1/exp(t)."""
    spend()
    match expr:
        case Call(function, (argument,)) if function == exp:
            return frozenset((exp(neg(argument)) if factors_of(argument)[0] == MINUS_ONE else expr,))
        case Add() | Mul() | Pow():
            whole = not isinstance(expr, Pow) or expr.exponent.denominator == 1
            return frozenset().union(*map(_exponentials, expr.children)) if whole else frozenset()
    return frozenset()


def _collected(field: Field, polynomial: sympy.Expr, name: sympy.Symbol) -> Expr:
    """c₁v + c₂v(1 - v): powers of a value between 0 and 1 written with v(1 - v), which reads as a slope."""
    slope = sympy.Symbol("slope")
    quotient, remainder = sympy.div(sympy.Poly(polynomial, name), sympy.Poly(name - name**2, name))
    if quotient.degree() > 0 or quotient.is_zero:
        return _short_sum(field, polynomial)
    value = next(e for e, g in field.generators.items() if g == name)
    field.generators[mul(value, add(number(1), neg(value)))] = slope
    return add(field.leave(sympy.factor(remainder.as_expr())), field.leave(quotient.as_expr() * slope))


def _tidy_signs(expr: Expr) -> Expr:
    """-s(s - 1) as s(1 - s): a minus in front goes into the first sum that reads better for it."""
    factors = list(factors_of(expr))
    if not (isinstance(factors[0], Number) and factors[0].value < 0):
        return expr
    for place, factor in enumerate(factors):
        if isinstance(factor, Add) and any(factors_of(t)[0] == MINUS_ONE or _negative(t) for t in factor.terms):
            flipped = leading_plus(add(*(neg(t) for t in factor.terms)))
            return mul(neg(factors[0]), *factors[1:place], flipped, *factors[place + 1 :])
    return expr


def _negative(expr: Expr) -> bool:
    first = factors_of(expr)[0]
    return isinstance(first, Number) and first.value < 0
