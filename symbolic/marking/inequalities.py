"""``… ≥ 0`` behind a chain: looked at in numbers, never proved.

A sampled point may break an inequality because nobody said that λ is positive; so it is wrong only where it fails
at every point that was tried.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from symbolic.evidence.evidence import Evidence, Verdict
from symbolic.language.expr import Expr, add, neg
from symbolic.language.terms import free_indices
from symbolic.marking.marking import GIVEN, Diagnosis
from symbolic.marking.meaning.sides import Read
from symbolic.marking.model.premises import Premises
from symbolic.marking.text.chains import Bound
from symbolic.marking.text.token_kinds import RELATIONS
from symbolic.words import Text

INEQUALITY = Text("an inequality", "неравенство")
NOT_TRIED = Text("not marked: only '=' is", "не проверяется: проверяются только равенства")
HOLDS = Text(
    "holds at all {count} points tried; it is not proved", "верно во всех {count} взятых точках; это не доказательство"
)
SOMETIMES = Text(
    "holds at {holding} of {count} points tried: under what condition is it claimed?",
    "верно в {holding} из {count} взятых точек: при каком условии это утверждается?",
)
FAILS = Text(
    "the inequality holds at none of the points tried: is it the other way round, or a sign wrong?",
    "неравенство неверно ни в одной из взятых точек: не перевёрнуто ли оно, верны ли знаки?",
)
#: What floats may be off, of the larger side.
TOLERANCE = 1e-9


def bound_holds(
    premises: Premises, before: Read | None, bound: Bound, here: Read, everywhere: bool
) -> tuple[str, dict[str, Any]]:
    """The verdict of what stands behind a sign of order, and what is said of it.

    Only what is claimed ``everywhere``, under no condition, can be wrong.
    """
    said: dict[str, Any] = {"rule": INEQUALITY, "note": NOT_TRIED}
    sign = RELATIONS.get(bound.sign.text, "")
    if before is None or sign not in ("<", "<=", ">", ">="):
        return GIVEN, said
    best: tuple[int, int] | None = None
    for one, other in product(before.meanings, here.meanings):
        if one.value.axes or other.value.axes:
            continue
        low, high = (other, one) if sign in (">", ">=") else (one, other)
        found = counted(premises, add(high.value.expr, neg(low.value.expr)), (*one.auxiliary, *other.auxiliary))
        best = max(filter(None, (best, found)), default=None)
    if best is None:
        return GIVEN, said
    holding, count = best
    if holding or not everywhere:
        note = (HOLDS if holding == count else SOMETIMES).format(holding=holding, count=count)
        return GIVEN, said | {"note": note}
    evidence = Evidence(Verdict.REFUTED, points=count)
    return "refuted", {"diagnosis": Diagnosis("sign", FAILS, span=bound.span), "evidence": evidence}


def counted(premises: Premises, difference: Expr, auxiliary: tuple[Any, ...]) -> tuple[int, int] | None:
    """At how many points a difference is no less than zero, and how many were tried."""
    points = premises.numbers if premises.worked.entries else premises.points
    values = points.values(difference, tuple(sorted(free_indices(difference))), auxiliary)
    numbers = np.concatenate([np.ravel(array) for array in values or []] or [np.empty(0)])
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return None
    return int((numbers >= -TOLERANCE * max(1.0, np.abs(numbers).max())).sum()), int(numbers.size)
