"""Products, fractions, powers, norms and inner products as values."""

from __future__ import annotations

from fractions import Fraction

from symbolic.language.affine import Affine
from symbolic.language.expr import ONE, Constant, Number, mul, power, total
from symbolic.language.functions import PRIMITIVES
from symbolic.marking.grammar.tree import Add, Call, Deriv, Frac, Inner, Mul, Name, Neg, Node, Norm, Num, Power, Script
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.meaning.derivatives import is_function_name, linked_run
from symbolic.marking.meaning.elaboration import Elaboration
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.placing import component_of
from symbolic.marking.meaning.relations import index_script
from symbolic.marking.meaning.shape_words import EXPONENT, NO_INNER_PRODUCT
from symbolic.marking.meaning.value import (
    ANY_LENGTH,
    Value,
    contract,
    fresh_axis,
    hadamard,
    inverted,
    is_square,
    product,
    refreshed,
    relabelled,
    same_length,
)
from symbolic.marking.text.refusals import NotUnderstood, ShapeError
from symbolic.words import Text

UNIT = Num(Fraction(1))
LARGEST_EXPONENT = 64
LARGEST_MATRIX_POWER = 4


def product_value(work: Elaboration, node: Mul) -> Value:
    """Side by side; ∂L/∂z ∂z/∂w is contracted over the entries of z, whatever the convention."""
    factors = node.factors
    values: list[Value] = []
    k = 0
    work.in_product = True
    while k < len(factors):
        factor = factors[k]
        if isinstance(factor, Deriv) and is_function_name(work, factor.of):
            if k + 1 >= len(factors):
                raise NotUnderstood(
                    Text(
                        f"the function {typeset(factor.of)} has no argument here",
                        f"у функции {typeset(factor.of)} здесь нет аргумента",
                    ),
                    factor.span,
                )
            assert isinstance(factor.of, Name)
            values.append(work.value(Call(_primed_name(factor.of), (factors[k + 1],), span=factor.span)))
            k += 2
            continue
        if isinstance(factor, Deriv | Name) and k + 1 < len(factors):
            linked = linked_run(work, factors, k)
            if linked is not None:
                values.append(linked[0])
                k = linked[1]
                continue
        if k > 0 and isinstance(factors[k - 1], Num) and is_circle_number(work, factor):
            values.append(Value(Constant("pi")))
            k += 1
            continue
        ones = k > 0 and factor == UNIT and bool(values[-1].axes) and work.other("ones")
        values.append(Value(ONE, (fresh_axis(ANY_LENGTH),)) if ones else work.value(factor))
        k += 1
    return product(values, node.span)


def is_circle_number(work: Elaboration, node: Node) -> bool:
    """Whether the π of ``2π`` is the number, beside a family of π_k."""
    if not isinstance(node, Name) or not node.bare or node.base != r"\pi":
        return False
    family = candidates(work.known, node)
    return bool(family) and family[0].subscripted > 0 and not work.other("circle_number")


def fraction_value(work: Elaboration, node: Frac) -> Value:
    above, below = work.value(node.numerator), work.value(node.denominator)
    if not below.axes:
        return Value(mul(above.expr, power(below.expr, -1)), above.axes, above.row)
    inverse = Value(power(below.expr, -1), below.axes, below.row)
    return hadamard([above, inverse], node.span)


def power_value(work: Elaboration, node: Power) -> Value:
    base, exponent = node.base, node.exponent
    if isinstance(base, Norm) and exponent == Num(Fraction(2)):
        return norm_value(work, base, squared=True)
    value = work.value(base)
    constant = _constant(exponent)
    if constant is not None and (abs(constant) > LARGEST_EXPONENT or constant.denominator > LARGEST_EXPONENT):
        raise NotUnderstood(Text("an exponent of that size", "показатель степени такой величины"), node.span)
    if node.entrywise and constant is not None:
        return Value(power(value.expr, constant), value.axes, value.row)
    letters = _letters(exponent)
    if value.axes and letters is not None:
        return component_of(work, value, letters, node.span)
    if isinstance(exponent, Num) and value.axes and exponent.value in (0, 1):
        return component_of(work, value, (Affine((), int(exponent.value)),), node.span)
    if value.axes and constant is not None:
        return power_of_entries(work, value, constant, node)
    if value.axes:
        raise NotUnderstood(
            Text("a power of a vector with that exponent", "степень вектора с таким показателем"), node.span
        )
    if constant is not None:
        return Value(power(value.expr, constant))
    above = work.value(exponent)
    if above.axes:
        raise ShapeError(EXPONENT, node.span)
    if isinstance(above.expr, Number):
        if abs(above.expr.value) > LARGEST_EXPONENT or above.expr.value.denominator > LARGEST_EXPONENT:
            raise NotUnderstood(Text("an exponent of that size", "показатель степени такой величины"), node.span)
        return Value(power(value.expr, above.expr.value))
    return Value(PRIMITIVES["exp"](mul(above.expr, PRIMITIVES["log"](value.expr))))


