"""Running somebody's code: a process of its own, with limits, and what of the system it does not get.

What is kept from it: the terminal and its input, the environment, the folder that the person is in, more processor
time, memory, output and open files than the limits say, our own packages (they would hand our gradient back to us),
and, where the system allows it, writing outside of its folder (Landlock, or mounts of its own), the network, a root's
powers, and all processes that it leaves behind.  It is not kept from reading files: who runs somebody's code with
``--run`` says that it may.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from codegen.audit.another_user import Account, give, is_root, nobody, works
from codegen.audit.inside.walls import MOUNTS
from codegen.audit.records import records
from symbolic.errors import CommandError
from symbolic.words import Text

MEMORY = 2 * 1024**3
OUTPUT = 64 * 1024**2
FILES = 64
#: A job that takes longer is one that does not end; so many of them are waited for.
SECONDS_FOR_A_JOB = 5.0
PATIENCE = 1
OVERWRITTEN = "it wrote over the results of the audit"
_OURS = ("codegen", "symbolic", "generated", "chainrule", "__editable__", "_chainrule")
_INSIDE = Path(__file__).with_name("inside")
#: What that folder is called in the other process, where a person's file may have a module of any other name.
_PACKAGE = "_inside_audit"
_ALONE = ("--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child", "--")

_ISOLATED = Text(
    "ran in a process of its own: {seconds:g} s, {memory} MB, {files} open files, no input, an empty environment, "
    "an empty folder, {writing}, {network}; it could read {files_read}",
    "выполнено в отдельном процессе: {seconds:g} с, {memory} МБ, {files} открытых файлов, без ввода, "
    "с пустым окружением, в пустой папке, {writing}, {network}; читать {files_read} код мог",
)
_READING = {
    "own": Text("files", "файлы"),
    "nobody": Text("files that anybody may (it ran as nobody)", "файлы, открытые всем (выполнено от имени nobody),"),
    "root": Text("files, those of root too (nobody cannot run it)", "файлы, в том числе файлы root,"),
}
_WRITING = {
    True: Text("no writing outside of it", "без записи вне её"),
    False: Text(
        "writing outside of it not cut off (this system has no Landlock and no unshare)",
        "запись вне её не отключена (в системе нет ни Landlock, ни unshare)",
    ),
}
_NETWORK = {
    True: Text("no network", "без сети"),
    False: Text(
        "network not cut off (this system has no Landlock and no unshare)",
        "сеть не отключена (в системе нет ни Landlock, ни unshare)",
    ),
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of the jobs: ``results`` may be fewer than the jobs when the process ended early."""

    results: tuple[dict[str, Any], ...]
    stand_ins: tuple[str, ...]
    names: dict[str, str]
    #: As whom it ran: see ``_READING``.
    ran_as: str = "own"


