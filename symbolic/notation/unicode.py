"""Unicode mathematics for a terminal: one line per formula, real sub- and superscripts where they exist.

>>> from symbolic.language.expr import Symbol, add, power
>>> print(unicode(power(add(Symbol("y"), -Symbol("p")), 2)))
(y − p)²
"""

from __future__ import annotations

from collections.abc import Iterable

from symbolic.fuel import spend
from symbolic.language.definition import Definition
from symbolic.language.expr import Expr, Symbol
from symbolic.language.functions import Function
from symbolic.notation.arrange import arrange, arrange_definition, arrange_law, equation
from symbolic.notation.boxes import (
    BIG,
    POWER,
    QUOTIENT,
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
    level,
)
from symbolic.notation.style import LECTURE, Style
from symbolic.notation.subscript_boxes import name_box

# Unicode has no comma below the line, so the one on it is used: w₁,ⱼ.
_LOWER = dict(zip("0123456789+−=()aehijklmnoprstuvxβγρφχ,", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ,", strict=True))
_UPPER = dict(
    zip(
        "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW′",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′",
        strict=True,
    )
)

#: What each small sign below and above the line stands for.
SUBSCRIPTS = {small: sign for sign, small in _LOWER.items() if small != sign}
SUPERSCRIPTS = {small: sign for sign, small in _UPPER.items() if small != sign}


def unicode(expr: Expr, style: Style = LECTURE) -> str:
    """An expression on one line."""
    return draw(arrange(expr, style))


def unicode_name(name: str) -> str:
    """A name on its own: ``lambda_1`` is λ₁."""
    return draw(name_box(name))


def definition_unicode(definition: Definition, style: Style = LECTURE, ranges: bool = True) -> str:
    """``zⱼ = σ(w₁,ⱼᵀx),  j = 1, …, J``"""
    return draw(equation(*arrange_definition(definition, style, ranges)))


def definitions_unicode(definitions: Iterable[Definition], style: Style = LECTURE, ranges: bool = True) -> str:
    """A list of definitions, one a line; it knows the parameters and biases from the list."""
    definitions = tuple(definitions)
    style = style.knowing(definitions)
    return "\n".join(definition_unicode(d, style, ranges) for d in definitions)


def law_unicode(function: Function, argument: Symbol, body: Expr, style: Style = LECTURE) -> str:
    """``σ(z) = 1/(1 + e⁻ᶻ)``"""
    return draw(equation(*arrange_law(function, argument, body, style)))


def draw(box: Box) -> str:
    """A tree of boxes as one line."""
    spend()
    match box:
        case Glyph(_, text):
            return text
        case Row(parts):
            return "".join(draw(part) for part in parts)
        case Script(base, lower, upper):
            return draw(base) + _lower(lower) + _upper(upper)
        case Big(lower, upper, operator):
            return _big(_OPERATORS[operator], draw(lower), draw(upper) if upper else "")
        case Fraction(above, below):
            return f"{_part(above, BIG)}/{_part(below, QUOTIENT)}"
        case Root(body):
            return f"√{_part(body, POWER)}"
        case Fence(body, left, right):
            return f"{left}{draw(body)}{right}"
        case Exponential(exponent):
            text = draw(exponent)  # once: what is nested would be drawn twice as often with every level
            raised = _raised(text, _UPPER)
            return f"e{raised}" if raised else f"exp({text})"
        case Cases(rows):
            return "{" + "; ".join(f"{draw(value)} if {draw(condition)}" for value, condition in rows) + "}"
        case Braced(body) | Keyed(body):
            return draw(body)
    raise TypeError(f"not a box: {box!r}")


def _part(box: Box, loose: int) -> str:
    text = draw(box)
    return f"({text})" if level(box) <= loose else text


def _raised(text: str, table: dict[str, str]) -> str:
    """The text in small signs; empty when one of them does not exist."""
    return "".join(table[c] for c in text) if all(c in table for c in text) else ""


def _lower(box: Box | None) -> str:
    if box is None:
        return ""
    text = draw(box)
    return _raised(text, _LOWER) or (f"_{text}" if len(text) == 1 else f"_{{{text}}}")


def _upper(box: Box | None) -> str:
    if box is None:
        return ""
    text = draw(box)
    closed = len(text) == 1 or (text[0] == "(" and text.find(")") == len(text) - 1)
    return _raised(text, _UPPER) or (f"^{text}" if closed else f"^({text})")


_OPERATORS = {"sum": "Σ", "prod": "Π", "max": "max"}


def _big(sign: str, lower: str, upper: str) -> str:
    """Σᵢ₌₁ᴺ, or Σ_{d=1}^D when one of the limits has no small form."""
    small = _raised(lower, _LOWER), _raised(upper, _UPPER)
    if small[0] and (small[1] or not upper):
        return sign + "".join(small)
    below = lower if len(lower) == 1 else f"{{{lower}}}"
    above = f"^{upper}" if len(upper) == 1 else f"^{{{upper}}}" if upper else ""
    return f"{sign}_{below}{above}"
