"""The report as a LaTeX document, or as a fragment to be \\input into one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from codegen.report import blocks_tex, training, typeset
from codegen.report.content import Chain, Content, Numbered
from codegen.report.errors_by_step import HEADING, INTRODUCTION, LENGTH, SAMPLES, STEP, ErrorsByStep, errors_by_step
from codegen.report.general import minimised, what_an_error_is
from codegen.report.headings import headings
from codegen.report.source import CodeLine
from codegen.report.step_sizes import Curve
from codegen.report.tikz import picture
from codegen.report.typeset import Measure, anchor, inline, listed, said, scientific, with_ranges
from codegen.runtime.check import CheckReport, ParameterCheck
from codegen.version import VERSION
from symbolic import words
from symbolic.derivation.as_data import identifier
from symbolic.derivation.rules import Rule
from symbolic.evidence.evidence import Verdict
from symbolic.interchange.testimony import Witness
from symbolic.notation.boxes import Box, tall
from symbolic.notation.breaking import width as width_of
from symbolic.notation.escape import code_line, escape
from symbolic.notation.latex import draw
from symbolic.words import Language, Text

#: babel's options; the last encoding is the document's.
BABEL = {"en": "english", "ru": "russian"}
ENCODINGS = {"en": "T2A,T1", "ru": "T1,T2A"}
#: A table with more rows than this is cut to half of that.
LONG_TABLE = 24
#: What a report may consist of, in its order.
SECTIONS = (
    *("network", "objective", "derivation", "backpropagation", "numbers", "matrices", "gradients"),
    *("notation", "rules", "code", "evidence", "program", "training", "steps"),
)
#: What is written where nobody chooses: not the optimised functions, nor the catalogue of optimizers, nor the errors
#: of a recurrence step by step.
DEFAULT = tuple(key for key in SECTIONS if key not in ("program", "training", "steps"))
#: The parts that speak of weighted sums and of errors.
OF_ERRORS = frozenset(("backpropagation", "matrices", "code", "program"))
#: The width of lines in millimetres: on A4 with margins of 22 mm, and in LaTeX's article at 11 pt.
A4, ARTICLE = 166.0, 126.0
#: The part of a line that an equation has beside its code.
HALF = 0.45
#: The width of a letter of code, in em of the text.
LETTER = 0.43
#: The column of reasons on a page.
WHY_WIDTH = "46mm"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment of LaTeX templates: ``<< value >>`` and ``%% statement``; undefined names are errors."""
    return Environment(
        loader=PackageLoader("codegen.report"),
        undefined=StrictUndefined,
        autoescape=False,  # values arrive as LaTeX: formulas from the printer, text through ``escape``
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        line_statement_prefix="%%",
        line_comment_prefix="%#",
    )


