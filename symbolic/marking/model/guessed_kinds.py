"""Letters that tell kinds of units apart: net_k of an output unit is made of net_j of the hidden ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from symbolic.marking.grammar.tree import Deriv, Name, walk
from symbolic.marking.model.guessed_text import Guess, definitions_of, names_in, names_of

#: A name and the letter below it: net_k.
Unit = tuple[str, str]


def find_kinds(guess: Guess) -> None:
    """Where net_k is made of net_j, each with a formula, k and j count different units; so do those of their weights.

    Of one kind, a quantity would be made of itself.
    """
    made = _made_of(guess)
    found: set[str] = set()
    for base, letter in made:
        others = {other for name, other in _behind(made, (base, letter)) if name == base} - {letter}
        if others:
            found |= {letter, *others}
    pairs = [pair for one in _weights(guess).values() if (pair := _two_layers(one))]
    guess.apart |= found.union(*pairs)
    if guess.apart:
        guess.twofold |= {base for base, letters in letters_alone(guess).items() if len(letters & guess.apart) > 1}
        guess.twofold |= {base for base, pairs in _pairs(guess).items() if _are_apart(pairs, guess.apart)}


def letters_alone(guess: Guess) -> dict[str, set[str]]:
    """By name, the letters that stand below it alone: u and i of b_u, b_i, and neither of r_{ui}."""
    found: dict[str, set[str]] = {}
    for name in names_of(guess):
        if len(name.subs) == 1 and not name.sups and name.subs[0].single:
            found.setdefault(name.base, set()).add(name.subs[0].single)
    return found


def _unit(name: Name) -> Unit | None:
    items = (*name.subs, *name.sups)
    letter = items[0].single if len(items) == 1 else None
    return (name.base, letter) if letter and len(letter) == 1 and letter.islower() else None


def _made_of(guess: Guess) -> dict[Unit, set[Unit]]:
    """What the formula of each unit is made of, among those that have formulas."""
    bodies: dict[Unit, set[Unit]] = {}
    for name, body in definitions_of(guess):
        if (unit := _unit(name)) is not None:
            bodies.setdefault(unit, {of for part in names_in(guess, [body]) if (of := _unit(part)) is not None})
    return {unit: {of for of in parts if of in bodies} for unit, parts in bodies.items()}


def _behind(made: Mapping[Unit, Set[Unit]], unit: Unit) -> set[Unit]:
    """All that it is made of."""
    found: set[Unit] = set()
    waiting = [unit]
    while waiting:
        fresh = made[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


def _pair(name: Name) -> tuple[str, str] | None:
    first, *others = (item.single or "" for item in name.subs) if name.subs else ("",)
    return (first, others[0]) if len(others) == 1 and first and others[0] and not name.sups else None


def _pairs(guess: Guess) -> dict[str, set[tuple[str, str]]]:
    """By name, the pairs of letters below it: kj and ji of w_{kj}, w_{ji}."""
    return _by_name(names_of(guess))


def _weights(guess: Guess) -> dict[str, set[tuple[str, str]]]:
    """The same of what a line differentiates by, and of what leads to the unit that a line defines."""
    nodes = (node for sides in guess.chains for side in sides for node in walk(side))
    by = [node.by for node in nodes if isinstance(node, Deriv) and isinstance(node.by, Name)]
    for name, body in definitions_of(guess):
        unit = _unit(name)
        leading = (part for part in names_in(guess, [body]) if (pair := _pair(part)) and unit and unit[1] in pair)
        by.extend(leading)
    return _by_name(iter(by))


def _by_name(names: Iterator[Name]) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for name in names:
        if (pair := _pair(name)) is not None:
            found.setdefault(name.base, set()).add(pair)
    return found


def _two_layers(pairs: Set[tuple[str, str]]) -> set[str]:
    """The letters of ∂/∂w_{kj} and ∂/∂w_{ji}: the units that the one leads from, the other leads to."""
    return {
        letter
        for first in pairs
        for second in pairs
        if first[1] == second[0] and len({*first, *second}) == 3
        for letter in (*first, *second)
    }


def _are_apart(pairs: Set[tuple[str, str]], apart: Set[str]) -> bool:
    """Whether different kinds of units stand at one place."""
    return any(len({pair[place] for pair in pairs} & apart) > 1 for place in (0, 1))
