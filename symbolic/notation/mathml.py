"""MathML Core, which browsers draw natively: the third medium beside LaTeX and the terminal.

    >>> from symbolic.language.expr import Symbol, add, power
    >>> print(mathml(power(add(Symbol("y"), -Symbol("p")), 2)))
    <math><msup><mrow><mo stretchy="false">(</mo><mrow><mi>y</mi><mo>−</mo><mi>p</mi></mrow>\
<mo stretchy="false">)</mo></mrow><mn>2</mn></msup></math>

Whatever stands in a name is text: it is escaped, and nothing in it can become an element.
"""

from __future__ import annotations

import re
from html import escape

from symbolic.language.expr import Expr
from symbolic.notation.arrange import arrange
from symbolic.notation.boxes import (
    DOT,
    LEADING_MINUS,
    SLASH_DOT,
    SPACE,
    THIN,
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

#: Between factors: a product without a sign.  The dot that keeps a number apart stays a dot.
_TIMES = "<mo>&#x2062;</mo>"
_SPACES = {SPACE: _TIMES, THIN: _TIMES, DOT: "<mo>·</mo>", SLASH_DOT: _TIMES}
_OPERATORS = frozenset("+−-=·×⊙<>≤≥≠→⇒,;:|′∂∑()[]{}")


def mathml(expr: Expr, style: Style = LECTURE) -> str:
    """An expression within running text."""
    return math(arrange(expr, style))


def math(box: Box, display: bool = False) -> str:
    """A ``<math>`` element; ``display`` sets it as a formula of its own."""
    block = ' display="block"' if display else ""
    return f"<math{block}>{draw(box)}</math>"


def draw(box: Box) -> str:
    """A tree of boxes as the inside of a ``<math>`` element; always exactly one element."""
    match box:
        case Glyph():
            return _glyph(box)
        case Row(parts):
            return _row(parts)
        case Script(base, None, None):
            return draw(base)
        case Script(base, lower, None):
            assert lower is not None
            return f"<msub>{draw(base)}{draw(lower)}</msub>"
        case Script(base, None, upper):
            assert upper is not None
            return f"<msup>{draw(base)}{draw(upper)}</msup>"
        case Script(base, lower, upper):
            assert lower is not None
            assert upper is not None
            return f"<msubsup>{draw(base)}{draw(lower)}{draw(upper)}</msubsup>"
        case Big(lower, None, operator):
            return f"<munder>{_BIG[operator]}{draw(lower)}</munder>"
        case Big(lower, upper, operator):
            assert upper is not None
            return f"<munderover>{_BIG[operator]}{draw(lower)}{draw(upper)}</munderover>"
        case Fraction(above, below):
            return f"<mfrac>{draw(above)}{draw(below)}</mfrac>"
        case Root(body):
            return f"<msqrt>{draw(body)}</msqrt>"
        case Fence(body, left, right):
            return f"<mrow>{bracket(left, tall(body))}{draw(body)}{bracket(right, tall(body))}</mrow>"
        case Exponential(exponent):
            if tall(exponent):
                return f"<mrow><mi>exp</mi>{draw(Fence(exponent))}</mrow>"
            return f"<msup><mi>e</mi>{draw(exponent)}</msup>"
        case Cases(rows):
            lines = "".join(f"<mtr><mtd>{draw(a)}</mtd><mtd>{draw(b)}</mtd></mtr>" for a, b in rows)
            return f'<mrow><mo stretchy="true">{{</mo><mtable class="cases">{lines}</mtable></mrow>'
        case Braced(body, note):
            return f'<munder><mrow class="factor">{draw(body)}</mrow><mrow class="note">{draw(note)}</mrow></munder>'
        case Keyed(body, key):
            return f'<mrow data-key="{escape(key)}">{draw(body)}</mrow>'
    raise TypeError(f"not a box: {box!r}")


_BIG = {
    "sum": '<mo largeop="true" movablelimits="false">∑</mo>',
    "prod": '<mo largeop="true" movablelimits="false">∏</mo>',
    "max": '<mo movablelimits="false">max</mo>',
}


def bracket(sign: str, grows: bool) -> str:
    """One bracket; it grows only where what it holds is tall, as in print."""
    return f'<mo stretchy="{str(grows).lower()}">{escape(sign)}</mo>'


def _row(parts: tuple[Box, ...]) -> str:
    """Parts one after another; the space after Σ is no product."""
    drawn, before = [], None
    for part in parts:
        if not (part in _SPACES and isinstance(before, Big)):
            drawn.append(draw(part))
        before = part
    return f"<mrow>{''.join(drawn)}</mrow>"


def _glyph(glyph: Glyph) -> str:
    if glyph in _SPACES:
        return _SPACES[glyph]
    if glyph == LEADING_MINUS:
        return '<mo form="prefix">−</mo>'
    text = glyph.unicode.strip()
    if re.fullmatch(r"[0-9.]+", text):
        return f"<mn>{text}</mn>"
    if text and set(text) <= _OPERATORS:
        sign = f'<mo stretchy="false">{escape(text)}</mo>' if text in "()[]{}|" else f"<mo>{escape(text)}</mo>"
        return f'<mrow>{sign}<mspace width="1em"/></mrow>' if r"\quad" in glyph.latex else sign
    if not text:
        return '<mspace width="1em"/>' if r"\quad" in glyph.latex else "<mrow></mrow>"
    if text == "…" or re.fullmatch(r"\w+'*", text):
        return f"<mi>{escape(text)}</mi>"
    return f"<mtext>{escape(text)}</mtext>"
