r"""A person's formula drawn again from what was read of it: from tokens, never from source.

Tokens that the tables below do not know draw nothing: then there is no drawing, and the formula is shown as text.
So no command reaches TeX or a browser but those that stand in this file, with arguments that were read here.

>>> formula(r"\frac{1}{2}\label{a}(x - y)_j^2").latex
'\\frac{1}{2}(x-y)_{j}^{2}'
>>> formula(r"\input{/etc/passwd}") is None
True
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as html_escape

from symbolic.marking.grammar.environments import CASES, MATRICES, rows_of
from symbolic.marking.grammar.known_words import SPELLINGS
from symbolic.marking.text.commands import ACCENTS
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.token_kinds import split
from symbolic.marking.text.tokens import Token, tokenize
from symbolic.notation.escape import escape
from symbolic.notation.glyphs import GREEK

#: What is longer, in tokens, deeper, or has more columns, TeX may refuse: it is shown as text.
LONGEST, DEEPEST, COLUMNS = 3_000, 30, 30


class Undrawn(Exception):
    """There is something here that was not read."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of a formula in both media; ``tall``: brackets around it grow; ``limits``: scripts stand below it."""

    latex: str
    mathml: str
    tall: bool = False
    limits: bool = False


def _letters() -> dict[str, Drawn]:
    known = {f"\\{name}": sign for name, sign in GREEK.items()}
    known |= {
        r"\varepsilon": "ε", r"\epsilon": "ϵ", r"\vartheta": "ϑ", r"\varrho": "ϱ", r"\varsigma": "ς", r"\varphi": "φ",
        r"\phi": "ϕ", r"\varkappa": "ϰ", r"\ell": "ℓ", r"\hbar": "ℏ", r"\infty": "∞", r"\top": "⊤", r"\prime": "′",
    }  # fmt: skip
    return {name: Drawn(name, f"<mi>{sign}</mi>") for name, sign in known.items()}


def _operators() -> dict[str, Drawn]:
    known = {
        r"\partial": "∂", r"\nabla": "∇", r"\cdot": "⋅", r"\cdotp": "⋅", r"\times": "×", r"\ast": "∗", r"\star": "⋆",
        r"\bullet": "∙", r"\odot": "⊙", r"\circ": "∘", r"\otimes": "⊗", r"\div": "÷", r"\pm": "±", r"\mp": "∓",
        r"\ge": "≥", r"\geq": "≥", r"\geqslant": "⩾", r"\le": "≤", r"\leq": "≤", r"\leqslant": "⩽", r"\ne": "≠",
        r"\neq": "≠", r"\in": "∈", r"\forall": "∀", r"\to": "→", r"\rightarrow": "→", r"\Rightarrow": "⇒",
        r"\leftarrow": "←", r"\approx": "≈", r"\simeq": "≃", r"\equiv": "≡", r"\propto": "∝", r"\sim": "∼",
        r"\intercal": "⊺", r"\langle": "⟨", r"\rangle": "⟩", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\mid": "|",
        r"\{": "{", r"\}": "}", r"\lbrace": "{", r"\rbrace": "}", r"\lbrack": "[", r"\rbrack": "]", r"\vert": "|",
        r"\lvert": "|", r"\rvert": "|", r"\|": "‖", r"\Vert": "‖", r"\lVert": "‖", r"\rVert": "‖", r"\dots": "…",
        r"\square": "□", r"\ldots": "…", r"\cdots": "⋯", r"\vdots": "⋮", r"\ddots": "⋱", r"\hdots": "…",
    }  # fmt: skip
    found = {name: Drawn(name, f"<mo>{html_escape(sign)}</mo>") for name, sign in known.items()}
    found[r"\hdots"] = Drawn(r"\dots", "<mo>…</mo>")
    found[r"\colon"] = Drawn(r"\colon ", "<mo>:</mo>")
    for command, sign in ((r"\gt", ">"), (r"\lt", "<"), (r"\lparen", "("), (r"\rparen", ")")):
        found[command] = Drawn(sign, f"<mo>{html_escape(sign)}</mo>")
    return found


def _functions() -> dict[str, Drawn]:
    by_tex = {r"\exp", r"\ln", r"\log", r"\lg", r"\sin", r"\cos", r"\tanh", r"\arctan", r"\tan", r"\cosh", r"\sinh"}
    found: dict[str, Drawn] = {}
    for command in SPELLINGS:
        name = command[1:]
        latex = command if command in by_tex else rf"\operatorname{{{name}}}"
        found[command] = Drawn(latex, f"<mi>{name}</mi>")
    for name in ("max", "min"):
        found[f"\\{name}"] = Drawn(f"\\{name}", f"<mo>{name}</mo>", limits=True)
    return found


