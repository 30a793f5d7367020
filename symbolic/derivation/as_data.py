"""A derivation as plain data, for JSON: its lines with rules, evidence and trees, under identifiers that stay."""

from __future__ import annotations

from symbolic.derivation.equations import definition_equations, reasons, rows
from symbolic.derivation.record import Derivation, Step
from symbolic.derivation.written_in import base_style, style_of
from symbolic.language.expr import Expr
from symbolic.language.trees import tree
from symbolic.notation.arrange import arrange
from symbolic.notation.latex import draw as latex_box
from symbolic.notation.quantity_boxes import adjoint_key, quantity_key
from symbolic.notation.style import Style
from symbolic.notation.unicode import definition_unicode, unicode
from symbolic.notation.unicode import draw as unicode_box


def dict_derivation(derivation: Derivation, lang: str = "en", notation: str | Style = "lecture") -> dict[str, object]:
    """Everything there is to know of a derivation, for JSON; its lemmas speak of the same definitions."""
    known = base_style(derivation, notation)
    style = style_of(derivation, known)
    definitions = [definition_unicode(d, style) for d in derivation.definitions]
    sides = definition_equations(derivation, known)
    latex_of = [f"{latex_box(left)} = {latex_box(right)}" for left, right in sides]
    return {
        "network": derivation.network,
        "definitions": definitions,
        "definitions_latex": latex_of,
        "equations": [
            {
                "id": quantity_key(definition.target),
                "latex": latex,
                "target": tree(definition.entry),
                "formula": tree(definition.formula),
            }
            for definition, latex in zip(derivation.definitions, latex_of, strict=True)
        ],
        **_lines_dict(derivation, lang, known),
        "evidence": derivation.evidence,
    }


def _lines_dict(derivation: Derivation, lang: str, known: Style) -> dict[str, object]:
    goal_style, lines = rows(derivation, known)
    style = style_of(derivation, known)
    return {
        "id": identifier(derivation),
        "wrt": derivation.wrt,
        "form": derivation.form,
        "goal": _both(derivation.goal, goal_style),
        "steps": [
            {
                "id": f"{identifier(derivation)}/{number}",
                **_step_dict(row.step, row.style, why.said(lang, lambda expr: unicode(expr, style)), lang),
            }
            for number, (row, why) in enumerate(zip(lines, reasons(derivation, lines), strict=True), 1)
        ],
        "result": _both(derivation.result, lines[-1].style if lines else style),
        "evidence": derivation.evidence_of_steps,
        "lemmas": [_lines_dict(lemma, lang, known) for lemma in derivation.lemmas],
        "remarks": [remark.said(lang, lambda expr: unicode(expr, style)) for remark in derivation.remarks],
    }


def _step_dict(step: Step, style: Style, because: str, lang: str, trees: bool = True) -> dict[str, object]:
    """``trees``: of the lines; the single rules inside a line go without, or the text would be mostly these."""
    write = _both if trees else _written
    return {
        "rule": step.rule.name.text(lang),
        "key": step.rule.key,
        "because": because,
        "before": write(step.before, style),
        "after": write(step.after, style),
        "line": write(step.line, style),
        "evidence": {"verdict": str(step.evidence.verdict), "digits": step.evidence.digits},
        "substeps": [
            _step_dict(single, style, single.reason.said(lang, lambda expr: unicode(expr, style)), lang, trees=False)
            for single in step.substeps
        ],
    }


def _both(expr: Expr, style: Style) -> dict[str, object]:
    return {**_written(expr, style), "tree": tree(expr)}


def _written(expr: Expr, style: Style) -> dict[str, object]:
    box = arrange(expr, style)
    return {"latex": latex_box(box), "text": unicode_box(box)}


def identifier(derivation: Derivation) -> str:
    """What is derived, by the key that it has in every medium, and in which form: ``e:w_1/chain``."""
    by = derivation.variable
    key = adjoint_key(by.tensor.name) if by is not None else f"slope:{derivation.wrt}"
    return f"{key}/{derivation.form}"
