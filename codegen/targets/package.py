"""A module and its runtime as two files in a folder, instead of one."""

from __future__ import annotations

from pathlib import Path

from codegen.runtime.bundle import FILE, in_package, runtime_text, taken_apart
from symbolic.errors import CommandError


def package_of(text: str) -> tuple[str, str]:
    """The two texts that a bundle is made of, as modules of one package: the network's, and the runtime.

    Raises ValueError for a text that is no bundle.
    """
    whole = taken_apart(text)
    if whole is None:
        raise ValueError("this module has no runtime, so it is one file already")
    return in_package(whole.network), runtime_text()


def place(folder: Path, name: str, target: str) -> tuple[Path, Path]:
    """Where the two files go.  Raises SpecError where they cannot: a name that is taken, a file of somebody else."""
    if target == "torch":
        raise CommandError("--package: a module for torch has no runtime, so it is one file already; give --output")
    if not name.isidentifier() or f"{name}.py" == FILE:
        raise CommandError(f"--package: the network is called {name}, which no module beside {FILE} can be; rename it")
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file; give the name of a folder")
    beside = folder / FILE
    if beside.exists() and not beside.read_bytes().startswith(runtime_text().partition("\n")[0].encode()):
        raise CommandError(f"{beside} is there, and it is no runtime of chainrule; give another folder")
    return folder / f"{name}.py", beside
