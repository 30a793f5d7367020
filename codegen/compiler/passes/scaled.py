"""Sums Σ w·exp(a) with weights that are data or parameters, with the greatest exponent taken out.

    log Σ w·exp(a)              m + log Σ w·exp(a - m), m the greatest a whose weight is not 0
    w·exp(a)/(Σ w·exp(a))ⁿ      w·exp(a - m)·(Σ w·exp(a - m))⁻ⁿ·exp((1 - n)·m)

A term of weight 0 has no say in m, and a - m is held at 0 where such a term is multiplied by its weight, so that
nothing is 0·∞.  Where every weight is a number, ``codegen.compiler.passes.exponentials`` is asked first; one Σ over an
index that stands alone is the softmax of ``codegen.compiler.passes.stable``.
Each is an identity in exact arithmetic; ``tests/compiler/test_mixtures.py`` holds them against high precision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Protocol

from codegen.compiler.passes.exponentials import exponentials
from symbolic.language.affine import Index, subscript
from symbolic.language.expr import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Expr,
    Mul,
    Number,
    Pow,
    Sum,
    Where,
    add,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import absolute, exp, maximum, minimum
from symbolic.language.terms import free_indices, reindex, tensors, walk

#: Less than any exponent of a term that counts, and a number in float32 too.
NEVER = number(-(10**30))


class Rewriter(Protocol):
    """What knows the stable forms of all else."""

    def rewrite(self, expr: Expr) -> Expr: ...

    def largest(self, exponent: Expr, index: Index) -> Expr:
        """The greatest exponent over the index, an array of its own."""


@dataclass(frozen=True)
class Term:
    """weight·exp(exponent), or the sum of it over the index."""

    weight: Expr
    exponent: Expr
    index: Index | None = None

    def at(self, grown: Expr) -> Term | None:
        """The term itself, or the one of its sum, that is weight·grown."""
        if self.index is None:
            return self if exp(self.exponent) == grown else None
        for outer in sorted(free_indices(grown)):
            place = {self.index: subscript(outer)}
            if exp(reindex(self.exponent, place)) == grown:
                return Term(reindex(self.weight, place), reindex(self.exponent, place))
        return None


def mixture(expr: Expr, numeric: bool = False) -> tuple[Term, ...] | None:
    """The terms of a sum of two or more; None where no exponential is in it, or nothing but numbers before them.

    With ``numeric`` also those whose exponents are logarithms, say: others cannot be ∞/∞ unless
    ``codegen.compiler.passes.exponentials`` has seen to it.
    """
    if not isinstance(expr, Add):
        return None
    known = exponentials(expr)
    composite = known and any(isinstance(node, Call) for _, exponent in known for node in walk(exponent))
    if known is not None and not (numeric and composite):
        return None
    weights: dict[tuple[Expr, Index | None], list[Expr]] = {}
    for summand in expr.terms:
        term = _term(summand)
        weights.setdefault((term.exponent, term.index), []).append(term.weight)
    terms = tuple(Term(add(*parts), exponent, index) for (exponent, index), parts in weights.items())
    return terms if len(terms) > 1 and any(term.exponent != ZERO for term in terms) else None


def is_constant(weight: Expr) -> bool:
    """Whether it is a number, √(2π) say, and so never 0 by chance."""
    return not tensors(weight) and not free_indices(weight)


def counted(weight: Expr, exponent: Expr) -> Expr:
    """The exponent where the weight is not 0."""
    return exponent if is_constant(weight) else Where(Compare(">", absolute(weight), ZERO), exponent, NEVER)


def vanishes_with(weight: Expr, present: Collection[Expr]) -> bool:
    """Whether the product of these is 0 where the weight is."""
    return all(part in present for part in _factors(weight) if not isinstance(part, Number))


def bases(factors: Iterable[Expr]) -> set[Expr]:
    """The factors, and what is raised to a positive power in them: where it is 0, so is the product."""
    found = set(factors)
    return found | {f.base for f in found if isinstance(f, Pow) and f.exponent > 0}


@dataclass(frozen=True)
class Scaled:
    """The terms of one sum over exp(m)."""

    terms: tuple[Term, ...]
    rewriter: Rewriter

    @property
    def m(self) -> Expr:
        return reduce(maximum, map(self._greatest, self.terms))

    @property
    def sum(self) -> Expr:
        """Σ w·exp(a - m)"""
        summands = ((mul(self.rewriter.rewrite(term.weight), self.below(term)), term.index) for term in self.terms)
        return add(*(body if index is None else total(body, index) for body, index in summands))

    def below(self, term: Term, weighted: bool = True) -> Expr:
        """exp(exponent - m); as far as it is multiplied by the weight where it is ``weighted``."""
        lowered = add(self.rewriter.rewrite(term.exponent), neg(self.m))
        return exp(minimum(lowered, ZERO) if weighted and not is_constant(term.weight) else lowered)

    def product(self, factors: Sequence[Expr], others: Sequence[Expr], n: int) -> Expr:
        """The product of the factors over exp(n·m); it is multiplied by the others."""
        present = bases([*factors, *others])
        done: list[Expr] = []
        left: list[Expr] = []
        for factor in factors:
            base, times = (factor.base, factor.exponent) if isinstance(factor, Pow) else (factor, Fraction(1))
            term = next((found for t in self.terms if (found := t.at(base)) is not None), None)
            if term is None or times.denominator != 1 or not 0 < times <= n:
                left.append(factor)
                continue
            done += [self.below(term, vanishes_with(term.weight, present))] * int(times)
            n -= int(times)
        if n == 0:
            return mul(*done, self.rewriter.rewrite(mul(*left)))
        exponents = [self.rewriter.rewrite(a) for f in left if (a := _exponential(f)) is not None]
        plain = [f for f in left if _exponential(f) is None]
        return mul(*done, self.rewriter.rewrite(mul(*plain)), exp(add(*exponents, mul(number(-n), self.m))))

    def _greatest(self, term: Term) -> Expr:
        exponent = counted(self.rewriter.rewrite(term.weight), self.rewriter.rewrite(term.exponent))
        return exponent if term.index is None else self.rewriter.largest(exponent, term.index)


def scaled_quotient(factors: Sequence[Expr], rewriter: Rewriter, numeric: bool = False) -> Expr | None:
    """A product with (Σ w·exp(a))⁻ⁿ in it; None where no such sum stands below (``mixture``), or is all there is."""
    for below in factors:
        if not (isinstance(below, Pow) and below.exponent < 0 and below.exponent.denominator == 1):
            continue
        if (terms := mixture(below.base, numeric)) is None:
            continue
        scaled, n = Scaled(terms, rewriter), int(-below.exponent)
        rest = [f for f in factors if f is not below]
        above = next((f for f in rest if isinstance(f, Add) and mixture(f, numeric) is not None), ONE)
        left = [f for f in rest if f is not above]
        grown = [f for f in left if _exponential(f) is not None]
        if numeric and above == ONE and not grown:
            continue
        others = [f for f in left if _exponential(f) is None]
        summands = above.terms if isinstance(above, Add) else (above,)
        lowered = (scaled.product([*_factors(term), *grown], others, n) for term in summands)
        return mul(rewriter.rewrite(mul(*others)), add(*lowered), power(scaled.sum, -n))
    return None


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return expr.factors if isinstance(expr, Mul) else (expr,)


def _exponential(factor: Expr) -> Expr | None:
    """a of exp(a), n·a of exp(a)ⁿ."""
    match factor:
        case Call(function, (a,)) if function == exp:
            return a
        case Pow(Call(function, (a,)), n) if function == exp:
            return mul(Number(n), a)
    return None


def _term(summand: Expr) -> Term:
    body, index = (summand.body, summand.index) if isinstance(summand, Sum) else (summand, None)
    grown = [(f, a) for f in _factors(body) if (a := _exponential(f)) is not None]
    exponent = add(*(a for _, a in grown))
    if not grown or (index is not None and index not in free_indices(exponent)):
        return Term(summand, ZERO)
    taken = [f for f, _ in grown]
    return Term(mul(*(f for f in _factors(body) if f not in taken)), exponent, index)
