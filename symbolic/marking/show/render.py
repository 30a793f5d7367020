"""A marking for people: what is said of each line and of the whole, in a terminal.

Nothing here decides anything; everything is read off a :class:`Marking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symbolic.marking.marking import GIVEN, MarkedLine, Marking
from symbolic.visible import visible
from symbolic.words import Text

RIGHT, WRONG, UNREAD, SAID = "✓", "✗", "?", "·"
_COLOURS = {RIGHT: "32", WRONG: "31", UNREAD: "33", SAID: "2"}

VERDICTS = {
    "correct": Text("correct", "верно"),
    "wrong": Text("wrong", "неверно"),
    "not understood": Text("not understood", "не понято"),
}
_FIRST = Text(
    "correct up to line {number}; the first wrong line is {wrong}",
    "верно до строки {number}; первая неверная — {wrong}",
)
_START = Text("wrong from the first line", "неверно с первой строки")
_WHOLE = Text("correct", "всё верно")
UNFINISHED = Text(
    "correct, but not finished: the gradient is not carried out", "верно, но не закончено: градиент не выписан"
)
_UNREAD = Text("a part of it is not understood", "часть не понята")
_REPAIR = Text("it would hold as", "было бы верно так")
_READ = Text("read with", "прочитано так")
_GUESSED = Text(
    "no header: the model was guessed; put these lines into the file and correct them if it is another",
    "заголовка нет: модель угадана; вставьте эти строки в файл и исправьте, если она другая",
)
_PASSED = Text("passed over", "пропущено")
_AT = Text("for example at", "например, при")
_SIDES = Text("left {left}, right {right}", "слева {left}, справа {right}")
_DIGITS = Text("to {digits} digits at {points} points", "{digits} знаков в {points} точках")


def mark(line: MarkedLine) -> str:
    """✓, ✗, ? or · for a line that only names things."""
    if line.verdict == GIVEN:
        return SAID
    return RIGHT if line.holds else WRONG if line.verdict == "refuted" else UNREAD


def summary(marking: Marking) -> Text:
    """One sentence about the whole."""
    wrong = marking.first_wrong
    if wrong is not None:
        return _START if wrong == 1 else _FIRST.format(number=wrong - 1, wrong=wrong)
    if marking.verdict == "not understood":
        return _UNREAD
    return UNFINISHED if marking.finished is False else _WHOLE


def remarks(line: MarkedLine, lang: str = "en") -> list[str]:
    """What is said about a line, sentence by sentence."""
    said: list[str] = []
    if line.rule.en:
        said.append(line.rule.text(lang))
    evidence = line.evidence
    if line.verdict == "agrees" and evidence is not None and evidence.digits is not None:
        said.append(_DIGITS.format(digits=evidence.digits, points=evidence.points).text(lang))
    if line.diagnosis is not None:
        said.append(line.diagnosis.sentence.text(lang))
        if line.diagnosis.repair:
            said.append(f"{_REPAIR.text(lang)}: ${line.diagnosis.repair}$")
    if line.note.en:
        said.append(line.note.text(lang))
    return said


def counterexample(line: MarkedLine, lang: str = "en") -> str:
    """``for example at w = [0.5, 1]: left 1.5, right -1.5``; empty when there is none."""
    found = line.evidence.counterexample if line.evidence is not None else None
    if line.verdict != "refuted" or not found:
        return ""
    values = ", ".join(f"{name} = {_number(value)}" for name, value in found.get("values", {}).items())
    place = ", ".join(f"{name} = {at + 1}" for name, at in found.get("at", {}).items() if isinstance(at, int))
    where = "; ".join(part for part in (values, place) if part)
    sides = _SIDES.format(left=_number(found.get("left")), right=_number(found.get("right"))).text(lang)
    return f"{_AT.text(lang)} {where}: {sides}" if where else sides


def _number(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_number, value)) + "]"
    return f"{float(value):.6g}"


def text(marking: Marking, lang: str = "en", colour: bool = False) -> str:
    """For a terminal: a mark, the number, the line, and under it what there is to say."""
    rows: list[str] = []
    for line in marking.lines:
        sign = mark(line)
        shown = f"\033[{_COLOURS[sign]}m{sign}\033[0m" if colour else sign
        before = f"{line.left} " if line.left else ""
        rows.append(f"{shown} {line.number:>2}  {visible(before)}= {visible(line.latex)}")
        said = remarks(line, lang)
        if (numbers := counterexample(line, lang)) != "":
            said.append(numbers)
        rows.extend(f"       {visible(sentence)}" for sentence in said)
    rows.extend(f"  {visible(note)}" for note in about_the_text(marking, lang))
    rows.append(f"{VERDICTS[marking.verdict].text(lang)}: {summary(marking).text(lang)}")
    return "\n".join(rows)


def pieces(sentence: str) -> Iterator[tuple[bool, str]]:
    """A sentence cut at its dollars: whether a piece is a formula, and the piece; a dollar without a partner is text.

    >>> list(pieces("it holds as $-x$"))
    [(False, 'it holds as '), (True, '-x')]
    """
    parts = sentence.split("$")
    if len(parts) % 2 == 0:
        parts[-2:] = ["$".join(parts[-2:])]
    yield from ((k % 2 == 1, part) for k, part in enumerate(parts) if part)


def about_the_text(marking: Marking, lang: str = "en") -> list[str]:
    """What is said of the whole: notes, how it was read, what was passed over."""
    said = [note.text(lang) for note in marking.notes]
    if marking.read:
        said.append(f"{_READ.text(lang)}: {'; '.join(reading.text(lang) for reading in marking.read)}")
    if marking.guessed:
        said.append(_GUESSED.text(lang))
        said.extend(f"%! {line}" for line in marking.guessed)
    if marking.passed_over:
        said.append(f"{_PASSED.text(lang)}: {'; '.join(piece.text(lang) for piece in marking.passed_over)}")
    return said
