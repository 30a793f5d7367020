"""The text of a formula as a tree, or one line that says at which column it stops being a formula.

The grammar is ``formula.lark``.  Nothing here knows what a name means; ``symbolic.network.grammar`` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NoReturn, TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from symbolic.errors import SpecError
from symbolic.network.remedies import OPERATOR_WORDS, SIGNS

Node: TypeAlias = "Tree[Token]"
Start: TypeAlias = Literal["sum", "equation"]

#: Longer formulas are refused before anything reads them.
LONGEST = 5000
#: Deeper nesting is refused: whatever walks a formula later may recurse without fear.
DEEPEST = 50

_LEFT_SIDE = re.compile(r"\s*[A-Za-z_]\w*\s*(\[[^=\]]*\]\s*)?=(?!=)", re.ASCII)
_OPERAND = "a number, a name or '(' is expected"
_OPERATOR = "an operator (+ - * / **), a closing bracket or the end is expected"
_BRACKETS = "brackets must open before they close, and only a call or an entry has commas"
_HINTS = {
    ".": "attributes are not part of formulas; a decimal is written 0.5",
    "'": "quoted text is not part of formulas; names stand without quotes",
    '"': "quoted text is not part of formulas; names stand without quotes",
    "=": "a formula has no '=' here; a comparison is >, >=, <, <=, == or !=, as in [t == s]",
    "==": "one comparison at a time, as in where(u > 0, a, b) or [u == 0]",
    ">": "one comparison at a time, as in where(u > 0, a, b) or [u > 0]; two of them are a product, [u > 0]*[u < 1]",
    "<": "one comparison at a time, as in where(u > 0, a, b) or [u > 0]; two of them are a product, [u > 0]*[u < 1]",
    **SIGNS,
}
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def parse(text: str, start: Start = "sum") -> Node:
    """The tree of a formula, or of a whole equation ``z[i,j] = …``; ``SpecError`` with the column."""
    if not isinstance(text, str):
        raise SpecError(f"a formula is text, not {type(text).__name__}: write it in quotes")
    if len(text) > LONGEST:
        refuse(text, LONGEST, f"a formula of {len(text)} characters is too long; at most {LONGEST} are read")
    _refuse_deep_nesting(text)
    try:
        return _parser(start).parse(text, start=start)
    except UnexpectedInput as error:
        _explain(text, start, error)


def refuse(text: str, place: Node | Token | int, message: str) -> NoReturn:
    """Raise ``SpecError``: the column (from 1) in this formula, what came, what would be right."""
    at = column(place)
    shown = text if len(text) <= 60 else f"{'…' if at > 20 else ''}{text[max(0, at - 20) : at + 20]}…"
    raise SpecError(f"column {at + 1} of {shown!r}: {message}")


def column(place: Node | Token | int) -> int:
    """Where a piece of the tree begins, counted from 0."""
    if isinstance(place, int):
        return place
    if isinstance(place, Token):
        return place.start_pos or 0
    return getattr(place.meta, "start_pos", 0)


def branches(tree: Node) -> list[Node]:
    """The children that are trees; the others are tokens."""
    return [child for child in tree.children if isinstance(child, Tree)]


def tokens(tree: Node, kind: str) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token) and child.type == kind]


def head(tree: Node) -> Token:
    """The name that a call, an entry or a name begins with."""
    token = tree.children[0]
    assert isinstance(token, Token)
    return token


def nodes(tree: Node) -> Iterator[Node]:
    """The tree and everything below it, from left to right."""
    yield tree
    for branch in branches(tree):
        yield from nodes(branch)


def strip(tree: Node) -> Node:
    """The tree without the wrappers that hold one thing only: brackets, a sum of one term, …"""
    while len(tree.children) == 1 and tree.data in {"sum", "product", "signed", "power", "exponent", "group"}:
        (child,) = tree.children
        assert isinstance(child, Tree)
        tree = child
    return tree


@lru_cache(maxsize=2)
def _parser(start: Start) -> Lark:
    grammar = files("symbolic.network").joinpath("formula.lark").read_text(encoding="utf-8")
    return Lark(grammar, start=[start], parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _refuse_deep_nesting(text: str) -> None:
    depth = 0
    for position, character in enumerate(text):
        if character in "([":
            depth += 1
            if depth > DEEPEST:
                refuse(text, position, f"brackets nested deeper than {DEEPEST} levels; name a part of it as a node")
        elif character in ")]":
            depth -= 1


def _explain(text: str, start: Start, error: UnexpectedInput) -> NoReturn:
    if start == "equation" and not _LEFT_SIDE.match(text):
        refuse(text, 0, "the formula of a node begins with its name and indices, as in z[i,j] = …")
    before = text[: error.pos_in_stream or 0].rstrip()
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        before = text.rstrip()
    after_operand = bool(before) and (before[-1].isalnum() or before[-1] in "_)].")
    if before == text.rstrip():
        unclosed = sum(map(text.count, "([")) > sum(map(text.count, ")]"))
        wanted = "a closing bracket is missing" if unclosed and after_operand else _OPERAND
        refuse(text, len(text), f"the formula ends too early; {wanted}")
    at = error.pos_in_stream or 0
    found = text[at]
    if (word := _operator_word(text, at, before)) is not None:
        fault = f"{word[0]!r} follows without an operator" if word.start() == at else f"unexpected {word[0]!r}"
        refuse(text, word.start(), f"{fault}; {OPERATOR_WORDS[word[0]]}")
    if after_operand and found not in SIGNS and (found.isalnum() or found in "_("):
        refuse(text, at, f"{found!r} follows without an operator; a product is written with *")
    if found == "[" and before.endswith("]"):
        refuse(text, at, "unexpected '['; subscripts share one pair of brackets, as in x[i,t,d]")
    if found == "]" and isinstance(error, UnexpectedToken) and "RELATION" in error.accepts:
        refuse(text, at, "unexpected ']'; a square bracket without a name before it holds a comparison, as in [u > 0]")
    if found in "()[],":
        refuse(text, at, f"unexpected {found!r}; {_BRACKETS if after_operand else _OPERAND}")
    refuse(text, at, f"unexpected {found!r}; {_HINTS.get(found, _OPERATOR if after_operand else _OPERAND)}")


def _operator_word(text: str, at: int, before: str) -> re.Match[str] | None:
    """A word of another language where the text stops being a formula: at that place, or just before it."""
    last = re.search(r"[A-Za-z_]+$", before, re.ASCII)
    return next((word for word in (_WORD.match(text, at), last) if word and word[0] in OPERATOR_WORDS), None)
