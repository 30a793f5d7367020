"""What stands under Σ and in subscripts: names of indices, whole numbers, labels, sums of them."""

from __future__ import annotations

from symbolic.language.affine import Affine
from symbolic.marking.syntax import NotUnderstood, Script, Span
from symbolic.marking.tokens import Token

#: Commands that are letters.
GREEK = frozenset(
    [
        r"\alpha",
        r"\beta",
        r"\gamma",
        r"\delta",
        r"\epsilon",
        r"\varepsilon",
        r"\zeta",
        r"\eta",
        r"\theta",
        r"\vartheta",
        r"\iota",
        r"\kappa",
        r"\lambda",
        r"\mu",
        r"\nu",
        r"\xi",
        r"\pi",
        r"\rho",
        r"\varrho",
        r"\sigma",
        r"\varsigma",
        r"\tau",
        r"\upsilon",
        r"\phi",
        r"\varphi",
        r"\chi",
        r"\psi",
        r"\omega",
        r"\Gamma",
        r"\Delta",
        r"\Theta",
        r"\Lambda",
        r"\Xi",
        r"\Pi",
        r"\Sigma",
        r"\Upsilon",
        r"\Phi",
        r"\Psi",
        r"\Omega",
        r"\ell",
        r"\hbar",
        r"\varkappa",
    ]
)
#: The dot of ``W_{j\cdot}``: the whole row.
WHOLE: Script = Affine.of(":")
RELATIONS = {
    ">": ">", "<": "<", "=": "=", r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=", r"\le": "<=", r"\leq": "<=",
    r"\leqslant": "<=", r"\ne": "!=", r"\neq": "!=", r"\gt": ">", r"\lt": "<",
}  # fmt: skip


def is_letter(token: Token) -> bool:
    return token.kind in ("letter", "word") or (token.kind == "command" and token.text in GREEK)


def split(tokens: list[Token], *signs: str) -> list[list[Token]]:
    """The pieces between signs that stand outside all brackets."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.is_sign("(", "[", "{") or token.is_command(r"\{", r"\langle"):
            depth += 1
        elif token.is_sign(")", "]", "}") or token.is_command(r"\}", r"\rangle"):
            depth -= 1
        if depth == 0 and token.kind == "sign" and token.text in signs:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def read_scripts(tokens: list[Token], span: Span) -> tuple[Script, ...]:
    """``1,j`` and ``1j`` are two subscripts, ``t+u`` and ``T-1`` are one."""
    items: list[Script] = []
    for piece in split([t for t in tokens if not t.is_sign("{", "}")], ",", ";"):
        if not piece:
            raise NotUnderstood("an empty subscript", span)
        if any(t.is_sign("+", "-") for t in piece):
            items.append(read_affine(piece, span))
        else:
            items.extend(_one_by_one(piece))
    return tuple(items)


def read_affine(tokens: list[Token], span: Span) -> Script:
    """``2t + u - 1``."""
    total: Script = Affine((), 0)
    sign, coefficient, name, empty = 1, None, None, True

    def close() -> Script:
        factor = sign * (1 if coefficient is None else coefficient)
        return Affine((), factor) if name is None else Affine.of(name) * factor

    for token in tokens:
        if token.is_sign("+", "-"):
            if not empty:
                total = total + close()
            sign, coefficient, name, empty = (-1 if token.text == "-" else 1), None, None, True
        elif token.kind == "number" and token.text.isdigit() and len(token.text) < 10 and empty:
            coefficient, empty = int(token.text), False
        elif is_letter(token) and name is None:
            name, empty = token.text, False
        elif token.is_sign("'") and name is not None:
            name += "'"
        elif not token.is_sign("{", "}"):
            raise NotUnderstood(f"{token.text} in a subscript", token.span)
    if empty:
        raise NotUnderstood("an unfinished subscript", span)
    return total + close()


def _one_by_one(tokens: list[Token]) -> list[Script]:
    items: list[Script] = []
    for token in tokens:
        if token.kind == "number" and token.text.isdigit() and len(token.text) < 10:
            items.append(Affine((), int(token.text)))
        elif is_letter(token):
            items.append(Affine.of(token.text))
        elif token.is_sign("'") and items and items[-1].single is not None:
            items[-1] = Affine.of(f"{items[-1].single}'")
        elif token.is_command(r"\cdot", r"\bullet", r"\ast") or token.is_sign(":", "*"):
            items.append(WHOLE)
        else:
            raise NotUnderstood(f"{token.text} in a subscript", token.span)
    return items
