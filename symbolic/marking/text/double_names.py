r"""Two names for one formula, ``p(o | c) = q_o = e^{s_o} / Σ_w e^{s_w}``: what the second is, then the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token


def with_single_names(chains: Sequence[Chain]) -> list[Chain]:
    """The chains, where one that begins with two names makes two, if nothing was said of the second before."""
    found: list[Chain] = []
    seen: set[str] = set()
    lefts = [name_in(chain.sides[0]) for chain in chains]
    for chain in chains:
        names = [name_in(side) for side in chain.sides[:2]]
        formula = len(chain.sides) > 2 and not name_in(chain.sides[2])
        fresh = formula and all(names) and names[0] != names[1] and names[1] not in seen
        if is_one_value(chain):
            found += [replace(chain, sides=(side, chain.sides[-1])) for side in chain.sides[:-1]]
        elif fresh and names[1] not in lefts:
            found += [replace(chain, sides=chain.sides[1:]), replace(chain, sides=chain.sides[:2])]
        else:
            found.append(chain)
        seen |= {token.text for side in chain.sides for token in side.tokens}
    return found


def is_one_value(chain: Chain) -> bool:
    """``x_0 = y_0 = +1``: each of several names has that number."""
    *names, last = chain.sides
    number = last.tokens[1:] if last.tokens[:1] and last.tokens[0].is_sign("+", "-") else last.tokens
    return len(names) > 1 and all(map(name_in, names)) and [token.kind for token in number] == ["number"]


def name_in(side: Side) -> str:
    """The letter of a side that is a name, ``\\hat y_o``, ``P_o(c)``; empty for a formula."""
    tokens = list(side.tokens)
    if side.problem is not None or not tokens or not is_letter(tokens[0]) or tokens[0].text == "d":
        return ""
    rest = tokens[1:]
    while rest and rest[0].is_sign("_", "^"):
        end = next((k for k, t in enumerate(rest) if t.is_sign("}")), 0) if rest[1:2] and rest[1].is_sign("{") else 1
        rest = rest[end + 1 :] if end else []
    called = not rest or (rest[0].is_sign("(") and rest[-1].is_sign(")") and holds_names(rest[1:-1]))
    return tokens[0].text if called else ""


def holds_names(tokens: Sequence[Token]) -> bool:
    return all(is_letter(t) or t.is_sign(",", "|", ";", "_", "{", "}") for t in tokens)
