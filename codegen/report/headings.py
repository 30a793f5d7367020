"""The words of a report's templates, in one language; formulas inside them are drawn as the document draws them."""

from __future__ import annotations

from collections.abc import Callable

from codegen.report import training
from codegen.report.content import Content
from codegen.report.general import what_an_error_is
from symbolic import words
from symbolic.notation.boxes import Box
from symbolic.notation.matrix import HADAMARD, ONES
from symbolic.words import Language, Text


def headings(content: Content, lang: Language, formula: Callable[[Box], str]) -> dict[str, str]:
    said_of: dict[str, Text] = {
        "network": words.THE_NETWORK,
        "forward_caption": words.GRAPH_CAPTION,
        "units_caption": words.UNITS_CAPTION,
        "notation": words.NOTATION,
        "quantity": words.QUANTITY,
        "meaning": words.MEANING,
        "shape": words.SHAPE,
        "objective": words.THE_OBJECTIVE,
        "rules": words.RULES_USED,
        "derivation": words.DERIVATION,
        "unfold": words.UNFOLD,
        "steps": words.STEPS,
        "slopes": words.SLOPES,
        "backpropagation": words.BACKPROPAGATION_HEADING,
        "errors": words.ERRORS_DERIVED,
        "backward_caption": words.BACKWARD_CAPTION.format(error=formula(what_an_error_is(content.notation))),
        "forward_equations": words.FORWARD_EQUATIONS,
        "backward_equations": words.BACKWARD_EQUATIONS,
        "numbered": words.NUMBERED,
        "matrices": words.MATRIX_HEADING,
        "sample_rows": words.SAMPLE_ROWS.format(ones=formula(ONES), hadamard=formula(HADAMARD))
        + (words.same(" ") + words.ONE_OF_EACH_KIND if content.matrices_shortened else ""),
        "no_formula": words.NO_FORMULA,
        "no_matrix_form": words.NO_MATRIX_FORM,
        "gradients": words.FINAL_GRADIENTS,
        "code": words.CODE_HEADING,
        "program": words.PROGRAM_HEADING,
        "shortened": words.PROGRAM_LINES,
        "evidence": words.EVIDENCE_HEADING,
        "curve": words.CURVE_CAPTION,
        "becomes": words.BECOMES,
        "training": training.HEADING,
        "schedules": training.SCHEDULES_HEADING,
    }
    return {key: text.text(lang) for key, text in said_of.items()}
