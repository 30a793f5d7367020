"""A marking as a LaTeX document with the marks in the margin.

Nothing of a person's source stands in it: a formula is drawn from what was read of it
(:mod:`symbolic.marking.show.drawn`), and all else is text with every sign escaped, in a fount of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codegen.report.document import BABEL, ENCODINGS, environment
from symbolic.marking.marking import MarkedLine, Marking
from symbolic.marking.show.drawn import COLUMNS, drawing, formula
from symbolic.marking.show.render import (
    RIGHT,
    SAID,
    UNREAD,
    WRONG,
    about_the_text,
    counterexample,
    mark,
    pieces,
    remarks,
    summary,
)
from symbolic.marking.text.tokens import Token
from symbolic.notation.escape import escape
from symbolic.words import Language

_MARKS = {RIGHT: "right", WRONG: "wrong", UNREAD: "unread", SAID: "said"}
#: So many characters of typewriting are kept on one line; what is longer than the last number is cut.
_TOGETHER, _TYPED = 6, 2_000


def tex(marking: Marking, lang: Language = "en", title: str = "", formulas: bool = True) -> str:
    """A whole document for pdflatex or xelatex; without ``formulas`` every formula stands as it was typed."""
    lines: list[dict[str, Any]] = []
    chain = 0
    for line in marking.lines:
        said = [*remarks(line, lang), *filter(None, [counterexample(line, lang)])]
        lines.append(
            {
                "begins": line.chain != chain,
                "mark": _MARKS[mark(line)],
                "number": line.number,
                "formula": _line(line, formulas),
                "remarks": [_sentence(one, formulas) for one in said],
            }
        )
        chain = line.chain
    document: str = (
        environment()
        .get_template("marked.tex.j2")
        .render(
            babel=BABEL[lang],
            encodings=ENCODINGS[lang],
            columns=COLUMNS + 1,
            title=_cut(title),
            lines=lines,
            notes=[_cut(note) for note in about_the_text(marking, lang)],
            summary=escape(summary(marking).text(lang)),
        )
    )
    return document


def _line(line: MarkedLine, formulas: bool) -> str:
    left = f"{_formula(line.left_tokens, line.left, formulas)} " if line.left else ""
    read = formulas and mark(line) != UNREAD
    return f"{left}${{}}={{}}$ {_formula(line.tokens, line.latex, read)}"


def _formula(tokens: Sequence[Token], source: str, read: bool) -> str:
    drawn = drawing(tokens) if read else None
    return typed(source) if drawn is None else rf"$\displaystyle {drawn.latex}$"


def _sentence(sentence: str, formulas: bool) -> str:
    """Words as text; what stands between dollars as the formula that it is, or as it was typed."""
    found: list[str] = []
    for is_formula, piece in pieces(sentence):
        drawn = formula(piece) if is_formula and formulas else None
        found.append(f"${drawn.latex}$" if drawn is not None else typed(piece) if is_formula else _cut(piece))
    return "".join(found)


def _cut(words: str) -> str:
    """Words as text; of very many the first."""
    return escape(words if len(words) <= _TYPED else words[:_TYPED] + " …")


def typed(source: str) -> str:
    """A person's source in typewriting that may be broken anywhere."""
    shown = source if len(source) <= _TYPED else source[:_TYPED] + " …"
    parts = (shown[k : k + _TOGETHER] for k in range(0, len(shown), _TOGETHER))
    return rf"{{\ttfamily {(chr(92) + 'hskip0pt{}').join(map(escape, parts))}}}"
