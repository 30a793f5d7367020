"""Which tokens are letters, which are relation signs, and how tokens are cut at a sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symbolic.marking.text.tokens import Token

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
_OPENS = frozenset({"(", "[", "{", r"\{", r"\langle"})
_CLOSES = frozenset({")", "]", "}", r"\}", r"\rangle"})
RELATIONS = {
    ">": ">", "<": "<", "=": "=", r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=", r"\le": "<=", r"\leq": "<=",
    r"\leqslant": "<=", r"\ne": "!=", r"\neq": "!=", r"\gt": ">", r"\lt": "<",
}  # fmt: skip


def is_letter(token: Token) -> bool:
    return token.kind in ("letter", "word") or (token.kind == "command" and token.text in GREEK)


def end_of_group(tokens: Sequence[Token], start: int) -> int:
    """Behind the group in braces that begins at a place, or behind the one token there."""
    depth = 0
    for k in range(start, len(tokens)):
        depth += tokens[k].is_sign("{") - tokens[k].is_sign("}")
        if depth <= 0:
            return k + 1
    return len(tokens)


def outside_scripts(tokens: Sequence[Token]) -> Iterator[Token]:
    """What stands neither below nor above another sign."""
    k = 0
    while k < len(tokens):
        if tokens[k].is_sign("_", "^"):
            k = end_of_group(tokens, k + 1)
        else:
            yield tokens[k]
            k += 1


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


def depth_of(token: Token) -> int:
    if token.kind not in ("sign", "command"):
        return 0
    return (token.text in _OPENS) - (token.text in _CLOSES)


def skip_group(tokens: list[Token], at: int) -> int:
    """Where the group, or the sign, ends that begins there."""
    depth = 0
    for k in range(at, len(tokens)):
        depth += depth_of(tokens[k])
        if depth <= 0:
            return k + 1
    return len(tokens)
