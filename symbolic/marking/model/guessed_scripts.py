"""Which scripts of a text count layers and objects: seen in its tokens, before anything is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from symbolic.marking.text.chains import Chain

#: Commands that name nothing.
NO_NAMES = frozenset((r"\sum", r"\prod", r"\frac", r"\partial", r"\left", r"\right", r"\cdot", r"\nabla", "d"))


def letters_of_layers(chains: Sequence[Chain], ranges: Mapping[str, str]) -> frozenset[str]:
    """The l and the L of ``z^l = w^l a^{l-1} + b^l``: no line says what a power is, and this one goes on from layer to
    layer."""
    found: set[str] = set()
    for chain in chains:
        words = [[token.text for token in side.tokens] for side in chain.sides]
        above = letter_above(words[0])
        before = [*"^{", above, *"-1}"]
        if above and any(before == side[k : k + len(before)] for side in words[1:] for k in range(len(side))):
            found |= {above, ranges.get(above, "L")}
    return frozenset(found)


def bases_of_layers(chains: Sequence[Chain], layers: Set[str]) -> frozenset[str]:
    """What has such a letter above it."""
    found: set[str] = set()
    for side in (side for chain in chains for side in chain.sides):
        words = [token.text for token in side.tokens]
        for base, sign, above, inside in zip(words, words[1:], words[2:], [*words[3:], ""], strict=False):
            if sign == "^" and (inside if above == "{" else above) in layers:
                found.add(base)
    return frozenset(found)


def numbered_by_layers(chains: Sequence[Chain]) -> frozenset[str]:
    """The z, w and a of ``z^1 = w^1 x``, ``a^1 = σ(z^1)``: nobody writes a first power, and several names have one."""
    sides = [[token.text for token in side.tokens] for chain in chains for side in chain.sides]
    first = {base for words in sides for base, above in above_each(words) if above == "1"}
    return frozenset(first) if len(first) > 1 else frozenset()


def letters_above(chains: Sequence[Chain], bases: Set[str]) -> frozenset[str]:
    """The l of δ^l beside δ^1 and δ^2."""
    sides = [[token.text for token in side.tokens] for chain in chains for side in chain.sides]
    found = {above for words in sides for base, above in above_each(words) if base in bases}
    return frozenset(letter for letter in found if len(letter) == 1 and letter.islower())


def above_each(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each letter with the one token that stands above it: of z^1_j the 1, as of z_j^{1}."""
    return ((word, above[0]) for word, _, above in with_scripts(words) if len(above) == 1)


def indexed_above(chains: Sequence[Chain]) -> frozenset[str]:
    """The names that stand nowhere without one of the letters above that sums run over and weights are numbered by.

    The x^j of a polynomial is a power: x stands there alone too, or numbered.
    """
    sides = [[token.text for token in side.tokens] for chain in chains for side in chain.sides]
    letters = {letter for words in sides for letter in letters_below(words)}
    above: dict[str, set[str]] = {}
    for base, script in (pair for words in sides for pair in bases_with_scripts(words)):
        above.setdefault(base, set()).add(script)
    shared = {base for base, scripts in above.items() if scripts <= letters and not base.isdigit()}
    lefts = {pair[0] for words in sides for pair in [*bases_with_scripts(words)][:1] if len(words) in (3, 5)}
    return frozenset(shared) if shared & lefts else frozenset()


def letters_below(words: Sequence[str]) -> Iterator[str]:
    """The single letters of what stands below a sign or a name: the j and the h of w_{jh}."""
    for sign, first, *rest in zip(words, words[1:], words[2:], [*words[3:], ""], strict=False):
        if sign == "_":
            yield from (word for word in ((first,) if first != "{" else rest) if len(word) == 1 and word.islower())


def bases_with_scripts(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each letter on the line with the single letter above it, empty where something else or nothing stands there."""
    for word, below, above in with_scripts(words):
        yield word, above[0] if len(above) == 1 and not below else ""


def with_scripts(words: Sequence[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each letter on the line with what stands below it and above it."""
    at = 0
    while at < len(words):
        word, at = words[at], at + 1
        scripts: dict[str, list[str]] = {"_": [], "^": []}
        while at + 1 < len(words) and words[at] in scripts:
            end = words.index("}", at) if words[at + 1] == "{" and "}" in words[at:] else at + 1
            scripts[words[at]] = [inside for inside in words[at + 1 : end + 1] if inside not in "{}"]
            at = end + 1
        if re.fullmatch(r"[A-Za-z]|\\[a-z]+", word) and word not in NO_NAMES:
            yield word, scripts["_"], scripts["^"]


def without_below(words: Sequence[str]) -> list[str]:
    """The tokens without the first ``_j`` or ``_{jk}`` among them."""
    at = words.index("_") if "_" in words else len(words)
    end = words.index("}", at) if words[at + 1 : at + 2] == ["{"] and "}" in words[at:] else at + 1
    return [*words[:at], *words[end + 1 :]]


def letter_above(words: Sequence[str]) -> str:
    """The l of a side that is z^l, or z^l_j, and nothing else."""
    words = without_below(words)
    if len(words) == 5 and words[2] == "{" and words[4] == "}":
        words = [words[0], words[1], words[3]]
    if len(words) != 3 or words[1] != "^":
        return ""
    return words[2] if len(words[2]) == 1 and words[2].islower() else ""
