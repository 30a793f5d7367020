"""Rows and columns of a display as statements: which row goes on with the one before, and which begins anew."""

from __future__ import annotations

from symbolic.marking.text.cutting import CONTINUES, EQUALS, SETTING, equates, is_condition
from symbolic.marking.text.token_kinds import RELATIONS, depth_of
from symbolic.marking.text.tokens import Token

#: Signs that stand at the end of a row and again at the start of the next one.
_REPEATED = frozenset({"+", "-", "*", r"\cdot", r"\times", r"\odot"})


def statements(tokens: list[Token]) -> list[list[Token]]:
    """Rows joined to statements: a row goes on with the last one in its column, or begins a new one."""
    statements: list[list[Token]] = []
    last: dict[int, tuple[list[Token], int]] = {}  # by column: the statement, and how many of its brackets are open
    for row in rows_of(tokens):
        for column, cell in enumerate(map(_without_comment, columns_of(row))):
            if not cell:
                continue
            current, opened = last.get(column, ([], 0))
            if _holds_in_a_case(current) and equates(cell[0]) and _holds_in_a_case(cell):
                cell = current[: next(k for k, token in enumerate(current) if equates(token))] + cell
            if not (current and _goes_on(current, cell, opened)):
                current, opened = [], 0
                statements.append(current)
            elif len(cell) > 1 and cell[0].text in _REPEATED and cell[0].text == current[-1].text:
                cell = cell[1:]  # a sign that is broken at stands on both rows
            current.extend(cell)
            last[column] = current, opened + sum(map(depth_of, cell))
    return statements


def rows_of(tokens: list[Token]) -> list[list[Token]]:
    """The rows of a display; those of a matrix inside it are no rows of it, and keep their ampersands."""
    rows: list[list[Token]] = [[]]
    environments = 0
    for token in tokens:
        environments += token.is_command(r"\begin") - token.is_command(r"\end")
        if token.kind == "row" and not environments:
            rows.append([])
        else:
            rows[-1].append(token)
    return [row for row in rows if row]


def columns_of(row: list[Token]) -> list[list[Token]]:
    """``a &= b & c &= d`` as two equations; an ampersand beside a relation only aligns."""
    cells: list[list[Token]] = [[]]
    environments = 0
    for k, token in enumerate(row):
        environments += token.is_command(r"\begin") - token.is_command(r"\end")
        if environments or not token.is_sign("&"):
            cells[-1].append(token)
        elif _begins_column(cells[-1], row[k + 1 :]):
            cells.append([])
        elif _begins_case(cells[-1], row[k + 1 :]):
            cells[-1].append(Token("sign", ",", token.span))
    return cells


def _begins_column(before: list[Token], behind: list[Token]) -> bool:
    """Whether an equation has ended at an ampersand, and another one begins or goes on there."""
    doubled = bool(behind) and behind[0].is_sign("&")
    rest = [token for token in behind if not token.is_sign("&")]
    if not before or not rest or _relates(before[-1]) or (_relates(rest[0]) and not doubled):
        return False
    equations = any(map(equates, before)) and any(map(equates, rest))
    return equations and not before[-1].is_sign(",") and not is_condition(tuple(rest))


def _holds_in_a_case(tokens: list[Token]) -> bool:
    """Whether behind its last comma stands when it holds: ``= p_i (1 - p_i), i = j``."""
    end = next((k for k in reversed(range(len(tokens))) if tokens[k].is_sign(",")), len(tokens))
    return any(map(equates, tokens[:end])) and is_condition(tuple(tokens[end + 1 :]))


def _begins_case(before: list[Token], behind: list[Token]) -> bool:
    """Whether an equation has ended at an ampersand, and behind it stands when it holds: ``& i = j``."""
    return any(map(equates, before)) and not before[-1].is_sign(",") and is_condition(tuple(behind))


def _relates(token: Token) -> bool:
    return token.is_sign(":") or equates(token) or (token.kind != "word" and token.text in RELATIONS)


def _without_comment(row: list[Token]) -> list[Token]:
    """A row without the words in the margin at its end."""
    end = len(row)
    while end and (row[end - 1].kind == "word" or row[end - 1].is_command(r"\quad", r"\qquad")):
        end -= 1
    return row[:end]


def _goes_on(before: list[Token], row: list[Token], opened: int) -> bool:
    """Whether a row goes on with what stands before it, in which so many brackets are open."""
    first, last = row[0], before[-1]
    if first.text == "=" or first.is_command(*EQUALS) or (first.kind != "word" and first.text in CONTINUES):
        return True
    if last.kind in ("sign", "command") and (last.text in CONTINUES - {")", "]", "}"} or last.text == "="):
        return True
    if opened > 0 or first.text in RELATIONS:
        return True
    depth = 0
    for token in row:
        depth += depth_of(token)
        if depth == 0 and (token.is_sign("=") or token.is_command(*SETTING)):
            return last.is_sign(",") and False
    return not (last.is_sign(",", ".", ";") or first.kind == "word")
