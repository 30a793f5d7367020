r"""Markings as a notebook shows them: LaTeX that MathJax sets, which knows mathematics and no document.

So everything is one ``array``: a mark, the number, the formula, and what is said about it.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.marking.marking import MarkedLine, Marking
from symbolic.marking.show import render
from symbolic.marking.show.drawn import drawing, formula
from symbolic.marking.show.render import mark
from symbolic.marking.text.tokens import Token
from symbolic.visible import visible

_MARKS = {
    render.RIGHT: r"\color{green}{\checkmark}",
    render.WRONG: r"\color{red}{\times}",
    render.UNREAD: r"\color{orange}{?}",
    render.SAID: r"\cdot",
}


def marking_latex(marking: Marking, lang: str = "en") -> str:
    """A row for each line of the derivation, and the verdict below."""
    rows = [_row(line, lang) for line in marking.lines]
    verdict = rf"\textbf{{{render.summary(marking).text(lang)}}}"
    body = " \\\\\n".join([*rows, rf"&& {verdict} &"])
    return f"$$\n\\begin{{array}}{{crll}}\n{body}\n\\end{{array}}\n$$"


def _row(line: MarkedLine, lang: str) -> str:
    read = mark(line) != render.UNREAD
    left = f"{_shown(line.left_tokens, line.left)} " if line.left else ""
    right = _shown(line.tokens if read else (), line.latex)
    said = [*render.remarks(line, lang), *filter(None, [render.counterexample(line, lang)])]
    return rf"{_MARKS[mark(line)]} & {line.number} & \displaystyle {left}= {right} & {_text('; '.join(said))}"


def _shown(tokens: Sequence[Token], source: str) -> str:
    """A formula drawn from what was read of it, else its source as words."""
    drawn = drawing(tokens, _said)
    return drawn.latex if drawn is not None else _typed(source)


def _text(sentence: str) -> str:
    r"""Words in ``\text``, the formulas between dollars beside it: MathJax needs no dollars here."""
    found = []
    for is_formula, piece in render.pieces(sentence):
        drawn = formula(piece, _said) if is_formula else None
        found.append(drawn.latex if drawn is not None else _typed(piece) if is_formula else _said(piece))
    return "".join(found)


def _typed(source: str) -> str:
    return rf"\texttt{{{_escaped(source)}}}"


def _said(words: str) -> str:
    return rf"\text{{{_escaped(words)}}}" if words else ""


def _escaped(words: str) -> str:
    return "".join(_SIGNS.get(c, c) for c in visible(" ".join(words.split(" "))))


#: What ends a \text or means something in it, and signs that MathJax has no letter for.
_SIGNS = {
    "\\": "⧵",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": "ˆ",
    "~": " ",
    "\n": " ",
    "`": "ˋ",
}
