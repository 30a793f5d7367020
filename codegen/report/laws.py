r"""Formulas that are written in LaTeX, laws and updates, as boxes, so that a browser can draw them too.

The grammar is what they use: letters, numbers, commands, ``\frac``, ``\sqrt``, ``\sum``, ``\left(``,
``\begin{cases}``, ``_`` and ``^``.

    >>> from symbolic.notation.unicode import draw
    >>> draw(law(r"\frac{\partial u^n}{\partial x} = n u^{n-1} \frac{\partial u}{\partial x}"))
    '∂uⁿ/∂x = n uⁿ⁻¹ ∂u/∂x'
    >>> draw(law(r"\frac{\eta g}{\sqrt{v}}"))
    'η g/√v'
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbolic.notation.boxes import (
    DIFFERENTIAL,
    EQUALS,
    LEADING_MINUS,
    PRIME,
    SPACE,
    Big,
    Box,
    Cases,
    Fence,
    Fraction,
    Glyph,
    Operator,
    Root,
    Row,
    Script,
    sign,
)
from symbolic.notation.glyphs import FUNCTIONS, GREEK

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+|[{}_^&']|[^\s]")
_SIGNS: dict[str, Box] = {
    "=": EQUALS,
    "+": Glyph(" + ", " + "),
    "-": Glyph(" - ", "−"),
    r"\partial": DIFFERENTIAL,
    r"\dots": Glyph(r"\dots", "…"),
    r"\ne": Glyph(r" \ne ", " ≠ "),
    r"\Rightarrow": Glyph(r" \Rightarrow ", " ⇒ "),
    r"\odot": Glyph(r" \odot ", " ⊙ "),
    r"\quad": Glyph(r"\quad ", "  "),
    r"\,": SPACE,
    r"\ ": SPACE,
    r"\;": SPACE,
    "'": PRIME,
    r"\lfloor": Glyph(r"\lfloor ", "⌊"),
    r"\rfloor": Glyph(r"\rfloor ", "⌋"),
    "[": sign("["),
    "]": sign("]"),
    ",": Glyph(", ", ", "),
    **{f"\\{name}": Glyph(f"\\{name}", letter) for name, letter in GREEK.items()},
    **{glyph.latex: glyph for glyph in FUNCTIONS.values() if glyph.latex.removeprefix("\\").isalpha()},
}


def law(latex: str) -> Box:
    """The boxes of a law; ``ValueError`` names what the grammar does not have."""
    found, end = _row(_TOKEN.findall(latex), 0)
    if end < len(_TOKEN.findall(latex)):
        raise ValueError(f"the law {latex!r} closes a brace that it never opened")
    return found


def _row(tokens: Sequence[str], at: int, stops: tuple[str, ...] = ("}",)) -> tuple[Box, int]:
    """Boxes up to a stop; neighbours that are factors are separated by the sign of a product."""
    parts: list[Box] = []
    while at < len(tokens) and tokens[at] not in stops:
        box, at = _scripted(tokens, at)
        if parts and _factor(parts[-1]) and _opens_factor(box) and parts[-1] != DIFFERENTIAL:
            parts.append(SPACE)
        parts.append(box)
    return (parts[0] if len(parts) == 1 else Row(tuple(parts))), at


def _factor(box: Box) -> bool:
    """What a factor may follow at once: a letter, a fraction, Σ; not an operator or an opening bracket."""
    match box:
        case Glyph(_, text):
            return text.strip().isalnum()
        case Script(base):
            return _factor(base)
    return isinstance(box, Fraction | Big)


def _opens_factor(box: Box) -> bool:
    return box == DIFFERENTIAL or _factor(box)


def _scripted(tokens: Sequence[str], at: int) -> tuple[Box, int]:
    """One sign or group with its indices and primes."""
    base, at = _single(tokens, at)
    scripts: dict[str, Box] = {}
    while at < len(tokens) and tokens[at] in ("_", "^", "'"):
        if tokens[at] == "'":
            scripts["^"], at = PRIME, at + 1
        else:
            mark = tokens[at]
            index, at = _single(tokens, at + 1)
            scripts[mark] = Row(tuple(p for p in index.parts if p != SPACE)) if isinstance(index, Row) else index
    lower, upper = scripts.get("_"), scripts.get("^")
    if base in _BIG:
        return Big(lower or sign(""), upper, _BIG[base]), at
    return (Script(base, lower, upper) if scripts else base), at


_BIG: dict[Box, Operator] = {Glyph(rf"\{name}", name): name for name in ("sum", "prod", "max")}


def _single(tokens: Sequence[str], at: int) -> tuple[Box, int]:
    token = tokens[at]
    if token == "{":
        box, end = _row(tokens, at + 1)
        return box, end + 1
    if token == r"\frac":
        above, at = _single(tokens, at + 1)
        below, at = _single(tokens, at)
        return Fraction(above, below), at
    if token == r"\sqrt":
        body, at = _single(tokens, at + 1)
        return Root(body), at
    if token == r"\left":
        inside, end = _row(tokens, at + 2, (r"\right",))
        return Fence(inside, tokens[at + 1], tokens[end + 1]), end + 2
    if token[1:] in ("sum", "prod", "max") and token[0] == "\\":
        return Glyph(token, token[1:]), at + 1
    if token == r"\begin":
        return _cases(tokens, at + len(("begin", *"{cases}")))
    if token == "-" and (at == 0 or tokens[at - 1] in "{("):
        return LEADING_MINUS, at + 1
    if token in _SIGNS:
        return _SIGNS[token], at + 1
    if re.fullmatch(r"\d+|[A-Za-z()/<>|.:;]", token):
        return sign(token), at + 1
    raise ValueError(f"a law may not use {token!r}")


def _cases(tokens: Sequence[str], at: int) -> tuple[Box, int]:
    rows: list[tuple[Box, Box]] = []
    stops = ("&", r"\\", r"\end")
    while True:
        value, at = _row(tokens, at, stops)
        condition, at = _row(tokens, at + 1, stops)
        rows.append((value, condition))
        if tokens[at] == r"\end":
            return Cases(tuple(rows)), at + len(("end", *"{cases}"))
        at += 1
