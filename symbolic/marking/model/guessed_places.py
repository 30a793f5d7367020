"""Letters that stand at the same place of a name count the same things."""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.marking.grammar.tree import Script
from symbolic.marking.model.guessed_keys import kind_of
from symbolic.marking.model.guessed_kinds import letters_alone
from symbolic.marking.model.guessed_text import Guess, names_of


def alike_letters(guess: Guess, letter: str) -> set[str]:
    """The letters that stand at its places, or at theirs."""
    found, places = {letter}, [{*letters} for letters in places_of(guess).values()]
    while more := set().union(*(letters for letters in places if letters & found)) - found:
        found |= more
    return found


def places_of(guess: Guess) -> dict[str, dict[str, None]]:
    """The single letters that stand at each place of each name: z_i and z_k share one."""
    found: dict[str, dict[str, None]] = {}
    names = [*names_of(guess), *guess.sets.values()]
    pairs = {(kind_of(guess, name), *(item.single for item in name.subs)) for name in names if len(name.subs) == 2}
    second = {(kind, letter) for kind, _, letter in pairs} - {(kind, letter) for kind, letter, _ in pairs}
    for name in names:
        for side, items in (("_", name.subs), ("^", name.sups)):
            for place, item in enumerate(items):
                letter, kind = item.single or "", kind_of(guess, name)
                if has_label_zero(guess, items):  # the k of b_{0k} stands not where that of b_{jk} does
                    kind += "0"
                if is_small(letter):
                    alone = side == "_" and len(items) == 1 and (kind, letter) in second  # x_j of an x_{ij}, without i
                    found.setdefault(f"{kind}{side}{1 if alone else place}", {})[letter] = None
    return found


def has_label_zero(guess: Guess, items: Sequence[Script]) -> bool:
    """Whether a 0 says which of two quantities it is, the biases b_{0k} beside b_{kj}, as no sum begins at 0."""
    return not guess.from_zero and len(items) > 1 and any(item.number == 0 for item in items)


def is_small(letter: str) -> bool:
    r"""Whether it may count anything: j, and \ell."""
    return letter == r"\ell" or (len(letter) == 1 and letter.islower())


def find_twofold(guess: Guess) -> None:
    """Of pairs (u, i) ∈ R whose letters have names of their own, p_u and q_i, the b of b_u and b_i is two quantities.

    Neighbours in the alphabet count the same things, and would share their names: f_i and f_j of an edge.
    """
    takers = letters_alone(guess)
    for members in (name.subs for name in guess.sets.values() if len(name.subs) == 2):
        first, second = (item.single or "" for item in members)
        shared = {base for base, letters in takers.items() if {first, second} <= letters}
        own = all(
            any(one in letters and base not in shared for base, letters in takers.items()) for one in (first, second)
        )
        if len(first) == len(second) == 1 and abs(ord(first) - ord(second)) > 1 and own:
            guess.apart, guess.twofold = guess.apart | {first, second}, guess.twofold | shared


def groups_of(guess: Guess) -> list[list[str]]:
    """The letters at each place that count the same things."""
    groups: list[list[str]] = []
    for letters in places_of(guess).values():
        shared = [letter for letter in letters if letter not in guess.apart]
        split = len(letters) - len(shared) > 1
        groups += [shared, *([letter] for letter in letters if letter in guess.apart)] if split else [[*letters]]
    return groups


def in_the_same_place(guess: Guess) -> None:
    """A letter at a place where an index stands is an index, and of the same range where none is known of it."""
    groups = groups_of(guess)
    changed = True
    while changed:
        changed = False
        for letters in groups:
            known = [letter for letter in letters if letter in guess.indices]
            upper = next((guess.indices[letter] for letter in known if guess.indices[letter]), "")
            for letter in letters if known else ():
                if letter not in guess.indices or (upper and not guess.indices[letter]):
                    guess.indices[letter] = upper
                    changed = True


def give_range(guess: Guess, letter: str, upper: str) -> None:
    """A range for a letter, and for those that stand at its places and have none."""
    guess.indices[letter] = upper
    for letters in groups_of(guess):
        if letter in letters:
            for other in letters:
                if other in guess.indices and not guess.indices[other]:
                    give_range(guess, other, upper)
