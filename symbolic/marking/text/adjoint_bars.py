r"""``\bar y = \partial L/\partial y``: bars for the gradients of one number, as reverse mode is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Kind, Token
from symbolic.marking.text.worded_gradients import quotient

_BARRED = re.compile(r"\\bar\{(?P<name>\\?[A-Za-z]+)\}")


def with_adjoint_bars(chains: Sequence[Chain]) -> list[Chain]:
    r"""The chains with ∂L/∂t for each ``\bar t``, where one of them says so and another begins with such a name."""
    says = next((chain for chain in chains if number_of_bars(chain)), None)
    of = number_of_bars(says) if says is not None else ()
    lefts = {tokens[0].text for chain in chains if (tokens := chain.sides[0].tokens) and is_barred_name(tokens)}
    if not of or len(lefts) < 2:
        return [*chains]
    return [chain if is_said_of_any(chain, says) else with_slopes(chain, of) for chain in chains]


def is_said_of_any(chain: Chain, says: Chain | None) -> bool:
    r"""``\bar v = \partial L/\partial v``, which only says what bars are, for any v."""
    return chain is says and len(chain.sides) == 2


def with_slopes(chain: Chain, of: Sequence[Token]) -> Chain:
    return replace(chain, sides=tuple(spelled(side, of) for side in chain.sides))


def number_of_bars(chain: Chain) -> tuple[Token, ...]:
    r"""The L of ``\bar y = \partial L/\partial y``, with what stands below it."""
    if len(chain.sides) < 2 or not is_barred_name(chain.sides[0].tokens):
        return ()
    name, *below = chain.sides[0].tokens
    barred = _BARRED.fullmatch(name.text)
    slope = chain.sides[1].tokens
    signs = [at for at, token in enumerate(slope) if token.is_command(r"\partial") or token.text == "d"]
    if barred is None or len(signs) != 2 or names(slope[: signs[0]]):
        return ()
    above, by = slope[signs[0] + 1 : signs[1]], slope[signs[1] + 1 :]
    of = above[: behind_scripts(above, 0)]
    if not of or not is_letter(of[0]) or names(above[len(of) :]):
        return ()
    return tuple(of) if names(by) == [barred["name"], *names(below)] else ()


def names(tokens: Sequence[Token]) -> list[str]:
    """What the tokens say apart from how a quotient is set."""
    return [t.text for t in tokens if not t.is_sign("{", "}", "/") and t.text != r"\frac"]


def is_barred_name(tokens: Sequence[Token]) -> bool:
    r"""``\bar{W}_2``, and nothing else."""
    return bool(tokens) and _BARRED.fullmatch(tokens[0].text) is not None and behind_scripts(tokens, 0) == len(tokens)


def behind_scripts(tokens: Sequence[Token], at: int) -> int:
    """Where what stands below a name ends."""
    end = at + 1
    if end < len(tokens) and tokens[end].is_sign("_"):
        end += 2
        if tokens[end - 1 : end] and tokens[end - 1].is_sign("{"):
            while end < len(tokens) and not tokens[end - 1].is_sign("}"):
                end += 1
    return min(end, len(tokens))


def spelled(side: Side, of: Sequence[Token]) -> Side:
    return replace(side, tokens=tuple(written(side.tokens, of)))


def written(tokens: Sequence[Token], of: Sequence[Token]) -> Iterator[Token]:
    at = 0
    while at < len(tokens):
        name = _BARRED.fullmatch(tokens[at].text)
        if name is None:
            yield tokens[at]
            at += 1
            continue
        end = behind_scripts(tokens, at)
        kind: Kind = "command" if name["name"].startswith("\\") else "letter"
        place = tokens[at].span
        by = [Token(kind, name["name"], place), *tokens[at + 1 : end]]
        yield from quotient([replace(token, span=place) for token in of], by)
        at = end
