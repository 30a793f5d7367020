"""chainrule: write a network once; read its gradient, run it, have a hand derivation marked.

SPEC is the name of a built-in network (`chainrule specs` lists them) or the path of a TOML file.
Exit status: 0 it holds or is done; 1 the answer is no; 2 the input cannot be used.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from codegen import bench as benchmark
from codegen import demo as demonstration
from codegen import marking, progress, training, trial
from codegen import report as reports
from codegen.audit import audit as audit_gradient
from codegen.files import write
from codegen.optimizers import OPTIMIZERS
from codegen.targets import emit_for
from codegen.version import VERSION
from symbolic.derivation import Derivation
from symbolic.deriving import derive
from symbolic.errors import SpecError
from symbolic.forms.scheme import general_scheme
from symbolic.network import Network, builtin_specs
from symbolic.second_order import hessian, hessian_vector_product, jacobian
from symbolic.show import latex_document, text_document

app = typer.Typer(
    name="chainrule",
    help=__doc__,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

Spec = Annotated[str, typer.Argument(metavar="SPEC", help="A built-in name or the path of a TOML file.")]
Sizes = Annotated[
    list[str] | None, typer.Option("--size", metavar="NAME=NUMBER", help="A size as a number, such as D=5; repeatable.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


class Form(StrEnum):
    chain = "chain"
    expanded = "expanded"
    backprop = "backprop"
    matrix = "matrix"


class Detail(StrEnum):
    line = "line"
    rule = "rule"


class Language(StrEnum):
    en = "en"
    ru = "ru"


class Quantity(StrEnum):
    gradient = "gradient"
    hessian = "hessian"
    hessian_vector = "hessian-vector"
    jacobian = "jacobian"


class Notation(StrEnum):
    lecture = "lecture"
    bishop = "bishop"


PAST_THE_GRADIENT = {
    Quantity.hessian: hessian,
    Quantity.hessian_vector: hessian_vector_product,
    Quantity.jacobian: jacobian,
}


class DeriveFormat(StrEnum):
    text = "text"
    latex = "latex"
    json = "json"


class ReportFormat(StrEnum):
    tex = "tex"
    pdf = "pdf"
    slides = "slides"
    html = "html"


class OptimizerFormat(StrEnum):
    text = "text"
    latex = "latex"


class MarkingFormat(StrEnum):
    tex = "tex"
    pdf = "pdf"
    html = "html"


class Dtype(StrEnum):
    float64 = "float64"
    float32 = "float32"


class Target(StrEnum):
    numpy = "numpy"
    torch = "torch"
    numba = "numba"


Lang = Annotated[Language, typer.Option("--lang", help="The language of the reasons.")]


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"chainrule {VERSION}")
        raise typer.Exit


@app.callback()
def chainrule(
    shown: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """The options that stand before a command."""


@app.command()
def specs() -> None:
    """List the built-in networks."""
    for name in builtin_specs():
        print(Network.load(name))


@app.command("derive")
def derive_command(
    spec: Spec,
    wrt: Annotated[str | None, typer.Option(metavar="NAME", help="The parameter; all weights when left out.")] = None,
    form: Annotated[Form | None, typer.Option(help="How much is substituted; the lecture's way when left out.")] = None,
    detail: Annotated[Detail, typer.Option(help="The lecture's lines, or every rule.")] = Detail.line,
    of: Annotated[Quantity, typer.Option(help="The gradient, or a derivative past it.")] = Quantity.gradient,
    lang: Lang = Language.en,
    notation: Annotated[Notation, typer.Option(help="How quantities are written.")] = Notation.lecture,
    format: Annotated[DeriveFormat, typer.Option(help="What is printed.")] = DeriveFormat.text,
) -> None:
    """Derive ∂Q/∂w step by step, with the reason of every step."""
    network = Network.load(spec)
    if of is not Quantity.gradient:
        if form is not None:
            raise SpecError(f"--form: {form.value} is a form of the gradient; leave it out for --of {of.value}")
        derivations = [PAST_THE_GRADIENT[of](network, wrt).in_detail(detail.value)]
    else:
        names = reports.weights(network) if wrt is None else [wrt]
        derivations = [derive(network, name, form=form and form.value, detail=detail.value) for name in names]
    show_derivations(derivations, format, lang, notation, alone=wrt is not None)


@app.command()
def scheme(
    depth: Annotated[int, typer.Option(help="How many layers of values are unrolled.")] = 2,
    lang: Lang = Language.en,
    format: Annotated[DeriveFormat, typer.Option(help="What is printed.")] = DeriveFormat.text,
) -> None:
    """Derive the general scheme: ∂Q/∂w for any composition of differentiable functions."""
    show_derivations([general_scheme(depth)], format, lang, Notation.lecture, alone=True)


def show_derivations(
    derivations: list[Derivation], format: DeriveFormat, lang: Language, notation: Notation, *, alone: bool
) -> None:
    """Print derivations of one network; as JSON one object, that of the derivation when it was asked for alone."""
    match format:
        case DeriveFormat.json if alone:
            show_json(derivations[0].to_dict(lang.value))
        case DeriveFormat.json:
            found = [derivation.to_dict(lang.value) for derivation in derivations]
            show_json({"network": derivations[0].network, "derivations": found})
        case DeriveFormat.latex:
            print(latex_document(derivations, lang.value, notation.value))
        case DeriveFormat.text:
            print(text_document(derivations, lang.value, notation.value))


@app.command()
def report(
    spec: Spec,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder it is written to.")],
    format: Annotated[
        ReportFormat, typer.Option(help="pdf and slides write their .tex file too; html is one page for a browser.")
    ] = ReportFormat.tex,
    lang: Lang = Language.en,
    notation: Annotated[Notation, typer.Option(help="How quantities are written.")] = Notation.lecture,
    fragment: Annotated[bool, typer.Option("--fragment", help="TeX to \\input into a document of one's own.")] = False,
    blanks: Annotated[
        str | None,
        typer.Option(metavar="WHICH", help="A sheet with blanks: all, odd, even, last, or numbers of lines: 5,7-9."),
    ] = None,
    answers: Annotated[bool, typer.Option("--answers", help="The key of the sheet.")] = False,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="A title of one's own.")] = None,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="pdflatex or xelatex; what there is when left out.")
    ] = None,
) -> None:
    """Write the network, its derivations, its code and the evidence as one document."""
    options = reports.Options(
        format.value, lang.value, notation.value, fragment, blanks, answers=answers, title=title, engine=engine
    )
    for path in reports.write_report(Network.load(spec), output, options=options):
        print(path)


@app.command()
def emit(
    spec: Spec,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The module's file; printed when left out.")
    ] = None,
    dtype: Annotated[Dtype, typer.Option(help="The type the module computes with unless told otherwise.")] = (
        Dtype.float64
    ),
    target: Annotated[Target, typer.Option(help="The library it computes with.")] = Target.numpy,
) -> None:
    """Emit the module that computes Q and its gradient, with NumPy alone unless another target is asked for."""
    source = emit_for(target.value, Network.load(spec), dtype.value)
    if output is None:
        print(source, end="")
    else:
        print(write(output, source))


@app.command()
def check(
    spec: Annotated[str, typer.Argument(metavar="SPEC|MODULE.py", help="A network, or a file written by emit.")],
    size: Sizes = None,
    as_json: Json = False,
) -> None:
    """Check the gradient against differences, entry by entry."""
    outcome = trial.check(spec, sizes(size))
    if as_json:
        show_json(outcome.to_dict())
    else:
        print(outcome)
    raise typer.Exit(0 if outcome.agrees else 1)


@app.command()
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
    """Time the emitted module against its bound and against every library that is installed."""
    given = ["--dtype", dtype.value, "--rounds", str(rounds), *(f"--size={n}={k}" for n, k in sizes(size).items())]
    given += [spec] if spec is not None else []
    given += ["--samples", str(samples)] if samples is not None else []
    raise typer.Exit(benchmark.in_own_process([*given, *(["--json"] if as_json else [])], threads))


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.tex...", help="Hand derivations in LaTeX.")],
    spec: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Their network; left out when a file has a %! header.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each with the marks in its margin to this folder.")
    ] = None,
    format: Annotated[MarkingFormat, typer.Option(help="What --report writes.")] = MarkingFormat.tex,
    lang: Lang = Language.en,
    as_json: Json = False,
) -> None:
    """Mark hand derivations line by line; of several files, print a table."""
    network = None if spec is None else Network.load(spec)
    marked = [(path, marking.mark_file(path, network)) for path in files]
    written = [] if report is None else marking.write_marked(marked, report, format.value, lang.value)
    if as_json:
        records = [found.to_dict(lang.value) for _, found in marked]
        show_json(records[0] if len(files) == 1 else {"files": dict(zip(map(str, files), records, strict=True))})
    else:
        print(marking.shown(marked, lang.value, colour=sys.stdout.isatty()))
        for path in written:
            print(path)
    raise typer.Exit(marking.exit_status(marked))


@app.command()
def audit(
    target: Annotated[str, typer.Argument(metavar="FILE.py:FUNCTION", help="A person's own gradient in NumPy.")],
    spec: Annotated[str, typer.Option(metavar="SPEC", help="The network that it is the gradient of.")],
    run: Annotated[bool, typer.Option("--run", help="Run the code: it is somebody's, so you must say so.")] = False,
    lang: Lang = Language.en,
    as_json: Json = False,
) -> None:
    """Compare a person's NumPy gradient with the derived one, parameter by parameter."""
    found = audit_gradient(target, Network.load(spec), run=run)
    if as_json:
        show_json(found.to_dict(lang.value))
    else:
        print(found.text(lang.value))
    raise typer.Exit(0 if found.agrees else 1)


