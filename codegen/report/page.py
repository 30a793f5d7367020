"""The report as one page for a browser: MathML, steps that unfold, no script, nothing from a network."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from html import escape
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from codegen.report import blocks_html, svg, training
from codegen.report.content import Chain, Content, Numbered
from codegen.report.derived_html import derivation, equation, said
from codegen.report.document import DEFAULT, SECTIONS, chosen, numbers, witnessed, worst
from codegen.report.errors_by_step import HEADING, INTRODUCTION, LENGTH, SAMPLES, STEP, ErrorsByStep, errors_by_step
from codegen.report.general import minimised, what_an_error_is
from codegen.report.headings import headings
from codegen.report.linked import linked
from codegen.report.typeset import abridged, anchor, with_ranges
from codegen.runtime.check import CheckReport
from codegen.version import VERSION
from symbolic import words
from symbolic.derivation.as_data import identifier
from symbolic.network.objective import build_objective
from symbolic.notation.mathml import draw, math
from symbolic.notation.quantity_boxes import adjoint_key
from symbolic.words import Language


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


def page(content: Content, lang: Language = "en", title: str | None = None, sections: Collection[str] = DEFAULT) -> str:
    """The text of the page; ``title`` is plain text, a heading of one's own."""
    content = chosen(content, sections)
    name = content.network.name
    drawn = linked(build_objective(content.network), content.drawing)
    text: str = (
        environment()
        .get_template("report.html.j2")
        .render(
            lang=lang,
            version=VERSION,
            sections=[key for key in SECTIONS if key in sections],
            title=words.REPORT_TITLE.format(name=name).text(lang) if title is None else title,
            words=headings(content, lang, math),
            network=[equation(*sides) for sides in content.definitions],
            remark=" ".join(said(note, content.style, lang) for note in content.notes),
            picture=svg.picture(content.drawing, words.THE_GRAPH.text(lang), linked=drawn),
            backward_picture=svg.picture(
                content.drawing, words.THE_GRAPH_BACKWARD.text(lang), backward=True, linked=drawn
            ),
            links=LINKS,
            quantities=[
                (math(row.name), said(row.meaning, content.style, lang), math(row.shape) if row.shape else "")
                for row in content.quantities
            ],
            objective=equation(*content.objective),
            scheme=math(minimised(content.regularized, content.notation), display=True),
            rules=[
                (anchor(rule), f"R{k}", rule.name.text(lang), math(rule.box, display=True))
                for k, rule in enumerate(content.rules, 1)
            ],
            by_errors=words.BY_ERRORS.format(error=math(what_an_error_is(content.notation))).text(lang)
            if content.deep
            else "",
            slopes=[chain_part(chain, content, lang) for chain in content.slopes],
            derivations=[chain_part(chain, content, lang) for chain in content.derivations],
            laws=[blocks_html.block(one, lang) for one in content.laws],
            errors=[chain_part(chain, content, lang) for chain in content.errors],
            remarks=[said(remark, content.style, lang) for remark in content.remarks],
            forward=[numbered(one, content, lang) for one in content.forward],
            backward=[numbered(one, content, lang) for one in content.backward],
            matrices=[
                {"lines": equation(left, right), "why": said(why, content.style, lang) if why else ""}
                for left, right, why in content.matrices
            ],
            without_matrices=[equation(*sides) for sides in content.without_matrices],
            gradients=[equation(*sides) for sides in content.gradients],
            shortened=content.shortened,
            code=code_rows(content),
            program=content.program,
            evidence=evidence(content.evidence, lang) if content.evidence else None,
            training=training.tables(content.training, lang, math, method_row),
            steps=steps_part(errors_by_step(content.network), lang) if "steps" in sections else None,
            units=svg.picture(content.units, words.UNITS_CAPTION.text(lang)) if content.units else "",
            plots=[svg.graphs(plot.graphs, words.SLOPES.text(lang)) for plot in content.plots],
            parts=[blocks_html.part(one, lang) for one in content.parts],
            plot=svg.plot(
                content.curve,
                *(t.text(lang) for t in (words.AXIS_STEP, words.AXIS_ERROR, words.CENTRAL, words.ONE_SIDED)),
            )
            if content.curve
            else "",
        )
    )
    return text.replace(LINKS, lighting(text))


#: Where the page's rules of lighting come to stand.
LINKS = "/* what lights together */"


def lighting(text: str) -> str:
    """Rules of CSS that light every place of a quantity while one of them is pointed at, or has the focus."""
    keys = dict.fromkeys(key for found in re.findall(r'data-key="([^"]+)"', text) for key in found.split())
    return "\n".join(
        f':root:has([data-key~="{key}"]:is(:hover, :focus-visible)) [data-key~="{key}"] {{ --light: var(--lit); }}'
        for key in keys
    )


def chain_part(chain: Chain, content: Content, lang: Language) -> dict[str, Any]:
    """A derivation, and who shares it."""
    shared = (
        words.shared(", ".join(map(math, abridged(chain.others))), len(chain.others)).text(lang) if chain.others else ""
    )
    variable = chain.derivation.variable
    key = adjoint_key(variable.tensor.name) if variable is not None else ""
    shown = derivation(chain.equation, content.rules, lang)
    name = identifier(chain.derivation)
    lines = [{**line, "id": f"{name}/{number}"} for number, line in enumerate(shown["lines"], 1)]
    return {**shown, "lines": lines, "shared": shared, "key": key}


def numbered(one: Numbered, content: Content, lang: Language) -> dict[str, Any]:
    """An equation of the program; its number leads to the line of code."""
    others = numbers(one.others)
    return {
        "number": one.number,
        "key": one.key,
        "linked": any(one.number in line.cites for line in content.code),
        "lines": equation(one.left, with_ranges(one.right, one.ranges)),
        "others": words.SHARED_EQUATIONS.format(numbers=others).text(lang) if others else "",
    }


def code_rows(content: Content) -> list[dict[str, Any]]:
    """The plain NumPy, beside each line the equation that it computes, where it is first computed."""
    equations = {one.number: one for one in (*content.forward, *content.backward)}
    seen: set[int] = set()
    rows = []
    for line in content.code:
        new = [number for number in line.cites if number not in seen and number in equations]
        seen |= set(new)
        shown = [(number, equation(equations[number].left, equations[number].right)) for number in new]
        keys = " ".join(equations[number].key for number in line.cites if number in equations)
        rows.append({"text": line.text, "equations": shown, "key": keys})
    return rows


def evidence(checked: CheckReport, lang: Language) -> dict[str, Any]:
    about = [f"{name} = {number}" for name, number in checked.about["sizes"].items()]
    about.append(words.SAMPLES.format(number=checked.about["samples"]).text(lang))
    about.append(words.SEED.format(seed=checked.about["seed"]).text(lang))
    notes = []
    if checked.second:
        method = words.METHODS[checked.second.method].text(lang)
        notes.append(words.SECOND_OPINION.format(method=method, error=scientific(checked.second.error)).text(lang))
    if checked.witness:
        notes.append(witnessed(checked.witness, checked.witness.worst).text(lang))
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


def steps_part(found: ErrorsByStep | None, lang: Language) -> dict[str, str] | None:
    """The lengths of errors step by step, as a picture."""
    if found is None:
        return None
    return {
        "heading": HEADING.text(lang),
        "introduction": INTRODUCTION.format(samples=SAMPLES).text(lang),
        "picture": svg.lengths(found.curves, STEP.text(lang), LENGTH.text(lang)),
    }


def method_row(one: training.Method, lang: Language) -> dict[str, Any]:
    relation = "←" if one.assigns else "="
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
