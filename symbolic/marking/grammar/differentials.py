"""Fractions, derivatives in all their spellings, differentials, and gradients."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbolic.language.affine import Affine
from symbolic.marking.grammar.cursor import Cursor
from symbolic.marking.grammar.known_words import PRODUCT_SIGNS
from symbolic.marking.grammar.levels import begins_factor, factor, inner, multiplied
from symbolic.marking.grammar.named import named, scripted, word_at
from symbolic.marking.grammar.tree import (
    Call,
    Deriv,
    Differential,
    Frac,
    Matrix,
    Mul,
    Name,
    Node,
    Num,
    Power,
    Transpose,
    walk,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token
from symbolic.words import Text


def fraction(cursor: Cursor) -> Node:
    r"""``\frac``: a derivative, or one thing over another."""
    start = cursor.at
    cursor.take()
    above, below = cursor.group(), cursor.group()
    span = cursor.spanning(start)
    if above and _begins_with_d(above) and (above[0].text == r"\partial" or (len(below) > 1 and _begins_with_d(below))):
        return scripted(cursor, derivative(cursor, above, below, span, start), start)
    return scripted(cursor, Frac(inner(cursor, above, span), inner(cursor, below, span), span=span), start)


def derivative(cursor: Cursor, above: list[Token], below: list[Token], span: Span, start: int) -> Node:
    """∂of/∂by with everything above and below the line given as tokens."""
    straight = above[0].text == "d"
    rest = _without_plus(above[1:])
    held = len(rest) < len(above) - 1
    order, rest = (1, rest) if held else _order(rest)
    marks = [k for k, t in enumerate(below) if t.text == above[0].text]
    slip = not marks or marks[0] != 0
    pieces = [below] if slip else [below[k + 1 : e] for k, e in zip(marks, [*marks[1:], len(below)], strict=True)]
    variables: list[Node] = []
    for piece in pieces:
        node = inner(cursor, piece, span)
        if order > 1 and len(pieces) == 1 and isinstance(node, Power) and node.exponent == Num(Fraction(order)):
            variables.extend([node.base] * order)
        else:
            variables.append(node)
    if len(variables) != order:
        raise NotUnderstood(
            Text(
                f"a derivative of order {order} by {len(variables)} variables",
                f"производная порядка {order} по переменным, которых {len(variables)}",
            ),
            span,
        )
    of = inner(cursor, rest, span) if rest else operand(cursor, variables)
    for variable in reversed(variables):
        of = Deriv(of, variable, straight, slip, held=held, span=cursor.spanning(start))
    return of


def operand(cursor: Cursor, variables: list[Node]) -> Node:
    """What ∂/∂w in front of something applies to: the next factor, or all that follow.

    By a value of the model the next factor is usual, for the rest is the chain rule's; but nobody who writes
    ∂/∂v vᵀ C v means the last v to be left alone.
    """
    start = cursor.at
    if cursor.sees("-"):
        raise NotUnderstood(
            Text("put brackets after ∂/∂…", "поставьте скобки после ∂/∂…"), cursor.tokens[cursor.at].span
        )
    factors = [factor(cursor)]
    while cursor.token is not None:
        joined = isinstance(factors[-1], Transpose)
        if not begins_factor(cursor) and not cursor.sees(*PRODUCT_SIGNS):
            break
        here = cursor.at
        cursor.takes(*PRODUCT_SIGNS)
        following = factor(cursor)
        narrow = not joined and (
            cursor.choose("scope") if mentions_given(cursor, following, variables) else not cursor.choose("operand")
        )
        if narrow:
            cursor.at = here
            break
        factors.append(following)
    return multiplied(cursor, factors, start)


def mentions_given(cursor: Cursor, node: Node, variables: list[Node]) -> bool:
    """Whether a factor holds what is differentiated by, and that is no value of the model but a variable of it."""
    names = {v.base for v in variables if isinstance(v, Name) and cursor.vocabulary.is_given(v)}
    parts = list(walk(node))
    return not any(isinstance(p, Deriv) for p in parts) and any(isinstance(p, Name) and p.base in names for p in parts)


def inline_derivative(cursor: Cursor) -> Node | None:
    """``∂Q/∂w``, ``dQ/dw``, ``d/dw (w³)`` on one line, and ``∂_w Q``."""
    token = cursor.token
    if token is None or not _is_d(token):
        return None
    start = cursor.at
    if token.text == r"\partial" and (after := cursor.peek()) is not None and after.is_sign("_"):
        cursor.at += 2
        by = entry_of_parameter(cursor, inner(cursor, cursor.group(), token.span))
        return Deriv(operand(cursor, [by]), by, span=cursor.spanning(start))
    slash = next((k for k in range(start + 1, len(cursor.tokens)) if cursor.tokens[k].is_sign("/")), None)
    below = [t.text for t in cursor.tokens[slash + 1 : slash + 3]] if slash is not None else []
    bracketed = below == ["(", token.text]  # ∂²Q/(∂u ∂v)
    if slash is None or not (bracketed or below[:1] == [token.text]):
        return None
    try:
        order, rest = _order(cursor.tokens[start + 1 : slash])
        cursor.at = slash - len(rest)
        of = factor(cursor) if rest else None  # d/dw (w³)
        if cursor.at != slash or (of is None and token.text == "d" and cursor.vocabulary.is_quantity("d")):
            raise NotUnderstood(Text("not a derivative", "это не производная"), token.span)
        cursor.at = slash + 2 + bracketed
        variables = [factor(cursor)]
        while len(variables) < order and cursor.token is not None and cursor.token.text == token.text:
            cursor.take()
            variables.append(factor(cursor))  # ∂²Q/∂w∂wᵀ
        if bracketed:
            cursor.expect(")")
        by = variables[0]
        if order == 2 and len(variables) == 1 and isinstance(by, Power) and by.exponent == Num(Fraction(2)):
            variables = [by.base, by.base]
        elif order != len(variables):
            raise NotUnderstood(
                Text("a derivative of order 2 by one variable", "производная порядка 2 по одной переменной"), token.span
            )
        if of is None:
            of = operand(cursor, variables)
    except NotUnderstood:
        if token.text == r"\partial":
            raise
        cursor.at = start
        return None
    for variable in reversed(variables):
        of = Deriv(of, variable, token.text == "d", span=cursor.spanning(start))
    return of


def entry_of_parameter(cursor: Cursor, by: Node) -> Node:
    """The x_k of ``∂_k f``, as physics writes it, where x is the only parameter; else what stands there."""
    parameter = cursor.vocabulary.parameter(())
    index = isinstance(by, Name) and by.bare and cursor.vocabulary.is_index(by.base)
    if not index or not isinstance(by, Name) or not isinstance(parameter, Name):
        return by
    return replace(parameter, subs=(*parameter.subs, Affine.of(by.base)), span=by.span)


def partial(cursor: Cursor) -> Node:
    """``∂Q/∂w`` and ``∂_w Q`` on one line."""
    sign = cursor.token
    assert sign is not None
    derivative = inline_derivative(cursor) or differential(cursor)
    if derivative is None:
        raise NotUnderstood(
            Text(
                "∂ without a quotient: write it over or before ∂ of something",
                "∂ без дроби: под ним или после него должно стоять ∂ чего-нибудь",
            ),
            sign.span,
        )
    return derivative


def letter_d(cursor: Cursor) -> Node:
    """``dQ/dw``, ``dX``, or a quantity d."""
    return inline_derivative(cursor) or differential(cursor) or named(cursor)


def differential(cursor: Cursor) -> Node | None:
    """``dX``, ``∂X``, ``d^2 f``: of the next factor, in a text that is written with differentials."""
    vocabulary, start = cursor.vocabulary, cursor.at
    if not vocabulary.reads_differentials() or vocabulary.is_quantity("d"):
        return None
    word = word_at(cursor)
    if len(word) > 2 and not vocabulary.is_declared(word[1:]):
        return None
    cursor.take()
    order = 1
    if cursor.sees("^"):
        cursor.take()
        order = 2 if [t.text for t in cursor.group()] == ["2"] else 0
    if not order or not begins_factor(cursor) or (cursor.token is not None and cursor.token.kind == "number"):
        cursor.at = start
        return None
    bare = cursor.token is not None and is_letter(cursor.token)
    of = varied(cursor)
    if bare and isinstance(of, Power) and isinstance(of.base, Name) and cursor.choose("power_of_d"):
        return Power(Differential(of.base, span=cursor.spanning(start)), of.exponent, span=cursor.spanning(start))
    for _ in range(order):
        of = Differential(of, span=cursor.spanning(start))
    return of


def varied(cursor: Cursor) -> Node:
    r"""The next factor; of ``d \tfrac12 \|r\|^2`` the norm too, for nobody writes the differential of a number."""
    start = cursor.at
    factors = [factor(cursor)]
    while isinstance(factors[-1], Frac) and begins_factor(cursor):
        here, number = cursor.at, is_number(factors[-1])
        factors.append(factor(cursor))
        if not number and not cursor.choose("reach_of_d"):
            cursor.at = here
            return multiplied(cursor, factors[:-1], start)
    return multiplied(cursor, factors, start)


def is_number(node: Node) -> bool:
    return all(isinstance(part, Num | Frac) for part in walk(node))


def nabla(cursor: Cursor) -> Node:
    return gradient(cursor, cursor.at)


def gradient_word(cursor: Cursor, token: Token, start: int) -> Node | None:
    """``grad_w Q`` where nobody declared a grad."""
    if not cursor.sees("_") or cursor.vocabulary.is_declared("grad"):
        return None
    return gradient(cursor, start)


def directional(cursor: Cursor, token: Token, start: int) -> Node | None:
    """``D_u f(w)`` where nobody declared a D: the derivative of f along u, uᵀ ∇f."""
    if not cursor.sees("_") or cursor.vocabulary.is_declared("D"):
        return None
    here = cursor.at
    cursor.take()
    direction = inner(cursor, cursor.group(), token.span)
    of = factor(cursor) if begins_factor(cursor) else None
    by = cursor.vocabulary.parameter(of.arguments) if isinstance(of, Call) else None
    if of is None or by is None or not isinstance(direction, Name):
        cursor.at = here
        return None
    span = cursor.spanning(start)
    return Mul((Transpose(direction, span=direction.span), Deriv(of, by, gradient=True, span=span)), span=span)


def error_of(cursor: Cursor, token: Token, start: int) -> Node | None:
    r"""``\delta W`` where nobody declared a δ: the error at W, as others write dW."""
    after = cursor.token
    if after is None or not is_letter(after) or cursor.vocabulary.is_declared(r"\delta"):
        return None
    if after.span[0] - token.span[1] > 2 or not cursor.vocabulary.is_quantity(after.text):
        return None
    cursor.take()
    span = (token.span[0], after.span[1])
    return scripted(cursor, Name(f"d{after.text}", span=span), start)


def gradient(cursor: Cursor, start: int) -> Node:
    """``∇_w Q``, ``∇_w^2 Q``; a bare ∇ is by the parameter that Q names, or by the only one there is."""
    sign = cursor.tokens[start]
    cursor.at = start + 1
    order, by, before = 1, None, None
    while cursor.sees("_", "^"):
        if cursor.take().text == "_":
            by, before = variables_below(cursor, sign.span)
            continue
        above = cursor.group()
        if [t.text for t in above] != ["2"]:
            raise NotUnderstood(Text("∇ to that power", "∇ в такой степени"), sign.span)
        order = 2
    order = 2 if before is not None else order
    turned = turned_gradient(cursor) if order == 1 else None
    of = turned if turned is not None else operand(cursor, [by] if by is not None else [])
    named = of.arguments if isinstance(of, Call) else cursor.vocabulary.arguments_of(of)
    if by is None:
        by = cursor.vocabulary.parameter(named)
    every = cursor.vocabulary.numbers_differentiated_by(named)
    if by is None and order == 1 and len(every) > 1:
        span = cursor.spanning(start)
        return Matrix(1, tuple(Deriv(of, variable, span=span) for variable in every), span=span)
    if by is None:
        raise NotUnderstood(Text(r"\nabla without a subscript: by what?", "\\nabla без индекса: по чему?"), sign.span)
    if order == 2:
        first = by if before is None else before
        of = Deriv(of, Transpose(first, span=first.span), span=cursor.spanning(start))
    found = Deriv(of, by, gradient=True, span=cursor.spanning(start))
    return Transpose(found, span=found.span) if turned is not None else found


def variables_below(cursor: Cursor, span: Span) -> tuple[Node, Node | None]:
    r"""By what ``\nabla_w`` is, and by what before: the w and the b of ``\nabla_{wb}``, ``\nabla^2_{wb}``."""
    below = inner(cursor, cursor.group(), span)
    match below:
        case Mul((Name() as by, Name() as before)):
            return by, before
    return below, None


def turned_gradient(cursor: Cursor) -> Node | None:
    """The f of ``\\nabla f^T h``, (∇f)ᵀ h: a value of the model is transposed behind a ∇, where that is meant."""
    start = cursor.at
    if not begins_factor(cursor):
        return None
    of = factor(cursor)
    name = of.argument if isinstance(of, Transpose) else None
    name = name.function if isinstance(name, Call) else name
    made = isinstance(name, Name) and not cursor.vocabulary.is_given(name)
    if isinstance(of, Transpose) and made and cursor.choose("turned"):
        return of.argument
    cursor.at = start
    return None


def _begins_with_d(tokens: list[Token]) -> bool:
    """Whether a ∂ or d stands first, and no name such as d_1."""
    return _is_d(tokens[0]) and not any(token.is_sign("_") for token in tokens[1:2])


def _is_d(token: Token) -> bool:
    return token.is_command(r"\partial") or (token.kind == "letter" and token.text == "d")


def _without_plus(tokens: list[Token]) -> list[Token]:
    """What follows ``^+`` or ``^{+}`` after the first ∂; the tokens themselves where there is none."""
    for plus in (["^", "+"], ["^", "{", "+", "}"]):
        if [token.text for token in tokens[: len(plus)]] == plus:
            return tokens[len(plus) :]
    return tokens


def _order(tokens: list[Token]) -> tuple[int, list[Token]]:
    """``^2 Q`` after the first ∂: the order and what is left."""
    if len(tokens) >= 2 and tokens[0].is_sign("^"):
        if tokens[1].kind == "number" and tokens[1].text == "2":
            return 2, tokens[2:]
        if len(tokens) >= 4 and tokens[1].is_sign("{") and tokens[2].text == "2":
            return 2, tokens[4:]
        raise NotUnderstood(Text("a derivative of that order", "производная такого порядка"), tokens[1].span)
    return 1, tokens
