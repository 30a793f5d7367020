"""A class at a glance: a row for each file, in a terminal, as CSV and as one object."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from codegen.report.marked import Marked
from symbolic.marking.marking import MarkedLine
from symbolic.marking.show.render import UNFINISHED, VERDICTS, text
from symbolic.visible import visible
from symbolic.words import Text

#: The columns of a class's table.
_COLUMNS = (
    Text("file", "файл"),
    Text("verdict", "вердикт"),
    Text("first wrong", "первая ошибка"),
    Text("in line", "в строке"),
    Text("kind", "вид"),
    Text("what", "что"),
)
_NO_MARK = Text("not read", "не прочитано")
#: How much of a sentence stands in a table.
_WIDEST = 60
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown(marked: Sequence[Marked], lang: str, colour: bool) -> str:
    """One derivation line by line; of several, a table with a row for each."""
    if len(marked) == 1 and marked[0].marking is not None:
        return text(marked[0].marking, lang, colour)
    return table(marked, lang)


def table(marked: Sequence[Marked], lang: str = "en") -> str:
    """For a terminal; a long sentence is cut."""
    rows = [tuple(word.text(lang) for word in _COLUMNS), *_rows(marked, lang)]
    cut = [tuple(cell if len(cell) <= _WIDEST else cell[: _WIDEST - 1] + "…" for cell in row) for row in rows]
    widths = [max(len(row[k]) for row in cut) for k in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cut
    )


def as_csv(marked: Sequence[Marked], lang: str = "en") -> str:
    """The table for a spreadsheet, with whole sentences; no cell begins a formula."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(word.text(lang) for word in _COLUMNS)
    writer.writerows(map(_harmless, row) for row in _rows(marked, lang))
    return lines.getvalue()


def record(marked: Sequence[Marked], lang: str = "en") -> dict[str, Any]:
    """The marking of one file, or those of several by their paths."""
    if len(marked) == 1:
        return marked[0].to_dict(lang)
    return {"files": {str(one.path): one.to_dict(lang) for one in marked}}


def _rows(marked: Sequence[Marked], lang: str) -> list[tuple[str, ...]]:
    """A row for each; files that are called alike with their folders."""
    names = [one.name for one in marked]
    return [
        (" ".join(visible(str(one.path)).split()) if names.count(name) > 1 else name, *_row(one, lang))
        for name, one in zip(names, marked, strict=True)
    ]


def _row(one: Marked, lang: str) -> tuple[str, ...]:
    """Verdict, number of the first wrong line, its line in the file, the kind of the slip, a sentence."""
    if one.marking is None:
        return _NO_MARK.text(lang), "", "", "", _said(one.trouble.text(lang))
    verdict = VERDICTS[one.marking.verdict].text(lang)
    line = next((line for line in one.marking.lines if line.verdict == "refuted"), None)
    kind = what = ""
    if line is not None:
        kind = line.diagnosis.kind if line.diagnosis is not None else ""
        what = line.diagnosis.sentence.text(lang) if line.diagnosis is not None else ""
    else:
        line = next((line for line in one.marking.lines if line.verdict == "not understood"), None)
        what = line.note.text(lang) if line is not None else _rest(one, lang)
    return verdict, str(one.marking.first_wrong or ""), _place(line), kind, _said(what)


def _rest(one: Marked, lang: str) -> str:
    assert one.marking is not None
    if one.marking.finished is False:
        return UNFINISHED.text(lang)
    return one.marking.notes[0].text(lang) if one.marking.verdict == "not understood" and one.marking.notes else ""


def _place(line: MarkedLine | None) -> str:
    return str(line.position[0]) if line is not None and line.position[0] else ""


def _said(sentence: str) -> str:
    return " ".join(visible(sentence).replace("$", "").split())


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
