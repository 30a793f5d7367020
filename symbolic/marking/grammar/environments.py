r"""Environments inside a formula: ``cases``, ``pmatrix`` and their like."""

from __future__ import annotations

from symbolic.marking.grammar.cursor import Cursor
from symbolic.marking.grammar.dots import LETTERS, letters_of, matrix
from symbolic.marking.grammar.levels import condition, inner
from symbolic.marking.grammar.named import scripted
from symbolic.marking.grammar.tree import Cases, Node, Relation
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import split
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

CASES = ("cases", "dcases", "rcases")
MATRICES = ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "psmallmatrix", "bsmallmatrix", "array")


def environment(cursor: Cursor) -> Node:
    start, begin = cursor.at, cursor.take()
    name = "".join(t.text for t in cursor.group())
    if name not in (*CASES, *MATRICES):
        raise NotUnderstood(
            Text(f"the environment {name} inside a formula", f"окружение {name} внутри формулы"), begin.span
        )
    if name == "array":
        cursor.group()
    inside: list[Token] = []
    depth = 1
    while depth:
        token = cursor.take()
        depth += token.is_command(r"\begin") - token.is_command(r"\end")
        inside.append(token)
    cursor.group()
    span = cursor.spanning(start)
    if name in CASES:
        return cases(cursor, inside[:-1], span)
    return scripted(cursor, matrix_of(cursor, inside[:-1], span), start)


def matrix_of(cursor: Cursor, tokens: list[Token], span: Span) -> Node:
    """The entries of a matrix, with dots between them or without."""
    rows: list[tuple[Node | None, ...]] = []
    for row in filter(None, rows_of(tokens)):
        rows.append(tuple(None if is_dots(cell) else inner(cursor, cell, span) for cell in split(row, "&")))
    if not rows:
        raise NotUnderstood(Text("an empty matrix", "пустая матрица"), span)
    known = {letter for letter in LETTERS if cursor.vocabulary.is_declared(letter)}
    names = letters_of(entry for row in rows for entry in row if entry is not None)
    return matrix(rows, known | names, span)


def cases(cursor: Cursor, tokens: list[Token], span: Span) -> Node:
    parts: list[Node] = []
    for row in filter(None, rows_of(tokens)):
        plain = [t for t in row if t.kind != "word"]
        value, *beside = [p for p in split(plain, "&", ",", ";") if p]
        if beside and beside[-1] and beside[-1][-1].is_sign("."):
            beside[-1].pop()
        parts.append(inner(cursor, value, span))
        if beside:
            inside = cursor.apart(beside[0])
            node = condition(inside)
            if not isinstance(node, Relation) or inside.token is not None:
                raise NotUnderstood(
                    Text("a case needs one condition such as a > 0", "случаю нужно одно условие, например a > 0"),
                    node.span,
                )
            parts.append(node)
    if len(parts) < 2:
        raise NotUnderstood(Text("cases with a single value", "cases с одним значением"), span)
    return Cases(tuple(parts), span=span)


def rows_of(tokens: list[Token]) -> list[list[Token]]:
    """Cut at the ends of rows, outside of environments inside."""
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.is_command(r"\begin") - token.is_command(r"\end")
        if token.kind == "row" and not depth:
            rows.append([])
        else:
            rows[-1].append(token)
    return rows


def is_dots(cell: list[Token]) -> bool:
    dots = (r"\vdots", r"\cdots", r"\ldots", r"\dots", r"\ddots", r"\hdots")
    return not cell or all(token.is_command(*dots) or token.is_sign(".") for token in cell)
