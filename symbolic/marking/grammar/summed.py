"""Σ and Π with what stands below and above them."""

from __future__ import annotations

from fractions import Fraction

from symbolic.language.affine import Affine
from symbolic.marking.grammar.cursor import Cursor, Factor
from symbolic.marking.grammar.levels import condition, term
from symbolic.marking.grammar.reach import free_letters
from symbolic.marking.grammar.scripts import read_affine
from symbolic.marking.grammar.tree import MEMBER, Add, Big, BigSum, Name, Neg, Node, Num, Relation, Script
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.token_kinds import RELATIONS, is_letter, split
from symbolic.marking.text.tokens import Token
from symbolic.words import Text

#: How they are written.
SIGNS: dict[Big, str] = {"sum": "Σ", "prod": "Π", "max": "max", "min": "min"}


def big(kind: Big) -> Factor:
    """Σ or Π over one index or several; it reaches to the end of the term."""

    def read(cursor: Cursor) -> Node:
        start = cursor.at
        cursor.take()
        return big_sum(cursor, start, kind)

    return read


def extreme_over(kind: Big, otherwise: Factor) -> Factor:
    r"""``\max_k z_k`` over an index below; without one it is a function."""
    over = big(kind)

    def read(cursor: Cursor) -> Node:
        below = cursor.tokens[cursor.at + 1] if cursor.at + 1 < len(cursor.tokens) else None
        if below is None or not below.is_sign("_"):
            return otherwise(cursor)
        found = over(cursor)
        assert isinstance(found, BigSum)
        if not {*found.indices} <= free_letters(found.body):  # min_w E(w): over all that a variable can be
            raise NotUnderstood(Text(f"{kind} over a variable", f"{kind} по переменной"), found.span)
        return found

    return read


def big_sum(cursor: Cursor, start: int, kind: Big) -> Node:
    indices: list[str] = []
    lower: Script | None = None
    upper: Script | None = None
    conditions: list[Relation] = []
    least: list[Script] = []
    while cursor.sees("_", "^"):
        sign = cursor.take()
        tokens = cursor.group()
        if sign.text == "^":
            upper, *least = bounds(cursor, tokens, r"\min", sign.span)
            continue
        if tokens and tokens[0].is_command(r"\substack"):
            tokens = [Token("sign", ",", t.span) if t.kind == "row" else t for t in tokens[2:-1]]
        tokens = [Token("sign", ":", t.span) if t.is_command(r"\colon", r"\mid") else t for t in tokens]
        bars = sum(t.is_sign("|") for t in tokens)
        for piece in split(tokens, ",", ":", ";", *(("|",) if bars == 1 else ())):  # two are an absolute value
            if (ends := between(piece, sign.span)) is not None:
                letter, lower, upper = ends
                indices += [] if letter in indices else [letter]
                continue
            lower = under_sum(cursor, piece, indices, conditions, lower, sign.span)
    conditions += [bounded(indices[0], "<=", one, cursor.spanning(start)) for one in least if indices]
    given, pairs = bool(indices), [c for c in conditions if c.sign == MEMBER]
    negative = cursor.takes("-")
    cursor.takes("+")
    body = term(cursor)
    if negative:
        body = Neg(body, span=body.span)
    below = free_letters(body)
    for pair in pairs if len(indices) > 1 else ():  # (x, y) ∈ D is over objects
        if isinstance(pair.left, Name) and not any(item.single in below for item in pair.left.subs):
            raise NotUnderstood(Text("brackets under Σ", "скобки под Σ"), pair.span)
    if not indices:  # Σ x_i y_i: over the only index that stands free below it
        indices = sorted(letter for letter in free_letters(body) if cursor.vocabulary.is_index(letter))
    if len(indices) != 1 and not given:
        raise NotUnderstood(
            Text(f"{SIGNS[kind]} without an index", f"{SIGNS[kind]} без индекса"),
            cursor.spanning(start),
        )
    return BigSum(tuple(indices), lower, upper, tuple(conditions), body, kind, span=cursor.spanning(start))