def power_of_entries(work: Elaboration, value: Value, exponent: Fraction, node: Power) -> Value:
    """``h^2``: of every entry; for a square matrix the product with itself, for a square perhaps ‖v‖²."""
    whole = exponent.denominator == 1 and exponent != 1 and abs(exponent) <= LARGEST_MATRIX_POWER
    if is_square(value) and whole and not work.other("matrix_power"):
        base = inverted(value) if exponent < 0 else value
        return product([base, *(refreshed(base) for _ in range(abs(int(exponent)) - 1))], node.span)
    if len(value.axes) == 1 and exponent == 2 and work.other("squared"):
        return Value(total(power(value.expr, 2), *value.axes))
    counted = len(value.axes) == 1 and exponent.denominator == 1 and exponent > 1 and isinstance(node.base, Name)
    if counted and work.other("raised"):
        return component_of(work, value, (Affine((), int(exponent)),), node.span)
    return Value(power(value.expr, exponent), value.axes, value.row)


def norm_value(work: Elaboration, node: Norm, squared: bool = False) -> Value:
    value, order = work.value(node.argument), node.order
    body = power(value.expr, 2) if order == 2 else PRIMITIVES["abs"](value.expr)
    result = total(body, *value.axes)
    if order == 1:
        return Value(power(result, 2) if squared else result)
    return Value(result if squared else power(result, Fraction(1, 2)))


def inner_value(work: Elaboration, node: Inner) -> Value:
    left, right = work.value(node.left), work.value(node.right)
    if node.dot and not (len(left.axes) == len(right.axes) == 1 and left.row == right.row):
        return product([left, right], node.span)
    if not left.axes and not right.axes:
        return Value(mul(left.expr, right.expr))
    if len(left.axes) == 2 and [a.extent for a in left.axes] == [a.extent for a in right.axes]:
        return Value(total(mul(left.expr, relabelled(right, left.axes).expr), *left.axes))
    if len(left.axes) != 1 or len(right.axes) != 1 or not same_length(left.axes[0], right.axes[0]):
        raise ShapeError(
            NO_INNER_PRODUCT.format(left=left.shape, right=right.shape),
            node.span,
        )
    right = refreshed(right)
    return contract(left, right, left.axes[0], right.axes[0], ())


def _primed_name(node: Name) -> Name:
    return Name(node.base, node.subs, node.sups, node.primes + 1, span=node.span)


def _letters(exponent: Node) -> tuple[Script, ...] | None:
    """``x^k``, ``W^{jk}``: the exponent as index letters."""
    if isinstance(exponent, Name) and exponent.bare:
        return (Affine.of(exponent.base + "'" * exponent.primes),)
    if isinstance(exponent, Add):
        total_: Script = Affine((), 0)
        for term in exponent.terms:
            sign, inner = (-1, term.argument) if isinstance(term, Neg) else (1, term)
            part = index_script(inner)
            if part is None:
                return None
            total_ = total_ + part * sign
        return (total_,) if total_.terms else None
    if isinstance(exponent, Mul) and all(isinstance(f, Name) and f.bare for f in exponent.factors):
        return tuple(Affine.of(f.base) for f in exponent.factors if isinstance(f, Name))
    return None


def _constant(node: Node) -> Fraction | None:
    match node:
        case Num(value):
            return value
        case Neg(argument):
            inner = _constant(argument)
            return None if inner is None else -inner
        case Frac(above, below):
            a, b = _constant(above), _constant(below)
            return None if a is None or not b else a / b
        case Add(terms):
            parts = [_constant(t) for t in terms]
            return None if None in parts else sum((p for p in parts if p is not None), Fraction(0))
    return None
