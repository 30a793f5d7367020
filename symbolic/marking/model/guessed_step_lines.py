"""The lines of a guessed header about steps: where each begins, and in which order their definitions stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import (
    Call,
    Deriv,
    Name,
    Num,
    Script,
)
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_keys import (
    is_index,
    key_of,
)
from symbolic.marking.model.guessed_text import (
    Guess,
    definitions_of,
    names_in,
    names_of,
)
from symbolic.marking.model.guessed_unsaid import said_once


def starts(guess: Guess) -> dict[str, Name]:
    """What the first step is made of, where no line says it: h_0, by the quantity it is a value of."""
    lefts = [sides[0] for sides in guess.chains if sides[1:] != [Num(Fraction(0))]]
    said = {whatever_runs(guess, left) for left in lefts if isinstance(left, Name)}
    found: dict[str, Name] = {}
    for name in (part for _, body in definitions_of(guess) for part in names_in(guess, [body])):
        start = partial(_at_start, guess)
        below = tuple(item for item in name.subs if key_of(guess, name) not in guess.whole or not is_index(guess, item))
        first = replace(name, subs=tuple(map(start, below)), sups=tuple(map(start, name.sups)), span=(0, 0))
        steps = any(
            item.constant == -1 and {letter for letter, _ in item.terms} & {*guess.steps}
            for item in (*name.subs, *name.sups)
        )
        if guess.one_step and name.base in guess.defined and any(item.constant and item.terms for item in name.subs):
            found[key_of(guess, name)] = name  # the c_{t-1} of a single step
        slope = isinstance(guess.defined.get(name.base), Deriv)  # δ_t = ∂L/∂h_t has no start
        if steps and name.base in guess.defined and not slope and whatever_runs(guess, first) not in said:
            found[key_of(guess, name)] = first
    return found


def whatever_runs(guess: Guess, name: Name) -> tuple[object, ...]:
    """What a name is apart from which letters its indices have: a_j^{(0)} and a_k^{(0)} are alike."""
    below, above = (tuple(not is_index(guess, item) and item for item in items) for items in (name.subs, name.sups))
    return name.base, name.primes, below, above


def in_order(guess: Guess) -> Iterator[str]:
    """The definitions of what has a value at each step, where one is said before what it is made of."""
    waiting = [
        (n, body) for n, body in said_once(guess) if n.base in guess.stepped or {*letters_in(n)} & {*guess.steps}
    ]
    keys = [(name.base, *scripts_of(name)) for name, _ in waiting]
    made = {
        key: {(part.base, *scripts_of(part)) for part in names_in(guess, [body])} & {*keys} - {key}
        for key, (_, body) in zip(keys, waiting, strict=True)
    }
    known: list[tuple[str, tuple[Script, ...], tuple[Script, ...]]] = []
    while len(known) < len(made):
        ready = [key for key in made if key not in known and made[key] <= {*known}]
        if not ready:
            return  # each is made of the other
        known.append(ready[0])
    if guess.steps and known != [*made]:
        lines = {key: f"let {typeset(name)} = {typeset(body)}" for key, (name, body) in zip(keys, waiting, strict=True)}
        general = {(name.base, *scripts_of(name)): bool({*letters_in(name)} & {*guess.steps}) for name, _ in waiting}
        yield from (lines[key] for key in sorted(known, key=general.__getitem__))  # h_0 and a^1 before the others


def taken_at_units(guess: Guess) -> Iterator[str]:
    """The definitions that tell where σ_m' is taken: a_m = σ(…)."""
    primed = {name.base for name in names_of(guess) if name.primes and any(is_index(guess, item) for item in name.subs)}
    for name, body in said_once(guess):
        if primed and isinstance(body, Call) and not guess.steps:
            yield f"let {typeset(name)} = {typeset(body)}"


def letters_in(name: Name) -> Iterator[str]:
    return (letter for item in (*name.subs, *name.sups) for letter, _ in item.terms)


def scripts_of(name: Name) -> tuple[tuple[Script, ...], tuple[Script, ...]]:
    return name.subs, name.sups


def _at_start(guess: Guess, item: Script) -> Script:
    return Affine((), first_step(guess, item) - 1) if item.constant == -1 and item.terms else item


def first_step(guess: Guess, item: Script) -> int:
    """The first step that a letter counts: 2 where the text says what stands at 1."""
    return max((guess.firsts.get(letter, 1) for letter, _ in item.terms), default=1) or 1
