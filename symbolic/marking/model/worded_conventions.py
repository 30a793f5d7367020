"""Conventions that a text states in words: repeated indices, primes for transposes, zeros outside of a range."""

from __future__ import annotations

import re

from symbolic.marking.text.chains import Chain
from symbolic.marking.text.reader import Document

#: The words of ``%! convention …``.
EINSTEIN = "einstein"
PRIME = "prime"
PADDED = "padded"
BY_ROWS = "softmax by rows"
ROW = "row"

_REPEATED = re.compile(
    r"\beinstein\b|\bsummation convention\b|repeated\s+(?:[\w-]+\s+)?(?:index|indices|indexes|subscript)"
    r"|повторяющ\w+ся\s+(?:\w+\s+)?индекс|Эйнштейн",
    re.IGNORECASE,
)
#: X'X, X'(y - Xβ) and (y - Xβ)'V: a prime behind a matrix that is a factor of what follows.
_TRANSPOSING = re.compile(
    r"(?<![A-Za-z\\])([A-Z])\s*'\s*(?:\1(?![A-Za-z'])|(?:\\left)?\([^()]*-[^()]*\1)"
    r"|\([^()]*-[^()]*[A-Z][^()]*\)\s*'\s*[A-Z(]"
    # x_i x_i' of vectors (of functions f_i f_i' it is a slope), and the matrix ∂²ℓ/∂β∂β'
    r"|(?<![A-Za-z\\])(?P<row>(?![fgh])[A-Za-z]_(?:\w|\{\w+\}))\s*(?:\\,|\\;)?\s*(?P=row)\s*'(?!\s*\()"
    r"|\\partial\s*(?P<by>\\?[A-Za-z]+)\s*(?:\\,|\\;)?\s*\\partial\s*(?P=by)\s*'"
)
_NOTHING = r"(?:=\s*\$?\s*0(?![.\d]*\d)|\bzeros?\b|\b(?:as|is|are)\s+\$?0\b|нул[яеюьи]\w*|нулям)"
_OUTSIDE = r"(?:\boutside\b|\bout[- ]of[- ](?:range|bounds)\b|\bbeyond\b|\bвне\b|\bза\s+(?:пределами|границами)\b)"
_ZERO_OUTSIDE = re.compile(
    rf"\bzero[- ]?padd\w+|\bpadded\s+(?:with|by)\s+(?:zeros|\$?0)|\bдополн\w+\s+нулями"
    rf"|{_NOTHING}[^\n]{{0,60}}?{_OUTSIDE}|{_OUTSIDE}[^\n]{{0,60}}?{_NOTHING}"
    # e_i = 0 for i < 1
    r"|_\s*\{?(?P<letter>[a-z])\}?\s*=\s*0\s*\$?,?\s*(?:\\quad\s*)?(?:\\text\{\s*)?(?:for|if|when|при|для|если)\b"
    r"[\s}$]{0,4}(?P=letter)\s*(?:<|\\lt|\\le(?:q\b)?)\s*[01]\b",
    re.IGNORECASE,
)


_BY_ROWS = re.compile(
    r"\brow-?wise\s+\$?\\?(?:softmax|operatorname\{softmax)|\bпострочн\w+\s+\$?\\?(?:softmax|софтмакс)"
    r"|softmax\b[^.]{0,60}(?:\brow by row\b|\brow-?wise\b"
    r"|\b(?:of|to|over|along|in|for|on|per|across)\s+(?:(?:each|every|the)\s+)?rows?\b"
    r"|построчно|по строкам|кажд\w+ строк)",
    re.IGNORECASE,
)


def softmax_by_rows(source: str) -> bool:
    """Whether a text says that it takes the softmax of each row of a matrix."""
    return _BY_ROWS.search(source) is not None


def sums_repeated(source: str) -> bool:
    """Whether a text says that repeated indices are summed over."""
    return _REPEATED.search(source) is not None


def primes_transpose(source: str) -> bool:
    """Whether a text writes a prime for the transpose, as statistics does."""
    return _TRANSPOSING.search(source) is not None


#: ``\frac{\partial L}{\partial b} \in \mathbb{R}^{1 \times M}``: a gradient by a vector is a row.
_ROW = re.compile(
    r"\\frac\s*\{\s*(?:\\partial|\\mathrm\{?d\}?|d)\s*(?:\\mathcal\s*\{?)?\\?[A-Za-z]+\}?\s*\}\s*"
    r"\{\s*(?:\\partial|\\mathrm\{?d\}?|d)\s*(?:\\(?:boldsymbol|mathbf|bm|vec)\s*\{)?\s*\\?[a-z]+\s*\}?\s*\}"
    r"[^$]{0,80}?\\in\s*\\(?:mathbb|mathbf)\s*\{?\s*R\s*\}?\s*\^\s*\{\s*1\s*\\times"
)


#: "Gradients are horizontal vectors here".
_ROWS_IN_WORDS = re.compile(
    r"\bgradients?\s+(?:(?:is|are|as|will\s+be|written)\s+){1,3}(?:an?\s+|the\s+)?(?:horizontal|row)[\s-]+vectors?\b"
    r"|\bградиент\w*\s*(?:—|-{1,3}|есть|это|записыва\w+\s+как)\s*(?:вектор\w*-)?строк\w*",
    re.IGNORECASE,
)


def gradients_are_rows(source: str) -> bool:
    """Whether a text says of a gradient that it has one row."""
    return _ROW.search(source) is not None or _ROWS_IN_WORDS.search(source) is not None


def is_padded(source: str) -> bool:
    """Whether a text says that what lies outside of a range is 0."""
    return _ZERO_OUTSIDE.search(source) is not None


def conventions_in_words(source: str) -> tuple[str, ...]:
    """The header's lines for what the words of a text say of its notation."""
    said = (
        (EINSTEIN, sums_repeated),
        (PRIME, primes_transpose),
        (PADDED, is_padded),
        (BY_ROWS, softmax_by_rows),
        (ROW, gradients_are_rows),
    )
    return tuple(f"convention {word}" for word, holds in said if holds(source))


def states_padding(document: Document, chain: Chain) -> bool:
    r"""``with $\delta_t = 0$ outside``: how a place is read that is none."""
    if not chain.inline or len(chain.sides) != 2 or [token.text for token in chain.sides[1].tokens] != ["0"]:
        return False
    start, end = chain.sides[0].span[0], chain.sides[1].span[1]
    found = (match for match in _ZERO_OUTSIDE.finditer(document.source, max(0, start - 80), end + 80))
    return any(match.start() < end and start < match.end() for match in found)
