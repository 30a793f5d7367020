"""Plain text and lines of code as LaTeX that any engine can set, the 8-bit ones too."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": "-{}",  # never a dash made of two
    "—": "---",
    "–": "--",
}

_MATHEMATICS = {
    "∂": r"\partial",
    "∑": r"\sum",
    "Σ": r"\Sigma",
    "∇": r"\nabla",
    "·": r"\cdot",
    "×": r"\times",
    "⊙": r"\odot",
    "√": r"\surd",
    "∞": r"\infty",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "→": r"\to",
    "∈": r"\in",
    "−": "-",
    "′": "'",
    "ᵀ": "^T",
    "…": r"\dots",
    "ε": r"\varepsilon",
    "⋮": r"\vdots",
    "²": "^{2}",
    "φ": r"\varphi",
}

#: Greek letters that TeX has no command for, because Latin ones look the same.
_LOOK_LATIN = "ΑΒΕΖΗΙΚΜΝΟΡΤΧο"


def escape(text: str) -> str:
    r"""The text with every character that TeX gives a meaning written out.

    >>> escape("a_b & σ(z)²")
    'a\\_b \\& \\ensuremath{\\sigma}(z)\\ensuremath{^{2}}'
    """
    return _CYRILLIC.sub(lambda run: rf"\chainrulecyr{{{run[0]}}}", "".join(_character(c) for c in text))


#: A run of Russian; ``\chainrulecyr`` is a macro of the preamble, which knows the engine.
_CYRILLIC = re.compile("[А-Яа-яЁё]+(?: +[А-Яа-яЁё]+)*")


def code_line(line: str) -> str:
    r"""A line of code: the same, no space is lost, and it may be broken between words.

    >>> code_line("    x = 1  # one")
    '~~~~x = 1~ \\# one'
    """
    code = escape(line).rstrip()
    body = code.lstrip(" ")
    return "~" * (len(code) - len(body)) + re.sub(" +", lambda gap: "~" * (len(gap[0]) - 1) + " ", body) or "~"


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c in _MATHEMATICS:
        return rf"\ensuremath{{{_MATHEMATICS[c]}}}"
    if c.isascii():
        return c if c.isprintable() else " "
    if _CYRILLIC.fullmatch(c):
        return c
    kind, *plain = unicodedata.decomposition(c).split()[:2] or [""]
    if kind in ("<super>", "<sub>"):
        return rf"\ensuremath{{{'^' if kind == '<super>' else '_'}{{{chr(int(plain[0], 16))}}}}}"
    name = unicodedata.name(c, "").split()
    if name[:1] == ["GREEK"] and len(name) == 4 and c not in _LOOK_LATIN:
        letter = "lambda" if name[3] == "LAMDA" else name[3].lower()
        return rf"\ensuremath{{\{letter if name[1] == 'SMALL' else letter.title()}}}"
    return f"(U+{ord(c):04X})"  # readable at least, and never a hole in the page
