"""Hand derivations from files, each marked on its own: what one file does wrong costs that file's row alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from symbolic.errors import SpecError
from symbolic.marking import Marking, verify, verify_text
from symbolic.network.network import Network
from symbolic.visible import visible
from symbolic.words import FAULT, NOTHING, Text, same

#: The most that is read of one file, in bytes: pictures in a notebook take room, formulas do not.
LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class Marked:
    """A file with its marking, or with the one line that says why there is none."""

    path: Path
    marking: Marking | None = None
    trouble: Text = NOTHING

    @property
    def name(self) -> str:
        """What the file is called, as it may be shown."""
        return " ".join(visible(self.path.name).split())

    @property
    def status(self) -> int:
        """0 when it is correct, 1 when it is wrong, 2 when it could not be read."""
        verdict = self.marking.verdict if self.marking is not None else ""
        return {"correct": 0, "wrong": 1}.get(verdict, 2)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        return self.marking.to_dict(lang) if self.marking is not None else {"error": self.trouble.text(lang)}


def mark_file(path: Path, spec: str | None) -> Marking:
    """Mark one file against a network, or against the model in its own ``%!`` header.

    Raises :class:`SpecError` when it is not text in UTF-8 or has neither, ``OSError`` when it cannot be opened.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SpecError(
            Text(
                f"{path}: too long: more than {LARGEST // 1_000_000} MB; a derivation is a text of some pages",
                f"{path}: слишком длинно: больше {LARGEST // 1_000_000} МБ; вывод — это текст в несколько страниц",
            )
        )
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(
            Text(
                f"{path}: not a text file in UTF-8 (byte {error.start})",
                f"{path}: это не текст в UTF-8 (байт {error.start})",
            )
        ) from None
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return verify_text(source) if spec is None else verify(_network(spec), source)
    except SpecError as error:
        raise error.at(str(path)) from None


@lru_cache(maxsize=1)
def _network(spec: str) -> Network:
    return Network.load(spec)


ENDED = Text(
    "the process that marked it was ended: it may take too much memory",
    "процесс, который проверял этот файл, был прерван: возможно, не хватило памяти",
)


def _without(said: Text, place: str) -> Text:
    """What stands in the row of a file need not name it."""
    return Text(said.en.removeprefix(place), said.ru.removeprefix(place))


def mark_or_say(path: Path, spec: str | None) -> Marked:
    """One file of several: whatever goes wrong with it is said in its place."""
    try:
        return Marked(path, mark_file(path, spec))
    except OSError as error:
        return Marked(path, trouble=same(f"{error.strerror or error}"))
    except SpecError as error:
        return Marked(path, trouble=_without(error.said, f"{path}: "))
    except Exception as error:  # a fault of ours must not cost the others their marks
        return Marked(path, trouble=FAULT.format(what=f"{type(error).__name__}: {error}"))


def mark_files(
    paths: Sequence[Path], spec: str | None, jobs: int = 1, tell: Callable[[str], None] = lambda said: None
) -> list[Marked]:
    """All files in their order, ``jobs`` at a time; one alone may raise as :func:`mark_file` does.

    Raises :class:`SpecError` for a ``spec`` that cannot be used: that is nobody's file.
    """
    if spec is not None:
        _network(spec)
    if len(paths) == 1:
        tell(f"marking {paths[0]}")
        return [Marked(paths[0], mark_file(paths[0], spec))]
    found: list[Marked] = []
    marked = (mark_or_say(path, spec) for path in paths) if jobs == 1 else _at_once(paths, spec, jobs)
    for number, one in enumerate(marked, 1):
        tell(f"marked {one.name} ({number} of {len(paths)})")
        found.append(one)
    return found


def _at_once(paths: Sequence[Path], spec: str | None, jobs: int) -> Iterator[Marked]:
    """The same by several processes; a file at which one dies is tried once more alone."""
    context = multiprocessing.get_context("spawn")  # alike on all systems, and safe beside threads
    with ProcessPoolExecutor(min(jobs, len(paths)), mp_context=context) as pool:
        waiting = [pool.submit(mark_or_say, path, spec) for path in paths]
        for path, one in zip(paths, waiting, strict=True):
            try:
                yield one.result()
            except BrokenProcessPool:
                yield _alone(path, spec, context)


def _alone(path: Path, spec: str | None, context: Any) -> Marked:
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(mark_or_say, path, spec).result()
        except BrokenProcessPool:
            return Marked(path, trouble=ENDED)


def exit_status(marked: Sequence[Marked]) -> int:
    """0 when all are correct, 1 when one is wrong, 2 when one could not be read."""
    return max((one.status for one in marked), default=0)
