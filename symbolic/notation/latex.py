r"""LaTeX, for any engine with amsmath: formulas, definitions, and chains of equalities.

>>> from symbolic.language.expr import Symbol, add, number, power
>>> print(latex(power(add(Symbol("y"), -Symbol("p")), 2)))
(y - p)^2
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Symbol
from symbolic.language.functions import Function
from symbolic.notation.arrange import arrange, arrange_definition, arrange_law, equation
from symbolic.notation.boxes import (
    Big,
    Box,
    Braced,
    Cases,
    Exponential,
    Fence,
    Fraction,
    Glyph,
    Keyed,
    Root,
    Row,
    Script,
    tall,
)
from symbolic.notation.style import LECTURE, Style
from symbolic.notation.subscript_boxes import name_box

Line = Expr | Sequence[Expr]

_BRACES = {"{": r"\{", "}": r"\}", "⌊": r"\lfloor ", "⌋": r" \rfloor"}


def latex(expr: Expr, style: Style = LECTURE) -> str:
    """An expression, without the dollars around it."""
    return draw(arrange(expr, style))


def latex_name(name: str) -> str:
    """A name on its own: ``w_z_x`` is w_{z,x}."""
    return draw(name_box(name))


def definition_latex(definition: Definition, style: Style = LECTURE, ranges: bool = True) -> str:
    r"""``z_j = \sigma(w_{1,j}^T x), \quad j = 1, \dots, J``"""
    return draw(equation(*arrange_definition(definition, style, ranges)))


def definitions_latex(definitions: Iterable[Definition], style: Style = LECTURE, ranges: bool = True) -> str:
    """A list of definitions, one under the other; it knows the parameters and biases from the list."""
    definitions = tuple(definitions)
    style = style.knowing(definitions)
    sides = (arrange_definition(d, style, ranges) for d in definitions)
    return _aligned(f"{draw(left)} &= {draw(right)}" for left, right in sides)


def law_latex(function: Function, argument: Symbol, body: Expr, style: Style = LECTURE) -> str:
    r"""``\sigma(z) = \frac{1}{1 + e^{-z}}``; with ``function.prime`` and its formula, the derivative."""
    return draw(equation(*arrange_law(function, argument, body, style)))


def chain_latex(goal: Expr, lines: Iterable[Line], style: Style = LECTURE) -> str:
    """goal = line = … = line, one line under the other, as the lecture writes it.

    A line is an expression, or several that are equal and share the line.
    """
    members = ((line,) if isinstance(line, Expr) else line for line in lines)
    rows = ["&= " + " = ".join(latex(member, style) for member in equal) for equal in members]
    return _aligned([f"{latex(goal, style)} {' '.join(rows[:1])}", *rows[1:]], between=" = ")


def _aligned(rows: Iterable[str], between: str = " ") -> str:
    return "\\begin{aligned}\n" + f"{between}\\\\\n".join(rows) + "\n\\end{aligned}"


def draw(box: Box) -> str:
    """A tree of boxes in LaTeX."""
    match box:
        case Glyph(text, _):
            return text
        case Row(parts):
            return _side_by_side(draw(part) for part in parts)
        case Script(base, lower, upper):
            return draw(base) + _index("_", lower) + _index("^", upper)
        case Big(lower, upper, operator):
            return rf"\{operator}" + _index("_", lower) + _index("^", upper)
        case Fraction(above, below):
            return rf"\frac{{{draw(above).rstrip()}}}{{{draw(below)}}}"
        case Root(body):
            return rf"\sqrt{{{draw(body)}}}"
        case Fence(body, left, right):
            grow = (r"\left", r"\right") if tall(body) else ("", "")
            return f"{grow[0]}{_BRACES.get(left, left)}{draw(body)}{grow[1]}{_BRACES.get(right, right)}"
        case Exponential(exponent):
            return rf"\exp{draw(Fence(exponent))}" if tall(exponent) else f"e{_index('^', exponent)}"
        case Cases(rows):
            lines = r" \\ ".join(f"{draw(value)} & {draw(condition)}" for value, condition in rows)
            return rf"\begin{{cases}} {lines} \end{{cases}}"
        case Braced(body, note):
            return rf"\underbrace{{{draw(body)}}}_{{\,{draw(note)}\,}}"
        case Keyed(body):
            return draw(body)
    raise TypeError(f"not a box: {box!r}")


def _index(mark: str, box: Box | None) -> str:
    if box is None:
        return ""
    text = draw(box)
    if text == "'" * len(text):
        return text  # a prime is already raised
    return f"{mark}{text}" if len(text) == 1 else f"{mark}{{{text}}}"


def _side_by_side(texts: Iterable[str]) -> str:
    """Strings one after another; a control word must not swallow a letter that follows."""
    whole = ""
    for text in texts:
        gap = " " if text[:1].isalpha() and re.search(r"\\[A-Za-z]+$", whole) else ""
        whole += gap + text
    return whole
