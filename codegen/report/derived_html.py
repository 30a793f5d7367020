"""Equations and derivations for a page: formulas in MathML, each step with its rule and its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from codegen.report.typeset import QQUAD, anchor
from symbolic import words
from symbolic.derivation.equations import Equation, Factor
from symbolic.derivation.record import Because, Step
from symbolic.derivation.rules import Rule
from symbolic.evidence.evidence import Evidence, Verdict
from symbolic.language.expr import Expr
from symbolic.notation.boxes import EQUALS, Box, Row
from symbolic.notation.breaking import broken
from symbolic.notation.mathml import math, mathml
from symbolic.notation.style import Style
from symbolic.words import Language, Text

#: The widest line of a formula, in em: beside a reason, and alone.
ROOM, WHOLE = 40.0, 54.0


def equation(left: Box, right: Box) -> list[str]:
    """The lines of one equation, each a formula."""
    first, *rest = broken(right, ROOM)
    return [math(Row((left, EQUALS, first)), display=True), *(math(line, display=True) for line in rest)]


def said(why: Because, style: Style, lang: str) -> str:
    """A reason: its words are text, its formulas MathML."""
    formulas: list[str] = []

    def kept(expr: Expr) -> str:
        formulas.append(mathml(expr, style))
        return f"\0{len(formulas) - 1}\0"

    parts = re.split(r"\0(\d+)\0", why.said(lang, kept))
    return "".join(formulas[int(part)] if k % 2 else escape(part) for k, part in enumerate(parts))


def derivation(equation_: Equation, rules: Sequence[Rule], lang: Language) -> dict[str, Any]:
    """A derivation: its goal, its lines, each with what there is to know of its step; ``rules`` are stated above."""
    steps = equation_.steps or (None,) * len(equation_.right)
    lines: list[dict[str, Any]] = []
    for box, why, step in zip(equation_.right, equation_.reasons, steps, strict=True):
        first, *rest = broken(box, ROOM)
        shown = [math(Row((EQUALS, first)), display=True), *(math(line, display=True) for line in rest)]
        reason = said(why, equation_.style, lang)
        inside = step_part(step, equation_.style, rules, lang) if step else None
        factors = [factor_part(factor, equation_.style, lang) for factor in equation_.factors_of(len(lines))]
        lines.append({"formula": shown, "why": reason, "step": inside, "factors": factors, "id": ""})
    result = [math(line, display=True) for line in broken(Row((equation_.left, EQUALS, equation_.right[-1])), WHOLE)]
    return {"goal": math(equation_.left, display=True), "result": result, "lines": lines, "shared": "", "key": ""}


def factor_part(factor: Factor, style: Style, lang: Language) -> dict[str, Any]:
    """What one factor of a line is, with its reason."""
    first, *rest = broken(factor.box, ROOM - QQUAD)
    shown = [math(line, display=True) for line in (first, *rest)]
    return {"formula": shown, "why": said(factor.because, style, lang)}


def step_part(step: Step, style: Style, rules: Sequence[Rule], lang: Language) -> dict[str, Any]:
    """The rule of a step, what it turned into what, the evidence, and the single rules inside."""
    return {
        **_rule(step.rule, rules, lang),
        "before": mathml(step.before, style),
        "after": mathml(step.after, style),
        "evidence": proof(step.evidence).text(lang),
        "substeps": [step_part(one, style, rules, lang) for one in step.substeps],
    }


def _rule(rule: Rule, rules: Sequence[Rule], lang: Language) -> dict[str, Any]:
    place = rules.index(rule) + 1 if rule in rules else None
    return {
        "rule": rule.name.text(lang),
        "anchor": anchor(rule) if place else "",
        "number": f"R{place}" if place else "",
        "law": math(rule.box),
    }


def proof(evidence: Evidence) -> Text:
    """What the evidence says, in words."""
    if evidence.verdict == Verdict.AGREES and evidence.digits is not None:
        return words.AGREES_TO.format(digits=evidence.digits, points=evidence.points)
    return words.PROVED_EXACTLY if evidence.verdict == Verdict.PROVED else words.VERDICTS[str(evidence.verdict)]
