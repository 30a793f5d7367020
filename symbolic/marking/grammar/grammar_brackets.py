"""What stands in brackets of any kind: conditions, indicators, norms, cases, matrices, and places below a bar."""

from __future__ import annotations

from symbolic.marking.grammar.dots import LETTERS, letters_of, matrix
from symbolic.marking.grammar.grammar_calculus import CalculusGrammar
from symbolic.marking.grammar.tree import Abs, At, Cases, Indicator, Inner, Name, Node, Norm, Ones, Relation
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import RELATIONS, split
from symbolic.marking.text.tokens import Token

CASES = ("cases", "dcases", "rcases")
MATRICES = ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "psmallmatrix", "bsmallmatrix", "array")


class BracketGrammar(CalculusGrammar):
    """``(…)``, ``[a > 0]``, ``‖…‖``, ``cases``, ``pmatrix``, ``|_{u = a}``."""

    def enclosed(self, closing: tuple[str, ...], start: int) -> Node:
        """What stands in brackets: a formula, a condition, or (u, v) for the inner product."""
        bars, self.bars, held, self.held = self.bars, 0, self.held, False
        node = self.condition()
        if self.sees(","):
            self.take()
            node = Inner(node, self.expression(), span=self.spanning(start))
        self.expect(*closing)
        self.bars, self.held = bars, held
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
            inside = type(self)(tokens, self.vocabulary, self.wide)
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
        if name not in (*CASES, *MATRICES):
            raise NotUnderstood(f"the environment {name} inside a formula", begin.span)
        if name == "array":
            self.group()
        inside: list[Token] = []
        depth = 1
        while depth:
            token = self.take()
            depth += token.is_command(r"\begin") - token.is_command(r"\end")
            inside.append(token)
        self.group()
        if name in CASES:
            return self.cases(inside[:-1], self.spanning(start))
        return self.scripts(self.matrix(inside[:-1], self.spanning(start)), start)

    def matrix(self, tokens: list[Token], span: Span) -> Node:
        """The entries of a matrix, with dots between them or without."""
        rows: list[tuple[Node | None, ...]] = []
        for row in filter(None, rows_of(tokens)):
            cells = split(row, "&")
            rows.append(tuple(None if is_dots(cell) else self.inner(cell, span) for cell in cells))
        if not rows:
            raise NotUnderstood("an empty matrix", span)
        known = {letter for letter in LETTERS if self.vocabulary.is_declared(letter)}
        names = letters_of(entry for row in rows for entry in row if entry is not None)
        return matrix(rows, known | names, span)

    def cases(self, tokens: list[Token], span: Span) -> Node:
        parts: list[Node] = []
        for row in filter(None, rows_of(tokens)):
            plain = [t for t in row if t.kind != "word"]
            value, *condition = [p for p in split(plain, "&", ",", ";") if p]
            if condition and condition[-1] and condition[-1][-1].is_sign("."):
                condition[-1].pop()
            parts.append(self.inner(value, span))
            if condition:
                inside = type(self)(condition[0], self.vocabulary, self.wide)
                node = inside.condition()
                if not isinstance(node, Relation) or inside.token is not None:
                    raise NotUnderstood("a case needs one condition such as a > 0", node.span)
                parts.append(node)
        if len(parts) < 2:
            raise NotUnderstood("cases with a single value", span)
        return Cases(tuple(parts), span=span)

    def at_bar(self) -> bool:
        """A bar with a place below it, ``|_{u = a}``: not the one that closes an absolute value."""
        if not self.sees("|", r"\vert", r"\rvert", r"\mid") or (after := self.peek()) is None:
            return False
        if not after.is_sign("_"):
            return False
        here = self.at
        self.at += 2
        below = self.group() if self.token is not None else []
        self.at = here
        return any(t.is_sign("=") or t.is_sign("_") for t in below)

    def evaluated(self, body: Node, start: int) -> Node:
        """The body at ``|_{u = a, v = b}`` or at ``|_{p_i}``."""
        self.at += 2
        span = self.spanning(start)
        variables: list[Node | None] = []
        values: list[Node] = []
        for piece in split(self.group(), ",", ";"):
            left, *right = split(piece, "=")
            if len(right) > 1:
                raise NotUnderstood("a bar with more than one '=' below it", span)
            variables.append(self.inner(left, span) if right else None)
            values.append(self.inner(right[0] if right else left, span))
        return At(body, tuple(variables), tuple(values), span=self.spanning(start))


def rows_of(tokens: list[Token]) -> list[list[Token]]:
    """Cut at the ends of rows, outside of environments inside."""
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += token.is_command(r"\begin") - token.is_command(r"\end")
        if token.kind == "row" and not depth:
            rows.append([])
        else:
            rows[-1].append(token)
    return rows


def is_dots(cell: list[Token]) -> bool:
    dots = (r"\vdots", r"\cdots", r"\ldots", r"\dots", r"\ddots", r"\hdots")
    return not cell or all(token.is_command(*dots) or token.is_sign(".") for token in cell)