def between(piece: list[Token], span: Span) -> tuple[str, Script, Script] | None:
    r"""The letter of ``1 \le k \le t`` and ``0 \le k < n``, and from where to where it runs; None for anything else."""
    signs = [k for k, token in enumerate(piece) if RELATIONS.get(token.text) in ("<", "<=")]
    if len(signs) != 2 or signs[1] != signs[0] + 2 or not is_letter(piece[signs[0] + 1]):
        return None
    low, high = piece[: signs[0]], piece[signs[1] + 1 :]
    if not low or not high or not all(is_letter(t) or t.kind == "number" or t.is_sign("+", "-") for t in low + high):
        return None
    strict = [RELATIONS[piece[k].text] == "<" for k in signs]
    return piece[signs[0] + 1].text, read_affine(low, span) + int(strict[0]), read_affine(high, span) + -int(strict[1])


def under_sum(
    cursor: Cursor,
    piece: list[Token],
    indices: list[str],
    conditions: list[Relation],
    lower: Script | None,
    span: Span,
) -> Script | None:
    """One of the things under Σ: ``i = 1``, ``j ≠ k``, ``i < j``, ``i ∈ {1, …, N}``, ``y_i = 1``, ``(x, y)``."""
    whole = piece
    piece = [t for t in piece if not t.is_sign("{", "}")]
    if piece and piece[0].is_sign("("):
        found = pair_in_a_set(cursor, piece, indices)
        if found is not None:
            conditions.append(found)
            return lower
        return pairs_under_sum(cursor, piece, indices, lower)
    if indices and piece and (piece[0].is_sign("|") or piece[0].kind == "number"):  # |r_i| ≤ c, 1 < y_i f_i
        conditions.append(condition_under_sum(cursor, whole, span))
        return lower
    if not piece or not is_letter(piece[0]):
        raise NotUnderstood(
            Text("under Σ an index should stand", "под Σ должен стоять индекс"), piece[0].span if piece else span
        )
    primes = 0
    while len(piece) > 1 + primes and piece[1 + primes].is_sign("'"):
        primes += 1
    name, rest = piece[0].text + "'" * primes, piece[1 + primes :]
    if indices and rest and (rest[0].text not in RELATIONS or (RELATIONS[rest[0].text] == "=" and name in indices)):
        conditions.append(condition_under_sum(cursor, whole, span))  # y_i = 1, a_j > 0
        return lower
    if name not in indices:
        indices.append(name)
    if not rest:
        return lower
    relation = RELATIONS.get(rest[0].text)
    if relation == "=":
        first, *most = bounds(cursor, rest[1:], r"\max", span)
        conditions.extend(bounded(name, ">=", one, span) for one in most)
        return first
    if relation == "!=" and any(t.is_sign("_", "^") for t in rest[1:]):  # j ≠ y_i
        conditions.append(condition_under_sum(cursor, whole, span))
        return lower
    if relation == "!=":
        left = Name(name, span=piece[0].span)
        other = read_affine(rest[1:], span)
        right: Node = Name(other.single, span=span) if other.single else Num(Fraction(other.constant), span=span)
        conditions.append(Relation("!=", left, right, span=span))
        return lower
    if relation is not None:
        condition = condition_under_sum(cursor, whole, span)
        conditions.append(condition)
        second = condition.right.base if isinstance(condition.right, Name) and condition.right.bare else ""
        if second and second not in indices and not cursor.choose("pair"):
            indices.append(second)
        return lower
    if rest[0].is_command(r"\in") and is_whole_range(cursor, rest[1:]):
        return lower
    if rest[0].is_command(r"\in") and (found := set_with(rest[1:], (Affine.of(name),), span)) is not None:
        conditions.append(found)
        return lower
    if all(is_letter(t) for t in rest):  # Σ_{ij}
        indices.extend(t.text for t in rest)
        return lower
    raise NotUnderstood(Text(f"{rest[0].text} under Σ", f"{rest[0].text} под Σ"), rest[0].span)


def bounds(cursor: Cursor, tokens: list[Token], extreme: str, span: Span) -> list[Script]:
    r"""A bound of a Σ; of ``\max(1, l - k + 1)`` each of the two, one without an index first."""
    inside = [t for t in tokens if not t.is_sign("{", "}")]
    if not inside or not inside[0].is_command(extreme):
        return [read_affine(tokens, span)]
    found = [read_affine(piece, span) for piece in split(inside[2:-1], ",")]
    return sorted(found, key=lambda one: any(cursor.vocabulary.is_index(letter) for letter, _ in one.terms))


def bounded(letter: str, sign: str, bound: Script, span: Span) -> Relation:
    """``i ≥ l - k + 1``."""
    return Relation(sign, Name(letter, span=span), as_node(bound, span), span=span)


