r"""Markings as a notebook shows them: LaTeX that MathJax sets, which knows mathematics and no document.

So everything is one ``array``: a mark, the number, the formula, and what is said about it.
"""

from __future__ import annotations

from symbolic.marking.marking import MarkedLine, Marking
from symbolic.marking.show import render

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
    formula = render._safe_formula(line)
    said = [*render.remarks(line, lang), *filter(None, [render.counterexample(line, lang)])]
    return rf"{_MARKS[render.mark(line)]} & {line.number} & \displaystyle = {formula} & {_text('; '.join(said))}"


def _text(sentence: str) -> str:
    r"""Words in ``\text``, the formulas between dollars beside it: MathJax needs no dollars here."""
    parts = sentence.split("$")
    return "".join(part if k % 2 else _said(part) for k, part in enumerate(parts))


def _said(words: str) -> str:
    return rf"\text{{{''.join(_SIGNS.get(c, c) for c in words)}}}" if words else ""


#: What ends a \text or means something in it, and signs that MathJax has no letter for.
_SIGNS = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": "ˆ",
    "~": " ",
}
