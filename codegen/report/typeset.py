r"""Boxes and reasons as LaTeX: displays whose lines fit, with the reason of each line at its right.

Measures are in em of the text size, so that the same code fills a page and a slide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from symbolic.derivation.equations import Equation
from symbolic.derivation.record import Because
from symbolic.derivation.rules import Rule
from symbolic.language.expr import Expr
from symbolic.notation.boxes import Box, Fraction, Glyph, Row
from symbolic.notation.breaking import INDENT, broken, width
from symbolic.notation.escape import escape
from symbolic.notation.latex import draw, latex
from symbolic.notation.style import Style

#: What "=" takes with its spaces, and the least gap between a formula and its reason.
EQUALS, GAP = 1.5, 1.2
#: How far the factors of a line are moved in.
QQUAD = 2.0
_RANGE = Glyph(r", \quad ", ",  ")


@dataclass(frozen=True, slots=True)
class Measure:
    """How wide the text is, and the column of reasons, in em."""

    line: float
    reason: float


#: Millimetres in an em at 11 pt.
EM = 3.86


def of_width(millimetres: float) -> Measure:
    """Lines of so many millimetres at 11 pt, with a column of reasons that suits them."""
    line = millimetres / EM
    return Measure(line, min(12.0, 0.29 * line))


#: An A4 page with 22 mm margins at 11 pt, with reasons of 46 mm.
PAGE = Measure(line=43.0, reason=12.0)
#: A beamer frame of 16:9 at 10 pt.
FRAME = Measure(line=39.5, reason=10.5)


def said(why: Because, style: Style, lang: str) -> str:
    """A reason in LaTeX: its words are text, its formulas mathematics."""
    formulas: list[str] = []

    def kept(expr: Expr) -> str:
        formulas.append(f"${latex(expr, style)}$")
        return f"\0{len(formulas) - 1}\0"

    parts = re.split(r"\0(\d+)\0", why.said(lang, kept))
    whole = "".join(formulas[int(part)] if k % 2 else escape(part) for k, part in enumerate(parts))
    return whole.replace(r"$ \ensuremath{\ne} $", r" \ne ")  # one formula, which is not broken between lines


def lines(box: Box, room: float) -> list[str]:
    """The box as lines of LaTeX for a cell of an align; what cannot be broken is made smaller."""
    pieces = broken(box, room)
    return [_fitting(piece, room - (INDENT if k else 0.0)) for k, piece in enumerate(pieces)]


def _fitting(box: Box, room: float) -> str:
    text = draw(box)
    if width(box) <= room + 0.5:
        return text
    return rf"\resizebox{{{room:.1f}em}}{{!}}{{$\displaystyle {text}$}}"


def with_ranges(right: Box, ranges: Iterable[Box]) -> Box:
    """``…, i = 1, …, N, j = 1, …, J``"""
    parts: list[Box] = [right]
    for one in ranges:
        parts += [_RANGE, one]
    return parts[0] if len(parts) == 1 else Row(tuple(parts))


def display(rows: Iterable[tuple[Box, Box]], measure: Measure = PAGE) -> str:
    """Equations under each other, without reasons."""
    rows = list(rows)
    column = max((width(left) for left, _ in rows), default=0.0)
    room = measure.line - column - EQUALS - 1.0
    found = []
    for left, right in rows:
        first, *rest = lines(right, room)
        found.append(f"{draw(left)} &= {first}")
        found += [rf" &\quad {line}" for line in rest]
    return environment("align*", found)


def explained(rows: Iterable[tuple[Box, Box, str]], measure: Measure = PAGE) -> str:
    """Equations under each other, each with its reason at the right where it has one.

    Those without reasons, which may be as wide as the page, are displays of their own.
    """
    found = []
    for reasoned, group in groupby(rows, key=lambda row: bool(row[2])):
        run = list(group)
        if not reasoned:
            found.append(display([(left, right) for left, right, _ in run], measure))
            continue
        column = max(width(left) for left, _, _ in run)
        shown = []
        for left, right, why in run:
            first, *rest = lines(right, measure.line - column - EQUALS - measure.reason - GAP)
            shown.append(rf"{draw(left)} &= {first} && \chainrulewhy{{}}{{{why}}}")
            shown += [rf" &\quad {line}" for line in rest]
        found.append(environment("flalign*", shown))
    return "\n".join(found)


def numbered(rows: Iterable[tuple[str, Box, Box]], measure: Measure = PAGE) -> str:
    """The same with a tag at the right of each equation, at its last line."""
    rows = list(rows)
    column = max((width(left) for _, left, _ in rows), default=0.0)
    room = measure.line - column - EQUALS - 5.0
    found = []
    for tag, left, right in rows:
        first, *rest = lines(right, room)
        cells = [f"{draw(left)} &= {first}", *(rf" &\quad {line}" for line in rest)]
        cells[-1] += f" {tag}"
        found += cells
    return environment("align*", found)


def derivation(
    equation: Equation, rules: Sequence[Rule], lang: str, measure: Measure = PAGE, name: str | None = None
) -> str:
    """A chain of equalities, each with its reason at the right; a rule that is stated is linked to.

    Each line can be linked to by ``name``, its identifier in every medium, and its number.
    """
    rows = []
    for number, (first, *rest) in enumerate(groups_of(equation, rules, lang, measure), 1):
        target = rf"\chainruletarget{{{name}/{number}}}{{}}" if name else ""
        rows += [replace(first, left=target + first.left), *rest]
    return environment("flalign*", map(row, rows))


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a derivation: what stands left of the alignment, right of it, and the reason."""

    left: str
    right: str
    reason: str = ""


