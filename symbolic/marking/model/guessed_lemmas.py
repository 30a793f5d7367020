"""Lemmas about single numbers beside a vector of the same letter: ``d/dw (w / √(w² + ε)) = …`` beside w_j."""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.marking.grammar.tree import Call, Deriv, Inner, Name, Node, Norm, Transpose, walk
from symbolic.marking.model.guessed_text import Guess, names_in


def without_lemmas(guess: Guess) -> list[list[Node]]:
    """The chains that speak of the letters of the model."""
    return [sides for sides in guess.chains if not is_lemma(guess, sides)]


def is_lemma(guess: Guess, sides: Sequence[Node]) -> bool:
    """Whether a chain differentiates a formula by a letter that is a number here, and elsewhere has entries."""
    first = sides[0]
    if not isinstance(first, Deriv) or not isinstance(first.by, Name) or not is_formula_of_number(first.of, first.by):
        return False
    others = [other for other in guess.chains if other is not sides]
    names = [name for other in others for name in names_in(guess, other)]
    transposed = (
        node.argument for other in others for side in other for node in walk(side) if isinstance(node, Transpose)
    )
    return any(name.base == first.by.base and name.subs for name in names) or first.by in transposed


def is_formula_of_number(of: Node, by: Node) -> bool:
    """Whether a formula has the letter alone, nowhere measured, transposed or under an index."""
    if not isinstance(by, Name) or not by.bare or isinstance(of, Name) or by not in walk(of):
        return False
    measured = any(isinstance(node, Norm | Inner | Transpose) for node in walk(of))
    called = isinstance(of, Call) and len(of.arguments) == 1 and by in of.arguments
    return not measured and not called and all(not part.subs for part in walk(of) if isinstance(part, Name))
