"""Sums of products of whole powers, over a product: fractions that arithmetic alone brings into lowest terms.

What is no rational operation (an entry, a Σ, a value of a function) is one unknown, as it is where SymPy is asked.  A
sum below a bar, and what might be a product of sums, is left to SymPy: then there is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import TypeAlias

from symbolic.fuel import spend
from symbolic.language.collapse import factors_of
from symbolic.language.expr import MINUS_ONE, Add, Call, Expr, Mul, Number, Pow, add, mul, number, power
from symbolic.language.functions import exp

#: The unknowns of a product by number, with their powers, neither of them 0.
Monomial: TypeAlias = tuple[tuple[int, int], ...]
#: The products of a sum and how often each of them is there.
Terms: TypeAlias = Mapping[Monomial, Fraction]

#: What looking at one node counts for, and how many terms are multiplied out.
STEPS = 10
MOST_TERMS = 60


@dataclass(frozen=True)
class Lowest:
    """A fraction in lowest terms, with a product below: the sum above, and the unknowns by number.

    ``whole``: the terms above as whole numbers, except where there is nothing below to take their denominators.
    """

    above: Terms
    below: Monomial
    divisor: int
    unknowns: tuple[Expr, ...]

    @property
    def degree(self) -> int:
        """The highest sum of powers above."""
        return max((sum(n for _, n in monomial) for monomial in self.above), default=0)

    @property
    def occurring(self) -> frozenset[int]:
        return _unknowns(self.above)

    def written(self, coefficient: Fraction, monomial: Monomial) -> Expr:
        return mul(number(coefficient), *(power(self.unknowns[unknown], Fraction(n)) for unknown, n in monomial))

    def sum_of(self, terms: Terms) -> Expr:
        """Numbers first, then as the unknowns were met."""
        ordered = sorted(terms.items(), key=lambda term: _place(*term))
        return add(*(self.written(coefficient, monomial) for monomial, coefficient in ordered))

    @property
    def expanded(self) -> Expr:
        return self.sum_of(self.above)

    @property
    def factored(self) -> Expr | None:
        """The sum above as a product: its number, what all terms share, and a sum that is no product."""
        if len(self.above) < 2:
            return self.expanded
        shared = _shared(self.above)
        inner = {_times(monomial, _inverse(shared)): c for monomial, c in self.above.items()}
        if not _is_prime(inner):
            return None
        content = Fraction(gcd(*(c.numerator for c in inner.values())), lcm(*(c.denominator for c in inner.values())))
        leading = inner[max(inner, key=lambda monomial: _lexicographic(monomial, len(self.unknowns)))]
        content = -content if leading < 0 else content
        whole = self.sum_of({monomial: c / content for monomial, c in inner.items()})
        return mul(self.written(content, shared), whole)

    def shorter_as_product(self, weight: Callable[[Expr], int]) -> bool:
        """Whether the sum above could be shorter as a product of sums, which ``factored`` does not find.

        One of two terms, u - v, is no power, and of any sums whose product it is each has all its unknowns.
        """
        if len(self.above) != 2:
            return True
        apart = (_times(monomial, _inverse(_shared(self.above))) for monomial in self.above)
        one_sum = 1 + sum(weight(self.written(Fraction(1), tuple((u, 1) for u, _ in monomial))) for monomial in apart)
        return 1 + 2 * one_sum < weight(self.expanded)

    @property
    def divided(self) -> Expr:
        """1 over what is below."""
        return self.written(Fraction(1, self.divisor), _inverse(self.below))


def in_lowest_terms(expr: Expr) -> Lowest | None:
    """The expression as a fraction with a product below; None where it has a sum there, or is long."""
    unknowns: dict[Expr, int] = {}
    terms = _terms(expr, unknowns)
    if terms is None:
        return None
    lowest_powers: dict[int, int] = {}
    for monomial in terms:
        for unknown, n in monomial:
            lowest_powers[unknown] = min(n, lowest_powers.get(unknown, 0))
    below = tuple((unknown, -n) for unknown, n in sorted(lowest_powers.items()) if n < 0)
    above = {_times(monomial, below): c for monomial, c in terms.items()}
    divisor = 1
    if below or len(above) == 1:
        divisor = lcm(*(c.denominator for c in above.values()))
        above = {monomial: c * divisor for monomial, c in above.items()}
    return Lowest(above, below, divisor, tuple(unknowns))


def _terms(expr: Expr, unknowns: dict[Expr, int]) -> dict[Monomial, Fraction] | None:
    spend(STEPS)
    match expr:
        case Number(value):
            return {(): value} if value else {}
        case Add(parts):
            found: dict[Monomial, Fraction] = {}
            for part in parts:
                terms = _terms(part, unknowns)
                if terms is None:
                    return None
                for monomial, coefficient in terms.items():
                    found[monomial] = found.get(monomial, Fraction(0)) + coefficient
            return {monomial: c for monomial, c in found.items() if c}
        case Mul(parts):
            product: dict[Monomial, Fraction] = {(): Fraction(1)}
            for part in parts:
                terms = _terms(part, unknowns)
                if terms is None or len(product) * len(terms) > MOST_TERMS:
                    return None
                product = _multiplied(product, terms)
            return product
        case Pow(base, exponent) if exponent.denominator == 1:
            return _raised(_terms(base, unknowns), int(exponent))
        case Call(function, (argument,)) if function == exp and factors_of(argument)[0] == MINUS_ONE:
            return None  # one over another unknown
    return {((unknowns.setdefault(expr, len(unknowns)), 1),): Fraction(1)}


def _raised(terms: dict[Monomial, Fraction] | None, times: int) -> dict[Monomial, Fraction] | None:
    if terms is None or not terms:
        return None
    if len(terms) == 1:
        ((monomial, coefficient),) = terms.items()
        return {tuple((unknown, n * times) for unknown, n in monomial): coefficient**times}
    if times < 0 or len(terms) ** times > MOST_TERMS:
        return None
    unit: dict[Monomial, Fraction] = {(): Fraction(1)}
    return reduce(_multiplied, [terms] * times, unit)


def _multiplied(left: Terms, right: Terms) -> dict[Monomial, Fraction]:
    found: dict[Monomial, Fraction] = {}
    for monomial, coefficient in left.items():
        for other, more in right.items():
            both = _times(monomial, other)
            found[both] = found.get(both, Fraction(0)) + coefficient * more
    return {monomial: c for monomial, c in found.items() if c}


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for unknown, n in right:
        powers[unknown] = powers.get(unknown, 0) + n
    return tuple(sorted((unknown, n) for unknown, n in powers.items() if n))


def _inverse(monomial: Monomial) -> Monomial:
    return tuple((unknown, -n) for unknown, n in monomial)


def _shared(monomials: Iterable[Monomial]) -> Monomial:
    """What all of them can be divided by."""
    first, *others = map(dict, monomials)
    common = ((unknown, min(n, *(other.get(unknown, 0) for other in others))) for unknown, n in first.items())
    return tuple((unknown, n) for unknown, n in common if n)


def _is_prime(terms: Terms) -> bool:
    """Whether it is known to be no product: a u + b is none where a and b, free of u, have no factor in common.

    They have none where a is one term, as what all terms share is not there, and where they share no unknown.
    """
    return any(
        all(power_in(monomial) <= 1 for monomial in terms) and _without_common_factor(terms, power_in)
        for power_in in map(_power_of, _unknowns(terms))
    )


def _without_common_factor(terms: Terms, power_in: Callable[[Monomial], int]) -> bool:
    factors = [monomial for monomial in terms if power_in(monomial)]
    rest = [monomial for monomial in terms if not power_in(monomial)]
    return len(factors) == 1 or (bool(rest) and not _unknowns(factors) & _unknowns(rest))


def _unknowns(monomials: Iterable[Monomial]) -> frozenset[int]:
    return frozenset(unknown for monomial in monomials for unknown, _ in monomial)


def _power_of(unknown: int) -> Callable[[Monomial], int]:
    return lambda monomial: dict(monomial).get(unknown, 0)


def _lexicographic(monomial: Monomial, many: int) -> tuple[int, ...]:
    powers = dict(monomial)
    return tuple(powers.get(unknown, 0) for unknown in range(many))


def _place(monomial: Monomial, coefficient: Fraction) -> tuple[int, str]:
    """By the unknown met last; then as SymPy spells the product."""
    return max((unknown for unknown, _ in monomial), default=-1), "".join(_spelt(monomial, coefficient))


def _spelt(monomial: Monomial, coefficient: Fraction) -> Iterator[str]:
    above = abs(coefficient.numerator)
    factors = [f"g{unknown}" if n == 1 else f"g{unknown}**{n}" for unknown, n in sorted(monomial, key=_name)]
    yield "-" if coefficient < 0 else ""
    yield "*".join(factors if factors and above == 1 else [str(above), *factors])
    yield f"/{coefficient.denominator}" if coefficient.denominator != 1 else ""


def _name(factor: tuple[int, int]) -> str:
    return f"g{factor[0]}"
