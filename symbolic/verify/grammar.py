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

from fractions import Fraction

from symbolic.verify.cursor import DEPTH_LIMIT, HADAMARD, LONGEST_NUMBER, PRODUCT_SIGNS, SPELLINGS, Vocabulary
from symbolic.verify.grammar_calculus import CalculusGrammar
from symbolic.verify.scripts import RELATIONS, is_letter, split
from symbolic.verify.syntax import (
    Abs,
    Add,
    Blank,
    Cases,
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
    Relation,
    Root,
    Span,
)
from symbolic.verify.tokens import Token, tokenize


def parse(source: str, vocabulary: Vocabulary, span: Span | None = None, wide: bool = False) -> Node:
    """The tree of a whole formula without relation signs."""
    start, end = span or (0, len(source))
    return Parser(tokenize(source, start, end), vocabulary, wide, end).whole()


class Parser(CalculusGrammar):
    # -- tokens ------------------------------------------------------------------------------------

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

    # -- fractions and derivatives -----------------------------------------------------------------

    # -- sums --------------------------------------------------------------------------------------
