"""Tokens read from left to right: the lowest layer of the grammar, and the words that it knows."""

from __future__ import annotations

from typing import Protocol

from symbolic.marking.grammar.tree import Name, Node
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.tokens import Token

WORDS = frozenset(
    [
        "exp",
        "ln",
        "log",
        "sin",
        "cos",
        "tanh",
        "th",
        "max",
        "min",
        "arctan",
        "atan",
        "sign",
        "sgn",
        "erf",
        "diag",
        "tr",
        "Tr",
        "relu",
        "ReLU",
        "sigmoid",
        "sigm",
        "softmax",
        "softplus",
        "silu",
        "gelu",
        "elu",
        "arctg",
        "ch",
        "sh",
        "cosh",
        "sinh",
        "tan",
    ]
)
TRANSPOSES = frozenset({r"\top", r"\intercal", "T", r"\mathsf T", r"\prime T"})
PRODUCT_SIGNS = (r"\cdot", r"\times", r"\ast", r"\cdotp", r"\star", r"\bullet")
HADAMARD = (r"\odot", r"\circ", r"\otimes")
LONGEST_NUMBER = 40
DEPTH_LIMIT = 120
#: Functions that need no declaration, under all their spellings.
SPELLINGS = {
    r"\exp": "exp", r"\ln": "log", r"\log": "log", r"\lg": "log", r"\sin": "sin", r"\cos": "cos", r"\tanh": "tanh",
    r"\th": "tanh", r"\max": "max", r"\min": "min", r"\arctan": "atan", r"\tan": "tan", r"\cosh": "cosh",
    r"\sinh": "sinh", r"\ch": "cosh", r"\sh": "sinh", r"\sgn": "sign", r"\sign": "sign", r"\erf": "erf",
}  # fmt: skip


class Vocabulary(Protocol):
    """What the grammar must know about names."""

    def is_function(self, name: Name) -> bool:
        """A function of its argument: σ, h, an undeclared ``\\tanh``."""

    def is_declared(self, base: str) -> bool:
        """Whether the letter is declared at all (then ``e`` is not Euler's number)."""

    def reads_as_call(self, name: Name, arguments: tuple[Node, ...]) -> bool:
        """Whether ``name(arguments)`` names the arguments of a declared quantity, not a product."""

    def has_superscript(self, base: str, superscript: str) -> bool:
        """Whether ``base^{superscript}`` was declared as one name."""

    def is_word(self, text: str) -> bool:
        """Whether letters that stand together, not all of them declared, are one name: ``loss``."""

    def is_quantity(self, base: str) -> bool:
        """Whether the letter is declared as a quantity, a function or an index, and not merely as a size."""

    def is_index(self, letter: str) -> bool:
        """Whether the letter is declared as an index."""

    def sample_letter(self) -> str:
        """The index of the sample; empty when there is none."""

    def parameter(self, names: tuple[Node, ...]) -> Node | None:
        """The only parameter among some names, or of the whole model: what a bare ∇ is by."""


class Cursor:
    """A place among the tokens of a formula."""

    def __init__(
        self, tokens: list[Token], vocabulary: Vocabulary, wide: frozenset[str] = frozenset(), end: int = 0
    ) -> None:
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.wide = wide
        #: The points of which the text makes use: see ``symbolic.marking.grammar.parse``.
        self.ambiguous: set[str] = set()
        self.at = 0
        self.depth = 0
        self.bars = 0
        #: Inside \\left. … \\right|, whose bar belongs to all of it.
        self.held = False
        self.end = tokens[-1].span[1] if tokens else end

    @property
    def token(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def peek(self, ahead: int = 1) -> Token | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def sees(self, *texts: str) -> bool:
        token = self.token
        return token is not None and token.kind in ("sign", "command") and token.text in texts

    def take(self) -> Token:
        token = self.token
        if token is None:
            raise NotUnderstood("the formula ends too early", (max(self.end - 1, 0), self.end))
        self.at += 1
        return token

    def choose(self, point: str) -> bool:
        """Whether to take the other way at one of the points on which people differ."""
        self.ambiguous.add(point)
        return point in self.wide

    def expect(self, *texts: str) -> Token:
        if not self.sees(*texts):
            found = self.token
            what = f"{found.text} stands" if found else "the formula ends"
            raise NotUnderstood(f"{what} where {texts[0]} should", found.span if found else (self.end - 1, self.end))
        return self.take()

    def group(self) -> list[Token]:
        """The tokens of the next {…}, or the next single token."""
        if not self.sees("{"):
            token = self.take()
            if token.kind == "number" and len(token.text) > 1:  # \\frac12 is a half
                first, rest = Token("number", token.text[0], (token.span[0], token.span[0] + 1)), token.text[1:]
                self.at -= 1
                self.tokens[self.at] = Token("number", rest, (token.span[0] + 1, token.span[1]))
                return [first]
            return [token]
        opening = self.take()
        depth, inside = 1, []
        while depth:
            if self.token is None:
                raise NotUnderstood("an opening brace has no closing one", opening.span)
            token = self.take()
            depth += token.is_sign("{") - token.is_sign("}")
            inside.append(token)
        return inside[:-1]

    def inner(self, tokens: list[Token], span: Span) -> Node:
        """A formula inside a group."""
        if not tokens:
            raise NotUnderstood("an empty group", span)
        inside = type(self)(tokens, self.vocabulary, self.wide)
        inside.depth = self.depth + 1
        node = inside.whole()
        self.ambiguous |= inside.ambiguous
        return node

    def spanning(self, start: int) -> Span:
        first = self.tokens[min(start, len(self.tokens) - 1)].span[0]
        return (first, self.tokens[max(self.at - 1, start)].span[1])

    # what the layers above read

    def whole(self) -> Node:
        raise NotImplementedError

    def expression(self) -> Node:
        raise NotImplementedError

    def term(self) -> Node:
        raise NotImplementedError

    def factor(self) -> Node:
        raise NotImplementedError

    def condition(self) -> Node:
        raise NotImplementedError

    def gradient(self, start: int) -> Node:
        raise NotImplementedError

    def begins_factor(self, token: Token) -> bool:
        raise NotImplementedError
