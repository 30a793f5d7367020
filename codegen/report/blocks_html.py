"""Blocks for a page: what the templates fill in, kind by kind."""

from __future__ import annotations

from html import escape
from typing import Any

from codegen.report import svg
from codegen.report.blocks import Block, Chain, Part, Picture, Plot, Points, Said, Shown, Table
from codegen.report.derived_html import ROOM, derivation, equation
from symbolic.notation.boxes import Box
from symbolic.notation.breaking import broken
from symbolic.notation.mathml import math
from symbolic.words import Language


def part(one: Part, lang: Language) -> dict[str, Any]:
    return {"key": one.key, "title": one.title.text(lang), "blocks": [block(b, lang) for b in one.blocks]}


def block(one: Block, lang: Language) -> dict[str, Any]:
    match one:
        case Said():
            return {"kind": "said", "said": sentence(one, lang)}
        case Points(items):
            return {"kind": "points", "listed": [sentence(item, lang) for item in items]}
        case Shown(rows):
            return {"kind": "shown", "rows": [_formula(left, right) for left, right in rows]}
        case Chain(equation_, title):
            shown = derivation(equation_, (), lang)
            return {"kind": "chain", "title": sentence(title, lang) if title else "", "chain": shown}
        case Picture(drawing, caption, backward):
            drawn = svg.picture(drawing, _spoken(caption, lang), backward)
            return {"kind": "figure", "drawn": drawn, "caption": sentence(caption, lang)}
        case Plot(graphs, caption):
            drawn = svg.graphs(graphs, _spoken(caption, lang))
            return {"kind": "figure", "drawn": drawn, "caption": sentence(caption, lang)}
        case Table(heads, rows):
            cells = [[cell(c, lang) for c in row] for row in rows]
            return {"kind": "table", "heads": [head.text(lang) for head in heads], "rows": cells}


def sentence(said: Said, lang: Language) -> str:
    return said.drawn(lang, math, escape)


def cell(one: Box | Said, lang: Language) -> str:
    return sentence(one, lang) if isinstance(one, Said) else math(one)


def _formula(left: Box | None, right: Box) -> list[str]:
    if left is not None:
        return equation(left, right)
    return [math(line, display=True) for line in broken(right, ROOM)]


def _spoken(said: Said, lang: Language) -> str:
    """A caption for those who hear it: without the formulas."""
    return said.drawn(lang, lambda box: "", str)
