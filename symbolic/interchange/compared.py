"""The loss and the output in the summand of a sample: which quantity is the target compared with?"""

from __future__ import annotations

import sympy

from symbolic.interchange.entries import base_of, entries_of
from symbolic.interchange.inward import told
from symbolic.interchange.made_of import Given, Quantity
from symbolic.interchange.over_sample import SAMPLE
from symbolic.interchange.scalars import Sympy

#: The target and the output in the formula of a loss.
Y, P = sympy.Symbol("y", real=True), sympy.Symbol("p", real=True)


def compared(body: Sympy, target: Quantity, given: Given) -> tuple[str, Sympy, tuple[Sympy, ...]] | None:
    """(L(y, p), p, its indices) where the summand compares the target with one quantity, output by output."""
    entries = {entry for entry in entries_of(body) if base_of(entry) == target.symbol}
    if len(entries) != 1 and not isinstance(body, sympy.Sum) and not body.is_Add:
        return None
    over: list[Sympy] = []
    if body.is_Add and all(isinstance(_without_number(t)[1], sympy.Sum) for t in body.args):
        body = _joined(body)
    number, body = _without_number(body)
    while isinstance(body, sympy.Sum) and _inside(body.function, target):
        if len(body.limits) != 1:
            body = sympy.Sum(sympy.Sum(body.function, *body.limits[:-1]), body.limits[-1])
        ((index, low, _),) = body.limits
        if low != given.first:
            return None
        over.append(index)
        body = body.function
    entries = {entry for entry in entries_of(body) if base_of(entry) == target.symbol}
    if len(entries) != 1:
        return None
    (entry,) = entries
    if list(entry.indices) != [SAMPLE + given.first, *over]:
        return None
    formula = number * body.xreplace({entry: Y})
    for candidate in _candidates(formula):
        loss = _abstracted(formula, candidate)
        if loss is not None and loss.free_symbols == {Y, P} and not entries_of(loss):
            if isinstance(candidate, sympy.log):
                candidate = candidate.args[0]
                loss = loss.xreplace({P: sympy.log(P)})
            if not given.has_data(candidate) or not entries_of(candidate):
                return None
            return told(loss, {Y: "y", P: "p"}), candidate, (SAMPLE, *over)
    return None


def _inside(body: Sympy, target: Quantity) -> bool:
    return any(base_of(entry) == target.symbol for entry in entries_of(body))


def _without_number(expr: Sympy) -> tuple[Sympy, Sympy]:
    number, rest = expr.as_coeff_Mul()
    return (number, rest) if isinstance(rest, sympy.Sum) else (sympy.Integer(1), expr)


def _joined(expr: Sympy) -> Sympy:
    """Σ_k a + Σ_k b as Σ_k (a + b), where both run equally far."""
    parts = [_without_number(term) for term in expr.args]
    first = parts[0][1]
    bodies = []
    for number, total in parts:
        if len(total.limits) != len(first.limits) or any(
            a[1:] != b[1:] for a, b in zip(total.limits, first.limits, strict=True)
        ):
            return expr
        same = {own[0]: other[0] for own, other in zip(total.limits, first.limits, strict=True)}
        bodies.append(number * total.function.xreplace(same))
    return sympy.Sum(sympy.Add(*bodies), *first.limits)


def _candidates(formula: Sympy) -> list[Sympy]:
    """What could be the output: parts without the target, the largest first."""
    found: dict[Sympy, None] = {}
    waiting = [formula]
    while waiting:
        expr = waiting.pop(0)
        if expr.has(Y) and expr.is_Add:
            free = sympy.Add(*(term for term in expr.args if not term.has(Y)))
            waiting.append(-free if free.could_extract_minus_sign() else free)
        if expr.has(Y):
            waiting.extend(part for part in expr.args if part.args)
        elif not expr.is_Number and expr.has(sympy.Indexed):
            found.setdefault(expr, None)
            if not isinstance(expr, sympy.Indexed | sympy.Sum):
                waiting.extend(part for part in expr.args if part.args)
    return list(found)


def _abstracted(formula: Sympy, part: Sympy) -> Sympy | None:
    """The formula with P for the part, wherever it stands."""
    if formula == part:
        return P
    if formula == -part:
        return -P
    if not formula.args or isinstance(formula, sympy.Indexed):
        return formula
    if formula.is_Add:
        for sign in (1, -1):
            rest = formula - sign * part
            if len(sympy.Add.make_args(rest)) < len(formula.args) or (not part.is_Add and sign * part in formula.args):
                again = _abstracted(rest, part) if rest != formula else None
                return None if again is None else again + sign * P
    return formula.func(*(_abstracted(inner, part) for inner in formula.args))
