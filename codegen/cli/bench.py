"""`chainrule bench`: how fast a module is."""

from __future__ import annotations

from typing import Annotated

import typer

from codegen.cli.options import Dtype, Json, Sizes, sizes


def bench(
    spec: Annotated[
        str | None,
        typer.Argument(metavar="[SPEC]", help="The network; when left out, the five that speed is promised for."),
    ] = None,
    size: Sizes = None,
    samples: Annotated[int | None, typer.Option("--samples", "-n", min=1, metavar="N", help="Samples; 128.")] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Threads of every contestant.")] = 1,
    dtype: Annotated[Dtype, typer.Option(help="The type that all compute with.")] = Dtype.float64,
    rounds: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Turns that each takes.")] = 100,
    as_json: Json = False,
) -> None:
    """Time the emitted module beside its bound and its peers.

    The peers are those of Numba, PyTorch, JAX and scikit-learn that are installed.
    """
    from codegen.bench import bench as benchmark

    given = ["--dtype", dtype.value, "--rounds", str(rounds), *(f"--size={n}={k}" for n, k in sizes(size).items())]
    given += [spec] if spec is not None else []
    given += ["--samples", str(samples)] if samples is not None else []
    raise typer.Exit(benchmark.in_own_process([*given, *(["--json"] if as_json else [])], threads))
