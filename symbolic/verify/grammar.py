"""The grammar of hand derivations: tokens to a tree, by recursive descent.

    expression ::= [sign] term (sign term)*
    term       ::= product (⊙ product)*
    product    ::= factor (· factor | / factor | factor)*        Σ and ∂/∂ reach to the end of the product
    factor     ::= primary scripts*                              scripts: _ ^ '
    primary    ::= number | name | name(arguments) | brackets | \\frac | Σ | ∂/∂ | ‖ ‖ | | | | cases | ...

The grammar is ambiguous without the declarations: ``p(1-p)`` is a product and ``p(z)`` a call.  The
parser asks its :class:`Vocabulary`.  Where conventions differ among people (does d/dw reach over one
factor or all of them?) the flag ``wide`` chooses, and ``ambiguous`` tells whether it mattered.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from symbolic.verify.scripts import RELATIONS, is_letter, read_affine, read_scripts, split
from symbolic.verify.syntax import (
    Abs,
    Add,
    BigSum,
    Blank,
    Call,
    Cases,
    Component,
    Deriv,
    Frac,
    Hadamard,
    Indicator,
    Inner,
    Mul,
    Name,
    Neg,
    Node,
    Norm,
    NotUnderstood,
    Num,
    Ones,
    Power,
    Relation,
    Root,
    Script,
    Span,
    Transpose,
)
from symbolic.verify.tokens import Token, tokenize


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


#: Functions that need no declaration, under all their spellings.
SPELLINGS = {
    r"\exp": "exp", r"\ln": "log", r"\log": "log", r"\lg": "log", r"\sin": "sin", r"\cos": "cos", r"\tanh": "tanh",
    r"\th": "tanh", r"\max": "max", r"\min": "min", r"\arctan": "atan", r"\tan": "tan", r"\cosh": "cosh",
    r"\sinh": "sinh", r"\ch": "cosh", r"\sh": "sinh", r"\sgn": "sign", r"\sign": "sign", r"\erf": "erf",
}  # fmt: skip
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
DEPTH_LIMIT = 120
LONGEST_NUMBER = 40


def parse(source: str, vocabulary: Vocabulary, span: Span | None = None, wide: bool = False) -> Node:
    """The tree of a whole formula without relation signs."""
    start, end = span or (0, len(source))
    return Parser(tokenize(source, start, end), vocabulary, wide, end).whole()


class Parser:
    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, wide: bool = False, end: int = 0) -> None:
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.wide = wide
        self.ambiguous = False
        self.at = 0
        self.depth = 0
        self.bars = 0
        self.end = tokens[-1].span[1] if tokens else end

    # -- tokens ------------------------------------------------------------------------------------

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
        inside = Parser(tokens, self.vocabulary, self.wide)
        inside.depth = self.depth + 1
        node = inside.whole()
        self.ambiguous |= inside.ambiguous
        return node

    def spanning(self, start: int) -> Span:
        first = self.tokens[min(start, len(self.tokens) - 1)].span[0]
        return (first, self.tokens[max(self.at - 1, start)].span[1])

    # -- expressions -------------------------------------------------------------------------------

    def whole(self) -> Node:
        node = self.expression()
        if self.token is not None:
            raise NotUnderstood(f"{self.token.text} is not expected here", self.token.span)
        return node

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise NotUnderstood("nested too deeply", self.tokens[min(self.at, len(self.tokens) - 1)].span)
        start = self.at
        terms: list[Node] = []
        while True:
            sign = None
            while self.sees("+", "-"):
                sign = "-" if (self.take().text == "-") != (sign == "-") else "+"
            if terms and sign is None:
                break
            term = self.term()
            terms.append(Neg(term, span=term.span) if sign == "-" else term)
            if not self.sees("+", "-"):
                break
        self.depth -= 1
        return terms[0] if len(terms) == 1 else Add(tuple(terms), span=self.spanning(start))

    def term(self) -> Node:
        start = self.at
        factors = [self.product()]
        while self.sees(*HADAMARD):
            self.take()
            factors.append(self.product())
        return factors[0] if len(factors) == 1 else Hadamard(tuple(factors), span=self.spanning(start))

    def product(self) -> Node:
        start = self.at
        factors = [self.factor()]
        while (token := self.token) is not None:
            if self.sees(*PRODUCT_SIGNS, "*"):
                self.take()
                negative = bool(self.sees("-")) and bool(self.take())
                factor = self.factor()
                factors.append(Neg(factor, span=factor.span) if negative else factor)
            elif self.sees("/", r"\div"):
                self.take()
                factors[-1] = Frac(factors[-1], self.factor(), span=self.spanning(start))
            elif self.begins_factor(token):
                factors.append(self.factor())
            else:
                break
        return factors[0] if len(factors) == 1 else Mul(tuple(factors), span=self.spanning(start))

    def begins_factor(self, token: Token) -> bool:
        if token.kind in ("letter", "number"):
            return True
        if token.kind == "sign":
            return token.text in ("(", "[", "{", "?") or (token.text == "|" and not self.bars)
        if token.kind == "command":
            if token.text in (r"\|", r"\Vert"):
                return not self.bars
            return token.text not in RELATIONS and token.text not in (
                r"\}", r"\rangle", r"\rvert", r"\rVert", r"\end", r"\quad", r"\qquad", *HADAMARD, r"\rfloor", r"\rbrack"
            )  # fmt: skip
        return False

    # -- factors -----------------------------------------------------------------------------------

    def factor(self) -> Node:
        token = self.token
        if token is None:
            raise NotUnderstood("the formula ends where a factor should stand", (max(self.end - 1, 0), self.end))
        start = self.at
        if token.kind == "number":
            self.take()
            if len(token.text) > LONGEST_NUMBER:
                raise NotUnderstood("a number with that many digits", token.span)
            return self.scripts(Num(Fraction(token.text), span=token.span), start)
        derivative = self.inline_derivative()
        if derivative is not None:
            return derivative
        if is_letter(token) and token.kind != "word":
            return self.named(start)
        if token.kind == "sign":
            return self.bracketed(token, start)
        if token.kind == "command":
            return self.commanded(token, start)
        raise NotUnderstood(f"text inside a formula: {token.text!r}", token.span)

    def bracketed(self, token: Token, start: int) -> Node:
        if token.text in ("(", "["):
            self.take()
            return self.scripts(self.enclosed({"(": (")",), "[": ("]",)}[token.text], start), start)
        if token.text == "{":
            tokens = self.group()
            return self.scripts(self.inner(tokens, token.span), start)
        if token.text == "|":
            return self.bar_pair(start, ("|",))
        if token.text == "?":
            self.take()
            return Blank(span=token.span)
        raise NotUnderstood(f"{token.text} is not expected here", token.span)

    def enclosed(self, closing: tuple[str, ...], start: int) -> Node:
        """What stands in brackets: a formula, a condition, or (u, v) for the inner product."""
        bars, self.bars = self.bars, 0
        node = self.condition()
        if self.sees(","):
            self.take()
            node = Inner(node, self.expression(), span=self.spanning(start))
        self.expect(*closing)
        self.bars = bars
        return Indicator(node, span=self.spanning(start)) if isinstance(node, Relation) else node

    def condition(self) -> Node:
        start = self.at
        left = self.expression()
        token = self.token
        if token is None or token.text not in RELATIONS or token.kind not in ("sign", "command"):
            return left
        self.take()
        return Relation(RELATIONS[token.text], left, self.expression(), span=self.spanning(start))

    def bar_pair(self, start: int, closing: tuple[str, ...]) -> Node:
        self.take()
        self.bars += 1
        inside = self.expression()
        self.expect(*closing)
        self.bars -= 1
        return self.scripts(Abs(inside, span=self.spanning(start)), start)

    def commanded(self, token: Token, start: int) -> Node:
        text = token.text
        if text in (r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"):
            self.take()
            return self.fraction(start)
        if text == r"\sum":
            self.take()
            return self.big_sum(start)
        if text == r"\nabla":
            return self.gradient(start)
        if text in (r"\{", r"\lbrace", r"\lbrack", r"\lparen"):
            self.take()
            closing = {r"\{": (r"\}",), r"\lbrace": (r"\rbrace",), r"\lbrack": (r"\rbrack",)}.get(text, (r"\rparen",))
            return self.scripts(self.enclosed(closing, start), start)
        if text in (r"\|", r"\lVert", r"\Vert"):
            return self.norm(start)
        if text == r"\lvert":
            return self.bar_pair(start, (r"\rvert",))
        if text == r"\langle":
            self.take()
            left = self.expression()
            self.expect(",", "|")
            right = self.expression()
            self.expect(r"\rangle")
            return self.scripts(Inner(left, right, span=self.spanning(start)), start)
        if text == r"\sqrt":
            self.take()
            if self.sees("["):
                raise NotUnderstood(r"\sqrt with a degree; write a power", token.span)
            return self.scripts(Root(self.inner(self.group(), token.span), span=self.spanning(start)), start)
        if text in SPELLINGS:
            return self.named(start)
        if text in (r"\mathbb1", r"\mathbbI"):
            return self.indicator(start)
        if text in (r"\underbrace", r"\overbrace"):
            self.take()
            node = self.inner(self.group(), token.span)
            if self.sees("_", "^"):
                self.take()
                self.group()
            return node
        if text in (r"\underset", r"\overset"):
            self.take()
            self.group()
            return self.inner(self.group(), token.span)
        if text == r"\begin":
            return self.environment(start)
        if text in (r"\dots", r"\ldots", r"\cdots"):
            self.take()
            return Blank(span=token.span)
        if text == r"\partial":
            raise NotUnderstood("∂ without a quotient: write it over or before ∂ of something", token.span)
        if text in (r"\left", r"\right"):
            raise NotUnderstood(f"{text} without its bracket", token.span)
        raise NotUnderstood(f"the command {text} is not known here", token.span)

    def indicator(self, start: int) -> Node:
        """𝟙[a > 0], 𝟙_{a > 0}; without a condition the vector of ones."""
        token = self.take()
        if self.sees("[", "(", r"\{"):
            here = self.at
            node = self.factor()
            if isinstance(node, Indicator):
                return node
            self.at = here
        if self.sees("_"):
            self.take()
            tokens = self.group()
            inside = Parser(tokens, self.vocabulary, self.wide)
            node = inside.factor() if inside.sees("[", r"\{", "(") else inside.condition()
            if isinstance(node, Indicator):
                return node
            if isinstance(node, Relation):
                return Indicator(node, span=self.spanning(start))
        if token.text == r"\mathbbI":
            return self.scripts(Name("I", span=token.span), start)
        return self.scripts(Ones(span=token.span), start)

    def norm(self, start: int) -> Node:
        opening = self.take()
        self.bars += 1
        inside = self.expression()
        self.expect(r"\|", r"\rVert", r"\Vert") if opening.text != r"\lVert" else self.expect(r"\rVert")
        self.bars -= 1
        order = 2
        if self.sees("_"):
            self.take()
            below = "".join(t.text for t in self.group())
            if below not in ("1", "2", "F"):
                raise NotUnderstood(f"the norm with index {below}", self.spanning(start))
            order = 1 if below == "1" else 2
        return self.scripts(Norm(inside, order, span=self.spanning(start)), start)

    def environment(self, start: int) -> Node:
        begin = self.take()
        name = "".join(t.text for t in self.group())
        if name not in ("cases", "dcases", "rcases"):
            raise NotUnderstood(f"the environment {name} inside a formula", begin.span)
        inside: list[Token] = []
        while not self.sees(r"\end"):
            inside.append(self.take())
        self.take()
        self.group()
        return self.cases(inside, self.spanning(start))

    def cases(self, tokens: list[Token], span: Span) -> Node:
        rows: list[list[Token]] = [[]]
        for token in tokens:
            if token.kind == "row":
                rows.append([])
            else:
                rows[-1].append(token)
        parts: list[Node] = []
        for row in filter(None, rows):
            plain = [t for t in row if t.kind != "word"]
            value, *condition = [p for p in split(plain, "&", ",", ";") if p]
            if condition and condition[-1] and condition[-1][-1].is_sign("."):
                condition[-1].pop()
            parts.append(self.inner(value, span))
            if condition:
                inside = Parser(condition[0], self.vocabulary, self.wide)
                node = inside.condition()
                if not isinstance(node, Relation) or inside.token is not None:
                    raise NotUnderstood("a case needs one condition such as a > 0", node.span)
                parts.append(node)
        if len(parts) < 2:
            raise NotUnderstood("cases with a single value", span)
        return Cases(tuple(parts), span=span)

    # -- names and calls ---------------------------------------------------------------------------

    def named(self, start: int) -> Node:
        token = self.take()
        if token.text == "I" and self.sees("[", r"\{", "(") and not self.vocabulary.is_declared("I"):
            here = self.at
            node = self.factor()
            if isinstance(node, Indicator):
                return node
            self.at = here
        base = SPELLINGS.get(token.text, token.text)
        name = Name(base, span=token.span)
        if base == "e" and self.sees("^") and not self.vocabulary.is_declared("e"):
            self.take()
            exponent = self.inner(self.group(), token.span)
            return Call(Name("exp", span=token.span), (exponent,), span=self.spanning(start))
        return self.scripts(name, start)

    def scripts(self, node: Node, start: int) -> Node:
        """Subscripts, superscripts, primes and arguments after a factor, in any order."""
        powers: list[Node | None] = []  # None is a transpose
        while True:
            if self.sees("_"):
                self.take()
                node = self.subscript(node, start)
            elif self.sees("^"):
                sign = self.take()
                node = self.superscript(node, sign, powers, start)
            elif self.sees("'") and isinstance(node, Name):
                self.take()
                node = replace(node, primes=node.primes + 1)
            else:
                break
        if isinstance(node, Name):
            node = self.called(node, start)
            if isinstance(node, Call) and self.sees("_", "^"):
                node = self.scripts(node, start)
        for exponent in powers:
            span = self.spanning(start)
            node = Transpose(node, span=span) if exponent is None else Power(node, exponent, span=span)
        return node

    def subscript(self, node: Node, start: int) -> Node:
        tokens = self.group()
        span = self.spanning(start)
        if isinstance(node, Name):
            if any(t.is_sign("_", "^") for t in tokens):
                return replace(node, below=self.inner(tokens, span), span=span)
            return replace(node, subs=(*node.subs, *read_scripts(tokens, span)), span=span)
        return Component(node, read_scripts(tokens, span), span=span)

    def superscript(self, node: Node, sign: Token, powers: list[Node | None], start: int) -> Node:
        tokens = self.group()
        span = self.spanning(start)
        if not tokens:
            raise NotUnderstood("an empty superscript", sign.span)
        text = "".join(t.text for t in tokens)
        if isinstance(node, Name) and all(t.is_command(r"\prime") or t.is_sign("'") for t in tokens):
            return replace(node, primes=node.primes + len(tokens))
        if tokens[-1].text in TRANSPOSES and not (len(tokens) > 1 and text[0] not in "(["):
            if len(tokens) > 1:
                node = self.superscript_label(node, tokens[:-1], span)
            powers.append(None)
            return node
        if isinstance(node, Name) and self.vocabulary.has_superscript(node.base, text):
            return replace(node, sups=(*node.sups, *read_scripts(tokens, span)), span=span)
        if isinstance(node, Name) and tokens[0].is_sign("(", "[") and tokens[-1].is_sign(")", "]"):
            return self.superscript_label(node, tokens, span)
        if isinstance(node, Name) and not self.vocabulary.is_declared(node.base) and all(map(is_letter, tokens)):
            # δ^{out}: nobody raises what is not declared to the power of a word
            return replace(node, sups=(*node.sups, *read_scripts(tokens, span)), span=span)
        if tokens[0].is_command(*HADAMARD) and len(tokens) > 1:
            return Power(node, self.inner(tokens[1:], span), entrywise=True, span=span)
        powers.append(self.inner(tokens, span))
        return node

    def superscript_label(self, node: Node, tokens: list[Token], span: Span) -> Node:
        if not isinstance(node, Name):
            raise NotUnderstood("a label above something that is not a name", span)
        return replace(node, sups=(*node.sups, *read_scripts(tokens[1:-1], span)), span=span)

    def called(self, name: Name, start: int) -> Node:
        is_function = self.vocabulary.is_function(name) or (name.base in WORDS and name.bare)
        if self.sees("(", "[", r"\{", r"\lparen", r"\lbrack") and not (
            is_function and self.sees("[") and name.base not in WORDS
        ):
            here = self.at
            arguments = self.arguments()
            if arguments is not None and (is_function or self.vocabulary.reads_as_call(name, arguments)):
                return Call(name, arguments, span=self.spanning(start))
            self.at = here
            return name
        if is_function and self.token is not None and self.begins_factor(self.token) and not self.sees("?"):
            return Call(name, (self.unbracketed(),), span=self.spanning(start))
        return name

    def arguments(self) -> tuple[Node, ...] | None:
        """``(u, v; w)``; None when that is not how the brackets read."""
        opening = self.take()
        closing = {"(": ")", "[": "]", r"\{": r"\}", r"\lparen": r"\rparen", r"\lbrack": r"\rbrack"}[opening.text]
        found: list[Node] = []
        bars, self.bars = self.bars, 0
        while True:
            if self.sees(r"\cdot") and (after := self.peek()) and after.text == closing:
                found.append(Blank(span=self.take().span))
            else:
                node = self.condition()
                if isinstance(node, Relation):
                    self.bars = bars
                    return None
                found.append(node)
            if not self.sees(",", ";", "|"):
                break
            self.take()
        self.expect(closing)
        self.bars = bars
        return tuple(found)

    def unbracketed(self) -> Node:
        """``ln p_k``, ``σ wᵀx``, ``tanh a``: one factor, and wᵀx counts as one."""
        start = self.at
        factors = [self.factor()]
        while (token := self.token) is not None and self.begins_factor(token):
            if not isinstance(factors[-1], Transpose):
                if not (isinstance(factors[-1], Name | Num) and is_letter(token)):
                    break
                self.ambiguous = True  # sin xy: of x, or of xy?
                if not self.wide:
                    break
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Mul(tuple(factors), span=self.spanning(start))

    # -- fractions and derivatives -----------------------------------------------------------------

    def fraction(self, start: int) -> Node:
        above, below = self.group(), self.group()
        span = self.spanning(start)
        if above and _is_d(above[0]) and (above[0].text == r"\partial" or (len(below) > 1 and _is_d(below[0]))):
            return self.scripts(self.derivative(above, below, span, start), start)
        return self.scripts(Frac(self.inner(above, span), self.inner(below, span), span=span), start)

    def derivative(self, above: list[Token], below: list[Token], span: Span, start: int) -> Node:
        """∂of/∂by with everything above and below the line given as tokens."""
        straight = above[0].text == "d"
        order, rest = _order(above[1:])
        marks = [k for k, t in enumerate(below) if t.text == above[0].text]
        slip = not marks or marks[0] != 0
        pieces = [below] if slip else [below[k + 1 : e] for k, e in zip(marks, [*marks[1:], len(below)], strict=True)]
        variables: list[Node] = []
        for piece in pieces:
            node = self.inner(piece, span)
            if order > 1 and len(pieces) == 1 and isinstance(node, Power) and node.exponent == Num(Fraction(order)):
                variables.extend([node.base] * order)
            else:
                variables.append(node)
        if len(variables) != order:
            raise NotUnderstood(f"a derivative of order {order} by {len(variables)} variables", span)
        of = self.inner(rest, span) if rest else self.operand()
        for variable in reversed(variables):
            of = Deriv(of, variable, straight, slip, span=self.spanning(start))
        return of

    def operand(self) -> Node:
        """What ∂/∂w in front of something applies to: the next factor, or all that follow (``wide``)."""
        start = self.at
        if self.sees("-"):
            raise NotUnderstood("put brackets after ∂/∂…", self.tokens[self.at].span)
        factors = [self.factor()]
        while (token := self.token) is not None:
            joined = isinstance(factors[-1], Transpose)
            if not self.begins_factor(token) and not self.sees(*PRODUCT_SIGNS):
                break
            if not joined and not self.wide:
                self.ambiguous = True
                break
            if self.sees(*PRODUCT_SIGNS):
                self.take()
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Mul(tuple(factors), span=self.spanning(start))

    def inline_derivative(self) -> Node | None:
        """``∂Q/∂w``, ``dQ/dw`` on one line, and ``∂_w Q``."""
        token = self.token
        if token is None or not _is_d(token):
            return None
        start = self.at
        if token.text == r"\partial" and (after := self.peek()) is not None and after.is_sign("_"):
            self.at += 2
            by = self.inner(self.group(), token.span)
            return Deriv(self.operand(), by, span=self.spanning(start))
        slash = next((k for k in range(start + 1, len(self.tokens)) if self.tokens[k].is_sign("/")), None)
        if slash is None or slash + 1 >= len(self.tokens) or self.tokens[slash + 1].text != token.text:
            return None
        try:
            self.at = start + 1
            of = self.factor()
            if self.at != slash:
                raise NotUnderstood("not a derivative", token.span)
            self.at = slash + 2
            by = self.factor()
        except NotUnderstood:
            if token.text == r"\partial":
                raise
            self.at = start
            return None
        return Deriv(of, by, token.text == "d", span=self.spanning(start))

    def gradient(self, start: int) -> Node:
        sign = self.take()
        if not self.sees("_"):
            raise NotUnderstood(r"\nabla without a subscript: by what?", sign.span)
        self.take()
        by = self.inner(self.group(), sign.span)
        return Deriv(self.operand(), by, span=self.spanning(start))

    # -- sums --------------------------------------------------------------------------------------

    def big_sum(self, start: int) -> Node:
        indices: list[str] = []
        lower: Script | None = None
        upper: Script | None = None
        conditions: list[Relation] = []
        while self.sees("_", "^"):
            sign = self.take()
            tokens = self.group()
            if sign.text == "^":
                upper = read_affine(tokens, sign.span)
                continue
            if tokens and tokens[0].is_command(r"\substack"):
                tokens = [Token("sign", ",", t.span) if t.kind == "row" else t for t in tokens[2:-1]]
            for piece in split(tokens, ",", ":", ";", "|"):
                lower = self.under_sum(piece, indices, conditions, lower, sign.span)
        if not indices:
            raise NotUnderstood("Σ without an index", self.spanning(start))
        negative = bool(self.sees("-")) and bool(self.take())
        if self.sees("+"):
            self.take()
        body = self.term()
        if negative:
            body = Neg(body, span=body.span)
        return BigSum(tuple(indices), lower, upper, tuple(conditions), body, span=self.spanning(start))

    def under_sum(
        self, piece: list[Token], indices: list[str], conditions: list[Relation], lower: Script | None, span: Span
    ) -> Script | None:
        """One of the things under Σ: ``i``, ``i = 1``, ``j ≠ k``."""
        piece = [t for t in piece if not t.is_sign("{", "}")]
        if not piece or not is_letter(piece[0]):
            raise NotUnderstood("under Σ an index should stand", piece[0].span if piece else span)
        primes = 0
        while len(piece) > 1 + primes and piece[1 + primes].is_sign("'"):
            primes += 1
        name, rest = piece[0].text + "'" * primes, piece[1 + primes :]
        if name not in indices:
            indices.append(name)
        if not rest:
            return lower
        relation = RELATIONS.get(rest[0].text)
        if relation == "=":
            return read_affine(rest[1:], span)
        if relation == "!=":
            left = Name(name, span=piece[0].span)
            other = read_affine(rest[1:], span)
            right: Node = Name(other.single, span=span) if other.single else Num(Fraction(other.constant), span=span)
            conditions.append(Relation("!=", left, right, span=span))
            return lower
        if all(is_letter(t) for t in rest):  # Σ_{ij}
            indices.extend(t.text for t in rest)
            return lower
        raise NotUnderstood(f"{rest[0].text} under Σ", rest[0].span)


def _is_d(token: Token) -> bool:
    return token.is_command(r"\partial") or (token.kind == "letter" and token.text == "d")


def _order(tokens: list[Token]) -> tuple[int, list[Token]]:
    """``^2 Q`` after the first ∂: the order and what is left."""
    if len(tokens) >= 2 and tokens[0].is_sign("^"):
        if tokens[1].kind == "number" and tokens[1].text == "2":
            return 2, tokens[2:]
        if len(tokens) >= 4 and tokens[1].is_sign("{") and tokens[2].text == "2":
            return 2, tokens[4:]
        raise NotUnderstood("a derivative of that order", tokens[1].span)
    return 1, tokens
