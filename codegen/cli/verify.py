"""`chainrule verify`: what a person derived by hand, marked."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Json, Lang, Language, show_json
from codegen.training.progress import working
from symbolic.errors import CommandError
from symbolic.visible import visible


class MarkingFormat(StrEnum):
    tex = "tex"
    pdf = "pdf"
    html = "html"


def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.tex...", help="Hand derivations in LaTeX.")],
    spec: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Their network; left out when a file has a %! header.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each with the marks in its margin to this folder.")
    ] = None,
    format: Annotated[MarkingFormat, typer.Option(help="What --report writes.")] = MarkingFormat.tex,
    jobs: Annotated[int, typer.Option(metavar="N", help="How many files are marked at once.", min=1, max=64)] = 1,
    lang: Lang = Language.en,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the table of a class as CSV and nothing else.")] = False,
) -> None:
    """Mark hand derivations line by line.

    Of several files it prints a table.  What is wrong with one of several files costs its row, not the others' marks.
    """
    from codegen.report.marked import exit_status, mark_files
    from codegen.report.marked_class import as_csv as csv_of
    from codegen.report.marked_class import record, shown
    from codegen.report.marked_files import write_marked

    if as_json and as_csv:
        raise CommandError("--json and --csv: one of them is printed")
    with working("marking") as tell:
        marked = mark_files(files, spec, jobs, tell)
    if as_json:
        show_json(record(marked, lang.value))
    elif as_csv:
        print(csv_of(marked, lang.value), end="")
    else:
        print(shown(marked, lang.value, colour=sys.stdout.isatty()))
    status = exit_status(marked)
    if report is not None:
        troubles: list[str] = []
        for path in write_marked(marked, report, format.value, lang.value, troubles.append):
            if not (as_json or as_csv):
                print(path)
        for trouble in troubles:
            print(f"chainrule: {' '.join(visible(trouble).split())}", file=sys.stderr)
        status = 2 if troubles else status
    raise typer.Exit(status)
