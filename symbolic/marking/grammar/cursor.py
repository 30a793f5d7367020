"""A place among the tokens of a formula, and the frozen context in which they are read.

The rules of the grammar are functions of a cursor, in a module of their own subject each.  They reach each
other through the tables of the context, so that no rule's module has to know where another one lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from symbolic.fuel import spend
from symbolic.marking.grammar.known_words import TRANSPOSES, Vocabulary
from symbolic.marking.grammar.tree import Node
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.tokens import Kind, Token
from symbolic.words import Text

#: Reads the factor that begins at the cursor.
Factor: TypeAlias = "Callable[[Cursor], Node]"
#: Joins the token at the cursor, and what follows it, to the factors before it, which began at a place; None where
#: the token stands for something else.
Join: TypeAlias = "Callable[[Cursor, tuple[Node, ...], int], tuple[Node, ...] | None]"
#: Reads what a name with a meaning of its own begins, when its token, at a place, is taken; None for a mere name.
Opening: TypeAlias = "Callable[[Cursor, Token, int], Node | None]"


@dataclass(frozen=True, slots=True)
class Rules:
    """What each token means: where a factor may begin, between factors, and as a name."""

    #: By the token's text, then by its kind.
    factors: Mapping[tuple[Kind, str], Factor]
    kinds: Mapping[Kind, Factor]
    joins: Mapping[str, Join]
    openings: Mapping[str, Opening]

    def factor(self, token: Token) -> Factor:
        return self.factors.get((token.kind, token.text)) or self.kinds[token.kind]


@dataclass(frozen=True, slots=True)
class Context:
    """What a reading is given: the names, the points at which to take the second of two ways, and the rules."""

    vocabulary: Vocabulary
    wide: frozenset[str]
    rules: Rules


#: How often a token may be read, on the average and in short formulas: rules that try one way, then another, inside
#: of each other, read what is innermost as often as two to the power of the depth.
READINGS, SHORT = 20, 10_000
#: What taking one token counts for.
STEPS = 4


@dataclass
class Effort:
    """How many tokens may still be taken in reading one formula."""

    left: int

    @classmethod
    def for_tokens(cls, count: int) -> Effort:
        return cls(READINGS * count + SHORT)


@dataclass
class Cursor:
    """Where a reading stands, what stands around it, and at which points it could have gone another way."""

    context: Context
    tokens: list[Token]
    effort: Effort
    end: int = 0
    at: int = 0
    depth: int = 0
    #: Bars that are open here: the next one closes.
    bars: int = 0
    #: Inside \\left. … \\right|, whose bar belongs to all of it.
    held: bool = False
    #: The points of which the text makes use: see ``symbolic.marking.grammar.parse``.
    ambiguous: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.end = self.tokens[-1].span[1] if self.tokens else self.end

    @property
    def vocabulary(self) -> Vocabulary:
        return self.context.vocabulary

    @property
    def token(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def peek(self, ahead: int = 1) -> Token | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def sees(self, *texts: str) -> bool:
        token = self.token
        return token is not None and token.kind in ("sign", "command") and token.text in texts

    def sees_after(self, *texts: str) -> bool:
        token = self.peek()
        return token is not None and token.kind in ("sign", "command") and token.text in texts

    def sees_transpose(self) -> bool:
        """Whether a transpose follows: ``(1, 2)^T`` is a column too."""
        if not self.sees("^"):
            return False
        here = self.at
        self.take()
        above = self.group()
        self.at = here
        return len(above) == 1 and above[0].text in TRANSPOSES

    def take(self) -> Token:
        token = self.token
        if token is None:
            raise NotUnderstood(
                Text("the formula ends too early", "формула обрывается"), (max(self.end - 1, 0), self.end)
            )
        spend(STEPS)
        self.effort.left -= 1
        if self.effort.left < 0:
            raise NotUnderstood(
                Text(
                    "brackets nested so that they can be read in too many ways",
                    "скобки вложены так, что читаются слишком многими способами",
                ),
                token.span,
            )
        self.at += 1
        return token

    def takes(self, *texts: str) -> bool:
        """Whether one of these stood here; then it is taken."""
        seen = self.sees(*texts)
        self.at += seen
        return seen

    def choose(self, point: str) -> bool:
        """Whether to take the other way at one of the points on which people differ."""
        self.ambiguous.add(point)
        return point in self.context.wide

    def expect(self, *texts: str) -> Token:
        if not self.sees(*texts):
            found = self.token
            what = (
                Text(f"{found.text} stands", f"стоит {found.text}")
                if found
                else Text("the formula ends", "формула кончается")
            )
            said = Text(f"{what} where {texts[0]} should", f"{what.ru} там, где должно стоять {texts[0]}")
            raise NotUnderstood(said, found.span if found else (self.end - 1, self.end))
        return self.take()

    def group(self) -> list[Token]:
        """The tokens of the next {…}, or the next single token."""
        if not self.sees("{"):
            token = self.take()
            if token.kind == "number" and len(token.text) > 1:  # \\frac12 is a half
                first, rest = Token("number", token.text[0], (token.span[0], token.span[0] + 1)), token.text[1:]
                # both stay: what is tried and given up is read again
                self.tokens[self.at - 1 : self.at] = [first, Token("number", rest, (first.span[1], token.span[1]))]
                return [first]
            return [token]
        opening = self.take()
        depth, inside = 1, []
        while depth:
            if self.token is None:
                raise NotUnderstood(
                    Text("an opening brace has no closing one", "у открывающей фигурной скобки нет закрывающей"),
                    opening.span,
                )
            token = self.take()
            depth += token.is_sign("{") - token.is_sign("}")
            inside.append(token)
        return inside[:-1]

    def spanning(self, start: int) -> Span:
        first = self.tokens[min(start, len(self.tokens) - 1)].span[0]
        return (first, self.tokens[max(self.at - 1, start)].span[1])

    @contextmanager
    def among(self, bars: int, held: bool) -> Iterator[None]:
        """Inside brackets, where so many bars are open."""
        around = self.bars, self.held
        self.bars, self.held = bars, held
        try:
            yield
        finally:
            self.bars, self.held = around

    @contextmanager
    def deeper(self, limit: int) -> Iterator[None]:
        """One level further down.  Raises NotUnderstood below the limit."""
        if self.depth >= limit:
            raise NotUnderstood(
                Text("nested too deeply", "слишком глубокая вложенность"),
                self.tokens[min(self.at, len(self.tokens) - 1)].span,
            )
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def inside(self, tokens: list[Token]) -> Cursor:
        """A cursor on a group that stands here, one level deeper."""
        return Cursor(self.context, tokens, self.effort, depth=self.depth + 1, ambiguous=self.ambiguous)

    def apart(self, tokens: list[Token]) -> Cursor:
        """A cursor on a condition that stands here: it may be as deep as the formula around it."""
        return Cursor(self.context, tokens, self.effort, ambiguous=self.ambiguous)