@app.command()
def train(
    spec: Spec,
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA.npz|DATA.csv|DATA.parquet", help="The inputs' columns, then the target's."),
    ],
    optimizer: Annotated[str | None, typer.Option(metavar="NAME", help="How the weights are moved: adam, ...")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, metavar="N", help="Passes over the sample; 100.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, metavar="N", help="Samples in one step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(metavar="η", help="The optimizer's own when left out.")] = None,
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
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help="Draws first weights and batches; 0.")] = None,
    dtype: Annotated[Dtype | None, typer.Option(help="The type that it computes with.")] = None,
    size: Sizes = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where the weights are saved.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run to FILE that was broken off.")] = False,
    checkpoint_seconds: Annotated[
        float, typer.Option(min=0.0, metavar="SECONDS", help="Between two checkpoints, which lie beside FILE.")
    ] = training.CHECKPOINT_SECONDS,
    plot: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw the loss over the epochs.")] = None,
) -> None:
    """Fit the network to data with its emitted trainer; Ctrl-C stops after the epoch, --resume goes on."""
    try:
        with progress.bar() as watch:
            run = training.train(
                Network.load(spec),
                data,
                sizes=sizes(size),
                output=output,
                plot=plot,
                resume=resume,
                checkpoint_seconds=checkpoint_seconds,
                watch=watch,
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
                seed=seed,
                dtype=dtype and dtype.value,
            )
    except training.Interrupted as stopped:
        print(stopped)
        raise typer.Exit(130) from None
    print(run)


