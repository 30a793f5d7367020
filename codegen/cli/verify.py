"""`chainrule verify` and `audit`: what a person derived or programmed by hand, held against the truth."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Json, Lang, Language, show_json
from codegen.training.progress import working


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
    lang: Lang = Language.en,
    as_json: Json = False,
) -> None:
    """Mark hand derivations line by line; of several files, print a table."""
    from codegen.report import marked as marking
    from symbolic.network.network import Network

    network = None if spec is None else Network.load(spec)
    marked = []
    with working("marking") as tell:
        for number, path in enumerate(files, 1):
            tell(f"marking {path} ({number} of {len(files)})")
            marked.append((path, marking.mark_file(path, network)))
    written = [] if report is None else marking.write_marked(marked, report, format.value, lang.value)
    if as_json:
        records = [found.to_dict(lang.value) for _, found in marked]
        show_json(records[0] if len(files) == 1 else {"files": dict(zip(map(str, files), records, strict=True))})
    else:
        print(marking.shown(marked, lang.value, colour=sys.stdout.isatty()))
        for path in written:
            print(path)
    raise typer.Exit(marking.exit_status(marked))


def audit(
    target: Annotated[str, typer.Argument(metavar="FILE.py:FUNCTION", help="A person's own gradient in NumPy.")],
    spec: Annotated[str, typer.Option(metavar="SPEC", help="The network that it is the gradient of.")],
    run: Annotated[bool, typer.Option("--run", help="Run the code: it is somebody's, so you must say so.")] = False,
    lang: Lang = Language.en,
    as_json: Json = False,
) -> None:
    """Compare a person's NumPy gradient with the derived one, parameter by parameter."""
    from codegen.checking.audit import audit as audit_gradient
    from symbolic.network.network import Network

    found = audit_gradient(target, Network.load(spec), run=run)
    if as_json:
        show_json(found.to_dict(lang.value))
    else:
        print(found.text(lang.value))
    raise typer.Exit(0 if found.agrees else 1)
