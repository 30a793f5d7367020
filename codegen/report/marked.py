"""Hand derivations from files: marked, shown, and written as documents with the marks in the margin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from codegen.files import folder, write
from codegen.report.tex import compile_pdf
from symbolic.errors import SpecError
from symbolic.marking import Marking, verify, verify_text
from symbolic.marking.show.render import html, table, tex, text
from symbolic.network.network import Network

Marked = tuple[Path, Marking]


def mark_file(path: Path, network: Network | None) -> Marking:
    """Mark one file against a network, or against the model in its own ``%!`` header.

    Raises :class:`SpecError` when it is not text in UTF-8 or has neither.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: not a text file in UTF-8 (byte {error.start})") from None
    try:
        return verify_text(source) if network is None else verify(network, source)
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None


def shown(marked: Sequence[Marked], lang: str, colour: bool) -> str:
    """One derivation line by line; of several, a table with a row for each."""
    if len(marked) == 1:
        return text(marked[0][1], lang, colour)
    return table(((path.name, marking) for path, marking in marked), lang)


def write_marked(marked: Sequence[Marked], directory: Path, format: str, lang: str) -> list[Path]:
    """Each person's own derivation with the marks in the margin, as ``tex``, ``pdf`` or ``html``; the paths."""
    target = folder(directory)
    written = []
    for path, marking in marked:
        if format == "html":
            written.append(write(target / f"{path.stem}.html", html(marking, lang, path.name)))
            continue
        source = write(target / f"{path.stem}-marked.tex", tex(marking, lang, path.name))
        written.append(source)
        if format == "pdf":
            written.append(compile_pdf(source))
    return written


def exit_status(marked: Sequence[Marked]) -> int:
    """0 when all are correct, 1 when one is wrong, 2 when one could not be read."""
    statuses = {{"correct": 0, "wrong": 1}.get(marking.verdict, 2) for _, marking in marked}
    return max(statuses, default=0)
