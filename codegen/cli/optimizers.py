"""`chainrule optimizers`: how weights can be moved."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from codegen.cli.options import Lang, Language


class OptimizerFormat(StrEnum):
    text = "text"
    latex = "latex"


def optimizers(
    lang: Lang = Language.en,
    format: Annotated[OptimizerFormat, typer.Option(help="What is printed.")] = OptimizerFormat.text,
) -> None:
    """List the optimizers: formulas, defaults, sources."""
    from codegen.updates.optimizers import OPTIMIZERS as described

    for one in described.values():
        if format is OptimizerFormat.latex:
            print(f"% {one.heading(lang.value)}\n\\[\n{one.latex()}\n\\]")
        else:
            print(one.heading(lang.value), *(f"  {line}" for line in one.lines()), sep="\n")
