"""`chainrule audit`: what a person programmed by hand, held against the derived gradient."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Json, Lang, Language, show_json
from symbolic.errors import SpecError


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
