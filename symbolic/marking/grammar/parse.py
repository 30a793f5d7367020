"""The grammar of hand derivations: tokens to a tree, by recursive descent.

    expression ::= [sign] term (sign term)*
    term       ::= product (⊙ product)*
    product    ::= factor (· factor | / factor | factor)*        Σ and ∂/∂ reach to the end of the product
    factor     ::= primary scripts*                              scripts: _ ^ '
    primary    ::= number | name | name(arguments) | brackets | \\frac | Σ | ∂/∂ | ‖ ‖ | | | | cases | ...

The grammar is ambiguous without the declarations: ``p(1-p)`` is a product and ``p(z)`` a call.  The
parser asks its :class:`Vocabulary`.  Where people differ, ``wide`` names the points at which to take the
second of two ways, and ``ambiguous`` those of which the text makes use:

``operand``   d/dw u v is (du/dw) v, or d(uv)/dw;
``argument``  sin xy is sin(x) y, or sin(xy);
``sum``       Σ_i a_i + b_i is (Σ_i a_i) + b_i, or Σ_i (a_i + b_i);
``bar``       u v |_{w=0} is u (v at w = 0), or all of it there;
``pair``      Σ_{i<j} runs over both, or over i alone;
``star``      u * v is a product, or the product entry by entry;
``dot``       u · v is a product, or the inner product.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symbolic.marking.grammar.cursor import DEPTH_LIMIT, HADAMARD, LONGEST_NUMBER, PRODUCT_SIGNS, SPELLINGS, Vocabulary
from symbolic.marking.grammar.grammar_brackets import BracketGrammar
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Blank,
    Call,
    Component,
    Frac,
    Hadamard,
    Inner,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Root,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import RELATIONS, is_letter
from symbolic.marking.text.tokens import Token, tokenize


def parse(source: str, vocabulary: Vocabulary, span: Span | None = None, wide: frozenset[str] = frozenset()) -> Node:
    """The tree of a whole formula without relation signs."""
    start, end = span or (0, len(source))
    return Parser(tokenize(source, start, end), vocabulary, wide, end).whole()


class Parser(BracketGrammar):
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
        terms = self.under_the_sum(terms)
        return terms[0] if len(terms) == 1 else Add(tuple(terms), span=self.spanning(start))

    def under_the_sum(self, terms: list[Node]) -> list[Node]:
        """Σ_i a_i + b_i without brackets: b_i may be meant to stand under the Σ too."""
        joined: list[Node] = []
        for term in terms:
            before = joined[-1] if joined else None
            around = before.argument if isinstance(before, Neg) else before
            if isinstance(around, BigSum) and set(around.indices) & free_letters(term) and self.choose("sum"):
                wider = replace(around, body=Add((around.body, term), span=around.span))
                joined[-1] = Neg(wider, span=wider.span) if isinstance(before, Neg) else wider
            else:
                joined.append(term)
        return joined

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
            if not self.held and self.at_bar():
                scope = 1 if len(factors) == 1 or not self.choose("bar") else len(factors)
                body = factors[-1] if scope == 1 else Mul(tuple(factors), span=self.spanning(start))
                factors[-scope:] = [self.evaluated(body, start)]
            elif self.sees(r"\cdot") and self.choose("dot"):
                self.take()
                factors[-1] = Inner(factors[-1], self.factor(), True, span=self.spanning(start))
            elif self.sees("*", r"\ast") and self.choose("star"):
                self.take()
                left = factors[0] if len(factors) == 1 else Mul(tuple(factors), span=self.spanning(start))
                return Hadamard((left, self.product()), span=self.spanning(start))
            elif self.sees(*PRODUCT_SIGNS, "*"):
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
                r"\}", r"\rangle", r"\rvert", r"\rVert", r"\end", r"\quad", r"\qquad", *HADAMARD, *PRODUCT_SIGNS,
                r"\rfloor", r"\rbrack",
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

    def commanded(self, token: Token, start: int) -> Node:
        text = token.text
        if text in (r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"):
            self.take()
            return self.fraction(start)
        if text in (r"\sum", r"\prod"):
            self.take()
            return self.big_sum(start, product=text == r"\prod")
        if text == r"\left.":
            self.take()
            bars, self.bars, held, self.held = self.bars, 1, self.held, True
            body = self.expression()
            self.bars, self.held = bars, held
            return self.evaluated(body, start) if self.at_bar() else body
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


def free_letters(node: Node) -> set[str]:
    """The letters that stand as subscripts, without those that a Σ inside binds."""
    found: set[str] = set()
    if isinstance(node, Name):
        found |= {key for item in (*node.subs, *node.sups) for key in item.keys}
        found |= free_letters(node.below) if node.below is not None else set()
    elif isinstance(node, Call):
        found |= free_letters(node.function)
    elif isinstance(node, Component):
        found |= {key for item in node.subs for key in item.keys}
    for child in node.children:
        found |= free_letters(child)
    return found - set(node.indices) if isinstance(node, BigSum) else found
