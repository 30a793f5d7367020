"""What a sentence of plain text defines on the way: ``samples (x_i, y_i), e_i = wᵀx_i - y_i. Fixed λ > 0``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbolic.marking.text.refusals import Span

#: Words that are mathematics.
NAMES_OF_FUNCTIONS = frozenset(
    [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "cot",
        "tanh",
        "sinh",
        "cosh",
        "arctan",
        "atan",
        "max",
        "min",
        "relu",
        "sigmoid",
        "softmax",
        "softplus",
        "gelu",
        "silu",
        "elu",
        "sign",
        "diag",
        "det",
        "trace",
        "erf",
        *("alpha", "beta", "gamma", "delta", "eps", "epsilon", "eta", "theta", "lambda", "mu", "rho", "sigma", "tau"),
        *("phi", "psi", "omega"),
        "sum",
        "prod",
        "grad",
    ]
)
#: A letter, with what stands below it, or what it is taken of.
_DEFINED = re.compile(
    r"(?:(?![А-Яа-яЁё])[^\W\d_][\u0302-\u0307]?|yhat|[a-z]_hat)(?:_\w+|[₀-ₜᵢⱼ]+)?(?:\((?:[\w₀-ₜᵢⱼα-ω]+(?:,\s*[\w₀-ₜᵢⱼα-ω]+)*)\))?"
)
_EQUALS = re.compile(r"(?<=\s):?=(?=\s)")
_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[A-Za-zА-Яа-яЁё]{2,}(?:['’][a-z]+)?|[А-Яа-яЁё]")
_VOWEL = re.compile(r"[aeiouyAEIOUYА-Яа-яЁё]")
#: What ends a formula where no bracket is open.
_ENDS = ",.;:?!"
#: So many characters may a name have, and a formula within a sentence.
_LONGEST_NAME, _LONGEST_FORMULA = 40, 400
_OPENING, _CLOSING = "([{", ")]}"


def definitions_in_words(line: str) -> Iterator[Span]:
    """Where a line of words says what a letter is; what only gives it a number, or a list, defines nothing."""
    for sign in _EQUALS.finditer(line):
        start = start_of_name(line, sign.start())
        end = end_of_formula(line, sign.end())
        if start is not None and end is not None:
            yield start, end


def start_of_name(line: str, end: int) -> int | None:
    """Where the name before a sign begins; None where no name stands there, or more than one."""
    for match in _DEFINED.finditer(line, max(end - _LONGEST_NAME, 0), end):
        before = line[max(match.start() - _LONGEST_NAME, 0) : match.start()].rstrip()
        if line[match.end() : end].strip() or (match.start() and line[match.start() - 1] not in " (\t"):
            continue
        apart = not before or before[-1] in _ENDS or before[-1] in _OPENING
        return match.start() if apart or is_word(before.split()[-1]) else None
    return None


def end_of_formula(line: str, start: int) -> int | None:
    """Where the formula behind a sign ends, at a word or a stop; None where it says nothing of other letters."""
    depth, end, letters = 0, start, False
    for match in _TOKEN.finditer(line, start, start + _LONGEST_FORMULA):
        token = match.group()
        bare = token.rstrip(_ENDS) if depth + balance(token) <= 0 else token
        if is_word(bare):
            break
        for at, character in enumerate(bare):
            depth += (character in _OPENING) - (character in _CLOSING)
            if depth < 0:  # the bracket around the whole remark
                bare = bare[:at]
                break
        end = match.start() + len(bare)
        letters = letters or re.search(r"[A-Za-zα-ωΑ-Ω]", bare) is not None
        if depth < 0 or (depth == 0 and len(bare) < len(token)):
            break
    formula = line[start:end].strip()
    whole = depth <= 0 and bool(formula) and formula[-1] not in "+-−*/=·^_"
    return end if whole and letters and not is_word(formula) else None


def balance(token: str) -> int:
    return sum((character in _OPENING) - (character in _CLOSING) for character in token)


def is_word(token: str) -> bool:
    """Whether what stands between two spaces is a word of the language: no function, and no product wxb."""
    inside = token.strip("".join((_ENDS, _OPENING, _CLOSING)))
    return (
        _WORD.fullmatch(inside) is not None and inside not in NAMES_OF_FUNCTIONS and _VOWEL.search(inside) is not None
    )
