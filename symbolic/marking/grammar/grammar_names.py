"""Names with their scripts and arguments: ``w_{1,j}^T``, ``x^{(i)}``, ``p(z)``, ``ln p_k``."""

from __future__ import annotations

from dataclasses import replace

from symbolic.marking.grammar.cursor import HADAMARD, SPELLINGS, TRANSPOSES, WORDS, Cursor
from symbolic.marking.grammar.scripts import read_scripts
from symbolic.marking.grammar.tree import (
    Blank,
    Call,
    Component,
    Deriv,
    Indicator,
    Mul,
    Name,
    Node,
    Num,
    Power,
    Relation,
    Transpose,
    walk,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

#: Functions that may be written without ``\\mathrm``; shorter ones are products of letters.
PLAIN_WORDS = frozenset(word for word in WORDS if len(word) > 2 or word == "ln")


LONGEST_WORD = 24


class NameGrammar(Cursor):
    """Names, their scripts, and what they are applied to."""

    def word(self) -> str:
        """The name that letters without a space between them make: ``loss``, ``softmax``, ``dW``; else empty."""
        run: list[Token] = []
        for token in self.tokens[self.at : self.at + LONGEST_WORD]:
            if token.kind != "letter" or len(token.text) > 1 or (run and run[-1].span[1] != token.span[0]):
                break
            run.append(token)
        text = "".join(token.text for token in run)
        known = self.vocabulary.is_declared
        if len(text) == 2 and text[0] == "d" and not self.vocabulary.is_quantity("d"):
            return text  # dW: not the size d times W
        for end in range(len(text), 1, -1):
            rest = text[end:]
            if known(text[:end]) or (text[:end] in PLAIN_WORDS and all(map(known, rest))):
                return text[:end]
        if len(text) < 2 or all(map(known, text)):
            return ""
        if len(text) == 2:
            return ""
        if any(text.endswith(word) and all(map(known, text[: -len(word)])) for word in PLAIN_WORDS):
            return ""  # y ln p without its spaces
        return text if self.vocabulary.is_word(text) else ""

    def named(self, start: int) -> Node:
        word = self.word()
        token = self.take()
        for _ in word[1:]:
            token = Token("letter", word, (token.span[0], self.take().span[1]))
        if token.text == "grad" and self.sees("_") and not self.vocabulary.is_declared("grad"):
            return self.gradient(start)
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
            elif self.sees("'") and not isinstance(node, Num):
                node = self.primed(node, start)
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

    def primed(self, node: Node, start: int) -> Node:
        """``(y - p)'_w``, and ``(1 / (1 + e^{-t}))'`` by the only letter that stands there."""
        prime = self.take()
        if self.sees("_"):
            self.take()
            return Deriv(node, self.inner(self.group(), prime.span), span=self.spanning(start))
        letters = list(dict.fromkeys(part for part in walk(node) if isinstance(part, Name)))
        if len(letters) != 1:
            raise NotUnderstood("a prime on brackets: the derivative by what? write ( … )'_w", prime.span)
        return Deriv(node, letters[0], span=self.spanning(start))

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
            if arguments is not None and is_function and self.holds_function(arguments):
                self.at = here  # σ (1 - σ)
                return name
            if arguments is not None and (is_function or self.vocabulary.reads_as_call(name, arguments)):
                return Call(name, arguments, span=self.spanning(start))
            self.at = here
            return name
        if is_function and self.token is not None and self.begins_factor(self.token) and not self.sees("?"):
            return Call(name, (self.unbracketed(),), span=self.spanning(start))
        return name

    def holds_function(self, arguments: tuple[Node, ...]) -> bool:
        """Whether a function stands in the brackets without an argument: then they are a factor."""
        names = [part for argument in arguments for part in walk(argument) if isinstance(part, Name)]
        return any(self.vocabulary.is_function(replace(name, primes=0)) for name in names)

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
                if not self.choose("argument"):  # sin xy: of x, or of xy?
                    break
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Mul(tuple(factors), span=self.spanning(start))
