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
from symbolic.errors import SpecError


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
    """Compare a person's NumPy gradient with the derived one, parameter by parameter; name the slip."""
    from codegen.audit.auditing import audit as audit_gradient
    from codegen.audit.waiting import changes, in_notebook
    from symbolic.network.network import Network

    network = Network.load(spec)
    whole = target if method is None else f"{target.rpartition(':')[0] if ':' in target else target}:{method}"

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
    for _ in changes(Path(whole.rpartition(":")[0])):
        try:
            mark()
        except SpecError as trouble:
            print(f"chainrule: {trouble}", flush=True)
