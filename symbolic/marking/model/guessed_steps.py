"""Letters that count steps of time or layers."""

from __future__ import annotations

from collections.abc import Mapping

from symbolic.language.affine import Affine
from symbolic.marking.grammar.einstein import free_letters
from symbolic.marking.grammar.tree import (
    Deriv,
    Name,
    walk,
)
from symbolic.marking.model.guessed_text import Guess, definitions_of, formals_of, names_in, names_of


def find_steps(guess: Guess) -> None:
    """A letter of which a name and its neighbour are known, h_t and h_{t-1}, counts steps; above, a^{(l-1)}, layers."""
    guess.one_step = guess.one_step or is_single_step(guess)
    for name in names_of(guess) if not guess.one_step else ():
        for items, word, upper in ((name.subs, "steps", "T"), (name.sups, "layers", "L")):
            for item in items:
                letter = item.terms[0][0] if len(item.terms) == 1 else ""
                if item.constant == -1 and len(letter) == 1 and letter.islower() and name.base in guess.defined:
                    guess.steps[letter] = word
                    guess.stepped.add(name.base)
                    guess.indices[letter] = guess.indices.get(letter) or guess.ranges.get(letter) or upper
    for letter, upper in [*guess.indices.items()]:
        if upper in guess.steps:  # the k of a sum up to t is a step too
            guess.steps[letter] = guess.steps[upper]
            guess.indices[letter] = guess.indices[upper]
    find_first_steps(guess)
    layers = {letter for letter, word in guess.steps.items() if word == "layers"}
    guess.stepped |= {name.base for name in names_of(guess) if any(item.single in layers for item in name.sups)}
    find_numbered_layers(guess)


def find_numbered_layers(guess: Guess) -> None:
    """The l of ``δ^{(l)} = ∂C/∂z^{(l)}`` where every other line has a number there: any of these layers is meant.

    So is any of the steps by the t of ``δ_t = ∂ℓ/∂a_t``, where all that have it stand there with several numbers.
    """
    above = [(name.base, item) for name in names_of(guess) for item in name.sups]
    below = [(name.base, name.subs[0]) for name in names_of(guess) if len(name.subs) == 1 and not name.sups]
    for places, each in ((above, False), (below, True)):
        for letter in sorted({item.single for _, item in places if item.single} - {*guess.steps, *guess.indices}):
            bases = {base for base, item in places if item.single == letter}
            by_base = [{item.number for base, item in places if base == one} - {None} for one in bases]
            numbers = sorted({number for numbers in by_base for number in numbers if number is not None})
            several = all(len(own) > 1 for own in by_base) if each else len(numbers) > 1
            if len(letter) == 1 and letter.islower() and several and (not each or len(bases) > 1):
                guess.steps[letter] = "layers"
                guess.indices[letter] = str(numbers[-1])
                guess.firsts[letter] = numbers[0]


def is_of_numbered(guess: Guess, name: Name, quantities: Mapping[str, Name]) -> bool:
    """The W^{(l)} of which each layer has one by its number, W^{(1)} and W^{(2)}: any of these is meant."""
    letters = {item.single for item in name.sups} & {letter for letter, word in guess.steps.items() if word == "layers"}
    numbered = {other.sups[0].number for other in quantities.values() if other.base == name.base and other.sups}
    uppers = [guess.indices[letter] for letter in letters if letter is not None]
    return bool(uppers) and all(upper.isdigit() and {*range(1, int(upper) + 1)} <= numbered for upper in uppers)


def find_first_steps(guess: Guess) -> None:
    """General lines are about l ≥ 2 where a^1 has one of its own, a^1 = x, and nothing stands at 0.

    Of a δ^l = ∂C/∂z^l the line about δ^1 is a claim.
    """
    lefts = [name for name, body in definitions_of(guess) if not isinstance(body, Deriv)]
    for name in lefts:
        for side, items in (("subs", name.subs), ("sups", name.sups)):
            for place, item in enumerate(items):
                general = item.single in guess.steps
                own = [
                    getattr(n, side)[place].number
                    for n in names_of(guess)
                    if n.base == name.base and len(getattr(n, side)) > place
                ]
                first = [
                    getattr(n, side)[place].number
                    for n in lefts
                    if n.base == name.base and len(getattr(n, side)) > place
                ]
                if general and 1 in first and 0 not in own:
                    guess.firsts[item.single or ""] = 2


def is_single_step(guess: Guess) -> bool:
    r"""Whether a value that belongs to no step is made of one step: the L of ``L = \frac12 \|h_t\|^2`` beside c_{t-1}.

    Then t is any one moment and nothing goes on: no sum runs over it, and no line says a step by its number, h_0 or
    h_T, by another letter or further off than the one before.  A derivative by what all steps share, W, might mean
    all of them.
    """
    names = list(names_of(guess))
    before = {item.terms[0][0] for n in names for item in n.subs if len(item.terms) == 1 and item.constant == -1}
    if len(before) != 1 or before & {*guess.indices, *guess.ranges}:
        return False
    (moment,) = before
    now, last = Affine(((moment, 1),), 0), Affine(((moment, 1),), -1)
    timed = {(n.base, place) for n in names for place, item in enumerate(n.subs) if item in (now, last)}
    if any(item not in (now, last) for n in names for place, item in enumerate(n.subs) if (n.base, place) in timed):
        return False
    by = (n.by for sides in guess.chains for side in sides for n in walk(side) if isinstance(n, Deriv))
    if any(not any(item in (now, last) for n in names_in(guess, [one]) for item in n.subs) for one in by):
        return False
    return any(
        not any(item in (now, last) for item in name.subs)
        and free_letters(body, moment.__eq__).get(moment)
        and not formals_of([name, body])
        for name, body in definitions_of(guess)
    )
