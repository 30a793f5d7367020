"""The user that somebody's code runs as: nobody, where we are root and nobody can run it.

A root without its powers still owns what is root's: keys and passwords that nobody else may read.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this system and its group, by their numbers."""

    user: int
    group: int


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def nobody() -> Account | None:
    """The account that owns nothing, where we may take it; None for whoever is not root."""
    if not is_root():
        return None
    import pwd

    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def give(folder: Path, account: Account) -> None:
    """The folder, which is ours and new, with all that is in it, to another user."""
    for place in (folder, *folder.rglob("*")):
        os.chown(place, account.user, account.group, follow_symlinks=False)


def works(command: Sequence[str], folder: Path, account: Account) -> bool:
    """Whether a command ends well when that user runs it in that folder."""
    try:
        done = subprocess.run(
            command, cwd=folder, env={}, capture_output=True, check=False, timeout=60,
            user=account.user, group=account.group, extra_groups=(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
