"""Sums, products and powers as Python writes them, with the brackets that Python needs and no others.

What stands inside them (numbers, names, entries of arrays, calls) is printed by whoever asks: single numbers,
whole arrays and the settings of an optimizer look different, their arithmetic is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from symbolic.language.expr import Add, Expr, Mul, Number, Pow, neg

#: How strongly an expression binds: sums and a sign in front, products, powers, atoms.
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4


@dataclass(frozen=True)
class Signs:
    """How the operations are written."""

    times: str = "*"
    power: str = "**"
    one: str = "1.0"


CLOSE = Signs()
SPACED = Signs(" * ", " ** ", "1")


def bracketed(text: str, level: int, tight: int) -> str:
    """The text, in brackets where what stands around it binds more strongly."""
    return f"({text})" if level < tight else text


def arithmetic(expr: Add | Mul | Pow, tight: int, inner: Callable[[Expr, int], str], signs: Signs = CLOSE) -> str:
    """A sum, a product or a power; ``inner`` prints a part so that it binds at least as strongly as its level.

    >>> from symbolic.language.expr import Symbol, mul
    >>> def part(e: Expr, tight: int) -> str:
    ...     if isinstance(e, Add | Mul | Pow):
    ...         return arithmetic(e, tight, part)
    ...     return e.name if isinstance(e, Symbol) else str(e.value)
    >>> a, b = Symbol("a"), Symbol("b")
    >>> arithmetic(mul(Pow(Add((a, mul(Number(Fraction(-2)), b))), Fraction(-2)), b), SUM, part)
    'b / (a - 2*b)**2'
    """
    match expr:
        case Add(terms):
            text = inner(terms[0], SUM)
            for term in terms[1:]:
                text += f" - {inner(neg(term), PRODUCT)}" if is_negative(term) else f" + {inner(term, SUM)}"
            return bracketed(text, SUM, tight)
        case Mul():
            return product(expr, tight, inner, signs)
        case Pow(base, exponent) if exponent < 0:
            below = base if exponent == -1 else Pow(base, -exponent)
            return bracketed(f"{signs.one} / {inner(below, POWER)}", PRODUCT, tight)
        case Pow(base, exponent):
            return bracketed(f"{inner(base, ATOM)}{signs.power}{exponent_text(exponent)}", POWER, tight)


def product(expr: Mul, tight: int, inner: Callable[[Expr, int], str], signs: Signs) -> str:
    if is_negative(expr):
        return bracketed(f"-{inner(neg(expr), PRODUCT)}", SUM, tight)
    above = [factor for factor in expr.factors if not is_below(factor)]
    text = signs.times.join(inner(factor, POWER) for factor in above) or signs.one
    for factor in expr.factors:
        if isinstance(factor, Pow) and is_below(factor):
            text += f" / {inner(factor.base if factor.exponent == -1 else Pow(factor.base, -factor.exponent), POWER)}"
    return bracketed(text, PRODUCT, tight)


def is_negative(expr: Expr) -> bool:
    """Whether a minus stands in front of it."""
    first = expr.factors[0] if isinstance(expr, Mul) else expr
    return isinstance(first, Number) and first.value < 0


def is_below(factor: Expr) -> bool:
    """Whether it stands below the line of a quotient."""
    return isinstance(factor, Pow) and factor.exponent < 0


def exponent_text(exponent: Fraction) -> str:
    return str(exponent) if exponent.denominator == 1 else repr(float(exponent))


def number_text(value: Fraction) -> str:
    """A float literal; a quotient where no short decimal is exact."""
    decimal = repr(float(value))
    return decimal if Fraction(decimal) == value else f"{value.numerator}.0 / {value.denominator}.0"
