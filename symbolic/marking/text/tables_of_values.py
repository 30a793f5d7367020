r"""``\pi(a|s,θ) = e^{h(s,a,θ)} / Σ_b e^{h(s,b,θ)}``: functions of states and actions, as the tables that they are.

Where a text sums over the arguments of a name, and that name is taken of nothing else, its values are entries:
h_{sa}.  What stands at its place in every call and is summed over nowhere, the θ of all parameters, says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbolic.marking.text.arguments_below import summed
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token

Tokens = tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """``q(s, a)``: where it begins and ends, the name with what is below it, and its arguments, one letter each."""

    start: int
    opening: int
    stop: int
    name: str
    arguments: tuple[Token, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.arguments)


def with_tables(chains: Sequence[Chain]) -> list[Chain]:
    """The chains with entries for calls; unchanged where no name is taken of two letters that are summed over."""
    sides = [side for chain in chains for side in chain.sides]
    over = {letter for side in sides for letter in summed(side.tokens)}
    calls = [call for side in sides for call in calls_of_letters(side.tokens)]
    over |= beside(calls, over)
    names = {call.name for call in calls if sum(letter in over for letter in call.letters) > 1}
    if not names:
        return list(chains)
    running = {letter for call in calls if call.name in names for letter in call.letters if letter in over}
    constant = {letter for call in calls if call.name in names for letter in call.letters} - running
    names |= {call.name for call in calls if {*call.letters} <= running}
    names -= {call.name for call in calls if not {*call.letters} <= running | constant}
    names -= {name for name in names if len({len(call.letters) for call in calls if call.name == name}) > 1}
    return [replace(chain, sides=tuple(with_entries(side, names, running) for side in chain.sides)) for chain in chains]


def beside(calls: Sequence[Entry], over: set[str]) -> set[str]:
    """The letters that stand where one that is summed over does: the a of h(s, a) beside Σ_b h(s, b)."""
    places = {(call.name, k) for call in calls for k, letter in enumerate(call.letters) if letter in over}
    return {letter for call in calls for k, letter in enumerate(call.letters) if (call.name, k) in places}


def calls_of_letters(tokens: Tokens) -> Iterator[Entry]:
    """The calls whose arguments are single letters, parted by commas and bars."""
    for opening, token in enumerate(tokens):
        if opening == 0 or not token.is_sign("(") or not is_letter(tokens[opening - 1]):
            continue
        stop = next((k for k in range(opening + 1, len(tokens)) if tokens[k].is_sign("(", ")")), len(tokens))
        inside = tokens[opening + 1 : stop]
        alone = stop < len(tokens) and tokens[stop].is_sign(")") and len(inside) % 2 == 1
        parted = all(is_letter(t) if k % 2 == 0 else t.is_sign(",", "|", ";") for k, t in enumerate(inside))
        if alone and parted:
            labelled = opening > 2 and tokens[opening - 2].is_sign("_") and is_letter(tokens[opening - 3])
            start = opening - 3 if labelled else opening - 1
            name = " ".join(t.text for t in tokens[start:opening])
            yield Entry(start, opening, stop + 1, name, inside[::2])


def with_entries(side: Side, names: set[str], running: set[str]) -> Side:
    tokens = list(side.tokens)
    for call in reversed([call for call in calls_of_letters(side.tokens) if call.name in names]):
        span = tokens[call.opening].span
        below = [argument for argument in call.arguments if argument.text in running]
        label = [tokens[call.start + 2]] if call.opening - call.start > 1 else []
        script = [Token("sign", "_", span), Token("sign", "{", span), *label, *below, Token("sign", "}", span)]
        tokens[call.start + 1 : call.stop] = script
    return replace(side, tokens=tuple(tokens))
