"""A point that is none of the objects: the x of ``k(x, x_i)`` and of ``x - x_i``, and the y that belongs to it."""

from __future__ import annotations

from symbolic.marking.grammar.beside import bare_beside, named_beside
from symbolic.marking.grammar.tree import Name
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.model.guessed_keys import counts_objects, key_of, running_of
from symbolic.marking.model.guessed_text import Guess, formals_of, names_of


def queries(guess: Guess) -> dict[str, Name]:
    """The names of the point and of what belongs to it, by the keys that they share with what the objects have."""
    if not has_query(guess):
        return {}
    of_objects = {key_of(guess, name) for name in names_of(guess) if is_of_object(guess, name)}
    bare = {key_of(guess, name): name for name in names_of(guess) if name.bare and name.base not in guess.defined}
    return {key: name for key, name in bare.items() if key in of_objects}


def has_query(guess: Guess) -> bool:
    """Whether a bare letter that no definition is made for stands beside the same one of an object."""
    return any(
        typeset(one) not in formals_of(sides) and one.base not in guess.defined and is_of_object(guess, other)
        for sides in guess.chains
        for side in sides
        for names in named_beside(side)
        for one, other in bare_beside(names)
    )


def is_of_object(guess: Guess, name: Name) -> bool:
    """Whether a name has one index, which counts objects."""
    running = running_of(guess, name)
    letter = running[0].single or "" if len(running) == 1 else ""
    return bool(letter) and counts_objects(guess, letter, guess.indices.get(letter, ""))
