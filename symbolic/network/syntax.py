"""The text of a formula as a tree, or one line that says at which column it stops being a formula.

The grammar is ``formula.lark``.  Nothing here knows what a name means; ``symbolic.network.grammar`` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NoReturn, TypeAlias, get_args

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from symbolic.errors import SpecError
from symbolic.network.remedies import OPERATOR_WORDS, SIGNS
from symbolic.words import Text

Node: TypeAlias = "Tree[Token]"
Start: TypeAlias = Literal["sum", "equation"]

#: Longer formulas are refused before anything reads them.
LONGEST = 5000
#: Deeper nesting is refused: whatever walks a formula later may recurse without fear.
DEEPEST = 50

_LEFT_SIDE = re.compile(r"\s*[A-Za-z_]\w*\s*(\[[^=\]]*\]\s*)?=(?!=)", re.ASCII)
_OPERAND = Text("a number, a name or '(' is expected", "здесь нужно число, имя или '('")
_OPERATOR = Text(
    "an operator (+ - * / **), a closing bracket or the end is expected",
    "здесь нужен знак действия (+ - * / **), закрывающая скобка или конец формулы",
)
_BRACKETS = Text(
    "brackets must open before they close, and only a call or an entry has commas",
    "скобку сначала открывают, потом закрывают, а запятые бывают только в вызове и у элемента",
)
_HINTS = {
    ".": Text(
        "attributes are not part of formulas; a decimal is written 0.5",
        "атрибутов в формулах нет; десятичная дробь пишется 0.5",
    ),
    "'": Text(
        "quoted text is not part of formulas; names stand without quotes",
        "текста в кавычках в формулах нет; имена пишут без кавычек",
    ),
    '"': Text(
        "quoted text is not part of formulas; names stand without quotes",
        "текста в кавычках в формулах нет; имена пишут без кавычек",
    ),
    "=": Text(
        "a formula has no '=' here; a comparison is >, >=, <, <=, == or !=, as in [t == s]",
        "знака '=' здесь в формуле нет; сравнение — это >, >=, <, <=, == или !=, как в [t == s]",
    ),
    "==": Text(
        "one comparison at a time, as in where(u > 0, a, b) or [u == 0]",
        "по одному сравнению, как в where(u > 0, a, b) или [u == 0]",
    ),
    ">": Text(
        "one comparison at a time, as in where(u > 0, a, b) or [u > 0]; two of them are a product, [u > 0]*[u < 1]",
        "по одному сравнению, как в where(u > 0, a, b) или [u > 0]; два сравнения — это произведение, [u > 0]*[u < 1]",
    ),
    "<": Text(
        "one comparison at a time, as in where(u > 0, a, b) or [u > 0]; two of them are a product, [u > 0]*[u < 1]",
        "по одному сравнению, как в where(u > 0, a, b) или [u > 0]; два сравнения — это произведение, [u > 0]*[u < 1]",
    ),
    **SIGNS,
}
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def parse(text: str, start: Start = "sum") -> Node:
    """The tree of a formula, or of a whole equation ``z[i,j] = …``; ``SpecError`` with the column."""
    if not isinstance(text, str):
        raise SpecError(
            Text(
                f"a formula is text, not {type(text).__name__}: write it in quotes",
                f"формула — это текст, а не {type(text).__name__}: запишите её в кавычках",
            )
        )
    if len(text) > LONGEST:
        refuse(
            text,
            LONGEST,
            Text(
                f"a formula of {len(text)} characters is too long; at most {LONGEST} are read",
                f"формула из {len(text)} символов слишком длинна; читается не больше {LONGEST}",
            ),
        )
    _refuse_deep_nesting(text)
    try:
        return _tree(text, start)
    except UnexpectedInput as error:
        _explain(text, start, error)


def refuse(text: str, place: Node | Token | int, message: Text) -> NoReturn:
    """Raise ``SpecError``: the column (from 1) in this formula, what came, what would be right."""
    at = column(place)
    shown = text if len(text) <= 60 else f"{'…' if at > 20 else ''}{text[max(0, at - 20) : at + 20]}…"
    raise SpecError(message).at(Text(f"column {at + 1} of {shown!r}", f"столбец {at + 1} в {shown!r}"))


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


@lru_cache(maxsize=1000)  # what a node names, what it is and what it reads are asked one after the other
def _tree(text: str, start: Start) -> Node:
    return _parser().parse(text, start=start)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("symbolic.network").joinpath("formula.lark").read_text(encoding="utf-8")
    return Lark(grammar, start=[*get_args(Start)], parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _refuse_deep_nesting(text: str) -> None:
    depth = 0
    for position, character in enumerate(text):
        if character in "([":
            depth += 1
            if depth > DEEPEST:
                refuse(
                    text,
                    position,
                    Text(
                        f"brackets nested deeper than {DEEPEST} levels; name a part of it as a node",
                        f"скобки вложены глубже {DEEPEST} уровней; выделите часть формулы в отдельный узел",
                    ),
                )
        elif character in ")]":
            depth -= 1


def _explain(text: str, start: Start, error: UnexpectedInput) -> NoReturn:
    if start == "equation" and not _LEFT_SIDE.match(text):
        refuse(
            text,
            0,
            Text(
                "the formula of a node begins with its name and indices, as in z[i,j] = …",
                "формула узла начинается с его имени и индексов, как в z[i,j] = …",
            ),
        )
    before = text[: error.pos_in_stream or 0].rstrip()
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        before = text.rstrip()
    after_operand = bool(before) and (before[-1].isalnum() or before[-1] in "_)].")
    if before == text.rstrip():
        unclosed = sum(map(text.count, "([")) > sum(map(text.count, ")]"))
        wanted = (
            Text("a closing bracket is missing", "не хватает закрывающей скобки")
            if unclosed and after_operand
            else _OPERAND
        )
        refuse(text, len(text), Text(f"the formula ends too early; {wanted}", f"формула обрывается; {wanted.ru}"))
    at = error.pos_in_stream or 0
    found = text[at]
    if (word := _operator_word(text, at, before)) is not None:
        fault = (
            Text(f"{word[0]!r} follows without an operator", f"перед {word[0]!r} нет знака действия")
            if word.start() == at
            else Text(f"unexpected {word[0]!r}", f"здесь не может стоять {word[0]!r}")
        )
        refuse(
            text, word.start(), Text(f"{fault}; {OPERATOR_WORDS[word[0]]}", f"{fault.ru}; {OPERATOR_WORDS[word[0]].ru}")
        )
    if after_operand and found not in SIGNS and (found.isalnum() or found in "_("):
        refuse(
            text,
            at,
            Text(
                f"{found!r} follows without an operator; a product is written with *",
                f"перед {found!r} нет знака действия; произведение пишется через *",
            ),
        )
    if found == "[" and before.endswith("]"):
        refuse(
            text,
            at,
            Text(
                "unexpected '['; subscripts share one pair of brackets, as in x[i,t,d]",
                "здесь не может стоять '['; все индексы пишут в одних скобках, как в x[i,t,d]",
            ),
        )
    if found == "]" and isinstance(error, UnexpectedToken) and "RELATION" in error.accepts:
        refuse(
            text,
            at,
            Text(
                "unexpected ']'; a square bracket without a name before it holds a comparison, as in [u > 0]",
                "здесь не может стоять ']'; в квадратных скобках без имени перед ними стоит сравнение, как в [u > 0]",
            ),
        )
    if found in "()[],":
        refuse(
            text,
            at,
            Text(
                f"unexpected {found!r}; {_BRACKETS if after_operand else _OPERAND}",
                f"здесь не может стоять {found!r}; {(_BRACKETS if after_operand else _OPERAND).ru}",
            ),
        )
    refuse(
        text,
        at,
        Text(
            f"unexpected {found!r}; {_HINTS.get(found, _OPERATOR if after_operand else _OPERAND)}",
            f"здесь не может стоять {found!r}; {_HINTS.get(found, _OPERATOR if after_operand else _OPERAND).ru}",
        ),
    )


def _operator_word(text: str, at: int, before: str) -> re.Match[str] | None:
    """A word of another language where the text stops being a formula: at that place, or just before it."""
    last = re.search(r"[A-Za-z_]+$", before, re.ASCII)
    return next((word for word in (_WORD.match(text, at), last) if word and word[0] in OPERATOR_WORDS), None)
