"""Fractions, derivatives in all their spellings, gradients and sums."""

from __future__ import annotations

from fractions import Fraction

from symbolic.marking.grammar.cursor import PRODUCT_SIGNS
from symbolic.marking.grammar.grammar_names import NameGrammar
from symbolic.marking.grammar.scripts import read_affine
from symbolic.marking.grammar.tree import (
    BigSum,
    Call,
    Deriv,
    Frac,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Relation,
    Script,
    Transpose,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import RELATIONS, is_letter, split
from symbolic.marking.text.tokens import Token


class CalculusGrammar(NameGrammar):
    """``\\frac``, ∂/∂, ∇ and Σ."""

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
            if not joined and not self.choose("operand"):
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
        """``∇_w Q``, ``∇_w^2 Q``; a bare ∇ is by the parameter that Q names, or by the only one there is."""
        sign = self.tokens[start]
        self.at = start + 1
        order, by = 1, None
        while self.sees("_", "^"):
            if self.take().text == "_":
                by = self.inner(self.group(), sign.span)
                continue
            above = self.group()
            if [t.text for t in above] != ["2"]:
                raise NotUnderstood("∇ to that power", sign.span)
            order = 2
        of = self.operand()
        if by is None:
            by = self.vocabulary.parameter(of.arguments if isinstance(of, Call) else ())
        if by is None:
            raise NotUnderstood(r"\nabla without a subscript: by what?", sign.span)
        if order == 2:
            of = Deriv(of, Transpose(by, span=by.span), span=self.spanning(start))
        return Deriv(of, by, span=self.spanning(start))

    def big_sum(self, start: int, product: bool = False) -> Node:
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
            tokens = [Token("sign", ":", t.span) if t.is_command(r"\colon", r"\mid") else t for t in tokens]
            for piece in split(tokens, ",", ":", ";", "|"):
                lower = self.under_sum(piece, indices, conditions, lower, sign.span)
        if not indices:
            raise NotUnderstood(f"{'Π' if product else 'Σ'} without an index", self.spanning(start))
        negative = bool(self.sees("-")) and bool(self.take())
        if self.sees("+"):
            self.take()
        body = self.term()
        if negative:
            body = Neg(body, span=body.span)
        return BigSum(tuple(indices), lower, upper, tuple(conditions), body, product, span=self.spanning(start))

    def under_sum(
        self, piece: list[Token], indices: list[str], conditions: list[Relation], lower: Script | None, span: Span
    ) -> Script | None:
        """One of the things under Σ: ``i = 1``, ``j ≠ k``, ``i < j``, ``i ∈ {1, …, N}``, ``y_i = 1``, ``(x, y)``."""
        whole = piece
        piece = [t for t in piece if not t.is_sign("{", "}")]
        if piece and piece[0].is_sign("("):
            return self.pairs_under_sum(piece, indices, lower)
        if not piece or not is_letter(piece[0]):
            raise NotUnderstood("under Σ an index should stand", piece[0].span if piece else span)
        primes = 0
        while len(piece) > 1 + primes and piece[1 + primes].is_sign("'"):
            primes += 1
        name, rest = piece[0].text + "'" * primes, piece[1 + primes :]
        if indices and rest and (rest[0].text not in RELATIONS or (RELATIONS[rest[0].text] == "=" and name in indices)):
            conditions.append(self.condition_under_sum(whole, span))  # y_i = 1, a_j > 0
            return lower
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
        if relation is not None:
            condition = self.condition_under_sum(whole, span)
            conditions.append(condition)
            second = condition.right.base if isinstance(condition.right, Name) and condition.right.bare else ""
            if second and second not in indices and not self.choose("pair"):
                indices.append(second)
            return lower
        if rest[0].is_command(r"\in") and self.is_whole_range(rest[1:]):
            return lower
        if all(is_letter(t) for t in rest):  # Σ_{ij}
            indices.extend(t.text for t in rest)
            return lower
        raise NotUnderstood(f"{rest[0].text} under Σ", rest[0].span)

    def condition_under_sum(self, piece: list[Token], span: Span) -> Relation:
        inside = type(self)(piece, self.vocabulary, self.wide)
        node = inside.condition()
        if not isinstance(node, Relation) or inside.token is not None:
            raise NotUnderstood("under Σ a condition such as y_i = 1 should stand", piece[0].span if piece else span)
        return node

    def is_whole_range(self, tokens: list[Token]) -> bool:
        """``{1, …, N}`` or ``[N]``: all that there are; which ones are in a set with a name nobody knows."""
        texts = [
            t.text for t in tokens if not t.is_command(r"\{", r"\}", r"\lbrace", r"\rbrace") and t.text not in "[]"
        ]
        sizes = [text for text in texts if self.vocabulary.is_declared(text)]
        others = {"1", "0", ",", r"\dots", r"\ldots", r"\cdots", ".", ":"}
        return len(sizes) == 1 and texts[-1] == sizes[0] and set(texts[:-1]) <= others

    def pairs_under_sum(self, piece: list[Token], indices: list[str], lower: Script | None) -> Script | None:
        """``(x_i, y_i) ∈ D``: over the objects; ``(j, k)``: over two indices."""
        closing = next((k for k, t in enumerate(piece) if t.is_sign(")")), len(piece))
        names = split(piece[1:closing], ",")
        rest = piece[closing + 1 :]
        sample = self.vocabulary.sample_letter()
        if all(len(name) == 1 and is_letter(name[0]) for name in names) and not rest:
            letters = [name[0].text for name in names]
            if all(self.vocabulary.is_index(letter) for letter in letters):
                indices.extend(letters)
                return lower
        below = {t.text for name in names for t in name[1:] if is_letter(t)}
        given = all(name and is_letter(name[0]) and self.vocabulary.is_declared(name[0].text) for name in names)
        if not sample or not given or (rest and not rest[0].is_command(r"\in")) or len(below) > 1:
            raise NotUnderstood("brackets under Σ", piece[0].span)
        indices.append(below.pop() if below else sample)
        return lower


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
