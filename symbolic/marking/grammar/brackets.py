"""What stands in brackets of any kind: (…), [a > 0], ‖…‖, |…|, ⟨…⟩, and after 𝟙, a root or a brace below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbolic.marking.grammar.cursor import Cursor, Factor
from symbolic.marking.grammar.dots import letters_of, matrix
from symbolic.marking.grammar.levels import condition, expression, factor, inner
from symbolic.marking.grammar.named import scripted
from symbolic.marking.grammar.tree import (
    Abs,
    Blank,
    Dotted,
    Frac,
    Indicator,
    Inner,
    Matrix,
    Name,
    Neg,
    Node,
    Norm,
    Num,
    Ones,
    Power,
    Relation,
    Root,
    walk,
)
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.marking.text.tokens import Token
from symbolic.words import Text


def enclosed(closing: str) -> Factor:
    """Brackets with a formula in them, a condition, (u, v) for the inner product, or (1, 0, 2) for a vector."""

    def read(cursor: Cursor) -> Node:
        start = cursor.at
        cursor.take()
        with cursor.among(bars=0, held=False):
            node = condition(cursor)
            if cursor.sees(","):
                node = listed(cursor, node, start)
            cursor.expect(closing)
            if isinstance(node, Inner) and not node.dot and cursor.sees_transpose():
                node = Matrix(1, (node.left, node.right), span=node.span)  # (a, b)^T: nobody transposes a number
            if isinstance(node, Matrix) and node.width == 1:
                node = replace(node, width=len(node.entries) if cursor.sees_transpose() else 1)
        if isinstance(node, Relation):
            node = Indicator(node, span=cursor.spanning(start))
        return scripted(cursor, node, start)

    return read


def listed(cursor: Cursor, first: Node, start: int) -> Node:
    r"""``(u, v)``, the inner product; ``(1, 2)`` and ``[u_1, \dots, u_V]``, entries of a vector or columns."""
    found: list[Node | None] = [first]
    while cursor.takes(","):
        entry = expression(cursor)
        found.append(None if isinstance(entry, Blank) else entry)
    entries = [entry for entry in found if entry is not None]
    span = cursor.spanning(start)
    if None not in found:
        rows = [entry.entries for entry in entries if isinstance(entry, Matrix) and entry.width == 1]
        if len(rows) == len(entries) and len({*map(len, rows)}) == 1 and all(is_number(n) for row in rows for n in row):
            return Matrix(len(rows[0]), tuple(entry for row in rows for entry in row), span=span)  # [[1, 2], [3, 4]]
        is_list = len(entries) > 2 or all(map(is_number, entries))
        return Matrix(1, tuple(entries), span=span) if is_list else Inner(first, entries[1], span=span)
    node = matrix([tuple(found)], letters_of(entries), span)
    return replace(node, listed=True) if isinstance(node, Dotted) else node


def is_number(node: Node) -> bool:
    """A number in digits: -0.5, 1/2."""
    return all(isinstance(part, Num | Neg | Frac) for part in walk(node))


def braced(cursor: Cursor) -> Node:
    """A group that stands alone: ``{u v}``."""
    start, opening = cursor.at, cursor.token
    assert opening is not None
    return scripted(cursor, inner(cursor, cursor.group(), opening.span), start)


def between_bars(closing: str) -> Factor:
    """The absolute value."""

    def read(cursor: Cursor) -> Node:
        start = cursor.at
        if closing == "|" and (doubled := double_bars(cursor)) is not None:
            return doubled
        cursor.take()
        with cursor.among(bars=cursor.bars + 1, held=cursor.held):
            inside = expression(cursor)
            cursor.expect(closing)
        return scripted(cursor, Abs(inside, span=cursor.spanning(start)), start)

    return read


def norm(*closing: str) -> Factor:
    """``‖w‖``, ``‖w‖_1``, ``‖W‖_F``."""

    def read(cursor: Cursor) -> Node:
        start = cursor.at
        cursor.take()
        with cursor.among(bars=cursor.bars + 1, held=cursor.held):
            inside = expression(cursor)
            cursor.expect(*closing)
        return normed(cursor, inside, start)

    return read


def double_bars(cursor: Cursor) -> Node | None:
    """``||v||``: a norm, if two bars close it."""
    after = cursor.peek()
    if after is None or not after.is_sign("|"):
        return None
    start = cursor.at
    cursor.at += 2
    try:
        with cursor.among(bars=cursor.bars + 1, held=cursor.held):
            inside = expression(cursor)
            cursor.expect("|")
            cursor.expect("|")
    except NotUnderstood:
        cursor.at = start
        return None
    return normed(cursor, inside, start)


def normed(cursor: Cursor, inside: Node, start: int) -> Node:
    """The norm with what stands below and above it, in any order: ``‖v‖_2^2``, ``‖v‖^2_2``."""
    below, above = "2", None
    while cursor.sees("_") or (cursor.sees("^") and above is None):
        sign = cursor.take()
        tokens = cursor.group()
        if sign.text == "^":
            above = inner(cursor, tokens, sign.span)
            continue
        below = "".join(t.text for t in tokens)
        if below not in ("1", "2", "F", r"\ell2"):
            raise NotUnderstood(
                Text(f"the norm with index {below}", f"норма с индексом {below}"), cursor.spanning(start)
            )
    node = Norm(inside, 1 if below == "1" else 2, span=cursor.spanning(start))
    if above is not None:
        return Power(node, above, span=cursor.spanning(start))
    return scripted(cursor, node, start)


def norm_of_group(cursor: Cursor) -> Node:
    r"""``\norm{v}`` of the physics package."""
    start, sign = cursor.at, cursor.take()
    return normed(cursor, inner(cursor, cursor.group(), sign.span), start)


def absolute_of_group(cursor: Cursor) -> Node:
    r"""``\abs{v}`` of the physics package."""
    start, sign = cursor.at, cursor.take()
    return scripted(cursor, Abs(inner(cursor, cursor.group(), sign.span), span=cursor.spanning(start)), start)


def inner_product(cursor: Cursor) -> Node:
    r"""``\langle u, v \rangle``."""
    start = cursor.at
    cursor.take()
    left = expression(cursor)
    cursor.expect(",", "|")
    right = expression(cursor)
    cursor.expect(r"\rangle")
    return scripted(cursor, Inner(left, right, span=cursor.spanning(start)), start)


def root(cursor: Cursor) -> Node:
    start, sign = cursor.at, cursor.take()
    if cursor.sees("["):
        raise NotUnderstood(
            Text(r"\sqrt with a degree; write a power", "\\sqrt с показателем; запишите степень"), sign.span
        )
    if cursor.sees("("):  # √(v + ε)
        return Root(enclosed(")")(cursor), span=cursor.spanning(start))
    return scripted(cursor, Root(inner(cursor, cursor.group(), sign.span), span=cursor.spanning(start)), start)


def indicator(otherwise: Callable[[Token], Node]) -> Factor:
    """𝟙[a > 0], 𝟙_{a > 0}; without a condition something else."""

    def read(cursor: Cursor) -> Node:
        start, token = cursor.at, cursor.take()
        found = bracketed_condition(cursor, "[", "(", r"\{")
        if found is not None:
            return found
        if cursor.takes("_"):
            inside = cursor.apart(cursor.group())
            node = factor(inside) if inside.sees("[", r"\{", "(") else condition(inside)
            if isinstance(node, Indicator):
                return node
            if isinstance(node, Relation):
                return Indicator(node, span=cursor.spanning(start))
        return scripted(cursor, otherwise(token), start)

    return read


def ones(token: Token) -> Node:
    return Ones(span=token.span)


def identity(token: Token) -> Node:
    return Name("I", span=token.span)


def indicator_letter(cursor: Cursor, token: Token, start: int) -> Node | None:
    """``I[a > 0]`` where nobody declared an I."""
    if cursor.vocabulary.is_declared("I"):
        return None
    return bracketed_condition(cursor, "[", r"\{", "(")


def bracketed_condition(cursor: Cursor, *opening: str) -> Indicator | None:
    """A condition in brackets, if one stands here."""
    if not cursor.sees(*opening):
        return None
    here = cursor.at
    node = factor(cursor)
    if isinstance(node, Indicator):
        return node
    cursor.at = here
    return None


def braced_below(cursor: Cursor) -> Node:
    r"""``\underbrace{…}_{…}``: what is said below is thrown away."""
    brace = cursor.take()
    node = inner(cursor, cursor.group(), brace.span)
    if cursor.takes("_", "^"):
        cursor.group()
    return node


def set_below(cursor: Cursor) -> Node:
    r"""``\underset{…}{u}``: what stands below is thrown away."""
    sign = cursor.take()
    cursor.group()
    return inner(cursor, cursor.group(), sign.span)


def blank(cursor: Cursor) -> Node:
    """Something to be filled in."""
    return Blank(span=cursor.take().span)


def numbered_blank(cursor: Cursor) -> Node:
    r"""``\blank{7}``, as our own sheets write what is to be filled in."""
    sign = cursor.take()
    cursor.group()
    return Blank(span=sign.span)
