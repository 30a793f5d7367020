r"""Lines said of several numbered names at once: ``∂ℓ/∂β_k = ∂ℓ/∂f_k for k ∈ {1, 2}``, beside a β_1 and a β_2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symbolic.marking.text.chains import Chain, Side, chain_tokens
from symbolic.marking.text.token_kinds import end_of_group, is_letter
from symbolic.marking.text.tokens import Token

#: The numbers that a letter stands for: k ∈ {1, 2}, l = 1, 2.
_LISTED = re.compile(
    r"(?<![\w\\_^{=])(?P<letter>[a-z])\s{0,3}"
    r"(?:\\in\s{0,3}\\\{\s{0,3}(?P<set>\d(?:\s{0,3},\s{0,3}\d){1,8})\s{0,3}\\\}|=\s{0,3}(?P<list>\d(?:\s{0,3},\s{0,3}\d){1,8})(?!\s{0,3},))"
)


@dataclass(frozen=True, slots=True)
class Script:
    """What stands below or above a name: the name, and where the script begins and ends among the tokens."""

    base: str
    start: int
    end: int


def with_lines_for_each_number(text: str, chains: Sequence[Chain]) -> list[Chain]:
    """The chains, those general in a letter of listed numbers once for each of them.

    Where the text defines its names by such a letter, a^{(l)} = σ(W^{(l)} a^{(l-1)}), they are those of a network
    with layers, and stay.
    """
    found = list(chains)
    for letter, numbers in listed(text).items():
        general = [chain for chain in found if names_with(letter, chain_tokens(chain))]
        if general and all(is_of_numbered_names(chain, letter, numbers, chains) for chain in general):
            said = [chain for chain in found if not lists(chain, letter)]
            found = [
                one for chain in said for one in (each_of(chain, letter, numbers) if chain in general else [chain])
            ]
    return found


def listed(text: str) -> Mapping[str, tuple[int, ...]]:
    """Each letter with the numbers that it runs through, where the text lists the same ones wherever it does."""
    said: dict[str, set[tuple[int, ...]]] = {}
    for match in _LISTED.finditer(text):
        numbers = tuple(int(number) for number in (match["set"] or match["list"]).split(","))
        said.setdefault(match["letter"], set()).add(numbers)
    return {letter: min(every) for letter, every in said.items() if len(every) == 1}


def lists(chain: Chain, letter: str) -> bool:
    """``l = 1``, of ``for l = 1, 2``."""
    return chain.inline and [token.text for token in chain.sides[0].tokens] == [letter]


def is_of_numbered_names(chain: Chain, letter: str, numbers: Sequence[int], chains: Sequence[Chain]) -> bool:
    """Whether all names that a chain has with the letter have numbers in other lines, and none is defined by it."""
    tokens = chain_tokens(chain)
    names = names_with(letter, tokens)
    known = frozenset[str]().union(*(names_with(str(n), chain_tokens(other)) for other in chains for n in numbers))
    elsewhere = sum(token.text == letter for token in tokens) > sum(
        tokens[k].text == letter for script in scripts_in(tokens) for k in range(script.start, script.end)
    )
    return names <= known and not elsewhere and not defines(chain, letter)


def defines(chain: Chain, letter: str) -> bool:
    """Whether the left side is a name with the letter, of which the others say nothing: no update of it."""
    first, others = chain.sides[0].tokens, [token.text for side in chain.sides[1:] for token in side.tokens]
    alone = bool(first) and is_letter(first[0]) and end_of_name(first) == len(first)
    return alone and letter in [token.text for token in first] and first[0].text not in others


def end_of_name(tokens: Sequence[Token]) -> int:
    """Behind the first name with its scripts."""
    end = 1
    while end + 1 < len(tokens) and tokens[end].is_sign("_", "^"):
        end = end_of_group(tokens, end + 1)
    return end


def names_with(label: str, tokens: Sequence[Token]) -> frozenset[str]:
    """The names that have a letter or a number in a script."""
    return frozenset(
        script.base
        for script in scripts_in(tokens)
        if label in [token.text for token in tokens[script.start : script.end]]
    )


def scripts_in(tokens: Sequence[Token]) -> Iterator[Script]:
    base = ""
    k = 0
    while k < len(tokens):
        if tokens[k].is_sign("_", "^") and k + 1 < len(tokens):
            end = end_of_group(tokens, k + 1)
            yield Script(base, k + 1, end)
            k = end
            continue
        if is_letter(tokens[k]) or tokens[k].kind == "command":
            base = tokens[k].text
        k += 1


def each_of(chain: Chain, letter: str, numbers: Sequence[int]) -> Iterator[Chain]:
    hints = tuple(hint for hint in chain.hints if letter not in [token.text for token in hint])
    conditions = tuple(one for one in chain.conditions if letter not in [token.text for token in one])
    for number in numbers:
        sides = tuple(with_number(side, letter, number) for side in chain.sides)
        yield replace(chain, sides=sides, hints=hints, conditions=conditions)


def with_number(side: Side, letter: str, number: int) -> Side:
    """A side with 1 for l and 0 for l - 1 in the scripts."""
    tokens: list[Token] = []
    k = 0
    while k < len(side.tokens):
        token = side.tokens[k]
        behind = side.tokens[k + 1 : k + 3]
        k += 1
        if token.text == letter:
            value = number
            if len(behind) == 2 and behind[0].is_sign("+", "-") and behind[1].text.isdigit():
                value += int(behind[1].text) * (1 if behind[0].is_sign("+") else -1)
                k += 2
            token = Token("number", str(value), token.span)
        tokens.append(token)
    return replace(side, tokens=tuple(tokens))
