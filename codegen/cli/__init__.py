"""chainrule: write a network once; read its gradient, run it, have a hand derivation marked.

SPEC is the name of a built-in network ("chainrule specs" lists them) or the path of a TOML file.
Exit status: 0 it holds or is done; 1 the answer is no; 2 the input cannot be used.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pkgutil import resolve_name
from typing import Annotated

import typer

from codegen.version import VERSION
from symbolic.errors import SpecError
from symbolic.fuel import Exhausted
from symbolic.visible import visible
from symbolic.words import FAULT, Language, Text, same

#: Each command and where it is written, in the order of `chainrule --help`.
COMMANDS: dict[str, str] = {
    "specs": "specs:specs",
    "derive": "derive:derive_command",
    "scheme": "scheme:scheme",
    "report": "report:report",
    "emit": "emit:emit",
    "check": "check:check",
    "bench": "bench:bench",
    "verify": "verify:verify",
    "audit": "audit:audit",
    "train": "train:train",
    "predict": "predict:predict",
    "optimizers": "optimizers:optimizers",
    "serve": "serve:serve",
    "lecture": "lecture:lecture",
    "demo": "demo:demo",
    "schema": "schema:schema",
    "help": "help:help_command",
}

#: What a person can ask for and no machine has room for.
TOO_MUCH: dict[type[Exception], Text] = {
    MemoryError: Text(
        "too large: it does not fit into the memory; give smaller sizes or shorter formulas",
        "слишком велико: не помещается в память; возьмите размеры меньше или формулы короче",
    ),
    OverflowError: Text(
        "too large: a number of it is above 1e308, the largest that can be worked with",
        "слишком велико: одно из чисел больше 1e308, наибольшего, с которым можно работать",
    ),
    RecursionError: Text(
        "too deep: it is nested more than can be followed; name parts of it as nodes",
        "слишком глубокая вложенность; выделите части в отдельные узлы",
    ),
}
TOO_LONG = Text(
    "too long: written out, its formulas are more than can be worked with; name parts as nodes",
    "слишком длинно: в развёрнутом виде формул больше, чем можно обработать; выделите их части в узлы",
)


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"chainrule {VERSION}")
        raise typer.Exit


def chainrule(
    shown: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """The options that stand before a command."""


def app_of(given: Sequence[str]) -> typer.Typer:
    """The command line with the command that it begins with, or with all: to read a command's options takes long."""
    app = typer.Typer(
        name="chainrule",
        help=__doc__,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # rich takes longer to load than all the rest of `chainrule --help`
    )
    app.callback()(chainrule)
    for name in given[:1] if given and given[0] in COMMANDS else COMMANDS:
        app.command(name)(resolve_name(f"{__name__}.{COMMANDS[name]}"))
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; whatever goes wrong is one line on stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without Greek letters shows their numbers
        sys.stdout.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if argv is None else argv)
    lang = asked_language(given)
    try:
        status = app_of(given)(args=given, prog_name="chainrule", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except typer.TyperException as error:
        format_message = getattr(error, "format_message", None)
        return refuse(same((format_message() if format_message else str(error)).replace("Value error, ", "")))
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except (BrokenPipeError, SystemExit):
        # The reader has left (`| head`): say nothing, now or when Python flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return refuse(same(f"{error.filename}: {error.strerror}" if error.filename else str(error)))
    except SpecError as error:
        return refuse(error.said, lang)
    except (ValueError, ImportError) as error:
        return refuse(same(str(error)))
    except Exhausted:
        return refuse(TOO_LONG, lang)
    except (MemoryError, OverflowError, RecursionError) as error:
        return refuse(TOO_MUCH.get(type(error), same(f"too large: {error}")), lang)
    except Exception as error:  # a fault of ours; `python -X dev -m codegen ...` shows where
        if sys.flags.dev_mode:
            raise
        return refuse(FAULT.format(what=f"{type(error).__name__}: {error}"), lang)


def asked_language(given: Sequence[str]) -> Language:
    """What ``--lang`` says on a command line, before anything of it is understood: its errors are said so too."""
    values = [after for option, after in pairwise(given) if option == "--lang"]
    values += [option.removeprefix("--lang=") for option in given if option.startswith("--lang=")]
    return "ru" if "ru" in values else "en"


def refuse(said: Text, lang: Language = "en") -> int:
    print(f"chainrule: {' '.join(visible(said.text(lang)).split())}", file=sys.stderr)
    return 2
