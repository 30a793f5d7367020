"""`chainrule check`: whether a gradient is right."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Json, Sizes, bounded, show_json, sizes
from codegen.collecting import never_collected
from codegen.training.progress import working


@never_collected()
def check(
    spec: Annotated[str, typer.Argument(metavar="SPEC|MODULE.py", help="A network, or a file written by emit.")],
    size: Sizes = None,
    as_json: Json = False,
) -> None:
    """Check the gradient against differences, entry by entry."""
    from codegen.checking import trial

    limited = nullcontext(Path(spec)) if spec.endswith(".py") else bounded(spec)
    with working(f"checking {spec}"), limited as source:
        outcome = trial.check(source, sizes(size))
    if as_json:
        show_json(outcome.to_dict())
    else:
        print(outcome)
    raise typer.Exit(0 if outcome.agrees else 1)
