r"""Names as readers want them: ``lambda_1`` is λ₁, ``w_z_x`` is w with the subscript z,x.

Names may come from anywhere, so every sign that TeX would act upon is escaped.
"""

from __future__ import annotations

import re
from functools import lru_cache

from symbolic.notation.boxes import Box, Glyph

#: The Greek letters that TeX has commands for; the others look Latin.
GREEK: dict[str, str] = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
_GREEK_LETTERS = {letter: f"\\{name}" for name, letter in GREEK.items()}

#: How the functions of formulas are written; any other goes by its name.
FUNCTIONS: dict[str, Glyph] = {
    "sigmoid": Glyph(r"\sigma", "σ"),
    "log": Glyph(r"\ln", "ln"),
    "leaky_relu": Glyph(r"\mathrm{leaky\_relu}", "leaky_relu"),
    "atan": Glyph(r"\arctan", "arctan"),
    **{name: Glyph(f"\\{name}", name) for name in ("tanh", "sin", "cos", "max", "min", "exp", "det")},
    "lgamma": Glyph(r"\ln\Gamma", "lnΓ"),
    "digamma": Glyph(r"\psi", "ψ"),
    "trigamma": Glyph(r"\psi'", "ψ′"),
    "tr": Glyph(r"\operatorname{tr}", "tr"),
}

#: A value at another step is its letter with a sign: ``before_z`` is z⁻.
_STEPS = {"before": ("^{-}", "⁻"), "after": ("^{+}", "⁺")}

_TEX = {
    "\\": r"\backslash ",
    "^": r"\wedge ",
    "~": r"\sim ",
    " ": r"\ ",
    **{char: f"\\{char}" for char in "{}$&#_%"},
}


@lru_cache(maxsize=10_000)
def name_parts(name: str) -> tuple[Glyph, tuple[Box, ...]]:
    """The letter and its subscripts: ``w_z_x`` is w with z and x; ``z1`` is z with 1."""
    parts = [part for part in name.split("_") if part] if re.fullmatch(r"\w+", name) else [name]
    if not parts:
        return word(name), ()
    if parts[0] in _STEPS and len(parts) > 1:  # what z was at the step before
        letter, below = name_parts("_".join(parts[1:]))
        latex, plain = _STEPS[parts[0]]
        return Glyph(f"{{{letter.latex}{latex}}}", f"{letter.unicode}{plain}"), below
    first = re.fullmatch(r"([^\W\d])(\d+)", parts[0])
    head = list(first.groups()) if first else parts[:1]
    base, *lower = (word(part) for part in (*head, *parts[1:]))
    return base, tuple(lower)


def word(text: str) -> Glyph:
    """One word of a name: a letter, a Greek letter, a number, or upright text."""
    if text == "dots":
        return Glyph(r"\dots", "…")
    if text in GREEK:
        return Glyph(f"\\{text}", GREEK[text])
    if text in _GREEK_LETTERS:
        return Glyph(_GREEK_LETTERS[text], text)
    shown = "".join(char if char.isprintable() else "?" for char in text)
    if re.fullmatch(r"[A-Za-z]|[0-9]+", text):
        return Glyph(shown, shown)
    if re.fullmatch(r"[А-Яа-яЁё0-9]+", text):
        return Glyph(rf"\text{{{shown}}}", shown)
    return Glyph(rf"\mathrm{{{''.join(map(escaped, text))}}}", shown)


def escaped(char: str) -> str:
    """One character inside \\mathrm, for any TeX engine; what has no glyph there is named by its number."""
    if char in _GREEK_LETTERS:
        return _GREEK_LETTERS[char] + " "
    if not char.isascii() or not char.isprintable():
        return f"U+{ord(char):04X}"
    return _TEX.get(char, char)
