"""`chainrule report`: everything about a network as one document."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.derive import Detail, Form
from codegen.cli.options import Lang, Language, Notation, Sizes, Spec, bounded, sizes
from codegen.collecting import never_collected
from codegen.training.progress import working


class ReportFormat(StrEnum):
    tex = "tex"
    pdf = "pdf"
    slides = "slides"
    html = "html"
    svg = "svg"
    tikz = "tikz"
    dot = "dot"
    moodle = "moodle"
    notebook = "notebook"


class BlankLevel(StrEnum):
    factor = "factor"
    line = "line"
    all = "all"


class Lemmas(StrEnum):
    full = "full"
    short = "short"
    cite = "cite"


@never_collected()
def report(
    spec: Spec,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder it is written to.")],
    format: Annotated[
        ReportFormat,
        typer.Option(
            help="pdf, slides write .tex too; html is one page; svg, tikz, dot: pictures; moodle, notebook: exercises."
        ),
    ] = ReportFormat.tex,
    lang: Lang = Language.en,
    notation: Annotated[Notation, typer.Option(help="How quantities are written.")] = Notation.lecture,
    fragment: Annotated[bool, typer.Option("--fragment", help="TeX to \\input into a document of one's own.")] = False,
    blanks: Annotated[
        str | None,
        typer.Option(metavar="WHICH", help="A sheet with blanks: all, odd, even, last, random, or 5,7-9."),
    ] = None,
    answers: Annotated[bool, typer.Option("--answers", help="The key of the sheet.")] = False,
    level: Annotated[BlankLevel, typer.Option(help="What a blank hides: a factor, a line, or all.")] = BlankLevel.line,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Another variant of the exercise.")] = 0,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="A title of one's own.")] = None,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="pdflatex or xelatex; what there is when left out.")
    ] = None,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="A worked example: one step of training in numbers.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="The example's numbers by name; what it leaves out is drawn."),
    ] = None,
    digits: Annotated[int, typer.Option(min=1, max=15, metavar="N", help="Significant digits of the example.")] = 4,
    sections: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,…", help="Which parts, by name; all but program, training and steps, which come on request."
        ),
    ] = None,
    wrt: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A parameter to derive by; repeatable.")] = None,
    form: Annotated[Form | None, typer.Option(help="How much is substituted; the lecture's way when left out.")] = None,
    detail: Annotated[Detail, typer.Option(help="The lecture's lines, or every rule.")] = Detail.line,
    lemmas: Annotated[
        Lemmas, typer.Option(help="Derivatives of the functions: every line, the result, or only cited.")
    ] = Lemmas.full,
    width: Annotated[
        float | None, typer.Option(metavar="MM", help="The lines of a fragment, in mm; an 11 pt article's are 126.")
    ] = None,
    overlays: Annotated[
        bool, typer.Option("--overlays", help="Slides on which each step of a derivation appears on its own.")
    ] = False,
    size: Sizes = None,
) -> None:
    """Write derivations, code and evidence as one document."""
    from codegen import report as reports
    from codegen.report.content import Choice

    options = reports.Options(
        format.value,
        lang.value,
        notation.value,
        fragment,
        blanks,
        answers=answers,
        level=level.value,
        seed=seed,
        title=title,
        engine=engine,
        numbers=numbers,
        data=data,
        digits=digits,
        overlays=overlays,
        sections=tuple(part.strip() for part in sections.split(",")) if sections else (),
        choice=Choice(tuple(wrt or ()), form and form.value, detail.value, lemmas.value),
        width=width,
    )
    with bounded(spec) as network, working(f"writing the report of {spec}"):
        sized = network.sized(**sizes(size)) if size else network
        written = reports.write_report(sized, output, options=options)
    for path in written:
        print(path)
