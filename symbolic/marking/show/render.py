"""A marking for people: in a terminal, as LaTeX with marks in the margin, as a page of HTML, as a table for a class.

Nothing here decides anything; everything is read off a :class:`Marking`.
"""

from __future__ import annotations

import html as escaping
import re
from collections.abc import Iterable
from typing import Any

from symbolic.marking.marking import GIVEN, MarkedLine, Marking
from symbolic.words import Text

RIGHT, WRONG, UNREAD, SAID = "✓", "✗", "?", "·"
_COLOURS = {RIGHT: "32", WRONG: "31", UNREAD: "33", SAID: "2"}
_TEX_MARKS = {
    RIGHT: r"\textcolor{green!50!black}{$\checkmark$}",
    WRONG: r"\textcolor{red}{$\boldsymbol{\times}$}",
    UNREAD: r"\textcolor{orange}{\textbf{?}}",
    SAID: r"$\cdot$",
}

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
_UNFINISHED = Text(
    "correct, but not finished: the gradient is not carried out", "верно, но не закончено: градиент не выписан"
)
_UNREAD = Text("a part of it is not understood", "часть не понята")
_REPAIR = Text("it would hold as", "было бы верно так")
_AT = Text("for example at", "например, при")
_SIDES = Text("left {left}, right {right}", "слева {left}, справа {right}")
_DIGITS = Text("to {digits} digits at {points} points", "{digits} знаков в {points} точках")
_TABLE = (Text("file", "файл"), Text("verdict", "вердикт"), Text("first wrong", "первая ошибка"), Text("what", "что"))


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
    return _UNFINISHED if marking.finished is False else _WHOLE


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
        rows.append(f"{shown} {line.number:>2}  = {line.latex}")
        said = remarks(line, lang)
        if (numbers := counterexample(line, lang)) != "":
            said.append(numbers)
        rows.extend(f"       {sentence}" for sentence in said)
    rows.extend(f"  {note.text(lang)}" for note in marking.notes)
    rows.append(f"{VERDICTS[marking.verdict].text(lang)}: {summary(marking).text(lang)}")
    return "\n".join(rows)


def latex_fragment(marking: Marking, lang: str = "en") -> str:
    """The derivation with marks and sentences, to be put into a document with amsmath, amssymb and xcolor."""
    rows: list[str] = []
    chain = 0
    for line in marking.lines:
        if line.chain != chain:
            rows.append(r"\medskip")
            chain = line.chain
        rows.append(
            rf"\noindent\makebox[1.5em][l]{{{_TEX_MARKS[mark(line)]}}}\makebox[2em][r]{{{line.number}}}\quad"
            rf"$\displaystyle = {_safe_formula(line)}$\par"
        )
        said = [_tex(sentence) for sentence in remarks(line, lang)]
        if (numbers := counterexample(line, lang)) != "":
            said.append(_tex(numbers))
        rows.extend(rf"{{\small\hangindent=4.5em\hangafter=0 {sentence}\par}}" for sentence in said)
    rows.extend(rf"\noindent {_tex(note.text(lang))}\par" for note in marking.notes)
    rows.append(rf"\medskip\noindent\textbf{{{_tex(summary(marking).text(lang))}}}\par")
    return "\n".join(rows)


def tex(marking: Marking, lang: str = "en", title: str = "") -> str:
    """A whole LaTeX document (pdflatex or xelatex)."""
    languages = r"\usepackage[T2A]{fontenc}\usepackage[utf8]{inputenc}\usepackage[english,russian]{babel}"
    head = rf"\section*{{{_tex(title)}}}" if title else ""
    return "\n".join(
        [
            r"\documentclass[a4paper,11pt]{article}",
            languages,
            r"\usepackage{amsmath,amssymb,xcolor}\usepackage[margin=2cm]{geometry}\setlength{\parindent}{0pt}",
            r"\begin{document}",
            *([r"\selectlanguage{english}"] if lang == "en" else []),
            head,
            latex_fragment(marking, lang),
            r"\end{document}",
            "",
        ]
    )


def _safe_formula(line: MarkedLine) -> str:
    """The person's own line; one that was not read is shown as text, for it may not be LaTeX at all."""
    if line.verdict == "not understood" or re.search(
        r"\\(input|include|write|openin|read|def|let|csname|catcode)\b", line.latex
    ):
        return rf"\text{{\ttfamily {_tex_text(line.latex)}}}"
    return re.sub(r"\\(?:label|tag\*?)\{[^}]*\}|\\(?:nonumber|notag)\b|&|\\\\", " ", line.latex)


def _tex(sentence: str) -> str:
    """Text for LaTeX; what stands between dollars is a formula already."""
    parts = sentence.split("$")
    return "".join(f"${part}$" if k % 2 else _tex_text(part) for k, part in enumerate(parts))


def _tex_text(words: str) -> str:
    table = {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
        "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "∂": r"$\partial$", "σ": r"$\sigma$",
        "δ": r"$\delta$", "Σ": r"$\sum$", "⊙": r"$\odot$", "≠": r"$\neq$", "‖": r"$\|$", "²": r"$^2$", "ᵀ": r"$^T$",
        "≥": r"$\geq$", "≤": r"$\leq$", "·": r"$\cdot$", "…": r"\dots{}", "—": "---", "′": r"$'$", "⁰": r"$^0$",
    }  # fmt: skip
    return "".join(table.get(char, char) for char in words)


def html(marking: Marking, lang: str = "en", title: str = "") -> str:
    """One page without anything from outside; formulas are shown as they were written."""
    rows: list[str] = []
    for line in marking.lines:
        said = [*remarks(line, lang), *filter(None, [counterexample(line, lang)])]
        notes = "".join(f"<p>{escaping.escape(s.replace('$', ''))}</p>" for s in said)
        kind = {RIGHT: "right", WRONG: "wrong", UNREAD: "unread", SAID: "said"}[mark(line)]
        rows.append(
            f'<li class="{kind}"><span class="mark">{mark(line)}</span>'
            f"<code>= {escaping.escape(line.latex)}</code>{notes}</li>"
        )
    notes = "".join(f"<p>{escaping.escape(n.text(lang))}</p>" for n in marking.notes)
    style = (
        ":root{color-scheme:light dark}body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "li{margin:.6rem 0}code{overflow-wrap:anywhere}p{margin:.1rem 0 .1rem 1.5rem;font-size:.9em}"
        ".mark{display:inline-block;width:1.5rem;font-weight:bold}.right .mark{color:#2a8a3e}.wrong .mark{color:#d33}"
        ".unread .mark{color:#c80}"
    )
    name = escaping.escape(title or VERDICTS[marking.verdict].text(lang))
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{name}</title><style>{style}</style>'
        f"<h1>{name}</h1><ol>{''.join(rows)}</ol>{notes}<p><strong>{escaping.escape(summary(marking).text(lang))}"
        "</strong></p></html>\n"
    )


def table(markings: Iterable[tuple[str, Marking]], lang: str = "en") -> str:
    """A class at a glance: one row a file."""
    rows = [tuple(word.text(lang) for word in _TABLE)]
    for name, marking in markings:
        wrong = next((line for line in marking.lines if line.verdict == "refuted"), None)
        what = wrong.diagnosis.kind if wrong is not None and wrong.diagnosis is not None else ""
        if wrong is None and marking.finished is False:
            what = _UNFINISHED.text(lang)
        rows.append((name, VERDICTS[marking.verdict].text(lang), str(marking.first_wrong or ""), what))
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
