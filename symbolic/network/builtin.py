"""The networks that come with the project: their files, their names, and what each of them is.

Nothing is read of a file but its first words, so that to list them takes no time.
"""

from __future__ import annotations

from importlib.resources import files
from itertools import takewhile


def builtin_specs() -> tuple[str, ...]:
    """The names of the specs that come with the project."""
    found = files("symbolic.network").joinpath("specs").iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in found if entry.name.endswith(".toml")))


def builtin_text(name: str) -> str:
    """The TOML of a built-in spec.  Raises FileNotFoundError for another name."""
    return files("symbolic.network").joinpath("specs", f"{name}.toml").read_text(encoding="utf-8")


def about(name: str) -> str:
    """What the network is: the comment its file begins with."""
    comment = takewhile(lambda line: line.startswith("#"), builtin_text(name).splitlines())
    return " ".join(line.removeprefix("#").strip() for line in comment)
