"""What students typically write instead: one slip planted in a right line, each with the name of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Deriv,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Transpose,
    places,
    put,
    way,
)
from symbolic.words import Text

#: What is said to someone who chose a line with such a slip.
SAID: dict[str, Text] = {
    "activation_derivative": Text(
        "The derivative of the activation is not whole.",
        "Производная функции активации выписана не вся.",
    ),
    "sign": Text("A sign is wrong.", "Ошибка в знаке."),
    "factor": Text("A number in front is wrong.", "Неверный числовой множитель."),
    "missing_factor": Text("A factor is missing.", "Потерян множитель."),
    "missing_sum": Text("The sum is missing.", "Потерян знак суммы."),
    "power": Text("An exponent is wrong.", "Ошибка в показателе степени."),
    "transpose": Text("A transpose is missing.", "Потеряно транспонирование."),
}


def slips(tree: Node) -> list[tuple[str, Node]]:
    """(kind, line with one slip), the likeliest kinds first; nothing inside what is differentiated by."""
    found = [
        (kind, put(tree, path, fresh))
        for path, node in places(tree)
        if not _inside_derivative(tree, path)
        for kind, fresh in _of(node)
    ]
    order = list(SAID)
    return sorted(found, key=lambda slip: order.index(slip[0]))


def _inside_derivative(tree: Node, path: tuple[int, ...]) -> bool:
    return any(isinstance(node, Deriv) for node, _ in way(tree, path))


def _of(node: Node) -> Iterator[tuple[str, Node]]:
    match node:
        case Add((first, *rest)):
            last = rest[-1]
            turned = last.argument if isinstance(last, Neg) else Neg(last)
            yield "sign", Add((first, *rest[:-1], turned))
        case Neg(argument):
            yield "sign", argument
        case Mul(factors):
            for k, factor in enumerate(factors):
                kept = (*factors[:k], *factors[k + 1 :])
                without = kept[0] if len(kept) == 1 else Mul(kept)
                if _is_complement(factor):
                    yield "activation_derivative", without
                elif isinstance(factor, Num):
                    yield "factor", without
                elif isinstance(factor, Name):
                    yield "missing_factor", without
        case BigSum():
            yield "missing_sum", node.body
        case Power(base, Num(value)) if value > 1:
            yield "power", base if value == 2 else replace(node, exponent=Num(value - 1))
        case Transpose(argument):
            yield "transpose", argument


def _is_complement(node: Node) -> bool:
    """1 − p, as in p (1 − p)."""
    return isinstance(node, Add) and len(node.terms) == 2 and node.terms[0] == Num(Fraction(1))
