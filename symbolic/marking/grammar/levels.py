"""The levels of a formula: sums of products of factors.  What a factor is, and what joins factors, say the tables."""

from __future__ import annotations

from fractions import Fraction

from symbolic.marking.grammar.cursor import Cursor
from symbolic.marking.grammar.dots import LETTERS, general, letters_of
from symbolic.marking.grammar.known_words import HADAMARD, PRODUCT_SIGNS
from symbolic.marking.grammar.reach import under_the_sum
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Blank,
    Call,
    Hadamard,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Relation,
    Transpose,
)
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import RELATIONS
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

DEPTH_LIMIT = 120
#: Commands that begin no factor: they close, separate or join.
_NO_FACTOR = frozenset(
    (
        *RELATIONS,
        *HADAMARD,
        *PRODUCT_SIGNS,
        r"\}",
        r"\rangle",
        r"\rvert",
        r"\rVert",
        r"\rfloor",
        r"\rbrack",
        r"\colon",
        r"\end",
        r"\quad",
        r"\qquad",
    )
)


def whole(cursor: Cursor) -> Node:
    """A formula up to the last token."""
    node = expression(cursor)
    if cursor.token is not None:
        raise NotUnderstood(
            Text(f"{cursor.token.text} is not expected here", f"{cursor.token.text} здесь не ожидается"),
            cursor.token.span,
        )
    return node


def inner(cursor: Cursor, tokens: list[Token], span: Span) -> Node:
    """A formula inside a group."""
    if not tokens:
        raise NotUnderstood(Text("an empty group", "пустая группа"), span)
    return whole(cursor.inside(tokens))


def condition(cursor: Cursor) -> Node:
    """A formula, or two with a relation sign between them."""
    start = cursor.at
    left = expression(cursor)
    token = cursor.token
    if token is None or token.text not in RELATIONS or token.kind not in ("sign", "command"):
        return left
    cursor.take()
    return Relation(RELATIONS[token.text], left, expression(cursor), span=cursor.spanning(start))


def expression(cursor: Cursor) -> Node:
    start = cursor.at
    terms: list[Node] = []
    with cursor.deeper(DEPTH_LIMIT):
        while True:
            sign = None
            while cursor.sees("+", "-"):
                sign = "-" if (cursor.take().text == "-") != (sign == "-") else "+"
            if terms and sign is None:
                break
            node = term(cursor)
            terms.append(Neg(node, span=node.span) if sign == "-" else node)
            if not cursor.sees("+", "-"):
                break
    terms = under_the_sum(cursor, with_dots(cursor, terms))
    return terms[0] if len(terms) == 1 else Add(tuple(terms), span=cursor.spanning(start))


def with_dots(cursor: Cursor, terms: list[Node]) -> list[Node]:
    """``w_1 x_1 + … + w_n x_n`` as a Σ over the general term, ``u_1 - v_1 + … + u_n - v_n`` as one over both."""
    at = next((k for k, node in enumerate(terms) if isinstance(node, Blank) and 0 < k < len(terms) - 1), None)
    if at is None:
        return terms
    used = letters_of(terms)
    letters = [l for l in LETTERS if l not in used and not cursor.vocabulary.is_declared(l)]
    for width in range(1, min(at, len(terms) - at - 1) + 1):
        for start in range(at % width, at, width):
            end = at + 1 + width
            span = (terms[start].span[0], terms[end - 1].span[1])
            groups = [together(terms[k : k + width]) for k in (*range(start, at, width), at + 1)]
            try:
                run, body = general((*groups[:-1], None, groups[-1]), letters[0], span)
            except (NotUnderstood, IndexError):
                continue
            whole = BigSum((run.letter,), run.lower, run.upper, (), body, span=span)
            return [*terms[:start], whole, *terms[end:]]
    return terms


def together(terms: list[Node]) -> Node:
    return terms[0] if len(terms) == 1 else Add(tuple(terms), span=(terms[0].span[0], terms[-1].span[1]))