def as_node(script: Script, span: Span) -> Node:
    """``i + 1`` of a bound as a formula."""
    terms: list[Node] = []
    for letter, coefficient in script.terms:
        terms += [Name(letter, span=span) if coefficient > 0 else Neg(Name(letter, span=span))] * abs(coefficient)
    if script.constant or not terms:
        terms.append(Num(Fraction(script.constant), span=span))
    return terms[0] if len(terms) == 1 else Add(tuple(terms), span=span)


def pair_in_a_set(cursor: Cursor, piece: list[Token], indices: list[str]) -> Relation | None:
    """``(u, i) ∈ R``: over both, or over the one that stands before a colon, where the pair is in the set."""
    closing = next((k for k, t in enumerate(piece) if t.is_sign(")")), len(piece))
    names, rest = split(piece[1:closing], ","), piece[closing + 1 :]
    if not rest or not rest[0].is_command(r"\in") or not all(len(name) == 1 and is_letter(name[0]) for name in names):
        return None
    letters = [name[0].text for name in names]
    if any(cursor.vocabulary.is_declared(letter) and not cursor.vocabulary.is_index(letter) for letter in letters):
        return None
    found = set_with(rest[1:], tuple(map(Affine.of, letters)), piece[0].span)
    if found is not None and not indices:
        indices.extend(letters)
    return found


def set_with(tokens: list[Token], members: tuple[Script, ...], span: Span) -> Relation | None:
    """The set R, R_u or R(u), and what is in it; its indicator is R_{ui}, 1 for what is in the set and 0 else.

    Beside R_u, with the i of the pairs (u, i) in it, is R^i the set with the u of such pairs.
    """
    if not tokens or not is_letter(tokens[0]):
        return None
    name, rest = tokens[0].text, [t for t in tokens[1:] if not t.is_sign("{", "}", "(", ")", "_", "^")]
    if not all(is_letter(t) or t.is_sign(",") for t in rest):
        return None
    of = tuple(Affine.of(t.text) for t in rest if is_letter(t))
    scripts = (*members, *of) if any(t.is_sign("^") for t in tokens) else (*of, *members)
    return Relation(MEMBER, Name(name, scripts, span=span), Num(Fraction(1), span=span), span=span)


def condition_under_sum(cursor: Cursor, piece: list[Token], span: Span) -> Relation:
    inside = cursor.apart(piece)
    node = condition(inside)
    if not isinstance(node, Relation) or inside.token is not None:
        raise NotUnderstood(
            Text("under Σ a condition such as y_i = 1 should stand", "под Σ должно стоять условие, например y_i = 1"),
            piece[0].span if piece else span,
        )
    return node


def is_whole_range(cursor: Cursor, tokens: list[Token]) -> bool:
    """``{1, …, N}`` or ``[N]``: all that there are; which ones are in a set with a name nobody knows."""
    texts = [t.text for t in tokens if not t.is_command(r"\{", r"\}", r"\lbrace", r"\rbrace") and t.text not in "[]"]
    sizes = [text for text in texts if cursor.vocabulary.is_declared(text)]
    others = {"1", "0", ",", r"\dots", r"\ldots", r"\cdots", ".", ":"}
    return len(sizes) == 1 and texts[-1] == sizes[0] and set(texts[:-1]) <= others


def pairs_under_sum(cursor: Cursor, piece: list[Token], indices: list[str], lower: Script | None) -> Script | None:
    """``(x_i, y_i) ∈ D``: over the objects; ``(j, k)``: over two indices."""
    closing = next((k for k, t in enumerate(piece) if t.is_sign(")")), len(piece))
    names = split(piece[1:closing], ",")
    rest = piece[closing + 1 :]
    sample = cursor.vocabulary.sample_letter()
    if all(len(name) == 1 and is_letter(name[0]) for name in names) and not rest:
        letters = [name[0].text for name in names]
        if all(cursor.vocabulary.is_index(letter) for letter in letters):
            indices.extend(letters)
            return lower
    below = {t.text for name in names for t in name[1:] if is_letter(t)}
    given = all(name and is_letter(name[0]) and cursor.vocabulary.is_declared(name[0].text) for name in names)
    if not sample or not given or (rest and not rest[0].is_command(r"\in")) or len(below) > 1:
        raise NotUnderstood(Text("brackets under Σ", "скобки под Σ"), piece[0].span)
    indices.append(below.pop() if below else sample)
    return lower
