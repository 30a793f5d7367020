"""What the form of an expression says about its sign."""

from __future__ import annotations

from symbolic.language.expr import Add, Call, Constant, Expr, Extent, Mul, Number, Pow, Sum
from symbolic.language.functions import U, V, absolute, exp, maximum
from symbolic.language.terms import substitute


def certainly_positive(expr: Expr) -> bool:
    """Whether it is above 0 whatever its entries are, as exp(u) and 1 + u² are."""
    match expr:
        case Number(value):
            return value > 0
        case Constant() | Extent():
            return True
        case Add(terms):
            return all(map(certainly_nonnegative, terms)) and any(map(certainly_positive, terms))
        case Mul(factors):
            return all(map(certainly_positive, factors))
        case Pow(base, _):
            return certainly_positive(base)
        case Sum(body, _):
            return certainly_positive(body)
        case Call(function, arguments):
            if function.body is not None:
                return certainly_positive(substitute(function.body, dict(zip((U, V), arguments, strict=False))))
            return function == exp or (function == maximum and any(map(certainly_positive, arguments)))
    return False


def certainly_nonnegative(expr: Expr) -> bool:
    """Whether it is at least 0 whatever its entries are, as u² and |u| are."""
    match expr:
        case Number(value):
            return value >= 0
        case Add(terms) | Mul(terms):
            return all(map(certainly_nonnegative, terms))
        case Pow(base, exponent):
            return (exponent.denominator == 1 and exponent.numerator % 2 == 0) or certainly_nonnegative(base)
        case Sum(body, _):
            return certainly_nonnegative(body)
        case Call(function, arguments) if function in (absolute, maximum):
            return function == absolute or any(map(certainly_nonnegative, arguments))
    return certainly_positive(expr)
