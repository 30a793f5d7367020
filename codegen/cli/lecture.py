"""`chainrule lecture`: the lecture's whole way as one document."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Language
from codegen.training.progress import working


class LectureFormat(StrEnum):
    pdf = "pdf"
    slides = "slides"
    html = "html"
    tex = "tex"


def lecture(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder it is written to.")] = Path(
        "chainrule-lecture"
    ),
    format: Annotated[
        LectureFormat, typer.Option(help="pdf and slides write their .tex file too; html is one page for a browser.")
    ] = LectureFormat.pdf,
    lang: Annotated[Language, typer.Option("--lang", help="The language.")] = Language.ru,
    overlays: Annotated[
        bool, typer.Option("--overlays", help="Slides on which each step of a derivation appears on its own.")
    ] = False,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="pdflatex or xelatex; what there is when left out.")
    ] = None,
) -> None:
    """Write the whole lecture, with every formula derived.

    From the neuron to regularisation.
    """
    from codegen.report.lecturing import write_lecture

    with working("writing the lecture"):
        written = write_lecture(output, format.value, lang.value, overlays=overlays, engine=engine)
    for path in written:
        print(path)