def term(cursor: Cursor) -> Node:
    r"""Products joined by ⊙; and ``A : B``, the sum of what stands at the same places, tr(Aᵀ B)."""
    start = cursor.at
    node = joined_by_circles(cursor)
    while cursor.takes(":", r"\colon"):
        inside = Mul((Transpose(node, span=node.span), joined_by_circles(cursor)), span=cursor.spanning(start))
        node = Call(Name("tr", span=node.span), (inside,), span=cursor.spanning(start))
    return node


def joined_by_circles(cursor: Cursor) -> Node:
    start = cursor.at
    factors = [product(cursor)]
    while cursor.sees(*HADAMARD):
        sign = cursor.take().text
        outer = sign == r"\otimes" and cursor.choose("tensor")
        right = product(cursor)
        if sign == r"\oslash":  # divided entry by entry
            right = Power(right, Num(Fraction(-1)), entrywise=True, span=right.span)
        if outer:
            factors[-1] = Mul((factors[-1], Transpose(right, span=right.span)), span=cursor.spanning(start))
        else:
            factors.append(right)
    if len(factors) > 1 and any(isinstance(factor, Mul) for factor in factors):
        if cursor.choose("circle_left"):
            return from_the_left(factors, cursor.spanning(start))
        if cursor.choose("circle"):
            return tightly(factors, cursor.spanning(start))
    return factors[0] if len(factors) == 1 else Hadamard(tuple(factors), span=cursor.spanning(start))


def _parts(node: Node) -> tuple[Node, ...]:
    return node.factors if isinstance(node, Mul) else (node,)


def tightly(products: list[Node], span: Span) -> Node:
    """A (u ⊙ v) xᵀ from [A u, v xᵀ]: ⊙ joins the factors next to it."""
    joined: list[list[Node]] = [[part] for part in _parts(products[0])]
    for node in products[1:]:
        first, *rest = _parts(node)
        joined[-1].append(first)
        joined.extend([part] for part in rest)
    factors = [group[0] if len(group) == 1 else Hadamard(tuple(group), span=span) for group in joined]
    return factors[0] if len(factors) == 1 else Mul(tuple(factors), span=span)


def from_the_left(products: list[Node], span: Span) -> Node:
    """((A u) ⊙ v) xᵀ from [A u, v xᵀ]."""
    found = products[0]
    for node in products[1:]:
        first, *rest = _parts(node)
        found = Hadamard((found, first), span=span)
        found = Mul((found, *rest), span=span) if rest else found
    return found


def product(cursor: Cursor) -> Node:
    start = cursor.at
    factors: tuple[Node, ...] = (factor(cursor),)
    while (token := cursor.token) is not None:
        join = cursor.context.rules.joins.get(token.text) if token.kind in ("sign", "command") else None
        joined = join(cursor, factors, start) if join is not None else None
        if joined is None and not begins_factor(cursor):
            break
        factors = joined if joined is not None else (*factors, factor(cursor))
    return multiplied(cursor, factors, start)


def multiplied(cursor: Cursor, factors: tuple[Node, ...] | list[Node], start: int) -> Node:
    """Factors that began at a place and end here as one product."""
    return factors[0] if len(factors) == 1 else Mul(tuple(factors), span=cursor.spanning(start))


def factor(cursor: Cursor) -> Node:
    token = cursor.token
    if token is None:
        raise NotUnderstood(
            Text("the formula ends where a factor should stand", "формула кончается там, где должен стоять множитель"),
            (max(cursor.end - 1, 0), cursor.end),
        )
    return cursor.context.rules.factor(token)(cursor)


def begins_factor(cursor: Cursor) -> bool:
    """Whether a factor may begin with the token at the cursor."""
    token = cursor.token
    if token is None:
        return False
    if token.kind in ("letter", "number"):
        return True
    if token.kind == "sign":
        return token.text in ("(", "[", "{", "?") or (token.text == "|" and not cursor.bars)
    if token.kind == "command":
        return not cursor.bars if token.text in (r"\|", r"\Vert") else token.text not in _NO_FACTOR
    return False
