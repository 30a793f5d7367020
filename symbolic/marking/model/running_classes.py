r"""``\hat y_o = softmax…`` says what each entry of \hat y is, though elsewhere o is the one right class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from symbolic.language.affine import Index
from symbolic.marking.grammar.tree import Name
from symbolic.marking.meaning.declared import Declarations, IndexName
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.model.premises import Premises
from symbolic.marking.text.chains import Side


@contextmanager
def classes_below_run(premises: Premises, named: Side) -> Iterator[None]:
    """The letters of classes below a name are indices while the name is defined."""
    before = premises.adopted
    running = {letter: index for letter in letters_below(named) if (index := over_classes(premises.known, letter))}
    premises.adopted = {**before, **running}
    try:
        yield
    finally:
        premises.adopted = before


def letters_below(side: Side) -> Iterator[str]:
    """The o of ``y_o`` and of ``y_{o}``."""
    texts = [token.text for token in side.tokens if token.text not in "{}"]
    yield from (letter for sign, letter in pairwise(texts) if sign == "_")


def over_classes(known: Declarations, letter: str) -> IndexName | None:
    """An index over all the classes of which a letter is the number of one; None of any other letter."""
    found = candidates(known, Name(letter))[:1]
    if letter in known.indices or not found or not found[0].classes or len(found[0].tensor.axes) != 1:
        return None
    return IndexName(Index(letter, found[0].tensor.axes[0]), found[0].bases[0])