#: Commands without an argument.
PLAIN: Mapping[str, Drawn] = {
    **_letters(),
    **_operators(),
    **_functions(),
    r"\sum": Drawn(r"\sum", '<mo largeop="true" movablelimits="false">∑</mo>', tall=True, limits=True),
    r"\prod": Drawn(r"\prod", '<mo largeop="true" movablelimits="false">∏</mo>', tall=True, limits=True),
    r"\mathbb1": Drawn(r"\mathbf{1}", '<mi mathvariant="bold">1</mi>'),
    r"\mathbbI": Drawn(r"\mathbf{I}", '<mi mathvariant="bold">I</mi>'),
    r"\quad": Drawn(r"\quad ", '<mspace width="1em"/>'),
    r"\qquad": Drawn(r"\quad ", '<mspace width="1em"/>'),
    r"\left.": Drawn("", ""),
}
_SIGNS = {sign: Drawn(sign, f"<mo>{html_escape(sign)}</mo>") for sign in "+*/=<>,;:.!?|)]"} | {
    "-": Drawn("-", "<mo>−</mo>"),
    "&": Drawn("", ""),
}
_CLOSING = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle", "{": "}"}
_FRACTIONS = (r"\frac", r"\dfrac", r"\tfrac", r"\cfrac")
#: An accent above a letter, and its sign in MathML.
_ABOVE = {r"\hat": "^", r"\tilde": "~", r"\bar": "¯", r"\check": "ˇ", r"\breve": "˘", r"\dot": "˙", r"\ddot": "¨"}
#: Environments that amsmath alone does not have.
_SAME_AS = {"dcases": "cases", "rcases": "cases", "array": "matrix", "psmallmatrix": "pmatrix"} | {
    "bsmallmatrix": "bmatrix"
}
_EMPTY = Drawn("{}", "<mrow></mrow>")


def typewriter(text: str) -> str:
    r"""A person's words as LaTeX: in a fount in which nothing of ours is set, so that none of it passes for ours."""
    return rf"\text{{\ttfamily {escape(' '.join(text.split()))}}}"


def formula(source: str, words: Callable[[str], str] = typewriter) -> Drawn | None:
    """The drawing of a formula without dollars; None for one that is not known to the last token."""
    try:
        return drawing(tokenize(source), words)
    except NotUnderstood:
        return None


def drawing(tokens: Sequence[Token], words: Callable[[str], str] = typewriter) -> Drawn | None:
    """The drawing of tokens; ``words`` says how words between them are written in LaTeX."""
    if not tokens or len(tokens) > LONGEST:
        return None
    try:
        return _Pen(words).row(list(tokens), 0)
    except Undrawn:
        return None


@dataclass(slots=True)
class _Atom:
    """A base and what hangs on it so far."""

    base: Drawn
    below: Drawn | None = None
    above: Drawn | None = None
    primes: int = 0

    def closed(self) -> Drawn:
        lifted = [Drawn(r"\prime", "<mo>′</mo>")] * self.primes + ([self.above] if self.above else [])
        base, below = self.base, self.below
        above = _beside(lifted) if lifted else None
        latex = base.latex + (f"_{{{below.latex}}}" if below else "") + (f"^{{{above.latex}}}" if above else "")
        tag = ("munder", "mover", "munderover") if base.limits else ("msub", "msup", "msubsup")
        match below, above:
            case None, None:
                return base
            case Drawn(), None:
                mathml = f"<{tag[0]}>{base.mathml}{_one(below)}</{tag[0]}>"
            case None, Drawn():
                mathml = f"<{tag[1]}>{base.mathml}{_one(above)}</{tag[1]}>"
            case _:
                mathml = f"<{tag[2]}>{base.mathml}{_one(below)}{_one(above)}</{tag[2]}>"
        return Drawn(latex, mathml, base.tall)


def _one(drawn: Drawn | None) -> str:
    """As exactly one element."""
    return f"<mrow>{drawn.mathml}</mrow>" if drawn is not None else "<mrow></mrow>"


def _beside(parts: Sequence[Drawn]) -> Drawn:
    """Pieces one after another; a control word must not swallow a letter that follows."""
    latex = ""
    for part in parts:
        latex += (" " if part.latex[:1].isalpha() and re.search(r"\\[A-Za-z]+$", latex) else "") + part.latex
    return Drawn(latex, "".join(part.mathml for part in parts), any(part.tall for part in parts))


def _grouped(drawn: Drawn) -> Drawn:
    return Drawn(f"{{{drawn.latex}}}", _one(drawn), drawn.tall)


