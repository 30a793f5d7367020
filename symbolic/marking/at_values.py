r"""Numbers that a sentence puts in for one formula: ``For $\gamma = 2$ we get …``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from symbolic.language.expr import Entry
from symbolic.marking.claimless import IN_CASE
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.sides import read_side
from symbolic.marking.model.premises import Premises
from symbolic.marking.model.text_definitions import express
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.reader import Document
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

_STOP = re.compile(r"[.!?]\s+(?=[A-ZА-ЯЁ])")

#: So many formulas before one are looked at for values that its sentence puts in.
NEAR = 3
Mark = Callable[[Judging, Chain, int], None]


def mark_at_values(work: Judging, chain: Chain, number: int, mark: Mark) -> None:
    """Mark a chain; where it does not hold, and the words before it set a number for a variable, with that number."""
    said = values_said(work.premises, chain, work.premises.document.chains[max(0, number - 1 - NEAR) : number - 1])
    if not said:
        mark(work, chain, number)
        return
    start = len(work.lines)
    mark(replace(work, context=replace(work.context, diagnosing=False)), chain, number)
    if all(line.holds for line in work.lines[start:]):
        return
    del work.lines[start:]
    before = work.premises.model, work.premises.points
    for left, right in said:
        reads = [read_side(side, work.premises.known) for side in (left, right)]
        express(work.premises, reads[0].meanings[0].value, reads[1].meanings[0])
    mark(work, chain, number)
    work.premises.model, work.premises.points = before


def values_said(premises: Premises, chain: Chain, before: Iterable[Chain] = ()) -> tuple[tuple[Side, Side], ...]:
    """The equations ``γ = 2`` about variables of the model in the words before a chain, the last of each variable."""
    found: dict[object, tuple[Side, Side]] = {}
    hints = (*chain.hints, *equations(before))
    in_case = (tokens for tokens in hints if is_of_its_sentence(premises.document, tokens, chain))
    for tokens in (*chain.conditions, *in_case):
        sides = as_value(tokens)
        if sides is None:
            continue
        meanings = read_side(sides[0], premises.known).meanings
        entry = meanings[0].value.expr if meanings else None
        if isinstance(entry, Entry) and not entry.subscripts and premises.known.defines(entry.tensor) is None:
            found[entry.tensor] = sides
    return tuple(found.values())


def equations(chains: Iterable[Chain]) -> Iterator[tuple[Token, ...]]:
    """Both sides of each equation that stands inline."""
    for chain in chains:
        tokens = [side.tokens for side in chain.sides]
        if chain.inline and len(tokens) == 2 and all(tokens):
            yield with_equals(tokens[0], tokens[1])


def is_of_its_sentence(document: Document, tokens: tuple[Token, ...], chain: Chain) -> bool:
    """``For γ = 2`` before a formula, and no remark, ``for γ = 0 that is the usual loss.  Now …``, which has ended."""
    if IN_CASE.search(document.before(tokens[0].span)[-20:]) is None:
        return False
    return _STOP.search(document.source, tokens[-1].span[1], chain.sides[0].span[0]) is None


def sets_a_number(chain: Chain) -> bool:
    """Whether a chain is such an equation: behind "for", "at the point" it claims nothing, whatever the letter is."""
    sides = [side.tokens for side in chain.sides]
    return len(sides) == 2 and all(sides) and as_value(with_equals(*sides)) is not None


def with_equals(left: tuple[Token, ...], right: tuple[Token, ...]) -> tuple[Token, ...]:
    place = left[-1].span if left else (0, 0)
    return (*left, Token("sign", "=", place), *right)


def as_value(tokens: tuple[Token, ...]) -> tuple[Side, Side] | None:
    """Both sides of ``γ = 2``, ``γ = -1``."""
    at = next((k for k, token in enumerate(tokens) if token.is_sign("=")), 0)
    left, right = tokens[:at], tokens[at + 1 :]
    digits = right[1:] if right[:1] and right[0].is_sign("-", "+") else right
    if len(left) != 1 or not is_letter(left[0]) or len(digits) != 1 or digits[0].kind != "number":
        return None
    return Side(left, left[0].span), Side(right, (right[0].span[0], right[-1].span[1]))
