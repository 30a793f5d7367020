"""Marked derivations as documents, each with the marks in its margin and under a name of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

from codegen.files import folder, same, write
from codegen.report.marked import Marked
from codegen.report.marked_tex import tex
from codegen.report.tex import TexError, compile_pdf, engine
from symbolic.marking.show.marked_page import html
from symbolic.words import Language

Say = Callable[[str], None]
#: So long may a name be, in bytes, that ``-marked.tex`` and a number still fit behind it.
_LONGEST_NAME = 200
#: So many folders before a name are looked at, to tell it from another.
_FOLDERS = 4


def write_marked(marked: Sequence[Marked], directory: Path, format: str, lang: Language, complain: Say) -> list[Path]:
    """The documents of all that were marked, as ``tex``, ``pdf`` or ``html``; the paths.

    What goes wrong with one is told to ``complain`` in one line, and costs nobody else's document.
    """
    target = folder(directory)
    written: list[Path] = []
    inputs = [one.path for one in marked]
    ending = ".html" if format == "html" else "-marked.tex"
    for one, name in zip(marked, names(inputs, target, ending), strict=True):
        if one.marking is None:
            continue
        try:
            if format == "html":
                written.append(write(target / f"{name}.html", html(one.marking, lang, one.name)))
                continue
            source = write(target / f"{name}-marked.tex", tex(one.marking, lang, one.name))
            written.append(source)
            if format == "pdf":
                written.append(_pdf(one, source, lang))
        except (OSError, TexError) as error:
            complain(f"{one.name}: {error}")
    return written


def _pdf(one: Marked, source: Path, lang: Language) -> Path:
    """The PDF; a formula that is too much for TeX stands as it was typed."""
    assert one.marking is not None
    try:
        return compile_pdf(source)
    except TexError:
        if engine() is None:
            raise
        write(source, tex(one.marking, lang, one.name, formulas=False))
        return compile_pdf(source)


def names(paths: Sequence[Path], target: Path, ending: str) -> list[str]:
    """A name for the document of each file: its own, with the folders before it where two are called alike.

    No two are the same, in any case or form of letters, and none with its ending is one of the files.
    """
    wanted = [_telling(path, paths) for path in paths]
    taken: set[str] = set()
    found: list[str] = []
    for name in wanted:
        for choice in _numbered(_short(name)):
            goals = [target / f"{choice}{ending}"]
            goals += [goals[0].with_suffix(".pdf")] if ending.endswith(".tex") else []
            if _alike(choice) not in taken and not any(same(goal, path) for goal in goals for path in paths):
                break
        taken.add(_alike(choice))
        found.append(choice)
    return found


def _telling(path: Path, paths: Sequence[Path]) -> str:
    """As much of the path as tells it from the others; its whole name and a number where nothing does."""
    others = [other for other in paths if other != path]
    for folders in range(_FOLDERS):
        way = _with_folders(path, folders)
        if all(_alike(way) != _alike(_with_folders(other, folders)) for other in others):
            return way
    return path.name.replace(".", "-")


def _with_folders(path: Path, folders: int) -> str:
    return "-".join((*path.resolve().parts[1:-1][-folders:], path.stem)) if folders else path.stem


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _short(name: str) -> str:
    while len(name.encode(errors="surrogateescape")) > _LONGEST_NAME:
        name = name[:-1]
    return name


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))
