"""Reading a file that somebody gives, and writing one whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symbolic.errors import CommandError

#: No program or notebook that a person writes has more bytes; a device never ends.
LONGEST = 50_000_000


def content_of(path: Path, most: int = LONGEST) -> bytes:
    """What the file holds.  Raises :class:`SpecError` when that is more than is read, and ``OSError``."""
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise CommandError(f"{path}: too large: more than {most // 1_000_000} MB")
    return content


def write(path: Path, content: str | bytes) -> Path:
    """Put the content at ``path``, making its folder; a reader sees the old file or the new one, never half.

    Returns ``path``.  Raises :class:`SpecError` when ``path`` is a folder, and ``OSError`` when it cannot be written.
    """
    if path.is_dir():
        raise CommandError(f"{path} is a folder; give the name of a file, such as {path / 'network.py'}")
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():  # a pipe or a device, such as /dev/stdout, is written to, not replaced
        with _named(path):
            path.write_bytes(data)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    goal = path.resolve()  # a link stays a link
    permissions = mode(goal)
    handle, name = tempfile.mkstemp(prefix=f".{goal.name}.", dir=goal.parent)
    draft = Path(name)
    try:
        with _named(path):
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            draft.chmod(permissions)
            draft.replace(goal)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return path


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """A full disk knows of no file: inside, what it raises names this one."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def folder(path: Path) -> Path:
    """The folder at ``path``, made when it is missing."""
    if path.exists() and not path.is_dir():
        raise CommandError(f"{path} is a file; give the name of a folder")
    path.mkdir(parents=True, exist_ok=True)
    return path


def mode(path: Path) -> int:
    """The permissions of the file at ``path``; those that a new file gets when there is none."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()


def same(one: Path, other: Path) -> bool:
    """Whether both are the same file, also through links, or would be once they are written."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _umask() -> int:
    """The umask of the process; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