def row(cells: Cells) -> str:
    return f"{cells.left} &{cells.right} && {cells.reason}".rstrip()


def groups_of(equation: Equation, rules: Sequence[Rule], lang: str, measure: Measure) -> list[list[Cells]]:
    """For each step its rows: its line, broken where it must be, and what the factors of the line are."""
    room = room_of(equation, measure)

    def cited(why: Because, rule: Rule | None) -> str:
        reason = said(why, equation.style, lang)
        if rule is not None and rule in rules:
            return rf"\chainrulewhy{{{anchor(rule)}}}{{{reason}{number(rule, rules)}}}"
        return rf"\chainrulewhy{{}}{{{reason}}}"

    groups = []
    for place, (box, why) in enumerate(zip(equation.right, equation.reasons, strict=True)):
        first, *rest = lines(box, room)
        left = draw(equation.left) if place == 0 else ""
        rule = equation.steps[place].rule if equation.steps else None
        group = [Cells(left, f"= {first}", cited(why, rule)), *(Cells("", rf"\quad {line}") for line in rest)]
        for factor in equation.factors_of(place):
            first, *rest = lines(factor.box, room - QQUAD)
            group.append(Cells("", rf"\qquad {first}", cited(factor.because, factor.step.rule)))
            group += [Cells("", rf"\qquad\quad {line}") for line in rest]
        groups.append(group)
    return groups


def room_of(equation: Equation, measure: Measure) -> float:
    """What is left for a formula between the goal and the column of reasons."""
    return measure.line - width(equation.left) - EQUALS - measure.reason - GAP


def anchor(rule: Rule) -> str:
    """The rule's name as the target of a link."""
    return re.sub(r"[^a-z]+", "-", rule.key)


def number(rule: Rule, rules: Sequence[Rule]) -> str:
    return f"~(R{rules.index(rule) + 1})" if rule in rules else ""


def environment(name: str, rows: Iterable[str]) -> str:
    """Rows as a display of that name."""
    return f"\\begin{{{name}}}\n" + " \\\\\n".join(rows) + f"\n\\end{{{name}}}"


def inline(box: Box) -> str:
    return f"${draw(box)}$"


def stroked(box: Box) -> Box:
    """∂Q/∂w with a stroke: a fraction in a title is too small to read."""
    match box:
        case Fraction(above, below):
            return Row((above, Glyph("/", "/"), below))
        case Row(parts, level):
            return Row(tuple(map(stroked, parts)), level)
    return box


def listed(boxes: Iterable[Box]) -> str:
    """``$a$, $b$, $c$``, which may be broken after a comma; of many the first and the last."""
    return ", ".join(map(inline, abridged(tuple(boxes))))


def abridged(boxes: Sequence[Box]) -> Sequence[Box]:
    """All of a few; of many the first four, dots and the last."""
    return boxes if len(boxes) <= 10 else (*boxes[:4], Glyph(r"\dots", "…"), boxes[-1])


def scientific(value: float) -> str:
    r"""A small number as TeX writes it.

    >>> scientific(2.5e-11)
    '2.5 \\cdot 10^{-11}'
    """
    mantissa, exponent = f"{value:.1e}".split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if value else "0"
