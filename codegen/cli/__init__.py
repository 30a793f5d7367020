"""chainrule: write a network once; read its gradient, run it, have a hand derivation marked.

SPEC is the name of a built-in network ("chainrule specs" lists them) or the path of a TOML file.
Exit status: 0 it holds or is done; 1 the answer is no; 2 the input cannot be used.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from codegen.cli import derive, emit, lecture, manual, report, serve, train, verify
from codegen.version import VERSION
from symbolic.fuel import Exhausted
from symbolic.visible import visible

#: Each command and where it is written, in the order of `chainrule --help`.
COMMANDS: dict[str, Callable[..., None]] = {
    "specs": derive.specs,
    "derive": derive.derive_command,
    "scheme": derive.scheme,
    "report": report.report,
    "emit": emit.emit,
    "check": emit.check,
    "bench": emit.bench,
    "verify": verify.verify,
    "audit": verify.audit,
    "train": train.train,
    "predict": train.predict,
    "optimizers": train.optimizers,
    "serve": serve.serve,
    "lecture": lecture.lecture,
    "demo": report.demo,
    "schema": manual.schema,
    "help": manual.help_command,
}

app = typer.Typer(
    name="chainrule",
    help=__doc__,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich takes longer to load than all the rest of `chainrule --help`
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


#: What a person can ask for and no machine has room for.
TOO_MUCH: dict[type[Exception], str] = {
    MemoryError: "too large: it does not fit into the memory; give smaller sizes or shorter formulas",
    OverflowError: "too large: a number of it is above 1e308, the largest that can be worked with",
    RecursionError: "too deep: it is nested more than can be followed; name parts of it as nodes",
}


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
    except Exhausted:
        return refuse("too long: written out, its formulas are more than can be worked with; name parts as nodes")
    except (MemoryError, OverflowError, RecursionError) as error:
        return refuse(TOO_MUCH.get(type(error), f"too large: {error}"))
    except Exception as error:  # a fault of ours; `python -X dev -m codegen ...` shows where
        if sys.flags.dev_mode:
            raise
        return refuse(f"this is a fault of chainrule, please report it: {type(error).__name__}: {error}")


def refuse(message: str) -> int:
    print(f"chainrule: {' '.join(visible(message).split())}", file=sys.stderr)
    return 2
