"""A marking as one page of HTML without anything from outside; formulas are MathML, drawn from what was read."""

from __future__ import annotations

from html import escape

from symbolic.marking.marking import MarkedLine, Marking
from symbolic.marking.show.drawn import Drawn, drawing, formula
from symbolic.marking.show.render import (
    RIGHT,
    SAID,
    UNREAD,
    VERDICTS,
    WRONG,
    about_the_text,
    counterexample,
    mark,
    pieces,
    remarks,
    summary,
)
from symbolic.visible import visible

_KINDS = {RIGHT: "right", WRONG: "wrong", UNREAD: "unread", SAID: "said"}
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "li{margin:.6rem 0;overflow-x:auto}code{overflow-wrap:anywhere}p{margin:.1rem 0 .1rem 1.5rem;font-size:.9em}"
    ".mark{display:inline-block;width:1.5rem;font-weight:bold}.right .mark{color:#2a8a3e}.wrong .mark{color:#d33}"
    ".unread .mark{color:#c80}.said{font-family:monospace}mtable{text-align:left}"
)


def html(marking: Marking, lang: str = "en", title: str = "") -> str:
    """The whole page; ``title`` is plain text."""
    rows = "".join(_row(line, lang) for line in marking.lines)
    notes = "".join(f"<p>{escape(visible(note))}</p>" for note in about_the_text(marking, lang))
    name = escape(visible(title) or VERDICTS[marking.verdict].text(lang))
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{name}</title><style>{_STYLE}</style>'
        f"<h1>{name}</h1><ol>{rows}</ol>{notes}<p><strong>{escape(summary(marking).text(lang))}"
        "</strong></p></html>\n"
    )


def _row(line: MarkedLine, lang: str) -> str:
    sign = mark(line)
    said = [*remarks(line, lang), *filter(None, [counterexample(line, lang)])]
    notes = "".join(f"<p>{_sentence(one)}</p>" for one in said)
    left = _formula(drawing(line.left_tokens), line.left) if line.left else ""
    right = _formula(None if sign == UNREAD else drawing(line.tokens), line.latex)
    return f'<li class="{_KINDS[sign]}"><span class="mark">{sign}</span>{left} = {right}{notes}</li>'


def _formula(drawn: Drawn | None, source: str) -> str:
    """A formula with its source beside it, for those who copy it; as text where it was not read."""
    said = escape(visible(source))
    if drawn is None:
        return f"<code>{said}</code>"
    annotation = f'<annotation encoding="application/x-tex">{said}</annotation>'
    return f'<math displaystyle="true"><semantics><mrow>{drawn.mathml}</mrow>{annotation}</semantics></math>'


def _sentence(sentence: str) -> str:
    return "".join(
        _formula(formula(piece), piece) if is_formula else escape(visible(piece))
        for is_formula, piece in pieces(sentence)
    )
