"""LaTeX mathematics as tokens with their places in the source.

White space, sizing and style vanish here; everything else becomes a token, and a command that is not
in the tables is kept as a token of kind "command" so that the grammar can name it when it refuses it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from symbolic.marking.text.braces import partners
from symbolic.marking.text.commands import (
    ACCENTS,
    FONTS,
    FOUNTS_OF_WORDS,
    LAYOUT,
    LAYOUT_WITH_ARGUMENT,
    OLD_FONTS,
    TEXT,
    TRANSPARENT,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.words import Text

Kind = Literal["letter", "number", "command", "sign", "word", "row"]


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    span: Span

    def is_sign(self, *signs: str) -> bool:
        return self.kind == "sign" and self.text in signs

    def is_command(self, *names: str) -> bool:
        return self.kind == "command" and self.text in names


#: What stands between two formulas, in whatever fount: ``… = x \;\textrm{and}\; …``.
_BETWEEN = frozenset(
    [
        *("and", "or", "but", "if", "for", "when", "where", "with"),
        *("then", "hence", "so", "thus", "since", "because", "otherwise", "as"),
        *("и", "или", "а", "если", "при", "для", "когда", "где", "то"),
    ]
)
#: A bar over a name, with what is below it.
_OVERLINED = re.compile(
    r"\\overline\s*(?:\{\s*(?P<name>\\?[A-Za-z]|\\[a-z]+)\s*(?P<below>_\s*(?:\w|\{\w+\}))?\s*\}|(?P<one>[A-Za-z]))"
)
_FOUNT = re.compile(r"\\[A-Za-z]+\b")
_FONT_WORD = re.compile(r"\s*([A-Za-z]{2,})\s*(?=\})")

#: So many founts may be set inside each other.
DEEPEST = 40
_PIECE = re.compile(
    r"""(?P<space>\s+|~)
      | (?P<row>\\\\(?:\*)?(?:\s*\[[^\]\n]{0,20}(?:pt|em|ex|cm|mm)\])?)
      | (?P<command>\\(?:[A-Za-z]+\*?|.))
      | (?P<number>\d+(?:\.\d+|\{,\}\d+)?|\.\d+)
      | (?P<root>sqrt(?=\s*\())
      | (?P<letter>[A-Za-z])
      | (?P<sign>[-+*/=<>()\[\]{}^_|,;:.'!?&])
    """,
    re.VERBOSE | re.DOTALL,
)
_GROUP, _ONE = re.compile(r"\s*\{"), re.compile(r"\\[A-Za-z]+|.", re.DOTALL)
_UNICODE = {
    "−": "-", "–": "-", "·": r"\cdot", "×": r"\times", "∗": r"\ast", "∂": r"\partial", "∑": r"\sum", "∏": r"\prod",
    "⊙": r"\odot", "∘": r"\circ", "′": "'", "≠": r"\ne", "≤": r"\le", "≥": r"\ge", "→": r"\to", "⇒": r"\Rightarrow",
    "⟹": r"\implies", "∴": r"\therefore", "≡": r"\equiv", "≈": r"\approx", "∈": r"\in", "∀": r"\forall",
    "…": r"\dots", "⋯": r"\cdots", "∇": r"\nabla", "∞": r"\infty", "‖": r"\|", "⟨": r"\langle", "⟩": r"\rangle",
    "√": r"\sqrt", "ᵀ": r"^\top", "⊤": r"\top", "ℓ": r"\ell", "𝟙": r"\mathbb{1}", "½": r"\frac{1}{2}",
    "φ": r"\varphi", "ϕ": r"\phi", "ϵ": r"\epsilon", "ϑ": r"\vartheta", "Σ": r"\sum", "Π": r"\prod",
    "⊗": r"\otimes", "∥": r"\|", "∣": "|", "⊘": r"\oslash",
    "≔": "=",
    "¼": r"\frac{1}{4}", "ℝ": r"\mathbb{R}", "⁄": "/", "←": r"\leftarrow", "⋅": r"\cdot", "•": r"\cdot",
}  # fmt: skip
#: Accents that stand behind their letter.
COMBINING = {"\u0302": r"\hat", "\u0303": r"\tilde", "\u0304": r"\bar", "\u0305": r"\bar", "\u0307": r"\dot"}
#: Small figures and letters, above and below the line.
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁱʲᵏˡᵐⁿᵗᵈᵇᵖʰˢᵘᵛʷˣʸᶻᴺᴷᴹᴶᴰᴸᴴ", "0123456789+-()ijklmntdbphsuvwxyzNKMJDLH", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌ᵢⱼₖₗₘₙₛₜₓₚₐₕᵣᵤᵥₑₒ", "0123456789+-=ijklmnstxpahruveo", strict=True))


#: What is left of a formula that is written up to what does not depend on its variable.
CONSTANT = "const"
CONSTANTS = ("const", "constant", "константа")


def tokenize(source: str, start: int = 0, end: int | None = None, depth: int = 0) -> list[Token]:
    """The tokens of ``source[start:end]``; spans are offsets in the whole source.

    Raises NotUnderstood where something is no part of a formula, or founts stand inside each other too ``depth``.
    """
    if depth > DEEPEST:
        raise NotUnderstood(Text("nested too deeply", "слишком глубокая вложенность"), (start, start + 1))
    end = len(source) if end is None else end
    tokens: list[Token] = []
    at = start
    while at < end:
        found = _PIECE.match(source, at, end)
        if found is None:
            at = _character(source, at, end, tokens)
            continue
        span, text = found.span(), found.group()
        at = found.end()
        if found.lastgroup == "space":
            continue
        if found.lastgroup == "row":
            tokens.append(Token("row", r"\\", span))
        elif found.lastgroup == "command":
            at = _command(source, text, span, end, tokens, depth)
        elif found.lastgroup == "root":  # sqrt(u), as code has it
            tokens.append(Token("command", r"\sqrt", span))
        elif found.lastgroup == "number":
            tokens.append(Token("number", text.replace("{,}", "."), span))  # 0{,}5 in Russian
        elif found.lastgroup == "letter" and source[at : at + 1] in COMBINING and at < end:
            tokens.append(Token("letter", f"{COMBINING[source[at]]}{{{text}}}", (span[0], at + 1)))  # r̂
            at += 1
        elif found.lastgroup == "letter":
            tokens.append(Token("letter", text, span))
        else:
            tokens.append(Token("sign", text, span))
    return tokens


#: Greek letters that LaTeX has a command for; the others look like Latin ones.
_GREEK = re.compile(r"GREEK (?:(SMALL)|CAPITAL) LETTER (?:FINAL )?(\w+)$")
_GREEK_CAPITALS = {"Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"}


@cache
def meant_by(character: str) -> str | None:
    """What a character outside ASCII stands for: a sign, a Greek letter, ``x̄``, and the 𝐱 of mathematical founts."""
    if character in _UNICODE:
        return _UNICODE[character]
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in COMBINING:
        return f"{COMBINING[parts[1]]}{{{parts[0]}}}"
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) == 1 and plain != character:
        return plain if plain.isascii() and plain.isalnum() else meant_by(plain)
    greek = _GREEK.match(unicodedata.name(character, ""))
    if greek is None:
        return None
    name = greek[2].lower().replace("lamda", "lambda")
    name = name if greek[1] else name.capitalize()
    return rf"\{name}" if greek[1] or name in _GREEK_CAPITALS else None


def _character(source: str, at: int, end: int, tokens: list[Token]) -> int:
    """A character outside ASCII as what it stands for; returns where reading goes on."""
    for small, sign in ((_RAISED, "^"), (_LOWERED, "_")):
        stop = at
        while stop < end and source[stop] in small:
            stop += 1
        if stop > at:
            inside = "".join(small[c] for c in source[at:stop])
            tokens.extend(Token(t.kind, t.text, (at, stop)) for t in tokenize(f"{sign}{{{inside}}}"))
            return stop
    meant = meant_by(source[at])
    if meant is None:
        raise NotUnderstood(
            Text(
                f"the character {source[at]!r} is not part of a formula",
                f"знак {source[at]!r} не может стоять в формуле",
            ),
            (at, at + 1),
        )
    if meant[0] == "^" and tokens and tokens[-1].is_sign("^", "{"):
        meant = meant[1:]  # w^ᵀ and w^{ᵀ}
    tokens.extend(Token(t.kind, t.text, (at, at + 1)) for t in tokenize(meant))
    return at + 1


#: What stands behind a word that is a name: an index, ``\\text{net}_j``; behind a function its argument.
_BELOW = re.compile(r"\s*(?:_|\^[^_]{1,20}_)")
_CALLED = re.compile(r"\s*(?:_|\^|\\left|\\[bB]igg?l?|[(\[{]|\\math(?:bf|rm)|\\boldsymbol)")
FUNCTIONS_IN_TEXT = frozenset(
    [
        *("softmax", "softplus", "sigmoid", "ReLU", "relu", "tanh", "diag", "Diag", "tr", "Tr", "trace", "det"),
        *("sign", "sgn", "log", "ln", "exp", "max", "min"),
    ]
)


def in_ascii(text: str) -> str:
    """A text with its signs outside ASCII as they are typed in LaTeX: ℝⁿ as ℝ^{n}, σ as \\sigma."""
    text = re.sub(rf"(\w)([{''.join(COMBINING)}])", lambda m: f"{COMBINING[m[2]]}{{{m[1]}}}", text)
    for character in sorted(set(text) - {"ℝ"} - {*COMBINING}):
        meant = meant_by(character) if not character.isascii() and character not in _RAISED | _LOWERED else None
        if meant is None:
            continue
        text = text.replace(character, f"{meant} " if meant[-1:].isalpha() else meant)
    for small, sign in ((_RAISED, "^"), (_LOWERED, "_")):
        letters = re.escape("".join(small))
        text = re.sub(f"[{letters}]+", lambda m, s=small, g=sign: f"{g}{{{''.join(map(s.get, m[0]))}}}", text)  # type: ignore[misc]
    return text


_LABEL_IN_BRACKETS = re.compile(r"\s*\(\s*(?P<label>[A-Za-z]{2,12})\s*\)\s*")


def sets_words(source: str, at: int, end: int) -> bool:
    """Whether what a fount is set about is words between formulas, and no name."""
    if not _GROUP.match(source, at, end):
        return False
    words = _argument(source, at, end)[0].strip(" ,.;:~").split()
    return bool(words) and all(word.isalpha() for word in words) and not _BETWEEN.isdisjoint(words)


def _begins_script(tokens: list[Token]) -> bool:
    """Whether a script has just begun, ``^``, ``_{``."""
    last = [token.text for token in tokens[-2:]]
    return last[-1:] in (["^"], ["_"]) or last in (["^", "{"], ["_", "{"])


def _command(source: str, text: str, span: Span, end: int, tokens: list[Token], depth: int) -> int:
    """Add what a command stands for; returns where reading goes on."""
    at = span[1]
    if text.endswith("*") and text not in FONTS and text not in LAYOUT_WITH_ARGUMENT | LAYOUT:
        text, at = text[:-1], at - 1
    label = _FONT_WORD.match(source, at, end) if text in OLD_FONTS else None
    if label is not None:
        tokens.append(Token("letter", label[1], label.span(1)))
        return label.end(1)
    if text in {"\\ ", "\\\n", "\\\t"} or text in LAYOUT:
        # "\right." is an invisible bracket, not a full stop; "\left." says how far back a bar reaches
        if text in {r"\left", r"\right"} and source[at : at + 1] == ".":
            at += 1
            if text == r"\left":
                tokens.append(Token("command", r"\left.", (span[0], at)))
        return at
    if text in LAYOUT_WITH_ARGUMENT:
        return _argument(source, at, end)[1][1] if _GROUP.match(source, at, end) else at
    if text == r"\overline" and (barred := _OVERLINED.match(source, span[0], end)) is not None:
        name = barred["name"] or barred["one"]
        tokens.append(Token("letter", rf"\bar{{{name}}}", (span[0], barred.end())))
        if barred["below"]:
            tokens.extend(tokenize(source, *barred.span("below"), depth + 1))
        return barred.end()
    if text in TRANSPARENT:
        for _ in range(TRANSPARENT[text]):
            at = _argument(source, at, end)[1][1]
        return at
    if text in TEXT or (text in FOUNTS_OF_WORDS and not _begins_script(tokens) and sets_words(source, at, end)):
        inside, where = _argument(source, at, end)
        label = _LABEL_IN_BRACKETS.fullmatch(inside) if _begins_script(tokens) else None
        if label is not None:  # w^{\text{(new)}}
            tokens.append(Token("letter", label["label"], (span[0], where[1])))
            return where[1]
        left_out = inside.strip(" .,") in CONSTANTS and bool(tokens) and tokens[-1].is_sign("+", "-")
        whole = (span[0], where[1])
        behind = _CALLED if inside.strip() in FUNCTIONS_IN_TEXT else _BELOW
        named = re.fullmatch(r"\s*[A-Za-z]{1,12}\s*", inside) and behind.match(source, where[1], end)
        inside = inside.strip() if named else inside
        if left_out:
            tokens.append(Token("letter", CONSTANT, whole))
        else:
            tokens.append(Token("letter", inside, whole) if named else Token("word", inside, whole))
        return where[1]
    if text in FONTS or text in ACCENTS:
        inside, where = _argument(source, at, end)
        word = re.sub(r"[{}\s]", "", _FOUNT.sub(lambda fount: "" if fount[0] in FONTS | TEXT else fount[0], inside))
        whole = (span[0], where[1])
        if text in ACCENTS:
            text = {r"\widehat": r"\hat", r"\widetilde": r"\tilde"}.get(text, text)
            tokens.append(Token("letter", f"{text}{{{word}}}", whole))
        elif re.fullmatch(r"\\[A-Za-z]+", word):
            tokens.append(Token("command", word, whole))
        elif text in {r"\mathbb", r"\mathbf", r"\boldsymbol", r"\bm"} and word in {"1", "I"}:
            tokens.append(Token("command", r"\mathbb1" if word == "1" else r"\mathbbI", whole))
        elif text in {r"\mathcal", r"\mathfrak", r"\mathscr"} and word == "I":  # the information, and no unit matrix
            tokens.append(Token("letter", r"\mathcal{I}", whole))
        elif re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", word):
            tokens.append(Token("letter", word, whole))
        else:  # \mathbf{w^T x}: a font over a whole formula says nothing
            braced = source[where[0]] == "{"
            tokens.extend(tokenize(source, where[0] + braced, where[1] - braced, depth + 1))
        return where[1]
    if text == r"\Pr":
        tokens.append(Token("letter", "Pr", (span[0], at)))
        return at
    if text in (r"\mid", r"\vert"):
        tokens.append(Token("sign", "|", (span[0], at)))
        return at
    tokens.append(Token("command", text, (span[0], at)))
    return at


def _argument(source: str, at: int, end: int) -> tuple[str, Span]:
    """The next argument: its text and the span it takes, braces included."""
    while at < end and source[at].isspace():
        at += 1
    if at >= end:
        raise NotUnderstood(
            Text(
                "the formula ends where an argument should stand", "формула кончается там, где должен стоять аргумент"
            ),
            (max(at - 1, 0), at),
        )
    if source[at] != "{":
        found = _ONE.match(source, at, end)
        assert found is not None
        return found.group(), found.span()
    place = partners(source).get(at, end)
    if place >= end:
        raise NotUnderstood(
            Text("an opening brace has no closing one", "у открывающей фигурной скобки нет закрывающей"), (at, at + 1)
        )
    return source[at + 1 : place], (at, place + 1)
