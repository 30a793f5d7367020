"""Formulas that differ from another in one place, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symbolic.language.expr import (
    Add,
    Call,
    Compare,
    Entry,
    Expr,
    Extent,
    Mul,
    Number,
    Pow,
    Sum,
    Tensor,
    Where,
    add,
    mul,
    neg,
    number,
    power,
    total,
)
from symbolic.language.functions import absolute
from symbolic.language.terms import tensors, transform, walk


def adjoint_entries(formula: Expr) -> set[Entry]:
    return {node for node in walk(formula) if isinstance(node, Entry) and node.tensor.role == "adjoint"}


def is_sum_of_exponentials(expr: Expr) -> bool:
    match expr:
        case Pow(Sum(Call(function, _), _), _):
            return function.name == "exp"
    return False


def inner_slope(part: Expr | None) -> str:
    """What tells the slope of a function inside of a formula, [u > 0] or 1 − tanh(u)², or a factor; else ""."""
    if part is None or not tensors(part) or any(tensor.role == "adjoint" for tensor in tensors(part)):
        return ""
    if isinstance(part, Compare):
        return "kink"
    if isinstance(part, Entry):
        return part.tensor.name
    if isinstance(part, Call):
        return " ".join([part.function.name, *sorted(tensor.name for tensor in tensors(part))])
    slope = isinstance(part, (Add, Pow))
    return " ".join(sorted({n.function.name for n in walk(part) if isinstance(n, Call)})) if slope else ""


def is_of_sizes(expr: Expr) -> bool:
    """Whether a factor is made of sizes other than the sample's alone: 1/√H, 1/T."""
    extents = [node for node in walk(expr) if isinstance(node, Extent)]
    return bool(extents) and not tensors(expr) and all(str(node.size) != "N" for node in extents)


def sizes_left_out(formula: Expr) -> Iterator[tuple[Expr, Expr]]:
    """A factor made of sizes left out of every term that it multiplies, not inside of functions; with the factor."""

    def rest(expr: Expr, factor: Expr) -> Expr:
        match expr:
            case Mul(factors):
                return mul(*(number(1) if one == factor else rest(one, factor) for one in factors))
            case Add(terms):
                return add(*(rest(term, factor) for term in terms))
            case Sum(body, index):
                return total(rest(body, factor), index)
        return expr

    for factor in dict.fromkeys(node for node in walk(formula) if is_of_sizes(node)):
        yield rest(formula, factor), factor


def retensored_factors(formula: Expr, tensor: Tensor, other: Tensor) -> Expr:
    """One tensor for another where it is a factor by itself, not inside of the slopes beside it."""

    def changed(node: Expr) -> Expr | None:
        if not isinstance(node, Mul) or not any(is_of(factor, tensor) for factor in node.factors):
            return None
        return mul(
            *(Entry(other, f.subscripts) if isinstance(f, Entry) and is_of(f, tensor) else f for f in node.factors)
        )

    return transform(formula, changed)


def is_of(node: Expr, tensor: Tensor) -> bool:
    return isinstance(node, Entry) and node.tensor == tensor


def square_axes(tensor: Tensor, sizes: Mapping[str, int]) -> tuple[int, int] | None:
    """The last two axes that are equally long at these sizes: a matrix could be read by columns there."""
    lengths = [None if str(axis) == "N" else axis.value(sizes) for axis in tensor.axes]
    pairs = [(k, k + 1) for k in range(len(lengths) - 1) if lengths[k] is not None and lengths[k] == lengths[k + 1]]
    return pairs[-1] if pairs else None


def transposed(formula: Expr, tensor: Tensor, axes: tuple[int, int]) -> Expr:
    """The formula with one matrix read by columns where it was read by rows."""
    one, other = axes

    def turned(node: Expr) -> Expr | None:
        if not is_of(node, tensor) or not isinstance(node, Entry):
            return None
        places = list(node.subscripts)
        places[one], places[other] = places[other], places[one]
        return Entry(tensor, tuple(places))

    return transform(formula, turned)


def without(product: Expr, factor: Expr) -> list[Expr]:
    """The other factors of a product, as one; nothing when it is no such product."""
    if not isinstance(product, Mul) or factor not in product.factors:
        return []
    at = product.factors.index(factor)
    return [mul(*product.factors[:at], *product.factors[at + 1 :])]


def _root(term: Expr) -> Expr | None:
    """a of a², −a of −a²; None for other terms."""
    match term:
        case Pow(base, exponent) if exponent == 2:
            return base
        case Mul((Number() as sign, Pow(base, exponent))) if exponent == 2 and sign.value == -1:
            return neg(base)
    return None


def one_change(expr: Expr) -> Iterator[tuple[Expr, Expr | None]]:
    """Every formula that differs in one place: a factor or a term gone, a sign turned, a power lowered.

    With what is gone, where something is.
    """
    match expr:
        case Mul(factors):
            for k, factor in enumerate(factors):
                rest = factors[:k] + factors[k + 1 :]
                yield mul(*rest), factor
                for inner, part in one_change(factor):
                    yield mul(*rest[:k], inner, *rest[k:]), part
        case Add(terms):
            for k, term in enumerate(terms):
                rest = terms[:k] + terms[k + 1 :]
                yield add(*rest), term
                yield add(*terms[:k], neg(term), *terms[k + 1 :]), None
                if (root := _root(term)) is not None:  # (1 − a)² for 1 − a²
                    yield power(add(*terms[:k], root, *terms[k + 1 :]), 2), None
                for inner, part in one_change(term):
                    yield add(*terms[:k], inner, *terms[k + 1 :]), part
        case Pow(base, exponent):
            if exponent == 2:
                yield base, None
            elif exponent == -1:
                yield power(base, 1), None
            for inner, part in one_change(base):
                yield power(inner, exponent), part
        case Sum(body, index):
            for inner, part in one_change(body):
                yield total(inner, index), part
        case Compare():
            yield add(number(1), neg(expr)), None
        case Where(condition, then, otherwise):
            for other in (then, otherwise, number(0), number(1)):
                yield Where(condition, other, otherwise), None
                yield Where(condition, then, other), None
            yield Where(condition, otherwise, then), None
        case Call(function, (argument,)):
            yield argument, None
            if function.name == "sign":  # |u| for its derivative
                yield Call(absolute, (argument,)), None
        case _:
            return