def _partners(tokens: Sequence[Token]) -> dict[int, int]:
    """For each bracket that has one, the place of its closing bracket; braces without one are refused."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind not in ("sign", "command"):
            continue
        if token.text in _CLOSING:
            opened.append(at)
        elif token.text == "}":
            while opened and not tokens[opened[-1]].is_sign("{"):
                opened.pop()
            if not opened:
                raise Undrawn
            found[opened.pop()] = at
        elif opened and token.text == _CLOSING[tokens[opened[-1]].text]:
            found[opened.pop()] = at
    return found


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws rows of tokens."""

    words: Callable[[str], str]
    _partner: dict[int, int] = field(default_factory=dict)

    def row(self, tokens: list[Token], depth: int) -> Drawn:
        if depth > DEEPEST:
            raise Undrawn
        here = _Pen(self.words, _partners(tokens))
        atoms: list[_Atom] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.is_sign("_", "^", "'"):
                if not atoms:
                    atoms.append(_Atom(_EMPTY))
                at = here._script(atoms, tokens, at, depth)
            elif token.kind == "row":
                at += 1
            else:
                drawn, at = here._atom(tokens, at, depth)
                atoms.append(_Atom(drawn))
        return _beside([atom.closed() for atom in atoms])

    def _script(self, atoms: list[_Atom], tokens: list[Token], at: int, depth: int) -> int:
        """Hang a script on the last atom; a second one of its kind hangs on both together."""
        sign, atom = tokens[at], atoms[-1]
        taken = atom.below if sign.is_sign("_") else atom.above
        if taken is not None:
            atom = atoms[-1] = _Atom(_grouped(atom.closed()))
        if sign.is_sign("'"):
            atom.primes += 1
            return at + 1
        drawn, end = self._argument(tokens, at + 1, depth)
        if sign.is_sign("_"):
            atom.below = drawn
        else:
            atom.above = drawn
        return end

    def _argument(self, tokens: list[Token], at: int, depth: int) -> tuple[Drawn, int]:
        """A group, or a single token."""
        if at >= len(tokens) or tokens[at].is_sign("_", "^", "'", "&", "}") or tokens[at].kind == "row":
            raise Undrawn
        if tokens[at].is_sign("{"):
            end = self._end(at)
            return self.row(tokens[at + 1 : end], depth + 1), end + 1
        return self._atom(tokens, at, depth + 1)

    def _end(self, at: int) -> int:
        if at not in self._partner:
            raise Undrawn
        return self._partner[at]

    def _atom(self, tokens: list[Token], at: int, depth: int) -> tuple[Drawn, int]:
        token = tokens[at]
        if depth > DEEPEST:
            raise Undrawn
        match token.kind:
            case "number":
                return Drawn(token.text, f"<mn>{token.text}</mn>"), at + 1
            case "letter":
                return self._letter(token.text, depth), at + 1
            case "word":
                said = html_escape(" ".join(token.text.split()))
                return Drawn(self.words(token.text), f'<mtext class="said">{said}</mtext>'), at + 1
        if token.is_sign("{"):
            end = self._end(at)
            return _grouped(self.row(tokens[at + 1 : end], depth + 1)), end + 1
        if token.text in _CLOSING and at in self._partner:
            return self._fence(tokens, at, depth)
        if token.kind == "sign":
            if token.text in _SIGNS or token.text in _CLOSING:
                return _SIGNS.get(token.text) or Drawn(token.text, f"<mo>{token.text}</mo>"), at + 1
            raise Undrawn
        return self._command(tokens, at, depth)

    def _letter(self, text: str, depth: int) -> Drawn:
        """A letter, a name in an upright fount, or one with an accent."""
        if re.fullmatch(r"[A-Za-z]", text):
            return Drawn(text, f"<mi>{text}</mi>")
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", text):
            return Drawn(rf"\mathrm{{{text}}}", f'<mi mathvariant="normal">{text}</mi>')
        accent = re.fullmatch(r"(\\[a-z]+)\{(.+)\}", text, re.DOTALL)
        if accent is None or accent[1] not in ACCENTS or accent[1] not in _ABOVE:
            raise Undrawn
        try:
            inside = self.row(tokenize(accent[2]), depth + 1)
        except NotUnderstood:
            raise Undrawn from None
        above = f"<mover>{_one(inside)}<mo>{_ABOVE[accent[1]]}</mo></mover>"
        return Drawn(f"{accent[1]}{{{inside.latex}}}", above, inside.tall)

    def _fence(self, tokens: list[Token], at: int, depth: int) -> tuple[Drawn, int]:
        end = self._partner[at]
        inside = self.row(tokens[at + 1 : end], depth + 1)
        left, right = (PLAIN.get(t.text) or Drawn(t.text, f"<mo>{t.text}</mo>") for t in (tokens[at], tokens[end]))
        grow = (r"\left", r"\right") if inside.tall else ("", "")
        latex = _beside([Drawn(grow[0] + left.latex, ""), inside, Drawn(grow[1] + right.latex, "")]).latex
        return Drawn(latex, f"<mrow>{left.mathml}{inside.mathml}{right.mathml}</mrow>", inside.tall), end + 1

    def _command(self, tokens: list[Token], at: int, depth: int) -> tuple[Drawn, int]:
        text = tokens[at].text
        if text in PLAIN:
            return PLAIN[text], at + 1
        if text == r"\begin":
            return self._environment(tokens, at, depth)
        if text in _FRACTIONS:
            above, at = self._argument(tokens, at + 1, depth)
            below, at = self._argument(tokens, at, depth)
            whole = f"<mfrac>{_one(above)}{_one(below)}</mfrac>"
            return Drawn(rf"\frac{{{above.latex}}}{{{below.latex}}}", whole, tall=True), at
        if text == r"\sqrt" and not (at + 1 < len(tokens) and tokens[at + 1].is_sign("[")):
            inside, at = self._argument(tokens, at + 1, depth)
            return Drawn(rf"\sqrt{{{inside.latex}}}", f"<msqrt>{inside.mathml}</msqrt>", inside.tall), at
        if text in (r"\norm", r"\abs"):
            inside, at = self._argument(tokens, at + 1, depth)
            bar, sign = (r"\|", "‖") if text == r"\norm" else ("|", "|")
            fenced = f"<mrow><mo>{sign}</mo>{inside.mathml}<mo>{sign}</mo></mrow>"
            return Drawn(rf"\left{bar}{inside.latex}\right{bar}", fenced, inside.tall), at
        if text in (r"\underbrace", r"\overbrace"):
            inside, at = self._argument(tokens, at + 1, depth)
            tag, sign = ("munder", "⏟") if text == r"\underbrace" else ("mover", "⏞")
            braced = f"<{tag}>{_one(inside)}<mo>{sign}</mo></{tag}>"
            return Drawn(f"{text}{{{inside.latex}}}", braced, tall=True, limits=True), at
        if text in (r"\underset", r"\overset", r"\stackrel"):
            beside, at = self._argument(tokens, at + 1, depth)
            base, at = self._argument(tokens, at, depth)
            tag = "munder" if text == r"\underset" else "mover"
            return Drawn(
                f"{text}{{{beside.latex}}}{{{base.latex}}}", f"<{tag}>{_one(base)}{_one(beside)}</{tag}>", base.tall
            ), at
        if text == r"\substack" and at + 1 < len(tokens) and tokens[at + 1].is_sign("{"):
            end = self._end(at + 1)
            rows = [self.row(row, depth + 1) for row in rows_of(tokens[at + 2 : end]) if row]
            stacked = "".join(f"<mtr><mtd>{row.mathml}</mtd></mtr>" for row in rows)
            lines = r" \\ ".join(row.latex for row in rows)
            return Drawn(rf"\substack{{{lines}}}", f"<mtable>{stacked}</mtable>"), end + 1
        if text == r"\blank":
            _, at = self._argument(tokens, at + 1, depth)
            return PLAIN[r"\dots"], at
        raise Undrawn

    def _environment(self, tokens: list[Token], at: int, depth: int) -> tuple[Drawn, int]:
        name, start = self._name(tokens, at + 1)
        if name not in (*CASES, *MATRICES):
            raise Undrawn
        if name == "array":
            start = self._end(start) + 1
        nested, end = 1, start
        while nested:
            if end >= len(tokens):
                raise Undrawn
            nested += tokens[end].is_command(r"\begin") - tokens[end].is_command(r"\end")
            end += 1
        closed, behind = self._name(tokens, end)
        if closed != name:
            raise Undrawn
        rows = [
            [self.row(cell, depth + 1) for cell in split(row, "&")] for row in rows_of(tokens[start : end - 1]) if row
        ]
        if not rows or max(map(len, rows)) > COLUMNS:
            raise Undrawn
        called = _SAME_AS.get(name, name)
        lines = r" \\ ".join(" & ".join(f"{{{cell.latex}}}" for cell in row) for row in rows)
        cells = "".join(f"<mtr>{''.join(f'<mtd>{cell.mathml}</mtd>' for cell in row)}</mtr>" for row in rows)
        left, right = _BRACKETS.get(called, ("", ""))
        mathml = f"<mrow>{_bracket(left)}<mtable>{cells}</mtable>{_bracket(right)}</mrow>"
        return Drawn(rf"\begin{{{called}}} {lines} \end{{{called}}}", mathml, tall=True), behind

    def _name(self, tokens: list[Token], at: int) -> tuple[str, int]:
        """The name in braces that stands there, and the place behind it."""
        if at >= len(tokens) or not tokens[at].is_sign("{"):
            raise Undrawn
        end = self._end(at)
        return "".join(token.text for token in tokens[at + 1 : end]), end + 1


_BRACKETS = {"cases": ("{", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}")}


def _bracket(sign: str) -> str:
    return f'<mo stretchy="true">{sign}</mo>' if sign else ""