def document(
    content: Content,
    lang: Language = "en",
    fragment: bool = False,
    title: str | None = None,
    *,
    sections: Collection[str] = DEFAULT,
    width: float | None = None,
) -> str:
    """The text of the document; ``title`` is plain text, a heading of one's own.

    ``width`` is that of the lines in millimetres: of this document's page, or of an article at 11 pt for a fragment.
    """
    millimetres = width or (ARTICLE if fragment else A4)
    measure = typeset.of_width(millimetres)
    content = chosen(content, sections)
    template = environment().get_template("fragment.tex.j2" if fragment else "report.tex.j2")
    text: str = template.render(
        **setting(content, lang, title),
        heading=r"\subsection*" if fragment else r"\section",
        why_width=f"{measure.reason * typeset.EM:.1f}mm",
        sections=sections,
        width=f"{millimetres:g}",
        words=headings(content, lang, inline),
        **network_part(content, lang, measure),
        quantities=[
            {
                "name": inline(row.name),
                "meaning": said(row.meaning, content.style, lang),
                "strut": "15pt" if tall(row.name) else "0pt",
                "shape": inline(row.shape) if row.shape is not None else "",
            }
            for row in content.quantities
        ],
        objective=typeset.display([content.objective], measure),
        scheme=draw(minimised(content.regularized, content.notation)),
        rules=rule_rows(content.rules, lang),
        by_errors=by_errors(content, lang),
        slopes=[chain_part(chain, content, lang, measure)["lines"] for chain in content.slopes],
        derivations=[chain_part(chain, content, lang, measure) for chain in content.derivations],
        remarks=[said(remark, content.style, lang) for remark in content.remarks],
        backward_picture=picture(content.drawing, backward=True, width=millimetres),
        laws=blocks_tex.flow((one, blocks_tex.block(one, lang, content.rules, measure)) for one in content.laws),
        errors=[chain_part(chain, content, lang, measure) for chain in content.errors],
        forward=equations(content.forward, content, lang, measure),
        backward=equations(content.backward, content, lang, measure),
        matrices=typeset.explained(matrix_rows(content, lang), measure),
        without_matrices=typeset.display(content.without_matrices, measure) if content.without_matrices else "",
        gradients=typeset.display(content.gradients, Measure(line=measure.line - 2.5, reason=0.0)),
        shortened=escape(words.PROGRAM_LINES.text(lang)) if content.shortened else "",
        code=code_rows(content, measure, linked="backpropagation" in sections),
        program=[source_line(line) for line in content.program],
        evidence=evidence(content.evidence, lang) if content.evidence else None,
        curve=curve(content.curve, lang) if content.curve else None,
        training=training.tables(content.training, lang, inline, method_row),
        steps=steps_part(errors_by_step(content.network), lang) if "steps" in sections else None,
        units=picture(content.units, width=millimetres, height=60.0) if content.units else "",
        plots=[blocks_tex.block(plot, lang, measure=measure) for plot in content.plots],
        parts=blocks_tex.article(content.parts, lang, r"\subsection*" if fragment else r"\section", measure=measure),
    )
    return text.lstrip()


def chosen(content: Content, sections: Collection[str]) -> Content:
    """The content without what is only referred to: no rule is cited by a number that is nowhere stated."""
    rules = content.rules if "rules" in sections else ()
    code, program = (content.code if "code" in sections else ()), content.program
    if "backpropagation" not in sections:  # where the numbered equations are
        program = tuple(CodeLine(line.text) for line in program)
    table = content.quantities if OF_ERRORS & set(sections) else content.quantities_of_the_network
    return replace(content, rules=rules, code=code, program=program, quantities=table)


def matrix_rows(content: Content, lang: Language) -> list[tuple[Box, Box, str]]:
    """The matrix form with its reasons."""
    rows = content.matrices
    return [(left, right, said(why, content.style, lang) if why else "") for left, right, why in rows]


def code_rows(content: Content, measure: Measure, linked: bool) -> list[dict[str, Any]]:
    """The plain NumPy, beside each line the equation that it computes, where it is first computed; ``linked``: its
    number leads to where the equation stands."""
    equations_ = {one.number: one for one in (*content.forward, *content.backward)}
    seen: set[int] = set()
    rows = []
    for line in content.code:
        new = [number for number in line.cites if number not in seen and number in equations_]
        seen |= set(new)
        targets = "".join(rf"\chainruletarget{{line:{number}}}{{}}" for number in new)
        shown = [numbered_formula(equations_[number], measure, linked) for number in new]
        strut = "12pt" if any(tall(equations_[number].left) for number in new) else "0pt"
        wide = len(line.text) * LETTER > measure.line / 2
        rows.append(
            {"wide": wide, "strut": strut, "code": targets + code_line(line.text), "formula": r"\newline ".join(shown)}
        )
    return rows


def numbered_formula(one: Numbered, measure: Measure, linked: bool) -> str:
    """An equation in the half of a line beside its code, with its number."""
    room = HALF * measure.line - width_of(one.left) - 6.0
    first, *rest = typeset.lines(one.right, room)
    link = rf"\chainrulelink{{equation:{one.number}}}{{({one.number})}}" if linked else f"({one.number})"
    return r"\newline\hspace*{2em}".join([rf"{link} ${draw(one.left)} = {first}$", *(f"${line}$" for line in rest)])


