"""`chainrule scheme`: the derivation for any composition of functions."""

from __future__ import annotations

from typing import Annotated

import typer

from codegen.cli.derive import DeriveFormat, Width, show_derivations
from codegen.cli.options import Lang, Language, Notation


def scheme(
    depth: Annotated[int, typer.Option(help="How many layers of values are unrolled.")] = 2,
    lang: Lang = Language.en,
    format: Annotated[DeriveFormat, typer.Option(help="What is printed.")] = DeriveFormat.text,
    width: Width = None,
) -> None:
    """Derive ∂Q/∂w for any composition of functions."""
    from symbolic.derivation.scheme import general_scheme

    show_derivations([general_scheme(depth)], format, lang, Notation.lecture, alone=True, width=width)
