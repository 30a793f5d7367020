r"""``I write $dX$ for $\partial L/\partial X$``: from there on a d before any letter is the gradient by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbolic.marking.text.adjoint_bars import behind_scripts
from symbolic.marking.text.chains import Chain, Side
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Kind, Token
from symbolic.marking.text.worded_gradients import quotient

_WRITTEN_SO = re.compile(
    r"\$\s*d(?P<any>[A-Za-z])\s*\$\s*(?:for|denotes?|means|stands\s+for|is\s+short(?:hand)?\s+for|обозначает|вместо|—|--?)\s*"
    r"\$\s*(?:\\partial\s*(?P<of>[A-Za-z])\s*/\s*\\partial\s*(?P=any)"
    r"|\\[dt]?frac\s*\{\s*\\partial\s*(?P<over>[A-Za-z])\s*\}\s*\{\s*\\partial\s*(?P=any)\s*\})\s*\$"
)


def with_gradients_by_letter(source: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains with ∂L/∂X for each ``dX``, where the words say so of any letter."""
    found = _WRITTEN_SO.search(source)
    if found is None:
        return [*chains]
    of = found["of"] or found["over"]
    return [replace(chain, sides=tuple(spelled(side, of) for side in chain.sides)) for chain in chains]


def spelled(side: Side, of: str) -> Side:
    return replace(side, tokens=tuple(written(side.tokens, of)))


def written(tokens: Sequence[Token], of: str) -> Iterator[Token]:
    at = 0
    while at < len(tokens):
        end, by = variable_behind(tokens, at)
        if by:
            yield from quotient([Token("letter", of, tokens[at].span)], by)
        else:
            yield tokens[at]
        at = end


def variable_behind(tokens: Sequence[Token], at: int) -> tuple[int, list[Token]]:
    """Behind which token a ``dX_{ij}`` ends that begins here, and its X_{ij}; nothing where none begins."""
    first, place = tokens[at].text, tokens[at].span
    if first == "d" and at + 1 < len(tokens) and is_letter(tokens[at + 1]) and tokens[at + 1].span[0] == place[1]:
        start, name = at + 1, tokens[at + 1].text
    elif len(first) == 2 and first[0] == "d" and first[1].isalpha():
        start, name = at, first[1]
    else:
        return at + 1, []
    end = behind_scripts(tokens, start)
    kind: Kind = "command" if name.startswith("\\") else "letter"
    return end, [Token(kind, name, place), *tokens[start + 1 : end]]