def by_errors(content: Content, lang: Language) -> str:
    """Why a deep network is derived by its errors, and what they are."""
    error = inline(what_an_error_is(content.notation))
    return words.BY_ERRORS.format(error=error).text(lang) if content.deep else ""


def setting(content: Content, lang: Language, title: str | None = None) -> dict[str, str]:
    """What every LaTeX document needs: version, language, title."""
    name = rf"\texttt{{{escape(content.network.name)}}}"
    plain = escape(content.network.name)
    return {
        "version": escape(VERSION),
        "encodings": ENCODINGS[lang],
        "babel": BABEL[lang],
        "title": words.REPORT_TITLE.format(name=name).text(lang) if title is None else escape(title),
        "name": plain,
    }


def network_part(content: Content, lang: Language, measure: Measure = typeset.PAGE) -> dict[str, str]:
    """The network in formulas and as a drawing."""
    return {
        "network": typeset.display(content.definitions, measure),
        "remark": " ".join(said(note, content.style, lang) for note in content.notes),
        "picture": picture(content.drawing, width=measure.line * typeset.EM),
    }


def rule_rows(rules: Iterable[Rule], lang: Language) -> list[dict[str, str]]:
    return [
        {
            "anchor": anchor(rule),
            "label": f"R{place}",
            "name": escape(rule.name.text(lang)),
            "law": rule.statement,
            **_spacing("frac" in rule.statement or "sum" in rule.statement),
        }
        for place, rule in enumerate(rules, 1)
    ]


def _spacing(high: bool) -> dict[str, str]:
    """Room above and below the row of a table, so that fractions do not touch."""
    return {"strut": "17pt", "gap": "7pt"} if high else {"strut": "0pt", "gap": "3pt"}


def chain_part(chain: Chain, content: Content, lang: Language, measure: Measure = typeset.PAGE) -> dict[str, str]:
    """A derivation with its heading and who shares it."""
    return {
        "title": words.DERIVATION_OF.format(goal=inline(chain.equation.left)).text(lang),
        "lines": typeset.derivation(chain.equation, content.rules, lang, measure, identifier(chain.derivation)),
        "shared": words.shared(listed(chain.others), len(chain.others)).text(lang) if chain.others else "",
    }


def equations(shown: Iterable[Numbered], content: Content, lang: Language, measure: Measure = typeset.PAGE) -> str:
    """Numbered as in the program, each number a link to the line of code that computes it."""
    cited = {number for line in content.code for number in line.cites}
    rows: list[tuple[str, Box, Box]] = []
    notes = []
    for one in shown:
        number = rf"\chainrulelink{{line:{one.number}}}{{{one.number}}}" if one.number in cited else str(one.number)
        tag = rf"\tag{{\chainruletarget{{equation:{one.number}}}{{}}{number}}}"
        rows.append((tag, one.left, with_ranges(one.right, one.ranges)))
        if one.others:
            others = words.SHARED_EQUATIONS.format(numbers=numbers(one.others).replace("…", r"\dots"))
            notes.append(f"({one.number}): {others.text(lang)}")
    return "\n\n".join([typeset.numbered(rows, measure), *notes])


def numbers(found: Iterable[int]) -> str:
    """``(3), (6), …, (30)``: at most the first four and the last."""
    shown = [f"({number})" for number in found]
    return ", ".join(shown if len(shown) <= 6 else [*shown[:4], "…", shown[-1]])


def source_line(line: CodeLine) -> str:
    """A line of code; the numbers behind it lead to its equations."""
    links = [rf"\chainrulelink{{equation:{number}}}{{({number})}}" for number in line.cites]
    return code_line(line.text) + (rf"~ \# {', '.join(links)}" if links else "")


