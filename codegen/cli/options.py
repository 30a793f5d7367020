"""What several commands share: arguments, options, and how they are read and printed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symbolic.errors import CommandError
from symbolic.fuel import Exhausted, at_most

if TYPE_CHECKING:
    from symbolic.network.network import Network

Spec = Annotated[str, typer.Argument(metavar="SPEC", help="A built-in name or the path of a TOML file.")]
Sizes = Annotated[
    list[str] | None, typer.Option("--size", metavar="NAME=NUMBER", help="A size as a number, such as D=5; repeatable.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


class Language(StrEnum):
    en = "en"
    ru = "ru"


class Notation(StrEnum):
    lecture = "lecture"
    bishop = "bishop"


class Dtype(StrEnum):
    float64 = "float64"
    float32 = "float32"


Lang = Annotated[Language, typer.Option("--lang", help="The language of the reasons.")]
Encoding = Annotated[
    str | None, typer.Option(metavar="NAME", help="What a table is written in, such as cp1251; UTF-8 or UTF-16.")
]
#: The width of text that goes to a file or another program: the same wherever it is printed.
PIPED = 100


def sizes(given: Sequence[str] | None) -> dict[str, int]:
    """``["D=5", "J=2"]`` as numbers by name."""
    numbers: dict[str, int] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier() and value.isascii() and value.isdigit() and int(value) > 0):
            raise CommandError(f"--size {text}: a name and a whole number of at least 1 are needed, such as --size D=5")
        if numbers.get(name, int(value)) != int(value):
            raise CommandError(f"--size {text}: {name} = {numbers[name]} was given before")
        numbers[name] = int(value)
    return numbers


@contextmanager
def bounded(spec: str) -> Iterator[Network]:
    """The network of a spec, and inside a limit of all work on it, by its size.

    A short formula that grows without end is refused, and so is a network that would take minutes: ``SpecError``.
    """
    from symbolic.network.budget import A_NETWORK, enough_for, too_long
    from symbolic.network.network import Network

    try:
        with at_most(A_NETWORK):
            network = Network.load(spec)
    except Exhausted:
        raise too_long(0) from None
    with enough_for(network):
        yield network


def show_json(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False))


def terminal_width() -> int:
    """The width of the terminal, or ``PIPED`` where there is none."""
    return max(40, shutil.get_terminal_size((PIPED, 24)).columns) if sys.stdout.isatty() else PIPED
