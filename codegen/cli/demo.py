"""`chainrule demo`: all of it on two networks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder it is written to.")] = Path(
        "chainrule-demo"
    ),
) -> None:
    """Show all of it on the lecture's two networks.

    Derive, report, emit, check, train.
    """
    from codegen import demo as demonstration

    raise typer.Exit(0 if demonstration.run(output) else 1)
