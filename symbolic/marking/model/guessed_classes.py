r"""Data that are numbers of classes: the y_i of ``-\log p_{y_i}`` and of ``\mathbb{1}[y_i = k]``."""

from __future__ import annotations

from collections.abc import Iterator

from symbolic.marking.grammar.tree import Name, Node, Relation, walk
from symbolic.marking.model.guessed_entries import is_row_of_matrix
from symbolic.marking.model.guessed_keys import key_of
from symbolic.marking.model.guessed_places import places_of
from symbolic.marking.model.guessed_text import TIMES, Guess, names_of


def numbers_of_classes(guess: Guess) -> dict[str, str]:
    """What stands below a name in the place of an index, or is compared with one: its key, and how many there are."""
    found = dict(picking(guess)) | dict(compared(guess))
    return {key: upper for key, upper in found.items() if upper}


def picking(guess: Guess) -> Iterator[tuple[str, str]]:
    """The y_i of p_{y_i}, which is one of the k of p_k, and the w_t of E_{w_t}, which says one of the rows of E."""
    places = places_of(guess)
    for name in names_of(guess):
        if isinstance(name.below, Name) and not name.subs:
            letters = places.get(f"{name.base}_0", {})
            shape = guess.shapes.get(key_of(guess, name), "") if is_row_of_matrix(guess, name) else ""
            known = (guess.indices[letter] for letter in letters if letter in guess.indices)
            yield key_of(guess, name.below), next(known, shape.partition(TIMES)[0])


def compared(guess: Guess) -> Iterator[tuple[str, str]]:
    """The y_i of [y_i = k]."""
    for node in (node for sides in guess.chains for side in sides for node in walk(side)):
        if isinstance(node, Relation) and node.sign == "=":
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if is_letter_of_index(guess, other) and isinstance(one, Name) and not is_letter_of_index(guess, one):
                    assert isinstance(other, Name)
                    yield key_of(guess, one), guess.indices[other.base]


def is_letter_of_index(guess: Guess, node: Node) -> bool:
    return isinstance(node, Name) and node.bare and node.base in guess.indices and node.base not in guess.classes
