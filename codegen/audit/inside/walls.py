"""What the system lets a process take from itself before it runs somebody's code: writing, the network, its powers.

Each wall is built where the kernel knows it, and is for good: for this process and all that it starts.  NumPy is not
needed here, and nothing of ours.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

#: Numbers of system calls since Linux 5.12, the same on every machine.
MOUNT_SETATTR, CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 442, 444, 445, 446
NO_NEW_PRIVILEGES = 38
HERE = -100  # AT_FDCWD
RECURSIVE, READ_ONLY = 0x8000, 1
PRIVATE, BOUND = 1 << 18 | 0x4000, 4096  # MS_PRIVATE | MS_REC, MS_BIND
#: Landlock's names of what writes, by the version that brought them: write, remove, make …; refer; truncate; ioctl.
WRITING = ((1, 0b1_1111_1111_0010), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
WRITE_FILE, TCP, OUTSIDE = 1 << 1, 0b11, 0b11
CAPABILITY_VERSION = 0x20080522

#: Where who starts this process says what mounts it has itself.
MOUNTS = "MOUNTS_OUTSIDE"


def build(folder: str) -> list[str]:
    """Build every wall around the folder that there is, and say which stand: "writing", "network", "powers"."""
    return [*dict.fromkeys(_built(folder))] if sys.platform == "linux" else []


@lru_cache(maxsize=1)
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _built(folder: str) -> Iterator[str]:
    if _read_only_but(folder):
        yield "writing"
    if _libc().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
        yield from _landlocked(folder)
        if _without_powers():
            yield "powers"


def _read_only_but(folder: str) -> bool:
    """All that is mounted can only be read, but for the folder; where this process has mounts of its own."""
    if not _mounts_are_own():
        return False
    place = os.fsencode(folder)
    return (
        _libc().mount(None, b"/", None, PRIVATE, None) == 0
        and _libc().mount(place, place, None, BOUND, None) == 0
        and _mounted(b"/", RECURSIVE, READ_ONLY, 0)
        and _mounted(place, 0, 0, READ_ONLY)
    )


def _mounts_are_own() -> bool:
    """Whether nobody else sees them: those of who started us would stay so for everybody."""
    outside = os.environ.pop(MOUNTS, None)
    return outside is not None and outside != os.readlink("/proc/self/ns/mnt")


def _mounted(place: bytes, flags: int, on: int, off: int) -> bool:
    wanted = struct.pack("QQQQ", on, off, 0, 0)
    return bool(_call(MOUNT_SETATTR, HERE, place, flags, wanted, len(wanted)) == 0)


def _landlocked(folder: str) -> Iterator[str]:
    version = _call(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    writing = sum(rights for since, rights in WRITING if since <= version)
    handled = struct.pack("QQQ", writing, TCP if version >= 4 else 0, OUTSIDE if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _call(CREATE_RULESET, handled, size, 0)
    if rules < 0:
        return
    for place, rights in ((folder, writing), (os.devnull, WRITE_FILE)):
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
        _call(ADD_RULE, rules, 1, struct.pack("=Qi", rights, opened), 0)
        os.close(opened)
    stands = _call(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    if stands:
        yield "writing"
        if version >= 4:
            yield "network"


def _without_powers() -> bool:
    """A root that may do no more than anybody."""
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    return bool(_libc().capset(header, bytes(24)) == 0)


def _call(number: int, *arguments: object) -> int:
    wide = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    return int(_libc().syscall(ctypes.c_long(number), *wide))


if __name__ == "__main__":
    print(*build(os.getcwd()))
