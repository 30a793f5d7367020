"""Lemmas about single numbers beside a vector or matrix of the same letter.

``d/dw (w / √(w² + ε)) = …`` beside w_j, and ``σ'(z) = σ(z)(1 - σ(z))`` beside a matrix Z.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbolic.marking.grammar.tree import Call, Deriv, Inner, Name, Node, Norm, Transpose, capital, walk
from symbolic.marking.model.guessed_text import Guess, names_in


def without_lemmas(guess: Guess) -> list[list[Node]]:
    """The chains that speak of the letters of the model."""
    return [sides for sides in guess.chains if not is_lemma(guess, sides)]


def is_lemma(guess: Guess, sides: Sequence[Node]) -> bool:
    """Whether a chain differentiates a formula by a letter that is a number here, and elsewhere has entries."""
    first = sides[0]
    if (letter := letter_of_law(sides)) is not None:
        return capital(letter) != letter and capital(letter) in guess.defined and letter not in guess.defined
    if not isinstance(first, Deriv) or not isinstance(first.by, Name) or not is_formula_of_number(first.of, first.by):
        return False
    others = [other for other in guess.chains if other is not sides]
    names = [name for other in others for name in names_in(guess, other)]
    transposed = (
        node.argument for other in others for side in other for node in walk(side) if isinstance(node, Transpose)
    )
    return any(name.base == first.by.base and name.subs for name in names) or first.by in transposed


def letter_of_law(sides: Sequence[Node]) -> str | None:
    """The one letter that a line about a function has, which begins with the function of it or its slope."""
    first = sides[0]
    if not isinstance(first, Call) or len(first.arguments) != 1 or len(sides) < 2:
        return None
    names = {node for side in sides for node in walk(side) if isinstance(node, Name)}
    (letter,) = names if len(names) == 1 else (None,)
    return letter.base if letter is not None and letter.bare and first.arguments[0] == letter else None


def is_formula_of_number(of: Node, by: Node) -> bool:
    """Whether a formula has the letter alone, nowhere measured, transposed or under an index."""
    if not isinstance(by, Name) or not by.bare or isinstance(of, Name) or by not in walk(of):
        return False
    measured = any(isinstance(node, Norm | Inner | Transpose) for node in walk(of))
    called = isinstance(of, Call) and len(of.arguments) == 1 and by in of.arguments
    return not measured and not called and all(not part.subs for part in walk(of) if isinstance(part, Name))
