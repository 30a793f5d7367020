"""`chainrule verify` and `audit`: what a person derived or programmed by hand, held against the truth."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Json, Lang, Language, show_json
from codegen.training.progress import working
from symbolic.errors import CommandError, SpecError
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


def audit(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE.py:FUNCTION", help="A person's own gradient in NumPy; FILE.py alone: the loop at its top."
        ),
    ],
    spec: Annotated[str, typer.Option(metavar="SPEC", help="The network that it is the gradient of.")],
    run: Annotated[bool, typer.Option("--run", help="Run the code: it is somebody's, so you must say so.")] = False,
    call: Annotated[
        str | None, typer.Option(metavar="CALL", help="How it is called: 'f(X, y, W1=w_h.T) -> dW1.T, db1'.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="CLASS.NAME", help="The method, where FILE.py alone is given.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="What an attribute or a global is; repeatable."),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that the code may take.", min=1)] = 30.0,
    watch: Annotated[bool, typer.Option("--watch", help="Mark it again whenever the file changes.")] = False,
    notebook: Annotated[bool, typer.Option("--notebook", help="The file is a notebook: FILE.ipynb:FUNCTION.")] = False,
    lang: Lang = Language.en,
    as_json: Json = False,
) -> None:
    """Compare a person's NumPy gradient with the derived one.

    Parameter by parameter; the slip is named.
    """
    from codegen.audit.auditing import audit as audit_gradient
    from codegen.audit.waiting import changes, in_notebook
    from symbolic.network.network import Network

    network = Network.load(spec)
    file, _, named = target.rpartition(":") if ":" in target else (target, "", "")
    of_class = f"{named}.{method}" if named and method and "." not in method else method
    whole = target if method is None else f"{file}:{of_class}"

    def mark() -> bool:
        with in_notebook(whole) if notebook or ".ipynb:" in whole else nullcontext(whole) as there:
            found = audit_gradient(there, network, run=run, timeout=timeout, call=call, settings=settings or ())
        if as_json:
            show_json(found.to_dict(lang.value))
        else:
            print(found.text(lang.value), flush=True)
        return found.agrees

    if not watch:
        raise typer.Exit(0 if mark() else 1)
    for _ in changes(Path(file)):
        try:
            mark()
        except SpecError as trouble:
            print(f"chainrule: {trouble.said.text(lang.value)}", flush=True)
