"""What stands under Σ and in subscripts: names of indices, whole numbers, labels, sums of them."""

from __future__ import annotations

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import Script
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import is_letter, split
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

#: The dot of ``W_{j\cdot}``: the whole row.
WHOLE: Script = Affine.of(":")


def read_scripts(tokens: list[Token], span: Span) -> tuple[Script, ...]:
    """``1,j`` and ``1j`` are two subscripts, ``t+u`` and ``T-1`` are one."""
    items: list[Script] = []
    for piece in split([t for t in tokens if not t.is_sign("{", "}")], ",", ";"):
        if not piece:
            raise NotUnderstood(Text("an empty subscript", "пустой нижний индекс"), span)
        if len(piece) == 1 and piece[0].is_sign("+", "-"):  # k_+, the key of the positive pair
            items.append(Affine.of(piece[0].text))
        elif any(t.is_sign("+", "-") for t in piece):
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

    for token in with_lower(tokens):
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
            raise NotUnderstood(Text(f"{token.text} in a subscript", f"{token.text} в нижнем индексе"), token.span)
    if empty:
        raise NotUnderstood(Text("an unfinished subscript", "незаконченный нижний индекс"), span)
    return total + close()


def with_lower(tokens: list[Token]) -> list[Token]:
    """``n_1``, ``n_{in}`` as one letter, as sizes are called."""
    joined: list[Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        if token.is_sign("_") and joined and is_letter(joined[-1]) and k + 1 < len(tokens):
            end = k + 2
            if tokens[k + 1].is_sign("{"):
                end = next((e + 1 for e in range(k + 1, len(tokens)) if tokens[e].is_sign("}")), len(tokens))
            below = "".join(t.text for t in tokens[k + 1 : end] if not t.is_sign("{", "}"))
            first = joined.pop()
            joined.append(Token("letter", f"{first.text}_{below}", (first.span[0], tokens[end - 1].span[1])))
            k = end
        else:
            joined.append(token)
            k += 1
    return joined


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
            raise NotUnderstood(Text(f"{token.text} in a subscript", f"{token.text} в нижнем индексе"), token.span)
    return items
