"""`chainrule specs`: the networks there are, and what one of them is made of."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from codegen.cli.options import terminal_width


def specs(
    spec: Annotated[
        str | None, typer.Argument(metavar="[SPEC]", help="One network, whose nodes are shown; all when left out.")
    ] = None,
) -> None:
    """List the built-in networks, or show one.

    Of one: its inputs, nodes, loss and regularizer.
    """
    if spec is not None:
        from symbolic.network.network import Network

        print(Network.load(spec))
        return
    from symbolic.network.builtin import about, builtin_specs

    names = builtin_specs()
    indent = max(map(len, names)) + 2
    for name in names:
        print(textwrap.fill(f"{name:<{indent}}{about(name)}", terminal_width(), subsequent_indent=" " * indent))