@app.command()
def optimizers(
    lang: Lang = Language.en,
    format: Annotated[OptimizerFormat, typer.Option(help="What is printed.")] = OptimizerFormat.text,
) -> None:
    """List how weights can be moved: formulas, numbers taken by default, sources."""
    for one in OPTIMIZERS.values():
        if format is OptimizerFormat.latex:
            print(f"% {one.heading(lang.value)}\n\\[\n{one.latex()}\n\\]")
        else:
            print(one.heading(lang.value), *(f"  {line}" for line in one.lines()), sep="\n")


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder it is written to.")] = Path(
        "chainrule-demo"
    ),
) -> None:
    """Show all of it on the lecture's two networks: derive, report, emit, check, train."""
    raise typer.Exit(0 if demonstration.run(output) else 1)


def sizes(given: Sequence[str] | None) -> dict[str, int]:
    """``["D=5", "J=2"]`` as numbers by name."""
    numbers: dict[str, int] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier() and value.isascii() and value.isdigit() and int(value) > 0):
            raise SpecError(f"--size {text}: a name and a whole number of at least 1 are needed, such as --size D=5")
        if numbers.get(name, int(value)) != int(value):
            raise SpecError(f"--size {text}: {name} = {numbers[name]} was given before")
        numbers[name] = int(value)
    return numbers


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
            raise SpecError(f"--setting {text}: a name and a number are needed, such as --setting beta_1=0.8")
    return numbers or None


def show_json(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; whatever goes wrong is one line on stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without Greek letters shows their numbers
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = app(args=list(sys.argv[1:] if argv is None else argv), prog_name="chainrule", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except typer.TyperException as error:
        format_message = getattr(error, "format_message", None)
        return refuse((format_message() if format_message else str(error)).replace("Value error, ", ""))
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except (BrokenPipeError, SystemExit):
        # The reader has left (`| head`): say nothing, now or when Python flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (ValueError, ImportError) as error:
        return refuse(str(error))
    except Exception as error:  # a fault of ours; `python -X dev -m codegen ...` shows where
        if sys.flags.dev_mode:
            raise
        return refuse(f"this is a fault of chainrule, please report it: {type(error).__name__}: {error}")


def refuse(message: str) -> int:
    print(f"chainrule: {' '.join(message.split())}", file=sys.stderr)
    return 2
