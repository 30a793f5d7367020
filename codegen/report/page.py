"""The report as one page for a browser: MathML, steps that unfold, no script, nothing from a network."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from codegen.checking.check import CheckReport
from codegen.report import svg, training
from codegen.report.content import Chain, Content, Numbered
from codegen.report.document import ERRORS, SCHEMES, numbers, worst
from codegen.report.laws import law
from codegen.report.source import CodeLine
from codegen.report.typeset import abridged, anchor, with_ranges
from codegen.version import VERSION
from symbolic import words
from symbolic.derivation.record import Because, Step
from symbolic.derivation.rules import Rule
from symbolic.evidence.evidence import Evidence, Verdict
from symbolic.language.expr import Expr
from symbolic.notation.boxes import EQUALS, Box, Row, Script, sign
from symbolic.notation.breaking import broken
from symbolic.notation.mathml import draw, math, mathml
from symbolic.notation.matrix import HADAMARD, ONES
from symbolic.notation.style import Style
from symbolic.words import Language, Text

#: The widest line of a formula, in em: beside a reason, and alone.
ROOM, WHOLE = 40.0, 54.0


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Everything is text unless a formula or a drawing of ours, which the template marks ``safe``."""
    return Environment(
        loader=PackageLoader("codegen.report"),
        undefined=StrictUndefined,
        autoescape=True,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(content: Content, lang: Language = "en", title: str | None = None) -> str:
    """The text of the page; ``title`` is plain text, a heading of one's own."""
    name = content.network.name
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            lang=lang,
            version=VERSION,
            title=words.REPORT_TITLE.format(name=name).text(lang) if title is None else title,
            words=_words(content, lang),
            network=[equation(*sides) for sides in content.definitions],
            remark=" ".join(said(note, content.style, lang) for note in content.notes),
            picture=svg.picture(content.drawing, words.THE_GRAPH.text(lang)),
            backward_picture=svg.picture(content.drawing, words.THE_GRAPH_BACKWARD.text(lang), backward=True),
            quantities=[
                (math(row.name), said(row.meaning, content.style, lang), math(row.shape) if row.shape else "")
                for row in content.quantities
            ],
            objective=equation(*content.objective),
            scheme=math(_scheme(content), display=True),
            rules=[
                (anchor(rule), f"R{k}", rule.name.text(lang), math(law(rule.statement), display=True))
                for k, rule in enumerate(content.rules, 1)
            ],
            by_errors=words.BY_ERRORS.format(error=math(law(ERRORS[content.notation]))).text(lang)
            if content.deep
            else "",
            slopes=[chain_part(chain, content, lang) for chain in content.slopes],
            derivations=[chain_part(chain, content, lang) for chain in content.derivations],
            errors=[chain_part(chain, content, lang) for chain in content.errors],
            remarks=[said(remark, content.style, lang) for remark in content.remarks],
            forward=[numbered(one, content, lang) for one in content.forward],
            backward=[numbered(one, content, lang) for one in content.backward],
            matrices=[equation(*sides) for sides in content.matrices],
            without_matrices=[equation(*sides) for sides in content.without_matrices],
            gradients=[equation(*sides) for sides in content.gradients],
            shortened=content.shortened,
            code=[code_line(line) for line in content.code],
            evidence=evidence(content.evidence, lang) if content.evidence else None,
            training=training_part(content.training, lang),
            plot=svg.plot(
                content.curve,
                *(t.text(lang) for t in (words.AXIS_STEP, words.AXIS_ERROR, words.CENTRAL, words.ONE_SIDED)),
            )
            if content.curve
            else "",
        )
    )


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


def chain_part(chain: Chain, content: Content, lang: Language) -> dict[str, Any]:
    """A derivation: its goal, its lines, each with what there is to know of its step."""
    equation_ = chain.equation
    steps = equation_.steps or (None,) * len(equation_.right)
    lines = []
    for box, why, step in zip(equation_.right, equation_.reasons, steps, strict=True):
        first, *rest = broken(box, ROOM)
        shown = [math(Row((EQUALS, first)), display=True), *(math(line, display=True) for line in rest)]
        reason = said(why, equation_.style, lang)
        lines.append(
            {"formula": shown, "why": reason, "step": step_part(step, equation_.style, content, lang) if step else None}
        )
    shared = words.SHARED.format(others=", ".join(map(math, abridged(chain.others)))).text(lang) if chain.others else ""
    result = [math(line, display=True) for line in broken(Row((equation_.left, EQUALS, equation_.right[-1])), WHOLE)]
    return {"goal": math(equation_.left, display=True), "result": result, "lines": lines, "shared": shared}


def step_part(step: Step, style: Style, content: Content, lang: Language) -> dict[str, Any]:
    """The rule of a step, what it turned into what, the evidence, and the single rules inside."""
    return {
        **_rule(step.rule, content, lang),
        "before": mathml(step.before, style),
        "after": mathml(step.after, style),
        "evidence": proof(step.evidence).text(lang),
        "substeps": [step_part(one, style, content, lang) for one in step.substeps],
    }


