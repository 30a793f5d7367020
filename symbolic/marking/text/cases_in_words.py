r"""``$f'(z) = 1$ for $z > 0$ and $0$ otherwise``: cases that a sentence tells, as one line with cases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.cutting import equates, is_condition
from symbolic.marking.text.joined_pieces import joined_pieces
from symbolic.marking.text.refusals import NotUnderstood, Span
from symbolic.marking.text.tokens import Token, tokenize

_FORMULA = r"(?:\$(?P<{0}>[^$]{{1,80}})\$|\\\((?P<{0}_>[^$()]{{1,80}})\\\))"
_FOR = r"(?:if|for|when(?:ever)?|where|in case|при|если|для|когда)(?:\s+(?:all|any|всех))?"
_OTHERWISE = (
    r"(?:otherwise|else(?:where)?|in (?:all )?other cases|in the other case|if not|иначе|в противном случае"
    r"|в остальных случаях|в остальных точках)"
)
#: The next case, behind the condition of the one before.
_NEXT = re.compile(
    r"[\s,;]*(?:and|but|or|и|а|но)?\s*(?:(?:it\s+)?(?:is|equals|being)\s+|—\s*|-{1,3}\s*|(?:он[аои]?\s+)?равн\w+\s+)?"
    rf"(?:{_FORMULA.format('value')}|(?P<zero>zero|нул\w+|ноль)|(?P<one>one|unity|единиц\w+))\s*,?\s*"
    rf"(?:(?P<otherwise>{_OTHERWISE})\b|{_FOR}\s+{_FORMULA.format('case')})",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"\s*(?:\$|\\\))")


def with_cases_in_words(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, where a value for one case and the words for the others make one line with cases."""
    found = list(chains)
    for k, chain in enumerate(chains):
        own = conditions_behind(chain)
        cases = [*cases_behind(text, own[0][-1].span[1])] if len(own) == 1 else []
        if cases:
            first, *others = (replace(chain, sides=(chain.sides[0], side), hints=case) for side, case in cases)
            found[k] = joined_pieces([replace(chain, hints=own), first, *others])
            # they are the conditions of this line, and of none behind it
            told = {tokens[0].span for _, case in cases for tokens in (*case, *own)}
            found[k + 1 :] = [
                replace(other, hints=tuple(hint for hint in other.hints if hint[0].span not in told))
                for other in found[k + 1 :]
            ]
    return found


def conditions_behind(chain: Chain) -> tuple[tuple[Token, ...], ...]:
    """What a formula in a sentence stands under, where that is said behind it."""
    if not chain.inline or len(chain.sides) != 2 or any(side.problem for side in chain.sides) or chain.conditions:
        return ()
    return tuple(tokens for tokens in chain.hints if tokens[0].span[0] >= chain.sides[1].span[1])


def cases_behind(text: str, at: int) -> Iterator[tuple[Side, tuple[tuple[Token, ...], ...]]]:
    """The further values that a sentence tells, each with its condition; the last one may be for all other cases."""
    closed = _CLOSED.match(text, at)
    while closed is not None and (match := _NEXT.match(text, closed.end())) is not None:
        try:
            value, case = (tokens_of(text, match, name) for name in ("value", "case"))
        except NotUnderstood:
            return
        if value is None or any(map(equates, value)) or (case is not None and not is_condition(case)):
            return
        yield Side(value, (value[0].span[0], value[-1].span[1])), (case,) if case is not None else ()
        if case is None:
            return
        closed = re.compile("").match(text, match.end())


def tokens_of(text: str, match: re.Match[str], name: str) -> tuple[Token, ...] | None:
    """What the formula of that name holds; a zero in words is a number too."""
    span = next((match.span(group) for group in (name, f"{name}_") if match[group] is not None), None)
    if span is not None:
        return tuple(tokenize(text, *span)) or None
    said = next((word for word in ("zero", "one") if match[word] is not None), None) if name == "value" else None
    return (number(match.span(said), "01"[said == "one"]),) if said is not None else None


def number(span: Span, digit: str) -> Token:
    return Token("number", digit, span)
