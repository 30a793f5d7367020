"""`chainrule predict`: what a trained network makes of data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Encoding


def predict(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS.npz", help="What chainrule train saved.")],
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help="The inputs, by the names of their columns."),
    ],
    spec: Annotated[
        str | None, typer.Option(metavar="SPEC", help="The network, where the file of weights does not hold it.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT.csv|OUT.npz", help="Where predictions are written."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="BYTES", help="What arrays may unpack to; 2 GiB.")] = None,
    encoding: Encoding = None,
) -> None:
    """Say what a trained network makes of data.

    The class of each row, if it has any, and its outputs.
    """
    from codegen.training import prediction
    from codegen.training.data import LIMIT
    from symbolic.network.network import Network

    network = None if spec is None else Network.load(spec)
    found = prediction.predict(
        weights, data, spec=network, output=output, limit=limit or LIMIT, encoding=encoding or ""
    )
    if output is None:
        print(found, end="")
    else:
        print(f"{output}: {len(found.outputs)} predictions")
