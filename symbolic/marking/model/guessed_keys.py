"""Which quantity a name of a text means, and which of its scripts run: asked once indices are found."""

from __future__ import annotations

from symbolic.marking.grammar.tree import (
    Name,
    Script,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_text import Guess, definitions_of, names_of


def kind_of(guess: Guess, name: Name) -> str:
    """Its letter, and where that has weights of two kinds of units, w_{kj} and w_{ji}, which of them it means."""
    if name.base not in guess.twofold or len(name.subs) < 2:
        return name.base
    return name.base + "".join(item.single if item.single in guess.apart else "," for item in name.subs)


def is_index(guess: Guess, item: Script) -> bool:
    """Whether it runs, as k, or t - 1; else it is a label."""
    return bool(item.terms) and all(letter in guess.indices for letter, _ in item.terms)


def key_of(guess: Guess, name: Name) -> str:
    """The quantity of a name: its labels belong to it, its indices do not, unless they tell two apart."""

    def labels(items: tuple[Script, ...], side: str) -> tuple[Script, ...]:
        return tuple(
            item
            for place, item in enumerate(items)
            if is_kind(guess, name, item)
            or (
                not is_index(guess, item)
                and not is_step(guess, name, item)
                and not is_value_counted(guess, name, f"{side}{place}", item)
            )
        )

    primes = name.primes if is_primed(guess, name) else 0
    return typeset(Name(name.base, labels(name.subs, "_"), labels(name.sups, "^"), primes))


def is_primed(guess: Guess, name: Name) -> bool:
    """Whether a prime is part of a name, x' beside x, and no slope: of neither there is a formula."""
    return bool(name.primes) and name.base not in guess.functions and name.base not in guess.defined


def is_kind(guess: Guess, name: Name, item: Script) -> bool:
    """Whether an index says which quantity of two its name means: the u of b_u beside b_i."""
    return name.base in guess.twofold and item.single in guess.apart


def is_one_value(guess: Guess, item: Script) -> bool:
    """Whether it is one of the values of an index: the 1 and the K of w_1, …, w_K, and a 0 where sums begin at it."""
    return (
        bool(item.number)
        or (item.number == 0 and bool(guess.from_zero))
        or item.single in {upper for upper in guess.indices.values() if upper}
    )


def is_value_counted(guess: Guess, name: Name, place: str, item: Script) -> bool:
    """Whether it is such a value where an index of the name runs: the 1 of u_1 beside u_k, not that of A^{(1)}."""
    return is_one_value(guess, item) and f"{kind_of(guess, name)}{place}" in guess.counted


def has_counted_value(guess: Guess, name: Name) -> bool:
    """Whether it is an entry by its number: the z_1 of a z that is whole too."""
    below = (is_value_counted(guess, name, f"_{place}", item) for place, item in enumerate(name.subs))
    above = (is_value_counted(guess, name, f"^{place}", item) for place, item in enumerate(name.sups))
    return any((*below, *above))


def is_differential(guess: Guess, name: Name) -> bool:
    """dW beside a W: what the model says once it is known, and no name of its own."""
    if name.base[0] != "d":
        return False
    if name.bare and name.base == "d":
        return guess.differentials
    of, bases = name.base[1:], {other.base for other in names_of(guess)} | {*guess.defined}
    return bool(of) and (of in bases or of.upper() in bases)


def is_labelled_apart(guess: Guess, name: Name) -> bool:
    """The S_W beside an S_B that has a formula: where each has a letter below, another one makes another name."""
    own = [made for made, _ in definitions_of(guess) if made.base == name.base]
    labelled = bool(own) and all(is_labelled(guess, one) for one in (name, *own))
    return labelled and key_of(guess, name) not in {key_of(guess, one) for one in own}


def is_labelled(guess: Guess, name: Name) -> bool:
    """Whether a name has one letter below that is no index."""
    letter = name.subs[0].single if len(name.subs) == 1 and not name.sups else None
    return letter is not None and letter.isalpha() and not is_index(guess, name.subs[0])


def is_step(guess: Guess, name: Name, item: Script) -> bool:
    """Whether it names a step of what has a value at each: the 0 of h^{(0)}, the L of a^{(L)}."""
    last = {guess.indices[letter] for letter in guess.steps}
    return name.base in guess.stepped and (not item.terms or item.single in last)


def running_of(guess: Guess, name: Name) -> list[Script]:
    """The scripts of a name that are indices, in their order."""
    return [item for item in (*name.subs, *name.sups) if is_index(guess, item)]


def counts_objects(guess: Guess, letter: str, upper: str) -> bool:
    usual = upper in ("N", "m", "n", r"\ell", "l") and letter in ("i", "n")
    return guess.objects and (usual or letter in guess.examples)