def evidence(checked: CheckReport, lang: Language) -> dict[str, Any]:
    """The gradient check as rows of a table."""
    rows = [
        [rf"\texttt{{{escape(p.name)}}}", shape(p.shape), f"${scientific(p.error)}$", rf"\texttt{{{escape(p.worst)}}}"]
        for p in worst(checked)
    ]
    notes = []
    if checked.second:
        method = words.METHODS[checked.second.method].text(lang)
        error = f"${scientific(checked.second.error)}$"
        notes.append(words.SECOND_OPINION.format(method=method, error=error).text(lang))
    if checked.witness:
        notes.append(witnessed(checked.witness, rf"\texttt{{{escape(checked.witness.worst)}}}").text(lang))
    if len(worst(checked)) < len(checked.parameters):
        notes.append(words.WORST_SHOWN.format(number=len(checked.parameters)).text(lang))
    if checked.note:
        notes.append(words.DRAWN_AGAIN.text(lang))
    return {
        "setting": point(checked, lang),
        "heads": [head.text(lang) for head in words.EVIDENCE_HEADS],
        "rows": rows,
        "notes": notes,
    }


def witnessed(witness: Witness, worst: str) -> Text:
    """What SymPy's derivative says, as a sentence; ``worst`` is the weight at which it differs, for this medium."""
    match witness.verdict:
        case Verdict.PROVED:
            return words.WITNESS_PROVED.format(number=witness.derivatives)
        case Verdict.AGREES:
            return words.WITNESS_AGREES.format(number=witness.derivatives, digits=witness.digits)
        case Verdict.REFUTED:
            return words.WITNESS_REFUTES.format(worst=worst)
    return words.WITNESS_LEFT_OUT


def worst(checked: CheckReport) -> tuple[ParameterCheck, ...]:
    """All parameters of a short table; of a long one those with the largest errors."""
    if len(checked.parameters) <= LONG_TABLE:
        return checked.parameters
    return tuple(sorted(checked.parameters, key=lambda p: -p.error))[: LONG_TABLE // 2]


def point(checked: CheckReport, lang: Language) -> str:
    """Where the gradient was checked, as a sentence."""
    about = [f"${escape(name)} = {number}$" for name, number in checked.about["sizes"].items()]
    about.append(words.SAMPLES.format(number=checked.about["samples"]).text(lang))
    about.append(words.SEED.format(seed=checked.about["seed"]).text(lang))
    return words.EVIDENCE_SETTING.format(sizes=", ".join(about), objective="$Q$").text(lang)


def curve(points: Curve, lang: Language) -> dict[str, str]:
    """The V of the errors as coordinates of pgfplots."""
    return {
        "central": coordinates(points.central),
        "one_sided": coordinates(points.one_sided),
        "step": words.AXIS_STEP.text(lang).replace("h", "$h$"),
        "error": words.AXIS_ERROR.text(lang),
        "central_name": words.CENTRAL.text(lang),
        "one_sided_name": words.ONE_SIDED.text(lang),
        "caption": escape(words.CURVE_CAPTION.text(lang)),
    }


def steps_part(found: ErrorsByStep | None, lang: Language) -> dict[str, Any] | None:
    """The lengths of errors as coordinates of pgfplots."""
    if found is None:
        return None
    return {
        "heading": HEADING.text(lang),
        "introduction": INTRODUCTION.format(samples=SAMPLES).text(lang),
        "step": f"{STEP.text(lang)} {inline(found.index)}",
        "length": LENGTH.text(lang),
        "curves": [(inline(curve.name), coordinates(curve.points)) for curve in found.curves],
    }


def coordinates(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"({h:.2e},{error:.1e})" for h, error in points)


def method_row(one: training.Method, lang: Language) -> dict[str, str]:
    relation = r"\gets" if one.assigns else "="
    updates = [rf"{draw(left)} &{relation} {draw(right)}" for left, right in one.updates]
    return {
        "title": escape(one.title.text(lang)),
        "name": rf"\texttt{{{escape(one.name)}}}",
        "notes": one.notes(lang, inline, escape),
        "updates": typeset.environment("aligned", updates),
    }


def shape(lengths: Iterable[int]) -> str:
    return "$" + (r" \times ".join(map(str, lengths)) or "1") + "$"
