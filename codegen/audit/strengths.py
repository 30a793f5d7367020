"""What a λ of a person's code may be, beside that of the spec."""

from __future__ import annotations

import math
from collections.abc import Sequence

from codegen.audit.plans import Penalty, Plan
from codegen.audit.recipes import Recipe, formula_numbers
from codegen.audit.trials import Problem
from symbolic.language.expr import Expr, Hyper, Mul, Number, Sum
from symbolic.language.terms import walk
from symbolic.network.nodes import Regularizer
from symbolic.words import Text


def penalties(problem: Problem, recipes: Sequence[Recipe]) -> list[Penalty]:
    """What a λ may be: the spec's, the argument's default, twice the spec's (½ λ Σ w²), N times these (λ/N)."""
    regularizer = problem.network.regularizer
    if any("unknown number" in recipe.uses for recipe in recipes):
        return [Penalty(number) for number in formula_numbers(problem)]
    if regularizer is None:
        return [Penalty()]
    own = _strength(regularizer)
    defaults = [r.penalty_default for r in recipes if r.penalty_default]
    numbers = dict.fromkeys([own, *defaults, 2 * own])
    divided = [Penalty(c * own, by_samples=True) for c in (2, 1)]
    return [*map(Penalty, numbers), *(divided if problem.network.reduction == "mean" else ())]


def penalty_said(problem: Problem, plan: Plan) -> Text | None:
    """That the code is right under another meaning of its λ than the spec's, where nothing shows which it has."""
    own, *_ = penalties(problem, [plan.recipe])
    if problem.network.regularizer is None or "penalty" not in plan.recipe.uses or plan.penalty == own:
        return None
    text = Text(
        "right when its λ is {other}, as where Q has ½ λ Σ w² or λ/N; with λ = {own} the regulariser's term is off "
        "by that factor",
        "верно, если её λ равно {other}, как при ½ λ Σ w² или λ/N в Q; при λ = {own} слагаемое регуляризатора "
        "отличается на этот множитель",
    )
    return text.format(other=str(plan.penalty), own=str(own))


def _leading(formula: Expr) -> float:
    """The number that a formula is a multiple of: 1/20 of Σ 1/20 w²."""
    match formula:
        case Sum(body, _):
            return _leading(body)
        case Mul(factors):
            return math.prod(_leading(factor) for factor in factors)
        case Number(value):
            return float(value)
    return 1.0


def _strength(regularizer: Regularizer) -> float:
    """The λ of a regulariser: of its first term, or the first number of its formula."""
    if regularizer.terms:
        first = regularizer.terms[0]
        return float(getattr(first.weight, "value", 0)) * _leading(first.formula)
    numbers = [float(node.value) for node in walk(regularizer.total) if isinstance(node, (Number, Hyper))]
    return next((abs(number) for number in numbers if number), 1.0)
