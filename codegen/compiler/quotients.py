"""Quotients of probabilities outside of logarithms, as exponentials of differences of logarithms.

    (1 - p)/p                   exp(log(1 - p) - log p)
    y/(y + p)                   y·exp(-log(y + p))
    (y - p)²/(p·(1 - p))        (1 - y)²·exp(log p - log(1 - p)) + y²·exp(log(1 - p) - log p) - 2y·(1 - y)
    √(p·(1 - p))                exp((log p + log(1 - p))/2)

Where p or 1 - p is 0 in floating point the left-hand side is ∞ or NaN, and so is its derivative; where 1 - p has lost
its digits it has none.  The right-hand side is what is derived for a module; it is infinite where its value is beyond
all floating-point numbers.  It is the polynomial of ``codegen.compiler.mixtures`` with negative powers, in the
logarithms of ``codegen.compiler.probabilities``.

A weight that is data may be 0 where what it weighs is infinite: ``weighed`` leaves such a term out.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

from codegen.compiler.mixtures import (
    Polynomial,
    Powers,
    exponent_of,
    in_complements,
    polynomial,
    product_of,
    written,
)
from codegen.compiler.passes.scaled import NEVER
from codegen.compiler.probabilities import Logarithms
from symbolic.language.expr import ZERO, Call, Compare, Entry, Expr, Mul, Number, Pow, Where, add, mul
from symbolic.language.functions import absolute, exp, maximum, minimum
from symbolic.language.terms import tensors, transform, walk

DATA = ("input", "target", "constant")
#: Each choice doubles the formula that it stands in.
MOST_CHOICES = 3


def quotient(expr: Expr, logs: Logarithms) -> Expr | None:
    """The product with what is divided by, or under a root, in the logarithm; None where nothing there can vanish."""
    if not isinstance(expr, Mul | Pow) or logs.scale(expr) is not None:
        return None
    factors = expr.factors if isinstance(expr, Mul) else (expr,)
    if not any(_is_critical(factor, logs) for factor in factors):
        return None
    known: list[Polynomial] = []
    opaque: list[Expr] = []
    for factor in factors:
        found = polynomial(factor, logs)
        known, opaque = ([*known, found], opaque) if found is not None else (known, [*opaque, factor])
    if not any(_is_critical(factor, logs) for factor in factors if factor not in opaque):
        return None
    whole = product_of(known)
    if whole is None:
        return None
    weights: dict[Powers, list[Expr]] = {}
    for (grown, others), coefficient in in_complements(whole, logs).items():
        weights.setdefault(grown, []).append(mul(Number(coefficient), *written(others)))
    terms = [weighed(add(*parts), exponent_of(grown, logs)) for grown, parts in weights.items()]
    return mul(*(transform(factor, lambda node: quotient(node, logs)) for factor in opaque), add(*terms))


def weighed(weight: Expr, exponent: Expr) -> Expr:
    """weight·exp(exponent), 0 where the weight is data that are 0."""
    if exponent == ZERO or weight == ZERO:
        return weight
    if _is_data(weight):
        exponent = Where(Compare(">", absolute(weight), ZERO), exponent, NEVER)
    return mul(weight, exp(exponent))


def without_what_counts_not(expr: Expr) -> Expr | None:
    """A product of data and exponentials with the data in the exponents: (1 - y)·exp(u) is 0 where y is 1."""
    if not isinstance(expr, Mul):
        return None
    grown = [f for f in expr.factors if isinstance(f, Call) and f.function == exp and not _is_data(f)]
    data = [f for f in expr.factors if _is_data(f)]
    if not grown or not data:
        return None
    others = [f for f in expr.factors if f not in grown and f not in data]
    return mul(*others, weighed(mul(*data), add(*(f.children[0] for f in grown))))


def _is_data(expr: Expr) -> bool:
    used = tensors(expr)
    return bool(used) and all(tensor.role in DATA for tensor in used)


def _is_critical(factor: Expr, logs: Logarithms) -> bool:
    """Whether it divides by probabilities, or takes a root of what they are multiplied to."""
    if not isinstance(factor, Pow):
        return False
    base, n = factor.base, factor.exponent
    if n > 0 and (n.denominator == 1 or logs.scale(base) is not None):
        return False
    return any(logs.scale(node) is not None for node in walk(base) if isinstance(node, Entry) or _is_named(node))


def _is_named(node: Expr) -> bool:
    """Whether it is a call of a function by its name: what is written with exp has forms of its own."""
    return isinstance(node, Call) and node.function != exp


# -- choices ---------------------------------------------------------------------------------------------


def with_choices(expr: Expr, logs: Logarithms) -> Expr | None:
    """|u|, max and min of probabilities as choices, and these as one choice between whole formulas; None without any.

    log(1 - |y - p|) = y > p ? log(1 - y + p) : log(1 + y - p): in each of them 1 is p + (1 - p).
    """
    choices = dict.fromkeys(node for node in walk(expr) if _is_choice(node, logs))
    if not 0 < len(choices) <= MOST_CHOICES:
        return None
    found = next(iter(choices))
    cases: tuple[tuple[Compare | None, Expr], ...]
    if isinstance(found, Where):
        cases = ((found.condition, found.then), (None, found.otherwise))
    else:
        assert isinstance(found, Call)
        u, v = (*found.arguments, ZERO)[:2]
        if found.function == absolute:  # at 0 neither: its subgradient there is 0
            cases = ((Compare(">", u, ZERO), u), (Compare(">", ZERO, u), mul(Number(Fraction(-1)), u)), (None, ZERO))
        else:
            condition = Compare(">", u, v) if found.function == maximum else Compare(">", v, u)
            cases = ((condition, u), (None, v))
    result: Expr = ZERO
    for test, value in reversed(cases):
        replaced = transform(expr, partial(_if_it_is, found, value))
        branch = with_choices(replaced, logs) or replaced
        result = branch if test is None else Where(test, branch, result)
    return result


def _if_it_is(found: Expr, value: Expr, node: Expr) -> Expr | None:
    return value if node == found else None


def each_branch(chosen: Expr, function: Callable[[Expr], Expr]) -> Expr:
    """The function of every branch of a choice."""
    if not isinstance(chosen, Where):
        return function(chosen)
    then, otherwise = (each_branch(branch, function) for branch in (chosen.then, chosen.otherwise))
    return Where(chosen.condition, then, otherwise)


def _is_choice(node: Expr, logs: Logarithms) -> bool:
    if isinstance(node, Where):
        return any(logs.scale(inner) is not None for part in (node.then, node.otherwise) for inner in walk(part))
    if not (isinstance(node, Call) and node.function in (absolute, maximum, minimum)):
        return False
    return any(logs.scale(inner) is not None for argument in node.arguments for inner in walk(argument))
