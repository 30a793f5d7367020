"""`chainrule emit`: the module of a network."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Dtype, Spec, bounded
from codegen.collecting import never_collected
from codegen.training.progress import working
from symbolic.errors import CommandError


class Target(StrEnum):
    numpy = "numpy"
    torch = "torch"
    numba = "numba"


@never_collected()
def emit(
    spec: Spec,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The module's file; printed when left out.")
    ] = None,
    package: Annotated[
        Path | None,
        typer.Option("--package", metavar="DIR", help="A folder for two files: the module, and the runtime beside it."),
    ] = None,
    dtype: Annotated[Dtype, typer.Option(help="The type the module computes with unless told otherwise.")] = (
        Dtype.float64
    ),
    target: Annotated[Target, typer.Option(help="The library it computes with.")] = Target.numpy,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="METHOD,…", help="Methods past the gradient, such as jacobian,hessian."),
    ] = None,
    truncate: Annotated[
        int | None,
        typer.Option(metavar="STEPS", help="No error goes back over the border of a stretch of so many steps."),
    ] = None,
    passes: Annotated[bool, typer.Option("--passes", help="Say on stderr what each pass of the compiler did.")] = False,
    without: Annotated[
        list[str] | None, typer.Option(metavar="PASS", help="A pass that is left out; may be given several times.")
    ] = None,
) -> None:
    """Emit the module that computes Q and its gradient.

    It needs NumPy alone, unless another target is asked for.
    """
    from codegen.files import write
    from codegen.targets.numpy.emit import emit as emit_numpy
    from codegen.targets.numpy.emit import reports
    from codegen.targets.numpy.methods import methods_named
    from codegen.targets.package import package_of, place
    from codegen.targets.registry import emit_for

    methods = methods_named(name for given in with_ or () for name in given.split(","))
    if target is not Target.numpy and methods:
        raise CommandError(f"--with is of the target numpy, not of {target.value}")
    if target is not Target.numpy and truncate is not None:
        raise CommandError(f"--truncate is of the target numpy, not of {target.value}")
    if target is not Target.numpy and (passes or without):
        raise CommandError(f"--passes and --without are of the target numpy, not of {target.value}")
    if package is not None and output is not None:
        raise CommandError("--package writes two files into a folder, --output one file; give one of them")
    with bounded(spec) as network, working(f"compiling {network.name}"):
        where = place(package, network.name, target.value) if package is not None else None
        if target is Target.numpy:
            source = emit_numpy(network, dtype.value, without=without or (), methods=methods, truncate=truncate)
        else:
            source = emit_for(target.value, network, dtype.value)
        told = reports(network, without or ()) if passes else ()
    if passes:
        print(*told, sep="\n", file=sys.stderr)
    if where is not None:
        for path, text in zip(where, package_of(source), strict=True):
            print(write(path, text))
    elif output is None:
        print(source, end="")
    else:
        print(write(output, source))
