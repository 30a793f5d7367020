"""`chainrule train`: weights fitted to data."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from codegen.cli.options import Dtype, Encoding, Sizes, Spec, bounded, sizes
from symbolic.errors import CommandError

#: All the ways to move weights, for the help, which imports no NumPy.
NAMES = "gradient_descent, sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw, l-bfgs"


class Missing(StrEnum):
    refuse = "refuse"
    drop = "drop"


def train(
    spec: Spec,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA.npz|DATA.csv|DATA.tsv|DATA.csv.gz|DATA.parquet",
            help="The inputs' columns, then the target's.",
        ),
    ],
    optimizer: Annotated[str | None, typer.Option(metavar="NAME", help=f"{NAMES}; adam.")] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Passes over the sample; 200, or fewer by --tol.")
    ] = None,
    tol: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Stop when Q falls by less within --patience epochs; 0.0001, or never where --epochs is given.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Samples in one step; 32, all for gradient_descent.")
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="η",
            help="η in w ← w − η ∂Q/∂w; else the optimizer's own, divided by the samples of a step where its steps are "
            "as long as the gradient and Q is a sum: see `chainrule optimizers`.",
        ),
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="The target's column, if not the last; repeatable.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="A column that is no input, such as a number of rows.")
    ] = None,
    missing: Annotated[
        Missing, typer.Option(help="What is done about a table with gaps: refuse it, or drop the rows that have one.")
    ] = Missing.refuse,
    encoding: Encoding = None,
    standardize: Annotated[
        bool | None, typer.Option("--standardize", help="Bring inputs to mean 0 and variance 1, here and in predict.")
    ] = None,
    standardize_target: Annotated[
        bool | None,
        typer.Option("--standardize-target", help="The same for a target of any numbers; predictions are as it was."),
    ] = None,
    schedule: Annotated[str | None, typer.Option(metavar="NAME", help="constant, step, cosine or 1/t.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=NUMBER", help="A number of the optimizer or the schedule, such as beta_1=0.8."),
    ] = None,
    clip: Annotated[float | None, typer.Option(metavar="LENGTH", help="Shorten a longer gradient to this.")] = None,
    initializer: Annotated[str | None, typer.Option(metavar="NAME", help="normal, uniform, glorot or he.")] = None,
    frozen: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A parameter that stays as it is.")] = None,
    class_weight: Annotated[str | None, typer.Option(metavar="balanced", help="Let all classes count alike.")] = None,
    validation_fraction: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Keep these samples apart, and stop when they get worse.")
    ] = None,
    patience: Annotated[int | None, typer.Option(min=1, metavar="N", help="Epochs to wait for better ones.")] = None,
    truncate: Annotated[
        int | None,
        typer.Option(min=1, metavar="K", help="Of sequences: no error goes back over the border of K steps."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help="Draws first weights and batches; 0.")] = None,
    dtype: Annotated[Dtype | None, typer.Option(help="The type that it computes with.")] = None,
    size: Sizes = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where the weights are saved; SPEC.weights.npz here."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="BYTES", help="What arrays may unpack to; 2 GiB.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run to FILE that was broken off.")] = False,
    checkpoint_seconds: Annotated[
        float | None,
        typer.Option(min=0.0, metavar="SECONDS", help="Between two checkpoints, which lie beside FILE; 10."),
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw the loss over the epochs.")] = None,
) -> None:
    """Fit the network to data with its emitted trainer.

    Ctrl-C stops after the epoch, --resume goes on.
    """
    from codegen.training import progress
    from codegen.training import run as training
    from codegen.training.data import LIMIT, Wanted
    from symbolic.network.builtin import builtin_specs

    try:
        with bounded(spec) as network, progress.bar() as watch:
            run = training.train(
                network,
                data,
                sizes=sizes(size),
                output=output or default_output(network.name, resume),
                wanted=Wanted(
                    *(tuple(target or ()), tuple(ignore or ()), missing.value, encoding or ""), limit or LIMIT
                ),
                tol=tol,
                standardize=standardize,
                standardize_target=standardize_target,
                plot=plot,
                resume=resume,
                checkpoint_seconds=training.CHECKPOINT_SECONDS if checkpoint_seconds is None else checkpoint_seconds,
                watch=watch,
                spec=Path(spec) if spec not in builtin_specs() else None,
                optimizer=optimizer,
                epochs=epochs,
                batch_size=batch_size,
                learning_rate=learning_rate,
                schedule=schedule,
                settings=real_numbers(setting),
                clip=clip,
                initializer=initializer,
                frozen=tuple(frozen) if frozen else None,
                class_weight=class_weight,
                validation_fraction=validation_fraction,
                patience=patience,
                truncate=truncate,
                seed=seed,
                dtype=dtype and dtype.value,
            )
    except training.Interrupted as stopped:
        print(stopped)
        raise typer.Exit(130) from None
    print(run)


def default_output(name: str, resume: bool) -> Path:
    """Where weights go when nobody says: beside older ones, which are not written over."""
    taken = Path(f"{name}.weights.npz")
    number = 1
    while taken.exists() and not resume:
        number += 1
        taken = Path(f"{name}.weights-{number}.npz")
    return taken


def real_numbers(given: Sequence[str] | None) -> dict[str, float] | None:
    """``["beta_1=0.8"]`` as numbers by name; None when there are none."""
    numbers: dict[str, float] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        try:
            numbers[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise CommandError(f"--setting {text}: a name and a number are needed, such as --setting beta_1=0.8")
    return numbers or None