def _rule(rule: Rule, content: Content, lang: Language) -> dict[str, Any]:
    place = content.rules.index(rule) + 1 if rule in content.rules else None
    return {
        "rule": rule.name.text(lang),
        "anchor": anchor(rule) if place else "",
        "number": f"R{place}" if place else "",
        "law": math(law(rule.statement)),
    }


def proof(evidence: Evidence) -> Text:
    """What the evidence says, in words."""
    if evidence.verdict == Verdict.AGREES and evidence.digits is not None:
        return words.AGREES_TO.format(digits=evidence.digits, points=evidence.points)
    return words.PROVED_EXACTLY if evidence.verdict == Verdict.PROVED else words.VERDICTS[str(evidence.verdict)]


def numbered(one: Numbered, content: Content, lang: Language) -> dict[str, Any]:
    """An equation of the program; its number leads to the line of code."""
    others = numbers(one.others)
    return {
        "number": one.number,
        "linked": any(line.cites == one.number for line in content.code),
        "lines": equation(one.left, with_ranges(one.right, one.ranges)),
        "others": words.SHARED_EQUATIONS.format(numbers=others).text(lang) if others else "",
    }


def code_line(line: CodeLine) -> dict[str, Any]:
    before, number, after = line.around if line.cites is not None else (line.text, "", "")
    return {"before": before, "number": number, "after": after, "cites": line.cites, "first": line.first}


def evidence(checked: CheckReport, lang: Language) -> dict[str, Any]:
    about = [f"{name} = {number}" for name, number in checked.about["sizes"].items()]
    about.append(words.SAMPLES.format(number=checked.about["samples"]).text(lang))
    about.append(words.SEED.format(seed=checked.about["seed"]).text(lang))
    notes = []
    if checked.second:
        method = words.METHODS[checked.second.method].text(lang)
        notes.append(words.SECOND_OPINION.format(method=method, error=scientific(checked.second.error)).text(lang))
    if len(worst(checked)) < len(checked.parameters):
        notes.append(words.WORST_SHOWN.format(number=len(checked.parameters)).text(lang))
    if checked.note:
        notes.append(words.DRAWN_AGAIN.text(lang))
    return {
        "setting": words.EVIDENCE_SETTING.format(sizes=", ".join(about), objective="Q").text(lang),
        "heads": [head.text(lang) for head in words.EVIDENCE_HEADS],
        "rows": [(p.name, " × ".join(map(str, p.shape)) or "1", scientific(p.error), p.worst) for p in worst(checked)],
        "notes": notes,
    }


def training_part(shown: training.Training, lang: Language) -> dict[str, Any]:
    """The optimizers and the schedules as rows of two tables."""
    return {
        "introduction": training.worded(training.INTRODUCTION, lang, math),
        "optimizers": [method_row(one, "←", lang) for one in shown.optimizers],
        "schedules_introduction": training.worded(training.SCHEDULES_INTRODUCTION, lang, math),
        "schedules": [method_row(one, "=", lang) for one in shown.schedules],
    }


def method_row(one: training.Method, relation: str, lang: Language) -> dict[str, Any]:
    return {
        "title": one.title.text(lang),
        "name": one.name,
        "notes": one.notes(lang, math, escape),
        "updates": [
            f'<math display="block"><mrow>{draw(left)}<mo>{relation}</mo>{draw(right)}</mrow></math>'
            for left, right in one.updates
        ],
    }


def scientific(value: float) -> str:
    """``2.5·10⁻¹¹``"""
    if not value:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def _scheme(content: Content) -> Box:
    """Q(w) = Σ L(yᵢ, a(xᵢ; w)) → min, as on the slide."""
    text = SCHEMES[content.notation] + (" + R(w)" if content.regularized else "")
    return Row((law(text), sign(" → "), Script(sign("min"), sign("w"))))


def _words(content: Content, lang: Language) -> dict[str, str]:
    said_of: dict[str, Text] = {
        "network": words.THE_NETWORK,
        "forward_caption": words.GRAPH_CAPTION,
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
        "backward_caption": words.BACKWARD_CAPTION.format(error=math(law(ERRORS[content.notation]))),
        "forward_equations": words.FORWARD_EQUATIONS,
        "backward_equations": words.BACKWARD_EQUATIONS,
        "numbered": words.NUMBERED,
        "matrices": words.MATRIX_HEADING,
        "sample_rows": words.SAMPLE_ROWS.format(ones=math(ONES), hadamard=math(HADAMARD))
        + (words.same(" ") + words.ONE_OF_EACH_KIND if content.matrices_shortened else ""),
        "no_formula": words.NO_FORMULA,
        "no_matrix_form": words.NO_MATRIX_FORM,
        "gradients": words.FINAL_GRADIENTS,
        "code": words.CODE_HEADING,
        "shortened": words.PROGRAM_LINES,
        "evidence": words.EVIDENCE_HEADING,
        "curve": words.CURVE_CAPTION,
        "becomes": words.BECOMES,
        "training": training.HEADING,
        "schedules": training.SCHEDULES_HEADING,
    }
    return {key: text.text(lang) for key, text in said_of.items()}