def isolates(timeout: float, ran_as: str = "own") -> Text:
    """What the process is kept from, said to the person."""
    known = {"seconds": timeout, "memory": MEMORY // 1024**2, "files": FILES}
    stand = _walls().standing
    said = {
        "writing": _WRITING["writing" in stand],
        "network": _NETWORK["network" in stand],
        "files_read": _READING[ran_as],
    }
    return Text(
        _ISOLATED.en.format(**known, **{name: text.en for name, text in said.items()}),
        _ISOLATED.ru.format(**known, **{name: text.ru for name, text in said.items()}),
    )


def printable(text: str, longest: int = 300) -> str:
    """Text of a stranger on one line: what would move a cursor, ring a bell or turn the direction is left out.

    >>> printable("no\\x1b[2J\\nyes")
    'no[2J yes'
    """
    line = " ".join(text.split())
    kept = "".join(sign for sign in line if sign.isprintable())
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def run_jobs(file: Path, jobs: Sequence[dict[str, Any]], timeout: float) -> Ran:
    """Do the jobs with the person's file; ``SpecError``, one line, when it cannot even be loaded.

    ``timeout``: seconds for all of them together.
    """
    with tempfile.TemporaryDirectory(prefix="chainrule-audit-") as work:
        folder = Path(work)
        packages = folder / "packages"
        packages.mkdir()
        _link_packages(packages)
        own = folder / "own"
        own.mkdir()
        seconds = min(SECONDS_FOR_A_JOB, timeout)
        request = {"file": str(file.resolve()), "jobs": list(jobs), "seconds": seconds, "patience": PATIENCE}
        (own / "request.json").write_text(json.dumps(request), encoding="utf-8")
        runner = folder / "runner"  # a copy: where it came from, our packages lie
        shutil.copytree(_INSIDE, runner / _PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
        account = _able(folder, packages, file)
        if account is not None:
            give(own, account)
        ended = _started(_command(packages, runner, account), own, timeout, account)
        result = own / "result.jsonl"
        there = result.is_file() and not result.is_symlink()
        lines, other = records(result, [len(job["steps"]) for job in jobs]) if there else ([], False)
        ended = OVERWRITTEN if other else ended
    if not lines:
        raise CommandError(f"{file}: {ended or 'the process ended before it had loaded the file'}")
    first, *rest = lines
    if "error" in first:
        at = f" (line {first['line']})" if first.get("line") else ""
        raise CommandError(f"{file} cannot be loaded{at}: {printable(first['error'])}")
    if len(rest) < len(jobs):
        rest.append({"error": ended or "the process ended here", "step": 0, "slow": "within" in (ended or "")})
    ran_as = "nobody" if account is not None else "root" if is_root() else "own"
    return Ran(tuple(rest), tuple(map(printable, first["stand_ins"])), first["names"], ran_as)


def _able(folder: Path, packages: Path, file: Path) -> Account | None:
    """The other user, if that one can run Python with NumPy, read the file and what lies beside it, and is kept from
    no less."""
    account = nobody()
    if account is None:
        return None
    folder.chmod(0o755)
    beside = [str(one) for one in (file.resolve(), *file.resolve().parent.glob("*.py"))]
    start = f"import sys; sys.path += [{str(packages)!r}]; import numpy; [open(one).close() for one in {beside!r}]"
    able = works([sys.executable, "-I", "-S", "-B", "-c", start], folder, account)
    return account if able and _walls(account).standing >= _walls().standing else None


def _command(packages: Path, runner: Path, account: Account | None) -> list[str]:
    paths = f"import sys; sys.path += [{str(packages)!r}, {str(runner)!r}]; import runpy"
    start = f"{paths}; runpy.run_module({_PACKAGE + '.runner'!r}, run_name='__main__')"
    return [*_walls(account).alone, sys.executable, "-I", "-S", "-B", "-c", start]


def _started(command: list[str], folder: Path, timeout: float, account: Account | None = None) -> str:
    """Run to the end; why it ended, when not by itself."""
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")},
    }
    if "SYSTEMROOT" in os.environ:
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    environment |= _mounts_here()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: _limit(timeout),
        **_as(account),
    )
    try:
        status = process.wait(timeout=timeout)
    except subprocess.TimeoutExpired:
        return f"did not return within {timeout:g} s"
    finally:
        _end_all(process)
    return f"the process ended with status {status}" if status else ""


def _as(account: Account | None) -> dict[str, Any]:
    """How a process is started as another user."""
    return {} if account is None else {"user": account.user, "group": account.group, "extra_groups": ()}


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """The process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _limit(timeout: float) -> None:
    import resource

    seconds = int(timeout) + 5
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


@dataclass(frozen=True, slots=True)
class _Walls:
    """The words before a command that keep its process apart, and what it is kept from, as it says itself."""

    alone: tuple[str, ...]
    standing: frozenset[str]


@lru_cache(maxsize=2)
def _walls(account: Account | None = None) -> _Walls:
    """What this system allows us, or another user, found by trying it in an empty folder."""
    program = shutil.which("unshare")
    ways: list[tuple[str, ...]] = [(program, *_ALONE)] if program else []
    for alone in (*ways, ()):
        with tempfile.TemporaryDirectory(prefix="chainrule-audit-") as folder:
            copied = shutil.copy(_INSIDE / "walls.py", folder)
            if account is not None:
                give(Path(folder), account)
            tried = subprocess.run(
                [*alone, sys.executable, "-I", "-S", "-B", copied],
                cwd=folder, env=_mounts_here(), capture_output=True, check=False, text=True, **_as(account),
            )  # fmt: skip
        if tried.returncode == 0:
            return _Walls(alone, frozenset((*tried.stdout.split(), *(["network"] if alone else []))))
    return _Walls((), frozenset())


def _mounts_here() -> dict[str, str]:
    """What the process has to know so that it changes mounts only where they are its own."""
    try:
        return {MOUNTS: os.readlink("/proc/self/ns/mnt")}
    except OSError:
        return {}


def _link_packages(folder: Path) -> None:
    """What is installed beside us, without us: a folder of links is all of it that the process sees."""
    for place in map(Path, sys.path):
        if not place.name.endswith("-packages") or not place.is_dir():
            continue
        for entry in place.iterdir():
            link = folder / entry.name
            if entry.suffix == ".pth" or entry.name.startswith(_OURS) or link.exists():
                continue
            link.symlink_to(entry)
